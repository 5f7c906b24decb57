//! The books as a person sees them.

use rusqlite::Connection;

use super::{PASSWORD, cookie, enter, look, site, text};
use crate::support::node::samples;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn books_that_do_not_agree_stand_red_on_the_front_page_with_their_owner_and_what_to_do() {
    let (site, _) = site("");
    let alive = site.start().await;
    let session = cookie(&enter(&alive, "an", PASSWORD, "").await);
    let empty = text(&look(&alive, "/console/books", &session).await);
    assert!(empty.contains("Chưa kê khai sổ sách"), "{empty}");
    let (_, body) = samples("igate").remove(0);
    assert_eq!(alive.push("igate", &body).await.status, 202);
    assert!(alive.node.upkeep.state().await.unwrap()[0].agrees());
    let front = text(&look(&alive, "/console", &session).await);
    assert!(
        front.contains("khớp, kê khai") && !front.contains("Sổ sách không khớp"),
        "{front}"
    );
    let good = text(&look(&alive, "/console/books", &session).await);
    assert!(
        good.contains("<h1>Sổ sách khớp</h1>") && !good.contains("role=\"alert\""),
        "{good}"
    );

    let conn = Connection::open(site.config().store.path).unwrap();
    let changed = conn
        .execute("UPDATE exchange SET state = 'delivered'", [])
        .unwrap()
        + conn.execute("DELETE FROM unprepared", []).unwrap();
    assert!(changed > 0);
    assert!(!alive.node.upkeep.state().await.unwrap()[0].agrees());
    let front = text(&look(&alive, "/console", &session).await);
    for words in [
        "<h1>Sổ sách không khớp</h1>",
        "role=\"alert\"",
        "<b>portal</b>",
        "lienthong log verify",
    ] {
        assert!(front.contains(words), "{words}: {front}");
    }
    let english = [("cookie", session.as_str()), ("accept-language", "en")];
    let books = text(&alive.call("GET", "/console/books", &english, b"").await);
    for words in [
        "The books do not agree",
        "Owner: the gateway",
        "href=\"/log/statements/2\"",
        "href=\"/log/statements/1\"",
    ] {
        assert!(books.contains(words), "{words}: {books}");
    }
    let page = look(&alive, "/console/books?before=2", &session).await;
    assert!(text(&page).contains("href=\"/log/statements/1\""));
    assert_eq!(
        look(&alive, "/console/books?before=x", &session).await.status,
        200
    );
    assert_eq!(
        look(&alive, "/console/books", "").await.status,
        303,
        "for people who signed in"
    );
    alive.stop().await;
}
