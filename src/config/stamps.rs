use std::path::PathBuf;
use std::time::Duration;

use super::section::Section;

/// Time-stamps of the log's checkpoints.
#[derive(Clone, Debug)]
pub struct Stamps {
    /// The authority, where one is named; without it nothing is stamped.
    pub authority: Option<Authority>,
    /// How often a checkpoint is stamped, if there is anything new.
    pub every: Duration,
    /// How long an answer may take, at least three minutes.
    pub answer: Duration,
    /// How often one request is tried again.
    pub retries: u32,
    /// How long to wait before the first of these; before the next ones twice as long each.
    pub pause: Duration,
    /// How long the authority may be silent before somebody must hear of it.
    pub patience: Duration,
}

/// A time-stamp authority (RFC 3161), and by what it is believed.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its address.
    pub address: String,
    /// The anchors that are believed, PEM.
    pub roots: PathBuf,
    /// SHA-256 of each of these anchors: exactly those are in the file.
    pub pins: Vec<[u8; 32]>,
    /// Certificates between them and the authority, PEM.
    pub beside: Option<PathBuf>,
    /// The policy asked for, as numbers between dots.
    pub policy: Option<String>,
}

impl Stamps {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let authority = Authority::read(from);
        let every = from.duration("every");
        let answer = from.duration("answer");
        let retries = from.count("retries", 0..=10);
        let pause = from.duration("pause");
        let patience = from.duration("patience");
        if answer.is_some_and(|answer| answer < Duration::from_secs(180)) {
            from.wrong(
                "answer",
                "an authority may take more than two minutes: wait at least \"180 s\"",
            );
        }
        Some(Self {
            authority: authority?,
            every: every?,
            answer: answer?,
            retries: retries?,
            pause: pause?,
            patience: patience?,
        })
    }
}

impl Authority {
    /// None where no authority is named.
    fn read(from: &Section<'_>) -> Option<Option<Self>> {
        let address = from.maybe_url("authority");
        let pins = from.maybe_digests("roots_sha256");
        let beside = from.maybe_path("intermediates_file");
        let policy = from.maybe_text("policy");
        let roots = from.maybe_path("roots_file");
        let Some(address) = address else {
            return Some(None);
        };
        let Some(roots) = roots else {
            from.wrong(
                "authority",
                "an authority needs its `roots_file`: by what is it believed?",
            );
            return None;
        };
        Some(Some(Self {
            address,
            roots,
            pins: pins?,
            beside,
            policy,
        }))
    }
}
