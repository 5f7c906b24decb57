//! Against SoftHSM. Its library reads SOFTHSM2_CONF once a process, and no process may change its own environment safely:
//! each test runs itself again in a child that has a token of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use super::*;
use crate::keys::file;
use crate::keys::software;
use crate::signing::jws::{self, Jws};

const PIN: &str = "48151623";
/// Where the child finds its world.
const WORLD: &str = "LIENTHONG_TEST_TOKEN";

/// The library of SoftHSM, installed where it is missing.
fn module() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/softhsm");
    let output = Command::new(script).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end())
}

/// The folder of a token, in the child; in the parent none: the child was run and its end was good.
#[expect(
    clippy::disallowed_methods,
    reason = "the child is told by its environment alone, which config does not read"
)]
fn world(name: &str) -> Option<PathBuf> {
    if let Ok(dir) = std::env::var(WORLD) {
        return Some(dir.into());
    }
    let dir = tempfile::tempdir().unwrap();
    let settings = dir.path().join("softhsm2.conf");
    std::fs::create_dir(dir.path().join("tokens")).unwrap();
    let tokens = dir.path().join("tokens").display().to_string();
    std::fs::write(
        &settings,
        format!("directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"),
    )
    .unwrap();
    std::fs::write(dir.path().join("pin"), format!("{PIN}\n")).unwrap();
    module();
    for label in ["payload", "other"] {
        program(
            &settings,
            &[
                "--init-token",
                "--free",
                "--label",
                label,
                "--pin",
                PIN,
                "--so-pin",
                "31415926",
            ],
        );
    }
    let test = format!("{}::{name}", module_path!().split_once("::").unwrap().1);
    let child = Command::new(std::env::current_exe().unwrap())
        .args([&test, "--exact", "--nocapture"])
        .env("SOFTHSM2_CONF", &settings)
        .env(WORLD, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let complained = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}\n{complained}");
    assert!(said.contains("1 passed"), "the child ran no test: {said}");
    None
}

