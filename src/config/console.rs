//! `[console]`: the pages for people.

use std::path::PathBuf;
use std::time::Duration;

use super::section::Section;

/// The pages for auditors and operators.
#[derive(Clone, Debug)]
pub struct Console {
    /// The people who may sign in.
    pub accounts_file: PathBuf,
    /// Whether a code of the person's phone is asked for beside the password.
    pub second_factor: bool,
    /// After so long without a page a session ends.
    pub idle: Duration,
    /// After so long a session ends whatever happens in it.
    pub longest: Duration,
    /// Wrong sign-ins in a row after which an account is shut for a while.
    pub tries: u32,
    /// For how long.
    pub lock: Duration,
}

impl Console {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let accounts_file = from.path("accounts_file");
        let second_factor = from.truth("second_factor");
        let idle = from.duration("idle");
        let longest = from.duration("longest");
        let tries = from.count("tries", 1..=100);
        let lock = from.duration("lock");
        Some(Self {
            accounts_file: accounts_file?,
            second_factor: second_factor?,
            idle: idle?,
            longest: longest?,
            tries: tries?,
            lock: lock?,
        })
    }
}
