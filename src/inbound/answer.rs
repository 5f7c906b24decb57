//! In the request: what the national side asks, and the numbers it wants. Nothing is answered that the log does not tell of.

use std::sync::Arc;

use wire::callback::{Callback, End, Reply};

use super::Inbound;
use super::receive::count;
use super::record::About;
use crate::callback::{Listener, Owner};
use crate::model::Dossier;
use crate::store::StoreError;
use crate::{apply, translate};

impl Inbound {
    /// Answers a question about a dossier, as it stands now.
    pub(super) async fn answer(
        &self,
        listener: &Arc<Listener>,
        door: &str,
        callback: &Callback,
    ) -> Result<Reply, StoreError> {
        let found = match &callback.number {
            Some(number) => self.found(listener, callback.kind, number).await?,
            None => None,
        };
        let end = match &found {
            Some(bytes) => End::Found(bytes),
            None => End::UnknownDossier,
        };
        let reply = listener.reply(door, Some(callback), end);
        let says = if found.is_some() {
            "found"
        } else {
            "unknown-dossier"
        };
        self.note(listener, callback, says).await?;
        Ok(reply)
    }

    async fn found(
        &self,
        listener: &Listener,
        kind: &str,
        number: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(filed) = self.parts.store.filed(number).await? else {
            return Ok(None);
        };
        let (Some(mapping), Ok(mut dossier)) = (
            listener.mappings.get(kind),
            serde_json::from_slice::<Dossier>(&filed),
        ) else {
            return Ok(None);
        };
        if let Some(news) = self.parts.store.news(number).await? {
            dossier.facts = apply::upon(&dossier.facts, &apply::facts(&news));
        }
        let local = translate::Local {
            mapping,
            site: "",
            files: None,
        };
        match self.parts.translator.local(local, &dossier) {
            Ok(written) => Ok(Some(written.payload)),
            Err(why) => {
                tracing::error!(listener.name = %listener.name, callback.kind = kind, mapping, error = %why, "a question cannot be answered");
                Ok(None)
            }
        }
    }

    /// Gives out the number of a dossier that the national side will file: the agency, the day, and a count that no other
    /// dossier of that day has.
    pub(super) async fn reserve(
        &self,
        listener: &Arc<Listener>,
        door: &str,
        callback: &Callback,
    ) -> Result<Reply, StoreError> {
        let agency = match (&listener.numbers, listener.owner(&self.parts.agencies, callback)) {
            (Some(agency), Owner::System(_) | Owner::Nobody) => agency,
            (None, _) | (_, Owner::Stranger) => {
                return Ok(listener.reply(door, Some(callback), End::UnknownDossier));
            }
        };
        let number = self.parts.store.reserve(&self.series(agency)).await?;
        let reply = listener.reply(door, Some(callback), End::Found(number.as_bytes()));
        self.note(listener, callback, "reserved").await?;
        Ok(reply)
    }

    async fn note(
        &self,
        listener: &Listener,
        callback: &Callback,
        end: &'static str,
    ) -> Result<(), StoreError> {
        let at = self.now();
        let about = About {
            callback: self.id(at),
            partner: &listener.name,
            kind: callback.kind,
            number: callback.number.as_deref(),
        };
        count(listener, callback.kind, end);
        self.parts
            .store
            .note(self.parts.recorder.asked(about, at, end))
            .await
    }
}
