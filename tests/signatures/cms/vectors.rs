use data_encoding::HEXLOWER;
use lienthong::model::signer::{Algorithm, Verifier};
use lienthong::signing::der::{Element, Reader, SEQUENCE, oid, write};
use lienthong::signing::public::PublicKey;
use lienthong::signing::trust::{Digest, Key, Scheme, SchemeError};
use serde::Deserialize;

/// One file of the selection.
#[derive(Deserialize)]
struct File {
    file: String,
    scheme: String,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    /// SubjectPublicKeyInfo.
    key: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: u32,
    why: String,
    message: String,
    signature: String,
    result: String,
}

/// How the vectors of one file are verified.
enum Way {
    /// r‖s, by [`PublicKey`].
    Wide(Algorithm),
    /// As certificates and CMS write it; by [`PublicKey`] too where it has that scheme.
    Written(Scheme),
}

fn way(name: &str) -> Way {
    let pss = |digest, salt| Way::Written(Scheme::Pss { digest, salt });
    match name {
        "ES256" => Way::Wide(Algorithm::Es256),
        "ES384" => Way::Wide(Algorithm::Es384),
        "ecdsa-sha256" => Way::Written(Scheme::Ecdsa(Digest::Sha256)),
        "ecdsa-sha384" => Way::Written(Scheme::Ecdsa(Digest::Sha384)),
        "ed25519" => Way::Written(Scheme::Ed25519),
        "rsa-sha256" => Way::Written(Scheme::Rsa(Digest::Sha256)),
        "rsa-sha384" => Way::Written(Scheme::Rsa(Digest::Sha384)),
        "rsa-sha512" => Way::Written(Scheme::Rsa(Digest::Sha512)),
        "pss-sha256-0" => pss(Digest::Sha256, 0),
        "pss-sha256-32" => pss(Digest::Sha256, 32),
        "pss-sha384-48" => pss(Digest::Sha384, 48),
        "pss-sha512-32" => pss(Digest::Sha512, 32),
        "pss-sha512-64" => pss(Digest::Sha512, 64),
        other => panic!("{other}"),
    }
}

/// What `PublicKey` says, where it has the scheme and the key.
fn narrow(key: &[u8], scheme: Scheme, message: &[u8], signature: &[u8]) -> Option<bool> {
    let of_curve = matches!(scheme, Scheme::Ecdsa(_));
    let algorithm = Algorithm::ALL
        .into_iter()
        .find(|one| Scheme::from(*one) == scheme)?;
    let key = PublicKey::from_der(key).ok().filter(|_| !of_curve)?;
    Some(key.using(algorithm).ok()?.verify(message, signature))
}

fn verified(way: &Way, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match way {
        Way::Wide(algorithm) => {
            let key = PublicKey::from_der(key).unwrap().using(*algorithm).unwrap();
            key.verify(message, signature)
        }
        Way::Written(scheme) => {
            let (one, two) = message.split_at(message.len() / 2);
            let verified = Key::from_der(key).unwrap();
            let verified = scheme.verify(&verified, &[one, two], signature);
            let narrow = narrow(key, *scheme, message, signature);
            assert!(narrow.is_none_or(|narrow| narrow == verified));
            verified
        }
    }
}

#[test]
fn wycheproof_is_judged_as_it_says() {
    let files: Vec<File> = serde_json::from_str(include_str!("../../vectors/wycheproof.json")).unwrap();
    let octets = |text: &str| HEXLOWER.decode(text.as_bytes()).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for file in &files {
        let way = way(&file.scheme);
        let cases = file
            .groups
            .iter()
            .flat_map(|group| group.cases.iter().map(|case| (&group.key, case)));
        for (key, case) in cases {
            let said = verified(
                &way,
                &octets(key),
                &octets(&case.message),
                &octets(&case.signature),
            );
            let what = format!("{} {}: {}", file.file, case.id, case.why);
            match case.result.as_str() {
                "valid" => assert!(said, "{what}"),
                "invalid" => assert!(!said, "{what}"),
                // An RSA signature whose hash lacks its NULL: theirs to accept or not; RFC 8017 §9.2 has only the other form.
                "acceptable" => assert!(!said, "{what}"),
                other => panic!("{other}"),
            }
            if said { accepted += 1 } else { refused += 1 }
        }
    }
    assert_eq!((accepted, refused), (55, 92));
}

#[test]
fn two_hashes_in_one_pss_are_refused() {
    let hash = |digest: Digest| write::sequence(&[&write::oid(digest.oid()), &write::null()]);
    let identifier = |message: Digest, mask: Digest, trailer: u8| {
        let mask = write::sequence(&[&write::oid(oid::MGF1), &hash(mask)]);
        let parameters = write::sequence(&[
            &write::tagged(0, &[&hash(message)]),
            &write::tagged(1, &[&mask]),
            &write::tagged(2, &[&write::unsigned(&[32])]),
            &write::tagged(3, &[&write::unsigned(&[trailer])]),
        ]);
        write::sequence(&[&write::oid(oid::RSA_PSS), &parameters])
    };
    let read = |der: &[u8]| Scheme::read(Element::only(der, SEQUENCE).unwrap(), None);
    let digest = Digest::Sha256;
    assert_eq!(
        read(&identifier(digest, digest, 1)),
        Ok(Scheme::Pss { digest, salt: 32 })
    );
    assert_eq!(read(&identifier(digest, Digest::Sha1, 1)), Err(SchemeError::Mask));
    assert_eq!(
        read(&identifier(Digest::Sha512, digest, 1)),
        Err(SchemeError::Mask)
    );
    assert!(matches!(
        read(&identifier(digest, digest, 2)),
        Err(SchemeError::Parameters(_))
    ));
    // Without parameters nothing says what was signed; empty ones say SHA-1.
    let bare = write::sequence(&[&write::oid(oid::RSA_PSS)]);
    assert!(matches!(read(&bare), Err(SchemeError::Parameters(_))));
    let empty = write::sequence(&[&write::oid(oid::RSA_PSS), &write::sequence(&[])]);
    let weak = read(&empty).unwrap();
    assert!(
        weak.is_weak()
            && weak
                == Scheme::Pss {
                    digest: Digest::Sha1,
                    salt: 20
                }
    );
}

#[test]
fn a_scheme_that_is_written_is_read_again() {
    for algorithm in Algorithm::ALL {
        let scheme = Scheme::from(algorithm);
        let der = scheme.identifier();
        assert_eq!(
            Scheme::read(Reader::new(&der).any().unwrap(), None),
            Ok(scheme),
            "{algorithm}"
        );
    }
    // A key's own identifier names no hash by itself.
    let rsa = write::sequence(&[&write::oid(oid::RSA), &write::null()]);
    let element = Element::only(&rsa, SEQUENCE).unwrap();
    assert!(matches!(
        Scheme::read(element, None),
        Err(SchemeError::Unknown(_))
    ));
    assert_eq!(
        Scheme::read(element, Some(Digest::Sha384)),
        Ok(Scheme::Rsa(Digest::Sha384))
    );
    let md5 = write::sequence(&[
        &write::oid(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 2, 5]),
        &write::null(),
    ]);
    let refused = Digest::read(Element::only(&md5, SEQUENCE).unwrap()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the algorithm 1.2.840.113549.2.5 is not used here"
    );
}
