//! The services of the portal: one call in, one answer out (§1.4, §2).

use super::answer::Answer;
use super::books::Outcome;
use super::check::{self, Dossier, Wrong};
use super::day::{Call, Plan};
use super::journal::Flush;
use super::session::Standing;
use super::{Inner, now};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;

/// A service by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Agencies,
    Fields,
    Lookup,
    Procedure,
    Procedures,
    Progress,
    Push,
}

impl Service {
    fn named(name: &str) -> Option<Service> {
        match name {
            "CapNhatTienDoHoSoMC" => Some(Service::Progress),
            "DongBoHoSoMC" => Some(Service::Push),
            "LayDanhMucCoQuan" => Some(Service::Agencies),
            "LayDanhMucLinhVuc" => Some(Service::Fields),
            "LayDanhSachTTHC" => Some(Service::Procedures),
            "LayThuTuc" => Some(Service::Procedure),
            "TraCuuHoSo" => Some(Service::Lookup),
            _ => None,
        }
    }

    /// Whether it stands on the share path; the others stand on the integration path (§1.1).
    pub(super) fn is_shared(self) -> bool {
        matches!(self, Service::Agencies | Service::Fields | Service::Procedures)
    }

    fn call(self) -> Call {
        match self {
            Service::Agencies | Service::Fields | Service::Procedure | Service::Procedures => Call::Read,
            Service::Lookup => Call::Lookup,
            Service::Progress => Call::Progress,
            Service::Push => Call::Push,
        }
    }
}

/// The body of the login.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    username: String,
    password: String,
}

/// The body of every other call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    session: String,
    madonvi: String,
    service: String,
    #[serde(rename = "maTTHC")]
    procedure: Option<String>,
    mahoso: Option<String>,
    #[serde(rename = "isUpdating")]
    updating: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// A call that could be read, and what the day does to it.
pub(super) struct Ready<'a> {
    pub(super) plan: Plan,
    pub(super) service: Option<Service>,
    ask: Ask<'a>,
}

enum Ask<'a> {
    Login(Login),
    Service {
        service: Service,
        envelope: Envelope<'a>,
        digest: [u8; 32],
    },
}

/// An answer, and what must be on the disk before it is given.
pub(super) struct Told<'a> {
    pub(super) answer: Answer<'a>,
    pub(super) flush: Option<Flush>,
}

