//! The officers of a system, in whose name the state is asked: each with their own identity number, or not at all.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::model::{Dossier, compare};

/// An officer.
#[derive(Clone, PartialEq, Eq)]
pub struct Officer {
    /// The account in the local system.
    pub account: String,
    /// The officer's own identity number, 12 digits.
    pub number: String,
    /// The name, as steps carry it.
    pub name: String,
    /// The agency's identifier.
    pub agency: String,
    /// The telephone number.
    pub phone: Option<String>,
}

/// The account only: an officer is a person too.
impl fmt::Debug for Officer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Officer({})", self.account)
    }
}

/// The officers of one system.
#[derive(Clone, Debug, Default)]
pub struct Officers {
    default: Option<String>,
    all: BTreeMap<String, Officer>,
}

/// Why a file of officers cannot be used. It never says what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOfficers {
    /// It is not TOML of that form.
    #[error("the officers' file cannot be read, at line {0}")]
    Form(usize),
    /// An officer without a personal number of twelve digits.
    #[error("officer `{0}` has no identity number of 12 digits: who has none is not asked for anything")]
    Number(String),
    /// The default is nobody.
    #[error("the default officer `{0}` is not among the officers")]
    Default(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    default: Option<String>,
    #[serde(default)]
    officers: BTreeMap<String, Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    number: String,
    name: String,
    agency: String,
    #[serde(default)]
    phone: Option<String>,
}

impl Officers {
    /// Reads the officers' file.
    pub fn read(text: &str) -> Result<Self, BadOfficers> {
        let page: Page = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start).min(text.len());
            BadOfficers::Form(
                text.as_bytes()[..start]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count()
                    + 1,
            )
        })?;
        let mut all = BTreeMap::new();
        for (account, row) in page.officers {
            let whole = row.number.len() == 12 && row.number.bytes().all(|byte| byte.is_ascii_digit());
            if !whole {
                return Err(BadOfficers::Number(account));
            }
            let Row {
                number,
                name,
                agency,
                phone,
            } = row;
            let officer = Officer {
                account: account.clone(),
                number,
                name,
                agency,
                phone,
            };
            all.insert(account, officer);
        }
        match page.default {
            Some(default) if !all.contains_key(&default) => Err(BadOfficers::Default(default)),
            default => Ok(Self { default, all }),
        }
    }

    /// The officer of that account.
    pub fn named(&self, account: &str) -> Option<&Officer> {
        self.all.get(account)
    }

    /// Who has the dossier in hand: the officer of its latest step that is one of these, else the default. Steps carry an
    /// account or a name.
    pub fn of(&self, dossier: &Dossier) -> Option<&Officer> {
        let mut steps: Vec<_> = dossier.facts.steps.iter().collect();
        steps.sort_by_key(|step| step.at);
        let named = steps
            .iter()
            .rev()
            .find_map(|step| self.known(step.officer.as_deref()?));
        named.or_else(|| self.named(self.default.as_deref()?))
    }

    fn known(&self, said: &str) -> Option<&Officer> {
        self.named(said).or_else(|| {
            self.all
                .values()
                .find(|officer| compare::text(said, &officer.name).holds())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Step, Time, sample};

    const PAGE: &str = r#"
default = "motcua"
[officers.motcua]
number = "099185000058"
name = "Cán Bộ Thử"
agency = "H99.10"
[officers."tp.01"]
number = "099185000059"
name = "Trưởng Phòng Mẫu"
agency = "H99.10"
phone = "0900000001"
"#;

    #[test]
    fn the_latest_steps_officer_asks_else_the_default() {
        let officers = Officers::read(PAGE).unwrap();
        let mut dossier = sample::dossier(1, 1);
        dossier.facts.steps.clear();
        let account = |dossier: &Dossier| officers.of(dossier).map(|officer| officer.account.clone());
        assert_eq!(account(&dossier).as_deref(), Some("motcua"));
        let step = |officer: &str, at| Step {
            officer: Some(officer.to_owned()),
            at: Some(Time::at(at)),
            ..Step::default()
        };
        dossier.facts.steps = vec![step("TRƯỞNG PHÒNG MẪU", 2), step("Cán Bộ Thử", 1)];
        assert_eq!(account(&dossier).as_deref(), Some("tp.01"));
        dossier.facts.steps = vec![step("Người Lạ", 3), step("motcua", 1)];
        assert_eq!(account(&dossier).as_deref(), Some("motcua"));
    }

    #[test]
    fn nobody_asks_without_a_number_of_their_own_and_no_error_shows_one() {
        for (number, wrong) in [
            ("", true),
            ("99185000058", true),
            ("G15-TP110", true),
            ("099185000058", false),
        ] {
            let text = format!("[officers.a]\nnumber = \"{number}\"\nname = \"A\"\nagency = \"H99\"");
            let read = Officers::read(&text);
            assert_eq!(read.is_err(), wrong, "{number}");
            assert!(!format!("{read:?}").contains("99185000058"));
        }
        assert_eq!(
            Officers::read("default = \"x\"").unwrap_err(),
            BadOfficers::Default("x".into())
        );
        assert_eq!(
            Officers::read("\n[officers.a]\nnumber = 099185000058").unwrap_err(),
            BadOfficers::Form(3)
        );
    }
}
