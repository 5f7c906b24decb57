//! Code lists with validity dates: our words ⇄ theirs, in general and per site; administrative units, agencies, procedures
//! and ethnicities, whose codes say nothing without their list and their day. Pure: texts in, lists out.

mod agency;
mod coded;
mod compile;
mod ethnicity;
mod procedure;
pub mod units;

pub use agency::{AgencyFound, AgencyId, ListedAgency, Standing};
pub use coded::{Coded, NotExchanged};
pub use ethnicity::{BY_NAME, Unsettled};
pub use procedure::ProcedureCode;
pub use units::{Level, UnitCode, Units};

use std::collections::HashMap;

use crate::model::{CodeLists, Day, Diagnostic};

/// All code lists, compiled.
#[derive(Debug, Default)]
pub struct Codes {
    lists: HashMap<String, List>,
}

/// One code list.
#[derive(Debug, Default)]
struct List {
    /// The closed set of our words it speaks of.
    set: Option<String>,
    /// The clause it follows.
    follows: String,
    ours: HashMap<String, Vec<Row>>,
    theirs: HashMap<String, Vec<Row>>,
    /// Words that it does not have, each with a reason: ours, then theirs.
    omitted: [HashMap<String, String>; 2],
    /// Words of theirs that say nothing, each with what is said instead.
    silent: HashMap<String, String>,
    /// The sites that have rows of their own.
    sites: Vec<String>,
}

/// What a word means, where and when.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    word: String,
    site: Option<String>,
    from: Option<Day>,
    /// The first day it no longer holds.
    until: Option<Day>,
    /// What people call it.
    name: Option<Box<str>>,
}

impl Codes {
    /// Compiles the texts of code lists, each with the name diagnostics give its file.
    ///
    /// # Errors
    /// Every mistake in all of them.
    pub fn compile<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, Vec<Diagnostic>> {
        let mut codes = Self::default();
        let mut mistakes = Vec::new();
        for (file, text) in files {
            if let Some((name, list)) = compile::list(file, text, &mut mistakes)
                && codes.lists.insert(name.clone(), list).is_some()
            {
                mistakes.push(Diagnostic::at(
                    file,
                    text,
                    &(0..0),
                    format!("there is a list `{name}` already"),
                ));
            }
        }
        if mistakes.is_empty() {
            Ok(codes)
        } else {
            Err(mistakes)
        }
    }

    /// Why a list does not have one of our words, if it says so.
    #[must_use]
    pub fn omits(&self, list: &str, ours: &str) -> Option<&str> {
        self.lists.get(list)?.omitted[0].get(ours).map(String::as_str)
    }

    /// Why a list refuses one of their words, if it says so.
    #[must_use]
    pub fn refuses(&self, list: &str, theirs: &str) -> Option<&str> {
        self.lists.get(list)?.omitted[1].get(theirs).map(String::as_str)
    }

    /// The clause a list follows.
    #[must_use]
    pub fn follows(&self, list: &str) -> Option<&str> {
        self.lists.get(list).map(|list| list.follows.as_str())
    }
}

impl CodeLists for Codes {
    fn read(&self, list: &str, site: &str, theirs: &str, on: Day) -> Option<&str> {
        let rows = self.lists.get(list)?.theirs.get(theirs)?;
        rows.iter()
            .find(|row| row.is_of(site) && row.holds(on))
            .or_else(|| general(rows, on))
            .map(|row| &*row.word)
    }

    fn write(&self, list: &str, site: &str, ours: &str, on: Day) -> Option<&str> {
        let list = self.lists.get(list)?;
        let rows = list.ours.get(ours)?;
        if !list.sites.iter().any(|own| own == site) {
            return general(rows, on).map(|row| &*row.word);
        }
        if let Some(row) = rows.iter().find(|row| row.is_of(site) && row.holds(on)) {
            return Some(&row.word);
        }
        // A general row is gone where the site gives its word of theirs another meaning.
        let taken = |row: &&Row| {
            let others = list.theirs.get(&row.word).map_or(&[][..], Vec::as_slice);
            others
                .iter()
                .any(|other| other.is_of(site) && other.holds(on) && other.word != ours)
        };
        rows.iter()
            .filter(|row| row.site.is_none() && row.holds(on))
            .find(|row| !taken(row))
            .map(|row| &*row.word)
    }

    fn silent(&self, list: &str, theirs: &str) -> bool {
        self.lists
            .get(list)
            .is_some_and(|list| list.silent.contains_key(theirs))
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.lists.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn set(&self, list: &str) -> Option<&str> {
        self.lists.get(list)?.set.as_deref()
    }
}

impl Row {
    fn is_of(&self, site: &str) -> bool {
        self.site.as_deref() == Some(site)
    }

    fn holds(&self, on: Day) -> bool {
        self.from.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on < until)
    }

    /// True when both can hold at once in the same place.
    fn meets(&self, other: &Self) -> bool {
        let before = |one: &Self, other: &Self| match (one.until, other.from) {
            (Some(until), Some(from)) => until <= from,
            (None, _) | (_, None) => false,
        };
        self.site == other.site && !before(self, other) && !before(other, self)
    }
}

