//! Project Wycheproof: signatures made to be accepted by mistake, and odd ones that are good.

use lienthong::model::signer::{Algorithm, Verifier};
use lienthong::signing::mac;
use lienthong::signing::public::PublicKey;
use wycheproof::{TestResult, ecdsa, eddsa, mac as codes, rsa_pkcs1_verify, rsa_pss_verify};

use super::{Held, vectors};

/// Tokens that the set calls good or bad and we the other way round, each with its reason.
const OTHERWISE: &[(u64, &str)] = &[
    (
        346,
        "the key is for PS256, and the token, an example of RFC 7520, is PS384",
    ),
    (347, "P-521 is no curve of this house"),
    (
        350,
        "the key is for PS256, and the token, an example of RFC 7520, is PS384",
    ),
    (351, "P-521 is no curve of this house"),
    (
        353,
        "what a JWK says about its use is for the one who installs the key; no JWK is read here",
    ),
    (354, "as 353"),
    (355, "as 353, for key_ops"),
    (356, "as 353, for key_ops"),
    (
        367,
        "the same letters as 357, which is good: what was meant has been lost",
    ),
    (370, "the same letters as 357"),
    (
        372,
        "a letter that is not of base64url is refused, though RFC 4648 lets a profile skip it",
    ),
    (373, "as 372"),
];

#[test]
fn json_web_signatures() {
    let (mut agreed, mut otherwise) = (0, 0);
    for group in vectors("wycheproof/json_web_signature.json")["testGroups"]
        .as_array()
        .unwrap()
    {
        let key = &group["key"];
        let alg = key["alg"]
            .as_str()
            .unwrap_or(if key["kty"] == "EC" { "ES256" } else { "RS256" });
        let held = Held::from_jwk(key, alg);
        for test in group["tests"].as_array().unwrap() {
            let (id, token) = (test["tcId"].as_u64().unwrap(), test["jws"].as_str().unwrap());
            // Where a compact token is due, nothing else is read.
            let believed = held
                .as_ref()
                .is_ok_and(|held| lienthong::signing::jws::verify_compact(token, held.key()).is_ok());
            let known = OTHERWISE.iter().any(|one| one.0 == id);
            assert_eq!(
                believed != (test["result"] == "valid"),
                known,
                "{id}: {}",
                test["comment"]
            );
            agreed += usize::from(!known);
            otherwise += usize::from(known);
        }
    }
    assert_eq!((agreed, otherwise), (188 - OTHERWISE.len(), OTHERWISE.len()));
}

/// Counts what we believe as the set does; `acceptable` is what it leaves open.
#[derive(Default)]
struct Tally {
    agreed: usize,
    open: usize,
}

impl Tally {
    fn count(&mut self, name: &str, id: usize, expected: TestResult, believed: bool) {
        match expected {
            TestResult::Valid => assert!(believed, "{name} {id}"),
            TestResult::Invalid => assert!(!believed, "{name} {id}"),
            TestResult::Acceptable => {
                // The NULL of an RSA v1.5 padding left out: RFC 8017 lets a verifier choose, and ours asks for it.
                assert!(!believed, "{name} {id}");
                self.open += 1;
                return;
            }
        }
        self.agreed += 1;
    }
}

fn key(der: &[u8], algorithm: Algorithm) -> PublicKey {
    PublicKey::from_der(der).unwrap().using(algorithm).unwrap()
}

#[test]
fn ecdsa_of_fixed_width() {
    let sets = [
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, Algorithm::Es256),
        (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, Algorithm::Es384),
    ];
    let mut tally = Tally::default();
    for (name, algorithm) in sets {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = key(&group.der, algorithm);
            for test in group.tests {
                let believed = key.verify(&test.msg, &test.sig);
                tally.count(algorithm.name(), test.tc_id, test.result, believed);
            }
        }
    }
    assert_eq!((tally.agreed, tally.open), (542, 0));
}

