//! The payment platform as it calls a province (portal.md §2.7.5, §3.3).

use super::call::Call;
use super::{Error, Round, Way};
use crate::twin::bank::PARTNER;
use crate::twin::books::hex;
use serde_json::json;

/// Where it calls: both addresses were seen.
const CONFIRM: &str = "/o/pgi/ppdvcqg/dpnhankqthanhtoanhs";
const OTHER: &str = "/DvcPayment/Confirm";
const BILL: &str = "/o/pgi/kpdvcqg/dptracuuthanhtoanhs";

/// The dossier that is paid for, and whose bill is looked up afterwards.
const PAID: usize = 5;

/// What a confirmation says.
pub(super) struct Confirmed<'a> {
    pub(super) number: &'a str,
    pub(super) reference: &'a str,
    pub(super) transaction: &'a str,
    pub(super) outcome: &'a str,
    pub(super) amount: i64,
    pub(super) at: &'a str,
}

/// One transaction that no order of the province's stands behind.
struct Paid<'a> {
    number: &'a str,
    transaction: &'a str,
    outcome: &'a str,
    at: &'a str,
}

/// A payment for a dossier that is not there yet.
pub(super) async fn early(round: &Round<'_>) -> Result<(), Error> {
    let Some(number) = round.number(0) else {
        return Ok(());
    };
    let paid = paid(number, "GD0001", "00", "20260301093212");
    round.say(&unordered(round, &paid), Way::Early, true).await?;
    Ok(())
}

/// What was paid, and what was not.
pub(super) async fn tells(round: &Round<'_>) -> Result<(), Error> {
    let (Some(one), Some(two)) = (round.number(PAID), round.number(PAID + 1)) else {
        return Ok(());
    };
    // What failed came before what was paid, and is told after it: it stays paid.
    let (late, soon) = (
        paid(one, "GD0003", "00", "20260302100000"),
        paid(one, "GD0002", "51", "20260302095500"),
    );
    round.say(&unordered(round, &late), Way::Swaps, true).await?;
    round.say(&unordered(round, &soon), Way::Swaps, true).await?;
    let first = unordered(round, &paid(two, "GD0004", "00", "20260303100000"));
    round.say(&first, Way::Plain, true).await?;
    let elsewhere = Call {
        target: OTHER.to_owned(),
        ..first
    };
    round.say(&elsewhere, Way::Duplicates, true).await?;
    let forged = unordered(round, &paid(two, "GD0005", "00", "20260303110000"));
    round.say(&wrong(forged), Way::WrongChecksum, false).await?;
    let lost = unordered(round, &paid(two, "GD0006", "00", "20260303120000"));
    round.lost(&lost).await
}

/// What there is to pay.
pub(super) async fn asks(round: &Round<'_>) -> Result<(), Error> {
    if let Some(number) = round.number(PAID) {
        round.say(&bill(number), Way::Plain, false).await?;
    }
    if let Some(number) = &round.province.owing {
        round.say(&bill(number), Way::Plain, true).await?;
    }
    round.say(&bill("H99.14-000101-9999"), Way::Plain, false).await?;
    Ok(())
}

const fn paid<'a>(number: &'a str, transaction: &'a str, outcome: &'a str, at: &'a str) -> Paid<'a> {
    Paid {
        number,
        transaction,
        outcome,
        at,
    }
}

/// A confirmation, with the checksum that its platform puts under it.
pub(super) fn confirm(secret: &str, confirmed: &Confirmed<'_>) -> Call {
    let Confirmed {
        number,
        reference,
        transaction,
        outcome,
        amount,
        at,
    } = confirmed;
    let text = format!("THANH TOAN HO SO {number}");
    let covered = format!(
        "CONFIRM|{outcome}|{PARTNER}|{reference}|{amount}|VND|{transaction}|NHTHU|{at}|{text}|{secret}"
    );
    let body = json!({
        "LoaiBanTin": "CONFIRM", "MaLoi": outcome, "MaDoiTac": PARTNER, "MaThamChieu": reference,
        "SoTien": amount, "MaTienTe": "VND", "MaGiaoDich": transaction, "MaNganHang": "NHTHU",
        "ThoiGianGD": at, "ThongTinGiaoDich": text, "MaHoSo": number,
        "MaXacThuc": hex(&openssl::sha::sha256(covered.as_bytes())),
    });
    Call {
        kind: if *outcome == "00" { "confirm" } else { "declined" },
        target: CONFIRM.to_owned(),
        body: Some(body.to_string()),
        asks: false,
        done: |_, heard| heard["MaLoi"] == "00",
    }
}

fn unordered(round: &Round<'_>, paid: &Paid<'_>) -> Call {
    let Paid {
        number,
        transaction,
        outcome,
        at,
    } = *paid;
    let reference = format!("dvc{transaction}");
    let confirmed = Confirmed {
        number,
        reference: &reference,
        transaction,
        outcome,
        amount: 150_000,
        at,
    };
    confirm(&round.province.payment, &confirmed)
}

/// The same with another last character of its checksum, which is the last member.
pub(super) fn wrong(call: Call) -> Call {
    let body = call.body.map(|body| {
        let whole = body.trim_end_matches("\"}");
        let (before, last) = whole.split_at(whole.len().saturating_sub(1));
        let other = if last == "0" { "1" } else { "0" };
        format!("{before}{other}\"}}")
    });
    Call { body, ..call }
}

fn bill(number: &str) -> Call {
    Call {
        kind: "bill",
        target: BILL.to_owned(),
        body: Some(json!({ "MaHoSo": number }).to_string()),
        asks: true,
        done: |_, heard| heard["error_code"] == 1 && heard["message"]["MaTraCuuTT"].is_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::callers::{Books, Province};

    /// portal.md §2.7.5.
    #[test]
    fn the_checksum_is_that_of_the_specification_and_a_wrong_one_differs_by_a_character() {
        let text = "CONFIRM|00|DOITAC-THU|dvcH991424011500017|150000|VND|PP240115000123|NHTHU|20240115143207|\
                    THANH TOAN HO SO H99.14-240115-0001|KHOA-BI-MAT-THU-NGHIEM";
        assert_eq!(
            hex(&openssl::sha::sha256(text.as_bytes())),
            "9554b99a0046facd548ae68232d4bcd6aafbeb33df3130e67ec91497548dd28e"
        );
        let folder = tempfile::tempdir().unwrap();
        let books = Books::open(folder.path()).unwrap();
        let province = Province {
            address: ([127, 0, 0, 1], 1).into(),
            payment: "khoa".to_owned(),
            vneid: String::new(),
            numbers: Vec::new(),
            owing: None,
            awaiting: None,
        };
        let round = Round {
            province: &province,
            books: &books,
        };
        let make = || unordered(&round, &paid("H99.14-260301-0001", "GD1", "00", "20260301093212"));
        let (good, bad) = (make().body.unwrap(), wrong(make()).body.unwrap());
        let differ = good.bytes().zip(bad.bytes()).filter(|(one, other)| one != other);
        assert_eq!((differ.count(), good.len()), (1, bad.len()));
    }
}