fn program(settings: &Path, arguments: &[&str]) {
    let output = Command::new("softhsm2-util")
        .args(arguments)
        .env("SOFTHSM2_CONF", settings)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Puts a fresh key on the token `payload`, by the label and id that are asked for.
fn import(dir: &Path, label: &str, id: &str, algorithm: Algorithm) -> PublicKey {
    let key = software::generate(algorithm).unwrap();
    let path = dir.join(format!("{label}.pem"));
    file::write_secret(&path, &key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    let path = path.display().to_string();
    program(
        &dir.join("softhsm2.conf"),
        &[
            "--import", &path, "--token", "payload", "--label", label, "--id", id, "--pin", PIN,
        ],
    );
    let public = PublicKey::from_der(&key.public_key_to_der().unwrap()).unwrap();
    public.using(algorithm).unwrap()
}

fn at(dir: &Path, key: &str) -> config::Token {
    config::Token {
        module: module(),
        label: Some("payload".to_owned()),
        serial: None,
        key: Some(key.to_owned()),
        key_id: None,
        pin_file: dir.join("pin"),
    }
}

#[test]
fn every_algorithm_signs_on_the_token_and_is_verified_outside() {
    let Some(dir) = world("every_algorithm_signs_on_the_token_and_is_verified_outside") else {
        return;
    };
    let keys = [
        ("p256", "01", Algorithm::Es256),
        ("p384", "02", Algorithm::Es384),
        ("rsa", "03", Algorithm::Rs256),
        ("ed25519", "04", Algorithm::Ed25519),
    ];
    for (label, id, algorithm) in keys {
        import(&dir, label, id, algorithm);
    }
    for algorithm in Algorithm::ALL {
        let (label, ..) = keys
            .iter()
            .find(|(.., one)| one.family() == algorithm.family())
            .unwrap();
        let software = crate::keys::FileKey::read(&dir.join(format!("{label}.pem"))).unwrap();
        let found = TokenKey::find(&at(&dir, label), 2).unwrap();
        assert_eq!((found.public(), found.id()), (software.public(), software.id()));
        let key = found.using(algorithm).unwrap();
        assert!(key.waits());
        assert_eq!(format!("{key:?}"), format!("TokenKey({algorithm} {})", key.id()));
        let public = PublicKey::from_der(software.public())
            .unwrap()
            .using(algorithm)
            .unwrap();
        let token = Jws::new(Arc::new(key)).detached(b"payload").unwrap();
        assert_eq!(
            jws::verify_detached(&token, b"payload", &public),
            Ok(()),
            "{algorithm}"
        );
        assert!(jws::verify_detached(&token, b"payloae", &public).is_err());
    }
}

#[test]
fn many_threads_share_the_sessions_and_dead_ones_are_opened_anew() {
    let Some(dir) = world("many_threads_share_the_sessions_and_dead_ones_are_opened_anew") else {
        return;
    };
    let public = import(&dir, "p256", "01", Algorithm::Es256);
    let key = TokenKey::find(&at(&dir, "p256"), 3).unwrap();
    let sign = |n: usize| {
        let message = n.to_be_bytes();
        public.verify(&message, &key.sign(&message).unwrap())
    };
    let busy = |threads: usize, times: usize| {
        let work = || (0..times).all(sign);
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            running.into_iter().all(|thread| thread.join().unwrap())
        })
    };
    assert!(busy(8, 100));
    assert!(
        (2..=3).contains(&key.shared.pool.open()),
        "{}",
        key.shared.pool.open()
    );
    let module = module::load(&at(&dir, "p256").module).unwrap();
    // The library lost its state, as after a device was away for long: every session and the login are gone with it.
    module.forget().unwrap();
    assert!(sign(1) && busy(8, 20));
    // Another part of the process logged out: the sessions live, and the key in them is gone.
    let (slot, _) = module.token(Some("payload"), None).unwrap();
    let other = module.session(slot).unwrap();
    other.logout().unwrap();
    other.close().unwrap();
    assert!(sign(2) && busy(8, 20));
    assert!(key.shared.pool.open() <= 3);
}

#[test]
fn a_token_that_is_pulled_out_cannot_be_reached_until_it_is_back() {
    let Some(dir) = world("a_token_that_is_pulled_out_cannot_be_reached_until_it_is_back") else {
        return;
    };
    let public = import(&dir, "p256", "01", Algorithm::Es256);
    let key = TokenKey::find(&at(&dir, "p256"), 2).unwrap();
    let module = module::load(&at(&dir, "p256").module).unwrap();
    std::fs::rename(dir.join("tokens"), dir.join("pulled")).unwrap();
    std::fs::create_dir(dir.join("tokens")).unwrap();
    module.forget().unwrap();
    let away = key.sign(b"payload").unwrap_err();
    assert!(matches!(&away, SignerError::Unreachable { .. }), "{away:?}");
    std::fs::remove_dir_all(dir.join("tokens")).unwrap();
    std::fs::rename(dir.join("pulled"), dir.join("tokens")).unwrap();
    module.forget().unwrap();
    let began = std::time::Instant::now();
    let signature = loop {
        match key.sign(b"payload") {
            Ok(signature) => break signature,
            Err(_) => assert!(began.elapsed().as_secs() < 10, "it is back and not found"),
        }
    };
    assert!(public.verify(b"payload", &signature));
}

