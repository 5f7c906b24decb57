//! Procedure codes: the national one, and the copies provinces make of it by a suffix.

use super::Codes;
use crate::model::{CodeLists, Day};

/// How long the national part is: `d.dddddd`.
const NATIONAL: usize = 8;

/// A procedure's code as it was written. What follows the national part belongs to whoever wrote it, and is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProcedureCode<'t> {
    written: &'t str,
    national: Option<&'t str>,
}

impl<'t> ProcedureCode<'t> {
    /// Takes a code apart: `1.001612`, `1.001612.000.00.00.H48`; old forms such as `B-BTP-277384-TT` have no national part.
    #[must_use]
    pub fn read(written: &'t str) -> Self {
        let written = written.trim();
        let national = written.get(..NATIONAL).filter(|head| is_national(head));
        let ends = written.as_bytes().get(NATIONAL).is_none_or(|next| *next == b'.');
        Self {
            written,
            national: national.filter(|_| ends),
        }
    }

    /// The code as it was written.
    #[must_use]
    pub const fn written(self) -> &'t str {
        self.written
    }

    /// The national code, if it has one.
    #[must_use]
    pub const fn national(self) -> Option<&'t str> {
        self.national
    }

    /// What stands behind the national code: `.000.00.00.H48`.
    #[must_use]
    pub fn suffix(self) -> &'t str {
        self.national.map_or("", |_| &self.written[NATIONAL..])
    }

    /// The agency whose copy it is: `000.00.00.H48`, `H48`.
    #[must_use]
    pub fn agency(self) -> Option<&'t str> {
        self.suffix()
            .strip_prefix('.')
            .filter(|agency| !agency.is_empty())
    }

    /// True when both are copies of one national procedure, or the same old code.
    #[must_use]
    pub fn is_same(self, other: ProcedureCode<'_>) -> bool {
        match (self.national, other.national) {
            (Some(one), Some(two)) => one == two,
            (None, None) => self.written.eq_ignore_ascii_case(other.written),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl Codes {
    /// The national code for a local one: as its list says, and where that says nothing by its first eight characters. A
    /// list may give other digits than the local code has, so it speaks first.
    #[must_use]
    pub fn procedure<'a>(&'a self, list: &str, site: &str, local: &'a str, on: Day) -> Option<&'a str> {
        self.read(list, site, local.trim(), on)
            .or_else(|| ProcedureCode::read(local).national())
    }
}

fn is_national(code: &str) -> bool {
    let mut bytes = code.bytes();
    matches!(bytes.next(), Some(b'1'..=b'3'))
        && bytes.next() == Some(b'.')
        && bytes.all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::tests::shipped;

    #[test]
    fn the_first_eight_characters_are_the_procedure_and_the_rest_is_kept() {
        let code = ProcedureCode::read("1.001612.000.00.00.H48");
        assert_eq!(code.national(), Some("1.001612"));
        assert_eq!(
            (code.suffix(), code.agency()),
            (".000.00.00.H48", Some("000.00.00.H48"))
        );
        assert_eq!(ProcedureCode::read("2.000123.H99").agency(), Some("H99"));
        assert_eq!(ProcedureCode::read("1.001612").agency(), None);
        assert!(code.is_same(ProcedureCode::read("1.001612")));
        assert!(!code.is_same(ProcedureCode::read("1.001613.000.00.00.H48")));
    }

    #[test]
    fn old_forms_are_tolerated_and_are_no_national_code() {
        let old = ProcedureCode::read("B-BTP-277384-TT");
        assert_eq!(
            (old.national(), old.suffix(), old.written()),
            (None, "", "B-BTP-277384-TT")
        );
        assert!(old.is_same(ProcedureCode::read("b-btp-277384-tt")));
        assert!(!old.is_same(ProcedureCode::read("1.001612")));
        for text in [
            "4.001612",
            "1.0016123",
            "1.00161",
            "1,001612",
            "1.001612-x",
            "",
            "đđđđ",
        ] {
            assert_eq!(ProcedureCode::read(text).national(), None, "{text}");
        }
    }

    #[test]
    fn a_list_speaks_before_the_digits() {
        let codes = shipped();
        let on = "2026-01-15".parse().unwrap();
        let national = |local| codes.procedure("igate-procedure", "", local, on);
        assert_eq!(national("1.001234.000.00.00.H99"), Some("1.001234"));
        assert_eq!(national("1.001612.000.00.00.H48"), Some("1.001612"), "in no row");
        assert_eq!(national("B-BTP-277384-TT"), None);
        let own = "list = \"p\"\nfollows = \"a test\"\n[rows]\n\"1.001234\" = \"1.009999.H99\"\n";
        let own = Codes::compile([("p.toml", own)]).unwrap();
        assert_eq!(own.procedure("p", "", "1.009999.H99", on), Some("1.001234"));
    }
}
