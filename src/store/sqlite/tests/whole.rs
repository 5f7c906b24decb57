//! The file as a whole: one holder, versions, backup and restore, and the log in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::kit::{PARTNER, Province, START, acceptance, again, now, park, refuse, sealer, settings};
use crate::evidence::audit::{Audit, audit};
use crate::model::{Operation, Release, Sealer, State};
use crate::store::sqlite::log::{Kept, size};
use crate::store::{Accepted, NextMove, Query, SignedCheckpoint, Sqlite, Store, StoreError};
use crate::vault::Keyless;

/// No keys: for where it does not come to them.
fn shut() -> Arc<dyn Sealer> {
    Arc::new(Keyless::because("here are none".to_owned()))
}

/// Audits the log in a store: tiles, links, places; and the root is the one the store shows.
pub(super) fn audited(store: &Sqlite) -> Audit {
    let audit = store.readers.ask(|conn| {
        let audit = audit(size(conn)?, &Kept(conn), [], |_| ());
        audit.map_err(|error| StoreError::Unusable(error.to_string()))
    });
    let audit = now(audit).unwrap();
    assert_eq!(audit.findings, []);
    let head = now(store.head()).unwrap();
    assert_eq!((head.size, head.root), (audit.size, audit.root));
    audit
}

#[test]
fn one_process_holds_it_and_others_may_look() {
    let mut province = Province::new();
    province.accept("H99-1", "a");
    assert!(matches!(
        Sqlite::open(&province.path(), settings(), shut()),
        Err(StoreError::Held(_))
    ));
    let looking = Sqlite::open_read_only(&province.path(), shut()).unwrap();
    assert_eq!(now(looking.books()).unwrap().dossiers, 1);
    assert_eq!(
        now(looking.head()).unwrap(),
        now(province.store().head()).unwrap()
    );
    assert!(now(looking.accept(acceptance("H99-2", "a", None))).is_err());
    assert_eq!(province.accept("H99-2", "a"), Accepted::New);
    drop(looking);
    province.restart();
}

#[test]
fn it_is_made_once_and_opened_only_where_it_is() {
    let province = Province::new();
    let elsewhere = province.folder.path().join("elsewhere.db");
    assert!(matches!(
        Sqlite::open(&elsewhere, settings(), shut()),
        Err(StoreError::Absent(_))
    ));
    assert!(matches!(
        Sqlite::open_read_only(&elsewhere, shut()),
        Err(StoreError::Absent(_))
    ));
    assert!(!elsewhere.exists());
    assert!(matches!(
        Sqlite::create(&province.path(), settings(), shut()),
        Err(StoreError::Unusable(_))
    ));
    let other = rusqlite::Connection::open(&elsewhere).unwrap();
    other.execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(
        Sqlite::open(&elsewhere, settings(), shut()),
        Err(StoreError::Unusable(_))
    ));
}

