use data_encoding::{BASE64, BASE64URL_NOPAD};
use openssl::sha::sha256;
use serde_json::{Map, Value};

use super::{JwsError, decode, strict};
use crate::model::signer::Algorithm;
use crate::signing::mac::Key;

/// The most certificates of a chain that are read.
const LONGEST_CHAIN: usize = 10;

/// What a protected header says; unverified until the token is, and no key or certificate in it is ever believed by
/// itself: `jwk`, `jku` and `x5u` are not even looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// The algorithm's name as written.
    pub alg: String,
    /// The key's id, a hint for choosing the key.
    pub kid: Option<String>,
    /// The media type of the whole (RFC 7515 §4.1.9).
    pub typ: Option<String>,
    /// The media type of the payload.
    pub cty: Option<String>,
    /// The certificates of `x5c`, DER, the signer's first; their trust is for others to decide.
    pub x5c: Vec<Vec<u8>>,
    /// SHA-256 of the signer's certificate (`x5t#S256`); it is the first of `x5c` where both are there.
    pub x5t: Option<[u8; 32]>,
    /// Whether the payload is signed in its base64url form (RFC 7797 §3); absent means so.
    pub b64: Option<bool>,
    /// What a reader must understand.
    pub crit: Option<Vec<String>>,
    /// Everything else, as it stands: the signing time of JAdES (`sigT`, `iat`) and its references (`sigD`) among it.
    pub rest: Map<String, Value>,
}

/// Reads an encoded protected header.
pub(super) fn read(part: &str) -> Result<Header, JwsError> {
    let members = strict::object(&decode(part)?).ok_or(JwsError::Header)?;
    Header::new(members)
}

impl Header {
    fn new(mut members: Map<String, Value>) -> Result<Self, JwsError> {
        let x5c = members.shift_remove("x5c").map_or(Ok(Vec::new()), chain)?;
        let x5t = text(&mut members, "x5t#S256")?.map(thumbprint).transpose()?;
        if let (Some(expected), Some(leaf)) = (&x5t, x5c.first())
            && sha256(leaf) != *expected
        {
            return Err(JwsError::Certificate);
        }
        Ok(Self {
            alg: text(&mut members, "alg")?.ok_or(JwsError::Header)?,
            kid: text(&mut members, "kid")?,
            typ: text(&mut members, "typ")?,
            cty: text(&mut members, "cty")?,
            x5c,
            x5t,
            b64: members.shift_remove("b64").map(boolean).transpose()?,
            crit: members.shift_remove("crit").map(names).transpose()?,
            rest: members,
        })
    }

    /// When the signer says it signed (JAdES `sigT`, ETSI TS 119 182-1 §5.2.1): its word, no proof.
    pub fn claimed_time(&self) -> Option<&str> {
        self.rest.get("sigT").and_then(Value::as_str)
    }

    /// What a detached JAdES signature refers to (`sigD`, §5.2.8), as it stands; nothing here follows it.
    pub fn references(&self) -> Option<&Value> {
        self.rest.get("sigD")
    }

    /// Whether the payload is signed encoded; refuses whatever the key or this reader does not allow.
    pub(super) fn encoded(&self, key: &Key<'_>) -> Result<bool, JwsError> {
        self.allowed(key)?;
        let listed = match self.crit.as_deref() {
            None => false,
            Some([only]) if only == "b64" => true,
            Some(_) => return Err(JwsError::Critical),
        };
        match (self.b64, listed) {
            (None | Some(true), false) | (Some(true), true) => Ok(true),
            (Some(false), true) => Ok(false),
            (Some(false), false) | (None, true) => Err(JwsError::Critical),
        }
    }

    /// The algorithm is the key's own, whatever the header would like.
    fn allowed(&self, key: &Key<'_>) -> Result<(), JwsError> {
        let (allowed, expected) = match key {
            Key::Public(key) => {
                let expected = key.algorithm();
                (Algorithm::named(&self.alg) == Some(expected), expected.name())
            }
            Key::Shared(_) => (self.alg == "HS256", "HS256"),
        };
        if allowed {
            Ok(())
        } else {
            Err(JwsError::Algorithm { expected })
        }
    }
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, JwsError> {
    match members.shift_remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(JwsError::Header)
        }
    }
}

fn boolean(value: Value) -> Result<bool, JwsError> {
    value.as_bool().ok_or(JwsError::Header)
}

fn names(value: Value) -> Result<Vec<String>, JwsError> {
    serde_json::from_value(value).map_err(|_| JwsError::Header)
}

/// RFC 7515 §4.1.6: standard base64 with padding, not base64url; DER, the signer's certificate first.
fn chain(value: Value) -> Result<Vec<Vec<u8>>, JwsError> {
    let chain: Vec<String> = serde_json::from_value(value).map_err(|_| JwsError::Certificate)?;
    if chain.is_empty() || chain.len() > LONGEST_CHAIN {
        return Err(JwsError::Certificate);
    }
    let der = |text: String| BASE64.decode(text.as_bytes()).map_err(|_| JwsError::Certificate);
    chain.into_iter().map(der).collect()
}

