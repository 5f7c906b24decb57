//! What the portal sends a province by itself (§3.1, §3.2): promotion notices and their amendments, land-tax notices and
//! receipts, and the question how a dossier stands.

mod notice;
mod reply;

use serde::Deserialize;
use wire::callback::{
    Address, Body, Callback, Callbacks, Effect, End, Money, Proof, Reply, Sent, Unfit, Unread, faults, posted,
};
use wire::time;

/// The service of a land-tax receipt (§3.2.3).
const RECEIPT: &str = "NhanChungTuThueDat";
/// The service of a land-tax notice (§3.2.4).
const NOTICE: &str = "NhanThongBaoThueDat";
/// The key that some installations share with the portal (§3.1).
const KEY: &str = "SecurityKey";

/// Where the portal calls one site. By default where it was seen to (§3.1): behind either adapter of the exchange, and plain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Doors {
    /// Where promotion notices come (§3.2.1).
    pub promotion: Vec<String>,
    /// Where their amendments come, and land-tax receipts (§3.2.2, §3.2.3).
    pub amendment: Vec<String>,
    /// Where land-tax notices come (§3.2.4).
    pub notice: Vec<String>,
    /// Where it asks how a dossier stands (§3.2.5).
    pub search: Vec<String>,
}

impl Default for Doors {
    fn default() -> Self {
        let forwarded = |name: &str| {
            [
                "/VXPAdapter/RestService/forward",
                "/XrdAdapter/RestService/forward",
                "",
            ]
            .map(|adapter| format!("/web/guest{adapter}/{name}"))
            .to_vec()
        };
        Doors {
            promotion: forwarded("addtthcKhuyenMai"),
            amendment: forwarded("nhanhsdvcqg"),
            notice: forwarded("nhantbthuedvcqg"),
            search: vec!["/web/guest/search/call".to_owned()],
        }
    }
}

/// The portal, as it calls one site.
pub struct Forwarded {
    doors: Doors,
}

impl Forwarded {
    /// The portal that calls at these doors.
    ///
    /// # Errors
    /// Everything that is wrong with the doors.
    pub fn new(doors: Doors) -> Result<Self, Vec<Unfit>> {
        let forwarded = Forwarded { doors };
        let unfit = faults(&forwarded.addresses());
        if unfit.is_empty() {
            Ok(forwarded)
        } else {
            Err(unfit)
        }
    }
}

impl Callbacks for Forwarded {
    fn name(&self) -> &'static str {
        "portal"
    }

    fn addresses(&self) -> Vec<Address> {
        posted("promotion", &self.doors.promotion)
            .chain(posted("amendment", &self.doors.amendment))
            .chain(posted("notice", &self.doors.notice))
            .chain(posted("search", &self.doors.search))
            .collect()
    }

    fn read(&self, door: &str, sent: &Sent<'_>) -> Result<Callback, Unread> {
        match door {
            "promotion" => promotion(Body::read(sent)?),
            "amendment" => forwarded(Body::read(sent)?),
            "notice" => noticed(Body::read(sent)?, sent.sha256),
            "search" => searched(Body::read(sent)?),
            _ => Err(Unread::Body),
        }
    }

    fn reply(&self, door: &str, callback: Option<&Callback>, end: End<'_>) -> Reply {
        reply::reply(door, callback, end)
    }
}

/// A promotion notice (§3.2.1): a flat object, its papers inside.
fn promotion(mut body: Body) -> Result<Callback, Unread> {
    let proof = key(&mut body)?;
    body.needs("MaSoThue")?;
    let number = body.needs("MaHoSo")?;
    let procedure = body.needs("MaTTHC")?;
    body.text("TenThuongNhan")?
        .ok_or(Unread::Missing("TenThuongNhan"))?;
    let at = body.code("NgayNopHoSo")?.and_then(|at| time::instant(&at));
    body.papers("TepDonDangKy")?;
    body.papers("TaiLieuNop[]/Base64")?;
    Ok(Callback {
        number: Some(number.clone()),
        procedure: Some(procedure),
        at,
        proof,
        ..body.told("promotion", Effect::Files, number)
    })
}

/// What an envelope says beside what it is about.
struct Envelope {
    service: String,
    updating: Option<bool>,
    proof: Proof,
    inner: Body,
}

/// `{service, isUpdating, data}`, and the other spelling `{SecurityKey, Service, IsUpdating, Data}` (§3.2.3).
fn envelope(mut body: Body) -> Result<Envelope, Unread> {
    let proof = key(&mut body)?;
    let service = match body.code("service")? {
        Some(service) => Some(service),
        None => body.code("Service")?,
    };
    let updating = match body.flag("isUpdating")? {
        Some(updating) => Some(updating),
        None => body.flag("IsUpdating")?,
    };
    Ok(Envelope {
        service: service.unwrap_or_default(),
        updating,
        proof,
        inner: body.within(&["data", "Data"])?,
    })
}

