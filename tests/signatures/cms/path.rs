use jiff::{SignedDuration, Timestamp};
use lienthong::signing::der::oid::Oid;
use lienthong::signing::trust::{
    AnchorError, Certificate, CertificateError, List, Path, Place, Purpose, Question, Reason, Response,
    Revocation, Standing, Trust, Unclear, Untrusted, WhenUnknown, ocsp, pin,
};

use super::shop::{AUTHORITY, HOLDER, Order, ROOT, STAMPER, Shop, at};

const NOON: &str = "2026-03-05T12:00:00Z";

fn question<'a>(time: &str, revocation: &'a Revocation) -> Question<'a> {
    Question {
        at: at(time),
        purpose: Purpose::Documents,
        legacy: false,
        revocation,
        when_unknown: WhenUnknown::Tell,
    }
}

fn path(trust: &Trust, certificate: &Certificate, time: &str) -> Result<Path, Untrusted> {
    trust.path(certificate, &[], &question(time, &Revocation::default()))
}

/// What `openssl verify` says about `name.pem` at that moment, with the root trusted and the authority at hand.
fn theirs(shop: &Shop, name: &str, time: &str) -> Result<(), String> {
    let seconds = at(time).as_second();
    let output = shop.try_run(&format!(
        "verify -attime {seconds} -CAfile root.pem -untrusted sub.pem {name}.pem"
    ));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(())
    } else {
        Err(said)
    }
}

#[test]
fn a_path_leads_to_a_pinned_anchor() {
    for key in ["rsa", "p256", "p384", "ed25519"] {
        let shop = Shop::new();
        for order in [Order::ROOT, Order::AUTHORITY, Order::HOLDER] {
            shop.make(&Order { key, ..order });
        }
        let holder = shop.certificate("holder");
        let found = path(&shop.trust(), &holder, NOON).unwrap();
        assert_eq!(
            found.certificates,
            [holder.clone(), shop.certificate("sub"), shop.certificate("root")]
        );
        assert_eq!(found.standings, [Standing::Unknown(Unclear::Silent); 2]);
        assert_eq!(found.anchor(), Some(&shop.certificate("root")));
        assert!(!found.is_weak);
        assert_eq!(theirs(&shop, "holder", NOON), Ok(()));
        // The intermediate may come with the message instead, and may itself be what is pinned.
        let beside = [shop.certificate("sub")];
        let trust = shop.anchored("root");
        assert!(
            trust
                .path(&holder, &beside, &question(NOON, &Revocation::default()))
                .is_ok()
        );
        assert_eq!(
            path(&shop.anchored("sub"), &holder, NOON)
                .unwrap()
                .certificates
                .len(),
            2
        );
        assert_eq!(
            path(&shop.anchored("holder"), &holder, NOON)
                .unwrap()
                .certificates
                .len(),
            1
        );
    }
}

fn place(depth: usize, certificate: &Certificate) -> Place {
    Place {
        depth,
        fingerprint: *certificate.fingerprint(),
    }
}

#[test]
fn a_certificate_is_good_from_its_first_to_its_last_second() {
    let shop = Shop::with_holder("p256");
    let brief = shop.make(&Order {
        name: "brief",
        from: "20260101000000Z",
        to: "20260201000000Z",
        ..Order::HOLDER
    });
    let place = place(0, &brief);
    let (ended, after) = (at("2026-02-01T00:00:00Z"), "2026-02-01T00:00:01Z");
    let why = path(&shop.trust(), &brief, after).unwrap_err();
    let at_that = at(after);
    assert_eq!(
        why,
        Untrusted::Expired {
            place,
            ended,
            at: at_that
        }
    );
    // Nobody is named in what is said.
    assert!(!format!("{why} {why:?}").contains("NGUYEN"));
    assert!(path(&shop.trust(), &brief, "2026-02-01T00:00:00.9Z").is_ok());
    assert!(theirs(&shop, "brief", after).unwrap_err().contains("expired"));
    let (begins, before) = (at("2026-01-01T00:00:00Z"), "2025-12-31T23:59:59Z");
    let at_that = at(before);
    let why = path(&shop.trust(), &brief, before).unwrap_err();
    assert_eq!(
        why,
        Untrusted::NotYet {
            place,
            begins,
            at: at_that
        }
    );
    let said = theirs(&shop, "brief", before).unwrap_err();
    assert!(said.contains("not yet valid"), "{said}");
}

