//! What a packet says (§1.3–§1.5), by the names of the standard. In JSON the same names are its normal form, which mappings
//! read and write. Numbers of disputed meaning stay the texts they are.

mod business;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use business::Flat;
pub use business::{Act, Business, Receiver, Replaced, Update};

use crate::moment::{Day, Moment, day, second};
use crate::status::Code;

/// A packet, either of the two.
#[derive(Clone, PartialEq, Eq)]
pub enum Packet {
    /// A document, with its attachments beside it.
    Document(Box<Document>),
    /// Word of what became of one.
    Status(Box<Status>),
}

/// The sort only: a packet is about persons.
impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Packet::Document(_) => "Document(…)",
            Packet::Status(_) => "Status(…)",
        })
    }
}

/// A document as its header says it (1.1–1.14), with the way it went and what it is sent for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Document {
    /// 1.1: who sends it.
    pub from: Organ,
    /// 1.2: to whom. In the normal form one of them may stand without a list.
    #[serde(deserialize_with = "many", serialize_with = "few")]
    pub to: Vec<Organ>,
    /// 1.14: its key, which nothing is derived from (see [`crate::identity`]).
    pub document_id: String,
    /// 1.3: its number.
    pub code: Number,
    /// 1.4: where and when it was issued.
    #[serde(rename = "PromulgationInfo")]
    pub issued: Issued,
    /// 1.5: what kind of document it is.
    #[serde(rename = "DocumentType")]
    pub kind: Kind,
    /// 1.6: what it is about (trích yếu).
    pub subject: String,
    /// 1.7: its summary.
    pub content: String,
    /// 1.8: who signed it.
    #[serde(rename = "SignerInfo")]
    pub signer: Signer,
    /// 1.9: by when it is to be answered.
    #[serde(
        rename = "DueDate",
        deserialize_with = "day",
        skip_serializing_if = "Option::is_none"
    )]
    pub due: Option<Day>,
    /// 1.11.
    #[serde(rename = "OtherInfo")]
    pub other: Other,
    /// 1.12: what it answers.
    #[serde(rename = "ResponseFor")]
    pub answers: Vec<Answered>,
    /// 1.13: whether it steers; the numbers are disputed.
    #[serde(rename = "SteeringType")]
    pub steering: String,
    /// 1.10: who else keeps it, in words.
    #[serde(rename = "ToPlaces")]
    pub places: Vec<String>,
    /// Tasks it answers: the operator's own addition.
    #[serde(rename = "ResponseForTask")]
    pub tasks: Vec<String>,
    /// What it belongs to: the operator's own addition. Dossiers have used `MCDT_DT`.
    #[serde(rename = "ApplicationType")]
    pub application: String,
    /// The hops it went so far; the axis adds its own.
    #[serde(rename = "TraceHeaderList")]
    pub trace: Vec<Hop>,
    /// What it is sent for; old packets do not say.
    #[serde(rename = "Bussiness", skip_serializing_if = "Option::is_none")]
    pub business: Option<Business>,
}

/// One or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Many {
    List(Vec<Organ>),
    One(Organ),
}

fn many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Organ>, D::Error> {
    Ok(match Many::deserialize(from)? {
        Many::List(all) => all,
        Many::One(one) => vec![one],
    })
}

fn few<S: Serializer>(all: &[Organ], into: S) -> Result<S::Ok, S::Error> {
    match all {
        [one] => one.serialize(into),
        all => all.serialize(into),
    }
}

/// A body that sends or receives.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Organ {
    /// Its code.
    #[serde(rename = "OrganId")]
    pub id: String,
    /// The body above it, by name or by code.
    #[serde(rename = "OrganizationInCharge")]
    pub above: String,
    /// Its name.
    #[serde(rename = "OrganName")]
    pub name: String,
    /// Its address.
    #[serde(rename = "OrganAdd")]
    pub address: String,
    /// Where letters reach it.
    pub email: String,
    /// Its telephone.
    pub telephone: String,
    /// Its fax.
    pub fax: String,
    /// Its page.
    pub website: String,
}

