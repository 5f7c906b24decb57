//! Slips in the files are told in their places.

use super::*;

/// What is put otherwise, how, and what is told of it after the line.
type Slip = (&'static str, &'static str, &'static str);

/// What points at what is not there.
const POINTERS: &[Slip] = &[
    (
        "fact = \"owner.born\"",
        "fact = \"owner.bron\"",
        "bron: a subject has no fact `bron`; it has `born`",
    ),
    (
        "\"person.born\" }",
        "\"person.gender\" }",
        "\"person.gender\": its sets do not let it see `person.gender`",
    ),
    (
        "\"person.born\" }",
        "\"persom.born\" }",
        "\"persom.born\": the state holds no `persom`; there is `person`",
    ),
    (
        "replaces = [\"KQ2\"]",
        "replaces = [\"KQ22\"]",
        "\"KQ22\": this procedure takes no paper `KQ22`; there is `KQ2`",
    ),
    (
        "service  = \"population/citizen\"",
        "service  = \"population/citizn\"",
        "\"population/citizn\": its basis has no service `population/citizn`; there is `population/citizen`",
    ),
    (
        "basis    = \"1/2026/NQ-CP Đ4 k1\"",
        "basis    = \"1/2026/NQ-CP Đ4 k2\"",
        "\"1/2026/NQ-CP Đ4 k2\": no law here says `1/2026/NQ-CP Đ4 k2`; there is `1/2026/NQ-CP Đ4 k1`",
    ),
    (
        "sets     = [\"identity\"]",
        "sets     = [\"identiti\"]",
        "\"identiti\": there is no fact set `identiti`; there is `identity`",
    ),
    (
        "subject  = \"owner\"",
        "subject  = \"onwer\"",
        "\"onwer\": `onwer` is neither owner nor submitter, and the form does not ask for both `onwer.name` and `onwer.number`; there is `owner`",
    ),
    (
        "words = { male",
        "words = { mael",
        "mael: gender has no word `mael`; there is `male`",
    ),
    (
        "channels  = [\"in-person\"",
        "channels  = [\"in-preson\"",
        "\"in-preson\": channel has no word `in-preson`; there is `in-person`",
    ),
    (
        "level = 3, name",
        "level = 2, name",
        "2: there is no district since 1 July 2025: 1 is a province, 3 a commune",
    ),
];

/// What is not of its form.
const SHAPES: &[Slip] = &[
    (
        "procedure = \"1.000001\"",
        "procedure = \"1.000002\"",
        "\"1.000002\": the file of this procedure is called `1.000002.toml`",
    ),
    (
        "field = \"copies\"",
        "field = \"steps\"",
        "\"steps\": `steps` is a fact of the dossier: write `fact` instead",
    ),
    (
        "kind = \"number\"",
        "kind = \"numbre\"",
        "\"numbre\": a field is of no kind `numbre`; there is `number`",
    ),
    (
        "form = \"identity\"",
        "form = \"identiy\"",
        "\"identiy\": there is no form `identiy`; there is `identity`",
    ),
    ("\"15:00\"", "\"25:00\"", "\"25:00\": a time of day is \"15:00\""),
    (
        "follows   = \"a test\"",
        "folows    = \"a test\"",
        "folows: a procedure has no `folows`; it has `follows`",
    ),
    (
        "originals = 1, required",
        "originals = -1, required",
        "-1: `originals` is a whole number from 0 on",
    ),
    (
        "shown = true",
        "shown = \"yes\"",
        "\"yes\": `shown` is true or false",
    ),
    (
        "fact = \"owner.name\"",
        "fact = \"owner.papers[]\"",
        "\"owner.papers[]\": a form asks for one fact, not for a record or a list",
    ),
];

/// The same of a law.
const LAWS: &[Slip] = &[
    (
        "from    = \"2026-01-01\"",
        "from    = \"2026-02-29\"",
        "no such day",
    ),
    (
        "until   = \"2027-03-01\"",
        "until   = \"2025-03-01\"",
        "it ends before it begins",
    ),
    (
        "articles  = [\"Đ4 k1\"",
        "articles  = [\"Đ4 k3\"",
        "the law has no article `Đ4 k3`; there is `Đ4 k1`",
    ),
    (
        "database = \"population\"",
        "database = \"poplation\"",
        "no database is called `poplation`; there is `population`",
    ),
    (
        "[\"population/citizen\"]",
        "[\"people/citizen\"]",
        "is of no database here",
    ),
    (
        "[\"person.permanent\"]",
        "[\"parson.permanent\"]",
        "the state holds no `parson`; there is `person`",
    ),
    (
        "published =",
        "publised  =",
        "a row of the scope has no `publised`; it has `published`",
    ),
];

/// All that is wrong with the procedure once a part of it is put otherwise, as people are told.
fn told(from: &str, to: &str) -> Vec<String> {
    assert!(PROCEDURE.contains(from), "{from}");
    let mistakes = compiled(&PROCEDURE.replacen(from, to, 1)).unwrap_err();
    let told = mistakes.iter().map(|one| {
        let caret: String = one.text.chars().skip(one.column - 1).take(one.width).collect();
        format!("{}: {caret}: {}", one.line, one.what)
    });
    told.collect()
}

#[test]
fn a_slip_in_a_procedure_is_told_in_its_place_with_what_is_meant() {
    for (from, to, what) in POINTERS.iter().chain(SHAPES) {
        let line = crate::model::line_number(PROCEDURE, PROCEDURE.find(from).unwrap());
        let (found, what) = (told(from, to), format!("{line}: {what}"));
        assert!(found.contains(&what), "{what}\n{found:#?}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = PROCEDURE
        .replacen("owner.born\", title", "owner.bron\", title", 1)
        .replacen("KQ2\"]", "KQ9\"]", 1)
        .replacen("Đ4 k5\"", "Đ4 k6\"", 1);
    let mistakes = compiled(&text).unwrap_err();
    assert!(mistakes.len() >= 3, "{mistakes:?}");
    let lines: Vec<u32> = mistakes.iter().map(|one| one.line).collect();
    assert!(lines.is_sorted(), "in the order of the file: {lines:?}");
    assert_eq!(compiled("procedure = [").unwrap_err().len(), 1, "no TOML at all");
}

#[test]
fn a_slip_in_a_law_is_told_in_its_place() {
    for (from, to, what) in LAWS {
        assert!(LAW.contains(from), "{from}");
        let law = LAW.replacen(from, to, 1);
        let mistakes = Procedures::compile([], [("reuse/1.toml", law.as_str())], None).unwrap_err();
        assert!(
            mistakes.iter().any(|one| one.what.contains(what)),
            "{what}\n{mistakes:#?}"
        );
        assert!(
            mistakes
                .iter()
                .all(|one| one.line > 0 && one.file == "reuse/1.toml")
        );
    }
}

#[test]
fn held_paths_are_checked_against_the_record_that_is_handed_in() {
    // Any record serves: the facts of a dossier stand for what the state holds.
    let law = LAW.replace(
        "\"person.name\", \"person.born\"",
        "\"owner.name\", \"owner.born\", \"owner.bron\"",
    );
    let law = law
        .replace("person.permanent", "owner.address")
        .replace("[\"business\"]", "[\"owner\"]");
    let mistakes =
        Procedures::compile([], [("1.toml", law.as_str())], Some(crate::model::Facts::RECORD)).unwrap_err();
    let told: Vec<&str> = mistakes.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(told, ["a subject has no fact `bron`; it has `born`"]);
    let law = law.replace(", \"owner.bron\"", "");
    let other = PROCEDURE
        .replace("person.born", "owner.name")
        .replace("person.name", "owner.name");
    let other = other.replace("person.permanent", "owner.address");
    let mistakes = Procedures::compile(
        [("1.000001.toml", other.as_str())],
        [("1.toml", law.as_str()), ("2.toml", EVERYWHERE)],
        Some(crate::model::Facts::RECORD),
    )
    .unwrap_err();
    let told: Vec<&str> = mistakes.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(told, ["`owner.born` is a date, this is a text"]);
}
