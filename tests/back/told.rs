//! Webhooks, as a province receives them, and as other people's libraries verify them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use data_encoding::BASE64;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use super::{confirm, pushed, send, site, whole};

/// What a province's receiver got.
struct Got {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    }
}

/// A receiver that answers each call with the next of these statuses, the last one for ever.
fn receiver(statuses: &'static [u16]) -> (String, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/nhan?noi=1", listener.local_addr().unwrap());
    let (sender, got) = channel();
    std::thread::spawn(move || {
        for (n, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let status = statuses[n.min(statuses.len() - 1)];
            let one = read(&mut stream);
            let _answered = stream.write_all(
                format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes(),
            );
            if sender.send(one).is_err() {
                return;
            }
        }
    });
    (address, got)
}

fn read(stream: &mut TcpStream) -> Got {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
            let headers: Vec<(String, String)> = pairs
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length: usize = length.unwrap().1.parse().unwrap();
            if bytes.len() >= end + 4 + length {
                return Got {
                    headers,
                    body: bytes[end + 4..].to_vec(),
                };
            }
        }
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0);
        bytes.extend_from_slice(&chunk[..read]);
    }
}

const OLD: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
const NEW: &[u8; 32] = b"fedcba9876543210fedcba9876543210";

fn hook(address: &str) -> String {
    format!(
        "[systems.opencps.webhook]\nurl = \"{address}\"\nnetworks = [\"127.0.0.0/8\"]\n\
         secret_files = [\"new.webhook\", \"old.webhook\"]\nkey_files = [\"webhook.pem\"]\n\
         [notify]\nschedule = [\"20 ms\"]\n"
    )
}

fn secrets(site: &crate::support::node::Site) {
    for (file, secret) in [("new.webhook", NEW), ("old.webhook", OLD)] {
        std::fs::write(site.path(file), format!("whsec_{}", BASE64.encode(secret))).unwrap();
    }
    let key = PKey::generate_ed25519().unwrap();
    std::fs::write(site.path("webhook.pem"), key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(site.path("webhook.pem"), own).unwrap();
}

fn tag(secret: &[u8], signed: &[u8]) -> String {
    let key = PKey::hmac(secret).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    BASE64.encode(&signer.sign_oneshot_to_vec(signed).unwrap())
}

const DOOR: &str = "/DvcPayment/Confirm";

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_signed_by_each_secret_and_key_and_repeated_until_it_is_taken() {
    let (address, got) = receiver(&[500, 302, 200]);
    let (_national, site) = site(&hook(&address)).await;
    secrets(&site);
    let alive = site.start().await;
    let number = pushed(&alive).await;
    send(&alive, DOOR, &confirm(&number, "dvc0100", 70_000, "00")).await;
    let tries: Vec<Got> = (0..3)
        .map(|_| got.recv_timeout(Duration::from_secs(20)).unwrap())
        .collect();
    let pem = std::fs::read(site.path("webhook.pem")).unwrap();
    let key = PKey::private_key_from_pem(&pem).unwrap();
    for one in &tries {
        assert_eq!(one.header("webhook-id"), tries[0].header("webhook-id"));
        assert_eq!(one.body, tries[0].body);
        let signed = format!(
            "{}.{}.",
            one.header("webhook-id"),
            one.header("webhook-timestamp")
        );
        let signed = [signed.as_bytes(), one.body.as_slice()].concat();
        let parts: Vec<&str> = one.header("webhook-signature").split(' ').collect();
        assert_eq!(parts[0], format!("v1,{}", tag(NEW, &signed)));
        assert_eq!(parts[1], format!("v1,{}", tag(OLD, &signed)));
        let signature = BASE64
            .decode(parts[2].strip_prefix("v1a,").unwrap().as_bytes())
            .unwrap();
        let mut verifier = openssl::sign::Verifier::new_without_digest(&key).unwrap();
        assert!(verifier.verify_oneshot(&signature, &signed).unwrap());
    }
    // It is told once: nothing more comes, and the log has the leaf.
    assert!(got.recv_timeout(Duration::from_millis(500)).is_err());
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_goes_to_no_other_network() {
    let (address, got) = receiver(&[200]);
    let named = address.replace("127.0.0.1", "localhost");
    let more = hook(&named).replace("networks = [\"127.0.0.0/8\"]", "networks = [\"10.0.0.0/8\"]");
    let (_national, site) = site(&more).await;
    secrets(&site);
    let alive = site.start().await;
    let number = pushed(&alive).await;
    send(&alive, DOOR, &confirm(&number, "dvc0101", 70_000, "00")).await;
    assert_eq!(
        super::events(&alive, "opencps", 1).await.len(),
        1,
        "the feed has it"
    );
    assert!(got.recv_timeout(Duration::from_millis(700)).is_err());
    alive.abandon().await;
}

/// The folder with the two packages. Where it cannot be made, the test that asks for it fails.
fn people() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_lienthong")).ancestors().nth(2);
    let made = Command::new("sh")
        .arg(crate::fixtures::root().join(".ci/webhooks"))
        .arg(target.unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(
        made.status.success(),
        "what judges webhooks cannot be made: {said}"
    );
    PathBuf::from(String::from_utf8(made.stdout).unwrap().trim())
}

/// What a province's own program says of a webhook.
fn judged(program: &mut Command, secret: &str, got: &Got, body: &Path) -> String {
    let headers: serde_json::Map<String, serde_json::Value> = got
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    let asked = serde_json::json!({"secret": secret, "headers": headers, "body": body});
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(asked.to_string().as_bytes()).unwrap();
    drop(stdin);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success());
    String::from_utf8(ended.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_packages_of_python_and_node_verify_our_webhooks() {
    let (address, got) = receiver(&[200]);
    let (_national, site) = site(&hook(&address)).await;
    secrets(&site);
    let alive = site.start().await;
    let number = pushed(&alive).await;
    send(&alive, DOOR, &confirm(&number, "dvc0102", 70_000, "00")).await;
    let got = got.recv_timeout(Duration::from_secs(20)).unwrap();
    alive.abandon().await;

    let people = people();
    let scripts = crate::fixtures::root().join("tests/back/people");
    let body = site.path("body");
    let changed = site.path("changed");
    std::fs::write(&body, &got.body).unwrap();
    let mut other = got.body.clone();
    other[10] ^= 1;
    std::fs::write(&changed, other).unwrap();
    let python = || {
        let mut command = Command::new(people.join("bin/python"));
        command.arg(scripts.join("verify.py"));
        command
    };
    let node = || {
        let mut command = Command::new("node");
        command.arg(scripts.join("verify.cjs")).arg(&people);
        command
    };
    let secret = |bytes: &[u8]| format!("whsec_{}", BASE64.encode(bytes));
    for program in [&python as &dyn Fn() -> Command, &node] {
        for known in [NEW, OLD] {
            assert_eq!(judged(&mut program(), &secret(known), &got, &body), "good");
        }
        assert_eq!(judged(&mut program(), &secret(&[7; 32]), &got, &body), "bad");
        assert_eq!(judged(&mut program(), &secret(NEW), &got, &changed), "bad");
    }
}
