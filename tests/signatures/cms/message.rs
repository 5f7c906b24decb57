use lienthong::keys::FileKey;
use lienthong::model::signer::{Algorithm, Signer};
use lienthong::signing::cms::{self, Binding, CmsError, Content, EmitError, Message, Refusal, Remark, Rules};
use lienthong::signing::trust::{Digest, Scheme};

use super::shop::{Shop, at};

const TEXT: &[u8] = "Giấy khai sinh số 12/2026\r\nNGƯỜI MẪU\n".as_bytes();

/// What `openssl cms` is told, and what is read of it.
const THEIRS: [(&str, &str, Scheme); 11] = [
    ("rsa", "-md sha256", Scheme::Rsa(Digest::Sha256)),
    ("rsa", "-md sha384", Scheme::Rsa(Digest::Sha384)),
    ("rsa", "-md sha512", Scheme::Rsa(Digest::Sha512)),
    (
        "rsa",
        "-md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1",
        Scheme::Pss {
            digest: Digest::Sha256,
            salt: 32,
        },
    ),
    (
        "rsa",
        "-md sha384 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1",
        Scheme::Pss {
            digest: Digest::Sha384,
            salt: 48,
        },
    ),
    (
        "rsa",
        "-md sha512 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1",
        Scheme::Pss {
            digest: Digest::Sha512,
            salt: 64,
        },
    ),
    (
        "rsa",
        "-md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20",
        Scheme::Pss {
            digest: Digest::Sha256,
            salt: 20,
        },
    ),
    ("p256", "-md sha256", Scheme::Ecdsa(Digest::Sha256)),
    ("p256", "-md sha512", Scheme::Ecdsa(Digest::Sha512)),
    ("p384", "-md sha384", Scheme::Ecdsa(Digest::Sha384)),
    ("p384", "-md sha256", Scheme::Ecdsa(Digest::Sha256)),
];

/// How `openssl cms` is asked to lay the message out.
const FORMS: [&str; 7] = [
    "",
    "-cades",
    "-nodetach",
    "-keyid",
    "-certfile sub.pem -cades",
    "-noattr",
    "-nodetach -stream",
];

#[test]
fn what_openssl_signs_is_verified_and_described() {
    let mut verified = 0;
    for kind in ["rsa", "p256", "p384"] {
        let shop = Shop::with_holder(kind);
        shop.write("text", TEXT);
        let theirs = THEIRS.iter().filter(|(key, ..)| *key == kind);
        let all = theirs.flat_map(|(_, arguments, scheme)| FORMS.map(|form| (form, arguments, scheme)));
        // OpenSSL 3.0 cannot stream PSS.
        let can = all.filter(|(form, arguments, _)| !(form.contains("stream") && arguments.contains("pss")));
        for (form, arguments, scheme) in can {
            verify_theirs(&shop, form, arguments, *scheme);
            verified += 1;
        }
    }
    assert_eq!(verified, THEIRS.len() * FORMS.len() - 4);
}

fn verify_theirs(shop: &Shop, form: &str, arguments: &str, scheme: Scheme) {
    let asked = format!(
        "cms -sign -binary -in text -outform DER -out signed {form} -signer holder.pem -inkey holder.key {arguments}"
    );
    shop.run(&asked);
    let message = Message::read(&shop.read("signed")).unwrap();
    let content = match form.contains("nodetach") {
        true => Content::Within,
        false => Content::Beside(&[&TEXT[..7], &TEXT[7..]]),
    };
    let outcomes = message.verify(content, &Rules::default()).unwrap();
    let [Ok(signed)] = outcomes.as_slice() else {
        panic!("{asked}: {outcomes:?}")
    };
    assert_eq!(signed.scheme, scheme, "{asked}");
    assert_eq!(signed.signer, shop.certificate("holder"));
    assert_eq!(signed.length, TEXT.len() as u64);
    assert_eq!(signed.content_type.to_string(), "1.2.840.113549.1.7.1");
    assert_eq!(signed.claimed.is_some(), form != "-noattr");
    let is_bound = signed.binding != Binding::None;
    assert_eq!(is_bound, form.contains("-cades"), "{asked}");
    let remarks: &[Remark] = match form {
        "-noattr" => &[Remark::Bare],
        _ if form.contains("stream") => &[Remark::Ber],
        _ => &[],
    };
    assert_eq!(signed.remarks, remarks, "{asked}");
    assert!(!signed.is_weak);
    let count = 1 + usize::from(form.contains("certfile"));
    assert_eq!(message.certificates().len(), count);
}

