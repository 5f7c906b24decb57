//! One field of a question: where it stands there, where its value comes from, and in which form it is written.

use serde::Deserialize;

use super::Unfit;
use crate::call::{Call, Malformed};
use crate::operation::Operation;
use crate::text::{ascii, upper};
use crate::time::Date;

/// The arguments that questions are made of, by our names.
pub const ARGUMENTS: &[&str] = &[
    "request",   // the id of this question, at most 40 characters
    "procedure", // the national code of the procedure
    "dossier",   // the dossier's number
    "dossiers",  // numbers of dossiers, with commas between
    "linked",    // the number of a linked dossier at the hub
    "module",    // what civil status registers: `LTKS`, `KT` …
    "unit",      // the Justice unit that registers, by its numeric code
    "officer",   // the officer's own identity number
    "officer-name",
    "agency",   // the officer's agency
    "account",  // the officer's login name
    "phone",    // the officer's telephone
    "number",   // the subject's identity number, 12 or 9 digits
    "name",     // the subject's name as filed
    "born",     // `1990-05-17`, `1990-05` or `1990`
    "gender",   // `male`, `female` or `other`
    "code",     // an enterprise's, household business's or insurance number
    "province", // the subject's place, by unit codes
    "district",
    "commune",
    "results",    // codes of wanted results, with commas between
    "issuer",     // the agency that keeps a result
    "channel",    // `1` an officer asks, `2` the citizen
    "path",       // the address of a file there
    "id",         // an id of theirs
    "from",       // the first day of a window
    "until",      // its last day
    "from-time",  // the first minute of a window of today, `08:00`
    "until-time", // its last minute
    "page",
    "offset",  // how many rows are passed over
    "size",    // the most rows
    "book",    // the number of a social-insurance book
    "card",    // the number of a health-insurance card
    "session", // what the login gave: `token` bare, `bearer` with the word before it
];

/// Where a value comes from besides arguments.
const MADE: &[&str] = &[
    "token",
    "bearer",
    "lgsp",
    "message",
    "timestamp",
    "username",
    "password",
];

/// A field, as a profile says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name there; `a/b` stands within `a`. In JSON `a[]/b` stands within each row of the list `a`: there is one for
    /// each value of the argument, which has commas between them; a constant stands in all of them. `a[]` is a list of the
    /// values themselves.
    pub to: String,
    /// The argument it carries, or what is made for each call: `token`, `bearer`, `lgsp`, `message` (the SOAP text),
    /// `timestamp`, `username`.
    #[serde(default)]
    pub from: Option<String>,
    /// A constant.
    #[serde(default)]
    pub is: Option<String>,
    /// A secret by its name.
    #[serde(default)]
    pub secret: Option<String>,
    /// How it is written.
    #[serde(default, rename = "as")]
    pub form: Form,
    /// What is written before it, as it is: `VN` before the number of an acting person (§1.7).
    #[serde(default)]
    pub before: String,
    /// When it is there at all.
    #[serde(default)]
    pub only: Option<Only>,
    /// Written as an empty text where there is nothing to say; left out otherwise.
    #[serde(default)]
    pub empty: bool,
    /// Written as a JSON number, or as true or false, where it is one.
    #[serde(default)]
    pub bare: bool,
    /// The most characters; the rest is cut.
    #[serde(default)]
    pub max: Option<usize>,
}

/// How a value is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Form {
    /// As it is.
    #[default]
    Plain,
    /// Composed, upper case, single spaces: name mode A (§2.8).
    Upper,
    /// Upper case without accents and spaces, A–Z and 0–9 only: name mode B (§2.8).
    Ascii,
    /// A date by this pattern of `yyyy`, `MM`, `dd`.
    Date(String),
    /// A gender as a digit: 1 male, 2 female, 3 other.
    Gender,
    /// How much of a date is known, as a digit: 0 the day, 1 the year alone, 2 month and year (§6.1).
    Precision,
}

impl From<String> for Form {
    fn from(text: String) -> Self {
        match text.as_str() {
            "plain" => Form::Plain,
            "upper" => Form::Upper,
            "ascii" => Form::Ascii,
            "gender" => Form::Gender,
            "precision" => Form::Precision,
            _ => Form::Date(text),
        }
    }
}

/// When a field is there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Its value is an old identity number, nine digits (§2.4: nine digits are one, all else is not).
    OldNumber,
    /// Its value is no old identity number.
    NewNumber,
    /// Its date has a day.
    Day,
    /// Its date has a month and no day.
    Month,
    /// Its date is a year alone.
    Year,
    /// Its date has no day, whether it has a month or not.
    NoDay,
}

/// What is made for each call, for fields to carry.
#[derive(Clone, Copy, Default)]
pub(super) struct Made<'a> {
    /// The SOAP message, in a JSON that carries one.
    pub(super) message: Option<&'a str>,
    /// The value of `lgspaccesstoken`.
    pub(super) lgsp: Option<&'a str>,
}

/// A fault for an argument that the operation does not have.
pub(super) fn known(operation: &Operation, argument: &str, service: &str) -> Option<Unfit> {
    let all = || operation.arguments.iter().chain(operation.optional);
    (!all().any(|name| *name == argument)).then(|| Unfit::Argument {
        service: service.to_owned(),
        argument: argument.to_owned(),
        known: all().chain(MADE).copied().collect::<Vec<_>>().join(", "),
    })
}