#[test]
fn what_a_certificate_is_not_for_is_said() {
    let shop = Shop::with_holder("p256");
    let make = |name, issuer, extensions| {
        shop.make(&Order {
            name,
            issuer,
            extensions,
            ..Order::HOLDER
        })
    };
    let purpose = Purpose::Documents;
    for (name, extensions) in [
        ("server", "keyUsage=digitalSignature\nextendedKeyUsage=serverAuth"),
        ("cipher", "keyUsage=critical,keyEncipherment"),
    ] {
        let certificate = make(name, "sub", extensions);
        let why = path(&shop.trust(), &certificate, NOON).unwrap_err();
        let place = place(0, &certificate);
        assert_eq!(why, Untrusted::Purpose { place, purpose });
    }
    let odd = make("odd", "sub", "1.2.3.4.5=critical,DER:0500");
    let (place_of_odd, extension) = (place(0, &odd), Oid::dotted("1.2.3.4.5").unwrap());
    let why = path(&shop.trust(), &odd, NOON).unwrap_err();
    assert_eq!(
        why,
        Untrusted::Extension {
            place: place_of_odd,
            extension
        }
    );
    let said = theirs(&shop, "odd", NOON).unwrap_err();
    assert!(said.contains("unhandled critical extension"), "{said}");
    // A holder that issues.
    let below = make("below", "holder", HOLDER);
    let trust = shop.trust().with([shop.certificate("holder")]);
    let why = path(&trust, &below, NOON).unwrap_err();
    let place = place(1, &shop.certificate("holder"));
    assert_eq!(why, Untrusted::NotAuthority { place });
}

#[test]
fn constraints_on_names_end_a_path() {
    let shop = Shop::new();
    shop.make(&Order::ROOT);
    let extensions = format!("{AUTHORITY}\nnameConstraints=permitted;DNS:example.vn");
    let sub = shop.make(&Order {
        extensions: &extensions,
        ..Order::AUTHORITY
    });
    let holder = shop.make(&Order::HOLDER);
    let why = path(&shop.trust(), &holder, NOON).unwrap_err();
    let (place, extension) = (place(1, &sub), Oid::dotted("2.5.29.30").unwrap());
    assert_eq!(why, Untrusted::Extension { place, extension });
}

#[test]
fn another_pki_of_the_same_names_is_another() {
    let shop = Shop::with_holder("p256");
    let stranger = Shop::with_holder("p256");
    // The key identifiers differ; without them, the signature does.
    let foreign = stranger.certificate("holder");
    let no_anchor = || Untrusted::NoAnchor {
        place: place(0, &foreign),
    };
    assert_eq!(path(&shop.trust(), &foreign, NOON).unwrap_err(), no_anchor());
    assert_eq!(path(&Trust::default(), &foreign, NOON).unwrap_err(), no_anchor());
    let plain = stranger.make(&Order {
        name: "plain",
        extensions: "keyUsage=digitalSignature\nauthorityKeyIdentifier=none",
        ..Order::HOLDER
    });
    let place = place(0, &plain);
    let why = path(&shop.trust(), &plain, NOON).unwrap_err();
    assert_eq!(why, Untrusted::Signature { place });
}

#[test]
fn authorities_are_judged_like_the_first() {
    let shop = Shop::new();
    shop.make(&Order::ROOT);
    shop.make(&Order {
        to: "20260301000000Z",
        ..Order::AUTHORITY
    });
    shop.make(&Order::HOLDER);
    let ended = at("2026-03-01T00:00:00Z");
    let place = Place {
        depth: 1,
        fingerprint: *shop.certificate("sub").fingerprint(),
    };
    let why = path(&shop.trust(), &shop.certificate("holder"), NOON).unwrap_err();
    assert_eq!(
        why,
        Untrusted::Expired {
            place,
            ended,
            at: at(NOON)
        }
    );
    assert!(theirs(&shop, "holder", NOON).unwrap_err().contains("expired"));
    // At the moment of a time-stamp before that, all was well.
    assert!(path(&shop.trust(), &shop.certificate("holder"), "2026-02-28T00:00:00Z").is_ok());
}

