//! Messages that no honest program writes, and some that sloppy ones do.

use lienthong::keys::FileKey;
use lienthong::model::signer::{Algorithm, Signer};
use lienthong::signing::cms::{Binding, Content, Message, Refusal, Remark, Rules, Signed};
use lienthong::signing::der::{Element, INTEGER, SEQUENCE, oid, write};
use lienthong::signing::trust::{Certificate, Digest, Scheme};

use super::shop::{Order, Shop, at};

const TEXT: &[u8] = b"what is signed";

/// A message in parts; each test changes one.
struct Made {
    digest: Vec<u8>,
    algorithm: Vec<u8>,
    /// Attributes as they are signed; none is a bare signature.
    attributes: Option<Vec<Vec<u8>>>,
    /// The order in which they stand, by place.
    order: Option<Vec<usize>>,
    content: Vec<u8>,
    content_type: Vec<u8>,
}

fn attribute(kind: &[u8], values: &[&[u8]]) -> Vec<u8> {
    write::sequence(&[&write::oid(kind), &write::element(0x31, values)])
}

fn content_type(kind: &[u8]) -> Vec<u8> {
    attribute(oid::CONTENT_TYPE, &[&write::oid(kind)])
}

fn message_digest(content: &[u8]) -> Vec<u8> {
    let digest = Digest::Sha256.of(&[content]).unwrap();
    attribute(oid::MESSAGE_DIGEST, &[&write::octets(&digest)])
}

fn signing_time() -> Vec<u8> {
    attribute(oid::SIGNING_TIME, &[&write::time(at("2026-03-05T08:09:10Z"))])
}

impl Made {
    fn new() -> Self {
        Self {
            digest: Digest::Sha256.identifier(),
            algorithm: Scheme::Ecdsa(Digest::Sha256).identifier(),
            attributes: Some(vec![content_type(oid::CONTENT), message_digest(TEXT)]),
            order: None,
            content: TEXT.to_vec(),
            content_type: oid::CONTENT.to_vec(),
        }
    }

    fn with(attributes: Vec<Vec<u8>>) -> Self {
        Self {
            attributes: Some(attributes),
            ..Self::new()
        }
    }

    fn adding(attribute: Vec<u8>) -> Self {
        Self::with(vec![content_type(oid::CONTENT), attribute, message_digest(TEXT)])
    }

    /// The message, signed by the holder of a shop.
    fn signed(&self, key: &FileKey, holder: &Certificate) -> Vec<u8> {
        let all = self.attributes.clone().unwrap_or_default();
        let to_sign = match &self.attributes {
            None => self.content.clone(),
            Some(_) => write::element(0x31, &all.iter().map(Vec::as_slice).collect::<Vec<_>>()),
        };
        let wide = key.sign(&to_sign).unwrap();
        let (r, s) = wide.split_at(wide.len() / 2);
        let signature = write::sequence(&[&write::unsigned(r), &write::unsigned(s)]);
        let order = self.order.clone().unwrap_or_else(|| (0..all.len()).collect());
        let standing: Vec<&[u8]> = order.iter().map(|place| all[*place].as_slice()).collect();
        let attributes = self.attributes.as_ref().map(|_| write::tagged(0, &standing));
        let serial = write::element(INTEGER, &[holder.serial()]);
        let signer = write::sequence(&[
            &write::unsigned(&[1]),
            &write::sequence(&[holder.issuer(), &serial]),
            &self.digest,
            attributes.as_deref().unwrap_or_default(),
            &self.algorithm,
            &write::octets(&signature),
        ]);
        let content = write::tagged(0, &[&write::octets(&self.content)]);
        let body = write::sequence(&[
            &write::unsigned(&[1]),
            &write::set_of(&[&self.digest]),
            &write::sequence(&[&write::oid(&self.content_type), &content]),
            &write::tagged(0, &[holder.der()]),
            &write::set_of(&[&signer]),
        ]);
        write::sequence(&[&write::oid(oid::SIGNED), &write::tagged(0, &[&body])])
    }
}

struct Bench {
    key: FileKey,
    holder: Certificate,
    other: Certificate,
}

impl Bench {
    fn new() -> Self {
        let shop = Shop::with_holder("p256");
        Self {
            key: FileKey::from_pem(&shop.read("holder.key")).unwrap(),
            holder: shop.certificate("holder"),
            other: shop.make(&Order {
                name: "other",
                ..Order::HOLDER
            }),
        }
    }

    fn outcome(&self, message: &Made) -> Result<Signed, Refusal> {
        let read = Message::read(&message.signed(&self.key, &self.holder)).unwrap();
        read.verify(Content::Within, &Rules::default()).unwrap().remove(0)
    }
}

