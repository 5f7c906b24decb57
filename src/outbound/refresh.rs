//! The catalogue, kept fresh: asked of the portal one procedure at a time, and never waited for by anybody.

use wire::{Call, Next};

use super::{Destination, Outbound};
use crate::partner::{Gate, Heard, Session};
use crate::registry;

/// The operation that asks for one procedure, and its argument in the portal's spelling.
const PROCEDURE: &str = "procedure";
const CODE: &str = "maTTHC";

impl Outbound {
    /// Asks every partner for the procedures of the catalogue, and tells how many answered. What does not answer keeps
    /// what the catalogue has.
    pub async fn refresh(&self) -> usize {
        let mut told = 0;
        for destination in self.parts.destinations.values() {
            for code in self.parts.translator.catalogue().codes() {
                told += usize::from(self.hear(destination, &code).await);
            }
        }
        told
    }

    async fn hear(&self, destination: &Destination, code: &str) -> bool {
        let partner = &destination.partner;
        if partner.gate() != Gate::Closed {
            return false;
        }
        partner.places(1).await;
        let Ok(session) = partner.session().await else {
            return false;
        };
        let arguments = [(CODE, code)];
        let session = session.as_ref().map(Session::id);
        let call = Call {
            operation: PROCEDURE,
            session,
            arguments: &arguments,
            ..Call::default()
        };
        let Ok(request) = partner.frame(&call) else {
            return false;
        };
        let Heard::Answer { reading, .. } = partner.send(PROCEDURE, &request).await else {
            return false;
        };
        let result = reading.result.filter(|_| reading.next == Next::Settle);
        match result.and_then(|result| registry::procedure(partner.wire(), &result)) {
            Some(told) if told.code == code => {
                self.parts.translator.catalogue().refresh(told);
                true
            }
            Some(_) | None => false,
        }
    }
}
