//! Everything of one dossier that leaves tell of, with the salts of their commitments.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::evidence::file::Role;
use crate::model::{ExchangeId, Place, Sealer, Warrant};
use crate::store::sqlite::row::attempt_id;
use crate::store::sqlite::{deed, seal};
use crate::store::{Deed, Exhibit, Exhibits, Of, Reply, Shows, Sqlite, StoreError};

impl Shows for Sqlite {
    fn exhibits(&self, number: &str, deed: Deed) -> Reply<'_, Option<Exhibits>> {
        let number = number.to_owned();
        Box::pin(async move {
            let named = number.clone();
            let entered = self.write(move |tx| deed::evidence(tx, &named, &deed)).await?;
            let Some(leaf) = entered else { return Ok(None) };
            self.opened(move |conn, sealer| {
                let warrant = Warrant::Look { leaf: leaf as u64 };
                let look = Look {
                    conn,
                    sealer,
                    warrant,
                };
                exhibits(&look, &number)
            })
            .await
        })
    }
}

/// A look whose leaf is on disk.
struct Look<'a> {
    conn: &'a Connection,
    sealer: &'a dyn Sealer,
    warrant: Warrant,
}

impl Look<'_> {
    /// None of what was erased.
    fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        seal::open_for(self.sealer, self.warrant, place, sealed)
    }

    /// An exhibit whose bytes are sealed; none of what was erased.
    fn exhibit(&self, place: Place<'_>, exhibit: Option<Exhibit>) -> Result<Option<Exhibit>, StoreError> {
        let Some(exhibit) = exhibit else { return Ok(None) };
        let clear = self.open(place, &exhibit.bytes)?;
        Ok(clear.map(|bytes| Exhibit { bytes, ..exhibit }))
    }
}

fn exhibits(look: &Look<'_>, number: &str) -> Result<Option<Exhibits>, StoreError> {
    let mut select = look
        .conn
        .prepare_cached("SELECT id, blind FROM dossier WHERE number = ?1")?;
    let found = select.query_row([number], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<[u8; 16]>>(1)?))
    });
    let Some((dossier, Some(blind))) = found.optional()? else {
        return Ok(None);
    };
    let mut exhibits = Vec::new();
    filings(look, dossier, number, &mut exhibits)?;
    messages(look, dossier, &mut exhibits)?;
    lookups(look.conn, number, &mut exhibits)?;
    callbacks(look, number, &mut exhibits)?;
    Ok(Some(Exhibits { blind, exhibits }))
}

fn exhibit(
    row: &Row<'_>,
    role: Role,
    leaf: usize,
    salt: usize,
    bytes: usize,
) -> rusqlite::Result<Option<Exhibit>> {
    let (Some(leaf), Some(bytes)) = (
        row.get::<_, Option<i64>>(leaf)?,
        row.get::<_, Option<Vec<u8>>>(bytes)?,
    ) else {
        return Ok(None);
    };
    Ok(Some(Exhibit {
        role,
        of: Of::Leaf(leaf as u64),
        salt: row.get(salt)?,
        bytes,
    }))
}

fn filings(look: &Look<'_>, dossier: i64, number: &str, all: &mut Vec<Exhibit>) -> Result<(), StoreError> {
    let mut select = look.conn.prepare_cached(
        "SELECT f.leaf, f.salt, b.filed, b.receipt, b.reused, b.dossier FROM filing f JOIN body b ON b.filing = f.id
         WHERE f.dossier = ?1 ORDER BY f.id",
    )?;
    let mut rows = select.query([dossier])?;
    while let Some(row) = rows.next()? {
        let salt = row.get(1)?;
        for (role, leaf, bytes, column) in [
            (Role::Filed, 0, 2, seal::BODY_FILED),
            (Role::Receipt, 0, 3, seal::BODY_RECEIPT),
            (Role::Dossier, 4, 5, seal::BODY_DOSSIER),
        ] {
            let place = seal::of_filing(column, number, &salt);
            all.extend(look.exhibit(place, exhibit(row, role, leaf, 1, bytes)?)?);
        }
    }
    Ok(())
}

