//! What a mapping could not say in our facts, kept so that nothing is lost and the same document can be written again.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// One literal of theirs that our fact would not have been written as.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What came; absent when the field was not there at all.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "there")]
    pub came: Option<Json>,
    /// What our facts would have been written as; while that holds, what came is written.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "there")]
    pub instead: Option<Json>,
}

/// Where a row of an array of theirs went.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Row {
    /// Read by the block of that place.
    Block(u16),
    /// Read by none: the row itself.
    Kept {
        /// The row as it came.
        row: Json,
    },
}

/// Everything kept for one mapping; the keys are JSON pointers into their document.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extension {
    /// Literals that differ from what our facts would be written as.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, Kept>,
    /// Members that no line names, by the object they stood in.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, Map<String, Json>>,
    /// The order of rows in arrays that several blocks share or that have rows of no block.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub order: BTreeMap<String, Vec<Row>>,
    /// What the first line of a row said, for rows with members of their own: rows may move.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, Json>,
}

impl Extension {
    /// True when nothing had to be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.members.is_empty() && self.order.is_empty()
    }
}

/// What was kept is personal data: only how much of it may reach a log.
impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kept, {} with members, {} orders",
            self.kept.len(),
            self.members.len(),
            self.order.len()
        )
    }
}

/// `null` is something that came; only a missing key is nothing.
mod there {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value as Json;

    pub(super) fn serialize<S: Serializer>(json: &Option<Json>, serializer: S) -> Result<S::Ok, S::Error> {
        json.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
        Json::deserialize(deserializer).map(Some)
    }
}
