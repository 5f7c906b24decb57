//! General online dossiers that a national side files with a province, in the shape P3 of 2026 (portal.md §1.7, §2.9): the
//! nearest that was published. What the portal itself will send is not (§3.0, §9.11), so every path can be set, and what a
//! member means is told by a mapping.
//!
//! Three date formats stand in one body: `yyyy-MM-dd HH:mm:ss`, `yyyyMMddHHmmss`, and ISO without a zone. They stay as they came.

mod reply;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde_json::Value;
use wire::callback::{
    Address, Body, Callback, Callbacks, Effect, End, Proof, Reply, Sent, Unfit, Unread, faults, parameter,
    posted,
};
use wire::json::scalar;
use wire::time;

/// The member that holds the rows of a list, which comes without a name.
const ROWS: &str = "rows";
const NUMBER: &str = "MaHoSo";

/// Where one site is called. Guess: the names are those of the integrator's steps.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Doors {
    /// Where dossiers come, and their supplements.
    pub dossier: Vec<String>,
    /// Where steps come.
    pub progress: Vec<String>,
    /// Where states come.
    pub status: Vec<String>,
    /// The parameter of the query that holds a key both ends know, where one does.
    pub key: Option<String>,
}

impl Default for Doors {
    fn default() -> Self {
        Doors {
            dossier: vec!["/NoiHoSo".to_owned()],
            progress: vec!["/CapNhatTienTrinh".to_owned()],
            status: vec!["/CapNhatTrangThai".to_owned()],
            key: None,
        }
    }
}

/// A caller in the shape P3, as it calls one site.
pub struct Online {
    doors: Doors,
}

impl Online {
    /// The caller at these doors.
    ///
    /// # Errors
    /// Everything that is wrong with the doors.
    pub fn new(doors: Doors) -> Result<Self, Vec<Unfit>> {
        let online = Online { doors };
        let mut unfit = faults(&online.addresses());
        let blank = online
            .doors
            .key
            .as_deref()
            .is_some_and(|key| key.trim().is_empty());
        unfit.extend(blank.then_some(Unfit::Blank("key")));
        if unfit.is_empty() { Ok(online) } else { Err(unfit) }
    }

    fn proof(&self, sent: &Sent<'_>) -> Proof {
        let name = self.doors.key.as_deref();
        let key = name.and_then(|name| parameter(sent.query, name));
        key.filter(|key| !key.is_empty())
            .map_or(Proof::Nothing, Proof::Key)
    }
}

impl Callbacks for Online {
    fn name(&self) -> &'static str {
        "online"
    }

    fn addresses(&self) -> Vec<Address> {
        posted("dossier", &self.doors.dossier)
            .chain(posted("progress", &self.doors.progress))
            .chain(posted("status", &self.doors.status))
            .collect()
    }

    fn read(&self, door: &str, sent: &Sent<'_>) -> Result<Callback, Unread> {
        let callback = match door {
            "dossier" => dossier(Body::read(sent)?),
            "progress" => rows("progress", "ThoiDiemXuLy", sent),
            "status" => rows("status", "TrangThai", sent),
            _ => Err(Unread::Body),
        }?;
        Ok(Callback {
            proof: self.proof(sent),
            ..callback
        })
    }

    fn reply(&self, door: &str, callback: Option<&Callback>, end: End<'_>) -> Reply {
        reply::reply(door, callback, end)
    }
}

/// `NoiHoSo` (§2.9). Its papers were uploaded before and are named by their ids. It does not say whether it is a
/// supplement: what was filed under its number tells.
fn dossier(body: Body) -> Result<Callback, Unread> {
    let number = body.needs(NUMBER)?;
    let procedure = body.needs("MaTTHC")?;
    body.text("ChuHoSo")?.ok_or(Unread::Missing("ChuHoSo"))?;
    for name in ["EformThongTinChiTiet", "ThongTinNguoiNop"] {
        if body.value(name).is_some_and(|value| !value.is_object()) {
            return Err(Unread::Wrong(name));
        }
    }
    body.rows("ThanhPhanHoSo")?;
    Ok(Callback {
        number: Some(number.clone()),
        agency: body.code("MaDonViTiepNhan")?,
        procedure: Some(procedure),
        at: body.code("NgayNop")?.and_then(|at| time::instant(&at)),
        ..body.told("dossier", Effect::Files, number)
    })
}

/// `CapNhatTienTrinh` and `CapNhatTrangThai` (§2.9): lists, in which nothing tells one row from another but all that it
/// says. One list may be about several dossiers; then it names none of them for the whole. A state has no time: of two of one
/// dossier in one list nobody could tell which came later.
fn rows(kind: &'static str, needed: &'static str, sent: &Sent<'_>) -> Result<Callback, Unread> {
    let body = Body::list(sent, ROWS)?;
    let rows = body.rows(ROWS)?;
    let mut numbers: Vec<String> = Vec::new();
    let mut at = None;
    for row in rows {
        numbers.push(member(row, NUMBER)?);
        member(row, needed)?;
        let when = row
            .get("ThoiDiemXuLy")
            .and_then(Value::as_str)
            .and_then(time::instant);
        at = at.max(when);
    }
    let rows = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    if kind == "status" && numbers.len() < rows {
        return Err(Unread::Wrong(NUMBER));
    }
    let number = (numbers.len() == 1).then(|| numbers.concat());
    let callback = body.told(kind, Effect::Tells, String::new());
    Ok(Callback {
        key: HEXLOWER.encode(&(sent.sha256)(&callback.document)),
        number,
        at,
        ..callback
    })
}

/// A code of a row.
fn member(row: &Value, name: &'static str) -> Result<String, Unread> {
    let value = row
        .get(name)
        .filter(|value| !value.is_null())
        .ok_or(Unread::Missing(name))?;
    let text = scalar(value).ok_or(Unread::Wrong(name))?.trim().to_owned();
    match text.as_str() {
        "" => Err(Unread::Missing(name)),
        long if long.chars().count() > 255 || long.contains(char::is_control) => Err(Unread::Wrong(name)),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests;
