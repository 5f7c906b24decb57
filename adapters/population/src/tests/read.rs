//! What answers come to, and the normal form of a record.

use serde_json::{Value, json};
use wire::{Hop, Next, Verdict};

use super::*;

fn normal() -> Value {
    serde_json::from_str(NORMAL).unwrap()
}

/// The record of a citizen within an envelope of the c06 road.
fn record(members: &str) -> Value {
    result(&reading("c06", "citizen", &collection(&citizen(members))))["CongDan"].clone()
}

#[test]
fn the_answer_of_the_specification_becomes_its_normal_form() {
    let read = reading("c06", "citizen", ANSWER);
    assert_eq!(
        (read.class, read.verdict, read.next),
        (Some(Class::Match), Verdict::Accepted, Next::Settle)
    );
    assert_eq!(read.hop, Some(Hop::Ministry));
    assert_eq!(result(&read), normal());
}

#[test]
fn an_accepted_answer_is_accepted_whole_and_under_a_good_status_only() {
    let adapter = adapter("c06");
    assert_eq!(
        wire::conformance::accepted(&adapter, "citizen", ANSWER.trim_end().as_bytes()),
        []
    );
    let yes = b"<KetQuaXacThuc><TonTai>true</TonTai></KetQuaXacThuc>";
    assert_eq!(wire::conformance::accepted(&adapter, "exists", yes), []);
    let wrapped = format!(
        r#"{{"error_code":"0","message":{}}}"#,
        serde_json::to_string(ANSWER).unwrap()
    );
    assert_eq!(
        wire::conformance::accepted(&super::adapter("th"), "citizen", wrapped.as_bytes()),
        []
    );
}

#[test]
fn every_sample_is_read_and_written_again_without_loss() {
    for sample in [
        ANSWER,
        include_str!("../../../../fixtures/population/citizen/p1-whole/request.xml"),
    ] {
        let root = wire::xml::read(sample.as_bytes(), &wire::xml::Bounds::default()).unwrap();
        let written = wire::xml::write(&root).unwrap();
        assert_eq!(
            wire::xml::read(&written, &wire::xml::Bounds::default()),
            Ok(root.clone())
        );
        let tight: String = sample.split('>').map(str::trim).collect::<Vec<_>>().join(">");
        // An element of no content has two spellings.
        assert_eq!(String::from_utf8(written).unwrap(), tight);
    }
}

/// The record of the specification, converted to JSON as adapters of provinces do.
fn converted() -> Value {
    let mut record = normal()["CongDan"].clone();
    record["HoVaTen"] = json!({"Ho": "", "ChuDem": null, "Ten": "TRẦN VĂN MẪU"});
    for relative in ["Cha", "Me", "VoChong", "ChuHo"] {
        record[relative]["HoVaTen"] = record[relative]["HoVaTen"]["DayDu"].take();
    }
    record["NguoiDaiDien"] = json!("");
    record["QuocTich"] = Value::Null;
    json!({"CongdanCollection": {"CongDan": record}})
}

#[test]
fn json_conversions_end_in_the_same_normal_form() {
    let body = converted();
    let listed = json!({"CongdanCollection": {"CongDan": [body["CongdanCollection"]["CongDan"]]}});
    let prefixed = json!({"ns1:CongdanCollection": {"@xmlns:ns1": "http://www.mic.gov.vn/dancu/1.0",
        "ns1:CongDan": body["CongdanCollection"]["CongDan"]}});
    for body in [body, listed, prefixed] {
        let bare = json!({"Body": body});
        let enveloped = json!({"Envelope": {"Header": "", "Body": body}});
        let texted = json!(enveloped.to_string());
        for document in [&bare, &enveloped] {
            assert_eq!(result(&reading("dt", "citizen", &document.to_string())), normal());
        }
        for data in [bare, enveloped, texted] {
            let answer = json!({"code": 200, "status": "success", "correlationId": "c-1",
                "response": {"error_code": 0, "message": "", "data": data}});
            let read = reading("tn", "citizen", &answer.to_string());
            assert_eq!((result(&read), read.trace.as_deref()), (normal(), Some("c-1")));
        }
    }
}

