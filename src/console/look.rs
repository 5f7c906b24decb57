//! Looking at what is masked. Somebody says why and by what right; the leaf that tells of it is on disk before anything is opened.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::form::Form;
use super::gate::{self, Person, Said};
use super::hand::reason;
use super::lang::Lang;
use super::page::{self, Notice, Page};
use super::trace::flatten;
use super::{Console, dossier, exchange, words};
use crate::accounts::Role;
use crate::model::{Dossier, Origin};
use crate::store::{Seen, StoreError, Wanted};
use crate::translate::Translator;
use crate::upkeep::Doer;

/// The roles that may open what is masked.
pub(super) const LOOKS: &[Role] = &[Role::Auditor, Role::ProtectionDesk];
/// The most bytes of a document that are shown.
const LONGEST: usize = 64 << 10;
/// The most facts of a dossier that are shown.
const MOST: usize = 2_000;

/// What the record calls an account of the console, so that no system and no program has its name.
pub(super) const ACCOUNT: &str = "account/";

/// What a look may rest on: its word in the record, and what people read.
const BASES: [(&str, &str, &str); 5] = [
    (
        "inspection",
        "Thanh tra, kiểm tra, kiểm toán theo quyết định",
        "An inspection or audit under a decision",
    ),
    (
        "complaint",
        "Giải quyết khiếu nại, tố cáo, phản ánh",
        "A complaint or a denunciation",
    ),
    (
        "subject-request",
        "Yêu cầu của chính chủ thể dữ liệu (Luật 91/2025)",
        "The data subject asked for it (Law 91/2025)",
    ),
    (
        "proceedings",
        "Yêu cầu của cơ quan tiến hành tố tụng",
        "A court or an investigating body asked for it",
    ),
    (
        "incident",
        "Xử lý sự cố trao đổi hồ sơ",
        "Mending an exchange that failed",
    ),
];

/// The form of a look.
pub(super) struct Ask {
    /// The page that it opens.
    pub(super) path: String,
    pub(super) bases: Vec<Basis>,
}

/// One of the grounds that a look may rest on.
pub(super) struct Basis {
    pub(super) word: &'static str,
    pub(super) text: &'static str,
}

/// A document that was opened, as text.
pub(super) struct Paper {
    pub(super) name: String,
    pub(super) text: String,
    /// Bytes that are not shown.
    pub(super) more: u64,
}

/// A dossier that was opened.
pub(super) struct Opened {
    /// The leaf that tells of it.
    pub(super) leaf: u64,
    pub(super) facts: Vec<Fact>,
    /// Facts that are not shown.
    pub(super) more: u64,
    pub(super) papers: Vec<Paper>,
}

/// A fact of a dossier, and where it came from.
pub(super) struct Fact {
    pub(super) path: String,
    pub(super) value: String,
    pub(super) how: &'static str,
    pub(super) source: String,
    pub(super) field: String,
    pub(super) basis: String,
}

/// The form of a look at a page, for those who may.
pub(super) fn ask(person: &Person, path: &str) -> Option<Ask> {
    let lang = person.lang;
    let basis = |&(word, vietnamese, english): &(&'static str, &'static str, &'static str)| Basis {
        word,
        text: lang.t(vietnamese, english),
    };
    person.is(LOOKS).then(|| Ask {
        path: path.to_owned(),
        bases: BASES.iter().map(basis).collect(),
    })
}

/// How a basis of the record reads; one that another door wrote stands as it is.
pub(super) fn basis(lang: Lang, word: &str) -> String {
    let known = BASES.iter().find(|(known, _, _)| *known == word);
    known.map_or_else(
        || word.to_owned(),
        |(_, vietnamese, english)| lang.t(vietnamese, english).to_owned(),
    )
}

/// Opens an exchange: its message and its answers.
pub(super) async fn exchange(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(id): Path<String>,
    Said(form): Said,
) -> Response {
    let back = format!("/console/exchanges/{id}");
    let doer = match doer(&console, &person, &form, &back) {
        Ok(doer) => doer,
        Err(refused) => return *refused,
    };
    let seen = match exchange::seen(&console, &id).await {
        Ok(Some(seen)) => seen,
        Ok(None) => return page::absent(&console, &person),
        Err(error) => return page::unanswered(&console, &person, &error),
    };
    let wanted = Wanted::Exchange(seen.row.exchange);
    match console.parts.upkeep.look(&doer, wanted).await {
        Ok(Some(look)) => exchange::opened(&console, &staying(person, back), seen, &look),
        kept => nothing(&console, &person, kept, &back),
    }
}

/// Opens a dossier: its facts, the body as it was filed, and what was said of it since.
pub(super) async fn dossier(
    State(console): State<Arc<Console>>,
    person: Person,
    Path(number): Path<String>,
    Said(form): Said,
) -> Response {
    let back = dossier::at(&number);
    let doer = match doer(&console, &person, &form, &back) {
        Ok(doer) => doer,
        Err(refused) => return *refused,
    };
    let wanted = Wanted::Dossier(number.clone());
    match console.parts.upkeep.look(&doer, wanted).await {
        Ok(Some(look)) => {
            let opened = opened(console.parts.outbound.translator(), person.lang, &look);
            dossier::answer(&console, &staying(person, back), &number, Some(opened)).await
        }
        kept => nothing(&console, &person, kept, &back),
    }
}

