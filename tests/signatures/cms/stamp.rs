use jiff::{SignedDuration, Timestamp};
use lienthong::keys::FileKey;
use lienthong::signing::cms::{self, Binding, Content, Message, Rules, Skew};
use lienthong::signing::der::oid::Oid;
use lienthong::signing::stamp::{self, Expected, Means, Over, Request, StampError};
use lienthong::signing::trust::{Digest, List, Revocation, Untrusted};
use openssl::sha::sha256;

use super::shop::{Order, STAMPER, Shop, at, means};

const TEXT: &[u8] = b"checkpoint 17\n";
const NONCE: [u8; 8] = [0x9C, 1, 2, 3, 4, 5, 6, 7];

/// A shop with an authority for time-stamps, `tsa`.
fn shop(key: &str) -> Shop {
    let shop = Shop::with_holder("p256");
    shop.make(&Order {
        name: "tsa",
        key,
        subject: "/C=VN/O=Trial/CN=Trial TSA",
        extensions: STAMPER,
        ..Order::HOLDER
    });
    shop.write("serial", "0123456789ABCDEF0123456789ABCDEF01234567\n");
    configure(&shop, "");
    shop.write("text", TEXT);
    shop
}

/// Settings of the authority; `more` come last and count.
fn configure(shop: &Shop, more: &str) {
    shop.write(
        "tsa.cnf",
        format!(
            "[tsa]\ndefault_tsa=me\n[me]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\ncerts=sub.pem\nsigner_digest=sha256\n\
             default_policy=1.2.3.4.1\nother_policies=1.2.3.4.2\ndigests=sha1,sha256,sha384,sha512\naccuracy=secs:1, millisecs:500, microsecs:100\n\
             clock_precision_digits=6\nordering=yes\ntsa_name=yes\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n{more}\n"
        ),
    );
}

fn reply(shop: &Shop, query: &[u8]) -> Vec<u8> {
    shop.write("query", query);
    shop.run("ts -reply -config tsa.cnf -queryfile query -out reply");
    shop.read("reply")
}

fn token(shop: &Shop, request: &Request) -> Vec<u8> {
    stamp::token(&reply(shop, &request.to_der())).unwrap()
}

#[test]
fn openssl_stamps_what_is_asked_and_the_stamp_holds() {
    for key in ["rsa", "p256", "p384"] {
        let shop = shop(key);
        let request = Request::new(sha256(TEXT), &NONCE);
        let token = token(&shop, &request);
        let (trust, revocation) = (shop.trust(), Revocation::default());
        let held = stamp::verify(&token, &request.expected(), &means(&trust, &revocation)).unwrap();
        assert_eq!((held.digest, &*held.imprint), (Digest::Sha256, &sha256(TEXT)[..]));
        assert_eq!(held.policy.to_string(), "1.2.3.4.1");
        assert_eq!(held.accuracy, Some(SignedDuration::new(1, 500_100_000)));
        assert_eq!(held.serial.len(), 20, "{:02x?}", held.serial);
        assert_eq!(held.authority(), Some(&shop.certificate("tsa")));
        assert_eq!(held.binding, Binding::Signed(Digest::Sha256));
        assert!(!held.is_weak);
        // They print the same moment that is read here.
        let printed = String::from_utf8(shop.run("ts -reply -in reply -text")).unwrap();
        let second = held.at.strftime("%b %e %H:%M:%S").to_string();
        assert!(printed.contains(&second), "{second}\n{printed}");
        // And they verify their token against the request that was made here.
        shop.run("ts -verify -queryfile query -in reply -CAfile root.pem -untrusted sub.pem");
        // Over the bytes themselves, without a nonce, and within a window around the moment.
        let soon = (
            held.at - SignedDuration::from_secs(1),
            held.at + SignedDuration::from_secs(1),
        );
        let expected = Expected {
            within: Some(soon),
            ..Expected::over(TEXT)
        };
        assert!(stamp::verify(&token, &expected, &means(&trust, &revocation)).is_ok());
    }
}

