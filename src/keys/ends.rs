//! What comes to its end soon: the turns of keys, and their certificates.

use std::fmt;

use super::chain::{self, Certificate};
use super::dated::Dated;
use super::file::KeyFileError;
use super::ring::{self, RingError};
use super::software::FileKey;
use super::token::{TokenError, TokenListed, tokens};
use crate::config::{self, Kept};
use crate::model::signer::{Algorithm, Family, Signer, Verifier};
use crate::model::{Day, Rota, Time, Turn};

/// How many days before an end people are told, nearest first.
pub const TOLD: [u16; 3] = [7, 30, 60];

/// What is known of a key without using it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// The first day on which it signs.
    pub from: Option<Day>,
    /// The first day on which it no longer does.
    pub until: Option<Day>,
    /// Its id (`kid`).
    pub id: String,
    /// What kind it is.
    pub family: Family,
    /// Its certificate, where it has one.
    pub certificate: Option<Certificate>,
    /// Why its token cannot be asked, where the key is known without it.
    pub away: Option<String>,
}

/// Something that ends, or has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// From then on no key signs with an algorithm that is asked for.
    Turn {
        /// The algorithm.
        algorithm: Algorithm,
        /// From when on.
        at: Time,
        /// Which of [`TOLD`] it is within; 0 when it is over.
        within: u16,
    },
    /// A certificate of TLS ends: the door's, or one that a partner is shown.
    Tls {
        /// The setting that names its file.
        place: String,
        /// Whose the certificate is, cut.
        subject: String,
        /// When it ends.
        at: Time,
        /// Which of [`TOLD`] it is within; 0 when it is over.
        within: u16,
    },
    /// The certificate of a key that signs, or will sign, ends while it does.
    Certificate {
        /// The key's name.
        name: String,
        /// Whose the certificate is, cut.
        subject: String,
        /// When it ends.
        at: Time,
        /// Which of [`TOLD`] it is within; 0 when it is over.
        within: u16,
    },
}

/// What is known of each key that signs payloads without using it, by its name. Nobody logs in at a token: what it does not
/// show without is not known, unless the key's certificates are named.
pub fn look(keys: &config::Keys) -> Vec<(String, Result<Option<Seen>, RingError>)> {
    if keys.payload.is_empty() {
        let key = FileKey::read(&keys.payload_file);
        let seen = key.map(|key| Some(Seen::of(ring::ONLY, (None, None), &key)));
        let name = ring::ONLY.to_owned();
        return vec![(
            name.clone(),
            seen.map_err(|source| RingError::File { name, source }),
        )];
    }
    let look = |(name, key): (&String, &config::Key)| (name.clone(), looked_at(name, key));
    keys.payload.iter().map(look).collect()
}

fn looked_at(name: &str, key: &config::Key) -> Result<Option<Seen>, RingError> {
    let file = |source| RingError::File {
        name: name.to_owned(),
        source,
    };
    match &key.kept {
        Kept::File { .. } => {
            let found = ring::in_file(key).map_err(file)?;
            Ok(Some(Seen::of(name, (key.from, key.until), &found)))
        }
        Kept::Remote(at) => {
            let (public, chain) = chain::read_own(&at.chain_file).map_err(file)?;
            Ok(Some(Seen {
                name: name.to_owned(),
                from: key.from,
                until: key.until,
                ..Seen::bare(public.id(), public.family(), own(&chain))
            }))
        }
        Kept::Retired { public_file } => ring::retired(public_file).map(|_| None).map_err(file),
        Kept::Token(at) => {
            let known = certified(key).map_err(file)?;
            let (shown, away) = match told(at) {
                Ok(shown) => (shown, None),
                // A node that knows the key starts without its token.
                Err(error @ (TokenError::Absent { .. } | TokenError::Failed(_))) if known.is_some() => {
                    (None, Some(error.to_string()))
                }
                Err(source) => {
                    return Err(RingError::Token {
                        name: name.to_owned(),
                        source,
                    });
                }
            };
            Ok(known.or(shown).map(|seen| Seen {
                name: name.to_owned(),
                from: key.from,
                until: key.until,
                away,
                ..seen
            }))
        }
    }
}

/// By the certificates that its owner has of it.
fn certified(key: &config::Key) -> Result<Option<Seen>, KeyFileError> {
    let Some(chain) = &key.chain_file else {
        return Ok(None);
    };
    let (public, chain) = chain::read_own(chain)?;
    Ok(Some(Seen::bare(public.id(), public.family(), own(&chain))))
}