impl Inner {
    /// Reads a login.
    pub(super) fn ready_login<'a>(&self, body: &'a [u8]) -> Result<Ready<'a>, Answer<'a>> {
        let login: Login = serde_json::from_slice(body).map_err(|_| Answer::refused(UNREADABLE))?;
        let plan = self.weather.plan(Call::Login, 0);
        Ok(Ready {
            plan,
            service: None,
            ask: Ask::Login(login),
        })
    }

    /// Reads any other call.
    pub(super) fn ready<'a>(&self, body: &'a [u8]) -> Result<Ready<'a>, Answer<'a>> {
        let envelope: Envelope<'a> = serde_json::from_slice(body).map_err(|_| Answer::refused(UNREADABLE))?;
        let service =
            Service::named(&envelope.service).ok_or_else(|| Answer::refused("Dịch vụ không được hỗ trợ"))?;
        let about = envelope
            .data
            .map(RawValue::get)
            .or(envelope.mahoso.as_deref())
            .unwrap_or_default();
        let digest = openssl::sha::sha256(about.as_bytes());
        // The key leaves the envelope out: a repetition under a fresh session is the same call.
        let plan = self
            .weather
            .plan(service.call(), check::start(&digest) ^ service as u64);
        Ok(Ready {
            plan,
            service: Some(service),
            ask: Ask::Service {
                service,
                envelope,
                digest,
            },
        })
    }

    /// Does what is asked.
    pub(super) fn take<'a>(&'a self, ready: Ready<'a>) -> Told<'a> {
        match ready.ask {
            Ask::Login(login) => Told::at_once(self.login(&login, &ready.plan)),
            Ask::Service {
                service,
                envelope,
                digest,
            } => match self.admit(service, &envelope, &digest) {
                Err(answer) => Told::at_once(answer),
                Ok(()) => self.serve_one(service, &envelope, &digest, &ready.plan),
            },
        }
    }

    fn login(&self, login: &Login, plan: &Plan) -> Answer<'static> {
        let known = &self.options;
        if login.username != known.username || login.password != known.password {
            return Answer::refused("Tài khoản hoặc mật khẩu không đúng");
        }
        match self.sessions.begin(plan.short, now()) {
            Ok(session) => Answer::login(session),
            Err(_) => Answer::refused(BROKEN),
        }
    }

    /// Agency, session, and no argument of another service.
    fn admit(
        &self,
        service: Service,
        envelope: &Envelope<'_>,
        digest: &[u8; 32],
    ) -> Result<(), Answer<'static>> {
        if envelope.madonvi != self.options.agency {
            return Err(Answer::refused("Mã đơn vị không hợp lệ"));
        }
        match self.sessions.spend(&envelope.session, now()) {
            Standing::Valid => {}
            Standing::Ended => return Err(Answer::refused("Phiên làm việc hết hạn")),
            Standing::CutShort => {
                self.weather.hit("session-ended");
                return Err(match digest.first().map(|byte| byte % 3) {
                    Some(0) => Answer::coded(401, "Session đã hết hạn, vui lòng đăng nhập lại"),
                    Some(_) | None => Answer::refused("Phiên làm việc hết hạn"),
                });
            }
        }
        let stray = (envelope.procedure.is_some() && service != Service::Procedure)
            || (envelope.mahoso.is_some() && service != Service::Lookup)
            || (envelope.updating.is_some() && service != Service::Push)
            || (envelope.data.is_some() && !matches!(service, Service::Push | Service::Progress));
        if stray {
            Err(Answer::refused("Tham số không thuộc dịch vụ"))
        } else {
            Ok(())
        }
    }

    fn serve_one<'a>(
        &'a self,
        service: Service,
        envelope: &Envelope<'a>,
        digest: &[u8; 32],
        plan: &Plan,
    ) -> Told<'a> {
        let read = |result| Told::at_once(Answer::read(Cow::Borrowed(result)));
        let told = match service {
            Service::Agencies => return read(self.catalogue.agencies()),
            Service::Fields => return read(self.catalogue.fields()),
            Service::Procedures => return read(self.catalogue.all()),
            Service::Procedure => self.procedure(envelope),
            Service::Lookup => self.look(envelope),
            Service::Push => self.push(envelope, digest, plan),
            Service::Progress => self.progress(envelope, plan),
        };
        told.unwrap_or_else(Told::at_once)
    }

    fn procedure<'a>(&'a self, envelope: &Envelope<'_>) -> Result<Told<'a>, Answer<'a>> {
        let code = envelope.procedure.as_deref().filter(|code| !code.is_empty());
        let shown = self.catalogue.shown(code.ok_or_else(|| missing("maTTHC"))?);
        match shown {
            Some(result) => Ok(Told::at_once(Answer::read(Cow::Borrowed(result)))),
            None => rows(Vec::<()>::new(), None),
        }
    }

    fn look<'a>(&'a self, envelope: &Envelope<'_>) -> Result<Told<'a>, Answer<'a>> {
        let number = envelope.mahoso.as_deref().filter(|number| !number.is_empty());
        let number = number.ok_or_else(|| missing("mahoso"))?;
        match self.books.look(number) {
            None => rows(Vec::<()>::new(), None),
            Some((status, flush)) => {
                let row = serde_json::json!({"MaHoSo": number, "TrangThaiHoSo": status.to_string()});
                rows(vec![row], Some(flush))
            }
        }
    }

    fn push<'a>(
        &'a self,
        envelope: &Envelope<'a>,
        digest: &[u8; 32],
        plan: &Plan,
    ) -> Result<Told<'a>, Answer<'a>> {
        let updating = match envelope.updating.as_deref() {
            Some("True") => true,
            Some("False") => false,
            Some(_) | None => return Err(Answer::refused("isUpdating phải là \"True\" hoặc \"False\"")),
        };
        let data = envelope.data.ok_or_else(|| missing("data"))?;
        let dossiers = check::rows(data)?
            .into_iter()
            .map(|raw| check::dossier(raw, &self.catalogue, self.options.newer))
            .collect::<Result<Vec<Dossier<'_>>, Wrong>>()?;
        let mut numbers = HashSet::new();
        if !dossiers.iter().all(|dossier| numbers.insert(&dossier.number)) {
            return Err(check::Why::Repeated.at("MaHoSo").into());
        }
        let outcome = if updating {
            self.books.update(&dossiers, digest)
        } else {
            self.books.create(&dossiers, digest, plan.exists)
        };
        Ok(self.told(outcome, Answer::pushed()))
    }

    fn progress<'a>(&'a self, envelope: &Envelope<'a>, plan: &Plan) -> Result<Told<'a>, Answer<'a>> {
        let rows = check::rows(envelope.data.ok_or_else(|| missing("data"))?)?;
        if rows.len() > MOST_STEPS {
            return Err(Answer::refused("Vượt quá 10 tiến độ trong một lần gọi"));
        }
        let steps = rows
            .into_iter()
            .map(check::step)
            .collect::<Result<Vec<_>, Wrong>>()?;
        Ok(self.told(self.books.append(&steps, plan.fragile), Answer::progressed()))
    }

    fn told<'a>(&self, outcome: Outcome, good: Answer<'a>) -> Told<'a> {
        match outcome {
            Outcome::Done(flush) => Told {
                answer: good,
                flush: Some(flush),
            },
            Outcome::Exists {
                number,
                by_another,
                flush,
            } => {
                if by_another {
                    self.weather.hit("created-by-another");
                }
                Told {
                    answer: Answer::exists(&number),
                    flush: Some(flush),
                }
            }
            Outcome::Repeated(flush) => {
                self.weather.hit("repeated-step");
                Told {
                    answer: Answer::refused("Tiến độ bị trùng"),
                    flush: Some(flush),
                }
            }
            Outcome::Unknown => Told::at_once(Answer::refused("Hồ sơ không tồn tại")),
        }
    }
}

