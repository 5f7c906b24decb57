//! The databases from outside: every persona, every wrapping, every channel, over HTTP.

mod population;
mod pushes;
mod registers;

use crate::twin::trial::{Back, Caller, Stage, options, up};
use crate::twin::{Day, Options, now};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// A twin on a day, serving; its hangs are short.
async fn stage(day: &str) -> (TempDir, Stage, Caller) {
    let (folder, options) = options(Day::named(day).unwrap());
    let (stage, caller) = up(Options {
        seed: 3,
        hang: Duration::from_millis(5),
        ..options
    })
    .await;
    (folder, stage, caller)
}

/// A question of service 037.
fn question(number: &str, name: &str, born: &str) -> String {
    let born = if born.len() == 4 {
        format!("<d:Nam>{born}</d:Nam>")
    } else {
        format!("<d:NgayThangNam>{born}</d:NgayThangNam>")
    };
    soap(&format!(
        "<d:TraCuuThongTinCongDan><d:MaYeuCau>R-{number}</d:MaYeuCau><d:MaDVC>1.001193</d:MaDVC><d:MaTichHop>037</d:MaTichHop><d:MaCanBo>099185000058</d:MaCanBo><d:MaDonVi>H56.10</d:MaDonVi><d:SoDinhDanh>{number}</d:SoDinhDanh><d:HoVaTen>{name}</d:HoVaTen><d:NgayThangNamSinh>{born}</d:NgayThangNamSinh></d:TraCuuThongTinCongDan>"
    ))
}

fn soap(body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:d=\"http://dancuquocgia.bca\"><s:Header/><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn p1() -> String {
    question("099090000017", "TRẦN VĂN MẪU", "19900517")
}

/// A question about a persona that makes trouble.
fn trouble(number: &str, name: &str) -> String {
    question(number, name, "19900101")
}

const CITIZEN: &str = "qldc/tracuuthongtincongdan";

impl Caller {
    /// Straight to C06, signed as its vector is.
    async fn c06(self, path: &str, body: &str) -> Back {
        let stamp = now().to_string();
        let hashed = openssl::sha::sha256(
            format!("/{path}sandbox-tinh-38{stamp}0123456789abcdef-not-a-real-key").as_bytes(),
        );
        let basic = BASE64.encode(format!("sandbox-tinh-38:{}", HEXLOWER.encode(&hashed)).as_bytes());
        let headers = format!(
            "Content-Type: application/xml\r\nTimestamp: {stamp}\r\nAuthorization: Basic {basic}\r\n"
        );
        self.call("POST", &format!("/c06/{path}"), &headers, body).await
    }

    /// A token of an OAuth2 end.
    async fn oauth(self, road: &str) -> String {
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        let form =
            "grant_type=client_credentials&client_id=consumer-key-demo&client_secret=consumer-secret-demo";
        let back = self.call("POST", &format!("{road}/token"), headers, form).await;
        let body: Value = serde_json::from_str(&back.body).unwrap_or_default();
        body["access_token"].as_str().unwrap_or_default().to_owned()
    }

    /// With a fresh token; a body is JSON.
    async fn ministry(self, method: &str, target: &str, body: &Value) -> Back {
        let road = if target.starts_with("/ndxp") {
            "/ndxp"
        } else {
            &target[..target[6..].find('/').unwrap() + 6]
        };
        let token = self.oauth(road).await;
        let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.call(method, target, &headers, &text).await
    }
}

impl Back {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    #[track_caller]
    fn has(&self, status: u16, piece: &str) {
        assert!(
            self.status == status && self.body.contains(piece),
            "{} {}\nwithout {piece}",
            self.head,
            self.body
        );
    }
}

