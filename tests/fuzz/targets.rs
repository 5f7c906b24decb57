//! What strangers' bytes are given to, one function a reader. None falls over whatever it is given, none reads without an end, and
//! each holds what its reader promises of what it takes.
//!
//! Two things drive these: libFuzzer by what the code does (`tests/fuzz/run`), and mutants of what is shipped in every test run.

use std::sync::OnceLock;

use jiff::Timestamp;
use lienthong::evidence::leaf::Draft;
use lienthong::evidence::proof::text::ProofText;
use lienthong::keys::FileKey;
use lienthong::model::{Algorithm, Signer};
use lienthong::signing::cms::{self, Content, Message};
use lienthong::signing::message::structured::{self, Dictionary, Item};
use lienthong::signing::public::PublicKey;
use lienthong::signing::stamp::{self, Expected, Means};
use lienthong::signing::trust::{Certificate, List, Response, Revocation, Trust, WhenUnknown};
use lienthong::signing::xml::{self, Bounds, Canonical, Form, Keys, Takes};
use lienthong::signing::{container, jws, pdf};

/// A reader, by its name.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const ALL: [Target; 9] = [
    ("canonical", canonical),
    ("xmldsig", xmldsig),
    ("cms", cms),
    ("jws", jws),
    ("fields", fields),
    ("container", container),
    ("pdf", pdf),
    ("edxml", edxml),
    ("evidence", evidence),
];

/// A canonical form is its own canonical form.
fn canonical(bytes: &[u8]) {
    for form in [Form::Inclusive, Form::Inclusive11, Form::Exclusive] {
        for comments in [false, true] {
            let method = Canonical {
                comments,
                ..Canonical::new(form)
            };
            let bounds = Bounds::default();
            let Ok(once) = xml::canonical(bytes, None, &method, &bounds) else {
                continue;
            };
            let twice = xml::canonical(&once, None, &method, &bounds);
            assert_eq!(twice.as_ref(), Ok(&once), "{form:?}, comments: {comments}");
        }
    }
}

/// What a signature covers is told by the signature that holds, in the same words.
fn xmldsig(bytes: &[u8]) {
    let rules = xml::Rules::new(Keys::Embedded, Takes::Covered);
    let told = xml::describe(bytes, &rules);
    if let Ok(report) = xml::verify(bytes, &rules) {
        assert!(!report.covered.is_empty(), "a signature over nothing");
        assert!(told.is_ok_and(|all| all.iter().any(Result::is_ok)));
    }
}

/// Nobody is believed without an anchor.
fn cms(bytes: &[u8]) {
    let trust = Trust::default();
    let revocation = Revocation {
        lists: List::read(bytes).into_iter().collect(),
        responses: Response::read(bytes).into_iter().collect(),
    };
    let means = means(&trust, &revocation);
    if let Ok(message) = Message::read(bytes) {
        for content in [Content::Within, Content::Beside(&[b"content"])] {
            let outcomes = message.verify(content, &cms::Rules::default());
            for signed in outcomes.into_iter().flatten().flatten() {
                let judged = stamp::judge(&signed, message.certificates(), &means, now());
                assert!(judged.path.is_err(), "a path without an anchor");
            }
        }
    }
    let _padded = Message::padded(bytes);
    let _reply = stamp::token(bytes);
    assert!(stamp::verify(bytes, &Expected::over(b"content"), &means).is_err());
    for certificate in Certificate::all(bytes).into_iter().flatten() {
        let _texts = (certificate.subject_text(), certificate.holder_name());
    }
}

/// Nobody signs with a key that nobody used.
fn jws(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _header = jws::header(&text);
    assert!(jws::verify_compact(&text, unused()).is_err());
    assert!(jws::verify_detached(&text, b"payload", unused()).is_err());
    if let Ok(json) = jws::Json::read(bytes) {
        for entry in 0..json.entries().len() {
            assert!(json.verify(entry, unused()).is_err());
        }
    }
}

/// What is written of a structured field is read as the same, and written the same.
fn fields(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(all) = Dictionary::read(text) {
        let written = all.write();
        let again = Dictionary::read(&written).map(|all| all.write());
        assert_eq!(again.as_deref(), Ok(written.as_str()));
    }
    if let Ok(all) = structured::list(text) {
        let written = structured::write_list(&all);
        let again = structured::list(&written).map(|all| structured::write_list(&all));
        assert_eq!(again.as_deref(), Ok(written.as_str()));
    }
    let _item = Item::read(text);
}

/// Nothing is covered by somebody who is not trusted.
fn container(bytes: &[u8]) {
    let (trust, revocation) = (Trust::default(), Revocation::default());
    let _own = container::is_canonical(bytes);
    if let Ok(report) = container::verify(bytes, &means(&trust, &revocation), now()) {
        assert!(report.objects.iter().all(|object| !object.is_covered));
    }
}

/// No document is good without an anchor.
fn pdf(bytes: &[u8]) {
    let (trust, revocation) = (Trust::default(), Revocation::default());
    if let Ok(report) = pdf::verify(bytes, &means(&trust, &revocation), now()) {
        assert!(!report.is_good());
    }
}

/// What is read of a packet says what was repaired, however old it is.
fn edxml(bytes: &[u8]) {
    for old in [false, true] {
        let tolerance = edxml::Tolerance {
            old,
            limits: edxml::Limits::default(),
        };
        if let Ok(parsed) = edxml::parse(bytes, &tolerance) {
            assert_eq!(parsed.raw(), bytes);
            let _claims = (parsed.repairs().len(), parsed.claims().len());
        }
    }
}

/// Each has one spelling.
fn evidence(bytes: &[u8]) {
    if let Ok(draft) = Draft::read(bytes) {
        assert_eq!(draft.body(), bytes);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(proof) = ProofText::parse(text) {
        assert_eq!(proof.to_string(), text);
    }
}

fn means<'a>(trust: &'a Trust, revocation: &'a Revocation) -> Means<'a> {
    Means {
        trust,
        revocation,
        when_unknown: WhenUnknown::Tell,
        legacy: true,
    }
}

/// After everything that could have been signed.
fn now() -> Timestamp {
    Timestamp::from_second(1_900_000_000).expect("a moment in 2030")
}

/// A key whose other half is gone.
fn unused() -> &'static PublicKey {
    static KEY: OnceLock<PublicKey> = OnceLock::new();
    KEY.get_or_init(|| {
        let key = FileKey::generate(Algorithm::Ed25519).expect("a key");
        PublicKey::from_der(key.public()).expect("its public half")
    })
}
