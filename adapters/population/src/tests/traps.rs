//! The traps of §8 that concern this wire, each by its row.

use serde_json::json;

use super::*;

/// The record of a citizen with these members.
fn record(members: &str) -> serde_json::Value {
    result(&reading("c06", "citizen", &collection(&citizen(members))))["CongDan"].clone()
}

#[test]
fn trap_1_xml_in_json_and_json_in_json_are_opened() {
    let wrapped = json!({"error_code": "0", "message": ANSWER}).to_string();
    assert_eq!(reading("th", "citizen", &wrapped).class, Some(Class::Match));
    let twice = json!({"error_code": 0, "message": json!(json!(ANSWER).to_string()).to_string()}).to_string();
    assert_eq!(reading("th", "citizen", &twice).class, Some(Class::Match));
    let quoted = json!({"code": 200, "response": {"error_code": 0, "data": json!({"Body": ""}).to_string()}});
    assert_eq!(
        reading("tn", "citizen", &quoted.to_string()).class,
        Some(Class::NoMatch)
    );
    // Many layers are opened no further.
    let mut deep = json!(ANSWER);
    for _ in 0..8 {
        deep = json!(deep.to_string());
    }
    let deep = json!({"error_code": 0, "message": deep}).to_string();
    assert_eq!(
        reading("th", "citizen", &deep).class,
        Some(Class::UpstreamMalformed)
    );
}

#[test]
fn trap_2_success_is_a_number_a_text_or_a_truth_and_nothing_is_none() {
    for code in [json!(0), json!("0"), json!(" 0 ")] {
        let body = json!({"error_code": code, "message": ANSWER}).to_string();
        assert_eq!(
            reading("th", "citizen", &body).class,
            Some(Class::Match),
            "{code}"
        );
    }
    for code in [
        json!(1),
        json!("1"),
        json!(true),
        json!("00"),
        json!("SUCCESSFUL"),
    ] {
        let body = json!({"error_code": code, "message": ANSWER}).to_string();
        assert_eq!(
            reading("th", "citizen", &body).class,
            Some(Class::UpstreamRejected),
            "{code}"
        );
    }
    for body in [
        "",
        r#"{"error_code":"","message":"x"}"#,
        r#"{"error_code":0}"#,
        r#"{"error_code":0,"message":""}"#,
        r#"{"message":"Thành công"}"#,
    ] {
        assert_eq!(
            reading("th", "citizen", body).class,
            Some(Class::UpstreamMalformed),
            "{body}"
        );
    }
}

#[test]
fn trap_3_dates_leave_as_the_profile_says_and_come_in_as_they_are() {
    let dashes = PROFILES[0].1.replace("\"yyyyMMdd\"", "\"yyyy-MM-dd\"");
    let request = ask(&of(&dashes), "citizen", &QUESTION).unwrap();
    assert!(body(&request).contains("<dan:NgayThangNam>1990-05-17</dan:NgayThangNam>"));
    for text in ["19900517", "1990-05-17", "1990"] {
        let born = record(&format!(
            "<NgayThangNamSinh><NgayThangNam>{text}</NgayThangNam></NgayThangNamSinh>"
        ));
        assert_eq!(born["NgayThangNamSinh"]["NgayThangNam"], text);
    }
}

#[test]
fn trap_5_the_whole_name_stands_in_its_last_part() {
    assert_eq!(record("")["HoVaTen"], json!({"DayDu": "TRẦN VĂN MẪU"}));
    let parts = "<CongDan><HoVaTen><Ho>TRẦN</Ho><ChuDem>VĂN</ChuDem><Ten>MẪU</Ten></HoVaTen></CongDan>";
    let parted = result(&reading("c06", "citizen", &collection(parts)));
    assert_eq!(
        parted["CongDan"]["HoVaTen"],
        json!({"DayDu": "TRẦN VĂN MẪU", "Ho": "TRẦN", "ChuDem": "VĂN", "Ten": "MẪU"})
    );
}

#[test]
fn trap_6_codes_get_back_the_zeros_that_a_converter_took() {
    let citizen = json!({
        "SoDinhDanh": 1_090_000_017_i64, "SoCMND": 12_345_678, "HoVaTen": {"Ten": "TRẦN VĂN MẪU"}, "GioiTinh": "01", "DanToc": 1, "TonGiao": 0,
        "NhomMau": "0", "TinhTrangHonNhan": 2, "SoSoHoKhau": "007",
        "ThuongTru": {"MaTinhThanh": 1, "MaQuanHuyen": 1, "MaPhuongXa": 4, "ChiTiet": "00012"},
        "Cha": {"SoDinhDanh": 99_062_000_011_i64},
    });
    let body = json!({"Body": {"CongdanCollection": {"CongDan": citizen}}});
    let found = &result(&reading("dt", "citizen", &body.to_string()))["CongDan"];
    assert_eq!(
        *found,
        json!({
            "SoDinhDanh": "001090000017", "SoCMND": "012345678", "HoVaTen": {"DayDu": "TRẦN VĂN MẪU"}, "GioiTinh": "1", "DanToc": "01",
            "TonGiao": "00", "TinhTrangHonNhan": "2", "NhomMau": "00",
            "ThuongTru": {"MaTinhThanh": "01", "MaQuanHuyen": "001", "MaPhuongXa": "00004", "ChiTiet": "00012"},
            "Cha": {"SoDinhDanh": "099062000011"}, "SoSoHoKhau": "007",
        })
    );
    let odd = record(
        "<GioiTinh>12</GioiTinh><DanToc>K1</DanToc><ThuongTru><MaPhuongXa>123456</MaPhuongXa></ThuongTru>",
    );
    assert_eq!(
        (&odd["GioiTinh"], &odd["DanToc"]),
        (&json!("12"), &json!("K1")),
        "no code of theirs: as it came"
    );
    assert_eq!(odd["ThuongTru"]["MaPhuongXa"], "123456");
}

