//! The sealed columns, and how a value goes in and out of them. What is not in this list stands in clear, with its reason in
//! `tests/columns.rs` beside it; a new table says there what each of its columns is, and a test asks for it.

use crate::model::{ExchangeId, Place, SealError, Sealer, Slot, Warrant};
use crate::store::StoreError;

/// Columns of a filing; the row is the dossier's number and the filing's salt.
pub(super) const BODY_FILED: &str = "body.filed";
pub(super) const BODY_DOSSIER: &str = "body.dossier";
pub(super) const BODY_RECEIPT: &str = "body.receipt";
/// Of an exchange, by its id; a step by its key; an answer by the number of its attempt as well.
pub(super) const MESSAGE_PAYLOAD: &str = "message.payload";
pub(super) const STEP_STEP: &str = "step.step";
pub(super) const ANSWER_BYTES: &str = "answer.bytes";
pub(super) const HANDLING_REASON: &str = "handling.reason";
/// Of a look-up, by its id.
pub(super) const ACT_WHO: &str = "act.who";
pub(super) const ACT_WORDS: &str = "act.words";
/// Of a callback, an event, by their ids; a paper by its digest; news by the dossier's number.
pub(super) const CALLBACK_DOCUMENT: &str = "callback_body.document";
pub(super) const CALLBACK_REPLY: &str = "callback_body.reply";
pub(super) const PAPER_BYTES: &str = "paper.bytes";
pub(super) const NEWS_FACTS: &str = "news.facts";
pub(super) const EVENT_BODY: &str = "event.body";
/// Of a payment that begins here, by its id.
pub(super) const PAY_PAYLOAD: &str = "pay_order.payload";
pub(super) const PAY_PAGE: &str = "pay_order.page";
pub(super) const PAY_RECEIPT: &str = "pay_receipt.bytes";
/// Of a file that a dossier names, by the fingerprint of its address.
pub(super) const FILE_ADDRESS: &str = "file_address.address";
pub(super) const FILE_NAME: &str = "file_address.name";
/// Of a ruling and of a deed, by the index of its leaf.
pub(super) const RULING_REASON: &str = "ruling.reason";
pub(super) const DEED_SAYS: &str = "deed.says";

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        Self::Sealed(error)
    }
}

/// A place in a row that one thing names.
pub(super) fn place<'a>(column: &'static str, row: &'a [u8]) -> Place<'a> {
    Place {
        column,
        row: [row, &[]],
    }
}

/// A place in a filing's row.
pub(super) fn of_filing<'a>(column: &'static str, number: &'a str, salt: &'a [u8; 16]) -> Place<'a> {
    Place {
        column,
        row: [number.as_bytes(), salt],
    }
}

/// The place of an answer.
pub(super) fn of_answer<'a>(exchange: &'a ExchangeId, attempt: &'a [u8; 4]) -> Place<'a> {
    Place {
        column: ANSWER_BYTES,
        row: [exchange.as_bytes(), attempt],
    }
}

/// The place of an operator's reason.
pub(super) fn of_reason<'a>(exchange: &'a ExchangeId, at: &'a [u8; 8]) -> Place<'a> {
    Place {
        column: HANDLING_REASON,
        row: [exchange.as_bytes(), at],
    }
}

/// Opens what the gateway works on; none when it was erased. What was erased leaves nothing behind, or what no key opens.
pub(super) fn open(
    sealer: &dyn Sealer,
    place: Place<'_>,
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    open_for(sealer, Warrant::Work, place, sealed)
}

/// The same for whoever has a warrant.
pub(super) fn open_for(
    sealer: &dyn Sealer,
    warrant: Warrant,
    place: Place<'_>,
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    if sealed.is_empty() {
        return Ok(None);
    }
    match sealer.open(warrant, place, sealed) {
        Ok(clear) => Ok(Some(clear)),
        Err(SealError::Erased) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The same where nothing may have been erased: work that is not done holds its data.
pub(super) fn open_whole(
    sealer: &dyn Sealer,
    place: Place<'_>,
    sealed: &[u8],
) -> Result<Vec<u8>, StoreError> {
    open(sealer, place, sealed)?.ok_or(StoreError::Sealed(SealError::Erased))
}

/// What was opened together with many others: what does not open comes out empty, which no reader takes. So it stops itself, with
/// its owner, and not all that stands beside it.
pub(super) fn alone(opened: Result<Option<Vec<u8>>, StoreError>) -> Result<Option<Vec<u8>>, StoreError> {
    match opened {
        Err(StoreError::Sealed(SealError::Broken)) => Ok(Some(Vec::new())),
        opened => opened,
    }
}

/// The same where what was erased is nothing as well.
pub(super) fn open_alone(
    sealer: &dyn Sealer,
    place: Place<'_>,
    sealed: &[u8],
) -> Result<Vec<u8>, StoreError> {
    Ok(alone(open(sealer, place, sealed))?.unwrap_or_default())
}

/// A slot as SQLite keeps it.
pub(super) const fn row(slot: Slot) -> i64 {
    slot.0 as i64
}

/// A slot as the store knows it.
pub(super) const fn slot(row: i64) -> Slot {
    Slot(row as u64)
}
