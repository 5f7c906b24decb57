//! How one site reaches the axis, as data. What nobody could read or was told stands in a profile with the mark "guess".

use std::collections::BTreeMap;

use serde::Deserialize;
use wire::profile::Rule;
use wire::time::Date;
use wire::{Call, Limits as Most, Malformed, Method, Operation};

use crate::file::Limits;
use crate::read::Tolerance;

/// A profile, as its file says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framing {
    /// Its name, as evidence records it.
    pub profile: String,
    /// Its version, counted up with every change.
    pub version: u32,
    /// What calls say they come from.
    pub agent: String,
    /// The version of the operator's adapter that is spoken.
    pub adapter: String,
    /// Where the parameters of a call stand besides its headers.
    #[serde(default)]
    pub body: Body,
    /// How far a sender's clock may be from ours, seconds.
    pub skew: u32,
    /// Packets of about 2015 are read too (§1.2).
    #[serde(default)]
    pub old: bool,
    /// How much is taken of a packet.
    #[serde(default)]
    pub limits: Limits,
    /// What is offered, by our names of operations.
    pub services: BTreeMap<String, Way>,
}

/// Where parameters stand besides the headers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// Nowhere: the body is empty, as the SDK sends it.
    #[default]
    Empty,
    /// In a JSON object, which no MAC covers.
    Json,
}

/// How one operation is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// The path, beginning with `/`; it is joined straight to the address of the axis.
    pub path: String,
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// The name of the file part that carries the packet, where one is sent.
    #[serde(default)]
    pub file: Option<String>,
    /// The parameters, in the order in which they are signed.
    #[serde(default)]
    pub parameters: Vec<Field>,
    /// How the answer is opened.
    pub answer: Rule,
}

fn post() -> Method {
    Method::Post
}

/// One parameter of a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name there.
    pub to: String,
    /// The argument it carries.
    #[serde(default)]
    pub from: Option<String>,
    /// A constant.
    #[serde(default)]
    pub is: Option<String>,
    /// Written as a JSON list of texts; the argument has commas between them.
    #[serde(default)]
    pub list: bool,
    /// Written as a day by this pattern of `yyyy`, `MM`, `dd`.
    #[serde(default)]
    pub day: Option<String>,
}

/// What is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A service that the wire does not know.
    #[error("the wire has no operation `{0}`; it has {1}")]
    Offered(String, String),
    /// A parameter asks for an argument that the operation does not have.
    #[error("service `{0}`: the call has no `{1}`; it has {2}")]
    Argument(String, String, String),
    /// A path that does not begin with `/`, or holds what no request line carries.
    #[error("service `{0}`: the path `{1}` is none; begin it with `/`")]
    Path(String, String),
    /// A parameter that says nothing, or two things, or has a name that no header has or that another one has.
    #[error("service `{0}`: the parameter `{1}` says exactly one of `from`, `is`, under a name of its own")]
    Field(String, String),
    /// A packet that has no part to travel in, or a part without a packet.
    #[error("service `{0}`: `file` names the part of a packet, where one is sent and only there")]
    File(String),
    /// A text that no header carries.
    #[error("`{0}` is a text that no header carries")]
    Header(&'static str),
}

/// Names that the MAC gives to headers of its own.
const TAKEN: [&str; 7] = [
    "timestamp",
    "systemid",
    "hash-file",
    "sign-header",
    "sign-header-key",
    "hash-header",
    "version",
];

/// Whether a header carries this text and gives it back the same.
pub(crate) fn carried(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    plain && text.trim() == text
}

impl Framing {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn faults(&self, operations: &[Operation]) -> Vec<Unfit> {
        let mut faults = Vec::new();
        for (name, text) in [("agent", &self.agent), ("adapter", &self.adapter)] {
            if text.is_empty() || !carried(text) {
                faults.push(Unfit::Header(name));
            }
        }
        for (name, way) in &self.services {
            match operations.iter().find(|operation| operation.name == name) {
                Some(operation) => way.faults(operation, &mut faults),
                None => {
                    let known: Vec<&str> = operations.iter().map(|operation| operation.name).collect();
                    faults.push(Unfit::Offered(name.clone(), known.join(", ")));
                }
            }
        }
        faults
    }

    /// What is taken of packets that come from here.
    #[must_use]
    pub fn tolerance(&self) -> Tolerance {
        Tolerance {
            old: self.old,
            limits: self.limits,
        }
    }

    /// How much a call may carry: one packet.
    pub(crate) fn most(&self, way: &Way) -> Most {
        let bytes = if way.file.is_some() { self.limits.packet } else { 0 };
        Most { bytes, elements: 1 }
    }
}

impl Way {
    fn faults(&self, operation: &Operation, faults: &mut Vec<Unfit>) {
        let name = operation.name.to_owned();
        if !self.path.starts_with('/') || !self.path.bytes().all(|byte| byte.is_ascii_graphic()) {
            faults.push(Unfit::Path(name.clone(), self.path.clone()));
        }
        let sends = operation.payload != wire::Payload::Nothing;
        let part = self.file.as_deref();
        if sends != part.is_some() || part.is_some_and(|part| !is_token(part)) {
            faults.push(Unfit::File(name.clone()));
        }
        for (n, field) in self.parameters.iter().enumerate() {
            let again = self.parameters[..n]
                .iter()
                .any(|other| other.to.eq_ignore_ascii_case(&field.to));
            if again || !field.fits() {
                faults.push(Unfit::Field(name.clone(), field.to.clone()));
            }
            let known = || operation.arguments.iter().chain(operation.optional);
            let asked = field.from.as_deref();
            if let Some(from) = asked.filter(|from| !known().any(|argument| argument == from)) {
                let all: Vec<&str> = known().copied().collect();
                faults.push(Unfit::Argument(name.clone(), from.to_owned(), all.join(", ")));
            }
        }
    }
}

fn is_token(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !name.is_empty() && name.bytes().all(plain)
}

impl Field {
    fn fits(&self) -> bool {
        let taken = TAKEN.iter().any(|name| name.eq_ignore_ascii_case(&self.to));
        let said = self.from.is_some() != self.is.is_some();
        let fits = self.is.as_deref().is_none_or(carried);
        is_token(&self.to) && !taken && said && fits && !(self.list && self.day.is_some())
    }

    /// What it says in this call; none where its argument is not there.
    pub(crate) fn value(&self, call: &Call<'_>) -> Result<Option<String>, Malformed> {
        let argued = self.from.as_deref().and_then(|from| call.argument(from));
        let Some(raw) = argued.or(self.is.as_deref()) else {
            return Ok(None);
        };
        let value = match &self.day {
            Some(pattern) => Date::parse(raw)
                .and_then(|day| day.write(pattern))
                .ok_or(Malformed::Argued("a day"))?,
            None if self.list => {
                let values: Vec<&str> = raw.split(',').map(str::trim).collect();
                serde_json::to_string(&values).map_err(|_| Malformed::Argued("a list"))?
            }
            None => raw.to_owned(),
        };
        let fits = carried(&value).then_some(value);
        fits.ok_or(Malformed::Argued("a header")).map(Some)
    }
}
