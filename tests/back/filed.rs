use lienthong::app;
use lienthong::config::{Config, Layer};
use serde_json::{Value, json};

use super::{events, send, site, whole};
use crate::fixtures::root;

fn promotion() -> Value {
    let path = root().join("fixtures/portal/promotion/sample/callback.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_notice_is_filed_with_the_province_in_the_words_of_its_system() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let path = "/web/guest/VXPAdapter/RestService/forward/addtthcKhuyenMai";
    let first = send(&alive, path, &promotion()).await;
    assert_eq!(
        first.json(),
        json!({"error_code": 0, "message": "000.00.00.G22-240201-0042| create dossier success"})
    );
    let told = events(&alive, "opencps", 1).await;
    assert_eq!(told[0]["type"], "dossier.filed");
    assert_eq!(told[0]["data"]["facts"]["owner"]["name"], "Công ty TNHH Mẫu");
    assert_eq!(told[0]["data"]["untranslated"], json!([]), "{}", told[0]["data"]);
    assert!(told[0]["data"]["document"].is_object());
    assert_eq!(
        send(&alive, "/web/guest/addtthcKhuyenMai", &promotion())
            .await
            .body,
        first.body
    );
    let mut unknown = promotion();
    unknown["MaTTHC"] = json!("9.999999");
    let refused = send(&alive, path, &unknown).await;
    assert_eq!(refused.json()["error_code"], -1);
    assert_eq!(alive.node.store.callback_books().await.unwrap().kept, 1);
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vneid_is_given_a_number_of_its_own_each_time_and_none_without_its_key() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let ask = async |query: &str| {
        let path = format!("/LLTP/LayMaHoSo?CodeGet={query}");
        alive.call("GET", &path, &[], &[]).await
    };
    let (one, two) = (ask("khoa-vneid").await, ask("khoa-vneid").await);
    let number = |answer: &crate::support::http::Answer| answer.json()["Data"].as_str().unwrap().to_owned();
    assert_ne!(number(&one), number(&two));
    assert!(number(&one).starts_with("H99.14-"), "{}", number(&one));
    let denied = ask("khoa-khac").await;
    assert_eq!(denied.status, 400);
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_in_the_words_of_its_sender_and_not_kept() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let headers = [("content-type", "application/json")];
    for body in [&b"{"[..], b"[]", b"{\"MaHoSo\": 7}", b"\xff\xfe", b"<xml/>", b""] {
        let heard = alive
            .call("POST", "/web/guest/addtthcKhuyenMai", &headers, body)
            .await;
        assert!(
            heard.status == 500 || heard.json()["error_code"] == -1,
            "{heard:?}"
        );
    }
    let mut wrong = promotion();
    wrong["TepDonDangKy"] = json!("that is not base64 !!");
    let heard = send(&alive, "/web/guest/addtthcKhuyenMai", &wrong).await;
    assert!(heard.status == 500 || heard.json()["error_code"] != 0);
    assert_eq!(alive.node.store.callback_books().await.unwrap().kept, 0);
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_calls_from_elsewhere() {
    let (_national, mut site) = site("").await;
    site.more = site.more.replacen("127.0.0.0/8", "10.0.0.0/8", 1);
    let alive = site.start().await;
    let heard = send(&alive, "/web/guest/addtthcKhuyenMai", &promotion()).await;
    assert_ne!(heard.json()["error_code"], 0);
    assert_eq!(alive.node.store.callback_books().await.unwrap().kept, 0);
    alive.abandon().await;
}

#[test]
fn no_door_stands_where_the_gateways_own_do_and_no_agency_is_dropped_in_silence() {
    let built = |more: &str| {
        let layers = [Layer {
            name: "more",
            text: more,
        }];
        let config =
            Config::layered(&layers, std::iter::empty()).map_err(|mistakes| format!("{mistakes:?}"))?;
        app::callers(&config).map_err(|why| why.to_string())
    };
    let door = |path: &str| {
        format!(
            "[callbacks.online]\nnetworks = ['127.0.0.1']\n[callbacks.online.doors]\ndossier = ['{path}']\n"
        )
    };
    assert_eq!(built(&door("/NhanHoSo")), Ok(()));
    for path in [
        "/v1/callbacks",
        "/v1/anything",
        "/healthz",
        "/log/checkpoint",
        "/{any}",
    ] {
        assert!(
            built(&door(path)).unwrap_err().contains("own addresses"),
            "{path}"
        );
    }
    let two = format!("{}[callbacks.other]\nwire = 'online'\n", door("/NhanHoSo"));
    assert!(
        built(&two)
            .unwrap_err()
            .contains("listens at one of its addresses already")
    );
    assert!(
        built("[systems.opencps]\nagencies = ['H99', 'no agency']")
            .unwrap_err()
            .contains("no agency")
    );
}
