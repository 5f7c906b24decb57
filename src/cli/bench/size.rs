//! How much is measured: bounded in time and in count.

use std::time::Duration;

/// The size of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Rounds in which A and B take turns.
    pub(super) rounds: usize,
    /// The longest a window lasts.
    pub(super) window: Duration,
    /// The most requests of a window over one connection, and over many.
    pub(super) pushes: (usize, usize),
    /// Dossiers of the whole way.
    pub(super) whole: u32,
    /// Dossiers in the store that is started.
    pub(super) stored: usize,
    /// Dossiers to partner B, 100 a second.
    pub(super) paced: usize,
    /// Drafts about which the state is asked.
    pub(super) previews: usize,
}

impl Size {
    /// In 45 seconds at most.
    pub(super) const QUICK: Self = Self {
        rounds: 2,
        window: Duration::from_millis(500),
        pushes: (400, 4_000),
        whole: 2_000,
        stored: 10_000,
        paced: 200,
        previews: 5,
    };
    /// In some minutes.
    pub(super) const FULL: Self = Self {
        rounds: 5,
        window: Duration::from_millis(2_500),
        pushes: (3_000, 20_000),
        whole: 10_000,
        stored: 100_000,
        paced: 1_000,
        previews: 20,
    };
}
