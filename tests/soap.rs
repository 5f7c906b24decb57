//! The twin judged by others: a SOAP client that nobody changed builds itself from the twin's description, and what is
//! asked is checked by a schema that is not ours.

use lienthong::twin::{Options, Twin};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::soap::{mistakes, script};
use crate::support::{self, http};

/// A twin on a loopback port for as long as `asked` runs, and what its books say afterwards.
async fn with_twin<T: Send + 'static>(asked: impl FnOnce(String) -> T + Send + 'static) -> (T, Twin) {
    let folder = tempfile::tempdir().unwrap();
    let twin = Twin::open(Options {
        folder: folder.path().to_owned(),
        ..Options::default()
    })
    .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = twin.clone();
    let told = tokio::task::spawn_blocking(move || {
        let told = asked(base);
        stop.send(()).unwrap();
        told
    });
    serving
        .serve(listener, async {
            let _stopped = stopped.await;
        })
        .await
        .unwrap();
    (told.await.unwrap(), twin)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unmodified_client_builds_itself_from_the_description_and_is_answered() {
    let (output, twin) = with_twin(|base| script("client.py", &[&base], b"")).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let citizen = &told["citizen"]["CongDan"][0];
    assert_eq!(citizen["SoDinhDanh"], "099090000017");
    assert_eq!(citizen["HoVaTen"]["Ten"], "TRẦN VĂN MẪU");
    assert_eq!(
        citizen["NgayThangNamSinh"],
        json!({"Nam": "1990", "NgayThangNam": "19900517"})
    );
    assert_eq!(citizen["ThuongTru"]["MaPhuongXa"], "14797");
    assert_eq!(citizen["ChuHo"]["QuanHe"], "CH01");
    assert_eq!(told["stranger"]["CongDan"], json!([]));
    assert_eq!((&told["yes"], &told["newer"]), (&json!(true), &json!(false)));
    let father = &told["parents"]["CongDan"][0]["Cha"];
    assert!(father.to_string().contains("099062000011"), "{father}");
    let fault = told["fault"].to_string();
    assert!(
        fault.contains("Client") && fault.contains("officer code is not registered"),
        "{fault}"
    );
    let asked: Vec<_> = twin
        .inquiries()
        .into_iter()
        .map(|one| (one.request, one.class))
        .collect();
    let expected = [
        ("ZEEP-1", "match"),
        ("ZEEP-2", "mismatch"),
        ("ZEEP-3", "match"),
        ("ZEEP-4", "mismatch"),
        ("ZEEP-5", "match"),
        ("ZEEP-6", "upstream_rejected"),
    ];
    assert_eq!(
        asked,
        expected.map(|(request, class)| (request.to_owned(), class.to_owned()))
    );
}

/// A request of 037, as the specification prints it.
const SAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:dan="http://dancuquocgia.bca">
  <soapenv:Header/>
  <soapenv:Body>
    <dan:TraCuuThongTinCongDan>
      <dan:MaYeuCau>H56-20260106-01J9Z0V7Q8XK2M4N6P8R</dan:MaYeuCau>
      <dan:MaDVC>1.001193</dan:MaDVC>
      <dan:MaTichHop>037</dan:MaTichHop>
      <dan:MaCanBo>099185000058</dan:MaCanBo>
      <dan:MaDonVi>H56.10</dan:MaDonVi>
      <dan:SoDinhDanh>099090000017</dan:SoDinhDanh>
      <dan:HoVaTen>TRẦN VĂN MẪU</dan:HoVaTen>
      <dan:NgayThangNamSinh>
        <dan:NgayThangNam>19900517</dan:NgayThangNam>
      </dan:NgayThangNamSinh>
    </dan:TraCuuThongTinCongDan>
  </soapenv:Body>
</soapenv:Envelope>"#;

#[test]
fn the_schema_takes_the_specifications_request_and_no_other() {
    let year = SAMPLE
        .replace("NgayThangNam>", "Nam>")
        .replace("19900517", "1990");
    let old = SAMPLE
        .replace("SoDinhDanh>", "SoCMND>")
        .replace("099090000017", "999999901");
    assert_eq!(
        mistakes(&[SAMPLE.as_bytes(), year.as_bytes(), old.as_bytes()]),
        ""
    );
    let number = "<dan:SoDinhDanh>099090000017</dan:SoDinhDanh>";
    let officer = "<dan:MaCanBo>099185000058</dan:MaCanBo>";
    let wrong = [
        SAMPLE
            .replace(number, "")
            .replace(officer, &format!("{number}{officer}")),
        SAMPLE.replace(number, &format!("{number}<dan:SoCMND>999999901</dan:SoCMND>")),
        SAMPLE.replace("099090000017", "99090000017"),
        SAMPLE.replace("http://dancuquocgia.bca", "http://gtel.vn/qldc"),
        SAMPLE.replace("19900517", "17/05/1990"),
        SAMPLE.replace("H56-20260106-01J9Z0V7Q8XK2M4N6P8R", &"R".repeat(41)),
        SAMPLE.replace(officer, ""),
        SAMPLE.replace("soapenv:Body", "soapenv:Head"),
        "{}".to_owned(),
    ];
    let said = mistakes(&wrong.each_ref().map(String::as_bytes));
    for at in 0..wrong.len() {
        assert!(said.contains(&format!("message {at}: ")), "{at}: {said}");
    }
}

/// Owners of the shipped dossiers who have a number of twelve digits: number, name, and what is known of the birth.
fn owners() -> Vec<[String; 3]> {
    let mut owners = Vec::new();
    for path in support::files("fixtures/local", "dossier.json") {
        let dossier: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let owner = &dossier["facts"]["owner"];
        let number = owner["papers"][0]["number"].as_str().unwrap_or_default();
        if number.len() == 12 {
            let century = if number.as_bytes()[3] < b'2' { "19" } else { "20" };
            let year = format!("{century}{}", &number[4..6]);
            let born = owner["born"]
                .as_str()
                .map_or(year.clone(), |born| born.replace('-', ""));
            let born = if born.len() == 6 { year } else { born };
            owners.push([number, owner["name"].as_str().unwrap(), &born].map(str::to_owned));
        }
    }
    owners
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn most_owners_of_the_shipped_dossiers_are_known_and_some_are_not() {
    let (all, twin) = with_twin(|base| {
        let address = base.trim_start_matches("http://").parse().unwrap();
        let owners = owners();
        for [number, name, born] in &owners {
            let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let path = "/lgsp/sp/_vti_bin/CommonServices.svc/GetInfoCitizenFromCSDLQG";
            let query = format!("{path}?cccd={number}&fullName={name}&dob={born}");
            assert_eq!(http::call(address, "GET", &query, &[], b"").status, 200);
        }
        owners.len() as u64
    })
    .await;
    let classes = twin.summary().databases.by_class;
    assert!(
        all > 70 && classes["match"] * 100 / all >= 75,
        "{classes:?} of {all}"
    );
    assert!(
        classes["no_match"] >= 5 && classes["mismatch"] >= 4,
        "{classes:?}"
    );
}
