//! Registrations held against the exchanges that pushed them.

use rusqlite::Connection;

use super::MOST;
use crate::store::StoreError;

/// What a register is asked for was delivered to it, and what was not is not.
pub(super) fn pushed(conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT r.number, r.state, e.state FROM registration r LEFT JOIN exchange e ON e.id = r.exchange
         WHERE r.exchange IS NOT NULL ORDER BY r.number",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()?
        && found.len() < MOST
    {
        let (number, stands) = (row.get::<_, String>(0)?, row.get::<_, String>(1)?);
        let pushed = row.get::<_, Option<String>>(2)?;
        let wanted = match stands.as_str() {
            "awaited" | "supplement" | "ended" => pushed.as_deref() == Some("delivered"),
            "refused" => pushed.as_deref() == Some("refused"),
            "pushed" => !matches!(pushed.as_deref(), None | Some("delivered" | "refused")),
            _ => pushed.is_some(),
        };
        if !wanted {
            found.push(format!(
                "The registration of {number} is {stands}, and its push is not."
            ));
        }
    }
    Ok(())
}
