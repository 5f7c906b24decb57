//! Signing and verifying against each other: every algorithm in every form, and every way that is known to deceive.

use std::sync::LazyLock;

use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509NameBuilder};

use super::{
    Binding, Bounds, Canonical, Card, Digest, Form, Formless, Keys, Method, Named, Place, Profile, Refusal,
    Report, Rules, Signed, Takes, Target, Transform, Unreadable, Unsignable, Used, What, describe, prepare,
    sign, verify,
};
use crate::keys::FileKey;
use crate::model::signer::{Algorithm, Family, Hash, Signer};
use crate::signing::public::PublicKey;

/// A document with what makes canonical forms differ: namespaces around and inside, `xml:` attributes, comments, references.
const DOCUMENT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- hồ sơ -->\n\
<h:hoSo xmlns:h=\"urn:x:hs\" xmlns=\"urn:x:mac\" xmlns:thua=\"urn:x:thua\" xml:lang='vi' xml:base=\"http://x.example/a/\">\r\n\
  <h:than Id=\"than\" loai='1' thua:b=\"&quot;&#x9;2&#xA;\" xml:base=\"b/\"><ten>Nguy&#7877;n &amp; Trần\r\n</ten><!-- bên trong --><rong/>\
<![CDATA[<&>]]></h:than>\n  <phu xmlns=\"\" Id=\"phu\"><h:x/></phu>\n</h:hoSo>\n<?het het?>\n";

/// A key of every family; RSA is dear to make.
fn key(algorithm: Algorithm) -> FileKey {
    static PEMS: LazyLock<Vec<(Family, Vec<u8>)>> = LazyLock::new(|| {
        let pem = |key: PKey<openssl::pkey::Private>| key.private_key_to_pem_pkcs8().unwrap();
        let curve = |nid| {
            let group = openssl::ec::EcGroup::from_curve_name(nid).unwrap();
            PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap()
        };
        vec![
            (
                Family::Rsa,
                pem(PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap()),
            ),
            (Family::P256, pem(curve(openssl::nid::Nid::X9_62_PRIME256V1))),
            (Family::P384, pem(curve(openssl::nid::Nid::SECP384R1))),
            (Family::Ed25519, pem(PKey::generate_ed25519().unwrap())),
        ]
    });
    FileKey::from_pem(&pem(algorithm.family(), &PEMS))
        .unwrap()
        .using(algorithm)
        .unwrap()
}

fn pem(family: Family, all: &[(Family, Vec<u8>)]) -> Vec<u8> {
    all.iter().find(|one| one.0 == family).unwrap().1.clone()
}

fn public(algorithm: Algorithm) -> PublicKey {
    PublicKey::from_der(key(algorithm).public()).unwrap()
}

