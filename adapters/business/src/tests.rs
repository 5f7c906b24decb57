use proptest::prelude::*;
use serde_json::{Value, json};
use wire::conformance;
use wire::{Adapter, Answer, Call, Class, Hop, Malformed, Next, Reading, Verdict};

use super::*;

const FORM: &str = include_str!("../../../fixtures/business/enterprise/sample/answer.json");
const CERTIFICATE: &str = include_str!("../../../fixtures/business/enterprise-2/sample/answer.json");
const PROFILES: [&str; 4] = [
    include_str!("../../../config/profiles/business/ngsp-1.toml"),
    include_str!("../../../config/profiles/business/ngsp-2.toml"),
    include_str!("../../../config/profiles/business/network-trust.toml"),
    include_str!("../../../config/profiles/business/adapter-qs.toml"),
];

fn business(profile: &str) -> Business {
    Business::new(toml::from_str(profile).unwrap()).unwrap()
}

fn answer(operation: &str, status: u16, body: &str) -> Reading {
    let format = usize::from(!body.contains("Data") && !body.contains("Status"));
    let answer = Answer {
        status,
        body: body.as_bytes(),
        ..Answer::default()
    };
    business(PROFILES[format]).read(operation, &answer)
}

fn read(operation: &str, body: &str) -> Reading {
    answer(operation, 200, body)
}

fn normal(reading: &Reading) -> Value {
    serde_json::from_slice(reading.result.as_deref().unwrap()).unwrap()
}

fn framed(profile: &str, operation: &str, arguments: &[(&str, &str)]) -> Result<String, Malformed> {
    let call = Call {
        operation,
        arguments,
        session: Some("tok"),
        ..Call::default()
    };
    business(profile).frame(&call).map(|request| {
        assert!(request.body.is_empty() && request.method.as_str() == "GET");
        request.target
    })
}

#[test]
fn every_shipped_profile_keeps_the_laws() {
    for profile in PROFILES {
        let business = business(profile);
        assert_eq!(conformance::check(&business), []);
        let second = profile.contains("/apiDKKD/DoanhNghiep");
        let sample = if second { CERTIFICATE } else { FORM };
        assert_eq!(
            conformance::accepted(&business, "enterprise", sample.as_bytes()),
            []
        );
    }
}

#[test]
fn questions_go_where_each_site_takes_them() {
    let code = [("code", "9900000016")];
    let expected = [
        "/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900000016",
        "/apiDKKD/DoanhNghiep/chiTietDoanhNghiep?msdn=9900000016",
        "/apiDKKD/DoanhNghiep/chiTietDoanhNghiep?msdn=9900000016",
        "/adapter?category=chiTietDoanhNghiep&version=1.1&msdn=9900000016",
    ];
    for (profile, target) in PROFILES.into_iter().zip(expected) {
        assert_eq!(framed(profile, "enterprise", &code).as_deref(), Ok(target));
    }
    let household = framed(PROFILES[0], "household", &code);
    assert_eq!(
        household.as_deref(),
        Ok("/apiDKKD/HoKinhDoanh/chiTietHoKinhDoanh?mst=9900000016")
    );
    let cooperative = framed(PROFILES[2], "cooperative", &code);
    assert_eq!(
        cooperative.as_deref(),
        Ok("/apiDKKD/HopTacXa/chiTietHopTacXa?mst=9900000016")
    );
    assert_eq!(framed(PROFILES[3], "household", &code), Err(Malformed::Operation));
    let filing = framed(PROFILES[0], "filing", &[("id", "DK-2026/1 &x")]);
    assert_eq!(
        filing.as_deref(),
        Ok("/apiCSDLDKDN/1.0/tinhTrangHoSo?in_journal_no=DK-2026%2F1%20%26x")
    );
}

#[test]
fn a_token_stands_in_a_header_or_nothing_does() {
    let request = |profile, session| {
        let call = Call {
            operation: "enterprise",
            arguments: &[("code", "9900000016")],
            session,
            ..Call::default()
        };
        business(profile).frame(&call)
    };
    let headers = request(PROFILES[0], Some("tok")).unwrap().headers;
    assert!(headers.contains(&("Authorization".to_owned(), "Bearer tok".to_owned())));
    assert_eq!(request(PROFILES[0], None), Err(Malformed::Session));
    let headers = request(PROFILES[2], None).unwrap().headers;
    assert!(headers.iter().all(|(name, _)| name != "Authorization"));
}

