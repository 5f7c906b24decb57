//! A small province that files, prepares, leases and settles on a store in a folder of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::evidence::blind::{Blind, commitment};
use crate::evidence::hash;
use crate::evidence::leaf::{Draft, Kind};
use crate::model::{ExchangeId, Operation, Owner, Phase, Release, Sealer, State};
use crate::store::{
    Acceptance, Accepted, Attempt, ExchangeRow, Filing, Handling, Leased, NewStep, NextMove, Prepared, Query,
    Rendered, Reply, Settings, Settlement, Sqlite, Stopped, Store, StoreError,
};
use crate::vault::Vault;

pub(super) const PARTNER: &str = "portal";
/// When the tests begin, ms since 1970.
pub(super) const START: i64 = 1_795_000_000_000;
const SALT: [u8; 16] = [9; 16];

/// Waits for a reply on a small runtime.
pub(super) fn now<T>(reply: Reply<'_, T>) -> Result<T, StoreError> {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(reply)
}

pub(super) fn settings() -> Settings {
    Settings {
        readers: 1,
        ..Settings::default()
    }
}

pub(super) fn acceptance(number: &str, body: &str, key: Option<&str>) -> Acceptance {
    let mut leaf = Draft::new(Kind::Accepted, START).fact("system", "igate");
    let digest = hash::digest(&[number.as_bytes()]);
    leaf.dossier = Some(Blind(digest[..16].try_into().unwrap()));
    leaf.subject = Some(Blind(digest[16..].try_into().unwrap()));
    leaf.commit = Some(commitment(&SALT, body.as_bytes()));
    Acceptance {
        system: "igate".into(),
        number: number.into(),
        key: key.map(str::to_owned),
        digest: hash::digest(&[body.as_bytes()]),
        body: body.into(),
        dossier: format!("{{\"number\":\"{number}\"}}").into_bytes(),
        procedure: "1.000001".into(),
        agency: Some("H99.1".into()),
        status: "accepted".into(),
        partner: PARTNER.into(),
        due_at: Some(START + 86_400_000),
        at: START,
        receipt: receipt(body),
        salt: SALT,
        subjects: leaf.subject.into_iter().collect(),
        files: Vec::new(),
        lacks_files: false,
        leaf,
    }
}

pub(super) fn receipt(body: &str) -> Vec<u8> {
    data_encoding::HEXLOWER
        .encode(&hash::digest(&[body.as_bytes()]))
        .into_bytes()
}

pub(super) fn rendered(payload: &str) -> Rendered {
    Rendered {
        payload: payload.into(),
        signature: Some("jws".into()),
        salt: SALT,
        mapping: "m@1".into(),
    }
}

/// Step number `n` of a dossier.
pub(super) fn step(n: u8) -> NewStep {
    NewStep {
        key: [n; 16],
        at: START + i64::from(n),
        step: format!("step {n}").into_bytes(),
    }
}

pub(super) fn again(operation: Operation, at: i64) -> NextMove {
    NextMove::Again { operation, at }
}

pub(super) fn park() -> NextMove {
    NextMove::Park {
        owner: Owner::Operator,
        action: "look".into(),
    }
}

pub(super) fn refuse() -> NextMove {
    NextMove::Refused {
        owner: Owner::System,
        action: "correct it".into(),
    }
}

/// What seals a store, by the file of keys beside it.
pub(super) fn sealer(store: &Path) -> Arc<dyn Sealer> {
    let path = store.with_file_name("keys");
    if !path.exists() {
        Vault::create(&path, &[7; 32]).unwrap();
    }
    Arc::new(Vault::open(&path, &[7; 32]).unwrap())
}

/// Opens a store with its own keys.
pub(super) fn opened(path: &Path) -> Sqlite {
    Sqlite::open(path, settings(), sealer(path)).unwrap()
}

/// A store and the people around it.
pub(super) struct Province {
    pub(super) store: Option<Sqlite>,
    pub(super) folder: TempDir,
    pub(super) time: i64,
    ids: u64,
}

impl Province {
    pub(super) fn new() -> Self {
        Self::with(settings())
    }

