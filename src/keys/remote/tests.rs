use std::collections::VecDeque;
use std::sync::Mutex;

use data_encoding::BASE64;
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::csc::{Answer, Call, Csc};
use super::*;
use crate::keys::chain::issued;
use crate::keys::software;
use crate::model::Family;

/// A provider that signs with one key once it was asked often enough; keeps what it was asked.
struct Provider {
    key: PKey<Private>,
    /// How often it is asked in vain before the signer confirms, and before the signature is there.
    vain: Mutex<(u8, u8)>,
    asked: Mutex<Vec<(String, Option<String>, Value)>>,
    /// What it says instead, first.
    instead: Mutex<VecDeque<(u16, Value)>>,
}

impl Provider {
    fn new(algorithm: Algorithm, vain: (u8, u8)) -> Arc<Self> {
        Arc::new(Self {
            key: software::generate(algorithm).unwrap(),
            vain: Mutex::new(vain),
            asked: Mutex::default(),
            instead: Mutex::default(),
        })
    }

    fn answer(&self, path: &str, asked: &Value) -> (u16, Value) {
        let mut vain = self.vain.lock().unwrap();
        match path {
            "info" => (200, json!({ "specs": "2.0.0.2" })),
            "oauth2/token" => (200, json!({ "access_token": "leave-to-ask", "expires_in": 60 })),
            "credentials/list" => (200, json!({ "credentialIDs": ["seal", "gone"] })),
            "credentials/info" => {
                let certificate = issued(&self.key, "Sở Mẫu", 10, None).to_der().unwrap();
                let status = if asked["credentialID"] == "seal" {
                    "enabled"
                } else {
                    "disabled"
                };
                (
                    200,
                    json!({
                        "key": { "status": status, "algo": ["1.2.840.10045.4.3.2", "1.2.840.113549.1.1.1"] },
                        "cert": { "certificates": [BASE64.encode(&certificate)] },
                        "multisign": 5,
                    }),
                )
            }
            "credentials/authorize" if vain.0 == 0 => (200, json!({ "SAD": "leave", "expiresIn": 60 })),
            "credentials/authorize" => (200, json!({ "handle": "h-1", "expiresIn": 60 })),
            "credentials/authorizeCheck" if vain.0 > 1 => {
                vain.0 -= 1;
                (202, json!({}))
            }
            "credentials/authorizeCheck" => (200, json!({ "SAD": "leave" })),
            "signatures/signHash" if vain.1 > 0 => (200, json!({ "responseID": "r-1" })),
            "signatures/signHash" => (200, self.signed(asked)),
            "signatures/signPolling" if vain.1 > 1 => {
                vain.1 -= 1;
                (202, json!({}))
            }
            "signatures/signPolling" => {
                let all = self.asked.lock().unwrap();
                let wish = all
                    .iter()
                    .rev()
                    .find(|(path, ..)| path == "signatures/signHash")
                    .unwrap();
                (200, self.signed(&wish.2))
            }
            _ => (404, json!({ "error": "invalid_request" })),
        }
    }

    /// Signs the hashes as they came; of a curve in DER, as most providers do.
    fn signed(&self, asked: &Value) -> Value {
        assert_eq!(asked["SAD"], "leave");
        let hash = BASE64
            .decode(asked["hashes"][0].as_str().unwrap().as_bytes())
            .unwrap();
        let signature = match self.key.ec_key() {
            Ok(key) => EcdsaSig::sign(&hash, &key).unwrap().to_der().unwrap(),
            Err(_) => {
                let mut context = PkeyCtx::new(&self.key).unwrap();
                context.sign_init().unwrap();
                let digest = match hash.len() {
                    32 => openssl::md::Md::sha256(),
                    48 => openssl::md::Md::sha384(),
                    _ => openssl::md::Md::sha512(),
                };
                context.set_signature_md(digest).unwrap();
                if asked["signAlgo"] == "1.2.840.113549.1.1.10" {
                    assert!(asked["signAlgoParams"].is_string());
                    context.set_rsa_padding(openssl::rsa::Padding::PKCS1_PSS).unwrap();
                    context
                        .set_rsa_pss_saltlen(openssl::sign::RsaPssSaltlen::DIGEST_LENGTH)
                        .unwrap();
                    context.set_rsa_mgf1_md(digest).unwrap();
                }
                let mut signature = Vec::new();
                context.sign_to_vec(&hash, &mut signature).unwrap();
                signature
            }
        };
        json!({ "signatures": [BASE64.encode(&signature)] })
    }
}

