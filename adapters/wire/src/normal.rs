//! The normal form of a JSON answer: the partner's own names, and one spelling of what its ministries spell in many ways.
//! A code may come as a number that lost its zeros, a day in five forms, a group as one object or as a list of them.
//! Numbers become texts as they stand, so that nothing of them is rounded.

use serde_json::{Map, Value};

use crate::json;
use crate::time;

/// What a member of an answer is, wherever its name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A code of so many digits; zero is none. What is no number stays as it is.
    Code(usize),
    /// A number of digits that lost its zeros, zero included.
    Digits(usize),
    /// A count.
    Count,
    /// A day, in the form of [`time::day`]. Year 1 is what some write where there is none.
    Day,
    /// A group of which one is meant. Where several come that differ, nobody can say which: they are kept, as a list,
    /// under the name with [`SEVERAL`] after it.
    One,
    /// A list of groups.
    Many,
}

/// What is added to the name of a group of which one was meant and several came.
pub const SEVERAL: &str = "+";

/// The members of an answer that are not taken as they are.
pub type Forms = [(&'static str, Form)];

/// An answer in its normal form.
#[must_use]
pub fn normal(mut value: Value, forms: &Forms) -> Value {
    settle(&mut value, forms);
    value
}

fn settle(value: &mut Value, forms: &Forms) {
    match value {
        Value::Object(members) => object(members, forms),
        Value::Array(items) => items.iter_mut().for_each(|item| settle(item, forms)),
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn object(members: &mut Map<String, Value>, forms: &Forms) {
    let mut several = Vec::new();
    for (name, value) in members.iter_mut() {
        settle(value, forms);
        let form = forms.iter().find(|(known, _)| known == name);
        match form.map(|(_, form)| *form) {
            None => {}
            Some(Form::One) => match one(value.take()) {
                Ok(group) => *value = group,
                Err(groups) => several.push((name.clone(), groups)),
            },
            Some(Form::Many) => *value = many(value.take()),
            Some(form @ (Form::Code(_) | Form::Digits(_) | Form::Count | Form::Day)) => {
                *value = scalar(value.take(), form);
            }
        }
    }
    for (name, groups) in several {
        members.shift_remove(&name);
        members.insert(name + SEVERAL, groups);
    }
}

/// The one group of a list, or of what is no list; nothing where the list is empty.
///
/// # Errors
/// All of them, where several differ.
pub fn one(value: Value) -> Result<Value, Value> {
    let Value::Array(items) = value else {
        return Ok(value);
    };
    let mut different = distinct(items);
    match different.len() {
        0 => Ok(Value::Null),
        1 => Ok(different.remove(0)),
        _more => Err(Value::Array(different)),
    }
}

/// The groups that are there, each once: a row that comes twice says nothing new.
#[must_use]
pub fn distinct(items: Vec<Value>) -> Vec<Value> {
    let mut different: Vec<Value> = Vec::with_capacity(items.len().min(8));
    for item in items.into_iter().filter(|item| !item.is_null()) {
        if different.len() >= MOST || !different.contains(&item) {
            different.push(item);
        }
    }
    different
}

/// So many rows are compared with each other; more of them are kept as they are.
const MOST: usize = 64;

fn many(value: Value) -> Value {
    match value {
        Value::Object(_) => Value::Array(vec![value]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => value,
    }
}

fn scalar(value: Value, form: Form) -> Value {
    let Some(text) = json::scalar(&value) else {
        return value;
    };
    match spelled(text.trim(), form) {
        Some(text) if text.is_empty() => Value::Null,
        Some(text) => Value::String(text),
        None => value,
    }
}

/// The one spelling; empty where it means none, nothing where it is not of that form.
fn spelled(text: &str, form: Form) -> Option<String> {
    let whole = whole(text);
    match form {
        Form::Code(_) if whole.is_some_and(|digits| digits.bytes().all(|byte| byte == b'0')) => {
            Some(String::new())
        }
        Form::Code(width) | Form::Digits(width) => whole.map(|digits| format!("{digits:0>width$}")),
        Form::Count => whole.map(str::to_owned),
        Form::Day => {
            let day = time::day(text)?;
            Some(if day.starts_with("0001-01-01") {
                String::new()
            } else {
                day
            })
        }
        Form::One | Form::Many => None,
    }
}

/// The digits of a whole number, also of one written with a fraction of nothing.
fn whole(text: &str) -> Option<&str> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fits = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && fraction.bytes().all(|byte| byte == b'0');
    fits.then_some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::document;

    const FORMS: &Forms = &[
        ("tinh", Form::Code(2)),
        ("so", Form::Digits(10)),
        ("lan", Form::Count),
        ("ngay", Form::Day),
        ("mot", Form::One),
        ("nhieu", Form::Many),
    ];

    fn form(text: &str) -> Value {
        normal(document::read(text).unwrap(), FORMS)
    }

    #[test]
    fn codes_get_their_zeros_back_and_zero_is_none() {
        let expected = json!({"tinh": "01"});
        for text in [
            r#"{"tinh":1}"#,
            r#"{"tinh":"1"}"#,
            r#"{"tinh":"01"}"#,
            r#"{"tinh":1.0}"#,
            r#"{"tinh":" 1 "}"#,
        ] {
            assert_eq!(form(text), expected, "{text}");
        }
        for text in [r#"{"tinh":0}"#, r#"{"tinh":"00"}"#, r#"{"tinh":null}"#] {
            assert_eq!(form(text), json!({"tinh": null}), "{text}");
        }
        assert_eq!(
            form(r#"{"tinh":"VN","so":99000}"#),
            json!({"tinh": "VN", "so": "0000099000"})
        );
        assert_eq!(
            form(r#"{"tinh":-1,"so":1.5}"#),
            json!({"tinh": "-1", "so": "1.5"})
        );
        assert_eq!(
            form(r#"{"lan":3.000,"tinh":"","x":3.000}"#),
            json!({"lan": "3", "tinh": "", "x": "3.000"})
        );
    }

    #[test]
    fn days_of_every_form_are_one() {
        for text in [
            r#""05/03/2021""#,
            "1614877200",
            "1614877200000",
            r#""2021-03-05T00:00:00""#,
        ] {
            assert_eq!(
                form(&format!(r#"{{"ngay":{text}}}"#)),
                json!({"ngay": "2021-03-05"}),
                "{text}"
            );
        }
        assert_eq!(form(r#"{"ngay":"0001-01-01T00:00:00"}"#), json!({"ngay": null}));
        assert_eq!(form(r#"{"ngay":"chưa có"}"#), json!({"ngay": "chưa có"}));
    }

    #[test]
    fn groups_come_as_one_or_as_many_and_none_is_chosen() {
        assert_eq!(form(r#"{"mot":[{"a":1}]}"#), json!({"mot": {"a": "1"}}));
        assert_eq!(form(r#"{"mot":{"mot":"x"}}"#), json!({"mot": {"mot": "x"}}));
        assert_eq!(
            form(r#"{"mot":[{"a":1},{"a":"1"},null]}"#),
            json!({"mot": {"a": "1"}})
        );
        assert_eq!(form(r#"{"mot":[]}"#), json!({"mot": null}));
        assert_eq!(
            form(r#"{"mot":[{"a":1},{"a":2}]}"#),
            json!({"mot+": [{"a": "1"}, {"a": "2"}]})
        );
        assert_eq!(
            form(r#"{"nhieu":{"tinh":1}}"#),
            json!({"nhieu": [{"tinh": "01"}]})
        );
        assert_eq!(form(r#"{"nhieu":null}"#), json!({"nhieu": null}));
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(text in "[\\[\\]{}:,\"0-9.a-c/ ]{0,40}", name in "(tinh|so|lan|ngay|mot|nhieu)") {
            let wrapped = [text.clone(), format!("{{\"{name}\":{text}}}"), format!("{{\"{name}\":\"{text}\"}}")];
            for text in wrapped {
                if let Some(value) = document::read(&text) {
                    let once = normal(value, FORMS);
                    prop_assert_eq!(normal(once.clone(), FORMS), once);
                }
            }
        }
    }
}
