//! In the request: callback → verify → keep. Nothing is answered that is not on the disk, and nothing that was kept once is
//! answered otherwise the second time.

use std::sync::Arc;

use wire::callback::{Callback, Effect, End, Reply, Sent, Unread};

use super::Inbound;
use super::record::About;
use crate::callback::{Connection, Doubt, Listener, Owner};
use crate::evidence::blind::commitment;
use crate::evidence::hash;
use crate::store::{Heard, Paying, Receipt, Received, Renewal, StoreError, Telling};

/// A callback that is about to be read.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Which of the listeners it came to.
    pub listener: usize,
    /// The door of it.
    pub door: &'a str,
    /// The connection.
    pub connection: Connection,
}

impl Inbound {
    /// Whether such a connection may bring anything; if not, what it hears. Nothing of its body is read then.
    pub fn admits(&self, arrival: Arrival<'_>) -> Result<(), Reply> {
        let Some(listener) = self.parts.listeners.get(arrival.listener) else {
            return Err(Reply::text(404, ""));
        };
        let admitted = listener.trust.admits(arrival.connection);
        admitted.map(|_| ()).map_err(|doubt| {
            doubted(listener, arrival.door, doubt);
            listener.reply(arrival.door, None, End::Forged)
        })
    }

    /// What a sender hears whose body was not read.
    pub fn unread(&self, arrival: Arrival<'_>, why: Unread) -> Reply {
        match self.parts.listeners.get(arrival.listener) {
            Some(listener) => listener.reply(arrival.door, None, End::Unread(why)),
            None => Reply::text(404, ""),
        }
    }

    /// Takes one callback, or says why not. The answer waits for the disk.
    pub async fn receive(&self, arrival: Arrival<'_>, sent: &Sent<'_>) -> Reply {
        let Some(listener) = self.parts.listeners.get(arrival.listener) else {
            return Reply::text(404, "");
        };
        let door = arrival.door;
        let callback = match listener.read(door, sent) {
            Ok(callback) => callback,
            Err(why) => {
                count(listener, door, "unread");
                tracing::warn!(listener.name = %listener.name, door, cause = %why, "a callback cannot be read");
                return listener.reply(door, None, End::Unread(why));
            }
        };
        if let Err(doubt) = listener.trust.believes(&callback.proof, arrival.connection) {
            doubted(listener, callback.kind, doubt);
            return listener.reply(door, Some(&callback), End::Forged);
        }
        let ended = match callback.effect {
            Effect::Asks => self.answer(listener, door, &callback).await,
            Effect::Reserves => self.reserve(listener, door, &callback).await,
            Effect::Files | Effect::Tells => self.keep(listener, door, &callback).await,
        };
        ended.unwrap_or_else(|error| {
            count(listener, callback.kind, "busy");
            tracing::error!(listener.name = %listener.name, callback.kind, error = %error, "a callback was not kept");
            listener.reply(door, Some(&callback), End::Busy)
        })
    }

    async fn keep(
        &self,
        listener: &Arc<Listener>,
        door: &str,
        callback: &Callback,
    ) -> Result<Reply, StoreError> {
        let system = match listener.owner(&self.parts.agencies, callback) {
            Owner::System(system) => Some(system),
            Owner::Nobody => None,
            Owner::Stranger => return Ok(turned_away(listener, door, callback, End::UnknownDossier)),
        };
        let known = |code: &str| self.parts.translator.catalogue().find(code).is_some();
        if callback.effect == Effect::Files && !callback.procedure.as_deref().is_some_and(known) {
            return Ok(turned_away(listener, door, callback, End::UnknownProcedure));
        }
        let receipt = self.receipt(listener, door, callback, system);
        let reception = self.parts.store.receive(receipt).await?;
        count(
            listener,
            callback.kind,
            reception.end.map_or("repeat", Received::word),
        );
        if reception.end == Some(Received::Taken) {
            self.received.notify_one();
            if callback.money.is_some() {
                self.parts.paid.notify_one();
            }
        }
        Ok(Reply {
            status: reception.heard.status,
            media: media(&reception.heard.media),
            body: reception.heard.body,
        })
    }

