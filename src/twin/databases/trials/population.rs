use super::{CITIZEN, p1, question, soap, stage, trouble};
use data_encoding::BASE64;
use serde_json::{Value, json};

#[tokio::test]
async fn persons_are_found_by_their_details_and_not_otherwise() {
    let (_folder, stage, caller) = stage("calm").await;
    caller
        .c06(CITIZEN, &p1())
        .await
        .has(200, "<ns1:SoDinhDanh>099090000017</ns1:SoDinhDanh>");
    let p2 = question("099192000025", "LETHITHU", "1992-11-03");
    caller.c06(CITIZEN, &p2).await.has(200, "LÊ THỊ THỬ");
    for other in [
        question("099090000017", "TRẦN VĂN MẪU", "19900518"),
        question("099090000404", "NGƯỜI KHÔNG CÓ", "19900101"),
        question("099999999999", "NGƯỜI KHÔNG CÓ", "19900101"),
    ] {
        let back = caller.c06(CITIZEN, &other).await;
        back.has(
            200,
            "<ns1:CongdanCollection xmlns:ns1=\"http://www.mic.gov.vn/dancu/1.0\"/>",
        );
    }
    let p4 = caller
        .c06(CITIZEN, &question("099041000042", "NGUYỄN VĂN VÍ DỤ", "1941"))
        .await;
    p4.has(
        200,
        "<ns1:NgayThangNamSinh><ns1:Nam>1941</ns1:Nam></ns1:NgayThangNamSinh>",
    );
    let two = caller
        .c06(CITIZEN, &trouble("099090000409", "NGƯỜI TRÙNG SỐ"))
        .await;
    assert_eq!(two.body.matches("<ns1:CongDan>").count(), 2);
    let old = trouble("x", "TRẦN VĂN CHUNG SỐ")
        .replace("<d:SoDinhDanh>x</d:SoDinhDanh>", "<d:SoCMND>999999909</d:SoCMND>");
    let shared = caller.c06(CITIZEN, &old.replace("19900101", "19700303")).await;
    assert_eq!(shared.body.matches("<ns1:CongDan>").count(), 2);
    let classes = stage.down().await.summary().databases.by_class;
    let expected = [("ambiguous", 2), ("match", 3), ("mismatch", 1), ("no_match", 2)];
    assert_eq!(
        classes.into_iter().collect::<Vec<_>>(),
        expected.map(|(class, count)| (class.to_owned(), count))
    );
}

