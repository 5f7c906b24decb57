//! The store of electronic documents: what results the state issued to an owner, and their files (§6.4).

use super::call::{Asked, Call, Told, Want as Wanted};
use super::people::Trap;
use super::{Databases, Inquiry, pdf};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// What is wanted of the store.
#[derive(Debug)]
pub(super) enum Want {
    List(List),
    File(Fetch),
}

/// The body of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    #[serde(rename = "SoDinhDanhChuSoHuu")]
    owner: String,
    #[serde(rename = "HoTenNguoiYeuCau")]
    asker: String,
    #[serde(rename = "SoDinhDanhNguoiYeuCau")]
    officer: String,
    #[serde(rename = "KenhThucHien")]
    channel: String,
    #[serde(rename = "MaThuTuc")]
    procedure: String,
    #[serde(rename = "DanhSachDanhMucKetQua")]
    results: Vec<Sought>,
}

/// A kind of result, and its number where one is meant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sought {
    #[serde(rename = "MaKetQua")]
    code: String,
    #[serde(rename = "SoKyHieu")]
    sign: String,
}

/// The body of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fetch {
    #[serde(rename = "CoQuanChuQuan")]
    agency: String,
    #[serde(rename = "DuongDan")]
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    owner: String,
    code: String,
    name: String,
    sign: String,
    agency: String,
}

static PAPERS: LazyLock<Vec<Paper>> = LazyLock::new(|| super::rows(include_str!("papers.toml"), "paper"));

/// Reads the list.
pub(super) fn list(call: &Call<'_>) -> Result<Asked, Told> {
    let list: List =
        serde_json::from_slice(call.body).map_err(|_| refused("Dữ liệu không đúng định dạng"))?;
    let number =
        |text: &str| matches!(text.len(), 9 | 10 | 12 | 13) && text.bytes().all(|byte| byte.is_ascii_digit());
    let codes = list.results.iter().all(|result| is_code(&result.code));
    let wrong = match (number(&list.owner), list.channel.as_str()) {
        (false, _) => Some("SoDinhDanhChuSoHuu không hợp lệ"),
        (true, "1" | "2") if list.asker.is_empty() || !number(&list.officer) => Some("Thiếu người yêu cầu"),
        (true, "1" | "2") if list.results.is_empty() || !codes => Some("MaKetQua không hợp lệ"),
        (true, "1" | "2") if list.procedure.is_empty() => Some("Thiếu MaThuTuc"),
        (true, "1" | "2") => None,
        (true, _) => Some("KenhThucHien không hợp lệ"),
    };
    if let Some(wrong) = wrong {
        return Err(refused(wrong));
    }
    // A citizen asks about themselves; in the officer's channel nobody may hide behind the owner.
    let officer = if list.channel == "1" {
        list.officer.clone()
    } else {
        "citizen".to_owned()
    };
    let note = Inquiry {
        procedure: list.procedure.clone(),
        officer,
        subject: list.owner.clone(),
        ..Inquiry::default()
    };
    let want = Wanted::Papers(Want::List(list));
    Ok(Asked { note, want })
}

/// Reads the request of a file.
pub(super) fn file(call: &Call<'_>) -> Result<Asked, Told> {
    let fetch: Fetch =
        serde_json::from_slice(call.body).map_err(|_| refused("Dữ liệu không đúng định dạng"))?;
    let place = place(&fetch.path);
    let subject = place
        .and_then(|at| PAPERS.get(at))
        .map(|paper| paper.owner.clone());
    let note = Inquiry {
        agency: fetch.agency.clone(),
        subject: subject.unwrap_or_default(),
        ..Inquiry::default()
    };
    let want = Wanted::Papers(Want::File(fetch));
    Ok(Asked { note, want })
}

/// `KQ.Gxx.nnnnnn`.
fn is_code(code: &str) -> bool {
    let parts: Vec<&str> = code.split('.').collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), ["KQ", agency, number]
        if agency.len() == 3 && agency.starts_with(['G', 'H', 'K']) && agency.get(1..).is_some_and(digits)
            && number.len() == 6 && digits(number))
}

fn refused(text: &str) -> Told {
    let body = json!({"errorCode": "1", "message": text, "signature": "", "result": null});
    Told::json("invalid_input", body)
}

fn place(path: &str) -> Option<usize> {
    path.strip_prefix("/mock/")?.parse::<usize>().ok()?.checked_sub(1)
}

impl Databases {
    pub(super) fn papers(&self, call: &Call<'_>, want: &Want, trap: Option<Trap>) -> Told {
        match want {
            Want::List(list) => listed(call, list, trap),
            Want::File(fetch) => {
                let paper = place(&fetch.path).and_then(|at| PAPERS.get(at));
                match paper.filter(|paper| paper.agency == fetch.agency) {
                    Some(paper) => Told::json(
                        "match",
                        Value::from(pdf::page(&format!("{} {}", paper.code, paper.sign))),
                    ),
                    None => Told::json("no_match", json!("")),
                }
            }
        }
    }
}

fn listed(call: &Call<'_>, list: &List, trap: Option<Trap>) -> Told {
    let other = trap == Some(Trap::Another);
    let owner = if other {
        "099090000017"
    } else {
        list.owner.as_str()
    };
    let wanted = |paper: &Paper| {
        let fits = |result: &Sought| {
            result.code == paper.code && (result.sign.is_empty() || result.sign == paper.sign)
        };
        paper.owner == owner && (other || list.results.iter().any(fits))
    };
    let rows: Vec<Value> = PAPERS
        .iter()
        .enumerate()
        .filter(|(_, paper)| wanted(paper))
        .map(|(at, paper)| {
            json!({
                "MaKetQua": paper.code, "TenGiayTo": paper.name, "SoKyHieu": paper.sign, "CoQuanChuQuan": paper.agency,
                "DanhSachTepDinhKem": [{"TenTep": "ket-qua.pdf", "DuongDan": format!("/mock/{:04}", at + 1)}],
            })
        })
        .collect();
    let class = if rows.is_empty() { "no_match" } else { "match" };
    let result = json!({"DanhSachGiayToKetQua": rows});
    Told::json(
        class,
        json!({"errorCode": call.code(0), "message": "", "signature": "", "result": result}),
    )
}
