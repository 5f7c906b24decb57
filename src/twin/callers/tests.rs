use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A gateway that says yes to everything, each time in other words.
async fn liar(listener: TcpListener) {
    let mut turn = 0_u32;
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 1 << 16];
        let _heard = stream.read(&mut heard).await.unwrap();
        turn += 1;
        let body = format!(
            r#"{{"error_code":0,"MaLoi":"00","statusCode":"00","code":200,"Data":"H99-{turn}","TrangThaiHoSo":"1"}}"#
        );
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        // One that went away before it read the answer is one of the things that happen.
        let _sent = stream.write_all(answer.as_bytes()).await;
    }
}

#[tokio::test]
async fn a_province_that_takes_everything_and_answers_anyhow_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let options = crate::twin::Options {
        folder: folder.path().to_owned(),
        ..Default::default()
    };
    let twin = Twin::open(options.clone()).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let province = Province {
        address: listener.local_addr().unwrap(),
        payment: "khoa-thu".to_owned(),
        vneid: "khoa-vneid".to_owned(),
        numbers: (1..=9).map(|n| format!("H99.14-260301-000{n}")).collect(),
        owing: Some("H99.14-260301-0010".to_owned()),
        awaiting: Some("H99.14-260301-0011".to_owned()),
    };
    let round = async {
        twin.calls_early(&province).await.unwrap();
        twin.calls(&province).await.unwrap();
        twin.asks(&province).await.unwrap();
    };
    tokio::select! {
        () = round => {}
        () = liar(listener) => {}
    }
    let called = twin.called();
    let all = called.all();
    // A confirmation, a number and a dossier with a wrong checksum or key; every repeat that was heard.
    assert_eq!((all.believed, all.disbelieved, all.repeated), (3, 0, 0));
    assert!(all.differing >= 8, "{all:?}");
    for what in [
        "confirm, wrong-checksum",
        "promotion, plain",
        "amendment, swaps",
        "search, plain",
        "bill, plain",
    ] {
        assert!(called.unexpected.iter().any(|one| one == what), "{what}");
    }
    drop(twin);
    assert_eq!(Twin::open(options).unwrap().called(), called);
}