#[test]
fn trap_7_gender_keeps_the_number_of_this_database() {
    for code in ["0", "1", "2", "3"] {
        assert_eq!(record(&format!("<GioiTinh>{code}</GioiTinh>"))["GioiTinh"], code);
    }
}

#[test]
fn trap_9_a_record_of_another_service_under_the_same_root_is_refused() {
    let bulk = collection(
        "<CongDan><SoDinhDanh>099090000017</SoDinhDanh><Body>{\"HoVaTen\":\"TRẦN VĂN MẪU\"}</Body></CongDan>",
    );
    assert_eq!(class("citizen", &bulk), Class::UpstreamMalformed);
    let answer = "<Envelope><Body><KetQuaXacThuc><TonTai>true</TonTai></KetQuaXacThuc></Body></Envelope>";
    assert_eq!(class("citizen", answer), Class::UpstreamMalformed);
    assert_eq!(class("kin", answer), Class::UpstreamMalformed);
    assert_eq!(
        class("exists", &collection(&citizen(""))),
        Class::UpstreamMalformed
    );
}

#[test]
fn trap_10_districts_may_be_there_empty_or_gone() {
    for (district, expected) in [
        ("<MaQuanHuyen>380</MaQuanHuyen>", json!("380")),
        ("<MaQuanHuyen/>", json!(null)),
        ("", json!(null)),
    ] {
        let place = format!(
            "<ThuongTru><MaTinhThanh>38</MaTinhThanh>{district}<MaPhuongXa>14797</MaPhuongXa></ThuongTru>"
        );
        let found = record(&place)["ThuongTru"].clone();
        assert_eq!(
            (&found["MaQuanHuyen"], &found["MaPhuongXa"]),
            (&expected, &json!("14797"))
        );
    }
}

#[test]
fn trap_17_a_placeholder_is_no_identity_number() {
    for number in [
        "000000001",
        "000000000",
        "000000000001",
        "099090",
        "09909000001x",
        "0990900000170",
        "٠٩٩٠٩٠٠٠٠٠١٧",
    ] {
        for operation in ["citizen", "exists", "kin"] {
            let refused = ask(&adapter("c06"), operation, &with(&[("number", number)]));
            assert_eq!(refused, Err(Malformed::Argued("number")), "{number}");
        }
    }
    let refused = ask(&adapter("c06"), "citizen", &with(&[("officer", "VDXP_VPCP")]));
    assert_eq!(refused, Err(Malformed::Argued("officer")));
}

#[test]
fn trap_18_an_id_that_would_be_cut_is_refused_for_cut_ones_collide() {
    let forty = "H56-20260106-01J9Z0V7Q8XK2M4N6P8R0000000";
    assert_eq!(forty.len(), 40);
    assert!(ask(&adapter("c06"), "citizen", &with(&[("request", forty)])).is_ok());
    let more = format!("{forty}0");
    let refused = ask(&adapter("c06"), "citizen", &with(&[("request", &more)]));
    assert_eq!(refused, Err(Malformed::Argued("request")));
    for (name, most) in [
        ("procedure", 20),
        ("agency", 35),
        ("account", 100),
        ("phone", 20),
        ("name", 100),
    ] {
        let (fits, long) = ("A".repeat(most), "A".repeat(most + 1));
        assert!(
            ask(&adapter("c06"), "citizen", &with(&[(name, &fits)])).is_ok(),
            "{name}"
        );
        let refused = ask(&adapter("c06"), "citizen", &with(&[(name, &long)]));
        assert_eq!(refused, Err(Malformed::Argued(name)));
    }
}

#[test]
fn trap_19_names_are_escaped_in_every_envelope() {
    let name = "LÊ & <THỬ> \"A\" 'B'";
    let question = with(&[("name", name)]);
    let request = ask(&adapter("c06"), "citizen", &question).unwrap();
    assert!(
        body(&request)
            .contains("<dan:HoVaTen>LÊ &amp; &lt;THỬ&gt; &quot;A&quot; &apos;B&apos;</dan:HoVaTen>")
    );
    let request = ask(&adapter("hg"), "citizen", &question).unwrap();
    let object: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert!(
        object["data"]
            .as_str()
            .unwrap()
            .contains("<qldc:HoVaTen>LÊ &amp; &lt;THỬ&gt; &quot;A&quot;")
    );
    let request = ask(&adapter("th"), "citizen", &question).unwrap();
    let object: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(object["HoVaTen"], name);
    let request = ask(&adapter("sp"), "citizen", &question).unwrap();
    assert!(
        request
            .target
            .contains("fullName=L%C3%8A%20%26%20%3CTH%E1%BB%AC%3E%20%22A%22%20%27B%27&dob=")
    );
}

#[test]
fn trap_20_unknown_and_disagreeing_are_one_answer() {
    let unknown = collection("");
    let disagreeing = collection("<CongDan><SoDinhDanh/><HoVaTen><Ho/><ChuDem/><Ten/></HoVaTen></CongDan>");
    for body in [unknown, disagreeing] {
        let read = reading("c06", "citizen", &body);
        assert_eq!((read.class, read.result), (Some(Class::NoMatch), None));
    }
    // A record of somebody else is no matter of the wire: whoever asked compares.
    let other = collection(&citizen("").replace("099090000017", "099192000025"));
    assert_eq!(class("citizen", &other), Class::Match);
}
