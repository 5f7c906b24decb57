//! Ethnicities: exchanged by name, code and list together, because two official numberings and several private ones are
//! in use, and most codes mean another ethnicity in each.

use super::coded::Coded;
use super::{Codes, Row};
use crate::model::compare::{Comparison, Likeness, Rule};
use crate::model::{CodeLists, Day, Ethnicity, fold};

/// The list of names and of how else they are spelled.
pub const BY_NAME: &str = "ethnicity-name";

/// Why nobody can say which ethnicity is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsettled {
    /// It says nothing, or that nothing is known.
    #[error("it says nothing")]
    Nothing,
    /// A code without its list, and no name.
    #[error("a code without its list")]
    Bare,
    /// Its list is unknown, or does not have its code.
    #[error("its list does not have its code")]
    Code,
    /// Nobody is called so.
    #[error("its name is in no list")]
    Name,
    /// Its code and its name say two things.
    #[error("its code and its name say two things")]
    Contradiction,
}

impl Codes {
    /// The name our lists have for an ethnicity, whichever way it was said.
    ///
    /// # Errors
    /// [`Unsettled`] says what is missing, or that code and name contradict each other.
    pub fn ethnicity(&self, said: &Ethnicity, on: Day) -> Result<&str, Unsettled> {
        let by_name = said.name.as_deref().filter(|name| !name.trim().is_empty());
        let by_name = by_name.map(|name| self.ethnicity_named(name, on).ok_or(Unsettled::Name));
        let by_code = self.ethnicity_coded(said, on);
        match (by_code, by_name) {
            (Ok(code), Some(Ok(name))) if code != name => Err(Unsettled::Contradiction),
            // A name alone is enough; a code whose list cannot read it is not made better by a name it may contradict.
            (Ok(settled), _) | (Err(Unsettled::Nothing | Unsettled::Bare), Some(Ok(settled))) => Ok(settled),
            (Err(Unsettled::Nothing), Some(Err(unnamed))) => Err(unnamed),
            (Err(unsettled), _) => Err(unsettled),
        }
    }

    /// The same ethnicity in another list; its name as written stays, or is ours when it had none.
    ///
    /// # Errors
    /// [`Unsettled`] when it is not settled which is meant, or that list does not have it.
    pub fn ethnicity_in(&self, said: &Ethnicity, list: &str, on: Day) -> Result<Ethnicity, Unsettled> {
        let ours = self.ethnicity(said, on)?;
        let code = self.write(list, "", ours, on).ok_or(Unsettled::Code)?;
        Ok(Ethnicity {
            list: Some(list.to_owned()),
            code: Some(code.to_owned()),
            name: Some(said.name.clone().unwrap_or_else(|| ours.to_owned())),
        })
    }

    /// Compares two ethnicities by what they mean.
    #[must_use]
    pub fn same_ethnicity(&self, filed: &Ethnicity, held: &Ethnicity, on: Day) -> Comparison {
        match (self.ethnicity(filed, on), self.ethnicity(held, on)) {
            (Ok(one), Ok(other)) if one == other && filed == held => {
                Comparison::new(Likeness::Equal, Rule::Word)
            }
            (Ok(one), Ok(other)) if one == other => Comparison::new(Likeness::Folded, Rule::Word),
            (Ok(_), Ok(_)) => Comparison::new(Likeness::Differs, Rule::Word),
            (Err(Unsettled::Nothing), _) | (_, Err(Unsettled::Nothing)) => {
                Comparison::new(Likeness::Incomparable, Rule::Nothing)
            }
            (Err(_), _) | (_, Err(_)) => Comparison::new(Likeness::Incomparable, Rule::Kind),
        }
    }

    fn ethnicity_coded(&self, said: &Ethnicity, on: Day) -> Result<&str, Unsettled> {
        let Some(code) = said.code.as_deref().filter(|code| !code.trim().is_empty()) else {
            return Err(Unsettled::Nothing);
        };
        let list = said.list.as_deref().ok_or(Unsettled::Bare)?;
        if self.silent(list, code) {
            return Err(Unsettled::Nothing);
        }
        let padded = format!("{code:0>2}");
        let coded = Coded::new(list, &padded, on);
        self.meaning(&coded, "").map_err(|_| Unsettled::Code)
    }

    /// By its name as our list spells it; else by its spelling without dashes, apostrophes and spaces.
    fn ethnicity_named(&self, name: &str, on: Day) -> Option<&str> {
        if let Some(ours) = self.read(BY_NAME, "", name, on) {
            return Some(ours);
        }
        let wanted = squeezed(name);
        let holds = |rows: &Vec<Row>| rows.iter().any(|row| row.site.is_none() && row.holds(on));
        let mut spellings = self.lists.get(BY_NAME)?.theirs.iter();
        let (spelling, _) = spellings.find(|(spelling, rows)| holds(rows) && squeezed(spelling) == wanted)?;
        self.read(BY_NAME, "", spelling, on)
    }
}

