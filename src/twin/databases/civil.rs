//! Civil status: registrations of birth, death and marriage, pushed and polled (§4.2–§4.6).

use super::books::Act;
use super::call::{Asked, Call, Told, Want as Wanted};
use super::form::{self, Subject};
use super::people::{Person, Trap};
use super::{Databases, Inquiry, outcome};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What is wanted.
#[derive(Debug)]
pub(super) enum Want {
    Push(Box<Registration>),
    Poll(Poll),
}

/// A dossier registered here, of either channel, as the books keep it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Registration {
    /// `civil` or `record`.
    pub(super) channel: String,
    /// The dossier's number in the province.
    pub(super) number: String,
    pub(super) module: String,
    pub(super) linked: String,
    pub(super) place: String,
    /// Milliseconds since 1970.
    pub(super) at: u64,
    /// SHA-256 of the body that was taken.
    pub(super) digest: String,
    /// Number of whoever asks for it.
    pub(super) asker: String,
    pub(super) subject: Subject,
    /// The personal number that a birth yields.
    pub(super) personal: String,
    /// Which one it is in the register.
    pub(super) serial: u64,
    /// 1, and one more for each supplement.
    pub(super) versions: u32,
    /// How often it was polled since the start.
    #[serde(skip)]
    pub(super) polls: u32,
}

impl Registration {
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.channel, self.number)
    }
}

/// The body of a push.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Push {
    #[serde(rename = "maDonVi")]
    place: String,
    module: String,
    #[serde(rename = "maHoSoLT", default)]
    linked: String,
    #[serde(rename = "maHoSoMCDT")]
    number: String,
    #[serde(rename = "ngayTiepNhan")]
    received: String,
    data: String,
    #[serde(rename = "fileDinhKem", default)]
    files: Vec<Attached>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attached {
    #[serde(rename = "id")]
    _id: i64,
    #[serde(rename = "loaiGiayTo")]
    _kind: i64,
    #[serde(rename = "tenGiayTo")]
    _name: String,
    #[serde(rename = "tenTepDinhKem")]
    file: String,
    #[serde(rename = "huyGiayTo")]
    withdrawn: u8,
    #[serde(rename = "duLieuTepDinhKem")]
    bytes: String,
}

/// The body of a poll.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Poll {
    #[serde(rename = "maDinhDanhHoSo")]
    numbers: Vec<String>,
    #[serde(rename = "maTinh")]
    province: String,
    module: String,
    #[serde(rename = "eformData", default)]
    _form: Value,
}

/// The most numbers of one poll.
const MOST: usize = 50;

/// Reads a push.
pub(super) fn push(call: &Call<'_>) -> Result<Asked, Told> {
    let push: Push =
        serde_json::from_slice(call.body).map_err(|_| refused("302", "Dữ liệu không đúng định dạng"))?;
    let subject = check(&push)?;
    let registration = Registration {
        channel: "civil".to_owned(),
        number: push.number,
        module: push.module,
        linked: push.linked,
        place: push.place,
        at: crate::twin::now(),
        digest: data_encoding::HEXLOWER.encode(&openssl::sha::sha256(call.body)),
        asker: subject.asker.clone(),
        subject,
        versions: 1,
        ..Registration::default()
    };
    let note = Inquiry {
        dossier: registration.number.clone(),
        subject: registration.asker.clone(),
        agency: registration.place.clone(),
        ..Inquiry::default()
    };
    let want = Wanted::Civil(Want::Push(Box::new(registration)));
    Ok(Asked { note, want })
}

fn check(push: &Push) -> Result<Subject, Told> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&push.place) {
        return Err(refused("106", "Mã đơn vị không đúng"));
    }
    let Some(kind) = form::module(&push.module) else {
        return Err(refused("302", "module không hợp lệ"));
    };
    if push.number.is_empty() || push.number.chars().count() > 50 {
        return Err(refused("200", "Thiếu maHoSoMCDT"));
    }
    if !form::is_moment(&push.received) {
        return Err(refused("302", "ngayTiepNhan không đúng định dạng"));
    }
    let whole = |file: &Attached| {
        let bytes = data_encoding::BASE64.decode(file.bytes.as_bytes());
        file.withdrawn == 0 && !file.file.is_empty() && bytes.is_ok_and(|bytes| !bytes.is_empty())
    };
    if !push.files.iter().all(whole) {
        return Err(refused("302", "fileDinhKem không hợp lệ"));
    }
    let members: Map<String, Value> =
        serde_json::from_str(&push.data).map_err(|_| refused("302", "data không phải là JSON"))?;
    form::read(kind, &members).map_err(|(code, text)| refused(code, &text))
}

fn refused(code: &str, text: &str) -> Told {
    Told::json("invalid_input", failed(code, text))
}

fn failed(code: &str, text: &str) -> Value {
    json!({"status": "0", "statusDescription": "Thất bại", "errorCode": code, "errorDescription": text})
}

/// Reads a poll.
pub(super) fn poll(call: &Call<'_>) -> Result<Asked, Told> {
    let poll: Poll =
        serde_json::from_slice(call.body).map_err(|_| refused("302", "Dữ liệu không đúng định dạng"))?;
    if poll.numbers.is_empty() || poll.numbers.len() > MOST || form::module(&poll.module).is_none() {
        return Err(refused("302", "maDinhDanhHoSo hoặc module không hợp lệ"));
    }
    let note = Inquiry {
        dossier: poll.numbers.first().cloned().unwrap_or_default(),
        agency: poll.province.clone(),
        ..Inquiry::default()
    };
    let want = Wanted::Civil(Want::Poll(poll));
    Ok(Asked { note, want })
}