#[test]
fn a_list_over_more_than_five_days_does_not_leave() {
    let list = |from, until, size| {
        let window = [("from", from), ("until", until), ("offset", "0"), ("size", size)];
        framed(PROFILES[0], "changed", &window)
    };
    assert_eq!(
        list("2026-01-05", "2026-01-10", "20").as_deref(),
        Ok("/apiCSDLDKDN/1.0/danhSachHoSo?from_date=05%2F01%2F2026&to_date=10%2F01%2F2026&offset=0&limit=20")
    );
    assert_eq!(
        list("2026-01-05", "2026-01-11", "20"),
        Err(Malformed::Argued("until"))
    );
    assert_eq!(
        list("2026-01-05", "2026-01-04", "20"),
        Err(Malformed::Argued("until"))
    );
    assert_eq!(
        list("05/01/2026", "06/01/2026", "20"),
        Err(Malformed::Argued("from"))
    );
    for size in ["-1", "+5", "20x", "99999999999"] {
        assert_eq!(
            list("2026-01-05", "2026-01-06", size),
            Err(Malformed::Argued("size"))
        );
    }
    let today = |from, until| {
        let window = [
            ("from-time", from),
            ("until-time", until),
            ("offset", "0"),
            ("size", "20"),
        ];
        framed(PROFILES[0], "changed-today", &window)
    };
    assert_eq!(
        today("08:00", "17:30").as_deref(),
        Ok("/apiCSDLDKDN/1.0/danhSachHoSoTrongNgay?from_ts=08%3A00&to_ts=17%3A30&offset=0&limit=20")
    );
    assert_eq!(today("8:00", "17:30"), Err(Malformed::Argued("from-time")));
    assert_eq!(today("08:00", "24:00"), Err(Malformed::Argued("until-time")));
    assert_eq!(today("08:00", "+1:00"), Err(Malformed::Argued("until-time")));
}

/// Every text and number of a document as it is written, with where it stands; places in lists do not count, for one and
/// many are the same.
fn written(value: &Value, path: &str, all: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| written(value, &format!("{path}/{name}"), all)),
        Value::Array(items) => items.iter().for_each(|item| written(item, path, all)),
        Value::String(text) => all.push((path.to_owned(), text.clone())),
        Value::Number(number) => all.push((path.to_owned(), number.to_string())),
        Value::Null | Value::Bool(_) => {}
    }
}

#[test]
fn the_samples_are_read_without_loss_and_in_their_order() {
    for sample in [FORM, CERTIFICATE] {
        let reading = read("enterprise", sample);
        assert_eq!(
            (reading.class, reading.verdict, reading.next),
            (Some(Class::Match), Verdict::Accepted, Next::Settle)
        );
        let (mut before, mut after) = (Vec::new(), Vec::new());
        written(&wire::document::read(sample).unwrap(), "", &mut before);
        written(&normal(&reading), "", &mut after);
        // What is written otherwise says the same: days in one form, zero for no district.
        let plain =
            |(path, text): &(String, String)| !path.contains("DATE") && !path.contains("Ngay") && text != "0";
        before.retain(plain);
        after.retain(plain);
        assert_eq!(before, after);
    }
    let form = normal(&read("enterprise", FORM));
    let main = &form["Data"]["MainInformation"];
    assert_eq!(main["CAPITAL_AMOUNT"], "1000000000.000");
    assert_eq!(
        (&main["FOUNDING_DATE"], &main["LAST_AMEND_DATE"]),
        (&json!("2021-03-05"), &json!("2024-09-12"))
    );
    assert_eq!(form["Data"]["HOAdress"]["WardID"], "14797");
    let certificate = normal(&read("enterprise", CERTIFICATE));
    let place = &certificate["GetEntCert"]["DiaChiTruSo"]["DiaChi"];
    assert_eq!(
        (&place["MaTinhThanh"], &place["MaQuanHuyen"], &place["DiaChi"]),
        (&json!("38"), &Value::Null, &json!("Số 2"))
    );
}

// The rows of national-databases.md §8 that concern this wire, by their numbers.