/// By what its token shows to anybody.
fn told(at: &config::Token) -> Result<Option<Seen>, TokenError> {
    let named = |token: &TokenListed| {
        at.label.as_ref().is_none_or(|label| *label == token.label)
            && at.serial.as_ref().is_none_or(|serial| *serial == token.serial)
    };
    let token = tokens(&at.module, None)?.into_iter().find(named);
    let absent = || TokenError::Absent {
        token: at.label.clone().or_else(|| at.serial.clone()).unwrap_or_default(),
    };
    let token = token.ok_or_else(absent)?;
    if token.locked {
        return Err(TokenError::Locked { token: token.label });
    }
    let key_id = at.key_id.as_ref().map(|id| data_encoding::HEXLOWER.encode(id));
    let key = token.keys.into_iter().find(|key| {
        at.key.as_ref().is_none_or(|label| *label == key.label)
            && key_id.as_ref().is_none_or(|id| *id == key.key_id)
    });
    Ok(key.and_then(|key| Some(Seen::bare(&key.id, key.algorithm?.family(), key.certificate))))
}

impl Seen {
    /// What a key in hand shows, with its days.
    pub(super) fn of(name: &str, (from, until): (Option<Day>, Option<Day>), key: &dyn Signer) -> Self {
        Self {
            name: name.to_owned(),
            from,
            until,
            ..Self::bare(key.id(), key.algorithm().family(), own(key.chain()))
        }
    }

    fn bare(id: &str, family: Family, certificate: Option<Certificate>) -> Self {
        Self {
            name: String::new(),
            from: None,
            until: None,
            id: id.to_owned(),
            family,
            certificate,
            away: None,
        }
    }
}

fn own(chain: &[Vec<u8>]) -> Option<Certificate> {
    chain.first().and_then(|der| Certificate::read(der).ok())
}

/// What ends within the longest of [`TOLD`], or is over: for each algorithm that is asked for the first moment without a key,
/// and every certificate that ends while its key still signs.
pub fn ends(seen: &[Seen], wanted: &[Algorithm], now: Time) -> Vec<End> {
    let turns = wanted.iter().filter_map(|algorithm| {
        let of = seen.iter().filter(|seen| seen.family == algorithm.family());
        let turns = of
            .map(|seen| Turn::between(&seen.name, seen.from, seen.until, ()))
            .collect();
        // Two that begin together are told of by who opens them.
        let at = Rota::new(turns).ok()?.gap(now)?;
        Some(End::Turn {
            algorithm: *algorithm,
            at,
            within: within(now, at)?,
        })
    });
    let certificates = seen.iter().filter_map(|seen| {
        let certificate = seen.certificate.as_ref()?;
        let signs_on = seen
            .until
            .is_none_or(|until| Time::beginning(until) > certificate.until.max(now));
        Some(End::Certificate {
            name: seen.name.clone(),
            subject: certificate.subject.clone(),
            at: certificate.until,
            within: within(now, certificate.until).filter(|_| signs_on)?,
        })
    });
    turns.chain(certificates).collect()
}

/// What ends of the certificates of TLS, or is over.
pub fn shown(all: &[Dated], now: Time) -> Vec<End> {
    let end = |one: &Dated| {
        let Certificate { subject, until } = one.certificate.clone();
        Some(End::Tls {
            place: one.place.clone(),
            within: within(now, until)?,
            subject,
            at: until,
        })
    };
    all.iter().filter_map(end).collect()
}

/// The nearest of [`TOLD`] that an end is within; 0 when it is over, none when it is far.
fn within(now: Time, at: Time) -> Option<u16> {
    let left = at.seconds() - now.seconds();
    if left <= 0 {
        return Some(0);
    }
    TOLD.into_iter().find(|days| left <= i64::from(*days) * 86_400)
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Turn {
                algorithm,
                at,
                within: 0,
            } => write!(f, "no key signs with {algorithm} since {at}"),
            Self::Turn {
                algorithm,
                at,
                within,
            } => {
                write!(
                    f,
                    "no key signs with {algorithm} from {at} on, within {within} days"
                )
            }
            Self::Tls {
                subject,
                at,
                within: 0,
                ..
            } => write!(
                f,
                "the certificate of {subject} ended at {at}: nobody speaks to it any more"
            ),
            Self::Tls {
                subject, at, within, ..
            } => write!(
                f,
                "the certificate of {subject} ends at {at}, within {within} days"
            ),
            Self::Certificate {
                subject,
                at,
                within: 0,
                ..
            } => {
                write!(
                    f,
                    "the certificate of {subject} ended at {at}, and its key still signs"
                )
            }
            Self::Certificate {
                subject, at, within, ..
            } => {
                write!(
                    f,
                    "the certificate of {subject} ends at {at}, within {within} days, and its key signs on"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
