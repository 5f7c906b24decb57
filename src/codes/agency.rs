//! Agencies by their identifiers, in both orders: `H99.12.5` of Decision 20/2020/QĐ-TTg and `000.05.12.H99` of QCVN 102:2016.
//! Only the dated table `agency` says which is which; a rule makes a guess and calls it one.

use super::{Codes, Row};
use crate::model::Day;

/// The list of agencies: ours in the form of Decision 20/2020, theirs in that of QCVN 102.
const LIST: &str = "agency";

/// How many characters an identifier of Decision 20/2020 may have.
const LONGEST: usize = 35;

/// An agency's identifier, read in either order: its level-1 code, and the numbers below it from the top down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AgencyId {
    top: String,
    below: Vec<String>,
}

/// What is known of an agency's code on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgencyFound<'c> {
    /// It stands in the table.
    Listed(ListedAgency<'c>),
    /// It does not. By the rule alone it would be this in the other form: a guess, since zeros in groups are not uniform.
    Guessed(String),
    /// It is no agency's identifier.
    NotAnId,
}

/// A row of the table of agencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAgency<'c> {
    /// As Decision 20/2020 writes it: `H99.12.5`.
    pub code: &'c str,
    /// As QCVN 102 writes it: `000.05.12.H99`.
    pub code102: &'c str,
    /// Its name, if the table has it.
    pub name: Option<&'c str>,
    /// Whether it holds on the day asked for. A code that is closed still names who it named.
    pub standing: Standing,
}

/// Whether a code holds on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Open,
    /// It no longer does, since that day.
    Closed(Day),
    /// It does not yet, until that day.
    Opens(Day),
}

impl AgencyId {
    /// Reads an identifier in either order.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        let written = written.trim();
        let sound = |group: &&str| {
            !group.is_empty()
                && group
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        };
        let groups: Vec<&str> = written.split('.').collect();
        if written.len() > LONGEST || !groups.iter().all(sound) {
            return None;
        }
        let (first, last) = (groups.first()?, groups.last()?);
        let below: Vec<&str> = if is_top(first) {
            groups[1..].to_vec()
        } else if is_top(last) && groups.len() == 4 {
            groups[..3].iter().rev().copied().collect()
        } else {
            return None;
        };
        let top = if is_top(first) { first } else { last };
        // Zero groups are places that nobody holds, zeros in front are how wide a group is written.
        let numbers = below.iter().map(|group| group.trim_start_matches('0').to_owned());
        Some(Self {
            top: (*top).to_owned(),
            below: numbers.filter(|number| !number.is_empty()).collect(),
        })
    }

    /// Its level-1 code: a ministry (`G22`), a province's committee (`H99`) or council (`K99`).
    #[must_use]
    pub fn top(&self) -> &str {
        &self.top
    }

    /// True when this agency stands at or below that one.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.top == other.top && self.below.starts_with(&other.below)
    }

    /// True of a province's own agencies, those of its committee or of its council; not of a ministry's.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.top.starts_with(['H', 'K'])
    }

    /// How far it stands below its level-1 code, in groups.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.below.len()
    }

    fn by_rule(&self, into102: bool) -> String {
        if !into102 {
            let below = self.below.iter().map(|number| format!(".{number}"));
            return self.top.clone() + &below.collect::<String>();
        }
        let number = |at: usize| self.below.get(at).map_or("0", String::as_str);
        format!(
            "{:0>3}.{:0>2}.{:0>2}.{}",
            number(2),
            number(1),
            number(0),
            self.top
        )
    }
}

impl Codes {
    /// The agency with that identifier, in either form and however its groups are padded. A code that is closed on that
    /// day is found too, with the day it was closed: old dossiers name it, and are no worse for it.
    #[must_use]
    pub fn agency(&self, written: &str, on: Day) -> AgencyFound<'_> {
        let Some(id) = AgencyId::read(written) else {
            return AgencyFound::NotAnId;
        };
        let written = written.trim();
        let exact = |text: &str| text == written;
        let padded = |text: &str| alike(text, written);
        match self.listed(exact, on).or_else(|| self.listed(padded, on)) {
            Some(listed) => AgencyFound::Listed(listed),
            None => AgencyFound::Guessed(id.by_rule(written.starts_with(id.top()))),
        }
    }

    /// The row with such a code, the one that holds first, else the one nearest to the day.
    fn listed(&self, is: impl Fn(&str) -> bool, on: Day) -> Option<ListedAgency<'_>> {
        let rows = self.lists.get(LIST)?.ours.iter();
        rows.flat_map(|(code, rows)| rows.iter().map(move |row| (code.as_str(), row)))
            .filter(|(code, row)| is(code) || is(&row.word))
            .map(|(code, row)| listed(code, row, on))
            .min_by_key(|listed| match listed.standing {
                Standing::Open => (0, 0, listed.code),
                Standing::Closed(since) => (1, -since.days(), listed.code),
                Standing::Opens(from) => (2, from.days(), listed.code),
            })
    }
}

