//! Object identifiers: those that signatures use, and any other in dots.

use std::fmt;

/// An identifier that was met, for people: `Display` gives it in dots.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(Vec<u8>);

impl Oid {
    /// Keeps the contents octets of an OBJECT IDENTIFIER.
    pub fn new(content: &[u8]) -> Self {
        Self(content.to_vec())
    }

    /// The identifier that people write in dots, `1.2.840.113549`; `None` if it is not one.
    pub fn dotted(text: &str) -> Option<Self> {
        let arcs = text
            .split('.')
            .map(|arc| arc.parse::<u64>().ok())
            .collect::<Option<Vec<_>>>()?;
        let (first, second, rest) = match arcs.as_slice() {
            [first @ 0..=1, second @ 0..=39, rest @ ..] => (first, second, rest),
            [first @ 2, second, rest @ ..] => (first, second, rest),
            _ => return None,
        };
        let mut content = base128(first.checked_mul(40)?.checked_add(*second)?);
        content.extend(rest.iter().copied().flat_map(base128));
        Some(Self(content))
    }

    /// Its contents octets.
    pub fn content(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc = 0_u64;
        let mut is_first = true;
        for octet in &self.0 {
            arc = arc.wrapping_shl(7) | u64::from(octet & 0x7F);
            if octet & 0x80 != 0 {
                continue;
            }
            if is_first {
                let first = (arc / 40).min(2);
                write!(f, "{first}.{}", arc - 40 * first)?;
            } else {
                write!(f, ".{arc}")?;
            }
            (arc, is_first) = (0, false);
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An arc in digits of seven bits, all but the last marked.
fn base128(arc: u64) -> Vec<u8> {
    let digits = (u64::BITS - arc.leading_zeros()).div_ceil(7).max(1);
    let digit = |place: u32| (arc >> (7 * place) & 0x7F) as u8 | u8::from(place > 0) << 7;
    (0..digits).rev().map(digit).collect()
}

/// Whether contents octets are an identifier in its only form (X.690 §8.19), with arcs of at most 63 bits.
pub(super) fn is_whole(content: &[u8]) -> bool {
    let ends = content.last().is_some_and(|last| last & 0x80 == 0);
    let mut arcs = content.split_inclusive(|octet| octet & 0x80 == 0);
    ends && content.len() <= 64 && arcs.all(|arc| arc.len() <= 9 && arc.first() != Some(&0x80))
}

macro_rules! oids {
    ($($name:ident = $dotted:literal, $content:expr, $what:literal;)*) => {
        $(#[doc = concat!($what, ", ", $dotted, ".")]
        pub const $name: &[u8] = &$content;)*

        #[cfg(test)]
        const ALL: &[(&str, &[u8])] = &[$(($dotted, $name)),*];
    };
}

oids! {
    RSA = "1.2.840.113549.1.1.1", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1], "rsaEncryption";
    RSA_SHA1 = "1.2.840.113549.1.1.5", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 5], "sha1WithRSAEncryption";
    MGF1 = "1.2.840.113549.1.1.8", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 8], "id-mgf1";
    RSA_PSS = "1.2.840.113549.1.1.10", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 10], "id-RSASSA-PSS";
    RSA_SHA256 = "1.2.840.113549.1.1.11", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11], "sha256WithRSAEncryption";
    RSA_SHA384 = "1.2.840.113549.1.1.12", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 12], "sha384WithRSAEncryption";
    RSA_SHA512 = "1.2.840.113549.1.1.13", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 13], "sha512WithRSAEncryption";
    EC = "1.2.840.10045.2.1", [0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1], "id-ecPublicKey";
    ECDSA_SHA1 = "1.2.840.10045.4.1", [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 1], "ecdsa-with-SHA1";
    ECDSA_SHA256 = "1.2.840.10045.4.3.2", [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2], "ecdsa-with-SHA256";
    ECDSA_SHA384 = "1.2.840.10045.4.3.3", [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 3], "ecdsa-with-SHA384";
    ECDSA_SHA512 = "1.2.840.10045.4.3.4", [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 4], "ecdsa-with-SHA512";
    ED25519 = "1.3.101.112", [0x2B, 0x65, 0x70], "id-Ed25519";
    SHA1 = "1.3.14.3.2.26", [0x2B, 0x0E, 3, 2, 0x1A], "id-sha1";
    SHA256 = "2.16.840.1.101.3.4.2.1", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], "id-sha256";
    SHA384 = "2.16.840.1.101.3.4.2.2", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], "id-sha384";
    SHA512 = "2.16.840.1.101.3.4.2.3", [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], "id-sha512";
    CONTENT = "1.2.840.113549.1.7.1", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1], "id-data";
    SIGNED = "1.2.840.113549.1.7.2", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2], "id-signedData";
    CONTENT_TYPE = "1.2.840.113549.1.9.3", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3], "id-contentType";
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4], "id-messageDigest";
    SIGNING_TIME = "1.2.840.113549.1.9.5", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 5], "id-signingTime";
    PROTECTION = "1.2.840.113549.1.9.52", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 52], "id-aa-CMSAlgorithmProtection";
    SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 12], "id-aa-signingCertificate";
    TIME_STAMP = "1.2.840.113549.1.9.16.2.14", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 14], "id-aa-timeStampToken";
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 47], "id-aa-signingCertificateV2";
    TST = "1.2.840.113549.1.9.16.1.4", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 4], "id-ct-TSTInfo";
    COMMON_NAME = "2.5.4.3", [0x55, 4, 3], "id-at-commonName";
    SURNAME = "2.5.4.4", [0x55, 4, 4], "id-at-surname";
    SERIAL_NUMBER = "2.5.4.5", [0x55, 4, 5], "id-at-serialNumber";
    COUNTRY = "2.5.4.6", [0x55, 4, 6], "id-at-countryName";
    LOCALITY = "2.5.4.7", [0x55, 4, 7], "id-at-localityName";
    STATE = "2.5.4.8", [0x55, 4, 8], "id-at-stateOrProvinceName";
    STREET = "2.5.4.9", [0x55, 4, 9], "id-at-streetAddress";
    ORGANIZATION = "2.5.4.10", [0x55, 4, 10], "id-at-organizationName";
    UNIT = "2.5.4.11", [0x55, 4, 11], "id-at-organizationalUnitName";
    TITLE = "2.5.4.12", [0x55, 4, 12], "id-at-title";
    GIVEN_NAME = "2.5.4.42", [0x55, 4, 42], "id-at-givenName";
    UID = "0.9.2342.19200300.100.1.1", [0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 1, 1], "userId";
    EMAIL = "1.2.840.113549.1.9.1", [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 1], "emailAddress";
    SUBJECT_KEY = "2.5.29.14", [0x55, 0x1D, 14], "id-ce-subjectKeyIdentifier";
    KEY_USAGE = "2.5.29.15", [0x55, 0x1D, 15], "id-ce-keyUsage";
    SUBJECT_NAMES = "2.5.29.17", [0x55, 0x1D, 17], "id-ce-subjectAltName";
    BASIC = "2.5.29.19", [0x55, 0x1D, 19], "id-ce-basicConstraints";
    CRL_NUMBER = "2.5.29.20", [0x55, 0x1D, 20], "id-ce-cRLNumber";
    REASON = "2.5.29.21", [0x55, 0x1D, 21], "id-ce-cRLReasons";
    INVALIDITY = "2.5.29.24", [0x55, 0x1D, 24], "id-ce-invalidityDate";
    ISSUING_POINT = "2.5.29.28", [0x55, 0x1D, 28], "id-ce-issuingDistributionPoint";
    NAME_CONSTRAINTS = "2.5.29.30", [0x55, 0x1D, 30], "id-ce-nameConstraints";
    CRL_POINTS = "2.5.29.31", [0x55, 0x1D, 31], "id-ce-cRLDistributionPoints";
    POLICIES = "2.5.29.32", [0x55, 0x1D, 32], "id-ce-certificatePolicies";
    AUTHORITY_KEY = "2.5.29.35", [0x55, 0x1D, 35], "id-ce-authorityKeyIdentifier";
    EXTENDED_USAGE = "2.5.29.37", [0x55, 0x1D, 37], "id-ce-extKeyUsage";
    ANY_USAGE = "2.5.29.37.0", [0x55, 0x1D, 37, 0], "anyExtendedKeyUsage";
    EXPIRED_ON_CRL = "2.5.29.60", [0x55, 0x1D, 60], "id-ce-expiredCertsOnCRL";
    ACCESS = "1.3.6.1.5.5.7.1.1", [0x2B, 6, 1, 5, 5, 7, 1, 1], "id-pe-authorityInfoAccess";
    QUALIFIED = "1.3.6.1.5.5.7.1.3", [0x2B, 6, 1, 5, 5, 7, 1, 3], "id-pe-qcStatements";
    SERVER_USAGE = "1.3.6.1.5.5.7.3.1", [0x2B, 6, 1, 5, 5, 7, 3, 1], "id-kp-serverAuth";
    CODE_USAGE = "1.3.6.1.5.5.7.3.3", [0x2B, 6, 1, 5, 5, 7, 3, 3], "id-kp-codeSigning";
    STAMP_USAGE = "1.3.6.1.5.5.7.3.8", [0x2B, 6, 1, 5, 5, 7, 3, 8], "id-kp-timeStamping";
    OCSP_USAGE = "1.3.6.1.5.5.7.3.9", [0x2B, 6, 1, 5, 5, 7, 3, 9], "id-kp-OCSPSigning";
    OCSP = "1.3.6.1.5.5.7.48.1", [0x2B, 6, 1, 5, 5, 7, 48, 1], "id-ad-ocsp";
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1", [0x2B, 6, 1, 5, 5, 7, 48, 1, 1], "id-pkix-ocsp-basic";
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2", [0x2B, 6, 1, 5, 5, 7, 48, 1, 2], "id-pkix-ocsp-nonce";
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5", [0x2B, 6, 1, 5, 5, 7, 48, 1, 5], "id-pkix-ocsp-nocheck";
    ISSUERS = "1.3.6.1.5.5.7.48.2", [0x2B, 6, 1, 5, 5, 7, 48, 2], "id-ad-caIssuers";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_is_the_identifier_it_says() {
        for (dotted, content) in ALL {
            assert!(is_whole(content), "{dotted}");
            assert_eq!(Oid::new(content).to_string(), *dotted);
            assert_eq!(Oid::dotted(dotted).unwrap().content(), *content);
        }
    }

    #[test]
    fn what_is_not_an_identifier_is_told() {
        for content in [&[][..], &[0x80], &[0x2A, 0x80, 0x01], &[0x2A, 0x86], &[0xFF; 10]] {
            assert!(!is_whole(content), "{content:02x?}");
        }
        for text in ["", "1", "3.1", "1.40", "1.2.x", "1..2", "2.18446744073709551615"] {
            assert_eq!(Oid::dotted(text), None, "{text}");
        }
        assert_eq!(Oid::dotted("2.999.0.128").unwrap().to_string(), "2.999.0.128");
    }
}
