//! A store of an earlier version, which kept everything in clear, is sealed when it is opened, whenever that is broken off.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;

use super::kit::{Province, acceptance, now, opened, receipt, sealer, settings};
use super::sealed::found;
use crate::model::{Place, SealError, Sealer, Slot, Warrant};
use crate::store::sqlite::schema;
use crate::store::{Accepted, Sqlite, Store};

/// What the tables of the form before hold, in clear.
const CLEAR: [&str; 12] = [
    "FILED-Tran",
    "DOSSIER-Tran",
    "PAYLOAD-Tran",
    "STEP-Tran",
    "ANSWER-Tran",
    "REASON-Tran",
    "OFFICER-Tran",
    "WORDS-Tran",
    "DOCUMENT-Tran",
    "REPLY-Tran",
    "PAPER-Tran",
    "NEWS-Tran",
];

/// Makes a lived-in store into one of the form before: the same rows and the same log, but everything in clear.
fn earlier(province: &mut Province) {
    let rows = rows(province);
    province.store = None;
    let path = province.path();
    let keys = path.with_file_name("keys");
    let new = path.with_file_name("new.db");
    std::fs::rename(&path, &new).unwrap();
    std::fs::remove_file(&keys).unwrap();
    schema::make(&path).unwrap();
    schema::mark(&path).unwrap();
    let conn = Connection::open(&path).unwrap();
    for migration in &schema::MIGRATIONS[..schema::SEALED - 1] {
        conn.execute_batch(migration).unwrap();
    }
    let attach = format!(
        "ATTACH '{}' AS new; PRAGMA user_version = {};",
        new.display(),
        schema::SEALED - 1
    );
    conn.execute_batch(&attach).unwrap();
    conn.execute_batch(
        "DELETE FROM tally; DELETE FROM chained;
         INSERT INTO partner SELECT * FROM new.partner; INSERT INTO dossier SELECT * FROM new.dossier;
         INSERT INTO filing SELECT id, dossier, partner, at, due_at, digest, salt, leaf, previous FROM new.filing;
         INSERT INTO unprepared SELECT * FROM new.unprepared; INSERT INTO idempotency SELECT * FROM new.idempotency;
         INSERT INTO lane SELECT * FROM new.lane; INSERT INTO exchange SELECT * FROM new.exchange;
         INSERT INTO attempt SELECT * FROM new.attempt; INSERT INTO leaf SELECT * FROM new.leaf;
         INSERT INTO chain SELECT * FROM new.chain; INSERT INTO chained SELECT * FROM new.chained;
         INSERT INTO tile SELECT * FROM new.tile; INSERT INTO tally SELECT * FROM new.tally;
         INSERT INTO inquiry SELECT id, uid, number, system, partner, service, profile, procedure, basis, subject, officer,
           request, sets, at, salt, source, asked, ended_at, class, hop, code, 'WORDS-Tran', trace, digest, delivered, answered
           FROM new.inquiry;
         INSERT INTO act SELECT inquiry, '099', 'OFFICER-Tran', 'a', 'b', 'c', 'd' FROM new.act;
         INSERT INTO handling SELECT id, exchange, at, release, 'REASON-Tran', leaf FROM new.handling;
         INSERT INTO callback SELECT id, uid, listener, kind, key, digest, at, said_at, updating, number, system, end, state,
           owner, action, cause, salt, leaf, applied FROM new.callback;
         INSERT INTO callback_body SELECT callback, CAST('DOCUMENT-Tran' AS BLOB), status, media, CAST('REPLY-Tran' AS BLOB)
           FROM new.callback_body;
         INSERT INTO paper SELECT digest, CAST('PAPER-Tran' AS BLOB) FROM new.paper;
         INSERT INTO news SELECT number, at, CAST('NEWS-Tran' AS BLOB) FROM new.news;
         INSERT INTO event SELECT id, uid, system, number, kind, at, callback, x'7b7d', wake, tries, told FROM new.event;
         INSERT INTO answer SELECT attempt, CAST('ANSWER-Tran' AS BLOB) FROM new.answer;
         INSERT INTO step SELECT lane, key, exchange, at, CAST('STEP-Tran' AS BLOB) FROM new.step;
         INSERT INTO message SELECT exchange, CAST('PAYLOAD-Tran' AS BLOB), signature, salt, mapping, leaf FROM new.message;",
    )
    .unwrap();
    for (filing, filed) in rows {
        let receipt = receipt(&filed);
        conn.execute(
            "INSERT INTO body SELECT ?1, ?2, CAST('DOSSIER-Tran' AS BLOB), ?3, NULL",
            rusqlite::params![filing, filed.as_bytes(), receipt],
        )
        .unwrap();
    }
    conn.execute_batch("DETACH new; PRAGMA journal_mode = WAL")
        .unwrap();
    // A row that was deleted leaves its bytes in the file.
    conn.execute_batch("CREATE TABLE x (y); INSERT INTO x VALUES ('GONE-Tran'); DELETE FROM x; DROP TABLE x")
        .unwrap();
    drop(conn);
    std::fs::remove_file(&new).unwrap();
}

