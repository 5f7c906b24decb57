//! The shipped settings, the operator's file above them, the environment above that → one [`Config`].
//!
//! The shipped file is the manual and the defaults at once; a setting has no default anywhere else. What nobody knows is
//! refused, all of it at once, with its place. Secrets are never values: a setting names their file, [`Secret`] reads it.

mod console;
mod files;
mod folder;
mod http;
mod keys;
mod listener;
mod log;
mod logging;
mod mistake;
mod node;
mod operator;
mod outbox;
mod partner;
mod payments;
mod poll;
mod registers;
mod retention;
mod reuse;
mod secret;
mod section;
mod stamps;
mod statements;
mod store;
mod system;
mod tree;
mod units;
mod values;
mod vault;
mod webhook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use console::Console;
pub use files::Files;
pub use folder::Folder;
pub use http::{Http, Tls};
pub use keys::{Kept, Key, Keys, Remote, Token};
pub use listener::Listener;
pub use log::Log;
pub use logging::{Format, Level, Logging};
pub use mistake::Mistake;
pub use node::Identity;
pub use operator::Operator;
pub use outbox::{Outbox, Schedule};
pub use partner::{Account, Circuit, Pace, Partner};
pub use payments::{Payments, Platform};
pub use poll::Poll;
pub use retention::Retention;
pub use reuse::{Asking, Reuse};
pub use secret::{Secret, SecretError};
pub use stamps::{Authority, Stamps};
pub use statements::Statements;
pub use store::Store;
pub use system::System;
pub use vault::Vault;
pub use webhook::{Notify, Webhook};

use mistake::{Place, Source};
use section::{Ledger, Section};
use tree::{Table, Value};

/// The shipped settings, as they are compiled in.
pub const SHIPPED: &str = include_str!("../config/lienthong.toml");

/// What lies under a partner of each adapter: the adapter's name, and its shipped file.
pub const PARTNERS: &[(&str, &str)] = &[
    ("portal", include_str!("../config/partners/portal.toml")),
    ("population", include_str!("../config/partners/population.toml")),
    ("business", include_str!("../config/partners/business.toml")),
    (
        "document-store",
        include_str!("../config/partners/document-store.toml"),
    ),
    (
        "social-insurance",
        include_str!("../config/partners/social-insurance.toml"),
    ),
    (
        "civil-status",
        include_str!("../config/partners/civil-status.toml"),
    ),
    ("linked-hub", include_str!("../config/partners/linked-hub.toml")),
    (
        "criminal-record",
        include_str!("../config/partners/criminal-record.toml"),
    ),
    ("payment", include_str!("../config/partners/payment.toml")),
    ("edxml", include_str!("../config/partners/edxml.toml")),
];

/// What lies under a listener of each wire: the wire's name, and its shipped file.
pub const CALLERS: &[(&str, &str)] = &[
    ("portal", include_str!("../config/callbacks/portal.toml")),
    ("payment", include_str!("../config/callbacks/payment.toml")),
    (
        "criminal-record",
        include_str!("../config/callbacks/criminal-record.toml"),
    ),
    ("online", include_str!("../config/callbacks/online.toml")),
];

/// What the names of variables begin with.
const PREFIX: &str = "LIENTHONG_";

