//! Format 1: English names in capitals, in an envelope that says how the question went (§3.2).

use serde_json::Value;
use wire::Class;
use wire::fault::Fault;
use wire::lookup::Found;
use wire::normal::{Form, Forms, SEVERAL, normal, one};

use super::{standing, told};

const FORMS: &Forms = &[
    ("MainInformation", Form::One),
    ("ENTERPRISE_GDT_CODE", Form::Digits(10)),
    ("FOUNDING_DATE", Form::Day),
    ("LAST_AMEND_DATE", Form::Day),
    ("NUMBER_CHANGES", Form::Count),
    ("HOAdress", Form::One),
    ("CityID", Form::Code(2)),
    ("DistrictID", Form::Code(3)),
    ("WardID", Form::Code(5)),
    ("Representatives", Form::Many),
    ("BusinessActivities", Form::One),
    ("BusinessActivity", Form::Many),
    ("Member", Form::Many),
    // of a filing
    ("ENTERPRISE_CODE", Form::Digits(10)),
    ("RECEIPT_DATE", Form::Day),
    ("PLAN_DATE", Form::Day),
    ("REGISTRATION_DATE", Form::Day),
    ("SUPPLEMENT_DATE", Form::Day),
];

/// The enterprise in `Data`; none where its main group is null (§3.4).
pub(super) fn enterprise(document: Value) -> Result<Found, Fault> {
    let document = single(normal(document, FORMS));
    let class = match document.get("Data").filter(|data| !data.is_null()) {
        Some(data) => standing(data, "MainInformation", "ENTERPRISE_GDT_CODE"),
        None => standing(&document, "Data", "MainInformation"),
    };
    told(class, &document)
}

/// The filing in `Data`.
pub(super) fn filing(document: Value) -> Result<Found, Fault> {
    let document = single(normal(document, FORMS));
    told(standing(&document, "Data", "IN_JOURNAL_NO"), &document)
}

/// The filings in `Data`, however few.
pub(super) fn filings(document: Value) -> Result<Found, Fault> {
    let mut document = normal(document, FORMS);
    let rows = document.get_mut("Data").map(|data| match data.take() {
        Value::Null => Value::Array(Vec::new()),
        Value::Object(row) => Value::Array(vec![Value::Object(row)]),
        other @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => other,
    });
    let class = rows.as_ref().is_some_and(Value::is_array).then_some(Class::Ok);
    if let (Some(rows), Some(place)) = (rows, document.get_mut("Data")) {
        *place = rows;
    }
    told(class, &document)
}

/// The same with one group in `Data`, where it is one.
fn single(mut document: Value) -> Value {
    if let Value::Object(members) = &mut document
        && let Some(data) = members.get_mut("Data").filter(|data| data.is_array())
    {
        match one(data.take()) {
            Ok(group) => *data = group,
            Err(several) => {
                members.remove("Data");
                members.insert(format!("Data{SEVERAL}"), several);
            }
        }
    }
    document
}
