//! The body of a callback as one JSON object: read within bounds, its papers taken out of it.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};

use super::{Callback, Effect, Paper, Proof, Sent, Unread};
use crate::attach::{BULK, Unusable, decoded};
use crate::document;
use crate::json::scalar;
use crate::normal;

/// Members and elements of one body: each takes far more room once it is read than it takes on the wire.
const MEMBERS: usize = 100_000;
/// Characters of a number, a code or a reference (portal.md §2.7.1: 255 is the longest that was seen).
const LONGEST: usize = 255;

/// A JSON object that a caller sent. It is not believed yet, and it has no text form, for it is about a person.
pub struct Body {
    members: Map<String, Value>,
    papers: Vec<Paper>,
    sha256: fn(&[u8]) -> [u8; 32],
}

impl Body {
    /// The object in the body of a callback.
    ///
    /// # Errors
    /// [`Unread::Large`] for what is longer, deeper or of more members than this wire carries, and is not read at all;
    /// [`Unread::Body`] for what is no JSON object in UTF-8, or has a member twice.
    pub fn read(sent: &Sent<'_>) -> Result<Self, Unread> {
        match value(sent)? {
            Value::Object(members) => Ok(Body::of(members, sent)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(Unread::Body)
            }
        }
    }

    /// The list in the body of a callback, or one of its rows without the list, as the member `name` of an object.
    ///
    /// # Errors
    /// As those of [`Body::read`]; a list without rows says nothing either.
    pub fn list(sent: &Sent<'_>, name: &str) -> Result<Self, Unread> {
        let rows = match value(sent)? {
            Value::Array(rows) if !rows.is_empty() && rows.iter().all(Value::is_object) => rows,
            row @ Value::Object(_) => vec![row],
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(Unread::Body);
            }
        };
        let members = Map::from_iter([(name.to_owned(), Value::Array(rows))]);
        Ok(Body::of(members, sent))
    }

    fn of(members: Map<String, Value>, sent: &Sent<'_>) -> Self {
        Body {
            members,
            papers: Vec::new(),
            sha256: sent.sha256,
        }
    }

    /// The object within this one under the first of these names that is there; it is what the callback is about.
    ///
    /// # Errors
    /// [`Unread`] where there is none.
    pub fn within(mut self, names: &[&'static str]) -> Result<Self, Unread> {
        let name = names.iter().find(|name| self.value(name).is_some());
        let wanted = names.first().copied().unwrap_or_default();
        let name = name.ok_or(Unread::Missing(wanted))?;
        match self.members.get_mut(*name).map(Value::take) {
            Some(Value::Object(members)) => Ok(Body { members, ..self }),
            Some(_) | None => Err(Unread::Wrong(name)),
        }
    }

    /// A member that says something.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// The text or number of a member, without blanks at its ends. None where it is not there or blank.
    ///
    /// # Errors
    /// [`Unread::Wrong`] for a group, a list, true or false.
    pub fn text(&self, name: &'static str) -> Result<Option<String>, Unread> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let text = scalar(value).ok_or(Unread::Wrong(name))?;
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// The same of a number, a code or a reference: short, and on one line.
    ///
    /// # Errors
    /// [`Unread::Wrong`] for what is none.
    pub fn code(&self, name: &'static str) -> Result<Option<String>, Unread> {
        let text = self.text(name)?;
        let fits = |text: &String| text.chars().count() <= LONGEST && !text.contains(char::is_control);
        match text {
            Some(text) if !fits(&text) => Err(Unread::Wrong(name)),
            text => Ok(text),
        }
    }

    /// The same, where it must be there.
    ///
    /// # Errors
    /// [`Unread`] where it is not, or is none.
    pub fn needs(&self, name: &'static str) -> Result<String, Unread> {
        self.code(name)?.ok_or(Unread::Missing(name))
    }

    /// A member exactly as it is spelled: a part of a checksum. One that is not there is an empty part.
    ///
    /// # Errors
    /// [`Unread::Wrong`] for a group, a list, true or false.
    pub fn part(&self, name: &'static str) -> Result<String, Unread> {
        match self.value(name) {
            None => Ok(String::new()),
            Some(value) => scalar(value).ok_or(Unread::Wrong(name)),
        }
    }

    /// True or false, also as a text (portal.md §3.1: `True`, `true`); none where nothing is said.
    ///
    /// # Errors
    /// [`Unread::Wrong`] for anything else.
    pub fn flag(&self, name: &'static str) -> Result<Option<bool>, Unread> {
        if let Some(Value::Bool(flag)) = self.value(name) {
            return Ok(Some(*flag));
        }
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let known = ["true", "false"]
            .iter()
            .position(|word| text.eq_ignore_ascii_case(word));
        known.map(|at| Some(at == 0)).ok_or(Unread::Wrong(name))
    }

    /// The rows of a list; none where it is not there.
    ///
    /// # Errors
    /// [`Unread::Wrong`] for what is no list of groups.
    pub fn rows(&self, name: &'static str) -> Result<&[Value], Unread> {
        match self.value(name) {
            None => Ok(&[]),
            Some(Value::Array(rows)) if rows.iter().all(Value::is_object) => Ok(rows),
            Some(_) => Err(Unread::Wrong(name)),
        }
    }

    /// Takes members out, wherever they stand and in whichever case: keys, checksums, what nobody may keep.
    pub fn forget(&mut self, names: &[&str]) {
        forget(&mut self.members, names);
    }

    /// Puts a member in, in place of the one of that name.
    pub fn put(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }

    /// Takes the papers at a path (`TaiLieuNop[]/Base64`) out; the member holds the digest instead. One that is not
    /// there, null or empty has no paper.
    ///
    /// # Errors
    /// [`Unread::Wrong`] with the path for what is no paper in base64, [`Unread::Large`] for one that is too long.
    pub fn papers(&mut self, path: &'static str) -> Result<(), Unread> {
        let mut places = Vec::new();
        let mut whole = Value::Object(std::mem::take(&mut self.members));
        let steps: Vec<&str> = path.split('/').collect();
        let found = places_at(&mut whole, &steps, &mut places).ok_or(Unread::Wrong(path));
        let taken = found.and_then(|()| places.into_iter().try_for_each(|place| self.take(place, path)));
        if let Value::Object(members) = whole {
            self.members = members;
        }
        taken
    }

    fn take(&mut self, place: &mut Value, path: &'static str) -> Result<(), Unread> {
        let Value::String(text) = place else {
            return Err(Unread::Wrong(path));
        };
        if text.trim().is_empty() {
            return Ok(());
        }
        let bytes = decoded(text, BULK.file).map_err(|unusable| match unusable {
            Unusable::Long(_) => Unread::Large,
            Unusable::Encoding | Unusable::Page => Unread::Wrong(path),
        })?;
        let digest = HEXLOWER.encode(&(self.sha256)(&bytes));
        text.clone_from(&digest);
        if self.papers.iter().all(|paper| paper.digest != digest) {
            self.papers.push(Paper { digest, bytes });
        }
        Ok(())
    }

    /// A paper that was taken out.
    #[must_use]
    pub fn paper(&self, digest: &str) -> Option<&[u8]> {
        let found = self.papers.iter().find(|paper| paper.digest == digest)?;
        Some(&found.bytes)
    }

    /// The callback that this body is: its document in the normal form, and the papers that were in it. It says nothing else yet, and
    /// shows nothing of its sender.
    #[must_use]
    pub fn told(self, kind: &'static str, effect: Effect, key: String) -> Callback {
        let document = normal::normal(Value::Object(self.members), &[]);
        Callback {
            kind,
            effect,
            key,
            number: None,
            reference: None,
            agency: None,
            procedure: None,
            updating: None,
            at: None,
            money: None,
            proof: Proof::Nothing,
            document: document.to_string().into_bytes(),
            papers: self.papers,
        }
    }
}

/// The JSON of a body within its bounds.
fn value(sent: &Sent<'_>) -> Result<Value, Unread> {
    if sent.body.len() > BULK.message {
        return Err(Unread::Large);
    }
    let text = std::str::from_utf8(sent.body).map_err(|_| Unread::Body)?;
    let text = text.trim_start_matches('\u{feff}');
    fits(text.as_bytes())?;
    document::read(text).ok_or(Unread::Body)
}

/// The members at the end of a path; none where something else stands on the way.
fn places_at<'v>(value: &'v mut Value, steps: &[&str], places: &mut Vec<&'v mut Value>) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        places.push(value);
        return Some(());
    };
    let (name, list) = step
        .strip_suffix("[]")
        .map_or((*step, false), |name| (name, true));
    let Some(value) = value
        .as_object_mut()?
        .get_mut(name)
        .filter(|value| !value.is_null())
    else {
        return Some(());
    };
    if !list {
        return places_at(value, rest, places);
    }
    let rows = value.as_array_mut()?;
    rows.iter_mut().try_for_each(|row| places_at(row, rest, places))
}

