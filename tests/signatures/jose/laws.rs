//! What is signed verifies, and any one changed byte is refused, whatever was signed.

use std::sync::{Arc, LazyLock};

use data_encoding::BASE64URL_NOPAD;
use lienthong::keys::FileKey;
use lienthong::model::signer::{Algorithm, Signer};
use lienthong::signing::digest::{Digests, Kind};
use lienthong::signing::jws::{Jws, Protected, verify_compact, verify_detached};
use lienthong::signing::message::{
    Component, MessageError, Policy, PolicyError, Received, Remember, Terms, Verified, claims, sign, verify,
};
use lienthong::signing::public::PublicKey;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

use super::Written;

type Pair = (Arc<FileKey>, PublicKey);

/// A key of each family, made once: RSA keys take their time.
static KEYS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let one = |algorithm| {
        let key = FileKey::generate(algorithm).unwrap();
        let public = PublicKey::from_der(key.public()).unwrap();
        (Arc::new(key), public)
    };
    [
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Ed25519,
        Algorithm::Rs256,
    ]
    .map(one)
    .to_vec()
});

fn key() -> impl Strategy<Value = &'static Pair> {
    (0..KEYS.len()).prop_map(|at| &KEYS[at])
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", "\\PC{0,6}"]
}

/// The one that a place within bytes names, changed.
fn changed(bytes: &[u8], place: usize, by: u8) -> Vec<u8> {
    let mut other = bytes.to_vec();
    let at = place % other.len();
    other[at] ^= by.max(1);
    other
}

proptest! {
    #[test]
    fn a_jws_verifies_and_none_of_its_bytes_may_change(
        pair in key(), payload in vec(any::<u8>(), 0..80), typ in word(), chain in vec(vec(any::<u8>(), 1..20), 0..3),
        place: usize, by: u8,
    ) {
        let (signer, public) = pair;
        let mut protected = Protected::default().typ(typ).chain(chain.clone());
        if let Some(leaf) = chain.first() {
            protected = protected.thumbprint(leaf);
        }
        let jws = Jws::with(signer.clone(), &protected);
        let compact = jws.compact(&payload).unwrap();
        prop_assert_eq!(verify_compact(&compact, public).unwrap(), payload.clone());
        let apart = [jws.detached(&payload).unwrap(), jws.detached_encoded(&payload).unwrap()];
        for token in &apart {
            prop_assert_eq!(verify_detached(token, &payload, public), Ok(()));
            prop_assert!(verify_compact(token, public).is_err() || payload.is_empty());
            let longer = [&payload[..], b"."].concat();
            prop_assert!(verify_detached(token, &longer, public).is_err());
            if !payload.is_empty() {
                prop_assert!(verify_detached(token, &changed(&payload, place, by), public).is_err());
            }
        }
        for token in [&compact, &apart[0], &apart[1]] {
            let Ok(other) = String::from_utf8(changed(token.as_bytes(), place, by)) else { continue };
            prop_assert!(verify_compact(&other, public).is_err());
            prop_assert!(verify_detached(&other, &payload, public).is_err());
        }
    }

    #[test]
    fn no_text_makes_the_readers_fall_over(text in "\\PC{0,60}", bytes in vec(any::<u8>(), 0..80)) {
        let (_, public) = &KEYS[0];
        prop_assert!(verify_compact(&text, public).is_err());
        let head = BASE64URL_NOPAD.encode(&bytes);
        let token = format!("{head}..{head}");
        prop_assert!(verify_compact(&token, public).is_err());
        prop_assert!(lienthong::signing::jws::Json::read(&bytes).is_err());
        let _ = Digests::of(b"").check(&text);
        let _ = Component::read(&text);
    }

    #[test]
    fn a_message_verifies_and_nothing_it_covers_may_change(
        pair in key(), method in "[A-Z]{1,8}", path in "(/[a-z0-9._~-]{0,6}){0,3}", query in "(\\?[a-z]=[a-z0-9%]{0,6})?",
        value in "[!-~]([ -~]{0,20}[!-~])?", body in vec(any::<u8>(), 0..60), nonce in "[ -~]{1,12}",
        place: usize, by: u8,
    ) {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let message = Written {
            method,
            target: format!("https://portal.example{path}{query}"),
            status: None,
            headers: vec![header("X-Other", &value), header("Content-Type", "application/json")],
            body,
            request: None,
        };
        exchange(pair, message, &nonce, (place, by))?;
    }
}

const NOW: i64 = 1_767_225_600;

/// A request by the gateway's profile, with one more field, there and back.
fn exchange(
    (signer, public): &Pair,
    mut message: Written,
    nonce: &str,
    (place, by): (usize, u8),
) -> Result<(), TestCaseError> {
    message.add(
        "Content-Digest",
        &Digests::of(&message.body).write(&[Kind::Sha256]),
    );
    let mut terms = Terms::gateway("hue", nonce, NOW);
    terms.components.push(Component::named("x-other").unwrap());
    let signed = message.with(|message| sign(&message, &terms, &**signer)).unwrap();
    message.add("Signature-Input", &signed.input);
    message.add("Signature", &signed.signature);
    let verified = judge(&message, public, NOW + 300).unwrap();
    prop_assert!(verified.body && verified.components.len() == 5);
    let remembered = Remember {
        key: public_id(public),
        nonce: nonce.into(),
        until: NOW + 330,
    };
    prop_assert_eq!(verified.remember, Some(remembered));
    for at in 0..5 {
        let line = &message.headers[at];
        let Ok(other) = String::from_utf8(changed(line.1.as_bytes(), place, by)) else {
            continue;
        };
        // Blanks around a field's value are no part of it, and a line that is gone is a change too.
        if other.trim() == line.1 {
            continue;
        }
        let mut changed = message.clone();
        changed.headers[at].1 = other;
        prop_assert!(judge(&changed, public, NOW).is_err(), "{:?}", changed.headers[at]);
        let mut without = message.clone();
        without.headers.remove(at);
        prop_assert!(judge(&without, public, NOW).is_err());
    }
    for change in [
        (|message: &mut Written| message.method.push('X')) as fn(&mut Written),
        |message| message.target.push('x'),
        |message| message.target = message.target.replace("https", "http"),
        |message| message.body.push(b' '),
        |message| message.add("x-other", "more"),
    ] {
        let mut changed = message.clone();
        change(&mut changed);
        prop_assert!(judge(&changed, public, NOW).is_err());
    }
    Ok(())
}

