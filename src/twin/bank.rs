//! The payment platform (portal.md §2.7): payments begin here, are asked after and give receipts, as its own books have them. Who pays,
//! and how the province hears of it, is the payers' part (`callers`).

mod books;

use super::answer;
use super::day::{After, Before, Call, print};
use super::{Inner, books::hex};
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub use books::Bank;
pub(super) use books::{Act, Books, Paid, Payment, Way};

/// Where it is reached.
pub(super) const BASE: &str = "/bank/";
/// The code that it issued to the agency.
pub(super) const PARTNER: &str = "DOITAC-THU";

/// What a checksum covers, in the specification's order (§2.7.5).
const INIT: [&str; 14] = [
    "LoaiBanTin",
    "PhienBan",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "LoaiHinhThanhToan",
    "MaKenhThanhToan",
    "MaThietBi",
    "NgonNgu",
    "MaTienTe",
    "MaNganHang",
    "ThongTinGiaoDich",
    "ThoiGianGD",
    "Ip",
];
const ASKED: [&str; 5] = ["LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD"];
/// What a receipt of a fee must say (§2.7.2).
const RECEIPT: [&str; 8] = [
    "MaHoSo",
    "MaTTHC",
    "TenTTHC",
    "MaCoQuanQD",
    "TenCoQuanQD",
    "NoiDungThanhToan",
    "HoTenNguoiNop",
    "SoCMNDNguoiNop",
];

/// An answer of the platform, and whether a day may spoil it: a file is given as it is.
enum Told {
    Json(Value),
    Paper(Vec<u8>),
}

impl Told {
    fn refused(code: &str, why: &str) -> Told {
        Told::Json(json!({ "MaLoi": code, "MoTaLoi": why }))
    }
}

