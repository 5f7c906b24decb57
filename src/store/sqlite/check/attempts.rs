//! Attempts against the log: each that was entered is kept, with the digest of what left and the answer that came.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::StoreError;
use crate::store::sqlite::check::{MOST, Shut};
use crate::store::sqlite::row::attempt_id;
use crate::store::sqlite::seal;

/// What the store keeps of one attempt, as far as a leaf commits to it.
struct Kept {
    salt: Option<[u8; 16]>,
    digest: Option<Vec<u8>>,
    /// Sealed.
    answer: Option<Vec<u8>>,
    slot: Option<i64>,
}

/// Every exchange has as many attempts as it counts.
pub(super) fn counted(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT uid, attempts, (SELECT count(*) FROM attempt WHERE attempt.id BETWEEN exchange.id << 20
         AND (exchange.id << 20) + 1048575) AS kept FROM exchange WHERE attempts <> kept ORDER BY id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (id, counts, kept) = (
            row.get::<_, ExchangeId>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, i64>(2)?,
        );
        found.push(format!(
            "Exchange {id} counts {counts} attempts, but {kept} are kept."
        ));
    }
    Ok(())
}

/// What is wrong between a leaf that tells of an attempt and that attempt.
pub(super) fn attempt_of(shut: &Shut<'_>, index: i64, draft: &Draft) -> Result<Option<String>, StoreError> {
    let ended = match draft.kind {
        Kind::Attempted | Kind::Probed => false,
        Kind::Settled => true,
        Kind::Accepted
        | Kind::Drafted
        | Kind::Asked
        | Kind::Answered
        | Kind::Reused
        | Kind::Queued
        | Kind::Received
        | Kind::Applied
        | Kind::Notified
        | Kind::Parked
        | Kind::Released
        | Kind::Reopened
        | Kind::Opened
        | Kind::Erased
        | Kind::Mapped
        | Kind::Statement => return Ok(None),
    };
    let number = draft
        .facts
        .get("attempt")
        .and_then(|number| number.parse::<u32>().ok());
    let id: Option<ExchangeId> = draft.exchange.as_deref().and_then(|name| name.parse().ok());
    let (Some(number), Some(id), Some(committed)) = (number, id, draft.commit) else {
        return Ok(None);
    };
    let Some(kept) = kept(shut.conn, id, number)? else {
        // That the exchange is missing is said once, elsewhere.
        return Ok(None);
    };
    let about = format!("attempt {number} of exchange {id}");
    let (Some(salt), Some(digest)) = (kept.salt, kept.digest) else {
        return Ok(Some(format!(
            "Leaf {index} tells of {about}, which the store does not have."
        )));
    };
    let (what, fits) = if ended {
        let number = number.to_be_bytes();
        let place = seal::of_answer(&id, &number);
        let commits = |answer: &[u8]| commitment(&salt, answer) == committed;
        let fits = match &kept.answer {
            Some(answer) => shut.fits(place, answer, kept.slot, commits)?,
            None => commits(&[]) || shut.erased(kept.slot)?,
        };
        ("The answer to", fits)
    } else {
        // What left is not told once the dossier was erased.
        let fits = commitment(&salt, &digest) == committed || shut.erased(kept.slot)?;
        ("The digest of", fits)
    };
    Ok((!fits).then(|| format!("{what} {about} is not what leaf {index} commits to.")))
}

fn kept(conn: &Connection, id: ExchangeId, number: u32) -> Result<Option<Kept>, StoreError> {
    let mut select = conn.prepare_cached("SELECT id FROM exchange WHERE uid = ?1")?;
    let Some(exchange) = select.query_row([id], |row| row.get::<_, i64>(0)).optional()? else {
        return Ok(None);
    };
    let mut select = conn.prepare_cached(
        "SELECT (SELECT salt FROM message WHERE exchange = ?1), (SELECT digest FROM attempt WHERE id = ?2),
         (SELECT bytes FROM answer WHERE attempt = ?2),
         (SELECT f.slot FROM exchange e JOIN filing f ON f.id = e.filing WHERE e.id = ?1)",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Kept {
            salt: row.get(0)?,
            digest: row.get(1)?,
            answer: row.get(2)?,
            slot: row.get(3)?,
        })
    };
    Ok(Some(select.query_row(
        params![exchange, attempt_id(exchange, number)],
        read,
    )?))
}
