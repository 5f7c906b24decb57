//! Time-stamps of checkpoints (RFC 3161): an authority that is not this node says when the log was so long.
//!
//! One request covers all leaves since the last stamp. Nothing waits for it: an authority that is silent stops nothing, and is told of by
//! a countdown. A token is verified completely before it is kept, and again by `log verify`.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Upkeep;
use crate::clock;
use crate::evidence::checkpoint::Checkpoint;
use crate::evidence::hash;
use crate::evidence::note::Vkey;
use crate::signing::der::oid::Oid;
use crate::signing::stamp::{Expected, Means, ReplyError, Request, Stamp, StampError, token, verify};
use crate::signing::trust::{Revocation, Trust, WhenUnknown};
use crate::store::{StampRow, Store, StoreError};
use crate::transport::{Failure, Transport};

/// How far apart the authority's clock and ours may be.
const ROOM: Duration = Duration::from_secs(300);
/// How soon it is looked again whether there is something to stamp.
const SOON: Duration = Duration::from_secs(60);
/// Stamps that are verified in one go.
const AT_ONCE: usize = 256;

/// An authority, and how it is asked.
pub struct Stamping {
    /// The way to it.
    pub transport: Transport,
    /// Path and query of its address.
    pub target: String,
    /// By what it is believed.
    pub trust: Trust,
    /// The policy asked for.
    pub policy: Option<Oid>,
    /// How often a checkpoint is stamped, if there is anything new.
    pub every: Duration,
    /// How often one request is tried again.
    pub retries: u32,
    /// How long to wait before the first of these.
    pub pause: Duration,
    /// How long it may be silent.
    pub patience: Duration,
}

/// Why a checkpoint has no stamp yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unstamped {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority did not answer.
    #[error("the time-stamp authority: {}", .0.word())]
    Unheard(Failure),
    /// It answered with an error of HTTP.
    #[error("the time-stamp authority answers with HTTP {0}")]
    Status(u16),
    /// It gave no token.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// Its token proves nothing.
    #[error(transparent)]
    Stamp(#[from] StampError),
}

impl Upkeep {
    /// Stamps the newest checkpoint if it is time. A failure is logged here, where it is handled. Says how long nothing else is due;
    /// none where no authority is named.
    pub async fn stamp_round(&self) -> Option<Duration> {
        let stamping = self.stamping.as_ref()?;
        match self.stamp(stamping).await {
            Ok(wait) => Some(wait),
            Err(error) => {
                let left = self.stamp_left().await.unwrap_or_default().unwrap_or_default();
                tracing::warn!(error = %error, stamp.seconds_left = left, "no checkpoint was stamped");
                Some(stamping.every.min(Duration::from_secs(600)))
            }
        }
    }

    /// Seconds until the authority has been silent for too long, fewer than none after that; its whole patience while nothing waits for
    /// a stamp. None where no authority is named.
    pub async fn stamp_left(&self) -> Result<Option<i64>, StoreError> {
        let Some(stamping) = &self.stamping else {
            return Ok(None);
        };
        let stamped = self.store.newest_stamp().await?.map_or(0, |stamp| stamp.leaves);
        let since = self.store.unstamped(stamped).await?;
        let since = since.map(|since| since.at);
        Ok(Some(left(since, self.clock.now(), stamping.patience)))
    }

    /// The earliest stamp over at least so many leaves.
    pub async fn stamp_over(&self, leaves: u64) -> Result<Option<StampRow>, StoreError> {
        self.store.stamp_over(leaves).await
    }

    async fn stamp(&self, stamping: &Stamping) -> Result<Duration, Unstamped> {
        let newest = self.store.checkpoint().await?;
        let Some(newest) = newest.filter(|newest| newest.size > 0) else {
            return Ok(stamping.every.min(SOON));
        };
        if let Some(last) = self.store.newest_stamp().await? {
            let due = clock::Timestamp::from_millis(last.at).after(stamping.every);
            let wait = due.since(self.clock.now());
            if !wait.is_zero() || last.leaves >= newest.size {
                return Ok(wait.max(SOON).min(stamping.every));
            }
        }
        let mut nonce = [0; 16];
        self.dice.bytes(&mut nonce);
        let mut request = Request::new(hash::digest(&[newest.note.as_bytes()]), &nonce);
        if let Some(policy) = &stamping.policy {
            request = request.under(policy.clone());
        }
        let (token, stamp) = self.patient(stamping, &request).await?;
        let at = stamp.at.as_millisecond();
        let (leaves, note) = (newest.size, newest.note);
        let row = StampRow {
            leaves,
            at,
            note,
            token,
        };
        self.store.stamped(row).await?;
        tracing::info!(stamp.leaves = leaves, stamp.at = %stamp.at, "a checkpoint was stamped");
        Ok(stamping.every)
    }

