//! What the hub is told of a dossier that it held: which states, in which order, and the result with state 4 (§4.7).

use wire::tray::{Issued, Place, Tells};

use crate::order::{Order, State, Turn};
use crate::outcome;

/// The states of linked dossiers.
pub struct States;

/// The order in which states are looked at: each after everything that must be told before it.
const ROAD: [State; 7] = [
    State::Received,
    State::Accepted,
    State::Supplement,
    State::Forwarded,
    State::Finished,
    State::Returned,
    State::Refused,
];

impl Tells for States {
    fn name(&self) -> &'static str {
        "linked-hub"
    }

    fn tells(&self) -> &'static str {
        "status"
    }

    fn road(&self, told: &[u8], wanted: &[u8]) -> Vec<u8> {
        let mut order = Order::of(told.iter().filter_map(|number| State::of(*number)));
        let mut next = Vec::new();
        for state in ROAD.into_iter().filter(|state| wanted.contains(&state.number())) {
            // What lacks another before it waits until that is wanted too; what cannot be told any more is not.
            if order.turn(state) == Turn::Send {
                order.note(state);
                next.push(state.number());
            }
        }
        next
    }

    fn finished(
        &self,
        payload: &[u8],
        said: &[u8],
        paper: Issued<'_>,
        place: &dyn Fn(Place<'_>) -> String,
    ) -> Option<Vec<u8>> {
        let issued = outcome::Issued {
            bytes: paper.bytes,
            code: paper.code,
        };
        let words = |one: outcome::Place<'_>| {
            place(Place {
                line: one.line,
                commune: one.commune,
                district: one.district,
                province: one.province,
            })
        };
        outcome::finished(payload, said, issued, &words)
    }
}
