//! `check`: everything that is wrong with a node, at once; nothing is touched.

mod books;
mod keys;
mod retention;
mod stamps;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::Serialize;

use super::{Check, Failed, complain, node, say, say_json};
use crate::accounts::Accounts;
use crate::app;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config, Mistake, Secret as Password};
use crate::evidence::checkpoint::Checkpoint;
use crate::evidence::note::Vkey;
use crate::files::Files;
use crate::model::Time;
use crate::procedures::Lapse;
use crate::registry;
use crate::store::{Head, Sqlite};
use crate::upkeep::Unsigned;

/// How many days before its end a law is warned of.
const SOON: u32 = 120;

/// One thing that is wrong.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// What it is about: settings, key, password, vault, accounts, files, store, log, stamps, books, retention, partner, callbacks, mappings, law.
    about: &'static str,
    /// Where: a file, with line and column where there are any; or a name.
    place: String,
    /// What is wrong.
    says: String,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    good: bool,
    findings: &'a [Finding],
    warnings: &'a [Finding],
}

/// Says everything that is wrong; true when nothing is.
pub(super) fn run(asked: &Check) -> Result<bool, Failed> {
    let (findings, warnings) = match Config::load(asked.node.config.as_deref(), config::environment()) {
        Ok(config) => (findings(&config), warnings(&config)),
        Err(mistakes) => {
            if !asked.json {
                say(&node::all(&mistakes));
            }
            (mistakes.into_iter().map(Finding::from).collect(), Vec::new())
        }
    };
    let good = findings.is_empty();
    if asked.json {
        say_json(&Report {
            good,
            findings: &findings,
            warnings: &warnings,
        });
        return Ok(good);
    }
    warnings
        .iter()
        .for_each(|warning| say(&format!("warning: {warning}")));
    if good {
        say("nothing is wrong");
    } else {
        let others = findings.iter().filter(|finding| finding.about != "settings");
        others.for_each(|finding| say(&finding.to_string()));
    }
    Ok(good)
}

/// The same check before a node runs; true when nothing is wrong.
pub(super) fn passes(config: &Config) -> bool {
    let findings = findings(config);
    findings.iter().for_each(|finding| complain(&finding.to_string()));
    findings.is_empty()
}

/// Puts into the node's own log what is not wrong and yet wants to be known.
pub(super) fn warn(config: &Config) {
    for warning in warnings(config) {
        tracing::warn!(about = warning.about, place = warning.place, "{}", warning.says);
    }
}

fn findings(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    let log = keys::keys(config, &mut found);
    passwords(config, &mut found);
    vault(config, &mut found);
    people(config, &mut found);
    if let Err(error) = Files::usable(&config.files.path) {
        found.push(Finding::file("files", &config.files.path, error));
    }
    if let Err(error) = app::scanning(config) {
        found.push(Finding::new("files", "scanner", error));
    }
    store(config, log, &mut found);
    adapters(config, &mut found);
    if let Err(why) = app::callers(config) {
        found.push(Finding::new("callbacks", "settings", why));
    }
    if let Err(why) = app::paying(config) {
        found.push(Finding::new("payments", "settings", why));
    }
    found.extend(stamps::wrong(config));
    found.extend(texts(config));
    found.extend(units(config));
    found
}

fn warnings(config: &Config) -> Vec<Finding> {
    let now = Time::at(SystemClock.now().millis().div_euclid(1_000));
    let mut warnings = keys::ends(config, now);
    warnings.extend(stamps::silent(config));
    warnings.extend(books::disagree(config));
    warnings.extend(retention::short(config));
    warnings.extend(lapses(config, now));
    warnings
}

impl Finding {
    fn new(about: &'static str, place: impl ToString, says: impl ToString) -> Self {
        Self {
            about,
            place: place.to_string(),
            says: says.to_string(),
        }
    }

    fn file(about: &'static str, path: &Path, says: impl ToString) -> Self {
        Self::new(about, path.display(), says)
    }
}

impl From<Mistake> for Finding {
    fn from(mistake: Mistake) -> Self {
        let Mistake {
            source,
            line,
            column,
            excerpt,
            text,
        } = mistake;
        let place = if excerpt.is_empty() {
            source
        } else {
            format!("{source}:{line}:{column}")
        };
        Self::new("settings", place, text)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is wrong often names its place itself.
        if self.says.contains(&self.place) {
            write!(f, "{}: {}", self.about, self.says)
        } else {
            write!(f, "{}: {}: {}", self.about, self.place, self.says)
        }
    }
}

