//! The MessageHeader (1.1–1.14, §1.5): everything by name, nothing by position.

use super::{Parts, Unread, business};
use crate::moment::{Day, Moment};
use crate::packet::{
    Answered, Document, Hop, Issued, Kind, Number, Organ, Other, Packet, Signer, Staff, Status, Told,
};
use crate::repair::Repair;
use crate::status::Code;
use crate::tree::{Node, Notes};

/// What stands for a body that nobody named.
const NULL: &str = "null";

pub(super) fn packet(parts: &Parts<'_, '_>, notes: &Notes) -> Result<Packet, Unread> {
    let message = parts.message;
    let code = message.said("StatusCode", notes)?;
    if code.is_empty() {
        return Ok(Packet::Document(Box::new(document(parts, notes)?)));
    }
    let answered = answers(message, notes)?;
    let [answered] = <[Answered; 1]>::try_from(answered).map_err(|all| {
        if all.is_empty() {
            Unread::Missing("ResponseFor")
        } else {
            Unread::Twice("ResponseFor")
        }
    })?;
    let staff = message.one("StaffInfo", notes)?;
    Ok(Packet::Status(Box::new(Status {
        from: sender(message, notes)?,
        answered,
        staff: staff.map(|staff| self::staff(staff, notes)).transpose()?,
        told: told(code, notes),
        description: message.said("Description", notes)?,
        at: moment(&message.said("Timestamp", notes)?, notes),
    })))
}

fn told(code: String, notes: &Notes) -> Told {
    match Code::parse(&code) {
        Some(known) => {
            if known.digits() != code {
                notes.note(Repair::Code);
            }
            Told::Known(known)
        }
        None => Told::Unknown(code),
    }
}

fn document(parts: &Parts<'_, '_>, notes: &Notes) -> Result<Document, Unread> {
    let message = parts.message;
    let to = message.all("To", notes).into_iter().map(|to| organ(to, notes));
    let list = |outer: &'static str, inner: &str| -> Result<Vec<String>, Unread> {
        let found = message.one(outer, notes)?;
        Ok(found.map(|found| found.each(inner, notes)).unwrap_or_default())
    };
    let traces = parts.header.one("TraceHeaderList", notes)?;
    let hops = traces
        .map(|traces| traces.all("TraceHeader", notes))
        .unwrap_or_default();
    Ok(Document {
        from: sender(message, notes)?,
        to: to.collect::<Result<_, _>>()?,
        document_id: message.said("DocumentId", notes)?,
        code: within(message, "Code", notes, number)?,
        issued: within(message, "PromulgationInfo", notes, issued)?,
        kind: within(message, "DocumentType", notes, kind)?,
        subject: message.said("Subject", notes)?,
        content: message.said("Content", notes)?,
        signer: within(message, "SignerInfo", notes, signer)?,
        due: day(&message.said("DueDate", notes)?, notes),
        other: within(message, "OtherInfo", notes, other)?,
        answers: answers(message, notes)?,
        steering: message.said("SteeringType", notes)?,
        places: list("ToPlaces", "Place")?,
        tasks: list("ResponseForTask", "TaskCode")?,
        application: message.said("ApplicationType", notes)?,
        trace: hops
            .into_iter()
            .map(|found| hop(found, notes))
            .collect::<Result<_, _>>()?,
        business: business::business(traces, parts.header, notes)?,
    })
}