#[test]
fn what_a_making_leaves_that_was_broken_off_is_no_store_and_the_next_one_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    for left in [&b""[..], b"SQLite form"] {
        for name in ["store-new", "store-new-journal"] {
            std::fs::write(folder.path().join(name), left).unwrap();
        }
        let absent = Sqlite::open(&path, settings(), shut()).map(drop);
        assert!(matches!(absent, Err(StoreError::Absent(_))), "{absent:?}");
        let made = Sqlite::create(&path, settings(), sealer(&path)).map(drop);
        assert!(made.is_ok(), "{left:?}: {made:?}");
        let after = ["store-new", "store-new-journal"].map(|name| folder.path().join(name).exists());
        assert_eq!(after, [false, false]);
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_newer_form_is_refused() {
    let mut province = Province::new();
    province.store = None;
    let conn = rusqlite::Connection::open(province.path()).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    assert!(matches!(
        Sqlite::open(&province.path(), settings(), shut()),
        Err(StoreError::Unusable(_))
    ));
}

#[test]
fn what_is_in_the_file_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let province = Province::new();
    for name in ["store.db", "store.db-wal", "store.db.lock"] {
        let mode = std::fs::metadata(province.folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn a_backup_made_while_writing_is_a_whole_store() {
    let province = Province::new();
    let stop = AtomicBool::new(false);
    let to = province.folder.path().join("backup.db");
    std::thread::scope(|scope| {
        let (province, stop) = (&province, &stop);
        let writing = scope.spawn(move || {
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                province.accept(&format!("H99-{n}"), &"x".repeat(5_000));
                n += 1;
            }
            n
        });
        while province.store().flushes() < 50 {}
        now(province.store().backup(&to)).unwrap();
        let before = province.store().flushes();
        while province.store().flushes() < before + 20 {}
        stop.store(true, Ordering::Relaxed);
        assert!(writing.join().unwrap() > 60);
    });
    assert!(
        now(province.store().backup(&to)).is_err(),
        "a backup is not written over"
    );
    let copy = Sqlite::open_read_only(&to, sealer(&to)).unwrap();
    let books = now(copy.books()).unwrap();
    assert!(books.dossiers >= 48 && books.dossiers < now(province.store().books()).unwrap().dossiers);
    assert_eq!(audited(&copy).size, books.dossiers);
    assert_eq!(now(copy.discrepancies()).unwrap(), Vec::<String>::new());
}

#[test]
fn restore_checks_and_does_not_write_over() {
    let mut province = Province::new();
    province.accept("H99-1", "a");
    let backup = province.folder.path().join("backup.db");
    now(province.store().backup(&backup)).unwrap();
    province.accept("H99-2", "a");
    let path = province.path();
    assert!(matches!(
        Sqlite::restore(&backup, &path, true),
        Err(StoreError::Held(_))
    ));
    province.store = None;
    assert!(matches!(
        Sqlite::restore(&backup, &path, false),
        Err(StoreError::Unusable(_))
    ));
    // As after a crash: something of the old store that was not folded in.
    std::fs::write(province.folder.path().join("store.db-wal"), b"stale").unwrap();
    Sqlite::restore(&backup, &path, true).unwrap();
    province.restart();
    assert_eq!(now(province.store().books()).unwrap().dossiers, 1);
    province.sound();

    let mut bytes = std::fs::read(&backup).unwrap();
    bytes[leaves_of(&backup)].fill(0x5a);
    std::fs::write(&backup, bytes).unwrap();
    province.store = None;
    assert!(Sqlite::restore(&backup, &path, true).is_err());
    province.restart();
    assert_eq!(now(province.store().books()).unwrap().dossiers, 1);
    let names: Vec<_> = std::fs::read_dir(province.folder.path())
        .unwrap()
        .map(|name| name.unwrap().file_name())
        .collect();
    assert!(
        names.iter().all(|name| !name.to_string_lossy().contains("part")),
        "{names:?}"
    );
}

/// The first page of the leaves in a file: what is nobody's page may be damaged, and nothing is lost.
fn leaves_of(file: &std::path::Path) -> std::ops::Range<usize> {
    let conn =
        rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap() as usize;
    let page = number("SELECT rootpage FROM sqlite_schema WHERE name = 'leaf'");
    let size = number("PRAGMA page_size");
    (page - 1) * size..page * size
}

#[test]
fn the_log_goes_on_where_it_stood() {
    let mut province = Province::new();
    for n in 0..300 {
        province.accept(&format!("H99-{}", n % 100), &format!("body {n}"));
        if n % 97 == 0 {
            province.restart();
        }
    }
    let audit = audited(province.store());
    assert_eq!(audit.size, 300);
    assert!(
        now(province.store().tile(0, 0))
            .unwrap()
            .is_some_and(|tile| tile.len() == 8192)
    );
    assert!(now(province.store().tile(0, 1)).unwrap().is_none());
    let entries = now(province.store().entries(298, 10)).unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.index).collect::<Vec<_>>(),
        [298, 299]
    );
    assert!(now(province.store().entries(300, 10)).unwrap().is_empty());
}

#[test]
fn a_checkpoint_never_contradicts_the_latest() {
    let province = Province::new();
    province.accept("H99-1", "a");
    let head = now(province.store().head()).unwrap();
    let signed = |size, root, note: &str| SignedCheckpoint {
        size,
        root,
        at: START,
        note: note.into(),
    };
    let publish = |checkpoint| now(province.store().publish(checkpoint));
    publish(signed(1, head.root, "one")).unwrap();
    publish(signed(1, head.root, "one again")).unwrap();
    assert!(publish(signed(1, [0; 32], "fork")).is_err());
    assert!(publish(signed(0, [0; 32], "back")).is_err());
    assert!(publish(signed(2, [0; 32], "ahead")).is_err());
    assert_eq!(
        now(province.store().checkpoint()).unwrap().unwrap().note,
        "one again"
    );
}

/// A store in which everything has happened once.
pub(super) fn lived_in() -> Province {
    let mut province = Province::new();
    province.file("H99-1", "a", &[1, 2]);
    province.send(NextMove::Delivered);
    province.send(again(Operation::Progress, 0));
    province.send(NextMove::Delivered);
    province.file("H99-2", "a", &[3]);
    let parked = province.send(park()).id;
    assert!(province.handle(parked, Some(Release::Delivered)));
    province.send(NextMove::Delivered);
    province.file("H99-3", "a", &[4]);
    province.send(refuse());
    province.file_stopped("H99-4", "a", &[5]);
    province.accept("H99-5", "a");
    province
}

