//! Procedures, seen from outside: what each asks for, its form, and what a dossier hears that does not fit it.

use serde_json::{Value, json};

use crate::support::node::{Alive, Site, samples};
use crate::support::root;

/// No portal stands there: a procedure needs none.
const NOWHERE: &str = "http://127.0.0.1:9";

async fn read(alive: &Alive, token: &str, path: &str) -> (u16, Value) {
    let token = format!("Bearer {token}");
    let headers = [("authorization", token.as_str()), ("accept-language", "en")];
    let answer = alive.call("GET", path, &headers, b"").await;
    (answer.status, answer.json())
}

async fn form(alive: &Alive, token: &str, code: &str, body: &[u8]) -> (u16, Value) {
    let token = format!("Bearer {token}");
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    let path = format!("/v1/procedures/{code}/form");
    let answer = alive.call("POST", &path, &headers, body).await;
    (answer.status, answer.json())
}

/// The shipped dossier of a case.
fn shipped(system: &str, case: &str) -> Vec<u8> {
    let all = samples(system);
    all.into_iter()
        .find(|(name, _)| name == case)
        .unwrap_or_else(|| panic!("{system} has no {case}"))
        .1
}

/// A pushed dossier, as it is shown with its remarks.
async fn shown(alive: &Alive, system: &str, body: &[u8]) -> Value {
    let taken = alive.push(system, body).await;
    assert_eq!(taken.status, 202, "{}", String::from_utf8_lossy(&taken.body));
    let location = taken.header("location").unwrap().to_owned();
    read(alive, "hand", &location).await.1
}

