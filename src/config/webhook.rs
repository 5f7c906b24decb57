use std::path::PathBuf;
use std::time::Duration;

use super::outbox::Schedule;
use super::section::Section;
use crate::model::Network;

/// Where a system is told what happened to its dossiers.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The address.
    pub url: String,
    /// The networks it must stand in.
    pub networks: Vec<Network>,
    /// The shared secrets in use, the newest first: `whsec_…`.
    pub secret_files: Vec<PathBuf>,
    /// The Ed25519 keys in use, the newest first.
    pub key_files: Vec<PathBuf>,
}

impl Webhook {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let url = from.url("url");
        let networks = from.maybe_networks("networks");
        let secret_files = from.maybe_paths("secret_files");
        let key_files = from.maybe_paths("key_files");
        if networks.as_ref().is_some_and(Vec::is_empty) {
            from.wrong(
                "networks",
                "a webhook names the networks that its address stands in",
            );
        }
        if secret_files.as_ref().is_some_and(Vec::is_empty) && key_files.as_ref().is_some_and(Vec::is_empty) {
            from.wrong(
                "secret_files",
                "a webhook is signed: it needs `secret_files` or `key_files`",
            );
        }
        Some(Self {
            url: url?,
            networks: networks?,
            secret_files: secret_files?,
            key_files: key_files?,
        })
    }
}

/// How webhooks are sent.
#[derive(Clone, Debug)]
pub struct Notify {
    /// How long to wait after each try that was not taken.
    pub schedule: Schedule,
    /// How long making a connection may take.
    pub connect: Duration,
    /// How long an answer may take.
    pub answer: Duration,
}

impl Notify {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let schedule = from.durations("schedule").map(Schedule::of);
        let connect = from.duration("connect");
        let answer = from.duration("answer");
        Some(Self {
            schedule: schedule?,
            connect: connect?,
            answer: answer?,
        })
    }
}
