//! A node and a twin in a temporary folder, in this process, on free loopback ports.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use lienthong::app::{self, Node, Running};
use lienthong::config::{Config, Layer};
use lienthong::store::StoreError;
use lienthong::twin::{Day, Options, Twin};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::http::{self, Answer};

/// The local systems.
pub(crate) const SYSTEMS: [&str; 3] = ["opencps", "igate", "tandan"];

/// A folder with a node in it, and what speaks for it.
pub(crate) struct Site {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) base: String,
    pub(crate) more: String,
}

/// A node that runs.
pub(crate) struct Alive {
    pub(crate) node: Node,
    pub(crate) address: SocketAddr,
    running: Running,
}

/// A twin that runs.
pub(crate) struct National {
    pub(crate) twin: Twin,
    pub(crate) base: String,
    /// Dropped, it ends the twin.
    _stop: oneshot::Sender<()>,
}

impl Site {
    /// A node that was initialised, for a partner at `base`; `more` is laid over its configuration.
    pub(crate) fn new(base: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = Self {
            folder,
            base: base.to_owned(),
            more: more.to_owned(),
        };
        std::fs::write(site.path("portal.password"), "mat-khau-thu-nghiem").unwrap();
        let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(site.path("portal.password"), own).unwrap();
        std::fs::write(site.path("lienthong.toml"), site.text()).unwrap();
        let made = Command::new(env!("CARGO_BIN_EXE_lienthong"))
            .args(["init", "--config"])
            .arg(site.path("lienthong.toml"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        site
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self) -> String {
        let mut text = format!(
            r#"
[node]
name = "lienthong.example/test"
dir = "{dir}"
[http]
listen = "127.0.0.1:0"
[outbox]
schedule = ["50 ms", "200 ms", "500 ms"]
lease = "10 s"
[operators.hand]
token_sha256 = ["{hand}"]
[partners.portal]
base = "{base}"
username = "000.00.00.H99"
password_file = "portal.password"
connect = "1 s"
answer = "1500 ms"
longest = "3 s"
concurrency = 8
pace = {{ per_second = 100000, burst = 1000 }}
circuit = {{ failures = 20, open = "100 ms", longest_open = "500 ms" }}
[partners.portal.framing.endpoints]
integration = "/mapi/g"
share = "/mapi/s"
"#,
            dir = self.folder.path().display(),
            hand = hash("hand"),
            base = self.base,
        );
        for system in SYSTEMS {
            text.push_str(&format!(
                "[systems.{system}]\ntoken_sha256 = [\"{}\"]\n",
                hash(&format!("token-{system}"))
            ));
        }
        text
    }

    /// The configuration, as a node would read it.
    pub(crate) fn config(&self) -> Config {
        let text = self.text();
        let layers = [
            Layer {
                name: "site",
                text: &text,
            },
            Layer {
                name: "more",
                text: &self.more,
            },
        ];
        Config::layered(&layers, std::iter::empty()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
    }

    /// Starts the node: door and loops. One before it that was broken off may still hold the store for a moment.
    pub(crate) async fn start(&self) -> Alive {
        let config = self.config();
        for _ in 0..1_000 {
            match app::node(&config) {
                Err(app::Unbuilt::Store(StoreError::Held(_))) => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                node => return self.run(node.unwrap()).await,
            }
        }
        panic!("the store is held");
    }

    /// Starts a node that was built for this site.
    pub(crate) async fn run(&self, node: Node) -> Alive {
        let config = self.config();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = node.start(&config, listener).await.unwrap();
        Alive {
            address: running.address,
            node,
            running,
        }
    }
}

impl Alive {
    /// A call from outside, on a thread that may wait.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let owned: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let (address, method, path, body) = (self.address, method.to_owned(), path.to_owned(), body.to_vec());
        tokio::task::spawn_blocking(move || {
            let headers: Vec<(&str, &str)> = owned
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            http::call(address, &method, &path, &headers, &body)
        })
        .await
        .unwrap()
    }

    /// Pushes one dossier as its system does.
    pub(crate) async fn push(&self, system: &str, body: &[u8]) -> Answer {
        let token = format!("Bearer token-{system}");
        let headers = [
            ("content-type", "application/json"),
            ("authorization", token.as_str()),
        ];
        self.call("POST", &format!("/v1/systems/{system}/dossiers"), &headers, body)
            .await
    }

    /// Waits until nothing moves by itself any more.
    pub(crate) async fn settle(&self) {
        self.settle_on("calm").await;
    }

    /// The same, naming the day if it does not.
    pub(crate) async fn settle_on(&self, day: &str) {
        for _ in 0..1_200 {
            let books = self.node.store.books().await.unwrap();
            if books.unprepared == 0 && books.waiting == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{day}: it did not settle: {:?}", self.node.store.books().await);
    }

    /// Ends it without letting it finish anything.
    pub(crate) async fn abandon(self) {
        self.running.stop(std::time::Duration::ZERO).await;
        // The store is free once the last of what was broken off has let go of it.
        drop(self.node);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }

    pub(crate) async fn stop(self) {
        self.running.stop(std::time::Duration::from_secs(10)).await;
    }
}

impl National {
    /// A twin whose books stand in `folder`.
    pub(crate) async fn start(folder: &Path, day: &str, seed: u64) -> Self {
        Self::with(Options {
            day: Day::named(day).unwrap(),
            seed,
            ..Self::options(folder)
        })
        .await
    }

    /// What the tests' twins have in common.
    pub(crate) fn options(folder: &Path) -> Options {
        Options {
            folder: folder.to_owned(),
            hang: std::time::Duration::from_secs(3),
            ..Options::default()
        }
    }

    /// A twin set up in any way.
    pub(crate) async fn with(options: Options) -> Self {
        let twin = Twin::open(options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!(
            "http://{}/VXPAdapter/RestService/forward",
            listener.local_addr().unwrap()
        );
        let (sender, receiver) = oneshot::channel::<()>();
        let serving = twin.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the sender that this holds"
        )]
        let _served = tokio::task::spawn(async move {
            let stop = async move {
                let _gone = receiver.await;
            };
            serving.serve(listener, stop).await.unwrap();
        });
        Self {
            twin,
            base,
            _stop: sender,
        }
    }
}

pub(crate) fn hash(token: &str) -> String {
    openssl::sha::sha256(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The shipped dossiers of one system.
pub(crate) fn samples(system: &str) -> Vec<(String, Vec<u8>)> {
    app::samples()
        .into_iter()
        .filter(|sample| sample.system == system)
        .map(|sample| (sample.case.to_owned(), sample.body.to_vec()))
        .collect()
}
