//! Look-ups: on record before they are made, within their bounds, ended once, and never lost to a crash.

use super::kit::{Province, now};
use crate::evidence::blind::{Blind, commitment};
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::{Accepted, Act, Answered, Bounds, Inquiry, InquiryRow, Opening, Permit, Store};

const BOUNDS: Bounds = Bounds {
    subjects: 2,
    calls: 3,
    hour: 4,
    day: 5,
};
const HOUR: i64 = 3_600_000;

pub(super) fn inquiry(province: &mut Province, number: &str, subject: u8, officer: u8) -> Inquiry {
    let id = province.id();
    let mut leaf = Draft::new(Kind::Asked, province.time).fact("inquiry", id.to_string());
    leaf.subject = Some(Blind([subject; 16]));
    Inquiry {
        id,
        number: number.into(),
        system: "igate".into(),
        partner: "population".into(),
        service: "population/citizen".into(),
        profile: "c06@1".into(),
        procedure: "1.001193".into(),
        basis: "66.7/2025/NQ-CP Đ4 k1".into(),
        subject: Blind([subject; 16]),
        officer: Blind([officer; 16]),
        request: id.to_string(),
        sets: vec!["identity".into(), "residence".into()],
        at: province.time,
        salt: [1; 16],
        source: None,
        act: Act {
            officer: "099185000058".into(),
            name: "Cán Bộ Thử".into(),
            account: "motcua".into(),
            agency: "H99.10".into(),
            client: "worker".into(),
            reason: "rule".into(),
        },
        bounds: BOUNDS,
        leaf,
    }
}

fn ask(province: &mut Province, number: &str, subject: u8, officer: u8) -> (ExchangeId, Permit) {
    let inquiry = inquiry(province, number, subject, officer);
    let id = inquiry.id;
    let permits = now(province.store().inquire(vec![inquiry])).unwrap();
    (id, permits[0])
}

pub(super) fn answered(province: &Province, id: ExchangeId, class: &'static str) -> Answered {
    Answered {
        id,
        at: province.time,
        class,
        hop: Some("ministry"),
        code: Some("0".into()),
        words: None,
        trace: Some("x-1".into()),
        digest: Some([7; 32]),
        delivered: vec!["owner.born".into()],
        leaf: Draft::new(Kind::Answered, province.time)
            .fact("inquiry", id.to_string())
            .fact("class", class),
    }
}

fn rows(province: &Province, number: &str) -> Vec<InquiryRow> {
    now(province.store().inquiries(number)).unwrap()
}

#[test]
fn it_is_on_record_before_it_ends_and_ends_once() {
    let mut province = Province::new();
    let (id, permit) = ask(&mut province, "H99-1", 1, 1);
    assert_eq!(permit, Permit::Granted);
    let row = rows(&province, "H99-1").remove(0);
    assert_eq!((row.ended_at, row.class, row.answered), (None, None, None));
    assert_eq!(row.sets, ["identity", "residence"]);
    let ended = answered(&province, id, "match");
    now(province.store().answered(vec![ended])).unwrap();
    let again = answered(&province, id, "no_match");
    now(province.store().answered(vec![again])).unwrap();
    let row = rows(&province, "H99-1").remove(0);
    assert_eq!(row.class.as_deref(), Some("match"));
    assert_eq!(row.delivered, ["owner.born"]);
    let head = now(province.store().head()).unwrap();
    assert_eq!(head.size, 2, "the second end entered no leaf");
    province.sound();
}

#[test]
fn bounds_hold_for_a_dossier_and_for_an_officer_and_memory_counts_against_nobody() {
    let mut province = Province::new();
    for (subject, granted) in [(1, true), (2, true), (3, false), (1, true), (2, false)] {
        let (_, permit) = ask(&mut province, "H99-1", subject, 1);
        let why = if subject == 3 {
            Permit::Subjects
        } else {
            Permit::Calls
        };
        assert_eq!(permit, if granted { Permit::Granted } else { why });
    }
    let (source, _) = ask(&mut province, "H99-2", 1, 1);
    let (_, permit) = ask(&mut province, "H99-3", 1, 1);
    assert_eq!(permit, Permit::Officer, "four calls in an hour");
    let mut remembered = inquiry(&mut province, "H99-2", 1, 1);
    remembered.source = Some(source);
    let permits = now(province.store().inquire(vec![remembered])).unwrap();
    assert_eq!(permits, [Permit::Granted]);
    let (_, other) = ask(&mut province, "H99-3", 1, 2);
    assert_eq!(other, Permit::Granted, "another officer");
    province.time += HOUR + 1;
    assert_eq!(ask(&mut province, "H99-3", 1, 1).1, Permit::Granted);
    assert_eq!(
        ask(&mut province, "H99-4", 1, 1).1,
        Permit::Officer,
        "five calls in a day"
    );
    province.restart();
    assert_eq!(
        ask(&mut province, "H99-4", 1, 1).1,
        Permit::Officer,
        "a restart forgives nothing"
    );
    assert_eq!(
        rows(&province, "H99-1").len(),
        3,
        "what was not granted was not kept"
    );
    province.sound();
}

