//! Somebody who has the whole database, and for some of it the log's key, against an auditor who kept one checkpoint.

use std::path::{Path, PathBuf};
use std::process::Command;

use lienthong::evidence::checkpoint::Checkpoint;
use lienthong::evidence::leaf::{Chain, Draft, Entry, Head, Kind, Seen};
use lienthong::evidence::map::{Loose, Mapper, Told};
use lienthong::evidence::sequencer::{Heads, Sequencer};
use lienthong::evidence::tile::FullTile;
use lienthong::keys::FileKey;
use rusqlite::{Connection, params};

use super::{delivered, push, vkey};
use crate::support::node::Site;
use crate::support::portal::Portal;

/// What the adversary would like to have happened.
type Wish = fn(&mut Vec<Draft>);

const DAY: i64 = 86_400_000;

/// By what each is done, and to which leaf: the sixth is one of the first dossier's.
const WISHES: &[(&str, Wish)] = &[
    ("removes", |drafts| drop(drafts.remove(5))),
    ("adds", |drafts| drafts.insert(5, drafts[4].clone())),
    ("reorders", |drafts| drafts.swap(5, 6)),
    ("backdates", |drafts| drafts[5].at -= DAY),
    ("changes", |drafts| {
        drafts[5].facts.insert("cause".into(), "accepted".into());
    }),
];

/// The heads of a log that is written anew.
#[derive(Default)]
struct Memory(std::collections::HashMap<Chain, Head>);

impl Heads for Memory {
    type Error = std::convert::Infallible;

    fn head(&mut self, chain: &Chain) -> Result<Option<Head>, Self::Error> {
        Ok(self.0.get(chain).copied())
    }
}

fn drafts(conn: &Connection) -> Vec<Draft> {
    let mut select = conn.prepare("SELECT entry FROM leaf ORDER BY id").unwrap();
    let rows = select.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    rows.map(|bytes| Entry::read(&bytes.unwrap()).unwrap().draft)
        .collect()
}

/// The log as if it had always been so: places, links, maps, tiles, all in order again. Gives its size and root.
fn rewrite(conn: &Connection, drafts: &[Draft]) -> (u64, [u8; 32]) {
    let (mut sequencer, mut heads) = (Sequencer::default(), Memory::default());
    let (mut mapper, mut bins) = (Mapper::default(), Loose::default());
    conn.execute_batch("DELETE FROM leaf; DELETE FROM tile; DELETE FROM chain; DELETE FROM head")
        .unwrap();
    conn.execute_batch("UPDATE chained SET leaves = 0; UPDATE mapped SET leaves = 0")
        .unwrap();
    for draft in drafts {
        let mut draft = draft.clone();
        let leaves = sequencer.size();
        if draft.kind == Kind::Mapped {
            let Ok(_changed) = mapper.advance(leaves, &mut bins);
            draft = Told {
                leaves,
                root: mapper.root(),
            }
            .draft(draft.at);
        }
        let mut batch = sequencer.batch();
        let leaf = batch.append(&draft.stage(), &mut heads).unwrap();
        let insert = "INSERT INTO leaf (id, entry) VALUES (?1, ?2)";
        conn.execute(insert, params![leaf.index as i64, leaf.entry])
            .unwrap();
        let seen = Seen::read(&leaf.entry).unwrap();
        mapper.read(leaf.index, seen.links.iter().map(|(chain, _)| chain));
        batch.tiles().iter().for_each(|tile| keep(conn, tile));
        heads
            .0
            .extend(batch.heads().map(|(chain, head)| (chain.clone(), *head)));
        sequencer.adopt(batch).unwrap();
    }
    (sequencer.size(), sequencer.root())
}

fn keep(conn: &Connection, tile: &FullTile) {
    let id = (i64::from(tile.level) << 48) + tile.number as i64;
    conn.execute(
        "INSERT INTO tile (id, hashes) VALUES (?1, ?2)",
        params![id, tile.bytes],
    )
    .unwrap();
}

/// Whoever has the key as well signs it anew, in the store and beside it.
fn sign(site: &Site, conn: &Connection, (size, root): (u64, [u8; 32])) -> String {
    let config = site.config();
    let origin = config.node.name.clone();
    let note = Checkpoint { origin, size, root }
        .sign(&FileKey::read(&config.log.key_file).unwrap())
        .unwrap();
    let insert = "INSERT INTO checkpoint (size, root, at, note) VALUES (?1, ?2, 0, ?3)";
    conn.execute_batch("DELETE FROM checkpoint").unwrap();
    conn.execute(insert, params![size as i64, root, note]).unwrap();
    std::fs::write(&config.log.head_file, &note).unwrap();
    note
}

/// What the offline tool says of a node's folder; the auditor trusts the log's key and held a checkpoint.
fn judged(site: &Site, held: &Path) -> (bool, String) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    verify
        .args(["log", "verify", "--json", "--dir"])
        .arg(site.folder.path());
    verify
        .arg("--held")
        .arg(held)
        .arg("--trust")
        .arg(vkey(site).to_string());
    let out = verify.output().unwrap();
    (
        out.status.success(),
        String::from_utf8_lossy(&out.stdout).into_owned(),
    )
}

/// A stopped node, the checkpoint that an auditor took from it on the way, and its store as it was.
async fn stopped(portal: &Portal) -> (Site, PathBuf, Vec<u8>) {
    let (site, alive) = delivered(portal, 3).await;
    let held = site.path("held.checkpoint");
    std::fs::write(&held, alive.call("GET", "/log/checkpoint", &[], b"").await.body).unwrap();
    push(&alive, 10..12).await;
    alive.stop().await;
    let sound = std::fs::read(site.config().store.path).unwrap();
    (site, held, sound)
}

