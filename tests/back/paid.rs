use serde_json::json;

use super::{confirm, events, pushed, send, site, whole};

const DOOR: &str = "/o/pgi/ppdvcqg/dpnhankqthanhtoanhs";

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_confirmed_once_and_repeated_in_the_same_bytes() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let number = pushed(&alive).await;
    let said = confirm(&number, "dvc0001", 150_000, "00");
    let first = send(&alive, DOOR, &said).await;
    assert_eq!((first.status, &first.json()["MaLoi"]), (200, &json!("00")));
    let told = events(&alive, "opencps", 1).await;
    assert_eq!(told[0]["type"], "dossier.news");
    assert_eq!(told[0]["data"]["number"], json!(number));
    assert_eq!(told[0]["data"]["facts"]["payment"]["amount"], 150_000);
    assert!(told[0]["data"]["document"].is_object(), "{}", told[0]);
    // The other address of the same listener, a year later: the same bytes, and nothing new.
    let again = send(&alive, "/DvcPayment/Confirm", &said).await;
    assert_eq!(again.body, first.body);
    let books = alive.node.store.callback_books().await.unwrap();
    assert_eq!((books.kept, books.applied), (1, 1));
    assert_eq!(events(&alive, "opencps", 1).await.len(), 1);
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_confirmation_changes_nothing() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let number = pushed(&alive).await;
    let leaves = alive.node.store.books().await.unwrap();
    let good = confirm(&number, "dvc0002", 150_000, "00");
    for (name, value) in [
        ("SoTien", json!(150_001)),
        ("MaThamChieu", json!("dvc0003")),
        ("MaLoi", json!("01")),
        ("ThongTinGiaoDich", json!("THANH TOAN")),
        ("MaXacThuc", json!("0".repeat(64))),
        ("MaXacThuc", json!("")),
    ] {
        let mut forged = good.clone();
        forged[name] = value;
        let heard = send(&alive, DOOR, &forged).await;
        assert_ne!(heard.json()["MaLoi"], "00", "{name}");
    }
    assert_eq!(alive.node.store.callback_books().await.unwrap().kept, 0);
    assert_eq!(alive.node.store.books().await.unwrap().dossiers, leaves.dossiers);
    let shown = alive.node.store.news(&number).await.unwrap();
    assert_eq!(shown, None);
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_amount_under_one_transaction_is_a_conflict() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let number = pushed(&alive).await;
    let first = send(&alive, DOOR, &confirm(&number, "dvc0004", 150_000, "00")).await;
    assert_eq!(first.json()["MaLoi"], "00");
    let other = send(&alive, DOOR, &confirm(&number, "dvc0004", 15_000_000, "00")).await;
    assert_eq!(other.json()["MaLoi"], "99");
    let told = events(&alive, "opencps", 1).await;
    assert_eq!(
        (told.len(), &told[0]["data"]["facts"]["payment"]["amount"]),
        (1, &json!(150_000))
    );
    let books = alive.node.store.callback_books().await.unwrap();
    assert_eq!((books.applied, books.refused), (1, 1));
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_before_its_dossier_waits_for_it() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    // The number is known only by what the shipped dossier says.
    let (_, body) = crate::support::node::samples("opencps").remove(0);
    let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let number = document["dossierNo"].as_str().unwrap();
    let early = send(&alive, DOOR, &confirm(number, "dvc0005", 90_000, "00")).await;
    assert_eq!(early.json()["MaLoi"], "00", "it is kept");
    let parked = alive.node.store.callbacks(None, 9).await.unwrap();
    assert_eq!(parked[0].cause.as_deref(), Some("no-dossier"));
    pushed(&alive).await;
    let told = events(&alive, "opencps", 1).await;
    assert_eq!(told[0]["data"]["facts"]["payment"]["amount"], 90_000);
    whole(&alive).await;
    alive.abandon().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_another_province_is_turned_away() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let heard = send(&alive, DOOR, &confirm("H98.14-260301-0001", "dvc0006", 1, "00")).await;
    assert_eq!(heard.json()["MaLoi"], "99");
    assert_eq!(alive.node.store.callback_books().await.unwrap().kept, 0);
    alive.abandon().await;
}