    /// Asks, and again after a pause that doubles.
    async fn patient(&self, stamping: &Stamping, request: &Request) -> Result<(Vec<u8>, Stamp), Unstamped> {
        let mut pause = stamping.pause;
        for _ in 0..stamping.retries {
            match self.ask(stamping, request).await {
                Ok(stamped) => return Ok(stamped),
                Err(error) => tracing::debug!(error = %error, "the time-stamp authority is asked again"),
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        self.ask(stamping, request).await
    }

    async fn ask(&self, stamping: &Stamping, request: &Request) -> Result<(Vec<u8>, Stamp), Unstamped> {
        let sent = self.clock.now();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let asked = wire::Request {
            method: wire::Method::Post,
            target: stamping.target.clone(),
            headers: vec![
                header("content-type", "application/timestamp-query"),
                header("accept", "application/timestamp-reply"),
            ],
            body: request.to_der(),
        };
        let response = stamping.transport.send(&asked).await;
        let response = response.map_err(Unstamped::Unheard)?;
        if response.status != 200 {
            return Err(Unstamped::Status(response.status));
        }
        let token = token(&response.body)?;
        let expected = Expected {
            within: Some((moment(sent) - ROOM, moment(self.clock.now()) + ROOM)),
            ..request.expected()
        };
        let stamp = verify(&token, &expected, &means(&stamping.trust, &Revocation::default()))?;
        Ok((token, stamp))
    }
}

/// Seconds that are left of the patience with a checkpoint that waits since then, ms since 1970; all of it where none waits.
pub fn left(since: Option<i64>, now: clock::Timestamp, patience: Duration) -> i64 {
    let waited = since.map_or(0, |since| now.millis().saturating_sub(since).max(0));
    let patience = i64::try_from(patience.as_millis()).unwrap_or(i64::MAX);
    patience.saturating_sub(waited).div_euclid(1_000)
}

/// No list of what was taken back is fetched here: how each certificate stood is left to whoever judges with lists in hand.
fn means<'a>(trust: &'a Trust, revocation: &'a Revocation) -> Means<'a> {
    Means {
        trust,
        revocation,
        when_unknown: WhenUnknown::Tell,
        legacy: false,
    }
}

fn moment(at: clock::Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.millis()).unwrap_or(Timestamp::MAX)
}

/// Every stamp that is kept, held against its authority and its note against the log's key: the checkpoints that were stamped, and
/// what does not fit. Without anchors the tokens are not judged by them.
pub(super) async fn stamped(
    store: &Arc<dyn Store>,
    known: &Vkey,
    trust: Option<&Trust>,
) -> Result<(Vec<Checkpoint>, Vec<String>), StoreError> {
    let (mut checkpoints, mut findings) = (Vec::new(), Vec::new());
    let mut after = 0;
    loop {
        let rows = store.stamps_after(after, AT_ONCE).await?;
        let Some(last) = rows.last() else {
            return Ok((checkpoints, findings));
        };
        after = last.leaves;
        for row in rows {
            match stands(&row, known, trust) {
                Ok(checkpoint) => checkpoints.push(checkpoint),
                Err(why) => findings.push(format!("the time-stamp over {} leaves: {why}", row.leaves)),
            }
        }
    }
}

fn stands(row: &StampRow, known: &Vkey, trust: Option<&Trust>) -> Result<Checkpoint, String> {
    let checkpoint = Checkpoint::open(&row.note, std::slice::from_ref(known));
    let checkpoint = checkpoint.map_err(|why| format!("its checkpoint does not stand: {why}"))?;
    if checkpoint.size != row.leaves {
        return Err(format!("its checkpoint is over {} leaves", checkpoint.size));
    }
    let (nobody, nothing) = (Trust::default(), Revocation::default());
    let means = means(trust.unwrap_or(&nobody), &nothing);
    match verify(&row.token, &Expected::over(row.note.as_bytes()), &means) {
        Ok(stamp) if stamp.at.as_millisecond() == row.at => Ok(checkpoint),
        Ok(stamp) => Err(format!("it says {}, and the store another moment", stamp.at)),
        Err(StampError::Untrusted(_)) if trust.is_none() => Ok(checkpoint),
        Err(why) => Err(why.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patience_is_counted_down_from_the_first_checkpoint_that_waits() {
        let now = clock::Timestamp::from_millis(1_000_000);
        let hour = Duration::from_secs(3_600);
        assert_eq!(left(None, now, hour), 3_600);
        assert_eq!(left(Some(1_000_000), now, hour), 3_600);
        assert_eq!(left(Some(400_000), now, hour), 3_000);
        assert_eq!(
            left(Some(2_000_000), now, hour),
            3_600,
            "a clock that was set back"
        );
        assert_eq!(left(Some(0), now, Duration::from_secs(10)), -990);
    }
}
