//! `verify`: evidence checked offline, trusting only the keys and anchors that were named.
//!
//! What a file is, is told by its content. Each signature is described in Vietnamese and English: who, when, under which anchor, over
//! what, and what is not covered.

mod cms;
mod container;
mod evidence;
mod jws;
mod own;
mod pdf;
mod sheet;
mod trusted;
mod xml;

use serde::{Deserialize, Serialize};

use super::arguments::Language;
use super::{Failed, Verify, say, say_json};
use crate::evidence::map::text::FIRST as COMPLETENESS;
use sheet::{Said, Sheet, Told};
use trusted::Trusted;

/// What a proof's file begins with.
const PROOF: &str = "c2sp.org/tlog-proof@v1";

/// What became of one file.
#[derive(Serialize)]
struct Verdict {
    file: String,
    good: bool,
    kind: &'static str,
    /// Everything, in English.
    says: String,
    /// Everything, in Vietnamese.
    says_vi: String,
    signatures: Vec<Told>,
    /// What no signature covers.
    not_covered: Vec<Said>,
    #[serde(skip)]
    lines: Vec<Said>,
}

/// A receipt's token.
#[derive(Deserialize)]
struct Signed {
    signature: String,
}

/// Checks each file; true when all of them stand.
pub(super) fn run(asked: &Verify) -> Result<bool, Failed> {
    let trusted = Trusted::read(asked)?;
    let mut verdicts = Vec::new();
    for path in &asked.files {
        let bytes = std::fs::read(path).map_err(|error| Failed::file(path, &error))?;
        verdicts.push(Verdict::new(path.display().to_string(), judge(&bytes, &trusted)));
    }
    if asked.json {
        say_json(&verdicts);
    } else {
        verdicts.iter().for_each(|one| one.show(asked.lang));
    }
    Ok(verdicts.iter().all(|one| one.good))
}

impl Verdict {
    fn new(file: String, sheet: Sheet) -> Self {
        let joined = |text: fn(&Said) -> &str| {
            let lines = sheet.lines.iter().chain(&sheet.not_covered);
            lines.map(text).collect::<Vec<_>>().join("; ")
        };
        Self {
            file,
            good: sheet.good,
            kind: sheet.kind,
            says: joined(|said| &said.en),
            says_vi: joined(|said| &said.vi),
            signatures: sheet.signatures,
            not_covered: sheet.not_covered,
            lines: sheet.lines,
        }
    }

    fn show(&self, only: Option<Language>) {
        let outcome = match (self.good, only) {
            (true, Some(Language::Vi)) => "ĐẠT",
            (false, Some(Language::Vi)) => "KHÔNG ĐẠT",
            (true, Some(Language::En)) => "GOOD",
            (false, Some(Language::En)) => "NOT GOOD",
            (true, None) => "ĐẠT · GOOD",
            (false, None) => "KHÔNG ĐẠT · NOT GOOD",
        };
        say(&format!("{}: {outcome} ({})", self.file, self.kind));
        for line in self.lines.iter().chain(&self.not_covered) {
            if only != Some(Language::En) {
                say(&format!("  vi  {}", line.vi));
            }
            if only != Some(Language::Vi) {
                say(&format!("  en  {}", line.en));
            }
        }
    }
}

/// What stands, or what does not.
fn judge(bytes: &[u8], trusted: &Trusted) -> Sheet {
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => return pdf::judge(bytes, trusted),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => return container::judge(bytes, trusted),
        [0x30, ..] => return cms::judge(bytes, trusted),
        _ => {}
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return unknown();
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(PROOF) {
        return Sheet::single("proof", own::proof(text, &trusted.logs));
    }
    if text.starts_with(COMPLETENESS) {
        return own::completeness(text, &trusted.logs);
    }
    if let Some(der) = cms::unwrapped(text) {
        return cms::judge(&der, trusted);
    }
    match text.as_bytes().first() {
        Some(b'<') => xml::judge(bytes, trusted),
        Some(b'{') => json(text, trusted),
        _ if jws::is_compact(text.trim_end()) => jws::compact(text.trim_end(), trusted),
        _ => unknown(),
    }
}

fn json(text: &str, trusted: &Trusted) -> Sheet {
    if let Some(read) = jws::read(text) {
        return jws::json(&read, trusted);
    }
    match serde_json::from_str::<Signed>(text) {
        Ok(signed) => Sheet::single("receipt", own::receipt(text, &signed.signature, &trusted.keys)),
        Err(_) => unknown(),
    }
}

fn unknown() -> Sheet {
    Sheet::failed(
        "unknown",
        Said {
            vi: "không phải loại chứng cứ nào mà cổng đọc được".to_owned(),
            en: OTHER.to_owned(),
        },
    )
}

/// What is said of a file of another kind.
const OTHER: &str =
    "neither a proof nor a receipt, and no PDF, ASiC-E container, XML, CMS or JWS with signatures";

#[cfg(test)]
mod tests;