/// A part that has parts of its own; where it is missing, all of them are empty.
fn within<T: Default>(
    message: &Node<'_>,
    local: &'static str,
    notes: &Notes,
    read: fn(&Node<'_>, &Notes) -> Result<T, Unread>,
) -> Result<T, Unread> {
    let found = message.one(local, notes)?;
    found.map_or_else(|| Ok(T::default()), |found| read(found, notes))
}

fn sender(message: &Node<'_>, notes: &Notes) -> Result<Organ, Unread> {
    let from = message.one("From", notes)?.ok_or(Unread::Missing("From"))?;
    organ(from, notes)
}

fn organ(node: &Node<'_>, notes: &Notes) -> Result<Organ, Unread> {
    Ok(Organ {
        id: node.said("OrganId", notes)?,
        above: node.said("OrganizationInCharge", notes)?,
        name: node.said("OrganName", notes)?,
        address: node.said("OrganAdd", notes)?,
        email: node.said("Email", notes)?,
        telephone: node.said("Telephone", notes)?,
        fax: node.said("Fax", notes)?,
        website: node.said("Website", notes)?,
    })
}

fn number(node: &Node<'_>, notes: &Notes) -> Result<Number, Unread> {
    Ok(Number {
        number: node.said("CodeNumber", notes)?,
        notation: node.said("CodeNotation", notes)?,
    })
}

fn issued(node: &Node<'_>, notes: &Notes) -> Result<Issued, Unread> {
    Ok(Issued {
        place: node.said("Place", notes)?,
        on: day(&node.said("PromulgationDate", notes)?, notes),
    })
}

fn kind(node: &Node<'_>, notes: &Notes) -> Result<Kind, Unread> {
    Ok(Kind {
        number: node.said("Type", notes)?,
        detail: node.said("TypeDetail", notes)?,
        name: node.said("TypeName", notes)?,
    })
}

fn signer(node: &Node<'_>, notes: &Notes) -> Result<Signer, Unread> {
    Ok(Signer {
        competence: node.said("Competence", notes)?,
        position: node.said("Position", notes)?,
        full_name: node.said("FullName", notes)?,
    })
}

fn other(node: &Node<'_>, notes: &Notes) -> Result<Other, Unread> {
    let appendixes = node.one("Appendixes", notes)?;
    Ok(Other {
        priority: node.said("Priority", notes)?,
        sphere: node.said("SphereOfPromulgation", notes)?,
        typer: node.said("TyperNotation", notes)?,
        amount: node.said("PromulgationAmount", notes)?,
        pages: node.said("PageAmount", notes)?,
        direction: truth(&node.said("Direction", notes)?, ["true", "false"], notes),
        appendixes: appendixes
            .map(|all| all.each("Appendix", notes))
            .unwrap_or_default(),
        reply_fors: node.said("ReplyFors", notes)?,
        reference_codes: node.said("ReferenceCodes", notes)?,
    })
}

/// What is answered; an empty one is left out and noted (1.12).
fn answers(message: &Node<'_>, notes: &Notes) -> Result<Vec<Answered>, Unread> {
    let mut answers = Vec::new();
    for found in message.all("ResponseFor", notes) {
        let answered = Answered {
            organ: found.said("OrganId", notes)?,
            code: found.said("Code", notes)?,
            on: day(&found.said("PromulgationDate", notes)?, notes),
            document_id: found.said("DocumentId", notes)?,
        };
        if answered == Answered::default() {
            notes.note(Repair::Response);
        } else {
            answers.push(answered);
        }
    }
    Ok(answers)
}

fn hop(node: &Node<'_>, notes: &Notes) -> Result<Hop, Unread> {
    let mut organ = node.said("OrganId", notes)?;
    if organ.is_empty() || organ == NULL {
        notes.note(Repair::Nobody);
        organ.clear();
    }
    Ok(Hop {
        organ,
        at: moment(&node.said("Timestamp", notes)?, notes),
    })
}

pub(super) fn staff(node: &Node<'_>, notes: &Notes) -> Result<Staff, Unread> {
    Ok(Staff {
        department: node.said("Department", notes)?,
        staff: node.said("Staff", notes)?,
        email: node.said("Email", notes)?,
        mobile: node.said("Mobile", notes)?,
    })
}

/// A truth, in the wire's two words or in others that were seen.
pub(super) fn truth(text: &str, [yes, no]: [&str; 2], notes: &Notes) -> bool {
    let truth = text == yes || ["true", "1"].iter().any(|word| text.eq_ignore_ascii_case(word));
    if !text.is_empty() && ![yes, no].contains(&text) {
        notes.note(Repair::Truth);
    }
    truth
}

fn day(text: &str, notes: &Notes) -> Option<Day> {
    spoken(Day::parse(text), || Day::read(text), text, notes)
}

fn moment(text: &str, notes: &Notes) -> Option<Moment> {
    spoken(Moment::parse(text), || Moment::read(text), text, notes)
}

/// What a text says in the packet's own form, or else in another, which is noted.
fn spoken<T>(strict: Option<T>, tolerant: impl Fn() -> Option<T>, text: &str, notes: &Notes) -> Option<T> {
    if strict.is_some() || text.is_empty() {
        return strict;
    }
    let read = tolerant();
    notes.note(if read.is_some() {
        Repair::Form
    } else {
        Repair::Unreadable
    });
    read
}
