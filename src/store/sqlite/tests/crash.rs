//! Killed at any commit, it comes back with all that was acknowledged.

use std::path::Path;

use super::kit::{Province, again, now, opened, park, settings};
use crate::model::{Operation, Release};
use crate::store::{Accepted, NextMove, Store};

/// What had been acknowledged when the process was killed.
#[derive(Clone, Debug, PartialEq)]
struct Acknowledged {
    leaves: u64,
    root: [u8; 32],
    books: crate::store::Books,
    words: Vec<String>,
}

fn acknowledged(province: &Province) -> Acknowledged {
    let head = now(province.store().head()).unwrap();
    let books = now(province.store().books()).unwrap();
    Acknowledged {
        leaves: head.size,
        root: head.root,
        books,
        words: province.words(),
    }
}

/// Copies the files as a killed process leaves them: nothing folded in, nothing closed.
fn kill(province: &Province, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for name in ["store.db", "store.db-wal", "keys"] {
        std::fs::copy(province.folder.path().join(name), to.join(name)).unwrap();
    }
}

#[test]
fn nothing_acknowledged_is_missing_after_any_commit() {
    let mut province = Province::new();
    let mut moments = Vec::new();
    let mut moment = |province: &Province| {
        let to = province.folder.path().join(format!("moment {}", moments.len()));
        kill(province, &to);
        moments.push((to, acknowledged(province)));
    };
    moment(&province);
    for n in 0..3 {
        let number = format!("H99-{n}");
        assert_eq!(province.accept(&number, "a"), Accepted::New);
        moment(&province);
        let filing = province.unprepared().remove(0);
        let prepared = province.prepared(&filing, &[n, n + 100]);
        now(province.store().enqueue(vec![prepared])).unwrap();
        moment(&province);
        for next in [again(Operation::Create, 0), park()] {
            let leased = province.one();
            moment(&province);
            province.attempt(&leased);
            moment(&province);
            province.settle(&leased, next);
            moment(&province);
        }
        let parked = province
            .rows()
            .iter()
            .find(|row| row.owner.is_some())
            .unwrap()
            .exchange;
        province.handle(parked, Some(Release::Again));
        moment(&province);
        province.send(NextMove::Delivered);
        province.send(NextMove::Delivered);
        moment(&province);
    }
    for (copy, before) in moments {
        let store = opened(&copy.join("store.db"));
        let mut survivor = Province::with(settings());
        survivor.store = Some(store);
        assert_eq!(acknowledged(&survivor), before);
        survivor.sound();
        now(survivor.store().orphans(i64::MAX / 2)).unwrap();
        survivor.sound();
        assert_eq!(survivor.accept("H99-9", "after"), Accepted::New);
        survivor.sound();
    }
}

#[test]
fn a_torn_end_costs_only_what_was_not_acknowledged() {
    let province = Province::new();
    province.accept("H99-1", "a");
    let before = acknowledged(&province);
    let wal = province.folder.path().join("store.db-wal");
    let whole = std::fs::metadata(&wal).unwrap().len();
    province.accept("H99-2", "b");
    for cut in [0, 1, 24, 4096, 5000] {
        let to = province.folder.path().join(format!("cut {cut}"));
        kill(&province, &to);
        let wal = std::fs::OpenOptions::new()
            .write(true)
            .open(to.join("store.db-wal"))
            .unwrap();
        wal.set_len(whole + cut).unwrap();
        let mut survivor = Province::with(settings());
        survivor.store = Some(opened(&to.join("store.db")));
        assert_eq!(acknowledged(&survivor), before, "{cut}");
        survivor.sound();
    }
}

#[test]
fn every_chain_goes_on_from_its_newest_leaf_whenever_the_process_died() {
    let province = Province::new();
    let mut moments = Vec::new();
    for n in 0..90 {
        province.accept(&format!("H99-{n}"), "a");
        if n % 3 == 0 {
            province.accept(&format!("H99-{}", n / 2), &format!("again {n}"));
        }
        if n % 10 == 9 {
            let to = province.folder.path().join(format!("at {n}"));
            kill(&province, &to);
            moments.push((n, to));
        }
    }
    for (last, to) in moments {
        let mut survivor = Province::with(settings());
        survivor.store = Some(opened(&to.join("store.db")));
        for n in 0..=last {
            assert_eq!(survivor.accept(&format!("H99-{n}"), "after"), Accepted::New);
        }
        survivor.sound();
        // Closed in good order, it begins with nothing to read again, and goes on the same.
        survivor.store = None;
        survivor.store = Some(opened(&to.join("store.db")));
        assert_eq!(survivor.accept("H99-0", "at last"), Accepted::New);
        survivor.sound();
    }
}
