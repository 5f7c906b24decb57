//! The exchange log in an auditor's hands: what the map of heads proves, and what is found when somebody had the whole database.

mod adversary;
mod export;
mod others;

use lienthong::app;
use lienthong::evidence::leaf::{Chain, Entry};
use lienthong::evidence::map::text::{Complete, Completeness};
use lienthong::evidence::note::Vkey;
use lienthong::keys::FileKey;
use lienthong::store::{Sqlite, Store};
use lienthong::upkeep;
use rusqlite::Connection;

use crate::support::node::{Alive, Site};
use crate::support::portal::Portal;

/// A node before an honest portal, with `count` dossiers delivered under a checkpoint.
async fn delivered(portal: &Portal, count: u64) -> (Site, Alive) {
    let site = Site::new(&portal.base, "");
    let alive = site.start().await;
    push(&alive, 0..count).await;
    (site, alive)
}

async fn push(alive: &Alive, which: std::ops::Range<u64>) {
    for number in which {
        let translator = alive.node.outbound.translator();
        let body = translator
            .sample("local/igate/dossier", "igate", 7, number)
            .unwrap();
        assert_eq!(alive.push("igate", &body).await.status, 202);
    }
    alive.settle().await;
    alive.node.upkeep.checkpoint().await.unwrap();
}

fn vkey(site: &Site) -> Vkey {
    let config = site.config();
    Vkey::of(&config.node.name, &FileKey::read(&config.log.key_file).unwrap()).unwrap()
}

async fn entries(store: &dyn Store) -> Vec<Entry> {
    let size = store.head().await.unwrap().size;
    let bytes = store.entries(0, size as usize).await.unwrap();
    bytes
        .iter()
        .map(|entry| Entry::read(&entry.bytes).unwrap())
        .collect()
}

/// The newest leaf of a chain and how many it has, counted from the leaves.
fn counted(entries: &[Entry], chain: &Chain) -> Option<(u64, u64)> {
    let own = entries
        .iter()
        .filter(|entry| entry.draft.chains().contains(chain));
    own.fold(None, |before, entry| {
        Some((entry.index, before.map_or(0, |(_, count)| count) + 1))
    })
}

/// What a text proves to whoever knows the log's key only.
fn proved(text: &str, known: &Vkey) -> Complete {
    Completeness::parse(text)
        .unwrap()
        .check(std::slice::from_ref(known))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_chain_is_proved_whole_over_http_and_beside_the_node_and_one_that_never_began_too() {
    let portal = Portal::start(|_, honest| honest());
    let (site, alive) = delivered(&portal, 4).await;
    let (known, entries) = (vkey(&site), entries(alive.node.store.as_ref()).await);
    let mut chains: Vec<Chain> = entries.iter().flat_map(|entry| entry.draft.chains()).collect();
    chains.sort();
    chains.dedup();
    assert!(chains.len() > 8, "{chains:?}");
    chains.push(Chain::parse("day/2020-01-01").unwrap());
    chains.push(Chain::parse("partner/nobody").unwrap());
    let (path, keys) = (site.config().store.path, app::opener(&site.config()).unwrap());
    let beside = std::sync::Arc::new(Sqlite::open_read_only(&path, keys).unwrap()) as _;
    for chain in chains {
        let answer = alive.call("GET", &format!("/log/chain/{chain}"), &[], b"").await;
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 200, "{text}");
        let complete = proved(&text, &known);
        assert_eq!(complete.newest, counted(&entries, &chain), "{chain}");
        // Nothing came in between: the map is that of every leaf before the checkpoint's last.
        assert_eq!(complete.leaves + 1, complete.checkpoint.size);
        let offline = upkeep::complete(&beside, chain).await.unwrap();
        assert_eq!(offline.as_deref(), Some(text.as_str()));
    }
    for wrong in ["day/2020-13-01", "dossier/H99-1", "nothing", "day/"] {
        assert_eq!(
            alive
                .call("GET", &format!("/log/chain/{wrong}"), &[], b"")
                .await
                .status,
            404
        );
    }
    alive.stop().await;
}

/// The table of the map is lost, behind, ahead, or half written: the leaves are the truth, and the maps stay right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_map_goes_on_from_whatever_its_table_has() {
    let portal = Portal::start(|_, honest| honest());
    let (site, alive) = delivered(&portal, 3).await;
    alive.stop().await;
    let path = site.config().store.path;
    // What a kill leaves behind: a table that is older than the log, one of which a part was written, one that is ahead of its mark.
    let losses = [
        "CREATE TABLE old AS SELECT * FROM head; CREATE TABLE mark AS SELECT * FROM mapped",
        "DELETE FROM head; INSERT INTO head SELECT * FROM old; UPDATE mapped SET leaves = (SELECT leaves FROM mark)",
        "INSERT OR REPLACE INTO head SELECT * FROM old WHERE key < x'80'; UPDATE mapped SET leaves = (SELECT leaves FROM mark)",
        "UPDATE mapped SET leaves = 0",
        "DELETE FROM head; UPDATE mapped SET leaves = 0",
    ];
    for (round, loss) in (1..).zip(losses) {
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(loss).unwrap();
        drop(conn);
        let alive = site.start().await;
        push(&alive, round * 10..round * 10 + 2).await;
        let checked = app::check_log(&alive.node, &site.config()).await.unwrap();
        assert_eq!(checked.findings, Vec::<String>::new(), "{loss}");
        let size = alive.node.store.head().await.unwrap().size;
        assert_eq!(
            checked.mapped + 1,
            size,
            "the newest map is of all leaves before its own"
        );
        alive.stop().await;
    }
    // A checkpoint older than the table: what its map says is worked out from the leaves.
    let conn = Connection::open(&path).unwrap();
    let newest = "SELECT max(size) FROM checkpoint";
    let before: i64 = conn.query_row(newest, [], |row| row.get(0)).unwrap();
    conn.execute_batch("DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)")
        .unwrap();
    let size: i64 = conn.query_row(newest, [], |row| row.get(0)).unwrap();
    assert!(size < before);
    let keys = app::opener(&site.config()).unwrap();
    let store = std::sync::Arc::new(Sqlite::open_read_only(&path, keys).unwrap());
    let all = entries(store.as_ref()).await;
    let chain = Chain::Partner("portal".to_owned());
    let text = upkeep::complete(&(store as _), chain.clone())
        .await
        .unwrap()
        .unwrap();
    let complete = proved(&text, &vkey(&site));
    assert_eq!(complete.newest, counted(&all[..complete.leaves as usize], &chain));
    assert_eq!(complete.checkpoint.size as i64, size);
}

/// The table is not believed by an auditor: chains that somebody took out of it make a map that is not that of the leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_the_map_from_which_chains_were_taken_is_found() {
    let portal = Portal::start(|_, honest| honest());
    let (site, alive) = delivered(&portal, 3).await;
    alive.stop().await;
    let conn = Connection::open(site.config().store.path).unwrap();
    conn.execute_batch("DELETE FROM head WHERE leaf >= 7").unwrap();
    drop(conn);
    let alive = site.start().await;
    push(&alive, 10..12).await;
    let checked = app::check_log(&alive.node, &site.config()).await.unwrap();
    assert!(!checked.findings.is_empty());
    assert!(
        checked
            .findings
            .iter()
            .all(|finding| finding.contains("map of heads")),
        "{:?}",
        checked.findings
    );
    alive.stop().await;
}