    pub(super) fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Sqlite::create(&path, settings, sealer(&path)).unwrap();
        Self {
            store: Some(store),
            folder,
            time: START,
            ids: 0,
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    pub(super) fn store(&self) -> &Sqlite {
        self.store.as_ref().unwrap()
    }

    /// Lays a hand on the file, as nobody should.
    pub(super) fn sql(&mut self, text: &str) {
        self.store = None;
        let conn = rusqlite::Connection::open(self.path()).unwrap();
        conn.execute_batch(text).unwrap();
        drop(conn);
        self.restart();
    }

    /// Stops and starts again.
    pub(super) fn restart(&mut self) {
        self.store = None;
        self.store = Some(opened(&self.path()));
    }

    /// Stops, changes the file by hand, and starts again.
    pub(super) fn tamper(&mut self, sql: &str) {
        self.store = None;
        let conn = rusqlite::Connection::open(self.path()).unwrap();
        conn.pragma_update(None, "foreign_keys", false).unwrap();
        let changed = conn.execute(sql, []).unwrap();
        assert_ne!(changed, 0, "{sql}");
        drop(conn);
        self.restart();
    }

    pub(super) fn id(&mut self) -> ExchangeId {
        self.ids += 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.ids.to_be_bytes());
        ExchangeId::new(self.time, &random)
    }

    pub(super) fn accept(&self, number: &str, body: &str) -> Accepted {
        now(self.store().accept(acceptance(number, body, None))).unwrap()
    }

    pub(super) fn prepared(&mut self, filing: &Filing, steps: &[u8]) -> Prepared {
        let id = filing.exchange.unwrap_or_else(|| self.id());
        let message = rendered(&format!("payload of filing {}", filing.id));
        let mut leaf = Draft::new(Kind::Queued, self.time);
        leaf.commit = Some(commitment(&message.salt, &message.payload));
        let step_ids: Vec<_> = (0..steps.len().div_ceil(10)).map(|_| self.id()).collect();
        Prepared {
            filing: filing.id,
            number: filing.number.clone(),
            partner: filing.partner.clone(),
            at: self.time,
            give_up_at: self.time + 1_000_000,
            due_at: filing.due_at.unwrap_or(self.time),
            reused: None,
            message: Ok((id, message)),
            steps: steps.iter().copied().map(step).collect(),
            chunk: 10,
            registers: false,
            step_leaves: vec![Draft::new(Kind::Queued, self.time); step_ids.len()],
            step_ids,
            leaf,
        }
    }

    pub(super) fn stopped(&mut self, filing: &Filing, steps: &[u8]) -> Prepared {
        let mut prepared = self.prepared(filing, steps);
        let exchange = prepared.message.as_ref().map(|(id, _)| *id).unwrap();
        let (owner, action, cause) = (Owner::Gateway, "mend".to_owned(), "unmapped-code".to_owned());
        prepared.message = Err(Stopped {
            exchange,
            owner,
            action,
            cause,
        });
        prepared.leaf = Draft::new(Kind::Parked, self.time);
        prepared
    }

    pub(super) fn unprepared(&self) -> Vec<Filing> {
        now(self.store().unprepared(100, &[])).unwrap()
    }

    /// Accepts a new version and puts it in the outbox; the exchange of its message.
    pub(super) fn file(&mut self, number: &str, body: &str, steps: &[u8]) -> ExchangeId {
        assert_eq!(self.accept(number, body), Accepted::New);
        let filing = self.unprepared().pop().unwrap();
        let prepared = self.prepared(&filing, steps);
        let id = prepared.message.as_ref().map(|(id, _)| *id).unwrap();
        now(self.store().enqueue(vec![prepared])).unwrap();
        id
    }

    /// The same, but the message could not be made.
    pub(super) fn file_stopped(&mut self, number: &str, body: &str, steps: &[u8]) -> ExchangeId {
        assert_eq!(self.accept(number, body), Accepted::New);
        let filing = self.unprepared().pop().unwrap();
        let prepared = self.stopped(&filing, steps);
        let id = prepared.message.as_ref().err().unwrap().exchange;
        now(self.store().enqueue(vec![prepared])).unwrap();
        id
    }