impl Databases {
    pub(super) fn civil(&self, call: &Call<'_>, want: Want, trap: Option<Trap>) -> Told {
        match want {
            Want::Push(registration) => self.register(call, *registration, trap),
            Want::Poll(poll) => self.progress(call, &poll),
        }
    }

    /// One registration per dossier: a push that comes again is refused with the words that mean “done”.
    fn register(&self, call: &Call<'_>, mut new: Registration, trap: Option<Trap>) -> Told {
        let number = new.number.clone();
        let (taken, _) = self.books.write(|state| {
            let old = state.registered.get(&new.key());
            let open =
                old.is_some_and(|old| trap == Some(Trap::Supplement) && old.versions == 1 && old.polls > 0);
            match old {
                Some(_) if !open => {
                    return (
                        vec![Act::Repeated {
                            number: new.number.clone(),
                        }],
                        false,
                    );
                }
                Some(old) => {
                    (new.serial, new.versions) = (old.serial, old.versions + 1);
                    new.personal.clone_from(&old.personal);
                }
                None => {
                    new.serial = state.registered.len() as u64 + 1;
                    new.personal = self.personal(&new);
                }
            }
            (vec![Act::Registered(new)], true)
        });
        if taken {
            let body = json!({
                "status": call.code(1), "statusDescription": "Thành công", "errorCode": "", "errorDescription": "",
            });
            return Told::json("ok", body);
        }
        Told::json(
            "duplicate",
            failed("500", &format!("Hồ sơ {number} đã được tiếp nhận")),
        )
    }

    /// The number of a child: the one that is known already, or the next.
    fn personal(&self, new: &Registration) -> String {
        if !new.module.ends_with("KS") {
            return String::new();
        }
        let child = &new.subject;
        if let Some(known) = self
            .people
            .find(|person| person.is(&child.name, Some(&child.born)))
        {
            return known.number.clone();
        }
        let late = child.born.starts_with('2');
        let digit = match (late, child.sex.as_str()) {
            (false, "2") => '1',
            (false, _) => '0',
            (true, "2") => '3',
            (true, _) => '2',
        };
        let year = child.born.get(2..4).unwrap_or("00");
        format!("099{digit}{year}{:06}", 500_000 + new.serial)
    }

    fn progress(&self, call: &Call<'_>, poll: &Poll) -> Told {
        let (found, _) = self.books.write(|state| {
            let one = |number: &String| {
                let known = state.registered.get_mut(&format!("civil/{number}"))?;
                known.polls += 1;
                (known.module == poll.module).then(|| known.clone())
            };
            (
                Vec::new(),
                poll.numbers.iter().filter_map(one).collect::<Vec<_>>(),
            )
        });
        if found.is_empty() {
            let body =
                json!({"status": call.number(0), "statusDescription": "Không tìm thấy hồ sơ", "value": []});
            return Told::json("no_match", body);
        }
        let rows: Vec<Value> = found
            .iter()
            .map(|known| self.polled(known, &poll.province))
            .collect();
        Told::json(
            "match",
            json!({"status": call.number(1), "statusDescription": "OK", "value": rows}),
        )
    }

    fn polled(&self, known: &Registration, province: &str) -> Value {
        let state = self.stands(known);
        let result = (state == 4).then(|| outcome::civil(known, province));
        if state == 4 {
            self.born(known);
        }
        json!({
            "maDonVi": known.place, "maTinh": province, "module": known.module, "maHoSoLT": known.linked,
            "maHoSoMCDT": known.number, "errors": null, "trangThai": state.to_string(),
            "thoiGianThucHien": super::clock(crate::twin::now()), "ghiChu": "", "ketQuaXuLy": result,
            "nguoiXuLy": "CÁN BỘ THỬ", "chucDanh": "Công chức tư pháp - hộ tịch", "phongBanXuLy": "UBND phường Hạc Thành",
            "noiDungXuLy": words(state), "hanBoSungHoSo": null,
        })
    }

    /// The state of a registration: the longer it was watched, the further it is.
    fn stands(&self, known: &Registration) -> u8 {
        let trap = self.people.numbered(&known.asker).and_then(|person| person.trap);
        match (trap, known.polls) {
            (_, 1) => 1,
            (Some(Trap::Supplement), _) if known.versions == 1 => 2,
            (Some(Trap::Refused), _) => 6,
            (_, polls) if polls <= self.access.polls => 3,
            _ => 4,
        }
    }

    /// A child that was registered is a citizen.
    pub(super) fn born(&self, known: &Registration) {
        let child = &known.subject;
        if known.personal.is_empty() || self.people.numbered(&known.personal).is_some() {
            return;
        }
        let parents = [child.father.clone(), child.mother.clone()];
        let parents =
            parents.map(|number| Some(number).filter(|number| self.people.numbered(number).is_some()));
        let number = known.personal.clone();
        self.people
            .add(Person::newborn(number, &child.name, child.born.clone(), parents));
    }
}

fn words(state: u8) -> &'static str {
    match state {
        1 => "Chờ tiếp nhận",
        2 => "Yêu cầu bổ sung hồ sơ",
        3 => "Đang xử lý",
        6 => "Từ chối hồ sơ",
        _ => "Hoàn thành",
    }
}
