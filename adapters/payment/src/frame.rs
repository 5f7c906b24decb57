//! From a call to its request: the envelope beside the payload, and the checksum over both.

use serde_json::{Map, Value};
use wire::json::{Object, Raw, scalar};
use wire::{Auth, Call, Limits, Malformed, Method, Operation, Payload, Request, document, time};

use crate::LONGEST;
use crate::checksum::{self, ASKED, BAR, INIT, ORDER};
use crate::framing::{Framing, PayGov, Platform};

/// The secret that both ends know.
const KEY: &str = "key";
/// PayGov's name for who calls.
const ACCESS: &str = "access";
/// Characters of a reference (portal.md §2.7.1).
const REFERENCE: usize = 255;

/// The form of a payment's payload.
const PAYMENT: Malformed = Malformed::Form(
    "a payment: an object of `MaThamChieu`, `SoTien` (digits), `ThongTinGiaoDich` (without accents), `ThoiGianGD` \
     (yyyyMMddHHmmss), `Ip` and `ThongTinBienLai`, none with a `|`, and nothing of the envelope",
);
const SUM: Malformed = Malformed::Form("a payment whose `DSKhoanNop` come to its `SoTien`");
/// The form of an order's payload.
const BILLED: Malformed = Malformed::Form(
    "an order: an object of `orderId`, `requestCode` and `amount` (a whole number), and nothing of the envelope",
);

/// The request of one call.
pub(crate) fn request(
    framing: &Framing,
    operation: &Operation,
    call: &Call<'_>,
) -> Result<Request, Malformed> {
    checked(operation, call)?;
    let auth = call.auth.as_ref().ok_or(Malformed::Secret(KEY))?;
    let body = match (operation.name, &framing.platform, &framing.paygov) {
        ("create", _, Some(paygov)) => order(paygov, call, auth)?,
        ("init", Some(platform), _) => begun(platform, call, auth)?,
        ("query", Some(platform), _) => asked("QUERY", platform, call, auth)?,
        ("bill", Some(platform), _) => asked("GET_BILL", platform, call, auth)?,
        _ => return Err(Malformed::Unframed),
    };
    Ok(Request {
        method: Method::Post,
        target: framing
            .path(operation.name)
            .ok_or(Malformed::Unframed)?
            .to_owned(),
        headers: headers(framing, operation, call, auth)?,
        body,
    })
}

/// Session, arguments and payload are those of the operation, and nothing else.
fn checked(operation: &Operation, call: &Call<'_>) -> Result<(), Malformed> {
    let names = operation.arguments;
    for name in names {
        call.argument(name).ok_or(Malformed::Argument(name))?;
    }
    if call.arguments.len() != names.len() {
        return Err(Malformed::Stray);
    }
    if operation.payload == Payload::Nothing && !call.payload.is_empty() {
        return Err(Malformed::Unwanted);
    }
    Ok(())
}

fn headers(
    framing: &Framing,
    operation: &Operation,
    call: &Call<'_>,
    auth: &Auth<'_>,
) -> Result<Vec<(String, String)>, Malformed> {
    let accept = match operation.name {
        "bill" => "application/json, application/pdf",
        _ => "application/json",
    };
    let mut headers = vec![
        ("Accept".to_owned(), accept.to_owned()),
        ("Content-Type".to_owned(), "application/json".to_owned()),
    ];
    if operation.session {
        let fits =
            |session: &&str| !session.is_empty() && session.bytes().all(|byte| byte.is_ascii_graphic());
        let session = call.session.filter(fits).ok_or(Malformed::Session)?;
        headers.push(("Authorization".to_owned(), format!("Bearer {session}")));
    }
    if let Some(keys) = &framing.lgsp {
        headers.push(("lgspaccesstoken".to_owned(), keys.token(&auth.credentials)));
    }
    Ok(headers)
}

/// `INIT` (portal.md §2.7.1). The payload says what is paid and when it began; a retry keeps its time, for `QUERY` and
/// `GET_BILL` ask by it.
fn begun(platform: &Platform, call: &Call<'_>, auth: &Auth<'_>) -> Result<Vec<u8>, Malformed> {
    let mut envelope = vec![
        ("LoaiBanTin", "INIT"),
        ("PhienBan", &platform.edition),
        ("MaDoiTac", &platform.partner),
        ("LoaiHinhThanhToan", &platform.kind),
        ("MaKenhThanhToan", &platform.channel),
        ("MaThietBi", &platform.device),
        ("NgonNgu", &platform.language),
        // An amount is always in whole đồng.
        ("MaTienTe", "VND"),
        ("MaNganHang", &platform.bank),
    ];
    let payload = payload(call, PAYMENT)?;
    if let Some(ip) = platform.ip.as_deref().filter(|_| payload.get("Ip").is_none()) {
        envelope.push(("Ip", ip));
    }
    is_payment(&payload)?;
    adds_up(&payload)?;
    let part = |name: &&str| among(&envelope, &payload, name).ok_or(PAYMENT);
    let parts: Vec<&str> = INIT.iter().map(part).collect::<Result<_, _>>()?;
    let sum = checksum::barred(fit(&parts, PAYMENT)?, secret(auth, KEY)?, auth.sha256);
    envelope.push(("MaXacThuc", &sum));
    beside(&envelope, &payload, call, PAYMENT)
}

