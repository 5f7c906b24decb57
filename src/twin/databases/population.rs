//! The population database: who is let know what, and in which wrapping (§1.3, §2).

use super::call::{Asked, Call, Said, Told, Want};
use super::citizen::{self, ANSWER, Style};
use super::fault::correlated;
use super::people::{Person, Trap};
use super::question::{self, Flat, Kind, Question};
use super::reply::{JSON, Reply, XML};
use super::road::Wrap;
use super::service::About;
use super::soap::{self, Wrong, wrong};
use super::{Databases, Inquiry};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What the database found.
#[derive(Debug)]
pub(super) struct Found {
    kind: Kind,
    people: Vec<Arc<Person>>,
}

const DONG_THAP: Flat = Flat {
    names: &[
        ("maYeuCau", "MaYeuCau"),
        ("maDVC", "MaDVC"),
        ("maCanBo", "MaCanBo"),
        ("soDinhDanh", "SoDinhDanh"),
        ("soCMND", "SoCMND"),
        ("hoVaTen", "HoVaTen"),
        ("ngayThangNam", "NgayThangNam"),
        ("userNameService", "TaiKhoan"),
    ],
    lacks: &["MaTichHop", "MaDonVi", "Nam"],
};

/// Thanh Hoá's nine names, and those that Thái Nguyên has besides.
const PASCAL: &[(&str, &str)] = &[
    ("HoVaTen", "HoVaTen"),
    ("SoDinhDanh", "SoDinhDanh"),
    ("SoCMND", "SoCMND"),
    ("NgayThangNam", "NgayThangNam"),
    ("Nam", "Nam"),
    ("MaTichHop", "MaTichHop"),
    ("MaDVC", "MaDVC"),
    ("MaCanBo", "MaCanBo"),
    ("MaYeuCau", "MaYeuCau"),
    ("MaDonVi", "MaDonVi"),
    ("TaiKhoan", "TaiKhoan"),
    ("SoDienThoai", "SoDienThoai"),
];

const SHAREPOINT: Flat = Flat {
    names: &[
        ("cccd", "SoDinhDanh"),
        ("fullName", "HoVaTen"),
        ("dob", "NgayThangNam"),
    ],
    lacks: &["MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "Nam"],
};

/// Reads a question of any wrapping.
pub(super) fn read(call: &Call<'_>, about: About, any_officer: bool) -> Result<Asked, Told> {
    let (kind, question) = match call.road.wrap {
        Wrap::Plain => of_soap(about, call.body),
        Wrap::Hg => of_soap(about, inside(call.body).map_err(Told::refused)?.as_bytes()),
        Wrap::Dt => of_json(call, about, &DONG_THAP),
        Wrap::Th => of_json(call, about, &pascal(9)),
        Wrap::Tn => of_json(call, about, &pascal(PASCAL.len())),
        Wrap::Sp => of_query(call),
    }
    .map_err(Told::refused)?;
    let note = note(&question);
    let own = question.officer.len() == 12 && question.officer.bytes().all(|byte| byte.is_ascii_digit());
    let must = matches!(kind, Kind::Citizen | Kind::Parents) && call.road.wrap != Wrap::Sp;
    if must && !own && !any_officer {
        return Err(Told::refused(officer_unknown()).about(note));
    }
    let want = Want::Population(kind, question);
    Ok(Asked { note, want })
}

pub(super) fn officer_unknown() -> Wrong {
    wrong(
        "OFFICER_NOT_REGISTERED",
        "officer code is not registered for service 037",
    )
}

fn note(question: &Question) -> Inquiry {
    let subject = if question.number.is_empty() {
        &question.old
    } else {
        &question.number
    };
    Inquiry {
        request: question.request.clone(),
        procedure: question.procedure.clone(),
        officer: question.officer.clone(),
        agency: question.agency.clone(),
        subject: subject.clone(),
        ..Inquiry::default()
    }
}

fn kinds(about: About) -> &'static [Kind] {
    match about {
        About::Citizen => &[Kind::Citizen],
        About::Exists => &[Kind::Exists, Kind::ExistsNewer],
        About::Parents => &[Kind::Parents],
    }
}

fn pascal(count: usize) -> Flat {
    let names = PASCAL.get(..count).unwrap_or(PASCAL);
    Flat {
        names,
        lacks: &["MaDonVi"],
    }
}

fn of_soap(about: About, body: &[u8]) -> Result<(Kind, Question), Wrong> {
    question::of_xml(&soap::question(body)?, kinds(about))
}

/// The SOAP document inside the VNPT adapter's JSON.
fn inside(body: &[u8]) -> Result<String, Wrong> {
    let members: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| wrong("JSON", "the body is not a JSON object"))?;
    let known = ["accessToken", "lgspAccessToken", "AuthHash", "data"];
    if members.keys().any(|key| !known.contains(&key.as_str())) {
        return Err(wrong("UNKNOWN_FIELD", "the adapter does not know a field"));
    }
    let text = members.get("data").and_then(Value::as_str);
    text.map(str::to_owned)
        .ok_or_else(|| wrong("MISSING", "data is missing"))
}

fn of_json(call: &Call<'_>, about: About, flat: &Flat) -> Result<(Kind, Question), Wrong> {
    let members =
        serde_json::from_slice(call.body).map_err(|_| wrong("JSON", "the body is not a JSON object"))?;
    let kind = if about == About::Exists {
        Kind::Exists
    } else {
        Kind::Citizen
    };
    Ok((kind, question::of_flat(kind, flat, &members)?))
}

