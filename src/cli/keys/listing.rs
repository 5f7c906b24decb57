//! What `keys list` shows: of a certificate its subject, cut where it may name a person, and when it ends; nothing secret.

use std::path::Path;

use serde::Serialize;

use super::super::table::columns;
use super::super::{Failed, node, say, say_json};
use crate::config::{Config, Kept};
use crate::evidence::note::Vkey;
use crate::keys::token::{self, TokenKeyListed, TokenListed};
use crate::keys::{self, Certificate, FileKey, Listed, ends};
use crate::model::{Algorithm, Signer};

/// A key as `--json` shows it.
#[derive(Serialize)]
pub(super) struct Shown {
    name: String,
    algorithm: &'static str,
    id: String,
    path: String,
    exposed: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    public: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<Ends>,
    /// The verifier key, of the log's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    vkey: Option<String>,
}

/// A certificate.
#[derive(Serialize)]
struct Ends {
    subject: String,
    until: String,
}

/// A token.
#[derive(Serialize)]
struct Token {
    slot: u64,
    label: String,
    serial: String,
    model: String,
    locked: bool,
    keys: Vec<OnToken>,
}

/// A key on a token.
#[derive(Serialize)]
struct OnToken {
    label: String,
    key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<Ends>,
}

/// The keys of a node.
pub(super) fn node(file: Option<&Path>, json: bool) -> Result<bool, Failed> {
    let config = node::configured(file)?;
    let mut all = Vec::new();
    for folder in folders(&config) {
        let listed = keys::list(folder)?;
        all.extend(listed.into_iter().map(|key| Shown::listed(key, &config)));
    }
    all.extend(elsewhere(&config)?);
    if json {
        say_json(&all);
        return Ok(true);
    }
    let rows: Vec<Vec<String>> = all.iter().map(Shown::row).collect();
    columns(
        &[
            "name",
            "algorithm",
            "id",
            "from",
            "until",
            "certificate",
            "where",
            "",
        ],
        &rows,
    )
    .iter()
    .for_each(|line| say(line));
    if let Some(vkey) = all.iter().find_map(|key| key.vkey.as_ref()) {
        say(&format!("the log is verified with {vkey}"));
    }
    Ok(true)
}

/// What stands on the tokens of a module.
pub(super) fn tokens(module: &Path, pin_file: Option<&Path>, json: bool) -> Result<bool, Failed> {
    let all: Vec<Token> = token::tokens(module, pin_file)?
        .into_iter()
        .map(Token::from)
        .collect();
    if json {
        say_json(&all);
        return Ok(true);
    }
    for token in &all {
        let locked = if token.locked { ", PIN locked" } else { "" };
        let Token {
            slot,
            label,
            serial,
            model,
            ..
        } = token;
        say(&format!(
            "slot {slot}: `{label}`, serial {serial}, {model}{locked}"
        ));
        let rows: Vec<Vec<String>> = token.keys.iter().map(OnToken::row).collect();
        columns(&["  key", "key_id", "algorithm", "id", "certificate"], &rows)
            .iter()
            .for_each(|line| say(line));
    }
    Ok(true)
}

/// Where PEM keys of the node lie.
fn folders(config: &Config) -> Vec<&Path> {
    let own = [
        &config.keys.receipt_file,
        &config.keys.payload_file,
        &config.log.key_file,
    ];
    let more = config.keys.payload.values().filter_map(|key| match &key.kept {
        Kept::File { path, .. } if !key.kept.is_container() => Some(path),
        Kept::File { .. } | Kept::Token(_) | Kept::Remote(_) | Kept::Retired { .. } => None,
    });
    let all = own.into_iter().chain(more);
    let mut folders: Vec<&Path> = all
        .filter_map(|path| path.parent())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort_unstable();
    folders.dedup();
    folders
}

