//! Published vectors (XMLDSig interop of Merlin, Phaos, W3C 2012, Aleksey and others; XAdES; canonical forms), every one with
//! what becomes of it: `expected.txt` is the table, and a change in it is a change in what is believed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use lienthong::signing::public::PublicKey;
use lienthong::signing::xml::{
    Bounds, Canonical, Form, Keys, Named, Refusal, Report, Rules, Takes, What, canonical, describe, verify,
};
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::x509::X509;

use super::judges::place;

/// The secrets of the HMAC vectors, as their readme files tell them.
const SECRETS: [&[u8]; 3] = [b"secret", b"test", b"testkey"];

/// The folders, and the names that they have in the table.
const SETS: [(&str, &str); 16] = [
    ("merlin", "xml-sec/xmldsig/merlin-xmldsig-twenty-three"),
    ("merlin", "signxml/test/interop/merlin-xmldsig-twenty-three"),
    ("phaos", "xml-sec/xmldsig/phaos-xmldsig-three"),
    ("phaos", "signxml/test/interop/phaos-xmldsig-three"),
    ("w3c-2012", "xml-sec/xmldsig/xmldsig11-interop-2012"),
    ("w3c-2012", "signxml/test/interop/TR2012"),
    ("w3c-2ed", "xml-sec/xmldsig/xmldsig2ed-tests"),
    ("aleksey", "xml-sec/xmldsig/aleksey-xmldsig-01"),
    ("aleksey", "signxml/test/interop/aleksey-xmldsig-01"),
    ("aleksey", "signxml/test/interop/aleksey-xmldsig-01-enveloped"),
    ("exc-c14n", "xml-sec/c14n/merlin-exc-c14n-one"),
    ("c14n", "xml-sec/c14n/merlin-c14n-three"),
    ("others", "signxml/test/interop/pyXMLSecurity"),
    ("others", "signxml/test/interop/xml-crypto"),
    ("others", "signxml/test/interop/soap"),
    ("xades", "signxml/test/xades"),
];

/// One vector: its place in the table, its bytes, and the folder of what it refers to.
struct Vector {
    name: String,
    bytes: Vec<u8>,
    folder: PathBuf,
}

/// All that hold a signature, each once though several packages carry it.
fn vectors() -> Vec<Vector> {
    let (mut all, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for (set, folder) in SETS {
        let folder = place().join(folder);
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        for path in entries.filter(|path| path.extension().is_some_and(|ending| ending == "xml")) {
            let (stem, bytes) = (path.file_name().unwrap().to_str().unwrap(), read(&path));
            let signed = bytes.windows(14).any(|part| part == b"SignatureValue");
            if !signed || stem.starts_with("full-doc") || !seen.insert(sha256(&bytes)) {
                continue;
            }
            // The other package's file of the same name, when it is not the same.
            let known = all.contains_key(&format!("{set}/{stem}"));
            let name = format!("{set}/{stem}{}", "'".repeat(usize::from(known)));
            let folder = folder.clone();
            all.insert(name.clone(), Vector { name, bytes, folder });
        }
    }
    all.into_values().collect()
}

/// Public keys that vectors are signed with and do not carry: those of the packages, and those that lie beside the vector.
fn known(vector: &Vector) -> Vec<PublicKey> {
    let mut keys = Vec::new();
    let packages = [
        "xml-sec/keys/rsa",
        "xml-sec/keys/ec",
        "xml-sec/xmldsig/keys/eddsa",
    ]
    .map(|folder| place().join(folder));
    for folder in packages.iter().chain([&vector.folder]) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = read(&path);
            // A private key under a passphrase would ask for it.
            if bytes.windows(12).any(|part| part == b" PRIVATE KEY") {
                continue;
            }
            let certificate = X509::from_pem(&bytes).and_then(|one| one.public_key());
            let key = PKey::public_key_from_pem(&bytes).or(certificate);
            keys.extend(key.ok().and_then(|key| PublicKey::new(key).ok()));
        }
    }
    keys
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_default()
}

