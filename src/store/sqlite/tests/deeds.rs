//! Deeds: a look is on record before it shows anything; what was erased is nowhere, and every proof still stands.

use super::kit::{Province, START, acceptance, now, opened, park, receipt, refuse};
use super::sealed::{PERSONAL, found, told};
use crate::evidence::blind::{Blind, commitment};
use crate::evidence::leaf::{Draft, Entry, Kind};
use crate::model::{ExchangeId, Release, SealError, Slot, Warrant};
use crate::store::{Accepted, Deed, Erasure, NextMove, Seen, Store, Told, Wanted};

pub(super) fn deed(kind: Kind, says: &str) -> Deed {
    let salt = [5; 16];
    let mut leaf = Draft::new(kind, START).fact("by", "00");
    leaf.commit = Some(commitment(&salt, says.as_bytes()));
    Deed {
        at: START,
        leaf,
        says: says.into(),
        salt,
    }
}

pub(super) fn looked(province: &Province, wanted: Wanted) -> Option<Seen> {
    now(province.store().look(wanted, deed(Kind::Opened, "LOOKED-Nguyen"))).unwrap()
}

pub(super) fn erase(province: &Province, numbers: &[&str], subject: Option<Blind>) -> Erasure {
    let numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
    now(province
        .store()
        .erase(numbers, subject, deed(Kind::Erased, "ERASED-Nguyen")))
    .unwrap()
}

fn subject_of(number: &str) -> Blind {
    acceptance(number, "", None).subjects[0]
}

/// Settles all that is open of dossiers.
pub(super) fn settle(province: &mut Province) {
    while let Some(leased) = province.lease(1).pop() {
        province.attempt(&leased);
        province.settle(&leased, NextMove::Delivered);
    }
    let hooked = now(province.store().due_events("igate", i64::MAX / 2, 9)).unwrap();
    for event in hooked {
        let leaf = Draft::new(Kind::Notified, START).fact("event", event.id.to_string());
        now(province.store().told(event.id, Told::Taken { leaf })).unwrap();
    }
}

fn entry(province: &Province, index: u64) -> Draft {
    let entry = now(province.store().entries(index, 1)).unwrap().remove(0);
    Entry::read(&entry.bytes).unwrap().draft
}

#[test]
fn a_look_is_in_the_log_before_it_shows_anything() {
    let province = told();
    let exchange = province.rows()[0].exchange;
    let callback = ExchangeId::new(START, &[1; 10]);
    let wanted = [
        (
            Wanted::Dossier("H99-1".into()),
            vec!["filed", "dossier", "receipt", "news"],
            4,
        ),
        (Wanted::Exchange(exchange), vec!["payload", "answer 1"], 2),
        (Wanted::Callback(callback), vec!["document", "reply"], 2),
    ];
    for (wanted, names, words) in wanted {
        let word = wanted.word();
        let before = now(province.store().head()).unwrap().size;
        let seen = looked(&province, wanted).unwrap();
        assert_eq!(seen.leaf, before);
        let parts: Vec<&str> = seen.parts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(parts, names);
        let text =
            String::from_utf8(seen.parts.iter().flat_map(|(_, bytes)| bytes.clone()).collect()).unwrap();
        assert_eq!(
            PERSONAL.iter().filter(|word| text.contains(**word)).count(),
            words
        );
        assert!(!format!("{seen:?}").contains("Nguyen"));
        let leaf = entry(&province, seen.leaf);
        assert_eq!(
            (leaf.kind, leaf.subject),
            (Kind::Opened, Some(subject_of("H99-1")))
        );
        assert_eq!(leaf.facts.get("what").map(String::as_str), Some(word));
        assert_eq!(leaf.dossier, acceptance("H99-1", "", None).leaf.dossier);
    }
    // The list of a subject, which is a look itself.
    let rows = now(province.store().deeds(subject_of("H99-1"))).unwrap();
    let what: Vec<&str> = rows.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(what, ["callback", "exchange", "dossier"]);
    let seen = looked(&province, Wanted::Deeds(subject_of("H99-1"))).unwrap();
    assert_eq!(seen.part(&rows[0].leaf.to_string()), Some(&b"LOOKED-Nguyen"[..]));
    assert_eq!(now(province.store().deeds(subject_of("H99-1"))).unwrap().len(), 4);
    // Nothing there: nothing entered.
    let before = now(province.store().head()).unwrap();
    assert!(looked(&province, Wanted::Dossier("H99-9".into())).is_none());
    assert!(looked(&province, Wanted::Deeds(Blind([9; 16]))).is_none());
    assert_eq!(now(province.store().head()).unwrap(), before);
    province.sound();
}