#[test]
fn xml_comes_with_any_prefix_or_none_as_a_text_or_in_one() {
    let unprefixed = ANSWER.replace("ns1:", "").replace("xmlns:ns1", "xmlns");
    let bare = unprefixed.replace(" xmlns=\"http://www.mic.gov.vn/dancu/1.0\"", "");
    let other = ANSWER.replace("ns1:", "x9:").replace("xmlns:ns1", "xmlns:x9");
    let start = ANSWER.find("<ns1:CongdanCollection").unwrap();
    let end = ANSWER.find("</soapenv:Body>").unwrap();
    let inner = ANSWER[start..end].to_owned();
    for text in [
        unprefixed,
        bare,
        other,
        inner,
        format!("\u{feff}\r\n{ANSWER}\r\n"),
    ] {
        for profile in ["c06", "hg", "sp", "pass-through"] {
            assert_eq!(result(&reading(profile, "citizen", &text)), normal(), "{profile}");
        }
        let quoted = json!(text).to_string();
        assert_eq!(
            result(&reading("sp", "citizen", &quoted)),
            normal(),
            "a JSON text"
        );
        let wrapped = json!({"error_code": 0, "message": text}).to_string();
        assert_eq!(result(&reading("th", "citizen", &wrapped)), normal());
    }
}

#[test]
fn relatives_have_flat_names_and_structured_ones() {
    let record = record(
        "<Cha><HoVaTen>TRẦN VĂN CHA MẪU</HoVaTen></Cha>\
         <Me><HoVaTen><Ho>PHẠM</Ho><ChuDem>THỊ MẸ</ChuDem><Ten>MẪU</Ten></HoVaTen><QuocTich>VN</QuocTich></Me>\
         <VoChong><HoVaTen><Ho/><ChuDem/><Ten>LÊ THỊ THỬ</Ten></HoVaTen></VoChong>\
         <NguoiDaiDien><HoVaTen><Ho> </Ho></HoVaTen></NguoiDaiDien>",
    );
    assert_eq!(record["Cha"], json!({"HoVaTen": {"DayDu": "TRẦN VĂN CHA MẪU"}}));
    assert_eq!(
        record["Me"],
        json!({"HoVaTen": {"DayDu": "PHẠM THỊ MẸ MẪU", "Ho": "PHẠM", "ChuDem": "THỊ MẸ", "Ten": "MẪU"}, "QuocTich": "VN"})
    );
    assert_eq!(record["VoChong"], json!({"HoVaTen": {"DayDu": "LÊ THỊ THỬ"}}));
    assert_eq!(record.get("NguoiDaiDien"), None);
}

#[test]
fn dates_stay_as_they_came() {
    let born = |text: &str| {
        record(&format!("<NgayThangNamSinh>{text}</NgayThangNamSinh>"))["NgayThangNamSinh"].clone()
    };
    assert_eq!(
        born("<Nam>1990</Nam><NgayThangNam>1990-05-17</NgayThangNam>"),
        json!({"Nam": "1990", "NgayThangNam": "1990-05-17"})
    );
    assert_eq!(born("<Nam>1941</Nam><NgayThangNam/>"), json!({"Nam": "1941"}));
    assert_eq!(born("1941"), json!({"Nam": "1941"}));
    assert_eq!(born("19900517"), json!({"NgayThangNam": "19900517"}));
    assert_eq!(born(""), Value::Null);
}