    fn receipt(
        &self,
        listener: &Arc<Listener>,
        door: &str,
        callback: &Callback,
        system: Option<String>,
    ) -> Receipt {
        let (at, salt) = (self.now(), self.salt());
        let id = self.id(at);
        let files = callback.effect == Effect::Files;
        let papers = callback.papers.iter().map(|paper| {
            let digest = hash::digest(&[&paper.bytes]);
            (digest, paper.bytes.clone())
        });
        Receipt {
            id,
            listener: listener.name.clone(),
            kind: callback.kind,
            key: callback.key.clone(),
            digest: hash::digest(&[&callback.document]),
            document: callback.document.clone(),
            papers: papers.collect(),
            at,
            said_at: callback.at,
            updating: callback.updating.unwrap_or(false),
            renewal: match callback.updating {
                Some(_) => Renewal::Called,
                None if files => Renewal::Awaited,
                None => Renewal::Never,
            },
            files,
            series: None,
            number: callback.number.clone(),
            system,
            order: paying(callback),
            sought: false,
            salt,
            telling: self.telling(listener, door, callback, (id, at, salt)),
        }
    }

    /// Reply and leaf of each end. Neither needs the papers.
    fn telling(
        &self,
        listener: &Arc<Listener>,
        door: &str,
        callback: &Callback,
        (id, at, salt): (crate::model::ExchangeId, i64, [u8; 16]),
    ) -> Telling {
        let (listener, recorder) = (Arc::clone(listener), self.parts.recorder.clone());
        let commit = commitment(&salt, &callback.document);
        let door = door.to_owned();
        let callback = Callback {
            papers: Vec::new(),
            ..callback.clone()
        };
        Arc::new(move |end, number| {
            let reply = listener.reply(&door, Some(&callback), end_of(end));
            let about = About {
                callback: id,
                partner: &listener.name,
                kind: callback.kind,
                number,
            };
            let heard = Heard {
                status: reply.status,
                media: reply.media.to_owned(),
                body: reply.body,
            };
            (heard, recorder.received(about, at, end.word(), commit))
        })
    }
}

/// What a callback says of an order of ours; one that is about no money says nothing of any.
fn paying(callback: &Callback) -> Option<Paying> {
    let (reference, money) = callback.reference.clone().zip(callback.money.clone())?;
    Some(Paying {
        reference,
        amount: Some(money.amount),
        paid: money.paid,
        transaction: money.transaction,
    })
}

const fn end_of(end: Received) -> End<'static> {
    match end {
        // That it was known is no news for its sender: it is paid.
        Received::Taken | Received::Known => End::Taken,
        Received::Parked | Received::Twice => End::Kept,
        Received::Conflict => End::Conflict,
        Received::Closed => End::Closed,
        Received::Differs => End::Differs,
    }
}

/// Refused as it is: nothing of it is kept.
fn turned_away(listener: &Listener, door: &str, callback: &Callback, end: End<'_>) -> Reply {
    count(listener, callback.kind, "turned-away");
    tracing::warn!(listener.name = %listener.name, callback.kind, cause = ?end, "a callback is not for us");
    listener.reply(door, Some(callback), end)
}

fn doubted(listener: &Listener, kind: &str, doubt: Doubt) {
    count(listener, "unknown", "forged");
    tracing::warn!(listener.name = %listener.name, callback.kind = kind, cause = doubt.word(), "a callback is not believed");
}

pub(super) fn count(listener: &Listener, kind: &str, end: &'static str) {
    metrics::counter!("lienthong_callbacks_total", "listener" => listener.name.clone(), "kind" => kind.to_owned(), "end" => end)
        .increment(1);
}

/// The media types that are sent; what the store kept is one of them.
fn media(kept: &str) -> &'static str {
    const KNOWN: [&str; 3] = ["application/json", "text/plain; charset=utf-8", "application/xml"];
    KNOWN.into_iter().find(|known| *known == kept).unwrap_or(KNOWN[0])
}