#[test]
fn an_authority_allows_so_many_below() {
    for (limit, allowed) in [("pathlen:0", false), ("pathlen:1", true)] {
        let shop = Shop::new();
        let root = ROOT.replace("CA:TRUE", &format!("CA:TRUE,{limit}"));
        shop.make(&Order {
            extensions: &root,
            ..Order::ROOT
        });
        shop.make(&Order::AUTHORITY);
        shop.make(&Order::HOLDER);
        // Authority directly below the root: none below `pathlen:0` but holders, so the path with one authority is one too many.
        let found = path(&shop.trust(), &shop.certificate("holder"), NOON);
        assert_eq!(found.is_ok(), allowed, "{found:?}");
        assert_eq!(theirs(&shop, "holder", NOON).is_ok(), allowed);
        if let Err(why) = found {
            let place = Place {
                depth: 2,
                fingerprint: *shop.certificate("root").fingerprint(),
            };
            assert_eq!(why, Untrusted::PathLength { place, allowed: 0 });
        }
    }
}

#[test]
fn weak_signatures_and_short_keys_are_named() {
    let shop = Shop::new();
    shop.make(&Order {
        key: "rsa",
        digest: "sha1",
        ..Order::ROOT
    });
    shop.make(&Order {
        digest: "sha1",
        ..Order::AUTHORITY
    });
    shop.make(&Order::HOLDER);
    let holder = shop.certificate("holder");
    let place = Place {
        depth: 1,
        fingerprint: *shop.certificate("sub").fingerprint(),
    };
    assert_eq!(
        path(&shop.trust(), &holder, NOON).unwrap_err(),
        Untrusted::Weak { place }
    );
    let revocation = Revocation::default();
    let legacy = Question {
        legacy: true,
        ..question(NOON, &revocation)
    };
    assert!(shop.trust().path(&holder, &[], &legacy).unwrap().is_weak);
    // The anchor's own signature proves nothing and is not asked.
    assert!(!path(&shop.anchored("sub"), &holder, NOON).unwrap().is_weak);

    let shop = Shop::new();
    shop.make(&Order {
        key: "short",
        ..Order::ROOT
    });
    shop.make(&Order {
        issuer: "root",
        ..Order::HOLDER
    });
    let why = path(&shop.anchored("root"), &shop.certificate("holder"), NOON).unwrap_err();
    assert!(
        matches!(&why, Untrusted::Unusable { place: Place { depth: 1, .. }, reason } if reason.contains("1024")),
        "{why:?}"
    );
}

#[test]
fn time_stamps_need_a_certificate_for_them_alone() {
    let shop = Shop::with_holder("p256");
    for (name, extensions) in [
        ("good", STAMPER),
        ("lax", "extendedKeyUsage=timeStamping"),
        ("more", "extendedKeyUsage=critical,timeStamping,emailProtection"),
        ("plain", HOLDER),
    ] {
        shop.make(&Order {
            name,
            extensions,
            ..Order::HOLDER
        });
        let revocation = Revocation::default();
        let stamps = Question {
            purpose: Purpose::TimeStamps,
            ..question(NOON, &revocation)
        };
        let found = shop.trust().path(&shop.certificate(name), &[], &stamps);
        assert_eq!(found.is_ok(), name == "good", "{name}: {found:?}");
        if let Err(why) = found {
            assert!(matches!(
                why,
                Untrusted::Purpose {
                    purpose: Purpose::TimeStamps,
                    ..
                }
            ));
        }
        // And one for time-stamps signs no documents.
        let documents = path(&shop.trust(), &shop.certificate(name), NOON);
        assert_eq!(
            documents.is_err(),
            name == "good" || name == "lax",
            "{name}: {documents:?}"
        );
    }
}