#[test]
fn what_openssl_asks_and_answers_is_read() {
    let shop = shop("rsa");
    let (trust, revocation) = (
        shop.trust().with([shop.certificate("tsa")]),
        Revocation::default(),
    );
    let legacy = Means {
        legacy: true,
        ..means(&trust, &revocation)
    };
    for (arguments, digest) in [
        ("-sha256", Digest::Sha256),
        ("-sha384", Digest::Sha384),
        ("-sha512 -cert", Digest::Sha512),
        ("-sha1 -cert", Digest::Sha1),
    ] {
        shop.run(&format!("ts -query -data text {arguments} -out asked"));
        let token = stamp::token(&reply(&shop, &shop.read("asked"))).unwrap();
        let strict = stamp::verify(&token, &Expected::over(TEXT), &means(&trust, &revocation));
        assert_eq!(strict.is_ok(), digest != Digest::Sha1, "{arguments}: {strict:?}");
        let held = stamp::verify(&token, &Expected::over(TEXT), &legacy).unwrap();
        assert_eq!((held.digest, held.is_weak), (digest, digest == Digest::Sha1));
    }
    // The same query, written here and by them.
    shop.run("ts -query -data text -sha256 -cert -no_nonce -out asked");
    let theirs = shop.read("asked");
    let ours = Request::new(sha256(TEXT), &[]).to_der();
    // A nonce of nothing is 0, which they leave out; the hash's NULL is theirs.
    assert_eq!(ours.len(), theirs.len() + 3 - 2);
}

#[test]
fn the_older_certificate_attribute_is_enough() {
    let shop = shop("rsa");
    configure(&shop, "ess_cert_id_alg=sha1");
    let request = Request::new(sha256(TEXT), &NONCE);
    let token = token(&shop, &request);
    let (trust, revocation) = (shop.trust(), Revocation::default());
    let held = stamp::verify(&token, &request.expected(), &means(&trust, &revocation)).unwrap();
    assert_eq!(held.binding, Binding::Signed(Digest::Sha1));
}

#[test]
fn a_stamp_for_something_else_is_refused() {
    let shop = shop("p256");
    let request = Request::new(sha256(TEXT), &NONCE).under(Oid::dotted("1.2.3.4.2").unwrap());
    let token = token(&shop, &request);
    let (trust, revocation) = (shop.trust(), Revocation::default());
    let verify = |expected: &Expected<'_>| stamp::verify(&token, expected, &means(&trust, &revocation));
    let good = request.expected();
    let held = verify(&good).unwrap();
    assert_eq!(held.policy.to_string(), "1.2.3.4.2");
    let other = sha256(b"other");
    assert!(matches!(
        verify(&Expected {
            over: Over::Digest(Digest::Sha256, &other),
            ..good
        }),
        Err(StampError::Imprint)
    ));
    assert!(matches!(
        verify(&Expected {
            over: Over::Digest(Digest::Sha384, &sha256(TEXT)),
            ..good
        }),
        Err(StampError::Imprint)
    ));
    assert!(matches!(
        verify(&Expected::over(b"other")),
        Err(StampError::Imprint)
    ));
    for nonce in [&[1][..], &NONCE[1..], &[0x9C, 1, 2, 3, 4, 5, 6, 7, 0]] {
        assert!(matches!(
            verify(&Expected {
                nonce: Some(nonce),
                ..good
            }),
            Err(StampError::Nonce)
        ));
    }
    let policies = [Oid::dotted("1.2.3.4.1").unwrap()];
    assert!(matches!(
        verify(&Expected {
            policies: &policies,
            ..good
        }),
        Err(StampError::Policy(_))
    ));
    let past = (
        held.at - SignedDuration::from_secs(9),
        held.at - SignedDuration::from_nanos(1),
    );
    assert!(
        matches!(verify(&Expected { within: Some(past), ..good }), Err(StampError::Time(at)) if at == held.at)
    );
    // A signed message of another kind.
    shop.run("cms -sign -binary -in text -nodetach -outform DER -out signed -signer tsa.pem -inkey tsa.key");
    let signed = shop.read("signed");
    assert!(matches!(
        stamp::verify(&signed, &good, &means(&trust, &revocation)),
        Err(StampError::Kind(_))
    ));
}

