//! The table that reads answers: code and text, because the portal can be understood by neither alone (§8.8).

use serde::Deserialize;
use wire::text::fold;

/// One row about answers. Rows are tested in order; the first that fits decides.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Row {
    /// Services of the wire; none means any.
    pub services: Vec<String>,
    /// Values of `error_code`; none means any.
    pub codes: Vec<i64>,
    /// Texts of which `message` must hold one, whatever their case and composition; `*` stands for anything
    /// between two parts. None means any text.
    pub contains: Vec<String>,
    /// What the answer means.
    pub outcome: Outcome,
}

impl Row {
    pub(crate) fn is_blank(&self) -> bool {
        self.contains.iter().any(|text| parts(text).is_empty())
    }
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The portal took it, or answered.
    Done,
    /// The portal has this dossier already: it goes again as an update.
    Exists,
    /// The portal does not have this dossier: it goes again as a create.
    Absent,
    /// The session is gone: log in and repeat.
    Login,
    /// Not taken, to be sent again later.
    Retry,
    /// Not taken, and a person must act.
    Person,
    /// Nobody can tell.
    #[default]
    Unclear,
}

/// Dossiers.
pub(crate) const DOSSIER: &str = "DongBoHoSoMC";
/// Steps.
pub(crate) const STEPS: &str = "CapNhatTienDoHoSoMC";
const ANY: Texts = &[];
const PUSHES: Texts = &[DOSSIER, STEPS];
const UNKNOWN: Texts = &[
    "hồ sơ*không tồn tại",
    "hồ sơ*chưa tồn tại",
    "không tìm thấy hồ sơ",
    "chưa có hồ sơ",
];
const SESSION: Texts = &[
    "phiên làm việc",
    "phiên đăng nhập",
    "phiên*hết hạn",
    "phiên không hợp lệ",
    "phiên không tồn tại",
    "chưa đăng nhập",
    "đăng nhập lại",
    "invalid session",
    "session*expired",
    "session*hết hạn",
    "session*không",
    "invalid token",
    "token*expired",
    "token*hết hạn",
    "unauthorized",
];
/// Whole phrases: a procedure's name may hold "bảo trì" or "xe quá tải trọng".
const BUSY: Texts = &[
    "đang quá tải",
    "hệ thống quá tải",
    "đang bảo trì",
    "hệ thống bảo trì",
    "too many requests",
];
const TROUBLE: Texts = &[
    "lỗi hệ thống",
    "hệ thống*lỗi",
    "bị gián đoạn",
    "vui lòng thử lại",
    "thử lại sau",
    "lỗi trong quá trình",
    "hết thời gian chờ",
    "server error",
    "soap fault",
    "timeout",
    "timed out",
];
const HOLLOW: Texts = &[
    "không thành công",
    "chưa thành công",
    "thành công 0/",
    "thành công 0 hồ sơ",
    "thất bại",
    "lỗi",
];

type Texts = &'static [&'static str];
/// Services, codes, texts, and what they mean together.
type Shipped = (Texts, &'static [i64], Texts, Outcome);

/// The shipped rows. Documented are only `0`, `3`, `-3`, `-1`, `thành công` and `đã tồn tại` (§1.5); the other
/// texts are those of neighbouring services (§3.4, §3.5) or plain Vietnamese, and err towards unclear.
const SHIPPED: [Shipped; 9] = [
    // The text goes before the code here: the portal says it with 0, too.
    (&[DOSSIER], &[0, 3, -3], &["đã tồn tại"], Outcome::Exists),
    (&[DOSSIER], &[], UNKNOWN, Outcome::Absent),
    (&[STEPS], &[], UNKNOWN, Outcome::Person),
    (ANY, &[], SESSION, Outcome::Login),
    (ANY, &[], BUSY, Outcome::Retry),
    // Words of a system in trouble say nothing about what it had written before.
    (ANY, &[], TROUBLE, Outcome::Unclear),
    // "Không thành công" holds "thành công"; so may "thành công 0/1 hồ sơ".
    (ANY, &[0], HOLLOW, Outcome::Unclear),
    (PUSHES, &[0], &["thành công"], Outcome::Done),
    (ANY, &[-1], &[], Outcome::Person),
];

/// The rows of a site, made ready for reading.
pub(crate) struct Table(Vec<Line>);

struct Line {
    services: Vec<String>,
    codes: Vec<i64>,
    contains: Vec<Vec<String>>,
    outcome: Outcome,
}

impl Table {
    pub(crate) fn new(own: &[Row], shipped: bool, needs_text: bool) -> Self {
        let mut lines: Vec<Line> = own.iter().map(Line::own).collect();
        if shipped {
            lines.extend(SHIPPED.iter().map(Line::shipped));
            if needs_text {
                lines.push(Line::shipped(&(PUSHES, &[0], &[], Outcome::Unclear)));
            }
            lines.push(Line::shipped(&(ANY, &[0], &[], Outcome::Done)));
        }
        Table(lines)
    }

    /// The outcome of the first row that fits; none where nothing is known about such an answer.
    pub(crate) fn outcome(&self, service: &str, code: i64, text: &str) -> Option<Outcome> {
        let text = fold(text);
        self.0
            .iter()
            .find(|line| line.fits(service, code, &text))
            .map(|line| line.outcome)
    }
}

impl Line {
    fn own(row: &Row) -> Self {
        Line {
            services: row.services.clone(),
            codes: row.codes.clone(),
            contains: row.contains.iter().map(|text| parts(text)).collect(),
            outcome: row.outcome,
        }
    }

    fn shipped((services, codes, contains, outcome): &Shipped) -> Self {
        Line {
            services: services.iter().map(|service| (*service).to_owned()).collect(),
            codes: codes.to_vec(),
            contains: contains.iter().map(|text| parts(text)).collect(),
            outcome: *outcome,
        }
    }

    fn fits(&self, service: &str, code: i64, folded: &str) -> bool {
        let service = self.services.is_empty() || self.services.iter().any(|name| name == service);
        let code = self.codes.is_empty() || self.codes.contains(&code);
        service
            && code
            && (self.contains.is_empty() || self.contains.iter().any(|parts| holds(folded, parts)))
    }
}

/// The folded parts of a text between its `*`.
fn parts(text: &str) -> Vec<String> {
    text.split('*')
        .map(fold)
        .filter(|part| !part.is_empty())
        .collect()
}

/// Whether the parts stand in the text, in their order.
fn holds(folded: &str, parts: &[String]) -> bool {
    let mut rest = Some(folded);
    for part in parts {
        rest = rest
            .and_then(|rest| rest.split_once(part.as_str()))
            .map(|(_, after)| after);
    }
    rest.is_some()
}