/// The remarks of a shown dossier: what, where, and about which paper.
fn remarks(shown: &Value) -> Vec<(&str, &str, &str)> {
    let text = |one: &'_ Value, name: &str| -> String { one[name].as_str().unwrap_or_default().to_owned() };
    let all = shown["remarks"].as_array().unwrap();
    assert!(
        all.iter()
            .all(|one| !text(one, "detail").is_empty() && !text(one, "action").is_empty())
    );
    all.iter()
        .map(|one| {
            (
                one["what"].as_str().unwrap(),
                one["pointer"].as_str().unwrap(),
                one["code"].as_str().unwrap_or_default(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_a_token_reads_what_procedures_ask_for() {
    let site = Site::new(NOWHERE, "");
    let alive = site.start().await;
    let (status, all) = read(&alive, "token-igate", "/v1/procedures").await;
    let codes: Vec<&str> = all["procedures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["code"].as_str().unwrap())
        .collect();
    assert!(
        status == 200 && codes.len() >= 17 && codes.is_sorted(),
        "{codes:?}"
    );
    assert_eq!(all["next"], Value::Null);
    // In pages it is the same list.
    let (mut paged, mut path) = (Vec::new(), "/v1/procedures?limit=5".to_owned());
    loop {
        let (_, page) = read(&alive, "hand", &path).await;
        paged.extend(
            page["procedures"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["code"].clone()),
        );
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/procedures?limit=5&after={next}"),
            None => break,
        }
    }
    assert_eq!(paged, codes);
    for code in [
        "1.001193", "1.000656", "1.004873", "1.000894", "1.004222", "1.001612", "3.000333", "1.013833",
        "3.000347",
    ] {
        let (status, whole) = read(&alive, "token-tandan", &format!("/v1/procedures/{code}")).await;
        assert_eq!((status, &whole["code"]), (200, &json!(code)));
        for list in ["facts", "papers", "results", "reuse", "basis"] {
            assert!(!whole[list].as_array().unwrap().is_empty(), "{code}: no {list}");
        }
        assert!(
            [1, 3].contains(&whole["competent"]["level"].as_i64().unwrap()),
            "{code}"
        );
    }
    assert_eq!(read(&alive, "nobody", "/v1/procedures").await.0, 401);
    assert_eq!(
        read(&alive, "hand", "/v1/procedures?limit=no").await.1["type"],
        "/problems/bad-query"
    );
    let (status, none) = read(&alive, "hand", "/v1/procedures/9.999999").await;
    assert_eq!(
        (status, &none["type"]),
        (404, &json!("/problems/unlisted-procedure"))
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_days_that_a_law_has_left_are_a_figure() {
    let site = Site::new(NOWHERE, "");
    let alive = site.start().await;
    let figures = alive.call("GET", "/metrics", &[], b"").await;
    let figures = String::from_utf8(figures.body).unwrap();
    let figure = "lienthong_law_days_left{law=\"66.7/2025/NQ-CP\"}";
    assert!(figures.contains(figure), "{figures}");
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_blank_without_an_open_dossier_that_the_caller_may_see() {
    let site = Site::new(NOWHERE, "");
    let alive = site.start().await;
    let body = shipped("igate", "death-registration-born-in-a-year");
    let number = shown(&alive, "igate", &body).await["number"]
        .as_str()
        .unwrap()
        .to_owned();
    let asked = json!({ "dossier": number, "officer": "099185000058", "subject": "owner", "basis": "66.7/2025/NQ-CP Đ4 k1" });
    for (token, body, prefilled) in [
        ("token-igate", String::new(), false),
        ("token-igate", "{}".to_owned(), false),
        ("token-igate", asked.to_string(), true),
        ("hand", asked.to_string(), true),
    ] {
        let (status, form) = form(&alive, token, "1.000656", body.as_bytes()).await;
        assert_eq!((status, &form["prefilled"]), (200, &json!(prefilled)), "{body}");
        let (schema, values) = (&form["schema"], form["values"].as_object().unwrap());
        let asked: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(values.keys().collect::<Vec<_>>(), asked, "a value a question");
        let filled = values.values().filter(|value| !value["value"].is_null());
        let sourced = values.values().filter(|value| !value["source"].is_null());
        assert_eq!(filled.clone().count(), sourced.count());
        assert_eq!(filled.count() > 0, prefilled);
    }
    let (_, of_another) = form(&alive, "token-igate", "1.001193", asked.to_string().as_bytes()).await;
    assert_eq!(of_another["prefilled"], false, "another procedure's dossier");
    let (status, strange) = form(&alive, "token-tandan", "1.000656", asked.to_string().as_bytes()).await;
    assert_eq!(
        (status, &strange["type"]),
        (404, &json!("/problems/unknown-dossier")),
        "another system's"
    );
    let (status, _) = form(
        &alive,
        "token-igate",
        "1.000656",
        br#"{"identity":"099041000042"}"#,
    )
    .await;
    assert_eq!(status, 422, "an unknown member");
    assert_eq!(form(&alive, "token-igate", "1.000656", b"[").await.0, 400);
    assert_eq!(form(&alive, "nobody", "1.000656", b"").await.0, 401);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_noted_and_the_dossier_goes_on() {
    let site = Site::new(NOWHERE, "");
    let alive = site.start().await;
    let told = |system: &'static str, case: &'static str| {
        let alive = &alive;
        async move { shown(alive, system, &shipped(system, case)).await }
    };
    let held = told("tandan", "birth-registration-all-held").await;
    assert_eq!(remarks(&held), [], "{held:#}");
    let replaced = told("igate", "criminal-record-papers-replaced").await;
    assert_eq!(
        remarks(&replaced),
        [],
        "papers under an active rule are not missing"
    );
    let brought = told("tandan", "birth-registration-papers-brought-all-the-same").await;
    let needless = |code| ("needless-paper", "/ThanhPhanHoSo", code);
    assert_eq!(
        remarks(&brought),
        [
            needless("000.00.00.G15-KQ004946"),
            needless("000.00.00.G15-KQ003785")
        ]
    );
    let again = told("tandan", "marriage-status-asked-again-without-a-reason").await;
    assert_eq!(
        remarks(&again),
        [("asked-again", "/HoSoBoSung", "000.00.00.G15-KQ003785")]
    );
    let reason = told("tandan", "marriage-status-asked-again-with-a-reason").await;
    assert_eq!(remarks(&reason), []);
    let enterprise = told("tandan", "land-change-of-an-enterprise").await;
    assert_eq!(
        remarks(&enterprise),
        [],
        "the registration certificate is replaced"
    );
    let licence = told("igate", "driving-licence-birth-date-differs").await;
    assert_eq!(remarks(&licence), [("other-amount", "/dossierFee", "")]);
    let unborn = told("igate", "marriage-registration-without-a-birth-date").await;
    assert_eq!(
        remarks(&unborn),
        [("missing-fact", "/applicant/data/birthday", "")]
    );
    let opencps = told("opencps", "birth-registration-two-of-one-number").await;
    assert_eq!(remarks(&opencps), [], "OpenCPS has no field for a birth date");
    let figures = alive.call("GET", "/metrics", &[], b"").await;
    let figures = String::from_utf8(figures.body).unwrap();
    for line in [
        "lienthong_remarks_total{what=\"needless-paper\"}",
        "lienthong_reasks_total{reason=\"none\"}",
        "lienthong_reasks_total{reason=\"khong_khai_thac_duoc\"}",
    ] {
        assert!(figures.contains(line), "{line} is not in {figures}");
    }
    alive.stop().await;
}

/// A node whose birth registration takes no other dossiers than those that fit it.
fn strict() -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("mappings/procedures/1.001193.toml")).unwrap();
    let text = text.replacen("version   = 1", "version   = 2\nstrict    = true", 1);
    std::fs::write(folder.path().join("1.001193.toml"), text).unwrap();
    let more = format!(
        "procedures = {{ folder = {} }}",
        toml::Value::from(folder.path().display().to_string())
    );
    let site = Site::new(NOWHERE, &more);
    (folder, site)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strict_procedure_refuses_what_does_not_fit_but_no_paper_that_is_replaced_or_the_officers() {
    let (_folder, site) = strict();
    let alive = site.start().await;
    let shipped: Value = serde_json::from_slice(&shipped("tandan", "birth-registration-all-held")).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = shipped.clone();
        change(&mut body);
        body.to_string().into_bytes()
    };
    // Whole, or without what a rule replaces: accepted, whatever its status.
    assert_eq!(alive.push("tandan", &with(&|_| {})).await.status, 202);
    let registered = |body: &mut Value| {
        body["TrangThaiHoSoId"] = json!("1");
        body["NgayTiepNhan"] = Value::Null;
        body["MaHoSo"] = json!("001.00.40.H99-260310-0091");
    };
    assert_eq!(alive.push("tandan", &with(&registered)).await.status, 202);
    // A paper that no rule replaces is missing: refused while it is registered, the officer's once it is accepted.
    let without = |body: &mut Value| {
        body["ThanhPhanHoSo"].as_array_mut().unwrap().pop();
    };
    assert_eq!(alive.push("tandan", &with(&without)).await.status, 202);
    let refused = alive
        .push(
            "tandan",
            &with(&|body| {
                registered(body);
                without(body);
            }),
        )
        .await;
    let problem = refused.json();
    assert_eq!(
        (refused.status, &problem["type"]),
        (422, &json!("/problems/against-procedure"))
    );
    assert_eq!(problem["errors"][0]["pointer"], "/ThanhPhanHoSo");
    assert_eq!(problem["errors"][0]["code"], "000.00.00.G15-KQ004389");
    // Mistakes of shape are refused at once, all of them, whatever the status.
    let shape = alive
        .push(
            "tandan",
            &with(&|body| {
                body["SoDienThoaiChuHoSo"] = json!("không có");
                body["ThanhPhanHoSo"][0]["MaGiayTo"] = json!("000.00.00.G99-KQ999999");
            }),
        )
        .await;
    let pointers: Vec<Value> = shape.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["pointer"].clone())
        .collect();
    assert_eq!(
        (shape.status, pointers),
        (422, vec![json!("/SoDienThoaiChuHoSo"), json!("/ThanhPhanHoSo")])
    );
    assert!(
        !String::from_utf8_lossy(&shape.body).contains("không có"),
        "never what was found"
    );
    assert_eq!(alive.node.store.books().await.unwrap().dossiers, 2);
    alive.stop().await;
}
