//! Keys from outside: on a token, at a provider, one after the other, and what the command line says of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lienthong::config::{Config, Layer};
use lienthong::keys::FileKey;
use lienthong::model::{Algorithm, Operation};
use lienthong::signing::jws;
use lienthong::signing::public::PublicKey;
use lienthong::store::Query;
use lienthong::twin::Options;
use openssl::x509::{X509, X509Req};
use serde_json::Value;

use crate::support::node::{Alive, National, Site, samples};
use crate::support::root;

/// The library of SoftHSM, installed where it is missing.
fn module() -> PathBuf {
    let output = Command::new(root().join(".ci/softhsm")).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end())
}

fn lienthong(arguments: &[&str], conf: Option<&Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(arguments);
    if let Some(conf) = conf {
        command.env("SOFTHSM2_CONF", conf);
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

async fn push_some(alive: &Alive) {
    for (case, body) in samples("opencps") {
        let answer = alive.push("opencps", &body).await;
        assert_eq!(answer.status, 202, "{case}");
    }
    alive.settle().await;
}

/// Every message that was made for the portal is signed by that key; gives back how many there are.
async fn signed_by(alive: &Alive, public: &PublicKey) -> usize {
    let all = Query {
        all: true,
        limit: 1_000,
        ..Query::default()
    };
    let rows = alive.node.store.exchanges(all).await.unwrap();
    let mut count = 0;
    for row in rows.iter().filter(|row| row.operation != Operation::Progress) {
        let rendered = alive.node.store.rendered(row.exchange).await.unwrap().unwrap();
        let token = rendered.signature.unwrap();
        assert_eq!(
            jws::verify_detached(&token, &rendered.payload, public),
            Ok(()),
            "{}",
            row.dossier
        );
        count += 1;
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_at_a_provider_signs_payloads_after_its_signer_confirmed() {
    let books = tempfile::tempdir().unwrap();
    let options = Options {
        confirm: 1,
        ..National::options(books.path())
    };
    let national = National::with(options).await;
    let origin = national.base.split("/VXPAdapter").next().unwrap();
    let more = format!(
        "[keys.payload.seal]\nprovider = '{}/csc/v2'\ncredential = 'seal-38'\nclient = 'tinh-38'\n\
         secret_file = 'seal.secret'\nchain_file = '{}'\nconfirm = '20 s'",
        origin,
        books.path().join("seal.crt").display()
    );
    let site = Site::new(&national.base, &more);
    std::fs::write(site.path("seal.secret"), "mat-khau-con-dau\n").unwrap();
    let alive = site.start().await;
    push_some(&alive).await;
    let certificate = X509::from_pem(&std::fs::read(books.path().join("seal.crt")).unwrap()).unwrap();
    let public = PublicKey::new(certificate.public_key().unwrap()).unwrap();
    let signed = signed_by(&alive, &public).await;
    let seal = national.twin.summary().seal;
    assert!(
        signed > 0 && seal.signed >= signed as u64 && seal.waiting >= seal.signed,
        "{signed} {seal:?}"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dossier_whose_key_has_no_turn_waits_and_leaves_with_the_next_key() {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let over = "[keys.payload.old]\nfile = 'keys/payload.pem'\nuntil = '2020-01-01'";
    let site = Site::new(&national.base, over);
    let alive = site.start().await;
    for (case, body) in samples("opencps") {
        assert_eq!(alive.push("opencps", &body).await.status, 202, "{case}");
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let held = alive.node.store.books().await.unwrap();
    assert!(
        held.unprepared > 0 && held.delivered == 0 && held.parked == 0,
        "{held:?}"
    );
    alive.stop().await;
    let path = site.path("keys/next.pem");
    let made = lienthong(
        &["keys", "new", path.to_str().unwrap(), "--algorithm", "ES256"],
        None,
    );
    assert!(said(&made).starts_with("-----BEGIN PUBLIC KEY-----"));
    let site = Site {
        more: format!("{over}\n[keys.payload.next]\nfile = 'keys/next.pem'\nfrom = '2020-01-01'"),
        ..site
    };
    let alive = site.start().await;
    alive.settle().await;
    let next = FileKey::read(&path).unwrap();
    let public = PublicKey::from_pem(next.public_pem().as_bytes()).unwrap();
    assert!(signed_by(&alive, &public).await > 0);
    alive.stop().await;
}

#[test]
fn the_sandbox_signs_on_a_token_by_one_option() {
    let dir = tempfile::tempdir().unwrap();
    let world = dir.path().to_str().unwrap();
    let hsm = format!("--hsm={}", module().display());
    let sandbox = [
        "sandbox", "--once", "--json", "--count", "30", "--dir", world, &hsm,
    ];
    let text = said(&lienthong(&sandbox, None));
    let report: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(
        report["exchanges"]["owed"], report["exchanges"]["delivered"],
        "{report}"
    );
    let conf = dir.path().join("hsm/softhsm2.conf");
    let module = module();
    let list = ["keys", "list", "--module", module.to_str().unwrap(), "--json"];
    let tokens: Value = serde_json::from_str(&said(&lienthong(&list, Some(&conf)))).unwrap();
    assert_eq!(
        (&tokens[0]["label"], &tokens[0]["keys"][0]["algorithm"]),
        (&"sandbox".into(), &"ES256".into())
    );
    let kid = tokens[0]["keys"][0]["id"].as_str().unwrap().to_owned();
    let settings = dir.path().join("lienthong.toml");
    let settings = settings.to_str().unwrap();
    token_key(settings, &conf, &kid);
    // The same world goes on with the same token, and what it signed bears the token's key.
    let again = said(&lienthong(&sandbox, None));
    assert!(again.contains("\"verified\":true"), "{again}");
    let name = settings.to_owned();
    let text = std::fs::read_to_string(&name).unwrap();
    let config = Config::layered(
        &[Layer {
            name: &name,
            text: &text,
        }],
        std::iter::empty(),
    )
    .unwrap();
    let store = lienthong::app::opened(&config).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let token = runtime.block_on(first_signature(&store));
    assert_eq!(jws::header(&token).unwrap().kid.as_deref(), Some(kid.as_str()));
}

async fn first_signature(store: &dyn lienthong::store::Store) -> String {
    let all = Query {
        all: true,
        limit: 1_000,
        ..Query::default()
    };
    let rows = store.exchanges(all).await.unwrap();
    let row = rows
        .iter()
        .find(|row| row.operation != Operation::Progress)
        .unwrap();
    store
        .rendered(row.exchange)
        .await
        .unwrap()
        .unwrap()
        .signature
        .unwrap()
}

/// The key of the sandbox's token is listed with the node's, asks for a certificate, and passes the check.
fn token_key(settings: &str, conf: &Path, kid: &str) {
    let list = lienthong(&["keys", "list", "--config", settings, "--json"], Some(conf));
    let keys: Value = serde_json::from_str(&said(&list)).unwrap();
    let on_token = keys
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["name"] == "hsm")
        .unwrap();
    assert_eq!(
        (on_token["id"].as_str(), on_token["path"].as_str()),
        (Some(kid), Some("token sandbox"))
    );
    let subject = "C=VN, O=Tỉnh Mẫu, CN=Trục liên thông";
    let csr = lienthong(
        &["keys", "csr", "hsm", "--subject", subject, "--config", settings],
        Some(conf),
    );
    let request = X509Req::from_pem(said(&csr).as_bytes()).unwrap();
    let public = request.public_key().unwrap();
    assert!(request.verify(&public).unwrap());
    assert_eq!(
        PublicKey::new(public)
            .map(|key| lienthong::model::Verifier::id(&key).to_owned())
            .unwrap(),
        kid
    );
    let check = lienthong(&["check", "--config", settings, "--json"], Some(conf));
    let report: Value = serde_json::from_slice(&check.stdout).unwrap();
    let keys = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["about"] == "key");
    assert_eq!(keys.count(), 0, "{report}");
    // Without the token, the check names it.
    let away = lienthong(&["check", "--config", settings], Some(Path::new("/dev/null")));
    let text = String::from_utf8(away.stdout).unwrap();
    assert!(
        !away.status.success() && text.contains("keys.payload.hsm"),
        "{text}"
    );
}

#[test]
fn keys_of_every_algorithm_are_made_listed_and_ask_for_certificates() {
    let dir = tempfile::tempdir().unwrap();
    let settings = dir.path().join("node.toml");
    let text = format!("[node]\ndir = '{}'\n", dir.path().display());
    std::fs::write(&settings, text).unwrap();
    let settings = settings.to_str().unwrap();
    for algorithm in Algorithm::ALL {
        let name = algorithm.name().to_lowercase();
        let new = [
            "keys",
            "new",
            &name,
            "--algorithm",
            algorithm.name(),
            "--json",
            "--config",
            settings,
        ];
        let made: Value = serde_json::from_str(&said(&lienthong(&new, None))).unwrap();
        assert_eq!(made["algorithm"], algorithm.name());
        let csr = [
            "keys",
            "csr",
            &name,
            "--subject",
            "CN=Mẫu",
            "--algorithm",
            algorithm.name(),
            "--config",
            settings,
        ];
        let request = X509Req::from_pem(said(&lienthong(&csr, None)).as_bytes()).unwrap();
        assert!(
            request.verify(&request.public_key().unwrap()).unwrap(),
            "{algorithm}"
        );
    }
    let list = said(&lienthong(&["keys", "list", "--config", settings], None));
    assert_eq!(list.lines().count(), 1 + Algorithm::ALL.len(), "{list}");
    let again = lienthong(
        &[
            "keys",
            "new",
            "es256",
            "--algorithm",
            "ES256",
            "--config",
            settings,
        ],
        None,
    );
    assert_eq!(again.status.code(), Some(1));
    for wrong in [
        vec!["keys", "new", "x"],
        vec!["keys", "new", "x", "--algorithm", "HS256"],
    ] {
        assert_eq!(lienthong(&wrong, None).status.code(), Some(2));
    }
    let subject = ["keys", "csr", "es256", "--subject", "O=Mẫu", "--config", settings];
    assert_eq!(lienthong(&subject, None).status.code(), Some(1));
}