#[test]
fn what_nobody_described_is_kept_under_its_own_name() {
    let record = record(
        "<LoaiTaiKhoan>2</LoaiTaiKhoan><MaSoThue>9900000016</MaSoThue><CoQuan nguon='BCA'><Ma>1</Ma><Ma>2</Ma>chữ</CoQuan>\
         <x:GhiChu xmlns:x='u:x'>một</x:GhiChu><GhiChu>hai</GhiChu><Rong><Sau/></Rong>\
         <ThuongTru><MaTinhThanh>38</MaTinhThanh><MaDonViHanhChinh>38.14797</MaDonViHanhChinh></ThuongTru>\
         <DanToc ten='Kinh' xsi:type='x' xmlns:xsi='u:xsi'>01</DanToc>",
    );
    assert_eq!(
        (&record["LoaiTaiKhoan"], &record["MaSoThue"]),
        (&json!("2"), &json!("9900000016"))
    );
    assert_eq!(record["CoQuan"], json!({"#text": "chữ", "Ma": ["1", "2"]}));
    assert_eq!(record["CoQuan@nguon"], json!("BCA"));
    assert_eq!(record["GhiChu"], json!(["một", "hai"]));
    assert_eq!(record.get("Rong"), None);
    assert_eq!(
        record["ThuongTru"],
        json!({"MaTinhThanh": "38", "MaDonViHanhChinh": "38.14797"})
    );
    assert_eq!(
        (&record["DanToc"], &record["DanToc@ten"]),
        (&json!("01"), &json!("Kinh"))
    );
    assert_eq!(record.get("DanToc@xsi:type"), None);
}

#[test]
fn a_collection_says_its_number_and_its_moment_as_attributes_or_members() {
    let says = |attributes: &str, count: usize| {
        let text = collection(&citizen("").repeat(count));
        text.replace(
            "<ns1:CongdanCollection ",
            &format!("<ns1:CongdanCollection {attributes} "),
        )
    };
    let read = |attributes: &str, count: usize| reading("c06", "citizen", &says(attributes, count));
    let found = result(&read(
        "SoCongDan='1' GhiChu='thử' ThoiDiemDuLieu='2026-01-06T09:30:00'",
        1,
    ));
    assert_eq!(found["SoCongDan"], "1");
    assert_eq!(
        (&found["GhiChu"], &found["ThoiDiemDuLieu"]),
        (&json!("thử"), &json!("2026-01-06T09:30:00+07:00"))
    );
    let at = |moment: &str| result(&read(&format!("ThoiDiemDuLieu='{moment}'"), 1));
    assert_eq!(
        at("2026-01-06T02:30:00.123Z")["ThoiDiemDuLieu"],
        "2026-01-06T02:30:00+00:00"
    );
    assert_eq!(
        at("2026-01-06 09:30:00.5+07:00")["ThoiDiemDuLieu"],
        "2026-01-06T09:30:00+07:00"
    );
    let odd = at("hôm nay");
    assert_eq!(
        (odd.get("ThoiDiemDuLieu"), &odd["ThoiDiemDuLieu@"]),
        (None, &json!("hôm nay"))
    );
    let member = json!({"Body": {"CongdanCollection": {"SoCongDan": 1, "CongDan": converted()["CongdanCollection"]["CongDan"]}}});
    assert_eq!(
        result(&reading("dt", "citizen", &member.to_string()))["SoCongDan"],
        "1"
    );
    for (attributes, count, class) in [
        ("SoCongDan='0'", 0, Class::NoMatch),
        ("SoLuongCongDan='2'", 1, Class::Ambiguous),
        ("SoCongDan='x'", 1, Class::Match),
        ("SoCongDan='1'", 2, Class::Ambiguous),
        ("SoCongDan='1'", 0, Class::UpstreamMalformed),
        ("SoCongDan='0'", 1, Class::UpstreamMalformed),
    ] {
        assert_eq!(read(attributes, count).class, Some(class), "{attributes} {count}");
    }
}