/// A shop where `lost` was taken back on 4 March, and the lists of both authorities of the 5th.
fn with_lists() -> (Shop, Revocation) {
    let shop = Shop::with_holder("p256");
    shop.make(&Order {
        name: "lost",
        ..Order::HOLDER
    });
    shop.revoke("sub", "lost", "260304000000Z", "keyCompromise");
    let root = shop.list("root", "20260301000000Z", "20260401000000Z", "");
    let sub = shop.list("sub", "20260305000000Z", "20260312000000Z", "");
    let lists = [sub, root].map(|list| List::read(&list).unwrap());
    let revocation = Revocation {
        lists: lists.into(),
        responses: Vec::new(),
    };
    (shop, revocation)
}

#[test]
fn a_revocation_list_says_how_a_certificate_stood() {
    let (shop, both) = with_lists();
    let (holder, lost) = (shop.certificate("holder"), shop.certificate("lost"));
    let ask = |certificate: &Certificate, time: &str| {
        let question = Question {
            when_unknown: WhenUnknown::Refuse,
            ..question(time, &both)
        };
        shop.trust().path(certificate, &[], &question)
    };
    let good = |time: &str| Standing::Good { as_of: at(time) };
    let expected = [good("2026-03-05T00:00:00Z"), good("2026-03-01T00:00:00Z")];
    assert_eq!(ask(&holder, NOON).unwrap().standings, expected);

    let revoked = Untrusted::Revoked {
        place: place(0, &lost),
        at: at("2026-03-04T00:00:00Z"),
        reason: Reason::KeyCompromise,
    };
    assert_eq!(ask(&lost, NOON).unwrap_err(), revoked);
    let said = revoked.to_string();
    assert!(
        said.ends_with(" was revoked on 2026-03-04T00:00:00Z (keyCompromise)"),
        "{said}"
    );
    // Before that it was good, and a stamp from then proves it.
    assert!(ask(&lost, "2026-03-03T23:59:59Z").is_ok());
    // However old the list, what it takes back stays taken back.
    let later = ask(&lost, "2027-01-01T00:00:00Z");
    assert!(matches!(later, Err(Untrusted::Revoked { .. })));
    let (place, unclear) = (place(0, &holder), Unclear::Stale);
    let later = ask(&holder, "2026-03-12T00:00:01Z").unwrap_err();
    assert_eq!(later, Untrusted::Unknown { place, unclear });
}

#[test]
fn what_nobody_says_is_the_callers_to_judge() {
    let (shop, mut half) = with_lists();
    half.lists.truncate(1);
    let (holder, lost) = (shop.certificate("holder"), shop.certificate("lost"));
    let ask = |certificate: &Certificate, revocation: &Revocation, when_unknown| {
        let question = Question {
            when_unknown,
            ..question(NOON, revocation)
        };
        shop.trust().path(certificate, &[], &question)
    };
    let unknown = |depth, name| Untrusted::Unknown {
        place: place(depth, &shop.certificate(name)),
        unclear: Unclear::Silent,
    };
    let strict = ask(&holder, &half, WhenUnknown::Refuse);
    assert_eq!(strict.unwrap_err(), unknown(1, "sub"));
    assert!(ask(&holder, &half, WhenUnknown::RefuseHolder).is_ok());
    assert!(ask(&lost, &half, WhenUnknown::RefuseHolder).is_err());
    assert!(ask(&lost, &half, WhenUnknown::Tell).is_err());
    let nothing = Revocation::default();
    let silent = ask(&holder, &nothing, WhenUnknown::RefuseHolder);
    assert_eq!(silent.unwrap_err(), unknown(0, "holder"));
    assert!(ask(&holder, &nothing, WhenUnknown::Tell).is_ok());
}

#[test]
fn an_authority_that_was_taken_back_ends_the_path() {
    let shop = Shop::with_holder("p256");
    shop.revoke("root", "sub", "260201000000Z", "CACompromise");
    let list = shop.list("root", "20260301000000Z", "20260401000000Z", "");
    let revocation = Revocation {
        lists: vec![List::read(&list).unwrap()],
        responses: Vec::new(),
    };
    let why = shop
        .trust()
        .path(&shop.certificate("holder"), &[], &question(NOON, &revocation))
        .unwrap_err();
    let place = Place {
        depth: 1,
        fingerprint: *shop.certificate("sub").fingerprint(),
    };
    assert_eq!(
        why,
        Untrusted::Revoked {
            place,
            at: at("2026-02-01T00:00:00Z"),
            reason: Reason::AuthorityCompromise
        }
    );
}

