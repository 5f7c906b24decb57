//! What an operator says of a callback or a payment that waits for one: the pages of both, and the forms on them.

mod callback;
mod payment;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

pub(super) use callback::{
    at as at_callback, hand as rule_callback, look as look_callback, show as callback,
};
pub(super) use payment::{at as at_payment, hand as rule_payment, show as payment};

use super::Console;
use super::gate::Person;
use super::lang::Lang;
use super::page::{self, Notice, Page};
use super::words;
use crate::store::{RulingEnd, RulingRow, StoreError};

/// A ruling in the reader's words.
struct Ruled {
    by: String,
    says: &'static str,
    at: i64,
    leaf: u64,
}

fn ruled(console: &Console, lang: Lang, row: &RulingRow) -> Ruled {
    Ruled {
        by: console.by(lang, row.account),
        says: words::ruling(lang, &row.word),
        at: row.at,
        leaf: row.leaf,
    }
}

/// The page itself where it was done; else why not.
fn ended(console: &Console, person: &Person, end: Result<RulingEnd, StoreError>, back: &str) -> Response {
    let lang = person.lang;
    let says = match end {
        Ok(RulingEnd::Done) => return Redirect::to(&format!("{back}?done")).into_response(),
        Ok(RulingEnd::WrongState) => lang.t(
            "Không còn chờ người xử lý: đã đi tiếp hoặc đã có người quyết.",
            "It waits for nobody any more: it has moved on, or somebody decided.",
        ),
        Ok(RulingEnd::NoDossier) => lang.t(
            "Không có hồ sơ mang số này ở đây, hoặc phản hồi không nêu số hồ sơ.",
            "No dossier of that number is here, or the callback names none.",
        ),
        Ok(RulingEnd::NoSystem) => lang.t(
            "Không có hệ thống của tỉnh mang tên này.",
            "No provincial system has that name.",
        ),
        Err(error) => return page::unanswered(console, person, &error),
    };
    notice(console, person, (StatusCode::CONFLICT, says), back)
}

fn unsaid(console: &Console, person: &Person, back: &str) -> Response {
    let says = person.lang.t(
        "Chưa làm gì cả. Hãy chọn việc cần làm, điền điều nó cần và ghi lý do từ 10 ký tự.",
        "Nothing was done. Choose what is to be done, say what it needs, and give a reason of 10 characters or more.",
    );
    notice(console, person, (StatusCode::UNPROCESSABLE_ENTITY, says), back)
}

fn notice(console: &Console, person: &Person, (status, says): (StatusCode, &str), back: &str) -> Response {
    Notice {
        page: Page::new(
            console,
            person,
            person.lang.t("Chưa thực hiện", "Not done"),
            "queues",
        ),
        says,
        back,
    }
    .answer(status)
}