/// DER where r‖s is due: not one of them is believed, however good it is as DER.
#[test]
fn ecdsa_in_der_is_refused() {
    let sets = [
        (ecdsa::TestName::EcdsaSecp256r1Sha256, Algorithm::Es256),
        (ecdsa::TestName::EcdsaSecp384r1Sha384, Algorithm::Es384),
    ];
    let mut refused = 0;
    for (name, algorithm) in sets {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = key(&group.der, algorithm);
            for test in group.tests {
                assert!(!key.verify(&test.msg, &test.sig), "{} {}", algorithm, test.tc_id);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 988);
}

#[test]
fn rsa_pss() {
    use rsa_pss_verify::TestName;
    let sets = [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, Algorithm::Ps256),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, Algorithm::Ps256),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, Algorithm::Ps256),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, Algorithm::Ps384),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, Algorithm::Ps384),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, Algorithm::Ps512),
    ];
    let mut tally = Tally::default();
    for (name, algorithm) in sets {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let key = key(&group.der, algorithm);
            for test in group.tests {
                let believed = key.verify(&test.msg, &test.sig);
                tally.count(algorithm.name(), test.tc_id, test.result, believed);
            }
        }
    }
    assert_eq!((tally.agreed, tally.open), (785, 0));
}

/// Salts and masks of other sizes than the hash: good PSS, but not what JWA or RFC 9421 call by our names.
#[test]
fn rsa_pss_with_other_parameters_is_refused() {
    use rsa_pss_verify::TestName;
    let sets = [
        (TestName::RsaPss2048Sha256Mgf1SaltLen0, Algorithm::Ps256),
        (TestName::RsaPss2048Sha256Mgf1Sha1_20, Algorithm::Ps256),
        (TestName::RsaPss4096Sha512Mgf1SaltLen32, Algorithm::Ps512),
    ];
    let mut refused = 0;
    for (name, algorithm) in sets {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let key = key(&group.der, algorithm);
            for test in group.tests {
                // Bad in the first set because its salt has 32 bytes, which is what we ask for.
                let ours = name == TestName::RsaPss2048Sha256Mgf1SaltLen0 && test.tc_id == 69;
                assert_eq!(
                    key.verify(&test.msg, &test.sig),
                    ours,
                    "{algorithm} {}",
                    test.tc_id
                );
                refused += usize::from(!ours);
            }
        }
    }
    assert_eq!(refused, 387);
}

#[test]
fn rsa_v1_5() {
    use rsa_pkcs1_verify::TestName;
    let sets = [
        (TestName::Rsa2048Sha256, Algorithm::Rs256),
        (TestName::Rsa3072Sha256, Algorithm::Rs256),
        (TestName::Rsa4096Sha256, Algorithm::Rs256),
        (TestName::Rsa8192Sha256, Algorithm::Rs256),
        (TestName::Rsa2048Sha384, Algorithm::Rs384),
        (TestName::Rsa3072Sha384, Algorithm::Rs384),
        (TestName::Rsa4096Sha384, Algorithm::Rs384),
        (TestName::Rsa8192Sha384, Algorithm::Rs384),
        (TestName::Rsa2048Sha512, Algorithm::Rs512),
        (TestName::Rsa3072Sha512, Algorithm::Rs512),
        (TestName::Rsa4096Sha512, Algorithm::Rs512),
        (TestName::Rsa8192Sha512, Algorithm::Rs512),
    ];
    let mut tally = Tally::default();
    for (name, algorithm) in sets {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let key = key(&group.der, algorithm);
            for test in group.tests {
                let believed = key.verify(&test.msg, &test.sig);
                tally.count(algorithm.name(), test.tc_id, test.result, believed);
            }
        }
    }
    assert_eq!((tally.agreed, tally.open), (3094, 12));
}

#[test]
fn ed25519() {
    let mut tally = Tally::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519)
        .unwrap()
        .test_groups
    {
        let key = key(&group.der, Algorithm::Ed25519);
        for test in group.tests {
            let believed = key.verify(&test.msg, &test.sig);
            tally.count("Ed25519", test.tc_id, test.result, believed);
        }
    }
    assert_eq!((tally.agreed, tally.open), (151, 0));
}

/// Half of the set has tags cut to 16 bytes, which are refused here.
#[test]
fn hmac_sha256() {
    let (mut agreed, mut cut) = (0, 0);
    for group in codes::TestSet::load(codes::TestName::HmacSha256)
        .unwrap()
        .test_groups
    {
        for test in group.tests {
            let believed = mac::verify(&test.key, &test.msg, &test.tag);
            if group.tag_size == 256 {
                assert_eq!(believed, test.result == TestResult::Valid, "{}", test.tc_id);
                agreed += 1;
            } else {
                assert!(!believed, "{}", test.tc_id);
                cut += 1;
            }
        }
    }
    assert_eq!((agreed, cut), (87, 87));
}
