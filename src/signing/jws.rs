//! JSON web signatures: detached with the payload left as it is (RFC 7797), compact, and JSON (RFC 7515 §7).

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;

use crate::model::signer::{Signer, SignerError};
use crate::signing::mac::Key;

mod header;
mod json;
mod protected;
mod strict;

pub use header::Header;
pub use json::{Entry, Json, MOST_SIGNATURES};
pub use protected::Protected;

/// One signer with its protected headers, encoded once.
pub struct Jws {
    signer: Arc<dyn Signer>,
    /// With `b64` false.
    plain: String,
    /// Without.
    encoded: String,
}

impl Jws {
    /// Prepares the protected headers of a signer: `alg` and `kid`, nothing else.
    pub fn new(signer: Arc<dyn Signer>) -> Self {
        Self::with(signer, &Protected::default())
    }

    /// Prepares the protected headers of a signer with more in them.
    pub fn with(signer: Arc<dyn Signer>, protected: &Protected) -> Self {
        let (alg, kid) = (signer.algorithm().name(), signer.id());
        Self {
            plain: BASE64URL_NOPAD.encode(protected.text(alg, kid, true).as_bytes()),
            encoded: BASE64URL_NOPAD.encode(protected.text(alg, kid, false).as_bytes()),
            signer,
        }
    }

    /// The id of the signing key, as in the header's `kid`.
    pub fn key_id(&self) -> &str {
        self.signer.id()
    }

    /// Whether signing holds its thread until a token or another machine has answered: see [`Signer::waits`].
    pub fn waits(&self) -> bool {
        self.signer.waits()
    }

    /// `header..signature` over the payload's own bytes (RFC 7797, `b64` false).
    pub fn detached(&self, payload: &[u8]) -> Result<String, SignerError> {
        let signature = self.signer.sign(&signing_input(&self.plain, payload))?;
        Ok(format!("{}..{}", self.plain, BASE64URL_NOPAD.encode(&signature)))
    }

    /// `header..signature` over the payload's base64url form (RFC 7515 app. F), for readers that know no RFC 7797.
    pub fn detached_encoded(&self, payload: &[u8]) -> Result<String, SignerError> {
        let payload = BASE64URL_NOPAD.encode(payload);
        let signature = self
            .signer
            .sign(&signing_input(&self.encoded, payload.as_bytes()))?;
        Ok(format!(
            "{}..{}",
            self.encoded,
            BASE64URL_NOPAD.encode(&signature)
        ))
    }

    /// `header.payload.signature` (RFC 7515 §7.1).
    pub fn compact(&self, payload: &[u8]) -> Result<String, SignerError> {
        let mut token = format!("{}.{}", self.encoded, BASE64URL_NOPAD.encode(payload));
        let signature = self.signer.sign(token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }
}

/// Why a token is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Not three parts, or a payload where there must be none, or none where there must be one.
    #[error("a JWS has three parts between dots, and a detached one an empty middle")]
    Shape,
    /// A part that is not base64url without padding in its only canonical form.
    #[error("a part of the JWS is not canonical base64url")]
    Encoding,
    /// A header that is not the JSON it must be, or names a member twice.
    #[error("the protected header of the JWS cannot be read")]
    Header,
    /// Another algorithm than the key's; `none` ends here too.
    #[error("the JWS is not signed with {expected}, the algorithm of the key")]
    Algorithm {
        /// The one algorithm of the key, by its JWS name.
        expected: &'static str,
    },
    /// `crit` is empty, repeats itself, or names what is not understood here or not present (RFC 7515 §4.1.11).
    #[error("the JWS demands an extension that is not understood here")]
    Critical,
    /// An unencoded payload inside a compact JWS, which is not read here (RFC 7797 §5.2).
    #[error("a compact JWS must carry its payload encoded")]
    Unencoded,
    /// `x5c` is no list of certificates in base64, or its first is not the one of `x5t#S256`.
    #[error("the certificates in the JWS header do not fit together")]
    Certificate,
    /// Not the JSON serialisation, or one that says a thing twice or in the wrong place (RFC 7515 §7.2).
    #[error("this is not the JSON serialisation of a JWS")]
    Json,
    /// The signature has the wrong width or does not fit the key and the bytes.
    #[error("the signature of the JWS does not verify")]
    Signature,
}

/// Reads the protected header, to choose the key by its `kid` or by its certificates; nothing is verified.
pub fn header(token: &str) -> Result<Header, JwsError> {
    header::read(split(token)?.0)
}

