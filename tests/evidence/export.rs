//! The evidence of one dossier in one file, checked on a machine that knows two keys and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use lienthong::evidence::file::{self, Fault, Index, Role};
use lienthong::evidence::leaf::Kind;
use lienthong::evidence::note::Vkey;
use lienthong::keys::FileKey;
use lienthong::signing::container;
use lienthong::signing::trust::own::self_issued;
use lienthong::store::Query;
use serde_json::Value;

use super::{delivered, push, vkey};
use crate::support::node::{Alive, Site};
use crate::support::portal::Portal;

type Files = BTreeMap<String, Vec<u8>>;

/// The number of some dossier of the node.
async fn number(alive: &Alive) -> String {
    let query = Query {
        all: true,
        limit: 1,
        ..Query::default()
    };
    alive.node.store.exchanges(query).await.unwrap().remove(0).dossier
}

/// `lienthong verify` over files, by the keys that an auditor was told; each verdict, and the seconds it took.
fn verified(site: &Site, files: &[std::path::PathBuf], trust: &[&str]) -> (Vec<Value>, f64) {
    let began = Instant::now();
    let mut verify = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    verify.args(["verify", "--json"]).args(files);
    for key in trust {
        verify.arg("--trust").arg(key);
    }
    let out = verify.current_dir(site.folder.path()).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    let verdicts: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    assert_eq!(
        out.status.success(),
        verdicts.iter().all(|one| one["good"] == true)
    );
    (verdicts, began.elapsed().as_secs_f64())
}

/// The public halves of a node's keys, as files.
fn publish(site: &Site) {
    let config = site.config();
    for (name, path) in [
        ("receipt.pub", &config.keys.receipt_file),
        ("payload.pub", &config.keys.payload_file),
    ] {
        std::fs::write(site.path(name), FileKey::read(path).unwrap().public_pem()).unwrap();
    }
}

fn exported(site: &Site, number: &str, to: &Path) -> Vec<u8> {
    let mut export = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    export
        .args(["log", "export", "--dossier", number, "--dir"])
        .arg(site.folder.path())
        .arg("-o")
        .arg(to);
    let out = export.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    std::fs::read(to).unwrap()
}

/// The files of a container, without the container's own.
fn files(bytes: &[u8]) -> Files {
    let mut files = container::entries(bytes).unwrap();
    files.retain(|name, _| !container::is_own(name));
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_file_says_everything_of_a_dossier_and_is_checked_offline() {
    let portal = Portal::start(|_, honest| honest());
    let (site, alive) = delivered(&portal, 3).await;
    publish(&site);
    let number = number(&alive).await;
    let target = format!("/v1/dossiers/{number}/evidence");
    assert_eq!(alive.call("GET", &target, &[], b"").await.status, 401);
    let answer = alive
        .call("GET", &target, &[("authorization", "Bearer hand")], b"")
        .await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/vnd.etsi.asic-e+zip"))
    );
    let online = site.path("online.asice");
    std::fs::write(&online, &answer.body).unwrap();
    let unknown = alive
        .call(
            "GET",
            "/v1/dossiers/none/evidence",
            &[("authorization", "Bearer hand")],
            b"",
        )
        .await;
    assert_eq!(unknown.status, 404);
    alive.stop().await;
    // The node is stopped: the same can be taken from its folder, and the leaf of this look with it.
    let offline = site.path("offline.asice");
    let (first, second) = (files(&answer.body), files(&exported(&site, &number, &offline)));
    let more: Vec<&String> = second.keys().filter(|name| !first.contains_key(*name)).collect();
    assert_eq!(more.len(), 1, "{more:?}");
    whole(&site, &number, &online, offline);
}

