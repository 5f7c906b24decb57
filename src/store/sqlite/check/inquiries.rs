//! Look-ups and what they brought, held against the log: none was made that the log does not tell of.

use rusqlite::{Connection, OptionalExtension};

use super::{MOST, Shut, read};
use crate::evidence::blind::commitment;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::ExchangeId;
use crate::store::StoreError;
use crate::store::sqlite::seal;

/// What is wrong between a leaf of a look-up and the row that it names.
pub(super) fn inquiry_of(conn: &Connection, index: i64, draft: &Draft) -> Result<Option<String>, StoreError> {
    if draft.kind != Kind::Asked && draft.kind != Kind::Answered {
        return Ok(None);
    }
    let id: Option<ExchangeId> = draft.facts.get("inquiry").and_then(|name| name.parse().ok());
    let mut select = conn.prepare_cached("SELECT asked, answered, class FROM inquiry WHERE uid = ?1")?;
    let row = match id {
        Some(id) => select
            .query_row([id], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, Option<i64>>(1)?,
                    row.get::<_, Option<String>>(2)?,
                ))
            })
            .optional()?,
        None => None,
    };
    let fits = row.is_some_and(|(asked, answered, class)| {
        if draft.kind == Kind::Asked {
            asked == index
        } else {
            answered == Some(index) && draft.facts.get("class") == class.as_ref()
        }
    });
    Ok((!fits).then(|| format!("Leaf {index} tells of a look-up that the store does not have so.")))
}

/// Every look-up has its leaf, and one that ended a second one.
pub(super) fn kept(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT i.uid, a.entry, e.entry, i.answered IS NOT NULL FROM inquiry i LEFT JOIN leaf a ON a.id = i.asked
         LEFT JOIN leaf e ON e.id = i.answered ORDER BY i.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let id = row.get::<_, ExchangeId>(0)?.to_string();
        let tells = |draft: &Draft, kind| draft.kind == kind && draft.facts.get("inquiry") == Some(&id);
        let begun = read(row, 1)?.is_some_and(|draft| tells(&draft, Kind::Asked));
        let ended =
            !row.get::<_, bool>(3)? || read(row, 2)?.is_some_and(|draft| tells(&draft, Kind::Answered));
        if !begun || !ended {
            found.push(format!("Look-up {id} is not in the log as it is in the store."));
        }
    }
    Ok(())
}

/// Every dossier with the state's facts in it is the one that was committed to.
pub(super) fn reused(shut: &Shut<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = shut.conn.prepare(
        "SELECT b.filing, b.reused, f.salt, b.dossier, l.entry, d.number, f.slot FROM body b
         JOIN filing f ON f.id = b.filing JOIN dossier d ON d.id = f.dossier
         LEFT JOIN leaf l ON l.id = b.reused WHERE b.reused IS NOT NULL ORDER BY b.filing",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (filing, leaf) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
        let dossier = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
        let (salt, said) = (
            row.get(2)?,
            read(row, 4)?.filter(|draft| draft.kind == Kind::Reused),
        );
        let (number, slot) = (row.get::<_, String>(5)?, row.get(6)?);
        let place = seal::of_filing(seal::BODY_DOSSIER, &number, &salt);
        let fits = shut.fits(place, dossier, slot, |dossier| {
            said.as_ref().and_then(|draft| draft.commit) == Some(commitment(&salt, dossier))
        })?;
        if !fits || said.is_none() {
            found.push(format!(
                "The dossier of filing {filing} is not what leaf {leaf} commits to."
            ));
        }
    }
    Ok(())
}
