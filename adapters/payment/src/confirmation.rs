//! What the payment platforms send by themselves (portal.md §3.3; national-databases.md §6.3): that something was paid, and
//! the question what there is to pay.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use wire::callback::{
    Address, Body, Callback, Callbacks, Effect, End, Joined, Money, Proof, Reply, Sent, Unfit, Unread,
    faults, posted,
};
use wire::time;

use crate::checksum::{BAR, CONFIRM};

/// What is on a card, and what proves a message: neither is kept (portal.md §3.3).
pub(crate) const SECRETS: [&str; 6] = ["Token", "SoThe", "ThangThe", "NamThe", "MaXacThuc", "checksum"];

/// The outcome of what was paid; every other one was not.
const PAID: &str = "00";

/// Where the platforms call one site, and what they expect to hear.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Doors {
    /// Where `CONFIRM` comes; both addresses were seen (portal.md §3.3).
    pub confirm: Vec<String>,
    /// Where it is asked what there is to pay.
    pub bill: Vec<String>,
    /// `LoaiBanTin` of a confirmation. No other is read: the checksum of another message must not pass for one.
    pub message: String,
    /// Whether the reply has a `MaXacThuc`.
    pub checked: Checked,
    /// Where PayGov calls; nothing is known of its paths.
    pub paygov: PayGovDoors,
}

impl Default for Doors {
    fn default() -> Self {
        Doors {
            confirm: vec![
                "/o/pgi/ppdvcqg/dpnhankqthanhtoanhs".to_owned(),
                "/DvcPayment/Confirm".to_owned(),
            ],
            bill: vec!["/o/pgi/kpdvcqg/dptracuuthanhtoanhs".to_owned()],
            message: "CONFIRM".to_owned(),
            checked: Checked::None,
            paygov: PayGovDoors::default(),
        }
    }
}

/// The `MaXacThuc` of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checked {
    /// There is none: one that is said back proves nothing (national-databases.md §6.3.2).
    None,
    /// That of the confirmation is said back, for a platform that demands the member.
    Echo,
}

/// Where PayGov calls one site (national-databases.md §6.3.1). What its checksum covers there is not public, and nothing is
/// taken for it: that of an order covers no outcome, so one that was overheard would say of any order that it is paid.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PayGovDoors {
    /// The paths.
    pub paths: Vec<String>,
    /// What the checksum covers, in its order, as the site was told.
    pub covers: Vec<String>,
    /// Values of what it covers that do not stand in the message; some of them are keys.
    pub fixed: BTreeMap<String, String>,
}

/// Without the fixed values.
impl fmt::Debug for PayGovDoors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayGovDoors")
            .field("paths", &self.paths)
            .field("covers", &self.covers)
            .finish_non_exhaustive()
    }
}

/// The payment platforms, as they call one site.
///
/// The parts of [`Proof::Checksum`] of a confirmation are joined with `|`, the secret last; those of PayGov with nothing
/// between and the secret first, so that letters could move between neighbours: its reference and amount must be compared
/// with what was asked for. What was not paid is of the kinds `declined` and `paygov-declined`.
pub struct Confirmations {
    doors: Doors,
}

impl Confirmations {
    /// The platforms that call at these doors.
    ///
    /// # Errors
    /// Everything that is wrong with the doors.
    pub fn new(doors: Doors) -> Result<Self, Vec<Unfit>> {
        let confirmations = Confirmations { doors };
        let mut unfit = faults(&confirmations.addresses());
        let paygov = &confirmations.doors.paygov;
        let needed = [
            ("message", confirmations.doors.message.trim().is_empty()),
            (
                "paygov.covers",
                !paygov.paths.is_empty() && paygov.covers.is_empty(),
            ),
        ];
        unfit.extend(
            needed
                .iter()
                .filter(|(_, blank)| *blank)
                .map(|(name, _)| Unfit::Blank(name)),
        );
        if unfit.is_empty() {
            Ok(confirmations)
        } else {
            Err(unfit)
        }
    }

