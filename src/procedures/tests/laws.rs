//! Laws and rules hold on their days.

use super::*;

#[test]
fn a_rule_holds_from_its_publication_until_the_scope_or_the_law_ends() {
    let procedures = compiled(PROCEDURE).unwrap();
    let active = |on: &str| -> Vec<u32> {
        let active = procedures.active("1.000001", day(on));
        active.iter().map(|by| by.rule.line).collect()
    };
    assert_eq!(active("2026-01-31"), [41], "only what holds everywhere");
    assert_eq!(active("2026-02-01"), [31, 41, 50]);
    assert_eq!(active("2026-11-30"), [31, 41, 50]);
    assert_eq!(active("2026-12-01"), [41], "withdrawn");
    let first = procedures.active("1.000001", day("2026-02-01"))[0];
    assert_eq!(first.standing.due, day("2026-02-16"), "15 days to work by it");
    assert!(!first.standing.is_due(day("2026-02-15")) && first.standing.is_due(day("2026-02-16")));
    let second = procedures.active("1.000001", day("2026-02-01"))[1];
    assert_eq!(second.standing.since, day("2023-01-01"), "by the older law");
    assert_eq!(second.standing.until, None);
    assert!(procedures.active("9.999999", day("2026-05-01")).is_empty());
}

#[test]
fn the_end_of_a_law_is_seen_coming() {
    let procedures = compiled(PROCEDURE).unwrap();
    let lapses = |on: &str| procedures.laws().lapses_within(day(on), 90);
    assert!(lapses("2026-11-30").is_empty());
    assert_eq!(lapses("2026-12-01")[0].days, 90);
    assert_eq!(lapses("2027-03-01")[0].days, 0, "the first day without it");
    assert_eq!(lapses("2028-03-01")[0].law, "1/2026/NQ-CP");
}

#[test]
fn a_file_may_add_to_the_scope_of_a_law() {
    let added = r#"
scope_of = "1/2026/NQ-CP"
follows  = "a test"
[[scope]]
procedure = "1.000002"
articles  = ["Đ4 k1"]
published = "2026-06-01"
follows   = "a test"
"#;
    // Whichever comes first.
    let files = [("reuse/0.toml", added), ("reuse/1.toml", LAW)];
    let procedures = Procedures::compile([], files, None).unwrap();
    let basis = Basis::read("1/2026/NQ-CP Đ4 k1").unwrap();
    let stands = |on: &str| procedures.laws().standing(&basis, "1.000002", day(on)).is_some();
    assert!(!stands("2026-05-31") && stands("2026-06-01"));
    let wrong = added.replace("1/2026", "3/2026");
    let mistakes = Procedures::compile([], [("0.toml", wrong.as_str()), ("1.toml", LAW)], None).unwrap_err();
    assert_eq!(
        mistakes[0].what,
        "there is no law `3/2026/NQ-CP`; there is `1/2026/NQ-CP`"
    );
}

#[test]
fn one_question_serves_every_rule_that_would_ask_it() {
    let procedures = compiled(PROCEDURE).unwrap();
    let on = day("2026-05-01");
    let questions = procedures.questions("1.000001", on, Some(SubjectKind::Citizen));
    assert_eq!(questions.len(), 1);
    let one = &questions[0];
    assert_eq!((one.asks, one.subject), ("population/citizen", "owner"));
    assert_eq!(one.sets, ["identity", "residence"]);
    assert_eq!(
        one.fills,
        [
            ("owner.born", "person.born"),
            ("owner.address", "person.permanent")
        ]
    );
    let papers: Vec<&str> = one.replaces.iter().map(|covered| covered.paper).collect();
    assert_eq!(papers, ["KQ2", "KQ4"]);
    let sets: Vec<String> = one.sets.iter().map(|set| (*set).to_owned()).collect();
    assert!(procedures.laws().allows(&sets, "person.permanent.line"));
    assert!(!procedures.laws().allows(&sets, "person.permanently"));
    let enterprise = procedures.questions("1.000001", on, Some(SubjectKind::Enterprise));
    assert_eq!(enterprise[0].asks, "business/enterprise");
    assert!(
        procedures.questions("1.000001", on, None).is_empty(),
        "of nobody knows whom"
    );
}