/// Verifies a detached JWS over `payload`, whether signed plain (`b64` false) or encoded (RFC 7515 app. F).
pub fn verify_detached<'a>(token: &str, payload: &[u8], key: impl Into<Key<'a>>) -> Result<(), JwsError> {
    let (head, middle, signature) = split(token)?;
    if !middle.is_empty() {
        return Err(JwsError::Shape);
    }
    let key = key.into();
    if header::read(head)?.encoded(&key)? {
        let payload = BASE64URL_NOPAD.encode(payload);
        verify(&signing_input(head, payload.as_bytes()), signature, &key)
    } else {
        verify(&signing_input(head, payload), signature, &key)
    }
}

/// Verifies a compact JWS and hands out its payload.
pub fn verify_compact<'a>(token: &str, key: impl Into<Key<'a>>) -> Result<Vec<u8>, JwsError> {
    let (head, payload, signature) = split(token)?;
    let key = key.into();
    if !header::read(head)?.encoded(&key)? {
        return Err(JwsError::Unencoded);
    }
    let plain = decode(payload)?;
    verify(&signing_input(head, payload.as_bytes()), signature, &key)?;
    Ok(plain)
}

/// RFC 7515 §5.1 step 5: header, a dot, payload.
fn signing_input(head: &str, payload: &[u8]) -> Vec<u8> {
    [head.as_bytes(), b".", payload].concat()
}

fn split(token: &str) -> Result<(&str, &str, &str), JwsError> {
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(head), Some(payload), Some(signature), None) => Ok((head, payload, signature)),
        _ => Err(JwsError::Shape),
    }
}

fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| JwsError::Encoding)
}

