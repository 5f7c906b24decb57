//! `log`: the exchange log in the auditor's hands.

mod follow;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::node::{self, There};
use super::{At, Failed, Log, complain, say, say_json};
use crate::app;
use crate::config::Config;
use crate::evidence::leaf::Chain;
use crate::evidence::note::Vkey;
use crate::keys::FileKey;
use crate::model::ExchangeId;
use crate::upkeep::{self, Checked, Doer};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    leaves: u64,
    /// Of how many first leaves the map of heads was worked out anew.
    mapped: u64,
    /// How many statements of the books were signed, in the log, and right.
    statements: u64,
    verified: bool,
    /// The key that the checkpoint was held against; none when it was held against no known key.
    vkey: Option<String>,
    findings: &'a [String],
    remarks: &'a [String],
}

/// Does one of them.
pub(super) async fn run(verb: Log) -> Result<bool, Failed> {
    match verb {
        Log::Verify {
            at,
            trust,
            held,
            files,
            json,
        } => verify(&at, trust.as_deref(), &held, (files, json)).await,
        Log::Prove {
            exchange,
            chain,
            output,
            at,
        } => match (exchange, chain) {
            (Some(exchange), _) => prove(exchange, &output, &at).await,
            (None, chain) => complete(&chain.unwrap_or_default(), &output, &at).await,
        },
        Log::Export { dossier, output, at } => export(&dossier, &output, &at).await,
    }
}

async fn verify(
    at: &At,
    trust: Option<&str>,
    held: &[PathBuf],
    (files, json): (bool, bool),
) -> Result<bool, Failed> {
    let trusted = trust.map(vkey).transpose()?;
    let held = held
        .iter()
        .map(|path| note(path))
        .collect::<Result<Vec<_>, _>>()?;
    let (checked, known) = match There::find(at)? {
        There::Running(_) if files => {
            return Err(Failed::Use(
                "`--files` reads the folder of a node: name it with --dir".to_owned(),
            ));
        }
        There::Running(remote) => {
            let checked = follow::audit(&remote, trusted.as_ref(), &held, progress()).await?;
            (checked, trusted)
        }
        There::Folder(config) => {
            let known = trusted.map_or_else(|| own(&config), Ok)?;
            (kept(&config, &known, held, files).await?, Some(known))
        }
    };
    if std::io::stderr().is_terminal() {
        complain("");
    }
    tell(&checked, known.as_ref(), json);
    Ok(checked.findings.is_empty())
}

/// A verifier key as it is written.
pub(super) fn vkey(text: &str) -> Result<Vkey, Failed> {
    Vkey::parse(text.trim()).map_err(|error| Failed::Use(format!("`{text}`: {error}")))
}

/// The verifier key of the log whose key lies in the node's folder.
fn own(config: &Config) -> Result<Vkey, Failed> {
    let key = FileKey::read(&config.log.key_file)?;
    Vkey::of(&config.node.name, &key).map_err(|error| Failed::because(&error))
}

/// The log in a folder, beside whoever writes it.
async fn kept(config: &Config, known: &Vkey, mut given: Vec<String>, files: bool) -> Result<Checked, Failed> {
    // First the head file: a store that is opened later holds all that it speaks of.
    let head = &config.log.head_file;
    match std::fs::read_to_string(head) {
        Ok(note) => given.push(note),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Failed::file(head, &error)),
    }
    let store = node::store(config)?;
    let trust = app::stamp_trust(config).map_err(|error| Failed::because(&error))?;
    let mut checked = upkeep::check(&store, known, trust.as_ref(), given, progress()).await?;
    if files {
        let folder = app::files(config, store.sealer());
        checked
            .findings
            .extend(upkeep::check_files(&store, &folder).await?);
    }
    Ok(checked)
}

/// A checkpoint in a file.
fn note(path: &Path) -> Result<String, Failed> {
    std::fs::read_to_string(path).map_err(|error| Failed::file(path, &error))
}

