//! Sign a message: two field values that are added to it.

use super::base::base;
use super::component::Component;
use super::policy::{WINDOW, answer_components, request_components};
use super::structured::{Bare, Dictionary, is_key, is_text, write_bytes};
use super::{MOST_COMPONENTS, Message, MessageError};
use crate::model::signer::{Algorithm, Signer};
use crate::signing::mac::Secret;

/// What signs: a private key with its one algorithm, or a shared secret with HMAC-SHA256.
#[derive(Clone, Copy)]
pub enum Hand<'a> {
    /// A private key.
    Key(&'a dyn Signer),
    /// A shared secret.
    Shared(&'a Secret),
}

impl<'a, S: Signer> From<&'a S> for Hand<'a> {
    fn from(key: &'a S) -> Self {
        Self::Key(key)
    }
}

impl<'a> From<&'a dyn Signer> for Hand<'a> {
    fn from(key: &'a dyn Signer) -> Self {
        Self::Key(key)
    }
}

impl<'a> From<&'a Secret> for Hand<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::Shared(secret)
    }
}

/// What a signature shall cover and say. The key's id always stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The name of the signature within the message, a key of RFC 9651 §3.1.2.
    pub label: String,
    /// What is covered, in order.
    pub components: Vec<Component>,
    /// When it is made, in seconds since 1970.
    pub created: Option<i64>,
    /// Until when it may be believed.
    pub expires: Option<i64>,
    /// A value used once, printable ASCII; chance comes from the caller.
    pub nonce: Option<String>,
    /// Whether the algorithm is named; the key's record says it anyway.
    pub alg: bool,
    /// What the signature is for, printable ASCII.
    pub tag: Option<String>,
}

impl Terms {
    /// What [`Policy::gateway`](super::Policy::gateway) asks of a request made `now`, labelled `sig`.
    pub fn gateway(tag: impl Into<String>, nonce: impl Into<String>, now: i64) -> Self {
        Self {
            label: "sig".into(),
            components: request_components(),
            created: Some(now),
            expires: Some(now.saturating_add(WINDOW)),
            nonce: Some(nonce.into()),
            alg: false,
            tag: Some(tag.into()),
        }
    }

    /// What [`Policy::answer`](super::Policy::answer) asks of a response made `now`, labelled `sig`.
    pub fn answer(tag: impl Into<String>, nonce: impl Into<String>, now: i64) -> Self {
        Self {
            components: answer_components(),
            ..Self::gateway(tag, nonce, now)
        }
    }
}

/// The two field values. Each is added as a line of its own, beside those of other signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// `Signature-Input`.
    pub input: String,
    /// `Signature`.
    pub signature: String,
}

/// Signs what `terms` say of a message that has everything else already.
pub fn sign<'a>(
    message: &Message<'_>,
    terms: &Terms,
    hand: impl Into<Hand<'a>>,
) -> Result<Signed, MessageError> {
    let hand = hand.into();
    let label = &terms.label;
    if !is_key(label) {
        return Err(MessageError::Label(label.clone()));
    }
    if terms.components.len() > MOST_COMPONENTS {
        return Err(MessageError::Fields);
    }
    refuse_taken(message, label)?;
    let parameters = parameters(terms, &hand)?;
    let base = base(message, &terms.components, &parameters)?;
    let signature = match hand {
        Hand::Key(key) => key.sign(base.as_bytes()).map_err(|_| MessageError::Unsigned)?,
        Hand::Shared(secret) => secret
            .tag(base.as_bytes())
            .map_err(|_| MessageError::Unsigned)?
            .to_vec(),
    };
    Ok(Signed {
        input: format!("{label}={parameters}"),
        signature: format!("{label}={}", write_bytes(&signature)),
    })
}

/// The name of an algorithm in RFC 9421 §3.3; `None` has none, and is not used for messages.
pub(super) fn http_name(algorithm: Algorithm) -> Option<&'static str> {
    match algorithm {
        Algorithm::Ps512 => Some("rsa-pss-sha512"),
        Algorithm::Rs256 => Some("rsa-v1_5-sha256"),
        Algorithm::Es256 => Some("ecdsa-p256-sha256"),
        Algorithm::Es384 => Some("ecdsa-p384-sha384"),
        Algorithm::Ed25519 => Some("ed25519"),
        Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 | Algorithm::Ps384 => None,
    }
}

/// The name of HMAC-SHA256 (§3.3.3).
pub(super) const HMAC: &str = "hmac-sha256";

/// A label that the message has already would make one of the two signatures unreadable.
fn refuse_taken(message: &Message<'_>, label: &str) -> Result<(), MessageError> {
    for field in ["signature-input", "signature"] {
        match message.headers().text(field) {
            Err(MessageError::Absent(_)) => {}
            Err(error) => return Err(error),
            Ok(text) => {
                let fields = Dictionary::read(&text).map_err(|_| MessageError::Fields)?;
                if fields.member(label).is_some() {
                    return Err(MessageError::Twice(label.to_owned()));
                }
            }
        }
    }
    Ok(())
}

/// The inner list with its parameters (§2.3): what is signed last, and sent.
fn parameters(terms: &Terms, hand: &Hand<'_>) -> Result<String, MessageError> {
    let (name, id) = match hand {
        Hand::Key(key) => (http_name(key.algorithm()).ok_or(MessageError::Key)?, key.id()),
        Hand::Shared(secret) => (HMAC, secret.id()),
    };
    let components: Vec<&str> = terms.components.iter().map(Component::text).collect();
    let mut text = format!("({})", components.join(" "));
    for (name, moment) in [("created", terms.created), ("expires", terms.expires)] {
        let Some(moment) = moment else { continue };
        if moment.unsigned_abs() > LARGEST {
            return Err(MessageError::Parameter(name.to_owned()));
        }
        text.push_str(&format!(";{name}={moment}"));
    }
    let words = [
        ("nonce", terms.nonce.as_deref()),
        ("alg", terms.alg.then_some(name)),
        ("keyid", Some(id)),
        ("tag", terms.tag.as_deref()),
    ];
    for (name, word) in words {
        let Some(word) = word else { continue };
        if !is_text(word) {
            return Err(MessageError::Parameter(name.to_owned()));
        }
        text.push_str(&format!(";{name}={}", Bare::Text(word.to_owned()).write()));
    }
    Ok(text)
}

/// The largest integer of a structured field: 15 digits.
const LARGEST: u64 = 999_999_999_999_999;
