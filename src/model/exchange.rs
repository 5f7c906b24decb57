//! One message to or from one partner, and all that becomes of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of an exchange: a UUID of version 7, so that ids sort by the time they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId([u8; 16]);

/// A text that is not the id of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of an exchange: expected a UUID")]
pub struct NotAnId;

impl ExchangeId {
    /// Makes an id from the time in milliseconds since 1970 and ten random bytes.
    pub fn new(millis: i64, random: &[u8; 10]) -> Self {
        let millis = u64::try_from(millis).unwrap_or(0);
        Self(
            *uuid::Builder::from_unix_timestamp_millis(millis, random)
                .into_uuid()
                .as_bytes(),
        )
    }

    /// When it was given, ms since 1970.
    pub fn millis(&self) -> i64 {
        let mut millis = [0; 8];
        millis[2..].copy_from_slice(&self.0[..6]);
        i64::from_be_bytes(millis)
    }

    /// The sixteen bytes, as the store keeps them.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Takes the sixteen bytes back.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl FromStr for ExchangeId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        uuid::Uuid::parse_str(text)
            .map(|id| Self(*id.as_bytes()))
            .map_err(|_| NotAnId)
    }
}

impl Serialize for ExchangeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ExchangeId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Gives an enum of plain words its text form, both ways.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word, as it stands in the store, in the log and in answers.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word back.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// What a message asks of its partner.
    Operation {
        /// Make the dossier known (`DongBoHoSoMC`, `isUpdating` "False"): probed.
        Create = "create",
        /// Say the dossier's present state (`DongBoHoSoMC`, `isUpdating` "True"): repeatable.
        Update = "update",
        /// Append processing steps (`CapNhatTienDoHoSoMC`): neither repeatable nor probed.
        Progress = "progress",
        /// Register the dossier with a register of the state: repeatable, since a repeat is told as one.
        Register = "register",
        /// Tell a tray's national side a state of the dossier: repeatable, since one that it has is told as one.
        Status = "status",
    }
}

words! {
    /// Where an exchange stands.
    State {
        /// Behind an earlier message of its dossier.
        Held = "held",
        /// May be leased now.
        Ready = "ready",
        /// Waits for its next moment.
        Later = "later",
        /// In a worker's hand.
        Leased = "leased",
        /// The partner accepted it.
        Delivered = "delivered",
        /// The partner refused it.
        Refused = "refused",
        /// Stands still until its owner acts.
        Parked = "parked",
    }
}

words! {
    /// What the next lease of an exchange is for.
    Phase {
        /// Send the message.
        Send = "send",
        /// Ask the partner what it knows, to settle an unclear verdict.
        Probe = "probe",
    }
}

words! {
    /// Who must act.
    Owner {
        /// The person whose dossier it is.
        Citizen = "citizen",
        /// The officer in charge of the dossier.
        Officer = "officer",
        /// Whoever runs the provincial system.
        System = "system",
        /// Whoever runs the national system.
        Partner = "partner",
        /// The operator of this gateway.
        Gateway = "gateway",
        /// The operator, when only a look at the partner's side can decide.
        Operator = "operator",
    }
}

words! {
    /// What a release says of a parked exchange.
    Release {
        /// The partner has it: count it as delivered.
        Delivered = "delivered",
        /// The partner does not have it: send it again.
        Again = "again",
    }
}

impl State {
    /// Whether nothing further happens by itself.
    pub fn is_settled(self) -> bool {
        match self {
            Self::Delivered | Self::Refused | Self::Parked => true,
            Self::Held | Self::Ready | Self::Later | Self::Leased => false,
        }
    }
}
