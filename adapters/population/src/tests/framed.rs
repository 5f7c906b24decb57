//! What leaves, by every shipped profile.

use wire::Method;

use super::*;

const REQUEST: &str = include_str!("../../../../fixtures/population/citizen/p1-whole/request.xml");

/// A document without the blanks between its elements, which mean nothing.
fn tight(document: &str) -> String {
    document.split('>').map(str::trim).collect::<Vec<_>>().join(">")
}

#[test]
fn the_laws_of_every_wire_are_kept_by_every_shipped_profile() {
    for (name, text) in PROFILES {
        let adapter = of(text);
        assert_eq!(wire::conformance::check(&adapter), [], "{name}");
        assert!(
            text.contains(&format!("profile = \"{name}\"")),
            "{name} has another name inside"
        );
    }
}

#[test]
fn the_question_of_the_specification_is_framed_byte_for_byte_up_to_blanks() {
    let request = ask(&adapter("c06"), "citizen", &QUESTION).unwrap();
    assert_eq!(body(&request), tight(REQUEST));
    assert_eq!(
        (request.method, request.target.as_str()),
        (Method::Post, "/qldc/tracuuthongtincongdan")
    );
    assert_eq!(header(&request, "Content-Type"), Some("application/xml"));
    assert_eq!(header(&request, "SOAPAction"), Some("\"\""));
    assert_eq!(
        header(&request, "X-Road-Client"),
        Some("VN/GOV/000.00.00.H99/mcdt")
    );
    assert_eq!(header(&request, "ApiKey"), Some("khoa-thu-nghiem"));
}

#[test]
fn the_older_yes_or_no_question_of_the_specification_is_framed_byte_for_byte() {
    let p2 = with(&[
        ("request", "H56-20260106-01J9Z0W0AB"),
        ("number", "099192000025"),
        ("name", "Lê Thị Thử"),
        ("born", "1992-11-03"),
    ]);
    let request = ask(&adapter("c06"), "exists", &p2).unwrap();
    let expected = "<dan:XacThucThongTinCongDan><dan:MaYeuCau>H56-20260106-01J9Z0W0AB</dan:MaYeuCau><dan:MaDVC>1.001193</dan:MaDVC>\
        <dan:MaTichHop>033</dan:MaTichHop><dan:MaCanBo>099185000058</dan:MaCanBo><dan:SoDinhDanh>099192000025</dan:SoDinhDanh>\
        <dan:HoVaTen>LÊ THỊ THỬ</dan:HoVaTen><dan:NgayThangNamSinh><dan:NgayThangNam>19921103</dan:NgayThangNam></dan:NgayThangNamSinh>\
        </dan:XacThucThongTinCongDan>";
    let text = body(&request);
    let start = text.find("<dan:XacThuc").unwrap();
    let end = text.find("</soapenv:Body>").unwrap();
    assert_eq!(&text[start..end], expected);
}

#[test]
fn the_newer_yes_or_no_question_asks_for_no_date_of_birth() {
    let undated: Vec<_> = QUESTION.into_iter().filter(|(name, _)| *name != "born").collect();
    let request = ask(&adapter("vdxp"), "exists", &undated).unwrap();
    assert!(body(&request).contains(
        "<dan:XacThucThongTinCongDanRequest><dan:MaYeuCau>H56-20260106-01J9Z0V7Q8XK2M4N6P8R</dan:MaYeuCau>\
         <dan:MaDichVu>1.001193</dan:MaDichVu><dan:MaCanBo>099185000058</dan:MaCanBo><dan:SoDinhDanh>099090000017</dan:SoDinhDanh>\
         <dan:HoVaTen>TRẦN VĂN MẪU</dan:HoVaTen></dan:XacThucThongTinCongDanRequest>"
    ));
    assert_eq!(
        ask(&adapter("vdxp"), "exists", &QUESTION),
        Ok(request),
        "a date given for nothing"
    );
    // The older one must have it.
    assert_eq!(
        ask(&adapter("c06"), "exists", &undated),
        Err(Malformed::Argument("born"))
    );
}