fn of_query(call: &Call<'_>) -> Result<(Kind, Question), Wrong> {
    let members = call
        .query
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    Ok((
        Kind::Citizen,
        question::of_flat(Kind::Citizen, &SHAREPOINT, &members.collect())?,
    ))
}

impl Databases {
    /// Looks a person up; the trap says what goes wrong with whom is found.
    pub(super) fn citizen(&self, kind: Kind, question: &Question, trap: Option<Trap>) -> Told {
        let known = if question.number.is_empty() {
            self.people.formerly(&question.old)
        } else {
            self.people.numbered(&question.number).into_iter().collect()
        };
        let born = question.born.as_deref();
        let is = |person: &&Arc<Person>| person.is(&question.name, born);
        let mut people: Vec<_> = known.iter().filter(is).cloned().collect();
        let class = match (people.len(), known.len()) {
            (0, 0) => "no_match",
            (0, _) => "mismatch",
            (1, _) => "match",
            _ => "ambiguous",
        };
        let class = match trap {
            Some(Trap::Unknown) => {
                people.clear();
                "no_match"
            }
            Some(Trap::Two) if class == "match" => {
                people.extend(self.people.another(&question.number));
                "ambiguous"
            }
            Some(Trap::Another) if class == "match" => {
                people = self.people.another(&question.number).into_iter().collect();
                class
            }
            Some(_) | None => class,
        };
        let said = Said::People(Found { kind, people });
        Told::new(class, said)
    }

    /// What was found, as this road words it.
    pub(super) fn found(&self, call: &Call<'_>, found: &Found) -> Reply {
        match call.road.wrap {
            // One of the roads that change nothing writes the default namespace, which is as good.
            Wrap::Plain | Wrap::Hg => Reply::new(200, XML, self.envelope(found, call.road.name != "qb")),
            Wrap::Th => {
                let body = json!({"error_code": call.code(0), "message": self.envelope(found, true)});
                Reply::json(200, &body)
            }
            Wrap::Sp => self.text(call, found),
            Wrap::Dt => Reply::json(200, &json!({"Body": self.converted(found, &Value::from(""))})),
            Wrap::Tn => {
                let data = json!({"Envelope": {"Body": self.converted(found, &Value::Null)}});
                let response = json!({"error_code": call.number(0), "message": "", "data": data});
                Reply::json(200, &correlated(200, "success", response))
            }
        }
    }

    /// As XML, or as the text of a JSON answer, whichever the caller takes.
    fn text(&self, call: &Call<'_>, found: &Found) -> Reply {
        let xml = self.envelope(found, false);
        let accept = call.headers.get("accept").and_then(|value| value.to_str().ok());
        if accept.is_some_and(|accept| accept.contains("json")) {
            return Reply::new(200, JSON, Value::from(xml).to_string());
        }
        Reply::new(200, XML, xml)
    }

    fn envelope(&self, found: &Found, prefix: bool) -> String {
        let split = self.access.split;
        let style = Style { prefix, split };
        let mark = style.prefix();
        let (colon, space) = if prefix {
            (format!("{mark}:"), format!("xmlns:{mark}"))
        } else {
            (String::new(), "xmlns".to_owned())
        };
        let wrap =
            |root: &str, inner: &str| format!("<{colon}{root} {space}=\"{ANSWER}\">{inner}</{colon}{root}>");
        let yes = |root| {
            wrap(
                root,
                &format!("<{colon}TonTai>{}</{colon}TonTai>", !found.people.is_empty()),
            )
        };
        let people = found.people.iter();
        soap::envelope(&match found.kind {
            Kind::Exists => yes("KetQuaXacThuc"),
            Kind::ExistsNewer => yes("KetQuaXacThucResponse"),
            Kind::Citizen | Kind::Parents if found.people.is_empty() => {
                format!("<{colon}CongdanCollection {space}=\"{ANSWER}\"/>")
            }
            Kind::Citizen => {
                let written: String = people
                    .map(|person| citizen::written(person, &self.people, style))
                    .collect();
                wrap("CongdanCollection", &written)
            }
            Kind::Parents => {
                let written: String = people
                    .map(|person| citizen::parents(person, &self.people).xml(mark))
                    .collect();
                wrap("CongdanCollection", &written)
            }
        })
    }

    fn converted(&self, found: &Found, empty: &Value) -> Value {
        match found.kind {
            Kind::Exists | Kind::ExistsNewer => {
                json!({"KetQuaXacThuc": {"TonTai": (!found.people.is_empty()).to_string()}})
            }
            Kind::Citizen | Kind::Parents => {
                let held = citizen::converted(&found.people, &self.people, self.access.split, empty);
                json!({"CongdanCollection": held})
            }
        }
    }
}

/// A refusal of either side, as this road words it.
pub(super) fn refusal(call: &Call<'_>, side: &str, wrong: &Wrong) -> Reply {
    let text = format!("MOCK: {}", wrong.text);
    match call.road.wrap {
        Wrap::Plain | Wrap::Hg => Reply::new(500, XML, soap::fault(side, wrong)),
        Wrap::Sp => Reply::new(200, XML, soap::fault(side, wrong)),
        Wrap::Th => Reply::json(200, &json!({"error_code": call.code(1), "message": text})),
        Wrap::Dt => Reply::json(
            400,
            &json!({"status": 400, "message": text, "errors": [wrong.code]}),
        ),
        Wrap::Tn => {
            let response = json!({"error_code": call.number(1), "message": text});
            Reply::json(200, &correlated(400, "failed", response))
        }
    }
}
