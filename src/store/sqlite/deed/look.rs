//! Looking: what is wanted is found first, then the leaf is entered, and only when that is on disk is anything opened.

use rusqlite::{Connection, OptionalExtension, params};

use super::{About, dossier, keep};
use crate::evidence::blind::Blind;
use crate::model::{ExchangeId, Place, Sealer, Warrant};
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{file, seal};
use crate::store::{Deed, Seen, StoreError, Wanted};

/// A sealed value with its name and its place.
struct Shut {
    name: String,
    column: &'static str,
    row: [Vec<u8>; 2],
    sealed: Vec<u8>,
}

/// What was found, and the leaf that tells of the look.
pub(in crate::store::sqlite) struct Found {
    leaf: i64,
    values: Vec<Shut>,
}

/// Finds what is wanted and enters the leaves of the look; none where there is nothing, or nothing any more.
pub(in crate::store::sqlite) fn enter(
    tx: &mut Tx<'_>,
    wanted: &Wanted,
    deed: &Deed,
) -> Result<Option<Found>, StoreError> {
    let (about, mut values) = find(tx.conn, wanted)?;
    values.retain(|value| !value.sealed.is_empty());
    if values.is_empty() {
        return Ok(None);
    }
    let leaf = keep(tx, &about, wanted.word(), deed)?;
    Ok(Some(Found { leaf, values }))
}

/// Opens what was found. What was erased in between is left out.
pub(in crate::store::sqlite) fn open(sealer: &dyn Sealer, found: Found) -> Result<Seen, StoreError> {
    let leaf = found.leaf as u64;
    let mut parts = Vec::with_capacity(found.values.len());
    for value in found.values {
        let place = Place {
            column: value.column,
            row: [&value.row[0], &value.row[1]],
        };
        let clear = seal::open_for(sealer, Warrant::Look { leaf }, place, &value.sealed)?;
        parts.extend(clear.map(|clear| (value.name, clear)));
    }
    Ok(Seen { leaf, parts })
}

fn find(conn: &Connection, wanted: &Wanted) -> Result<(About, Vec<Shut>), StoreError> {
    match wanted {
        Wanted::Dossier(number) => {
            let mut values = filed(conn, number)?;
            values.extend(news(conn, number)?);
            Ok((dossier(conn, number)?, values))
        }
        Wanted::Exchange(id) => exchange(conn, *id),
        Wanted::Callback(id) => callback(conn, *id),
        Wanted::FeeReceipt(reference) => fee_receipt(conn, reference),
        Wanted::Paper { system, digest } => paper(conn, system, digest),
        Wanted::File(address) => named_file(conn, address),
        Wanted::Deeds(subject) => {
            let about = About {
                subjects: vec![*subject],
                ..About::default()
            };
            Ok((about, deeds(conn, *subject)?))
        }
    }
}

fn filed(conn: &Connection, number: &str) -> Result<Vec<Shut>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT b.filed, b.dossier, b.receipt, f.salt FROM dossier d JOIN filing f ON f.id = d.filing
         JOIN body b ON b.filing = f.id WHERE d.number = ?1",
    )?;
    let row = select.query_row([number], |row| {
        let salt: [u8; 16] = row.get(3)?;
        let value = |at, name: &str, column| {
            Ok::<_, rusqlite::Error>(Shut {
                name: name.to_owned(),
                column,
                row: [number.as_bytes().to_vec(), salt.to_vec()],
                sealed: row.get(at)?,
            })
        };
        Ok(vec![
            value(0, "filed", seal::BODY_FILED)?,
            value(1, "dossier", seal::BODY_DOSSIER)?,
            value(2, "receipt", seal::BODY_RECEIPT)?,
        ])
    });
    Ok(row.optional()?.unwrap_or_default())
}

fn news(conn: &Connection, number: &str) -> Result<Option<Shut>, StoreError> {
    let mut select = conn.prepare_cached("SELECT facts FROM news WHERE number = ?1")?;
    let row = select.query_row([number], |row| {
        Ok(Shut {
            name: "news".to_owned(),
            column: seal::NEWS_FACTS,
            row: [number.as_bytes().to_vec(), Vec::new()],
            sealed: row.get(0)?,
        })
    });
    Ok(row.optional()?)
}