#[test]
fn what_was_erased_is_nowhere_and_every_proof_still_stands() {
    let mut province = told();
    province.file("H99-2", "stays", &[9]);
    let subject = subject_of("H99-1");
    assert_eq!(now(province.store().about(subject)).unwrap(), ["H99-1"]);
    // What is owed is delivered first.
    let kept = erase(&province, &["H99-1"], Some(subject));
    assert_eq!((kept.erased.len(), kept.open.len()), (0, 1));
    settle(&mut province);
    let numbers = vec!["H99-1".to_owned()];
    let dry = now(province.store().erasable(numbers)).unwrap();
    assert_eq!((dry.erased.len(), dry.open.len()), (1, 0));
    // Copies from before: of the store, and of what a reader may have cached.
    let folder = province.folder.path().to_owned();
    now(province.store().backup(&folder.join("before.db"))).unwrap();
    let before = now(province.store().head()).unwrap();
    let sealed = sealed_of(&province);
    let erasure = erase(&province, &["H99-1"], Some(subject));
    assert_eq!((erasure.erased.len(), erasure.open.len()), (1, 0));
    let leaf = entry(&province, before.size);
    assert_eq!((leaf.kind, leaf.subject), (Kind::Erased, Some(subject)));
    assert_eq!(found(&folder, &PERSONAL), Vec::<String>::new());
    let wal = std::fs::metadata(folder.join("store.db-wal")).map_or(0, |about| about.len());
    assert_eq!(wal, 0, "the write-ahead file is cut");
    let file = std::fs::read(folder.join("before.db")).unwrap();
    for value in &sealed {
        // The older copy has it, and nothing opens it: not where it stood, nor anywhere.
        assert!(file.windows(40).any(|bytes| bytes == &value[..40]));
        let place = crate::store::sqlite::seal::place("x.y", b"");
        let shut = province.store().sealer.open(Warrant::Work, place, value);
        assert_eq!(shut, Err(SealError::Erased));
    }
    let slot = Slot(0);
    let shut = province
        .store()
        .sealer
        .seal(slot, crate::store::sqlite::seal::place("x.y", b""), b"");
    assert_eq!(shut, Err(SealError::Erased));
    assert!(looked(&province, Wanted::Dossier("H99-1".into())).is_none());
    assert!(now(province.store().dossier("H99-1")).unwrap().unwrap().erased);
    assert_eq!(now(province.store().filed("H99-1")).unwrap(), None);
    assert_eq!(now(province.store().news("H99-1")).unwrap(), None);
    assert!(now(province.store().events("igate", 0, 9)).unwrap().is_empty());
    assert!(now(province.store().about(subject)).unwrap().is_empty());
    // The log stands, row by row and leaf by leaf; the erasure is in the subject's list.
    province.sound();
    assert!(now(province.store().deeds(subject)).unwrap()[0].erased);
    assert_eq!(
        now(province.store().filed("H99-2")).unwrap().unwrap(),
        b"{\"number\":\"H99-2\"}"
    );
    province.restart();
    province.sound();
    // The older copy, brought back: what was erased stays shut, and it cannot say why, since its log ends before.
    province.store = None;
    std::fs::copy(folder.join("before.db"), province.path()).unwrap();
    province.store = Some(opened(&province.path()));
    assert_eq!(now(province.store().filed("H99-1")).unwrap(), None);
    let said = now(province.store().discrepancies()).unwrap().join("\n");
    assert!(said.contains("Filing 1"), "{said}");
}

/// Every sealed value of the first dossier, as it stands in the file.
fn sealed_of(province: &Province) -> Vec<Vec<u8>> {
    let values = province.store().readers.ask(|conn| {
        let mut select = conn.prepare(
            "SELECT filed FROM body WHERE filing = 1 UNION ALL SELECT dossier FROM body WHERE filing = 1
             UNION ALL SELECT payload FROM message WHERE exchange = 1 UNION ALL SELECT document FROM callback_body
             UNION ALL SELECT bytes FROM paper UNION ALL SELECT facts FROM news UNION ALL SELECT body FROM event",
        )?;
        Ok(select.query_map([], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, _>>()?)
    });
    let values = now(values).unwrap();
    assert!(values.len() >= 7 && values.iter().all(|value| !value.is_empty()));
    values
}

#[test]
fn after_an_erasure_a_dossier_may_come_again_but_an_old_key_says_what_happened() {
    let mut province = Province::new();
    let filed = acceptance("H99-1", "a", Some("key"));
    assert_eq!(
        now(province.store().accept(filed.clone())).unwrap(),
        Accepted::New
    );
    let filing = province.unprepared().remove(0);
    let prepared = province.prepared(&filing, &[]);
    now(province.store().enqueue(vec![prepared])).unwrap();
    province.send(NextMove::Delivered);
    assert_eq!(erase(&province, &["H99-1"], None).erased, ["H99-1"]);
    assert_eq!(now(province.store().accept(filed)).unwrap(), Accepted::Erased);
    assert_eq!(province.accept("H99-1", "a"), Accepted::New);
    let filing = province.unprepared().remove(0);
    assert_eq!(now(province.store().filed_before(filing.id)).unwrap(), None);
    assert_eq!(
        province.accept("H99-1", "a"),
        Accepted::Repeat {
            receipt: receipt("a")
        }
    );
    let prepared = province.prepared(&filing, &[]);
    now(province.store().enqueue(vec![prepared])).unwrap();
    province.send(NextMove::Delivered);
    province.sound();
    assert_eq!(erase(&province, &["H99-1"], None).erased, ["H99-1"]);
    province.sound();
}

#[test]
fn an_erasure_that_a_death_broke_off_is_seen_through() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[]);
    province.send(NextMove::Delivered);
    let slots = province
        .store()
        .readers
        .ask(|conn| Ok(conn.query_row("SELECT slot FROM filing", [], |row| row.get::<_, i64>(0))?));
    let slot = now(slots).unwrap();
    // As it stands when the leaf is on disk, and the process dies before the key is destroyed.
    let numbers = vec!["H99-1".to_owned()];
    let told = deed(Kind::Erased, "x");
    let done = province
        .store()
        .write(move |tx| crate::store::sqlite::deed::erase(tx, &numbers, None, &told));
    assert_eq!(now(done).unwrap().1, [Slot(slot as u64)]);
    let seal = |province: &Province| {
        let place = crate::store::sqlite::seal::place("x.y", b"");
        province.store().sealer.seal(Slot(slot as u64), place, b"")
    };
    assert!(seal(&province).is_ok());
    province.restart();
    assert_eq!(seal(&province), Err(SealError::Erased));
    province.sound();
}

