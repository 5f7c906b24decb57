//! What a document is sent for (§1.4).

use super::Unread;
use super::header::{staff, truth};
use crate::packet::{Business, Flat, Receiver, Replaced};
use crate::tree::{Node, Notes};

/// A number and its opposite, where a truth is one.
const DIGITS: [&str; 2] = ["1", "0"];

/// The element stands among the traces; some put it beside them.
pub(super) fn business(
    traces: Option<&Node<'_>>,
    header: &Node<'_>,
    notes: &Notes,
) -> Result<Option<Business>, Unread> {
    let inside = traces
        .map(|traces| traces.one("Bussiness", notes))
        .transpose()?
        .flatten();
    let beside = header.one("Bussiness", notes)?;
    if inside.is_some() && beside.is_some() {
        return Err(Unread::Twice("Bussiness"));
    }
    let Some(node) = inside.or(beside) else {
        return Ok(None);
    };
    let changes = node.one("BussinessDocumentInfo", notes)?;
    let flag = |name: &'static str| -> Result<bool, Unread> {
        let said = changes.map(|changes| changes.said(name, notes)).transpose()?;
        Ok(truth(&said.unwrap_or_default(), DIGITS, notes))
    };
    let receivers = changes
        .map(|changes| changes.one("ReceiverList", notes))
        .transpose()?
        .flatten();
    let replaced = node.one("ReplacementInfoList", notes)?;
    let staff_info = node.one("StaffInfo", notes)?;
    let flat = Flat {
        document_id: node.said("DocumentId", notes)?,
        bussiness_doc_type: node.said("BussinessDocType", notes)?,
        bussiness_doc_reason: node.said("BussinessDocReason", notes)?,
        paper: node.said("Paper", notes)?,
        document_info: flag("DocumentInfo")?,
        document_receiver: flag("DocumentReceiver")?,
        receiver_list: each(receivers, "Receiver", notes, receiver)?,
        replacement_info_list: each(replaced, "ReplacementInfo", notes, replacement)?,
        staff_info: staff_info.map(|found| staff(found, notes)).transpose()?,
    };
    Ok(Some(Business::from(flat)))
}

fn each<T>(
    list: Option<&Node<'_>>,
    local: &str,
    notes: &Notes,
    read: fn(&Node<'_>, &Notes) -> Result<T, Unread>,
) -> Result<Vec<T>, Unread> {
    let rows = list.map(|list| list.all(local, notes)).unwrap_or_default();
    rows.into_iter().map(|row| read(row, notes)).collect()
}

fn receiver(node: &Node<'_>, notes: &Notes) -> Result<Receiver, Unread> {
    Ok(Receiver {
        organ: node.said("OrganId", notes)?,
        added: truth(&node.said("ReceiverType", notes)?, DIGITS, notes),
    })
}

fn replacement(node: &Node<'_>, notes: &Notes) -> Result<Replaced, Unread> {
    let organs = node.one("OrganIdList", notes)?;
    Ok(Replaced {
        document: node.said("DocumentId", notes)?,
        organs: organs
            .map(|organs| organs.each("OrganId", notes))
            .unwrap_or_default(),
    })
}
