//! A provider of remote signatures, by the API of the Cloud Signature Consortium, version 2: one seal on P-256, whose signer
//! confirms on a device of their own after being asked about a few times. What is not confirmed is not signed.

use super::{Error, now};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::{BASE64, HEXLOWER};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509Name};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Where it is reached.
pub(super) const BASE: &str = "/csc/v2/";
/// By what it knows its one key.
const SEAL: &str = "seal-38";
/// OIDs: ECDSA with SHA-256, and SHA-256.
const ECDSA: &str = "1.2.840.10045.4.3.2";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
/// How long a leave holds, in ms.
const LEAVE: u64 = 60_000;

/// How many hashes it signed, and how often it was asked while nobody had confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Sealed {
    /// Hashes that were signed.
    pub signed: u64,
    /// Questions that were answered with “not yet”.
    pub waiting: u64,
}

/// The provider.
pub(super) struct Provider {
    key: EcKey<Private>,
    certificate: Vec<u8>,
    /// The client's secret.
    secret: String,
    /// How often it is asked before the signer confirms; 0, the seal signs by itself.
    confirm: u32,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// Leaves to sign that are asked for or given, by their handle.
    leaves: HashMap<String, Leave>,
    counts: Sealed,
}

/// A leave to sign exactly these hashes.
struct Leave {
    hashes: Value,
    asked: u32,
    until: u64,
}

impl Provider {
    /// The provider with its key in a folder, where its certificate lies as `seal.crt` for those that send to it.
    pub(super) fn open(folder: &Path, secret: &str, confirm: u32) -> Result<Self, Error> {
        let (file, certificate) = (folder.join("seal.pem"), folder.join("seal.crt"));
        if !certificate.exists() {
            let (key, made) = make().map_err(Error::Seal)?;
            write(&file, &key)?;
            write(&certificate, &made)?;
        }
        let key = PKey::private_key_from_pem(&read(&file)?).and_then(|key| key.ec_key());
        let der = X509::from_pem(&read(&certificate)?).and_then(|read| read.to_der());
        Ok(Self {
            key: key.map_err(Error::Seal)?,
            certificate: der.map_err(Error::Seal)?,
            secret: secret.to_owned(),
            confirm,
            open: Mutex::default(),
        })
    }

    pub(super) fn counts(&self) -> Sealed {
        self.with(|open| open.counts)
    }

