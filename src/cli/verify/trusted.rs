//! What was named as trusted, and what was given to verify with.

use std::path::Path;

use jiff::Timestamp;

use crate::cli::{Failed, Verify};
use crate::clock::{Clock, SystemClock};
use crate::evidence::note::Vkey;
use crate::signing::public::PublicKey;
use crate::signing::stamp::Means;
use crate::signing::trust::{Certificate, List, Response, Revocation, Trust, WhenUnknown};

/// The keys and anchors that are trusted, and what lies beside them.
#[derive(Default)]
pub(super) struct Trusted {
    pub(super) logs: Vec<Vkey>,
    pub(super) keys: Vec<PublicKey>,
    pub(super) trust: Trust,
    pub(super) revocation: Revocation,
    /// What a detached signature is over, with its file's name.
    pub(super) content: Option<(String, Vec<u8>)>,
    pub(super) now: Timestamp,
}

impl Trusted {
    pub(super) fn read(asked: &Verify) -> Result<Self, Failed> {
        let mut trusted = Self {
            now: Timestamp::from_millisecond(SystemClock.now().millis()).unwrap_or(Timestamp::MAX),
            ..Self::default()
        };
        let mut anchors = Vec::new();
        for name in &asked.trust {
            anchors.extend(trusted.name(name)?);
        }
        // Whoever names a file has chosen its certificates; they are the pins.
        let files: Vec<&[u8]> = anchors.iter().map(Certificate::der).collect();
        let pins: Vec<[u8; 32]> = anchors.iter().map(|anchor| *anchor.fingerprint()).collect();
        let trust = Trust::pinned(&files, &pins).map_err(|error| Failed::because(&error))?;
        let mut beside = Vec::new();
        for path in &asked.beside {
            let bytes = std::fs::read(path).map_err(|error| Failed::file(path, &error))?;
            beside.extend(trusted.lay(path, &bytes)?);
        }
        trusted.trust = trust.with(beside);
        if let Some(path) = &asked.content {
            let bytes = std::fs::read(path).map_err(|error| Failed::file(path, &error))?;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            trusted.content = Some((name, bytes));
        }
        Ok(trusted)
    }

    /// Each is a verifier key as it is written, or a file that holds one, a public key in PEM, or certificates: the anchors.
    fn name(&mut self, name: &str) -> Result<Vec<Certificate>, Failed> {
        if let Ok(vkey) = Vkey::parse(name) {
            self.logs.push(vkey);
            return Ok(Vec::new());
        }
        let bytes = std::fs::read(Path::new(name))
            .map_err(|error| Failed::Use(format!("--trust {name}: {error}")))?;
        if let Ok(vkey) = Vkey::parse(String::from_utf8_lossy(&bytes).trim()) {
            self.logs.push(vkey);
            return Ok(Vec::new());
        }
        if let Ok(anchors) = Certificate::all(&bytes) {
            return Ok(anchors);
        }
        match PublicKey::from_pem(&bytes) {
            Ok(key) => self.keys.push(key),
            Err(error) => return Err(Failed::Use(format!("--trust {name}: {error}"))),
        }
        Ok(Vec::new())
    }

    /// Certificates of a file beside; lists and answers are kept.
    fn lay(&mut self, path: &Path, bytes: &[u8]) -> Result<Vec<Certificate>, Failed> {
        if let Ok(certificates) = Certificate::all(bytes) {
            return Ok(certificates);
        }
        if let Ok(list) = List::read(bytes) {
            self.revocation.lists.push(list);
        } else if let Ok(answer) = Response::read(bytes) {
            self.revocation.responses.push(answer);
        } else {
            let file = path.display();
            return Err(Failed::Use(format!(
                "--beside {file}: no certificate, revocation list or OCSP answer"
            )));
        }
        Ok(Vec::new())
    }

    /// What paths are judged by. SHA-1 is not let through; what nobody says about revocation is told.
    pub(super) fn means(&self) -> Means<'_> {
        Means {
            trust: &self.trust,
            revocation: &self.revocation,
            when_unknown: WhenUnknown::Tell,
            legacy: false,
        }
    }
}
