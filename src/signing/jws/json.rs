use serde_json::{Map, Value};

use super::header::{self, Header};
use super::{JwsError, decode, signing_input, strict, verify};
use crate::signing::mac::Key;

/// The most signatures of one JWS that are read.
pub const MOST_SIGNATURES: usize = 16;

/// What the flattened form says in place of `signatures`.
const FLAT: [&str; 3] = ["protected", "header", "signature"];

/// A JWS in its JSON serialisation, general or flattened (RFC 7515 §7.2); nothing in it is verified.
///
/// Each signature stands by itself: one that verifies, or cannot even be read, says nothing about its neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    payload: Option<String>,
    entries: Vec<Result<Entry, JwsError>>,
}

/// One signature of a [`Json`].
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What is signed about this signature.
    pub protected: Header,
    /// What is not signed (`header`): hints at best. It cannot say `alg`, `crit` or `b64`, and nothing a second time.
    pub unprotected: Map<String, Value>,
    head: String,
    signature: String,
}

impl Entry {
    /// The key's id, from the protected header or else from the other one: a hint for choosing the key.
    pub fn kid(&self) -> Option<&str> {
        let hint = || self.unprotected.get("kid").and_then(Value::as_str);
        self.protected.kid.as_deref().or_else(hint)
    }
}

impl Json {
    /// Reads either form. Members that are not the JWS's own are ignored (§7.2.1), twice-named ones refused.
    ///
    /// A signature whose `alg` is not protected is refused: it could be exchanged without a trace.
    pub fn read(text: &[u8]) -> Result<Self, JwsError> {
        let mut members = strict::object(text).ok_or(JwsError::Json)?;
        let payload = string(&mut members, "payload")?;
        let entries = match members.shift_remove("signatures") {
            None => vec![entry(members)],
            Some(signatures) => {
                if FLAT.iter().any(|name| members.contains_key(*name)) {
                    return Err(JwsError::Json);
                }
                general(signatures)?
            }
        };
        // RFC 7797 §3: one payload is signed in one way.
        let plain = |entry: &Entry| entry.protected.b64 == Some(false);
        let mut readable = entries.iter().flatten();
        let first = readable.next().map(plain);
        if readable.any(|entry| Some(plain(entry)) != first) {
            return Err(JwsError::Critical);
        }
        Ok(Self { payload, entries })
    }

    /// The signatures in their order, and why one of them cannot be read.
    pub fn entries(&self) -> &[Result<Entry, JwsError>] {
        &self.entries
    }

    /// One signature; one that is not there is a [`JwsError::Shape`].
    pub fn entry(&self, at: usize) -> Result<&Entry, JwsError> {
        let entry = self.entries.get(at).ok_or(JwsError::Shape)?;
        entry.as_ref().map_err(Clone::clone)
    }

    /// Verifies one signature and hands out the payload it covers.
    pub fn verify<'a>(&self, entry: usize, key: impl Into<Key<'a>>) -> Result<Vec<u8>, JwsError> {
        let payload = self.payload.as_ref().ok_or(JwsError::Shape)?;
        let (entry, key) = (self.entry(entry)?, key.into());
        let encoded = entry.protected.encoded(&key)?;
        let plain = if encoded {
            decode(payload)?
        } else {
            payload.clone().into_bytes()
        };
        let input = signing_input(&entry.head, payload.as_bytes());
        verify(&input, &entry.signature, &key)?;
        Ok(plain)
    }

    /// Verifies one signature over a payload that came by another way (RFC 7515 app. F).
    pub fn verify_detached<'a>(
        &self,
        entry: usize,
        payload: &[u8],
        key: impl Into<Key<'a>>,
    ) -> Result<(), JwsError> {
        let entry = self.entry(entry)?;
        if self.payload.is_some() {
            return Err(JwsError::Shape);
        }
        super::verify_detached(&format!("{}..{}", entry.head, entry.signature), payload, key)
    }
}

fn general(signatures: Value) -> Result<Vec<Result<Entry, JwsError>>, JwsError> {
    let Value::Array(signatures) = signatures else {
        return Err(JwsError::Json);
    };
    if signatures.is_empty() || signatures.len() > MOST_SIGNATURES {
        return Err(JwsError::Json);
    }
    let one = |value: Value| match value {
        Value::Object(members) => entry(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(JwsError::Json)
        }
    };
    Ok(signatures.into_iter().map(one).collect())
}

/// What one signature consists of, in either form.
fn entry(mut members: Map<String, Value>) -> Result<Entry, JwsError> {
    let head = string(&mut members, "protected")?.ok_or(JwsError::Header)?;
    let signature = string(&mut members, "signature")?.ok_or(JwsError::Json)?;
    let unprotected = match members.shift_remove("header") {
        None => Map::new(),
        Some(Value::Object(members)) => members,
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            return Err(JwsError::Json);
        }
    };
    let protected = header::read(&head)?;
    let named = strict::object(&decode(&head)?).ok_or(JwsError::Header)?;
    let signed_only = ["alg", "crit", "b64"];
    // §7.2.1: the names of the two headers are disjoint.
    let twice = |name: &String| signed_only.contains(&name.as_str()) || named.contains_key(name);
    if unprotected.keys().any(twice) {
        return Err(JwsError::Json);
    }
    Ok(Entry {
        protected,
        unprotected,
        head,
        signature,
    })
}

