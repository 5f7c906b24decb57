//! What a form asks for, and what its values come from.

use super::*;

#[test]
fn a_form_is_a_schema_and_values_with_their_sources() {
    let procedures = compiled(PROCEDURE).unwrap();
    let procedure = procedures.find("1.000001").unwrap();
    let asked = |on: &str| schema(&procedures, procedure, day(on), Tongue::English);
    let now = asked("2026-05-01");
    assert_eq!(now["required"], serde_json::json!(["owner.name"]));
    assert_eq!(
        now["allOf"][0]["then"]["required"],
        serde_json::json!(["owner.born"])
    );
    let property = |path: &str| &now["properties"][path];
    assert_eq!(property("owner.name")["maxLength"], 20);
    assert_eq!(property("owner.name")["title"], "Name");
    assert_eq!(property("owner.name")["x-titles"]["vi"], "Họ tên");
    assert_eq!(property("owner.name")["x-held"][0]["does"], "verifies");
    assert_eq!(
        property("owner.gender")["enum"],
        serde_json::json!(["male", "female"])
    );
    assert_eq!(property("owner.gender")["x-words"]["female"], "Nữ");
    assert_eq!(property("mother.number")["pattern"], "^[0-9]{12}$");
    assert_eq!(property("copies")["type"], "integer");
    assert_eq!(
        property("owner.born")["pattern"],
        "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
    );
    let later = asked("2027-05-01");
    assert_eq!(
        later["properties"]["owner.name"]["x-held"],
        serde_json::Value::Null,
        "it has lapsed"
    );

    let blank = values(procedure, &Answers::new());
    assert_eq!(
        blank["owner.name"],
        serde_json::json!({ "value": null, "source": null })
    );
    let mut dossier = dossier();
    let held = Origin::new(How::Reused, "population/citizen", Time::at(0));
    dossier.origins.note("owner.born", held);
    let filled = values(procedure, &answers(procedure, &dossier));
    assert_eq!(filled["owner.born"]["value"], "1990-05-17");
    assert_eq!(filled["owner.born"]["source"]["how"], "reused");
    assert_eq!(filled["owner.name"]["source"]["how"], "filed");
    assert_eq!(filled["mother.name"]["value"], serde_json::Value::Null);
    assert_eq!(filled.as_object().unwrap().len(), procedure.asks.len());
}

#[test]
fn a_paper_says_what_it_is_needed_for() {
    let procedures = compiled(PROCEDURE).unwrap();
    let procedure = procedures.find("1.000001").unwrap();
    let need = |on: &str| -> Vec<String> {
        let needs = needs(&procedures, procedure, day(on));
        needs
            .iter()
            .map(|paper| paper["need"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        need("2026-05-01"),
        ["required", "replaced", "required", "replaced", "replaced"]
    );
    assert_eq!(
        need("2022-05-01"),
        ["required", "required", "required", "shown", "required"]
    );
}

#[test]
fn a_form_of_a_text_and_its_pattern_say_the_same() {
    let cases = [
        (Form::Identity, "099090000017", true),
        (Form::Identity, "09909000001", false),
        (Form::Identity, "09909000001a", false),
        (Form::Enterprise, "9900000016", true),
        (Form::Enterprise, "9900000016-001", true),
        (Form::Enterprise, "9900000016001", true),
        (Form::Enterprise, "990000001", false),
        (Form::Enterprise, "9900000016-1", false),
        (Form::Enterprise, "99000000ế6", false),
        (Form::Phone, "+84 900 000 017", true),
        (Form::Phone, "0900.000.017", true),
        (Form::Phone, "0900000", false),
        (Form::Phone, "0900000017-", false),
        (Form::Email, "mau@cong-dan.example", true),
        (Form::Email, "mau@", false),
        (Form::Email, "mau mau@x", false),
        (Form::Email, "a@b@c", false),
    ];
    for (form, text, fits) in cases {
        assert_eq!(form.fits(text), fits, "{form:?} {text}");
    }
    // The facts of a dossier are asked for by the kinds that a form knows.
    assert!(matches!(crate::model::Facts::KIND, crate::model::Kind::Record(_)));
}