#[test]
fn what_is_signed_here_is_verified_by_openssl() {
    for (kind, algorithms) in [
        (
            "rsa",
            &[
                Algorithm::Rs256,
                Algorithm::Rs384,
                Algorithm::Rs512,
                Algorithm::Ps256,
                Algorithm::Ps384,
                Algorithm::Ps512,
            ][..],
        ),
        ("p256", &[Algorithm::Es256]),
        ("p384", &[Algorithm::Es384]),
        ("ed25519", &[Algorithm::Ed25519]),
    ] {
        let shop = Shop::with_holder(kind);
        shop.write("text", TEXT);
        shop.write("other", [TEXT, b"."].concat());
        let chain = [shop.certificate("holder"), shop.certificate("sub")];
        for algorithm in algorithms {
            let key = FileKey::from_pem(&shop.read("holder.key"))
                .unwrap()
                .using(*algorithm)
                .unwrap();
            let message = cms::sign(&[TEXT], &key, &chain, at("2026-03-05T08:09:10.5Z")).unwrap();
            shop.write("ours.p7s", &message);
            let read = Message::read(&message).unwrap();
            let outcomes = read.verify(Content::Beside(&[TEXT]), &Rules::default()).unwrap();
            let [Ok(signed)] = outcomes.as_slice() else {
                panic!("{algorithm}: {outcomes:?}")
            };
            assert_eq!(signed.scheme, Scheme::from(*algorithm));
            assert_eq!(signed.claimed, Some(at("2026-03-05T08:09:10Z")));
            assert_eq!(signed.binding, Binding::Signed(Digest::Sha256));
            assert_eq!(signed.remarks, []);
            let verify = |content: &str| {
                shop.try_run(&format!("cms -verify -cades -binary -inform DER -in ours.p7s -content {content} -CAfile root.pem -purpose any -out verified"))
            };
            let theirs = verify("text");
            let said = String::from_utf8_lossy(&theirs.stderr).into_owned();
            // OpenSSL 3.0 has Ed25519, but not within CMS; the next test shows it the parts.
            let lacks = *algorithm == Algorithm::Ed25519 && said.contains("invalid digest");
            assert!(theirs.status.success() || lacks, "{algorithm}: {said}");
            assert!(!verify("other").status.success());
        }
    }
}

#[test]
fn the_parts_of_an_ed25519_signature_are_verified_by_openssl() {
    let shop = Shop::with_holder("ed25519");
    let key = FileKey::from_pem(&shop.read("holder.key")).unwrap();
    let draft = cms::Draft::new(
        &[TEXT],
        Algorithm::Ed25519,
        &[shop.certificate("holder")],
        at("2026-03-05T08:09:10Z"),
    )
    .unwrap();
    let attributes = draft.to_sign().to_vec();
    let signature = key.sign(&attributes).unwrap();
    let message = draft.signed(&signature).unwrap();
    assert_eq!(Message::read(&message).unwrap().signature(0), Some(&*signature));
    shop.write("attributes", &attributes);
    shop.write("signature", &signature);
    shop.write("message", &message);
    let verify = "pkeyutl -verify -rawin -certin -inkey holder.pem -sigfile signature -in";
    shop.run(&format!("{verify} attributes"));
    assert!(!shop.try_run(&format!("{verify} message")).status.success());
    // It reads the message and prints what is in it.
    let printed = String::from_utf8(shop.run("cms -cmsout -print -noout -inform DER -in message")).unwrap();
    for part in [
        "algorithm: sha512",
        "algorithm: ED25519",
        "signingTime",
        "id-smime-aa-signingCertificateV2",
        "Mar  5 08:09:10 2026 GMT",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}

#[test]
fn sha1_needs_the_callers_word_and_is_told() {
    let shop = Shop::with_holder("rsa");
    shop.write("text", TEXT);
    shop.run("cms -sign -binary -in text -outform DER -out signed -signer holder.pem -inkey holder.key -md sha1 -cades");
    let message = Message::read(&shop.read("signed")).unwrap();
    let outcome = |legacy| {
        let rules = Rules {
            legacy,
            certificates: &[],
        };
        message
            .verify(Content::Beside(&[TEXT]), &rules)
            .unwrap()
            .remove(0)
    };
    assert!(matches!(outcome(false), Err(Refusal::Weak)));
    let signed = outcome(true).unwrap();
    assert!(signed.is_weak);
    assert_eq!(signed.scheme, Scheme::Rsa(Digest::Sha1));
    // With SHA-1 openssl writes the older attribute.
    assert_eq!(signed.binding, Binding::Signed(Digest::Sha1));
}

#[test]
fn each_of_several_signers_is_judged_alone() {
    let shop = Shop::with_holder("p256");
    shop.make(&super::shop::Order {
        name: "second",
        key: "rsa",
        ..super::shop::Order::HOLDER
    });
    shop.write("text", TEXT);
    shop.run("cms -sign -binary -in text -outform DER -out one -signer holder.pem -inkey holder.key -signer second.pem -inkey second.key");
    let message = Message::read(&shop.read("one")).unwrap();
    assert_eq!(message.signers(), 2);
    let outcomes = message
        .verify(Content::Beside(&[TEXT]), &Rules::default())
        .unwrap();
    let mut signers: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().unwrap().signer.holder_name())
        .collect();
    signers.sort();
    assert_eq!(signers.len(), 2);
    // One of the two gone wrong leaves the other.
    let mut bytes = shop.read("one");
    let bad = message.signature(0).unwrap();
    let place = bytes.windows(bad.len()).position(|window| window == bad).unwrap();
    bytes[place + bad.len() - 1] ^= 1;
    let outcomes = Message::read(&bytes)
        .unwrap()
        .verify(Content::Beside(&[TEXT]), &Rules::default())
        .unwrap();
    assert!(
        matches!(outcomes.as_slice(), [Err(Refusal::Signature), Ok(_)]),
        "{outcomes:?}"
    );
}