fn tell(checked: &Checked, known: Option<&Vkey>, json: bool) {
    let findings = &checked.findings;
    let (leaves, mapped, verified) = (checked.leaves, checked.mapped, findings.is_empty());
    if json {
        return say_json(&Report {
            leaves,
            mapped,
            statements: checked.statements,
            verified,
            vkey: known.map(ToString::to_string),
            findings,
            remarks: &checked.remarks,
        });
    }
    checked.remarks.iter().for_each(|remark| say(remark));
    findings.iter().for_each(|finding| say(finding));
    match known {
        Some(known) => say(&format!("checkpoints are held against {known}")),
        None => say("the checkpoint's signature was held against no known key: name one with --trust"),
    }
    say(&format!(
        "the map of heads was worked out anew over the first {mapped} leaves"
    ));
    say(&format!(
        "{} statements of the books were held against the leaves",
        checked.statements
    ));
    match findings.len() {
        0 => say(&format!("{leaves} leaves: everything fits")),
        many => say(&format!("{leaves} leaves: {many} findings")),
    }
}

/// Tells a terminal how many leaves were read; quiet in a pipe.
fn progress() -> impl FnMut(u64) + Send + 'static {
    let shown = std::io::stderr().is_terminal();
    move |leaves| {
        if shown {
            let _read = write!(std::io::stderr(), "\r{leaves} leaves ");
        }
    }
}

async fn prove(exchange: ExchangeId, output: &Path, at: &At) -> Result<bool, Failed> {
    let proof = match There::find(at)? {
        There::Running(remote) => remote.find(&format!("/v1/exchanges/{exchange}/proof")).await?,
        There::Folder(config) => {
            let proof = upkeep::prove(&node::store(&config)?, exchange).await?;
            proof.map(String::into_bytes)
        }
    };
    let missing = || {
        Failed::NotDone(format!(
            "no checkpoint reaches exchange {exchange}, or there is none of that id"
        ))
    };
    std::fs::write(output, proof.ok_or_else(missing)?).map_err(|error| Failed::file(output, &error))?;
    say(&format!(
        "{} proves the newest leaf of {exchange}",
        output.display()
    ));
    Ok(true)
}

async fn complete(chain: &str, output: &Path, at: &At) -> Result<bool, Failed> {
    let chain =
        Chain::parse(chain).ok_or_else(|| Failed::Use(format!("`{chain}` names no chain: see --help")))?;
    let proof = match There::find(at)? {
        There::Running(remote) => remote.find(&format!("/log/chain/{chain}")).await?,
        There::Folder(config) => {
            let proof = upkeep::complete(&node::store(&config)?, chain.clone()).await?;
            proof.map(String::into_bytes)
        }
    };
    let missing = || Failed::NotDone("no checkpoint stands over a map of heads yet".to_owned());
    std::fs::write(output, proof.ok_or_else(missing)?).map_err(|error| Failed::file(output, &error))?;
    say(&format!(
        "{} proves what the log holds of {chain}",
        output.display()
    ));
    Ok(true)
}

async fn export(number: &str, output: &Path, at: &At) -> Result<bool, Failed> {
    let container = match There::find(at)? {
        There::Running(remote) => {
            let target = format!("/v1/dossiers/{}/evidence", in_path(number));
            remote.find(&target).await?
        }
        There::Folder(config) => {
            // That it was taken is a leaf: with the node's lock.
            let doer = Doer {
                who: "command line".to_owned(),
                reason: "the evidence of the dossier was asked for".to_owned(),
                basis: "whoever runs this node".to_owned(),
            };
            let sealed = app::node(&config)?.upkeep.export(&doer, number).await;
            sealed.map_err(|error| Failed::because(&error))?
        }
    };
    let missing = || {
        Failed::NotDone(format!(
            "there is no dossier {number}, or no checkpoint stands over its leaves yet"
        ))
    };
    std::fs::write(output, container.ok_or_else(missing)?).map_err(|error| Failed::file(output, &error))?;
    say(&format!("{} holds all evidence of {number}", output.display()));
    Ok(true)
}

/// A number as one part of a path (RFC 3986 §2.1).
fn in_path(number: &str) -> String {
    let plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"-._~".contains(octet);
    let part = |octet: u8| {
        if plain(&octet) {
            char::from(octet).to_string()
        } else {
            format!("%{octet:02X}")
        }
    };
    number.bytes().map(part).collect()
}
