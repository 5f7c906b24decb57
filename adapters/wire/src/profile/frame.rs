//! From a question to the bytes that leave.

use serde_json::{Map, Value};

use super::field::Made;
use super::{Envelope, Field, Profile, Way};
use crate::call::{Call, Malformed, Method, Request};
use crate::json::Raw;
use crate::operation::{Limits, Operation, Payload};
use crate::soap;
use crate::text::percent;
use crate::xml::{self, Element};

/// The most bytes of a payload (§9.6).
const PAYLOAD: Limits = Limits {
    bytes: 50 << 20,
    elements: 10_000,
};

/// A value with a character that no XML holds.
const XML: fn(xml::Unfit) -> Malformed = |_| Malformed::Form("XML");

/// Whether the call carries what its operation needs and nothing else.
pub(super) fn checked(operation: &Operation, call: &Call<'_>) -> Result<(), Malformed> {
    if operation.session && call.session.is_none_or(str::is_empty) {
        return Err(Malformed::Session);
    }
    for name in operation.arguments {
        call.argument(name).ok_or(Malformed::Argument(name))?;
    }
    let takes = |name: &str| operation.arguments.contains(&name) || operation.optional.contains(&name);
    let mut seen = Vec::with_capacity(call.arguments.len());
    for (name, _) in call.arguments {
        if !takes(name) || seen.contains(name) {
            return Err(Malformed::Stray);
        }
        seen.push(name);
    }
    match operation.payload {
        Payload::Nothing if !call.payload.is_empty() => Err(Malformed::Unwanted),
        Payload::Object => Raw::object(call.payload, PAYLOAD).map(drop),
        Payload::Array => Raw::array(call.payload, PAYLOAD).map(drop),
        Payload::Nothing | Payload::Xml => Ok(()),
    }
}

pub(super) fn request(profile: &Profile, way: &Way, call: &Call<'_>) -> Result<Request, Malformed> {
    let lgsp = lgsp(profile, call);
    let made = Made {
        message: None,
        lgsp: lgsp.as_deref(),
    };
    let (query, media, body) = match way.envelope {
        Envelope::Soap => {
            let message = xml::write(&message(way, call, made)?).map_err(XML)?;
            (None, "application/xml", message)
        }
        Envelope::JsonSoap => {
            let message = xml::write_bare(&message(way, call, made)?).map_err(XML)?;
            let made = Made {
                message: Some(&message),
                ..made
            };
            (None, "application/json", object(&way.around, call, made)?)
        }
        Envelope::Json => (None, "application/json", object(&way.fields, call, made)?),
        Envelope::Query => (
            Some(query(&way.fields, call, made)?),
            "application/json",
            Vec::new(),
        ),
        Envelope::Payload => (None, "application/json", beside(&way.fields, call, made)?),
    };
    let path = path(&way.path, call)?;
    let target = match query.filter(|query| !query.is_empty()) {
        Some(query) if path.contains('?') => format!("{path}&{query}"),
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    Ok(Request {
        method: way.method,
        target,
        headers: headers(profile, way, call, (media, made))?,
        body,
    })
}

/// The path with the arguments that stand in it: none of them can leave its segment.
fn path(path: &str, call: &Call<'_>) -> Result<String, Malformed> {
    const MISSING: Malformed = Malformed::Argued("a part of the path");
    let mut whole = String::with_capacity(path.len());
    for (n, part) in path.split('{').enumerate() {
        let plain = match part.split_once('}').filter(|_| n > 0) {
            Some((name, plain)) => {
                let value = call.argument(name).filter(|value| !matches!(*value, "." | ".."));
                whole.push_str(&percent(value.ok_or(MISSING)?));
                plain
            }
            None => part,
        };
        whole.push_str(plain);
    }
    Ok(whole)
}

fn lgsp(profile: &Profile, call: &Call<'_>) -> Option<String> {
    let keys = profile.lgsp.as_ref()?;
    Some(keys.token(&call.auth.as_ref()?.credentials))
}

fn headers(
    profile: &Profile,
    way: &Way,
    call: &Call<'_>,
    (media, made): (&str, Made<'_>),
) -> Result<Vec<(String, String)>, Malformed> {
    let accept = if media.ends_with("xml") {
        "application/xml"
    } else {
        "application/json"
    };
    let mut headers = vec![("Accept".to_owned(), accept.to_owned())];
    if way.method != Method::Get {
        headers.push(("Content-Type".to_owned(), media.to_owned()));
    }
    if let Some(signed) = &way.signed {
        let auth = call.auth.as_ref().ok_or(Malformed::Secret("password"))?;
        headers.extend(profile.token.sign(signed, auth));
    }
    for field in profile.headers.iter().chain(&way.headers) {
        if let Some(value) = field.value(call, made)? {
            let fits = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
            let value = fits.then_some(value).ok_or(Malformed::Argued("a header"))?;
            headers.push((field.to.clone(), value));
        }
    }
    Ok(headers)
}

/// The SOAP message: the fields in their order, those with a path within the element it names.
fn message<'w>(way: &'w Way, call: &Call<'_>, made: Made<'_>) -> Result<Element<'w>, Malformed> {
    let prefixed = |name: &str| format!("{}:{name}", way.prefix);
    let mut root = Element::new(prefixed(&way.root));
    for field in &way.fields {
        let Some(value) = field.value(call, made)? else {
            continue;
        };
        let mut at = &mut root;
        let mut steps = field.to.split('/').peekable();
        while let Some(step) = steps.next() {
            let name = prefixed(step);
            if steps.peek().is_none() {
                at.children.push(Element::with_text(name, value));
                break;
            }
            at = within(at, name);
        }
    }
    Ok(soap::envelope(root, &way.prefix, &way.namespace))
}

