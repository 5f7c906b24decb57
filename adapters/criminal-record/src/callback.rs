//! What VNeID sends a province by itself (portal.md §3.5; national-databases.md §5.3): it asks for a number, files the
//! dossier under it, and files it again when the citizen has supplemented it.

use serde::Deserialize;
use serde_json::json;
use wire::Method;
use wire::callback::{
    Address, Body, Callback, Callbacks, Effect, End, Proof, Reply, Sent, Unfit, Unread, faults, parameter,
    posted,
};
use wire::time;

/// The key that both ends know, in the query.
const KEY: &str = "CodeGet";
/// The number that was reserved before.
const NUMBER: &str = "maHoSoMCDT";
/// The form itself.
const FORM: &str = "toKhai";

/// Where VNeID calls one site. Guess: what stands before the names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Doors {
    /// Where it asks for a number.
    pub number: Vec<String>,
    /// Where it files.
    pub filed: Vec<String>,
}

impl Default for Doors {
    fn default() -> Self {
        Doors {
            number: vec!["/LLTP/LayMaHoSo".to_owned()],
            filed: vec!["/LLTP/TaoHoSo".to_owned()],
        }
    }
}

/// VNeID, as it calls one site.
pub struct Allocated {
    doors: Doors,
}

impl Allocated {
    /// VNeID that calls at these doors.
    ///
    /// # Errors
    /// Everything that is wrong with the doors.
    pub fn new(doors: Doors) -> Result<Self, Vec<Unfit>> {
        let allocated = Allocated { doors };
        let unfit = faults(&allocated.addresses());
        if unfit.is_empty() {
            Ok(allocated)
        } else {
            Err(unfit)
        }
    }
}

impl Callbacks for Allocated {
    fn name(&self) -> &'static str {
        "criminal-record"
    }

    fn addresses(&self) -> Vec<Address> {
        let asked = posted("number", &self.doors.number).map(|address| Address {
            method: Method::Get,
            ..address
        });
        asked.chain(posted("filed", &self.doors.filed)).collect()
    }

    fn read(&self, door: &str, sent: &Sent<'_>) -> Result<Callback, Unread> {
        let proof = parameter(sent.query, KEY).filter(|key| !key.is_empty());
        let proof = proof.map_or(Proof::Nothing, Proof::Key);
        match door {
            "number" => asked(sent, proof),
            "filed" => filed(Body::read(sent)?, proof),
            _ => Err(Unread::Body),
        }
    }

    fn reply(&self, door: &str, callback: Option<&Callback>, end: End<'_>) -> Reply {
        match door {
            _ if end == End::Forged => Reply::text(400, "Mã xác thực không hợp lệ"),
            "number" => reserved(end),
            _ => taken(callback, end),
        }
    }
}

/// `LayMaHoSo`: nothing tells one question from another, so its key is empty and each of them gets a number of its own.
fn asked(sent: &Sent<'_>, proof: Proof) -> Result<Callback, Unread> {
    let nothing = Sent { body: b"{}", ..*sent };
    Ok(Callback {
        proof,
        ..Body::read(&nothing)?.told("number", Effect::Reserves, String::new())
    })
}

/// `TaoHoSo`. It does not say whether it is a change: what was filed under its number tells.
fn filed(mut body: Body, proof: Proof) -> Result<Callback, Unread> {
    body.forget(&[KEY]);
    let number = body.needs(NUMBER)?;
    match body.value(FORM) {
        Some(form) if form.is_object() => {}
        Some(_) => return Err(Unread::Wrong(FORM)),
        None => return Err(Unread::Missing(FORM)),
    }
    let receipt = body
        .value("thongTinBienLai")
        .and_then(|receipt| receipt.get("maTTHC"));
    let procedure = receipt
        .and_then(wire::json::scalar)
        .filter(|code| !code.trim().is_empty());
    let at = body.code("ngayTiepNhan")?.and_then(|at| time::instant(&at));
    body.papers("toKhai/giayToDinhKem[]/danhSach[]/duLieu")?;
    Ok(Callback {
        number: Some(number.clone()),
        procedure,
        at,
        proof,
        ..body.told("filed", Effect::Files, number)
    })
}

/// `{Data: "<number>"}`.
fn reserved(end: End<'_>) -> Reply {
    let number = match end {
        End::Found(number) => std::str::from_utf8(number)
            .ok()
            .filter(|number| !number.is_empty()),
        End::Taken
        | End::Kept
        | End::Conflict
        | End::Closed
        | End::UnknownDossier
        | End::UnknownProcedure
        | End::Forged
        | End::Differs
        | End::Unread(_)
        | End::Busy => None,
    };
    match number {
        Some(number) => Reply::json(200, &json!({ "Data": number })),
        None => Reply::text(503, "Không cấp được mã hồ sơ"),
    }
}

/// `{statusCode, errorDetail, data}`.
fn taken(callback: Option<&Callback>, end: End<'_>) -> Reply {
    let said = |status, code: &str, words: &str| {
        let number = callback
            .filter(|_| code == "00")
            .and_then(|callback| callback.number.as_deref());
        Reply::json(
            status,
            &json!({ "statusCode": code, "errorDetail": words, "data": number }),
        )
    };
    match end {
        End::Taken | End::Kept => said(200, "00", ""),
        End::Closed | End::Conflict => said(
            200,
            "01",
            "Hồ sơ không ở trạng thái bổ sung, không thể thực hiện cập nhật",
        ),
        End::UnknownDossier => said(200, "01", "Mã hồ sơ không tồn tại"),
        End::Unread(why) => said(200, "01", &format!("Dữ liệu không hợp lệ: {why}")),
        End::Busy => said(503, "01", "Yêu cầu bị gián đoạn. Vui lòng thử lại."),
        End::UnknownProcedure | End::Forged | End::Differs | End::Found(_) => {
            said(200, "01", "Không tiếp nhận được hồ sơ")
        }
    }
}

#[cfg(test)]
mod tests;