/// Keys that sign payloads and lie in no PEM file.
fn elsewhere(config: &Config) -> Result<Vec<Shown>, Failed> {
    let mut all = Vec::new();
    for (name, seen) in ends::look(&config.keys) {
        let kept = config.keys.payload.get(&name).map(|key| &key.kept);
        let path = match kept {
            Some(Kept::Token(at)) => format!(
                "token {}",
                at.label
                    .as_ref()
                    .or(at.serial.as_ref())
                    .map_or("", String::as_str)
            ),
            Some(Kept::Remote(at)) => at.provider.clone(),
            Some(kept @ Kept::File { path, .. }) if kept.is_container() => path.display().to_string(),
            Some(Kept::File { .. } | Kept::Retired { .. }) | None => continue,
        };
        let seen = seen?;
        all.push(Shown {
            algorithm: seen.as_ref().map_or("?", |seen| seen.family.usual().name()),
            id: seen.as_ref().map(|seen| seen.id.clone()).unwrap_or_default(),
            certificate: seen.and_then(|seen| seen.certificate).map(Ends::from),
            ..Shown::named(name, path, config)
        });
    }
    Ok(all)
}

impl Shown {
    /// A key that was just made.
    pub(super) fn made(file: &Path, algorithm: Algorithm, key: &FileKey) -> Self {
        Self {
            name: file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            algorithm: algorithm.name(),
            id: key.id().to_owned(),
            path: file.display().to_string(),
            exposed: false,
            public: key.public_pem(),
            from: None,
            until: None,
            certificate: None,
            vkey: None,
        }
    }

    fn named(name: String, path: String, config: &Config) -> Self {
        let days = config.keys.payload.get(&name);
        Self {
            from: days.and_then(|days| days.from).map(|day| day.to_string()),
            until: days.and_then(|days| days.until).map(|day| day.to_string()),
            name,
            algorithm: "?",
            id: String::new(),
            path,
            exposed: false,
            public: String::new(),
            certificate: None,
            vkey: None,
        }
    }

    fn listed(key: Listed, config: &Config) -> Self {
        let log = &config.log.key_file;
        let vkey = || Vkey::of(&config.node.name, &FileKey::read(log).ok()?).ok();
        let own = key.path == *log;
        // A section of that file has a name of its own.
        let in_section = config
            .keys
            .payload
            .iter()
            .find(|(_, one)| matches!(&one.kept, Kept::File { path, .. } if *path == key.path));
        let name = in_section.map_or(key.name, |(name, _)| name.clone());
        Self {
            algorithm: key.algorithm.name(),
            id: key.id,
            exposed: key.exposed,
            public: key.public,
            certificate: key.certificate.map(Ends::from),
            vkey: own.then(vkey).flatten().map(|vkey| vkey.to_string()),
            ..Self::named(name, key.path.display().to_string(), config)
        }
    }

    fn row(&self) -> Vec<String> {
        let warning = if self.exposed { "others may read it" } else { "" };
        vec![
            self.name.clone(),
            self.algorithm.to_owned(),
            self.id.clone(),
            self.from.clone().unwrap_or_default(),
            self.until.clone().unwrap_or_default(),
            Ends::cell(self.certificate.as_ref()),
            self.path.clone(),
            warning.to_owned(),
        ]
    }
}

impl Ends {
    fn cell(certificate: Option<&Self>) -> String {
        certificate.map_or_else(String::new, |one| format!("{} until {}", one.subject, one.until))
    }
}

impl From<Certificate> for Ends {
    fn from(certificate: Certificate) -> Self {
        Self {
            subject: certificate.subject,
            until: certificate.until.to_string(),
        }
    }
}

impl From<TokenListed> for Token {
    fn from(token: TokenListed) -> Self {
        Self {
            slot: token.slot,
            label: token.label,
            serial: token.serial,
            model: token.model,
            locked: token.locked,
            keys: token.keys.into_iter().map(OnToken::from).collect(),
        }
    }
}

impl From<TokenKeyListed> for OnToken {
    fn from(key: TokenKeyListed) -> Self {
        Self {
            label: key.label,
            key_id: key.key_id,
            algorithm: key.algorithm.map(Algorithm::name),
            id: key.id,
            certificate: key.certificate.map(Ends::from),
        }
    }
}

impl OnToken {
    fn row(&self) -> Vec<String> {
        vec![
            format!("  {}", self.label),
            self.key_id.clone(),
            self.algorithm.unwrap_or("?").to_owned(),
            self.id.clone(),
            Ends::cell(self.certificate.as_ref()),
        ]
    }
}
