//! What of an exchange is shown, in the reader's words: masked where it may be about a person.

use super::exchange::Seen;
use super::lang::Lang;
use super::trace::{self, Trace};
use super::{Console, words};
use crate::model::Dossier;
use crate::store::{AttemptRow, HandRow, Sides};

/// How much a reader sees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// What is about nobody.
    Masked,
    /// Everything: a leaf says to whom, and why.
    Opened,
}

/// What went out; nothing before the message was made.
#[derive(Default)]
pub(super) struct Out {
    pub(super) made: bool,
    pub(super) values: Vec<Value>,
    /// Those that say nothing.
    pub(super) empty: Vec<Value>,
    /// Values that are not shown.
    pub(super) more: u64,
    /// Whether it could be taken apart.
    pub(super) whole: bool,
    pub(super) mapping: String,
    pub(super) size: u64,
    pub(super) signature: Option<Signed>,
}

/// A value of the message.
pub(super) struct Value {
    pub(super) place: String,
    /// Nothing where it is masked.
    pub(super) text: Option<String>,
    pub(super) ours: String,
    pub(super) line: String,
    pub(super) how: &'static str,
    /// Where it came from: the system or service, their field, the line that read it.
    pub(super) source: String,
    pub(super) field: String,
    pub(super) read: String,
    pub(super) basis: String,
}

/// What a signature says of itself.
pub(super) struct Signed {
    pub(super) algorithm: String,
    pub(super) key: String,
}

/// The body as it was filed.
pub(super) struct Filed {
    pub(super) at: i64,
    pub(super) digest: String,
    pub(super) leaf: u64,
    /// Whether it is still kept.
    pub(super) is_kept: bool,
}

/// An attempt in the reader's words.
pub(super) struct Attempt {
    pub(super) number: u32,
    pub(super) phase: &'static str,
    pub(super) began_at: i64,
    pub(super) took: String,
    pub(super) status: String,
    pub(super) verdict: String,
    pub(super) word: String,
    pub(super) cause: String,
    pub(super) digest: String,
}

/// A hand that was laid on it.
pub(super) struct Touch {
    /// Whose: an account, one that is no more, or a program.
    pub(super) by: String,
    pub(super) release: Option<String>,
    pub(super) at: i64,
    pub(super) leaf: u64,
}

/// What went out, value by value; masked, unless it was opened by a look that is in the log.
pub(super) fn out(console: &Console, lang: Lang, seen: &Seen, sight: Sight) -> Out {
    let Some((sides, rendered)) = seen.message() else {
        return Out::default();
    };
    let dossier = sides.dossier.as_ref();
    let dossier = dossier.and_then(|dossier| serde_json::from_slice::<Dossier>(dossier).ok());
    let translator = console.parts.outbound.translator();
    let trace = trace::message(translator, dossier.as_ref(), (seen.row.operation, rendered));
    let (more, whole) = (trace.more as u64, trace.whole);
    let values = values(lang, trace, &rendered.mapping, sight);
    let is_said = |value: &Value| value.text.as_deref() != Some("");
    let (values, empty) = values.into_iter().partition(is_said);
    Out {
        made: true,
        more,
        whole,
        values,
        empty,
        mapping: rendered.mapping.clone(),
        size: rendered.payload.len() as u64,
        signature: rendered.signature.as_deref().and_then(signed),
    }
}

pub(super) fn filed(sides: &Sides) -> Filed {
    Filed {
        at: sides.accepted_at,
        digest: data_encoding::HEXLOWER.encode(&sides.digest),
        leaf: sides.leaf,
        is_kept: sides.dossier.is_some(),
    }
}

fn values(lang: Lang, trace: Trace, mapping: &str, sight: Sight) -> Vec<Value> {
    let name = mapping.split('@').next().unwrap_or_default();
    trace
        .values
        .into_iter()
        .map(|one| {
            let how = one.how().map_or("", |how| words::how(lang, how));
            let origin = one.origin;
            Value {
                text: (one.is_plain || sight == Sight::Opened).then_some(one.value),
                ours: one.ours.unwrap_or_default(),
                line: one
                    .line
                    .map_or(String::new(), |line| format!("{name}.toml:{line}")),
                how,
                source: origin
                    .as_ref()
                    .map_or(String::new(), |origin| origin.source.clone()),
                field: origin
                    .as_ref()
                    .and_then(|origin| origin.theirs.clone())
                    .unwrap_or_default(),
                read: origin
                    .as_ref()
                    .and_then(|origin| {
                        let name = origin.mapping.as_deref()?.split('@').next()?;
                        Some(format!("{name}.toml:{}", origin.line?))
                    })
                    .unwrap_or_default(),
                basis: origin
                    .and_then(|origin| origin.held)
                    .map_or(String::new(), |held| held.basis),
                place: one.place,
            }
        })
        .collect()
}

/// What the header of a JWS says; the signature itself is judged by whoever trusts a key.
fn signed(jws: &str) -> Option<Signed> {
    let header = crate::signing::jws::header(jws).ok()?;
    Some(Signed {
        algorithm: header.alg,
        key: header.kid.unwrap_or_default(),
    })
}

pub(super) fn attempt(lang: Lang, row: AttemptRow) -> Attempt {
    let took = row
        .ended_at
        .map(|ended| format!("{} ms", ended.saturating_sub(row.began_at)));
    Attempt {
        number: row.number,
        phase: words::phase(lang, row.phase),
        began_at: row.began_at,
        took: took.unwrap_or_else(|| lang.t("chưa kết thúc", "not ended").to_owned()),
        status: row.status.map_or("–".to_owned(), |status| status.to_string()),
        verdict: words::verdict(lang, row.verdict.as_deref()).to_owned(),
        word: row.verdict.unwrap_or_default(),
        cause: row.cause.unwrap_or_default(),
        digest: row.digest,
    }
}

pub(super) fn touch(console: &Console, lang: Lang, row: HandRow) -> Touch {
    Touch {
        by: console.by(lang, row.account),
        release: row.release,
        at: row.at,
        leaf: row.leaf,
    }
}
