//! Tax codes, which are enterprise codes: 10 digits, and three more for a branch; since July 2025 a person's is the
//! personal number.

use super::identity::{bare, is_placeholder};
use super::{Comparison, Doubt, Likeness, Rule, text};

/// What each of the first nine digits counts.
const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];

/// A code taken apart.
enum Code {
    /// Ten digits, and the three of a branch.
    Enterprise(String, Option<String>),
    /// A person's twelve.
    Person(String),
    /// Neither.
    Other,
    /// Nothing.
    Nothing,
}

/// Compares two tax or enterprise codes.
#[must_use]
pub fn tax(filed: &str, held: &str) -> Comparison {
    match (read(filed), read(held)) {
        (Code::Nothing, _) | (_, Code::Nothing) => Comparison::new(Likeness::Incomparable, Rule::Nothing),
        _ if filed == held => Comparison::new(Likeness::Equal, Rule::Bytes),
        (Code::Enterprise(head, branch), Code::Enterprise(other, its)) => {
            enterprises((&head, branch.as_deref()), (&other, its.as_deref()))
        }
        (Code::Person(one), Code::Person(other)) => spelled(one == other),
        (Code::Other, Code::Enterprise(head, None)) => shortened(filed, &head),
        (Code::Enterprise(head, None), Code::Other) => shortened(held, &head),
        (Code::Other, Code::Other) => text(filed, held),
        (Code::Other | Code::Person(_) | Code::Enterprise(..), _) => {
            Comparison::new(Likeness::Incomparable, Rule::Kind)
        }
    }
}

/// A reason to look twice at an enterprise's code: its tenth digit is not the one that the nine before it give.
#[must_use]
pub fn doubtful(written: &str) -> Option<Doubt> {
    match read(written) {
        Code::Enterprise(head, _) if !checks(&head) => Some(Doubt::Check),
        Code::Enterprise(..) | Code::Person(_) | Code::Other | Code::Nothing => None,
    }
}

fn enterprises(one: (&str, Option<&str>), other: (&str, Option<&str>)) -> Comparison {
    match (one.0 == other.0, one.1, other.1) {
        (true, branch, its) if branch == its => spelled(true),
        (true, None, Some(_)) | (true, Some(_), None) => Comparison::new(Likeness::Candidate, Rule::Branch),
        (true, _, _) => Comparison::new(Likeness::Differs, Rule::Branch),
        (false, _, _) => spelled(false),
    }
}

fn spelled(same: bool) -> Comparison {
    if same {
        Comparison::new(Likeness::Folded, Rule::Spelling)
    } else {
        Comparison::new(Likeness::Differs, Rule::Digits)
    }
}

/// Nine digits that a zero in front would make that code.
fn shortened(written: &str, head: &str) -> Comparison {
    let repaired = format!("0{}", bare(written));
    if repaired == head {
        Comparison::new(Likeness::Candidate, Rule::LostZero)
    } else {
        Comparison::new(Likeness::Incomparable, Rule::Kind)
    }
}

fn read(written: &str) -> Code {
    let code = bare(written);
    if is_placeholder(&code) {
        return Code::Nothing;
    }
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    match code.len() {
        10 if digits => Code::Enterprise(code, None),
        13 if digits => Code::Enterprise(code[..10].to_owned(), Some(code[10..].to_owned())),
        12 if digits => Code::Person(code),
        _other => Code::Other,
    }
}

/// True when the last of ten digits is the one the others give.
fn checks(head: &str) -> bool {
    let digits: Vec<u32> = head.bytes().map(|byte| u32::from(byte - b'0')).collect();
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    digits.last().is_some_and(|last| (10 - sum % 11) == *last)
}
