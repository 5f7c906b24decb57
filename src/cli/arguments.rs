//! What may be said with each verb. The comments are what `--help` says.

mod accounts;
mod keys;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

pub use accounts::{Accounts, Secrets, Whose};
pub use keys::{Keys, Purpose};

use crate::clock::Timestamp;
use crate::model::{ExchangeId, Release};

/// The whole thing on one machine.
#[derive(Args, Clone, Debug)]
pub struct Sandbox {
    /// End after everything has settled; exit 0 only if the books agree
    #[arg(long)]
    pub once: bool,
    /// Print one JSON object as the last line
    #[arg(long)]
    pub json: bool,
    /// The folder of this world; run again on it, the same world goes on [default: a fresh one]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Where the gateway listens [default: a free port on loopback]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Push N generated dossiers instead of the shipped ones
    #[arg(long, value_name = "N")]
    pub count: Option<u32>,
    /// Which day the national side has
    #[arg(long, value_name = "NAME")]
    pub day: Option<String>,
    /// What chance begins with
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Sign payloads on a token of SoftHSM, made in the world's folder; MODULE is its library
    #[arg(
        long,
        value_name = "MODULE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "/usr/lib/softhsm/libsofthsm2.so"
    )]
    pub hsm: Option<PathBuf>,
}