impl<'a> Told<'a> {
    fn at_once(answer: Answer<'a>) -> Told<'a> {
        Told { answer, flush: None }
    }
}

impl From<Wrong> for Answer<'_> {
    fn from(wrong: Wrong) -> Self {
        Answer::refused(wrong.to_string())
    }
}

/// A call carries at most so many steps (§2.5).
const MOST_STEPS: usize = 10;
const UNREADABLE: &str = "Dữ liệu không đúng định dạng";
const BROKEN: &str = "Lỗi hệ thống";

fn missing(name: &str) -> Answer<'static> {
    check::Why::Missing.at(name).into()
}

fn rows<'a>(rows: impl serde::Serialize, flush: Option<Flush>) -> Result<Told<'a>, Answer<'a>> {
    match serde_json::value::to_raw_value(&rows) {
        Ok(result) => Ok(Told {
            answer: Answer::read(Cow::Owned(result)),
            flush,
        }),
        Err(_) => Err(Answer::refused(BROKEN)),
    }
}

#[cfg(test)]
mod tests {
    use crate::twin::trial::{Back, dossier, envelope, options, step, up};
    use crate::twin::{Day, Options};
    use serde_json::{Value, json};
    use std::time::Duration;

    fn is(back: &Back, code: &str, message: &str) {
        assert_eq!(back.told(), (code.to_owned(), message.to_owned()));
    }

