//! Digests of bodies in header fields: `Content-Digest` and `Repr-Digest` (RFC 9530).
//!
//! Both fields have one form. The first is about the bytes on the wire, the second about the representation behind them:
//! decoded, and whole even where only a part is sent. Which bytes are given decides which field is meant.

use openssl::sha::{sha256, sha512};

use super::mac::same;
use super::message::structured::{Bare, Dictionary, Item, Member, write_bytes};

/// A hash that RFC 9530 calls active (§7.2). The others of its registry are not computed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `sha-256`.
    Sha256,
    /// `sha-512`.
    Sha512,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// Its key in the field.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha512 => "sha-512",
        }
    }

    /// The hash of a key.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The digests of one body, computed once; no body is an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    sha256: [u8; 32],
    sha512: [u8; 64],
}

/// Why a digest field is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Not a dictionary of byte sequences, or a key that stands twice.
    #[error("the digest field is not a dictionary of byte sequences")]
    Malformed,
    /// None of its algorithms is computed here, so nothing about the body is known.
    #[error("the digest field has neither sha-256 nor sha-512")]
    Unknown,
    /// The body is not the one that was digested.
    #[error("the body does not fit its digest")]
    Wrong,
}

impl Digests {
    /// Digests a body.
    pub fn of(body: &[u8]) -> Self {
        Self {
            sha256: sha256(body),
            sha512: sha512(body),
        }
    }

    /// One of them: 32 or 64 bytes.
    pub fn bytes(&self, kind: Kind) -> &[u8] {
        match kind {
            Kind::Sha256 => &self.sha256,
            Kind::Sha512 => &self.sha512,
        }
    }

