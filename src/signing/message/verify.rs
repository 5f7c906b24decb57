//! Verify a message that came in. A signature is first read as a claim, which says which key it wants to be tried with,
//! and then verified with the key that the reader has under that name.

use super::base::base;
use super::component::{Component, Form};
use super::policy::{Parameter, Policy};
use super::sign::{HMAC, http_name};
use super::structured::{Bare, Dictionary, Inner, Item, Member};
use super::{MOST_COMPONENTS, MOST_SIGNATURES, Message, MessageError};
use crate::signing::digest::Digests;
use crate::signing::mac::Key;

/// What one signature says about itself; nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its name within the message.
    pub label: String,
    /// What it covers, in order.
    pub components: Vec<Component>,
    /// When it was made, in seconds since 1970.
    pub created: Option<i64>,
    /// Until when it may be believed.
    pub expires: Option<i64>,
    /// The value that is used once.
    pub nonce: Option<String>,
    /// The algorithm it names; the key's record decides.
    pub alg: Option<String>,
    /// The key it names.
    pub keyid: Option<String>,
    /// What it is for.
    pub tag: Option<String>,
    /// The inner list with its parameters, byte for byte.
    text: String,
    signature: Vec<u8>,
}

impl Claim {
    pub(super) fn has(&self, parameter: Parameter) -> bool {
        match parameter {
            Parameter::Created => self.created.is_some(),
            Parameter::Expires => self.expires.is_some(),
            Parameter::Nonce => self.nonce.is_some(),
            Parameter::KeyId => self.keyid.is_some(),
            Parameter::Tag => self.tag.is_some(),
        }
    }
}

/// What is remembered of an accepted message: a second one with the same key and nonce is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remember {
    /// The key's id.
    pub key: String,
    /// The value used once.
    pub nonce: String,
    /// Until when, in seconds since 1970, that second included; afterwards the signature is refused by its age.
    /// `i64::MAX` where the policy sets no end.
    pub until: i64,
}

/// What is known once a signature has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The signature's name within the message.
    pub label: String,
    /// The id of the key, as it is known here.
    pub key: String,
    /// What is covered. Everything else of the message may be somebody else's.
    pub components: Vec<Component>,
    /// Whether the body is covered: by `content-digest`, which was computed again.
    pub body: bool,
    /// When the signer says it was made.
    pub created: Option<i64>,
    /// What it is for.
    pub tag: Option<String>,
    /// What the caller must remember, where there is a nonce.
    pub remember: Option<Remember>,
}

/// A message as it came, with what is needed to judge it.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The message.
    pub message: Message<'a>,
    /// The digests of its body as it stands on the wire; of an empty one where there is none.
    pub body: &'a Digests,
    /// Now, in seconds since 1970.
    pub now: i64,
}

