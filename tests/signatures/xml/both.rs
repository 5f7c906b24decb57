//! Ours verified by others, theirs by us: every algorithm in every canonical form.

use std::fs;

use lienthong::model::signer::{Algorithm, Family, Hash};
use lienthong::signing::public::PublicKey;
use lienthong::signing::xml::{
    Binding, Bounds, Canonical, Card, Form, Keys, Method, Named, Place, Profile, Rules, Takes, Target, Used,
    sign, verify,
};
use serde_json::{Value, json};

use super::judges::{ask, identity, xmlsec1};

/// A document with what makes canonical forms differ.
const DOCUMENT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- hồ sơ -->\n\
<h:hoSo xmlns:h=\"urn:x:hs\" xmlns=\"urn:x:mac\" xmlns:thua=\"urn:x:thua\" xml:lang='vi'>\n\
  <h:than Id=\"than\" loai='1' thua:b=\"&quot;&#x9;2&#xA;\"><ten>Nguy&#7877;n &amp; Trần\n</ten><!-- trong --><rong/>\
<![CDATA[<&>]]></h:than>\n  <phu xmlns=\"\" Id=\"phu\"><h:x/></phu>\n</h:hoSo>\n<?het het?>\n";

/// The same for `signxml`, which takes its canonical forms from lxml: there a part does not inherit `xml:` attributes, what
/// stands beside the root element is no part of the document (against Canonical XML 1.0 §2.4 and §2.1), and `URI=""` covers
/// comments (against XMLDSig 1.1 §4.4.3.3).
fn plain() -> String {
    let inner = DOCUMENT.split_once("<h:hoSo").unwrap().1;
    let inner = inner
        .split_once("<?het")
        .unwrap()
        .0
        .trim_end()
        .replace(" xml:lang='vi'", "");
    let inner = inner.replace("<!-- trong -->", "");
    format!("<h:hoSo{inner}")
}

/// What the Debian program knows; the newer library in Python knows the rest, and the last is looked at by hand.
const OLD: [Algorithm; 5] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Es256,
    Algorithm::Es384,
];
const PSS: [Algorithm; 3] = [Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512];

fn forms() -> Vec<Canonical> {
    let mut forms = Vec::new();
    for form in [Form::Inclusive, Form::Inclusive11, Form::Exclusive] {
        for comments in [false, true] {
            forms.push(Canonical {
                comments,
                ..Canonical::new(form)
            });
        }
    }
    for prefixes in [vec!["thua".to_owned()], vec![String::new(), "thua".to_owned()]] {
        forms.push(Canonical {
            prefixes,
            ..Canonical::new(Form::Exclusive)
        });
    }
    forms
}

fn hash(algorithm: Algorithm) -> Hash {
    algorithm.hash().unwrap_or(Hash::Sha512)
}

fn profile(
    canonical: &Canonical,
    algorithm: Algorithm,
    certificates: &'static [Vec<u8>],
) -> Profile<'static> {
    Profile {
        canonical: canonical.clone(),
        digest: hash(algorithm),
        place: Place::Root,
        card: match certificates {
            [] => Card::Key,
            all => Card::Certificates(all),
        },
        id: None,
        signed_at: None,
        bounds: Bounds::default(),
    }
}

/// The certificate chain of a family, of one.
fn chain(family: Family) -> &'static [Vec<u8>] {
    std::slice::from_ref(&identity(family).der)
}

struct Ours {
    name: String,
    family: Family,
    document: String,
}

/// Every algorithm in every form, over the whole document and over an element that the signature does not stand in.
fn ours(document: &str, algorithms: &[Algorithm]) -> Vec<Ours> {
    let mut all = Vec::new();
    for algorithm in algorithms {
        let (algorithm, family) = (*algorithm, algorithm.family());
        let key = identity(family).signer(algorithm);
        for canonical in forms() {
            for (kind, targets) in [
                ("document", vec![Target::Document]),
                ("element", vec![Target::Element("than")]),
                ("both", vec![Target::Element("phu"), Target::Document]),
            ] {
                let profile = profile(&canonical, algorithm, chain(family));
                let signed = sign(document.as_bytes(), &targets, &profile, &key).unwrap();
                all.push(Ours {
                    name: format!("{algorithm} {} {:?} {kind}", canonical.uri(), canonical.prefixes),
                    family,
                    document: String::from_utf8(signed.into_bytes()).unwrap(),
                });
            }
        }
    }
    all
}

/// Asks about all and expects one answer from each.
fn all_good(question: &str, ours: &[Ours], case: impl Fn(&Ours) -> Value) {
    let cases: Vec<Value> = ours.iter().map(case).collect();
    for (one, answer) in ours.iter().zip(ask(question, &cases)) {
        assert_eq!(answer, Ok("good".to_owned()), "{}\n{}", one.name, one.document);
    }
}

