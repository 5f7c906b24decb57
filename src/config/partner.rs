use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::poll::Poll;
use super::section::Section;
use crate::model::Algorithm;

/// A national system that we exchange with.
#[derive(Clone, Debug)]
pub struct Partner {
    /// Name of the crate that speaks its wire.
    pub adapter: String,
    /// Where it is reached, without a `/` at the end; paths of the adapter follow.
    pub base: String,
    /// The account for a session, where the partner wants one.
    pub account: Option<Account>,
    /// Further secrets, by the names its framing gives them: the files that hold them.
    pub secrets: BTreeMap<String, PathBuf>,
    /// The profile that frames it, of `config/profiles/<adapter>/`; `framing` lies above it.
    pub profile: Option<String>,
    /// Our certificate and its key, where its TLS asks who we are: one PEM file.
    pub identity: Option<PathBuf>,
    /// The only roots that are believed, where they are not the system's.
    pub roots: Option<PathBuf>,
    /// How long a session is used.
    pub session: Duration,
    /// How long to wait for a connection.
    pub connect: Duration,
    /// How long to wait for the whole answer after that.
    pub answer: Duration,
    /// How long a call may still take effect after it was sent.
    pub longest: Duration,
    /// The most calls under way at the same time.
    pub concurrency: u32,
    /// The most of an answer that is read and kept, in bytes.
    pub answer_limit: u64,
    /// How fast calls may leave.
    pub pace: Pace,
    /// When to leave a partner alone that is not there.
    pub circuit: Circuit,
    /// How payloads are signed; `None` when the partner asks for none.
    pub signature: Option<Algorithm>,
    /// Which mapping makes, or reads, which message: by the operation's name, or `dossier` and `progress`.
    pub mappings: BTreeMap<String, String>,
    /// When it is asked for what it has for us, where its wire has such a thing.
    pub poll: Option<Poll>,
    /// How calls are framed: for the adapter to read and to judge.
    pub framing: toml::Table,
}

/// The account of a session.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name.
    pub username: String,
    /// The file that holds its password.
    pub password_file: PathBuf,
}

/// How fast a partner may be sent to.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Calls a second in the long run.
    pub per_second: u32,
    /// Calls at once after a rest.
    pub burst: u32,
}

/// When to leave a partner alone.
#[derive(Clone, Copy, Debug)]
pub struct Circuit {
    /// Attempts in a row that met nobody, before it opens.
    pub failures: u32,
    /// How long it stays open the first time.
    pub open: Duration,
    /// How long at most, doubling.
    pub longest_open: Duration,
}

/// How payloads are signed (RFC 7518 §3.1), or that they are not.
const SIGNATURES: [(&str, Option<Algorithm>); 10] = {
    let mut words = [("none", None); 10];
    let mut place = 0;
    while place < Algorithm::ALL.len() {
        words[place] = (Algorithm::ALL[place].name(), Some(Algorithm::ALL[place]));
        place += 1;
    }
    words
};

impl Partner {
    /// The longest an attempt may last: connecting and answering.
    pub fn attempt(&self) -> Duration {
        self.connect.saturating_add(self.answer)
    }

    pub(super) fn read(from: &Section<'_>, adapters: &[(&str, &str)], systems: &[&str]) -> Option<Self> {
        let adapter = from.choice("adapter", adapters).map(str::to_owned);
        let base = from.url("base");
        let account = Account::read(from);
        let secrets = from.files("secrets");
        let profile = from.maybe_text("profile");
        let identity = from.maybe_path("identity_file");
        let roots = from.maybe_path("roots_file");
        let session = from.duration("session");
        let connect = from.duration("connect");
        let answer = from.duration("answer");
        let longest = from.duration("longest");
        let concurrency = from.count("concurrency", 1..=1_000);
        let answer_limit = from.size("answer_limit");
        let pace = from.section("pace", Pace::read);
        let circuit = from.section("circuit", Circuit::read);
        let signature = from.choice("signature", &SIGNATURES);
        let mappings = from.texts("mappings");
        let poll = from.maybe_section("poll", |from| Poll::read(from, systems));
        let framing = from.table("framing");
        let partner = Self {
            adapter: adapter?,
            base: base?.trim_end_matches('/').to_owned(),
            account: account?,
            secrets: secrets?,
            profile,
            identity,
            roots,
            session: session?,
            connect: connect?,
            answer: answer?,
            longest: longest?,
            concurrency: concurrency?,
            answer_limit: answer_limit?,
            pace: pace?,
            circuit: circuit?,
            signature: signature?,
            mappings: mappings?,
            poll: poll?,
            framing: framing?,
        };
        if partner.longest < partner.attempt() {
            from.wrong(
                "longest",
                "a call may take effect as long as we wait for it: at least `connect` + `answer`",
            );
        }
        Some(partner)
    }
}

impl Account {
    /// Both settings, or neither.
    fn read(from: &Section<'_>) -> Option<Option<Self>> {
        match (from.maybe_text("username"), from.maybe_path("password_file")) {
            (Some(username), Some(password_file)) => Some(Some(Self {
                username,
                password_file,
            })),
            (None, None) => Some(None),
            (Some(_), None) => {
                from.wrong("username", "a username needs its `password_file`");
                None
            }
            (None, Some(_)) => {
                from.wrong("password_file", "a password needs its `username`");
                None
            }
        }
    }
}

impl Pace {
    fn read(from: &Section<'_>) -> Option<Self> {
        let per_second = from.count("per_second", 1..=1_000_000);
        let burst = from.count("burst", 1..=1_000_000);
        Some(Self {
            per_second: per_second?,
            burst: burst?,
        })
    }
}

impl Circuit {
    fn read(from: &Section<'_>) -> Option<Self> {
        let failures = from.count("failures", 1..=1_000_000);
        let open = from.duration("open");
        let longest_open = from.duration("longest_open");
        Some(Self {
            failures: failures?,
            open: open?,
            longest_open: longest_open?,
        })
    }
}
