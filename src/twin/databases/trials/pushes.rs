use super::{CITIZEN, question, stage};
use crate::twin::trial::{Back, Caller};
use serde_json::{Value, json};

pub(super) const PUSH: &str = "/ndxp/apiLienThongKSKT/1.0/nhanHoSoDKHT";
const POLL: &str = "/ndxp/apiLienThongKSKT/1.0/ketQuaDangKyHS";

/// A push of a birth as the specification prints it.
pub(super) fn birth(number: &str, name: &str, born: &str) -> Value {
    let data = json!({
        "maGCS": "GCS-MAU-0001", "ngayCapGCS": "03.01.2026", "loaiDangKy": "1", "noiDangKy": "990099", "soLuongBanSao": "2",
        "nksHoTen": name, "nksGioiTinh": "1", "nksNgaySinh": born, "nksNoiSinh": {"maTinh": "38", "maXa": "14797", "dcChiTiet": "Bệnh viện Mẫu"},
        "meHoTen": "LÊ THỊ THỬ", "meNgaySinh": "03.11.1992", "meSoGiayToTuyThan": "099192000025", "nycHoTen": "TRẦN VĂN MẪU",
        "nycQuanHe": "Cha", "nycSoGiayToTuyThan": "099090000017",
    });
    json!({
        "maDonVi": "990099", "module": "LTKS", "maHoSoLT": "LT-2026-0000001", "maHoSoMCDT": number,
        "ngayTiepNhan": "06/01/2026 09:15:00", "data": data.to_string(),
        "fileDinhKem": [{"id": 1, "loaiGiayTo": 1, "tenGiayTo": "Giấy chứng sinh", "tenTepDinhKem": "giay-chung-sinh.pdf", "huyGiayTo": 0, "duLieuTepDinhKem": "JVBERi0xLjQK"}],
    })
}

async fn poll(caller: Caller, number: &str) -> Value {
    let body = json!({"maDinhDanhHoSo": [number], "maTinh": "38", "module": "LTKS"});
    caller.ministry("POST", POLL, &body).await.json()
}

