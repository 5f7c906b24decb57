//! Social insurance: who has which number (§6.1). Its gender codes are its own: 1 male, 2 female, 3 other.

use super::call::{Asked, Call, Told, Want as Wanted};
use super::people::{Person, Trap};
use super::service::By;
use super::{Databases, Inquiry};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is wanted.
#[derive(Debug)]
pub(super) enum Want {
    /// The person of a number.
    Numbered(String),
    /// The number of a person.
    Number(Sought),
    /// The person in their household.
    Home(Sought),
}

/// The details of a person, of either question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sought {
    #[serde(rename = "hoTen")]
    name: String,
    #[serde(rename = "ngaySinh")]
    born: String,
    #[serde(rename = "loaiNgaySinh")]
    precision: String,
    #[serde(rename = "gioiTinh")]
    sex: String,
    #[serde(rename = "maTinhKs", default)]
    province: String,
    #[serde(rename = "maHuyenKs", default)]
    _district: String,
    #[serde(rename = "maXaKs", default)]
    commune: String,
    #[serde(rename = "maTinh", default)]
    _home: String,
    #[serde(rename = "soSo", default)]
    book: String,
    #[serde(rename = "maThe", default)]
    _card: String,
    #[serde(rename = "isKs")]
    registered: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Numbered {
    #[serde(rename = "maSoBhxh")]
    number: String,
}

/// Reads a question.
pub(super) fn read(call: &Call<'_>, by: By) -> Result<Asked, Told> {
    let broken = |_| refused("Dữ liệu không đúng định dạng");
    let want = match by {
        By::Number => {
            let asked: Numbered = serde_json::from_slice(call.body).map_err(broken)?;
            let digits = asked.number.len() == 10 && asked.number.bytes().all(|byte| byte.is_ascii_digit());
            if !digits {
                return Err(refused("maSoBhxh phải có 10 chữ số"));
            }
            Want::Numbered(asked.number)
        }
        By::Details | By::Home => {
            let sought: Sought = serde_json::from_slice(call.body).map_err(broken)?;
            check(&sought)?;
            if by == By::Details {
                Want::Number(sought)
            } else {
                Want::Home(sought)
            }
        }
    };
    let subject = match &want {
        Want::Numbered(number) => number.clone(),
        Want::Number(sought) | Want::Home(sought) => sought.book.clone(),
    };
    let note = Inquiry {
        subject,
        ..Inquiry::default()
    };
    let want = Wanted::Insurance(want);
    Ok(Asked { note, want })
}

fn check(sought: &Sought) -> Result<(), Told> {
    let long = match sought.precision.as_str() {
        "0" => 8,
        "1" => 4,
        "2" => 6,
        _ => return Err(refused("loaiNgaySinh không hợp lệ")),
    };
    let digits = sought.born.bytes().all(|byte| byte.is_ascii_digit());
    let flags =
        matches!(sought.sex.as_str(), "1" | "2" | "3") && matches!(sought.registered.as_str(), "0" | "1");
    if sought.name.is_empty() || sought.born.len() != long || !digits || !flags {
        return Err(refused("Tiêu chí không hợp lệ"));
    }
    Ok(())
}

fn refused(text: &str) -> Told {
    Told::json(
        "invalid_input",
        json!({"errorCode": "2", "errorDescription": text}),
    )
}

impl Databases {
    pub(super) fn insurance(&self, call: &Call<'_>, want: &Want, trap: Option<Trap>) -> Told {
        let found = match want {
            Want::Numbered(number) => self.people.insured(number),
            Want::Number(sought) | Want::Home(sought) => self
                .people
                .find(|person| !person.insurance.is_empty() && sought.is(person)),
        };
        let found = if trap == Some(Trap::Another) {
            found.and_then(|person| self.people.another(&person.number))
        } else {
            found
        };
        let Some(person) = found else {
            return Told::json(
                "no_match",
                json!({"errorCode": call.code(1), "errorDescription": "Không tìm thấy"}),
            );
        };
        let mut body = match want {
            Want::Numbered(_) => insured(&person),
            Want::Number(_) => json!({"maSoBhxh": person.insurance, "trangThai": "1"}),
            Want::Home(_) => home(&person),
        };
        body["errorCode"] = call.code(0);
        Told::json("match", body)
    }
}

impl Sought {
    fn is(&self, person: &Person) -> bool {
        let place = person.registered.as_ref();
        let same = |asked: &str, known: Option<&String>| {
            asked.is_empty() || known.is_none_or(|known| known == asked)
        };
        let first = place.and_then(|place| place.first());
        let commune = place.and_then(|place| place.iter().rev().nth(1));
        person.is(&self.name, Some(&self.born))
            && self.sex == person.sex()
            && same(&self.province, first)
            && same(&self.commune, commune)
    }
}

fn insured(person: &Person) -> Value {
    let place = person.registered.clone().unwrap_or_default();
    let commune = place.iter().rev().nth(1).cloned().unwrap_or_default();
    json!({
        "hoTen": person.name, "soSoCu": "", "ngaySinh": person.born, "loaiNgaySinh": precision(person),
        "gioiTinh": person.sex(), "maTinhKs": place.first().cloned().unwrap_or_default(), "maHuyenKs": "",
        "maXaKs": commune, "trangThai": "1",
    })
}

fn home(person: &Person) -> Value {
    let address = person
        .home
        .as_ref()
        .and_then(|home| home.last())
        .cloned()
        .unwrap_or_default();
    json!({
        "maSo": person.insurance, "hoTen": person.name, "ngaySinh": person.born, "loaiNgaySinh": precision(person),
        "gioiTinh": person.sex(), "maHo": person.household, "diaChi": address, "trangThai": "1",
    })
}

fn precision(person: &Person) -> &'static str {
    if person.born.len() == 8 { "0" } else { "1" }
}

/// What Thái Nguyên's adapter calls the answer of each question.
pub(super) fn outer(by: By) -> &'static str {
    match by {
        By::Number => "TST_GetTraCuuTtHgdByMaSoBhxhResponse",
        By::Details => "TST_GetMaSoBhxhTheoTieuChiResponse",
        By::Home => "TST_GetTraCuuThongTinHgdResponse",
    }
}