/// A node, by its settings.
#[derive(Args, Clone, Debug)]
pub struct Node {
    /// The operator's file; without it, the shipped settings alone
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// A check of a node.
#[derive(Args, Clone, Debug)]
pub struct Check {
    /// The node.
    #[command(flatten)]
    pub node: Node,
    /// Print what is wrong as JSON
    #[arg(long)]
    pub json: bool,
}

/// A push of dossiers.
#[derive(Args, Clone, Debug)]
pub struct Push {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The provincial system they come from
    #[arg(long, value_name = "NAME")]
    pub system: String,
    /// The gateway
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// The file that holds the system's token
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Print what became of them as JSON
    #[arg(long)]
    pub json: bool,
}

/// Work on mappings.
#[derive(Clone, Debug, Subcommand)]
pub enum Map {
    /// Say everything that is wrong with mappings and code lists
    Check {
        /// Files and folders [default: the shipped ones]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// List the transforms with their examples instead
        #[arg(long)]
        transforms: bool,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Send one document through a mapping
    Run {
        /// The document
        file: PathBuf,
        /// The mapping: its name or its file
        #[arg(long, value_name = "M")]
        mapping: String,
        /// From their form to ours
        #[arg(long)]
        back: bool,
    },
    /// Show what a mapping does not carry
    Loss {
        /// The mapping: its name or its file
        mapping: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what a new version would change
    Diff {
        /// The old mapping
        old: PathBuf,
        /// The new mapping
        new: PathBuf,
        /// Dossiers to try both on
        #[arg(long, value_name = "DIR")]
        dossiers: PathBuf,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which node: a running one by its address, or a stopped one by its folder.
#[derive(Args, Clone, Debug)]
pub struct At {
    /// A running node
    #[arg(long, value_name = "URL", conflicts_with = "dir")]
    pub url: Option<String>,
    /// The file that holds the token for it
    #[arg(long, value_name = "FILE", requires = "url")]
    pub token_file: Option<PathBuf>,
    /// The folder of a stopped node [default: that of the settings]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Erasure of everything about a subject.
#[derive(Args, Clone, Debug)]
pub struct Erase {
    /// The file with the subject's number in its first line; `-` reads it from the standard input
    #[arg(long, value_name = "FILE")]
    pub subject_file: PathBuf,
    /// Why; it is sealed, and committed to in the log
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The law that asks for it
    #[arg(long, value_name = "TEXT")]
    pub basis: String,
    /// Say what would be erased, and erase nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print what came of it as JSON
    #[arg(long)]
    pub json: bool,
    /// Which node.
    #[command(flatten)]
    pub at: At,
}

/// The outbox in the operator's hands.
#[derive(Clone, Debug, Subcommand)]
pub enum Outbox {
    /// List exchanges that are not settled
    List {
        /// The node.
        #[command(flatten)]
        at: At,
        /// Settled ones too
        #[arg(long)]
        all: bool,
        /// Print as a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Show one exchange and all its attempts
    Show {
        /// The exchange
        exchange: ExchangeId,
        /// The node.
        #[command(flatten)]
        at: At,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Try a parked or refused exchange again
    Retry {
        /// The exchange
        exchange: ExchangeId,
        /// Why, for the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The node.
        #[command(flatten)]
        at: At,
    },
    /// Say of a parked exchange what a look at the partner's side has shown
    Release {
        /// The exchange
        exchange: ExchangeId,
        /// delivered: the partner has it; again: it does not, send it again
        #[arg(long = "as", value_name = "delivered|again", value_parser = release)]
        outcome: Release,
        /// Why, for the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The node.
        #[command(flatten)]
        at: At,
    },
}

/// A comparison with what the partner knows.
#[derive(Args, Clone, Debug)]
pub struct Reconcile {
    /// Dossiers accepted since then (RFC 3339)
    #[arg(long, value_name = "T", group = "which")]
    pub since: Option<Timestamp>,
    /// Dossiers of one agency
    #[arg(long, value_name = "A", group = "which")]
    pub agency: Option<String>,
    /// One dossier, by its number
    #[arg(long, value_name = "N", group = "which")]
    pub dossier: Option<String>,
    /// Show what would be sent and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
    /// The node.
    #[command(flatten)]
    pub at: At,
}

/// The exchange log in the auditor's hands.
#[derive(Clone, Debug, Subcommand)]
pub enum Log {
    /// Check the whole log: its links, its tree, its checkpoints
    Verify {
        /// The node.
        #[command(flatten)]
        at: At,
        /// The log's verifier key, known beforehand [default: by a folder, that of the key in it]
        #[arg(long, value_name = "VKEY")]
        trust: Option<String>,
        /// A checkpoint that was taken earlier: the log must still begin with what it stands over
        #[arg(long, value_name = "FILE")]
        held: Vec<PathBuf>,
        /// Read every file that was handed in as well, and hold its bytes against its digest (in a folder)
        #[arg(long)]
        files: bool,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Take the proof of one exchange, or what is proved of a whole chain
    Prove {
        /// The exchange
        #[arg(required_unless_present = "chain", conflicts_with = "chain")]
        exchange: Option<ExchangeId>,
        /// A chain: `day/2026-11-24`, `partner/NAME`, or `dossier/` or `subject/` and its blinded value as the leaves have it
        #[arg(long, value_name = "CHAIN")]
        chain: Option<String>,
        /// Where to write it
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// The node.
        #[command(flatten)]
        at: At,
    },
    /// Take all evidence of one dossier
    Export {
        /// The dossier, by its number
        #[arg(long, value_name = "N")]
        dossier: String,
        /// Where to write it
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// The node.
        #[command(flatten)]
        at: At,
    },
}

/// A copy of the store.
#[derive(Args, Clone, Debug)]
pub struct Backup {
    /// Where to write it
    pub file: PathBuf,
    /// The node.
    #[command(flatten)]
    pub at: At,
}

/// A copy to be put in the place of the store.
#[derive(Args, Clone, Debug)]
pub struct Restore {
    /// The copy
    pub file: PathBuf,
    /// The folder of the stopped node [default: that of the settings]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Evidence to be checked offline.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// Evidence files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A key to trust: a file (public keys, or certificates as anchors, PEM), or a verifier key of a log
    #[arg(long, required = true, value_name = "KEY")]
    pub trust: Vec<String>,
    /// Certificates, revocation lists or OCSP answers at hand; none is trusted for that
    #[arg(long, value_name = "FILE")]
    pub beside: Vec<PathBuf>,
    /// What a detached signature is over
    #[arg(long, value_name = "FILE")]
    pub content: Option<PathBuf>,
    /// One language only
    #[arg(long, value_enum)]
    pub lang: Option<Language>,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// A language that evidence is described in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

/// The national side alone.
#[derive(Args, Clone, Debug)]
pub struct Twin {
    /// Where it listens
    #[arg(long, value_name = "ADDR", required_unless_present = "days")]
    pub listen: Option<SocketAddr>,
    /// Which day it has
    #[arg(long, value_name = "NAME")]
    pub day: Option<String>,
    /// What chance begins with
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The folder of its books [default: a fresh one]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// List the days there are, one a line
    #[arg(long)]
    pub days: bool,
}

/// A measurement.
#[derive(Args, Clone, Debug)]
pub struct Bench {
    /// In 45 seconds at most
    #[arg(long)]
    pub quick: bool,
    /// The part alone that this figure of the table belongs to, such as P1
    #[arg(long, value_name = "FIGURE")]
    pub only: Option<String>,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

fn release(word: &str) -> Result<Release, String> {
    Release::from_word(word).ok_or_else(|| "say `delivered` or `again`".to_owned())
}
