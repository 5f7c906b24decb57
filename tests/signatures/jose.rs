//! JSON and HTTP signatures.

mod attacks;
mod laws;
mod people;
mod rfc;

use data_encoding::BASE64URL_NOPAD;
use lienthong::model::signer::Algorithm;
use lienthong::signing::jws::{self, JwsError};
use lienthong::signing::mac::{Key, Secret};
use lienthong::signing::message::{Headers, Message, Request, Target};
use lienthong::signing::public::PublicKey;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::support;

/// What a test verifies with.
enum Held {
    Public(PublicKey),
    Shared(Secret),
}

impl Held {
    fn key(&self) -> Key<'_> {
        match self {
            Self::Public(key) => key.into(),
            Self::Shared(secret) => secret.into(),
        }
    }

    /// The key of a JWK, used with a JWS algorithm; why it is none of ours otherwise.
    fn from_jwk(jwk: &Value, alg: &str) -> Result<Self, String> {
        let bytes = |name: &str| {
            BASE64URL_NOPAD
                .decode(jwk[name].as_str().unwrap().as_bytes())
                .unwrap()
        };
        let number = |name: &str| BigNum::from_slice(&bytes(name)).unwrap();
        let key = match jwk["kty"].as_str().unwrap() {
            "oct" if alg == "HS256" => {
                let secret = Secret::new("jwk", Zeroizing::new(bytes("k")));
                return secret.map(Self::Shared).map_err(|error| error.to_string());
            }
            "RSA" => PKey::from_rsa(Rsa::from_public_components(number("n"), number("e")).unwrap()).unwrap(),
            "EC" => {
                let curve = match jwk["crv"].as_str().unwrap() {
                    "P-256" => Nid::X9_62_PRIME256V1,
                    "P-384" => Nid::SECP384R1,
                    "P-521" => Nid::SECP521R1,
                    other => panic!("{other}"),
                };
                let group = EcGroup::from_curve_name(curve).unwrap();
                let key = EcKey::from_public_key_affine_coordinates(&group, &number("x"), &number("y"));
                PKey::from_ec_key(key.unwrap()).unwrap()
            }
            other => return Err(format!("{other} with {alg}")),
        };
        let key = PublicKey::new(key).map_err(|error| error.to_string())?;
        let algorithm = Algorithm::named(alg).ok_or_else(|| format!("{alg} is not used here"))?;
        key.using(algorithm)
            .map(Self::Public)
            .map_err(|error| error.to_string())
    }
}

/// Verifies a JWS in whichever form it comes.
fn verify(text: &str, entry: usize, detached: Option<&str>, key: Key<'_>) -> Result<Vec<u8>, JwsError> {
    match detached {
        Some(payload) => jws::verify_detached(text, payload.as_bytes(), key).map(|()| payload.into()),
        None if text.trim_start().starts_with('{') => {
            jws::Json::read(text.as_bytes()).and_then(|json| json.verify(entry, key))
        }
        None => jws::verify_compact(text, key),
    }
}

/// A file of `tests/vectors`.
fn vectors(name: &str) -> Value {
    let path = support::root().join("tests/vectors").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A message as the files of vectors and the scripts write it.
#[derive(Clone)]
struct Written {
    method: String,
    target: String,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    request: Option<Box<Written>>,
}

impl Written {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let header = |pair: &Value| (pair[0].as_str().unwrap().into(), pair[1].as_str().unwrap().into());
        Self {
            method: text("method"),
            target: text("target"),
            status: value["status"].as_u64().map(|status| status.try_into().unwrap()),
            headers: value["headers"].as_array().unwrap().iter().map(header).collect(),
            body: text("body").into_bytes(),
            request: value.get("request").map(|request| Box::new(Self::read(request))),
        }
    }

    fn write(&self) -> Value {
        serde_json::json!({
            "method": self.method,
            "target": self.target,
            "status": self.status,
            "headers": self.headers,
            "body": String::from_utf8(self.body.clone()).unwrap(),
            "request": self.request.as_ref().map(|request| request.write()),
        })
    }

    fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.into()));
    }

    /// Hands out the message as the library takes it, for as long as `see` looks at it.
    fn with<T>(&self, see: impl FnOnce(Message<'_>) -> T) -> T {
        let own = lines(self);
        match (&self.status, &self.request) {
            (None, _) => see(Message::Request(request(self, &own))),
            (Some(status), asked) => {
                let asked_lines = asked.as_ref().map(|asked| lines(asked)).unwrap_or_default();
                see(Message::Response {
                    status: *status,
                    headers: Headers(&own),
                    request: asked.as_ref().map(|asked| request(asked, &asked_lines)),
                })
            }
        }
    }
}

fn lines(written: &Written) -> Vec<(&str, &[u8])> {
    written
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect()
}

fn request<'a>(written: &'a Written, lines: &'a [(&'a str, &'a [u8])]) -> Request<'a> {
    Request {
        method: &written.method,
        target: Target::new(&written.target).unwrap(),
        headers: Headers(lines),
    }
}