#[test]
fn the_question_about_parents_has_the_agency_first_and_the_birth_as_a_text() {
    let request = ask(&adapter("c06"), "kin", &QUESTION).unwrap();
    assert!(body(&request).contains(
        "<dan:MaDVC>1.001193</dan:MaDVC><dan:MaTichHop>037</dan:MaTichHop><dan:MaDonVi>H56.10</dan:MaDonVi>\
         <dan:MaCanBo>099185000058</dan:MaCanBo><dan:SoDinhDanh>099090000017</dan:SoDinhDanh><dan:HoVaTen>TRẦN VĂN MẪU</dan:HoVaTen>\
         <dan:NgayThangNamSinh>19900517</dan:NgayThangNamSinh></dan:XacMinhThongTinNhanThan>"
    ));
    let nowhere = with(&[("agency", "")]);
    assert_eq!(
        ask(&adapter("c06"), "kin", &nowhere),
        Err(Malformed::Argument("agency"))
    );
    let request = ask(&adapter("c06"), "citizen", &nowhere).unwrap();
    assert!(!body(&request).contains("MaDonVi"), "optional there");
}

/// SHA-256 of the vector in §2.2, lent to the wire for exactly that message.
fn vector(message: &[u8]) -> [u8; 32] {
    let expected = "/qldc/tracuuthongtincongdansandbox-tinh-3817672256000000123456789abcdef-not-a-real-key";
    assert_eq!(std::str::from_utf8(message), Ok(expected));
    const HASH: &str = "f45f127343f2aa301a63ff148469b77b679b1d0d4cd50d57909f46372581d69b";
    let mut hash = [0; 32];
    for (n, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&HASH[2 * n..2 * n + 2], 16).unwrap();
    }
    hash
}

fn signed(profile: &str, operation: &str, sha256: fn(&[u8]) -> [u8; 32]) -> Request {
    ask_with(&adapter(profile), operation, &QUESTION, sha256).unwrap()
}

#[test]
fn the_signature_of_c06_is_the_vector_of_the_specification() {
    let request = signed("c06", "citizen", vector);
    assert_eq!(header(&request, "Timestamp"), Some("1767225600000"));
    assert_eq!(
        header(&request, "Authorization"),
        Some(
            "Basic c2FuZGJveC10aW5oLTM4OmY0NWYxMjczNDNmMmFhMzAxYTYzZmYxNDg0NjliNzdiNjc5YjFkMGQ0Y2Q1MGQ1NzkwOWY0NjM3MjU4MWQ2OWI="
        )
    );
}

#[test]
fn an_older_gateway_counts_seconds_and_each_service_signs_its_own_path() {
    let request = signed("c06-seconds", "exists", |message| {
        let text = std::str::from_utf8(message).unwrap();
        assert!(
            text.starts_with("/qldc/xacthucthongtincongdansandbox-tinh-3817672256000123456789"),
            "{text}"
        );
        [0; 32]
    });
    assert_eq!(header(&request, "Timestamp"), Some("1767225600"));
    assert_eq!(
        (header(&request, "ApiKey"), header(&request, "X-Road-Client")),
        (None, None)
    );
}

#[test]
fn hau_giang_carries_the_message_and_both_tokens_in_one_object() {
    let adapter = adapter("hg");
    let call = Call {
        operation: "citizen",
        arguments: &QUESTION,
        session: Some("00000000-0000-4000-8000-000000000001"),
        auth: Some(Auth {
            credentials: Credentials {
                username: "ak-demo",
                password: "sk-demo",
                secrets: &[],
            },
            ..auth(|_| [0; 32])
        }),
        ..Call::default()
    };
    let request = adapter.frame(&call).unwrap();
    let message = tight(REQUEST)
        .replace("<dan:", "<qldc:")
        .replace("</dan:", "</qldc:");
    let message = message.replace("xmlns:dan", "xmlns:qldc");
    let message = message.trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let expected = format!(
        r#"{{"accessToken":"Bearer 00000000-0000-4000-8000-000000000001","lgspAccessToken":"eyJBY2Nlc3NLZXkiOiJhay1kZW1vIiwiU2VjcmV0S2V5Ijoic2stZGVtbyIsIkFwcE5hbWUiOiJHYXRld2F5RGVtbyIsIlBhcnRuZXJDb2RlIjoiMDAwLjAwLjAwLkg1NiIsIlBhcnRuZXJDb2RlQ3VzIjoiMDAwLjAwLjAwLkg1NiJ9","data":{}}}"#,
        serde_json::to_string(message).unwrap()
    );
    assert_eq!(body(&request), expected);
    assert_eq!(header(&request, "Content-Type"), Some("application/json"));
    assert_eq!(
        header(&request, "Authorization"),
        None,
        "the token stands in the body"
    );
}

