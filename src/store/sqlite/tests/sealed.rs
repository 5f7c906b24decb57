//! What is about persons is sealed: no file of the store says it, it opens where it stands, and nowhere else.

use std::path::Path;

use super::callbacks::{made, piles, said};
use super::inquiries::{answered, inquiry};
use super::kit::{Province, acceptance, now, opened, park, sealer, settings};
use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::SealError;
use crate::store::{Accepted, Handling, Sqlite, Store, StoreError};

/// What stands in one sealed column each, and is to be found in no file. Not a word of the schema, of a leaf, or of ours.
pub(super) const PERSONAL: [&str; 14] = [
    "FILED-Nguyen",
    "DOSSIER-Nguyen",
    "RECEIPT-Nguyen",
    "PAYLOAD-Nguyen",
    "STEP-Nguyen",
    "ANSWER-Nguyen",
    "REASON-Nguyen",
    "Cán Bộ Thử",
    "WORDS-Nguyen",
    "DOCUMENT-Nguyen",
    "REPLY-Nguyen",
    "PAPER-Nguyen",
    "NEWS-Nguyen",
    "EVENT-Nguyen",
];

/// Everything about a person that a store can be told, long enough to fill pages of their own.
pub(super) fn told() -> Province {
    let mut province = Province::new();
    let long = |word: &str| word.repeat(300);
    let mut filed = acceptance("H99-1", &long("FILED-Nguyen"), Some("k"));
    filed.dossier = long("DOSSIER-Nguyen").into_bytes();
    filed.receipt = [filed.receipt, b" RECEIPT-Nguyen".to_vec()].concat();
    assert_eq!(now(province.store().accept(filed)).unwrap(), Accepted::New);
    let filing = province.unprepared().remove(0);
    let mut prepared = province.prepared(&filing, &[1]);
    prepared.steps[0].step = b"STEP-Nguyen".to_vec();
    if let Ok((_, message)) = &mut prepared.message {
        message.payload = long("PAYLOAD-Nguyen").into_bytes();
        prepared.leaf.commit = Some(commitment(&message.salt, &message.payload));
    }
    now(province.store().enqueue(vec![prepared])).unwrap();
    let leased = province.one();
    province.attempt(&leased);
    let mut end = province.settlement(&leased, park());
    end.answer = b"ANSWER-Nguyen".to_vec();
    now(province.store().settle(end)).unwrap();
    let leaf = Draft::new(Kind::Reopened, province.time);
    let handling = Handling {
        account: None,
        exchange: leased.id,
        release: None,
        reason: "REASON-Nguyen".into(),
        at: province.time,
        leaf: leaf.fact("as", "retry"),
    };
    assert!(now(province.store().handle(handling)).unwrap());
    let asked = inquiry(&mut province, "H99-1", 1, 1);
    let id = asked.id;
    now(province.store().inquire(vec![asked])).unwrap();
    let mut ended = answered(&province, id, "match");
    ended.words = Some("WORDS-Nguyen".into());
    now(province.store().answered(vec![ended])).unwrap();
    come_back(&province);
    province
}

/// A callback with a paper, put on the dossier.
fn come_back(province: &Province) {
    let mut came = said(1, "k", &"DOCUMENT-Nguyen".repeat(300));
    came.papers = vec![(hash::digest(&[b"PAPER-Nguyen"]), b"PAPER-Nguyen".to_vec())];
    let telling = came.telling.clone();
    came.telling = std::sync::Arc::new(move |end, number| {
        let (mut heard, leaf) = telling(end, number);
        heard.body = b"REPLY-Nguyen".to_vec();
        (heard, leaf)
    });
    now(province.store().receive(came)).unwrap();
    let pile = piles(province).remove(0);
    let mut applied = made(&pile);
    applied.news = b"NEWS-Nguyen".to_vec();
    for one in &mut applied.each {
        let event = one.event.as_mut().unwrap();
        event.body = b"EVENT-Nguyen".to_vec();
        one.leaf.commit = Some(commitment(&pile.said[0].salt, &event.body));
    }
    now(province.store().apply(applied)).unwrap();
    assert!(piles(province).is_empty());
}

/// Which of these words stand in a file of that folder, and where.
pub(super) fn found(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap_or_default();
        let stands = |word: &&&str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        found.extend(
            words
                .iter()
                .filter(stands)
                .map(|word| format!("{word} in {}", file.display())),
        );
    }
    found
}

/// What the store says, read back: every word that is in no file.
fn read(province: &Province) -> String {
    let store = province.store();
    let exchange = province.rows()[0].exchange;
    let mut all = vec![now(store.filed("H99-1")).unwrap().unwrap()];
    let repeat = acceptance("H99-1", &"FILED-Nguyen".repeat(300), Some("k"));
    let Accepted::Repeat { receipt } = now(store.accept(repeat)).unwrap() else {
        panic!("it was accepted before");
    };
    all.push(receipt);
    all.push(now(store.rendered(exchange)).unwrap().unwrap().payload);
    all.push(now(store.news("H99-1")).unwrap().unwrap());
    let digest = hash::digest(&[b"PAPER-Nguyen"]);
    all.push(now(store.paper(digest)).unwrap().unwrap());
    all.push(now(store.events("igate", 0, 9)).unwrap().remove(0).body);
    all.push(
        now(store.receive(said(2, "k", &"DOCUMENT-Nguyen".repeat(300))))
            .unwrap()
            .heard
            .body,
    );
    String::from_utf8(all.concat()).unwrap()
}