/// The provider and the caller's way to it.
struct Way(Arc<Provider>);

impl Call for Way {
    fn post<'a>(
        &'a self,
        path: &'a str,
        token: Option<&'a str>,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> Pending<'a, Answer> {
        let asked = match media_type {
            "application/json" => serde_json::from_slice(&body).unwrap(),
            _ => Value::from(String::from_utf8(body).unwrap()),
        };
        let provider = &self.0;
        provider
            .asked
            .lock()
            .unwrap()
            .push((path.to_owned(), token.map(str::to_owned), asked.clone()));
        let instead = match path {
            "oauth2/token" => None,
            _ => provider.instead.lock().unwrap().pop_front(),
        };
        let (status, answer) = instead.unwrap_or_else(|| provider.answer(path, &asked));
        let body = serde_json::to_vec(&answer).unwrap();
        Box::pin(std::future::ready(Ok(Answer { status, body })))
    }
}

fn csc(provider: &Arc<Provider>) -> Arc<Csc> {
    let way = Arc::new(Way(Arc::clone(provider)));
    Arc::new(Csc::new(way, "tỉnh 38", Zeroizing::new("s3cret&x".to_owned())))
}

/// The provider's key as a signer, on a thread that may stand still.
async fn sign(
    provider: &Arc<Provider>,
    algorithm: Algorithm,
    patience: Duration,
) -> Result<Vec<u8>, SignerError> {
    let dir = tempfile::tempdir().unwrap();
    let chain = dir.path().join("seal.crt");
    std::fs::write(
        &chain,
        issued(&provider.key, "Sở Mẫu", 10, None).to_pem().unwrap(),
    )
    .unwrap();
    let pace = Duration::from_millis(1);
    let key = RemoteKey::known(csc(provider), "seal", &chain, (pace, patience), Handle::current()).unwrap();
    let key = key.using(algorithm).unwrap();
    assert!(key.waits() && key.chain().len() == 1);
    let public = key.half().clone();
    let signature = tokio::task::spawn_blocking(move || key.sign(b"payload"))
        .await
        .unwrap()?;
    assert!(public.verify(b"payload", &signature), "{algorithm}");
    Ok(signature)
}

fn paths(provider: &Provider) -> Vec<String> {
    provider
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|(path, ..)| path.clone())
        .collect()
}

#[tokio::test]
async fn every_algorithm_that_signs_hashes_is_signed_after_the_confirmation() {
    let rsa = Provider::new(Algorithm::Rs256, (3, 0));
    for algorithm in Algorithm::ALL {
        let provider = match algorithm.family() {
            Family::Rsa => Arc::clone(&rsa),
            Family::P256 | Family::P384 | Family::Ed25519 => Provider::new(algorithm, (3, 2)),
        };
        let signed = sign(&provider, algorithm, Duration::from_secs(20)).await;
        assert_eq!(
            signed.is_ok(),
            algorithm != Algorithm::Ed25519,
            "{algorithm}: {signed:?}"
        );
    }
    let waited = Provider::new(Algorithm::Es256, (3, 2));
    sign(&waited, Algorithm::Es256, Duration::from_secs(20))
        .await
        .unwrap();
    assert_eq!(
        paths(&waited),
        [
            "oauth2/token",
            "credentials/authorize",
            "credentials/authorizeCheck",
            "credentials/authorizeCheck",
            "credentials/authorizeCheck",
            "signatures/signHash",
            "signatures/signPolling",
            "signatures/signPolling",
        ]
    );
    let login = waited.asked.lock().unwrap()[0].2.clone();
    assert!(
        login
            .as_str()
            .unwrap()
            .ends_with("client_id=t%E1%BB%89nh%2038&client_secret=s3cret%26x")
    );
}

