use std::sync::OnceLock;

use lienthong::keys::FileKey;
use lienthong::signing::cms::{self, Content, Message, Rules, Signed};
use lienthong::signing::stamp::{self, Expected, Request};
use lienthong::signing::trust::{Certificate, List, Response, Revocation, Trust, ocsp};
use openssl::sha::sha256;
use proptest::prelude::{Just, Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq, prop_oneof};

use super::shop::{Order, STAMPER, Shop, at, means};

const TEXT: &[u8] = b"what is signed";

/// Real structures of every kind, made once.
struct Made {
    signed: Vec<u8>,
    attached: Vec<u8>,
    /// Without certificates.
    bare: Vec<u8>,
    token: Vec<u8>,
    reply: Vec<u8>,
    certificate: Vec<u8>,
    list: Vec<u8>,
    answer: Vec<u8>,
    trust: Trust,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let shop = Shop::with_holder("p256");
        shop.make(&Order { name: "tsa", subject: "/CN=Trial TSA", extensions: STAMPER, ..Order::HOLDER });
        shop.write("serial", "01\n");
        shop.write(
            "tsa.cnf",
            "[tsa]\ndefault_tsa=me\n[me]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\ncerts=sub.pem\nsigner_digest=sha256\n\
             default_policy=1.2.3.4.1\ndigests=sha256\nclock_precision_digits=6\ntsa_name=yes\ness_cert_id_alg=sha256\n",
        );
        shop.write("text", TEXT);
        let key = FileKey::from_pem(&shop.read("holder.key")).unwrap();
        let chain = [shop.certificate("holder"), shop.certificate("sub")];
        let plain = cms::sign(&[TEXT], &key, &chain, at("2026-03-05T08:09:10Z")).unwrap();
        let signature = Message::read(&plain).unwrap().signature(0).unwrap().to_vec();
        shop.write("query", Request::new(sha256(&signature), &[7; 8]).to_der());
        shop.run("ts -reply -config tsa.cnf -queryfile query -out reply");
        let reply = shop.read("reply");
        let token = stamp::token(&reply).unwrap();
        shop.run("cms -sign -binary -in text -nodetach -cades -outform DER -out attached -signer holder.pem -inkey holder.key");
        shop.run("cms -sign -binary -in text -nodetach -cades -nocerts -outform DER -out bare -signer holder.pem -inkey holder.key");
        shop.revoke("sub", "holder", "260304000000Z", "keyCompromise");
        shop.list("sub", "20260305000000Z", "20260312000000Z", "");
        shop.write("question", ocsp::request(&shop.certificate("holder"), &shop.certificate("sub"), None).unwrap());
        shop.run("ocsp -index sub.index -CA sub.pem -rsigner sub.pem -rkey sub.key -reqin question -respout answer -ndays 7");
        Made {
            signed: cms::stamped(&plain, &token).unwrap(),
            attached: shop.read("attached"),
            bare: shop.read("bare"),
            certificate: shop.certificate("holder").der().to_vec(),
            list: shop.run("crl -in sub.crl -outform DER"),
            answer: shop.read("answer"),
            trust: shop.trust(),
            token,
            reply,
        }
    })
}

/// Everything that reads reads these bytes; nothing falls over.
fn read_all(bytes: &[u8]) {
    for message in [Message::read(bytes), Message::padded(bytes)]
        .into_iter()
        .flatten()
    {
        for content in [Content::Within, Content::Beside(&[TEXT])] {
            drop(message.verify(content, &Rules::default()));
        }
    }
    let revocation = Revocation {
        lists: List::read(bytes).into_iter().collect(),
        responses: Response::read(bytes).into_iter().collect(),
    };
    if let Ok(certificates) = Certificate::all(bytes) {
        for certificate in &certificates {
            let _texts = (certificate.subject_text(), certificate.holder_name());
            let _path = made().trust.path(
                certificate,
                &certificates,
                &means(&made().trust, &revocation).question_now(),
            );
        }
    }
    drop(stamp::token(bytes));
    drop(stamp::verify(
        bytes,
        &Expected::over(TEXT),
        &means(&made().trust, &revocation),
    ));
    drop(cms::stamped(bytes, &made().token));
    drop(cms::stamped(&made().signed, bytes));
}

