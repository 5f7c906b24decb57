//! `verify`: evidence checked offline, trusting only the keys that were named.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Failed, Verify, say, say_json};
use crate::evidence::leaf::Entry;
use crate::evidence::note::Vkey;
use crate::evidence::proof::text::ProofText;
use crate::model::Verifier;
use crate::signing::jws;
use crate::signing::public::PublicKey;

/// What a proof's file begins with.
const PROOF: &str = "c2sp.org/tlog-proof@v1";

/// The keys that are trusted.
#[derive(Default)]
struct Trusted {
    logs: Vec<Vkey>,
    keys: Vec<PublicKey>,
}

/// What became of one file.
#[derive(Serialize)]
struct Verdict {
    file: String,
    good: bool,
    says: String,
}

/// A receipt's token.
#[derive(Deserialize)]
struct Signed {
    signature: String,
}

/// Checks each file; true when all of them stand.
pub(super) fn run(asked: &Verify) -> Result<bool, Failed> {
    let trusted = Trusted::read(&asked.trust)?;
    let mut verdicts = Vec::new();
    for path in &asked.files {
        let bytes = std::fs::read(path).map_err(|error| Failed::file(path, &error))?;
        let (good, says) = match judge(&bytes, &trusted) {
            Ok(says) => (true, says),
            Err(says) => (false, says),
        };
        verdicts.push(Verdict {
            file: path.display().to_string(),
            good,
            says,
        });
    }
    if asked.json {
        say_json(&verdicts);
    } else {
        verdicts
            .iter()
            .for_each(|one| say(&format!("{}: {}", one.file, one.says)));
    }
    Ok(verdicts.iter().all(|one| one.good))
}

impl Trusted {
    /// Each is a verifier key as it is written, or a file that holds one or a public key in PEM.
    fn read(named: &[String]) -> Result<Self, Failed> {
        let mut trusted = Self::default();
        for name in named {
            if let Ok(vkey) = Vkey::parse(name) {
                trusted.logs.push(vkey);
                continue;
            }
            let path = Path::new(name);
            let bytes =
                std::fs::read(path).map_err(|error| Failed::Use(format!("--trust {name}: {error}")))?;
            let text = String::from_utf8_lossy(&bytes);
            match (Vkey::parse(text.trim()), PublicKey::from_pem(&bytes)) {
                (Ok(vkey), _) => trusted.logs.push(vkey),
                (Err(_), Ok(key)) => trusted.keys.push(key),
                (Err(_), Err(error)) => return Err(Failed::Use(format!("--trust {name}: {error}"))),
            }
        }
        Ok(trusted)
    }
}

/// What stands, or what does not.
fn judge(bytes: &[u8], trusted: &Trusted) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| OTHER.to_owned())?;
    if text.starts_with(PROOF) {
        return proof(text, &trusted.logs);
    }
    match serde_json::from_str::<Signed>(text) {
        Ok(signed) => receipt(text, &signed.signature, &trusted.keys),
        Err(_) => Err(OTHER.to_owned()),
    }
}

/// What is said of a file of another kind.
const OTHER: &str = "neither a proof nor a receipt; other evidence is of a later issue";

fn proof(text: &str, logs: &[Vkey]) -> Result<String, String> {
    let proof = ProofText::parse(text).map_err(|error| error.to_string())?;
    let checkpoint = proof
        .check(None, logs)
        .map_err(|error| Failed::because(&error).to_string())?;
    let entry = proof.extra.as_deref().and_then(|entry| Entry::read(entry).ok());
    let at = format!(
        "leaf {} of {} ({} leaves)",
        proof.index, checkpoint.origin, checkpoint.size
    );
    match entry {
        Some(entry) if entry.index == proof.index => Ok(format!("{at} stands")),
        Some(entry) => Err(format!(
            "{at}: the leaf itself says that it is leaf {}",
            entry.index
        )),
        None => Err(format!("{at}: what is proved is no leaf of an exchange log")),
    }
}

/// The token must be signed by a trusted key, and say the same as the receipt around it.
fn receipt(text: &str, token: &str, keys: &[PublicKey]) -> Result<String, String> {
    let wanted = jws::header(token).map_err(|error| error.to_string())?.kid;
    let named = |key: &&PublicKey| wanted.as_deref().is_none_or(|id| id == key.id());
    let mut failure = "the receipt is signed with a key that is not trusted".to_owned();
    for key in keys.iter().filter(named) {
        match jws::verify_compact(token, key) {
            Ok(payload) => return said(text, &payload),
            Err(error) => failure = error.to_string(),
        }
    }
    Err(failure)
}

fn said(text: &str, payload: &[u8]) -> Result<String, String> {
    let mut around: Map<String, Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    around.remove("signature");
    let inside: Map<String, Value> = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
    if around != inside {
        return Err("the receipt says something else than what was signed".to_owned());
    }
    let member = |name: &str| inside.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    Ok(format!(
        "the receipt of {}, accepted {}, stands",
        member("number"),
        member("accepted_at")
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::intake::Receipt;
    use crate::keys::FileKey;
    use crate::model::Algorithm;
    use crate::signing::jws::Jws;

    fn receipt() -> (Vec<u8>, Trusted) {
        let key = Arc::new(FileKey::generate(Algorithm::Es256).unwrap());
        let public = PublicKey::from_pem(key.public_pem().as_bytes()).unwrap();
        let receipt = Receipt {
            number: "H99-26-1",
            system: "opencps",
            accepted_at: "2026-01-15T01:15:00.000Z".into(),
            digest: "sha-256:00".into(),
            leaf: "sha-256:01".into(),
            log: "log.h99.example",
            mapping: "local/opencps/dossier@1",
        };
        let signed = receipt.sign(&Jws::new(key)).unwrap();
        (
            signed,
            Trusted {
                keys: vec![public],
                ..Trusted::default()
            },
        )
    }

    #[test]
    fn a_receipt_stands_as_it_was_signed_and_not_otherwise() {
        let (signed, trusted) = receipt();
        assert!(judge(&signed, &trusted).unwrap().contains("H99-26-1"));
        let changed = String::from_utf8(signed.clone())
            .unwrap()
            .replacen("H99-26-1", "H99-26-2", 1);
        assert!(
            judge(changed.as_bytes(), &trusted)
                .unwrap_err()
                .contains("something else")
        );
        assert!(
            judge(&signed, &Trusted::default())
                .unwrap_err()
                .contains("not trusted")
        );
        let (_, others) = receipt();
        assert!(judge(&signed, &others).unwrap_err().contains("not trusted"));
        assert_eq!(judge(b"%PDF", &trusted).unwrap_err(), OTHER);
    }

    #[test]
    fn a_proof_stands_under_a_trusted_checkpoint_only() {
        assert!(judge(b"c2sp.org/tlog-proof@v1\nindex x\n\n", &Trusted::default()).is_err());
    }
}