/// Of what was erased not even digests are left, nor the salts that would open a commitment.
fn messages(look: &Look<'_>, dossier: i64, all: &mut Vec<Exhibit>) -> Result<(), StoreError> {
    let mut select = look.conn.prepare_cached(
        "SELECT m.leaf, m.salt, m.payload, CAST(m.signature AS BLOB), e.id, e.uid FROM lane l
         JOIN exchange e ON e.lane = l.id JOIN message m ON m.exchange = e.id JOIN filing f ON f.id = e.filing
         LEFT JOIN slot s ON s.id = f.slot WHERE l.dossier = ?1 AND s.erased IS NULL ORDER BY e.id",
    )?;
    let mut rows = select.query([dossier])?;
    while let Some(row) = rows.next()? {
        let id: ExchangeId = row.get(5)?;
        let place = seal::place(seal::MESSAGE_PAYLOAD, id.as_bytes());
        all.extend(look.exhibit(place, exhibit(row, Role::Payload, 0, 1, 2)?)?);
        all.extend(exhibit(row, Role::Signature, 0, 1, 3)?);
        attempts(look, (row.get(4)?, id), row.get(1)?, all)?;
    }
    Ok(())
}

fn attempts(
    look: &Look<'_>,
    (exchange, id): (i64, ExchangeId),
    salt: [u8; 16],
    all: &mut Vec<Exhibit>,
) -> Result<(), StoreError> {
    let mut select = look.conn.prepare_cached(
        "SELECT a.id, a.digest, w.bytes FROM attempt a LEFT JOIN answer w ON w.attempt = a.id
         WHERE a.id BETWEEN ?1 AND ?2 ORDER BY a.id",
    )?;
    let first = attempt_id(exchange, 0);
    let mut rows = select.query([first, attempt_id(exchange + 1, 0) - 1])?;
    while let Some(row) = rows.next()? {
        let number = u32::try_from(row.get::<_, i64>(0)? - first).unwrap_or_default();
        let of = Of::Attempt(id, number);
        let bytes = row.get(1)?;
        let role = Role::Sent;
        all.push(Exhibit {
            role,
            of,
            salt,
            bytes,
        });
        // An answer of no bytes is not kept, and committed to all the same.
        let bytes = match row.get::<_, Option<Vec<u8>>>(2)? {
            Some(sealed) => look.open(seal::of_answer(&id, &number.to_be_bytes()), &sealed)?,
            None => Some(Vec::new()),
        };
        let Some(bytes) = bytes else { continue };
        let role = Role::Answer;
        all.push(Exhibit {
            role,
            of,
            salt,
            bytes,
        });
    }
    Ok(())
}

fn lookups(conn: &Connection, number: &str, all: &mut Vec<Exhibit>) -> Result<(), StoreError> {
    let mut select =
        conn.prepare_cached("SELECT answered, salt, digest FROM inquiry WHERE number = ?1 ORDER BY id")?;
    let mut rows = select.query([number])?;
    while let Some(row) = rows.next()? {
        all.extend(exhibit(row, Role::Looked, 0, 1, 2)?);
    }
    Ok(())
}

fn callbacks(look: &Look<'_>, number: &str, all: &mut Vec<Exhibit>) -> Result<(), StoreError> {
    let mut select = look.conn.prepare_cached(
        "SELECT c.leaf, c.salt, b.document, b.reply, c.applied, e.body, c.uid, e.uid FROM callback c
         JOIN callback_body b ON b.callback = c.id LEFT JOIN event e ON e.callback = c.id
         WHERE c.number = ?1 ORDER BY c.id, e.id",
    )?;
    let mut rows = select.query([number])?;
    let mut before = None;
    while let Some(row) = rows.next()? {
        // One callback may be told of more than once.
        if before.replace(row.get::<_, i64>(0)?) != Some(row.get(0)?) {
            let id: ExchangeId = row.get(6)?;
            let place = seal::place(seal::CALLBACK_DOCUMENT, id.as_bytes());
            all.extend(look.exhibit(place, exhibit(row, Role::Callback, 0, 1, 2)?)?);
            let place = seal::place(seal::CALLBACK_REPLY, id.as_bytes());
            all.extend(look.exhibit(place, exhibit(row, Role::Reply, 0, 1, 3)?)?);
        }
        if let Some(id) = row.get::<_, Option<ExchangeId>>(7)? {
            let place = seal::place(seal::EVENT_BODY, id.as_bytes());
            all.extend(look.exhibit(place, exhibit(row, Role::Told, 4, 1, 5)?)?);
        }
    }
    Ok(())
}