/// What the references out of a vector lead to.
fn outside(vector: &Vector) -> Vec<(&'static str, Vec<u8>)> {
    let shared = place().join("xml-sec/xmldsig/external-data");
    vec![
        ("document.xml", read(&vector.folder.join("document.xml"))),
        ("document.b64", read(&vector.folder.join("document.b64"))),
        (
            "http://www.w3.org/TR/xml-stylesheet",
            read(&shared.join("xml-stylesheet-2005")),
        ),
        (
            "http://www.w3.org/Signature/2002/04/xml-stylesheet.b64",
            read(&shared.join("xml-stylesheet-2005.b64")),
        ),
        (
            "http://www.ietf.org/rfc/rfc3161.txt",
            read(&shared.join("rfc3161.txt")),
        ),
    ]
}

/// Everything that a caller can know of a vector is tried: its own key, the known ones, the secrets. What the signature says
/// of its own key is the reason when none is right.
fn outcome(vector: &Vector, outside: &[Named<'_>], signature: Option<&str>) -> Result<Report, Refusal> {
    let with = |keys: Keys<'_>| {
        let rules = Rules {
            legacy: true,
            references: 32,
            outside,
            signature,
            ..Rules::new(keys, Takes::Covered)
        };
        verify(&vector.bytes, &rules)
    };
    let own = with(Keys::Embedded);
    let hmac = read(&place().join("xml-sec/keys/hmackey.bin"));
    let secrets = SECRETS.into_iter().chain([hmac.as_slice()]).map(Keys::Secret);
    match own {
        Err(Refusal::Confusion) => secrets.map(with).find_map(Result::ok).ok_or(Refusal::Value),
        Err(Refusal::Keyless) => with(Keys::Known(&known(vector))).or(Err(Refusal::Keyless)),
        other => other,
    }
}

/// The line of a vector: how many of its references hold, and what becomes of its signatures.
fn line(vector: &Vector) -> String {
    let files = outside(vector);
    let outside: Vec<Named<'_>> = files.iter().map(|(uri, bytes)| Named { uri, bytes }).collect();
    let rules = Rules {
        legacy: true,
        references: 32,
        outside: &outside,
        ..Rules::new(Keys::Embedded, Takes::Covered)
    };
    let described = describe(&vector.bytes, &rules);
    let described: Vec<_> = described.iter().flatten().flatten().collect();
    let references: Vec<_> = described.iter().flat_map(|one| &one.references).collect();
    let good = references.iter().filter(|one| one.is_ok()).count();
    let told = |outcome: Result<Report, Refusal>| match outcome {
        Ok(report) if report.is_weak() => "good, weak".to_owned(),
        Ok(_) => "good".to_owned(),
        Err(why) => format!("{why:?}"),
    };
    let told = match outcome(vector, &outside, None) {
        Err(Refusal::Several) => {
            let each = described
                .iter()
                .map(|one| told(outcome(vector, &outside, one.id.as_deref())));
            format!("each: {}", each.collect::<Vec<_>>().join("; "))
        }
        one => told(one),
    };
    format!("{:<70} {good:>2}/{:<2}  {told}\n", vector.name, references.len())
}

const EXPECTED: &str = include_str!("expected.txt");

/// Why vectors are refused that their authors call good, and how many; the last ones are refused by their authors too.
const REASONS: [(&str, usize, &str); 15] = [
    (
        "UnknownAlgorithm",
        60,
        "DSA, MD5, RIPEMD-160, SHA-224, SHA-3, ECDSA with SHA-1 or P-521's SHA-512: not used here",
    ),
    ("Short(1024)", 31, "RSA below 2,048 bits (Thông tư 15/2025)"),
    (
        "Xpath",
        15,
        "a choice by XPath or XPath Filter 2.0: what is covered could not be told",
    ),
    ("Truncated", 11, "an HMAC shorter than its hash"),
    (
        "Keyless",
        7,
        "a key that must be looked up by name, serial number, digest or at another place",
    ),
    (
        "Foreign",
        6,
        "the key form of RFC 4050, which XMLDSig 1.1 replaced",
    ),
    (
        "Curve",
        5,
        "a curve that the algorithm has not in this house (JWA's pairs), P-521, brainpool",
    ),
    ("Unreadable(Doctype)", 2, "a document type declaration"),
    ("Xslt", 1, "a transform by XSLT"),
    ("UnknownDigest", 1, "SHA-224"),
    (
        "Value",
        7,
        "three keys encapsulated with ML-KEM; a bad transform, two altered signatures, one that libxmlsec refuses too",
    ),
    (
        "Base64",
        2,
        "certificate digests that were made wrong on purpose, not base64 any more",
    ),
    (
        "Certificate",
        2,
        "a certificate's digest or serial number that was made wrong on purpose",
    ),
    (
        "Shape",
        1,
        "a digest that was made wrong on purpose, by leaving it out",
    ),
    (
        "Properties",
        1,
        "XAdES properties about `#Signature` where the signature is `signature`",
    ),
];

