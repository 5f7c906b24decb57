//! Our own evidence: receipts, and proofs of the exchange log.

use serde_json::{Map, Value};

use super::sheet::{Said, Sheet};
use crate::cli::Failed;
use crate::evidence::leaf::Entry;
use crate::evidence::map::text::Completeness;
use crate::evidence::note::Vkey;
use crate::evidence::proof::text::ProofText;
use crate::model::Verifier;
use crate::signing::jws;
use crate::signing::public::PublicKey;

pub(super) fn proof(text: &str, logs: &[Vkey]) -> Result<String, String> {
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

/// What is proved of a whole chain.
pub(super) fn completeness(text: &str, logs: &[Vkey]) -> Sheet {
    let read = Completeness::parse(text).and_then(|read| Ok((read.check(logs)?, read)));
    let (complete, read) = match read {
        Ok(read) => read,
        Err(error) => return Sheet::failed("completeness", Said::because("không chứng minh được", &error)),
    };
    let mut sheet = Sheet::new("completeness");
    sheet.good = true;
    let (chain, leaves, origin) = (read.chain, complete.leaves, complete.checkpoint.origin);
    match complete.newest {
        Some((index, count)) => sheet.say(
            format!("{chain}: có đúng {count} mục, mục mới nhất là số {index}, trong {leaves} mục đầu của {origin}"),
            format!("{chain}: exactly {count} leaves, the newest is {index}, among the first {leaves} leaves of {origin}"),
        ),
        None => sheet.say(
            format!("{chain}: không có mục nào trong {leaves} mục đầu của {origin}"),
            format!("{chain}: no leaf among the first {leaves} leaves of {origin}"),
        ),
    }
    sheet
}

/// The token must be signed by a trusted key, and say the same as the receipt around it.
pub(super) fn receipt(text: &str, token: &str, keys: &[PublicKey]) -> Result<String, String> {
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
