//! A record as an ordered tree, so that XML and its conversions to JSON cannot differ in what they say.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) name: &'static str,
    pub(super) hold: Hold<'a>,
}

/// What it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hold<'a> {
    Text(Cow<'a, str>),
    Group(Vec<Part<'a>>),
}

/// An element with a text.
pub(super) fn leaf<'a>(name: &'static str, text: impl Into<Cow<'a, str>>) -> Part<'a> {
    let hold = Hold::Text(text.into());
    Part { name, hold }
}

/// An element with elements.
pub(super) fn group<'a>(name: &'static str, parts: Vec<Part<'a>>) -> Part<'a> {
    let hold = Hold::Group(parts);
    Part { name, hold }
}

impl Part<'_> {
    /// The element as XML, every name with this prefix; the prefix is declared outside.
    pub(super) fn xml(&self, prefix: &str) -> String {
        let mut pen = Writer::new(Vec::new());
        self.write(prefix, &mut pen);
        String::from_utf8(pen.into_inner()).unwrap_or_default()
    }

    fn write(&self, prefix: &str, pen: &mut Writer<Vec<u8>>) {
        let name = if prefix.is_empty() {
            Cow::Borrowed(self.name)
        } else {
            Cow::Owned(format!("{prefix}:{}", self.name))
        };
        let end = Event::End(BytesEnd::new(&*name));
        match &self.hold {
            Hold::Text(text) if text.is_empty() => put(pen, Event::Empty(BytesStart::new(&*name))),
            Hold::Group(parts) if parts.is_empty() => put(pen, Event::Empty(BytesStart::new(&*name))),
            Hold::Text(text) => {
                put(pen, Event::Start(BytesStart::new(&*name)));
                put(pen, Event::Text(BytesText::new(text)));
                put(pen, end);
            }
            Hold::Group(parts) => {
                put(pen, Event::Start(BytesStart::new(&*name)));
                parts.iter().for_each(|part| part.write(prefix, pen));
                put(pen, end);
            }
        }
    }

    /// What converters make of the element: names without prefix, an empty one as this value.
    pub(super) fn json(&self, empty: &Value) -> Value {
        match &self.hold {
            Hold::Text(text) if text.is_empty() => empty.clone(),
            Hold::Text(text) => Value::from(&**text),
            Hold::Group(parts) if parts.is_empty() => empty.clone(),
            Hold::Group(parts) => {
                let members = parts.iter().map(|part| (part.name.to_owned(), part.json(empty)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

fn put(pen: &mut Writer<Vec<u8>>, event: Event<'_>) {
    // Writing to memory cannot fail.
    let _written = pen.write_event(event);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_tree_is_written_both_ways() {
        let part = group(
            "A",
            vec![leaf("B", "x < y & z"), leaf("C", ""), group("D", vec![])],
        );
        assert_eq!(
            part.xml("n"),
            "<n:A><n:B>x &lt; y &amp; z</n:B><n:C/><n:D/></n:A>"
        );
        assert_eq!(part.xml(""), "<A><B>x &lt; y &amp; z</B><C/><D/></A>");
        assert_eq!(
            part.json(&Value::Null),
            json!({"B": "x < y & z", "C": null, "D": null})
        );
    }
}
