//! What is said of a JWS: compact or JSON, its payload within or beside it.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::sheet::{Said, Sheet, Told};
use super::trusted::Trusted;
use crate::model::{Algorithm, Verifier};
use crate::signing::jws::{self, Header, Json, JwsError};
use crate::signing::public::PublicKey;
use crate::signing::stamp::{self, Claim, Judgement};
use crate::signing::trust::Certificate;

/// Whether a text is three parts of base64url between dots, the middle one perhaps empty.
pub(super) fn is_compact(text: &str) -> bool {
    let letters = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.');
    text.bytes().filter(|letter| *letter == b'.').count() == 2
        && text.bytes().all(letters)
        && jws::header(text).is_ok()
}

/// A JWS in its JSON form; a receipt is none.
pub(super) fn read(text: &str) -> Option<Json> {
    let members: Map<String, Value> = serde_json::from_str(text).ok()?;
    let is_one = ["signatures", "protected"]
        .iter()
        .any(|name| members.contains_key(*name));
    if !is_one {
        return None;
    }
    Json::read(text.as_bytes()).ok()
}

pub(super) fn compact(token: &str, trusted: &Trusted) -> Sheet {
    let content = trusted.content.as_ref().map(|(_, bytes)| bytes.as_slice());
    let is_detached = token.contains("..");
    let mut sheet = Sheet::new("jws");
    let header = match jws::header(token) {
        Ok(header) => header,
        Err(error) => return Sheet::failed("jws", Said::because("Không đọc được JWS", &error)),
    };
    sheet.good = entry(
        &mut sheet,
        &header,
        header.kid.as_deref(),
        trusted,
        |key| match (is_detached, content) {
            (true, Some(content)) => jws::verify_detached(token, content, key).map(|()| content.len()),
            (true, None) => Err(JwsError::Shape),
            (false, _) => jws::verify_compact(token, key).map(|payload| payload.len()),
        },
    );
    sheet
}

pub(super) fn json(read: &Json, trusted: &Trusted) -> Sheet {
    let content = trusted.content.as_ref().map(|(_, bytes)| bytes.as_slice());
    let mut sheet = Sheet::new("jws");
    sheet.good = !read.entries().is_empty();
    for (place, one) in read.entries().iter().enumerate() {
        let one = match one {
            Ok(one) => one,
            Err(error) => {
                sheet.refuse(error);
                sheet.good = false;
                continue;
            }
        };
        let good = entry(
            &mut sheet,
            &one.protected,
            one.kid(),
            trusted,
            |key| match content {
                None => read.verify(place, key).map(|payload| payload.len()),
                Some(content) => read
                    .verify_detached(place, content, key)
                    .map(|()| content.len())
                    .or_else(|_| read.verify(place, key).map(|payload| payload.len())),
            },
        );
        sheet.good &= good;
    }
    sheet
}

/// One signature: under a trusted key, or under the certificate that came with it if that is trusted.
fn entry(
    sheet: &mut Sheet,
    header: &Header,
    kid: Option<&str>,
    trusted: &Trusted,
    verify: impl Fn(&PublicKey) -> Result<usize, JwsError>,
) -> bool {
    let named = |key: &&PublicKey| kid.is_none_or(|id| id == key.id());
    for key in trusted.keys.iter().filter(named) {
        let Ok(length) = verify(key) else {
            continue;
        };
        let id = key.id();
        sheet.say(
            format!("Ký bằng khóa được nêu là tin cậy: {id}"),
            format!("Signed with a key named as trusted: {id}"),
        );
        covers(sheet, length);
        sheet.signatures.push(Told {
            good: true,
            signer: Some(id.to_owned()),
            claimed: header.claimed_time().map(str::to_owned),
            ..Told::default()
        });
        return true;
    }
    let Some((signer, judgement, key)) = certified(header, trusted) else {
        sheet.say(
            "KHÔNG tin được: không khóa nào được nêu mà chữ ký này vừa, hoặc thiếu nội dung (--content)",
            "NOT believed: no key that was named fits, or the content is missing (--content)",
        );
        sheet.signatures.push(Told::default());
        return false;
    };
    match verify(&key) {
        Err(error) => {
            sheet.refuse(&error);
            false
        }
        Ok(length) => {
            sheet.signature(&signer, claimed(header), &judgement);
            covers(sheet, length);
            judgement.path.is_ok()
        }
    }
}

fn covers(sheet: &mut Sheet, length: usize) {
    sheet.say(
        format!("Phủ toàn bộ nội dung, {length} byte"),
        format!("Covers the payload whole, {length} bytes"),
    );
}

/// The certificate that came along, judged, and its key with the header's algorithm.
fn certified(header: &Header, trusted: &Trusted) -> Option<(Certificate, Judgement, PublicKey)> {
    let mut chain = header
        .x5c
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok());
    let signer = chain.next()?;
    let beside: Vec<Certificate> = chain.collect();
    let key = PublicKey::from_der(signer.public())
        .ok()?
        .using(Algorithm::named(&header.alg)?)
        .ok()?;
    let claim = Claim {
        signer: &signer,
        claimed: claimed(header),
        stamps: &[],
    };
    let judgement = stamp::weigh(&claim, &beside, &trusted.means(), trusted.now);
    Some((signer, judgement, key))
}

fn claimed(header: &Header) -> Option<Timestamp> {
    header.claimed_time().and_then(|text| text.parse().ok())
}