    /// Answers one call; `path` is what follows [`BASE`].
    pub(super) fn answer(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Response {
        if path == "oauth2/token" {
            return self.token(body);
        }
        let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
        let known = format!("Bearer {}", self.access());
        if path != "info" && bearer != Some(known.as_str()) {
            return no(StatusCode::UNAUTHORIZED, "invalid_token");
        }
        let Ok(asked) = serde_json::from_slice::<Value>(body) else {
            return no(StatusCode::BAD_REQUEST, "invalid_request");
        };
        match path {
            "info" => yes(json!({
                "specs": "2.0.0.2", "name": "RSSP mô phỏng", "region": "VN", "lang": "vi",
                "authType": ["oauth2client"],
                "methods": ["credentials/list", "credentials/info", "credentials/authorize", "credentials/authorizeCheck", "signatures/signHash"],
            })),
            "credentials/list" => yes(json!({ "credentialIDs": [SEAL] })),
            _ if path != "credentials/authorizeCheck" && asked["credentialID"] != SEAL => {
                no(StatusCode::BAD_REQUEST, "invalid_request")
            }
            "credentials/info" => self.about(),
            "credentials/authorize" => self.authorize(&asked),
            "credentials/authorizeCheck" => self.check(&asked),
            "signatures/signHash" => self.sign(&asked),
            _ => no(StatusCode::NOT_FOUND, "invalid_request"),
        }
    }

    fn token(&self, body: &[u8]) -> Response {
        let form = String::from_utf8_lossy(body);
        let has = |field: &str| form.split('&').any(|pair| pair == field);
        if has("grant_type=client_credentials") && has(&format!("client_secret={}", self.secret)) {
            yes(json!({ "access_token": self.access(), "token_type": "Bearer", "expires_in": 3600 }))
        } else {
            no(StatusCode::UNAUTHORIZED, "invalid_client")
        }
    }

    /// The access token, which outlives no provider: another secret, another token.
    fn access(&self) -> String {
        HEXLOWER.encode(&openssl::sha::sha256(self.secret.as_bytes()))
    }

    fn about(&self) -> Response {
        yes(json!({
            "key": { "status": "enabled", "algo": [ECDSA], "len": 256, "curve": "1.2.840.10045.3.1.7" },
            "cert": { "status": "valid", "certificates": [BASE64.encode(&self.certificate)] },
            "SCAL": "2", "multisign": 64,
        }))
    }

    fn authorize(&self, asked: &Value) -> Response {
        if asked["hashAlgorithmOID"] != SHA256 || asked["numSignatures"].as_u64() != count(&asked["hashes"]) {
            return no(StatusCode::BAD_REQUEST, "invalid_request");
        }
        let mut handle = [0; 16];
        if openssl::rand::rand_bytes(&mut handle).is_err() {
            return no(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
        }
        let handle = HEXLOWER.encode(&handle);
        let leave = Leave {
            hashes: asked["hashes"].clone(),
            asked: 0,
            until: now() + LEAVE,
        };
        self.with(|open| open.leaves.insert(handle.clone(), leave));
        if self.confirm == 0 {
            return yes(json!({ "SAD": handle, "expiresIn": LEAVE / 1000 }));
        }
        yes(json!({ "handle": handle, "expiresIn": LEAVE / 1000 }))
    }

    fn check(&self, asked: &Value) -> Response {
        let handle = asked["handle"].as_str().unwrap_or_default();
        let confirmed = self.with(|open| {
            let leave = open.leaves.get_mut(handle).filter(|leave| now() < leave.until)?;
            leave.asked += 1;
            let confirmed = leave.asked > self.confirm;
            open.counts.waiting += u64::from(!confirmed);
            Some(confirmed)
        });
        match confirmed {
            Some(true) => yes(json!({ "SAD": handle, "expiresIn": LEAVE / 1000 })),
            Some(false) => (StatusCode::ACCEPTED, Json(json!({ "handle": handle }))).into_response(),
            None => no(StatusCode::BAD_REQUEST, "invalid_request"),
        }
    }

    /// Signs what was confirmed, once, and nothing else (SCAL 2).
    fn sign(&self, asked: &Value) -> Response {
        let leave = asked["SAD"].as_str().unwrap_or_default();
        let given = self.with(|open| open.leaves.remove(leave));
        let confirmed = given.is_some_and(|leave| {
            (self.confirm == 0 || leave.asked > self.confirm)
                && leave.hashes == asked["hashes"]
                && now() < leave.until
        });
        if !confirmed || asked["signAlgo"] != ECDSA {
            return no(StatusCode::BAD_REQUEST, "invalid_request");
        }
        let hashes = asked["hashes"].as_array().into_iter().flatten();
        let signed: Option<Vec<String>> = hashes.map(|hash| self.signature(hash)).collect();
        match signed {
            Some(signatures) => {
                self.with(|open| open.counts.signed += signatures.len() as u64);
                yes(json!({ "signatures": signatures }))
            }
            None => no(StatusCode::BAD_REQUEST, "invalid_request"),
        }
    }

    /// DER, as most providers write it.
    fn signature(&self, hash: &Value) -> Option<String> {
        let hash = BASE64
            .decode(hash.as_str()?.as_bytes())
            .ok()
            .filter(|hash| hash.len() == 32)?;
        let signature = EcdsaSig::sign(&hash, &self.key).and_then(|signature| signature.to_der());
        Some(BASE64.encode(&signature.ok()?))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Open) -> T) -> T {
        act(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn count(list: &Value) -> Option<u64> {
    list.as_array().map(|list| list.len() as u64)
}

fn yes(body: Value) -> Response {
    Json(body).into_response()
}

fn no(status: StatusCode, error: &str) -> Response {
    (
        status,
        Json(json!({ "error": error, "error_description": "không thực hiện được" })),
    )
        .into_response()
}

/// A fresh key and the certificate it makes for itself, PEM.
fn make() -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut name = X509Name::builder()?;
    name.append_entry_by_text("C", "VN")?;
    name.append_entry_by_text("O", "Tỉnh Mẫu")?;
    name.append_entry_by_text("CN", "Con dấu số Tỉnh Mẫu")?;
    let name = name.build();
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(BigNum::from_u32(38)?.to_asn1_integer()?.as_ref())?;
    certificate.set_subject_name(&name)?;
    certificate.set_issuer_name(&name)?;
    certificate.set_pubkey(&key)?;
    certificate.set_not_before(Asn1Time::days_from_now(0)?.as_ref())?;
    certificate.set_not_after(Asn1Time::days_from_now(365)?.as_ref())?;
    certificate.sign(&key, MessageDigest::sha256())?;
    Ok((key.private_key_to_pem_pkcs8()?, certificate.build().to_pem()?))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| broken(path, source))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|source| broken(path, source))
}

fn broken(path: &Path, source: std::io::Error) -> Error {
    Error::Books {
        path: PathBuf::from(path),
        source,
    }
}