#[tokio::test]
async fn a_birth_is_registered_once_and_yields_a_number_and_a_paper() {
    let (_folder, stage, caller) = stage("calm").await;
    let push = birth("H56.10-260106-0001", "LÊ MỚI SINH", "05.02.2026");
    caller
        .ministry("POST", PUSH, &push)
        .await
        .has(200, r#"{"status":"1","statusDescription":"Thành công""#);
    let again = caller.ministry("POST", PUSH, &push).await;
    again.has(200, "Hồ sơ H56.10-260106-0001 đã được tiếp nhận");
    again.has(200, r#""status":"0""#);
    let states: Vec<Value> = [
        poll(caller, "H56.10-260106-0001").await,
        poll(caller, "H56.10-260106-0001").await,
        poll(caller, "H56.10-260106-0001").await,
    ]
    .into();
    let seen: Vec<&str> = states
        .iter()
        .map(|state| state["value"][0]["trangThai"].as_str().unwrap())
        .collect();
    assert_eq!(seen, ["1", "3", "4"]);
    let result = &states[2]["value"][0]["ketQuaXuLy"];
    assert_eq!(
        (&result["soDinhDanh"], &result["nksGioiTinh"]),
        (&json!("099226500001"), &json!(1))
    );
    assert!(
        result["giayKhaiSinh"]
            .as_str()
            .unwrap()
            .starts_with("JVBERi0xLjQK")
    );
    caller
        .c06(CITIZEN, &question("099226500001", "LÊ MỚI SINH", "20260205"))
        .await
        .has(200, "<ns1:Me><ns1:HoVaTen>LÊ THỊ THỬ");
    assert_eq!(poll(caller, "H56.10-260106-9999").await["status"], 0);
    let books = caller.get("/twin/registrations").await;
    assert_eq!(books["registrations"].as_array().unwrap().len(), 1);
    let tally = stage.down().await.summary().databases;
    assert_eq!(
        (
            tally.registrations,
            tally.repeated_registrations,
            tally.by_class["duplicate"]
        ),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn a_child_that_is_known_keeps_its_number() {
    let (_folder, stage, caller) = stage("calm").await;
    caller
        .ministry("POST", PUSH, &birth("H99-1", "TRẦN AN THỬ NGHIỆM", "02.01.2026"))
        .await
        .has(200, r#""status":"1""#);
    for _ in 0..2 {
        poll(caller, "H99-1").await;
    }
    assert_eq!(
        poll(caller, "H99-1").await["value"][0]["ketQuaXuLy"]["soDinhDanh"],
        "099326000031"
    );
    stage.down().await;
}

#[tokio::test]
async fn some_need_a_supplement_and_some_are_refused() {
    let (_folder, stage, caller) = stage("calm").await;
    let by = |number: &str, asker: &str| {
        let mut push = birth(number, "LÊ MỚI SINH", "05.02.2026");
        push["data"] = json!(push["data"].as_str().unwrap().replace("099090000017", asker));
        push
    };
    let supplement = by("H99-1", "099090000521");
    caller
        .ministry("POST", PUSH, &supplement)
        .await
        .has(200, r#""status":"1""#);
    caller
        .ministry("POST", PUSH, &supplement)
        .await
        .has(200, "đã được tiếp nhận");
    poll(caller, "H99-1").await;
    assert_eq!(poll(caller, "H99-1").await["value"][0]["trangThai"], "2");
    caller
        .ministry("POST", PUSH, &supplement)
        .await
        .has(200, r#""status":"1""#);
    poll(caller, "H99-1").await;
    poll(caller, "H99-1").await;
    assert_eq!(poll(caller, "H99-1").await["value"][0]["trangThai"], "4");
    caller.ministry("POST", PUSH, &by("H99-2", "099090000522")).await;
    poll(caller, "H99-2").await;
    assert_eq!(poll(caller, "H99-2").await["value"][0]["trangThai"], "6");
    assert_eq!(stage.down().await.summary().databases.registrations, 2);
}

#[tokio::test]
async fn a_wrong_registration_is_refused_with_its_code() {
    let (_folder, stage, caller) = stage("calm").await;
    for (name, value, code) in [
        ("maDonVi", json!("H99"), "106"),
        ("module", json!("XX"), "302"),
        ("maHoSoMCDT", json!(""), "200"),
        ("ngayTiepNhan", json!("2026-01-06"), "302"),
        ("data", json!({}), "302"),
        ("data", json!("{\"nksHoTen\":\"x\"}"), "200"),
        ("stray", json!(1), "302"),
        (
            "fileDinhKem",
            json!([{"id": 1, "loaiGiayTo": 1, "tenGiayTo": "x", "tenTepDinhKem": "x.pdf", "huyGiayTo": 1, "duLieuTepDinhKem": "JVBERi0xLjQK"}]),
            "302",
        ),
    ] {
        let mut push = birth("H99-1", "LÊ MỚI SINH", "05.02.2026");
        push[name] = value;
        caller
            .ministry("POST", PUSH, &push)
            .await
            .has(200, &format!(r#""errorCode":"{code}""#));
    }
    assert_eq!(stage.down().await.summary().databases.registrations, 0);
}

async fn hub(caller: Caller, method: &str, end: &str, token: &str, body: &Value) -> Back {
    let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
    let text = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    caller
        .call(method, &format!("/dvclt/api/{end}"), &headers, &text)
        .await
}

async fn hub_token(caller: Caller, end: &str, body: Value) -> String {
    let back = caller
        .call("POST", &format!("/dvclt/api/{end}"), "", &body.to_string())
        .await
        .json();
    back["token"].as_str().unwrap().to_owned()
}

/// A status push as the specification prints it.
fn linked_state(number: u8) -> Value {
    let result = if number == 4 {
        r#"{"maGiayToKetQua":"KQ.G15.000031"}"#
    } else {
        ""
    };
    json!({
        "maTTHC": "1.001193", "soHoSoLT": "LT-2026-0000001", "coQuanXuLy": 5, "maHoSo": "H56.10-260106-0001",
        "trangThai": number, "thoiGianThucHien": "06/01/2026 10:00:00", "ghiChu": "", "ketQuaXuLy": result,
        "nguoiXuLy": "CÁN BỘ THỬ", "chucDanh": "Chuyên viên", "phongBanXuLy": "Bộ phận một cửa",
        "noiDungXuLy": "Đang xử lý", "ngayBatDau": "", "ngayKetThucTheoQuyDinh": "", "ngayHenTraTruoc": "",
        "ngayHenTraMoi": "", "hanBoSungHoSo": "",
    })
}

const LINKED: &str = "lienthongdvclt/hosolienthong";

#[tokio::test]
async fn the_hub_lists_shows_and_lets_go_what_was_taken() {
    let (_folder, stage, caller) = stage("calm").await;
    let login = json!({"userName": "h99-demo", "password": "mat-khau-thu-nghiem"});
    let token = &hub_token(caller, "token", login).await;
    let list = hub(caller, "GET", LINKED, token, &Value::Null).await.json();
    let rows = list["data"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["maDonVi"]), (3, &json!(990099)));
    let detail = hub(caller, "GET", &format!("{LINKED}/1"), token, &Value::Null)
        .await
        .json();
    assert!(
        detail["data"]["data"]
            .as_str()
            .unwrap()
            .contains("<hoTich><maGCS>")
    );
    hub(caller, "GET", &format!("{LINKED}/9"), token, &Value::Null)
        .await
        .has(404, "traceId");
    let taken = json!({"maHoSo": "LT-2026-0000001", "daNhan": true});
    hub(caller, "PUT", LINKED, token, &taken)
        .await
        .has(200, "Cập nhật thành công");
    let left = hub(caller, "GET", LINKED, token, &Value::Null).await.json();
    assert_eq!(left["data"].as_array().unwrap().len(), 2);
    let push = hub(
        caller,
        "POST",
        "lienthongdvclt/trangthai",
        token,
        &linked_state(1),
    )
    .await;
    push.has(401, "traceId");
    stage.down().await;
}

#[tokio::test]
async fn an_untidy_hub_repeats_itself_changes_its_mind_and_loses_acknowledgements() {
    let (_folder, stage, caller) = stage("untidy").await;
    let login = json!({"userName": "h99-demo", "password": "mat-khau-thu-nghiem"});
    let token = &hub_token(caller, "token", login).await;
    let listed = async || {
        let list = hub(caller, "GET", LINKED, token, &Value::Null).await.json();
        list["data"].as_array().unwrap().len()
    };
    assert_eq!(listed().await, 6);
    let detail = async || hub(caller, "GET", &format!("{LINKED}/1"), token, &Value::Null).await;
    let (first, second) = (detail().await.body, detail().await.body);
    assert!(!first.contains("0000000009") && second.contains("0000000009"));
    let taken = async |number: u8| {
        let taken = json!({"maHoSo": format!("LT-2026-000000{number}"), "daNhan": true});
        hub(caller, "PUT", LINKED, token, &taken).await
    };
    taken(1).await.has(502, "bad gateway");
    assert_eq!(listed().await, 6);
    let lost = taken(2).await;
    assert!(!lost.body.contains("thành công"), "{}", lost.body);
    assert_eq!(listed().await, 4, "it is taken, and nobody heard it");
    taken(1).await.has(200, "Cập nhật thành công");
    taken(2).await.has(200, "Cập nhật thành công");
    assert_eq!(listed().await, 2);
    stage.down().await;
}

#[tokio::test]
async fn the_hub_insists_on_the_order_of_states() {
    let (_folder, stage, caller) = stage("calm").await;
    let secret = json!({"SecretId": "secret-id-demo", "SecretPass": "secret-pass-demo"});
    let token = &hub_token(caller, "status-token", secret).await;
    let push = async |number: u8| {
        hub(
            caller,
            "POST",
            "lienthongdvclt/trangthai",
            token,
            &linked_state(number),
        )
        .await
    };
    push(1)
        .await
        .has(200, "chưa được gửi không thể cập nhật trạng thái");
    let login = json!({"userName": "h99-demo", "password": "mat-khau-thu-nghiem"});
    let reader = hub_token(caller, "token", login).await;
    let taken = json!({"maHoSo": "LT-2026-0000001", "daNhan": true});
    hub(caller, "PUT", LINKED, &reader, &taken)
        .await
        .has(200, "Cập nhật thành công");
    push(1).await.has(200, "thành công");
    push(4).await.has(400, "Logic xử lý không hợp lệ");
    push(7).await.has(200, "chưa cập nhật trạng thái 3");
    for number in [3, 7, 4, 5] {
        push(number).await.has(200, "thành công");
    }
    push(5).await.has(200, "đã tồn tại trong một cửa điện tử");
    let states = caller.get("/twin/registrations").await;
    assert_eq!(states["hub"]["LT-2026-0000001"], json!([0, 1, 3, 7, 4, 5]));
    stage.down().await;
}

fn declaration(number: &str, key: &str) -> Value {
    json!({"authKey": key, "maTinh": "38", "tenTinh": "Tỉnh Thanh Hóa", "maHoSoMCDT": number, "nguonDangKy": "1", "tenNguonDangKy": "Cổng dịch vụ công của địa phương", "ngayTiepNhan": "06/01/2026",
        "toKhai": {"ngayHenTra": "20/01/2026", "loaiPhieu": "1", "yeuCauCDNCV": "0", "soLuongCap": "1", "nycHoTen": "LÊ THỊ THỬ", "nycGioiTinh": "2", "nycNgaySinh": "03/11/1992", "nycThuongTru": {"maTinhThanh": "38"}, "nycLoaiGiayTo": "4", "nycSoGiayTo": "099192000025", "nycQuocTich": "VN", "uyQuyen": "0", "nycCuTru": [{"tuNgay": "11/2006", "denNgay": "01/2026", "noiCuTru": "Địa chỉ mẫu số 2"}]}})
}

#[tokio::test]
async fn a_criminal_record_is_pushed_once_polled_and_its_result_told() {
    let (_folder, stage, caller) = stage("calm").await;
    let end = |end: &str| format!("/ndxp/v2/lyLichTuPhap/{end}");
    let push = declaration("H56.10-260106-0002", "auth-key-demo");
    caller
        .ministry("POST", &end("nhanHoSoLLTP"), &declaration("x", "sai"))
        .await
        .has(200, "authKey không hợp lệ");
    caller
        .ministry("POST", &end("nhanHoSoLLTP"), &push)
        .await
        .has(200, "Gửi thông tin thành công");
    caller
        .ministry("POST", &end("nhanHoSoLLTP"), &push)
        .await
        .has(200, "đã được tiếp nhận, không thể cập nhật");
    let mut number = declaration("x", "auth-key-demo");
    number["toKhai"]["soLuongCap"] = json!(1);
    caller
        .ministry("POST", &end("nhanHoSoLLTP"), &number)
        .await
        .has(200, "phải là chuỗi");
    let ask = json!({"authKey": "auth-key-demo", "maTinh": "38", "maHoSoMCDT": "H56.10-260106-0002"});
    let mut last = Value::Null;
    for expected in ["2", "4", "9"] {
        last = caller
            .ministry("POST", &end("traTrangThaiHoSoLLTP"), &ask)
            .await
            .json();
        assert_eq!(last["value"][0]["trangThaiXuLy"], expected);
    }
    let result = last["value"][0]["ketQuaXuLy"].clone();
    assert_eq!(result["tinhTrangAnTich"], "0");
    let sent = |state: &str| json!({"maTinh": "38", "tenTinh": "Tỉnh Thanh Hóa", "maHoSoMCDT": "H56.10-260106-0002", "trangThaiXuLy": state, "tenTrangThaiXuLy": "x", "lyDoTuChoi": "", "ngayHenTraKetQua": "", "type": "ketqua", "ketQuaXuLy": result});
    caller
        .ministry("POST", &end("traKetQuaHoSoLLTP"), &sent("9"))
        .await
        .has(200, r#""statusCode":"00""#);
    caller
        .ministry("POST", &end("traKetQuaHoSoLLTP"), &sent("4"))
        .await
        .has(200, "không thể cập nhật lên trạng thái");
    assert_eq!(stage.down().await.summary().databases.registrations, 1);
}

#[tokio::test]
async fn on_bad_days_a_push_repeated_until_it_is_understood_is_registered_once() {
    for day in [
        "lies",
        "resets",
        "hangs-after-applying",
        "limits",
        "storm",
        "short-sessions",
        "stranger",
    ] {
        let (_folder, stage, caller) = stage(day).await;
        for at in 0..20 {
            let push = birth(&format!("H99-{at}"), "LÊ MỚI SINH", "05.02.2026");
            until_understood(caller, &push).await;
        }
        assert_eq!(stage.down().await.summary().databases.registrations, 20, "{day}");
    }
}

/// Pushes again and again until the answer says that it is there.
async fn until_understood(caller: Caller, push: &Value) {
    for _ in 0..60 {
        let back = caller.ministry("POST", PUSH, push).await;
        let whole = back.status == 200 && !back.is_cut();
        if whole && (back.body.contains(r#""status":"1""#) || back.body.contains("đã được tiếp nhận"))
        {
            return;
        }
    }
    panic!("it never ends");
}