/// A document's number: `7816` and `VPCP-TTĐT`. In the normal form it is one text, `7816/VPCP-TTĐT`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Number {
    /// The number.
    pub number: String,
    /// The notation.
    pub notation: String,
}

/// The number ends at the first `/`, as in keys (1.14).
impl From<String> for Number {
    fn from(text: String) -> Self {
        let (number, notation) = text.split_once('/').unwrap_or((&text, ""));
        Number {
            number: number.to_owned(),
            notation: notation.to_owned(),
        }
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        if number == Number::default() {
            String::new()
        } else {
            number.to_string()
        }
    }
}

/// `number/notation`, as people write it.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.notation)
    }
}

/// Where and when a document was issued.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Issued {
    /// The place.
    pub place: String,
    /// The day.
    #[serde(
        rename = "PromulgationDate",
        deserialize_with = "day",
        skip_serializing_if = "Option::is_none"
    )]
    pub on: Option<Day>,
}

/// A document's kind: the name is what counts, producers do not agree on the numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kind {
    /// The number of the kind.
    #[serde(rename = "Type")]
    pub number: String,
    /// The number within it.
    #[serde(rename = "TypeDetail")]
    pub detail: String,
    /// Its name.
    #[serde(rename = "TypeName")]
    pub name: String,
}

/// Who signed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Signer {
    /// In whose stead: `TL.`, `KT.` …
    pub competence: String,
    /// The office held.
    pub position: String,
    /// The name.
    pub full_name: String,
}

/// 1.11.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Other {
    /// 0 ordinary to 4 by the hour; one vendor has four steps only.
    pub priority: String,
    /// How far it is spread.
    #[serde(rename = "SphereOfPromulgation")]
    pub sphere: String,
    /// Who typed it.
    #[serde(rename = "TyperNotation")]
    pub typer: String,
    /// How many copies.
    #[serde(rename = "PromulgationAmount")]
    pub amount: String,
    /// How many pages.
    #[serde(rename = "PageAmount")]
    pub pages: String,
    /// Whether it directs.
    pub direction: bool,
    /// Names of appendixes.
    pub appendixes: Vec<String>,
    /// What it replies to, in words.
    pub reply_fors: String,
    /// Numbers it refers to: that of a dossier.
    pub reference_codes: String,
}

/// A document that is answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Answered {
    /// Who had sent it.
    #[serde(rename = "OrganId")]
    pub organ: String,
    /// Its number as people write it, `number/notation`.
    pub code: String,
    /// When it was issued.
    #[serde(
        rename = "PromulgationDate",
        deserialize_with = "day",
        skip_serializing_if = "Option::is_none"
    )]
    pub on: Option<Day>,
    /// Its key.
    pub document_id: String,
}

/// One hop of the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Hop {
    /// Whose; the axis does not always say.
    #[serde(rename = "OrganId")]
    pub organ: String,
    /// When.
    #[serde(
        rename = "Timestamp",
        deserialize_with = "second",
        skip_serializing_if = "Option::is_none"
    )]
    pub at: Option<Moment>,
}

/// A person who deals with a document.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Staff {
    /// The department.
    pub department: String,
    /// The person.
    pub staff: String,
    /// Where letters reach the person.
    pub email: String,
    /// The telephone.
    pub mobile: String,
}

/// Word of what became of a document (§1.5).
#[derive(Clone, PartialEq, Eq)]
pub struct Status {
    /// Who says so.
    pub from: Organ,
    /// Of which document.
    pub answered: Answered,
    /// Who dealt with it.
    pub staff: Option<Staff>,
    /// What became of it.
    pub told: Told,
    /// In words; the reason of a refusal.
    pub description: String,
    /// When.
    pub at: Option<Moment>,
}

/// A status code as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// One of the standard's.
    Known(Code),
    /// Another, which says nothing: it is never taken for a known one.
    Unknown(String),
}

/// Shows what names no person.
macro_rules! discreet {
    ($($name:ident),+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}

discreet!(Document, Organ, Signer, Business, Staff, Status);