#[test]
fn content_and_certificates_must_be_there_and_the_same() {
    let shop = Shop::with_holder("p256");
    shop.write("text", TEXT);
    let sign = |form: &str| {
        shop.run(&format!(
            "cms -sign -binary -in text -outform DER -out signed {form} -signer holder.pem -inkey holder.key"
        ));
        Message::read(&shop.read("signed")).unwrap()
    };
    let rules = Rules::default();
    let detached = sign("");
    assert!(matches!(
        detached.verify(Content::Within, &rules),
        Err(CmsError::NoContent)
    ));
    let outcomes = detached.verify(Content::Beside(&[&TEXT[1..]]), &rules).unwrap();
    assert!(matches!(outcomes.as_slice(), [Err(Refusal::Content)]));
    let attached = sign("-nodetach");
    assert_eq!(attached.content(), Some(TEXT));
    assert!(matches!(
        attached.verify(Content::Beside(&[b"other"]), &rules),
        Err(CmsError::OtherContent)
    ));
    assert!(attached.verify(Content::Beside(&[TEXT]), &rules).unwrap()[0].is_ok());
    let alone = sign("-nocerts");
    let outcomes = alone.verify(Content::Beside(&[TEXT]), &rules).unwrap();
    assert!(matches!(outcomes.as_slice(), [Err(Refusal::NoCertificate)]));
    let certificates = [shop.certificate("sub"), shop.certificate("holder")];
    let rules = Rules {
        legacy: false,
        certificates: &certificates,
    };
    assert!(alone.verify(Content::Beside(&[TEXT]), &rules).unwrap()[0].is_ok());
    // Certificates without a signer, as authorities publish them.
    shop.run("crl2pkcs7 -nocrl -certfile root.pem -certfile sub.pem -outform DER -out bag.p7b");
    let bag = Message::read(&shop.read("bag.p7b")).unwrap();
    assert_eq!((bag.signers(), bag.certificates().len()), (0, 2));
    assert!(matches!(
        bag.verify(Content::Within, &rules),
        Err(CmsError::NoSigner)
    ));
}

#[test]
fn room_that_was_reserved_is_zeros() {
    let shop = Shop::with_holder("p256");
    shop.write("text", TEXT);
    shop.run("cms -sign -binary -in text -outform DER -out signed -signer holder.pem -inkey holder.key");
    let mut bytes = shop.read("signed");
    bytes.extend([0; 100]);
    assert!(matches!(Message::read(&bytes), Err(CmsError::Malformed(_))));
    assert!(Message::padded(&bytes).is_ok());
    bytes.push(1);
    assert!(matches!(Message::padded(&bytes), Err(CmsError::Malformed(_))));
}

#[test]
fn nothing_is_signed_for_a_certificate_of_another_key() {
    let shop = Shop::with_holder("p256");
    let key = FileKey::generate(Algorithm::Es256).unwrap();
    let chain = [shop.certificate("holder")];
    let time = at("2026-03-05T08:09:10Z");
    assert!(matches!(
        cms::sign(&[TEXT], &key, &chain, time),
        Err(EmitError::OtherKey)
    ));
    assert!(matches!(
        cms::sign(&[TEXT], &key, &[], time),
        Err(EmitError::NoCertificate)
    ));
    let draft = cms::Draft::new(&[TEXT], Algorithm::Es256, &chain, time).unwrap();
    let stranger = key.sign(draft.to_sign()).unwrap();
    assert!(matches!(draft.signed(&stranger), Err(EmitError::Signature)));
}
