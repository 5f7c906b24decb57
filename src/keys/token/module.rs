//! The library of a token's maker, loaded once a process, and the way to an open session of one token.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;
use openssl::sha::sha256;

use super::TokenError;
use crate::keys::file::read_secret;
use crate::keys::pkcs12::first_line;

/// A maker's library. Its state is the whole process's, so there is one of each.
pub(super) struct Module {
    path: PathBuf,
    library: Pkcs11,
    /// PINs that a token refused, by its serial number and their SHA-256. None is tried twice: a few refusals lock a token.
    refused: Mutex<Vec<(String, [u8; 32])>>,
}

static LOADED: Mutex<Vec<Arc<Module>>> = Mutex::new(Vec::new());

/// The library at `path`, loaded and initialised at the first call.
pub(super) fn load(path: &Path) -> Result<Arc<Module>, TokenError> {
    let failed = |source| TokenError::Module {
        path: path.to_owned(),
        source: Box::new(source),
    };
    // The same file by two names is one library to the system's loader.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = loaded.iter().find(|module| module.path == real) {
        return Ok(Arc::clone(module));
    }
    let library = Pkcs11::new(&real).map_err(failed)?;
    initialise(&library).map_err(failed)?;
    let module = Arc::new(Module {
        path: real,
        library,
        refused: Mutex::default(),
    });
    loaded.push(Arc::clone(&module));
    Ok(module)
}

fn initialise(library: &Pkcs11) -> Result<(), Error> {
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        done => done,
    }
}

impl Module {
    /// Every token that is in a slot now.
    pub(super) fn tokens(&self) -> Result<Vec<(Slot, TokenInfo)>, TokenError> {
        let slots = match self.library.get_slots_with_token() {
            // A device that was away for long may have taken the library's state with it.
            Err(Error::Pkcs11(RvError::CryptokiNotInitialized, _)) => {
                initialise(&self.library).map_err(TokenError::Failed)?;
                self.library.get_slots_with_token()
            }
            slots => slots,
        };
        let tokens = slots.map_err(TokenError::Failed)?.into_iter();
        tokens
            .map(|slot| Ok((slot, self.library.get_token_info(slot)?)))
            .filter(|token| !token.as_ref().is_ok_and(|(_, about)| !about.token_initialized()))
            .collect::<Result<_, Error>>()
            .map_err(TokenError::Failed)
    }

    /// The one token of that label, or serial number, or both.
    pub(super) fn token(
        &self,
        label: Option<&str>,
        serial: Option<&str>,
    ) -> Result<(Slot, TokenInfo), TokenError> {
        let mut fitting = self.tokens()?.into_iter().filter(|(_, about)| {
            label.is_none_or(|label| label == about.label())
                && serial.is_none_or(|serial| serial == about.serial_number())
        });
        let wanted = || label.or(serial).unwrap_or("any").to_owned();
        let found = fitting
            .next()
            .ok_or_else(|| TokenError::Absent { token: wanted() })?;
        match fitting.next() {
            None => Ok(found),
            Some(_) => Err(TokenError::Ambiguous { what: wanted() }),
        }
    }

    /// A session that sees what anybody may see. It is not closed by itself.
    pub(super) fn session(&self, slot: Slot) -> Result<Session, TokenError> {
        self.library
            .open_ro_session_no_drop(slot)
            .map_err(TokenError::Failed)
    }

    /// The library forgets everything: tokens, sessions, who is logged in.
    #[cfg(test)]
    pub(super) fn forget(&self) -> Result<(), Error> {
        self.library.clone().finalize()
    }

    /// PINs that are not tried again.
    #[cfg(test)]
    pub(super) fn refusals(&self) -> usize {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Logs the process in at a token with the PIN in a file, unless it is.
    pub(super) fn log_in(
        &self,
        session: &Session,
        slot: Slot,
        token: &TokenInfo,
        pin_file: &Path,
    ) -> Result<(), TokenError> {
        // One at a time, so that two threads do not both find out that a PIN is wrong.
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let state = session
            .get_session_info()
            .map_err(TokenError::Failed)?
            .session_state();
        if matches!(state, SessionState::RoUser | SessionState::RwUser) {
            return Ok(());
        }
        let pin = read_secret(pin_file).map_err(TokenError::PinFile)?;
        let pin = first_line(&pin);
        let known = (token.serial_number().to_owned(), sha256(pin));
        let name = || token.label().to_owned();
        if refused.contains(&known) {
            return Err(TokenError::Pin { token: name() });
        }
        // What it says of itself is asked anew: each refusal since counts.
        let token = self.library.get_token_info(slot).map_err(TokenError::Failed)?;
        if token.user_pin_locked() || token.user_pin_final_try() {
            return Err(TokenError::Locked { token: name() });
        }
        let pin = String::from_utf8(pin.to_vec()).map_err(|_| TokenError::Pin { token: name() })?;
        match session.login(UserType::User, Some(&AuthPin::from(pin))) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(TokenError::Locked { token: name() }),
            Err(Error::Pkcs11(error, _)) if is_of_pin(error) => {
                refused.push(known);
                tracing::error!(
                    token.label = name(),
                    "the PIN was refused; it is not tried again, because refusals lock a token"
                );
                Err(TokenError::Pin { token: name() })
            }
            Err(error) => Err(TokenError::Failed(error)),
        }
    }
}

/// Whether the token looked at the PIN and did not like it.
fn is_of_pin(error: RvError) -> bool {
    matches!(
        error,
        RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinExpired
            | RvError::UserPinNotInitialized
    )
}