trait QuestionNow<'a> {
    fn question_now(&self) -> lienthong::signing::trust::Question<'a>;
}

impl<'a> QuestionNow<'a> for stamp::Means<'a> {
    fn question_now(&self) -> lienthong::signing::trust::Question<'a> {
        lienthong::signing::trust::Question {
            at: at("2026-03-05T08:09:10Z"),
            purpose: lienthong::signing::trust::Purpose::Documents,
            legacy: true,
            revocation: self.revocation,
            when_unknown: self.when_unknown,
        }
    }
}

fn all() -> [&'static [u8]; 7] {
    let made = made();
    [
        &made.signed,
        &made.attached,
        &made.token,
        &made.reply,
        &made.certificate,
        &made.list,
        &made.answer,
    ]
}

#[test]
fn what_is_cut_off_anywhere_is_refused() {
    for bytes in all() {
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            assert!(Message::read(cut).is_err() && Certificate::from_der(cut).is_err());
            assert!(List::read(cut).is_err() && Response::read(cut).is_err() && stamp::token(cut).is_err());
            read_all(cut);
        }
        read_all(bytes);
    }
}

/// Everything that is told as covered, for comparison.
fn covered(signed: &Signed) -> impl PartialEq + std::fmt::Debug + use<> {
    let Signed {
        signer,
        scheme,
        digest,
        content_type,
        length,
        claimed,
        binding,
        is_weak,
        remarks: _,
        stamps: _,
    } = signed.clone();
    (
        signer,
        scheme,
        digest,
        content_type,
        length,
        claimed,
        binding,
        is_weak,
    )
}

/// One bit of every byte of `bytes`, changed alone, each time another.
fn each_byte(bytes: &[u8], mut look: impl FnMut(usize, &[u8])) {
    let mut changed = bytes.to_vec();
    for place in 0..bytes.len() {
        changed[place] ^= 1 << (place * 5 % 8);
        look(place, &changed);
        changed[place] = bytes[place];
    }
}

/// Every bit of `bytes`, changed alone.
fn each_bit(bytes: &[u8], mut look: impl FnMut(usize, &[u8])) {
    let mut changed = bytes.to_vec();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            changed[place] ^= 1 << bit;
            look(place, &changed);
            changed[place] ^= 1 << bit;
        }
    }
}

fn verify(bytes: &[u8], content: Content<'_>, certificates: &[Certificate]) -> Option<Signed> {
    let rules = Rules {
        legacy: false,
        certificates,
    };
    Message::read(bytes)
        .ok()?
        .verify(content, &rules)
        .ok()?
        .pop()?
        .ok()
}

#[test]
fn a_changed_bit_of_a_message_is_refused_or_changes_nothing_that_is_covered() {
    let made = made();
    let beside = Content::Beside(&[TEXT]);
    for (bytes, content) in [(&made.signed, beside), (&made.attached, Content::Within)] {
        let truth = covered(&verify(bytes, content, &[]).unwrap());
        let (mut refused, mut same) = (0, 0);
        each_byte(bytes, |place, changed| match verify(changed, content, &[]) {
            None => refused += 1,
            Some(signed) => {
                assert_eq!(covered(&signed), truth, "at {place}");
                same += 1;
            }
        });
        // Versions, the list of hashes, other certificates and unsigned attributes are not covered; the rest is.
        assert!(refused > 0 && same > 0, "{refused} {same}");
    }
}