fn public_id(key: &PublicKey) -> String {
    lienthong::model::signer::Verifier::id(key).to_owned()
}

fn judge(message: &Written, key: &PublicKey, now: i64) -> Result<Verified, MessageError> {
    let body = Digests::of(&message.body);
    message.with(|message| {
        let claim = claims(&message)?.pop().ok_or(MessageError::Fields)??;
        let received = Received {
            message,
            body: &body,
            now,
        };
        verify(&received, &claim, key, &Policy::gateway("hue"))
    })
}

#[test]
fn the_profile_asks_for_everything_it_names() {
    let (signer, public) = &KEYS[2];
    let mut message = Written {
        method: "POST".into(),
        target: "https://portal.example/v1".into(),
        status: None,
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: Vec::new(),
        request: None,
    };
    message.add("Content-Digest", &Digests::of(b"").write(&[Kind::Sha512]));
    let outcome = |change: &dyn Fn(&mut Terms), now: i64| {
        let mut terms = Terms::gateway("hue", "n-1", NOW);
        change(&mut terms);
        let signed = message.with(|message| sign(&message, &terms, &**signer)).unwrap();
        let mut message = message.clone();
        message.add("Signature-Input", &signed.input);
        message.add("Signature", &signed.signature);
        judge(&message, public, now).map(|_| ()).map_err(|error| {
            let MessageError::Policy(error) = error else {
                panic!("{error}");
            };
            error
        })
    };
    use lienthong::signing::message::policy::Parameter;
    let missing = |parameter| Err(PolicyError::Missing(parameter));
    assert_eq!(outcome(&|_| {}, NOW), Ok(()));
    assert_eq!(outcome(&|terms| terms.alg = true, NOW - 30), Ok(()));
    assert_eq!(outcome(&|_| {}, NOW + 330), Ok(()));
    assert_eq!(outcome(&|_| {}, NOW + 331), Err(PolicyError::Late));
    assert_eq!(outcome(&|_| {}, NOW - 31), Err(PolicyError::Early));
    assert_eq!(
        outcome(&|terms| terms.expires = Some(NOW + 301), NOW),
        Err(PolicyError::Window)
    );
    assert_eq!(
        outcome(&|terms| terms.expires = Some(NOW - 1), NOW),
        Err(PolicyError::Window)
    );
    assert_eq!(
        outcome(&|terms| terms.created = None, NOW),
        missing(Parameter::Created)
    );
    assert_eq!(
        outcome(&|terms| terms.expires = None, NOW),
        missing(Parameter::Expires)
    );
    assert_eq!(
        outcome(&|terms| terms.nonce = None, NOW),
        missing(Parameter::Nonce)
    );
    assert_eq!(outcome(&|terms| terms.tag = None, NOW), missing(Parameter::Tag));
    assert_eq!(
        outcome(&|terms| terms.tag = Some("h".into()), NOW),
        Err(PolicyError::Tag)
    );
    for at in 0..4 {
        let removed = outcome(&|terms| drop(terms.components.remove(at)), NOW);
        assert!(matches!(removed, Err(PolicyError::Uncovered(_))));
    }
}

#[test]
fn a_label_is_used_once_and_several_signatures_are_read_each_by_itself() {
    let mut message = Written {
        method: "GET".into(),
        target: "https://portal.example/".into(),
        status: None,
        headers: Vec::new(),
        body: Vec::new(),
        request: None,
    };
    for (at, (signer, _)) in KEYS.iter().enumerate() {
        let terms = Terms {
            label: format!("s{at}"),
            components: vec![Component::named("@method").unwrap()],
            ..Terms::gateway("hue", "n", NOW)
        };
        let signed = message.with(|message| sign(&message, &terms, &**signer)).unwrap();
        message.add("Signature-Input", &signed.input);
        message.add("Signature", &signed.signature);
        let again = message.with(|message| sign(&message, &terms, &**signer));
        assert!(matches!(again, Err(MessageError::Twice(_))));
    }
    message.add("signature-input", "odd=(\"@unknown\"), alone=()");
    message.add("signature", "odd=:AAAA:");
    let body = Digests::of(b"");
    message.with(|message| {
        let claims = claims(&message).unwrap();
        assert_eq!(claims.len(), KEYS.len() + 2);
        for (claim, (_, public)) in claims.iter().zip(KEYS.iter()) {
            let received = Received {
                message,
                body: &body,
                now: NOW,
            };
            let claim = claim.as_ref().unwrap();
            assert!(verify(&received, claim, public, &Policy::default()).is_ok());
            let other = if public_id(public) == public_id(&KEYS[0].1) {
                &KEYS[1].1
            } else {
                &KEYS[0].1
            };
            let outcome = verify(&received, claim, other, &Policy::default());
            assert_eq!(outcome, Err(MessageError::Key));
        }
        assert!(matches!(claims[KEYS.len()], Err(MessageError::Component(_))));
        assert!(matches!(claims[KEYS.len() + 1], Err(MessageError::Label(_))));
    });
}
