//! The tree of their document while it is compiled: the left column taken apart and put in its place.

use super::node::point;
use super::out::string;
use super::plan::{Field, Level, Object, What};
use super::sentence::{Segment, Shapes, Trouble, segments};
use crate::model::Kind;

/// The left column: keys down to their field, whether it is an array, and what wraps it.
pub(crate) struct Header {
    pub(crate) keys: Vec<String>,
    pub(crate) array: bool,
    pub(crate) json: bool,
    base64: bool,
}

impl Header {
    pub(crate) fn parse(text: &str) -> Result<Self, Trouble> {
        let segments: Vec<Segment> = segments(text)?;
        let words: Vec<&str> = segments.iter().flatten().map(|word| word.text.as_str()).collect();
        let (path, json, base64) = match words.as_slice() {
            [path] => (*path, false, false),
            [path, "json"] => (*path, true, false),
            [path, "base64", "json"] => (*path, true, true),
            _ => {
                return Err(Trouble::new(
                    0..text.len(),
                    "write their path, and `| json` or `| base64 | json` after it",
                ));
            }
        };
        let array = path.ends_with("[]");
        let path = path.trim_end_matches("[]");
        if path.is_empty() || path.split('.').any(str::is_empty) || path.contains(['[', ']']) {
            return Err(Trouble::new(
                0..text.len(),
                "write their field as `a`, `a.b`, or `a[]` for an array",
            ));
        }
        Ok(Self {
            keys: path.split('.').map(str::to_owned).collect(),
            array,
            json,
            base64,
        })
    }

    pub(crate) fn wrap(&self, what: What) -> What {
        if self.json {
            What::Text {
                inner: Box::new(what),
                base64: self.base64,
            }
        } else {
            what
        }
    }
}

impl What {
    /// Itself, or what is in the text.
    pub(crate) fn inner(&mut self) -> &mut Self {
        if let Self::Text { inner, .. } = self {
            inner
        } else {
            self
        }
    }

    /// True when some text in it holds a document.
    pub(crate) fn opens(&self) -> bool {
        match self {
            Self::Line(_) => false,
            Self::Text { .. } => true,
            Self::Object(object) => object.opens(),
            Self::Array(array) => array.blocks.iter().any(|block| block.row.opens()),
        }
    }

    fn late(&self) -> bool {
        match self {
            Self::Line(line) => line.late,
            Self::Object(object) => object.late,
            Self::Text { inner, .. } => inner.late(),
            Self::Array(_) => false,
        }
    }
}

impl Object {
    /// True when some text in it holds a document.
    pub(crate) fn opens(&self) -> bool {
        self.fields.iter().any(|field| field.what.opens())
    }

    /// The member at the end of those keys.
    pub(crate) fn at(&mut self, keys: &[String]) -> Option<&mut What> {
        let (key, rest) = keys.split_first()?;
        let what = &mut self.fields.get_mut(*self.index.get(key)?)?.what;
        match what {
            what if rest.is_empty() => Some(what),
            What::Object(object) => object.at(rest),
            What::Line(_) | What::Array(_) | What::Text { .. } => None,
        }
    }

    /// Puts a member there, with the objects on the way; false when something stands there already.
    pub(crate) fn put(&mut self, keys: &[String], what: What) -> bool {
        let Some((key, rest)) = keys.split_first() else {
            return false;
        };
        self.late |= what.late();
        let known = self.index.get(key).copied();
        let Some(index) = known else {
            let what = if rest.is_empty() {
                what
            } else {
                let mut object = Self::default();
                object.put(rest, what);
                What::Object(object)
            };
            self.index.insert(key.clone(), self.fields.len());
            let mut step = String::new();
            point(&mut step, key);
            self.fields.push(Field {
                key: key.clone(),
                step,
                head: head(key),
                what,
            });
            return true;
        };
        match &mut self.fields[index].what {
            What::Object(object) if !rest.is_empty() => object.put(rest, what),
            What::Object(_) | What::Line(_) | What::Array(_) | What::Text { .. } => false,
        }
    }
}

fn head(key: &str) -> Vec<u8> {
    let mut head = Vec::with_capacity(key.len() + 3);
    string(key, &mut head);
    head.push(b':');
    head
}

pub(crate) fn join(before: &str, after: &str) -> String {
    if before.is_empty() {
        after.to_owned()
    } else {
        format!("{before}.{after}")
    }
}

/// The lists on the way down, `components[].files[]`; the shapes and prefixes gain each item.
pub(crate) fn levels(each: &str, shapes: &mut Shapes, ours: &mut Vec<String>) -> Result<Vec<Level>, Trouble> {
    let form = || {
        Trouble::new(
            0..each.len(),
            "write a list of ours with `[]`, such as `components[].files[]`",
        )
    };
    let body = each.strip_suffix("[]").ok_or_else(form)?;
    let mut levels = Vec::new();
    let mut offset = 0;
    for part in body.split("[].") {
        let list = shapes.place(part, offset)?;
        let Kind::List(&Kind::Record(record)) = list.path.kind() else {
            return Err(form());
        };
        let from = ours.len().saturating_sub(list.up + 1);
        let prefix = join(ours.get(from).map_or("", String::as_str), list.path.normal());
        ours.push(prefix + "[]");
        shapes.0.push(record);
        levels.push(Level { list });
        offset += part.len() + "[].".len();
    }
    Ok(levels)
}