#[test]
fn xmlsec1_verifies_ours() {
    let folder = tempfile::tempdir().unwrap();
    for one in ours(DOCUMENT, &OLD) {
        fs::write(folder.path().join("signed.xml"), &one.document).unwrap();
        fs::write(folder.path().join("key.pem"), &identity(one.family).certificate).unwrap();
        let arguments = [
            "--verify",
            "--id-attr:Id",
            "than",
            "--id-attr:Id",
            "phu",
            "--pubkey-cert-pem",
            "key.pem",
        ];
        let outcome = xmlsec1(folder.path(), &[&arguments[..], &["signed.xml"]].concat());
        assert_eq!(outcome, Ok(()), "{}\n{}", one.name, one.document);
        // The same with one letter changed is refused, so the program did look.
        fs::write(
            folder.path().join("signed.xml"),
            one.document.replacen("Nguy", "Ngụy", 1),
        )
        .unwrap();
        let outcome = xmlsec1(folder.path(), &[&arguments[..], &["signed.xml"]].concat());
        assert!(outcome.is_err(), "{}", one.name);
    }
}

#[test]
fn a_newer_libxmlsec_verifies_ours_pss_too() {
    let algorithms = [&OLD[..], &PSS].concat();
    all_good(
        "libxmlsec-verify",
        &ours(DOCUMENT, &algorithms),
        |one| json!({"document": one.document, "certificate": identity(one.family).certificate}),
    );
}

#[test]
fn signxml_verifies_ours() {
    let algorithms = [&OLD[..], &PSS].concat();
    // It is told to expect one reference; lxml knows no `#default` among the prefixes.
    let ours: Vec<Ours> = ours(&plain(), &algorithms)
        .into_iter()
        .filter(|one| !one.name.ends_with("both") && !one.name.contains("[\"\""))
        .collect();
    all_good(
        "signxml-verify",
        &ours,
        |one| json!({"document": one.document, "certificate": identity(one.family).certificate, "references": 1}),
    );
}

#[test]
fn ed25519_is_verified_by_libxml2_and_another_cryptography() {
    let key = identity(Family::Ed25519).signer(Algorithm::Ed25519);
    let profile = Profile {
        digest: Hash::Sha256,
        ..profile(&Canonical::new(Form::Exclusive), Algorithm::Ed25519, &[])
    };
    let signed = sign(DOCUMENT.as_bytes(), &[Target::Document], &profile, &key).unwrap();
    let document = String::from_utf8(signed.into_bytes()).unwrap();
    let case = json!({"document": document, "public": identity(Family::Ed25519).public});
    assert_eq!(ask("by-hand", &[case]), [Ok("good".to_owned())]);
}

/// A signature that lacks its values, for a program to fill in.
fn template(algorithm: Algorithm, canonical: &Canonical, uri: &str) -> String {
    let name = |uri: &str, hash: Hash| match hash {
        Hash::Sha256 => format!("{uri}256"),
        Hash::Sha384 => format!("{uri}384"),
        Hash::Sha512 => format!("{uri}512"),
    };
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    let method = match algorithm.family() {
        Family::Rsa if algorithm.is_pss() => {
            format!(
                "{}-rsa-MGF1",
                name("http://www.w3.org/2007/05/xmldsig-more#sha", hash(algorithm))
            )
        }
        Family::Rsa => name(&format!("{more}rsa-sha"), hash(algorithm)),
        Family::P256 | Family::P384 => name(&format!("{more}ecdsa-sha"), hash(algorithm)),
        Family::Ed25519 => unreachable!("no program here knows it"),
    };
    let digest = match hash(algorithm) {
        Hash::Sha384 => format!("{more}sha384"),
        hash @ (Hash::Sha256 | Hash::Sha512) => name("http://www.w3.org/2001/04/xmlenc#sha", hash),
    };
    let prefixes = match canonical.prefixes.is_empty() {
        true => String::new(),
        false => {
            let all = canonical.prefixes.join(" ").replacen(
                ' ',
                "#default ",
                usize::from(canonical.prefixes.len() > 1),
            );
            format!(
                "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{all}\"/>"
            )
        }
    };
    let enveloped = match uri {
        "" => "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
        _ => "",
    };
    let form = canonical.uri();
    let signature = format!(
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\n <SignedInfo>\n  \
         <CanonicalizationMethod Algorithm=\"{form}\"/>\n  <SignatureMethod Algorithm=\"{method}\"/>\n  \
         <Reference URI=\"{uri}\">\n   <Transforms>{enveloped}<Transform Algorithm=\"{form}\">{prefixes}</Transform></Transforms>\n   \
         <DigestMethod Algorithm=\"{digest}\"/>\n   <DigestValue/>\n  </Reference>\n </SignedInfo>\n \
         <SignatureValue/>\n <KeyInfo>\n  <X509Data/>\n </KeyInfo>\n</Signature>"
    );
    DOCUMENT.replace("</h:hoSo>", &format!("{signature}</h:hoSo>"))
}

