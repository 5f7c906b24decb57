//! The normal form of a record: JSON with the database's own names, whichever way the record came. Members stand in the
//! database's order, what says nothing is left out, codes have their zeros, names are whole and in parts where they came
//! in parts, and what the database's description does not know follows under its own name.

use std::borrow::Cow;

use wire::json::quote;
use wire::time;
use wire::xml::Element;

use crate::names::{BORN, CITIZEN, Member, NAME, PARTS, Shape};

/// The whole name, beside its parts where the database gives parts: the one name here that is not the database's own.
const WHOLE: &str = "DayDu";
/// The moment that the data is of.
const AS_OF: &str = "ThoiDiemDuLieu";

/// An element is not what the database's description has under its name.
#[derive(Debug)]
pub(crate) struct Strange;

/// A record that says something.
pub(crate) struct Record {
    json: Vec<u8>,
    /// It has a name.
    pub(crate) named: bool,
}

/// A `CongDan` in its normal form; none when it says nothing.
pub(crate) fn record(element: &Element<'_>) -> Result<Option<Record>, Strange> {
    if !element.text.is_empty() {
        return Err(Strange);
    }
    let mut json = Vec::with_capacity(2_048);
    let slots = Slots::of(element, CITIZEN)?;
    let said = slots.write(&mut json)?;
    // The object is the value of `CongDan`; its attributes follow as members of their own.
    beside(&mut json, "CongDan", element);
    if !said {
        return Ok(None);
    }
    let name = CITIZEN.iter().position(|(name, _)| *name == NAME);
    let name = name.and_then(|place| slots.known[place]);
    let named = name.is_some_and(says);
    // A record of another service of the same name says what this one does not know, and of nobody (§2.6, §8 row 9).
    if !named && slots.strange.iter().any(|element| says(element)) {
        return Err(Strange);
    }
    Ok(Some(Record { json, named }))
}

/// The whole normal form: what the collection says beside its citizen, and the citizen.
pub(crate) fn collection<'e>(
    beside: impl IntoIterator<Item = (&'static str, Option<&'e str>)>,
    record: &Record,
) -> Vec<u8> {
    let mut into = Vec::with_capacity(record.json.len() + 64);
    into.push(b'{');
    for (name, said) in beside {
        let Some(said) = said else { continue };
        match (name, moment(said)) {
            (AS_OF, Some(moment)) => text(&mut into, name, &moment),
            // A moment that cannot be read is kept under a name that nobody reads a moment by.
            (AS_OF, None) => text(&mut into, "ThoiDiemDuLieu@", said),
            _ => text(&mut into, name, said),
        }
    }
    key(&mut into, "CongDan");
    into.extend_from_slice(&record.json);
    into.push(b'}');
    into
}

/// Whether anything is said in it.
pub(crate) fn says(element: &Element<'_>) -> bool {
    !element.text.is_empty() || element.children.iter().any(says)
}

/// The children of an element, beside the members that its description has.
struct Slots<'e, 'a> {
    members: &'static [Member],
    known: [Option<&'e Element<'a>>; CITIZEN.len()],
    strange: Vec<&'e Element<'a>>,
}

impl<'e, 'a> Slots<'e, 'a> {
    /// A member stands once; empty ones do not count.
    fn of(element: &'e Element<'a>, members: &'static [Member]) -> Result<Self, Strange> {
        let mut slots = Slots {
            members,
            known: [None; CITIZEN.len()],
            strange: Vec::new(),
        };
        let mut next = 0;
        for child in &element.children {
            let local = child.local();
            let ahead = members.iter().skip(next).position(|(name, _)| *name == local);
            let place = ahead
                .map(|steps| next + steps)
                .or_else(|| members.iter().position(|(name, _)| *name == local));
            let Some(place) = place else {
                slots.strange.push(child);
                continue;
            };
            next = place + 1;
            match slots.known[place] {
                Some(before) if says(before) && says(child) => return Err(Strange),
                Some(before) if says(before) => {}
                Some(_) | None => slots.known[place] = Some(child),
            }
        }
        Ok(slots)
    }

    /// Writes the object, with the closing bracket; false when it says nothing.
    fn write(&self, into: &mut Vec<u8>) -> Result<bool, Strange> {
        into.push(b'{');
        let start = into.len();
        for ((name, shape), element) in self.members.iter().zip(&self.known) {
            if let Some(element) = element {
                member(into, name, *shape, element)?;
                beside(into, name, element);
            }
        }
        others(into, self.strange.iter().copied());
        let said = into.len() > start;
        into.push(b'}');
        Ok(said)
    }
}

/// One member by its description; nothing when it says nothing.
fn member(into: &mut Vec<u8>, name: &str, shape: Shape, element: &Element<'_>) -> Result<(), Strange> {
    match shape {
        Shape::Group(members) => group(into, name, element, members),
        Shape::Name => named(into, name, element),
        Shape::Born if element.children.is_empty() => {
            let part = if element.text.len() == 4 {
                "Nam"
            } else {
                "NgayThangNam"
            };
            if !element.text.is_empty() {
                key(into, name);
                into.push(b'{');
                text(into, part, &element.text);
                into.push(b'}');
            }
            Ok(())
        }
        Shape::Born => group(into, name, element, BORN),
        Shape::Code(_) | Shape::Number { .. } | Shape::Text => {
            if element.children.iter().any(says) {
                return Err(Strange);
            }
            if !element.text.is_empty() {
                text(into, name, &padded(&element.text, shape));
            }
            Ok(())
        }
    }
}