/// A secret that others than its owner may read is none.
fn exposed(about: &'static str, path: &Path, found: &mut Vec<Finding>) {
    let mode = fs::metadata(path).map_or(0, |about| about.permissions().mode());
    if mode & 0o077 != 0 {
        let says = format!(
            "others than its owner may read or change it (mode {:03o}): chmod 600",
            mode & 0o777
        );
        found.push(Finding::file(about, path, says));
    }
}

fn passwords(config: &Config, found: &mut Vec<Finding>) {
    for account in config
        .partners
        .values()
        .filter_map(|partner| partner.account.as_ref())
    {
        let path = &account.password_file;
        match Password::read(path) {
            Ok(_) => exposed("password", path, found),
            Err(error) => found.push(Finding::file("password", path, error)),
        }
    }
}

/// What seals personal data.
fn vault(config: &Config, found: &mut Vec<Finding>) {
    let (node_key, keys) = (&config.vault.node_key_file, &config.vault.keys_file);
    match app::opener(config) {
        Ok(_) => [node_key, keys]
            .into_iter()
            .for_each(|path| exposed("vault", path, found)),
        Err(error) => found.push(Finding::file("vault", keys, Failed::because(&error))),
    }
}

/// The people of the console.
fn people(config: &Config, found: &mut Vec<Finding>) {
    let path = &config.console.accounts_file;
    match Accounts::read(path) {
        Ok(_) if path.exists() => exposed("accounts", path, found),
        Ok(_) => {}
        Err(error) => found.push(Finding::file("accounts", path, error)),
    }
}

/// The store, and whether it holds all that was given out.
fn store(config: &Config, known: Option<Vkey>, found: &mut Vec<Finding>) {
    let path = &config.store.path;
    // The checkpoint first: a store that a node writes meanwhile has grown beyond it.
    let given = known.map_or(Ok(None), |known| given(config, &known));
    let head = match Sqlite::glance(path) {
        Ok(head) => head,
        Err(error) => return found.push(Finding::file("store", path, error)),
    };
    if let Err(error) = given.and_then(|given| stands(given.as_ref(), head)) {
        found.push(Finding::file("log", &config.log.head_file, error));
    }
}

/// The newest checkpoint given out, as the head file keeps it.
pub(super) fn given(config: &Config, known: &Vkey) -> Result<Option<Checkpoint>, Unsigned> {
    let path = &config.log.head_file;
    match fs::read_to_string(path) {
        Ok(note) => {
            let opened = Checkpoint::open(&note, std::slice::from_ref(known));
            opened.map(Some).map_err(Unsigned::Foreign)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Unsigned::HeadFile {
            path: path.clone(),
            source,
        }),
    }
}

/// Whether a store of this head can stand by the newest checkpoint given out.
pub(super) fn stands(given: Option<&Checkpoint>, head: Head) -> Result<(), Unsigned> {
    match given {
        Some(given) if head.size < given.size => Err(Unsigned::Older {
            held: head.size,
            given: given.size,
        }),
        Some(given) if head.size == given.size && head.root != given.root => Err(Unsigned::Forked(head.size)),
        Some(_) | None => Ok(()),
    }
}

fn adapters(config: &Config, found: &mut Vec<Finding>) {
    let profiles = match app::profiles(config) {
        Ok(profiles) => profiles,
        Err(error) => return found.push(Finding::new("profiles", "folder", Failed::because(&error))),
    };
    for (name, partner) in &config.partners {
        let framed = app::framing(name, partner, &profiles).map_err(|error| Failed::because(&error));
        let adapter = framed.and_then(|framing| {
            registry::adapter(&partner.adapter, framing).map_err(|error| Failed::because(&error))
        });
        if let Err(error) = adapter {
            found.push(Finding::new("partner", name, error));
        }
    }
}

/// Laws of reuse that end soon, or have ended: nothing is wrong with them, and what stands on them stops by itself.
fn lapses(config: &Config, now: Time) -> Vec<Finding> {
    let procedures = app::shelves(config)
        .ok()
        .and_then(|shelves| shelves.procedures().ok());
    let lapses = procedures.map(|procedures| procedures.laws().lapses_within(now.day(), SOON));
    let finding = |lapse: Lapse| {
        let Lapse { law, until, days } = lapse;
        let says = if days > 0 {
            format!("it ends on {until}, in {days} days; what stands on it alone is not reused from then on")
        } else {
            format!("it ended on {until}; what stands on it alone is not reused any more")
        };
        Finding::new("law", law, says)
    };
    lapses.into_iter().flatten().map(finding).collect()
}