    /// `CONFIRM` (portal.md §3.3).
    fn confirmed(&self, sent: &Sent<'_>) -> Result<Callback, Unread> {
        let body = Body::read(sent)?;
        if body.needs("LoaiBanTin")? != self.doors.message {
            return Err(Unread::Wrong("LoaiBanTin"));
        }
        let parts = parts(&body)?;
        let given = body.needs("MaXacThuc")?;
        let outcome = body.needs("MaLoi")?;
        body.needs("MaDoiTac")?;
        // The dossier's number is what is left where the reference cannot be used.
        let (reference, number) = (body.code("MaThamChieu")?, body.code("MaHoSo")?);
        let of = reference.clone().or_else(|| number.clone());
        let of = of.ok_or(Unread::Missing("MaThamChieu"))?;
        let amount = amount(&body, "SoTien")?;
        if body.code("MaTienTe")?.is_some_and(|currency| currency != "VND") {
            return Err(Unread::Wrong("MaTienTe"));
        }
        // One payment may fail first and then succeed: that is another transaction, or another outcome of it. What failed has a
        // kind of its own, so that nobody takes it for paid who does not know it.
        let kind = if outcome == PAID { "confirm" } else { "declined" };
        let transaction = body.code("MaGiaoDich")?;
        let key = key(&[&of, transaction.as_deref().unwrap_or_default(), &outcome]);
        Ok(Callback {
            number,
            reference,
            at: body.code("ThoiGianGD")?.and_then(|at| time::stamp(&at)),
            money: Some(Money {
                amount,
                paid: outcome == PAID,
                transaction,
            }),
            proof: Proof::Checksum {
                joined: Joined::Barred,
                parts,
                given,
            },
            ..told(kind, Effect::Tells, key, body)
        })
    }

    /// The call-back of PayGov (national-databases.md §6.3.1).
    fn ordered(&self, sent: &Sent<'_>) -> Result<Callback, Unread> {
        let body = Body::read(sent)?;
        let reference = body.needs("requestCode")?;
        let (order, outcome) = (body.needs("orderId")?, body.needs("errorCode")?);
        let amount = amount(&body, "amount")?;
        let given = body.needs("checksum")?;
        let part = |name: &String| match self.doors.paygov.fixed.get(name) {
            Some(fixed) => Ok(fixed.clone()),
            None => spelled(&body, name),
        };
        let parts = self
            .doors
            .paygov
            .covers
            .iter()
            .map(part)
            .collect::<Result<_, _>>()?;
        let transaction = body.code("transactionNo")?;
        let named = transaction.as_deref().unwrap_or_default();
        let key = key(&[&order, &reference, named, &outcome]);
        Ok(Callback {
            reference: Some(reference),
            at: body.code("payDate")?.and_then(|at| time::instant(&at)),
            money: Some(Money {
                amount,
                paid: outcome == PAID,
                transaction,
            }),
            proof: Proof::Checksum {
                joined: Joined::Plain,
                parts,
                given,
            },
            ..told(
                if outcome == PAID {
                    "paygov"
                } else {
                    "paygov-declined"
                },
                Effect::Tells,
                key,
                body,
            )
        })
    }
}

/// The question what there is to pay (§3.3); whoever asks shows nothing.
fn asked(sent: &Sent<'_>) -> Result<Callback, Unread> {
    let body = Body::read(sent)?;
    let number = body.needs("MaHoSo")?;
    Ok(Callback {
        number: Some(number.clone()),
        ..told("bill", Effect::Asks, number, body)
    })
}

/// What the checksum of a confirmation covers, exactly as it is spelled. A part with the bar in it would leave open where
/// its neighbour begins.
fn parts(body: &Body) -> Result<Vec<String>, Unread> {
    let part = |name: &&'static str| match body.part(name)? {
        part if part.contains(BAR) => Err(Unread::Wrong(name)),
        part => Ok(part),
    };
    CONFIRM.iter().map(part).collect()
}

/// A part of PayGov's checksum under a configured name.
fn spelled(body: &Body, name: &str) -> Result<String, Unread> {
    match body.value(name) {
        None => Ok(String::new()),
        Some(value) => wire::json::scalar(value).ok_or(Unread::Body),
    }
}

/// What makes a payment's word one and the same.
pub(crate) fn key(parts: &[&str]) -> String {
    parts.join("|")
}

/// Whole đồng, as a number or as digits.
fn amount(body: &Body, name: &'static str) -> Result<i64, Unread> {
    let amount = body.needs(name)?;
    let digits = amount.bytes().all(|byte| byte.is_ascii_digit());
    amount.parse().ok().filter(|_| digits).ok_or(Unread::Wrong(name))
}

