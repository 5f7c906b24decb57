//! Criminal records, generation 2: push and poll with a key in the body, and the result to the sign-on platform (§5.2, §5.3).

use super::access::Access;
use super::books::Act;
use super::call::{Asked, Call, Told, Want as Wanted};
use super::civil::Registration;
use super::form::{Subject, is_moment};
use super::people::Trap;
use super::{Databases, Inquiry, outcome};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What is wanted.
#[derive(Debug)]
pub(super) enum Want {
    Push(Box<Registration>),
    Poll(String),
    Sent(Box<Sent>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Push {
    #[serde(rename = "authKey")]
    key: String,
    #[serde(rename = "maTinh")]
    province: String,
    #[serde(rename = "tenTinh")]
    _name: String,
    #[serde(rename = "maHoSoMCDT")]
    number: String,
    #[serde(rename = "nguonDangKy")]
    source: String,
    #[serde(rename = "tenNguonDangKy")]
    _source_name: String,
    #[serde(rename = "ngayTiepNhan")]
    received: String,
    #[serde(rename = "toKhai")]
    form: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Poll {
    #[serde(rename = "authKey")]
    key: String,
    #[serde(rename = "maTinh")]
    province: String,
    #[serde(rename = "maHoSoMCDT")]
    number: String,
}

/// A result on its way to the sign-on platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    #[serde(rename = "maTinh")]
    province: String,
    #[serde(rename = "tenTinh")]
    _name: String,
    #[serde(rename = "maHoSoMCDT")]
    number: String,
    #[serde(rename = "trangThaiXuLy")]
    state: String,
    #[serde(rename = "tenTrangThaiXuLy")]
    _state_name: String,
    #[serde(rename = "lyDoTuChoi", default)]
    _reason: Value,
    #[serde(rename = "ngayHenTraKetQua", default)]
    _due: Value,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "ketQuaXuLy", default)]
    result: Value,
}

/// What a declaration must have.
const MUSTS: &[&str] = &[
    "loaiPhieu",
    "nycHoTen",
    "nycGioiTinh",
    "nycNgaySinh",
    "nycSoGiayTo",
    "nycLoaiGiayTo",
    "nycQuocTich",
];
/// What it may have besides; two of the names are misspelt, and so they are.
const MAYS: &[&str] = &[
    "ngayHenTra",
    "yeuCauCDNCV",
    "maMucDich",
    "mucDich",
    "tenMucDich",
    "mucDichKhac",
    "soLuongCap",
    "nycTenGoiKhac",
    "nycTenGioiTinh",
    "nycThuongTru",
    "nycTamTru",
    "nycDienThoai",
    "nycEmail",
    "nycTenLoaiGiayTo",
    "nycNgayCapGiayTo",
    "nycNoiCapGiayTo",
    "nycTenQuocTich",
    "nycDanToc",
    "nycTenDanToc",
    "nycHoTenCha",
    "chaNgaySinh",
    "chaLoaiGiayTo",
    "chaSoGiayTo",
    "nycHoTenMe",
    "meNgaySinh",
    "meLoaiGiayTo",
    "meSoGiayTo",
    "nycHoTenVoChong",
    "voChongNgaySinh",
    "voChongLoaiGiayTo",
    "voChongSoGiayTo",
    "nycNoiSinh",
    "nycNoiSinhNuocNgoai",
    "uyQuyen",
    "uyQuyenHoTen",
    "nuqTenGoiKhac",
    "nuqGioiTinh",
    "nuqNgaySinh",
    "nuqDanToc",
    "nuqQuocTich",
    "nuqEmail",
    "nuqDienThoai",
    "nuqLoaiGiayto",
    "nuqSoGiayTo",
    "nuqNgayCapGiayTo",
    "nuqNoiCapGiayTo",
    "nuqThuongTruChiTiet",
    "nyqQuanHe",
    "thongTinAnTich",
    "nycCuTru",
    "fileHoSo",
];

