//! Certificates of an authority that nobody knows, for TLS on loopback.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};

/// An authority.
pub(crate) struct Authority {
    key: PKey<Private>,
    certificate: X509,
}

/// A certificate and its key.
pub(crate) struct Pair {
    pub(crate) certificate: X509,
    pub(crate) key: PKey<Private>,
}

impl Pair {
    /// Certificate and key, one after the other.
    pub(crate) fn pem(&self) -> Vec<u8> {
        [
            self.certificate.to_pem().unwrap(),
            self.key.private_key_to_pem_pkcs8().unwrap(),
        ]
        .concat()
    }

    /// SHA-256 of the certificate in hex, as the configuration names it.
    pub(crate) fn digest(&self) -> String {
        let der = self.certificate.to_der().unwrap();
        data_encoding::HEXLOWER.encode(&openssl::sha::sha256(&der))
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = key();
        let mut builder = begun(name, &key);
        let issuer = builder.0.build();
        builder.1.set_issuer_name(&issuer).unwrap();
        let ca = BasicConstraints::new().critical().ca().build().unwrap();
        builder.1.append_extension(ca).unwrap();
        let usage = KeyUsage::new().critical().key_cert_sign().crl_sign().build();
        builder.1.append_extension(usage.unwrap()).unwrap();
        builder.1.sign(&key, MessageDigest::sha256()).unwrap();
        Self {
            key,
            certificate: builder.1.build(),
        }
    }

    /// The authority's own certificate, PEM.
    pub(crate) fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }

    /// A certificate for `name` on loopback.
    pub(crate) fn vouch(&self, name: &str) -> Pair {
        self.vouch_for(name, 30)
    }

    /// The same for so many days.
    pub(crate) fn vouch_for(&self, name: &str, days: u32) -> Pair {
        let key = key();
        let (_, mut builder) = begun(name, &key);
        builder
            .set_not_after(&Asn1Time::days_from_now(days).unwrap())
            .unwrap();
        builder.set_issuer_name(self.certificate.subject_name()).unwrap();
        let names = SubjectAlternativeName::new()
            .ip("127.0.0.1")
            .dns("localhost")
            .build(&builder.x509v3_context(Some(&self.certificate), None))
            .unwrap();
        builder.append_extension(names).unwrap();
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        Pair {
            certificate: builder.build(),
            key,
        }
    }
}

fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn begun(name: &str, key: &PKey<Private>) -> (X509NameBuilder, X509Builder) {
    let subject = || {
        let mut subject = X509NameBuilder::new().unwrap();
        subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
        subject
    };
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = [0; 16];
    openssl::rand::rand_bytes(&mut serial).unwrap();
    serial[0] &= 0x7f;
    let serial = BigNum::from_slice(&serial).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&subject().build()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::days_from_now(30).unwrap())
        .unwrap();
    (subject(), builder)
}