#[test]
fn nobody_is_no_match_and_two_are_ambiguous_and_neither_has_a_result() {
    let none = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\n  \
                <ns1:CongdanCollection xmlns:ns1=\"http://www.mic.gov.vn/dancu/1.0\"/>\n</soapenv:Body></soapenv:Envelope>";
    let nobody = [
        none.to_owned(),
        collection("<CongDan/>"),
        collection("<CongDan><SoDinhDanh/><HoVaTen><Ten/></HoVaTen></CongDan>"),
        collection("<CongDan><SoDinhDanh>099090000017</SoDinhDanh><HoVaTen><Ten> </Ten></HoVaTen></CongDan>"),
        "<Envelope><Body/></Envelope>".to_owned(),
    ];
    for body in nobody {
        let read = reading("c06", "citizen", &body);
        assert_eq!(
            (read.class, read.verdict, read.result),
            (Some(Class::NoMatch), Verdict::Accepted, None),
            "{body}"
        );
        assert_eq!(reading("c06", "kin", &body).class, Some(Class::NoMatch));
    }
    for document in [
        json!({"Body": {"CongdanCollection": null}}),
        json!({"Body": ""}),
        json!({"Envelope": {"Body": {"CongdanCollection": {"CongDan": []}}}}),
    ] {
        assert_eq!(
            reading("dt", "citizen", &document.to_string()).class,
            Some(Class::NoMatch)
        );
    }
    for body in [
        collection(&citizen("").repeat(2)),
        collection(&citizen("").repeat(2_000 / 6)),
    ] {
        let read = reading("c06", "citizen", &body);
        assert_eq!(
            (read.class, read.verdict, read.result),
            (Some(Class::Ambiguous), Verdict::Accepted, None)
        );
    }
    let one_of_two = collection(&format!("<CongDan/>{}", citizen("")));
    assert_eq!(
        class("citizen", &one_of_two),
        Class::Match,
        "an empty one is none"
    );
}

