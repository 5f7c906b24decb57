//! A dossier's evidence carries the stamp that says the most of it, and a lie about it is told.

use std::collections::BTreeMap;
use std::process::Command;

use lienthong::evidence::file::{self, CONSISTENCY, Fault, STAMPED, TOKEN};
use lienthong::evidence::note::Vkey;
use lienthong::keys::FileKey;
use lienthong::signing::container;
use serde_json::Value;

use super::{Mood, Tsa, push, stamp};
use crate::support::node::{Alive, Site};

type Files = BTreeMap<String, Vec<u8>>;

fn vkey(site: &Site) -> Vkey {
    let config = site.config();
    Vkey::of(&config.node.name, &FileKey::read(&config.log.key_file).unwrap()).unwrap()
}

/// The evidence of the only dossier there is, as a file of the site.
async fn exported(site: &Site, alive: &Alive, name: &str) -> Vec<u8> {
    let number = alive.node.store.unprepared(1, &[]).await.unwrap();
    let number = match number.into_iter().next() {
        Some(filing) => filing.number,
        None => {
            let query = lienthong::store::Query {
                all: true,
                limit: 1,
                ..Default::default()
            };
            alive.node.store.exchanges(query).await.unwrap().remove(0).dossier
        }
    };
    let target = format!("/v1/dossiers/{number}/evidence");
    let shown = [("authorization", "Bearer hand")];
    let answer = alive.call("GET", &target, &shown, b"").await;
    assert_eq!(answer.status, 200);
    std::fs::write(site.path(name), &answer.body).unwrap();
    answer.body
}

/// What `lienthong verify` says of a file, by the keys of the gateway and these anchors.
fn verdict(site: &Site, name: &str, anchors: &[&str]) -> Value {
    let receipts = FileKey::read(&site.config().keys.receipt_file).unwrap();
    std::fs::write(site.path("receipt.pub"), receipts.public_pem()).unwrap();
    let mut verify = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    verify.args(["verify", "--json", "--trust", &vkey(site).to_string()]);
    verify.arg("--trust").arg(site.path("receipt.pub"));
    for anchor in anchors {
        verify.args(["--trust", anchor]);
    }
    let out = verify.arg(site.path(name)).output().unwrap();
    let all: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    all[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_says_since_when_it_is_there_by_the_word_of_an_authority() {
    let tsa = Tsa::open(Mood::Stamps);
    let site = tsa.site("");
    let alive = site.start().await;
    push(&alive, 0).await;
    let stamped = stamp(&alive, 1).await["leaves"].as_u64().unwrap();
    let bytes = exported(&site, &alive, "stamped.asice").await;
    alive.stop().await;
    let root = tsa.shop.path("root.pem").display().to_string();
    let known = verdict(&site, "stamped.asice", &[&root]);
    let says = known["says"].as_str().unwrap();
    assert_eq!(known["good"], true, "{says}");
    assert!(
        says.contains("Time-stamped:") && says.contains("Trial TSA"),
        "{says}"
    );
    assert!(says.contains("they existed before that"), "{says}");
    let unknown = verdict(&site, "stamped.asice", &[]);
    let says = unknown["says"].as_str().unwrap();
    assert!(
        unknown["good"] == true && says.contains("by an authority that was not named"),
        "{says}"
    );
    lies(&site, &bytes, stamped);
}

/// What somebody who holds all keys of the gateway, but not the authority's, might lay beside the proofs.
fn lies(site: &Site, bytes: &[u8], stamped: u64) {
    let mut files: Files = container::entries(bytes).unwrap();
    files.retain(|name, _| !container::is_own(name));
    let known = [vkey(site)];
    let judged = file::judge(&files, &known).unwrap();
    assert!(judged.stamped.is_some_and(|one| one.leaves >= stamped.min(1)));
    let told = |lie: &dyn Fn(&mut Files)| {
        let mut other = files.clone();
        lie(&mut other);
        file::judge(&other, &known).map(drop)
    };
    let missing = told(&|files| drop(files.remove(TOKEN)));
    assert!(matches!(missing, Err(Fault::Missing(_))), "{missing:?}");
    let unsigned = told(&|files| files.get_mut(STAMPED).unwrap()[30] ^= 1);
    assert!(matches!(unsigned, Err(Fault::Stamped(_))), "{unsigned:?}");
    let forked =
        told(&|files| drop(files.insert(CONSISTENCY.to_owned(), format!("{}=\n", "A".repeat(43)).into())));
    assert!(matches!(forked, Err(Fault::Fork(_))), "{forked:?}");
    let text = told(&|files| files.get_mut(CONSISTENCY).unwrap().push(b' '));
    assert!(matches!(text, Err(Fault::Text(_))), "{text:?}");
    // Without any of the three nothing is said of time by anybody else, and the rest stands.
    let bare = told(&|files| {
        [STAMPED, TOKEN, CONSISTENCY]
            .iter()
            .for_each(|name| drop(files.remove(*name)))
    });
    assert!(bare.is_ok(), "{bare:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_over_something_else_is_told_though_the_log_stands() {
    let tsa = Tsa::open(Mood::Stamps);
    let site = tsa.site("");
    let alive = site.start().await;
    push(&alive, 0).await;
    stamp(&alive, 1).await;
    let bytes = exported(&site, &alive, "whole.asice").await;
    alive.stop().await;
    let mut files: Files = container::entries(&bytes).unwrap();
    files.retain(|name, _| !container::is_own(name));
    let other = files[file::CHECKPOINT].clone();
    // The gateway shows the stamp of one checkpoint beside another of its own: only the token tells.
    files.insert(STAMPED.to_owned(), other);
    files.insert(CONSISTENCY.to_owned(), Vec::new());
    let judged = file::judge(&files, &[vkey(&site)]).unwrap().stamped.unwrap();
    let over = lienthong::signing::stamp::Expected::over(judged.note.as_bytes());
    let nobody = lienthong::signing::trust::Trust::default();
    let nothing = lienthong::signing::trust::Revocation::default();
    let means = lienthong::signing::stamp::Means {
        trust: &nobody,
        revocation: &nothing,
        when_unknown: lienthong::signing::trust::WhenUnknown::Tell,
        legacy: false,
    };
    let why = lienthong::signing::stamp::verify(&judged.token, &over, &means).unwrap_err();
    assert!(
        matches!(why, lienthong::signing::stamp::StampError::Imprint),
        "{why}"
    );
}