#[test]
fn a_list_that_is_not_the_issuers_says_nothing() {
    let shop = Shop::with_holder("p256");
    let stranger = Shop::with_holder("p256");
    let holder = shop.certificate("holder");
    let standing = |list: &[u8], time: &str| {
        let revocation = Revocation {
            lists: vec![List::read(list).unwrap()],
            responses: Vec::new(),
        };
        revocation.standing(&holder, &shop.certificate("sub"), at(time), false)
    };
    let other = stranger.list("sub", "20260305000000Z", "20260312000000Z", "");
    assert_eq!(standing(&other, NOON), Standing::Unknown(Unclear::NotIssuer));
    // A list of one part of the certificates, of which this is none.
    let part = shop.list("sub", "20260305000000Z", "20260312000000Z", "-crlexts parts");
    assert_eq!(standing(&part, NOON), Standing::Unknown(Unclear::Scope));
    let weak = shop.list("sub", "20260305000000Z", "20260312000000Z", "-md sha1");
    assert_eq!(standing(&weak, NOON), Standing::Unknown(Unclear::Weak));
    // From after the certificate's end: it may have been dropped.
    let late = shop.list("sub", "20410305000000Z", "20410312000000Z", "");
    assert_eq!(standing(&late, NOON), Standing::Unknown(Unclear::Dropped));
    // From after the moment, before the end: good then, too.
    let later = shop.list("sub", "20270305000000Z", "20270312000000Z", "");
    assert_eq!(
        standing(&later, NOON),
        Standing::Good {
            as_of: at("2027-03-05T00:00:00Z")
        }
    );
    // One octet changed.
    let mut list = List::read(&later).map(|_| later.clone()).unwrap();
    let der = shop.run("crl -in sub.crl -outform DER");
    assert!(List::read(&der).is_ok());
    let place = der.len() - 1;
    list.clear();
    list.extend(&der);
    list[place] ^= 1;
    assert_eq!(standing(&list, NOON), Standing::Unknown(Unclear::NotIssuer));
}

#[test]
fn a_hold_ends_with_the_list_that_tells_it() {
    let shop = Shop::with_holder("p256");
    let holder = shop.certificate("holder");
    shop.revoke(
        "sub",
        "holder",
        "260304000000Z",
        "holdInstruction,holdInstructionReject",
    );
    let held = shop.list("sub", "20260305000000Z", "20260312000000Z", "");
    let revocation = Revocation {
        lists: vec![List::read(&held).unwrap()],
        responses: Vec::new(),
    };
    let standing = |time: &str| revocation.standing(&holder, &shop.certificate("sub"), at(time), false);
    assert_eq!(
        standing(NOON),
        Standing::Revoked {
            at: at("2026-03-04T00:00:00Z"),
            reason: Reason::CertificateHold
        }
    );
    assert_eq!(
        standing("2026-04-01T00:00:00Z"),
        Standing::Unknown(Unclear::Stale)
    );
}

/// A shop where `lost` was taken back on 4 January, and `responder` may answer for the authority.
fn with_responder() -> Shop {
    let shop = Shop::with_holder("p256");
    shop.make(&Order {
        name: "lost",
        ..Order::HOLDER
    });
    shop.make(&Order {
        name: "responder",
        key: "rsa",
        extensions: "keyUsage=digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored",
        ..Order::HOLDER
    });
    shop.revoke("sub", "lost", "260104000000Z", "superseded");
    shop
}