/// A change by hand, and what the finding must name; `#` is the first exchange's id.
const CHANGES: &[(&str, &[&str])] = &[
    (
        "UPDATE exchange SET state = 'ready', wake = 0 WHERE id = 1",
        &["#", "leaf 4", "ready"],
    ),
    (
        "UPDATE exchange SET state = 'refused' WHERE id = 1",
        &["#", "refused"],
    ),
    (
        "UPDATE exchange SET leaf = leaf - 1 WHERE id = 1",
        &["#", "later"],
    ),
    ("UPDATE exchange SET leaf = 0 WHERE id = 1", &["#", "leaf 0"]),
    ("DELETE FROM exchange WHERE id = 1", &["#", "does not have"]),
    (
        "UPDATE body SET filed = x'62' WHERE filing = 1",
        &["Filing 1", "leaf 0"],
    ),
    (
        "UPDATE filing SET digest = zeroblob(32) WHERE id = 1",
        &["Filing 1"],
    ),
    (
        "UPDATE filing SET salt = zeroblob(16) WHERE id = 1",
        &["Filing 1"],
    ),
    ("DELETE FROM body WHERE filing = 1", &["Filing 1", "no body"]),
    ("DELETE FROM filing WHERE id = 1", &["Leaf 0", "filing"]),
    (
        "UPDATE message SET payload = x'78' WHERE exchange = 1",
        &["#", "payload"],
    ),
    (
        "UPDATE message SET payload = x'78' WHERE exchange = 2",
        &["payload"],
    ),
    ("UPDATE leaf SET entry = x'78' WHERE id = 0", &["Leaf 0"]),
    ("DELETE FROM unprepared", &["books"]),
    (
        "DELETE FROM attempt WHERE id = (1 << 20) + 1",
        &["#", "1 attempts, but 0"],
    ),
    (
        "UPDATE exchange SET state = 'deliveree' WHERE id = 1",
        &["#", "state that there is not"],
    ),
    (
        "UPDATE body SET receipt = x'62' WHERE filing = 1",
        &["receipt of filing 1"],
    ),
    (
        "DELETE FROM leaf WHERE id = (SELECT max(id) FROM leaf)",
        &["Filing 5"],
    ),
];

#[test]
fn whatever_is_changed_by_hand_is_named() {
    let mut province = lived_in();
    province.sound();
    let first = province.rows()[0].exchange;
    assert_eq!(now(province.store().leaf_of(first)).unwrap(), Some(4));
    province.store = None;
    let path = province.path();
    let sound = std::fs::read(&path).unwrap();
    for (sql, words) in CHANGES {
        province.store = None;
        std::fs::write(&path, &sound).unwrap();
        province.tamper(sql);
        let found = now(province.store().discrepancies()).unwrap().join("\n");
        let named = words
            .iter()
            .all(|word| found.contains(&word.replace('#', &first.to_string())));
        assert!(!found.is_empty() && named, "{sql}: {found}");
    }
}

#[test]
fn looking_is_by_dossier_state_time_and_place() {
    let province = lived_in();
    let count = |narrow: &dyn Fn(&mut Query)| {
        let mut query = Query {
            all: true,
            limit: 100,
            ..Query::default()
        };
        narrow(&mut query);
        now(province.store().exchanges(query)).unwrap().len()
    };
    let third = province.rows()[2].exchange;
    assert_eq!(count(&|_| ()), 8);
    assert_eq!(count(&|query| query.all = false), 3);
    assert_eq!(count(&|query| query.dossier = Some("H99-1".into())), 2);
    assert_eq!(count(&|query| query.state = Some(State::Refused)), 1);
    assert_eq!(count(&|query| query.agency = Some("H99.1".into())), 8);
    assert_eq!(count(&|query| query.system = Some("opencps".into())), 0);
    assert_eq!(count(&|query| query.until = Some(START)), 0);
    assert_eq!(count(&|query| query.since = Some(START)), 8);
    assert_eq!(count(&|query| query.after = Some(third)), 5);
    assert_eq!(count(&|query| query.limit = 3), 3);
}

#[test]
fn attempts_are_told_in_order() {
    let province = lived_in();
    let attempts = now(province.store().attempts(province.rows()[1].exchange)).unwrap();
    assert_eq!(attempts.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
    assert!(
        attempts
            .iter()
            .all(|row| row.status == Some(200) && row.digest == "03".repeat(32))
    );
    assert_eq!(now(province.store().wakes_at(PARTNER)).unwrap(), None);
    assert_eq!(now(province.store().wakes_at("nobody")).unwrap(), None);
}
