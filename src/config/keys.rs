use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::section::Section;
use crate::model::Day;

/// Where this node's keys are.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Signs receipts.
    pub receipt_file: PathBuf,
    /// Signs payloads, where `payload` names no keys.
    pub payload_file: PathBuf,
    /// Blinds what the log says about persons.
    pub blinding_file: PathBuf,
    /// The keys that sign payloads one after the other, by name.
    pub payload: BTreeMap<String, Key>,
    /// How many sessions at most are open at a token for one key.
    pub sessions: u32,
}

/// One key among those that follow one another.
#[derive(Clone, Debug)]
pub struct Key {
    /// The first day on which it signs, in Viet Nam; always, if there is none.
    pub from: Option<Day>,
    /// The first day on which it no longer does.
    pub until: Option<Day>,
    /// Where it is.
    pub kept: Kept,
    /// Its certificates, PEM, its own first.
    pub chain_file: Option<PathBuf>,
}

/// Where a key is kept.
#[derive(Clone, Debug)]
pub enum Kept {
    /// In a file: PKCS#12 where that ends in `.p12` or `.pfx`, else PEM.
    File {
        /// The file.
        path: PathBuf,
        /// The file with its passphrase, of PKCS#12.
        passphrase_file: Option<PathBuf>,
    },
    /// On a token.
    Token(Token),
    /// At a provider of remote signatures.
    Remote(Remote),
    /// Nowhere any more: only its public half is here, to verify what it signed.
    Retired {
        /// The public key, PEM.
        public_file: PathBuf,
    },
}

/// A key on a PKCS#11 token.
#[derive(Clone, Debug)]
pub struct Token {
    /// The library of the token's maker.
    pub module: PathBuf,
    /// The token's label.
    pub label: Option<String>,
    /// The token's serial number.
    pub serial: Option<String>,
    /// The key's label.
    pub key: Option<String>,
    /// The key's id (CKA_ID).
    pub key_id: Option<Vec<u8>>,
    /// The file with the PIN in its first line.
    pub pin_file: PathBuf,
}

/// A key that a provider keeps, reached by the API of the Cloud Signature Consortium.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Where its API begins, without a `/` at the end.
    pub provider: String,
    /// By what the provider knows the key.
    pub credential: String,
    /// The account, an OAuth client.
    pub client: String,
    /// The file with the client's secret in its first line.
    pub secret_file: PathBuf,
    /// The key's certificates, PEM, its own first.
    pub chain_file: PathBuf,
    /// How long the signer may take to confirm.
    pub confirm: Duration,
}

impl Keys {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let receipt_file = from.path("receipt_file");
        let payload_file = from.path("payload_file");
        let blinding_file = from.path("blinding_file");
        let payload = from.each("payload", Key::read);
        let sessions = from.count("sessions", 1..=1_000);
        Some(Self {
            receipt_file: receipt_file?,
            payload_file: payload_file?,
            blinding_file: blinding_file?,
            payload: payload?,
            sessions: sessions?,
        })
    }
}

impl Key {
    fn read(from: &Section<'_>) -> Option<Self> {
        let first = from.maybe_day("from");
        let end = from.maybe_day("until");
        let chain_file = from.maybe_path("chain_file");
        let kept = Kept::read(from);
        if first.is_some_and(|first| end.is_some_and(|end| end <= first)) {
            from.wrong(
                "until",
                "this is the first day on which it no longer signs, and comes after `from`",
            );
        }
        Some(Self {
            from: first,
            until: end,
            kept: kept?,
            chain_file,
        })
    }
}

impl Kept {
    fn read(from: &Section<'_>) -> Option<Self> {
        if from.has("module") {
            return Token::read(from).map(Self::Token);
        }
        if from.has("provider") {
            return Remote::read(from).map(Self::Remote);
        }
        if from.has("public_file") {
            let public_file = from.path("public_file");
            return Some(Self::Retired {
                public_file: public_file?,
            });
        }
        let path = from.path("file");
        let passphrase_file = from.maybe_path("passphrase_file");
        let kept = Self::File {
            path: path?,
            passphrase_file,
        };
        if matches!(
            &kept,
            Self::File {
                passphrase_file: Some(_),
                ..
            }
        ) && !kept.is_container()
        {
            from.wrong(
                "passphrase_file",
                "a passphrase is for a PKCS#12 file, whose name ends in .p12 or .pfx; a PEM key has none",
            );
        }
        Some(kept)
    }

    /// Whether it is a PKCS#12 container, by its name.
    pub fn is_container(&self) -> bool {
        let Self::File { path, .. } = self else {
            return false;
        };
        path.extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("p12") || ending.eq_ignore_ascii_case("pfx"))
    }
}

impl Remote {
    fn read(from: &Section<'_>) -> Option<Self> {
        let provider = from.url("provider");
        let credential = from.text("credential");
        let client = from.text("client");
        let secret_file = from.path("secret_file");
        let chain_file = from.path("chain_file");
        let confirm = from.duration("confirm");
        Some(Self {
            provider: provider?.trim_end_matches('/').to_owned(),
            credential: credential?,
            client: client?,
            secret_file: secret_file?,
            chain_file: chain_file?,
            confirm: confirm?,
        })
    }
}

impl Token {
    fn read(from: &Section<'_>) -> Option<Self> {
        let module = from.path("module");
        let label = from.maybe_text("token");
        let serial = from.maybe_text("serial");
        let key = from.maybe_text("key");
        let key_id = from.maybe_hex("key_id");
        let pin_file = from.path("pin_file");
        if label.is_none() && serial.is_none() {
            from.wrong("module", "which token: its label as `token`, or its `serial`");
        }
        if key.is_none() && key_id.is_none() {
            from.wrong(
                "module",
                "which key on the token: its label as `key`, or its `key_id`",
            );
        }
        Some(Self {
            module: module?,
            label,
            serial,
            key,
            key_id,
            pin_file: pin_file?,
        })
    }
}