fn forget(members: &mut Map<String, Value>, names: &[&str]) {
    members.retain(|name, _| !names.iter().any(|known| name.eq_ignore_ascii_case(known)));
    members.values_mut().for_each(|value| forget_within(value, names));
}

fn forget_within(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(members) => forget(members, names),
        Value::Array(items) => items.iter_mut().for_each(|item| forget_within(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a text nests no deeper and has no more members than is read. One pass, nothing is built.
fn fits(bytes: &[u8]) -> Result<(), Unread> {
    let (mut depth, mut members, mut at) = (0_usize, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = document::after_string(bytes, at) - 1,
            b'{' | b'[' => {
                depth += 1;
                members += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => members += 1,
            _other => {}
        }
        if depth > document::DEPTH || members > MEMBERS {
            return Err(Unread::Large);
        }
        at += 1;
    }
    Ok(())
}

/// The value of a parameter in a query, as it was before it was percent-encoded; none where it is not there, stands there
/// twice, or is not UTF-8.
#[must_use]
pub fn parameter(query: &str, name: &str) -> Option<String> {
    let mut found = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| *key == name);
    let value = found.next()?.1;
    if found.next().is_some() {
        return None;
    }
    plain(value)
}

fn plain(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(after.get(..2)?).ok()?;
                let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| hex)?);
                rest = after.get(2..)?;
            }
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