/// `QUERY` and `GET_BILL` (§2.7.3, §2.7.4).
fn asked(
    message: &'static str,
    platform: &Platform,
    call: &Call<'_>,
    auth: &Auth<'_>,
) -> Result<Vec<u8>, Malformed> {
    const TIME: &str = "ThoiGianGD";
    const REFERRED: &str = "MaThamChieu";
    let reference = call.argument(REFERRED).ok_or(Malformed::Argument(REFERRED))?;
    let at = call.argument(TIME).ok_or(Malformed::Argument(TIME))?;
    if time::stamp(at).is_none() {
        return Err(Malformed::Argued(TIME));
    }
    let parts = [message, &platform.edition, &platform.partner, reference, at];
    let sum = checksum::barred(
        fit(&parts, Malformed::Argued(REFERRED))?,
        secret(auth, KEY)?,
        auth.sha256,
    );
    let members = ASKED.iter().zip(parts);
    let body = members.fold(Object::new(256), |body, (name, value)| body.text(name, value));
    Ok(body.text("MaXacThuc", &sum).end())
}

/// An order at PayGov (national-databases.md §6.3.1).
fn order(paygov: &PayGov, call: &Call<'_>, auth: &Auth<'_>) -> Result<Vec<u8>, Malformed> {
    let payload = payload(call, BILLED)?;
    let access = secret(auth, ACCESS)?;
    let amount = payload
        .get("amount")
        .filter(|amount| amount.as_u64().is_some_and(|amount| amount > 0));
    let amount = amount.and_then(scalar).ok_or(BILLED)?;
    let mut envelope = vec![
        ("partnerCode", paygov.partner.as_str()),
        ("accessKey", access),
        ("serviceCode", &paygov.code),
    ];
    let part = |name: &&'static str| match *name {
        "amount" => Ok(amount.as_str()),
        name => among(&envelope, &payload, name)
            .filter(|part| !part.trim().is_empty())
            .ok_or(BILLED),
    };
    let parts: Vec<&str> = ORDER.iter().map(part).collect::<Result<_, _>>()?;
    let sum = checksum::plain(&parts, secret(auth, KEY)?, auth.sha256);
    envelope.push(("checksum", &sum));
    beside(&envelope, &payload, call, BILLED)
}

fn payload(call: &Call<'_>, form: Malformed) -> Result<Map<String, Value>, Malformed> {
    let limits = Limits {
        bytes: LONGEST,
        elements: 1,
    };
    Raw::object(call.payload, limits)?;
    let text = std::str::from_utf8(call.payload).map_err(|_| form)?;
    match document::read(text) {
        Some(Value::Object(members)) => Ok(members),
        Some(_) | None => Err(form),
    }
}

fn secret<'a>(auth: &Auth<'a>, name: &'static str) -> Result<&'a str, Malformed> {
    let secret = auth.credentials.secret(name);
    secret
        .filter(|secret| !secret.is_empty())
        .ok_or(Malformed::Secret(name))
}

/// A member of the envelope, or else the text of one of the payload.
fn among<'a>(envelope: &[(&str, &'a str)], payload: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let own = envelope.iter().find(|(known, _)| *known == name);
    own.map(|(_, value)| *value)
        .or_else(|| payload.get(name)?.as_str())
}

/// Parts of a checksum of which nobody can say that a letter belongs to its neighbour.
fn fit<'p, 't>(parts: &'p [&'t str], fault: Malformed) -> Result<&'p [&'t str], Malformed> {
    if parts.iter().any(|part| part.contains(BAR)) {
        return Err(fault);
    }
    Ok(parts)
}

fn is_payment(payload: &Map<String, Value>) -> Result<(), Malformed> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let reference = text("MaThamChieu");
    let paid = text("SoTien");
    let digits = !paid.is_empty() && !paid.starts_with('0') && paid.bytes().all(|byte| byte.is_ascii_digit());
    let words = text("ThongTinGiaoDich");
    let fits = !reference.trim().is_empty()
        && reference.chars().count() <= REFERENCE
        && digits
        && paid.parse::<i64>().is_ok()
        && words.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
        && time::stamp(text("ThoiGianGD")).is_some();
    fits.then_some(()).ok_or(PAYMENT)
}

/// The parts of the receipt come to the whole (§2.7.2), where it has parts: the checksum does not cover them.
fn adds_up(payload: &Map<String, Value>) -> Result<(), Malformed> {
    let receipt = payload.get("ThongTinBienLai");
    let Some(parts) = receipt.and_then(|receipt| receipt.get("DSKhoanNop")) else {
        return Ok(());
    };
    let amount = |value: &Value| scalar(value)?.trim().parse::<i64>().ok();
    let paid = payload.get("SoTien").and_then(amount);
    let rows = parts.as_array().ok_or(SUM)?.iter();
    let sum = rows
        .map(|row| amount(row.get("SoTien")?))
        .try_fold(0_i64, |sum, part| sum.checked_add(part?));
    (sum.is_some() && sum == paid).then_some(()).ok_or(SUM)
}

/// The envelope's members, and after them those of the payload byte for byte; none may be in both.
fn beside(
    envelope: &[(&str, &str)],
    payload: &Map<String, Value>,
    call: &Call<'_>,
    form: Malformed,
) -> Result<Vec<u8>, Malformed> {
    if envelope.iter().any(|(name, _)| payload.contains_key(*name)) {
        return Err(form);
    }
    let members = call.payload.trim_ascii();
    let members = members
        .strip_prefix(b"{")
        .and_then(|rest| rest.strip_suffix(b"}"))
        .ok_or(form)?;
    let room = Object::new(members.len() + 512);
    let mut body = envelope
        .iter()
        .fold(room, |body, (name, value)| body.text(name, value))
        .end();
    body.pop();
    body.push(b',');
    body.extend_from_slice(members);
    body.push(b'}');
    Ok(body)
}