#[test]
fn the_order_of_signed_attributes_is_told() {
    let bench = Bench::new();
    let sorted = bench.outcome(&Made::new()).unwrap();
    assert_eq!(sorted.remarks, []);
    // Signed as they stand, though DER orders them otherwise.
    let backwards = Made::with(vec![message_digest(TEXT), content_type(oid::CONTENT)]);
    assert_eq!(bench.outcome(&backwards).unwrap().remarks, [Remark::Unordered]);
    // Signed in order, and written otherwise.
    let shuffled = Made {
        order: Some(vec![1, 0]),
        ..Made::new()
    };
    assert_eq!(bench.outcome(&shuffled).unwrap().remarks, [Remark::Reordered]);
    // Signed in an order of their own, and written in another: nobody's.
    let lost = Made {
        order: Some(vec![0, 2, 1]),
        ..Made::with(vec![
            message_digest(TEXT),
            content_type(oid::CONTENT),
            signing_time(),
        ])
    };
    assert!(matches!(bench.outcome(&lost), Err(Refusal::Signature)));
}

#[test]
fn signed_attributes_are_there_once() {
    let bench = Bench::new();
    let of = |attributes: Vec<Vec<u8>>| bench.outcome(&Made::with(attributes)).unwrap_err();
    let (kind, digest) = (content_type(oid::CONTENT), message_digest(TEXT));
    assert!(matches!(of(vec![]), Refusal::Missing("contentType")));
    assert!(matches!(
        of(vec![digest.clone()]),
        Refusal::Missing("contentType")
    ));
    assert!(matches!(
        of(vec![kind.clone()]),
        Refusal::Missing("messageDigest")
    ));
    let twice = vec![kind.clone(), digest.clone(), message_digest(b"other")];
    assert!(matches!(of(twice), Refusal::Twice("messageDigest")));
    let two = Digest::Sha256
        .of(&[TEXT])
        .map(|digest| write::octets(&digest))
        .unwrap();
    let two = attribute(oid::MESSAGE_DIGEST, &[&two, &write::octets(b"other")]);
    assert!(matches!(
        of(vec![kind.clone(), two]),
        Refusal::Twice("messageDigest")
    ));
    let none = attribute(oid::MESSAGE_DIGEST, &[]);
    assert!(matches!(
        of(vec![kind.clone(), none]),
        Refusal::Twice("messageDigest")
    ));
    let times = vec![kind.clone(), signing_time(), signing_time(), digest.clone()];
    assert!(matches!(of(times), Refusal::Twice("signingTime")));
    let no_time = attribute(oid::SIGNING_TIME, &[&write::element(0x17, &[b"2603050809Z"])]);
    assert!(matches!(
        of(vec![kind, no_time, digest.clone()]),
        Refusal::Attributes(_)
    ));
    assert!(matches!(
        of(vec![content_type(oid::TST), digest]),
        Refusal::ContentType
    ));
}

#[test]
fn algorithms_agree_with_each_other_and_with_what_is_protected() {
    let bench = Bench::new();
    let disagree = Made {
        digest: Digest::Sha384.identifier(),
        ..Made::new()
    };
    let (named, signed) = (Digest::Sha384, Digest::Sha256);
    let refusal = bench.outcome(&disagree).unwrap_err();
    assert!(matches!(refusal, Refusal::Disagree { named: a, signed: b } if a == named && b == signed));
    let protection = |digest: Digest, scheme: Scheme| {
        let algorithm = scheme.identifier();
        let inside = Element::only(&algorithm, SEQUENCE).unwrap().content;
        let value = write::sequence(&[&digest.identifier(), &write::tagged(1, &[inside])]);
        bench.outcome(&Made::adding(attribute(oid::PROTECTION, &[&value])))
    };
    assert!(protection(signed, Scheme::Ecdsa(signed)).is_ok());
    for (digest, scheme) in [(named, Scheme::Ecdsa(signed)), (signed, Scheme::Ecdsa(named))] {
        assert!(matches!(protection(digest, scheme), Err(Refusal::Protection)));
    }
    // Some write the key's identifier where the signature's belongs.
    let key_only = Made {
        algorithm: write::sequence(&[&write::oid(oid::EC)]),
        ..Made::new()
    };
    assert_eq!(bench.outcome(&key_only).unwrap().scheme, Scheme::Ecdsa(signed));
    // Another kind of key than the algorithm's.
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Ed25519] {
        let confused = Made {
            algorithm: Scheme::from(algorithm).identifier(),
            ..Made::new()
        };
        assert!(matches!(bench.outcome(&confused), Err(Refusal::Signature)));
    }
}

/// ESSCertIDv2 of a certificate, with the issuer and serial number of another, maybe.
fn id(certificate: &Certificate, digest: Digest, named: &Certificate) -> Vec<u8> {
    let hash = write::octets(&digest.of(&[certificate.der()]).unwrap());
    let algorithm = match digest {
        Digest::Sha256 => Vec::new(),
        Digest::Sha1 | Digest::Sha384 | Digest::Sha512 => digest.identifier(),
    };
    let names = write::sequence(&[&write::tagged(4, &[named.issuer()])]);
    let serial = write::sequence(&[&names, &write::element(INTEGER, &[named.serial()])]);
    write::sequence(&[&algorithm, &hash, &serial])
}