/// The child of that name to put a field in: the last one, or a new one.
fn within<'e, 'a>(at: &'e mut Element<'a>, name: String) -> &'e mut Element<'a> {
    let place = match at.children.iter().rposition(|child| child.name == name) {
        Some(place) => place,
        None => {
            at.children.push(Element::new(name));
            at.children.len() - 1
        }
    };
    &mut at.children[place]
}

fn object(fields: &[Field], call: &Call<'_>, made: Made<'_>) -> Result<Vec<u8>, Malformed> {
    let members = members(fields, call, made)?;
    serde_json::to_vec(&Value::Object(members)).map_err(|_| Malformed::Form("JSON"))
}

fn members(fields: &[Field], call: &Call<'_>, made: Made<'_>) -> Result<Map<String, Value>, Malformed> {
    let mut members = Map::new();
    for field in fields {
        if let Some((list, name)) = field.listed() {
            rows(&mut members, (list, name), field.values(call, made)?, field)?;
        } else if let Some(value) = field.value(call, made)? {
            put(&mut members, &field.to, bare(field, value));
        }
    }
    Ok(members)
}

fn bare(field: &Field, value: String) -> Value {
    match (value.parse::<i64>(), value.as_str()) {
        (Ok(number), _) if field.bare => Value::from(number),
        (_, "true" | "false") if field.bare => Value::Bool(value == "true"),
        (Ok(_) | Err(_), _) => Value::String(value),
    }
}

/// Puts a field into the rows of its list, which its argument makes; a constant goes into those that are there.
fn rows(
    members: &mut Map<String, Value>,
    (list, name): (&str, &str),
    values: Vec<String>,
    field: &Field,
) -> Result<(), Malformed> {
    const EMPTY: Malformed = Malformed::Argued("the values of a list");
    let rows = at(members, list).ok_or(Malformed::Form("one list of rows"))?;
    let wanted = if field.from.is_some() {
        values.len()
    } else {
        rows.len()
    };
    if wanted == 0 || (!rows.is_empty() && rows.len() != wanted) {
        return Err(EMPTY);
    }
    rows.resize_with(wanted, || Value::Object(Map::new()));
    for (row, value) in rows.iter_mut().zip(values.iter().cycle()) {
        match row {
            row if name.is_empty() => *row = bare(field, value.clone()),
            Value::Object(row) => put(row, name, bare(field, value.clone())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {}
        }
    }
    Ok(())
}

/// The list at a path of members, made where there is none.
fn at<'m>(members: &'m mut Map<String, Value>, path: &str) -> Option<&'m mut Vec<Value>> {
    match path.split_once('/') {
        None => members
            .entry(path)
            .or_insert_with(|| Value::Array(Vec::new()))
            .as_array_mut(),
        Some((name, rest)) => {
            let inner = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
            at(inner.as_object_mut()?, rest)
        }
    }
}

fn put(members: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('/') {
        None => {
            members.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn query(fields: &[Field], call: &Call<'_>, made: Made<'_>) -> Result<String, Malformed> {
    let mut pairs = Vec::with_capacity(fields.len());
    for field in fields {
        if let Some(value) = field.value(call, made)? {
            pairs.push(format!("{}={}", percent(&field.to), percent(&value)));
        }
    }
    Ok(pairs.join("&"))
}

/// The payload's own bytes, with the envelope's members before its own.
fn beside(fields: &[Field], call: &Call<'_>, made: Made<'_>) -> Result<Vec<u8>, Malformed> {
    if fields.is_empty() {
        return Ok(call.payload.to_vec());
    }
    let mut body = object(fields, call, made)?;
    let inner = call.payload.trim_ascii().strip_prefix(b"{");
    let inner = inner.ok_or(Malformed::Form("a JSON object"))?;
    if body.len() > 2 {
        body.pop();
        if inner.trim_ascii() != b"}" {
            body.push(b',');
        }
    } else {
        body.truncate(1);
    }
    body.extend_from_slice(inner);
    Ok(body)
}
