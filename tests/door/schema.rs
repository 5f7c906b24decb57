//! As much of JSON Schema as our description uses: enough to see that it and the answers say the same.

use serde_json::Value;

/// Where a value does not fit a schema of the document, and why.
pub(super) fn misfits(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(document, schema, value, "", &mut found);
    found
}

/// What a reference of the document refers to; anything else is itself.
pub(super) fn resolved<'d>(document: &'d Value, node: &'d Value) -> &'d Value {
    match node["$ref"].as_str() {
        Some(path) => document
            .pointer(path.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{path} is not there")),
        None => node,
    }
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolved(document, schema);
    if let Some(any) = schema["anyOf"].as_array() {
        if any.iter().all(|one| !misfits(document, one, value).is_empty()) {
            found.push(format!("{at}: fits none of {}", any.len()));
        }
        return;
    }
    let types = &schema["type"];
    let types: Vec<&str> = std::iter::once(types)
        .chain(types.as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    if !types.is_empty() && !types.contains(&kind(value)) {
        found.push(format!("{at}: {value} is no {types:?}"));
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|words| !words.contains(value))
    {
        found.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    if let Some(object) = value.as_object() {
        members(document, schema, object, at, found);
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        let own = schema["prefixItems"].get(place).unwrap_or(&schema["items"]);
        if *own == Value::Bool(false) {
            found.push(format!("{at}: an item too many"));
        }
        check(document, own, item, &format!("{at}/{place}"), found);
    }
}

fn members(
    document: &Value,
    schema: &Value,
    object: &serde_json::Map<String, Value>,
    at: &str,
    found: &mut Vec<String>,
) {
    let required = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    found.extend(
        required
            .filter(|name| !object.contains_key(*name))
            .map(|name| format!("{at}: no `{name}`")),
    );
    for (name, member) in object {
        let other = &schema["additionalProperties"];
        let own = schema["properties"].get(name).unwrap_or(other);
        if *own == Value::Bool(false) {
            found.push(format!("{at}: `{name}` is not described"));
        }
        check(document, own, member, &format!("{at}/{name}"), found);
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
