//! What is noted about a dossier that does not fit its procedure, in the caller's language: what, where, who acts, and how.

use serde_json::{Value, json};

use super::problem::{Flaw, Language, Wrong};
use crate::outbound::Unfit;
use crate::procedures::What;

/// What people read of one kind of remark: the flaw, and the action in Vietnamese and in English.
struct Text {
    flaw: Flaw,
    action: [&'static str; 2],
}

const CORRECT: [&str; 2] = [
    "Hệ thống sửa giá trị này ở lần gửi sau.",
    "The system corrects this value when it pushes again.",
];

fn text(what: &What) -> Text {
    let (flaw, action) = match what {
        What::MissingFact => (
            Flaw::Missing,
            [
                "Cán bộ tiếp nhận bổ sung thông tin này.",
                "The officer completes this fact.",
            ],
        ),
        What::LongFact { .. } => (Flaw::TooLong, CORRECT),
        What::MalformedFact { .. } => (Flaw::Malformed, CORRECT),
        What::UnlistedFact => (Flaw::Unlisted, CORRECT),
        What::MissingPaper { .. } => (
            Flaw::MissingPaper,
            [
                "Cán bộ tiếp nhận yêu cầu bổ sung một lần, đầy đủ.",
                "The officer asks for it, once and completely.",
            ],
        ),
        What::UnknownPaper { .. } => (
            Flaw::UnknownPaper,
            [
                "Hệ thống gửi mã giấy tờ theo danh mục quốc gia.",
                "The system sends the paper's code of the national catalogue.",
            ],
        ),
        What::NeedlessPaper { .. } => (
            Flaw::NeedlessPaper,
            [
                "Lần sau không yêu cầu giấy tờ này.",
                "Do not ask for this paper next time.",
            ],
        ),
        What::AskedAgain { .. } => (
            Flaw::AskedAgain,
            [
                "Khai thác dữ liệu thay cho giấy tờ, hoặc nêu mã lý do trong yêu cầu bổ sung.",
                "Use the data instead of the paper, or give a reason code in the request.",
            ],
        ),
        What::Channel => (
            Flaw::NotOffered,
            [
                "Kiểm tra kênh tiếp nhận mà hệ thống gửi.",
                "Check the channel that the system sends.",
            ],
        ),
        What::UnknownFee | What::OtherAmount { .. } => (
            if *what == What::UnknownFee {
                Flaw::UnknownFee
            } else {
                Flaw::OtherAmount
            },
            [
                "Cán bộ kiểm tra khoản thu theo quy định của tỉnh.",
                "The officer checks the money against the province's rules.",
            ],
        ),
    };
    Text { flaw, action }
}

/// The further members of a remark: codes, laws and amounts. Never a value of the dossier.
fn members(what: &What) -> Vec<(&'static str, Value)> {
    match what {
        What::MissingFact | What::UnlistedFact | What::Channel | What::UnknownFee => Vec::new(),
        What::LongFact { max } => vec![("max", json!(max))],
        What::MalformedFact { form } => vec![("pattern", json!(form.pattern()))],
        What::MissingPaper { code } | What::UnknownPaper { code } => vec![("code", json!(code))],
        What::NeedlessPaper { code, basis } | What::AskedAgain { code, basis } => {
            vec![("code", json!(code)), ("basis", json!(basis.to_string()))]
        }
        What::OtherAmount { due } => vec![("due", json!(due))],
    }
}

/// A remark as it is shown with its dossier.
pub(super) fn document(unfit: &Unfit, language: Language) -> Value {
    let what = &unfit.remark.what;
    let Text { flaw, action } = text(what);
    let action = match language {
        Language::Vietnamese => action[0],
        Language::English => action[1],
    };
    let mut document = json!({
        "what": what.word(),
        "pointer": unfit.pointer,
        "fact": unfit.remark.path,
        "detail": flaw.text(language),
        "owner": what.owner().word(),
        "action": action,
    });
    for (name, value) in members(what) {
        document[name] = value;
    }
    document
}

/// A remark as one place of the problem that refuses its dossier.
pub(super) fn wrong(unfit: &Unfit) -> Wrong {
    let what = &unfit.remark.what;
    let wrong = Wrong::new(unfit.pointer.as_str(), text(what).flaw).with("fact", unfit.remark.path.as_str());
    members(what)
        .into_iter()
        .fold(wrong, |wrong, (name, value)| wrong.with(name, value))
}
