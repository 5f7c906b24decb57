//! The wire of the national population database (CSDL quốc gia về dân cư), directly at the police's own gateway and through
//! the platforms of the provinces, each of which wraps it in its own way.
//!
//! How a province wraps it is its profile, which is data; what the database itself asks and answers is here. Section
//! numbers in this crate are those of national-databases.md.

mod names;
mod normal;
mod question;
mod reading;

use wire::profile::{Profile, Unfit};
use wire::{
    Adapter, Answer, Call, Class, Credentials, Heals, Hop, Limits, Malformed, Opened, Operation, Payload,
    Reading, Request, fault,
};

/// What the database answers us, by our names (§2.3). Lists of citizens and batches are not among them: they have no
/// place in a gateway whose every question belongs to a dossier.
const OPERATIONS: [Operation; 3] = [
    // TraCuuThongTinCongDan, 037: one citizen's whole record.
    asks("citizen", DATED, &["agency", "account", "phone", "dossier"]),
    // XacThucThongTinCongDan, 033 or 003: do these details belong to one citizen?
    asks(
        "exists",
        UNDATED,
        &["born", "agency", "account", "phone", "dossier"],
    ),
    // XacMinhThongTinNhanThan: one citizen and the parents.
    asks("kin", KIN, &["account", "phone", "dossier"]),
];
/// The same of `exists`, where its profile asks for the date of birth.
const EXISTS_DATED: Operation = asks("exists", DATED, &["agency", "account", "phone", "dossier"]);

const UNDATED: &[&str] = &["request", "procedure", "officer", "number", "name"];
const DATED: &[&str] = &["request", "procedure", "officer", "number", "name", "born"];
const KIN: &[&str] = &[
    "request",
    "procedure",
    "officer",
    "number",
    "name",
    "born",
    "agency",
];

const fn asks(
    name: &'static str,
    arguments: &'static [&'static str],
    optional: &'static [&'static str],
) -> Operation {
    Operation {
        name,
        heals: Heals::Repeatable,
        session: false,
        arguments,
        optional,
        payload: Payload::Nothing,
    }
}

/// The population database, as one province reaches it.
#[derive(Debug)]
pub struct Population {
    profile: Profile,
    operations: Vec<Operation>,
}

impl Population {
    /// The adapter for this profile.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(profile: Profile) -> Result<Self, Vec<Unfit>> {
        let faults = profile.faults(&OPERATIONS);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut operations = profile.operations(&OPERATIONS);
        for operation in &mut operations {
            let way = profile.services.get(operation.name);
            let asks_birth = way.is_some_and(|way| {
                let mut fields = way.fields.iter();
                fields.any(|field| field.from.as_deref() == Some("born"))
            });
            if operation.name == EXISTS_DATED.name && asks_birth {
                (operation.arguments, operation.optional) = (EXISTS_DATED.arguments, EXISTS_DATED.optional);
            }
        }
        Ok(Population { profile, operations })
    }
}

impl Adapter for Population {
    fn name(&self) -> &'static str {
        "population"
    }

    fn operations(&self) -> &[Operation] {
        &self.operations
    }

    fn limits(&self, _: &str) -> Limits {
        Limits {
            bytes: 0,
            elements: 0,
        }
    }

    fn login(&self, credentials: &Credentials<'_>) -> Option<Request> {
        self.profile.login(credentials)
    }

    fn opened(&self, answer: &Answer<'_>) -> Opened {
        self.profile.opened(answer)
    }

    fn frame(&self, call: &Call<'_>) -> Result<Request, Malformed> {
        let operation = self.operation(call.operation).ok_or(Malformed::Operation)?;
        let request = self.profile.frame(operation, call)?;
        question::fits(call)?;
        Ok(request)
    }

    fn read(&self, operation: &str, answer: &Answer<'_>) -> Reading {
        match (self.operation(operation), self.profile.services.get(operation)) {
            (Some(operation), Some(way)) => reading::read(&self.profile, (operation, &way.answer), answer),
            _ => {
                let unknown = fault::Fault::new(Class::NotSupported, Hop::Gateway);
                unknown.unsure().reading(Heals::Repeatable)
            }
        }
    }
}

#[cfg(test)]
mod tests;