impl Inner {
    /// One call of a province.
    pub(super) async fn bank(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, self.options.largest).await else {
            return answer::turned_away(StatusCode::PAYLOAD_TOO_LARGE, "body too large or cut");
        };
        if head.method != Method::POST {
            return answer::turned_away(StatusCode::METHOD_NOT_ALLOWED, "POST only");
        }
        let path = head.uri.path().strip_prefix(BASE).unwrap_or_default().to_owned();
        let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
        let key = print(format!("{path} {}", text(&asked, "MaThamChieu")).as_bytes());
        let plan = self.weather.plan(Call::Pay, key);
        if let Some(wait) = plan.wait {
            self.weather.hit("slow");
            tokio::time::sleep(wait).await;
        }
        if let Some(before) = plan.before {
            return self.instead_of_money(before);
        }
        let told = match path.as_str() {
            "init" => self.begun(&asked, &body).await,
            "query" => self.asked(&asked).await,
            "get-bill" => self.billed(&asked),
            _ => return answer::turned_away(StatusCode::NOT_FOUND, "no such path"),
        };
        match told {
            None => answer::forgotten(),
            Some(Told::Paper(bytes)) => ([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response(),
            Some(Told::Json(told)) => {
                let reference = text(&asked, "MaThamChieu");
                // The answer to the first of such payments is lost on every day.
                let lost = path == "init"
                    && self.bank.look(|state| {
                        state
                            .payment(reference)
                            .is_some_and(|payment| payment.way == Way::LostReply && payment.inits == 1)
                    });
                if lost {
                    self.weather.hit("lost-reply");
                    return answer::cut(told.to_string(), 0);
                }
                self.spoiled(plan.after, told.to_string()).await
            }
        }
    }

    fn instead_of_money(&self, before: Before) -> Response {
        let (fault, response) = match before {
            Before::BadGateway => ("storm", answer::bad_gateway()),
            Before::TooMany => ("limit", answer::later(StatusCode::TOO_MANY_REQUESTS)),
            Before::Unavailable => ("unavailable", answer::later(StatusCode::SERVICE_UNAVAILABLE)),
            Before::Lie(lie) => (
                "lie-before",
                answer::lie(lie, r#"{"MaLoi": "99", "MoTaLoi": "Lỗi"}"#),
            ),
        };
        self.weather.hit(fault);
        response
    }

    async fn spoiled(&self, after: Option<After>, body: String) -> Response {
        match after {
            None => answer::ok(body),
            Some(After::Hang) => {
                self.weather.hit("hang");
                self.hang().await;
                answer::cut(body, 0)
            }
            Some(After::Cut(bytes)) => {
                self.weather.hit("reset");
                answer::cut(body, bytes)
            }
            Some(After::Forget) => answer::forgotten(),
            Some(After::Lie(lie)) => {
                self.weather.hit("lie-after");
                answer::lie(lie, &body)
            }
        }
    }

    /// `INIT`: nothing when the disk does not keep it. The same bytes under the same reference are the same payment.
    async fn begun(&self, asked: &Value, body: &[u8]) -> Option<Told> {
        if let Err(refused) = self.checked(asked, &INIT, "INIT").and_then(|()| fits(asked)) {
            return Some(refused);
        }
        let reference = text(asked, "MaThamChieu").to_owned();
        let dossier = text(&asked["ThongTinBienLai"], "MaHoSo").to_owned();
        let digest = hex(&openssl::sha::sha256(body));
        let way = self.callers_way(&dossier);
        let (known, flush) = self.bank.write(|state| match state.payment(&reference) {
            Some(payment) => {
                let same = payment.digest == digest;
                (
                    Act::Again {
                        reference: reference.clone(),
                        same,
                    },
                    same,
                )
            }
            None => {
                let begun = Act::Begun {
                    reference: reference.clone(),
                    dossier: dossier.clone(),
                    amount: text(asked, "SoTien").parse().unwrap_or_default(),
                    at: text(asked, "ThoiGianGD").to_owned(),
                    words: text(asked, "ThongTinGiaoDich").to_owned(),
                    digest: digest.clone(),
                    way: way.unwrap_or_else(|| state.turn()),
                };
                (begun, true)
            }
        });
        if !flush.kept().await {
            return None;
        }
        if !known {
            return Some(Told::refused("07", "Mã tham chiếu đã dùng cho giao dịch khác"));
        }
        // Somebody pays before this answer arrives.
        let early = self.bank.look(|state| {
            state
                .payment(&reference)
                .is_some_and(|payment| payment.way == Way::Early)
        });
        if early {
            self.pays_early(&reference).await;
        }
        Some(Told::Json(json!({
            "MaLoi": "00", "MoTaLoi": "Thành công", "UrlThanhToan": format!("https://thanh-toan.example/{reference}"),
        })))
    }

    /// `QUERY`.
    async fn asked(&self, asked: &Value) -> Option<Told> {
        if let Err(refused) = self.checked(asked, &ASKED, "QUERY") {
            return Some(refused);
        }
        let reference = text(asked, "MaThamChieu");
        let Some(payment) = self.bank.payment(reference) else {
            return Some(Told::refused("01", "Không tìm thấy giao dịch"));
        };
        if payment.at != text(asked, "ThoiGianGD") {
            return Some(Told::refused("02", "Sai thời gian giao dịch"));
        }
        let said = payment.said();
        if said != '3' && !payment.asked {
            let reference = reference.to_owned();
            let ((), flush) = self.bank.write(|_| (Act::Asked { reference }, ()));
            if !flush.kept().await {
                return None;
            }
        }
        let mut told = json!({
            "LoaiBanTin": "QUERY", "MaLoi": "00", "MaDoiTac": PARTNER, "MaThamChieu": reference,
            "TrangThaiGD": said.to_string(), "MaTienTe": "VND", "ThongTinGiaoDich": payment.words,
            "ThoiGianGD": payment.at,
        });
        if let Some(paid) = payment.paid.first() {
            told["SoTien"] = json!(paid.amount);
            told["MaGiaoDich"] = json!(paid.transaction);
            told["MaNganHang"] = json!("NHTHU");
            told["ThoiGianGD"] = json!(paid.at);
        }
        Some(Told::Json(told))
    }

    /// `GET_BILL`: a file for every second payment, and JSON for the others, as both were seen (§2.7.4).
    fn billed(&self, asked: &Value) -> Option<Told> {
        if let Err(refused) = self.checked(asked, &ASKED, "GET_BILL") {
            return Some(refused);
        }
        let reference = text(asked, "MaThamChieu");
        let paid = self
            .bank
            .payment(reference)
            .filter(|payment| !payment.paid.is_empty());
        let Some(payment) = paid else {
            return Some(Told::refused("03", "Chưa có biên lai"));
        };
        Some(if payment.place % 2 == 0 {
            Told::Paper(format!("%PDF-1.4\n% bien lai {reference}\n%%EOF\n").into_bytes())
        } else {
            Told::Json(
                json!({ "MaLoi": "00", "SoBienLai": format!("BL-{reference}"), "SoTien": payment.amount }),
            )
        })
    }

    /// Whether a message has the checksum of the specification, over its fields in their order.
    fn checked(&self, asked: &Value, covers: &[&str], message: &str) -> Result<(), Told> {
        if text(asked, "LoaiBanTin") != message || text(asked, "MaDoiTac") != PARTNER {
            return Err(Told::refused("04", "Sai bản tin hoặc đối tác"));
        }
        let parts: Vec<&str> = covers.iter().map(|name| text(asked, name)).collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(Told::refused("05", "Thiếu trường"));
        }
        let covered = format!("{}|{}", parts.join("|"), self.options.payment);
        if hex(&openssl::sha::sha256(covered.as_bytes())) != text(asked, "MaXacThuc") {
            return Err(Told::refused("06", "Sai mã xác thực"));
        }
        Ok(())
    }
}

/// Whether what is paid comes to what is asked, and the receipt says what it must.
fn fits(asked: &Value) -> Result<(), Told> {
    let receipt = &asked["ThongTinBienLai"];
    if text(receipt, "MaDichVu") != "2" || RECEIPT.iter().any(|name| text(receipt, name).is_empty()) {
        return Err(Told::refused("08", "Thiếu thông tin biên lai"));
    }
    let sum = |list: &str| -> i64 {
        let rows = receipt[list].as_array().into_iter().flatten();
        rows.filter_map(|row| text(row, "SoTien").parse::<i64>().ok())
            .sum()
    };
    let whole: i64 = text(asked, "SoTien").parse().unwrap_or(-1);
    if sum("DSKhoanNop") != whole || sum("PhiLePhi") != whole {
        return Err(Told::refused("09", "Tổng các khoản khác số tiền"));
    }
    Ok(())
}

/// A member that is a text.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::trial::{options, up};
    use crate::twin::{Day, Options};

