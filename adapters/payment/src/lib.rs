//! The wire of the payment platforms (portal.md §2.7, §3.3; national-databases.md §6.3): the portal's own, and PayGov beside
//! it. Payments are begun and asked after here ([`Payment`]); what the platforms send by themselves is [`Confirmations`].
//!
//! A message is believed by its checksum alone. What the checksum covers is a list of fields in a fixed order; the receipt
//! (`ThongTinBienLai`) is *not* among them: whoever stands on the way can change it, so nothing is decided by it.

mod checksum;
mod confirmation;
mod frame;
mod framing;
mod reading;
mod standing;

use wire::{
    Adapter, Answer, Call, Class, Credentials, Heals, Hop, Limits, Malformed, Next, Opened, Operation,
    Payload, Reading, Request, Verdict,
};

pub use confirmation::{Checked, Confirmations, Doors, PayGovDoors};
pub use framing::{Framing, Paths, PayGov, Platform, Unfit};
pub use standing::{Standing, asking, page, standing};

/// Bytes of one payment with its receipt; no limit of a platform is known.
const LONGEST: usize = 1 << 20;

/// Everything the two platforms offer, by our names.
const OPERATIONS: [Operation; 4] = [
    // The reference is the payer's way in and the platform's key: the same bytes under the same reference are the same
    // payment, and money moves only at the one address that came back. A probe would not heal it: `QUERY` tells the
    // state of a payment and never the address, without which nobody can pay.
    pushes("init"),
    asks("query"),
    asks("bill"),
    // The same holds of an order (§6.3.1), which nothing could ask after besides.
    pushes("create"),
];

const fn pushes(name: &'static str) -> Operation {
    Operation {
        name,
        heals: Heals::Repeatable,
        session: false,
        arguments: &[],
        optional: &[],
        payload: Payload::Object,
    }
}

/// Both ask by the reference and the time of the payment's beginning, which the checksum covers (§2.7.3, §2.7.4).
const fn asks(name: &'static str) -> Operation {
    Operation {
        arguments: &standing::ASKING,
        payload: Payload::Nothing,
        ..pushes(name)
    }
}

/// The payment platforms, as one site reaches them.
pub struct Payment {
    framing: Framing,
    operations: Vec<Operation>,
}

impl Payment {
    /// The adapter for this framing.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(framing: Framing) -> Result<Self, Vec<Unfit>> {
        let faults = framing.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        let session = framing.token.has_session();
        let framed = OPERATIONS
            .iter()
            .filter(|operation| framing.path(operation.name).is_some());
        Ok(Payment {
            operations: framed
                .map(|operation| Operation {
                    session,
                    ..*operation
                })
                .collect(),
            framing,
        })
    }
}

impl Adapter for Payment {
    fn name(&self) -> &'static str {
        "payment"
    }

    fn operations(&self) -> &[Operation] {
        &self.operations
    }

    fn limits(&self, operation: &str) -> Limits {
        let (bytes, elements) = match operation {
            "init" | "create" => (LONGEST, 1),
            _ => (0, 0),
        };
        Limits { bytes, elements }
    }

    fn login(&self, credentials: &Credentials<'_>) -> Option<Request> {
        self.framing.token.login(credentials)
    }

    fn opened(&self, answer: &Answer<'_>) -> Opened {
        self.framing.token.opened(answer)
    }

    fn frame(&self, call: &Call<'_>) -> Result<Request, Malformed> {
        let operation = self.operation(call.operation).ok_or(Malformed::Operation)?;
        frame::request(&self.framing, operation, call)
    }

    fn read(&self, operation: &str, answer: &Answer<'_>) -> Reading {
        match self.operation(operation) {
            Some(operation) => reading::read(&self.framing, operation, answer),
            None => Reading {
                class: Some(Class::NotSupported),
                hop: Some(Hop::Gateway),
                ..Reading::new(Verdict::Unclear, Next::Person)
            },
        }
    }
}

#[cfg(test)]
mod tests;
