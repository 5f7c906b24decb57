//! The time-stamp among the files: a checkpoint of the same log that an authority stamped, and that the log of the other proofs goes on
//! from it. Here it is held against the log; the token is judged by whoever knows the authority.

use std::collections::BTreeMap;
use std::str::FromStr;

use data_encoding::BASE64;

use super::Fault;
use super::judge::{file, text};
use crate::evidence::checkpoint::Checkpoint;
use crate::evidence::hash::Hash;
use crate::evidence::note::Vkey;
use crate::evidence::proof::verify_consistency;

/// The checkpoint that was stamped.
pub const STAMPED: &str = "log/stamped";
/// The stamp over it: an RFC 3161 token, DER.
pub const TOKEN: &str = "log/stamped.tst";
/// That the log of all other proofs goes on from it.
pub const CONSISTENCY: &str = "log/stamped.consistency";

/// No path in a tree of 2^63 leaves is longer.
const LONGEST: usize = 64;

/// A path of hashes as a file: one a line, base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Hash>);

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash)))
    }
}

impl FromStr for Path {
    type Err = ();

    /// Reads the file, in its one spelling.
    fn from_str(text: &str) -> Result<Self, ()> {
        let hash = |line: &str| BASE64.decode(line.as_bytes()).ok()?.try_into().ok();
        let path: Option<Vec<Hash>> = text.lines().map(hash).collect();
        let path = Self(path.filter(|path| path.len() <= LONGEST).ok_or(())?);
        if path.to_string() == text {
            Ok(path)
        } else {
            Err(())
        }
    }
}

/// What was stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// So many leaves from the first on.
    pub leaves: u64,
    /// What the stamp is over, byte for byte.
    pub note: String,
    /// The stamp, DER.
    pub token: Vec<u8>,
}

/// Holds the stamped checkpoint against the one of all proofs; none where no stamp came along.
///
/// # Errors
/// What does not hold.
pub(super) fn judge(
    files: &BTreeMap<String, Vec<u8>>,
    log: &Checkpoint,
    known: &[Vkey],
) -> Result<Option<Stamped>, Fault> {
    if ![STAMPED, TOKEN, CONSISTENCY]
        .iter()
        .any(|name| files.contains_key(*name))
    {
        return Ok(None);
    }
    let note = text(files, STAMPED)?;
    let stamped = Checkpoint::open(note, known).map_err(Fault::Stamped)?;
    let path: Path = text(files, CONSISTENCY)?
        .parse()
        .map_err(|()| Fault::Text(CONSISTENCY.to_owned()))?;
    if stamped.origin != log.origin || stamped.size > log.size {
        return Err(Fault::OtherCheckpoint(STAMPED.to_owned()));
    }
    verify_consistency(stamped.size, &stamped.root, log.size, &log.root, &path.0).map_err(Fault::Fork)?;
    Ok(Some(Stamped {
        leaves: stamped.size,
        note: note.to_owned(),
        token: file(files, TOKEN)?.to_vec(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        let path = Path(vec![[1; 32], [2; 32]]);
        let text = path.to_string();
        assert_eq!(text.parse(), Ok(path));
        assert_eq!("".parse(), Ok(Path::default()));
        for bad in [
            text.trim_end(),
            &text.replace('\n', "\r\n"),
            "AQE=\n",
            "\n",
            &text.repeat(33),
        ] {
            assert_eq!(bad.parse::<Path>(), Err(()), "{bad:?}");
        }
    }
}
