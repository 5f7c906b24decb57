//! What a document is sent for (§1.4).

use serde::{Deserialize, Serialize};

use super::Staff;

/// What a document is sent for (§1.4).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Flat", into = "Flat")]
pub struct Business {
    /// What is done, and to which earlier document.
    pub act: Act,
    /// Why.
    pub reason: String,
    /// `0` electronic only, `1` paper follows.
    pub paper: String,
    /// Who deals with it there.
    pub staff: Option<Staff>,
}

/// What is done (BussinessDocType).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Act {
    /// 0: a new document.
    #[default]
    New,
    /// 1: an earlier one is recalled; ResponseFor names it.
    Recall,
    /// 2: an earlier one is updated.
    Update(Update),
    /// 3: earlier ones are replaced.
    Replace(Vec<Replaced>),
    /// A number that nobody has told the meaning of. It is read, shown and never written.
    Unknown(String),
}

impl Act {
    /// Its number there.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Act::New => "0",
            Act::Recall => "1",
            Act::Update(_) => "2",
            Act::Replace(_) => "3",
            Act::Unknown(number) => number,
        }
    }
}

/// An update of an earlier document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// The earlier one.
    pub document: String,
    /// Its content changed. The meaning of the two flags is inferred from their names.
    pub content: bool,
    /// Its recipients changed.
    pub recipients: bool,
    /// Which ones.
    pub changed: Vec<Receiver>,
}

/// The same as it lies in a packet, and in the normal form: all at one level.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(crate) struct Flat {
    pub(crate) document_id: String,
    pub(crate) bussiness_doc_type: String,
    pub(crate) bussiness_doc_reason: String,
    pub(crate) paper: String,
    pub(crate) document_info: bool,
    pub(crate) document_receiver: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) receiver_list: Vec<Receiver>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) replacement_info_list: Vec<Replaced>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) staff_info: Option<Staff>,
}

impl From<Flat> for Business {
    fn from(flat: Flat) -> Self {
        let act = match flat.bussiness_doc_type.as_str() {
            "" | "0" => Act::New,
            "1" => Act::Recall,
            "2" => Act::Update(Update {
                document: flat.document_id,
                content: flat.document_info,
                recipients: flat.document_receiver,
                changed: flat.receiver_list,
            }),
            "3" => Act::Replace(flat.replacement_info_list),
            _ => Act::Unknown(flat.bussiness_doc_type),
        };
        Business {
            act,
            reason: flat.bussiness_doc_reason,
            paper: flat.paper,
            staff: flat.staff_info,
        }
    }
}

impl From<Business> for Flat {
    fn from(business: Business) -> Self {
        let flat = Flat {
            bussiness_doc_type: business.act.number().to_owned(),
            bussiness_doc_reason: business.reason,
            paper: business.paper,
            staff_info: business.staff,
            ..Flat::default()
        };
        match business.act {
            Act::New | Act::Recall | Act::Unknown(_) => flat,
            Act::Update(update) => Flat {
                document_id: update.document,
                document_info: update.content,
                document_receiver: update.recipients,
                receiver_list: update.changed,
                ..flat
            },
            Act::Replace(replaced) => Flat {
                replacement_info_list: replaced,
                ..flat
            },
        }
    }
}

/// A recipient that came or went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receiver {
    /// Which.
    #[serde(rename = "OrganId")]
    pub organ: String,
    /// It came (1); else it went (0).
    #[serde(rename = "ReceiverType")]
    pub added: bool,
}

/// A document that is replaced, and for whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replaced {
    /// Its key.
    #[serde(rename = "DocumentId")]
    pub document: String,
    /// For whom.
    #[serde(rename = "OrganIdList")]
    pub organs: Vec<String>,
}