#[test]
fn every_bit_of_a_signer_is_covered() {
    let made = made();
    let certificates = [Certificate::from_der(&made.certificate).unwrap()];
    let truth = covered(&verify(&made.bare, Content::Within, &certificates).unwrap());
    let mut free = Vec::new();
    each_bit(&made.bare, |place, changed| {
        if let Some(signed) = verify(changed, Content::Within, &certificates) {
            assert_eq!(covered(&signed), truth, "at {place}");
            free.push(place);
        }
    });
    free.dedup();
    // The numbers of the two versions, the octets of the list of hashes, and the case of letters in the name by which the certificate is
    // looked up: a signature covers none of them. Nothing else may change.
    let issuer = certificates[0].issuer();
    let name = made
        .bare
        .windows(issuer.len())
        .position(|window| window == issuer)
        .unwrap();
    free.retain(|place| !(name..name + issuer.len()).contains(place));
    let (versions, list) = (2, 13);
    assert!(free.len() <= versions + list, "{free:?}");
}

#[test]
fn a_changed_bit_of_the_content_is_refused() {
    let message = Message::read(&made().signed).unwrap();
    each_bit(TEXT, |_, changed| {
        let outcomes = message
            .verify(Content::Beside(&[changed]), &Rules::default())
            .unwrap();
        assert!(matches!(outcomes.as_slice(), [Err(cms::Refusal::Content)]));
    });
}

#[test]
fn a_changed_bit_of_a_stamp_is_refused_or_changes_nothing() {
    let made = made();
    let message = Message::read(&made.signed).unwrap();
    let revocation = Revocation::default();
    let over = message.signature(0).unwrap();
    let verify =
        |bytes: &[u8]| stamp::verify(bytes, &Expected::over(over), &means(&made.trust, &revocation)).ok();
    let truth = verify(&made.token).unwrap();
    let mut refused = 0;
    each_byte(&made.token, |place, changed| match verify(changed) {
        None => refused += 1,
        Some(stamp) => assert_eq!(stamp, truth, "at {place}"),
    });
    assert!(refused > 0);
}

#[test]
fn a_changed_bit_of_a_certificate_ends_the_path() {
    let made = made();
    let revocation = Revocation::default();
    let question = means(&made.trust, &revocation).question_now();
    let path = |bytes: &[u8]| {
        made.trust
            .path(&Certificate::from_der(bytes).ok()?, &[], &question)
            .ok()
    };
    assert!(path(&made.certificate).is_some());
    each_byte(&made.certificate, |place, changed| {
        assert!(path(changed).is_none(), "at {place}")
    });
}

#[test]
fn a_changed_bit_of_a_list_or_an_answer_never_makes_good() {
    let made = made();
    let certificate = Certificate::from_der(&made.certificate).unwrap();
    let issuer = &made.trust.intermediates()[0];
    let standing = |lists: Option<List>, responses: Option<Response>| {
        let revocation = Revocation {
            lists: lists.into_iter().collect(),
            responses: responses.into_iter().collect(),
        };
        revocation.standing(&certificate, issuer, at("2026-03-05T12:00:00Z"), false)
    };
    use lienthong::signing::trust::Standing;
    let truth = standing(List::read(&made.list).ok(), None);
    assert!(matches!(truth, Standing::Revoked { .. }));
    assert_eq!(standing(None, Response::read(&made.answer).ok()), truth);
    let check = |place: usize, changed: Standing| {
        assert!(
            changed == truth || matches!(changed, Standing::Unknown(_)),
            "at {place}: {changed:?}"
        );
    };
    each_byte(&made.list, |place, changed| {
        check(place, standing(List::read(changed).ok(), None))
    });
    each_byte(&made.answer, |place, changed| {
        check(place, standing(None, Response::read(changed).ok()))
    });
}

#[test]
fn huge_and_nested_lengths_cost_nothing() {
    let huge = [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x06, 0x09];
    let nested = [0x30, 0x80].repeat(100_000);
    let deep = (0..60_000).fold(Vec::new(), |_, _| Vec::<u8>::new());
    let sets = [0x31, 0x84, 0x7F, 0xFF, 0xFF, 0xFF].repeat(10_000);
    let pieces = [&[0x24, 0x80][..], &[0x04, 0x00].repeat(200_000), &[0, 0]].concat();
    for bytes in [&huge[..], &nested, &deep, &sets, &pieces] {
        read_all(bytes);
        assert!(Message::read(bytes).is_err());
    }
}