#[tokio::test]
async fn the_pages_say_what_is_served_and_what_was_asked() {
    let (_folder, stage, caller) = stage("calm").await;
    let paths = caller.get("/twin/paths").await;
    assert!(paths.as_array().unwrap().len() > 80);
    caller
        .call("GET", "/twin", "", "")
        .await
        .has(200, "/ndxp/apiBHXH/getMaSoBhxhTheoTieuChi");
    caller.c06(CITIZEN, &p1()).await.has(200, "TRẦN VĂN MẪU");
    caller.c06(CITIZEN, &p1()).await.has(200, "TRẦN VĂN MẪU");
    let books = caller.get("/twin/inquiries?request=R-099090000017").await;
    assert_eq!(books["uses"], 2);
    let first = &books["inquiries"][0];
    for (name, value) in [
        ("road", "c06"),
        ("service", "population/citizen"),
        ("class", "match"),
        ("fault", ""),
        ("procedure", "1.001193"),
        ("officer", "099185000058"),
        ("agency", "H56.10"),
        ("subject", "099090000017"),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    let summary = stage.down().await.summary();
    let tally = summary.databases;
    assert_eq!((tally.inquiries, tally.reused_requests, summary.calls), (2, 1, 0));
    assert_eq!(tally.by_service["population/citizen"], 2);
    assert_eq!(summary.flushes, 2);
}

#[tokio::test]
async fn a_restart_keeps_what_was_asked_and_who_was_born() {
    let (_folder, options) = options(Day::Calm);
    let (stage, caller) = up(options.clone()).await;
    let push = pushes::birth("H99-1", "LÊ MỚI SINH", "05.02.2026");
    caller
        .ministry("POST", pushes::PUSH, &push)
        .await
        .has(200, r#""status":"1""#);
    let before = stage.down().await.summary().databases;
    let (stage, caller) = up(options).await;
    caller
        .ministry("POST", pushes::PUSH, &push)
        .await
        .has(200, "đã được tiếp nhận");
    caller
        .c06(CITIZEN, &question("099226500001", "LÊ MỚI SINH", "20260205"))
        .await
        .has(200, "LÊ MỚI SINH");
    let after = stage.down().await.summary().databases;
    assert_eq!(
        (after.registrations, after.repeated_registrations),
        (before.registrations, 1)
    );
    assert_eq!(after.inquiries, before.inquiries + 2);
}

/// What a day did to 60 look-ups, each about somebody who is there.
async fn lived(day: &str) -> Vec<(String, u64)> {
    let (_folder, stage, caller) = stage(day).await;
    for at in 0..60 {
        let number = format!("0990900000{:02}", [11, 15, 19, 21, 29, 62][at % 6]);
        let back = caller
            .c06(CITIZEN, &question(&number, "NGUYỄN THỬ NGHIỆM", "19900514"))
            .await;
        let honest =
            back.status == 200 && !back.is_cut() && back.body.contains(&format!("<ns1:SoDinhDanh>{number}<"));
        let odd = back.status != 200 || back.is_cut() || back.body.matches("<ns1:CongDan>").count() != 1;
        assert!(
            honest || odd || back.body.contains("099192000025"),
            "{}",
            back.body
        );
    }
    let faults = stage.down().await.summary().faults;
    faults.into_iter().collect()
}

#[tokio::test]
async fn days_touch_lookups_under_names_of_their_own() {
    for (day, expected) in [
        ("calm", &[][..]),
        ("codes-as-int", &[]),
        ("storm", &["lookup-storm"]),
        ("limits", &["lookup-limit", "lookup-unavailable"]),
        ("hangs-after-applying", &["lookup-hang"]),
        ("lies", &["lookup-lie"]),
        ("resets", &["lookup-reset"]),
        ("wrong-person", &["lookup-wrong-person"]),
        ("garbled", &["lookup-garbled"]),
    ] {
        let faults = lived(day).await;
        let names: Vec<&str> = faults.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected, "{day}");
        assert!(
            faults.iter().all(|(_, count)| (2..40).contains(count)),
            "{day}: {faults:?}"
        );
    }
}

#[tokio::test]
async fn short_sessions_are_short_tokens_here() {
    let (_folder, stage, caller) = stage("short-sessions").await;
    let token = caller.oauth("/ndxp").await;
    let headers = format!("Authorization: Bearer {token}\r\n");
    let target = "/ndxp/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900000016";
    // It ends by its calls, or on a slow machine by its time.
    let mut served = 0;
    let ended = loop {
        let back = caller.call("GET", target, &headers, "").await;
        if back.status != 200 {
            break back;
        }
        back.has(200, "VÍ DỤ MINH HỌA");
        served += 1;
    };
    assert!((1..=25).contains(&served), "{served}");
    ended.has(401, "900903");
    caller.call("GET", target, &headers, "").await.has(401, "900901");
    let summary = stage.down().await.summary();
    assert_eq!(
        (
            summary.databases.turned_away,
            summary.faults["lookup-token-ended"]
        ),
        (2, 1)
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_words_of_the_road() {
    let (_folder, stage, caller) = stage("calm").await;
    let none = json!(null);
    caller
        .ministry("GET", "/ndxp/apiOther/1.0/x", &none)
        .await
        .has(404, "900906");
    caller
        .ministry("GET", "/ndxp/apiBHXH/1.0/getMaSoBhxhTheoTieuChi", &none)
        .await
        .has(405, "900906");
    caller
        .call("GET", "/lgsp/tn/x", "", "")
        .await
        .has(404, r#""code":404"#);
    caller
        .call("GET", "/r1/VN/COM/1/x/y", "", "")
        .await
        .has(500, "Server.ClientProxy.UnknownMember");
    caller.call("GET", "/dvclt/x", "", "").await.has(404, "traceId");
    let token = caller.oauth("/ndxp").await;
    let headers = format!("Content-Type: text/plain\r\nAuthorization: Bearer {token}\r\n");
    caller
        .call("POST", "/ndxp/apiBHXH/getMaSoBhxhTheoTieuChi", &headers, "{}")
        .await
        .has(415, "101506");
    stage.down().await;
}

#[tokio::test]
async fn what_a_day_lays_fits_the_service() {
    for (day, word) in [("wrong-person", "another"), ("garbled", "text")] {
        let (_folder, stage, caller) = stage(day).await;
        let token = caller.oauth("/ndxp").await;
        let headers = format!("Authorization: Bearer {token}\r\n");
        for _ in 0..60 {
            let target = "/ndxp/apiDKKD/DoanhNghiep/chiTietDoanhNghiep?msdn=9900000024";
            caller.call("GET", target, &headers, "").await;
        }
        let summary = stage.down().await.summary();
        let by_fault = summary.databases.by_fault;
        assert!(
            by_fault[word] > 1 && !by_fault.contains_key("namespace"),
            "{by_fault:?}"
        );
        assert_eq!(
            by_fault.values().sum::<u64>(),
            summary.faults.values().sum::<u64>()
        );
    }
}