/// What `openssl ocsp` answers about `name`, signed by `signer`, and the moment of the answer.
fn answer(shop: &Shop, name: &str, signer: &str, more: &str) -> (Revocation, Timestamp) {
    let nonce = [7; 16];
    let sub = shop.certificate("sub");
    let question = ocsp::request(&shop.certificate(name), &sub, Some(&nonce)).unwrap();
    shop.write("question", question);
    shop.run(&format!(
        "ocsp -index sub.index -CA sub.pem -rsigner {signer}.pem -rkey {signer}.key -reqin question -respout answer {more}"
    ));
    let response = Response::read(&shop.read("answer")).unwrap();
    assert_eq!(response.nonce(), Some(&nonce[..]));
    let now = response.produced();
    let revocation = Revocation {
        lists: Vec::new(),
        responses: vec![response],
    };
    (revocation, now)
}

#[test]
fn an_ocsp_answer_says_how_a_certificate_stood() {
    let shop = with_responder();
    let sub = shop.certificate("sub");
    let week = ["-ndays 7", "-ndays 7 -resp_key_id", "-ndays 7 -rmd sha384"];
    let all = ["sub", "responder"]
        .into_iter()
        .flat_map(|signer| week.map(|more| (signer, more)));
    for (signer, more) in all {
        let standings = |name: &str| {
            let (revocation, now) = answer(&shop, name, signer, more);
            let later = now + SignedDuration::from_hours(24 * 8);
            [now, later].map(|time| revocation.standing(&shop.certificate(name), &sub, time, false))
        };
        let (since, reason) = (at("2026-01-04T00:00:00Z"), Reason::Superseded);
        assert_eq!(standings("lost"), [Standing::Revoked { at: since, reason }; 2]);
        let [now, later] = standings("holder");
        assert!(matches!(now, Standing::Good { .. }), "{signer} {more} {now:?}");
        assert_eq!(later, Standing::Unknown(Unclear::Stale));
        // Another issuer's certificate is not even spoken of.
        assert!(matches!(
            standings("root"),
            [Standing::Unknown(_), Standing::Unknown(_)]
        ));
    }
}

#[test]
fn an_ocsp_answer_that_does_not_count_says_why() {
    let shop = with_responder();
    let sub = shop.certificate("sub");
    for (about, signer, more, asked, unclear) in [
        // One that the issuer does not let answer, and one that is not the issuer's.
        ("holder", "holder", "-ndays 7", "holder", Unclear::NotIssuer),
        ("holder", "root", "-ndays 7", "holder", Unclear::NotIssuer),
        ("holder", "sub", "-ndays 7 -rmd sha1", "holder", Unclear::Weak),
        ("holder", "sub", "-ndays 7", "lost", Unclear::Silent),
    ] {
        let (revocation, now) = answer(&shop, about, signer, more);
        let standing = revocation.standing(&shop.certificate(asked), &sub, now, false);
        assert_eq!(standing, Standing::Unknown(unclear), "{signer} {more}");
    }
    // Without a date for the next it is good for minutes only.
    let holder = shop.certificate("holder");
    let (revocation, now) = answer(&shop, "holder", "sub", "");
    let after = |minutes| {
        let later = now + SignedDuration::from_mins(minutes);
        revocation.standing(&holder, &sub, later, false)
    };
    assert!(matches!(after(4), Standing::Good { .. }));
    assert_eq!(after(6), Standing::Unknown(Unclear::Stale));
    // A responder whose own certificate was taken back does not count.
    let (mut revocation, now) = answer(&shop, "holder", "responder", "-ndays 7");
    let standing = revocation.standing(&holder, &sub, now, false);
    assert!(matches!(standing, Standing::Good { .. }));
    shop.revoke("sub", "responder", "260104000000Z", "keyCompromise");
    let list = shop.list("sub", "20260305000000Z", "20260312000000Z", "");
    revocation.lists.push(List::read(&list).unwrap());
    let standing = revocation.standing(&holder, &sub, now, false);
    assert_eq!(
        standing,
        Standing::Unknown(Unclear::Stale),
        "the list is old, the answer does not count"
    );
}