fn newer(ids: &[&[u8]]) -> Vec<u8> {
    let value = write::sequence(&[&write::sequence(ids)]);
    attribute(oid::SIGNING_CERTIFICATE_V2, &[&value])
}

fn older(certificate: &Certificate) -> Vec<u8> {
    let hash = write::octets(&Digest::Sha1.of(&[certificate.der()]).unwrap());
    let value = write::sequence(&[&write::sequence(&[&write::sequence(&[&hash])])]);
    attribute(oid::SIGNING_CERTIFICATE, &[&value])
}

#[test]
fn the_signed_certificate_is_the_signers() {
    let bench = Bench::new();
    let (own, other) = (&bench.holder, &bench.other);
    for digest in [Digest::Sha256, Digest::Sha384, Digest::Sha512] {
        let (right, wrong) = (id(own, digest, own), id(other, digest, other));
        let signed = bench.outcome(&Made::adding(newer(&[&right]))).unwrap();
        assert_eq!(signed.binding, Binding::Signed(digest));
        // Others may follow; the first counts.
        let both = bench.outcome(&Made::adding(newer(&[&right, &wrong])));
        assert!(both.is_ok());
        let mixed = id(own, digest, other);
        for ids in [&[&*wrong, &*right][..], &[&wrong], &[&mixed]] {
            let refused = bench.outcome(&Made::adding(newer(ids)));
            assert!(matches!(refused, Err(Refusal::Certificate)));
        }
    }
    let none = bench.outcome(&Made::adding(newer(&[])));
    assert!(matches!(none, Err(Refusal::Attributes(_))));
}

#[test]
fn the_older_attribute_names_the_signers_certificate_too() {
    let bench = Bench::new();
    let (own, other) = (&bench.holder, &bench.other);
    let alone = bench.outcome(&Made::adding(older(own))).unwrap();
    assert_eq!(alone.binding, Binding::Signed(Digest::Sha1));
    let right = newer(&[&id(own, Digest::Sha256, own)]);
    let both = |older| {
        let attributes = vec![
            content_type(oid::CONTENT),
            older,
            right.clone(),
            message_digest(TEXT),
        ];
        bench.outcome(&Made::with(attributes))
    };
    assert_eq!(both(older(own)).unwrap().binding, Binding::Signed(Digest::Sha256));
    assert!(matches!(both(older(other)), Err(Refusal::Certificate)));
}

#[test]
fn signed_attributes_do_not_pass_for_content() {
    let bench = Bench::new();
    // A signature over attributes, shown again as a bare signature over content that is those attributes.
    let attributes = [content_type(oid::CONTENT), message_digest(TEXT)];
    let content = write::element(0x31, &[&attributes[0], &attributes[1]]);
    let bare = Made {
        attributes: None,
        content,
        ..Made::new()
    };
    assert!(matches!(bench.outcome(&bare), Err(Refusal::Ambiguous)));
    let plain = Made {
        attributes: None,
        ..Made::new()
    };
    assert_eq!(bench.outcome(&plain).unwrap().remarks, [Remark::Bare]);
    // Any other content than plain bytes needs its type signed (RFC 5652 §5.3).
    let typed = Made {
        attributes: None,
        content_type: oid::TST.to_vec(),
        ..Made::new()
    };
    assert!(matches!(
        bench.outcome(&typed),
        Err(Refusal::Missing("contentType"))
    ));
}

#[test]
fn what_is_not_signed_data_says_what_it_is() {
    let plain = write::sequence(&[
        &write::oid(oid::CONTENT),
        &write::tagged(0, &[&write::octets(TEXT)]),
    ]);
    let told = Message::read(&plain).unwrap_err().to_string();
    assert_eq!(
        told,
        "the CMS message is not signed data but 1.2.840.113549.1.7.1"
    );
    let bench = Bench::new();
    let message = Made::new().signed(&bench.key, &bench.holder);
    // Forty signers.
    let whole = Element::only(&message, SEQUENCE).unwrap();
    let mut inside = whole.inside();
    inside.oid().unwrap();
    let body = Element::only(inside.any().unwrap().content, SEQUENCE).unwrap();
    let signer = body.inside().rest();
    let signers = signer.len() - last_set(signer).whole.len();
    let forty = write::element(0x31, &vec![last_set(signer).content; 40]);
    let body = write::sequence(&[&signer[..signers], &forty]);
    let many = write::sequence(&[&write::oid(oid::SIGNED), &write::tagged(0, &[&body])]);
    let told = Message::read(&many).unwrap_err().to_string();
    assert_eq!(told, "the CMS message has 40 signers");
}

fn last_set(contents: &[u8]) -> Element<'_> {
    let mut reader = lienthong::signing::der::Reader::new(contents);
    let mut last = reader.any().unwrap();
    while !reader.is_empty() {
        last = reader.any().unwrap();
    }
    last
}
