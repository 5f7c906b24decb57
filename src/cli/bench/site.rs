//! A node to measure: a temporary folder with keys, a store and two partners, and dossiers that nobody filed before.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use data_encoding::HEXLOWER;
use tokio::net::TcpListener;

use super::super::{Failed, init};
use super::load::post;
use crate::app::{self, Node, Running};
use crate::config::{Config, Layer};
use crate::evidence::hash;
use crate::translate::Translator;

/// The one secret of a measured node, and of whom it talks with.
pub(super) const SECRET: &str = "bench";
/// Nobody listens on this port.
pub(super) const NOWHERE: &str = "http://127.0.0.1:1";
/// The system whose dossiers go to the partner `portal`.
pub(super) const OPENCPS: &str = "opencps";
/// The system whose dossiers go to the partner `other`.
pub(super) const IGATE: &str = "igate";

/// A folder of one measurement; dropped, it is removed.
pub(super) struct Folder(PathBuf);

/// A node of one measurement.
pub(super) struct Site {
    folder: Folder,
    config: Config,
}

/// A node whose door is open.
pub(super) struct Alive {
    /// The node.
    pub(super) node: Node,
    /// Where it listens.
    pub(super) address: SocketAddr,
    running: Running,
}

impl Folder {
    /// Makes it.
    pub(super) fn new() -> Result<Self, Failed> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "lienthong-bench-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let dir = std::env::temp_dir().join(name);
        fs::create_dir_all(&dir).map_err(|error| Failed::file(&dir, &error))?;
        Ok(Self(dir))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder, which the system empties.
        let _removed = fs::remove_dir_all(&self.0);
    }
}

impl Site {
    /// Makes a node whose partners `portal` and `other` stand at these addresses; `more` is laid over its settings.
    pub(super) fn new(portal: &str, other: &str, more: &str) -> Result<Self, Failed> {
        Self::with(portal, other, more, &[])
    }

    /// The same, with files that its settings name.
    pub(super) fn with(
        portal: &str,
        other: &str,
        more: &str,
        files: &[(&str, &[u8])],
    ) -> Result<Self, Failed> {
        let folder = Folder::new()?;
        write(&folder.path().join("password"), SECRET.as_bytes())?;
        for (name, bytes) in files {
            write(&folder.path().join(name), bytes)?;
        }
        let text = text(folder.path(), portal, other) + more;
        let name = folder.path().join("lienthong.toml");
        write(&name, text.as_bytes())?;
        let layer = Layer {
            name: &name.display().to_string(),
            text: &text,
        };
        let config = Config::layered(&[layer], std::iter::empty()).map_err(|mistakes| {
            Failed::NotDone(
                mistakes
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n"),
            )
        })?;
        init::make(&config)?;
        Ok(Self { folder, config })
    }

    /// Its settings.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The file of its settings.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("lienthong.toml")
    }

    /// Opens the door alone: what is accepted waits.
    pub(super) async fn door(&self) -> Result<Alive, Failed> {
        let node = app::node(&self.config)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let running = node.accept_only(&self.config, listener)?;
        Ok(Alive {
            address: running.address,
            node,
            running,
        })
    }

    /// Runs the whole node.
    pub(super) async fn start(&self) -> Result<Alive, Failed> {
        let node = app::node(&self.config)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let running = node.start(&self.config, listener).await?;
        Ok(Alive {
            address: running.address,
            node,
            running,
        })
    }
}

impl Alive {
    /// Ends it without waiting for a partner that hangs.
    pub(super) async fn stop(self) {
        self.running.stop(std::time::Duration::from_millis(500)).await;
    }
}

/// Dossiers in the formats of the local systems, each of a number that was not there before.
#[derive(Clone)]
pub(super) struct Dossiers {
    translator: Arc<Translator>,
    next: u64,
}

impl Dossiers {
    /// From the first number on.
    pub(super) fn new(config: &Config) -> Result<Self, Failed> {
        Ok(Self {
            translator: Arc::new(app::translator(config)?),
            next: 0,
        })
    }

    /// The mappings they are written with.
    pub(super) fn translator(&self) -> &Translator {
        &self.translator
    }

    /// The number at the end of the next dossier's own.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The bodies of so many new dossiers.
    pub(super) fn bodies(&mut self, system: &str, count: usize) -> Vec<Vec<u8>> {
        let mapping = mapping(system);
        let first = self.next;
        self.next += count as u64;
        let numbers = first..self.next;
        numbers
            .filter_map(|number| self.translator.sample(&mapping, system, 1, number).ok())
            .collect()
    }

    /// Pushes of so many new dossiers.
    pub(super) fn pushes(&mut self, system: &str, count: usize) -> Arc<Vec<Vec<u8>>> {
        let target = format!("/v1/systems/{system}/dossiers");
        let bodies = self.bodies(system, count);
        Arc::new(
            bodies
                .iter()
                .map(|body| post(&target, &token(system), body))
                .collect(),
        )
    }
}

/// The mapping of a system's dossiers.
pub(super) fn mapping(system: &str) -> String {
    format!("local/{system}/dossier")
}

/// A system's token: easy to guess, for a node that lives for minutes in a folder of its own, on loopback.
pub(super) fn token(system: &str) -> String {
    format!("bench-{system}")
}

/// A port that was free a moment ago.
pub(super) async fn port() -> Result<u16, Failed> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?.port())
}

/// The settings of a system whose dossiers go to this partner.
pub(super) fn known(system: &str, partner: &str) -> String {
    let hash = HEXLOWER.encode(&hash::digest(&[token(system).as_bytes()]));
    format!("[systems.{system}]\ntoken_sha256 = [\"{hash}\"]\npartner = \"{partner}\"\n")
}

fn text(dir: &Path, portal: &str, other: &str) -> String {
    let mut text = format!(
        "[node]\nname = \"lienthong.example/bench\"\ndir = {}\n[outbox]\nmin_free_disk = \"1 MiB\"\n",
        toml::Value::from(dir.display().to_string())
    );
    for (system, partner, base) in [(OPENCPS, "portal", portal), (IGATE, "other", other)] {
        text.push_str(&known(system, partner));
        text.push_str(&format!(
            "[partners.{partner}]\nadapter = \"portal\"\nbase = \"{base}\"\nusername = \"bench\"\n\
             password_file = \"password\"\nconcurrency = 32\npace = {{ per_second = 100000, burst = 1000 }}\n\
             framing.endpoints = {{ integration = \"/mapi/g\", share = \"/mapi/s\" }}\n"
        ));
    }
    text
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .map_err(|error| Failed::file(path, &error))
}