    /// The field's value with these hashes, in this order.
    pub fn write(&self, kinds: &[Kind]) -> String {
        let one = |kind: &Kind| format!("{}={}", kind.name(), write_bytes(self.bytes(*kind)));
        kinds.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// Refuses a field of which one known hash is wrong, or none is known; unknown ones are passed over (§2).
    pub fn check(&self, field: &str) -> Result<(), DigestError> {
        self.check_members(&read(field)?)
    }

    /// The same for one member alone: what a signature covers may be just that.
    pub fn check_member(&self, field: &str, key: &str) -> Result<(), DigestError> {
        let mut members = read(field)?;
        members.retain(|member| member.0 == key);
        self.check_members(&members)
    }

    fn check_members(&self, members: &[(String, Vec<u8>)]) -> Result<(), DigestError> {
        let known: Vec<bool> = members
            .iter()
            .filter_map(|(key, given)| Some(same(self.bytes(Kind::named(key)?), given)))
            .collect();
        match known.as_slice() {
            [] => Err(DigestError::Unknown),
            all if all.iter().all(|right| *right) => Ok(()),
            _ => Err(DigestError::Wrong),
        }
    }
}

fn read(field: &str) -> Result<Vec<(String, Vec<u8>)>, DigestError> {
    let members = Dictionary::read(field).map_err(|_| DigestError::Malformed)?.0;
    let one = |(key, member)| match member {
        Member::One(Item {
            bare: Bare::Bytes(bytes),
            ..
        }) => Ok((key, bytes)),
        Member::One(_) | Member::Inner(_) => Err(DigestError::Malformed),
    };
    members.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9530 §1 and appendix B: the two hashes of `{"hello": "world"}` and a line end.
    const SHA256: &str = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
    const SHA512: &str =
        "YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==";

    #[test]
    fn the_examples_of_rfc_9530() {
        let digests = Digests::of(b"{\"hello\": \"world\"}\n");
        let both = format!("sha-256=:{SHA256}:, sha-512=:{SHA512}:");
        assert_eq!(digests.write(&Kind::ALL), both);
        assert_eq!(digests.check(&both), Ok(()));
        // Old algorithms are passed over where a good one stands beside them.
        let old = format!("unixsum=:AAA=:, md5=:AAAA:,sha-512=:{SHA512}:");
        assert_eq!(digests.check(&old), Ok(()));
        // Appendix B: whole, empty, partial, behind a content coding (its bytes as erratum 8890 has them), created, refused.
        let title = "{\n  \"id\": \"123\",\n  \"title\": \"New Title\"\n}\n";
        let status = "{\n  \"status\": \"created\",\n  \"id\": \"123\",\n  \"ts\": 1569327729,\n  \"instance\": \"/books/123\"\n}\n";
        let problem = "{\n  \"title\": \"Not Found\",\n  \"detail\": \"Cannot PATCH a non-existent resource\",\n  \"status\": 404\n}\n";
        let examples: [(&[u8], &str); 8] = [
            (b"{\"hello\": \"world\"}\n", SHA256),
            (b"", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            (b"\"world\"}\n", "jjcgBDWNAtbYUXI37CVG3gRuGOAjaaDRGpIUFsdyepQ="),
            (
                b"\x0b\x09\x80\x7b\x22hello\": \"world\"}\n\x03",
                "d435Qo+nKZ+gLcUHn7GQtQ72hiBVAgqoLsZnZPiTGPk=",
            ),
            (
                b"{\"title\": \"New Title\"}\n",
                "mEkdbO7Srd9LIOegftO0aBX+VPTVz7/CSHes2Z27gc4=",
            ),
            (title.as_bytes(), "uVSlinTTdQUwm2On4k8TJUikGN1bf/Ds8WPX4oe0h9I="),
            (status.as_bytes(), "yXIGDTN5VrfoyisKlXgRKUHHMs35SNtyC3szSz1dbO8="),
            (problem.as_bytes(), "EXB0S2VF2H7ijkAVJkH1Sm0pBho0iDZcvVUHHXTTZSA="),
        ];
        for (body, digest) in examples {
            let field = format!("sha-256=:{digest}:");
            assert_eq!(Digests::of(body).write(&[Kind::Sha256]), field);
            assert_eq!(Digests::of(body).check(&field), Ok(()));
        }
        // B.5, B.6 and B.11 print one `=` too many. That is not base64, and two readers might disagree about it.
        let padded = format!("sha-256=:{SHA256}=:");
        assert_eq!(digests.check(&padded), Err(DigestError::Malformed));
    }

    #[test]
    fn rfc_9421_prints_the_same_body_without_the_line_end() {
        let digests = Digests::of(br#"{"hello": "world"}"#);
        assert_eq!(
            digests.write(&Kind::ALL),
            concat!(
                "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, ",
                "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
            )
        );
    }

    #[test]
    fn unknown_wrong_and_malformed_fields_are_refused() {
        let digests = Digests::of(b"{\"hello\": \"world\"}\n");
        let right = digests.write(&[Kind::Sha256]);
        let cases = [
            (String::new(), DigestError::Unknown),
            ("md5=:AAAA:".into(), DigestError::Unknown),
            ("SHA-256=:AAAA:".into(), DigestError::Malformed),
            ("sha-256=:AAAA:".into(), DigestError::Wrong),
            ("sha-256=::".into(), DigestError::Wrong),
            (format!("{right}, sha-512=:AAAA:"), DigestError::Wrong),
            (format!("{right}, {right}"), DigestError::Malformed),
            (format!("{right}, md5=1"), DigestError::Malformed),
            (right.replace("=:", ""), DigestError::Malformed),
            (right.replace("g=:", "h=:"), DigestError::Malformed),
            (format!("sha-256=\"{SHA256}\""), DigestError::Malformed),
        ];
        for (field, error) in cases {
            assert_eq!(digests.check(&field), Err(error), "{field}");
        }
        for at in 0..SHA256.len() - 2 {
            let mut other = SHA256.to_owned();
            let letter = if &SHA256[at..=at] == "A" { "B" } else { "A" };
            other.replace_range(at..=at, letter);
            assert!(digests.check(&format!("sha-256=:{other}:")).is_err());
        }
        let mixed = format!("sha-256=:{SHA256}:, sha-512=:AAAA:");
        assert_eq!(digests.check_member(&mixed, "sha-256"), Ok(()));
        assert_eq!(digests.check_member(&mixed, "sha-512"), Err(DigestError::Wrong));
        assert_eq!(digests.check_member(&mixed, "md5"), Err(DigestError::Unknown));
    }
}
