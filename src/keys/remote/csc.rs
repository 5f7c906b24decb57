//! The API of the Cloud Signature Consortium, version 2.0 (CSC-API v2.0.0.2): `info` (§11.1), `oauth2/token` (§8.4.4),
//! `credentials/list` (§11.4), `credentials/info` (§11.5), `credentials/authorize` and `authorizeCheck` (§11.6, §11.7),
//! `signatures/signHash` (§11.10) and `signPolling`. Providers here offer the same ideas by other paths: another adapter of
//! [`RemoteSigner`].

use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64;
use openssl::ecdsa::EcdsaSig;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Credential, Pending, RemoteError, RemoteSigner, Stage, Ticket, Wish};
use crate::keys::csr::pss;
use crate::model::signer::{Algorithm, Hash};

/// What came back of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// How a provider is called. It stands between the client and the network, so that the client does no I/O.
pub trait Call: Send + Sync {
    /// Posts a body of that media type to a path below the provider's base, with a bearer token where there is one.
    fn post<'a>(
        &'a self,
        path: &'a str,
        token: Option<&'a str>,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> Pending<'a, Answer>;
}

/// A client of one provider, with one account.
pub struct Csc {
    call: Arc<dyn Call>,
    client: String,
    secret: Zeroizing<String>,
    token: Mutex<Option<Zeroizing<String>>>,
}

impl std::fmt::Debug for Csc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Csc({})", self.client)
    }
}

impl Csc {
    /// An account of a provider, by its OAuth client (client credentials, scope `service`).
    pub fn new(call: Arc<dyn Call>, client: &str, secret: Zeroizing<String>) -> Self {
        Self {
            call,
            client: client.to_owned(),
            secret,
            token: Mutex::default(),
        }
    }

    /// What the provider says of itself: its version of this API.
    pub async fn version(&self) -> Result<String, RemoteError> {
        let about = self.call.post("info", None, JSON, b"{}".to_vec()).await?;
        text(&read(about)?, "specs")
    }

    /// Asks with the token in hand, and once more with a fresh one where that is no longer taken.
    async fn ask(&self, path: &'static str, body: &Value) -> Result<(u16, Value), RemoteError> {
        let bytes = serde_json::to_vec(body).unwrap_or_default();
        if let Some(token) = self.held() {
            let answer = self.call.post(path, Some(&token), JSON, bytes.clone()).await?;
            if answer.status != 401 {
                return Ok((answer.status, read(answer)?));
            }
        }
        let token = self.log_in().await?;
        let answer = self.call.post(path, Some(&token), JSON, bytes).await?;
        Ok((answer.status, read(answer)?))
    }