#[test]
fn an_authority_is_judged_at_the_stamps_own_moment() {
    let shop = shop("p256");
    let request = Request::new(sha256(TEXT), &NONCE);
    let token = token(&shop, &request);
    let revocation = Revocation::default();
    let verify = |trust, revocation: &Revocation| {
        stamp::verify(&token, &request.expected(), &means(trust, revocation))
    };
    let stranger = Shop::with_holder("p256").trust();
    assert!(matches!(
        verify(&stranger, &revocation),
        Err(StampError::Untrusted(Untrusted::NoAnchor { .. }))
    ));
    let trust = shop.trust();
    assert!(verify(&trust, &revocation).is_ok());
    // Taken back in 2020 it was no authority any more; in 2039 it still is.
    for (at, held) in [("200601000000Z", false), ("390601000000Z", true)] {
        shop.revoke("sub", "tsa", at, "keyCompromise");
        let list = List::read(&shop.list("sub", "20260305000000Z", "20391231000000Z", "")).unwrap();
        let revocation = Revocation {
            lists: vec![list],
            responses: Vec::new(),
        };
        let outcome = verify(&trust, &revocation);
        assert_eq!(outcome.is_ok(), held, "{outcome:?}");
        assert!(held || matches!(outcome, Err(StampError::Untrusted(Untrusted::Revoked { .. }))));
    }
}

/// The contents of a token, signed anew by hand: openssl makes no tokens that are wrong.
fn forged(shop: &Shop, token: &[u8], arguments: &str) -> Vec<u8> {
    let message = Message::read(token).unwrap();
    shop.write("tst", message.content().unwrap());
    shop.run(&format!(
        "cms -sign -binary -in tst -nodetach -econtent_type 1.2.840.113549.1.9.16.1.4 -outform DER -out forged {arguments}"
    ));
    shop.read("forged")
}

#[test]
fn a_token_is_signed_by_the_authority_alone_and_names_it() {
    let shop = shop("p256");
    shop.make(&Order {
        name: "signer",
        extensions: "keyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection",
        ..Order::HOLDER
    });
    let request = Request::new(sha256(TEXT), &NONCE);
    let named = token(&shop, &request);
    configure(&shop, "tsa_name=no");
    let unnamed = token(&shop, &request);
    let (trust, revocation) = (shop.trust(), Revocation::default());
    let verify = |token: &[u8], arguments: &str| {
        let token = forged(&shop, token, arguments);
        stamp::verify(&token, &request.expected(), &means(&trust, &revocation))
    };
    let authority = "-signer tsa.pem -inkey tsa.key";
    let other = "-signer signer.pem -inkey signer.key";
    assert!(verify(&named, &format!("-cades {authority}")).is_ok());
    let unbound = verify(&named, authority);
    assert!(matches!(unbound, Err(StampError::Unbound)), "{unbound:?}");
    let another = verify(&named, &format!("-cades {other}"));
    assert!(matches!(another, Err(StampError::Authority)), "{another:?}");
    let purpose = verify(&unnamed, &format!("-cades {other}"));
    let is_purpose = matches!(purpose, Err(StampError::Untrusted(Untrusted::Purpose { .. })));
    assert!(is_purpose, "{purpose:?}");
    let two = verify(&unnamed, &format!("-cades {authority} {other}"));
    assert!(matches!(two, Err(StampError::Signers(2))), "{two:?}");
}

#[test]
fn a_refusal_is_told_by_name() {
    let shop = shop("p256");
    let request = Request::new(sha256(TEXT), &NONCE).under(Oid::dotted("1.9.9").unwrap());
    let told = stamp::token(&reply(&shop, &request.to_der()))
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("rejection") && told.contains("unacceptedPolicy"),
        "{told}"
    );
    configure(&shop, "digests=sha512");
    let told = stamp::token(&reply(&shop, &Request::new(sha256(TEXT), &NONCE).to_der()))
        .unwrap_err()
        .to_string();
    assert!(told.contains("badAlg"), "{told}");
    let told = stamp::token(&reply(&shop, b"nonsense")).unwrap_err().to_string();
    assert!(
        told.contains("badDataFormat") || told.contains("badRequest"),
        "{told}"
    );
}