/// A callback that shows nothing yet, its document without what nobody may keep.
fn told(kind: &'static str, effect: Effect, key: String, mut body: Body) -> Callback {
    body.forget(&SECRETS);
    body.told(kind, effect, key)
}

impl Callbacks for Confirmations {
    fn name(&self) -> &'static str {
        "payment"
    }

    fn addresses(&self) -> Vec<Address> {
        let doors = &self.doors;
        posted("confirm", &doors.confirm)
            .chain(posted("bill", &doors.bill))
            .chain(posted("paygov", &doors.paygov.paths))
            .collect()
    }

    fn read(&self, door: &str, sent: &Sent<'_>) -> Result<Callback, Unread> {
        match door {
            "confirm" => self.confirmed(sent),
            "bill" => asked(sent),
            "paygov" => self.ordered(sent),
            _ => Err(Unread::Body),
        }
    }

    fn reply(&self, door: &str, callback: Option<&Callback>, end: End<'_>) -> Reply {
        match door {
            "bill" => bill(end),
            "paygov" => outcome(end),
            _ => self.heard(callback, end),
        }
    }
}

/// Whether it was taken, or is kept for a person: sending it again would change nothing.
fn is_taken(end: End<'_>) -> bool {
    matches!(end, End::Taken | End::Kept)
}

/// HTTP status of a reply: what should be sent again says so to whoever does not read the body.
fn status(end: End<'_>) -> u16 {
    if end == End::Busy { 503 } else { 200 }
}

impl Confirmations {
    /// The reply to a confirmation: `00`, or `99` for every other end; another envelope where it could not be read.
    fn heard(&self, callback: Option<&Callback>, end: End<'_>) -> Reply {
        if let End::Unread(why) = end {
            return Reply::json(
                200,
                &json!({ "return_code": -1, "return_msg": format!("error: {why}") }),
            );
        }
        let document: Value = callback
            .and_then(|callback| serde_json::from_slice(&callback.document).ok())
            .unwrap_or_default();
        let said = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
        let (code, words) = match is_taken(end) {
            true => ("00", "Thành công"),
            false => ("99", "Các lỗi khác"),
        };
        let mut reply = json!({
            "MaLoi": code,
            "MoTaLoi": words,
            "MaDoiTac": said("MaDoiTac"),
            "MaThamChieu": said("MaThamChieu"),
            "ThoiGianGD": said("ThoiGianGD"),
        });
        let proof = callback.map(|callback| &callback.proof);
        if let (Checked::Echo, Some(Proof::Checksum { given, .. })) = (self.doors.checked, proof) {
            reply["MaXacThuc"] = json!(given);
        }
        Reply::json(status(end), &reply)
    }
}

/// The reply to the question what there is to pay: `message` is an object where there is a bill, and an empty list elsewhere. A
/// bill without a row of what is to be paid (`DSKhoanNop`, §2.7.2) is none.
fn bill(end: End<'_>) -> Reply {
    let owes = |bill: &Map<String, Value>| {
        let rows = bill.get("DSKhoanNop").and_then(Value::as_array);
        rows.is_some_and(|rows| !rows.is_empty())
    };
    let (code, message) = match end {
        End::Found(bill) => match serde_json::from_slice(bill) {
            Ok(Value::Object(bill)) if owes(&bill) => (1, Value::Object(bill)),
            _ => (0, json!([])),
        },
        End::Taken
        | End::Kept
        | End::Conflict
        | End::Closed
        | End::UnknownDossier
        | End::UnknownProcedure
        | End::Forged
        | End::Differs
        | End::Unread(_)
        | End::Busy => (-1, json!([])),
    };
    Reply::json(status(end), &json!({ "error_code": code, "message": message }))
}

/// The reply to PayGov.
fn outcome(end: End<'_>) -> Reply {
    let words = |words: &str| words.to_owned();
    let (code, words) = match end {
        End::Forged => ("SIGNATURE_WRONG", words("checksum không đúng")),
        End::Unread(why) => ("FAILED", why.to_string()),
        End::Taken | End::Kept => ("SUCCESSFUL", words("Thành công")),
        End::Conflict
        | End::Closed
        | End::UnknownDossier
        | End::UnknownProcedure
        | End::Differs
        | End::Busy
        | End::Found(_) => ("FAILED", words("Các lỗi khác")),
    };
    Reply::json(
        status(end),
        &json!({ "error_code": code, "error_message": words }),
    )
}