#[test]
fn thanh_hoa_writes_the_sample_of_the_specification_byte_for_byte() {
    let question = with(&[("request", "H56-20260106-01J9Z0V7")]);
    let request = ask(&adapter("th"), "citizen", &question).unwrap();
    assert_eq!(
        body(&request),
        r#"{"HoVaTen":"TRẦN VĂN MẪU","SoDinhDanh":"099090000017","SoCMND":"","NgayThangNam":"19900517","Nam":"","MaTichHop":"037","MaDVC":"1.001193","MaCanBo":"099185000058","MaYeuCau":"H56-20260106-01J9Z0V7"}"#
    );
    assert_eq!(
        header(&request, "Authorization"),
        Some("Bearer 00000000-0000-4000-8000-000000000001")
    );
    let elder = with(&[("number", "999999901"), ("born", "1941")]);
    let request = ask(&adapter("th"), "citizen", &elder).unwrap();
    assert!(
        body(&request).contains(r#""SoDinhDanh":"","SoCMND":"999999901","NgayThangNam":"","Nam":"1941""#)
    );
    let request = ask(&adapter("th"), "exists", &QUESTION).unwrap();
    assert!(body(&request).contains(r#""MaTichHop":"033""#));
}

#[test]
fn the_other_provinces_are_framed_as_their_platforms_read_them() {
    let request = ask(&adapter("dt"), "citizen", &with(&[("account", "canbo.thu")])).unwrap();
    assert_eq!(
        body(&request),
        r#"{"maYeuCau":"H56-20260106-01J9Z0V7Q8XK2M4N6P8R","maDVC":"1.001193","maCanBo":"099185000058","soDinhDanh":"099090000017","soCMND":"","hoVaTen":"TRẦN VĂN MẪU","ngayThangNam":"19900517","userNameService":"canbo.thu"}"#
    );
    assert_eq!(request.target, "/api/v1/DanCu/TraCuuThongTinCongDan");
    let request = ask(&adapter("tn"), "citizen", &QUESTION).unwrap();
    assert_eq!(
        body(&request),
        r#"{"HoVaTen":"TRẦN VĂN MẪU","SoDinhDanh":"099090000017","NgayThangNam":"19900517","MaTichHop":"037","MaDVC":"1.001193","MaCanBo":"099185000058","MaDonVi":"H56.10","MaYeuCau":"H56-20260106-01J9Z0V7Q8XK2M4N6P8R"}"#
    );
    let request = ask(&adapter("sp"), "citizen", &QUESTION).unwrap();
    assert_eq!(
        (request.method, request.target.as_str(), request.body.as_slice()),
        (
            Method::Get,
            "/_vti_bin/CommonServices.svc/GetInfoCitizenFromCSDLQG?cccd=099090000017&fullName=TR%E1%BA%A6N%20V%C4%82N%20M%E1%BA%AAU&dob=19900517",
            b"".as_slice()
        )
    );
    let request = ask(&adapter("pass-through"), "citizen", &QUESTION).unwrap();
    assert_eq!(
        body(&request),
        tight(REQUEST),
        "the ministry's own message, unchanged"
    );
    assert_eq!(
        header(&request, "Authorization"),
        Some("Bearer 00000000-0000-4000-8000-000000000001")
    );
    let request = ask(
        &adapter("vdxp"),
        "citizen",
        &with(&[("dossier", "H56.10-260106-0001")]),
    )
    .unwrap();
    assert_eq!(header(&request, "X-Road-Issue"), Some("H56.10-260106-0001"));
    assert_eq!(header(&request, "X-Road-UserId"), Some("VN099185000058"));
    assert_eq!(request.target, "/r1/VN/GOV/G22/qldc/tracuuthongtincongdan");
}

#[test]
fn a_birth_is_said_as_far_as_it_is_known() {
    for (born, said) in [
        ("1990-05-17", "<dan:NgayThangNam>19900517</dan:NgayThangNam>"),
        ("1990-05", "<dan:Nam>1990</dan:Nam>"),
        ("1941", "<dan:Nam>1941</dan:Nam>"),
    ] {
        let request = ask(&adapter("c06"), "citizen", &with(&[("born", born)])).unwrap();
        let expected = format!("<dan:NgayThangNamSinh>{said}</dan:NgayThangNamSinh></dan:TraCuu");
        assert!(body(&request).contains(&expected), "{born}");
    }
    for born in ["17/05/1990", "19900517", "1990-5-17", "1990-13-01"] {
        let refused = ask(&adapter("c06"), "citizen", &with(&[("born", born)]));
        assert_eq!(refused, Err(Malformed::Argued("born")), "{born}");
    }
}

#[test]
fn a_key_that_the_profile_names_and_nobody_gave_stops_the_call() {
    let call = Call {
        operation: "citizen",
        arguments: &QUESTION,
        auth: Some(Auth {
            credentials: Credentials::default(),
            ..auth(|_| [0; 32])
        }),
        ..Call::default()
    };
    assert!(matches!(adapter("c06").frame(&call), Err(Malformed::Secret(_))));
}

#[test]
fn nothing_of_a_question_is_shown() {
    let request = ask(&adapter("sp"), "citizen", &QUESTION).unwrap();
    let shown = format!("{request:?}");
    assert!(
        !shown.contains("099090000017") && !shown.contains("cccd"),
        "{shown}"
    );
}

/// The profile of a province that nobody shipped.
const ADDED: &str = r#"
        profile = "hoa-mau"
        version = 4
        token = { kind = "form", path = "/oauth/token" }
        headers = [{ to = "Authorization", from = "bearer" }, { to = "X-Ma-Don-Vi", from = "agency" }]

        [services.citizen]
        path = "/dancu/tra-cuu?phien-ban=2"
        envelope = "json"
        fields = [
          { to = "yeuCau/ma", from = "request" },
          { to = "yeuCau/thuTuc", from = "procedure" },
          { to = "congDan/soGiayTo", from = "number" },
          { to = "congDan/hoTen", from = "name", as = "ascii" },
          { to = "congDan/ngaySinh", from = "born", as = "yyyy-MM-dd", only = "day" },
          { to = "congDan/namSinh", from = "born", as = "yyyy", only = "no-day", bare = true },
        ]
        [services.citizen.answer]
        code = "ketQua/ma"
        ok = ["00"]
        text = ["ketQua/moTa"]
        inside = ["duLieu"]
        trace = "ketQua/maGiaoDich"
        codes = { 98 = "denied" }
        words = [{ holds = "không tìm thấy công dân", class = "no_match" }, { holds = "quá số lượt", class = "rate_limited" }]
    "#;

#[test]
fn a_province_is_added_by_the_text_of_a_profile_alone() {
    let adapter = of(ADDED);
    assert_eq!(wire::conformance::check(&adapter), []);
    let request = ask(&adapter, "citizen", &QUESTION).unwrap();
    assert_eq!(
        body(&request),
        r#"{"yeuCau":{"ma":"H56-20260106-01J9Z0V7Q8XK2M4N6P8R","thuTuc":"1.001193"},"congDan":{"soGiayTo":"099090000017","hoTen":"TRANVANMAU","ngaySinh":"1990-05-17"}}"#
    );
    assert_eq!(header(&request, "X-Ma-Don-Vi"), Some("H56.10"));
    let read = |body: &str| {
        adapter.read(
            "citizen",
            &Answer {
                status: 200,
                body: body.as_bytes(),
                ..Answer::default()
            },
        )
    };
    let inside = serde_json::to_string(ANSWER).unwrap();
    let found = read(&format!(
        r#"{{"ketQua":{{"ma":"00","maGiaoDich":"gd-1"}},"duLieu":{inside}}}"#
    ));
    assert_eq!(
        (found.class, found.trace.as_deref()),
        (Some(Class::Match), Some("gd-1"))
    );
    assert_eq!(
        result(&found),
        serde_json::from_str::<serde_json::Value>(NORMAL).unwrap()
    );
    for (code, words, class) in [
        ("14", "Không tìm thấy CÔNG DÂN nào", Class::NoMatch),
        ("15", "Quá số lượt trong ngày", Class::RateLimited),
        ("98", "", Class::Denied),
        ("99", "Lỗi khác", Class::UpstreamRejected),
    ] {
        let found = read(&format!(r#"{{"ketQua":{{"ma":"{code}","moTa":"{words}"}}}}"#));
        assert_eq!((found.class, found.result), (Some(class), None), "{code}");
    }
}

#[test]
fn a_profile_for_services_that_are_not_ours_is_refused_with_reasons() {
    let text = PROFILES[0].1.replace("[services.kin]", "[services.household]");
    let text = text.replace("from = \"phone\"", "from = \"colour\"");
    let faults = Population::new(toml::from_str(&text).unwrap()).unwrap_err();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("no `colour`") && said[1].contains("no operation `household`"),
        "{said:?}"
    );
}