#[test]
fn yes_and_no_are_read_in_every_spelling() {
    for (text, expected) in [
        ("true", Class::Match),
        ("True", Class::Match),
        ("1", Class::Match),
        ("false", Class::NoMatch),
        ("0", Class::NoMatch),
        ("", Class::UpstreamMalformed),
        ("có", Class::UpstreamMalformed),
    ] {
        for root in ["KetQuaXacThuc", "KetQuaXacThucResponse"] {
            let body =
                format!("<n:{root} xmlns:n='http://dancuquocgia.bca'><n:TonTai>{text}</n:TonTai></n:{root}>");
            assert_eq!(
                class("exists", &format!("<Envelope><Body>{body}</Body></Envelope>")),
                expected,
                "{text}"
            );
        }
    }
    let json = |value: Value| {
        let body = json!({"Body": {"KetQuaXacThuc": {"TonTai": value}}});
        reading("dt", "exists", &body.to_string())
    };
    assert_eq!(
        json(json!(true)).result.as_deref(),
        Some(br#"{"TonTai":"true"}"#.as_slice())
    );
    assert_eq!(
        (json(json!(false)).class, json(json!(false)).result),
        (Some(Class::NoMatch), None)
    );
    assert_eq!(json(json!([true, false])).class, Some(Class::UpstreamMalformed));
}

#[test]
fn parents_are_read_in_parts() {
    let body = collection(
        "<CongDan><SoDinhDanh>099326000031</SoDinhDanh><SoCMND/><HoVaTen><Ho>TRẦN</Ho><ChuDem>AN THỬ</ChuDem><Ten>NGHIỆM</Ten></HoVaTen>\
         <NgayThangNamSinh><NgayThangNam>20260102</NgayThangNam></NgayThangNamSinh>\
         <Cha><SoDinhDanh>099090000017</SoDinhDanh><QuocTich>VN</QuocTich><HoVaTen><Ho>TRẦN</Ho><ChuDem>VĂN</ChuDem><Ten>MẪU</Ten></HoVaTen></Cha></CongDan>",
    );
    let found = result(&reading("c06", "kin", &body));
    assert_eq!(found["CongDan"]["HoVaTen"]["DayDu"], "TRẦN AN THỬ NGHIỆM");
    assert_eq!(
        found["CongDan"]["Cha"],
        json!({"HoVaTen": {"DayDu": "TRẦN VĂN MẪU", "Ho": "TRẦN", "ChuDem": "VĂN", "Ten": "MẪU"}, "QuocTich": "VN", "SoDinhDanh": "099090000017"})
    );
}

#[test]
fn a_fault_is_read_by_its_code_and_a_site_may_know_better() {
    let fault = |code: &str, detail: &str| {
        format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\n<soapenv:Fault>\
             <faultcode>{code}</faultcode><faultstring>MOCK: officer 099185000058 is not registered for service 037</faultstring>{detail}\
             </soapenv:Fault></soapenv:Body></soapenv:Envelope>"
        )
    };
    let detail = "<detail><mock:error xmlns:mock=\"urn:gateway:mock\"><mock:code>OFFICER_NOT_REGISTERED</mock:code></mock:error></detail>";
    for at in [200, 400, 500] {
        let read = status("c06", "citizen", at, &fault("soapenv:Client", detail));
        assert_eq!(
            (read.class, read.verdict, read.next),
            (Some(Class::UpstreamRejected), Verdict::Refused, Next::Person)
        );
        assert_eq!(
            (read.hop, read.code.as_deref()),
            (Some(Hop::Ministry), Some("OFFICER_NOT_REGISTERED"))
        );
        assert_eq!(
            read.text.as_deref(),
            Some("MOCK: officer ************ is not registered for service 037")
        );
        let read = status("c06", "citizen", at, &fault("soapenv:Server", ""));
        assert_eq!(
            (read.class, read.next),
            (Some(Class::UpstreamUnavailable), Next::Retry)
        );
        let read = status("c06", "exists", at, &fault("", ""));
        assert_eq!(read.class, Some(Class::UpstreamRejected), "an unknown one");
    }
    let wrapped = json!({"error_code": "0", "message": fault("soapenv:Client", detail)}).to_string();
    assert_eq!(
        reading("th", "citizen", &wrapped).class,
        Some(Class::UpstreamRejected)
    );
    let knows = PROFILES[0].1.replacen(
        "answer = { namespaces",
        "answer = { codes = { OFFICER_NOT_REGISTERED = \"denied\" }, namespaces",
        1,
    );
    let answer = fault("soapenv:Client", detail);
    let answer = Answer {
        status: 500,
        body: answer.as_bytes(),
        ..Answer::default()
    };
    assert_eq!(of(&knows).read("citizen", &answer).class, Some(Class::Denied));
}

