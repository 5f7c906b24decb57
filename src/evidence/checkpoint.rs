//! Checkpoints (C2SP tlog-checkpoint): the signed head of the log. A log that signs two that contradict each other is
//! proven a liar, so a checkpoint is kept before it is given out.

use data_encoding::BASE64;

use crate::evidence::hash::Hash;
use crate::evidence::note::{self, NoteError, Role, Vkey};
use crate::model::signer::Signer;

/// The head of a log: so many leaves, this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, a URL without its scheme; also the name of its key.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why a checkpoint was not signed, or is not believed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not origin, size and root on lines of their own.
    #[error("the checkpoint cannot be read")]
    Malformed,
    /// Known keys signed it, but not the log's own.
    #[error("the checkpoint is not signed by the log it speaks for, {0}")]
    Foreign(String),
}

impl Checkpoint {
    /// The text that is signed.
    pub fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(&self.root))
    }

    /// Reads that text; further lines, which others may add, are passed over.
    pub fn parse(body: &str) -> Result<Self, CheckpointError> {
        let mut lines = body
            .strip_suffix('\n')
            .ok_or(CheckpointError::Malformed)?
            .split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Malformed);
        };
        let root = BASE64
            .decode(root.as_bytes())
            .ok()
            .and_then(|root| root.try_into().ok());
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(CheckpointError::Malformed);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: decimal(size).ok_or(CheckpointError::Malformed)?,
            root: root.ok_or(CheckpointError::Malformed)?,
        })
    }

    /// Signs it as a note, under the log's name.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, CheckpointError> {
        Ok(note::sign(&self.body(), &self.origin, signer)?)
    }

    /// Opens a signed checkpoint; one of the known keys that signed it must be the log's own.
    pub fn open(signed: &str, known: &[Vkey]) -> Result<Self, CheckpointError> {
        let opened = note::open(signed, known)?;
        let checkpoint = Self::parse(opened.text)?;
        let own = |key: &Vkey| key.role() == Role::Log && key.name() == checkpoint.origin;
        if opened.signed_by.iter().any(|signed| own(signed.key)) {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::Foreign(checkpoint.origin))
        }
    }
}

/// A number in decimal without leading zeros or signs.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::note::tests::{Key, cosign};

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "log.h99.example/exchanges".into(),
            size: 300,
            root: [9; 32],
        }
    }

    #[test]
    fn signed_and_opened() {
        let key = Key::new();
        let signed = checkpoint().sign(&key).unwrap();
        let vkey = Vkey::of("log.h99.example/exchanges", &key).unwrap();
        assert_eq!(
            Checkpoint::open(&signed, std::slice::from_ref(&vkey)).unwrap(),
            checkpoint()
        );
        assert!(Checkpoint::open(&signed.replace("\n300\n", "\n301\n"), &[vkey]).is_err());
    }

    #[test]
    fn a_witness_alone_does_not_make_it_the_logs() {
        let witness = Key::new();
        let (body, origin) = (checkpoint().body(), checkpoint().origin);
        let foreign = note::sign(&body, "witness.example", &witness).unwrap();
        let vkey = Vkey::of("witness.example", &witness).unwrap();
        assert!(matches!(
            Checkpoint::open(&foreign, &[vkey]),
            Err(CheckpointError::Foreign(_))
        ));
        let (line, vkey) = cosign(&body, &origin, &witness, 1);
        let seen = format!("{body}\n{line}");
        assert!(matches!(
            Checkpoint::open(&seen, &[vkey]),
            Err(CheckpointError::Foreign(_))
        ));
    }

    #[test]
    fn only_the_one_spelling_is_read() {
        let body = checkpoint().body();
        assert_eq!(Checkpoint::parse(&body).unwrap(), checkpoint());
        assert_eq!(
            Checkpoint::parse(&format!("{body}extension\n")).unwrap(),
            checkpoint()
        );
        for bad in [
            body.replace("300", "0300"),
            body.replace("300", "+300"),
            body.replace("300", ""),
            body.replace("300", "99999999999999999999"),
            body.replace("=\n", "\n"),
            body.replace("log.h99.example/exchanges", ""),
            format!("{body}\n"),
            body.trim_end().to_owned(),
        ] {
            assert!(Checkpoint::parse(&bad).is_err(), "{bad}");
        }
    }
}
