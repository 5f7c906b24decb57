//! How a verb ends when it was not done: one sentence for a person, and an exit code.

use std::path::Path;

/// Why a verb was not done.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was asked in a way that makes no sense. Exit code 2.
    #[error("{0}")]
    Use(String),
    /// It was tried and not done. Exit code 1.
    #[error("{0}")]
    NotDone(String),
}

impl Failed {
    /// A file that cannot be used.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::NotDone(format!("{}: {error}", path.display()))
    }

    /// Anything else, with its causes.
    pub(crate) fn because(error: &dyn std::error::Error) -> Self {
        let mut words = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            words = format!("{words}: {cause}");
            source = cause.source();
        }
        Self::NotDone(words)
    }

    /// The exit code: 1 not done, 2 wrong use.
    pub fn code(&self) -> u8 {
        match self {
            Self::Use(_) => 2,
            Self::NotDone(_) => 1,
        }
    }
}

/// Errors of the parts that a verb stands on; what a person reads is their sentence.
macro_rules! because {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for Failed {
            fn from(error: $error) -> Self {
                Self::because(&error)
            }
        })+
    };
}

because!(
    crate::accounts::BadAccounts,
    crate::app::Unbuilt,
    crate::keys::KeyFileError,
    crate::keys::RingError,
    crate::keys::TokenError,
    crate::keys::csr::CsrError,
    crate::model::SealError,
    crate::store::StoreError,
    crate::transport::Unbuildable,
    crate::upkeep::Unshown,
    crate::upkeep::Unsigned,
    std::io::Error,
);
