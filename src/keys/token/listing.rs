//! What stands on the tokens of a module, for people: without a PIN, only what anybody may see.

use std::path::Path;

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use data_encoding::HEXLOWER;

use super::{Open, TokenError, module, object};
use crate::keys::chain::Certificate;
use crate::model::{Algorithm, Verifier};

/// A token in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenListed {
    /// The slot's number.
    pub slot: u64,
    /// Its label.
    pub label: String,
    /// Its serial number.
    pub serial: String,
    /// Its maker and model.
    pub model: String,
    /// The PIN is locked.
    pub locked: bool,
    /// The keys that may be seen.
    pub keys: Vec<TokenKeyListed>,
}

/// A key on a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKeyListed {
    /// Its label.
    pub label: String,
    /// Its id (CKA_ID) in hex.
    pub key_id: String,
    /// What it is used with when nobody says otherwise; none for a key that is not used here.
    pub algorithm: Option<Algorithm>,
    /// The id under which its signatures are known (`kid`).
    pub id: String,
    /// Its certificate, if the token has one.
    pub certificate: Option<Certificate>,
}

/// Every token of a module with the public keys on it. With a PIN's file the private keys without a public one are seen too;
/// the PIN is then tried at each token, once.
pub fn tokens(path: &Path, pin_file: Option<&Path>) -> Result<Vec<TokenListed>, TokenError> {
    let module = module::load(path)?;
    let mut all = Vec::new();
    for (slot, about) in module.tokens()? {
        let session = Open(Some(module.session(slot)?));
        if let Some(pin_file) = pin_file {
            module.log_in(session.alive()?, slot, &about, pin_file)?;
        }
        all.push(TokenListed {
            slot: slot.id(),
            label: about.label().to_owned(),
            serial: about.serial_number().to_owned(),
            model: format!("{} {}", about.manufacturer_id(), about.model()),
            locked: about.user_pin_locked(),
            keys: keys(session.alive()?)?,
        });
    }
    Ok(all)
}

fn keys(session: &Session) -> Result<Vec<TokenKeyListed>, TokenError> {
    let found = |class| {
        session
            .find_objects(&[Attribute::Class(class)])
            .map_err(TokenError::Failed)
    };
    let certificates = object::certificates(session).map_err(TokenError::Failed)?;
    let certificate = |id: &Option<Vec<u8>>| {
        let own = certificates.iter().find(|(of, _)| of.is_some() && of == id);
        own.and_then(|(_, own)| Certificate::read(&own.to_der().ok()?).ok())
    };
    let mut all: Vec<TokenKeyListed> = Vec::new();
    // A private key beside its public half says nothing new.
    for class in [ObjectClass::PUBLIC_KEY, ObjectClass::PRIVATE_KEY] {
        for object in found(class)? {
            let (label, id) = names(session, object)?;
            let public = object::public(session, object).ok();
            let listed = TokenKeyListed {
                label,
                key_id: id.as_deref().map(|id| HEXLOWER.encode(id)).unwrap_or_default(),
                algorithm: public.as_ref().map(|public| public.family().usual()),
                id: public.map(|public| public.id().to_owned()).unwrap_or_default(),
                certificate: certificate(&id),
            };
            if !all
                .iter()
                .any(|seen| (&seen.label, &seen.key_id) == (&listed.label, &listed.key_id))
            {
                all.push(listed);
            }
        }
    }
    all.sort_by(|one, other| (&one.label, &one.key_id).cmp(&(&other.label, &other.key_id)));
    Ok(all)
}

fn names(session: &Session, object: ObjectHandle) -> Result<(String, Option<Vec<u8>>), TokenError> {
    let take = |what| object::bytes(session, object, what).map_err(TokenError::Failed);
    let label = take(AttributeType::Label)?.unwrap_or_default();
    Ok((
        String::from_utf8_lossy(&label).into_owned(),
        take(AttributeType::Id)?,
    ))
}