/// Verifies what a program signed, by its known key and by the certificate that came along.
fn believe(document: &str, algorithm: Algorithm, takes: Takes<'_>, name: &str) {
    let identity = identity(algorithm.family());
    let keys = [PublicKey::from_pem(identity.public.as_bytes()).unwrap()];
    let report = verify(document.as_bytes(), &Rules::new(Keys::Known(&keys), takes))
        .unwrap_or_else(|why| panic!("{name}: {why}\n{document}"));
    assert_eq!(report.method, Method::Key(algorithm), "{name}");
    let report = verify(document.as_bytes(), &Rules::new(Keys::Embedded, takes)).unwrap();
    assert_eq!(report.key, Used::Certificate(identity.der.clone()), "{name}");
    let changed = document.replacen("Nguy", "Ngụy", 1);
    assert!(
        verify(changed.as_bytes(), &Rules::new(Keys::Known(&keys), takes)).is_err(),
        "{name}"
    );
}

const WAYS: [(&str, Takes<'static>); 2] = [("", Takes::Document), ("#than", Takes::Element("than"))];

#[test]
fn we_verify_xmlsec1() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for algorithm in OLD {
        let identity = identity(algorithm.family());
        fs::write(at("key.pem"), &identity.key).unwrap();
        fs::write(at("certificate.pem"), &identity.certificate).unwrap();
        for canonical in forms() {
            for (uri, takes) in WAYS {
                let name = format!("{algorithm} {} {:?} {uri}", canonical.uri(), canonical.prefixes);
                fs::write(at("template.xml"), template(algorithm, &canonical, uri)).unwrap();
                let arguments = [
                    "--sign",
                    "--privkey-pem",
                    "key.pem,certificate.pem",
                    "--output",
                    "signed.xml",
                ];
                let ids = ["--id-attr:Id", "than", "template.xml"];
                xmlsec1(folder.path(), &[&arguments[..], &ids].concat()).unwrap();
                believe(
                    &fs::read_to_string(at("signed.xml")).unwrap(),
                    algorithm,
                    takes,
                    &name,
                );
            }
        }
    }
}

#[test]
fn we_verify_a_newer_libxmlsec() {
    let (mut cases, mut names) = (Vec::new(), Vec::new());
    for algorithm in [&OLD[..], &PSS].concat() {
        for canonical in forms() {
            for (uri, takes) in WAYS {
                let identity = identity(algorithm.family());
                let document = template(algorithm, &canonical, uri);
                cases.push(
                    json!({"document": document, "key": identity.pem(), "certificate": identity.certificate}),
                );
                names.push((format!("{algorithm} {} {uri}", canonical.uri()), algorithm, takes));
            }
        }
    }
    for ((name, algorithm, takes), answer) in names.iter().zip(ask("libxmlsec-sign", &cases)) {
        let document = answer.unwrap_or_else(|why| panic!("{name}: {why}"));
        believe(&document, *algorithm, *takes, name);
    }
}

#[test]
fn we_verify_signxml() {
    let (mut cases, mut names) = (Vec::new(), Vec::new());
    let theirs = [
        (Algorithm::Rs256, "rsa-sha256", "sha256"),
        (Algorithm::Rs384, "rsa-sha384", "sha384"),
        (Algorithm::Rs512, "rsa-sha512", "sha512"),
        (Algorithm::Ps256, "sha256-rsa-MGF1", "sha256"),
        (Algorithm::Ps384, "sha384-rsa-MGF1", "sha384"),
        (Algorithm::Ps512, "sha512-rsa-MGF1", "sha512"),
        (Algorithm::Es256, "ecdsa-sha256", "sha256"),
        (Algorithm::Es384, "ecdsa-sha384", "sha512"),
    ];
    for (algorithm, named, digest) in theirs {
        for canonical in forms().into_iter().filter(|one| one.prefixes.is_empty()) {
            for (method, takes) in [("enveloped", Takes::Document), ("enveloping", Takes::Covered)] {
                let identity = identity(algorithm.family());
                cases.push(
                    json!({"document": plain(), "key": identity.pem(), "certificate": identity.certificate,
                    "algorithm": named, "digest": digest, "canonical": canonical.uri(), "method": method}),
                );
                names.push((format!("{named} {} {method}", canonical.uri()), algorithm, takes));
            }
        }
    }
    for ((name, algorithm, takes), answer) in names.iter().zip(ask("signxml-sign", &cases)) {
        let document = answer.unwrap_or_else(|why| panic!("{name}: {why}"));
        believe(&document, *algorithm, *takes, name);
    }
}

/// The algorithms of the XAdES tests, and what `signxml` calls them.
const ATTESTED: [(Algorithm, &str); 4] = [
    (Algorithm::Rs256, "rsa-sha256"),
    (Algorithm::Ps256, "sha256-rsa-MGF1"),
    (Algorithm::Es256, "ecdsa-sha256"),
    (Algorithm::Es384, "ecdsa-sha384"),
];

#[test]
fn our_xades_is_verified_by_signxml() {
    let moment = 1_795_392_000_000;
    let mut ours = Vec::new();
    for (algorithm, _) in ATTESTED {
        let signer = identity(algorithm.family()).signer(algorithm);
        for canonical in forms().into_iter().filter(|one| one.prefixes.is_empty()) {
            let profile = Profile {
                id: Some("chu-ky"),
                signed_at: Some(moment),
                ..profile(&canonical, algorithm, chain(algorithm.family()))
            };
            let signed = sign(plain().as_bytes(), &[Target::Document], &profile, &signer).unwrap();
            let document = String::from_utf8(signed.into_bytes()).unwrap();
            let report = verify(document.as_bytes(), &Rules::new(Keys::Embedded, Takes::Document)).unwrap();
            let attested = report.attested.unwrap();
            assert_eq!(
                (attested.signed_at_millis, attested.names_certificate),
                (Some(moment), Binding::Held)
            );
            ours.push(Ours {
                name: format!("{algorithm} {}", canonical.uri()),
                family: algorithm.family(),
                document,
            });
        }
    }
    all_good(
        "signxml-verify",
        &ours,
        |one| json!({"document": one.document, "certificate": identity(one.family).certificate, "references": 2, "xades": true}),
    );
}

#[test]
fn signxmls_xades_is_verified_by_us() {
    let (mut cases, mut names) = (Vec::new(), Vec::new());
    for (algorithm, named) in ATTESTED {
        let identity = identity(algorithm.family());
        // Of the properties it hashes the profile's form and names none, so that only the inclusive ones are right (xmlsec1
        // says so too), and before they stand in the document, so that there may be no namespaces around.
        for canonical in forms().into_iter().filter(|one| one.form != Form::Exclusive) {
            cases.push(
                json!({"document": "<hoSo><ten>Trần</ten></hoSo>", "key": identity.pem(),
                "certificate": identity.certificate, "algorithm": named, "digest": "sha256",
                "canonical": canonical.uri(), "method": "enveloped", "xades": true}),
            );
            names.push((format!("{algorithm} {}", canonical.uri()), algorithm));
        }
    }
    for ((name, algorithm), answer) in names.iter().zip(ask("signxml-sign", &cases)) {
        let document = answer.unwrap_or_else(|why| panic!("{name}: {why}"));
        let report = verify(document.as_bytes(), &Rules::new(Keys::Embedded, Takes::Document)).unwrap();
        assert_eq!(report.method, Method::Key(*algorithm));
        let attested = report.attested.unwrap();
        assert_eq!(attested.names_certificate, Binding::Held, "{name}");
        assert!(attested.signed_at_millis.is_some(), "{name}");
    }
}

#[test]
fn detached_bytes_are_verified_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = b"nh\xe1\xbb\x8b ph\xc3\xa2n \0\xff";
    fs::write(folder.path().join("giay.bin"), file).unwrap();
    let targets = [Target::Outside {
        uri: "giay.bin",
        bytes: file,
        media_type: "application/octet-stream",
    }];
    for algorithm in OLD {
        let profile = Profile {
            place: Place::Alone,
            ..profile(
                &Canonical::new(Form::Exclusive),
                algorithm,
                chain(algorithm.family()),
            )
        };
        let identity = identity(algorithm.family());
        let signed = sign(b"", &targets, &profile, &identity.signer(algorithm)).unwrap();
        fs::write(folder.path().join("signed.xml"), signed.bytes()).unwrap();
        fs::write(folder.path().join("key.pem"), &identity.certificate).unwrap();
        let verified = xmlsec1(
            folder.path(),
            &["--verify", "--pubkey-cert-pem", "key.pem", "signed.xml"],
        );
        assert_eq!(verified, Ok(()), "{algorithm}");
        let outside = [Named {
            uri: "giay.bin",
            bytes: file,
        }];
        let rules = Rules {
            outside: &outside,
            ..Rules::new(Keys::Embedded, Takes::Outside)
        };
        assert_eq!(verify(signed.bytes(), &rules).unwrap().covered[0].bytes, file);
    }
}
