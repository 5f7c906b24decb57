//! Identity numbers: 12 digits since 2016, 9 before, passports, and what people type instead.

use super::{Comparison, Likeness, Rule, text};
use crate::model::codes::Gender;
use crate::model::{PartialDate, fold};

/// What a number looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberKind {
    /// The personal number of 12 digits.
    Personal,
    /// The old card's 9 digits.
    Old,
    /// One or two letters and 7 digits.
    Passport,
    /// Digits that lost the zeros in front, as spreadsheets lose them: a repair is a candidate, never a fact.
    Shortened,
    /// Anything else.
    Other,
    /// Nothing: empty, or a placeholder such as 000000001.
    Nothing,
}

/// A reason to look twice at a number; never to refuse it: sex corrections, late registration and a changed year of birth
/// all leave the number as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// No province has its first three digits, and no country.
    Place,
    /// Its fourth digit says another sex.
    Sex,
    /// Its fourth to sixth digits say another year of birth.
    Year,
    /// Its last digit is not the one the others give.
    Check,
}

/// What a number looks like, whatever it is separated with.
#[must_use]
pub fn number(written: &str) -> NumberKind {
    let number = bare(written);
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    if is_placeholder(&number) {
        return NumberKind::Nothing;
    }
    match number.len() {
        12 if digits => NumberKind::Personal,
        9 if digits => NumberKind::Old,
        8..=11 if digits && repaired(&number).is_some() => NumberKind::Shortened,
        8 | 9 if is_passport(&number) => NumberKind::Passport,
        _other => NumberKind::Other,
    }
}

/// What a shortened number was, perhaps: 11 digits lost one zero of twelve, 10 lost two, 8 lost one of nine.
#[must_use]
pub fn repaired(written: &str) -> Option<String> {
    let number = bare(written);
    let digits = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    match number.len() {
        // Registered in provinces 010 to 096; and in those whose codes have one digit, Hà Nội's 001 first.
        11 if digits => Some(format!("0{number}")),
        10 if digits => Some(format!("00{number}")),
        8 if digits => Some(format!("0{number}")),
        _other => None,
    }
}

/// What a personal number says against what is known of its bearer. Empty for every other kind of number.
#[must_use]
pub fn doubts(written: &str, born: Option<PartialDate>, gender: Option<Gender>) -> Vec<Doubt> {
    let number = bare(written);
    let digit = |at: usize| number.as_bytes().get(at).map_or(0, |byte| u16::from(byte - b'0'));
    if self::number(&number) != NumberKind::Personal {
        return Vec::new();
    }
    let mut doubts = Vec::new();
    if matches!(place(&number), Some(0 | 97..=99)) {
        doubts.push(Doubt::Place);
    }
    let other_sex = match gender {
        Some(Gender::Male) => digit(3) % 2 == 1,
        Some(Gender::Female) => digit(3) % 2 == 0,
        Some(Gender::Other | Gender::Undetermined) | None => false,
    };
    if other_sex {
        doubts.push(Doubt::Sex);
    }
    let year = 1900 + digit(3) / 2 * 100 + digit(4) * 10 + digit(5);
    if born.is_some_and(|born| born.year() != year) {
        doubts.push(Doubt::Year);
    }
    doubts
}

/// Compares a filed number with the one held and, where there is one, the number its bearer had before.
#[must_use]
pub fn identity(filed: &str, held: &str, old: Option<&str>) -> Comparison {
    let now = pair(filed, held);
    let before = old.map(|old| pair(filed, old)).filter(|before| before.holds());
    match before {
        Some(before) if !now.holds() => Comparison::new(before.likeness, Rule::OldNumber),
        Some(_) | None => now,
    }
}

fn pair(filed: &str, held: &str) -> Comparison {
    let kinds = (number(filed), number(held));
    if kinds.0 == NumberKind::Nothing || kinds.1 == NumberKind::Nothing {
        return Comparison::new(Likeness::Incomparable, Rule::Nothing);
    }
    if filed == held {
        return Comparison::new(Likeness::Equal, Rule::Bytes);
    }
    let (one, other) = (bare(filed), bare(held));
    if one == other {
        return Comparison::new(Likeness::Folded, Rule::Spelling);
    }
    let lost = |short: &str, whole: &str| repaired(short).is_some_and(|repaired| repaired == whole);
    if lost(&one, &other) || lost(&other, &one) {
        return Comparison::new(Likeness::Candidate, Rule::LostZero);
    }
    match kinds {
        (NumberKind::Other, NumberKind::Other) => text(filed, held),
        (one, other) if one == other => Comparison::new(Likeness::Differs, Rule::Digits),
        _ => Comparison::new(Likeness::Incomparable, Rule::Kind),
    }
}

/// Without what people put between the digits, in upper case.
pub(super) fn bare(written: &str) -> String {
    let tidy = fold::tidy(written);
    tidy.chars()
        .filter(|letter| !matches!(letter, ' ' | '.' | '-'))
        .flat_map(char::to_uppercase)
        .collect()
}

/// True for what is typed where nothing is known: nothing, one digit over and over, less than ten, 123456789….
pub(super) fn is_placeholder(number: &str) -> bool {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let one_digit = number
        .bytes()
        .all(|byte| number.as_bytes().first() == Some(&byte));
    let counted = |first: usize| {
        let mut all = number.bytes().enumerate();
        all.all(|(n, digit)| usize::from(digit - b'0') == (first + n) % 10)
    };
    let small = number.trim_start_matches('0').len() < 2;
    digits && (one_digit || small || counted(0) || counted(1))
}

fn is_passport(number: &str) -> bool {
    let letters = number.bytes().take_while(u8::is_ascii_uppercase).count();
    (1..=2).contains(&letters)
        && number.len() == letters + 7
        && number[letters..].bytes().all(|byte| byte.is_ascii_digit())
}

/// The province, or the country, of its registration.
fn place(number: &str) -> Option<u16> {
    number.get(..3)?.parse().ok()
}