/// Who looks, by what right and why; the answer to somebody who may not, or does not say.
pub(super) fn doer(
    console: &Console,
    person: &Person,
    form: &Form,
    back: &str,
) -> Result<Doer, Box<Response>> {
    if !person.is(LOOKS) {
        return Err(Box::new(gate::not_allowed(console, person)));
    }
    let basis = form.said("basis");
    let basis = BASES.iter().find(|(word, _, _)| Some(*word) == basis);
    match (basis, reason(form.said("reason"))) {
        (Some((basis, _, _)), Some(reason)) => Ok(Doer {
            who: format!("{ACCOUNT}{}", person.account),
            reason: reason.to_owned(),
            basis: (*basis).to_owned(),
        }),
        (None, _) | (_, None) => Err(Box::new(unsaid(console, person, back))),
    }
}

/// The person on a page that a form made: a change of the language leads to the page itself.
pub(super) fn staying(person: Person, here: String) -> Person {
    Person { here, ..person }
}

/// The documents that a look opened whose names begin so, as text.
pub(super) fn papers(look: &Seen, begins: &str) -> Vec<Paper> {
    let wanted = look.parts.iter().filter(|(name, _)| name.starts_with(begins));
    wanted.map(|(name, bytes)| paper(name, bytes)).collect()
}

fn paper(name: &str, bytes: &[u8]) -> Paper {
    let pretty =
        serde_json::from_slice::<Value>(bytes).and_then(|value| serde_json::to_string_pretty(&value));
    let text = pretty.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned());
    let mut shown = text.len().min(LONGEST);
    while !text.is_char_boundary(shown) {
        shown -= 1;
    }
    Paper {
        name: name.to_owned(),
        more: (text.len() - shown) as u64,
        text: text[..shown].to_owned(),
    }
}

fn opened(translator: &Translator, lang: Lang, look: &Seen) -> Opened {
    let read = look.part("dossier");
    let read = read.and_then(|dossier| serde_json::from_slice::<Dossier>(dossier).ok());
    let mut facts = read
        .map(|dossier| facts(translator, lang, &dossier))
        .unwrap_or_default();
    let more = facts.len().saturating_sub(MOST);
    facts.truncate(MOST);
    Opened {
        leaf: look.leaf,
        facts,
        more: more as u64,
        papers: ["filed", "news"]
            .into_iter()
            .flat_map(|name| papers(look, name))
            .collect(),
    }
}

/// Every fact that says something, with its origin.
fn facts(translator: &Translator, lang: Lang, dossier: &Dossier) -> Vec<Fact> {
    let origins = translator.origins(dossier);
    let mut places = Vec::new();
    let whole = serde_json::to_value(&dossier.facts).unwrap_or_default();
    flatten(&whole, String::new(), &mut places);
    let said = places.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(place, value)| {
        let path = path(&place);
        let origin = origins.iter().find(|(known, _)| *known == path);
        fact(lang, path, value, origin.map(|(_, origin)| origin))
    })
    .collect()
}

fn fact(lang: Lang, path: String, value: String, origin: Option<&Origin>) -> Fact {
    let held = origin.and_then(|origin| origin.held.as_ref());
    Fact {
        path,
        value,
        how: origin.map_or("", |origin| words::how(lang, origin.how)),
        source: origin.map_or(String::new(), |origin| origin.source.clone()),
        field: origin
            .and_then(|origin| origin.theirs.clone())
            .unwrap_or_default(),
        basis: held.map_or(String::new(), |held| held.basis.clone()),
    }
}

/// A pointer as the path of a fact: `/owner/papers/0/number` is `owner.papers[0].number`.
fn path(pointer: &str) -> String {
    let mut path = String::with_capacity(pointer.len());
    for step in pointer.split('/').skip(1) {
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{step}]"));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(step);
        }
    }
    path
}

fn unsaid(console: &Console, person: &Person, back: &str) -> Response {
    let lang = person.lang;
    let says = lang.t(
        "Chưa mở gì cả. Hãy chọn căn cứ và ghi lý do từ 10 ký tự.",
        "Nothing was opened. Choose by what right, and give a reason of 10 characters or more.",
    );
    notice(console, person, (StatusCode::UNPROCESSABLE_ENTITY, says), back)
}

/// Says why a look showed nothing.
pub(super) fn nothing(
    console: &Console,
    person: &Person,
    kept: Result<Option<Seen>, StoreError>,
    back: &str,
) -> Response {
    if let Err(error) = kept {
        return page::unanswered(console, person, &error);
    }
    let lang = person.lang;
    let says = lang.t(
        "Không còn gì để mở: nội dung đã bị xóa hoặc chưa từng được giữ. Lá của sổ vẫn còn.",
        "There is nothing to open: it was erased, or never kept. The leaves of the log still stand.",
    );
    notice(console, person, (StatusCode::GONE, says), back)
}

fn notice(console: &Console, person: &Person, (status, says): (StatusCode, &str), back: &str) -> Response {
    Notice {
        page: Page::new(console, person, person.lang.t("Chưa mở", "Not opened"), "search"),
        says,
        back: gate::home(Some(back)),
    }
    .answer(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_the_path_of_its_fact() {
        assert_eq!(path("/owner/papers/0/number"), "owner.papers[0].number");
        assert_eq!(path("/number"), "number");
        assert_eq!(path(""), "");
    }

    #[test]
    fn a_long_document_is_cut_between_characters_and_says_so() {
        let long = "ợ".repeat(LONGEST);
        let paper = paper("filed", long.as_bytes());
        assert_eq!(paper.text.len() as u64 + paper.more, long.len() as u64);
        assert!(paper.text.len() <= LONGEST && paper.more > 0);
        let json = super::paper("answer 1", br#"{"a":1}"#);
        assert_eq!((json.text.as_str(), json.more), ("{\n  \"a\": 1\n}", 0));
    }
}