/// All settings of a node.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who this node is.
    pub node: Identity,
    /// The door.
    pub http: Http,
    /// Who may push, by name.
    pub systems: BTreeMap<String, System>,
    /// Who may lay a hand on exchanges, by name.
    pub operators: BTreeMap<String, Operator>,
    /// Whom we owe, by name.
    pub partners: BTreeMap<String, Partner>,
    /// Who calls us, by name.
    pub callbacks: BTreeMap<String, Listener>,
    /// How systems are told.
    pub notify: Notify,
    /// Payments that begin here.
    pub payments: Payments,
    /// The partner that registers what each wire registers.
    pub registers: BTreeMap<String, String>,
    /// What the state already holds.
    pub reuse: Reuse,
    /// How long and how often we try.
    pub outbox: Outbox,
    /// Dossiers, outbox and log.
    pub store: Store,
    /// The bytes of files.
    pub files: Files,
    /// What seals personal data in it.
    pub vault: Vault,
    /// How long personal data is kept.
    pub retention: Retention,
    /// The exchange log.
    pub log: Log,
    /// Time-stamps of its checkpoints.
    pub stamps: Stamps,
    /// What the gateway states of its own books.
    pub statements: Statements,
    /// This node's keys.
    pub keys: Keys,
    /// Mappings beside the shipped ones.
    pub mappings: Folder,
    /// Code lists beside the shipped ones.
    pub codes: Folder,
    /// Procedures beside the shipped ones.
    pub procedures: Folder,
    /// Profiles beside the shipped ones.
    pub profiles: Folder,
    /// Laws of reuse beside the shipped ones.
    pub laws: Folder,
    /// The pages for people.
    pub console: Console,
    /// What the node says about itself.
    pub logging: Logging,
}

/// Settings to lay over those before: a name for people, and TOML.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// Where it comes from: a path, or a word.
    pub name: &'a str,
    /// The settings.
    pub text: &'a str,
}

impl Config {
    /// The shipped settings, the operator's file above them, and above that what the environment says.
    pub fn load(
        operator_file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Mistake>> {
        let Some(path) = operator_file else {
            return Self::layered(&[], environment);
        };
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::layered(
                &[Layer {
                    name: &name,
                    text: &text,
                }],
                environment,
            ),
            Err(error) => {
                let source = Arc::new(Source {
                    name,
                    text: String::new(),
                });
                Err(vec![
                    Place::start(&source).mistake(format!("this file cannot be read: {error}")),
                ])
            }
        }
    }

    /// The shipped settings alone.
    pub fn shipped() -> Result<Self, Vec<Mistake>> {
        Self::layered(&[], std::iter::empty())
    }