#[tokio::test]
async fn what_nobody_confirms_is_worth_another_attempt_and_what_is_refused_is_not() {
    let provider = Provider::new(Algorithm::Es256, (255, 0));
    let unconfirmed = sign(&provider, Algorithm::Es256, Duration::from_millis(5))
        .await
        .unwrap_err();
    assert!(
        matches!(unconfirmed, SignerError::Unreachable { .. }),
        "{unconfirmed:?}"
    );
    for (status, error, unreachable) in [
        (403, "access_denied", false),
        (400, "invalid_request", false),
        (503, "temporarily_unavailable", true),
        (429, "slow", true),
    ] {
        let provider = Provider::new(Algorithm::Es256, (0, 0));
        let no = json!({ "error": error, "error_description": "Trần Văn Mẫu từ chối" });
        provider.instead.lock().unwrap().push_back((status, no));
        let refused = sign(&provider, Algorithm::Es256, Duration::from_secs(9))
            .await
            .unwrap_err();
        assert_eq!(
            matches!(refused, SignerError::Unreachable { .. }),
            unreachable,
            "{refused:?}"
        );
        assert!(!format!("{refused:?}").contains("Trần"));
    }
}

#[tokio::test]
async fn another_keys_signature_is_not_handed_on() {
    let provider = Provider::new(Algorithm::Es256, (0, 0));
    let other = Provider::new(Algorithm::Es256, (0, 0));
    let hash = vec![7; 32];
    let foreign = other.signed(&json!({ "SAD": "leave", "hashes": [BASE64.encode(&hash)] }));
    let answers = [(200, json!({ "SAD": "leave" })), (200, foreign)];
    provider.instead.lock().unwrap().extend(answers);
    let wrong = sign(&provider, Algorithm::Es256, Duration::from_secs(9))
        .await
        .unwrap_err();
    assert!(matches!(wrong, SignerError::Refused { .. }), "{wrong:?}");
    provider.instead.lock().unwrap().extend([
        (200, json!({ "SAD": "leave" })),
        (200, json!({ "signatures": [] })),
    ]);
    let none = sign(&provider, Algorithm::Es256, Duration::from_secs(9))
        .await
        .unwrap_err();
    assert!(matches!(none, SignerError::Unreachable { .. }), "{none:?}");
}

#[tokio::test]
async fn credentials_are_listed_and_a_token_that_ended_is_fetched_anew() {
    let provider = Provider::new(Algorithm::Es256, (2, 0));
    let csc = csc(&provider);
    assert_eq!(csc.version().await.unwrap(), "2.0.0.2");
    let all = csc.credentials().await.unwrap();
    assert_eq!(
        (all.len(), all[0].id.as_str(), all[0].most, all[0].chain.len()),
        (1, "seal", 5, 1)
    );
    assert_eq!(
        all[0].algorithms,
        [
            Algorithm::Es256,
            Algorithm::Rs256,
            Algorithm::Rs384,
            Algorithm::Rs512
        ]
    );
    provider
        .instead
        .lock()
        .unwrap()
        .push_back((401, json!({ "error": "invalid_token" })));
    let wish = Wish {
        credential: "seal".to_owned(),
        algorithm: "ES256".to_owned(),
        hashes: vec![vec![7; 32]],
        description: "lienthong".to_owned(),
    };
    let Stage::Waiting(ticket) = csc.request(&wish).await.unwrap() else {
        panic!("nobody confirmed")
    };
    // It is stored and read again, and shows nothing that lets anybody sign.
    let kept: Ticket = serde_json::from_str(&serde_json::to_string(&ticket).unwrap()).unwrap();
    assert_eq!(kept, ticket);
    assert!(!format!("{ticket:?}").contains("h-1"));
    assert!(matches!(csc.poll(&kept).await.unwrap(), Stage::Waiting(_)));
    assert!(matches!(csc.poll(&kept).await.unwrap(), Stage::Signed(all) if all.len() == 1));
    assert!(!csc.cancel(&kept).await.unwrap());
    assert_eq!(format!("{csc:?}"), "Csc(tỉnh 38)");
    let logins = paths(&provider)
        .iter()
        .filter(|path| *path == "oauth2/token")
        .count();
    assert_eq!(logins, 2);
}
