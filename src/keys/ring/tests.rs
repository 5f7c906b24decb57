use std::collections::BTreeMap;
use std::path::PathBuf;

use openssl::pkcs12::Pkcs12;

use super::*;
use crate::keys::chain::{Certificate, ChainError, certified, issued};
use crate::keys::{file, software};
use crate::model::{SignerError, Time, Verifier};

fn day(text: &str) -> Option<Day> {
    Some(text.parse().unwrap())
}

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn pem(path: PathBuf) -> config::Key {
    config::Key {
        from: None,
        until: None,
        kept: Kept::File {
            path,
            passphrase_file: None,
        },
        chain_file: None,
    }
}

fn from(first: &str, key: config::Key) -> config::Key {
    config::Key {
        from: day(first),
        ..key
    }
}

fn until(end: &str, key: config::Key) -> config::Key {
    config::Key {
        until: day(end),
        ..key
    }
}

fn retired(public_file: PathBuf) -> config::Key {
    config::Key {
        kept: Kept::Retired { public_file },
        ..pem(PathBuf::new())
    }
}

fn nowhere(_: &config::Remote) -> Result<Arc<dyn RemoteSigner>, String> {
    Err("there is no provider".to_owned())
}

fn keys(payload: Vec<(&str, config::Key)>) -> config::Keys {
    config::Keys {
        receipt_file: PathBuf::new(),
        payload_file: PathBuf::new(),
        blinding_file: PathBuf::new(),
        payload: payload
            .into_iter()
            .map(|(name, key)| (name.to_owned(), key))
            .collect::<BTreeMap<_, _>>(),
        sessions: 2,
    }
}

#[test]
fn every_algorithm_signs_from_pem_and_from_pkcs12_with_its_chain() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("passphrase"), "mật khẩu dài\r\n").unwrap();
    let authority = software::generate(Algorithm::Es384).unwrap();
    let root = issued(&authority, "Sở Mẫu CA", 3_650, None);
    for (family, algorithm) in [
        ("p256", Algorithm::Es256),
        ("p384", Algorithm::Es384),
        ("rsa", Algorithm::Rs256),
        ("ed", Algorithm::Ed25519),
    ] {
        let key = software::generate(algorithm).unwrap();
        let own = issued(&key, "Sở Mẫu", 100, Some((&authority, &root)));
        file::write_secret(
            &path(&format!("{family}.pem")),
            &key.private_key_to_pem_pkcs8().unwrap(),
        )
        .unwrap();
        // In the wrong order, as people put them.
        let chain = [root.to_pem().unwrap(), own.to_pem().unwrap()].concat();
        std::fs::write(path(&format!("{family}.crt")), chain).unwrap();
        let mut others = openssl::stack::Stack::new().unwrap();
        others.push(root.clone()).unwrap();
        let mut container = Pkcs12::builder();
        container.name(family).pkey(&key).cert(&own).ca(others);
        let container = container.build2("mật khẩu dài").unwrap().to_der().unwrap();
        file::write_secret(&path(&format!("{family}.p12")), &container).unwrap();
        let from_pem = FileKey::read(&path(&format!("{family}.pem"))).unwrap();
        let from_pkcs12 =
            FileKey::unlock(&path(&format!("{family}.p12")), Some(&path("passphrase"))).unwrap();
        assert_eq!(from_pem.public(), from_pkcs12.public());
        for key in [from_pem, from_pkcs12] {
            assert_eq!(key.chain(), [own.to_der().unwrap(), root.to_der().unwrap()]);
            let named = Certificate::read(&key.chain()[0]).unwrap();
            assert_eq!(named.subject, "C=VN, O=Sở Mẫu, CN=Tr…");
            for algorithm in Algorithm::ALL
                .into_iter()
                .filter(|one| one.family() == key.family())
            {
                let key = key.clone().using(algorithm).unwrap();
                let public = PublicKey::from_der(key.public())
                    .unwrap()
                    .using(algorithm)
                    .unwrap();
                let signature = key.sign(b"payload").unwrap();
                assert!(public.verify(b"payload", &signature), "{algorithm}");
                assert!(!public.verify(b"payloae", &signature), "{algorithm}");
            }
        }
    }
}

