//! `push`: files and folders to a gateway, each with a key made of its bytes, so that pushing again sends nothing twice.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use wire::{Method, Request};

use super::{Failed, Push, say, say_json};
use crate::evidence::hash;
use crate::transport::{Failure, Settings, Tls, Transport, Unbuildable};

/// Dossiers under way at one time.
const CONNECTIONS: usize = 16;
/// Tries of one dossier while the gateway says "later" or is away.
const TRIES: u32 = 8;

/// Where to push, and who we are.
pub(super) struct Gateway {
    transport: Transport,
    target: String,
    token: String,
}

/// One dossier to push.
pub(super) struct Item {
    /// What people know it by: its file.
    pub(super) name: String,
    /// Its bytes.
    pub(super) body: Vec<u8>,
}

/// What became of one dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Pushed {
    /// Accepted, now or before.
    Accepted,
    /// Refused, with the problem's type and action.
    Refused {
        /// The problem's type.
        kind: String,
        /// The next action.
        action: String,
        /// What is wrong where: fixed sentences, no values.
        errors: Vec<String>,
    },
    /// The gateway could not be reached or was full to the end.
    Unreached,
}

/// One place that is wrong.
#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    pointer: String,
    #[serde(default)]
    detail: String,
    fact: Option<String>,
}

/// The members of a problem that a person is shown.
#[derive(Deserialize)]
struct Shown {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    errors: Vec<Place>,
}

impl Gateway {
    /// A way to push one system's dossiers to a gateway.
    pub(super) fn new(base: &str, system: &str, token: &str) -> Result<Self, Unbuildable> {
        let transport = Transport::new(Settings {
            base: base.to_owned(),
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            answer_limit: 1 << 20,
            connections: CONNECTIONS,
            connect_tries: 5,
            tls: Tls::default(),
            networks: Vec::new(),
        })?;
        let target = format!("/v1/systems/{system}/dossiers");
        Ok(Self {
            transport,
            target,
            token: format!("Bearer {token}"),
        })
    }

    /// Pushes one dossier, again while the gateway says "later".
    pub(super) async fn push(&self, body: Vec<u8>) -> Pushed {
        let key = HEXLOWER.encode(&hash::digest(&[&body]));
        let headers = [
            ("content-type", "application/json"),
            ("authorization", self.token.as_str()),
            ("idempotency-key", key.as_str()),
        ];
        let headers = headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let request = Request {
            method: Method::Post,
            target: self.target.clone(),
            headers,
            body,
        };
        for attempt in 0..TRIES {
            let wait = match self.transport.send(&request).await {
                Ok(response) if response.status == 202 => return Pushed::Accepted,
                Ok(response) if response.status == 503 || response.status == 429 => {
                    Duration::from_secs(response.retry_after.unwrap_or(1).min(60))
                }
                Ok(response) => return refused(&response.body),
                Err(Failure::Unsendable) => return Pushed::Unreached,
                Err(_) => Duration::from_millis(200 << attempt.min(5)),
            };
            tokio::time::sleep(wait).await;
        }
        Pushed::Unreached
    }

    /// Pushes all of them, some at a time, and tells of each as it is done.
    pub(super) async fn all(
        self: &Arc<Self>,
        items: impl Iterator<Item = Item>,
        mut told: impl FnMut(&str, Pushed),
    ) {
        let mut pushing = stream::iter(items)
            .map(|item| {
                let gateway = Arc::clone(self);
                async move { (item.name, gateway.push(item.body).await) }
            })
            .buffer_unordered(CONNECTIONS);
        while let Some((name, pushed)) = pushing.next().await {
            told(&name, pushed);
        }
    }
}

fn refused(body: &[u8]) -> Pushed {
    match serde_json::from_slice::<Shown>(body) {
        Ok(Shown { kind, action, errors }) => {
            let told = |place: Place| {
                let fact = place.fact.map(|fact| format!(" ({fact})")).unwrap_or_default();
                format!("{}{fact}: {}", place.pointer, place.detail)
            };
            Pushed::Refused {
                kind,
                action,
                errors: errors.into_iter().map(told).collect(),
            }
        }
        Err(_) => Pushed::Refused {
            kind: "unreadable answer".to_owned(),
            action: String::new(),
            errors: Vec::new(),
        },
    }
}