#[test]
fn what_has_served_its_time_ends_by_itself_and_what_is_open_does_not() {
    let mut province = Province::new();
    province.file("H99-1", "a", &[]);
    province.send(NextMove::Delivered);
    province.file("H99-2", "a", &[]);
    province.send(refuse());
    province.file("H99-3", "a", &[]);
    let parked = province.send(park()).id;
    province.file("H99-4", "a", &[]);
    let ended = |province: &Province, before| now(province.store().ended(before, 9)).unwrap();
    assert_eq!(ended(&province, START), Vec::<String>::new());
    assert_eq!(ended(&province, START + 1), ["H99-1", "H99-2"]);
    assert!(province.handle(parked, Some(Release::Delivered)));
    assert_eq!(ended(&province, START + 1), ["H99-1", "H99-2", "H99-3"]);
    province.time += 1_000;
    assert_eq!(province.accept("H99-1", "anew"), Accepted::New);
    assert_eq!(ended(&province, START + 1), ["H99-2", "H99-3"]);
    erase(&province, &["H99-2", "H99-3"], None);
    assert_eq!(ended(&province, START + 1), Vec::<String>::new());
    province.sound();
}

#[test]
fn who_looked_is_kept_by_the_month_and_then_goes_but_for_its_leaf() {
    const MONTH: i64 = 32 * 86_400_000;
    let mut province = told();
    let subject = subject_of("H99-1");
    looked(&province, Wanted::Dossier("H99-1".into())).unwrap();
    let months = |before| now(province.store().erase_months(before, deed(Kind::Erased, "m"))).unwrap();
    assert_eq!(months(START), 0, "the month goes on");
    assert_eq!(months(START + MONTH), 1);
    assert_eq!(
        found(
            province.folder.path(),
            &["LOOKED-Nguyen", "Cán Bộ Thử", "REASON-Nguyen"]
        ),
        Vec::<String>::new()
    );
    assert_eq!(now(province.store().deeds(subject)).unwrap().len(), 1);
    assert!(
        looked(&province, Wanted::Deeds(subject)).is_none(),
        "nobody can say who it was"
    );
    province.sound();
    province.restart();
    looked(&province, Wanted::Dossier("H99-1".into())).unwrap();
    province.sound();
}

#[test]
fn a_deed_that_is_taken_out_or_changed_is_found() {
    for (sql, names) in [
        ("DELETE FROM deed", "tells of a deed"),
        ("UPDATE deed SET what = 'callback'", "tells of a deed"),
        ("UPDATE deed SET subject = zeroblob(16)", "tells of a deed"),
        ("UPDATE deed SET salt = zeroblob(16)", "not in the log as it is"),
        ("UPDATE deed SET leaf = 0", "not in the log as it is"),
        ("UPDATE slot SET erased = NULL", "Filing 1"),
        ("UPDATE slot SET erased = 0 WHERE erased IS NOT NULL", "Filing 1"),
    ] {
        let mut province = Province::new();
        province.file("H99-1", "a", &[]);
        province.send(NextMove::Delivered);
        erase(&province, &["H99-1"], None);
        province.sound();
        province.tamper(sql);
        let said = now(province.store().discrepancies()).unwrap().join("\n");
        assert!(said.contains(names), "{sql}: {said}");
    }
}
