//! The values that RFC 7515, 7520, 7797 and 9421 print.

use data_encoding::BASE64;
use lienthong::keys::FileKey;
use lienthong::model::signer::Algorithm;
use lienthong::signing::digest::Digests;
use lienthong::signing::mac::Secret;
use lienthong::signing::message::{
    Claim, Component, Hand, MessageError, Policy, Received, Terms, Verified, claims, sign, verify,
};
use lienthong::signing::public::PublicKey;
use openssl::pkey::{Id, PKey};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Held, Written, vectors};

#[test]
fn jws_of_rfc_7515_7520_and_7797() {
    let (mut believed, mut refused) = (0, 0);
    for case in vectors("rfc/jws.json").as_array().unwrap() {
        let text = |name: &str| case[name].as_str();
        let (name, token) = (text("name").unwrap(), text("jws").unwrap());
        let entry = case["entry"].as_u64().unwrap_or_default() as usize;
        let outcome = Held::from_jwk(&case["key"], text("alg").unwrap()).and_then(|held| {
            let outcome = super::verify(token, entry, text("detached"), held.key());
            outcome.map_err(|error| error.to_string())
        });
        match text("refused") {
            None => {
                let payload = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(!payload.is_empty(), "{name}");
                believed += 1;
            }
            Some(_) => {
                assert!(outcome.is_err(), "{name}");
                refused += 1;
            }
        }
    }
    assert_eq!((believed, refused), (23, 9));
}

/// A case of RFC 9421, its message carrying the two fields.
struct Case {
    message: Written,
    held: Held,
    claims: Vec<Claim>,
}

impl Case {
    fn read(file: &Value, case: &Value) -> Self {
        let text = |name: &str| case[name].as_str().unwrap();
        let mut message = Written::read(&file["messages"][text("message")]);
        message.add("Signature-Input", text("input"));
        message.add("Signature", text("signature"));
        let key = file["keys"][text("key")].as_str().unwrap();
        let held = if text("alg") == "HS256" {
            let bytes = BASE64.decode(key.as_bytes()).unwrap();
            Held::Shared(Secret::new(text("key"), Zeroizing::new(bytes)).unwrap())
        } else {
            let key = PublicKey::from_pem(key.as_bytes()).unwrap().known_as(text("key"));
            Held::Public(key.using(Algorithm::named(text("alg")).unwrap()).unwrap())
        };
        let claims = message.with(|message| claims(&message)).unwrap();
        Self {
            message,
            held,
            claims: claims.into_iter().map(Result::unwrap).collect(),
        }
    }

    fn verify(&self, message: &Written, policy: &Policy) -> Result<Verified, MessageError> {
        let body = Digests::of(&message.body);
        message.with(|message| {
            let received = Received {
                message,
                body: &body,
                now: 1_618_884_475,
            };
            verify(&received, &self.claims[0], self.held.key(), policy)
        })
    }
}

#[test]
fn messages_of_rfc_9421() {
    let file = vectors("rfc/message.json");
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let read = Case::read(&file, case);
        let verified = read
            .verify(&read.message, &Policy::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(verified.body, case["body"].as_bool().unwrap(), "{name}");
        assert_eq!(verified.created, Some(1_618_884_473));
        assert_eq!(verified.key, case["key"].as_str().unwrap());
        let strict = read.verify(&read.message, &Policy::gateway("hue"));
        assert!(matches!(strict, Err(MessageError::Policy(_))), "{name}");
    }
    assert_eq!(cases.len(), 8);
}

