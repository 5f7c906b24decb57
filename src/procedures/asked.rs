//! What one procedure asks for, costs and yields, and where each fact of it may be reused from.

use super::law::Basis;
use crate::model::codes::{Channel, FeeKind, SubjectKind};
use crate::model::{Kind, Path};

/// One procedure, as its file in `mappings/procedures/` says.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// Its national code, `d.dddddd`.
    pub code: String,
    /// The version of its file.
    pub version: u32,
    /// Its name, as the portal's catalogue has it.
    pub name: String,
    /// Where the facts of its file come from.
    pub follows: String,
    /// Which of them are a guess, if any are.
    pub guessed: Option<String>,
    /// Whether a dossier that does not fit it is refused; otherwise that is only noted.
    pub strict: bool,
    /// The field of procedures.
    pub field: Coded,
    /// The agency that published it.
    pub agency: String,
    /// Who decides.
    pub competent: Competent,
    /// The levels it is carried out at (portal.md §4.6).
    pub levels: Vec<u32>,
    /// How it may be filed.
    pub channels: Vec<Channel>,
    /// How long it takes, where the catalogue says so.
    pub term: Option<Term>,
    /// The laws it stands on, by their numbers.
    pub basis: Vec<String>,
    /// What its form asks for, in order.
    pub asks: Vec<Ask>,
    /// The papers it takes.
    pub papers: Vec<Paper>,
    /// What it costs.
    pub fees: Vec<Due>,
    /// What comes out; the first is the main result.
    pub results: Vec<Coded>,
    /// What it is registered as with a register of the state, where it is.
    pub registers: Option<Registered>,
    /// What may be reused.
    pub rules: Vec<Rule>,
}

/// What a dossier is registered as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The register, by its wire.
    pub wire: String,
    /// Which of the mappings of its partner writes it.
    pub mapping: String,
}

impl Registered {
    /// Reads `wire/mapping`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (wire, mapping) = text.split_once('/')?;
        let whole = !wire.is_empty() && !mapping.is_empty();
        whole.then(|| Self {
            wire: wire.to_owned(),
            mapping: mapping.to_owned(),
        })
    }
}

/// A code and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

/// Who decides on a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Competent {
    /// Its level: 0 ministry, 1 province, 3 commune. There is no district since 1 July 2025.
    pub level: u32,
    /// What it is called.
    pub name: String,
}

/// How long a procedure takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The number.
    pub length: Length,
    /// The time of day from which a filing counts from the next working day, `15:00`.
    pub cutoff: Option<String>,
}

/// A length of working time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Working days.
    Days(u32),
    /// Working hours.
    Hours(u32),
}

/// One question of a form.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The path of the dossier's fact, or the name of the form's own field.
    pub path: String,
    /// The fact's path, compiled; none for a field that only the form has.
    pub fact: Option<Path>,
    /// What kind of value it takes.
    pub kind: Kind,
    /// What it is called, in Vietnamese and in English.
    pub title: [String; 2],
    /// Whether it must be answered.
    pub required: bool,
    /// The most characters.
    pub max: Option<u32>,
    /// The form of its text.
    pub form: Option<Form>,
    /// The words it may be answered with, each with its Vietnamese text; empty where any word of its kind will do.
    pub words: Vec<(String, String)>,
    /// Of which owners it is asked; empty: of all.
    pub owners: Vec<SubjectKind>,
}

/// The form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A personal number of twelve digits.
    Identity,
    /// An enterprise's code: ten digits, a branch has three more.
    Enterprise,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
}

/// One paper (thành phần hồ sơ).
#[derive(Clone, Debug)]
pub struct Paper {
    /// Its code in the catalogue (`MAGIAYTO`).
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many originals.
    pub originals: u32,
    /// How many copies.
    pub copies: u32,
    /// Whether every dossier needs it; otherwise only some cases do.
    pub required: bool,
    /// Whether it is shown at the desk and taken home again.
    pub shown: bool,
    /// The code of the result that may stand for it (`MA_KQ_THAYTHE`).
    pub replaced_by: Option<String>,
    /// The channels it is asked in; empty: all.
    pub channels: Vec<Channel>,
    /// Of which owners it is asked; empty: of all.
    pub owners: Vec<SubjectKind>,
}