#[test]
fn a_pin_that_was_refused_is_not_tried_again() {
    let Some(dir) = world("a_pin_that_was_refused_is_not_tried_again") else {
        return;
    };
    import(&dir, "p256", "01", Algorithm::Es256);
    let at = at(&dir, "p256");
    std::fs::write(dir.join("pin"), "00000000\n").unwrap();
    let module = module::load(&at.module).unwrap();
    for _ in 0..20 {
        let error = TokenKey::find(&at, 1).unwrap_err();
        assert!(
            matches!(&error, TokenError::Pin { token } if token == "payload"),
            "{error:?}"
        );
        assert!(!format!("{error:?} {error}").contains("00000000"));
    }
    assert_eq!(module.refusals(), 1);
    // The right one in the file is tried at once.
    std::fs::write(dir.join("pin"), PIN).unwrap();
    assert!(TokenKey::find(&at, 1).unwrap().sign(b"payload").is_ok());
    std::fs::remove_file(dir.join("pin")).unwrap();
    module.forget().unwrap();
    assert!(matches!(TokenKey::find(&at, 1), Err(TokenError::PinFile(_))));
}

#[test]
fn token_and_key_are_named_by_label_or_number_and_never_guessed() {
    let Some(dir) = world("token_and_key_are_named_by_label_or_number_and_never_guessed") else {
        return;
    };
    let public = import(&dir, "p256", "a1b2", Algorithm::Es256);
    import(&dir, "rsa", "c3", Algorithm::Rs256);
    let by_label = at(&dir, "p256");
    let listed = tokens(&by_label.module, None).unwrap();
    let token = listed.iter().find(|token| token.label == "payload").unwrap();
    assert_eq!(listed.len(), 2);
    let keys: Vec<_> = token
        .keys
        .iter()
        .map(|key| (key.label.as_str(), key.key_id.as_str(), key.algorithm))
        .collect();
    assert_eq!(
        keys,
        [
            ("p256", "a1b2", Some(Algorithm::Es256)),
            ("rsa", "c3", Some(Algorithm::Rs256))
        ]
    );
    let by_number = config::Token {
        label: None,
        serial: Some(token.serial.clone()),
        key: None,
        key_id: Some(vec![0xa1, 0xb2]),
        ..by_label.clone()
    };
    assert_eq!(TokenKey::find(&by_number, 1).unwrap().public(), public.der());
    let wrong = |change: fn(&mut config::Token)| {
        let mut at = by_label.clone();
        change(&mut at);
        TokenKey::find(&at, 1).unwrap_err()
    };
    assert!(matches!(
        wrong(|at| at.label = None),
        TokenError::Ambiguous { .. }
    ));
    assert!(matches!(
        wrong(|at| at.label = Some("none".into())),
        TokenError::Absent { .. }
    ));
    assert!(matches!(wrong(|at| at.key = None), TokenError::Ambiguous { .. }));
    assert!(matches!(
        wrong(|at| at.key_id = Some(vec![7])),
        TokenError::NoKey { .. }
    ));
    assert!(matches!(
        wrong(|at| at.module = "/nowhere.so".into()),
        TokenError::Module { .. }
    ));
}

#[test]
fn a_key_known_by_its_certificate_is_looked_for_when_it_signs_and_another_is_not_taken_for_it() {
    let Some(dir) =
        world("a_key_known_by_its_certificate_is_looked_for_when_it_signs_and_another_is_not_taken_for_it")
    else {
        return;
    };
    let public = import(&dir, "p256", "01", Algorithm::Es256);
    import(&dir, "other", "02", Algorithm::Es256);
    let chain = dir.join("chain.crt");
    std::fs::write(
        &chain,
        crate::keys::chain::certified(&dir.join("p256.pem"), "Sở Mẫu", 10),
    )
    .unwrap();
    let key = TokenKey::known(&at(&dir, "p256"), 1, &chain).unwrap();
    assert_eq!(
        (key.public(), key.chain().len(), key.shared.pool.open()),
        (public.der(), 1, 0)
    );
    assert!(public.verify(b"payload", &key.sign(b"payload").unwrap()));
    let other = TokenKey::known(&at(&dir, "other"), 1, &chain).unwrap();
    assert!(matches!(other.signature(b"payload"), Err(TokenError::Wrong)));
    assert!(matches!(other.sign(b"payload"), Err(SignerError::Refused { .. })));
    assert!(matches!(key.using(Algorithm::Ps256), Err(KeyError::Algorithm(_))));
}
