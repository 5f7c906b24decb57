//! The way back: what national sides send by themselves, kept, put on its dossier, told to the province.

mod filed;
mod paid;
mod registered;
mod ruled;
mod told;
mod trays;

use std::time::Duration;

use openssl::sha::sha256;
use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::node::{Alive, National, Site, samples};

pub(crate) const SECRET: &str = "KHOA-BI-MAT-THU-NGHIEM";

/// A gateway with everything that calls it, on loopback.
pub(crate) const CALLED: &str = r#"
[systems.opencps]
agencies = ["H99"]
[callbacks.portal]
networks = ["127.0.0.0/8"]
system = "opencps"
[callbacks.payment]
networks = ["127.0.0.0/8"]
secret_file = "payment.secret"
[callbacks.criminal-record]
networks = ["127.0.0.0/8"]
secret_file = "vneid.key"
system = "opencps"
numbers = "H99.14"
"#;

/// A site for a twin of its own, with the secrets that `CALLED` names.
pub(crate) async fn site(more: &str) -> ((National, tempfile::TempDir), Site) {
    let books = tempfile::tempdir().unwrap();
    let national = National::start(books.path(), "calm", 1).await;
    let site = Site::new(&national.base, &format!("{CALLED}{more}"));
    for (file, secret) in [("payment.secret", SECRET), ("vneid.key", "khoa-vneid")] {
        std::fs::write(site.path(file), secret).unwrap();
    }
    ((national, books), site)
}

/// Sends what the national side sends.
pub(crate) async fn send(alive: &Alive, path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json")];
    alive
        .call("POST", path, &headers, body.to_string().as_bytes())
        .await
}

/// The events of a system, once there are so many.
pub(crate) async fn events(alive: &Alive, system: &str, count: usize) -> Vec<Value> {
    let token = format!("Bearer token-{system}");
    for _ in 0..200 {
        let path = format!("/v1/systems/{system}/events?after=0");
        let answer = alive
            .call("GET", &path, &[("authorization", token.as_str())], &[])
            .await;
        assert_eq!(answer.status, 200);
        let events = answer.json()["events"].as_array().unwrap().clone();
        if events.len() >= count {
            return events;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!(
        "{count} events did not come: {:?} {:?}",
        alive.node.store.callback_books().await,
        alive.node.store.callbacks(None, 9).await
    );
}

/// Pushes a shipped dossier of OpenCPS, and gives its number.
pub(crate) async fn pushed(alive: &Alive) -> String {
    let (_, body) = samples("opencps").remove(0);
    let answer = alive.push("opencps", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    answer.json()["number"].as_str().unwrap().to_owned()
}

/// A confirmation, with the checksum that its platform puts under it (portal.md §2.7.5).
pub(crate) fn confirm(number: &str, reference: &str, amount: i64, outcome: &str) -> Value {
    let (at, text) = ("20260301093212", format!("THANH TOAN HO SO {number}"));
    let covered = format!(
        "CONFIRM|{outcome}|DOITAC-THU|{reference}|{amount}|VND|GD0000000001|NHTHU|{at}|{text}|{SECRET}"
    );
    json!({
        "LoaiBanTin": "CONFIRM", "MaLoi": outcome, "MaDoiTac": "DOITAC-THU", "MaThamChieu": reference,
        "SoTien": amount, "MaTienTe": "VND", "MaGiaoDich": "GD0000000001", "MaNganHang": "NHTHU",
        "ThoiGianGD": at, "ThongTinGiaoDich": text, "MaHoSo": number,
        "MaXacThuc": data_encoding::HEXLOWER.encode(&sha256(covered.as_bytes())),
    })
}

/// Nothing in the store contradicts its log.
pub(crate) async fn whole(alive: &Alive) {
    assert_eq!(
        alive.node.store.discrepancies().await.unwrap(),
        Vec::<String>::new()
    );
}