#[test]
fn a_signature_with_a_stamp_outlives_its_certificate() {
    let shop = shop("p256");
    let now = issued_now(&shop);
    // The holder's certificate ends an hour from now.
    let to = (now + SignedDuration::from_hours(1))
        .strftime("%Y%m%d%H%M%SZ")
        .to_string();
    shop.make(&Order {
        to: &to,
        ..Order::HOLDER
    });
    let key = FileKey::from_pem(&shop.read("holder.key")).unwrap();
    let chain = [shop.certificate("holder"), shop.certificate("sub")];
    let plain = cms::sign(&[TEXT], &key, &chain, now + SignedDuration::from_hours(7)).unwrap();
    let signature = Message::read(&plain).unwrap().signature(0).unwrap().to_vec();
    let request = Request::new(sha256(&signature), &NONCE);
    let token = token(&shop, &request);
    let stamped = cms::stamped(&plain, &token).unwrap();
    let (trust, revocation) = (shop.trust(), Revocation::default());
    let means = means(&trust, &revocation);
    let later = now + SignedDuration::from_hours(24);
    for (message, proven) in [(&plain, false), (&stamped, true)] {
        let read = Message::read(message).unwrap();
        let outcomes = read.verify(Content::Beside(&[TEXT]), &Rules::default()).unwrap();
        let signed = outcomes[0].as_ref().unwrap();
        let judgement = stamp::judge(signed, read.certificates(), &means, later);
        assert_eq!(judgement.is_proven, proven);
        assert_eq!(judgement.path.is_ok(), proven, "{:?}", judgement.path);
        // The claimed time is Viet Nam's clock marked as UTC: told.
        assert_eq!(judgement.skew, proven.then_some(Skew::LocalTime));
        if proven {
            assert_eq!(judgement.at, judgement.stamps[0].as_ref().unwrap().at);
        } else {
            assert!(matches!(judgement.path, Err(Untrusted::Expired { .. })));
        }
        // They verify it, too; unsigned attributes do not disturb them.
        shop.write("ours", message);
        shop.run("cms -verify -cades -binary -inform DER -in ours -content text -CAfile root.pem -purpose any -out verified");
    }
    let printed = String::from_utf8(shop.run("cms -cmsout -print -noout -inform DER -in ours")).unwrap();
    assert!(printed.contains("id-smime-aa-timeStampToken"), "{printed}");
    // A second stamp joins the first; one over another signature proves nothing.
    let other = self::token(&shop, &Request::new(sha256(b"other"), &NONCE));
    let twice = Message::read(&cms::stamped(&stamped, &other).unwrap()).unwrap();
    let outcomes = twice.verify(Content::Beside(&[TEXT]), &Rules::default()).unwrap();
    let judgement = stamp::judge(outcomes[0].as_ref().unwrap(), twice.certificates(), &means, later);
    assert_eq!(judgement.stamps.iter().filter(|stamp| stamp.is_ok()).count(), 1);
    assert!(
        judgement
            .stamps
            .iter()
            .any(|stamp| matches!(stamp, Err(StampError::Imprint)))
    );
    assert!(judgement.is_proven && judgement.path.is_ok());
    assert!(cms::stamped(&plain, &plain).is_err());
    assert!(
        cms::stamped(&token, &token).is_ok(),
        "a token may be stamped itself"
    );
}

/// The moment of a stamp made now: tests have no clock.
fn issued_now(shop: &Shop) -> Timestamp {
    let request = Request::new(sha256(b"now"), &NONCE);
    let (trust, revocation) = (shop.trust(), Revocation::default());
    let token = token(shop, &request);
    let held = stamp::verify(&token, &request.expected(), &means(&trust, &revocation)).unwrap();
    assert!(held.at > at("2026-01-01T00:00:00Z"));
    held.at
}
