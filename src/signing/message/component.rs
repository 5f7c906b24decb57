//! Component identifiers: what of a message a signature covers (RFC 9421 §2).

use super::MessageError;
use super::structured::{Bare, Item, Parameters};

/// One component, such as `"@method"` or `"content-digest";req`.
#[derive(Clone, Debug)]
pub struct Component {
    /// The identifier as it was written, which is how it is signed.
    text: String,
    meaning: Meaning,
}

/// What an identifier says, whatever the order of its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) name: String,
    /// `;req`: of the request that the response answers.
    pub(super) req: bool,
    pub(super) form: Form,
}

/// How the value of a component is put down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it stands.
    Plain,
    /// `;sf`: as the canonical form of a structured field.
    Structured,
    /// `;key`: one member of a dictionary.
    Member(String),
    /// `;bs`: each line as base64.
    Bytes,
    /// `;name`: one parameter of the query.
    Parameter(String),
}

/// The derived components that a request has (§2.2).
const OF_REQUESTS: [&str; 8] = [
    "@method",
    "@target-uri",
    "@authority",
    "@scheme",
    "@request-target",
    "@path",
    "@query",
    "@query-param",
];

impl PartialEq for Component {
    fn eq(&self, other: &Self) -> bool {
        self.meaning == other.meaning
    }
}

impl Eq for Component {}

impl Component {
    /// Reads an identifier, quotes and parameters included: `"@query-param";name="id"`.
    pub fn read(text: &str) -> Result<Self, MessageError> {
        let item = Item::read(text).map_err(|_| unfit(text))?;
        Self::of(&item, text)
    }

    /// An identifier without parameters by its bare name: `@method`, `content-type`.
    pub fn named(name: &str) -> Result<Self, MessageError> {
        Self::read(&format!("\"{name}\""))
    }

    /// One of the names that are written in this house, which needs no reading.
    pub(super) fn known(name: &'static str) -> Self {
        Self {
            text: format!("\"{name}\""),
            meaning: Meaning {
                name: name.to_owned(),
                req: false,
                form: Form::Plain,
            },
        }
    }

    /// The same component of the request that a response answers.
    pub fn of_request(self) -> Self {
        if self.meaning.req {
            return self;
        }
        Self {
            text: format!("{};req", self.text),
            meaning: Meaning {
                req: true,
                ..self.meaning
            },
        }
    }

    /// The identifier as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn meaning(&self) -> &Meaning {
        &self.meaning
    }

    /// Takes an item of a `Signature-Input`, written as `text`.
    pub(super) fn of(item: &Item, text: &str) -> Result<Self, MessageError> {
        let name = match &item.bare {
            Bare::Text(name) if is_name(name) => name.clone(),
            Bare::Text(_)
            | Bare::Integer(_)
            | Bare::Decimal(_)
            | Bare::Token(_)
            | Bare::Bytes(_)
            | Bare::Boolean(_)
            | Bare::Date(_)
            | Bare::Display(_) => return Err(unfit(text)),
        };
        let (req, form) = forms(&item.parameters).ok_or_else(|| unfit(text))?;
        // §2.2.8: the one derived component with a parameter of its own, and it must have it.
        let fits = match &form {
            Form::Plain => name != "@query-param",
            Form::Structured | Form::Member(_) | Form::Bytes => !name.starts_with('@'),
            Form::Parameter(_) => name == "@query-param",
        };
        if !fits || (req && name == "@status") {
            return Err(unfit(text));
        }
        Ok(Self {
            text: text.trim_matches(' ').to_owned(),
            meaning: Meaning { name, req, form },
        })
    }
}

/// `None` is a parameter that is unknown, has another type, or does not go with another. Trailers (`;tr`) are not read.
fn forms(parameters: &Parameters) -> Option<(bool, Form)> {
    let (mut req, mut form) = (false, Form::Plain);
    for (name, value) in &parameters.0 {
        let other = match (name.as_str(), value) {
            ("req", Bare::Boolean(true)) => {
                req = true;
                continue;
            }
            ("sf", Bare::Boolean(true)) => Form::Structured,
            ("bs", Bare::Boolean(true)) => Form::Bytes,
            ("key", Bare::Text(key)) => Form::Member(key.clone()),
            ("name", Bare::Text(name)) => Form::Parameter(name.clone()),
            _ => return None,
        };
        form = match (form, other) {
            (Form::Plain, other) => other,
            // §2.1.2: a member is written in canonical form anyway.
            (Form::Structured, Form::Member(key)) | (Form::Member(key), Form::Structured) => {
                Form::Member(key)
            }
            _ => return None,
        };
    }
    Some((req, form))
}

/// A derived component that is known, or a field name in lower case (§2.1).
fn is_name(name: &str) -> bool {
    let letter =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte);
    name == "@status" || OF_REQUESTS.contains(&name) || (!name.is_empty() && name.bytes().all(letter))
}

fn unfit(text: &str) -> MessageError {
    MessageError::Component(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_equal_by_meaning_and_kept_as_written() {
        let one = Component::read("\"a\";key=\"x\";req").unwrap();
        let other = Component::read("\"a\";req;key=\"x\"").unwrap();
        assert_eq!(one, other);
        assert_eq!(other.text(), "\"a\";req;key=\"x\"");
        assert_ne!(one, Component::named("a").unwrap());
        let method = Component::named("@method").unwrap().of_request().of_request();
        assert_eq!(method.text(), "\"@method\";req");
        assert_eq!(method, Component::read(method.text()).unwrap());
    }

    #[test]
    fn what_cannot_be_covered_is_refused() {
        for text in [
            "a",
            "\"\"",
            "\"A\"",
            "\"a b\"",
            "\"@unknown\"",
            "\"@signature-params\"",
            "\"@status\";req",
            "\"@method\";sf",
            "\"@method\";name=\"a\"",
            "\"@query-param\"",
            "\"@query-param\";name=a",
            "\"a\";tr",
            "\"a\";req=1",
            "\"a\";req=?0",
            "\"a\";sf;bs",
            "\"a\";bs;key=\"b\"",
            "\"a\";name=\"b\"",
            "\"a\" ;sf",
            "\"a\", \"b\"",
        ] {
            assert!(Component::read(text).is_err(), "{text}");
        }
    }
}