#[test]
fn one_whose_process_died_has_an_unknown_result() {
    let mut province = Province::new();
    let (id, _) = ask(&mut province, "H99-1", 1, 1);
    province.restart();
    province.time += 5;
    now(province.store().orphans(province.time)).unwrap();
    let row = rows(&province, "H99-1").remove(0);
    assert_eq!(row.class.as_deref(), Some("unknown_result"));
    assert_eq!(row.ended_at, Some(province.time));
    let late = answered(&province, id, "match");
    now(province.store().answered(vec![late])).unwrap();
    assert_eq!(
        rows(&province, "H99-1")[0].class.as_deref(),
        Some("unknown_result")
    );
    province.sound();
}

#[test]
fn a_look_up_that_is_taken_out_or_changed_is_found() {
    for (sql, found) in [
        ("DELETE FROM inquiry", "does not have so"),
        ("UPDATE inquiry SET class = 'no_match'", "does not have so"),
        ("UPDATE inquiry SET asked = 1", "not in the log"),
        ("UPDATE inquiry SET answered = 0", "not in the log"),
    ] {
        let mut province = Province::new();
        let (id, _) = ask(&mut province, "H99-1", 1, 1);
        let ended = answered(&province, id, "match");
        now(province.store().answered(vec![ended])).unwrap();
        province.sound();
        province.tamper(sql);
        let told = now(province.store().discrepancies()).unwrap();
        assert!(told.iter().any(|one| one.contains(found)), "{sql}: {told:?}");
    }
}

#[test]
fn a_dossier_with_the_states_facts_is_the_one_its_leaf_commits_to() {
    let mut province = Province::new();
    province.accept("H99-1", "a");
    let filing = province.unprepared().remove(0);
    let dossier = br#"{"reused":true}"#.to_vec();
    let mut leaf = Draft::new(Kind::Reused, province.time);
    leaf.commit = Some(commitment(&filing.salt, &dossier));
    let mut prepared = province.prepared(&filing, &[]);
    prepared.reused = Some((dossier.clone(), leaf));
    now(province.store().enqueue(vec![prepared])).unwrap();
    assert_eq!(
        now(province.store().filed("H99-1")).unwrap().as_ref(),
        Some(&dossier)
    );
    province.sound();
    assert_eq!(province.accept("H99-1", "b"), Accepted::New);
    let next = province.unprepared().remove(0);
    assert_eq!(
        now(province.store().filed_before(next.id)).unwrap(),
        Some(dossier)
    );
    assert_eq!(now(province.store().filed_before(filing.id)).unwrap(), None);
    province.tamper("UPDATE body SET dossier = x'7b7d' WHERE filing = 1");
    let told = now(province.store().discrepancies()).unwrap();
    assert!(told.iter().any(|one| one.contains("not what leaf")), "{told:?}");
}

#[test]
fn a_dossier_in_hand_keeps_its_later_filings_back_and_nobody_elses() {
    let province = Province::new();
    for (number, body) in [("H99-1", "a"), ("H99-1", "b"), ("H99-2", "a")] {
        province.accept(number, body);
    }
    let held = ["H99-1".to_owned()];
    let filings = now(province.store().unprepared(10, &held)).unwrap();
    let numbers: Vec<_> = filings.iter().map(|filing| filing.number.as_str()).collect();
    assert_eq!(numbers, ["H99-2"]);
    assert_eq!(province.unprepared().len(), 3);
}

#[test]
fn a_draft_has_a_number_of_its_own() {
    let mut province = Province::new();
    province.accept("H99-1", "a");
    let open = |number: &str| {
        let opening = Opening {
            number: number.into(),
            system: "igate".into(),
            procedure: "1.001193".into(),
            at: province.time,
            leaf: Draft::new(Kind::Drafted, province.time),
        };
        now(province.store().open_draft(opening)).unwrap()
    };
    assert!(open("draft-1"));
    assert!(!open("draft-1"));
    assert!(!open("H99-1"), "a dossier has that number");
    province.time += 1;
    province.sound();
}