/// Money that is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// Charge or fee.
    pub kind: FeeKind,
    /// Its name.
    pub name: String,
    /// Whole đồng; none where a province decides.
    pub amount: Option<u32>,
    /// The channels it is due in; empty: all.
    pub channels: Vec<Channel>,
}

/// A rule of reuse: which national service may be asked about whom, and what its answer is good for.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The service, `population/citizen`.
    pub asks: String,
    /// Whose identity is asked with: `owner`, `submitter`, or somebody whom the form names.
    pub subject: String,
    /// Of which owners it holds; empty: of all.
    pub owners: Vec<SubjectKind>,
    /// The fact sets that may be delivered, and nothing else.
    pub sets: Vec<String>,
    /// Questions of the form, each with the held path that answers it where it is empty.
    pub fills: Vec<(String, String)>,
    /// Questions of the form, each with the held path that its answer is compared with.
    pub verifies: Vec<(String, String)>,
    /// Codes of the papers that need not be brought.
    pub replaces: Vec<String>,
    /// The rows of the laws it stands on; any of them carries it.
    pub bases: Vec<Basis>,
    /// The line of its file.
    pub line: u32,
}

impl Form {
    /// All of them, with their words.
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("identity", Self::Identity),
        ("enterprise", Self::Enterprise),
        ("phone", Self::Phone),
        ("email", Self::Email),
    ];

    /// As a pattern of JSON Schema.
    #[must_use]
    pub const fn pattern(self) -> &'static str {
        match self {
            Self::Identity => "^[0-9]{12}$",
            Self::Enterprise => "^[0-9]{10}(-?[0-9]{3})?$",
            Self::Phone => "^\\+?[0-9][0-9 .-]{6,18}[0-9]$",
            Self::Email => "^[^@\\s]+@[^@\\s]+$",
        }
    }

    /// Whether a text has this form: what [`Form::pattern`] says.
    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Identity => text.len() == 12 && digits(text),
            Self::Enterprise => match text.split_at_checked(10) {
                Some((head, "")) => digits(head),
                Some((head, tail)) => {
                    let tail = tail.strip_prefix('-').unwrap_or(tail);
                    digits(head) && tail.len() == 3 && digits(tail)
                }
                None => false,
            },
            Self::Phone => {
                let number = text.strip_prefix('+').unwrap_or(text);
                let inner = |byte: u8| byte.is_ascii_digit() || b" .-".contains(&byte);
                let ends = [number.bytes().next(), number.bytes().next_back()];
                (8..=20).contains(&number.len())
                    && number.bytes().all(inner)
                    && ends.iter().flatten().all(u8::is_ascii_digit)
            }
            Self::Email => text.split_once('@').is_some_and(|(name, host)| {
                let free = |part: &str| !part.is_empty() && !part.contains(['@', ' ', '\t', '\n', '\r']);
                free(name) && free(host)
            }),
        }
    }
}

impl Procedure {
    /// A paper by its code.
    #[must_use]
    pub fn paper(&self, code: &str) -> Option<&Paper> {
        self.papers.iter().find(|paper| paper.code == code)
    }

    /// A question by its path.
    #[must_use]
    pub fn ask(&self, path: &str) -> Option<&Ask> {
        self.asks.iter().find(|ask| ask.path == path)
    }
}

/// Whether something that is asked of some only is asked of this one; of one that is not known, whatever is asked of all.
pub(super) fn asked_of<T: PartialEq>(some: &[T], one: Option<&T>) -> bool {
    some.is_empty() || one.is_some_and(|one| some.contains(one))
}