/// Mappings, code lists, procedures and laws.
fn texts(config: &Config) -> Option<Finding> {
    let error = app::translator(config).err()?;
    Some(Finding::new(
        "mappings",
        "mappings, code lists, procedures and laws",
        Failed::because(&error),
    ))
}

/// Tables of administrative units.
fn units(config: &Config) -> Option<Finding> {
    let error = app::units(config).err()?;
    Some(Finding::new(
        "mappings",
        "tables of administrative units",
        Failed::because(&error),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::init;
    use crate::config::Layer;
    use crate::keys::FileKey;

    fn config(dir: &Path) -> Config {
        let text = format!(
            "[node]\ndir = {}\n[partners.portal]\nusername = \"x\"\npassword_file = \"password\"",
            toml::Value::from(dir.display().to_string())
        );
        Config::layered(
            &[Layer {
                name: "test",
                text: &text,
            }],
            std::iter::empty(),
        )
        .unwrap()
    }

    fn about(config: &Config) -> Vec<&'static str> {
        let found = findings(config);
        found
            .iter()
            .map(|finding| finding.about)
            .filter(|about| *about != "mappings")
            .collect()
    }

    #[test]
    fn everything_is_said_at_once_and_nothing_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        assert_eq!(
            about(&config),
            [
                "key", "key", "key", "key", "password", "vault", "store", "partner"
            ]
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_made_node_lacks_only_what_nobody_can_know_and_open_secrets_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        init::make(&config).unwrap();
        fs::write(dir.path().join("password"), "throw-away").unwrap();
        fs::set_permissions(dir.path().join("password"), fs::Permissions::from_mode(0o600)).unwrap();
        let listed = || fs::read_dir(dir.path()).unwrap().count();
        let before = listed();
        assert_eq!(about(&config), ["partner"]);
        assert_eq!(listed(), before, "nothing is left beside the store");
        for secret in [
            dir.path().join("password"),
            config.keys.blinding_file.clone(),
            config.log.key_file.clone(),
            config.vault.node_key_file.clone(),
        ] {
            fs::set_permissions(secret, fs::Permissions::from_mode(0o644)).unwrap();
        }
        assert_eq!(about(&config), ["key", "key", "password", "vault", "partner"]);
    }

    #[test]
    fn a_table_of_units_is_added_to_and_a_wrong_one_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("lists/units");
        fs::create_dir_all(&folder).unwrap();
        let mut config = config(dir.path());
        config.codes.folder = Some(dir.path().join("lists"));
        assert!(units(&config).is_none());
        let shipped = app::units(&config).unwrap().size().0;
        let row = "46\tTỉnh Mẫu\t\t2030-01-01\t\tA\t1/2029/QH16\t\n";
        let head = "code\tname\twithin\tfrom\tuntil\tcertainty\tinstrument\talso\n";
        fs::write(folder.join("2030.tsv"), format!("{head}{row}")).unwrap();
        assert_eq!(app::units(&config).unwrap().size().0, shipped + 1);
        fs::write(
            folder.join("2030.tsv"),
            format!("{head}{}", row.replace("2030-01-01", "2025-01-01")),
        )
        .unwrap();
        let says = units(&config).unwrap().says;
        assert!(
            says.contains("2030.tsv:2:1") || says.contains("provinces.tsv"),
            "{says}"
        );
    }

    #[test]
    fn a_store_older_than_a_checkpoint_given_out_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        init::make(&config).unwrap();
        let key = FileKey::read(&config.log.key_file).unwrap();
        let checkpoint = Checkpoint {
            origin: config.node.name.clone(),
            size: 3,
            root: [7; 32],
        };
        fs::write(&config.log.head_file, checkpoint.sign(&key).unwrap()).unwrap();
        let known = Vkey::of(&config.node.name, &key).unwrap();
        let given = given(&config, &known).unwrap();
        let with = |size, root| stands(given.as_ref(), Head { size, root });
        assert!(matches!(
            with(2, [7; 32]),
            Err(Unsigned::Older { held: 2, given: 3 })
        ));
        assert!(matches!(with(3, [8; 32]), Err(Unsigned::Forked(3))));
        assert!(with(3, [7; 32]).is_ok() && with(4, [8; 32]).is_ok());
        assert_eq!(about(&config), ["password", "log", "partner"]);
    }
}
