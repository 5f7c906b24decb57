//! From a question to the bytes that leave.

use serde_json::{Map, Value};

use super::field::Made;
use super::{Envelope, Field, Profile, Way};
use crate::call::{Call, Malformed, Method, Request};
use crate::json::Raw;
use crate::operation::{Limits, Operation, Payload};
use crate::soap;
use crate::text::percent;
use crate::xml::Element;

/// The most bytes of a payload (§9.6).
const PAYLOAD: Limits = Limits {
    bytes: 50 << 20,
    elements: 10_000,
};

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
        Envelope::Soap => (None, "application/xml", message(way, call, made)?),
        Envelope::JsonSoap => {
            let message = message(way, call, made)?;
            let message = String::from_utf8(message).map_err(|_| Malformed::Form("UTF-8"))?;
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
    let target = match query {
        Some(query) if way.path.contains('?') => format!("{}&{query}", way.path),
        Some(query) => format!("{}?{query}", way.path),
        None => way.path.clone(),
    };
    Ok(Request {
        method: way.method,
        target,
        headers: headers(profile, way, call, (media, made))?,
        body,
    })
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
fn message(way: &Way, call: &Call<'_>, made: Made<'_>) -> Result<Vec<u8>, Malformed> {
    let prefixed = |name: &str| format!("{}:{name}", way.prefix);
    let mut root = Element::new(&prefixed(&way.root));
    for field in &way.fields {
        let Some(value) = field.value(call, made)? else {
            continue;
        };
        let mut at = &mut root;
        let mut steps = field.to.split('/').peekable();
        while let Some(step) = steps.next() {
            let name = prefixed(step);
            if steps.peek().is_none() {
                at.children.push(Element::with_text(&name, &value));
                break;
            }
            at = within(at, &name);
        }
    }
    soap::envelope(root, &way.prefix, &way.namespace).map_err(|_| Malformed::Form("XML"))
}

/// The child of that name to put a field in: the last one, or a new one.
fn within<'e>(at: &'e mut Element, name: &str) -> &'e mut Element {
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
        let Some(value) = field.value(call, made)? else {
            continue;
        };
        let value = match value.parse::<i64>() {
            Ok(number) if field.bare => Value::from(number),
            Ok(_) | Err(_) => Value::String(value),
        };
        put(&mut members, &field.to, value);
    }
    Ok(members)
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
