//! Whether a filed value and a held one are the same, and which rule said so; never what they say. Nothing is rewritten:
//! what folding makes alike was written two ways, and both stay.

mod date;
mod identity;
mod tax;

pub use date::{Written, date, written};
pub use identity::{Doubt, NumberKind, doubts, identity, number, repaired};
pub use tax::{doubtful, tax};

use super::fold;
use super::record::words;

words! {
    /// How alike two values are, the surest first.
    Likeness, "likeness" {
        Equal = "equal", "The same, character for character.";
        Folded = "folded", "The same once folded: two spellings of one value.";
        Agrees = "agrees", "One says less than the other, and nothing against it.";
        Candidate = "candidate", "Perhaps the same: a person decides.";
        Differs = "differs", "Not the same.";
        Incomparable = "incomparable", "One of them says nothing, or they are of two kinds.";
    }
}

words! {
    /// The rule that decided.
    Rule, "comparison-rule" {
        Bytes = "bytes", "Character for character.";
        Spelling = "spelling", "Form of Unicode, invisible characters, quotes, dashes, spaces.";
        Case = "case", "Upper and lower case.";
        Tone = "tone-placement", "Where in its syllable the tone stands: hòa, hoà.";
        IorY = "i-or-y", "i for y: Mỹ, Mĩ.";
        Accents = "accents", "Without accents and spaces, as the population database folds.";
        Text = "text", "Texts that no fold makes alike.";
        Calendar = "calendar", "Two dates as far as both are known.";
        Month = "by-month", "One gives no day.";
        Year = "by-year", "One gives the year only.";
        FirstOfJanuary = "first-of-january", "A 01/01 that may stand for a year alone: many systems fill it in.";
        ImpossibleDay = "impossible-day", "A day no calendar has, and the day after it that such papers are registered as.";
        Digits = "digits", "Numbers, digit by digit.";
        LostZero = "lost-zero", "Zeros lost in front, as spreadsheets lose them.";
        OldNumber = "old-number", "The number a person had before.";
        Branch = "branch", "An enterprise and one of its branches.";
        Kind = "kind", "They are of two kinds and cannot be compared.";
        Nothing = "nothing", "One of them is empty, or a placeholder.";
        Word = "word", "Two words of one closed set, or of two numberings of one.";
        Unit = "unit", "The same unit on the same day.";
        Successor = "successor", "A unit and what became of it.";
        Split = "split", "A unit that was divided, and one of its parts.";
    }
}

/// How alike two values are, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Comparison {
    /// How alike.
    pub likeness: Likeness,
    /// By which rule.
    pub rule: Rule,
}

impl Comparison {
    /// That likeness by that rule.
    #[must_use]
    pub const fn new(likeness: Likeness, rule: Rule) -> Self {
        Self { likeness, rule }
    }

    /// True when nobody needs to look: equal, folded, or agreeing as far as it goes.
    #[must_use]
    pub const fn holds(self) -> bool {
        match self.likeness {
            Likeness::Equal | Likeness::Folded | Likeness::Agrees => true,
            Likeness::Candidate | Likeness::Differs | Likeness::Incomparable => false,
        }
    }
}

/// Compares names and other texts: equal after NFC, case, tone placement and single spaces; beyond that a person decides.
#[must_use]
pub fn text(filed: &str, held: &str) -> Comparison {
    type Fold = fn(&str) -> String;
    const FOLDS: [(Fold, Likeness, Rule); 5] = [
        (fold::tidy, Likeness::Folded, Rule::Spelling),
        (lower, Likeness::Folded, Rule::Case),
        (fold::key, Likeness::Folded, Rule::Tone),
        (fold::loose, Likeness::Candidate, Rule::IorY),
        (fold::plain, Likeness::Candidate, Rule::Accents),
    ];
    if fold::tidy(filed).is_empty() || fold::tidy(held).is_empty() {
        return Comparison::new(Likeness::Incomparable, Rule::Nothing);
    }
    if filed == held {
        return Comparison::new(Likeness::Equal, Rule::Bytes);
    }
    let alike = |fold: Fold| {
        let folded = fold(filed);
        !folded.is_empty() && folded == fold(held)
    };
    FOLDS.into_iter().find(|(fold, _, _)| alike(*fold)).map_or(
        Comparison::new(Likeness::Differs, Rule::Text),
        |(_, likeness, rule)| Comparison::new(likeness, rule),
    )
}

/// Compares two words of a closed set of ours, or two codes that need no fold.
#[must_use]
pub fn word<T: PartialEq>(filed: &T, held: &T) -> Comparison {
    let likeness = if filed == held {
        Likeness::Equal
    } else {
        Likeness::Differs
    };
    Comparison::new(likeness, Rule::Word)
}

fn lower(text: &str) -> String {
    fold::tidy(&fold::tidy(text).to_lowercase())
}

#[cfg(test)]
mod tests;