fn squeezed(name: &str) -> String {
    let key = fold::key(name);
    key.chars()
        .filter(|letter| !matches!(letter, ' ' | '-' | '\''))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::tests::shipped;

    const OLD: &str = "ethnicity-1979";
    const NEW: &str = "ethnicity-2008";

    fn said(list: &str, code: &str, name: &str) -> Ethnicity {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ethnicity {
            list: text(list),
            code: text(code),
            name: text(name),
        }
    }

    fn on() -> Day {
        "2026-01-15".parse().unwrap()
    }

    #[test]
    fn the_same_code_is_another_ethnicity_in_each_list() {
        let codes = shipped();
        assert_eq!(codes.ethnicity(&said(OLD, "04", ""), on()), Ok("Hoa"));
        assert_eq!(codes.ethnicity(&said(NEW, "04", ""), on()), Ok("Mường"));
        assert_eq!(codes.ethnicity(&said("", "04", ""), on()), Err(Unsettled::Bare));
        let hoa = codes.ethnicity_in(&said(OLD, "04", ""), NEW, on()).unwrap();
        assert_eq!(hoa, said(NEW, "06", "Hoa"));
        assert_eq!(
            codes.ethnicity_in(&hoa, OLD, on()).unwrap(),
            said(OLD, "04", "Hoa")
        );
    }

    #[test]
    fn both_lists_have_the_same_fifty_five_and_only_eighteen_codes_mean_the_same() {
        let codes = shipped();
        let mut same = Vec::new();
        for code in 1..=55 {
            let code = format!("{code:02}");
            let one = said(OLD, &code, "");
            let there = codes.ethnicity_in(&one, NEW, on()).unwrap();
            let back = codes.ethnicity_in(&there, OLD, on()).unwrap();
            assert_eq!(back.code.as_deref(), Some(&*code));
            if there.code.as_deref() == Some(&*code) {
                same.push(code);
            }
        }
        let expected = "01 02 03 05 07 08 09 10 20 22 28 30 42 44 47 50 51 55";
        assert_eq!(same.join(" "), expected);
    }

    #[test]
    fn a_name_is_found_however_it_is_spelled() {
        let codes = shipped();
        for (name, ours) in [
            ("Kinh", "Kinh"),
            ("KINH", "Kinh"),
            ("H'Mông", "Hmông"),
            ("HMông", "Hmông"),
            ("Mông", "Hmông"),
            ("Khmer", "Khơ-me"),
            ("Khơ me", "Khơ-me"),
            ("Gié Triêng", "Gié-Triêng"),
            ("Giẻ Triêng", "Gié-Triêng"),
            ("Raglay", "Ra-glai"),
            ("Ba na", "Ba-na"),
            ("Xơ-Đăng", "Xơ-đăng"),
            ("Ðao", "Đao"),
            ("Ơ Đu", "Ơ-đu"),
            ("Ta\u{302}\u{300}y", "Tầy"),
        ] {
            let found = codes.ethnicity(&said("", "", name), on());
            if ours == "Đao" || ours == "Tầy" {
                assert_eq!(found, Err(Unsettled::Name), "{name}: letters stay apart");
            } else {
                assert_eq!(found, Ok(ours), "{name}");
            }
        }
    }

    #[test]
    fn code_and_name_together_are_held_against_each_other() {
        let codes = shipped();
        assert_eq!(
            codes.ethnicity(&said(OLD, "4", "HOA"), on()),
            Ok("Hoa"),
            "a lost zero"
        );
        assert_eq!(
            codes.ethnicity(&said(OLD, "04", "Mường"), on()),
            Err(Unsettled::Contradiction)
        );
        assert_eq!(codes.ethnicity(&said("", "04", "Mường"), on()), Ok("Mường"));
        assert_eq!(codes.ethnicity(&said(OLD, "01", "Kinh tế"), on()), Ok("Kinh"));
        assert_eq!(
            codes.ethnicity(&said(OLD, "60", "Kinh"), on()),
            Err(Unsettled::Code)
        );
        assert_eq!(
            codes.ethnicity(&said("no-such", "01", ""), on()),
            Err(Unsettled::Code)
        );
        assert_eq!(
            codes.ethnicity(&said(OLD, "99", ""), on()),
            Err(Unsettled::Nothing)
        );
        assert_eq!(codes.ethnicity(&said("", "", " "), on()), Err(Unsettled::Nothing));
    }

    #[test]
    fn two_numberings_of_one_ethnicity_are_the_same() {
        let codes = shipped();
        let compare = |one: &Ethnicity, other: &Ethnicity| {
            let comparison = codes.same_ethnicity(one, other, on());
            assert_eq!(codes.same_ethnicity(other, one, on()), comparison);
            comparison.likeness
        };
        let (hoa, muong) = (said(OLD, "04", ""), said(NEW, "04", ""));
        assert_eq!(compare(&hoa, &hoa), Likeness::Equal);
        assert_eq!(compare(&hoa, &said(NEW, "06", "")), Likeness::Folded);
        assert_eq!(compare(&hoa, &said("", "", "hoa")), Likeness::Folded);
        assert_eq!(compare(&hoa, &muong), Likeness::Differs);
        assert_eq!(compare(&hoa, &said("", "04", "")), Likeness::Incomparable);
        assert_eq!(compare(&hoa, &Ethnicity::default()), Likeness::Incomparable);
    }
}
