//! The national side that calls by itself: what it sends a province, how it sends it on its bad days, and its own books of what it
//! sent and heard.
//!
//! Every way of sending is lived through at each run. What was sent before, word for word, must be answered in the same bytes, also
//! after a restart.

mod books;
mod call;
mod online;
mod payers;
mod payment;
mod portal;
mod vneid;

use super::{Error, Twin};
use books::{Act, End};
use call::Call;
use std::net::SocketAddr;

pub(super) use books::Books;
pub use books::{Called, Calls};

/// A province: where it is called, what it shares with those who call, and which dossiers they know of.
#[derive(Clone)]
pub struct Province {
    /// The address of its gateway.
    pub address: SocketAddr,
    /// The secret of the payment platform's checksum.
    pub payment: String,
    /// The key of VNeID.
    pub vneid: String,
    /// Numbers of dossiers that it has, or will have.
    pub numbers: Vec<String>,
    /// A dossier that something is to be paid for.
    pub owing: Option<String>,
    /// A dossier that waits for papers.
    pub awaiting: Option<String>,
}

/// How something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Once.
    Plain,
    /// Word for word again.
    Duplicates,
    /// What came later there comes first here.
    Swaps,
    /// The connection is closed before the answer is read.
    LostReplies,
    /// One character of its checksum or key is another.
    WrongChecksum,
    /// Before the province has the dossier.
    Early,
}

impl Way {
    const fn name(self) -> &'static str {
        match self {
            Way::Plain => "plain",
            Way::Duplicates => "duplicates",
            Way::Swaps => "swaps",
            Way::LostReplies => "lost-replies",
            Way::WrongChecksum => "wrong-checksum",
            Way::Early => "early",
        }
    }
}

/// One round of calls.
struct Round<'a> {
    province: &'a Province,
    books: &'a Books,
}

impl Twin {
    /// Calls before the province has any of its dossiers.
    ///
    /// # Errors
    /// When the gateway is not reached or the books cannot be kept.
    pub async fn calls_early(&self, province: &Province) -> Result<(), Error> {
        let round = self.round(province);
        payment::early(&round).await?;
        portal::early(&round).await
    }

    /// Files and tells, on all its days.
    ///
    /// # Errors
    /// As before.
    pub async fn calls(&self, province: &Province) -> Result<(), Error> {
        let round = self.round(province);
        portal::files(&round).await?;
        portal::tells(&round).await?;
        payment::tells(&round).await?;
        vneid::files(&round).await?;
        online::files(&round).await?;
        online::tells(&round).await
    }

    /// Asks, once what was told is on its dossiers.
    ///
    /// # Errors
    /// As before.
    pub async fn asks(&self, province: &Province) -> Result<(), Error> {
        let round = self.round(province);
        portal::asks(&round).await?;
        payment::asks(&round).await
    }

    /// What its books of its own calls say.
    pub fn called(&self) -> Called {
        self.0.callers.called()
    }

    fn round<'a>(&'a self, province: &'a Province) -> Round<'a> {
        Round {
            province,
            books: &self.0.callers,
        }
    }
}

impl Round<'_> {
    /// One of the dossiers; they are used in turn.
    fn number(&self, turn: usize) -> Option<&str> {
        let numbers = &self.province.numbers;
        let turn = turn.checked_rem(numbers.len())?;
        numbers.get(turn).map(String::as_str)
    }

    /// Sends a call, and writes down both that it was sent and what was heard. `good` is whether it is to be said to be done.
    async fn say(&self, call: &Call, way: Way, good: bool) -> Result<Option<serde_json::Value>, Error> {
        let digest = call.digest();
        self.keep(Act::sent(call.kind, way.name(), &digest)).await?;
        let heard = call
            .send(self.province.address)
            .await
            .map_err(|source| Error::Call {
                kind: call.kind,
                source,
            })?;
        let body = serde_json::from_slice(&heard.body).ok();
        let done = body.as_ref().is_some_and(|body| (call.done)(heard.status, body));
        let end = match (way, done) {
            (Way::WrongChecksum, true) => End::Believed,
            (Way::WrongChecksum, false) => End::Disbelieved,
            _ if call.asks => End::Answered,
            (_, true) => End::Taken,
            (_, false) => End::Refused,
        };
        self.keep(Act::Heard {
            kind: call.kind.to_owned(),
            way: way.name().to_owned(),
            digest,
            reply: heard.digest(),
            status: heard.status,
            end,
            expected: done == good,
        })
        .await?;
        Ok(body)
    }

    /// Sends a call twice.
    async fn twice(&self, call: &Call, good: bool) -> Result<(), Error> {
        self.say(call, Way::Plain, good).await?;
        self.say(call, Way::Duplicates, good).await?;
        Ok(())
    }

    /// Sends a call, goes away before the answer is read, and sends it again.
    async fn lost(&self, call: &Call) -> Result<(), Error> {
        let act = Act::sent(call.kind, Way::LostReplies.name(), &call.digest());
        self.keep(act).await?;
        let lost = call.lose(self.province.address).await;
        lost.map_err(|source| Error::Call {
            kind: call.kind,
            source,
        })?;
        self.say(call, Way::LostReplies, true).await?;
        Ok(())
    }

    async fn keep(&self, act: Act) -> Result<(), Error> {
        if self.books.write(act).kept().await {
            Ok(())
        } else {
            Err(Error::Unkept)
        }
    }
}

#[cfg(test)]
mod tests;