#[test]
fn what_the_way_says_is_told_with_its_hop() {
    let wso2 = |code: u32| format!(r#"{{"fault":{{"code":{code},"message":"m","description":"d"}}}}"#);
    for (at, code, expected, after) in [
        (401, 900_901, Class::UpstreamAuth, None),
        (429, 900_803, Class::RateLimited, Some(60)),
        (403, 900_908, Class::Denied, None),
        (404, 900_906, Class::ConfigError, None),
        (503, 700_700, Class::UpstreamUnavailable, None),
    ] {
        for profile in ["pass-through", "hg", "th", "tn", "dt"] {
            let read = status(profile, "citizen", at, &wso2(code));
            assert_eq!(
                (read.class, read.hop, read.after),
                (Some(expected), Some(Hop::Ndxp), after),
                "{profile} {code}"
            );
        }
    }
    let suspended = "<am:fault xmlns:am=\"http://wso2.org/apimanager\"><am:code>303001</am:code><am:type>Status report</am:type>\
                     <am:message>Runtime Error</am:message><am:description>Endpoint suspended</am:description></am:fault>";
    for at in [200, 500, 503] {
        let read = status("pass-through", "citizen", at, suspended);
        assert_eq!(
            (read.class, read.after),
            (Some(Class::UpstreamUnavailable), Some(30)),
            "{at}"
        );
    }
    for (at, expected) in [
        (401, Class::UpstreamAuth),
        (403, Class::Denied),
        (429, Class::RateLimited),
        (502, Class::UpstreamUnavailable),
    ] {
        let read = status("c06", "citizen", at, ANSWER);
        assert_eq!(
            (read.class, read.result),
            (Some(expected), None),
            "a record under {at} is none"
        );
    }
}

#[test]
fn what_a_wrapper_says_is_kept_without_anybodys_number() {
    let read = reading(
        "th",
        "citizen",
        r#"{"error_code":-1,"message":"Không kết nối được CSDL, CCCD 099090000017"}"#,
    );
    assert_eq!(
        (read.class, read.hop, read.code.as_deref()),
        (Some(Class::UpstreamRejected), Some(Hop::Lgsp), Some("-1"))
    );
    assert!(!read.text.unwrap().contains("099090000017"));
    let read = status(
        "dt",
        "citizen",
        400,
        r#"{"status":400,"message":"officer code","errors":["OFFICER"]}"#,
    );
    assert_eq!(
        (read.class, read.text.as_deref()),
        (Some(Class::UpstreamRejected), Some("officer code"))
    );
    let headers = [("x-road-request-id".to_owned(), "f3b6".to_owned())];
    let answer = Answer {
        status: 200,
        headers: &headers,
        body: ANSWER.as_bytes(),
        ..Answer::default()
    };
    assert_eq!(
        adapter("vdxp").read("citizen", &answer).trace.as_deref(),
        Some("f3b6")
    );
}

#[test]
fn what_is_not_this_services_answer_is_malformed() {
    let foreign = ANSWER.replace(
        "http://www.mic.gov.vn/dancu/1.0",
        "http://www.example.vn/khac/1.0",
    );
    let others = [
        foreign.clone(),
        "<Envelope><Body><KetQuaXacThuc><TonTai>true</TonTai></KetQuaXacThuc></Body></Envelope>".to_owned(),
        collection("<Loi>099</Loi>"),
        collection("chữ"),
        collection("<CongDan>chữ</CongDan>"),
        collection(&citizen("<SoDinhDanh>099192000025</SoDinhDanh>")),
        collection(&citizen("<DanToc><MaDanToc>01</MaDanToc></DanToc>")),
        collection(&citizen("<ThuongTru>Hà Nội</ThuongTru>")),
        collection(&citizen("<Cha><HoVaTen>A<Ten>B</Ten></HoVaTen></Cha>")),
        "<!DOCTYPE html><html><body>Đăng nhập</body></html>".to_owned(),
        "Client received SOAP Fault from server: timeout".to_owned(),
        "{}".to_owned(),
        String::new(),
    ];
    for body in others {
        let read = reading("c06", "citizen", &body);
        assert_eq!(
            (read.class, read.next, read.result),
            (Some(Class::UpstreamMalformed), Next::Retry, None),
            "{body}"
        );
    }
    assert_eq!(class("exists", ANSWER), Class::UpstreamMalformed);
    assert_eq!(
        class("exists", "<Envelope><Body/></Envelope>"),
        Class::UpstreamMalformed
    );
    // A site may say that any namespace will do.
    let any = PROFILES[0].1.replace(
        "answer = { namespaces = [\"http://www.mic.gov.vn/dancu/1.0\"] }",
        "",
    );
    let answer = Answer {
        status: 200,
        body: foreign.as_bytes(),
        ..Answer::default()
    };
    assert_eq!(of(&any).read("citizen", &answer).class, Some(Class::Match));
    let page = status("hg", "citizen", 200, "<html><head></head></html>");
    assert_eq!(page.class, Some(Class::UpstreamMalformed));
    assert_eq!(
        adapter("sp").read("kin", &answer).class,
        Some(Class::NotSupported)
    );
}