fn group(
    into: &mut Vec<u8>,
    name: &str,
    element: &Element<'_>,
    members: &'static [Member],
) -> Result<(), Strange> {
    if !element.text.is_empty() {
        return Err(Strange);
    }
    let slots = Slots::of(element, members)?;
    let start = into.len();
    key(into, name);
    if !slots.write(into)? {
        into.truncate(start);
    }
    Ok(())
}

/// A name is flat, or whole in its last part, or in parts (§8 row 5): always the whole of it, and parts where it came so.
fn named(into: &mut Vec<u8>, name: &str, element: &Element<'_>) -> Result<(), Strange> {
    let slots = Slots::of(element, PARTS)?;
    let part = |place: usize| slots.known[place].map_or("", |part: &Element<'_>| &part.text);
    let parts @ [family, middle, given] = [part(0), part(1), part(2)];
    let in_parts = !family.is_empty() || !middle.is_empty();
    let nested = slots
        .known
        .iter()
        .flatten()
        .any(|part| part.children.iter().any(says));
    let whole = match (in_parts, given, element.text.as_ref()) {
        _ if nested => return Err(Strange),
        (false, "", flat) => Cow::Borrowed(flat),
        (false, given, "") => Cow::Borrowed(given),
        (true, _, "") => Cow::Owned(parts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")),
        _ => return Err(Strange),
    };
    let start = into.len();
    key(into, name);
    into.push(b'{');
    let opened = into.len();
    if !whole.is_empty() {
        text(into, WHOLE, &whole);
    }
    for ((part, _), said) in PARTS.iter().zip(parts) {
        if in_parts && !said.is_empty() {
            text(into, part, said);
        }
    }
    others(into, slots.strange.iter().copied());
    if into.len() == opened {
        into.truncate(start);
    } else {
        into.push(b'}');
    }
    Ok(())
}

/// What no description knows, each under its own name; a name that stands more than once is a list.
fn others<'e, 'a: 'e>(into: &mut Vec<u8>, elements: impl Iterator<Item = &'e Element<'a>>) {
    let mut named: Vec<(&str, Vec<&Element<'_>>)> = Vec::new();
    for element in elements.filter(|element| says(element)) {
        match named.iter_mut().find(|(name, _)| *name == element.local()) {
            Some((_, all)) => all.push(element),
            None => named.push((element.local(), vec![element])),
        }
    }
    for (name, all) in named {
        key(into, name);
        match all.as_slice() {
            [one] => other(into, one),
            many => list(into, many),
        }
        all.iter().for_each(|one| beside(into, name, one));
    }
}

fn list(into: &mut Vec<u8>, elements: &[&Element<'_>]) {
    into.push(b'[');
    for (n, element) in elements.iter().enumerate() {
        into.extend((n > 0).then_some(b','));
        other(into, element);
    }
    into.push(b']');
}

fn other(into: &mut Vec<u8>, element: &Element<'_>) {
    if element.children.is_empty() {
        return quote(into, &element.text);
    }
    into.push(b'{');
    if !element.text.is_empty() {
        text(into, "#text", &element.text);
    }
    others(into, element.children.iter());
    into.push(b'}');
}

/// The attributes of an element, as members beside it: `name@attribute`. What XML needs for itself is none.
fn beside(into: &mut Vec<u8>, name: &str, element: &Element<'_>) {
    for (attribute, said) in &element.attributes {
        let prefix = attribute.split(':').next().unwrap_or_default();
        if !["xmlns", "xsi", "xml"].contains(&prefix) && !said.trim().is_empty() {
            text(into, &format!("{name}@{attribute}"), said.trim());
        }
    }
}

fn text(into: &mut Vec<u8>, name: &str, said: &str) {
    key(into, name);
    quote(into, said);
}

fn key(into: &mut Vec<u8>, name: &str) {
    if into.last() != Some(&b'{') {
        into.push(b',');
    }
    quote(into, name);
    into.push(b':');
}

/// A code or a number with the zeros that a converter took for nothing (§8 row 6); everything else as it came.
fn padded(said: &str, shape: Shape) -> Cow<'_, str> {
    let digits = said.bytes().all(|byte| byte.is_ascii_digit());
    let bare = said.trim_start_matches('0');
    match shape {
        Shape::Code(width) if digits && bare.len() <= width && said.len() != width => {
            Cow::Owned(format!("{bare:0>width$}"))
        }
        Shape::Number { digits: width, zeros } if digits && (width - zeros..width).contains(&said.len()) => {
            Cow::Owned(format!("{said:0>width$}"))
        }
        Shape::Code(_) | Shape::Number { .. } | Shape::Text | Shape::Name | Shape::Born | Shape::Group(_) => {
            Cow::Borrowed(said)
        }
    }
}

/// A moment in one form, with its zone and without fractions; one without a zone is of Viet Nam.
fn moment(said: &str) -> Option<String> {
    time::moment(said)?;
    let (clock, rest) = said.split_at_checked(19)?;
    let whole = clock.bytes().filter(|byte| byte.is_ascii_digit()).count() == 14;
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let zone = match zone {
        "" => "+07:00",
        "Z" | "z" => "+00:00",
        zone if zone.len() == 6 => zone,
        _ => return None,
    };
    whole.then(|| format!("{}T{}{zone}", &clock[..10], &clock[11..]))
}
