//! Look-ups: on record before they are made, ended once, counted by their bounds.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::evidence::blind::Blind;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::sqlite::month;
use crate::store::sqlite::seal;
use crate::store::sqlite::tx::Tx;
use crate::store::{Act, Answered, Inquiry, InquiryRow, LookupsRow, Opening, Permit, StoreError};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// The class of a look-up whose process died before it ended.
const UNKNOWN: &str = "unknown_result";

/// Records those look-ups that their bounds allow.
pub(super) fn inquire(tx: &mut Tx<'_>, inquiries: &[Inquiry]) -> Result<Vec<Permit>, StoreError> {
    inquiries.iter().map(|inquiry| one(tx, inquiry)).collect()
}

fn one(tx: &mut Tx<'_>, inquiry: &Inquiry) -> Result<Permit, StoreError> {
    let permit = permit(tx, inquiry)?;
    if permit == Permit::Granted {
        keep(tx, inquiry)?;
    }
    Ok(permit)
}

/// What is answered from memory is on record, and counts neither as a call nor against anybody.
fn permit(tx: &Tx<'_>, inquiry: &Inquiry) -> Result<Permit, StoreError> {
    let bounds = inquiry.bounds;
    let mut select = tx.conn.prepare_cached(
        "SELECT count(*), count(DISTINCT subject), coalesce(max(subject = ?2), 0) FROM inquiry
         WHERE number = ?1 AND source IS NULL",
    )?;
    let (calls, subjects, known): (u32, u32, bool) = select
        .query_row(params![inquiry.number, inquiry.subject.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let mut select = tx
        .conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(at > ?3), 0) FROM inquiry WHERE officer = ?1 AND at > ?2 AND source IS NULL",
        )?;
    let since = params![inquiry.officer.0, inquiry.at - DAY, inquiry.at - HOUR];
    let (day, hour): (u32, u32) = select.query_row(since, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if inquiry.source.is_some() {
        Permit::Granted
    } else if !known && subjects >= bounds.subjects {
        Permit::Subjects
    } else if calls >= bounds.calls {
        Permit::Calls
    } else if hour >= bounds.hour || day >= bounds.day {
        Permit::Officer
    } else {
        Permit::Granted
    })
}

fn keep(tx: &mut Tx<'_>, inquiry: &Inquiry) -> Result<(), StoreError> {
    let partner = tx.partner(&inquiry.partner)?;
    let leaf = tx.stage(&inquiry.leaf)?;
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO inquiry (uid, number, system, partner, service, profile, procedure, basis, subject, officer, request,
         sets, at, salt, source, asked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    let id = insert.insert(params![
        inquiry.id,
        inquiry.number,
        inquiry.system,
        partner,
        inquiry.service,
        inquiry.profile,
        inquiry.procedure,
        inquiry.basis,
        inquiry.subject.0,
        inquiry.officer.0,
        inquiry.request,
        inquiry.sets.join(","),
        inquiry.at,
        inquiry.salt,
        inquiry.source,
        leaf
    ])?;
    let who = who(&inquiry.act)?;
    let slot = month::slot(tx, inquiry.at)?;
    let place = seal::place(seal::ACT_WHO, inquiry.id.as_bytes());
    let who = tx.sealer.seal(slot, place, &who)?;
    tx.conn
        .prepare_cached("INSERT INTO act (inquiry, who) VALUES (?1, ?2)")?
        .execute(params![id, who])?;
    Ok(())
}

/// Who asked, as it is sealed.
pub(super) fn who(act: &Act) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(act).map_err(|error| StoreError::Unusable(error.to_string()))
}

/// Records what look-ups came to.
pub(super) fn answered(tx: &mut Tx<'_>, answered: &[Answered]) -> Result<(), StoreError> {
    answered.iter().try_for_each(|one| end(tx, one))
}

fn end(tx: &mut Tx<'_>, answered: &Answered) -> Result<(), StoreError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT id FROM inquiry WHERE uid = ?1 AND ended_at IS NULL")?;
    let Some(id) = select
        .query_row([answered.id], |row| row.get::<_, i64>(0))
        .optional()?
    else {
        return Ok(());
    };
    drop(select);
    let leaf = tx.stage(&answered.leaf)?;
    tx.conn
        .prepare_cached(
            "UPDATE inquiry SET ended_at = ?2, class = ?3, hop = ?4, code = ?5, trace = ?6, digest = ?7,
             delivered = ?8, answered = ?9 WHERE id = ?1",
        )?
        .execute(params![
            id,
            answered.at,
            answered.class,
            answered.hop,
            answered.code,
            answered.trace,
            answered.digest,
            answered.delivered.join(","),
            leaf
        ])?;
    match &answered.words {
        Some(words) => put_words(tx, id, answered, words),
        None => Ok(()),
    }
}

/// What was said in words may name somebody, whatever was struck out of it.
fn put_words(tx: &mut Tx<'_>, id: i64, answered: &Answered, words: &str) -> Result<(), StoreError> {
    let slot = month::slot(tx, answered.at)?;
    let place = seal::place(seal::ACT_WORDS, answered.id.as_bytes());
    let words = tx.sealer.seal(slot, place, words.as_bytes())?;
    tx.conn
        .prepare_cached("UPDATE act SET words = ?2 WHERE inquiry = ?1")?
        .execute(params![id, words])?;
    Ok(())
}

