//! How long files last: after their dossiers, without any, and as long as anybody is owed them.

use std::process::Command;

use serde_json::{Value, json};

use super::{address, fetch, filed, folder, kept, kind, naming, paper, site, whole};
use crate::support::node::{Alive, Site};
use crate::support::portal::Portal;

/// Everything that may end ends at once.
const SHORT: &str = "[files]\nended = \"1 ms\"\nunnamed = \"1 ms\"\n";

/// A dossier with a status of iGate: 4 is finished, 2 is in processing.
async fn push(alive: &Alive, number: &str, digest: &str, status: u8) {
    let mut body: Value = serde_json::from_slice(&naming("igate", number, digest)).unwrap();
    body["dossierStatus"]["id"] = json!(status);
    let taken = alive.push("igate", body.to_string().as_bytes()).await;
    assert_eq!(taken.status, 202, "{}", taken.json());
}

async fn ended(alive: &Alive) -> usize {
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    alive.node.upkeep.retain_files().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_lasts_as_long_as_a_dossier_needs_it_and_keeps_its_address_when_it_comes_again() {
    let portal = Portal::start(|_, honest| honest());
    let site = site(&portal.base, SHORT);
    let alive = site.start().await;
    let (over, shared) = ("H99.14-260601-0001", "H99.14-260601-0002");
    let (one, both) = (
        kept(&alive, "igate", &paper(1)).await,
        kept(&alive, "igate", &paper(2)).await,
    );
    kept(&alive, "igate", &paper(3)).await;
    push(&alive, over, &one, 4).await;
    push(&alive, "H99.14-260601-0003", &both, 4).await;
    push(&alive, shared, &both, 2).await;
    alive.settle().await;
    assert_eq!(
        ended(&alive).await,
        2,
        "the finished one's, and the one that nobody named"
    );
    assert_eq!((folder(&site).len(), ended(&alive).await), (1, 0));
    let (gone, stays) = (address(&alive, over).await, address(&alive, shared).await);
    assert_eq!(kind(&fetch(&alive, &gone, &[]).await), "file-gone");
    assert_eq!(fetch(&alive, &stays, &[]).await.body, paper(2));
    // A late version of the dossier still names it, and is accepted with the address it has.
    push(&alive, over, &one, 5).await;
    assert_eq!(address(&alive, over).await, gone);
    // Handed in again it is there again, at the same address.
    kept(&alive, "igate", &paper(1)).await;
    assert_eq!(fetch(&alive, &gone, &[]).await.body, paper(1));
    whole(&alive).await;
    alive.settle().await;
    push(&alive, shared, &both, 4).await;
    alive.settle().await;
    assert_eq!(ended(&alive).await, 2);
    assert_eq!(folder(&site).len(), 0);
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_a_dossier_that_the_portal_does_not_have_yet_does_not_end() {
    let site = site("http://127.0.0.1:9", SHORT);
    let alive = site.start().await;
    let digest = kept(&alive, "igate", &paper(1)).await;
    push(&alive, "H99.14-260601-0001", &digest, 4).await;
    assert_eq!((ended(&alive).await, folder(&site).len()), (0, 1));
    alive.stop().await;
}

fn verify(site: &Site, more: &[&str]) -> (bool, String) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    verify
        .args(["log", "verify", "--dir"])
        .arg(site.folder.path())
        .args(more);
    let out = verify.output().unwrap();
    (
        out.status.success(),
        String::from_utf8_lossy(&out.stdout).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_for_it_has_every_file_held_against_its_digest() {
    let site = site("http://127.0.0.1:9", "");
    let alive = site.start().await;
    filed(&alive, "H99.14-260601-0001", &paper(1)).await;
    kept(&alive, "igate", &paper(2)).await;
    alive.node.upkeep.checkpoint().await.unwrap();
    alive.stop().await;
    let (good, said) = verify(&site, &["--files"]);
    assert!(good, "{said}");
    let files = folder(&site);
    let mut bytes = std::fs::read(&files[0]).unwrap();
    bytes[70_000] ^= 1;
    std::fs::write(&files[0], bytes).unwrap();
    std::fs::remove_file(&files[1]).unwrap();
    assert!(verify(&site, &[]).0, "without being asked it reads no files");
    let (good, said) = verify(&site, &["--files"]);
    assert!(!good);
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            said.contains(&format!("File {name} cannot be read whole")),
            "{said}"
        );
    }
}