impl Field {
    pub(super) fn faults(&self, operation: &Operation, faults: &mut Vec<Unfit>) {
        let service = operation.name.to_owned();
        let says = [self.from.is_some(), self.is.is_some(), self.secret.is_some()];
        if says.iter().filter(|said| **said).count() != 1 || self.to.is_empty() {
            faults.push(Unfit::Field(service.clone(), self.to.clone()));
        }
        if let Some(from) = self.from.as_deref().filter(|from| !MADE.contains(from)) {
            faults.extend(known(operation, from, &service));
        }
        if let Form::Date(pattern) = &self.form
            && !pattern.contains("yyyy")
        {
            faults.push(Unfit::Pattern(service, pattern.clone()));
        }
    }

    /// The list it stands in, and its name in each row.
    pub(super) fn listed(&self) -> Option<(&str, &str)> {
        let bare = self.to.strip_suffix("[]").map(|list| (list, ""));
        bare.or_else(|| self.to.split_once("[]/"))
    }

    /// What it says in this call; none when it is not there.
    pub(super) fn value(&self, call: &Call<'_>, made: Made<'_>) -> Result<Option<String>, Malformed> {
        self.said(self.raw(call, made)?)
    }

    /// What it says in each row of its list; a constant says the same in all of them.
    pub(super) fn values(&self, call: &Call<'_>, made: Made<'_>) -> Result<Vec<String>, Malformed> {
        let raw = self.raw(call, made)?.unwrap_or_default();
        if self.from.is_none() {
            return Ok(self.said(Some(raw))?.into_iter().collect());
        }
        let items = raw.split(',').map(str::trim).filter(|item| !item.is_empty());
        let said = items.filter_map(|item| self.said(Some(item.to_owned())).transpose());
        said.collect()
    }

    fn said(&self, raw: Option<String>) -> Result<Option<String>, Malformed> {
        let value = raw.filter(|value| self.is_there(value));
        let written = value.map(|value| self.written(&value)).transpose()?;
        let cut = written.map(|text| match self.max {
            Some(max) => text.chars().take(max).collect(),
            None => text,
        });
        Ok(cut.or_else(|| self.empty.then(String::new)))
    }

    fn raw(&self, call: &Call<'_>, made: Made<'_>) -> Result<Option<String>, Malformed> {
        if let Some(constant) = &self.is {
            return Ok(Some(constant.clone()));
        }
        let account = call.auth.as_ref().map(|auth| auth.credentials);
        if let Some(name) = &self.secret {
            let found = account.and_then(|account| account.secret(name));
            return found
                .map(|secret| Some(secret.to_owned()))
                .ok_or(Malformed::Secret("named by a field of the framing"));
        }
        let from = self.from.as_deref().unwrap_or_default();
        let session = || call.session.ok_or(Malformed::Session);
        Ok(match from {
            "token" => Some(session()?.to_owned()),
            "bearer" => Some(format!("Bearer {}", session()?)),
            "lgsp" => made.lgsp.map(str::to_owned),
            "message" => made.message.map(str::to_owned),
            "timestamp" => call.auth.as_ref().map(|auth| auth.at.to_string()),
            "username" => account.map(|account| account.username.to_owned()),
            "password" => account.map(|account| account.password.to_owned()),
            argument => call.argument(argument).map(str::to_owned),
        })
    }

    fn is_there(&self, value: &str) -> bool {
        let old = value.len() == 9 && value.bytes().all(|byte| byte.is_ascii_digit());
        let date = Date::parse(value);
        match self.only {
            None => true,
            Some(Only::OldNumber) => old,
            Some(Only::NewNumber) => !old,
            Some(Only::Day) => date.is_some_and(|date| date.day.is_some()),
            Some(Only::Month) => date.is_some_and(|date| date.day.is_none() && date.month.is_some()),
            Some(Only::Year) => date.is_some_and(|date| date.month.is_none()),
            Some(Only::NoDay) => date.is_some_and(|date| date.day.is_none()),
        }
    }

    fn written(&self, value: &str) -> Result<String, Malformed> {
        let misfit = Malformed::Argued("a date or gender of the question");
        let named = |name: String| {
            (!name.is_empty())
                .then_some(name)
                .ok_or(Malformed::Argued("name"))
        };
        let text = match &self.form {
            Form::Plain => Ok(value.to_owned()),
            Form::Upper => named(upper(value)),
            Form::Ascii => named(ascii(value)),
            Form::Date(pattern) => Date::parse(value)
                .and_then(|date| date.write(pattern))
                .ok_or(misfit),
            Form::Gender => match value {
                "male" => Ok("1".to_owned()),
                "female" => Ok("2".to_owned()),
                "other" => Ok("3".to_owned()),
                _ => Err(misfit),
            },
            Form::Precision => match Date::parse(value).ok_or(misfit)? {
                Date { day: Some(_), .. } => Ok("0".to_owned()),
                Date { month: Some(_), .. } => Ok("2".to_owned()),
                Date { .. } => Ok("1".to_owned()),
            },
        };
        text.map(|text| format!("{}{text}", self.before))
    }
}