fn thumbprint(text: String) -> Result<[u8; 32], JwsError> {
    let bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| JwsError::Certificate)?;
    bytes.try_into().map_err(|_| JwsError::Certificate)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::keys::FileKey;
    use crate::model::signer::Signer;
    use crate::signing::jws::{Jws, Protected, header, verify_compact};
    use crate::signing::public::PublicKey;

    fn read_text(text: &str) -> Result<Header, JwsError> {
        read(&BASE64URL_NOPAD.encode(text.as_bytes()))
    }

    #[test]
    fn what_is_written_is_read_and_the_bare_header_has_its_old_letters() {
        let key = Arc::new(FileKey::generate(Algorithm::Es256).unwrap());
        let public = PublicKey::from_der(key.public()).unwrap();
        let chain = vec![vec![0x30, 1, 255], vec![0x30, 2]];
        let protected = Protected::default()
            .typ("JOSE")
            .cty("application/json; a=\"b\"")
            .chain(chain.clone())
            .thumbprint(&chain[0]);
        let token = Jws::with(key.clone(), &protected).compact(b"payload").unwrap();
        assert_eq!(verify_compact(&token, &public).unwrap(), b"payload");
        let read = header(&token).unwrap();
        let expected = Header {
            alg: "ES256".into(),
            kid: Some(key.id().into()),
            typ: Some("JOSE".into()),
            cty: Some("application/json; a=\"b\"".into()),
            x5t: Some(sha256(&chain[0])),
            x5c: chain,
            ..Header::default()
        };
        assert_eq!(read, expected);
        let token = Jws::new(key.clone()).detached(b"").unwrap();
        let head = BASE64URL_NOPAD
            .decode(token.split('.').next().unwrap().as_bytes())
            .unwrap();
        let old = format!(
            r#"{{"alg":"ES256","kid":"{}","b64":false,"crit":["b64"]}}"#,
            key.id()
        );
        assert_eq!(String::from_utf8(head).unwrap(), old);
    }

    #[test]
    fn certificates_that_do_not_fit_together_are_refused() {
        let good = BASE64URL_NOPAD.encode(&sha256(&[0x30, 1]));
        let other = BASE64URL_NOPAD.encode(&sha256(&[0x30, 2]));
        let with = |x5c: &str, x5t: &str| read_text(&format!(r#"{{"alg":"ES256","x5c":{x5c}{x5t}}}"#));
        let thumb = |text: &str| format!(r#","x5t#S256":"{text}""#);
        assert!(with(r#"["MAE="]"#, &thumb(&good)).is_ok());
        assert!(with(r#"["MAE="]"#, "").is_ok());
        for (x5c, x5t) in [
            (r#"["MAE="]"#, thumb(&other)),
            (r#"["MAE="]"#, thumb("AAAA")),
            (r#"["MAE="]"#, thumb(&format!("{good}="))),
            (r#"["MAE"]"#, String::new()),
            (r#"["MAF="]"#, String::new()),
            (r#"["MA-_"]"#, String::new()),
            ("[]", String::new()),
            (r#""MAE=""#, String::new()),
            ("[1]", String::new()),
            (&format!("[{}\"\"]", r#""","#.repeat(10)), String::new()),
        ] {
            assert_eq!(with(x5c, &x5t), Err(JwsError::Certificate), "{x5c} {x5t}");
        }
    }

    #[test]
    fn members_have_their_types_and_stand_once() {
        for text in [
            r#"{"alg":1}"#,
            r#"{"alg":"ES256","kid":null}"#,
            r#"{"alg":"ES256","typ":[]}"#,
            r#"{"alg":"ES256","b64":"false"}"#,
            r#"{"alg":"ES256","crit":"b64"}"#,
            r#"{"alg":"ES256","crit":[1]}"#,
            r#"{"alg":"ES256","x":1,"x":1}"#,
            r#"{"alg":"ES256","jwk":{"kty":"EC","kty":"EC"}}"#,
            r#"["ES256"]"#,
            "",
        ] {
            assert_eq!(read_text(text), Err(JwsError::Header), "{text}");
        }
    }

    #[test]
    fn what_jades_claims_is_described() {
        let text = r#"{"alg":"ES256","sigT":"2026-01-06T09:30:00Z","crit":["sigD"],"sigD":{"pars":["a"]}}"#;
        let read = read_text(text).unwrap();
        assert_eq!(read.claimed_time(), Some("2026-01-06T09:30:00Z"));
        assert_eq!(read.references().unwrap()["pars"][0], "a");
        let key = FileKey::generate(Algorithm::Es256).unwrap();
        let public = PublicKey::from_der(key.public()).unwrap();
        assert_eq!(read.encoded(&Key::from(&public)), Err(JwsError::Critical));
    }
}
