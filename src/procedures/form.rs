//! The electronic form of a procedure: its questions as JSON Schema (2020-12), its papers with what each is needed for,
//! and its values, each with its source. A blank form has no source anywhere.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::asked::{Ask, Paper, Procedure};
use super::{Active, Procedures};
use crate::model::codes::SubjectKind;
use crate::model::{self, Day, Dossier, Fact, Kind, Origin};

/// A date that may lack its day or its month.
const PARTIAL: &str = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$";

/// The language of titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// Tiếng Việt.
    Vietnamese,
    /// English.
    English,
}

/// What a question is answered with, and where that came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The value, as the schema has it.
    pub value: Value,
    /// Its source.
    pub origin: Origin,
}

/// Answers by the path of their question.
pub type Answers = BTreeMap<String, Answer>;

impl Tongue {
    const fn of(self, titles: &[String; 2]) -> &String {
        match self {
            Self::Vietnamese => &titles[0],
            Self::English => &titles[1],
        }
    }
}

/// The questions of a procedure that a dossier answers already, each with the origin of its fact.
#[must_use]
pub fn answers(procedure: &Procedure, dossier: &Dossier) -> Answers {
    let facts = dossier.facts.value();
    let answer = |ask: &Ask| {
        let value = json_of(ask.fact.as_ref()?.find(&facts)?)?;
        let origin = dossier.origin(&ask.path).clone();
        Some((ask.path.clone(), Answer { value, origin }))
    };
    procedure.asks.iter().filter_map(answer).collect()
}

fn json_of(value: &model::Value<'_>) -> Option<Value> {
    match value {
        model::Value::Text(text) => Some(json!(text)),
        model::Value::Int(number) => Some(json!(number)),
        model::Value::Bool(yes) => Some(json!(yes)),
        model::Value::Time(time) => Some(json!(time.to_string())),
        model::Value::Date(date) => Some(json!(date.to_string())),
        model::Value::Absent | model::Value::Record(_) | model::Value::List(_) => None,
    }
}

/// The values of a form: every question, with its answer and the answer's source where it has one.
#[must_use]
pub fn values(procedure: &Procedure, answers: &Answers) -> Value {
    let value = |ask: &Ask| {
        let answer = answers.get(&ask.path);
        let value = answer.map(|answer| &answer.value);
        let source = answer.map(|answer| &answer.origin);
        (ask.path.clone(), json!({ "value": value, "source": source }))
    };
    Value::Object(procedure.asks.iter().map(value).collect())
}

/// The schema of a procedure's answers: an object with a member a question. What a rule that holds on that day would fill
/// or verify says so in `x-held`.
#[must_use]
pub fn schema(procedures: &Procedures, procedure: &Procedure, on: Day, tongue: Tongue) -> Value {
    let active = procedures.active(&procedure.code, on);
    let mut properties = Map::new();
    for ask in &procedure.asks {
        properties.insert(ask.path.clone(), property(ask, &active, tongue));
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:lienthong:procedure:{}:{}", procedure.code, procedure.version),
        "title": procedure.name,
        "type": "object",
        "properties": properties,
        "required": required(procedure, None),
        "additionalProperties": false,
    });
    let some = conditions(procedure);
    if !some.is_empty() {
        schema["allOf"] = Value::Array(some);
    }
    schema
}

/// The questions that must be answered: of every owner, or of that kind beside.
fn required(procedure: &Procedure, owner: Option<SubjectKind>) -> Vec<&str> {
    let asked = |ask: &&Ask| match owner {
        None => ask.owners.is_empty(),
        Some(owner) => ask.owners.contains(&owner),
    };
    let must = procedure.asks.iter().filter(|ask| ask.required).filter(asked);
    must.map(|ask| ask.path.as_str()).collect()
}

/// What is required of some owners only.
fn conditions(procedure: &Procedure) -> Vec<Value> {
    let condition = |owner: &SubjectKind| {
        let must = required(procedure, Some(*owner));
        (!must.is_empty()).then(|| {
            json!({
                "if": { "properties": { "owner.kind": { "const": owner.word() } }, "required": ["owner.kind"] },
                "then": { "required": must },
            })
        })
    };
    SubjectKind::ALL.iter().filter_map(condition).collect()
}

