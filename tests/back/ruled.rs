//! What operators say of callbacks and payments that wait for one: over the addresses of programs, and to its end.

use serde_json::{Value, json};

use super::{confirm, events, pushed, send, site, whole};
use crate::support::http::Answer;
use crate::support::node::Alive;

const DOOR: &str = "/o/pgi/ppdvcqg/dpnhankqthanhtoanhs";
const WHY: &str = "the desk looked at the paper file";

async fn call(alive: &Alive, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [
        ("authorization", "Bearer hand"),
        ("content-type", "application/json"),
    ];
    alive
        .call(method, path, &headers, body.to_string().as_bytes())
        .await
}

/// A confirmation of a number that nobody filed, and its id here.
async fn stray(alive: &Alive, reference: &str) -> String {
    let number = "H99.14-260301-0999";
    let heard = send(alive, DOOR, &confirm(number, reference, 90_000, "00")).await;
    assert_eq!(heard.json()["MaLoi"], "00", "it is kept");
    let parked = call(alive, "GET", "/v1/callbacks", &Value::Null).await.json();
    let rows = parked["parked"].as_array().unwrap();
    let row = rows.iter().find(|row| row["dossier"] == number).unwrap();
    row["callback"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_given_to_its_dossier_by_a_person_and_the_province_hears_of_it() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let number = pushed(&alive).await;
    let id = stray(&alive, "dvc0101").await;
    let assign = format!("/v1/callbacks/{id}/assign");
    for (body, status, kind) in [
        (json!({"dossier": number}), 422, "no-reason"),
        (json!({"reason": WHY}), 422, "no-owner"),
        (
            json!({"reason": WHY, "dossier": number, "system": "opencps"}),
            422,
            "no-owner",
        ),
        (
            json!({"reason": WHY, "dossier": "H99-none"}),
            404,
            "unknown-dossier",
        ),
        (json!({"reason": WHY, "system": "nobody"}), 404, "unknown-system"),
    ] {
        let answer = call(&alive, "POST", &assign, &body).await;
        let named = answer.json()["type"].as_str().unwrap().ends_with(kind);
        assert!(answer.status == status && named, "{body}: {}", answer.json());
    }
    let theirs = [
        ("authorization", "Bearer token-opencps"),
        ("content-type", "application/json"),
    ];
    let body = json!({"reason": WHY, "dossier": number}).to_string();
    assert_eq!(
        alive.call("POST", &assign, &theirs, body.as_bytes()).await.status,
        403
    );
    let done = json!({"reason": WHY, "dossier": number});
    assert_eq!(call(&alive, "POST", &assign, &done).await.status, 204);
    let told = events(&alive, "opencps", 1).await;
    assert_eq!(told[0]["number"], json!(number));
    assert_eq!(told[0]["data"]["facts"]["payment"]["amount"], 90_000);
    assert_eq!(call(&alive, "POST", &assign, &done).await.status, 409, "once");
    let shown = call(&alive, "GET", &format!("/v1/callbacks/{id}"), &Value::Null)
        .await
        .json();
    assert_eq!(
        (&shown["callback"]["state"], &shown["rulings"][0]["word"]),
        (&json!("applied"), &json!("to-dossier"))
    );
    whole(&alive).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_set_aside_and_a_stranger_is_not_known() {
    let (_national, site) = site("").await;
    let alive = site.start().await;
    let id = stray(&alive, "dvc0102").await;
    let aside = format!("/v1/callbacks/{id}/set-aside");
    assert_eq!(
        call(&alive, "POST", &aside, &json!({"reason": WHY})).await.status,
        204
    );
    assert_eq!(
        call(&alive, "POST", &aside, &json!({"reason": WHY})).await.status,
        409
    );
    let books = alive.node.store.callback_books().await.unwrap();
    assert_eq!((books.parked, books.aside), (0, 1));
    for id in ["none", "01900000-0000-7000-8000-000000000000"] {
        let path = format!("/v1/callbacks/{id}");
        assert_eq!(call(&alive, "GET", &path, &Value::Null).await.status, 404, "{id}");
    }
    whole(&alive).await;
    alive.stop().await;
}
