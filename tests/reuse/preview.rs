//! The preview for a draft, and the guard against asking again for what the state holds.

use serde_json::{Value, json};

use super::State;
use crate::support::http::Answer;
use crate::support::state::{self, P1};

async fn preview(state: &State, facts: Value, more: Value) -> Answer {
    let mut wish =
        json!({"procedure": "1.001193", "officer": "motcua", "reason": "nộp trực tiếp", "facts": facts});
    for (name, value) in more.as_object().into_iter().flatten() {
        wish[name] = value.clone();
    }
    let headers = [
        ("content-type", "application/json"),
        ("authorization", "Bearer token-tandan"),
    ];
    let body = wish.to_string();
    state
        .alive
        .call("POST", "/v1/systems/tandan/reuse", &headers, body.as_bytes())
        .await
}

fn owner() -> Value {
    json!({"owner": {"kind": "citizen", "name": "Trần Văn Mẫu", "born": "1990-05-17",
                     "papers": [{"kind": "citizen-id", "number": "099090000017"}]}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_says_what_is_held_what_need_not_be_brought_and_what_differs() {
    let state = State::start().await;
    let answer = preview(&state, owner(), json!({})).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let shown = answer.json();
    let held = shown["held"].as_array().unwrap();
    let of = |fact: &str| held.iter().find(|one| one["fact"] == fact);
    let gender = of("owner.gender").unwrap();
    assert_eq!(gender["value"], "male");
    assert!(gender["origin"]["held"]["evidence"].is_string(), "{gender}");
    assert!(!shown["not_needed"].as_array().unwrap().is_empty(), "{shown}");
    assert_eq!(shown["differs"], json!([]));
    let number = shown["number"].as_str().unwrap();
    assert_eq!(state.rows(number).await[0].class.as_deref(), Some("match"));

    let mut other = owner();
    other["owner"]["name"] = json!("Trần Văn Mẩu");
    let shown = preview(&state, other, json!({})).await.json();
    // The database takes a name without its marks; what it holds then is shown to differ, and both sides' days with it.
    let differs = &shown["differs"][0];
    assert_eq!(differs["fact"], "owner.name", "{shown}");
    assert!(differs["filed_at"].is_string() && differs["held_at"].is_string());
    assert!(
        !differs.to_string().contains("TRẦN"),
        "the stored value is not told"
    );

    let mut nobody = owner();
    nobody["owner"]["born"] = json!("1990-05-18");
    let shown = preview(&state, nobody, json!({})).await.json();
    assert_eq!(shown["held"], json!([]), "{shown}");
    assert_eq!(shown["not_fetched"][0]["class"], "no_match", "{shown}");
    assert!(shown["not_fetched"][0]["action"].is_string());
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_without_its_purpose_is_refused() {
    let state = State::start().await;
    for (wrong, status) in [
        (json!({"procedure": "9.999999"}), 422),
        (json!({"officer": "ai-do"}), 422),
        (json!({"reason": " "}), 422),
    ] {
        let answer = preview(&state, owner(), wrong.clone()).await;
        assert_eq!(
            answer.status,
            status,
            "{wrong}: {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    let headers = [("content-type", "application/json")];
    let answer = state
        .alive
        .call("POST", "/v1/systems/tandan/reuse", &headers, b"{}")
        .await;
    assert_eq!(answer.status, 401);
    assert!(state.national.twin.inquiries().is_empty(), "nobody was asked");
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supplement_that_asks_for_what_is_held_needs_a_reason() {
    let state = State::start().await;
    let with_reason = state::dossier(
        "marriage-status-asked-again-with-a-reason",
        "001.00.40.H99-260414-9001",
        P1,
    );
    assert_eq!(
        state
            .alive
            .push("tandan", with_reason.to_string().as_bytes())
            .await
            .status,
        202
    );
    let mut asks = with_reason.clone();
    asks["MaHoSo"] = json!("001.00.40.H99-260414-9002");
    for step in asks["QuaTrinhXuLyHoSo"].as_array_mut().unwrap() {
        step["MaHoSo"] = json!("001.00.40.H99-260414-9002");
    }
    let text = asks["HoSoBoSung"][0]["NoiDungBoSung"].as_str().unwrap();
    asks["HoSoBoSung"][0]["NoiDungBoSung"] = json!(text.replace("(khong_khai_thac_duoc)", ""));
    let answer = state.alive.push("tandan", asks.to_string().as_bytes()).await;
    assert_eq!(answer.status, 422, "{}", String::from_utf8_lossy(&answer.body));
    assert!(answer.json()["type"].as_str().unwrap().ends_with("asked-again"));
    state.alive.settle().await;
    state.ends().await;
}
