//! The wire of social insurance (national-databases.md §6.1): who bears a number, which number somebody has, and in which
//! household they are insured.
//!
//! Its codes are its own: gender 1 male, 2 female, 3 other (the population database has 0 for unknown and no 3), and how
//! much of a birth date is known stands beside the date.

use serde_json::Value;
use wire::fault::Fault;
use wire::lookup::{Found, Lookup, Register, malformed, missing, question};
use wire::normal::{Form, Forms, normal, one};
use wire::profile::Inside;
use wire::time::Date;
use wire::{Call, Class, Malformed, Operation};

/// Social insurance, as one site reaches it.
pub type SocialInsurance = Lookup<Insurance>;

/// What social insurance is asked, and how it answers.
pub struct Insurance;

const FORMS: &Forms = &[
    ("maSoBhxh", Form::Digits(10)),
    ("maSo", Form::Digits(10)),
    ("loaiNgaySinh", Form::Count),
    ("gioiTinh", Form::Count),
    ("maTinhKs", Form::Code(2)),
    ("maHuyenKs", Form::Code(3)),
    ("maXaKs", Form::Code(5)),
    ("maTinh", Form::Code(2)),
];

impl Register for Insurance {
    const NAME: &'static str = "social-insurance";
    const OPERATIONS: &'static [Operation] = &[
        question("by-number", &["code"], &[]),
        question(
            "number-of",
            &["name", "born", "gender"],
            &["province", "district", "commune"],
        ),
        question(
            "household",
            &["name", "born", "gender", "province"],
            &["book", "card"],
        ),
    ];

    fn fits(call: &Call<'_>) -> Result<(), Malformed> {
        let is_number = |code: &str| code.len() == 10 && code.bytes().all(|byte| byte.is_ascii_digit());
        match call.argument("code") {
            Some(code) if !is_number(code) => Err(Malformed::Argued("code")),
            Some(_) | None => Ok(()),
        }
    }

    fn found(operation: &str, inside: Inside<'_>) -> Result<Found, Fault> {
        let Inside::Json(document) = inside else {
            return Err(malformed());
        };
        let persons = normal(document, FORMS);
        if persons
            .as_array()
            .is_some_and(|all| !all.iter().all(Value::is_object))
        {
            return Err(malformed());
        }
        let Ok(mut person) = one(persons) else {
            return Ok(Found::nothing(Class::Ambiguous));
        };
        let key = match operation {
            "by-number" => "hoTen",
            "number-of" => "maSoBhxh",
            _ => "maSo",
        };
        match person.get(key) {
            _ if person.is_null() => Ok(Found::nothing(Class::NoMatch)),
            Some(Value::Null) => Ok(Found::nothing(Class::NoMatch)),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(Found::nothing(Class::NoMatch)),
            Some(Value::String(_)) => {
                narrow(&mut person);
                Ok(Found::of(Class::Match, &person))
            }
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(malformed()),
            None => Err(missing(&person)),
        }
    }
}

/// Keeps of a birth date only what is said to be known: 19900101 may stand for a year alone.
fn narrow(person: &mut Value) {
    let text = |name| person.get(name).and_then(Value::as_str);
    let known = text("ngaySinh").zip(text("loaiNgaySinh"));
    let narrowed = known.and_then(|(born, precision)| narrowed(born.trim(), precision));
    if let (Some(narrowed), Some(place)) = (narrowed, person.get_mut("ngaySinh")) {
        *place = Value::String(narrowed);
    }
}

fn narrowed(born: &str, precision: &str) -> Option<String> {
    let form = match precision {
        "0" => "yyyyMMdd",
        "1" => "yyyy",
        "2" => "yyyyMM",
        _ => return None,
    };
    if [4, 6, 8].contains(&born.len()) && born.bytes().all(|byte| byte.is_ascii_digit()) {
        return born.get(..form.len()).map(str::to_owned);
    }
    Date::read(born)?.write(form)
}

#[cfg(test)]
mod tests;
