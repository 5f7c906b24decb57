//! TLS on both sides: the door's certificate and those of its callers, and ours towards a partner; all of them replaced while
//! the node runs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use lienthong::transport::{Failure, Settings, Tls, Transport};
use openssl::ssl::{SslAcceptor, SslConnector, SslMethod, SslStream, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;

use crate::support::certificates::{Authority, Pair};
use crate::support::node::{Alive, Site, samples};

/// No portal stands there: the door needs none.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A node whose door has TLS, and who vouches for whom.
struct Stage {
    site: Site,
    alive: Alive,
    authority: Authority,
}

impl Stage {
    async fn open(callers: &[(&str, &Pair)], vouching: Option<&Authority>, more: &str) -> Self {
        let authority = Authority::new("door");
        let mut text = more.to_owned();
        for (system, pair) in callers {
            text.push_str(&format!(
                "\nsystems.{system}.certificate_sha256 = ['{}']",
                pair.digest()
            ));
        }
        text.push_str("\nhttp.certificate_file = 'door.crt'\nhttp.key_file = 'door.key'\n");
        if vouching.is_some() {
            text.push_str("http.clients_file = 'callers.pem'\n");
        }
        let site = Site::new(NOWHERE, &text);
        if let Some(vouching) = vouching {
            std::fs::write(site.path("callers.pem"), vouching.pem()).unwrap();
        }
        if more.contains("own.pem") {
            std::fs::write(site.path("own.pem"), authority.vouch_for("own", 50).pem()).unwrap();
        }
        replace(&site, &authority.vouch("first"));
        let alive = site.start().await;
        Self {
            site,
            alive,
            authority,
        }
    }
}

/// Gives the door another certificate.
fn replace(site: &Site, pair: &Pair) {
    std::fs::write(site.path("door.crt"), pair.certificate.to_pem().unwrap()).unwrap();
    std::fs::write(
        site.path("door.key"),
        pair.key.private_key_to_pem_pkcs8().unwrap(),
    )
    .unwrap();
}

/// Shakes hands with the door as a caller that believes its authority, and shows a certificate if it has one.
fn shake(address: SocketAddr, believed: &[u8], own: Option<&Pair>) -> Option<SslStream<TcpStream>> {
    let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
    let mut roots = X509StoreBuilder::new().unwrap();
    roots.add_cert(X509::from_pem(believed).unwrap()).unwrap();
    connector.set_cert_store(roots.build());
    if let Some(own) = own {
        connector.set_certificate(&own.certificate).unwrap();
        connector.set_private_key(&own.key).unwrap();
    }
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    connector.build().connect("127.0.0.1", stream).ok()
}

/// The status of one request; nothing where the door hangs up. In TLS 1.3 a caller hears only here that it is unwelcome.
fn ask(stream: Option<SslStream<TcpStream>>, request: &[u8]) -> Option<u16> {
    let mut stream = stream?;
    stream.write_all(request).ok()?;
    let mut answer = Vec::new();
    let _end = stream.read_to_end(&mut answer);
    let head = String::from_utf8_lossy(&answer).into_owned();
    head.split(' ').nth(1)?.parse().ok()
}

fn push(system: &str, token: Option<&str>) -> Vec<u8> {
    let (_, body) = samples(system).remove(0);
    let token = token.map_or(String::new(), |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    let head = format!(
        "POST /v1/systems/{system}/dossiers HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{token}content-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat()
}

const ALIVE: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_is_known_by_its_certificate() {
    let callers = Authority::new("callers");
    let (tandan, igate, unknown) = (
        callers.vouch("tandan"),
        callers.vouch("igate"),
        callers.vouch("nobody"),
    );
    let stranger = Authority::new("stranger").vouch("tandan");
    let stage = Stage::open(&[("tandan", &tandan), ("igate", &igate)], Some(&callers), "").await;
    let (address, door) = (stage.alive.address, stage.authority.pem());
    tokio::task::spawn_blocking(move || {
        let status = |own: Option<&Pair>, token| ask(shake(address, &door, own), &push("tandan", token));
        assert_eq!(status(Some(&tandan), None), Some(202));
        assert_eq!(
            status(None, Some("token-tandan")),
            Some(202),
            "a token is still enough"
        );
        assert_eq!(status(Some(&tandan), Some("token-tandan")), Some(202));
        assert_eq!(status(Some(&igate), None), Some(403));
        assert_eq!(
            status(Some(&igate), Some("token-tandan")),
            Some(401),
            "two callers in one"
        );
        assert_eq!(status(Some(&unknown), None), Some(401));
        assert_eq!(status(None, None), Some(401));
        assert_eq!(
            status(Some(&stranger), Some("token-tandan")),
            None,
            "nobody vouches for it"
        );
        let other = Authority::new("other").pem();
        assert!(
            shake(address, &other, None).is_none(),
            "the door is not the one that was asked for"
        );
    })
    .await
    .unwrap();
    stage.alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_only_callers_with_a_certificate_are_let_in_a_token_does_not_help() {
    let callers = Authority::new("callers");
    let tandan = callers.vouch("tandan");
    let stage = Stage::open(&[("tandan", &tandan)], Some(&callers), "http.clients_only = true").await;
    let (address, door) = (stage.alive.address, stage.authority.pem());
    tokio::task::spawn_blocking(move || {
        assert_eq!(ask(shake(address, &door, Some(&tandan)), ALIVE), Some(200));
        let without = shake(address, &door, None);
        assert_eq!(ask(without, &push("tandan", Some("token-tandan"))), None);
    })
    .await
    .unwrap();
    stage.alive.stop().await;
}

/// What `/metrics` says of the door's certificate.
fn days_left(address: SocketAddr, believed: &[u8]) -> String {
    let mut stream = shake(address, believed, None).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _end = stream.read_to_end(&mut answer);
    let figure = "lienthong_certificate_days_left{place=\"http.certificate_file\"} ";
    let text = String::from_utf8_lossy(&answer).into_owned();
    let left = text.lines().find_map(|line| line.strip_prefix(figure));
    left.unwrap_or("none").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_certificate_is_a_figure_and_a_warning() {
    let Stage {
        site,
        alive,
        authority,
    } = Stage::open(&[], None, "partners.portal.identity_file = 'own.pem'").await;
    let (address, door) = (alive.address, authority.pem());
    let soon = authority.vouch_for("second", 5);
    let config = site.path("lienthong.toml");
    tokio::task::spawn_blocking(move || {
        let check = || {
            let check = std::process::Command::new(env!("CARGO_BIN_EXE_lienthong"))
                .args(["check", "--json", "--config"])
                .arg(&config)
                .envs([
                    ("LIENTHONG_HTTP__CERTIFICATE_FILE", "door.crt"),
                    ("LIENTHONG_HTTP__KEY_FILE", "door.key"),
                    ("LIENTHONG_PARTNERS__PORTAL__IDENTITY_FILE", "own.pem"),
                ])
                .output()
                .unwrap();
            serde_json::from_slice::<serde_json::Value>(&check.stdout).unwrap()
        };
        // A whole day more within the second in which it was made.
        assert!(["29", "30"].contains(&days_left(address, &door).as_str()));
        let says = |report: &serde_json::Value, place: &str| {
            let all = report["warnings"].as_array().unwrap();
            let one = all.iter().find(|one| one["place"] == place);
            one.map_or_else(String::new, |one| one["says"].as_str().unwrap().to_owned())
        };
        let report = check();
        let warned = says(&report, "http.certificate_file");
        assert!(warned.ends_with("within 30 days"), "{report}");
        replace(&site, &soon);
        assert!(["4", "5"].contains(&days_left(address, &door).as_str()));
        let report = check();
        let warned = says(&report, "http.certificate_file");
        assert!(
            warned.contains("CN=se") && warned.ends_with("within 7 days"),
            "{warned}"
        );
        assert!(says(&report, "partners.portal.identity_file").ends_with("within 60 days"));
    })
    .await
    .unwrap();
    alive.stop().await;
}

/// The name in the certificate that the door shows.
fn shown(address: SocketAddr, believed: &[u8]) -> Option<String> {
    let stream = shake(address, believed, None)?;
    let certificate = stream.ssl().peer_certificate()?;
    let name = certificate.subject_name().entries().next()?;
    name.data().to_string().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doors_certificate_is_replaced_while_it_stands_open_and_half_a_pair_shuts_it_for_nobody() {
    let Stage {
        site,
        alive,
        authority,
    } = Stage::open(&[], None, "").await;
    let address = alive.address;
    tokio::task::spawn_blocking(move || {
        let door = authority.pem();
        let held = shake(address, &door, None);
        assert_eq!(shown(address, &door).as_deref(), Some("first"));
        let second = authority.vouch("second");
        std::fs::write(site.path("door.crt"), second.certificate.to_pem().unwrap()).unwrap();
        assert_eq!(
            shown(address, &door).as_deref(),
            Some("first"),
            "the key is still the other's"
        );
        replace(&site, &second);
        assert_eq!(shown(address, &door).as_deref(), Some("second"));
        std::fs::write(site.path("door.crt"), "nonsense").unwrap();
        assert_eq!(shown(address, &door).as_deref(), Some("second"));
        assert_eq!(ask(held, ALIVE), Some(200), "who was in stays in");
    })
    .await
    .unwrap();
    alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_stalls_holds_nobody_and_ends() {
    let stage = Stage::open(&[], None, "http.header_timeout = '1 s'").await;
    let (address, door) = (stage.alive.address, stage.authority.pem());
    tokio::task::spawn_blocking(move || {
        let mut silent: Vec<_> = (0..20).map(|_| TcpStream::connect(address).unwrap()).collect();
        let began = Instant::now();
        assert_eq!(ask(shake(address, &door, None), ALIVE), Some(200));
        for stream in &mut silent {
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            assert_eq!(stream.read(&mut [0; 16]).unwrap_or(0), 0, "it is closed");
        }
        assert!(began.elapsed() >= Duration::from_millis(900));
        // In clear nobody is understood.
        let mut clear = TcpStream::connect(address).unwrap();
        clear.write_all(ALIVE).unwrap();
        let mut answer = Vec::new();
        let _end = clear.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    })
    .await
    .unwrap();
    stage.alive.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_protocols_are_refused() {
    let stage = Stage::open(&[], None, "").await;
    let (address, door) = (stage.alive.address, stage.authority.pem());
    tokio::task::spawn_blocking(move || {
        for (newest, welcome) in [
            (SslVersion::TLS1_1, false),
            (SslVersion::TLS1_2, true),
            (SslVersion::TLS1_3, true),
        ] {
            let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
            // What this machine's own policy would not even offer.
            connector.set_cipher_list("ALL:@SECLEVEL=0").unwrap();
            let mut roots = X509StoreBuilder::new().unwrap();
            roots.add_cert(X509::from_pem(&door).unwrap()).unwrap();
            connector.set_cert_store(roots.build());
            connector.set_min_proto_version(Some(SslVersion::TLS1)).unwrap();
            connector.set_max_proto_version(Some(newest)).unwrap();
            let stream = TcpStream::connect(address).unwrap();
            let shaken = connector.build().connect("127.0.0.1", stream);
            assert_eq!(shaken.is_ok(), welcome, "{newest:?}");
        }
    })
    .await
    .unwrap();
    stage.alive.stop().await;
}

/// A partner that asks who calls, and answers with the name it was shown.
fn partner(own: &Pair, callers: &Authority) -> SocketAddr {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_certificate(&own.certificate).unwrap();
    acceptor.set_private_key(&own.key).unwrap();
    let mut roots = X509StoreBuilder::new().unwrap();
    roots.add_cert(X509::from_pem(&callers.pem()).unwrap()).unwrap();
    acceptor.set_verify_cert_store(roots.build()).unwrap();
    acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let acceptor = acceptor.build();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = acceptor.accept(stream.unwrap()) else {
                continue;
            };
            let name = stream.ssl().peer_certificate().unwrap();
            let name = name
                .subject_name()
                .entries()
                .next()
                .unwrap()
                .data()
                .to_string()
                .unwrap();
            let mut bytes = [0; 4_096];
            let _read = stream.read(&mut bytes).unwrap_or(0);
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{name}",
                name.len()
            );
            let _sent = stream.write_all(answer.as_bytes());
            let _closed = stream.shutdown();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_that_asks_is_shown_who_we_are_and_only_its_own_roots_are_believed() {
    let (callers, partners) = (Authority::new("callers"), Authority::new("partners"));
    let address = partner(&partners.vouch("partner"), &callers);
    let folder = tempfile::tempdir().unwrap();
    let (identity, roots) = (
        folder.path().join("identity.pem"),
        folder.path().join("roots.pem"),
    );
    std::fs::write(&identity, callers.vouch("first").pem()).unwrap();
    std::fs::write(&roots, partners.pem()).unwrap();
    let way = |tls| {
        Transport::new(Settings {
            base: format!("https://127.0.0.1:{}", address.port()),
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            answer_limit: 1_024,
            connections: 1,
            connect_tries: 1,
            tls,
            networks: Vec::new(),
        })
    };
    let request = wire::Request {
        method: wire::Method::Get,
        target: "/".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let both = Tls {
        identity: Some(identity.clone()),
        roots: Some(roots.clone()),
    };
    let ours = way(both.clone()).unwrap();
    assert_eq!(ours.send(&request).await.unwrap().body, b"first");
    std::fs::write(&identity, callers.vouch("second").pem()).unwrap();
    assert_eq!(
        ours.send(&request).await.unwrap().body,
        b"second",
        "replaced while it runs"
    );
    std::fs::write(&identity, "nonsense").unwrap();
    assert_eq!(ours.send(&request).await.unwrap().body, b"second");
    assert!(way(both).is_err(), "and at the next start it is said");

    // Believed by nobody, or showing nothing: no dossier leaves.
    let unbelieved = way(Tls::default()).unwrap();
    assert_eq!(unbelieved.send(&request).await, Err(Failure::NotReached));
    let nameless = way(Tls {
        identity: None,
        roots: Some(roots),
    });
    assert!(nameless.unwrap().send(&request).await.is_err());
}