#[tokio::test]
async fn each_persona_makes_its_trouble() {
    let (_folder, stage, caller) = stage("calm").await;
    let ask = |number: &'static str, name: &'static str| {
        caller.c06(CITIZEN, Box::leak(trouble(number, name).into_boxed_str()))
    };
    let throttled = ask("099090000429", "NGƯỜI VƯỢT HẠN MỨC").await;
    throttled.has(429, r#""code":900803"#);
    assert!(throttled.head.contains("retry-after: 1"));
    ask("099090000429", "NGƯỜI VƯỢT HẠN MỨC")
        .await
        .has(200, "NGƯỜI VƯỢT HẠN MỨC");
    ask("099090000401", "NGƯỜI HẾT PHIÊN")
        .await
        .has(401, r#""code":900901"#);
    ask("099090000401", "NGƯỜI HẾT PHIÊN")
        .await
        .has(200, "NGƯỜI HẾT PHIÊN");
    ask("099090000500", "NGƯỜI GÂY LỖI")
        .await
        .has(500, "<faultcode>soapenv:Server</faultcode>");
    ask("099090000503", "NGƯỜI TẠM NGƯNG")
        .await
        .has(503, "<am:code>303001</am:code>");
    ask("099090000418", "NGƯỜI CỦA CÁN BỘ LẠ")
        .await
        .has(500, "OFFICER_NOT_REGISTERED");
    assert!(ask("099090000504", "NGƯỜI CHẬM TRỄ").await.is_cut());
    ask("099090000422", "NGƯỜI TRANG MẠNG")
        .await
        .has(200, "<!DOCTYPE html>");
    ask("099090000302", "NGƯỜI NHIỀU TÊN")
        .await
        .has(200, "<ns1:Cha><ns1:HoVaTen><ns1:Ho>TRẦN</ns1:Ho>");
    ask("099090000410", "NGƯỜI ĐỔI CHỖ")
        .await
        .has(200, "<ns1:SoDinhDanh>099192000025</ns1:SoDinhDanh>");
    ask("099090000411", "NGƯỜI CƯỜI").await.has(200, "<!ENTITY a9");
    assert!(ask("099090000413", "NGƯỜI QUÁ LỚN").await.body.len() > 50 << 20);
    ask("099090000414", "NGƯỜI QUÁ SÂU").await.has(200, "<a><a><a>");
    ask("099090000415", "NGƯỜI KHÔNG XML")
        .await
        .has(200, "Client received SOAP Fault");
    ask("099090000416", "NGƯỜI SAI KHÔNG GIAN")
        .await
        .has(200, "http://www.example.vn/khac/1.0");
    assert!(ask("099090000417", "NGƯỜI BỊ CẮT").await.is_cut());
    ask("099090000403", "NGƯỜI BỊ TỪ CHỐI").await.has(403, "900908");
    ask("099090000405", "NGƯỜI BỊ KHÓA").await.has(429, "900805");
    ask("099090000406", "NGƯỜI SAI ĐƯỜNG").await.has(404, "900906");
    ask("099090000407", "NGƯỜI API BỊ CHẶN").await.has(503, "700700");
    ask("099090000502", "NGƯỜI CỔNG HỎNG")
        .await
        .has(502, "502 Bad Gateway");
    ask("099090000520", "NGƯỜI BỌC LỖI")
        .await
        .has(200, r#""error_code":"-1""#);
    let tally = stage.down().await.summary().databases;
    assert_eq!(tally.by_class.values().sum::<u64>(), tally.inquiries);
    assert_eq!(tally.by_fault["hang"], 1);
    assert_eq!(tally.by_class["upstream_auth"], 1);
}

#[tokio::test]
async fn both_yes_no_services_and_the_parents_answer() {
    let (_folder, stage, caller) = stage("calm").await;
    let old = |name: &str| {
        soap(&format!(
            "<d:XacThucThongTinCongDan><d:MaYeuCau>1</d:MaYeuCau><d:MaDVC>1.001193</d:MaDVC><d:MaTichHop>003</d:MaTichHop><d:MaCanBo>NGSP_BTTTT</d:MaCanBo><d:SoDinhDanh>099192000025</d:SoDinhDanh><d:HoVaTen>{name}</d:HoVaTen><d:NgayThangNamSinh><d:NgayThangNam>19921103</d:NgayThangNam></d:NgayThangNamSinh></d:XacThucThongTinCongDan>"
        ))
    };
    let path = "qldc/xacthucthongtincongdan";
    caller.c06(path, &old("LÊ THỊ THỬ")).await.has(
        200,
        "<ns1:KetQuaXacThuc xmlns:ns1=\"http://www.mic.gov.vn/dancu/1.0\"><ns1:TonTai>true<",
    );
    caller
        .c06(path, &old("LÊ THỊ THU HÀ"))
        .await
        .has(200, "<ns1:TonTai>false<");
    let newer = soap(
        "<d:XacThucThongTinCongDanRequest><d:MaYeuCau>2</d:MaYeuCau><d:MaDichVu>1.001193</d:MaDichVu><d:MaCanBo>VDXP_VPCP</d:MaCanBo><d:SoDinhDanh>099192000025</d:SoDinhDanh><d:HoVaTen>LÊ THỊ THỬ</d:HoVaTen></d:XacThucThongTinCongDanRequest>",
    );
    caller
        .c06(path, &newer)
        .await
        .has(200, "<ns1:KetQuaXacThucResponse ");
    let parents = soap(
        "<d:XacMinhThongTinNhanThan><d:MaYeuCau>3</d:MaYeuCau><d:MaDVC>1.001193</d:MaDVC><d:MaTichHop>1</d:MaTichHop><d:MaDonVi>H56.10</d:MaDonVi><d:MaCanBo>099185000058</d:MaCanBo><d:SoDinhDanh>099090000017</d:SoDinhDanh><d:HoVaTen>TRẦN VĂN MẪU</d:HoVaTen><d:NgayThangNamSinh>19900517</d:NgayThangNamSinh></d:XacMinhThongTinNhanThan>",
    );
    let told = caller.c06("qldc/xacminhthongtinnhanthan", &parents).await;
    told.has(200, "<ns1:Me><ns1:SoDinhDanh>099164000012</ns1:SoDinhDanh><ns1:QuocTich>VN</ns1:QuocTich><ns1:HoVaTen><ns1:Ho>PHẠM</ns1:Ho>");
    stage.down().await;
}

#[tokio::test]
async fn a_wrong_question_is_the_clients_fault() {
    let (_folder, stage, caller) = stage("calm").await;
    for (from, to, code) in [
        ("<d:MaDVC>1.001193</d:MaDVC>", "", "MISSING"),
        ("099185000058", "VPCP", "OFFICER_NOT_REGISTERED"),
        ("http://dancuquocgia.bca", "http://gtel.vn/qldc", "NAMESPACE"),
        ("<s:Header/>", "<!-- -->", ""),
        ("<s:Header/>", "<!DOCTYPE x><s:Header/>", "DOCTYPE"),
    ] {
        let back = caller.c06(CITIZEN, &p1().replace(from, to)).await;
        back.has(if code.is_empty() { 200 } else { 500 }, code);
    }
    let tally = stage.down().await.summary().databases;
    assert_eq!(
        (
            tally.by_class["invalid_input"],
            tally.by_class["upstream_rejected"],
            tally.by_class["match"]
        ),
        (3, 1, 1)
    );
    assert_eq!(tally.without_officer, 3);
}

#[tokio::test]
async fn the_vnpt_adapter_carries_soap_inside_json() {
    let (_folder, stage, caller) = stage("calm").await;
    let keys = BASE64.encode(br#"{"AccessKey":"ak-demo","SecretKey":"sk-demo","AppName":"GatewayDemo","PartnerCode":"000.00.00.H56","PartnerCodeCus":"000.00.00.H56"}"#);
    let headers = format!("Content-Type: application/x-www-form-urlencoded\r\nlgspaccesstoken: {keys}\r\n");
    let token = caller
        .call(
            "POST",
            "/lgsp/hg/token",
            &headers,
            "grant_type=client_credentials",
        )
        .await
        .json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let mut body =
        json!({"accessToken": bearer, "lgspAccessToken": keys, "AuthHash": "a2V5OnBhc3M=", "data": p1()});
    let kind = "Content-Type: application/json\r\n";
    let target = format!("/lgsp/hg/{CITIZEN}");
    caller
        .call("POST", &target, kind, &body.to_string())
        .await
        .has(200, "<ns1:Ten>TRẦN VĂN MẪU</ns1:Ten>");
    body["other"] = json!(1);
    caller
        .call("POST", &target, kind, &body.to_string())
        .await
        .has(500, "UNKNOWN_FIELD");
    body["lgspAccessToken"] = json!("x");
    caller
        .call("POST", &target, kind, &body.to_string())
        .await
        .has(401, "900901");
    stage.down().await;
}

fn flat() -> Value {
    json!({"HoVaTen": "TRẦN VĂN MẪU", "SoDinhDanh": "099090000017", "SoCMND": "", "NgayThangNam": "19900517", "Nam": "", "MaTichHop": "037", "MaDVC": "1.001193", "MaCanBo": "099185000058", "MaYeuCau": "H56-1"})
}

#[tokio::test]
async fn thanh_hoa_and_thai_nguyen_have_their_own_shape_of_the_same_answer() {
    let (_folder, stage, caller) = stage("calm").await;
    let target = "/lgsp/th/qldc/TraCuuThongTinCongDan";
    let th = caller.ministry("POST", target, &flat()).await.json();
    assert_eq!(th["error_code"], "0");
    assert!(
        th["message"]
            .as_str()
            .unwrap()
            .contains("<ns1:Ten>TRẦN VĂN MẪU</ns1:Ten>")
    );
    let mut wrong = flat();
    wrong["SoDinhDanh"] = json!("1");
    let th = caller.ministry("POST", target, &wrong).await.json();
    assert_eq!(th["error_code"], "1");
    let target = "/lgsp/tn/ngsp/DanCu/TraCuuThongTinCongDan";
    let tn = caller.ministry("POST", target, &flat()).await.json();
    assert_eq!(
        (&tn["code"], &tn["response"]["error_code"]),
        (&json!(200), &json!(0))
    );
    let citizen = &tn["response"]["data"]["Envelope"]["Body"]["CongdanCollection"]["CongDan"];
    let told = (&citizen["HoVaTen"]["Ten"], &citizen["NguoiDaiDien"]);
    assert_eq!(told, (&json!("TRẦN VĂN MẪU"), &Value::Null));
    stage.down().await;
}

#[tokio::test]
async fn dong_thap_asks_flat_and_hears_no_envelope() {
    let (_folder, stage, caller) = stage("calm").await;
    let token = caller
        .call(
            "POST",
            "/lgsp/dt/api/v1/Authentication/Token",
            "Auth: auth-demo\r\n",
            "",
        )
        .await
        .json();
    let token = token["token"].as_str().unwrap();
    let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
    let ask = async |number: &str, name: &str, born: &str| {
        let body = json!({
            "maYeuCau": "1", "maDVC": "1.001193", "maCanBo": "099185000058", "soDinhDanh": number, "soCMND": "",
            "hoVaTen": name, "ngayThangNam": born, "userNameService": "x",
        });
        let target = "/lgsp/dt/api/v1/DanCu/TraCuuThongTinCongDan";
        caller.call("POST", target, &headers, &body.to_string()).await
    };
    let one = ask("099090000017", "TRẦN VĂN MẪU", "19900517").await.json();
    assert_eq!(one["Body"]["CongdanCollection"]["CongDan"]["QuocTich"], "");
    let listed = ask("099090000302", "NGƯỜI NHIỀU TÊN", "19900101").await.json();
    assert!(listed["Body"]["CongdanCollection"]["CongDan"].is_array());
    let none = ask("099090000404", "NGƯỜI KHÔNG CÓ", "19900101").await.json();
    assert_eq!(none["Body"]["CongdanCollection"], "");
    ask("099041000042", "NGUYỄN VĂN VÍ DỤ", "1941")
        .await
        .has(200, "NGUYỄN VĂN VÍ DỤ");
    ask("1", "x", "1941").await.has(400, "INVALID");
    stage.down().await;
}

#[tokio::test]
async fn the_sharepoint_front_gives_soap_as_a_text() {
    let (_folder, stage, caller) = stage("calm").await;
    let query = "/lgsp/sp/_vti_bin/CommonServices.svc/GetInfoCitizenFromCSDLQG?cccd=099090000017&fullName=TR%E1%BA%A6N+V%C4%82N+M%E1%BA%AAU&dob=19900517";
    let xml = caller.call("GET", query, "", "").await;
    xml.has(200, "<CongDan><SoDinhDanh>099090000017</SoDinhDanh>");
    let text = caller
        .call("GET", query, "Accept: application/json\r\n", "")
        .await
        .json();
    assert!(text.as_str().unwrap().contains("<CongdanCollection xmlns="));
    // It has no place for an officer, and the books say so.
    assert_eq!(stage.down().await.summary().databases.without_officer, 2);
}

#[tokio::test]
async fn x_road_echoes_and_names_the_hop_that_failed() {
    let (_folder, stage, caller) = stage("calm").await;
    let target = format!("/r1/VN/GOV/G22/{CITIZEN}");
    let headers = "Content-Type: application/xml\r\nX-Road-Client: VN/GOV/000.00.00.H99/mcdt\r\nX-Road-Id: 11\r\nX-Road-UserId: VN099185000058\r\nX-Road-Issue: H99-7\r\n";
    let back = caller.call("POST", &target, headers, &p1()).await;
    back.has(200, "TRẦN VĂN MẪU");
    for header in [
        "x-road-id: 11\r\n",
        "x-road-client: vn/gov/000.00.00.h99/mcdt",
        "x-road-request-id: ",
        "x-road-request-hash: ",
        "x-road-service: vn/gov/g22/qldc/",
    ] {
        assert!(back.head.contains(header), "{}", back.head);
    }
    let failed = caller
        .call(
            "POST",
            &target,
            headers,
            &trouble("099090000520", "NGƯỜI BỌC LỖI"),
        )
        .await;
    failed.has(500, "Server.ServerProxy.NetworkError");
    assert!(
        failed
            .head
            .contains("x-road-error: server.serverproxy.networkerror")
    );
    let asked = caller.get("/twin/inquiries?dossier=H99-7").await;
    assert_eq!(asked["inquiries"].as_array().unwrap().len(), 2);
    stage.down().await;
}

#[tokio::test]
async fn a_road_may_write_no_prefix() {
    let (_folder, stage, caller) = stage("calm").await;
    for (road, piece) in [
        ("/lgsp/gl", "<ns1:CongDan><ns1:SoDinhDanh>099090000017<"),
        ("/lgsp/qb", "<CongDan><SoDinhDanh>099090000017<"),
    ] {
        let token = caller.oauth(road).await;
        let headers = format!("Content-Type: text/xml\r\nAuthorization: Bearer {token}\r\n");
        let target = format!("{road}/{CITIZEN}");
        caller
            .call("POST", &target, &headers, &p1())
            .await
            .has(200, piece);
    }
    stage.down().await;
}

#[tokio::test]
async fn the_service_describes_itself() {
    let (_folder, stage, caller) = stage("calm").await;
    let wsdl = caller
        .call("GET", "/c06/qldc/xacthucthongtincongdan?wsdl", "", "")
        .await;
    wsdl.has(
        200,
        "<soap:address location=\"http://twin/c06/qldc/xacthucthongtincongdan\"/>",
    );
    wsdl.has(200, "element=\"dan:XacThucThongTinCongDanRequest\"");
    caller
        .call("GET", "/c06/qldc/xacthucthongtincongdan?xsd=request", "", "")
        .await
        .has(200, "targetNamespace=\"http://dancuquocgia.bca\"");
    caller
        .call("GET", "/c06/qldc/xacthucthongtincongdan?xsd=answer", "", "")
        .await
        .has(200, "targetNamespace=\"http://www.mic.gov.vn/dancu/1.0\"");
    stage.down().await;
}