fn exchange(conn: &Connection, id: ExchangeId) -> Result<(About, Vec<Shut>), StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT e.id, d.number, m.payload FROM exchange e JOIN filing f ON f.id = e.filing
         JOIN dossier d ON d.id = f.dossier LEFT JOIN message m ON m.exchange = e.id WHERE e.uid = ?1",
    )?;
    let row = select.query_row([id], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, Option<Vec<u8>>>(2)?,
        ))
    });
    let Some((row, number, payload)) = row.optional()? else {
        return Ok((About::default(), Vec::new()));
    };
    let mut values: Vec<Shut> = payload
        .into_iter()
        .map(|sealed| named("payload", seal::MESSAGE_PAYLOAD, id, sealed))
        .collect();
    let mut select = conn.prepare_cached(
        "SELECT attempt & 1048575, bytes FROM answer WHERE attempt >> 20 = ?1 AND attempt BETWEEN ?2 AND ?3",
    )?;
    let bounds = params![row, row << 20, (row << 20) + 0xf_ffff];
    let answers = select.query_map(bounds, |row| {
        let number: u32 = row.get(0)?;
        Ok(Shut {
            name: format!("answer {number}"),
            column: seal::ANSWER_BYTES,
            row: [id.as_bytes().to_vec(), number.to_be_bytes().to_vec()],
            sealed: row.get(1)?,
        })
    })?;
    for answer in answers {
        values.push(answer?);
    }
    let about = About {
        exchange: Some(id.to_string()),
        ..dossier(conn, &number)?
    };
    Ok((about, values))
}

fn callback(conn: &Connection, id: ExchangeId) -> Result<(About, Vec<Shut>), StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT c.number, b.document, b.reply FROM callback c JOIN callback_body b ON b.callback = c.id WHERE c.uid = ?1",
    )?;
    let row = select.query_row([id], |row| {
        let document = named("document", seal::CALLBACK_DOCUMENT, id, row.get(1)?);
        let reply = named("reply", seal::CALLBACK_REPLY, id, row.get(2)?);
        Ok((row.get::<_, Option<String>>(0)?, vec![document, reply]))
    });
    let Some((number, values)) = row.optional()? else {
        return Ok((About::default(), Vec::new()));
    };
    let about = match number {
        Some(number) => dossier(conn, &number)?,
        None => About::default(),
    };
    Ok((about, values))
}

fn fee_receipt(conn: &Connection, reference: &str) -> Result<(About, Vec<Shut>), StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT o.number, r.media, o.uid, r.bytes FROM pay_receipt r JOIN pay_order o ON o.id = r.pay_order
         WHERE o.reference = ?1",
    )?;
    let row = select.query_row([reference], |row| {
        let media: String = row.get(1)?;
        let receipt = named(&media, seal::PAY_RECEIPT, row.get(2)?, row.get(3)?);
        Ok((row.get::<_, String>(0)?, vec![receipt]))
    });
    let Some((number, values)) = row.optional()? else {
        return Ok((About::default(), Vec::new()));
    };
    Ok((dossier(conn, &number)?, values))
}

/// The newest paper of that digest that was said of a dossier of the system.
fn paper(conn: &Connection, system: &str, digest: &[u8; 32]) -> Result<(About, Vec<Shut>), StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT c.number, p.bytes FROM paper p JOIN slot s ON s.id = p.slot JOIN callback c ON c.id = s.callback
         WHERE p.digest = ?1 AND c.system = ?2 AND c.number IS NOT NULL ORDER BY p.slot DESC LIMIT 1",
    )?;
    let row = select.query_row(params![digest, system], |row| {
        let paper = Shut {
            name: "paper".to_owned(),
            column: seal::PAPER_BYTES,
            row: [digest.to_vec(), Vec::new()],
            sealed: row.get(1)?,
        };
        Ok((row.get::<_, String>(0)?, vec![paper]))
    });
    let Some((number, values)) = row.optional()? else {
        return Ok((About::default(), Vec::new()));
    };
    Ok((dossier(conn, &number)?, values))
}

/// The name of a file, for the dossier of whose address is asked.
fn named_file(conn: &Connection, address: &str) -> Result<(About, Vec<Shut>), StoreError> {
    let key = file::key(address);
    let mut select = conn.prepare_cached(
        "SELECT a.number, a.name, f.uid FROM file_address a JOIN file f ON f.id = a.file
         WHERE a.key = ?1 AND a.dead = 0 AND f.gone IS NULL",
    )?;
    let row = select.query_row([key], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
    });
    let Some((number, sealed, id)) = row.optional()? else {
        return Ok((About::default(), Vec::new()));
    };
    let name = Shut {
        name: "name".to_owned(),
        column: seal::FILE_NAME,
        row: [key.to_vec(), Vec::new()],
        sealed,
    };
    let about = About {
        file: Some(id),
        ..dossier(conn, &number)?
    };
    Ok((about, vec![name]))
}

fn named(name: &str, column: &'static str, id: ExchangeId, sealed: Vec<u8>) -> Shut {
    Shut {
        name: name.to_owned(),
        column,
        row: [id.as_bytes().to_vec(), Vec::new()],
        sealed,
    }
}

fn deeds(conn: &Connection, subject: Blind) -> Result<Vec<Shut>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT leaf, says FROM deed WHERE subject = ?1 ORDER BY leaf DESC")?;
    let rows = select.query_map([subject.0], |row| {
        let leaf: i64 = row.get(0)?;
        Ok(Shut {
            name: leaf.to_string(),
            column: seal::DEED_SAYS,
            row: [leaf.to_be_bytes().to_vec(), Vec::new()],
            sealed: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
