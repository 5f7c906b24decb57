//! Files are scanned beside everything: a scanner that is slow or silent holds nobody's request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Upkeep;
use crate::evidence::leaf::{Draft, Kind};
use crate::files::Reader;
use crate::store::{FileRow, Scan, Scanned, StoreError};
use crate::transport::{Scanner, Verdict};

/// Files that are scanned before others are looked for.
const AT_ONCE: usize = 16;
/// How long to wait where there was nothing to scan, and after a file of which nothing was said.
const PAUSE: Duration = Duration::from_secs(1);
const AGAIN: i64 = 60_000;

/// Who scans files, and what becomes of those that nobody scanned.
#[derive(Clone, Debug)]
pub struct Scanning {
    /// The scanner; none where none is named.
    pub scanner: Option<Scanner>,
    /// Whether a file is held back until it was scanned.
    pub hold: bool,
}

impl Upkeep {
    /// Whether files are held back until they were scanned.
    pub fn holds_unscanned(&self) -> bool {
        self.scanning.hold
    }

    /// Has files scanned; how long to wait then. None where nobody scans.
    pub async fn scan_round(&self) -> Option<Duration> {
        let scanner = self.scanning.scanner.as_ref()?;
        match self.scan_some(scanner).await {
            Ok(0) => Some(PAUSE),
            Ok(_) => Some(Duration::ZERO),
            Err(error) => {
                tracing::error!(error = %error, "scanning stands still");
                Some(PAUSE)
            }
        }
    }

    async fn scan_some(&self, scanner: &Scanner) -> Result<usize, StoreError> {
        let due = self
            .store
            .unscanned_files(self.clock.now().millis(), AT_ONCE)
            .await?;
        for row in &due {
            let verdict = match self.files.read(row.id, row.size) {
                Ok(reader) => scan(scanner, reader).await,
                Err(_) => Verdict::Silent("file-broken"),
            };
            self.store.scanned(self.told(row, verdict)).await?;
        }
        Ok(due.len())
    }

    /// What is kept of a verdict. What was found waits for the system that handed it in; one stable word says why nobody knows.
    fn told(&self, row: &FileRow, verdict: Verdict) -> Scanned {
        let at = self.clock.now().millis();
        let (scan, says, kind) = match verdict {
            Verdict::Clean => (Scan::Clean, None, Some(Kind::Settled)),
            Verdict::Found(name) => {
                tracing::warn!(file.id = %row.id, system.name = %row.system, found = name, "a scanner found something in a file");
                (Scan::Found, Some(name), Some(Kind::Parked))
            }
            Verdict::Silent(why) => {
                tracing::warn!(file.id = %row.id, cause = why, "a file was not scanned: look at the scanner of [files]");
                (Scan::NotScanned, Some(why.to_owned()), None)
            }
        };
        metrics::counter!("lienthong_files_scanned_total", "end" => scan.word()).increment(1);
        let draft = |kind| {
            Draft::new(kind, at)
                .fact("file", row.id.to_string())
                .fact("scan", scan.word())
        };
        Scanned {
            id: row.id,
            scan,
            says,
            wake: at.saturating_add(AGAIN),
            leaf: kind.map(draft),
        }
    }
}

async fn scan(scanner: &Scanner, reader: Reader) -> Verdict {
    let (reader, next) = (Arc::new(reader), AtomicU64::new(0));
    scanner
        .scan(|| {
            let (reader, number) = (Arc::clone(&reader), next.fetch_add(1, Ordering::Relaxed));
            async move {
                let part = tokio::task::spawn_blocking(move || reader.part(number)).await;
                part.map_err(std::io::Error::other)?
                    .map_err(std::io::Error::other)
            }
        })
        .await
}