#[test]
fn no_file_of_the_store_says_anything_about_a_person() {
    let mut province = told();
    let folder = province.folder.path().to_owned();
    now(province.store().backup(&folder.join("backup.db"))).unwrap();
    let clear = |folder: &Path| assert_eq!(found(folder, &PERSONAL), Vec::<String>::new());
    assert!(folder.join("store.db-wal").exists());
    clear(&folder);
    let words = |text: &str| PERSONAL.iter().filter(|word| text.contains(**word)).count();
    assert_eq!(words(&read(&province)), 7, "what is read back is what was kept");
    province.sound();
    province.restart();
    clear(&folder);
    assert_eq!(words(&read(&province)), 7);
    // The test sees what is there: the number is no secret.
    assert_ne!(found(&folder, &["H99-1"]), Vec::<String>::new());
    province.sound();
}

#[test]
fn a_value_in_another_row_or_another_column_does_not_open_and_is_named() {
    const MOVES: [(&str, &str); 5] = [
        (
            "UPDATE body SET filed = (SELECT filed FROM body WHERE filing = 2) WHERE filing = 1",
            "Filing 1",
        ),
        ("UPDATE body SET filed = receipt WHERE filing = 1", "Filing 1"),
        (
            "UPDATE message SET payload = (SELECT payload FROM message WHERE exchange = 3) WHERE exchange = 1",
            "payload of exchange",
        ),
        (
            "UPDATE body SET receipt = (SELECT receipt FROM body WHERE filing = 2) WHERE filing = 1",
            "receipt of filing 1",
        ),
        ("UPDATE body SET filed = x'' WHERE filing = 1", "Filing 1"),
    ];
    let mut province = super::whole::lived_in();
    province.sound();
    province.store = None;
    let sound = std::fs::read(province.path()).unwrap();
    for (sql, names) in MOVES {
        province.store = None;
        std::fs::write(province.path(), &sound).unwrap();
        province.tamper(sql);
        let said = now(province.store().discrepancies()).unwrap().join("\n");
        assert!(said.contains(names), "{sql}: {said}");
    }
    // A dossier whose bytes were moved is not shown, and not translated.
    province.store = None;
    std::fs::write(province.path(), &sound).unwrap();
    province.tamper("UPDATE body SET dossier = (SELECT dossier FROM body WHERE filing = 1) WHERE filing = 5");
    let shown = now(province.store().filed("H99-5")).map(drop);
    assert!(
        matches!(shown, Err(StoreError::Sealed(SealError::Broken))),
        "{shown:?}"
    );
    // It is given out all the same, as nothing: it stops itself, and none of the others.
    let given = province.unprepared();
    let empty = given.iter().filter(|filing| filing.dossier.is_empty());
    assert_eq!(empty.map(|filing| filing.id).collect::<Vec<_>>(), [5]);
}

#[test]
fn it_is_opened_with_its_own_keys_or_not_at_all() {
    let mut province = told();
    province.store = None;
    let keys = province.path().with_file_name("keys");
    let whole = std::fs::read(&keys).unwrap();
    std::fs::remove_file(&keys).unwrap();
    let refused = |province: &Province| {
        let path = province.path();
        match Sqlite::open(&path, settings(), sealer(&path)).map(drop) {
            Err(StoreError::Unusable(why)) => assert!(why.contains("other keys"), "{why}"),
            Err(StoreError::Sealed(SealError::Keyless(why))) => assert!(why.contains("older copy"), "{why}"),
            other => panic!("{other:?}"),
        }
    };
    refused(&province);
    // Its own, from before the first filing.
    std::fs::write(&keys, &whole[..64]).unwrap();
    refused(&province);
    // Without any the log can be read, and says what was not looked into.
    std::fs::remove_file(&keys).unwrap();
    let shut = std::sync::Arc::new(crate::vault::Keyless::because("they are elsewhere".to_owned()));
    let looking = Sqlite::open_read_only(&province.path(), shut).unwrap();
    assert_eq!(super::whole::audited(&looking).findings, []);
    let said = now(looking.discrepancies()).unwrap();
    assert!(
        said.len() == 1 && said[0].contains("they are elsewhere"),
        "{said:?}"
    );
    drop(looking);
    std::fs::write(&keys, &whole).unwrap();
    province.store = Some(opened(&province.path()));
    province.sound();
}

#[test]
fn what_keeps_nothing_uses_up_no_key() {
    let province = Province::new();
    province.accept("H99-1", "a");
    for _ in 0..30 {
        assert!(matches!(province.accept("H99-1", "a"), Accepted::Repeat { .. }));
    }
    province.accept("H99-2", "a");
    let slots = province.store().readers.ask(|conn| {
        let mut select = conn.prepare("SELECT id FROM slot ORDER BY id")?;
        Ok(select
            .query_map([], |row| row.get::<_, i64>(0))?
            .collect::<Result<Vec<_>, _>>()?)
    });
    assert_eq!(now(slots).unwrap(), [0, 1]);
}