/// A key that is not there is none; whether there must be one is the listener's to know.
fn key(body: &mut Body) -> Result<Proof, Unread> {
    let key = match body.code(KEY)? {
        Some(key) => Some(key),
        None => body.code("securityKey")?,
    };
    body.forget(&[KEY]);
    Ok(key.map_or(Proof::Nothing, Proof::Key))
}

/// A land-tax receipt, or else an amendment: its service has no name of its own.
fn forwarded(body: Body) -> Result<Callback, Unread> {
    let envelope = envelope(body)?;
    match envelope.service.as_str() {
        RECEIPT => receipt(envelope),
        NOTICE => Err(Unread::Wrong("service")),
        _ => amendment(envelope),
    }
}

/// An amendment of a promotion notice (§3.2.2), a dossier of its own.
fn amendment(envelope: Envelope) -> Result<Callback, Unread> {
    let mut body = envelope.inner;
    let number = body.needs("MaHoSoQG")?;
    let procedure = body.needs("MaTTHC")?;
    match body.value("ThongTinSuaDoi") {
        Some(changes) if changes.is_object() => {}
        Some(_) => return Err(Unread::Wrong("ThongTinSuaDoi")),
        None => return Err(Unread::Missing("ThongTinSuaDoi")),
    }
    body.papers("TaiLieuNop[]/Base64")?;
    Ok(Callback {
        number: Some(number.clone()),
        procedure: Some(procedure),
        updating: envelope.updating,
        proof: envelope.proof,
        ..body.told("amendment", Effect::Files, number)
    })
}

/// What a receipt must say; `SoTien` and `TrangThaiThanhToan` come as numbers and as texts (§3.2.3).
const NEEDED: [&str; 3] = ["HoTenNguoiNopTien", "MaSoThue", "UrlFileChungTu"];

/// A land-tax receipt (§3.2.3).
fn receipt(envelope: Envelope) -> Result<Callback, Unread> {
    const PAID: &str = "ThongTinThanhToan";
    let body = envelope.inner;
    let number = body.needs("MaHoSo")?;
    for name in NEEDED {
        body.text(name)?.ok_or(Unread::Missing(name))?;
    }
    let paid = body.value(PAID).ok_or(Unread::Missing(PAID))?;
    let member = |name: &'static str| {
        let text = paid.get(name).and_then(wire::json::scalar).unwrap_or_default();
        Some(text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .ok_or(Unread::Missing(name))
    };
    let (of, at, amount) = (
        member("MaThongBaoThue")?,
        member("ThoiGianThanhToan")?,
        member("SoTien")?,
    );
    member("NoiDungThanhToan")?;
    let is_paid = member("TrangThaiThanhToan")? == "1";
    let is_amount = amount.bytes().all(|byte| byte.is_ascii_digit());
    let amount = amount
        .parse()
        .ok()
        .filter(|_| is_amount)
        .ok_or(Unread::Wrong("SoTien"))?;
    let when = time::stamp(&at).ok_or(Unread::Wrong("ThoiGianThanhToan"))?;
    if of.chars().count() > 255 || of.contains(char::is_control) {
        return Err(Unread::Wrong("MaThongBaoThue"));
    }
    let key = format!("{number}|{of}|{at}");
    Ok(Callback {
        number: Some(number),
        updating: envelope.updating,
        at: Some(when),
        money: is_paid.then_some(Money {
            amount,
            paid: true,
            transaction: None,
        }),
        proof: envelope.proof,
        ..body.told("tax-receipt", Effect::Tells, key)
    })
}

/// A land-tax notice (§3.2.4): XML, which stays a paper, and whose rows stand in the document besides. One may be about
/// several dossiers; then it names none of them for the whole.
fn noticed(body: Body, sha256: fn(&[u8]) -> [u8; 32]) -> Result<Callback, Unread> {
    const FILE: &str = "FileThongBaoThue";
    const UNFIT: Unread = Unread::Wrong(FILE);
    let envelope = envelope(body)?;
    if envelope.service != NOTICE {
        return Err(Unread::Wrong("service"));
    }
    let mut body = envelope.inner;
    body.papers(FILE)?;
    let digest = body.text(FILE)?.ok_or(Unread::Missing(FILE))?;
    let rows = notice::rows(body.paper(&digest).ok_or(UNFIT)?).ok_or(UNFIT)?;
    let (number, key) = notice::named(&rows, sha256).ok_or(UNFIT)?;
    body.put("ROW_LIST", rows);
    Ok(Callback {
        number,
        updating: envelope.updating,
        proof: envelope.proof,
        ..body.told("tax-notice", Effect::Tells, key)
    })
}

/// The question how a dossier stands (§3.2.5).
fn searched(mut body: Body) -> Result<Callback, Unread> {
    let proof = key(&mut body)?;
    let number = body.needs("masohoso")?;
    Ok(Callback {
        number: Some(number.clone()),
        agency: body.code("madonvi")?,
        proof,
        ..body.told("search", Effect::Asks, number)
    })
}

#[cfg(test)]
mod tests;