#[test]
fn a_wrong_passphrase_and_a_foreign_chain_are_refused_and_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let key = software::generate(Algorithm::Es256).unwrap();
    let container = Pkcs12::builder()
        .pkey(&key)
        .build2("right")
        .unwrap()
        .to_der()
        .unwrap();
    file::write_secret(&path("key.p12"), &container).unwrap();
    std::fs::write(path("wrong"), "hunter2\n").unwrap();
    std::fs::write(path("right"), "right").unwrap();
    let unlock =
        |passphrase: Option<&str>| FileKey::unlock(&path("key.p12"), passphrase.map(path).as_deref());
    assert!(unlock(Some("right")).unwrap().chain().is_empty());
    for wrong in [Some("wrong"), None] {
        let error = unlock(wrong).unwrap_err();
        assert!(matches!(error, KeyFileError::Container { .. }));
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }
    assert!(matches!(
        FileKey::unlock(&path("right"), None),
        Err(KeyFileError::Container { .. })
    ));
    let made = file::create(dir.path(), "one", Algorithm::Es256).unwrap();
    let other = file::create(dir.path(), "other", Algorithm::Es256).unwrap();
    std::fs::write(path("one.crt"), certified(&other.path, "Sở Mẫu", 1)).unwrap();
    assert!(matches!(
        FileKey::read(&made.path),
        Err(KeyFileError::Chain {
            source: ChainError::Foreign,
            ..
        })
    ));
    std::fs::write(path("one.crt"), "nothing").unwrap();
    assert!(matches!(
        FileKey::read(&made.path),
        Err(KeyFileError::Chain { .. })
    ));
}

#[test]
fn the_key_changes_at_midnight_and_what_the_old_one_signed_is_still_verified() {
    let dir = tempfile::tempdir().unwrap();
    let made = |name: &str, algorithm| file::create(dir.path(), name, algorithm).unwrap();
    let (old, new) = (made("old", Algorithm::Es256), made("new", Algorithm::Es256));
    let (rsa, gone) = (made("rsa", Algorithm::Ps256), made("gone", Algorithm::Es256));
    let before = FileKey::read(&gone.path).unwrap().sign(b"long ago").unwrap();
    std::fs::write(dir.path().join("gone.pub"), &gone.public).unwrap();
    let ring = Ring::payload(
        &keys(vec![
            ("old", until("2027-02-01", pem(old.path))),
            ("new", from("2027-01-15", pem(new.path))),
            ("rsa", pem(rsa.path)),
            ("gone", retired(dir.path().join("gone.pub"))),
        ]),
        &nowhere,
    )
    .unwrap();
    let signers = ring.signers(Algorithm::Es256).unwrap();
    let id = |moment: &str| signers.at(at(moment)).unwrap().id().to_owned();
    assert_eq!(id("2027-01-14T23:59:59+07:00"), old.id);
    assert_eq!(id("2027-01-15T00:00:00+07:00"), new.id);
    assert_eq!(id("2027-02-01T00:00:00+07:00"), new.id);
    // Another partner's algorithm has its own key.
    let pss = ring.signers(Algorithm::Ps384).unwrap();
    assert_eq!(pss.at(at("2027-01-15T00:00:00+07:00")).unwrap().id(), rsa.id);
    assert!(matches!(
        ring.signers(Algorithm::Ed25519),
        Err(RingError::Algorithm(Algorithm::Ed25519))
    ));
    let signature = signers
        .at(at("2026-12-01T00:00:00+07:00"))
        .unwrap()
        .sign(b"before")
        .unwrap();
    assert!(
        ring.verifier(&old.id, Algorithm::Es256)
            .unwrap()
            .verify(b"before", &signature)
    );
    assert!(
        ring.verifier(&gone.id, Algorithm::Es256)
            .unwrap()
            .verify(b"long ago", &before)
    );
    assert!(ring.verifier(&gone.id, Algorithm::Rs256).is_none());
    assert!(ring.verifier("unknown", Algorithm::Es256).is_none());
    assert_eq!(ring.seen().len(), 3);
    assert!(!format!("{ring:?}").contains("PRIVATE"));
}

#[test]
fn keys_that_begin_together_or_cannot_be_opened_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let one = file::create(dir.path(), "one", Algorithm::Es256).unwrap();
    let other = file::create(dir.path(), "other", Algorithm::Es256).unwrap();
    let ring = Ring::payload(
        &keys(vec![("one", pem(one.path)), ("other", pem(other.path.clone()))]),
        &nowhere,
    )
    .unwrap();
    assert!(matches!(
        ring.signers(Algorithm::Es256),
        Err(RingError::Overlap { .. })
    ));
    let error = Ring::payload(&keys(vec![("none", pem("/nowhere.pem".into()))]), &nowhere).unwrap_err();
    assert!(matches!(&error, RingError::File { name, .. } if name == "none"));
    let single = config::Keys {
        payload_file: other.path,
        ..keys(Vec::new())
    };
    let only = Ring::payload(&single, &nowhere).unwrap();
    let signer: Result<Vec<u8>, SignerError> = only
        .signers(Algorithm::Es256)
        .unwrap()
        .at(Time::at(0))
        .unwrap()
        .sign(b"x");
    assert!(signer.is_ok());
}