#[test]
fn openssl_reads_the_question() {
    let shop = Shop::with_holder("p256");
    let question = ocsp::request(
        &shop.certificate("holder"),
        &shop.certificate("sub"),
        Some(&[9; 16]),
    )
    .unwrap();
    shop.write("question", question);
    let printed = String::from_utf8(shop.run("ocsp -reqin question -req_text")).unwrap();
    let theirs =
        String::from_utf8(shop.run("ocsp -issuer sub.pem -cert holder.pem -no_nonce -req_text")).unwrap();
    for line in theirs.lines().filter(|line| line.contains(':')) {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
    assert!(printed.contains("OCSP Nonce"));
}

#[test]
fn anchors_are_exactly_the_pinned() {
    let shop = Shop::with_holder("p256");
    let (root, sub) = (shop.read("root.pem"), shop.read("sub.pem"));
    let pins = [
        *shop.certificate("root").fingerprint(),
        *shop.certificate("sub").fingerprint(),
    ];
    let printed = String::from_utf8(shop.run("x509 -in root.pem -noout -fingerprint -sha256")).unwrap();
    assert_eq!(pin(printed.trim().split('=').nth(1).unwrap()), Ok(pins[0]));
    assert_eq!(Trust::pinned(&[&root, &sub], &pins).unwrap().anchors().len(), 2);
    assert_eq!(
        Trust::pinned(&[&[root.clone(), sub].concat()], &pins)
            .unwrap()
            .anchors()
            .len(),
        2
    );
    let der = shop.run("x509 -in root.pem -outform DER");
    assert_eq!(
        Trust::pinned(&[&der], &pins[..1]).unwrap().anchors(),
        [shop.certificate("root")]
    );
    assert_eq!(
        Trust::pinned(&[&root], &pins).unwrap_err(),
        AnchorError::Missing(pins[1])
    );
    assert_eq!(
        Trust::pinned(&[&root], &pins[1..]).unwrap_err(),
        AnchorError::NotPinned(pins[0])
    );
    assert_eq!(
        Trust::pinned(&[b"nothing"], &[]).unwrap_err(),
        AnchorError::Certificate(CertificateError::None)
    );
    assert_eq!(pin("ab"), Err(AnchorError::Pin));
}

#[test]
fn people_read_who_and_not_their_numbers() {
    let shop = Shop::with_holder("p256");
    let holder = shop.certificate("holder");
    assert_eq!(
        holder.subject_text(),
        "UID=CMND:***, CN=NGUYEN VAN MAU, O=Trial, C=VN"
    );
    assert_eq!(holder.issuer_text(), "CN=Trial Authority, O=Trial, C=VN");
    assert_eq!(holder.holder_name().as_deref(), Some("NGUYEN VAN MAU"));
    assert_eq!(holder.days_left(at("2039-12-31T12:00:00Z")), 0);
    assert_eq!(holder.days_left(at("2039-12-02T00:00:00Z")), 30);
    assert_eq!(holder.days_left(at("2040-01-01T00:00:01Z")), -1);
    assert!(!format!("{holder:?}").contains("NGUYEN"));
    shop.make(&Order {
        name: "other",
        subject: "/C=VN/O=CONG TY 0101234567/CN=Trần Văn Mẫu 001 090 000 018/serialNumber=CCCD:001090000017",
        ..Order::HOLDER
    });
    assert_eq!(
        shop.certificate("other").subject_text(),
        "serialNumber=CCCD:***, CN=Trần Văn Mẫu ***, O=CONG TY ***, C=VN"
    );
}

#[test]
fn a_renewed_authority_is_found_among_its_namesakes() {
    let shop = Shop::new();
    shop.make(&Order::ROOT);
    let names = ["one", "two", "three"];
    for name in names {
        let extensions = AUTHORITY.replace("=keyid", "=none").replace("=hash", "=none");
        shop.make(&Order {
            name,
            extensions: &extensions,
            ..Order::AUTHORITY
        });
    }
    shop.make(&Order {
        issuer: "three",
        extensions: "keyUsage=digitalSignature\nauthorityKeyIdentifier=none",
        ..Order::HOLDER
    });
    let trust = shop
        .anchored("root")
        .with(names.map(|name| shop.certificate(name)));
    let found = path(&trust, &shop.certificate("holder"), NOON).unwrap();
    assert_eq!(found.certificates[1], shop.certificate("three"));
}