fn put_back(site: &Site, sound: &[u8]) {
    let path = site.config().store.path;
    for ending in ["-wal", "-shm"] {
        let name = format!("{}{ending}", path.file_name().unwrap().display());
        let _none = std::fs::remove_file(path.with_file_name(name));
    }
    std::fs::write(&path, sound).unwrap();
}

/// By hand, in the table of leaves alone: the tool names the leaf.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leaf_that_was_touched_by_hand_is_named() {
    let portal = Portal::start(|_, honest| honest());
    let (site, held, sound) = stopped(&portal).await;
    assert!(judged(&site, &held).0, "{}", judged(&site, &held).1);
    let swap = "UPDATE leaf SET id = -1 WHERE id = 5; UPDATE leaf SET id = 5 WHERE id = 6; UPDATE leaf SET id = 6 WHERE id = -1";
    let remove = "DELETE FROM leaf WHERE id = 5; UPDATE leaf SET id = -id WHERE id > 5; UPDATE leaf SET id = -id - 1 WHERE id < 0";
    let add = "UPDATE leaf SET id = -id WHERE id > 5; UPDATE leaf SET id = -id + 1 WHERE id < 0;
        INSERT INTO leaf SELECT 6, entry FROM leaf WHERE id = 5";
    let backdate = "UPDATE leaf SET entry = CAST(replace(CAST(entry AS TEXT), '\"at\":\"20', '\"at\":\"19') AS BLOB) WHERE id = 5";
    for (what, sql, words) in [
        (
            "reorders",
            swap,
            "position 5 should hold leaf 5, and holds leaf 6",
        ),
        (
            "removes",
            remove,
            "position 5 should hold leaf 5, and holds leaf 6",
        ),
        ("adds", add, "position 6 should hold leaf 6, and holds leaf 5"),
        ("backdates", backdate, "leaf 5 cannot be read"),
    ] {
        let conn = Connection::open(site.config().store.path).unwrap();
        conn.execute_batch(sql).unwrap();
        drop(conn);
        let (good, said) = judged(&site, &held);
        assert!(!good && said.contains(words), "{what}: {said}");
        put_back(&site, &sound);
    }
    assert!(judged(&site, &held).0);
}

/// Written anew with care, from the first leaf to the last, and signed anew by somebody who has the key: it agrees with itself, and
/// with nothing that others hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_that_was_rewritten_contradicts_the_checkpoint_that_an_auditor_kept() {
    let portal = Portal::start(|_, honest| honest());
    let (site, held, sound) = stopped(&portal).await;
    let note = std::fs::read_to_string(&held).unwrap();
    let size = Checkpoint::open(&note, &[vkey(&site)]).unwrap().size;
    for (what, wish) in WISHES {
        let conn = Connection::open(site.config().store.path).unwrap();
        let mut wished = drafts(&conn);
        wish(&mut wished);
        let rewritten = rewrite(&conn, &wished);
        sign(&site, &conn, rewritten);
        drop(conn);
        let (good, said) = judged(&site, &held);
        let words = format!("the checkpoint over {size} leaves has another root than these leaves");
        assert!(!good && said.contains(&words), "{what}: {said}");
        // Without what the auditor held, the log itself is in order: that is why checkpoints are held.
        assert!(
            !said.contains("does not follow the last") && !said.contains("should hold leaf"),
            "{what}: {said}"
        );
        put_back(&site, &sound);
    }
}

/// Two histories, both signed: each is in order, and each contradicts the other's checkpoint.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fork_is_found_by_whoever_holds_a_checkpoint_of_the_other_side() {
    let portal = Portal::start(|_, honest| honest());
    let (site, held, _sound) = stopped(&portal).await;
    let conn = Connection::open(site.config().store.path).unwrap();
    let whole = drafts(&conn);
    let end = whole.len() - 1;
    let mut other = whole.clone();
    other[end - 3].at += 1;
    let ours = sign(&site, &conn, rewrite(&conn, &whole));
    let (theirs, both) = (site.path("theirs"), site.path("both"));
    std::fs::write(&theirs, sign(&site, &conn, rewrite(&conn, &other))).unwrap();
    std::fs::write(&both, ours).unwrap();
    drop(conn);
    // What was held before the fork, and what the other side gave out, fit this history.
    assert!(!judged(&site, &held).1.contains("another root"));
    assert!(!judged(&site, &theirs).1.contains("another root"));
    let (good, said) = judged(&site, &both);
    assert!(
        !good && said.contains(&format!("over {} leaves has another root", whole.len())),
        "{said}"
    );
}

/// A record that was appended in order and says that it is older.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leaf_that_was_entered_late_under_an_earlier_date_is_remarked() {
    let portal = Portal::start(|_, honest| honest());
    let (site, held, _sound) = stopped(&portal).await;
    let conn = Connection::open(site.config().store.path).unwrap();
    let mut late = drafts(&conn);
    let mut draft = Draft::new(Kind::Notified, late[5].at - DAY);
    draft.dossier = late[5].dossier;
    let place = late.len();
    late.push(draft);
    sign(&site, &conn, rewrite(&conn, &late));
    drop(conn);
    let (_, said) = judged(&site, &held);
    assert!(!said.contains("another root"), "{said}");
    assert!(
        said.contains(&format!("leaf {place} says")) && said.contains("minutes before"),
        "{said}"
    );
}
