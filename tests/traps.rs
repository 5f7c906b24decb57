//! The traps of national-databases.md §8. Most stand with the wire that they lie in, as `trap_<number>_…`; here are those that
//! only the whole house can fall into, and the count of all.

use std::collections::BTreeSet;
use std::path::Path;

use lienthong::app;
use lienthong::config::Config;
use lienthong::model::{CodeLists, Day, Dossier};
use lienthong::translate::{Local, Translator};
use serde_json::{Value, json};

use crate::support::files;
use crate::support::node::National;
use crate::support::state::{self, P1};

#[test]
fn every_trap_has_a_test_that_bears_its_number() {
    let mut seen = BTreeSet::new();
    for folder in ["adapters", "src", "tests"] {
        for path in files(folder, ".rs") {
            let text = std::fs::read_to_string(path).unwrap();
            // `trap_12_and_15_…` is about both.
            for name in text.split("fn trap_").skip(1) {
                let words = name.split(['_', '(']);
                seen.extend(words.map_while(|word| match word {
                    "and" => Some(None),
                    number => number.parse::<u32>().ok().map(Some),
                }));
            }
        }
    }
    let seen: BTreeSet<u32> = seen.into_iter().flatten().collect();
    let missing: Vec<u32> = (1..=24).filter(|number| !seen.contains(number)).collect();
    assert_eq!(missing, [0; 0]);
}

fn translator() -> Translator {
    app::translator(&Config::shipped().unwrap()).unwrap()
}

fn read(translator: &Translator, body: &Value) -> Dossier {
    let from = Local {
        mapping: "local/tandan/dossier",
        site: "tandan",
        files: None,
    };
    let read = translator.read(from, body.to_string().as_bytes(), 1_773_108_900_000);
    read.unwrap().dossier
}

fn payload(translator: &Translator, dossier: &Dossier) -> Value {
    let written = translator.message("portal/dossier", dossier).unwrap();
    serde_json::from_slice::<Value>(&written.payload).unwrap()[0].take()
}

#[test]
fn trap_4_the_clock_has_24_hours_and_is_viet_nams() {
    let translator = translator();
    for (came, left) in [
        ("2026-03-10T00:05:00", "20260310000500"),
        ("2026-03-10T12:05:00", "20260310120500"),
        ("2026-03-10T13:05:00", "20260310130500"),
        ("2026-03-10T23:59:59", "20260310235959"),
    ] {
        let mut body = state::birth("001.00.40.H99-260310-9001", P1);
        body["NgayTiepNhan"] = json!(came);
        let dossier = read(&translator, &body);
        assert_eq!(payload(&translator, &dossier)["NgayTiepNhan"], left);
        let instant = dossier.facts.received_at.unwrap().to_string();
        assert!(instant.starts_with(came), "{instant}");
    }
}

#[test]
fn trap_8_a_kind_of_paper_has_another_code_in_each_list() {
    let translator = translator();
    let on = Day::new(2026, 8, 1).unwrap();
    for (list, rows) in [
        (
            "civil-status-identity-paper",
            &[("old-id", "1"), ("passport", "2"), ("citizen-id", "4")][..],
        ),
        (
            "criminal-record-1-identity-paper",
            &[("passport", "0"), ("old-id", "1"), ("citizen-id", "3")],
        ),
        ("portal-identity-paper", &[("citizen-id", "1"), ("old-id", "2")]),
    ] {
        for (ours, theirs) in rows {
            let codes = translator.codes();
            assert_eq!(codes.write(list, "", ours, on), Some(*theirs), "{list}");
            assert_eq!(codes.read(list, "", theirs, on), Some(*ours), "{list}");
        }
    }
}

/// Whether any file below a folder holds these bytes.
fn holds(folder: &Path, wanted: &str) -> bool {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries.into_iter().any(|path| {
        if path.is_dir() {
            return holds(&path, wanted);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes
            .windows(wanted.len())
            .any(|window| window == wanted.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_21_a_look_up_makes_no_account_and_no_second_copy() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = state::site(&national, "");
    let alive = site.start().await;
    let number = "001.00.40.H99-260310-9001";
    state::file(&alive, &state::birth(number, P1)).await;
    let dossier = state::shown(&alive, &format!("/v1/dossiers/{number}")).await;
    assert_eq!(
        dossier["dossier"]["findings"][0]["class"], "match",
        "the state was asked"
    );
    alive.stop().await;
    assert!(holds(site.folder.path(), number), "what is kept is found");
    // The whole record came over the wire; nobody asked for the old card or for the insurance of the household.
    for other in ["999999901", "9999000001", "MAU-HO-0001"] {
        assert!(!holds(site.folder.path(), other), "{other} is kept");
    }
}

#[test]
fn trap_24_what_the_portal_would_cut_is_cut_here_and_said() {
    let translator = translator();
    let mut body = state::birth("001.00.40.H99-260310-9001", P1);
    body["TrichYeuHoSo"] = json!("ế".repeat(1_200));
    let dossier = read(&translator, &body);
    let written = translator.message("portal/dossier", &dossier).unwrap();
    let sent: Value = serde_json::from_slice(&written.payload).unwrap();
    let summary = sent[0]["TrichYeuHoSo"].as_str().unwrap();
    assert_eq!((summary.chars().count(), summary.ends_with("...")), (1_000, true));
    assert_eq!(written.notes.len(), 1, "{:?}", written.notes);

    let step = json!({"officer": "Ă".repeat(80), "at": "2026-03-10T09:15:00+07:00", "content": "Tiếp nhận"});
    let steps = [step.to_string().into_bytes()];
    let written = translator
        .steps("portal/progress", "001.00.40.H99-260310-9001", &steps)
        .unwrap();
    let sent: Value = serde_json::from_slice(&written.payload).unwrap();
    let officer = sent[0]["NguoiXuLy"].as_str().unwrap();
    assert_eq!((officer.chars().count(), officer.ends_with("...")), (50, true));
    assert_eq!(written.notes.len(), 1, "{:?}", written.notes);
}
