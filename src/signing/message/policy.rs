//! What is asked of a signature before it is believed, as data.

use super::component::Component;
use super::verify::{Claim, Remember};

/// A parameter of a signature (RFC 9421 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// When it was made.
    Created,
    /// Until when it may be believed.
    Expires,
    /// A value that the signer uses once.
    Nonce,
    /// The id of the key.
    KeyId,
    /// What the signature is for.
    Tag,
}

/// What a partner's signatures must have. The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// What must be covered; more may be.
    pub required: Vec<Component>,
    /// Which parameters must be there.
    pub needs: Vec<Parameter>,
    /// The one tag that is accepted; `None` accepts any.
    pub tag: Option<String>,
    /// The longest time in seconds from `created` to `expires`; where one is missing, to or from now.
    pub longest: Option<i64>,
    /// How many seconds the signer's clock may differ from ours.
    pub skew: i64,
}

/// What of the policy is not met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A required component is not covered.
    #[error("the signature does not cover {0}")]
    Uncovered(String),
    /// A parameter is missing.
    #[error("the signature has no parameter {0:?}")]
    Missing(Parameter),
    /// It is tagged for something else.
    #[error("the signature is tagged for another use")]
    Tag,
    /// It was made after now.
    #[error("the signature was made in the future")]
    Early,
    /// It has expired, or is older than the window allows.
    #[error("the signature has expired")]
    Late,
    /// It would be good for longer than is allowed, or expires before it was made.
    #[error("the signature is not limited to the window that is allowed")]
    Window,
}

/// The longest window of the gateway's profile, in seconds.
pub const WINDOW: i64 = 300;

/// How far a clock may be off in the gateway's profile, in seconds.
pub const SKEW: i64 = 30;

impl Policy {
    /// What this gateway asks of requests: method, target, body and its type covered; made now, short-lived, used once,
    /// by a named key and for this `tag`. A request without a body has the digest of an empty one.
    pub fn gateway(tag: impl Into<String>) -> Self {
        Self {
            required: request_components(),
            needs: vec![
                Parameter::Created,
                Parameter::Expires,
                Parameter::Nonce,
                Parameter::KeyId,
                Parameter::Tag,
            ],
            tag: Some(tag.into()),
            longest: Some(WINDOW),
            skew: SKEW,
        }
    }

    /// The same for answers: status, body and its type covered, and the method, target and body of what is answered.
    pub fn answer(tag: impl Into<String>) -> Self {
        Self {
            required: answer_components(),
            ..Self::gateway(tag)
        }
    }

    /// Compares what a signature claims with what is asked, at a moment in seconds since 1970.
    pub fn check(&self, claim: &Claim, now: i64) -> Result<(), PolicyError> {
        let missing = |parameter: &&Parameter| !claim.has(**parameter);
        if let Some(parameter) = self.needs.iter().find(missing) {
            return Err(PolicyError::Missing(*parameter));
        }
        if self.tag.is_some() && claim.tag != self.tag {
            return Err(PolicyError::Tag);
        }
        let uncovered = |component: &&Component| !claim.components.contains(component);
        if let Some(component) = self.required.iter().find(uncovered) {
            return Err(PolicyError::Uncovered(component.text().to_owned()));
        }
        self.check_time(claim, now)
    }

    fn check_time(&self, claim: &Claim, now: i64) -> Result<(), PolicyError> {
        if claim
            .created
            .is_some_and(|created| created > now.saturating_add(self.skew))
        {
            return Err(PolicyError::Early);
        }
        if claim
            .expires
            .is_some_and(|expires| now > expires.saturating_add(self.skew))
        {
            return Err(PolicyError::Late);
        }
        if let (Some(created), Some(expires)) = (claim.created, claim.expires)
            && expires < created
        {
            return Err(PolicyError::Window);
        }
        let Some(longest) = self.longest else {
            return Ok(());
        };
        let slack = longest.saturating_add(self.skew);
        match (claim.created, claim.expires) {
            (Some(created), Some(expires)) if expires.saturating_sub(created) > longest => {
                Err(PolicyError::Window)
            }
            (Some(created), None) if now.saturating_sub(created) > slack => Err(PolicyError::Late),
            (None, Some(expires)) if expires.saturating_sub(now) > slack => Err(PolicyError::Window),
            (None, None) => Err(PolicyError::Window),
            (Some(_) | None, Some(_)) | (Some(_), None) => Ok(()),
        }
    }

    /// What must be remembered so that the same signature is not accepted twice, and until when.
    pub(super) fn remember(&self, claim: &Claim, key: &str) -> Option<Remember> {
        let limit = |created: i64| self.longest.map(|longest| created.saturating_add(longest));
        let end = claim.expires.or_else(|| claim.created.and_then(limit));
        Some(Remember {
            key: key.to_owned(),
            nonce: claim.nonce.clone()?,
            until: end.map_or(i64::MAX, |end| end.saturating_add(self.skew)),
        })
    }
}

/// What the gateway covers of a request.
pub(super) fn request_components() -> Vec<Component> {
    ["@method", "@target-uri", "content-digest", "content-type"]
        .map(Component::known)
        .to_vec()
}

/// What the gateway covers of an answer.
pub(super) fn answer_components() -> Vec<Component> {
    let own = ["@status", "content-digest", "content-type"].map(Component::known);
    let asked = ["@method", "@target-uri", "content-digest"].map(|name| Component::known(name).of_request());
    own.into_iter().chain(asked).collect()
}