#[test]
fn many_namesakes_end_the_walk() {
    // Authorities that all could have issued each other by name: the walk gives up after so many signatures.
    let shop = Shop::new();
    let extensions =
        "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none";
    shop.make(&Order {
        extensions,
        ..Order::ROOT
    });
    let original = shop.read("root.key");
    let mut beside = Vec::new();
    for place in 0..24 {
        let name = format!("same{place}");
        shop.write(&format!("{name}.key"), &original);
        beside.push(shop.make(&Order {
            name: &name,
            extensions,
            ..Order::ROOT
        }));
    }
    let revocation = Revocation::default();
    let trust = Trust::default();
    let why = trust.path(
        &beside[0].clone(),
        &beside,
        &means(&trust, &revocation).question_now(),
    );
    assert_eq!(why.unwrap_err(), lienthong::signing::trust::Untrusted::TooMany);
}

/// Bytes of one structure with some cut out, doubled, or written over.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    let place = (0..7_usize, any::<proptest::sample::Index>(), 1..40_usize);
    let change = prop_oneof![Just(0), Just(1), Just(2)];
    (place, change, proptest::collection::vec(any::<u8>(), 0..6)).prop_map(
        |((which, place, length), change, fresh)| {
            let mut bytes = all()[which].to_vec();
            let from = place.index(bytes.len());
            let to = (from + length).min(bytes.len());
            match change {
                0 => drop(bytes.splice(from..to, fresh)),
                1 => {
                    let again = bytes[from..to].to_vec();
                    drop(bytes.splice(from..from, again));
                }
                _ => bytes.truncate(from),
            }
            bytes
        },
    )
}

proptest! {
    #[test]
    fn nothing_falls_over(bytes in mangled()) {
        read_all(&bytes);
    }

    #[test]
    fn noise_is_no_message(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
        prop_assert!(Message::read(&bytes).is_err());
    }

    #[test]
    fn what_is_signed_here_is_read_as_it_was_meant(content in proptest::collection::vec(any::<u8>(), 0..300), seconds in 0_i64..4_000_000_000, cut in any::<proptest::sample::Index>()) {
        let key = FileKey::generate(lienthong::model::signer::Algorithm::Es256).unwrap();
        let time = jiff::Timestamp::from_second(seconds).unwrap();
        let certificate = self_signed(&key);
        let message = cms::sign(&[&content], &key, std::slice::from_ref(&certificate), time).unwrap();
        let (one, two) = content.split_at(cut.index(content.len() + 1));
        let outcomes = Message::read(&message).unwrap().verify(Content::Beside(&[one, two]), &Rules::default()).unwrap();
        let signed = outcomes[0].as_ref().unwrap();
        prop_assert_eq!(signed.claimed, Some(time));
        prop_assert_eq!(&signed.signer, &certificate);
    }
}

/// A certificate of the key that nobody vouches for: the signature over it is nonsense, and nobody asks here.
fn self_signed(key: &FileKey) -> Certificate {
    use lienthong::model::signer::Signer;
    use lienthong::signing::der::{oid, write};
    let name = write::sequence(&[&write::set_of(&[&write::sequence(&[
        &write::oid(oid::COMMON_NAME),
        &write::element(0x0C, &[b"Trial"]),
    ])])]);
    let algorithm = write::sequence(&[&write::oid(oid::ECDSA_SHA256)]);
    let moment = |text: &str| write::time(at(text));
    let validity = write::sequence(&[&moment("2026-01-01T00:00:00Z"), &moment("2027-01-01T00:00:00Z")]);
    let signed = write::sequence(&[
        &write::unsigned(&[1]),
        &algorithm,
        &name,
        &validity,
        &name,
        key.public(),
    ]);
    let der = write::sequence(&[&signed, &algorithm, &write::element(3, &[&[0], b"nonsense"])]);
    Certificate::from_der(&der).unwrap()
}