    async fn log_in(&self) -> Result<Zeroizing<String>, RemoteError> {
        let form = Zeroizing::new(format!(
            "grant_type=client_credentials&scope=service&client_id={}&client_secret={}",
            *encoded(&self.client),
            *encoded(&self.secret)
        ));
        let answer = self
            .call
            .post("oauth2/token", None, FORM, form.as_bytes().to_vec())
            .await?;
        let token = Zeroizing::new(text(&read(answer)?, "access_token")?);
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    fn held(&self) -> Option<Zeroizing<String>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn credential(&self, id: String) -> Result<Option<Credential>, RemoteError> {
        let wish = json!({ "credentialID": id, "certificates": "chain", "certInfo": true });
        let (_, about) = self.ask("credentials/info", &wish).await?;
        let known = about["key"]["status"] == "enabled";
        Ok(known.then(|| Credential {
            id,
            chain: bytes(&about["cert"]["certificates"]),
            algorithms: algorithms(&about["key"]["algo"]),
            most: about["multisign"]
                .as_u64()
                .and_then(|most| usize::try_from(most).ok())
                .unwrap_or(1),
        }))
    }

    /// Asks for the leave to sign: granted at once (`SAD`), or a handle to ask about while the signer confirms.
    async fn authorised(&self, wish: &Wish) -> Result<Stage, RemoteError> {
        let algorithm = algorithm(wish)?;
        let ask = json!({
            "credentialID": wish.credential,
            "numSignatures": wish.hashes.len(),
            "hashes": texts(&wish.hashes),
            "hashAlgorithmOID": hash_oid(algorithm)?,
            "description": wish.description,
        });
        let (_, answer) = self.ask("credentials/authorize", &ask).await?;
        if let Ok(leave) = text(&answer, "SAD") {
            return self.signed(wish, &leave).await;
        }
        Ok(Stage::Waiting(Ticket {
            wish: wish.clone(),
            handle: text(&answer, "handle")?,
            confirmed: false,
        }))
    }

    async fn signed(&self, wish: &Wish, leave: &str) -> Result<Stage, RemoteError> {
        let algorithm = algorithm(wish)?;
        let mut ask = json!({
            "credentialID": wish.credential,
            "SAD": leave,
            "hashes": texts(&wish.hashes),
            "hashAlgorithmOID": hash_oid(algorithm)?,
            "signAlgo": sign_oid(algorithm)?,
        });
        if let Some(hash) = algorithm.hash().filter(|_| algorithm.is_pss()) {
            ask["signAlgoParams"] = BASE64.encode(&pss(hash)).into();
        }
        let (_, answer) = self.ask("signatures/signHash", &ask).await?;
        // A provider that signs later gives a number to ask by.
        match text(&answer, "responseID") {
            Ok(handle) => Ok(Stage::Waiting(Ticket {
                wish: wish.clone(),
                handle,
                confirmed: true,
            })),
            Err(_) => made(&answer, wish),
        }
    }

    async fn asked(&self, ticket: &Ticket) -> Result<Stage, RemoteError> {
        let waiting = || Ok(Stage::Waiting(ticket.clone()));
        if ticket.confirmed {
            let ask = json!({ "responseID": ticket.handle });
            let (status, answer) = self.ask("signatures/signPolling", &ask).await?;
            return if status == 202 {
                waiting()
            } else {
                made(&answer, &ticket.wish)
            };
        }
        let ask = json!({ "handle": ticket.handle });
        let (status, answer) = self.ask("credentials/authorizeCheck", &ask).await?;
        match text(&answer, "SAD") {
            Ok(leave) => self.signed(&ticket.wish, &leave).await,
            Err(_) if status == 202 || answer.get("handle").is_some() => waiting(),
            Err(error) => Err(error),
        }
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

impl RemoteSigner for Csc {
    fn credentials(&self) -> Pending<'_, Vec<Credential>> {
        Box::pin(async {
            let (_, list) = self.ask("credentials/list", &json!({})).await?;
            let ids = list["credentialIDs"]
                .as_array()
                .ok_or(RemoteError::Unreadable("credentialIDs"))?;
            let mut all = Vec::new();
            for id in ids.iter().filter_map(Value::as_str) {
                all.extend(self.credential(id.to_owned()).await?);
            }
            Ok(all)
        })
    }

    fn request<'a>(&'a self, wish: &'a Wish) -> Pending<'a, Stage> {
        Box::pin(self.authorised(wish))
    }

    fn poll<'a>(&'a self, ticket: &'a Ticket) -> Pending<'a, Stage> {
        Box::pin(self.asked(ticket))
    }

    /// This API has no such call: a leave that nobody gives ends with its `expiresIn`.
    fn cancel<'a>(&'a self, _: &'a Ticket) -> Pending<'a, bool> {
        Box::pin(std::future::ready(Ok(false)))
    }
}

/// The forms in which a provider may mean its signature: of a curve r‖s, or DER, which is most often.
pub(super) fn fixed(signature: Vec<u8>, algorithm: Algorithm) -> Vec<Vec<u8>> {
    let Some(width) = algorithm.family().width() else {
        return vec![signature];
    };
    let wide = |signature: &EcdsaSig| {
        let width = i32::try_from(width).ok()?;
        let r = signature.r().to_vec_padded(width).ok()?;
        Some([r, signature.s().to_vec_padded(width).ok()?].concat())
    };
    let read = EcdsaSig::from_der(&signature)
        .ok()
        .and_then(|signature| wide(&signature));
    read.into_iter().chain([signature]).collect()
}

/// An answer's JSON; what is no success is told by its own word (§10.1).
fn read(answer: Answer) -> Result<Value, RemoteError> {
    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    if (200..300).contains(&answer.status) {
        return Ok(body);
    }
    // Its `error_description` may tell of persons.
    let word = text(&body, "error").unwrap_or_default();
    let word: String = word.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
    match answer.status {
        429 | 500.. => Err(RemoteError::Unreachable(format!(
            "status {} {word}",
            answer.status
        ))),
        status => Err(RemoteError::Refused { status, word }),
    }
}

fn made(answer: &Value, wish: &Wish) -> Result<Stage, RemoteError> {
    let signatures = bytes(&answer["signatures"]);
    if signatures.len() == wish.hashes.len() {
        Ok(Stage::Signed(signatures))
    } else {
        Err(RemoteError::Unreadable("signatures"))
    }
}

fn text(of: &Value, name: &'static str) -> Result<String, RemoteError> {
    of[name]
        .as_str()
        .map(str::to_owned)
        .ok_or(RemoteError::Unreadable(name))
}

fn texts(all: &[Vec<u8>]) -> Vec<String> {
    all.iter().map(|one| BASE64.encode(one)).collect()
}

fn bytes(list: &Value) -> Vec<Vec<u8>> {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(|one| BASE64.decode(one.as_str()?.as_bytes()).ok())
        .collect()
}

fn algorithm(wish: &Wish) -> Result<Algorithm, RemoteError> {
    Algorithm::named(&wish.algorithm).ok_or(RemoteError::Unreadable("algorithm"))
}

fn hash_oid(algorithm: Algorithm) -> Result<&'static str, RemoteError> {
    match algorithm.hash() {
        Some(Hash::Sha256) => Ok("2.16.840.1.101.3.4.2.1"),
        Some(Hash::Sha384) => Ok("2.16.840.1.101.3.4.2.2"),
        Some(Hash::Sha512) => Ok("2.16.840.1.101.3.4.2.3"),
        None => Err(RemoteError::Algorithm(algorithm)),
    }
}

fn sign_oid(algorithm: Algorithm) -> Result<&'static str, RemoteError> {
    match algorithm {
        Algorithm::Es256 => Ok("1.2.840.10045.4.3.2"),
        Algorithm::Es384 => Ok("1.2.840.10045.4.3.3"),
        Algorithm::Rs256 => Ok("1.2.840.113549.1.1.11"),
        Algorithm::Rs384 => Ok("1.2.840.113549.1.1.12"),
        Algorithm::Rs512 => Ok("1.2.840.113549.1.1.13"),
        Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => Ok("1.2.840.113549.1.1.10"),
        Algorithm::Ed25519 => Err(RemoteError::Algorithm(algorithm)),
    }
}

/// Ours among the names of a credential; `1.2.840.113549.1.1.1` is RSA v1.5 with whatever hash.
fn algorithms(names: &Value) -> Vec<Algorithm> {
    let has = |name: &str| names.as_array().into_iter().flatten().any(|one| one == name);
    let fits = |algorithm: &Algorithm| {
        let plain = matches!(algorithm, Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512);
        sign_oid(*algorithm).is_ok_and(has) || (plain && has("1.2.840.113549.1.1.1"))
    };
    Algorithm::ALL.into_iter().filter(fits).collect()
}

/// A value of a form (WHATWG URL §5.2).
fn encoded(value: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(value.len() * 3));
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            data_encoding::HEXUPPER.encode_append(&[byte], &mut out);
        }
    }
    out
}
