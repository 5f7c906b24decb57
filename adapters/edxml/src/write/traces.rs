//! The hops so far, and what the document is sent for (§1.4).

use wire::xml::Element;

use super::{Unwritten, gathered, group, leaf, list, present, shown, staff};
use crate::packet::{Act, Business, Document, Hop, Receiver, Replaced, Update};

/// The TraceHeaderList; none where there is nothing in it.
pub(super) fn traces(document: &Document) -> Result<Option<Element<'_>>, Unwritten> {
    let mut children = Vec::new();
    for hop in &document.trace {
        children.push(self::hop(hop)?);
    }
    if let Some(business) = &document.business {
        if business.act == Act::Recall && document.answers.is_empty() {
            return Err(Unwritten::Missing("ResponseFor"));
        }
        children.push(self::business(business)?);
    }
    Ok(group("TraceHeaderList", children))
}

fn hop(hop: &Hop) -> Result<Element<'_>, Unwritten> {
    present(&hop.organ, "TraceHeader/OrganId")?;
    let at = hop.at.ok_or(Unwritten::Missing("TraceHeader/Timestamp"))?;
    let children = vec![leaf("OrganId", &hop.organ), shown("Timestamp", Some(at))];
    gathered("TraceHeader", children).ok_or(Unwritten::Missing("TraceHeader"))
}

/// A truth as a number.
fn flag<'a>(local: &str, yes: bool) -> Option<Element<'a>> {
    leaf(local, if yes { "1" } else { "0" })
}

fn business(business: &Business) -> Result<Element<'_>, Unwritten> {
    let (document, changes, replaced) = match &business.act {
        Act::New | Act::Recall => (None, None, None),
        Act::Update(update) => {
            present(&update.document, "Bussiness/DocumentId")?;
            (leaf("DocumentId", &update.document), Some(changes(update)?), None)
        }
        Act::Replace(all) => {
            let rows = all.iter().map(replacement).collect::<Result<Vec<_>, _>>()?;
            let list = group("ReplacementInfoList", rows);
            (
                None,
                None,
                Some(list.ok_or(Unwritten::Missing("ReplacementInfo"))?),
            )
        }
        Act::Unknown(_) => return Err(Unwritten::Form("BussinessDocType")),
    };
    if !["", "0", "1"].contains(&business.paper.as_str()) {
        return Err(Unwritten::Form("Paper"));
    }
    let children = vec![
        document,
        leaf("BussinessDocType", business.act.number()),
        leaf("BussinessDocReason", &business.reason),
        leaf("Paper", &business.paper),
        changes,
        replaced,
        business.staff.as_ref().and_then(staff),
    ];
    gathered("Bussiness", children).ok_or(Unwritten::Missing("Bussiness"))
}

fn changes(update: &Update) -> Result<Element<'_>, Unwritten> {
    let rows = update
        .changed
        .iter()
        .map(receiver)
        .collect::<Result<Vec<_>, _>>()?;
    let children = vec![
        flag("DocumentInfo", update.content),
        flag("DocumentReceiver", update.recipients),
        group("ReceiverList", rows),
    ];
    gathered("BussinessDocumentInfo", children).ok_or(Unwritten::Missing("BussinessDocumentInfo"))
}

fn receiver(receiver: &Receiver) -> Result<Element<'_>, Unwritten> {
    present(&receiver.organ, "Receiver/OrganId")?;
    let children = vec![
        leaf("OrganId", &receiver.organ),
        flag("ReceiverType", receiver.added),
    ];
    gathered("Receiver", children).ok_or(Unwritten::Missing("Receiver"))
}

fn replacement(replaced: &Replaced) -> Result<Element<'_>, Unwritten> {
    present(&replaced.document, "ReplacementInfo/DocumentId")?;
    let children = vec![
        leaf("DocumentId", &replaced.document),
        list("OrganIdList", "OrganId", &replaced.organs),
    ];
    gathered("ReplacementInfo", children).ok_or(Unwritten::Missing("ReplacementInfo"))
}
