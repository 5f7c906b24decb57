//! `log`: the exchange log in the auditor's hands.

mod follow;

use std::io::{IsTerminal, Write};
use std::path::Path;

use serde::Serialize;

use super::node::{self, There};
use super::{At, Failed, Log, complain, say, say_json};
use crate::config::Config;
use crate::evidence::note::Vkey;
use crate::keys::FileKey;
use crate::model::ExchangeId;
use crate::upkeep::{self, Checked};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    leaves: u64,
    verified: bool,
    /// The key that the checkpoint was held against; none when it was held against no known key.
    vkey: Option<String>,
    findings: &'a [String],
}

/// Does one of them.
pub(super) async fn run(verb: Log) -> Result<bool, Failed> {
    match verb {
        Log::Verify { at, trust, json } => verify(&at, trust.as_deref(), json).await,
        Log::Prove { exchange, output, at } => prove(exchange, &output, &at).await,
        Log::Export { .. } => Err(Failed::NotDone(
            "the evidence of a whole dossier is of a later issue; see `lienthong log prove`".to_owned(),
        )),
    }
}

async fn verify(at: &At, trust: Option<&str>, json: bool) -> Result<bool, Failed> {
    let trusted = trust.map(vkey).transpose()?;
    let (checked, known) = match There::find(at)? {
        There::Running(remote) => {
            let checked = follow::audit(&remote, trusted.as_ref(), progress()).await?;
            (checked, trusted)
        }
        There::Folder(config) => {
            let known = trusted.map_or_else(|| own(&config), Ok)?;
            (kept(&config, &known).await?, Some(known))
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
async fn kept(config: &Config, known: &Vkey) -> Result<Checked, Failed> {
    // First the head file: a store that is opened later holds all that it speaks of.
    let head = &config.log.head_file;
    let given = match std::fs::read_to_string(head) {
        Ok(note) => Some(note),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failed::file(head, &error)),
    };
    let store = node::store(config)?;
    Ok(upkeep::check(&store, known, given, progress()).await?)
}

fn tell(checked: &Checked, known: Option<&Vkey>, json: bool) {
    let findings = &checked.findings;
    let (leaves, verified) = (checked.leaves, findings.is_empty());
    if json {
        return say_json(&Report {
            leaves,
            verified,
            vkey: known.map(ToString::to_string),
            findings,
        });
    }
    findings.iter().for_each(|finding| say(finding));
    match known {
        Some(known) => say(&format!("checkpoints are held against {known}")),
        None => say("the checkpoint's signature was held against no known key: name one with --trust"),
    }
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