/// Reads a push.
pub(super) fn push(call: &Call<'_>, access: &Access) -> Result<Asked, Told> {
    let push: Push =
        serde_json::from_slice(call.body).map_err(|_| refused("Dữ liệu không đúng định dạng"))?;
    admit(&push.key, access)?;
    check(&push)?;
    let text = |name: &str| {
        push.form
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let asker = text("nycSoGiayTo");
    let registration = Registration {
        channel: "record".to_owned(),
        number: push.number,
        module: text("loaiPhieu"),
        place: push.province,
        at: crate::twin::now(),
        digest: data_encoding::HEXLOWER.encode(&openssl::sha::sha256(call.body)),
        asker: asker.clone(),
        subject: Subject {
            name: text("nycHoTen"),
            ..Subject::default()
        },
        versions: 1,
        ..Registration::default()
    };
    let note = Inquiry {
        dossier: registration.number.clone(),
        agency: registration.place.clone(),
        subject: asker,
        ..Inquiry::default()
    };
    let want = Wanted::Record(Want::Push(Box::new(registration)));
    Ok(Asked { note, want })
}

fn admit(key: &str, access: &Access) -> Result<(), Told> {
    if key == access.auth_key {
        return Ok(());
    }
    Err(Told::json("upstream_auth", failed("authKey không hợp lệ")))
}

fn check(push: &Push) -> Result<(), Told> {
    let form = &push.form;
    let known = |name: &String| MUSTS.contains(&name.as_str()) || MAYS.contains(&name.as_str());
    if let Some(unknown) = form.keys().find(|name| !known(name)) {
        return Err(refused(&format!("Trường {unknown} không được hỗ trợ")));
    }
    let empty = |name: &&&str| form.get(**name).and_then(Value::as_str).is_none_or(str::is_empty);
    if let Some(missing) = MUSTS.iter().find(empty) {
        return Err(refused(&format!("Trường {missing}: thiếu")));
    }
    if !form.values().all(is_texts) {
        return Err(refused("Mọi giá trị phải là chuỗi"));
    }
    let one_of = |name: &str, codes: &[&str]| {
        form.get(name)
            .and_then(Value::as_str)
            .is_some_and(|code| codes.contains(&code))
    };
    let right = one_of("loaiPhieu", &["1", "2"]) && one_of("nycGioiTinh", &["1", "2"]);
    if !right
        || push.number.is_empty()
        || !is_moment(&push.received)
        || !matches!(push.source.as_str(), "1" | "2" | "3")
    {
        return Err(refused("Dữ liệu không hợp lệ"));
    }
    Ok(())
}

/// All leaves are texts.
fn is_texts(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(rows) => rows.iter().all(is_texts),
        Value::Object(members) => members.values().all(is_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn refused(text: &str) -> Told {
    Told::json("invalid_input", failed(text))
}

fn failed(text: &str) -> Value {
    json!({"status": "0", "statusDescription": "Thất bại", "errorDescription": text})
}

/// Reads a poll.
pub(super) fn poll(call: &Call<'_>, access: &Access) -> Result<Asked, Told> {
    let poll: Poll =
        serde_json::from_slice(call.body).map_err(|_| refused("Dữ liệu không đúng định dạng"))?;
    admit(&poll.key, access)?;
    let note = Inquiry {
        dossier: poll.number.clone(),
        agency: poll.province,
        ..Inquiry::default()
    };
    let want = Wanted::Record(Want::Poll(poll.number));
    Ok(Asked { note, want })
}

/// Reads a result for the sign-on platform.
pub(super) fn sent(call: &Call<'_>) -> Result<Asked, Told> {
    let sent: Sent =
        serde_json::from_slice(call.body).map_err(|_| platform("01", "Dữ liệu không đúng định dạng"))?;
    let state = sent
        .state
        .parse::<u8>()
        .is_ok_and(|state| (1..=10).contains(&state));
    let result = sent.result.is_object() || !matches!(sent.state.as_str(), "9" | "10");
    if !state || !result || !matches!(sent.kind.as_str(), "ketqua" | "thuhoi") || sent.number.is_empty() {
        return Err(platform("01", "Dữ liệu không hợp lệ"));
    }
    let note = Inquiry {
        dossier: sent.number.clone(),
        agency: sent.province.clone(),
        ..Inquiry::default()
    };
    let want = Wanted::Record(Want::Sent(Box::new(sent)));
    Ok(Asked { note, want })
}

fn platform(code: &str, text: &str) -> Told {
    let class = match code {
        "00" => "ok",
        "03" => "upstream_unavailable",
        _ => "invalid_input",
    };
    Told::json(
        class,
        json!({"statusCode": code, "data": null, "errorDetail": text}),
    )
}

impl Databases {
    pub(super) fn record(&self, call: &Call<'_>, want: Want, trap: Option<Trap>) -> Told {
        match want {
            Want::Push(new) => self.record_taken(call, *new),
            Want::Poll(number) => self.record_state(call, &number),
            Want::Sent(_) if trap == Some(Trap::Wrapped) => platform("03", "Kết nối bị gián đoạn"),
            Want::Sent(sent) => self.record_sent(&sent),
        }
    }

    fn record_taken(&self, call: &Call<'_>, mut new: Registration) -> Told {
        let number = new.number.clone();
        let (taken, _) = self.books.write(|state| {
            if state.registered.contains_key(&new.key()) {
                return (
                    vec![Act::Repeated {
                        number: new.number.clone(),
                    }],
                    false,
                );
            }
            new.serial = state.registered.len() as u64 + 1;
            (vec![Act::Registered(new)], true)
        });
        if taken {
            let body = json!({"status": call.code(1), "statusDescription": "Gửi thông tin thành công", "errorDescription": ""});
            return Told::json("ok", body);
        }
        Told::json(
            "duplicate",
            failed(&format!("Hồ sơ {number} đã được tiếp nhận, không thể cập nhật")),
        )
    }

    fn record_state(&self, call: &Call<'_>, number: &str) -> Told {
        let (found, _) = self.books.write(|state| {
            let known = state.registered.get_mut(&format!("record/{number}"));
            let seen = known.map(|known| {
                known.polls += 1;
                known.clone()
            });
            (Vec::new(), seen)
        });
        let Some(known) = found else {
            let body =
                json!({"status": call.number(0), "statusDescription": "Không tìm thấy hồ sơ", "value": []});
            return Told::json("no_match", body);
        };
        let trap = self.people.numbered(&known.asker).and_then(|person| person.trap);
        let state = match (trap, known.polls) {
            (_, 1) => "2",
            (Some(Trap::Supplement), _) => "5",
            (Some(Trap::Refused), _) => "3",
            (_, polls) if polls <= self.access.polls => "4",
            _ => "9",
        };
        let result = (state == "9").then(|| outcome::record(&known));
        let row = json!({"maHoSoMCDT": number, "trangThaiXuLy": state, "ketQuaXuLy": result});
        Told::json(
            "match",
            json!({"status": call.number(1), "statusDescription": "OK", "value": [row]}),
        )
    }

    /// A state that was left is not gone back to.
    fn record_sent(&self, sent: &Sent) -> Told {
        let rank = |state: &str| state.parse::<u8>().unwrap_or_default();
        let (taken, _) = self.books.write(|state| {
            let last = state.sent.get(&sent.number).map(|last| rank(last));
            if last.is_some_and(|last| last >= 9 || last >= rank(&sent.state)) {
                return (Vec::new(), false);
            }
            let act = Act::Sent {
                number: sent.number.clone(),
                state: sent.state.clone(),
            };
            (vec![act], true)
        });
        if taken {
            return platform("00", "");
        }
        let text = format!(
            "Hồ sơ {} không thể cập nhật lên trạng thái {}",
            sent.number, sent.state
        );
        let body = json!({"statusCode": "01", "data": null, "errorDetail": text});
        Told::json("duplicate", body)
    }
}
