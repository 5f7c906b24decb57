//! The portal hangs, breaks off, says nonsense, refuses the session or the account, contradicts itself.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lienthong::model::{Operation, State};

use super::{NO_CIRCUIT, SOON, parked, pause, push, pushed, rows, until};
use crate::support::node::{Alive, Site};
use crate::support::portal::{Asked, LOOKUP, Portal, STEPS, Say};

/// Every dossier was made once; nothing waits; what stands parked is a step.
async fn whole(alive: &Alive, portal: &Portal, count: usize) {
    alive.settle().await;
    assert_eq!(portal.known(), count);
    for row in rows(alive).await {
        let step = row.operation == Operation::Progress;
        assert!(
            row.state == State::Delivered || (step && row.state == State::Parked),
            "{row:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_cut_at_any_byte_is_looked_up_and_nothing_is_made_twice() {
    // By turns an answer that says how long it is, and one that ends where the connection does.
    let answer = |place: usize| {
        let body = r#"{"error_code":0,"message":"Thành công"}"#;
        let head = if place.is_multiple_of(2) {
            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len())
        } else {
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_owned()
        };
        format!("{head}{body}").into_bytes()
    };
    let (shorter, longer) = (
        answer(1).len().min(answer(0).len()),
        answer(0).len().max(answer(1).len()),
    );
    let places = Mutex::new(0);
    let portal = Portal::start(move |asked, honest| {
        let honest = honest();
        if !asked.creates() {
            return honest;
        }
        let mut place = places.lock().unwrap();
        let whole = answer(*place);
        let cut = (*place / 2).min(whole.len());
        *place += 1;
        Say::Bytes(whole[..cut].to_vec())
    });
    let count = 2 * longer;
    let (_site, alive) = pushed(&portal, NO_CIRCUIT, count as u64).await;
    whole(&alive, &portal, count).await;
    let creates = portal.each(Asked::creates);
    assert!(
        creates.values().all(|times| *times == 1),
        "found, it is not made again"
    );
    assert!(
        portal.calls(LOOKUP) >= 2 * (shorter - 1),
        "every cut was looked up: {}",
        portal.calls(LOOKUP)
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_no_answer_is_never_read_as_taken() {
    let deep = format!(
        r#"{{"error_code":0,"message":{}"Thành công"{}}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let huge = format!(
        r#"{{"error_code":0,"message":"Thành công","rest":"{}"}}"#,
        "x".repeat(2 << 20)
    );
    let html = "<html><body>502 Bad Gateway thành công</body></html>".to_owned();
    let bodies = [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "\u{0}\u{1}".to_owned(),
        html,
        deep,
        huge,
    ];
    let count = bodies.len();
    // Nothing is taken the first time, whatever is said.
    let said = Mutex::new(0);
    let portal = Portal::start(move |asked, honest| {
        if !asked.creates() || asked.nth > 1 {
            return honest();
        }
        let mut said = said.lock().unwrap();
        *said += 1;
        Say::Answer(200, "", bodies[*said - 1].clone())
    });
    let more = format!("{NO_CIRCUIT}\n{SOON}");
    let (_site, alive) = pushed(&portal, &more, count as u64).await;
    whole(&alive, &portal, count).await;
    assert!(
        portal.each(Asked::creates).values().all(|times| *times == 2),
        "not found, it is made again, once"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_hangs_closes_early_or_answers_late_gets_everything_once() {
    let portal = Portal::start(|asked, honest| match (asked.creates(), asked.nth) {
        // It takes it, and says so after we stopped listening.
        (true, 1) if asked.number.bytes().last().is_some_and(|digit| digit % 2 == 0) => {
            Say::Late(Duration::from_secs(1), Box::new(honest()))
        }
        // It takes it, and closes.
        (true, 1) => {
            honest();
            Say::Nothing
        }
        _ => honest(),
    });
    let more = format!("{NO_CIRCUIT}\n{SOON}");
    portal.deafen(true);
    let (_site, alive) = pushed(&portal, &more, 12).await;
    pause(500).await;
    assert_eq!(portal.known(), 0, "it closed before it read anything");
    portal.deafen(false);
    whole(&alive, &portal, 12).await;
    assert!(portal.each(Asked::creates).values().all(|times| *times == 1));
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lookup_that_fails_is_not_absence() {
    let portal = Portal::start(|asked, honest| match (asked.service.as_str(), asked.nth) {
        _ if asked.creates() => {
            honest();
            Say::Nothing
        }
        (LOOKUP, 1) => Say::Nothing,
        (LOOKUP, 2) => Say::Answer(500, "", "<html>".to_owned()),
        (LOOKUP, 3) => Say::code(-1, "Không tìm thấy hồ sơ"),
        (LOOKUP, 4) => Say::Answer(200, "", r#"{"error_code":0}"#.to_owned()),
        (LOOKUP, 5) => Say::Answer(404, "", String::new()),
        _ => honest(),
    });
    let more = format!("{NO_CIRCUIT}\n{SOON}\noutbox.schedule = ['20 ms']");
    let (_site, alive) = pushed(&portal, &more, 5).await;
    whole(&alive, &portal, 5).await;
    assert!(portal.each(Asked::creates).values().all(|times| *times == 1));
    assert!(
        portal
            .each(|asked| asked.service == LOOKUP)
            .values()
            .all(|times| *times == 6)
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_come_again_in_an_hour_is_left_alone_for_an_hour() {
    for status in [429, 503, 500] {
        let later = move || Say::Answer(status, "retry-after: 3600\r\n", String::new());
        let portal = Portal::start(move |asked, honest| asked.pushes().then(later).unwrap_or_else(honest));
        let (site, alive) = pushed(&portal, "", 6).await;
        until("a push was answered", async || {
            rows(&alive).await.iter().any(|row| row.attempts > 0)
        })
        .await;
        pause(500).await;
        let asked = portal.count(Asked::pushes);
        assert!((1..=6).contains(&asked), "{asked}");
        let tried: Vec<_> = rows(&alive)
            .await
            .into_iter()
            .filter(|row| row.attempts > 0)
            .collect();
        assert!(!tried.is_empty());
        for row in tried {
            assert_eq!(row.state, State::Later, "{status}: {row:?}");
            assert!(
                row.not_before >= row.changed_at + 3_599_000,
                "{status}: never shortened: {row:?}"
            );
        }
        alive.stop().await;
        // A process that starts anew keeps the promise for what was told to wait.
        let before = portal.each(Asked::pushes);
        let alive = site.start().await;
        pause(500).await;
        for (number, times) in before {
            let now = portal.count(|asked| asked.pushes() && asked.number == number);
            assert_eq!(now, times, "{status}");
        }
        alive.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_at_every_call_makes_no_storm_of_logins() {
    let portal = Portal::start(|asked, honest| match asked.service.as_str() {
        "login" => honest(),
        _ => Say::code(-1, "Phiên làm việc đã hết hạn"),
    });
    let more = "outbox.schedule = ['1 ms']\npartners.portal.circuit.open = '1 s'\npartners.portal.circuit.longest_open = '2 s'";
    let (_site, alive) = pushed(&portal, more, 40).await;
    pause(2_000).await;
    let (logins, pushes) = (portal.calls("login"), portal.count(Asked::pushes));
    assert!(logins > 1, "it does try another session");
    assert!(
        logins <= 20 && pushes <= 60,
        "{logins} logins, {pushes} pushes in two seconds"
    );
    let books = alive.node.store.books().await.unwrap();
    assert_eq!(
        (books.delivered, books.refused, books.parked),
        (0, 0, 0),
        "and nothing is given up"
    );
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_account_is_asked_once_and_nothing_is_sent_or_lost() {
    let portal = Portal::start(|asked, honest| match asked.service.as_str() {
        "login" => Say::Late(
            Duration::from_millis(100),
            Box::new(Say::code(-1, "Sai mật khẩu")),
        ),
        _ => honest(),
    });
    let more = "partners.portal.circuit.longest_open = '1 h'";
    let (site, alive) = pushed(&portal, more, 20).await;
    pause(1_500).await;
    assert_eq!(
        portal.calls("login"),
        1,
        "an account is locked by the third wrong word"
    );
    assert_eq!(portal.asked().len(), 1);
    let books = alive.node.store.books().await.unwrap();
    assert_eq!((books.delivered, books.refused, books.parked), (0, 0, 0));
    alive.stop().await;

    let honest = Portal::start(|_, honest| honest());
    let site = Site {
        base: honest.base.clone(),
        ..site
    };
    let alive = site.start().await;
    whole(&alive, &honest, 20).await;
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_not_understood_opens_the_circuit() {
    let portal = Portal::start(|asked, honest| match asked.service.as_str() {
        "login" => Say::Answer(200, "", "<html>maintenance</html>".to_owned()),
        _ => honest(),
    });
    let more = "outbox.schedule = ['1 ms']\npartners.portal.circuit = { failures = 5, open = '1 h', longest_open = '1 h' }";
    let (_site, alive) = pushed(&portal, more, 30).await;
    pause(1_000).await;
    let logins = portal.calls("login");
    assert!((1..=13).contains(&logins), "{logins}");
    assert_eq!(portal.asked().len(), logins);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exists_to_a_create_and_absent_to_the_update_for_ever_is_asked_at_a_pace() {
    let portal = Portal::start(|asked, honest| match (asked.dossier(), asked.updating) {
        (true, false) => Say::code(3, "Hồ sơ đã tồn tại"),
        (true, true) => Say::code(-1, "Hồ sơ không tồn tại"),
        _ => honest(),
    });
    let (_site, alive) = pushed(&portal, "outbox.schedule = ['1 s', '1 h']", 3).await;
    pause(2_500).await;
    for (number, times) in portal.each(Asked::dossier) {
        assert!((5..=8).contains(&times), "{number}: {times}");
    }
    assert_eq!(alive.node.store.books().await.unwrap().delivered, 0);
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_maintenance_before_everything_parks_few_steps_and_not_all() {
    let ill = Arc::new(AtomicBool::new(false));
    let sign = Arc::clone(&ill);
    let portal = Portal::start(move |asked, honest| match asked.service.as_str() {
        _ if sign.load(SeqCst) => Say::Answer(200, "", "<html>bảo trì</html>".to_owned()),
        STEPS => Say::Answer(429, "", String::new()),
        _ => honest(),
    });
    let more = "outbox.schedule = ['1 s']\npartners.portal.concurrency = 1\n\
                partners.portal.circuit = { failures = 3, open = '1 h', longest_open = '1 h' }";
    let (_site, alive) = pushed(&portal, more, 30).await;
    until("only steps are left", async || {
        alive.node.store.books().await.unwrap().delivered == 30
    })
    .await;
    let waiting = alive.node.store.books().await.unwrap().waiting;
    assert!(waiting > 10, "{waiting}");
    ill.store(true, SeqCst);
    until("one is parked", async || {
        alive.node.store.books().await.unwrap().parked > 0
    })
    .await;
    pause(2_000).await;
    let books = alive.node.store.books().await.unwrap();
    assert!((1..=3).contains(&books.parked), "{books:?}");
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_that_fails_for_hours_is_tried_until_the_deadline_and_then_owned() {
    let portal = Portal::start(|asked, honest| match asked.service.as_str() {
        "login" => honest(),
        _ => Say::Answer(500, "", "<html>".to_owned()),
    });
    let more = format!("{NO_CIRCUIT}\noutbox.schedule = ['1 ms', '100 ms']\noutbox.give_up = '2 s'");
    let site = Site::new(&portal.base, &more);
    let alive = site.start().await;
    // Its appointment is over long since: the configured time counts.
    push(&alive, 0..1).await;
    until("it is parked", async || !parked(&alive).await.is_empty()).await;
    let all = rows(&alive).await;
    let create = all.iter().find(|row| row.operation == Operation::Create).unwrap();
    assert!(create.attempts > 10, "never by count: {create:?}");
    assert!(create.owner.is_some() && create.action.is_some(), "{create:?}");
    // Nobody knows what became of it, so that sending it on its way again begins with a look.
    let (creates, looks) = (portal.count(Asked::creates), portal.calls(LOOKUP));
    assert_eq!(
        super::hand(&alive, create, "retry", r#"{"reason":"again"}"#).await,
        204
    );
    until("it was looked up", async || portal.calls(LOOKUP) > looks).await;
    assert_eq!(
        portal.count(Asked::creates),
        creates,
        "looked up before it is made again"
    );
    alive.stop().await;
}