#[test]
fn what_is_deterministic_is_signed_alike() {
    let file = vectors("rfc/message.json");
    let seed = BASE64
        .decode(b"n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=")
        .unwrap();
    let key = PKey::private_key_from_raw_bytes(&seed, Id::ED25519).unwrap();
    let edwards = FileKey::from_pem(&key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    let mut signed_alike = 0;
    for case in file["cases"].as_array().unwrap() {
        let read = Case::read(&file, case);
        let claim = &read.claims[0];
        let renamed;
        let hand: Hand<'_> = match &read.held {
            Held::Shared(secret) => secret.into(),
            Held::Public(_) if case["alg"] == "EdDSA" => {
                renamed = Renamed(&edwards);
                (&renamed).into()
            }
            Held::Public(_) => continue,
        };
        let terms = Terms {
            label: claim.label.clone(),
            components: claim.components.clone(),
            created: claim.created,
            expires: None,
            nonce: None,
            alg: false,
            tag: None,
        };
        let bare = Written::read(&file["messages"][case["message"].as_str().unwrap()]);
        let signed = bare.with(|message| sign(&message, &terms, hand)).unwrap();
        assert_eq!(signed.input, case["input"].as_str().unwrap());
        assert_eq!(signed.signature, case["signature"].as_str().unwrap());
        signed_alike += 1;
    }
    assert_eq!(signed_alike, 3);
}

/// The RFC's key under the RFC's name.
struct Renamed<'a>(&'a FileKey);

impl lienthong::model::signer::Signer for Renamed<'_> {
    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }
    fn id(&self) -> &str {
        "test-key-ed25519"
    }
    fn public(&self) -> &[u8] {
        self.0.public()
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, lienthong::model::signer::SignerError> {
        self.0.sign(message)
    }
}

#[test]
fn transformations_of_rfc_9421_b_4() {
    let file = vectors("rfc/message.json");
    let case = file["cases"].as_array().unwrap().last().unwrap();
    let read = Case::read(&file, case);
    let changed = |change: &dyn Fn(&mut Written)| {
        let mut message = Written::read(&file["messages"]["transformed"]);
        change(&mut message);
        read.verify(&message, &Policy::default())
    };
    let lines = |values: &[&str]| {
        let pair = |value: &&str| ("accept".to_owned(), (*value).to_owned());
        values.iter().map(pair).collect::<Vec<_>>()
    };
    // What is not covered, or only put down differently, changes nothing.
    assert!(changed(&|message| message.target.push_str("&param=added")).is_ok());
    assert!(changed(&|message| message.headers = lines(&["application/json, */*"])).is_ok());
    assert!(changed(&|message| message.headers.reverse()).is_err());
    assert!(changed(&|message| message.headers = lines(&["*/*", "application/json"])).is_err());
    assert!(changed(&|message| message.method = "POST".into()).is_err());
    assert!(changed(&|message| message.target = message.target.replace("org", "com")).is_err());
    assert!(changed(&|message| message.headers.clear()).is_err());
}

#[test]
fn a_covered_digest_speaks_for_the_body_and_another_one_does_not() {
    let file = vectors("rfc/message.json");
    let case = &file["cases"][1];
    let read = Case::read(&file, case);
    let mut message = Written::read(&file["messages"]["request"]);
    message.body = b"{\"hello\": \"earth\"}".to_vec();
    let wrong = read.verify(&message, &Policy::default());
    assert!(matches!(wrong, Err(MessageError::Body(_))));
    // Only one member is signed: a good digest of another body beside it is the attacker's.
    let secret = Secret::new("s", Zeroizing::new(vec![7; 32])).unwrap();
    let mut message = Written::read(&file["messages"]["request"]);
    message.headers.retain(|line| line.0 != "Content-Digest");
    message.add("Content-Digest", "md5=:AAAA:");
    let terms = Terms {
        components: vec![Component::read("\"content-digest\";key=\"md5\"").unwrap()],
        ..Terms::gateway("hue", "n", 0)
    };
    let signed = message.with(|message| sign(&message, &terms, &secret)).unwrap();
    message.add("Signature-Input", &signed.input);
    message.add("Signature", &signed.signature);
    message.body = b"attack".to_vec();
    let digest = Digests::of(&message.body).write(&[lienthong::signing::digest::Kind::Sha256]);
    message.add("content-digest", &digest);
    let body = Digests::of(&message.body);
    let outcome = message.with(|message| {
        let claim = claims(&message).unwrap().remove(0).unwrap();
        let received = Received {
            message,
            body: &body,
            now: 1,
        };
        verify(&received, &claim, &secret, &Policy::default())
    });
    assert!(matches!(outcome, Err(MessageError::Body(_))), "{outcome:?}");
}