/// Pushes files and folders. Files that an earlier run saw accepted are passed over; true when all are accepted.
pub(super) async fn run(asked: &Push) -> Result<bool, Failed> {
    let token = match &asked.token_file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Failed::file(path, &error))?
            .trim()
            .to_owned(),
        None => String::new(),
    };
    let gateway = Arc::new(Gateway::new(&asked.to, &asked.system, &token)?);
    let files = files(&asked.paths)?;
    let mut journal = Journal::open(asked)?;
    let waiting: Vec<PathBuf> = files
        .iter()
        .filter(|file| !journal.holds(file))
        .cloned()
        .collect();
    let mut bar = Bar::new(files.len(), files.len() - waiting.len());
    let mut unpushed = Vec::new();
    let items = waiting.into_iter().map(|path| Item {
        name: path.display().to_string(),
        // A file that cannot be read is pushed empty and refused by name, like any other that is no dossier.
        body: std::fs::read(&path).unwrap_or_default(),
    });
    gateway
        .all(items, |name, pushed| {
            bar.step();
            match pushed {
                Pushed::Accepted => journal.keep(name),
                Pushed::Refused { .. } | Pushed::Unreached => unpushed.push((name.to_owned(), pushed)),
            }
        })
        .await;
    bar.end();
    let report = Report {
        files: files.len(),
        accepted: files.len() - unpushed.len(),
        unpushed,
    };
    if asked.json {
        say_json(&report);
    } else {
        report
            .unpushed
            .iter()
            .for_each(|(name, pushed)| say(&format!("{name}: {}", words(pushed))));
        say(&format!("{} of {} accepted", report.accepted, report.files));
    }
    Ok(report.unpushed.is_empty())
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    files: usize,
    accepted: usize,
    /// File, and what became of it.
    unpushed: Vec<(String, Pushed)>,
}

pub(super) fn words(pushed: &Pushed) -> String {
    match pushed {
        Pushed::Accepted => "accepted".to_owned(),
        Pushed::Refused { kind, action, errors } => {
            format!("refused: {kind}. {action} {}", errors.join("; "))
        }
        Pushed::Unreached => {
            "not pushed: the gateway was not reached or took nothing more. Push again later.".to_owned()
        }
    }
}

/// All files named, and those in folders named, in order of name.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failed> {
    let mut found = Vec::new();
    let mut folders = paths.to_vec();
    while let Some(path) = folders.pop() {
        if !path.is_dir() {
            found.push(path);
            continue;
        }
        for entry in std::fs::read_dir(&path).map_err(|error| Failed::file(&path, &error))? {
            let inside = entry.map_err(|error| Failed::file(&path, &error))?.path();
            let dossier = inside
                .extension()
                .is_some_and(|ending| ending == "json" || ending == "xml");
            if inside.is_dir() || dossier {
                folders.push(inside);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Which files an earlier run saw accepted: a line for each, of its path and the digest of its bytes.
struct Journal {
    file: std::fs::File,
    held: HashSet<String>,
}

impl Journal {
    fn open(asked: &Push) -> Result<Self, Failed> {
        let to = HEXLOWER.encode(&hash::digest(&[asked.to.as_bytes(), b" ", asked.system.as_bytes()])[..4]);
        let path = PathBuf::from(format!(".lienthong-push-{to}"));
        let held = std::fs::read_to_string(&path)
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|error| Failed::file(&path, &error))?;
        Ok(Self { file, held })
    }

    fn holds(&self, path: &Path) -> bool {
        self.held.contains(&line(&path.display().to_string()))
    }

    /// What cannot be noted is pushed once more next time, and answered with the same receipt.
    fn keep(&mut self, name: &str) {
        let _noted = writeln!(self.file, "{}", line(name));
    }
}

fn line(name: &str) -> String {
    let digest = std::fs::read(name)
        .map(|bytes| HEXLOWER.encode(&hash::digest(&[&bytes])))
        .unwrap_or_default();
    format!("{digest} {name}")
}

/// A bar on a terminal; quiet in a pipe.
pub(super) struct Bar {
    all: usize,
    done: usize,
    shown: bool,
}

impl Bar {
    pub(super) fn new(all: usize, done: usize) -> Self {
        Self {
            all,
            done,
            shown: std::io::stderr().is_terminal(),
        }
    }

    pub(super) fn step(&mut self) {
        self.done += 1;
        if self.shown {
            let filled = self.done * 40 / self.all.max(1);
            let _shown = write!(
                std::io::stderr(),
                "\r[{:<40}] {}/{}",
                "#".repeat(filled),
                self.done,
                self.all
            );
        }
    }

    pub(super) fn end(&self) {
        if self.shown {
            let _shown = writeln!(std::io::stderr());
        }
    }
}