fn string(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, JwsError> {
    match members.shift_remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(JwsError::Json)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use data_encoding::BASE64URL_NOPAD;
    use serde_json::json;

    use super::*;
    use crate::keys::FileKey;
    use crate::model::signer::{Algorithm, Signer};
    use crate::signing::jws::Jws;
    use crate::signing::public::PublicKey;

    fn pair(algorithm: Algorithm) -> (Jws, PublicKey) {
        let key = Arc::new(FileKey::generate(algorithm).unwrap());
        let public = PublicKey::from_der(key.public()).unwrap();
        (Jws::new(key), public)
    }

    fn parts(token: &str) -> [String; 3] {
        let mut parts = token.split('.').map(str::to_owned);
        std::array::from_fn(|_| parts.next().unwrap())
    }

    fn read(value: &Value) -> Result<Json, JwsError> {
        Json::read(value.to_string().as_bytes())
    }

    #[test]
    fn each_signature_stands_by_itself() {
        let (one, one_key) = pair(Algorithm::Es256);
        let (two, two_key) = pair(Algorithm::Ed25519);
        let [head, payload, signature] = parts(&one.compact(b"payload").unwrap());
        let [head2, _, signature2] = parts(&two.compact(b"payload").unwrap());
        let flat = json!({"payload": payload, "protected": head, "signature": signature, "more": [1]});
        assert_eq!(read(&flat).unwrap().verify(0, &one_key).unwrap(), b"payload");
        let both = json!({"payload": payload, "signatures": [
            {"protected": head, "signature": signature, "header": {"note": 1}},
            {"protected": head2, "signature": signature},
            {"protected": head2, "signature": signature2},
        ]});
        let both = read(&both).unwrap();
        assert_eq!(both.entries().len(), 3);
        assert_eq!(both.entry(0).unwrap().kid(), Some(one.key_id()));
        assert_eq!(both.verify(0, &one_key).unwrap(), b"payload");
        assert_eq!(both.verify(1, &two_key), Err(JwsError::Signature));
        assert_eq!(both.verify(2, &two_key).unwrap(), b"payload");
        assert_eq!(
            both.verify(2, &one_key),
            Err(JwsError::Algorithm { expected: "ES256" })
        );
        assert_eq!(both.verify(3, &one_key), Err(JwsError::Shape));
        assert_eq!(
            both.verify_detached(0, b"payload", &one_key),
            Err(JwsError::Shape)
        );
    }

    #[test]
    fn plain_and_absent_payloads() {
        let (jws, key) = pair(Algorithm::Ed25519);
        let [head, _, signature] = parts(&jws.detached("$.02 đ".as_bytes()).unwrap());
        let whole = json!({"payload": "$.02 đ", "protected": head, "signature": signature});
        assert_eq!(
            read(&whole).unwrap().verify(0, &key).unwrap(),
            "$.02 đ".as_bytes()
        );
        let apart = read(&json!({"protected": head, "signature": signature})).unwrap();
        assert_eq!(apart.verify_detached(0, "$.02 đ".as_bytes(), &key), Ok(()));
        assert_eq!(apart.verify_detached(0, b"$.03", &key), Err(JwsError::Signature));
        assert_eq!(apart.verify(0, &key), Err(JwsError::Shape));
        let [other, _, twin] = parts(&jws.compact(b"$.02").unwrap());
        let mixed = json!({"payload": "$.02", "signatures": [
            {"protected": head, "signature": signature}, {"protected": other, "signature": twin}]});
        assert_eq!(read(&mixed), Err(JwsError::Critical));
    }

    #[test]
    fn what_is_said_twice_or_in_the_wrong_place_is_refused() {
        let (jws, key) = pair(Algorithm::Ed25519);
        let [head, payload, signature] = parts(&jws.compact(b"payload").unwrap());
        let naked = BASE64URL_NOPAD.encode(br#"{"kid":"a"}"#);
        let with = |header: Value| json!({"payload": payload, "protected": head, "signature": signature, "header": header});
        for wrong in [
            with(json!({"alg": "EdDSA"})),
            with(json!({"kid": "other"})),
            with(json!({"crit": ["b64"]})),
            with(json!({"b64": true})),
            with(json!("header")),
            json!({"payload": payload, "protected": naked, "signature": signature, "header": {"alg": "EdDSA"}}),
            json!({"payload": payload, "signature": signature, "header": {"alg": "EdDSA"}}),
            json!({"payload": payload, "protected": head}),
            json!({"payload": 1, "protected": head, "signature": signature}),
            json!({"payload": payload, "signatures": []}),
            json!({"payload": payload, "signatures": [1]}),
            json!({"payload": payload, "signatures": {}}),
            json!({"payload": payload, "protected": head, "signature": signature, "signatures": [{"protected": head, "signature": signature}]}),
            json!({"payload": payload, "signatures": vec![json!({"protected": head, "signature": signature}); 17]}),
        ] {
            let outcome = read(&wrong).and_then(|json| json.verify(0, &key));
            let refused = matches!(outcome, Err(JwsError::Json | JwsError::Header));
            assert!(refused, "{wrong}");
        }
        let twice = format!(
            r#"{{"payload":"{payload}","payload":"{payload}","protected":"{head}","signature":"{signature}"}}"#
        );
        assert_eq!(Json::read(twice.as_bytes()), Err(JwsError::Json));
    }
}