/// A certificate of the key, signed by a key of its own that nobody needs to trust here.
fn certificate(algorithm: Algorithm, name: &str) -> Vec<u8> {
    let issuer = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(&subject).unwrap();
    builder
        .set_not_before(&Asn1Time::from_unix(1_700_000_000).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::from_unix(2_000_000_000).unwrap())
        .unwrap();
    builder
        .set_pubkey(&PKey::public_key_from_der(key(algorithm).public()).unwrap())
        .unwrap();
    builder.sign(&issuer, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

fn profile(form: Form) -> Profile<'static> {
    Profile {
        canonical: Canonical::new(form),
        digest: Hash::Sha256,
        place: Place::Root,
        card: Card::None,
        id: None,
        signed_at: None,
        bounds: Bounds::default(),
    }
}

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
    forms.push(Canonical {
        prefixes: vec![String::new(), "thua".to_owned()],
        ..Canonical::new(Form::Exclusive)
    });
    forms
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn every_algorithm_in_every_form_signs_what_is_then_verified() {
    for algorithm in Algorithm::ALL {
        for canonical in forms() {
            for place in [Place::Root, Place::Element("than"), Place::Element("phu")] {
                signs_and_verifies(algorithm, &canonical, place);
            }
        }
    }
}

fn signs_and_verifies(algorithm: Algorithm, canonical: &Canonical, place: Place<'static>) {
    let keys = [public(algorithm)];
    let profile = Profile {
        canonical: canonical.clone(),
        place,
        ..profile(Form::Exclusive)
    };
    for (target, takes) in [
        (Target::Document, Takes::Document),
        (
            Target::Element("than"),
            Takes::Path(&[("urn:x:hs", "hoSo"), ("urn:x:hs", "than")]),
        ),
    ] {
        let signed = sign(DOCUMENT.as_bytes(), &[target], &profile, &key(algorithm)).unwrap();
        let report = verify(signed.bytes(), &Rules::new(Keys::Known(&keys), takes));
        let report = report.unwrap_or_else(|why| panic!("{why}: {}", text(signed.bytes())));
        assert_eq!(report.method, Method::Key(algorithm));
        assert_eq!(report.key, Used::Known(0));
        assert!(!report.is_weak());
    }
}

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const KEY: Algorithm = Algorithm::Es256;

/// `DOCUMENT` signed whole, in the exclusive form.
fn signed() -> String {
    let signed = sign(
        DOCUMENT.as_bytes(),
        &[Target::Document],
        &profile(Form::Exclusive),
        &key(KEY),
    )
    .unwrap();
    String::from_utf8(signed.into_bytes()).unwrap()
}

/// `document` with its one element of an identifier signed.
fn signed_element(document: &str, id: &str) -> String {
    let signed = sign(
        document.as_bytes(),
        &[Target::Element(id)],
        &profile(Form::Exclusive),
        &key(KEY),
    )
    .unwrap();
    String::from_utf8(signed.into_bytes()).unwrap()
}

/// What stands between two marks, once.
fn between<'a>(document: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = document.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

/// The document with its `SignedInfo` changed by whoever holds the key, and signed again.
fn forged(document: &str, change: impl Fn(&str) -> String, value: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let (start, end) = ("<ds:SignedInfo>", "</ds:SignedInfo>");
    let info = between(document, start, end);
    let changed = change(info);
    let canonical = format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{changed}{end}");
    let old = between(document, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let new = data_encoding::BASE64.encode(&value(canonical.as_bytes()));
    document.replace(info, &changed).replace(old, &new)
}

/// The same by the key that the other tests know.
fn resigned(document: &str, change: impl Fn(&str) -> String) -> String {
    forged(document, change, |message| key(KEY).sign(message).unwrap())
}

fn judge(document: &str, takes: Takes<'_>) -> Result<Report, Refusal> {
    let keys = [public(KEY)];
    verify(document.as_bytes(), &Rules::new(Keys::Known(&keys), takes))
}

fn refusal(document: &str) -> Refusal {
    judge(document, Takes::Covered).unwrap_err()
}

#[test]
fn what_was_signed_is_what_is_handed_back() {
    let report = judge(&signed(), Takes::Document).unwrap();
    let [one] = report.covered.as_slice() else {
        panic!("{report:?}")
    };
    assert_eq!(one.what, What::Document);
    let exclusive = Canonical::new(Form::Exclusive);
    assert_eq!(
        one.transforms,
        [Transform::Enveloped, Transform::Canonical(exclusive.clone())]
    );
    assert_eq!(one.digest, Digest::Sha2(Hash::Sha256));
    // Comments are not covered, and so are not handed back.
    assert_eq!(
        text(&one.bytes),
        text(&super::canonical(DOCUMENT.as_bytes(), None, &exclusive, &Bounds::default()).unwrap())
    );
    assert!(!text(&one.bytes).contains("<!--") && text(&one.bytes).contains("&lt;&amp;&gt;"));

    let report = judge(&signed_element(DOCUMENT, "than"), Takes::Element("than")).unwrap();
    let (id, name) = ("than".to_owned(), "than".to_owned());
    assert_eq!(
        report.covered[0].what,
        What::Element {
            id,
            name,
            within: false
        }
    );
    assert!(text(&report.covered[0].bytes).starts_with("<h:than xmlns:h=\"urn:x:hs\""));
}

#[test]
fn an_empty_element_can_hold_a_signature_and_crlf_becomes_lf() {
    for document in ["<a/>", "<p:a xmlns:p='urn:p' />", "<a>\r\n</a\r\n>"] {
        let signed = sign(
            document.as_bytes(),
            &[Target::Document],
            &profile(Form::Inclusive),
            &key(KEY),
        )
        .unwrap();
        let report = judge(text(signed.bytes()), Takes::Document).unwrap();
        assert!(!report.covered[0].bytes.contains(&b'\r'));
    }
}

#[test]
fn a_draft_can_be_signed_elsewhere_and_later() {
    let own = key(KEY);
    let draft = prepare(
        DOCUMENT.as_bytes(),
        &[Target::Document],
        &profile(Form::Inclusive),
        (KEY, own.public()),
    )
    .unwrap();
    let value = own.sign(draft.to_sign()).unwrap();
    let signed = draft.finish(&value).unwrap();
    judge(text(signed.bytes()), Takes::Document).unwrap();
    let draft = prepare(
        DOCUMENT.as_bytes(),
        &[Target::Document],
        &profile(Form::Inclusive),
        (KEY, own.public()),
    )
    .unwrap();
    assert!(matches!(draft.finish(&[1; 70]), Err(Unsignable::Value(KEY))));
}

#[test]
fn an_identifier_that_stands_twice_is_ambiguous() {
    let document = signed_element(DOCUMENT, "than");
    for twin in [
        "<ten Id=\"than\"/>",
        "<ten ID=\"than\"/>",
        "<ten id='than'/>",
        "<ten xml:id=\"than\"/>",
    ] {
        let twice = document.replacen("<phu ", &format!("{twin}<phu "), 1);
        assert_eq!(refusal(&twice), Refusal::Ambiguous(0), "{twin}");
    }
}

#[test]
fn a_signed_element_that_was_moved_aside_is_not_what_is_taken() {
    let path = [("urn:x:hs", "hoSo"), ("urn:x:hs", "than")];
    let document = signed_element(DOCUMENT, "than");
    judge(&document, Takes::Path(&path)).unwrap();
    let start = document.find("<h:than").unwrap();
    let end = document.find("</h:than>").unwrap() + "</h:than>".len();
    let original = &document[start..end];
    let evil = original.replace("Trần", "Kẻ gian");
    // The signed one in an inner place, another where it stood: with another identifier, with none.
    for evil in [
        evil.replace("Id=\"than\"", "Id=\"khac\""),
        evil.replace(" Id=\"than\"", ""),
    ] {
        let wrapped = document.replace(original, &format!("{evil}<h:boc>{original}</h:boc>"));
        judge(&wrapped, Takes::Covered).unwrap();
        assert_eq!(
            judge(&wrapped, Takes::Path(&path)).unwrap_err(),
            Refusal::Elsewhere
        );
        assert_eq!(judge(&wrapped, Takes::Document).unwrap_err(), Refusal::Elsewhere);
        // Hidden in the signature itself.
        let object = format!("<ds:Object>{original}</ds:Object></ds:Signature>");
        let hidden = document
            .replace(original, &evil)
            .replace("</ds:Signature>", &object);
        assert_eq!(
            judge(&hidden, Takes::Path(&path)).unwrap_err(),
            Refusal::Elsewhere
        );
    }
    // Beside each other.
    let twice = document.replace(
        original,
        &format!("{original}{}", evil.replace("Id=\"than\"", "Id=\"khac\"")),
    );
    assert_eq!(judge(&twice, Takes::Path(&path)).unwrap_err(), Refusal::Untakable);
    assert_eq!(
        judge(&document, Takes::Element("phu")).unwrap_err(),
        Refusal::Elsewhere
    );
}

#[test]
fn what_hides_in_the_signature_is_not_covered_by_the_whole_document() {
    let document = signed().replace(
        "</ds:Signature>",
        "<ds:Object><x Id=\"an\" xmlns=\"urn:x:an\"/></ds:Object></ds:Signature>",
    );
    judge(&document, Takes::Document).unwrap();
    assert_eq!(
        judge(&document, Takes::Element("an")).unwrap_err(),
        Refusal::Elsewhere
    );
}

#[test]
fn a_reference_out_of_the_document_needs_the_callers_bytes() {
    let profile = Profile {
        place: Place::Alone,
        ..profile(Form::Exclusive)
    };
    let targets = [Target::Outside {
        uri: "giay.pdf",
        bytes: b"%PDF",
        media_type: "application/pdf",
    }];
    let signed = sign(b"", &targets, &profile, &key(KEY)).unwrap();
    assert_eq!(refusal(text(signed.bytes())), Refusal::External(0));
    let keys = [public(KEY)];
    let with = |bytes, uri| {
        let outside = [Named { uri, bytes }];
        let rules = Rules {
            outside: &outside,
            ..Rules::new(Keys::Known(&keys), Takes::Outside)
        };
        verify(signed.bytes(), &rules)
    };
    assert_eq!(
        with(b"%PDF", "giay.pdf").unwrap().covered[0].what,
        What::Outside("giay.pdf".to_owned())
    );
    assert_eq!(with(b"%PDG", "giay.pdf").unwrap_err(), Refusal::Digest(0));
    assert_eq!(with(b"%PDF", "khac.pdf").unwrap_err(), Refusal::External(0));
    let absent = resigned(text(signed.bytes()), |info| info.replace(" URI=\"giay.pdf\"", ""));
    assert_eq!(refusal(&absent), Refusal::External(0));
}

#[test]
fn transforms_that_compute_and_pointers_that_choose_are_refused_by_name() {
    let swap = |uri: &str| {
        let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
        refusal(&resigned(&signed(), |info| info.replace(enveloped, uri)))
    };
    assert_eq!(swap("http://www.w3.org/TR/1999/REC-xslt-19991116"), Refusal::Xslt);
    assert_eq!(
        swap("http://www.w3.org/TR/1999/REC-xpath-19991116"),
        Refusal::Xpath
    );
    assert_eq!(swap("http://www.w3.org/2002/06/xmldsig-filter2"), Refusal::Xpath);
    assert_eq!(
        swap("http://www.w3.org/TR/xml-exc-c14n#"),
        Refusal::UnknownTransform
    );
    let point = |uri: &str| {
        refusal(&resigned(&signed(), |info| {
            info.replace("URI=\"\"", &format!("URI=\"{uri}\""))
        }))
    };
    assert_eq!(point("#xpointer(//h:than)"), Refusal::Xpath);
    assert_eq!(point("#xpointer(id('than') | id('phu'))"), Refusal::Xpath);
    assert_eq!(point("#element(/1)"), Refusal::Xpath);
    assert_eq!(point("#khong"), Refusal::Missing(0));
}

#[test]
fn the_two_pointers_that_choose_nothing_keep_comments() {
    for (uri, form) in [("#xpointer(/)", None), ("#xpointer(id('than'))", Some("than"))] {
        let with_comments = Canonical {
            comments: true,
            ..Canonical::new(Form::Exclusive)
        };
        let bytes = super::canonical(DOCUMENT.as_bytes(), form, &with_comments, &Bounds::default()).unwrap();
        let digest = data_encoding::BASE64.encode(&openssl::sha::sha256(&bytes));
        let document = match form {
            None => signed(),
            Some(id) => signed_element(DOCUMENT, id),
        };
        let document = resigned(&document, |info| {
            let old = between(info, "<ds:DigestValue>", "</ds:DigestValue>");
            let (before, reference) = info.split_once("<ds:Reference").unwrap();
            let reference = reference
                .replace(old, &digest)
                .replace("xml-exc-c14n#", "xml-exc-c14n#WithComments");
            format!(
                "{before}<ds:Reference{}",
                reference
                    .replacen("URI=\"\"", &format!("URI=\"{uri}\""), 1)
                    .replacen("URI=\"#than\"", &format!("URI=\"{uri}\""), 1)
            )
        });
        assert_eq!(
            judge(&document, Takes::Covered).unwrap().covered[0].bytes,
            bytes,
            "{uri}"
        );
    }
}

#[test]
fn more_references_or_transforms_than_the_caller_takes_are_refused() {
    let many = |count: usize| {
        resigned(&signed(), |info| {
            let (before, reference) = info.split_once("<ds:Reference").unwrap();
            format!("{before}{}", format!("<ds:Reference{reference}").repeat(count))
        })
    };
    assert_eq!(judge(&many(16), Takes::Document).unwrap().covered.len(), 16);
    assert_eq!(refusal(&many(17)), Refusal::References);
    let canonical = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
    let deep = |count: usize| {
        resigned(&signed(), |info| {
            info.replace(canonical, &canonical.repeat(count))
        })
    };
    judge(&deep(3), Takes::Document).unwrap();
    assert_eq!(refusal(&deep(4)), Refusal::Transforms);
}

#[test]
fn transforms_have_an_order_and_a_place() {
    let enveloped =
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>";
    let without = resigned(&signed(), |info| info.replace(enveloped, ""));
    assert_eq!(refusal(&without), Refusal::Itself(0));
    let late = resigned(&signed_element(DOCUMENT, "than"), |info| {
        info.replace("</ds:Transforms>", &format!("{enveloped}</ds:Transforms>"))
    });
    assert_eq!(refusal(&late), Refusal::Order);
    let apart = resigned(&signed_element(DOCUMENT, "than"), |info| {
        info.replace("<ds:Transforms>", &format!("<ds:Transforms>{enveloped}"))
    });
    assert_eq!(refusal(&apart), Refusal::NotEnveloped(0));
    let twice = resigned(&signed(), |info| info.replace(enveloped, &enveloped.repeat(2)));
    assert_eq!(refusal(&twice), Refusal::NotEnveloped(0));
}

#[test]
fn base64_covers_what_is_decoded_and_not_the_element() {
    let document = "<a xmlns=\"urn:x\"><b Id=\"b\">bm\n9p <c>ZHVuZw==</c></b></a>";
    let signed = resigned(&signed_element(document, "b"), |info| {
        let old = between(info, "<ds:DigestValue>", "</ds:DigestValue>");
        let digest = data_encoding::BASE64.encode(&openssl::sha::sha256(b"noidung"));
        let (before, reference) = info.split_once("<ds:Reference").unwrap();
        let decode = "http://www.w3.org/2000/09/xmldsig#base64";
        let reference = reference
            .replace(old, &digest)
            .replace("http://www.w3.org/2001/10/xml-exc-c14n#", decode);
        format!("{before}<ds:Reference{reference}")
    });
    assert_eq!(
        judge(&signed, Takes::Covered).unwrap().covered[0].bytes,
        b"noidung"
    );
    assert_eq!(
        judge(&signed, Takes::Element("b")).unwrap_err(),
        Refusal::Elsewhere
    );
}

#[test]
fn a_document_type_or_a_foreign_entity_is_refused() {
    let body = signed().split_once("-->\n").unwrap().1.to_owned();
    let with = |doctype: &str, body: &str| refusal(&format!("{doctype}{body}"));
    let unreadable = Refusal::Unreadable;
    for doctype in [
        "<!DOCTYPE h>",
        "<!DOCTYPE h [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!doctype h>",
    ] {
        let refused = with(doctype, &body);
        assert!(
            matches!(
                refused,
                Refusal::Unreadable(Unreadable::Doctype | Unreadable::Form(_))
            ),
            "{doctype}"
        );
    }
    let foreign = body.replacen("<ten>", "<ten>&nbsp;", 1);
    assert!(matches!(
        with("", &foreign),
        Refusal::Unreadable(Unreadable::Entity(_))
    ));
    assert_eq!(refusal("<a>\u{1}</a>"), unreadable(Unreadable::Character));
    assert_eq!(
        refusal("<?xml version='1.1'?><a/>"),
        unreadable(Unreadable::Version)
    );
    assert_eq!(
        refusal("<?xml version='1.0' encoding='latin1'?><a>é</a>"),
        unreadable(Unreadable::Encoding)
    );
    let utf16: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let rules = Rules::new(Keys::Embedded, Takes::Covered);
    assert!(matches!(
        verify(&utf16, &rules).unwrap_err(),
        Refusal::Unreadable(_)
    ));
    assert_eq!(
        verify(b"\xff<a/>", &rules).unwrap_err(),
        unreadable(Unreadable::Encoding)
    );
}

#[test]
fn what_is_not_well_formed_is_refused_where_a_lax_reader_would_go_on() {
    for document in [
        "",
        " ",
        "text",
        "<a>",
        "</a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>text",
        "<a b=1/>",
        "<a b='1'c='2'/>",
        "<a b='<'/>",
        "<a b/>",
        "<a b='1' b='2'/>",
        "<1a/>",
        "< a/>",
        "<a><!-- -- --></a>",
        "<a><!-- ---></a>",
        "<a>]]></a>",
        "<a><?xml version='1.0'?></a>",
        " <?xml version='1.0'?><a/>",
        "<a><?XML x?></a>",
        "<a>&</a>",
        "<a>& b;</a>",
        "<a b='&'/>",
        "<a:b:c xmlns:a='urn:a'/>",
        "<a:/>",
        "<:a/>",
        "<![CDATA[x]]><a/>",
        "<a/>&#32;",
    ] {
        let refused = refusal(document);
        let known = matches!(
            refused,
            Refusal::Unreadable(Unreadable::Form(_) | Unreadable::Entity(_) | Unreadable::Namespace(_))
        );
        assert!(known, "{document}: {refused:?}");
    }
    for document in [
        "<p:a/>",
        "<a p:b='1'/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xml='urn:x'/>",
        "<a xmlns:xmlns='urn:x'/>",
        "<xmlns:a/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns:p='urn:1' xmlns:q='urn:1' p:b='1' q:b='2'/>",
        "<a xmlns:p='urn:1' xmlns:p='urn:2'/>",
        "<a xmlns='' xmlns='urn:1'/>",
    ] {
        assert!(
            matches!(refusal(document), Refusal::Unreadable(Unreadable::Namespace(_))),
            "{document}"
        );
    }
}

#[test]
fn a_bomb_is_refused_at_its_bound() {
    let bound = |name| Refusal::Unreadable(Unreadable::Bound(name));
    let rules = |bounds| Rules {
        bounds,
        ..Rules::new(Keys::Embedded, Takes::Covered)
    };
    let refused = |document: &str, bounds| verify(document.as_bytes(), &rules(bounds)).unwrap_err();
    let usual = Bounds::default();
    assert_eq!(refused(&"<a>".repeat(100_000), usual), bound("depth"));
    let wide = format!("<a>{}</a>", "<b/>".repeat(200_001));
    assert_eq!(refused(&wide, usual), bound("elements"));
    let many: String = (0..65).map(|n| format!(" a{n}=''")).collect();
    assert_eq!(refused(&format!("<a{many}/>"), usual), bound("attributes"));
    let spaces: String = (0..63).map(|n| format!(" xmlns:a{n}='urn:{n}'")).collect();
    assert_eq!(refused(&format!("<a{spaces}/>"), usual), bound("namespaces"));
    assert_eq!(refused(&signed(), Bounds { bytes: 100, ..usual }), bound("bytes"));
    // A long namespace, declared once and written by the exclusive form at every use.
    let long = format!(
        "<a xmlns:p=\"urn:{}\">{}</a>",
        "x".repeat(100_000),
        "<p:b/>".repeat(10_000)
    );
    let exclusive = Canonical::new(Form::Exclusive);
    assert_eq!(
        super::canonical(long.as_bytes(), None, &exclusive, &usual),
        Err(Refusal::Formless(Formless::Large))
    );
    // Many references that are small each.
    let many = resigned(&signed(), |info| {
        let (before, reference) = info.split_once("<ds:Reference").unwrap();
        format!("{before}{}", format!("<ds:Reference{reference}").repeat(10))
    });
    let (keys, small) = (
        [public(KEY)],
        Bounds {
            canonical: 2000,
            ..usual
        },
    );
    let rules = Rules {
        bounds: small,
        ..Rules::new(Keys::Known(&keys), Takes::Document)
    };
    assert_eq!(
        verify(many.as_bytes(), &rules).unwrap_err(),
        Refusal::Formless(Formless::Large)
    );
    let told = describe(many.as_bytes(), &rules).unwrap();
    let references = &told[0].as_ref().unwrap().references;
    assert!(references[0].is_ok() && references[9] == Err(Refusal::Formless(Formless::Large)));
    let relative = super::canonical(b"<a xmlns='x/y'/>", None, &exclusive, &usual);
    assert_eq!(relative, Err(Refusal::Formless(Formless::Relative)));
}

#[test]
fn algorithms_are_those_that_the_caller_allows_and_the_house_knows() {
    let keys = [public(KEY)];
    let rules = Rules {
        algorithms: &[Algorithm::Ps256, Algorithm::Es384],
        ..Rules::new(Keys::Known(&keys), Takes::Document)
    };
    assert_eq!(
        verify(signed().as_bytes(), &rules).unwrap_err(),
        Refusal::NotAllowed(KEY)
    );
    let swap = |old: &'static str, new: &'static str| {
        refusal(&resigned(&signed(), |info| info.replacen(old, new, 1)))
    };
    let method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    assert_eq!(
        swap(method, "http://www.w3.org/2000/09/xmldsig#dsa-sha1"),
        Refusal::UnknownAlgorithm
    );
    assert_eq!(
        swap(method, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        Refusal::Weak
    );
    assert_eq!(
        swap(method, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        Refusal::Confusion
    );
    assert_eq!(
        swap(method, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
        Refusal::Curve
    );
    assert_eq!(
        swap(
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2001/04/xmldsig-more#md5"
        ),
        Refusal::UnknownDigest
    );
    assert_eq!(
        swap(
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2000/09/xmldsig#sha1"
        ),
        Refusal::Weak
    );
    assert_eq!(
        swap(
            "http://www.w3.org/2001/10/xml-exc-c14n#",
            "http://www.w3.org/TR/xml-exc-c14n#"
        ),
        Refusal::Canonicalization
    );
}

#[test]
fn a_public_key_is_no_secret_and_a_mac_is_whole() {
    let key = public(KEY);
    let mac = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    let made = |secret: &[u8], method: &str, length: usize| {
        let change = |info: &str| {
            let ecdsa =
                "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">";
            info.replace(
                ecdsa,
                &format!("<ds:SignatureMethod Algorithm=\"{mac}\">{method}"),
            )
        };
        forged(&signed(), change, |message| {
            let key = PKey::hmac(secret).unwrap();
            let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &key).unwrap();
            signer.sign_oneshot_to_vec(message).unwrap()[..length].to_vec()
        })
    };
    // Whoever reads the public key makes this one.
    assert_eq!(refusal(&made(key.der(), "", 32)), Refusal::Confusion);
    let with = |document: &str, secret| {
        verify(
            document.as_bytes(),
            &Rules::new(Keys::Secret(secret), Takes::Document),
        )
    };
    let report = with(&made(b"bi mat", "", 32), b"bi mat").unwrap();
    assert_eq!(
        (report.method, report.key),
        (Method::Mac(Digest::Sha2(Hash::Sha256)), Used::Secret)
    );
    assert_eq!(
        with(&made(b"bi mat", "", 32), b"khac").unwrap_err(),
        Refusal::Value
    );
    assert_eq!(with(&signed(), b"bi mat").unwrap_err(), Refusal::Confusion);
    let length = |bits: &str| format!("<ds:HMACOutputLength>{bits}</ds:HMACOutputLength>");
    assert!(with(&made(b"bi mat", &length("256"), 32), b"bi mat").is_ok());
    for (bits, bytes) in [("8", 1), ("0", 1), ("128", 16), ("1", 32), ("-256", 32)] {
        assert_eq!(
            with(&made(b"bi mat", &length(bits), bytes), b"bi mat").unwrap_err(),
            Refusal::Truncated,
            "{bits}"
        );
    }
    assert_eq!(
        with(&made(b"bi mat", "", 16), b"bi mat").unwrap_err(),
        Refusal::Value
    );
}

#[test]
fn an_ecdsa_value_is_r_and_s_of_the_curves_width() {
    let document = signed();
    let old = between(&document, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let wide = data_encoding::BASE64.decode(old.as_bytes()).unwrap();
    let number = |bytes| openssl::bn::BigNum::from_slice(bytes).unwrap();
    let both = openssl::ecdsa::EcdsaSig::from_private_components(number(&wide[..32]), number(&wide[32..]));
    let put = |value: &[u8]| document.replace(old, &data_encoding::BASE64.encode(value));
    assert_eq!(refusal(&put(&both.unwrap().to_der().unwrap())), Refusal::Der);
    assert_eq!(refusal(&put(&wide[1..])), Refusal::Width);
    assert_eq!(refusal(&put(&[&wide[..], &[0]].concat())), Refusal::Width);
    assert_eq!(refusal(&put(&[0; 64])), Refusal::Value);
    assert_eq!(refusal(&document.replace(old, "*")), Refusal::Base64);
}

#[test]
fn a_short_rsa_key_is_refused_wherever_it_comes_from() {
    let short = PKey::from_rsa(openssl::rsa::Rsa::generate(1024).unwrap()).unwrap();
    let der = data_encoding::BASE64.encode(&short.public_key_to_der().unwrap());
    let change = |info: &str| info.replace("more#ecdsa-sha256", "more#rsa-sha256");
    let document = forged(&signed(), change, |message| {
        let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &short).unwrap();
        signer.sign_oneshot_to_vec(message).unwrap()
    });
    let shown = format!(
        "</ds:SignatureValue><ds:KeyInfo><d:DEREncodedKeyValue xmlns:d=\"http://www.w3.org/2009/xmldsig11#\">{der}</d:DEREncodedKeyValue></ds:KeyInfo>"
    );
    let document = document.replace("</ds:SignatureValue>", &shown);
    let rules = Rules::new(Keys::Embedded, Takes::Document);
    assert_eq!(
        verify(document.as_bytes(), &rules).unwrap_err(),
        Refusal::Short(1024)
    );
}

#[test]
fn sha_1_is_read_only_when_asked_for_and_is_weak() {
    let rsa = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
    let keys =
        [PublicKey::new(PKey::public_key_from_der(&rsa.public_key_to_der().unwrap()).unwrap()).unwrap()];
    let change = |info: &str| info.replace("2001/04/xmldsig-more#ecdsa-sha256", "2000/09/xmldsig#rsa-sha1");
    let document = forged(&signed(), change, |message| {
        let mut signer = openssl::sign::Signer::new(MessageDigest::sha1(), &rsa).unwrap();
        signer.sign_oneshot_to_vec(message).unwrap()
    });
    let rules = Rules::new(Keys::Known(&keys), Takes::Document);
    assert_eq!(verify(document.as_bytes(), &rules).unwrap_err(), Refusal::Weak);
    let report = verify(
        document.as_bytes(),
        &Rules {
            legacy: true,
            ..rules
        },
    )
    .unwrap();
    assert_eq!((report.method, report.is_weak()), (Method::RsaSha1, true));
}

#[test]
fn pss_with_its_parameters_beside_it_is_read_when_they_are_the_houses() {
    let key = key(Algorithm::Ps384);
    let keys = [public(Algorithm::Ps384)];
    let more = "http://www.w3.org/2007/05/xmldsig-more#";
    let document = |salt: &str, mask: &str| {
        let hash = |name: &str| {
            format!("<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/{name}\"></ds:DigestMethod>")
        };
        let change = |info: &str| {
            let ecdsa =
                "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">";
            let parameters = format!(
                "<ds:SignatureMethod Algorithm=\"{more}rsa-pss\"><p:RSAPSSParams xmlns:p=\"{more}\">{}<p:MaskGenerationFunction \
                 Algorithm=\"{more}MGF1\">{}</p:MaskGenerationFunction><p:SaltLength>{salt}</p:SaltLength>\
                 <p:TrailerField>1</p:TrailerField></p:RSAPSSParams>",
                hash("xmldsig-more#sha384"),
                hash(mask)
            );
            info.replace(ecdsa, &parameters)
        };
        forged(&signed(), change, |message| key.sign(message).unwrap())
    };
    let judge = |document: String| {
        verify(
            document.as_bytes(),
            &Rules::new(Keys::Known(&keys), Takes::Document),
        )
    };
    let report = judge(document("48", "xmldsig-more#sha384")).unwrap();
    assert_eq!(report.method, Method::Key(Algorithm::Ps384));
    assert_eq!(
        judge(document("20", "xmldsig-more#sha384")).unwrap_err(),
        Refusal::UnknownAlgorithm
    );
    assert_eq!(
        judge(document("48", "xmlenc#sha256")).unwrap_err(),
        Refusal::UnknownAlgorithm
    );
}

#[test]
fn a_key_that_came_along_is_reported_and_never_known() {
    let theirs = vec![certificate(Algorithm::Es384, "ke gian")];
    let profile = Profile {
        card: Card::Certificates(&theirs),
        ..profile(Form::Exclusive)
    };
    let signed = sign(
        DOCUMENT.as_bytes(),
        &[Target::Document],
        &profile,
        &key(Algorithm::Es384),
    )
    .unwrap();
    assert_eq!(refusal(text(signed.bytes())), Refusal::Curve);
    let report = verify(signed.bytes(), &Rules::new(Keys::Embedded, Takes::Document)).unwrap();
    assert_eq!(report.key, Used::Certificate(theirs[0].clone()));
    assert_eq!(report.certificates, theirs);
    let bare = verify(
        self::signed().as_bytes(),
        &Rules::new(Keys::Embedded, Takes::Document),
    );
    assert_eq!(bare.unwrap_err(), Refusal::Keyless);
    for algorithm in Algorithm::ALL {
        let profile = Profile {
            card: Card::Key,
            ..self::profile(Form::Exclusive)
        };
        let signed = sign(
            DOCUMENT.as_bytes(),
            &[Target::Document],
            &profile,
            &key(algorithm),
        )
        .unwrap();
        let report = verify(signed.bytes(), &Rules::new(Keys::Embedded, Takes::Document)).unwrap();
        assert_eq!(report.key, Used::Bare(public(algorithm).der().to_vec()));
    }
}

#[test]
fn of_several_signatures_one_is_asked_for() {
    let other = Profile {
        id: Some("hai"),
        ..profile(Form::Exclusive)
    };
    let twice = sign(
        signed_element(DOCUMENT, "than").as_bytes(),
        &[Target::Element("phu")],
        &other,
        &key(KEY),
    )
    .unwrap();
    assert_eq!(refusal(text(twice.bytes())), Refusal::Several);
    let keys = [public(KEY)];
    let rules = |id| Rules {
        signature: Some(id),
        ..Rules::new(Keys::Known(&keys), Takes::Element("phu"))
    };
    assert_eq!(
        verify(twice.bytes(), &rules("hai")).unwrap().id.as_deref(),
        Some("hai")
    );
    assert_eq!(
        verify(twice.bytes(), &rules("ba")).unwrap_err(),
        Refusal::Unsigned
    );
    assert_eq!(refusal(DOCUMENT), Refusal::Unsigned);
    let told = describe(twice.bytes(), &rules("hai")).unwrap();
    assert!(
        told.iter()
            .flatten()
            .all(|one| one.references.iter().all(Result::is_ok))
            && told.len() == 2
    );
}

fn attested(form: Form, certificates: &[Vec<u8>]) -> Signed {
    let profile = Profile {
        id: Some("ky"),
        signed_at: Some(1_795_392_000_999),
        card: Card::Certificates(certificates),
        ..profile(form)
    };
    sign(
        DOCUMENT.as_bytes(),
        &[Target::Document, Target::Element("phu")],
        &profile,
        &key(KEY),
    )
    .unwrap()
}

#[test]
fn what_the_signer_attests_is_covered_and_told() {
    let certificates = vec![certificate(KEY, "nguoi ky")];
    for form in [Form::Inclusive, Form::Inclusive11, Form::Exclusive] {
        let signed = attested(form, &certificates);
        let stampable = signed.stampable().to_vec();
        let stamped = signed.stamped(b"a token").unwrap();
        let rules = Rules::new(Keys::Embedded, Takes::Document);
        let report = verify(&stamped, &rules).unwrap();
        let attested = report.attested.unwrap();
        assert_eq!(attested.signed_at.as_deref(), Some("2026-11-23T00:00:00Z"));
        assert_eq!(attested.signed_at_millis, Some(1_795_392_000_000));
        assert_eq!(attested.names_certificate, Binding::Held);
        assert_eq!(
            attested.media_types,
            [
                (0, "application/xml".to_owned()),
                (1, "application/xml".to_owned())
            ]
        );
        let [stamp] = attested.stamps.as_slice() else {
            panic!("{attested:?}")
        };
        assert_eq!(
            (stamp.token.as_slice(), &stamp.covers),
            (b"a token".as_slice(), &stampable)
        );
        let known = [public(KEY)];
        let report = verify(&stamped, &Rules::new(Keys::Known(&known), Takes::Document)).unwrap();
        assert_eq!(report.attested.unwrap().names_certificate, Binding::Held);
    }
    let plain = sign(
        DOCUMENT.as_bytes(),
        &[Target::Document],
        &profile(Form::Exclusive),
        &key(KEY),
    )
    .unwrap();
    assert!(matches!(plain.stamped(b"a token"), Err(Unsignable::Unstampable)));
}

#[test]
fn properties_that_nobody_signed_or_that_name_another_certificate_are_refused() {
    let certificates = vec![certificate(KEY, "nguoi ky")];
    let document = String::from_utf8(attested(Form::Exclusive, &certificates).into_bytes()).unwrap();
    let rules = Rules::new(Keys::Embedded, Takes::Document);
    let judge = |document: &str| verify(document.as_bytes(), &rules).unwrap_err();
    let kind = " Type=\"http://uri.etsi.org/01903#SignedProperties\"";
    assert_eq!(
        judge(&resigned(&document, |info| info.replace(kind, ""))),
        Refusal::Properties
    );
    assert_eq!(
        judge(&document.replace("Target=\"#ky\"", "Target=\"#khac\"")),
        Refusal::Properties
    );
    let moved = document.replace("2026-11-23T00:00:00Z", "2020-11-23T00:00:00Z");
    assert_eq!(judge(&moved), Refusal::Digest(2));
    let unsigned = "<ds:Object><x:QualifyingProperties xmlns:x=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#ky\"/></ds:Object>";
    let twice = document.replace("</ds:Signature>", &format!("{unsigned}</ds:Signature>"));
    assert_eq!(judge(&twice), Refusal::Properties);
    // Another certificate of the very same key in its place.
    let other = certificate(KEY, "nguoi khac");
    let old = data_encoding::BASE64.encode(&certificates[0]);
    let swapped = document.replace(&old, &data_encoding::BASE64.encode(&other));
    assert_eq!(judge(&swapped), Refusal::Certificate);
}

#[test]
fn what_cannot_be_signed_is_said_so() {
    let own = key(KEY);
    let refused = |targets: &[Target<'_>], profile: &Profile<'_>| {
        sign(DOCUMENT.as_bytes(), targets, profile, &own).unwrap_err()
    };
    let usual = profile(Form::Exclusive);
    assert!(matches!(refused(&[], &usual), Unsignable::Nothing));
    assert!(matches!(
        refused(&[Target::Element("khong")], &usual),
        Unsignable::Place
    ));
    let place = Profile {
        place: Place::Path(&[("", "khong")]),
        ..usual.clone()
    };
    assert!(matches!(refused(&[Target::Document], &place), Unsignable::Place));
    let alone = Profile {
        place: Place::Alone,
        ..usual.clone()
    };
    assert!(matches!(refused(&[Target::Document], &alone), Unsignable::Place));
    for id in [Some("than"), Some("a b"), Some(""), None] {
        let profile = Profile {
            id,
            signed_at: Some(0),
            ..usual.clone()
        };
        assert!(
            matches!(refused(&[Target::Document], &profile), Unsignable::Id),
            "{id:?}"
        );
    }
    let others = vec![certificate(Algorithm::Es384, "khac")];
    let card = Profile {
        card: Card::Certificates(&others),
        ..usual
    };
    assert!(matches!(refused(&[Target::Document], &card), Unsignable::Card));
}

/// How many single-bit changes are refused, and how many mean the same; another meaning is a failure.
fn changes(signed: &[u8], flips: &[u8]) -> (usize, usize) {
    let keys = [public(KEY)];
    let rules = Rules::new(Keys::Known(&keys), Takes::Document);
    let bytes = |report: Report| {
        report
            .covered
            .into_iter()
            .map(|one| one.bytes)
            .collect::<Vec<_>>()
    };
    let covered = bytes(verify(signed, &rules).unwrap());
    let all = (0..signed.len()).flat_map(|place| flips.iter().map(move |flip| (place, flip)));
    let (mut refused, mut harmless) = (0, 0);
    for (place, flip) in all {
        let mut changed = signed.to_vec();
        changed[place] ^= flip;
        let Ok(report) = verify(&changed, &rules) else {
            refused += 1;
            continue;
        };
        assert_eq!(
            bytes(report),
            covered,
            "{place}: {}",
            String::from_utf8_lossy(&changed)
        );
        harmless += 1;
    }
    (refused, harmless)
}

#[test]
fn a_changed_bit_is_refused_or_means_the_same() {
    let certificates = vec![certificate(KEY, "nguoi ky")];
    for (form, flips) in [
        (Form::Exclusive, [0x01, 0x20].as_slice()),
        (Form::Inclusive, &[0x80]),
    ] {
        let (refused, harmless) = changes(attested(form, &certificates).bytes(), flips);
        // Harmless is what nothing covers: comments, the shape of markup, the certificate beside a known key.
        assert!(refused > harmless, "{refused} {harmless}");
    }
}

mod random {
    use proptest::prelude::{Strategy, any, prop, proptest};

    use super::{DOCUMENT, Form, KEY, Place, Takes, Target, judge, key, profile, sign, text};

    fn element() -> impl Strategy<Value = String> {
        let letters = prop::collection::vec(
            prop::sample::select(&["x", "ế", " ", "\r\n", "&amp;", "&#13;", "\"", ">"][..]),
            0..5,
        );
        let leaf = letters.prop_map(|letters| letters.concat());
        leaf.prop_recursive(4, 24, 4, |inner| {
            let names = prop::sample::select(&["a", "p:b", "q:c"][..]);
            let spaces = prop::sample::select(
                &[
                    "",
                    " xmlns=''",
                    " xmlns='urn:1'",
                    " xmlns:p='urn:2' k='&#9;'",
                    " p:k='1' q:k=\"'\"",
                ][..],
            );
            (names, spaces, prop::collection::vec(inner, 0..4)).prop_map(|(name, spaces, parts)| {
                format!("<{name}{spaces}>{}<!-- c --></{name}>", parts.concat())
            })
        })
    }

    proptest! {
        #[test]
        fn a_random_document_is_signed_and_verified(inside in element(), form in 0..3_usize, whole in any::<bool>(), deep in any::<bool>()) {
            let document = format!(
                "<r xmlns:p='urn:p' xmlns:q='urn:q' xmlns='urn:r' xml:lang='vi'><s Id='s'>{inside}</s><t Id='t'/>{inside}</r>"
            );
            let mut profile = profile([Form::Inclusive, Form::Inclusive11, Form::Exclusive][form]);
            if deep {
                profile.place = Place::Element("s");
            }
            let (target, takes) = match whole {
                true => (Target::Document, Takes::Document),
                false => (Target::Element("s"), Takes::Element("s")),
            };
            let signed = sign(document.as_bytes(), &[target], &profile, &key(KEY)).unwrap();
            judge(text(signed.bytes()), takes).unwrap();
        }

        #[test]
        fn nothing_that_is_read_makes_it_fall_over(place in 0..DOCUMENT.len(), cut in 0..40_usize, junk in ".{0,12}") {
            let signed = super::signed();
            let at = |place: usize| (place..signed.len()).find(|place| signed.is_char_boundary(*place)).unwrap_or(signed.len());
            let (from, to) = (at(place), at(place + cut));
            let changed = format!("{}{junk}{}", &signed[..from], &signed[to..]);
            let _outcome = judge(&changed, Takes::Document);
        }
    }
}