#[test]
fn trap_02_success_is_a_status_of_this_wire_and_nothing_else() {
    let with = |status: &str| FORM.replace(r#""Status": "1""#, &format!(r#""Status": {status}"#));
    for good in ["\"1\"", "1", "\" 1 \""] {
        assert_eq!(
            read("enterprise", &with(good)).class,
            Some(Class::Match),
            "{good}"
        );
    }
    for bad in ["\"0\"", "0", "\"00\"", "true", "\"SUCCESSFUL\"", "\"2\""] {
        let reading = read("enterprise", &with(bad));
        assert_eq!(
            (reading.class, reading.result),
            (Some(Class::UpstreamRejected), None),
            "{bad}"
        );
        assert_eq!(
            (reading.hop, reading.next),
            (Some(Hop::Ministry), Next::Person),
            "{bad}"
        );
    }
    for none in ["null", "[]", "{}"] {
        assert_eq!(
            read("enterprise", &with(none)).class,
            Some(Class::UpstreamMalformed),
            "{none}"
        );
    }
    let refused = read(
        "enterprise",
        r#"{"Data":null,"DataCount":0,"Status":"0","Message":"Lỗi khi truy vấn 9900000016"}"#,
    );
    assert_eq!(
        (refused.code.as_deref(), refused.text.as_deref()),
        (Some("0"), Some("Lỗi khi truy vấn **********"))
    );
}

#[test]
fn trap_03_a_day_comes_in_every_form_and_is_one() {
    let forms = [
        r#""05/03/2021""#,
        r#""2021-03-05""#,
        r#""2021-03-05T00:00:00""#,
        r#""2021-03-05 00:00:00.0""#,
        r#""2021-03-04T17:00:00Z""#,
        "1614877200",
        "1614877200000",
        r#""1614877200000""#,
    ];
    for form in forms {
        let body = FORM.replace(r#""05/03/2021""#, form);
        let read = normal(&read("enterprise", &body));
        assert_eq!(
            read["Data"]["MainInformation"]["FOUNDING_DATE"], "2021-03-05",
            "{form}"
        );
        let body = CERTIFICATE.replace(r#""2021-03-05T00:00:00""#, form);
        let read = normal(&super::tests::read("enterprise", &body));
        assert_eq!(read["GetEntCert"]["NgayDangKyLanDau"], "2021-03-05", "{form}");
    }
    let body = CERTIFICATE.replace("2021-03-05T00:00:00", "0001-01-01T00:00:00");
    assert_eq!(
        normal(&read("enterprise", &body))["GetEntCert"]["NgayDangKyLanDau"],
        Value::Null
    );
}

#[test]
fn trap_06_codes_get_back_the_zeros_they_lost() {
    let place = |province: &str, district: &str, commune: &str| {
        let body = CERTIFICATE
            .replace(r#""MaTinhThanh":38"#, &format!(r#""MaTinhThanh":{province}"#))
            .replace(r#""MaQuanHuyen":0"#, &format!(r#""MaQuanHuyen":{district}"#))
            .replace(r#""MaPhuongXa":14797"#, &format!(r#""MaPhuongXa":{commune}"#));
        let place = normal(&read("enterprise", &body))["GetEntCert"]["DiaChiTruSo"]["DiaChi"].clone();
        [
            place["MaTinhThanh"].clone(),
            place["MaQuanHuyen"].clone(),
            place["MaPhuongXa"].clone(),
        ]
    };
    assert_eq!(place("1", "1", "4"), ["01", "001", "00004"]);
    assert_eq!(place("\"01\"", "\"001\"", "\"00004\""), ["01", "001", "00004"]);
    assert_eq!(place("0", "0", "\"0\""), [Value::Null, Value::Null, Value::Null]);
    let form = FORM
        .replace("\"38\"", "1")
        .replace("\"14797\"", "4")
        .replace("\"9900000016\"", "990000031");
    let data = normal(&read("enterprise", &form))["Data"].clone();
    assert_eq!(
        (&data["HOAdress"]["CityID"], &data["HOAdress"]["WardID"]),
        (&json!("01"), &json!("00004"))
    );
    assert_eq!(data["MainInformation"]["ENTERPRISE_GDT_CODE"], "0990000031");
}

#[test]
fn trap_11_a_group_is_one_or_a_list_and_a_code_a_text_or_a_number() {
    let plain = normal(&read("enterprise", CERTIFICATE));
    let one = CERTIFICATE
        .replace(r#""GetEntCert":[{"#, r#""GetEntCert":{"#)
        .replace(r#""LaNganhChinh":1}]}]}"#, r#""LaNganhChinh":"1"}]}}"#)
        .replace(
            r#""DaiDienPhapLuat":[{"ThongTinCaNhan":[{"#,
            r#""DaiDienPhapLuat":{"ThongTinCaNhan":{"#,
        )
        .replace(r#""MaQuocTich":"VN"}]}]"#, r#""MaQuocTich":"VN"}}"#)
        .replace(r#""MaTinhThanh":38"#, r#""MaTinhThanh":"38""#)
        .replace(r#""MaNoiBo":"990001""#, r#""MaNoiBo":990001"#);
    assert_eq!(normal(&read("enterprise", &one)), plain);
    let row = &plain["GetEntCert"]["DaiDienPhapLuat"][0];
    assert_eq!(row["ThongTinCaNhan"]["MaQuocTich"], "VN");
    let household =
        r#"{"HHCert":[{"MaSoHKD":"9900000032","ChuHoKinhDoanh":{"HoVaTen":"LÊ THỊ THỬ","MaQuocTich":704}}]}"#;
    let household = normal(&read("household", household));
    assert_eq!(
        household["HHCert"]["ChuHoKinhDoanh"],
        json!([{"HoVaTen": "LÊ THỊ THỬ", "MaQuocTich": "704"}])
    );
    let cooperative =
        r#"{"CoopCert":{"MaSoHTX":9900000040,"DaiDienPhapLuat":{"HoVaTen":"A","MaQuocTich":"VN"}}}"#;
    let cooperative = normal(&read("cooperative", cooperative));
    assert_eq!(
        cooperative["CoopCert"]["DaiDienPhapLuat"],
        json!([{"HoVaTen": "A", "MaQuocTich": "VN"}])
    );
    let two = r#"{"GetEntCert":[{"MaSoDoanhNghiep":"9900000016","DaiDienPhapLuat":[{"x":1,"ThongTinCaNhan":[{"HoVaTen":"A"},{"HoVaTen":"B"}]}]}]}"#;
    assert_eq!(
        normal(&read("enterprise", two))["GetEntCert"]["DaiDienPhapLuat"],
        json!([{"x": "1", "ThongTinCaNhan": {"HoVaTen": "A"}}, {"ThongTinCaNhan": {"HoVaTen": "B"}}])
    );
}

#[test]
fn trap_12_misspelt_names_are_the_contract() {
    let data = normal(&read("enterprise", FORM))["Data"].clone();
    assert_eq!(data["HOAdress"]["CityName"], "Tỉnh Thanh Hóa");
    assert!(data["MainInformation"].get("LAST_AMEND_DATE").is_some());
    let corrected = normal(&read("enterprise", &FORM.replace("HOAdress", "HOAddress")))["Data"].clone();
    assert_eq!(
        corrected["HOAddress"]["CityID"], "38",
        "another spelling is kept, and read by nobody"
    );
    assert_eq!(corrected.get("HOAdress"), None);
}

#[test]
fn trap_01_a_certificate_in_a_text_is_opened() {
    let text = Value::String(CERTIFICATE.to_owned()).to_string();
    assert_eq!(
        normal(&read("enterprise", &text)),
        normal(&read("enterprise", CERTIFICATE))
    );
}

#[test]
fn none_and_several_pass_nothing_on() {
    let row = r#"{"MaSoDoanhNghiep":"9900000016","TenTiengViet":"A"}"#;
    let other = r#"{"MaSoDoanhNghiep":"9900000016","TenTiengViet":"B"}"#;
    let certificates = |rows: &str| read("enterprise", &format!(r#"{{"GetEntCert":{rows}}}"#));
    for (rows, class) in [
        ("null".to_owned(), Class::NoMatch),
        ("[]".to_owned(), Class::NoMatch),
        ("[null]".to_owned(), Class::NoMatch),
        (format!("[{row},{other}]"), Class::Ambiguous),
    ] {
        let reading = certificates(&rows);
        assert_eq!((reading.class, reading.result), (Some(class), None), "{rows}");
        assert_eq!(reading.verdict, Verdict::Accepted);
    }
    assert_eq!(
        certificates(&format!("[{row},{row}]")).class,
        Some(Class::Match),
        "twice the same is one"
    );
    for body in [
        r#"{"Data":{"MainInformation":null,"HOAdress":null},"DataCount":0,"Status":"1","Message":"success"}"#,
        r#"{"Data":null,"DataCount":0,"Status":"1","Message":"success"}"#,
    ] {
        assert_eq!(read("enterprise", body).class, Some(Class::NoMatch), "{body}");
    }
    let two = r#"{"Data":{"MainInformation":[{"ENTERPRISE_GDT_CODE":"1"},{"ENTERPRISE_GDT_CODE":"2"}]},"Status":"1"}"#;
    let reading = read("enterprise", two);
    assert_eq!((reading.class, reading.result), (Some(Class::Ambiguous), None));
    let status = "\"TinhTrangPhapLy\":\"Đang hoạt động\"";
    let both = CERTIFICATE.replace(
        &format!("[{{{status}"),
        &format!("[{{\"MaTinhTrangPhapLy\":\"2\"}},{{{status}"),
    );
    let both = normal(&read("enterprise", &both))["GetEntCert"].clone();
    assert_eq!(
        (
            both.get("TinhTrangPhapLy"),
            both["TinhTrangPhapLy+"].as_array().map(Vec::len)
        ),
        (None, Some(2))
    );
}

#[test]
fn filings_are_listed_and_shown() {
    let list = r#"{"Data":[{"IN_JOURNAL_NO":"DK-2026-0001","ENTERPRISE_CODE":990000031,"RECEIPT_DATE":"05/01/2026 09:30:00"}],"DataCount":1,"Status":"1","Message":"success"}"#;
    for operation in ["changed", "changed-today"] {
        let reading = read(operation, list);
        assert_eq!(reading.class, Some(Class::Ok));
        assert_eq!(
            normal(&reading)["Data"],
            json!([{"IN_JOURNAL_NO": "DK-2026-0001", "ENTERPRISE_CODE": "0990000031", "RECEIPT_DATE": "2026-01-05T09:30:00"}])
        );
        let none = read(
            operation,
            r#"{"Data":null,"DataCount":0,"Status":"1","Message":"success"}"#,
        );
        assert_eq!(
            (none.class, &normal(&none)["Data"]),
            (Some(Class::Ok), &json!([]))
        );
        let refused = r#"{"Data":null,"DataCount":0,"Status":"0","Message":"Khoảng thời gian không được vượt quá 5 ngày"}"#;
        assert_eq!(read(operation, refused).class, Some(Class::UpstreamRejected));
        assert_eq!(
            read(operation, r#"{"Data":"x","Status":"1"}"#).class,
            Some(Class::UpstreamMalformed)
        );
    }
    let one = list.replace(['[', ']'], "");
    for body in [list, &one] {
        let reading = read("filing", body);
        assert_eq!(
            (reading.class, &normal(&reading)["Data"]["IN_JOURNAL_NO"]),
            (Some(Class::Match), &json!("DK-2026-0001"))
        );
    }
    let none = r#"{"Data":null,"DataCount":0,"Status":"1","Message":"success"}"#;
    assert_eq!(read("filing", none).class, Some(Class::NoMatch));
}

#[test]
fn what_is_hostile_or_stands_before_the_register_has_its_class() {
    let throttled = r#"{"fault":{"code":900803,"message":"Message throttled out","description":"quota"}}"#;
    let suspended = r#"<am:fault xmlns:am="http://wso2.org/apimanager"><am:code>303001</am:code><am:message>Runtime Error</am:message></am:fault>"#;
    let cases = [
        (429, throttled, Class::RateLimited, Hop::Ndxp),
        (200, throttled, Class::RateLimited, Hop::Ndxp),
        (503, suspended, Class::UpstreamUnavailable, Hop::Ndxp),
        (
            401,
            r#"{"fault":{"code":900901,"message":"Invalid Credentials"}}"#,
            Class::UpstreamAuth,
            Hop::Ndxp,
        ),
        (403, "", Class::Denied, Hop::Lgsp),
        (404, "<html>", Class::ConfigError, Hop::Lgsp),
        (502, "Bad gateway", Class::UpstreamUnavailable, Hop::Lgsp),
    ];
    each(&cases);
}

#[test]
fn what_comes_with_200_and_is_no_answer_has_its_class() {
    let deep = format!(r#"{{"GetEntCert":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    let twice = r#"{"GetEntCert":null,"GetEntCert":[{"MaSoDoanhNghiep":"9900000016"}]}"#;
    let nobody = r#"{"GetEntCert":[{"TenTiengViet":"A"}]}"#;
    let blank = r#"{"GetEntCert":[{"MaSoDoanhNghiep":" "}]}"#;
    let cases = [
        (
            200,
            "<!DOCTYPE html><html>Bảo trì</html>",
            Class::UpstreamMalformed,
            Hop::Ministry,
        ),
        (200, &deep, Class::UpstreamMalformed, Hop::Ministry),
        (200, twice, Class::UpstreamMalformed, Hop::Ministry),
        (200, nobody, Class::UpstreamMalformed, Hop::Ministry),
        (200, blank, Class::UpstreamMalformed, Hop::Ministry),
        (
            200,
            r#"{"GetEntCert":"x"}"#,
            Class::UpstreamMalformed,
            Hop::Ministry,
        ),
        (
            200,
            r#"{"Data":{},"Status":"1"}"#,
            Class::UpstreamMalformed,
            Hop::Ministry,
        ),
        (
            200,
            r#"{"Status":"1","Message":"success"}"#,
            Class::UpstreamMalformed,
            Hop::Ministry,
        ),
        (200, r#"{"HHCert":null}"#, Class::UpstreamMalformed, Hop::Ministry),
        (
            200,
            r#"{"error_code":"12","message":"Chưa được cấp quyền"}"#,
            Class::UpstreamRejected,
            Hop::Lgsp,
        ),
    ];
    each(&cases);
}

fn each(cases: &[(u16, &str, Class, Hop)]) {
    for (status, body, class, hop) in cases {
        let reading = answer("enterprise", *status, body);
        assert_eq!(
            (reading.class, reading.hop, reading.result),
            (Some(*class), Some(*hop), None),
            "{status} {body:.60}"
        );
    }
}

#[test]
fn nothing_of_a_person_is_shown() {
    let reading = read("enterprise", CERTIFICATE);
    assert_eq!(reading.text, None);
    let adapter = business(PROFILES[0]);
    let arguments = [("code", "9900000016")];
    let call = Call {
        operation: "enterprise",
        arguments: &arguments,
        session: Some("tok"),
        ..Call::default()
    };
    let shown = format!("{:?}", adapter.frame(&call).unwrap());
    assert!(!shown.contains("9900000016") && !shown.contains("tok"), "{shown}");
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), at in any::<usize>(), status in 100_u16..600) {
        for sample in [FORM, CERTIFICATE] {
            let mut body = sample.as_bytes().to_vec();
            let at = at % body.len();
            let end = (at + bytes.len() / 2).min(body.len());
            body.splice(at..end, bytes.iter().copied());
            for profile in [PROFILES[0], PROFILES[1]] {
                let adapter = business(profile);
                for operation in adapter.operations() {
                    let answer = Answer { status, body: &body, ..Answer::default() };
                    let reading = adapter.read(operation.name, &answer);
                    prop_assert!(reading.class.is_some());
                    prop_assert!(reading.result.is_none() || reading.verdict == Verdict::Accepted);
                }
            }
        }
    }

    #[test]
    fn what_is_framed_parses_back(code in "[ -~]{1,20}", text in "[0-9a-zA-Zàệ&=#%+ ]{1,12}") {
        prop_assume!(!code.trim().is_empty() && !text.trim().is_empty());
        for (operation, name, value) in [("enterprise", "msdn", &code), ("household", "mst", &text)] {
            let target = framed(PROFILES[1], operation, &[("code", value)]).unwrap();
            let query = target.split_once('?').unwrap().1;
            let encoded = query.strip_prefix(&format!("{name}=")).unwrap();
            prop_assert_eq!(decoded(encoded), value.as_bytes());
        }
    }
}

/// Percent-decoding, strict: two hex digits after each sign, and nothing that would end a value.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut all = Vec::new();
    while let Some(byte) = bytes.next() {
        assert!(!b"&=#+ ?/".contains(&byte), "{text}");
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            all.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            all.push(byte);
        }
    }
    all
}