    const SECRET: &str = "KHOA-BI-MAT-THU-NGHIEM";

    fn sealed(mut message: Value, covers: &[&str]) -> Value {
        let parts: Vec<&str> = covers.iter().map(|name| text(&message, name)).collect();
        let covered = format!("{}|{SECRET}", parts.join("|"));
        message["MaXacThuc"] = json!(hex(&openssl::sha::sha256(covered.as_bytes())));
        message
    }

    /// The first vector of the specification (§2.7.5).
    fn init() -> Value {
        json!({
            "LoaiBanTin": "INIT", "PhienBan": "1.0.6", "MaDoiTac": "DOITAC-THU", "MaThamChieu": "dvcH991424011500017",
            "SoTien": "150000", "LoaiHinhThanhToan": "PAY", "MaKenhThanhToan": "1", "MaThietBi": "1",
            "NgonNgu": "vi-VN", "MaTienTe": "VND", "MaNganHang": "PAYMENT",
            "ThongTinGiaoDich": "THANH TOAN HO SO H99.14-240115-0001", "ThoiGianGD": "20240115143015", "Ip": "10.0.0.5",
            "MaXacThuc": "71e42998e3965adcc287eb6fcb8991ec89b2f9ce325e84f4616bcc940b1fc057",
            "ThongTinBienLai": {
                "MaDichVu": "2", "MaHoSo": "H99.14-240115-0001", "MaTTHC": "1.001234", "TenTTHC": "Thủ tục mẫu",
                "MaCoQuanQD": "H99.14", "TenCoQuanQD": "Sở Thử nghiệm", "NoiDungThanhToan": "Phi",
                "HoTenNguoiNop": "Nguyễn Thử Nghiệm", "SoCMNDNguoiNop": "099090000017",
                "PhiLePhi": [{"SoTien": "150000"}], "DSKhoanNop": [{"SoTien": "100000"}, {"SoTien": "50000"}],
            },
        })
    }

    fn asked(message: &str) -> Value {
        let asked = json!({
            "LoaiBanTin": message, "PhienBan": "1.0.6", "MaDoiTac": "DOITAC-THU",
            "MaThamChieu": "dvcH991424011500017", "ThoiGianGD": "20240115143015",
        });
        sealed(asked, &ASKED)
    }

    #[tokio::test]
    async fn it_takes_what_the_specification_says_and_nothing_that_differs_by_a_character() {
        let (_folder, options) = options(Day::Calm);
        let (stage, caller) = up(Options {
            payment: SECRET.to_owned(),
            ..options
        })
        .await;
        let call = async |path: &str, body: &Value| -> Value {
            let head = "Content-Type: application/json\r\n";
            let back = caller
                .call("POST", &format!("/bank/{path}"), head, &body.to_string())
                .await;
            serde_json::from_str(&back.body).unwrap_or_default()
        };
        assert_eq!(call("query", &asked("QUERY")).await["MaLoi"], "01");
        for (name, value) in [
            ("SoTien", "150001"),
            ("Ip", "10.0.0.6"),
            ("ThoiGianGD", "20240115023015"),
            (
                "MaXacThuc",
                "71e42998e3965adcc287eb6fcb8991ec89b2f9ce325e84f4616bcc940b1fc058",
            ),
        ] {
            let mut wrong = init();
            wrong[name] = json!(value);
            assert_eq!(call("init", &wrong).await["MaLoi"], "06", "{name}");
        }
        let mut short = init();
        short["ThongTinBienLai"]["DSKhoanNop"] = json!([{"SoTien": "1"}]);
        assert_eq!(call("init", &short).await["MaLoi"], "09");
        let page = call("init", &init()).await["UrlThanhToan"].clone();
        assert!(page.is_string());
        assert_eq!(
            call("init", &init()).await["UrlThanhToan"],
            page,
            "the same payment"
        );
        let mut other = init();
        other["ThongTinBienLai"]["HoTenNguoiNop"] = json!("Lê Thị Thử");
        assert_eq!(call("init", &other).await["MaLoi"], "07");
        assert_eq!(call("query", &asked("QUERY")).await["TrangThaiGD"], "3");
        assert_eq!(call("get-bill", &asked("GET_BILL")).await["MaLoi"], "03");
        let bank = stage.down().await.banked();
        assert_eq!((bank.begun, bank.again, bank.altered, bank.paid), (1, 1, 1, 0));
    }
}
