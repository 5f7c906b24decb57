//! The programs that judge, as `.ci/signers` makes them, and the keys and certificates that all of them are given.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use lienthong::keys::FileKey;
use lienthong::model::signer::{Algorithm, Family};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, KeyUsage};
use openssl::x509::{X509, X509NameBuilder};
use serde_json::Value;

/// The folder with the programs and the vectors. Where it cannot be made, the test that asks for it fails.
pub(in crate::signatures) fn place() -> &'static Path {
    static PLACE: LazyLock<PathBuf> = LazyLock::new(|| {
        let target = Path::new(env!("CARGO_BIN_EXE_lienthong"))
            .ancestors()
            .nth(2)
            .unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/signers");
        let made = Command::new("sh").arg(script).arg(target).output().unwrap();
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        assert!(made.status.success(), "the judges cannot be made: {said}");
        PathBuf::from(String::from_utf8(made.stdout).unwrap().trim())
    });
    &PLACE
}

/// Asks one judge about many cases at once.
pub(super) fn ask(question: &str, cases: &[Value]) -> Vec<Result<String, String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signatures/xml/judge.py");
    let mut child = Command::new(place().join("bin/python"))
        .arg(script)
        .arg(question)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let asked = serde_json::to_vec(cases).unwrap();
    // Written beside the reading: a long answer would otherwise wait for a long question.
    let writing = std::thread::spawn(move || input.write_all(&asked));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{question}: {said}");
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), cases.len());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    answers
        .iter()
        .map(|one| match one.get("answer") {
            Some(answer) => Ok(text(answer)),
            None => Err(format!("{}\n{}", text(&one["error"]), text(&one["where"]))),
        })
        .collect()
}

/// Runs `xmlsec1` in a folder.
pub(super) fn xmlsec1(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    place();
    let output = Command::new("xmlsec1")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// A key with its certificate, in every form that a judge asks for.
pub(super) struct Identity {
    pub(super) key: Vec<u8>,
    pub(super) public: String,
    pub(super) certificate: String,
    pub(super) der: Vec<u8>,
}

impl Identity {
    /// The key for one algorithm.
    pub(super) fn signer(&self, algorithm: Algorithm) -> FileKey {
        FileKey::from_pem(&self.key).unwrap().using(algorithm).unwrap()
    }

    pub(super) fn pem(&self) -> &str {
        std::str::from_utf8(&self.key).unwrap()
    }
}

/// The identity of a family, made once.
pub(super) fn identity(family: Family) -> &'static Identity {
    static ALL: LazyLock<[Identity; 4]> =
        LazyLock::new(|| [Family::Rsa, Family::P256, Family::P384, Family::Ed25519].map(fresh));
    match family {
        Family::Rsa => &ALL[0],
        Family::P256 => &ALL[1],
        Family::P384 => &ALL[2],
        Family::Ed25519 => &ALL[3],
    }
}

fn fresh(family: Family) -> Identity {
    let curve = |name| {
        let group = EcGroup::from_curve_name(name).unwrap();
        PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
    };
    let key = match family {
        Family::Rsa => PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
        Family::P256 => curve(Nid::X9_62_PRIME256V1),
        Family::P384 => curve(Nid::SECP384R1),
        Family::Ed25519 => PKey::generate_ed25519().unwrap(),
    };
    let certificate = self_signed(&key);
    Identity {
        public: String::from_utf8(key.public_key_to_pem().unwrap()).unwrap(),
        certificate: String::from_utf8(certificate.to_pem().unwrap()).unwrap(),
        der: certificate.to_der().unwrap(),
        key: key.private_key_to_pem_pkcs8().unwrap(),
    }
}

fn self_signed(key: &PKey<Private>) -> X509 {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "throw-away").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::days_from_now(30).unwrap())
        .unwrap();
    builder.set_pubkey(key).unwrap();
    builder
        .append_extension(BasicConstraints::new().critical().build().unwrap())
        .unwrap();
    builder
        .append_extension(
            KeyUsage::new()
                .critical()
                .digital_signature()
                .non_repudiation()
                .build()
                .unwrap(),
        )
        .unwrap();
    let digest = match key.id() {
        Id::ED25519 => MessageDigest::null(),
        _ => MessageDigest::sha256(),
    };
    builder.sign(key, digest).unwrap();
    builder.build()
}