/// True for one identifier in one order, whose groups are padded differently. Across the orders only the table tells:
/// `000.05.12` and `005.00.12` may both be written `12.5`.
fn alike(one: &str, other: &str) -> bool {
    let number = |group: &str| group.trim_start_matches('0').to_owned();
    one.split('.').map(number).eq(other.split('.').map(number))
}

fn listed<'c>(code: &'c str, row: &'c Row, on: Day) -> ListedAgency<'c> {
    let standing = match (row.from, row.until) {
        (_, Some(until)) if until <= on => Standing::Closed(until),
        (Some(from), _) if from > on => Standing::Opens(from),
        (None | Some(_), None | Some(_)) => Standing::Open,
    };
    ListedAgency {
        code,
        code102: &row.word,
        name: row.name.as_deref(),
        standing,
    }
}

/// A letter and two digits.
fn is_top(group: &str) -> bool {
    matches!(group.as_bytes(), [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::tests::shipped;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn both_orders_find_the_same_agency_however_groups_are_padded() {
        let codes = shipped();
        let written = ["H99.12.5", "H99.12.05", "000.05.12.H99", "H99.012.005"];
        for text in written {
            let AgencyFound::Listed(listed) = codes.agency(text, day("2026-01-15")) else {
                panic!("{text} is not found");
            };
            assert_eq!(
                (listed.code, listed.code102),
                ("H99.12.5", "000.05.12.H99"),
                "{text}"
            );
            assert_eq!(listed.standing, Standing::Open);
            assert!(listed.name.unwrap().starts_with("Phòng Mẫu Năm"));
        }
        let padded = codes.agency("000.06.12.H99", day("2026-01-15"));
        assert!(
            matches!(
                padded,
                AgencyFound::Listed(ListedAgency {
                    code: "H99.12.06",
                    ..
                })
            ),
            "the table keeps the zero that a rule would drop"
        );
        let province = codes.agency("000.00.00.H99", day("2026-01-15"));
        assert!(matches!(
            province,
            AgencyFound::Listed(ListedAgency { code: "H99", .. })
        ));
    }

    #[test]
    fn a_closed_code_is_resolved_on_its_day_and_never_refused() {
        let codes = shipped();
        let standing = |text: &str, on: &str| match codes.agency(text, day(on)) {
            AgencyFound::Listed(listed) => listed.standing,
            AgencyFound::Guessed(_) | AgencyFound::NotAnId => panic!("{text} is not found"),
        };
        assert_eq!(standing("000.21.33.H99", "2025-06-30"), Standing::Open);
        assert_eq!(
            standing("000.21.33.H99", "2026-01-15"),
            Standing::Closed(day("2025-07-01"))
        );
        assert_eq!(
            standing("H99.41.2", "2025-06-30"),
            Standing::Opens(day("2025-07-01"))
        );
        assert_eq!(standing("H99.41.2", "2025-07-01"), Standing::Open);
    }

    #[test]
    fn a_code_that_came_again_means_who_it_meant_that_day() {
        let list = r#"
list = "agency"
follows = "a test"
[[row]]
ours = "H99.7"
theirs = "000.00.07.H99"
name = "before"
until = "2025-07-01"
[[row]]
ours = "H99.7"
theirs = "000.00.70.H99"
name = "after"
from = "2025-07-01"
"#;
        let codes = Codes::compile([("agency.toml", list)]).unwrap();
        let name = |on: &str| match codes.agency("H99.7", day(on)) {
            AgencyFound::Listed(listed) => listed.name,
            AgencyFound::Guessed(_) | AgencyFound::NotAnId => None,
        };
        assert_eq!(name("2025-06-30"), Some("before"));
        assert_eq!(name("2025-07-01"), Some("after"));
    }

    #[test]
    fn what_is_in_no_table_is_guessed_and_called_a_guess() {
        let codes = shipped();
        let found = |text: &str| codes.agency(text, day("2026-01-15"));
        let guessed = |text: &str| AgencyFound::Guessed(text.to_owned());
        assert_eq!(found("000.05.77.H99"), guessed("H99.77.5"));
        assert_eq!(found("H99.77.5"), guessed("000.05.77.H99"));
        assert_eq!(found("002.05.77.H99"), guessed("H99.77.5.2"));
        for text in [
            "",
            "H99.",
            "h99.12",
            "99.12.5",
            "H99-12",
            "05.12.H99",
            &format!("H99.{}", "1".repeat(40)),
        ] {
            assert_eq!(found(text), AgencyFound::NotAnId, "{text}");
        }
    }

    #[test]
    fn an_agency_stands_within_those_above_it() {
        let id = |text: &str| AgencyId::read(text).unwrap();
        assert!(id("000.05.12.H99").is_within(&id("H99.12")));
        assert!(id("H99.12").is_within(&id("000.00.00.H99")));
        assert!(!id("H99.12").is_within(&id("H99.12.5")));
        assert!(!id("H98.12").is_within(&id("H99")));
        assert_eq!(id("000.05.12.H99").top(), "H99");
    }
}
