//! The register of businesses: formats 1 and 2, household businesses, co-operatives, and filings (§3).
//!
//! Misspelt keys and numbers that lost their zeros are the contract.

use super::call::{Asked, Call, Told, Want as Wanted};
use super::enterprise::{Enterprise, kind, shown, slashes};
use super::people::Trap;
use super::service::Entry;
use super::token::one;
use super::{Databases, Inquiry};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What is wanted of the register.
#[derive(Debug)]
pub(super) enum Want {
    /// One business by its code, in the format of this service.
    One(Entry, String),
    /// Filings received between two days.
    Between(Date, Date),
    /// One filing by its journal number.
    Filing(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filing {
    journal: String,
    kind: String,
    code: String,
    site: String,
    received: String,
    planned: String,
    registered: String,
    status: String,
    contact: String,
}

static TEXT: &str = include_str!("enterprises.toml");
static ENTERPRISES: LazyLock<HashMap<String, Enterprise>> = LazyLock::new(|| {
    let all: Vec<Enterprise> = super::rows(TEXT, "enterprise");
    all.into_iter().map(|one| (one.code.clone(), one)).collect()
});
static FILINGS: LazyLock<Vec<Filing>> = LazyLock::new(|| super::rows(TEXT, "filing"));

/// What asking for a code does.
pub(super) fn trap(code: &str) -> Option<Trap> {
    ENTERPRISES.get(code)?.trap
}

/// The most days between the two of a list.
const SPAN: i32 = 5;

/// Reads a query.
pub(super) fn read(call: &Call<'_>, entry: Entry) -> Result<Asked, Told> {
    let query = |name| one(&call.query, name);
    let (subject, want) = match entry {
        Entry::Filings => {
            let days = [query("from_date"), query("to_date")].map(|text| Date::strptime("%d/%m/%Y", text));
            let [Ok(from), Ok(to)] = days else {
                return Err(refused("Ngày không đúng định dạng dd/MM/yyyy"));
            };
            check_page(call)?;
            if from > to || from.until(to).map_or(i32::MAX, |span| span.get_days()) > SPAN {
                return Err(refused("Khoảng thời gian không được vượt quá 5 ngày"));
            }
            (String::new(), Want::Between(from, to))
        }
        Entry::Today => {
            check_page(call)?;
            let clock = |text: &str| text.len() == 5 && jiff::civil::Time::strptime("%H:%M", text).is_ok();
            if !clock(query("from_ts")) || !clock(query("to_ts")) {
                return Err(refused("Giờ không đúng định dạng HH:mm"));
            }
            let today = super::today();
            (String::new(), Want::Between(today, today))
        }
        Entry::Filing => {
            let journal = query("in_journal_no");
            (journal.to_owned(), Want::Filing(journal.to_owned()))
        }
        Entry::Enterprise | Entry::Newer | Entry::Certificate | Entry::Household | Entry::Cooperative => {
            let code = query(if matches!(entry, Entry::Household | Entry::Cooperative) {
                "mst"
            } else {
                "msdn"
            });
            let digits = code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
            if !digits || !matches!(code.len(), 10 | 13 | 14) {
                return Err(refused("Mã số không hợp lệ"));
            }
            (code.to_owned(), Want::One(entry, code.to_owned()))
        }
    };
    let note = Inquiry {
        subject,
        ..Inquiry::default()
    };
    let want = Wanted::Business(want);
    Ok(Asked { note, want })
}

fn check_page(call: &Call<'_>) -> Result<(), Told> {
    let number = |name| one(&call.query, name).parse::<u32>().is_ok();
    if number("offset") && number("limit") {
        Ok(())
    } else {
        Err(refused("offset và limit phải là số"))
    }
}

fn refused(text: &str) -> Told {
    let body = json!({"Data": null, "DataCount": 0, "Status": "0", "Message": text});
    Told::json("invalid_input", body)
}

impl Databases {
    pub(super) fn business(&self, want: &Want, trap: Option<Trap>) -> Told {
        match want {
            Want::One(..) if trap == Some(Trap::Refused) => {
                let body = json!({"Data": null, "DataCount": 0, "Status": "0", "Message": "Lỗi khi truy vấn dữ liệu"});
                Told::json("upstream_rejected", body)
            }
            Want::One(entry, code) => {
                let code = if trap == Some(Trap::Another) {
                    "9900000016"
                } else {
                    code
                };
                let one = ENTERPRISES.get(code).filter(|one| one.kind == kind(*entry));
                let head = one.and_then(|one| self.people.numbered(&one.head));
                let class = if one.is_some() { "match" } else { "no_match" };
                Told::json(class, shown(*entry, one, head.as_ref()))
            }
            Want::Between(from, to) => {
                let within = |filing: &&Filing| {
                    filing
                        .received
                        .parse()
                        .is_ok_and(|day: Date| (*from..=*to).contains(&day))
                };
                let rows: Vec<Value> = FILINGS
                    .iter()
                    .filter(within)
                    .map(|filing| self.filing(filing))
                    .collect();
                let body =
                    json!({"DataCount": rows.len(), "Data": rows, "Status": "1", "Message": "success"});
                Told::json("ok", body)
            }
            Want::Filing(journal) => {
                let filing = FILINGS.iter().find(|filing| filing.journal == *journal);
                let class = if filing.is_some() { "match" } else { "no_match" };
                let row = filing.map(|filing| self.filing(filing));
                let body = json!({"Data": row, "DataCount": u8::from(row.is_some()), "Status": "1", "Message": "success"});
                Told::json(class, body)
            }
        }
    }

    fn filing(&self, filing: &Filing) -> Value {
        let contact = self.people.numbered(&filing.contact);
        json!({
            "IN_JOURNAL_NO": filing.journal, "DOCUMENT_TYPE": filing.kind, "ENTERPRISE_CODE": filing.code,
            "SITE_ID": filing.site, "RECEIPT_DATE": slashes(&filing.received), "PLAN_DATE": slashes(&filing.planned),
            "PROCESS_STATUS": filing.status, "REGISTRATION_DATE": slashes(&filing.registered), "SUPPLEMENT_DATE": "",
            "SUBMISSION_TYPE": "ONLINE", "CONTACT_FULL_NAME": contact.map(|known| known.name.clone()),
            "CONTACT_ADDRESS": "Địa chỉ mẫu số 2", "CONTACT_ID_NO": filing.contact, "CONTACT_PHONE": "0000000000",
            "CONTACT_EMAIL": "lien-he@example.vn",
        })
    }
}