    pub(super) fn lease(&self, limit: usize) -> Vec<Leased> {
        now(self.store().lease(PARTNER, self.time, self.time + 60_000, limit)).unwrap()
    }

    /// Leases exactly one.
    pub(super) fn one(&self) -> Leased {
        let mut leased = self.lease(10);
        assert_eq!(leased.len(), 1, "{leased:?}");
        leased.remove(0)
    }

    pub(super) fn attempt_of(&self, leased: &Leased) -> Attempt {
        let kind = if leased.phase == Phase::Probe {
            Kind::Probed
        } else {
            Kind::Attempted
        };
        let payload = || {
            let steps = leased
                .steps
                .iter()
                .map(|step| String::from_utf8(step.clone()).unwrap());
            rendered(&steps.collect::<Vec<_>>().join(","))
        };
        Attempt {
            exchange: leased.id,
            fence: leased.fence,
            phase: leased.phase,
            operation: leased.operation,
            at: self.time,
            digest: [3; 32],
            rendered: leased.rendered.is_none().then(payload),
            leaf: Draft::new(kind, self.time),
        }
    }

    pub(super) fn attempt(&self, leased: &Leased) {
        now(self.store().attempt(self.attempt_of(leased))).unwrap();
    }

    pub(super) fn settlement(&self, leased: &Leased, next: NextMove) -> Settlement {
        let word = match &next {
            NextMove::Delivered => "delivered",
            NextMove::Refused { .. } => "refused",
            NextMove::Again { .. } => "again",
            NextMove::Probe { .. } => "probe",
            NextMove::Park { .. } => "parked",
        };
        Settlement {
            exchange: leased.id,
            fence: leased.fence,
            at: self.time,
            status: Some(200),
            answer: b"answer".to_vec(),
            verdict: "unclear",
            cause: "told so".into(),
            next,
            leaf: Draft::new(Kind::Settled, self.time).fact("next", word),
        }
    }

    pub(super) fn settle(&self, leased: &Leased, next: NextMove) {
        now(self.store().settle(self.settlement(leased, next))).unwrap();
    }

    /// Leases the only one that is ready, sends and settles it.
    pub(super) fn send(&self, next: NextMove) -> Leased {
        let leased = self.one();
        self.attempt(&leased);
        self.settle(&leased, next);
        leased
    }

    pub(super) fn handle(&self, exchange: ExchangeId, release: Option<Release>) -> bool {
        let (kind, says) = match release {
            None => (Kind::Reopened, "retry"),
            Some(Release::Again) => (Kind::Released, "again"),
            Some(Release::Delivered) => (Kind::Released, "delivered"),
        };
        let leaf = Draft::new(kind, self.time).fact("as", says);
        let handling = Handling {
            exchange,
            release,
            reason: "looked".into(),
            account: None,
            at: self.time,
            leaf,
        };
        now(self.store().handle(handling)).unwrap()
    }

    pub(super) fn rows(&self) -> Vec<ExchangeRow> {
        let query = Query {
            all: true,
            limit: 1000,
            ..Query::default()
        };
        now(self.store().exchanges(query)).unwrap()
    }

    pub(super) fn row(&self, id: ExchangeId) -> ExchangeRow {
        now(self.store().exchange(id)).unwrap().unwrap()
    }

    /// Operation and state of all exchanges, in order, as words.
    pub(super) fn words(&self) -> Vec<String> {
        let rows = self.rows();
        rows.iter()
            .map(|row| format!("{} {}", row.operation.word(), word(row)))
            .collect()
    }

    /// Nothing contradicts the log, and the log nothing.
    pub(super) fn sound(&self) {
        assert_eq!(now(self.store().discrepancies()).unwrap(), Vec::<String>::new());
        super::whole::audited(self.store());
    }
}

fn word(row: &ExchangeRow) -> &'static str {
    if row.state == State::Parked && row.cause.as_deref() == Some("behind") {
        "behind"
    } else {
        row.state.word()
    }
}