fn general(rows: &[Row], on: Day) -> Option<&Row> {
    rows.iter().find(|row| row.site.is_none() && row.holds(on))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shipped lists, compiled.
    pub(super) fn shipped() -> Codes {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/codes");
        let read = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.unwrap().path();
            (path.display().to_string(), std::fs::read_to_string(path).unwrap())
        };
        let files: Vec<(String, String)> = std::fs::read_dir(folder).unwrap().map(read).collect();
        let codes = Codes::compile(files.iter().map(|(file, text)| (&**file, &**text)));
        codes.unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
    }

    const LIST: &str = r#"
list = "status"
ours = "fee-kind"
follows = "a test"
[rows]
charge = ["1", "01"]
[[row]]
ours = "fee"
theirs = "2"
until = "2025-07-01"
[[row]]
ours = "fee"
theirs = "3"
from = "2025-07-01"
[site.north.rows]
charge = "9"
[site.south.rows]
fee = "1"
"#;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn rows_hold_on_their_days_and_a_site_speaks_first() {
        let codes = Codes::compile([("status.toml", LIST)]).unwrap();
        let (before, after) = (day("2025-06-30"), day("2025-07-01"));
        assert_eq!(codes.write("status", "", "fee", before), Some("2"));
        assert_eq!(codes.write("status", "", "fee", after), Some("3"));
        assert_eq!(codes.read("status", "", "2", after), None);
        assert_eq!(codes.read("status", "", "01", after), Some("charge"));
        assert_eq!(codes.write("status", "", "charge", after), Some("1"));
        assert_eq!(codes.write("status", "north", "charge", after), Some("9"));
        assert_eq!(codes.read("status", "south", "1", after), Some("fee"));
        assert_eq!(
            codes.write("status", "south", "charge", after),
            Some("01"),
            "their 1 means fee there"
        );
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = r#"
list = "status"
ours = "fee-kind"
follows = "a test"
[rows]
chrage = "1"
fee = "1"
[[row]]
ours = "fee"
theirs = "x"
from = "2025-02-30"
"#;
        let mistakes = Codes::compile([("codes/status.toml", text)]).unwrap_err();
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(
            told.join("\n"),
            "codes/status.toml:3:8\n   ours = \"fee-kind\"\n          ^^^^^^^^^^ nothing is said of `charge`: give it a row or a reason under [omit.ours]\n\
             codes/status.toml:6:1\n   chrage = \"1\"\n   ^^^^^^ fee-kind has no word `chrage`; it has `charge`\n\
             codes/status.toml:7:7\n   fee = \"1\"\n         ^^^ their `1` means `chrage` already\n\
             codes/status.toml:11:8\n   from = \"2025-02-30\"\n          ^^^^^^^^^^^^ no such day; write \"2025-07-01\""
        );
    }

    /// What a list calls our word on a day of 2026, and what its silence is.
    fn meaning<'c>(codes: &'c Codes, list: &str, theirs: &str) -> Result<&'c str, NotExchanged> {
        codes.meaning(&Coded::new(list, theirs, day("2026-01-15")), "")
    }

    #[test]
    fn five_sets_of_genders_are_told_apart_by_their_lists() {
        let codes = shipped();
        let silent = |list: &str| Err(NotExchanged::Silent(list.to_owned()));
        let unknown = |list: &str| Err(NotExchanged::Unknown(list.to_owned()));
        for (list, zero, one, two, three) in [
            (
                "population-gender",
                silent("population-gender"),
                Ok("male"),
                Ok("female"),
                Ok("undetermined"),
            ),
            (
                "civil-status-gender",
                unknown("civil-status-gender"),
                Ok("male"),
                Ok("female"),
                Ok("undetermined"),
            ),
            (
                "social-insurance-gender",
                unknown("social-insurance-gender"),
                Ok("male"),
                Ok("female"),
                Ok("other"),
            ),
            (
                "criminal-record-1-gender",
                Ok("female"),
                Ok("male"),
                unknown("criminal-record-1-gender"),
                unknown("criminal-record-1-gender"),
            ),
            (
                "criminal-record-gender",
                unknown("criminal-record-gender"),
                Ok("male"),
                Ok("female"),
                unknown("criminal-record-gender"),
            ),
        ] {
            let found = ["0", "1", "2", "3"].map(|code| meaning(&codes, list, code));
            assert_eq!(found, [zero, one, two, three], "{list}");
        }
    }

    #[test]
    fn one_number_is_another_paper_in_each_list() {
        let codes = shipped();
        for (code, civil, first, portal) in [
            ("1", "old-id", "old-id", "citizen-id"),
            ("2", "passport", "residence-card", "old-id"),
            ("3", "residence-card", "citizen-id", ""),
            ("4", "citizen-id", "", ""),
        ] {
            let found = [
                "civil-status-identity-paper",
                "criminal-record-1-identity-paper",
                "portal-identity-paper",
            ]
            .map(|list| meaning(&codes, list, code).unwrap_or_default());
            assert_eq!(found, [civil, first, portal], "{code}");
        }
        assert_eq!(
            meaning(&codes, "criminal-record-1-identity-paper", "0"),
            Ok("passport")
        );
        let none = meaning(&codes, "civil-status-identity-paper", "0");
        assert_eq!(
            none,
            Err(NotExchanged::Silent("civil-status-identity-paper".to_owned()))
        );
        assert!(codes.refuses("civil-status-identity-paper", "10").is_some());
        let card = Coded::new("civil-status-identity-paper", "4", day("2026-01-15"));
        let exchanged = codes.exchange(&card, "criminal-record-1-identity-paper", "");
        assert_eq!(exchanged.map(|coded| coded.code().to_owned()), Ok("3".to_owned()));
    }

    #[test]
    fn what_else_the_population_database_numbers() {
        let codes = shipped();
        let read = |list: &str, theirs: &str| meaning(&codes, list, theirs).unwrap_or("nothing").to_owned();
        assert_eq!(
            ["0", "1", "2", "3"].map(|code| read("population-marital", code)),
            ["nothing", "single", "married", "divorced-or-widowed"]
        );
        assert_eq!(
            ["00", "01", "2", "04"].map(|code| read("population-blood", code)),
            ["nothing", "a", "b", "o"]
        );
        assert_eq!(
            ["00", "0", "01", "1", "13", "99"].map(|code| read("population-religion", code)),
            [
                "Không",
                "Không",
                "Phật giáo",
                "Phật giáo",
                "Bà-la-môn",
                "Tôn giáo khác"
            ]
        );
        assert_eq!(read("population-relation", "CH01"), "householder");
        let on = day("2026-01-15");
        assert_eq!(
            codes.write("population-religion", "", "Phật giáo", on),
            Some("01"),
            "two digits are written"
        );
        assert_eq!(codes.read("nationality", "", "VNM", on), Some("VN"));
        assert_eq!(codes.read("nationality-name", "", "Việt Nam", on), Some("VN"));
        assert_eq!(codes.lists["nationality"].ours.len(), 249);
    }

    #[test]
    fn a_code_goes_to_another_list_only_where_both_know_it() {
        let codes = shipped();
        let coded = |list: &str, code: &str| Coded::new(list, code, day("2026-01-15"));
        let exchange = |list: &str, code: &str, into: &str| {
            codes
                .exchange(&coded(list, code), into, "")
                .map(|coded| coded.code().to_owned())
        };
        assert_eq!(
            exchange("population-gender", "2", "criminal-record-1-gender"),
            Ok("0".to_owned())
        );
        assert_eq!(
            exchange("ethnicity-1979", "04", "ethnicity-2008"),
            Ok("06".to_owned())
        );
        assert_eq!(
            exchange("population-gender", "3", "criminal-record-gender"),
            Err(NotExchanged::Unsaid {
                into: "criminal-record-gender".to_owned(),
                why: Some("the form knows two".to_owned())
            })
        );
        assert_eq!(
            exchange("population-gender", "0", "civil-status-gender"),
            Err(NotExchanged::Silent("population-gender".to_owned()))
        );
        assert_eq!(
            exchange("population-gender", "1", "population-marital"),
            Err(NotExchanged::Set {
                from: "population-gender".to_owned(),
                into: "population-marital".to_owned()
            })
        );
        assert_eq!(
            exchange("no-such", "1", "population-gender"),
            Err(NotExchanged::List("no-such".to_owned()))
        );
        assert_eq!(
            exchange("population-gender", "1", "no-such"),
            Err(NotExchanged::List("no-such".to_owned()))
        );
        let of_somebody = format!("{:?}", coded("population-religion", "01"));
        assert_eq!(of_somebody, "a code of population-religion");
    }

    #[test]
    fn what_a_list_calls_silent_has_no_row_and_a_row_has_no_strange_key() {
        let text = r#"
list = "status"
follows = "a test"
[rows]
charge = "1"
[[row]]
ours = "fee"
theirs = "2"
untl = "2025-07-01"
[silent]
"0" = "nothing"
"1" = "nothing"
"9" = ""
"#;
        let mistakes = Codes::compile([("status.toml", text)]).unwrap_err();
        let told: Vec<String> = mistakes
            .iter()
            .map(|mistake| format!("{} {}", mistake.line, mistake.what))
            .collect();
        assert_eq!(
            told,
            [
                "9 a row has no `untl`; it has `until`",
                "12 their `1` means `charge` already",
                "13 say what it stands for, in quotes"
            ]
        );
        let codes = Codes::compile([(
            "status.toml",
            "list = \"s\"\nfollows = \"t\"\n[silent]\n\"0\" = \"x\"\n",
        )])
        .unwrap();
        assert!(codes.silent("s", "0") && !codes.silent("s", "1") && !codes.silent("t", "0"));
    }
}