/// What a look-up that nobody ended needs for its last leaf.
struct Open {
    uid: ExchangeId,
    number: Vec<u8>,
    partner: String,
    service: String,
    subject: [u8; 16],
}

/// At the start of the only process: look-ups that had not ended have an unknown result.
pub(super) fn orphans(tx: &mut Tx<'_>, now: i64) -> Result<(), StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT i.uid, l.entry, p.name, i.service, i.subject FROM inquiry i JOIN partner p ON p.id = i.partner
         JOIN leaf l ON l.id = i.asked WHERE i.ended_at IS NULL",
    )?;
    let open = select
        .query_map([], |row| {
            Ok(Open {
                uid: row.get(0)?,
                number: row.get(1)?,
                partner: row.get(2)?,
                service: row.get(3)?,
                subject: row.get(4)?,
            })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    drop(select);
    for one in open {
        let ended = Answered {
            id: one.uid,
            at: now,
            class: UNKNOWN,
            hop: Some("gateway"),
            code: None,
            words: None,
            trace: None,
            digest: None,
            delivered: Vec::new(),
            leaf: last_leaf(&one, now),
        };
        end(tx, &ended)?;
    }
    Ok(())
}

/// The dossier's blind stands in the leaf of the beginning.
fn last_leaf(open: &Open, now: i64) -> Draft {
    let began = crate::evidence::leaf::Entry::read(&open.number).ok();
    let mut leaf = Draft::new(Kind::Answered, now)
        .fact("inquiry", open.uid.to_string())
        .fact("service", open.service.clone())
        .fact("class", UNKNOWN);
    leaf.dossier = began.and_then(|entry| entry.draft.dossier);
    leaf.subject = Some(Blind(open.subject));
    leaf.partner = Some(open.partner.clone());
    leaf
}

/// Opens a draft; false when the number is taken.
pub(super) fn open_draft(tx: &mut Tx<'_>, opening: &Opening) -> Result<bool, StoreError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM draft WHERE number = ?1) OR EXISTS (SELECT 1 FROM dossier WHERE number = ?1)",
    )?;
    if select.query_row([&opening.number], |row| row.get(0))? {
        return Ok(false);
    }
    let leaf = tx.stage(&opening.leaf)?;
    tx.conn
        .prepare_cached(
            "INSERT INTO draft (number, system, procedure, at, leaf) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            opening.number,
            opening.system,
            opening.procedure,
            opening.at,
            leaf
        ])?;
    Ok(true)
}

/// The look-ups of a dossier or draft.
pub(super) fn of(conn: &Connection, number: &str) -> Result<Vec<InquiryRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT i.uid, i.number, p.name, i.service, i.profile, i.procedure, i.basis, i.request, i.sets, i.at, i.ended_at,
         i.class, i.hop, i.code, i.trace, i.delivered, i.source, i.asked, i.answered
         FROM inquiry i JOIN partner p ON p.id = i.partner WHERE i.number = ?1 ORDER BY i.id",
    )?;
    let rows = select.query_map([number], row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What all look-ups came to. The names of facts stand in one text, between commas.
pub(super) fn all(conn: &Connection) -> Result<Vec<LookupsRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT procedure, service, class, count(*), sum(names), sum(papers) FROM (
           SELECT procedure, service, class,
             length(delivered) - length(replace(delivered, ',', '')) + (coalesce(delivered, '') <> '') AS names,
             (length(delivered) - length(replace(delivered, 'components[', ''))) / length('components[') AS papers
           FROM inquiry)
         GROUP BY procedure, service, class ORDER BY procedure, service, class",
    )?;
    let rows = select.query_map([], |row| {
        let count = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.unwrap_or_default() as u64);
        let papers = count(5)?;
        Ok(LookupsRow {
            procedure: row.get(0)?,
            service: row.get(1)?,
            class: row.get(2)?,
            lookups: count(3)?,
            facts: count(4)?.saturating_sub(papers),
            papers,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<InquiryRow> {
    let list = |text: Option<String>| {
        let text = text.unwrap_or_default();
        let names = text.split(',').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    Ok(InquiryRow {
        id: row.get(0)?,
        number: row.get(1)?,
        partner: row.get(2)?,
        service: row.get(3)?,
        profile: row.get(4)?,
        procedure: row.get(5)?,
        basis: row.get(6)?,
        request: row.get(7)?,
        sets: list(row.get(8)?),
        at: row.get(9)?,
        ended_at: row.get(10)?,
        class: row.get(11)?,
        hop: row.get(12)?,
        code: row.get(13)?,
        trace: row.get(14)?,
        delivered: list(row.get(15)?),
        source: row.get(16)?,
        asked: row.get::<_, i64>(17)? as u64,
        answered: row.get::<_, Option<i64>>(18)?.map(|leaf| leaf as u64),
    })
}