    #[tokio::test]
    async fn a_dossier_is_created_updated_and_found() {
        let (_folder, options) = options(Day::Calm);
        let (stage, caller) = up(options).await;
        let session = &caller.login().await;
        let found = caller.look(session, "H99-1").await.body;
        assert_eq!(found, r#"{"error_code":"0","message":"","result":[]}"#);
        is(
            &caller.push(session, "True", json!([dossier("H99-1")])).await,
            "-1",
            "Hồ sơ không tồn tại",
        );
        is(&caller.create(session, "H99-1").await, "0", "Đồng bộ thành công");
        is(
            &caller.create(session, "H99-1").await,
            "3",
            "Hồ sơ H99-1 đã tồn tại",
        );
        let mut newer = dossier("H99-1");
        newer["TrangThaiHoSo"] = json!("4");
        is(
            &caller.push(session, "True", json!([newer])).await,
            "0",
            "Đồng bộ thành công",
        );
        let found = caller.look(session, "H99-1").await.body;
        assert!(found.contains(r#""TrangThaiHoSo":"4""#), "{found}");
        let page = caller.get("/twin/dossiers/H99-1").await;
        assert_eq!([&page["creates"], &page["updates"], &page["status"]], [1, 1, 4]);
        assert_eq!(page["payload"], newer);
        let digest = openssl::sha::sha256(json!([newer]).to_string().as_bytes());
        assert_eq!(page["digest"], data_encoding::HEXLOWER.encode(&digest));
        let summary = stage.down().await.summary();
        assert_eq!(
            (summary.refused, summary.calls, summary.totals.duplicates),
            (2, 7, 1)
        );
        assert!(summary.faults.is_empty());
    }

    #[tokio::test]
    async fn steps_need_their_dossier_and_are_appended_again_and_again() {
        let (_folder, options) = options(Day::Calm);
        let (stage, caller) = up(options).await;
        let session = &caller.login().await;
        let steps = json!([step("H99-1", 0), step("H99-1", 1)]);
        is(
            &caller.steps(session, steps.clone()).await,
            "-1",
            "Hồ sơ không tồn tại",
        );
        caller.create(session, "H99-1").await;
        for _ in 0..2 {
            is(
                &caller.steps(session, steps.clone()).await,
                "0",
                "Cập nhật tiến độ thành công",
            );
        }
        let eleven: Vec<Value> = (2..13).map(|n| step("H99-1", n)).collect();
        is(
            &caller.steps(session, json!(eleven)).await,
            "-1",
            "Vượt quá 10 tiến độ trong một lần gọi",
        );
        is(
            &caller.steps(session, json!(eleven[..10])).await,
            "0",
            "Cập nhật tiến độ thành công",
        );
        let books = caller.get("/twin/books").await;
        assert_eq!(
            [&books["dossiers"], &books["steps"], &books["duplicate_steps"]],
            [1, 14, 2]
        );
        assert_eq!(caller.get("/twin/dossiers/H99-1").await["steps"], 14);
        stage.down().await;
    }

    #[tokio::test]
    async fn each_wrong_call_is_refused_and_leaves_no_trace() {
        let (_folder, options) = options(Day::Calm);
        let (stage, caller) = up(options).await;
        let session = &caller.login().await;
        let unreadable = "Dữ liệu không đúng định dạng";
        let twins = json!([dossier("H99-1"), dossier("H99-1")]);
        for (key, value, message) in [
            ("isUpdating", json!(false), unreadable),
            ("extra", json!(""), unreadable),
            (
                "isUpdating",
                json!("false"),
                "isUpdating phải là \"True\" hoặc \"False\"",
            ),
            (
                "isUpdating",
                Value::Null,
                "isUpdating phải là \"True\" hoặc \"False\"",
            ),
            ("session", json!("0"), "Phiên làm việc hết hạn"),
            ("madonvi", json!("H98"), "Mã đơn vị không hợp lệ"),
            ("service", json!("dongbohosomc"), "Dịch vụ không được hỗ trợ"),
            ("mahoso", json!("H99-1"), "Tham số không thuộc dịch vụ"),
            ("data", json!([]), "Trường data: bắt buộc không được để trống"),
            ("data", json!({}), "Trường data: phải là mảng"),
            ("data", Value::Null, "Trường data: thiếu"),
            ("data", twins, "Trường MaHoSo: bị lặp"),
        ] {
            let mut body = envelope(session, "DongBoHoSoMC");
            (body["isUpdating"], body["data"]) = (json!("False"), json!([dossier("H99-1")]));
            body[key] = value;
            is(&caller.post("g", &body).await, "-1", message);
        }
        is(
            &caller.post("g", &envelope(session, "TraCuuHoSo")).await,
            "-1",
            "Trường mahoso: thiếu",
        );
        is(
            &caller.post("g", &envelope(session, "LayThuTuc")).await,
            "-1",
            "Trường maTTHC: thiếu",
        );
        let wrong = json!({"username": "000.00.00.H99", "password": "sai"});
        is(
            &caller.post("login", &wrong).await,
            "-1",
            "Tài khoản hoặc mật khẩu không đúng",
        );
        let summary = stage.down().await.summary();
        assert_eq!(
            (summary.totals.dossiers, summary.flushes, summary.refused),
            (0, 0, 15)
        );
    }

    #[tokio::test]
    async fn a_session_ends_and_a_signature_is_counted() {
        let (_folder, options) = options(Day::Calm);
        let signature = Some("X-Signature-JWS".to_owned());
        let (stage, caller) = up(Options {
            session: Duration::ZERO,
            signature,
            ..options
        })
        .await;
        let session = &caller.login().await;
        is(
            &caller.create(session, "H99-1").await,
            "-1",
            "Phiên làm việc hết hạn",
        );
        caller.signed(session).await;
        assert_eq!(stage.down().await.summary().signed, 1);
    }
}