/// Reads every signature of a message, each by itself; a message without any has none.
///
/// An error of the whole is a field that cannot be read, or more than [`MOST_SIGNATURES`].
pub fn claims(message: &Message<'_>) -> Result<Vec<Result<Claim, MessageError>>, MessageError> {
    let headers = message.headers();
    let inputs = match headers.text("signature-input") {
        Err(MessageError::Absent(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let signatures = headers.text("signature").map_err(|_| MessageError::Fields)?;
    let signatures = Dictionary::read(&signatures).map_err(|_| MessageError::Fields)?;
    let members = Dictionary::read(&inputs).map_err(|_| MessageError::Fields)?;
    if members.0.len() > MOST_SIGNATURES {
        return Err(MessageError::Fields);
    }
    let one = |(label, member): &(String, Member)| claim(label, member, &inputs, &signatures);
    Ok(members.0.iter().map(one).collect())
}

/// Verifies one signature with the key that its reader has under the name it claims.
pub fn verify<'a>(
    received: &Received<'_>,
    claim: &Claim,
    key: impl Into<Key<'a>>,
    policy: &Policy,
) -> Result<Verified, MessageError> {
    let key = key.into();
    check_key(claim, &key)?;
    policy.check(claim, received.now)?;
    let base = base(&received.message, &claim.components, &claim.text)?;
    if !key.verify(base.as_bytes(), &claim.signature) {
        return Err(MessageError::Signature);
    }
    Ok(Verified {
        label: claim.label.clone(),
        key: key.id().to_owned(),
        components: claim.components.clone(),
        body: check_body(received, claim)?,
        created: claim.created,
        tag: claim.tag.clone(),
        remember: policy.remember(claim, key.id()),
    })
}

/// The key decides: whoever names another one, or another algorithm, is refused.
fn check_key(claim: &Claim, key: &Key<'_>) -> Result<(), MessageError> {
    let name = match key {
        Key::Public(key) => http_name(key.algorithm()).ok_or(MessageError::Key)?,
        Key::Shared(_) => HMAC,
    };
    if claim.keyid.as_deref().is_some_and(|id| id != key.id()) {
        return Err(MessageError::Key);
    }
    if claim.alg.as_deref().is_some_and(|alg| alg != name) {
        return Err(MessageError::Algorithm);
    }
    Ok(())
}

/// Computes every covered `content-digest` of the message itself again; whether there was one.
fn check_body(received: &Received<'_>, claim: &Claim) -> Result<bool, MessageError> {
    let mut covered = false;
    for meaning in claim.components.iter().map(Component::meaning) {
        if meaning.req || meaning.name != "content-digest" {
            continue;
        }
        let field = received.message.headers().text(&meaning.name)?;
        match &meaning.form {
            // Only this member was signed: a better one beside it may be anybody's.
            Form::Member(key) => received.body.check_member(&field, key)?,
            Form::Plain | Form::Structured | Form::Bytes | Form::Parameter(_) => {
                received.body.check(&field)?
            }
        }
        covered = true;
    }
    Ok(covered)
}

fn claim(label: &str, member: &Member, inputs: &str, signatures: &Dictionary) -> Result<Claim, MessageError> {
    let (
        Member::Inner(inner),
        Some(Member::One(Item {
            bare: Bare::Bytes(signature),
            ..
        })),
    ) = (member, signatures.member(label))
    else {
        return Err(MessageError::Label(label.to_owned()));
    };
    let mut claim = Claim {
        label: label.to_owned(),
        components: components(inner, inputs)?,
        created: None,
        expires: None,
        nonce: None,
        alg: None,
        keyid: None,
        tag: None,
        text: inputs.get(inner.place.clone()).unwrap_or_default().to_owned(),
        signature: signature.clone(),
    };
    for (name, value) in &inner.parameters.0 {
        set(&mut claim, name, value)?;
    }
    Ok(claim)
}

fn components(inner: &Inner, inputs: &str) -> Result<Vec<Component>, MessageError> {
    if inner.items.len() > MOST_COMPONENTS {
        return Err(MessageError::Fields);
    }
    let one = |item: &Item| Component::of(item, inputs.get(item.place.clone()).unwrap_or_default());
    inner.items.iter().map(one).collect()
}

/// Unknown parameters are signed as they stand and say nothing here (§2.3).
fn set(claim: &mut Claim, name: &str, value: &Bare) -> Result<(), MessageError> {
    match (name, value) {
        ("created", Bare::Integer(moment)) => claim.created = Some(*moment),
        ("expires", Bare::Integer(moment)) => claim.expires = Some(*moment),
        ("nonce", Bare::Text(text)) => claim.nonce = Some(text.clone()),
        ("alg", Bare::Text(text)) => claim.alg = Some(text.clone()),
        ("keyid", Bare::Text(text)) => claim.keyid = Some(text.clone()),
        ("tag", Bare::Text(text)) => claim.tag = Some(text.clone()),
        ("created" | "expires" | "nonce" | "alg" | "keyid" | "tag", _) => {
            return Err(MessageError::Parameter(name.to_owned()));
        }
        _ => {}
    }
    Ok(())
}