#[test]
fn every_refusal_of_a_vector_has_its_reason() {
    let told = |line: &str| line.get(76..).unwrap_or_default().trim().to_owned();
    let all: Vec<String> = EXPECTED.lines().map(told).collect();
    let mut refused = 0;
    for (refusal, count, why) in REASONS {
        let found = all
            .iter()
            .filter(|one| one.trim_start_matches("each: ").starts_with(refusal));
        assert_eq!(found.count(), count, "{refusal}: {why}");
        refused += count;
    }
    let good = all
        .iter()
        .filter(|one| one.trim_start_matches("each: ").starts_with("good"))
        .count();
    assert_eq!((good, refused, all.len()), (83, 152, 235));
}

#[test]
fn every_published_vector_comes_out_as_the_table_says() {
    let table: String = vectors().iter().map(line).collect();
    for (line, expected) in table.lines().zip(EXPECTED.lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(table, EXPECTED);
}

#[test]
fn what_is_weak_is_refused_unless_it_is_asked_for() {
    let mut weak = 0;
    for vector in vectors() {
        let files = outside(&vector);
        let outside: Vec<Named<'_>> = files.iter().map(|(uri, bytes)| Named { uri, bytes }).collect();
        let rules = Rules {
            outside: &outside,
            ..Rules::new(Keys::Embedded, Takes::Covered)
        };
        let old = Rules {
            legacy: true,
            ..rules
        };
        if verify(&vector.bytes, &old).is_ok_and(|report| report.is_weak()) {
            weak += 1;
            assert_eq!(
                verify(&vector.bytes, &rules).unwrap_err(),
                Refusal::Weak,
                "{}",
                vector.name
            );
        }
    }
    assert_eq!(weak, 4);
}

#[test]
fn what_references_cover_is_what_their_authors_wrote_beside_them() {
    let folder = place().join("signxml/test/interop/merlin-xmldsig-twenty-three");
    let mut compared = 0;
    for vector in vectors().iter().filter(|one| one.name.starts_with("merlin/")) {
        let stem = vector.name.trim_start_matches("merlin/").trim_end_matches(".xml");
        let files = outside(vector);
        let outside: Vec<Named<'_>> = files.iter().map(|(uri, bytes)| Named { uri, bytes }).collect();
        let rules = Rules {
            legacy: true,
            references: 32,
            outside: &outside,
            ..Rules::new(Keys::Embedded, Takes::Covered)
        };
        let described = describe(&vector.bytes, &rules).unwrap_or_default();
        let references = described
            .iter()
            .flatten()
            .flat_map(|one| one.references.iter().enumerate());
        // Of what is no XML they wrote nothing.
        let covered = references.filter_map(|(index, one)| Some((index, one.as_ref().ok()?)));
        let xml =
            covered.filter(|(_, one)| one.bytes.starts_with(b"<") && !matches!(one.what, What::Outside(_)));
        for (index, covered) in xml {
            if let Ok(theirs) = fs::read(folder.join(format!("{stem}-c14n-{index}.txt"))) {
                assert_eq!(covered.bytes, theirs, "{stem} {index}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 5);
}

#[test]
fn whole_documents_have_the_canonical_forms_of_the_published_sets() {
    let forms = [
        ("full-doc-c14n10.xml", Form::Inclusive),
        ("full-doc-c14n11.xml", Form::Inclusive11),
        ("full-doc-exc-c14n.xml", Form::Exclusive),
    ];
    let mut compared = 0;
    for (set, document) in [
        ("merlin-c14n-three", "signature.xml"),
        ("merlin-exc-c14n-one", "exc-signature.xml"),
        ("c14n11", "xml-base-input.xml"),
    ] {
        let folder = place().join("xml-sec/c14n").join(set);
        for (file, form) in forms {
            let Ok(theirs) = fs::read(folder.join(file)) else {
                continue;
            };
            let method = Canonical {
                comments: true,
                ..Canonical::new(form)
            };
            let ours = canonical(&read(&folder.join(document)), None, &method, &Bounds::default());
            assert_eq!(ours, Ok(theirs), "{set} {file}");
            compared += 1;
        }
    }
    assert_eq!(compared, 7);
}
