//! What each column says of persons. A column of text or bytes that is in none of these lists fails this test: whoever adds a
//! table says of each of its columns whether it is sealed (`seal.rs`), a fingerprint, a blind, or in clear, and why.

use std::collections::BTreeSet;

use super::kit::{Province, now};
use crate::store::sqlite::seal;

/// Sealed: what a person said, wrote, or was told.
const SEALED: [&str; 21] = [
    seal::BODY_FILED,
    seal::BODY_DOSSIER,
    seal::BODY_RECEIPT,
    seal::MESSAGE_PAYLOAD,
    seal::STEP_STEP,
    seal::ANSWER_BYTES,
    seal::HANDLING_REASON,
    seal::ACT_WHO,
    seal::ACT_WORDS,
    seal::CALLBACK_DOCUMENT,
    seal::CALLBACK_REPLY,
    seal::PAPER_BYTES,
    seal::NEWS_FACTS,
    seal::EVENT_BODY,
    seal::PAY_PAYLOAD,
    seal::PAY_PAGE,
    seal::PAY_RECEIPT,
    seal::DEED_SAYS,
    seal::FILE_ADDRESS,
    seal::FILE_NAME,
    seal::RULING_REASON,
];

/// Fingerprints: they say nothing, but whoever guesses every byte could see that the guess is right.
const FINGERPRINTS: [&str; 16] = [
    "attempt.digest",
    "callback.digest",
    "callback.salt",
    "deed.salt",
    "file.digest",
    "file.salt",
    "file_address.key",
    "filing.digest",
    "filing.salt",
    "inquiry.digest",
    "inquiry.salt",
    "message.salt",
    "message.signature",
    "paper.digest",
    "pay_call.digest",
    "pay_order.salt",
];

/// Blinded with a key that is not in the store.
const BLINDS: [&str; 10] = [
    "chain.key",
    "deed.subject",
    "dossier.blind",
    "dossier.subject",
    "dropped.dossier",
    "handling.account",
    "inquiry.officer",
    "inquiry.subject",
    "ruling.account",
    "slot.subjects",
];

/// In clear, and why that says nothing about a person.
const CLEAR: &[(&str, &[&str])] = &[
    (
        "the number of a dossier stands in addresses, and names nobody",
        &[
            "callback.number",
            "deed.number",
            "dossier.number",
            "draft.number",
            "event.number",
            "file_address.number",
            "inquiry.number",
            "news.number",
            "pay_order.number",
            "registration.number",
            "reserved.begins",
            "reserved.day",
            "told_state.number",
            "tray_item.number",
        ],
    ),
    (
        "an id or a key that was drawn or cut from a digest",
        &[
            "callback.key",
            "callback.uid",
            "event.uid",
            "head.key",
            "exchange.uid",
            "file.uid",
            "idempotency.key",
            "inquiry.request",
            "inquiry.source",
            "inquiry.trace",
            "inquiry.uid",
            "pay_order.reference",
            "pay_order.transaction_id",
            "pay_order.uid",
            "ruling.about",
            "step.key",
            "tray_item.item",
            "vault.name",
        ],
    ),
    (
        "who exchanged, under which procedure, by which mapping: agencies and systems, no persons",
        &[
            "callback.listener",
            "callback.system",
            "dossier.agency",
            "dossier.procedure",
            "dossier.system",
            "draft.procedure",
            "draft.system",
            "dropped_count.partner",
            "event.system",
            "file.system",
            "inquiry.basis",
            "inquiry.procedure",
            "inquiry.profile",
            "inquiry.service",
            "inquiry.system",
            "message.mapping",
            "partner.name",
            "pay_order.mapping",
            "pay_order.partner",
            "pay_order.system",
            "registration.asked",
            "registration.partner",
            "statement.partner",
            "tray_item.tray",
        ],
    ),
    (
        "one of our own words, or a code",
        &[
            "attempt.cause",
            "attempt.operation",
            "attempt.phase",
            "attempt.verdict",
            "callback.action",
            "callback.cause",
            "callback.end",
            "callback.kind",
            "callback.owner",
            "callback.state",
            "callback_body.media",
            "deed.what",
            "dossier.status",
            "event.kind",
            "exchange.action",
            "exchange.cause",
            "exchange.operation",
            "exchange.owner",
            "exchange.phase",
            "exchange.state",
            "file.media",
            "file.scan",
            "file.scan_says",
            "handling.release",
            "inquiry.class",
            "inquiry.code",
            "inquiry.delivered",
            "inquiry.hop",
            "inquiry.sets",
            "pay_call.cause",
            "pay_call.phase",
            "pay_order.action",
            "pay_order.cause",
            "pay_order.owner",
            "pay_order.phase",
            "pay_order.state",
            "pay_receipt.media",
            "registration.action",
            "registration.cause",
            "registration.code",
            "registration.owner",
            "registration.state",
            "ruling.word",
            "slot.month",
            "tally.name",
        ],
    ),
    (
        "the exchange log, which is public by design",
        &[
            "checkpoint.note",
            "checkpoint.root",
            "leaf.entry",
            "reckoned.state",
            "stamp.note",
            "stamp.token",
            "statement.note",
            "tile.hashes",
        ],
    ),
];

#[test]
fn every_column_says_what_it_keeps_of_persons() {
    let province = Province::new();
    let columns = province.store().readers.ask(|conn| {
        let mut select = conn.prepare(
            "SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.type IN ('TEXT', 'BLOB', 'ANY')",
        )?;
        Ok(select
            .query_map([], |row| row.get(0))?
            .collect::<Result<BTreeSet<String>, _>>()?)
    });
    let columns = now(columns).unwrap();
    let clear = CLEAR.iter().flat_map(|(_, names)| names.iter().copied());
    let listed: Vec<&str> = SEALED
        .into_iter()
        .chain(FINGERPRINTS)
        .chain(BLINDS)
        .chain(clear)
        .collect();
    let once: BTreeSet<String> = listed.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(once.len(), listed.len(), "each stands in one list");
    let unlisted: Vec<_> = columns.difference(&once).collect();
    assert!(
        unlisted.is_empty(),
        "say of these what they keep of persons: {unlisted:?}"
    );
    let gone: Vec<_> = once.difference(&columns).collect();
    assert!(gone.is_empty(), "these are no columns any more: {gone:?}");
}