fn verify(input: &[u8], signature: &str, key: &Key<'_>) -> Result<(), JwsError> {
    if key.verify(input, &decode(signature)?) {
        Ok(())
    } else {
        Err(JwsError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use openssl::bn::BigNum;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::hash::MessageDigest;
    use openssl::nid::Nid;
    use openssl::pkey::{Id, PKey, Private};
    use openssl::rsa::Rsa;
    use openssl::sign;

    use super::*;
    use crate::model::signer::{Algorithm, Verifier};
    use crate::signing::public::PublicKey;

    const CLAIMS: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    fn url(text: &str) -> Vec<u8> {
        BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
    }

    fn number(text: &str) -> BigNum {
        BigNum::from_slice(&url(text)).unwrap()
    }

    fn public(key: PKey<openssl::pkey::Public>) -> PublicKey {
        PublicKey::from_der(&key.public_key_to_der().unwrap()).unwrap()
    }

    /// RFC 7515 A.3.
    fn a3() -> PublicKey {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let x = number("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
        let y = number("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y).unwrap();
        public(PKey::from_ec_key(key).unwrap())
    }

    #[test]
    fn rfc_7515_a2_rs256() {
        let n = number(concat!(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF",
            "d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo",
            "7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM",
            "Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ"
        ));
        let key = Rsa::from_public_components(n, BigNum::from_u32(65537).unwrap()).unwrap();
        let signature = concat!(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb",
            "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383",
            "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy",
            "wlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        );
        let token = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}.{signature}");
        let key = public(PKey::from_rsa(key).unwrap());
        assert_eq!(verify_compact(&token, &key).unwrap(), url(CLAIMS));
    }

    #[test]
    fn rfc_7515_a3_es256() {
        let signature =
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let token = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}.{signature}");
        assert_eq!(verify_compact(&token, &a3()).unwrap(), url(CLAIMS));
        let detached = format!("eyJhbGciOiJFUzI1NiJ9..{signature}");
        assert_eq!(verify_detached(&detached, &url(CLAIMS), &a3()), Ok(()));
    }

    #[test]
    fn rfc_8037_a4_ed25519() {
        let key = url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let key = public(PKey::public_key_from_raw_bytes(&key, Id::ED25519).unwrap());
        let token = concat!(
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
        assert_eq!(
            verify_compact(token, &key).unwrap(),
            b"Example of Ed25519 signing"
        );
    }

    #[test]
    fn rfc_7797_the_bytes_that_are_signed() {
        // The vector is HS256, which no key of ours has; what it fixes is the signing input.
        let key =
            url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        let key: PKey<Private> = PKey::hmac(&key).unwrap();
        let mac = |input: &[u8]| {
            let mut signer = sign::Signer::new(MessageDigest::sha256(), &key).unwrap();
            BASE64URL_NOPAD.encode(&signer.sign_oneshot_to_vec(input).unwrap())
        };
        let head = BASE64URL_NOPAD.encode(br#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
        assert_eq!(
            mac(&signing_input(&head, b"$.02")),
            "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY"
        );
        let head = BASE64URL_NOPAD.encode(br#"{"alg":"HS256"}"#);
        let encoded = BASE64URL_NOPAD.encode(b"$.02");
        assert_eq!(
            mac(&signing_input(&head, encoded.as_bytes())),
            "5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ"
        );
    }

    /// A key of a test, so that this module needs no files.
    struct Here(PKey<Private>, Vec<u8>);

    impl Signer for Here {
        fn algorithm(&self) -> Algorithm {
            Algorithm::Ed25519
        }
        fn id(&self) -> &str {
            "a \"key\""
        }
        fn public(&self) -> &[u8] {
            &self.1
        }
        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
            Ok(sign::Signer::new_without_digest(&self.0)
                .unwrap()
                .sign_oneshot_to_vec(message)
                .unwrap())
        }
    }

    fn pair() -> (Jws, Arc<Here>, PublicKey) {
        let key = PKey::generate_ed25519().unwrap();
        let der = key.public_key_to_der().unwrap();
        let public = PublicKey::from_der(&der).unwrap();
        let signer = Arc::new(Here(key, der));
        (Jws::new(signer.clone()), signer, public)
    }

    #[test]
    fn detached_and_compact_go_there_and_back() {
        let (jws, _, key) = pair();
        let token = jws.detached(b"a.b\xff").unwrap();
        assert_eq!(verify_detached(&token, b"a.b\xff", &key), Ok(()));
        assert_eq!(
            verify_detached(&token, b"a.b\xfe", &key),
            Err(JwsError::Signature)
        );
        assert_eq!(header(&token).unwrap().kid.as_deref(), Some("a \"key\""));
        let token = jws.compact(b"payload").unwrap();
        assert_eq!(verify_compact(&token, &key).unwrap(), b"payload");
        assert_eq!(verify_detached(&token, b"payload", &key), Err(JwsError::Shape));
    }

    #[test]
    fn no_letter_of_a_token_may_change() {
        let (jws, _, key) = pair();
        let token = jws.detached(b"payload").unwrap();
        for place in 0..token.len() {
            for letter in ['A', 'B', '-', '.', '=', 'é'] {
                let mut other = token.clone();
                other.replace_range(place..=place, letter.encode_utf8(&mut [0; 4]));
                assert!(
                    other == token || verify_detached(&other, b"payload", &key).is_err(),
                    "{other}"
                );
            }
        }
    }

    #[test]
    fn what_the_key_or_the_reader_does_not_allow_is_refused_though_signed() {
        let (_, signer, key) = pair();
        let wrong = JwsError::Algorithm { expected: "EdDSA" };
        let cases = [
            (r#"{"alg":"none"}"#, wrong.clone()),
            (r#"{"alg":"ES256"}"#, wrong.clone()),
            (r#"{"alg":"eddsa"}"#, wrong),
            (r#"{"alg":"EdDSA","alg":"EdDSA"}"#, JwsError::Header),
            (r#"{"alg":"EdDSA","crit":["exp"],"exp":1}"#, JwsError::Critical),
            (r#"{"alg":"EdDSA","crit":[]}"#, JwsError::Critical),
            (
                r#"{"alg":"EdDSA","crit":["b64","b64"],"b64":false}"#,
                JwsError::Critical,
            ),
            (r#"{"alg":"EdDSA","crit":["b64"]}"#, JwsError::Critical),
            (r#"{"alg":"EdDSA","b64":false}"#, JwsError::Critical),
            (r#"{"kid":"a"}"#, JwsError::Header),
        ];
        for (head, error) in cases {
            let head = BASE64URL_NOPAD.encode(head.as_bytes());
            let signature = signer.sign(&signing_input(&head, b"payload")).unwrap();
            let token = format!("{head}..{}", BASE64URL_NOPAD.encode(&signature));
            assert_eq!(verify_detached(&token, b"payload", &key), Err(error));
        }
        let (jws, _, _) = pair();
        let token = jws.detached(b"payload").unwrap().replace("..", ".payload.");
        assert_eq!(verify_compact(&token, &key), Err(JwsError::Unencoded));
    }

    #[test]
    fn wrong_widths_and_padding_are_refused() {
        let key = a3();
        let good =
            url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
        let input = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}");
        assert!(key.verify(input.as_bytes(), &good));
        for wrong in [&good[..63], &[&good[..], &[0]].concat(), &[0; 64], &[]] {
            assert!(!key.verify(input.as_bytes(), wrong));
        }
        let token = format!("{input}.{}==", BASE64URL_NOPAD.encode(&good));
        assert_eq!(verify_compact(&token, &key), Err(JwsError::Encoding));
        // The last letter of 64 bytes carries four bits that must be zero: Q and R decode alike elsewhere.
        let token = format!("{input}.{}R", &BASE64URL_NOPAD.encode(&good)[..85]);
        assert_eq!(verify_compact(&token, &key), Err(JwsError::Encoding));
    }
}