/// What is said of a file and of the same from elsewhere.
fn whole(site: &Site, number: &str, online: &Path, offline: std::path::PathBuf) {
    let log = vkey(site).to_string();
    let all = [log.as_str(), "receipt.pub", "payload.pub"];
    let (verdicts, seconds) = verified(site, &[online.to_owned(), offline], &all);
    for verdict in &verdicts {
        let says = verdict["says"].as_str().unwrap();
        assert_eq!(
            (verdict["good"].as_bool(), verdict["kind"].as_str()),
            (Some(true), Some("evidence")),
            "{verdict:#}"
        );
        for words in [
            number,
            "and no other among its first",
            "was accepted",
            "the attempt ended",
            "verdict=accepted",
            "mapping=",
        ] {
            assert!(says.contains(words), "{words}: {says}");
        }
        assert!(
            says.contains("The payload's signature") && !says.contains("was not checked"),
            "{says}"
        );
        assert!(
            verdict["says_vi"]
                .as_str()
                .unwrap()
                .contains("không có mục nào khác")
        );
        assert_eq!(verdict["not_covered"], Value::Array(vec![]));
    }
    assert!(seconds < 10.0, "two files took {seconds} s, without optimisation");
    // Less is known: less is believed, and it says what.
    let (few, _) = verified(site, &[online.to_owned()], &[&log, "receipt.pub"]);
    assert_eq!(few[0]["good"], true);
    assert!(few[0]["says"].as_str().unwrap().contains("was not checked"));
    for trust in [&["receipt.pub"][..], &[&log], &["payload.pub"]] {
        assert_eq!(
            verified(site, &[online.to_owned()], trust).0[0]["good"],
            false,
            "{trust:?}"
        );
    }
}

/// Bits all over the file, in the container's own structure, in what is signed and in the signature.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_bit_anywhere_in_the_file_is_refused_with_its_reason() {
    let portal = Portal::start(|_, honest| honest());
    let (site, alive) = delivered(&portal, 1).await;
    publish(&site);
    let number = number(&alive).await;
    alive.stop().await;
    let bytes = exported(&site, &number, &site.path("whole.asice"));
    let mut changed = Vec::new();
    let step = bytes.len() / 350;
    for (turn, place) in (0..bytes.len()).step_by(step).enumerate() {
        let mut other = bytes.clone();
        other[place] ^= 1 << (turn % 8);
        let path = site.path(&format!("{place}.asice"));
        std::fs::write(&path, other).unwrap();
        changed.push(path);
    }
    let log = vkey(&site).to_string();
    let (verdicts, _) = verified(&site, &changed, &[&log, "receipt.pub"]);
    assert!(verdicts.len() > 300);
    for verdict in verdicts {
        assert_eq!(verdict["good"], false, "{verdict:#}");
        let says = verdict["says"].as_str().unwrap();
        let reasons = ["archive", "container", "entry", "checksum", "neither a proof"];
        assert!(reasons.iter().any(|reason| says.contains(reason)), "{says}");
    }
}

/// What a dishonest gateway would like to show. It has every key, so that its container is signed as it should be.
type Lie = fn(&mut Files, &mut Index);

fn last(files: &Files) -> String {
    let proofs = files.keys().filter(|name| name.ends_with(".tlog-proof"));
    let leaf = |name: &&String| {
        name["log/".len()..name.len() - ".tlog-proof".len()]
            .parse::<u64>()
            .unwrap()
    };
    proofs.max_by_key(leaf).unwrap().clone()
}

fn first_of(index: &Index, role: Role) -> String {
    index
        .opened
        .iter()
        .find(|opening| opening.role == role)
        .unwrap()
        .file
        .clone()
        .unwrap()
}