    /// The shipped settings, layers above them in their order, and above those what the environment says.
    pub fn layered(
        layers: &[Layer<'_>],
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut ledger = Ledger::default();
        let tree = merged(layers, environment, ledger.mistakes.get_mut());
        Self::read(&tree, &mut ledger).ok_or_else(|| {
            let mut mistakes = ledger.mistakes.into_inner();
            mistakes.sort_by(|one, two| {
                (&one.source, one.line, one.column).cmp(&(&two.source, two.line, two.column))
            });
            mistakes
        })
    }

    /// `None` when the ledger has a mistake.
    fn read(tree: &Table, ledger: &mut Ledger) -> Option<Self> {
        ledger.dir = dir(tree);
        let source = Arc::new(Source {
            name: "settings".to_owned(),
            text: String::new(),
        });
        let start = Place::start(&source);
        let root = Section::root(tree, &start, ledger);
        let config = Self::sections(&root);
        root.close();
        config.filter(|_| ledger.mistakes.borrow().is_empty())
    }

    fn sections(root: &Section<'_>) -> Option<Self> {
        let node = root.section("node", Identity::read);
        let http = root.section("http", Http::read);
        let adapters: Vec<(&str, &str)> = PARTNERS.iter().map(|(name, _)| (*name, *name)).collect();
        let names = root.names("partners");
        let known = root.names("systems");
        let partners = root.each("partners", |from| Partner::read(from, &adapters, &known));
        let systems = root.each("systems", |from| System::read(from, &names));
        let operators = root.each("operators", Operator::read);
        let wires: Vec<(&str, &str)> = CALLERS.iter().map(|(name, _)| (*name, *name)).collect();
        let callbacks = root.each("callbacks", |from| Listener::read(from, &wires, &known));
        let notify = root.section("notify", Notify::read);
        let payments = root.section("payments", Payments::read);
        let attempt = longest_attempt(partners.as_ref());
        let outbox = root.section("outbox", |from| Outbox::read(from, attempt));
        let reuse = root.section("reuse", |from| Reuse::read(from, &names));
        let registers = registers::read(root, partners.as_ref());
        registers::told(root, partners.as_ref());
        let store = root.section("store", Store::read);
        let files = root.section("files", Files::read);
        let vault = root.section("vault", Vault::read);
        let retention = root.section("retention", Retention::read);
        let log = root.section("log", Log::read);
        let stamps = root.section("stamps", Stamps::read);
        let statements = root.section("statements", Statements::read);
        let keys = root.section("keys", Keys::read);
        let folders = ["mappings", "codes", "procedures", "profiles", "laws"];
        let [mappings, codes, procedures, profiles, laws] =
            folders.map(|name| root.section(name, Folder::read));
        let console = root.section("console", Console::read);
        let logging = root.section("logging", Logging::read);
        Some(Self {
            node: node?,
            http: http?,
            systems: systems?,
            operators: operators?,
            partners: partners?,
            callbacks: callbacks?,
            notify: notify?,
            payments: payments?,
            registers: registers?,
            reuse: reuse?,
            outbox: outbox?,
            store: store?,
            files: files?,
            vault: vault?,
            retention: retention?,
            log: log?,
            stamps: stamps?,
            statements: statements?,
            keys: keys?,
            mappings: mappings?,
            codes: codes?,
            procedures: procedures?,
            profiles: profiles?,
            laws: laws?,
            console: console?,
            logging: logging?,
        })
    }
}

/// The longest that an attempt at any partner may take.
fn longest_attempt(partners: Option<&BTreeMap<String, Partner>>) -> Duration {
    let all = partners.into_iter().flat_map(BTreeMap::values);
    all.map(Partner::attempt).max().unwrap_or_default()
}

/// The environment of this process: read here and nowhere else.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
pub fn environment() -> impl Iterator<Item = (String, String)> {
    // `vars` would fall over a variable of another program that is not UTF-8.
    std::env::vars_os().map(|(name, value)| {
        (
            name.to_string_lossy().into_owned(),
            value.to_string_lossy().into_owned(),
        )
    })
}

/// All layers as one.
fn merged(
    layers: &[Layer<'_>],
    environment: impl Iterator<Item = (String, String)>,
    mistakes: &mut Vec<Mistake>,
) -> Table {
    let mut tree = Table::parse("config/lienthong.toml", SHIPPED, mistakes);
    for layer in layers {
        tree.overlay(Table::parse(layer.name, layer.text, mistakes));
    }
    underlay(&mut tree, ("partners", "adapter", PARTNERS), mistakes);
    underlay(&mut tree, ("callbacks", "wire", CALLERS), mistakes);
    // In the order of their names, so that the same environment always says the same.
    let variables: BTreeMap<String, String> =
        environment.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    for (name, value) in variables {
        let path: Vec<&str> = name[PREFIX.len()..].split("__").collect();
        tree.set(&path, &name, value);
    }
    tree
}

/// A group of sections, the setting by which each names its shipped file, and the files.
type Group = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// Lays its shipped file under each section of a group.
fn underlay(tree: &mut Table, (group, names, files): Group, mistakes: &mut Vec<Mistake>) {
    let Some(Value::Table(sections)) = tree.0.get_mut(group).map(|row| &mut row.node.value) else {
        return;
    };
    for (name, row) in &mut sections.0 {
        let Value::Table(section) = &mut row.node.value else {
            continue;
        };
        let named = section.word(names).unwrap_or(name);
        let Some((known, text)) = files.iter().find(|(known, _)| *known == named) else {
            continue;
        };
        let shipped = Table::parse(&format!("config/{group}/{known}.toml"), text, mistakes);
        let under = shipped
            .table(group)
            .and_then(|all| all.table(known))
            .cloned()
            .unwrap_or_default();
        let over = std::mem::replace(section, under);
        section.overlay(over);
    }
}

/// Where relative paths start; the reader of `[node]` says what is wrong with it.
fn dir(tree: &Table) -> PathBuf {
    tree.table("node")
        .and_then(|node| node.word("dir"))
        .map(PathBuf::from)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