fn property(ask: &Ask, active: &[Active<'_>], tongue: Tongue) -> Value {
    let mut property = kind(ask);
    property["title"] = json!(tongue.of(&ask.title));
    property["x-titles"] = json!({ "vi": ask.title[0], "en": ask.title[1] });
    if !ask.owners.is_empty() {
        let owners: Vec<&str> = ask.owners.iter().map(|owner| owner.word()).collect();
        property["x-owners"] = json!(owners);
    }
    let held: Vec<Value> = active.iter().flat_map(|by| held(ask, *by)).collect();
    if !held.is_empty() {
        property["x-held"] = Value::Array(held);
    }
    property
}

fn kind(ask: &Ask) -> Value {
    match ask.kind {
        Kind::Text => text(ask),
        Kind::Code(set) => {
            let words: Vec<&str> = ask.words.iter().map(|(word, _)| word.as_str()).collect();
            let words = if words.is_empty() {
                set.words.to_vec()
            } else {
                words
            };
            listed(&words, ask)
        }
        Kind::Date => json!({ "type": "string", "pattern": PARTIAL }),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::Int => json!({ "type": "integer" }),
        Kind::Bool => json!({ "type": "boolean" }),
        // A form asks for scalars only; what is read from a file is checked for that.
        Kind::Record(_) | Kind::List(_) => json!({}),
    }
}

fn text(ask: &Ask) -> Value {
    if !ask.words.is_empty() {
        let words: Vec<&str> = ask.words.iter().map(|(word, _)| word.as_str()).collect();
        return listed(&words, ask);
    }
    let mut text = json!({ "type": "string" });
    if ask.required {
        text["minLength"] = json!(1);
    }
    if let Some(max) = ask.max {
        text["maxLength"] = json!(max);
    }
    if let Some(form) = ask.form {
        text["pattern"] = json!(form.pattern());
    }
    text
}

/// A closed set of words, with what each is called where the file says so.
fn listed(words: &[&str], ask: &Ask) -> Value {
    let mut listed = json!({ "type": "string", "enum": words });
    if !ask.words.is_empty() {
        listed["x-words"] = ask
            .words
            .iter()
            .map(|(word, text)| (word.clone(), json!(text)))
            .collect();
    }
    listed
}

/// What a rule would do with a question.
fn held(ask: &Ask, by: Active<'_>) -> impl Iterator<Item = Value> {
    let told = |does: &str, (_, held): &(String, String)| {
        json!({
            "does": does,
            "service": by.rule.asks,
            "subject": by.rule.subject,
            "held": held,
            "basis": by.basis.to_string(),
        })
    };
    let of = |pairs: &[(String, String)]| {
        let own = pairs.iter().filter(|(ours, _)| *ours == ask.path);
        own.cloned().collect::<Vec<_>>()
    };
    let fills: Vec<Value> = of(&by.rule.fills)
        .iter()
        .map(|pair| told("fills", pair))
        .collect();
    let verifies = of(&by.rule.verifies);
    let verifies: Vec<Value> = verifies.iter().map(|pair| told("verifies", pair)).collect();
    fills.into_iter().chain(verifies)
}

/// The papers of a procedure, each with what it is needed for on that day.
#[must_use]
pub fn needs(procedures: &Procedures, procedure: &Procedure, on: Day) -> Vec<Value> {
    let active = procedures.active(&procedure.code, on);
    procedure
        .papers
        .iter()
        .map(|paper| need(paper, &active))
        .collect()
}

fn need(paper: &Paper, active: &[Active<'_>]) -> Value {
    let by = active.iter().find(|by| by.rule.replaces.contains(&paper.code));
    let need = match by {
        Some(_) => "replaced",
        None if paper.shown => "shown",
        None if paper.required => "required",
        None => "in-some-cases",
    };
    let words = |words: Vec<&'static str>| (!words.is_empty()).then_some(words);
    json!({
        "code": paper.code,
        "name": paper.name,
        "originals": paper.originals,
        "copies": paper.copies,
        "need": need,
        "channels": words(paper.channels.iter().map(|channel| channel.word()).collect()),
        "owners": words(paper.owners.iter().map(|owner| owner.word()).collect()),
        "replaced_by": paper.replaced_by,
        "rule": by.map(|by| json!({
            "service": by.rule.asks,
            "subject": by.rule.subject,
            "owners": words(by.rule.owners.iter().map(|owner| owner.word()).collect()),
            "basis": by.basis.to_string(),
            "since": by.standing.since.to_string(),
            "due": by.standing.due.to_string(),
            "until": by.standing.until.map(|day| day.to_string()),
        })),
    })
}
