//! One test for each row of §9.8 that a question can meet, and for the faults that the issue of such answers names.

use super::{Came, State};
use crate::support::state::{P1, Who};

const fn persona(number: &'static str, name: &'static str) -> Who {
    Who {
        number,
        name,
        born: "01/01/1990",
    }
}

async fn came(who: Who) -> Came {
    let state = State::start().await;
    let came = state.asks(who).await;
    assert!(came.number.ends_with("9001"));
    state.ends().await;
    came
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p1_and_p2_with_correct_details_are_matched_and_what_was_missing_is_filled() {
    let state = State::start().await;
    let p2 = Who {
        number: "099192000025",
        name: "Lê Thị Thử",
        born: "03/11/1992",
    };
    for (number, who, gender) in [
        ("001.00.40.H99-260310-9001", P1, "male"),
        ("001.00.40.H99-260310-9002", p2, "female"),
    ] {
        let came = state.asks_as(number, who).await;
        assert_eq!(came.class(), "match");
        assert_eq!(
            came.finding["differs"].as_array().map_or(0, Vec::len),
            0,
            "{}",
            came.finding
        );
        assert_eq!(came.dossier["facts"]["owner"]["gender"], gender);
        assert!(
            came.row.delivered.contains(&"owner.gender".to_owned()),
            "{:?}",
            came.row
        );
    }
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p1_with_another_birth_date_is_not_told_from_an_unknown_number() {
    came(Who {
        born: "18/05/1990",
        ..P1
    })
    .await
    .without("no_match");
    came(persona("099090000404", "Người Không Có"))
        .await
        .without("no_match");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_citizens_are_ambiguous() {
    came(persona("099090000409", "Người Trùng Số"))
        .await
        .without("ambiguous");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_fast_is_told_and_the_next_dossier_has_its_answer() {
    let state = State::start().await;
    let who = persona("099090000429", "Người Vượt Hạn Mức");
    state.asks(who).await.without("rate_limited");
    // For as long as it was told to wait, nobody is asked.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let next = state.asks_as("001.00.40.H99-260310-9002", who).await;
    assert_eq!(next.class(), "match");
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_turned_away_once_is_put_once_more() {
    let state = State::start().await;
    let came = state.asks(persona("099090000401", "Người Hết Phiên")).await;
    assert_eq!(came.class(), "match");
    assert_eq!(state.national.twin.inquiries().len(), 2);
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_of_the_server_is_its_own() {
    let came = came(persona("099090000500", "Người Gây Lỗi")).await;
    came.without("upstream_unavailable");
    assert_eq!(came.row.hop.as_deref(), Some("ministry"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_endpoint_is_the_platforms() {
    let came = came(persona("099090000503", "Người Tạm Ngưng")).await;
    came.without("upstream_unavailable");
    assert_eq!(came.row.code.as_deref(), Some("303001"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officer_who_is_not_registered_is_refused() {
    // Nobody knows the words by which the database refuses an officer: it is a refusal in the ministry's own.
    let came = came(persona("099090000418", "Người Của Cán Bộ Lạ")).await;
    came.without("upstream_rejected");
    assert_eq!(came.row.hop.as_deref(), Some("ministry"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_after_the_time_is_over_has_an_unknown_result() {
    came(persona("099090000504", "Người Chậm Trễ"))
        .await
        .without("unknown_result");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_with_200_is_no_answer() {
    came(persona("099090000422", "Người Trang Mạng"))
        .await
        .without("upstream_malformed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p4_is_asked_by_the_year_of_birth_alone() {
    let state = State::start().await;
    let p4 = Who {
        number: "099041000042",
        name: "Nguyễn Văn Ví Dụ",
        born: "1941",
    };
    let came = state.asks(p4).await;
    assert_eq!(came.class(), "match");
    assert_eq!(came.dossier["facts"]["owner"]["born"], "1941");
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relatives_may_be_structured() {
    let state = State::start().await;
    let came = state.asks(persona("099090000302", "Người Nhiều Tên")).await;
    assert_eq!(came.class(), "match");
    state.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_for_another_person_gives_nothing() {
    let came = came(persona("099090000410", "Người Đổi Chỗ")).await;
    came.without("upstream_malformed");
    assert_eq!(came.finding["unused"], "other-person");
    let said = came.finding.to_string();
    assert!(!said.contains("TRẦN") && !said.contains("099090000017"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_are_let_lie() {
    for (number, name) in [
        ("099090000411", "Người Cười"),
        ("099090000413", "Người Quá Lớn"),
        ("099090000414", "Người Quá Sâu"),
        ("099090000415", "Người Không Xml"),
        ("099090000416", "Người Sai Không Gian"),
    ] {
        came(persona(number, name)).await.without("upstream_malformed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_cut_off_has_an_unknown_result() {
    came(persona("099090000417", "Người Bị Cắt"))
        .await
        .without("unknown_result");
}