/// The bodies that the province filed, by filing.
fn rows(province: &Province) -> Vec<(i64, String)> {
    let filings = province.store().readers.ask(|conn| {
        let mut select = conn.prepare("SELECT id FROM filing ORDER BY id")?;
        Ok(select
            .query_map([], |row| row.get(0))?
            .collect::<Result<Vec<i64>, _>>()?)
    });
    let filings = now(filings).unwrap();
    filings.into_iter().map(|id| (id, body())).collect()
}

fn body() -> String {
    "FILED-Tran".repeat(200)
}

/// A province with a filing that was sent, one that was parked and handled, and all that came back.
fn lived() -> Province {
    let mut province = super::sealed::told();
    for n in 2..7 {
        province.file(&format!("H99-{n}"), &body(), &[n]);
    }
    province
}

/// Seals so many values and then fails, as a process that dies.
struct Dying {
    inner: Arc<dyn Sealer>,
    left: AtomicUsize,
}

impl Sealer for Dying {
    fn name(&self) -> [u8; 16] {
        self.inner.name()
    }
    fn resume(&self, free: Slot) -> Result<(), SealError> {
        self.inner.resume(free)
    }
    fn take(&self) -> Result<Slot, SealError> {
        self.inner.take()
    }
    fn give_back(&self, slot: Slot) {
        self.inner.give_back(slot);
    }
    fn seal(&self, slot: Slot, place: Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let left = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map_err(|_| SealError::Unusable("died".to_owned()))?;
        self.inner.seal(slot, place, bytes)
    }
    fn open(&self, warrant: Warrant, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.inner.open(warrant, place, sealed)
    }
    fn destroy(&self, slots: &[Slot]) -> Result<(), SealError> {
        self.inner.destroy(slots)
    }
}

fn clear(folder: &Path) -> Vec<String> {
    let words: Vec<&str> = CLEAR.into_iter().chain(["GONE-Tran"]).collect();
    found(folder, &words)
}

#[test]
fn what_stood_in_clear_is_sealed_and_leaves_nothing_behind() {
    let mut province = lived();
    let before = (
        now(province.store().books()).unwrap(),
        now(province.store().head()).unwrap(),
    );
    earlier(&mut province);
    let folder = province.folder.path().to_owned();
    assert!(clear(&folder).len() >= 13, "{:?}", clear(&folder));
    // Broken off after any number of values, it goes on at the next opening.
    for left in [0, 1, 5, 9, 14] {
        let path = province.path();
        let dying = Dying {
            inner: sealer(&path),
            left: AtomicUsize::new(left),
        };
        assert!(
            Sqlite::open(&path, settings(), Arc::new(dying)).is_err(),
            "{left}"
        );
    }
    province.store = Some(opened(&province.path()));
    assert_eq!(clear(&folder), Vec::<String>::new());
    let after = (
        now(province.store().books()).unwrap(),
        now(province.store().head()).unwrap(),
    );
    assert_eq!(after, before);
    super::whole::audited(province.store());
    let exchange = province.rows()[0].exchange;
    assert_eq!(
        now(province.store().rendered(exchange)).unwrap().unwrap().payload,
        b"PAYLOAD-Tran"
    );
    assert_eq!(
        now(province.store().filed("H99-2")).unwrap().unwrap(),
        b"DOSSIER-Tran"
    );
    assert_eq!(
        now(province.store().news("H99-1")).unwrap().unwrap(),
        b"NEWS-Tran"
    );
    assert_eq!(
        now(province.store().events("igate", 0, 9)).unwrap()[0].body,
        b"{}"
    );
    let repeat = now(province.store().accept(acceptance("H99-3", &body(), None))).unwrap();
    assert_eq!(
        repeat,
        Accepted::Repeat {
            receipt: receipt(&body())
        }
    );
    assert_eq!(province.accept("H99-3", "anew"), Accepted::New);
    let said = now(province.store().discrepancies()).unwrap();
    assert!(
        said.iter()
            .all(|line| !line.contains("Filing 3") && !line.contains("Filing 7")),
        "{said:?}"
    );
    province.restart();
    assert_eq!(province.accept("H99-8", "later"), Accepted::New);
}
