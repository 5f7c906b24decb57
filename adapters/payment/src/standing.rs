//! What the portal's platform says of a payment that began here: where it is paid, and what it came to.

use serde_json::Value;
use wire::callback::{Callback, Effect, Money, Proof, Unread};
use wire::time;

use crate::confirmation::key;

/// A payment is asked after by its reference and the time at which it began (portal.md §2.7.3).
pub(crate) const ASKING: [&str; 2] = ["MaThamChieu", "ThoiGianGD"];

/// How a payment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was paid, or it was not and will not be: what a confirmation would say, of the kinds `queried` and `query-declined`.
    Settled(Box<Callback>),
    /// The platform does not know yet.
    Pending,
}

/// Where a payer pays, of what `INIT` brought (§2.7.1).
#[must_use]
pub fn page(result: &[u8]) -> Option<String> {
    let result: Value = serde_json::from_slice(result).ok()?;
    Some(result.get("UrlThanhToan")?.as_str()?.trim().to_owned())
}

/// The arguments by which a payment is asked after, as it was sent itself.
#[must_use]
pub fn asking(payload: &[u8]) -> Option<[(&'static str, String); 2]> {
    let payload: Value = serde_json::from_slice(payload).ok()?;
    let of = |name| Some((name, payload.get(name)?.as_str()?.to_owned()));
    let [reference, at] = ASKING;
    Some([of(reference)?, of(at)?])
}

/// How a payment stands, of what `QUERY` brought (§2.7.3).
///
/// # Errors
/// [`Unread`] says which member cannot be what it should be.
pub fn standing(result: &[u8]) -> Result<Standing, Unread> {
    let answer: Value = serde_json::from_slice(result).map_err(|_| Unread::Body)?;
    let text = |name: &str| {
        let text = answer.get(name).and_then(Value::as_str).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let needs = |name: &'static str| text(name).ok_or(Unread::Missing(name));
    let paid = match needs("TrangThaiGD")?.as_str() {
        "1" => true,
        "3" => return Ok(Standing::Pending),
        "4" => false,
        _ => return Err(Unread::Wrong("TrangThaiGD")),
    };
    let outcome = needs("MaLoi")?;
    let reference = needs("MaThamChieu")?;
    if text("MaTienTe").is_some_and(|currency| currency != "VND") {
        return Err(Unread::Wrong("MaTienTe"));
    }
    let transaction = text("MaGiaoDich");
    let kind = if paid { "queried" } else { "query-declined" };
    let key = key(&[&reference, transaction.as_deref().unwrap_or_default(), &outcome]);
    Ok(Standing::Settled(Box::new(Callback {
        kind,
        effect: Effect::Tells,
        key,
        number: None,
        reference: Some(reference),
        agency: None,
        procedure: None,
        updating: None,
        at: text("ThoiGianGD").and_then(|at| time::stamp(&at)),
        money: money(paid, text("SoTien"), transaction)?,
        // Nobody sent it: it was asked for, on a connection of ours.
        proof: Proof::Nothing,
        document: result.to_vec(),
        papers: Vec::new(),
    })))
}

/// What was paid must say how much.
fn money(paid: bool, amount: Option<String>, transaction: Option<String>) -> Result<Option<Money>, Unread> {
    const AMOUNT: &str = "SoTien";
    let digits = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
    let amount = match amount {
        Some(text) => Some(
            text.parse()
                .ok()
                .filter(|_| digits(&text))
                .ok_or(Unread::Wrong(AMOUNT))?,
        ),
        None if paid => return Err(Unread::Missing(AMOUNT)),
        None => None,
    };
    Ok(amount.map(|amount| Money {
        amount,
        paid,
        transaction,
    }))
}