/// A lie by its name, and whether a fault is the one that it is to be told by.
type Told = (&'static str, Lie, fn(&Fault) -> bool);

const LIES: &[Told] = &[
    (
        "without its newest leaf",
        |files, index| {
            let name = last(files);
            index
                .opened
                .retain(|opening| file::proof_name(opening.leaf) != name);
            files.remove(&name);
        },
        |fault| matches!(fault, Fault::Count { .. }),
    ),
    (
        "without a leaf in the middle",
        |files, index| {
            let mut leaves: Vec<u64> = index.opened.iter().map(|opening| opening.leaf).collect();
            leaves.sort_unstable();
            leaves.dedup();
            index.opened.retain(|opening| opening.leaf != leaves[1]);
            files.remove(&file::proof_name(leaves[1]));
            files.retain(|name, _| !name.contains(&format!("/{}.", leaves[1])));
        },
        |fault| matches!(fault, Fault::Gap(_)),
    ),
    (
        "another answer of the partner",
        |files, index| files.get_mut(&first_of(index, Role::Answer)).unwrap().push(b' '),
        |fault| {
            matches!(
                fault,
                Fault::Commitment {
                    role: Role::Answer,
                    ..
                }
            )
        },
    ),
    (
        "another payload",
        |files, index| files.get_mut(&first_of(index, Role::Payload)).unwrap()[0] ^= 1,
        |fault| {
            matches!(
                fault,
                Fault::Commitment {
                    role: Role::Payload,
                    ..
                }
            )
        },
    ),
    (
        "another body",
        |files, index| files.get_mut(&first_of(index, Role::Filed)).unwrap()[0] ^= 1,
        |fault| {
            matches!(
                fault,
                Fault::Commitment {
                    role: Role::Filed,
                    ..
                }
            )
        },
    ),
    (
        "a receipt for another body",
        |files, index| {
            let receipt = files.get_mut(&first_of(index, Role::Receipt)).unwrap();
            let text = String::from_utf8(receipt.clone()).unwrap();
            *receipt = text.replacen("sha-256:", "sha-256:0", 1).into_bytes();
        },
        |fault| matches!(fault, Fault::Receipt(_)),
    ),
    (
        "another digest of what left",
        |_, index| {
            let sent = index
                .opened
                .iter_mut()
                .find(|opening| opening.role == Role::Sent)
                .unwrap();
            sent.digest = Some("00".repeat(32));
        },
        |fault| matches!(fault, Fault::Commitment { role: Role::Sent, .. }),
    ),
    (
        "another dossier's name",
        |_, index| index.dossier.push('9'),
        |fault| matches!(fault, Fault::Receipt(_)),
    ),
    (
        "another chain",
        |_, index| index.chain = "dossier/00000000000000000000000000000000".to_owned(),
        |fault| matches!(fault, Fault::OtherChain),
    ),
    (
        "a file that nothing speaks of",
        |files, _| drop(files.insert("filed/approval.pdf".to_owned(), b"%PDF".to_vec())),
        |fault| matches!(fault, Fault::Stray(_)),
    ),
    (
        "an earlier checkpoint",
        |files, _| {
            drop(files.insert(
                file::CHECKPOINT.to_owned(),
                b"lienthong.example/test\n0\n".to_vec(),
            ))
        },
        |fault| matches!(fault, Fault::OtherCheckpoint(_)),
    ),
    (
        "a proof under another leaf's name",
        |files, _| {
            let name = last(files);
            let proof = files.remove(&name).unwrap();
            files.insert("log/999999.tlog-proof".to_owned(), proof);
        },
        |fault| matches!(fault, Fault::OtherLeaf(_)),
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_hides_or_changes_something_is_told_so_though_it_signs_it_with_its_own_keys() {
    let portal = Portal::start(|_, honest| honest());
    let (site, alive) = delivered(&portal, 2).await;
    let number = number(&alive).await;
    push(&alive, 20..22).await;
    alive.stop().await;
    let files = files(&exported(&site, &number, &site.path("whole.asice")));
    let known: Vec<Vkey> = vec![vkey(&site)];
    let judged = file::judge(&files, &known).unwrap();
    // Who took it and why is nobody's but the log's: of all that is committed to, only that is not shown.
    let look = judged.entries.last().unwrap();
    assert_eq!((&judged.shut, look.draft.kind), (&vec![look.index], Kind::Opened));
    assert!(judged.entries.len() >= 4, "{judged:?}");
    for (what, lie, told) in LIES {
        let (mut other, mut index) = (files.clone(), judged.index.clone());
        lie(&mut other, &mut index);
        other.insert(file::INDEX.to_owned(), index.to_json());
        let fault = file::judge(&other, &known).map(drop).unwrap_err();
        assert!(told(&fault), "{what}: {fault:?}");
    }
    assert!(file::judge(&files, &[]).is_err(), "no key of the log is known");
}

#[test]
fn a_certificate_that_a_key_issues_to_itself_is_read_by_openssl() {
    use lienthong::model::{Algorithm, Signer};
    for algorithm in [Algorithm::Es256, Algorithm::Ed25519, Algorithm::Rs256] {
        let key = FileKey::generate(algorithm).unwrap();
        let made = self_issued(
            &key,
            "log.h99.example/việc",
            "2026-11-26T01:02:03Z".parse().unwrap(),
        )
        .unwrap();
        let read = openssl::x509::X509::from_der(made.der()).unwrap();
        let public = read.public_key().unwrap();
        assert!(read.verify(&public).unwrap());
        assert_eq!(public.public_key_to_der().unwrap(), key.public());
        assert!(made.is_self_issued());
        assert_eq!(made.subject_text(), "CN=log.h99.example/việc");
        assert_eq!(made.ends(), jiff::Timestamp::MAX);
    }
}
