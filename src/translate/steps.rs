//! Steps that a system pushes by themselves: its own format, with the dossier's number and the list of its steps. All else that the
//! dossier says is read from what it said before.

use serde_json::Value;

use super::{Local, Translator, Unreadable, Untranslatable};
use crate::mapping::{self, Fault, Reason, Unreadable as Misread, Wrong};
use crate::model::{Dossier, Number, Step};

/// Why there are no steps.
#[derive(Debug, thiserror::Error)]
pub enum NoSteps {
    /// What was pushed cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// What the dossier said before cannot be written in its system's format.
    #[error(transparent)]
    Untranslatable(#[from] Untranslatable),
}

impl Translator {
    /// The number of the dossier that a document of a system is about, whatever else is in it.
    pub fn number_of(&self, from: Local<'_>, body: &[u8]) -> Result<Number, Unreadable> {
        let document = parsed(body)?;
        let pointer = self.pointer(from.mapping, "number");
        let found = document.pointer(&pointer).and_then(Value::as_str);
        let wrong = match found.map(Number::new) {
            Some(Ok(number)) => return Ok(number),
            Some(Err(_)) => Wrong::DossierNumber,
            None => Wrong::Missing,
        };
        Err(stopped(pointer, "number", wrong))
    }

    /// The steps in a document of a system, for a dossier of it; and the mapping that read them, as `name@version`.
    pub fn said_steps(
        &self,
        from: Local<'_>,
        body: &[u8],
        (dossier, at): (&Dossier, i64),
    ) -> Result<(Vec<Step>, String), NoSteps> {
        let pointer = self.pointer(from.mapping, "steps[].at");
        let list = pointer.trim_start_matches('/').to_owned();
        let mut said = parsed(body)?;
        let rows = said.get_mut(&list).map(Value::take);
        let rows = rows.filter(|rows| rows.as_array().is_none_or(|rows| !rows.is_empty()));
        let rows = rows.ok_or_else(|| stopped(pointer, "steps", Wrong::Missing))?;
        let known = self.local(from, dossier)?.payload;
        let mut document: Value = serde_json::from_slice(&known).unwrap_or_default();
        if let Value::Object(document) = &mut document {
            document.insert(list, rows);
        }
        let read = self.read(from, document.to_string().as_bytes(), at)?;
        Ok((read.dossier.facts.steps, read.mapping))
    }
}

/// A document, judged as strictly as any other.
fn parsed(body: &[u8]) -> Result<Value, Unreadable> {
    if let Some(why) = mapping::unreadable(body) {
        return Err(Unreadable::Bytes(why));
    }
    serde_json::from_slice(body).map_err(|error| {
        Unreadable::Bytes(Misread {
            reason: Reason::Syntax,
            pointer: String::new(),
            line: error.line(),
            column: error.column(),
        })
    })
}

fn stopped(pointer: String, ours: &str, wrong: Wrong) -> Unreadable {
    Unreadable::Facts(vec![Fault {
        pointer,
        ours: Some(ours.to_owned()),
        wrong,
    }])
}
