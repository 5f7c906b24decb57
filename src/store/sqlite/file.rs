//! Files that systems hand in: kept once for the same bytes of one system, named by dossiers, found by their addresses.

mod scan;
mod served;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::evidence::hash;
use crate::model::{ExchangeId, Sealer, Slot};
use crate::store::sqlite::tx::Tx;
use crate::store::sqlite::{Sqlite, seal};
use crate::store::{
    Addressed, Deed, FileBooks, FileKept, FileRow, FileRows, Naming, NewFile, Place, Reply, Scan, Scanned,
    Served, StoreError,
};

/// The columns of a file as its system sees it.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT f.uid, f.system, f.digest, f.size, f.media, f.at,
             (SELECT count(*) FROM file_address a WHERE a.file = f.id AND a.dead = 0), f.id, f.scan, f.scan_says FROM file f ",
            $rest
        )
    };
}

impl FileRows for Sqlite {
    fn keep_file(&self, file: NewFile) -> Reply<'_, FileKept> {
        self.write(move |tx| keep(tx, &file))
    }

    fn file(&self, system: &str, digest: [u8; 32]) -> Reply<'_, Option<FileRow>> {
        let system = system.to_owned();
        self.readers.ask(move |conn| held(conn, &system, &digest))
    }

    fn places(&self, system: &str, number: &str, digests: Vec<[u8; 32]>) -> Reply<'_, Vec<Place>> {
        let (system, number) = (system.to_owned(), number.to_owned());
        self.opened(move |conn, sealer| {
            let places = digests
                .iter()
                .map(|digest| place(conn, sealer, (&system, &number), digest));
            Ok(places
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect())
        })
    }

    fn addressed(&self, address: &str) -> Reply<'_, Option<Addressed>> {
        let key = key(address);
        self.readers.ask(move |conn| {
            let mut select = conn.prepare_cached(
                "SELECT f.uid, f.digest, f.size, f.media, f.gone IS NOT NULL OR a.dead, f.scan FROM file_address a
                 JOIN file f ON f.id = a.file WHERE a.key = ?1",
            )?;
            Ok(select.query_row([key], addressed).optional()?)
        })
    }

    fn needless_files(&self, ids: Vec<ExchangeId>) -> Reply<'_, Vec<(ExchangeId, bool)>> {
        self.readers.ask(move |conn| served::needless(conn, ids))
    }

    fn end_files(&self, served: Served, limit: usize, deed: Deed) -> Reply<'_, usize> {
        Box::pin(self.ended_files(served, limit, deed))
    }

    fn unscanned_files(&self, now: i64, limit: usize) -> Reply<'_, Vec<FileRow>> {
        self.readers.ask(move |conn| {
            let mut select = conn.prepare_cached(select!(
                "WHERE f.scan = 'not-scanned' AND f.gone IS NULL AND f.scan_wake <= ?1 ORDER BY f.scan_wake, f.id LIMIT ?2"
            ))?;
            let rows = select.query_map([now, limit as i64], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn scanned(&self, scanned: Scanned) -> Reply<'_, ()> {
        self.write(move |tx| scan::keep(tx, &scanned))
    }

    fn found_files(&self, limit: usize) -> Reply<'_, Vec<FileRow>> {
        self.readers.ask(move |conn| {
            let mut select = conn.prepare_cached(select!(
                "WHERE f.scan = 'found' AND f.gone IS NULL ORDER BY f.id LIMIT ?1"
            ))?;
            let rows = select.query_map([limit as i64], row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn file_books(&self) -> Reply<'_, FileBooks> {
        self.readers.ask(scan::books)
    }

    fn held_files(&self, after: i64, limit: usize) -> Reply<'_, Vec<(i64, FileRow)>> {
        self.readers.ask(move |conn| {
            let mut select = conn.prepare_cached(select!(
                "WHERE f.id > ?1 AND f.gone IS NULL ORDER BY f.id LIMIT ?2"
            ))?;
            let rows = select.query_map([after, limit as i64], |one| Ok((one.get(7)?, row(one)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

pub(super) use served::end;

/// What an address is found by.
pub(super) fn key(address: &str) -> [u8; 32] {
    hash::digest(&[address.as_bytes()])
}

fn row(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    Ok(FileRow {
        id: row.get(0)?,
        system: row.get(1)?,
        digest: row.get(2)?,
        size: row.get::<_, i64>(3)? as u64,
        media: row.get(4)?,
        at: row.get(5)?,
        named: row.get::<_, i64>(6)? as u64,
        scan: row.get(8)?,
        scan_says: row.get(9)?,
    })
}

fn addressed(row: &Row<'_>) -> rusqlite::Result<Addressed> {
    Ok(Addressed {
        id: row.get(0)?,
        digest: row.get(1)?,
        size: row.get::<_, i64>(2)? as u64,
        media: row.get(3)?,
        gone: row.get(4)?,
        scan: row.get(5)?,
    })
}

fn held(conn: &Connection, system: &str, digest: &[u8; 32]) -> Result<Option<FileRow>, StoreError> {
    let mut select = conn.prepare_cached(select!(
        "WHERE f.system = ?1 AND f.digest = ?2 AND f.gone IS NULL"
    ))?;
    Ok(select.query_row(params![system, digest], row).optional()?)
}

fn keep(tx: &mut Tx<'_>, file: &NewFile) -> Result<FileKept, StoreError> {
    if let Some(row) = held(tx.conn, &file.system, &file.digest)? {
        return Ok(FileKept::Again(row));
    }
    if !tx.has_room() {
        return Err(StoreError::Full("the disk has less free room than must stay"));
    }
    let leaf = tx.stage(&file.leaf)?;
    let id = tx
        .conn
        .prepare_cached(
            "INSERT INTO file (uid, system, digest, size, media, at, salt, slot, leaf)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert(params![
            file.id,
            file.system,
            file.digest,
            file.size as i64,
            file.media,
            file.at,
            file.salt,
            seal::row(file.slot),
            leaf
        ])?;
    tx.conn
        .prepare_cached("INSERT INTO slot (id, file) VALUES (?1, ?2)")?
        .execute([seal::row(file.slot), id])?;
    served::returned(tx.conn, (&file.system, &file.digest), id)?;
    let row = held(tx.conn, &file.system, &file.digest)?;
    row.map(FileKept::New)
        .ok_or_else(|| StoreError::Unusable("a file that was kept is not there".to_owned()))
}

/// What a dossier may say of a file: the address it has, or that it may be given one.
fn place(
    conn: &Connection,
    sealer: &dyn Sealer,
    (system, number): (&str, &str),
    digest: &[u8; 32],
) -> Result<Option<Place>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT f.media, a.key, a.address, f.scan FROM file f
         LEFT JOIN file_address a ON a.file = f.id AND a.number = ?2 AND a.dead = 0
         WHERE f.system = ?1 AND f.digest = ?3 AND (f.gone IS NULL OR a.key IS NOT NULL)
         ORDER BY f.gone IS NULL DESC, f.id DESC LIMIT 1",
    )?;
    let found = select.query_row(params![system, number, digest], |row| {
        let known: Option<[u8; 32]> = row.get(1)?;
        Ok((row.get(0)?, known, row.get::<_, Option<Vec<u8>>>(2)?, row.get(3)?))
    });
    let Some((media, known, sealed, scan)) = found.optional()? else {
        return Ok(None);
    };
    let address = match (known, sealed) {
        (Some(key), Some(sealed)) => {
            let address = seal::open_whole(sealer, seal::place(seal::FILE_ADDRESS, &key), &sealed)?;
            String::from_utf8(address).ok()
        }
        (None, _) | (_, None) => None,
    };
    Ok(Some(Place {
        digest: *digest,
        address,
        media,
        scan,
    }))
}

/// What a filing names, sealed with it.
pub(super) struct SealedNaming {
    digest: [u8; 32],
    key: [u8; 32],
    address: Vec<u8>,
    name: Vec<u8>,
}

impl SealedNaming {
    pub(super) fn of(sealer: &dyn Sealer, slot: Slot, naming: &Naming) -> Result<Self, StoreError> {
        let key = key(&naming.address);
        let seal = |column, text: &str| sealer.seal(slot, seal::place(column, &key), text.as_bytes());
        Ok(Self {
            digest: naming.digest,
            key,
            address: seal(seal::FILE_ADDRESS, &naming.address)?,
            name: seal(seal::FILE_NAME, &naming.name)?,
        })
    }
}

/// Gives the files that a filing names their addresses; false where one of them was given another meanwhile, or is gone. Then none is
/// given.
pub(super) fn name(
    tx: &Tx<'_>,
    (system, number): (&str, &str),
    namings: &[SealedNaming],
) -> Result<bool, StoreError> {
    let mut fresh = Vec::new();
    for naming in namings {
        let known = known(tx.conn, (system, number), &naming.digest)?;
        if known.contains(&naming.key) {
            continue;
        }
        match held(tx.conn, system, &naming.digest)? {
            Some(file) if known.is_empty() && file.scan != Scan::Found => fresh.push((naming, file.id)),
            Some(_) | None => return Ok(false),
        }
    }
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO file_address (key, number, file, address, name) SELECT ?1, ?2, id, ?4, ?5 FROM file WHERE uid = ?3",
    )?;
    for (naming, file) in fresh {
        insert.execute(params![naming.key, number, file, naming.address, naming.name])?;
    }
    Ok(true)
}

/// The fingerprints of the addresses that a dossier has for a file.
fn known(
    conn: &Connection,
    (system, number): (&str, &str),
    digest: &[u8; 32],
) -> Result<Vec<[u8; 32]>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT a.key FROM file_address a JOIN file f ON f.id = a.file
         WHERE a.number = ?2 AND a.dead = 0 AND f.system = ?1 AND f.digest = ?3",
    )?;
    let known = select.query_map(params![system, number, digest], |row| row.get(0))?;
    Ok(known.collect::<Result<_, _>>()?)
}
