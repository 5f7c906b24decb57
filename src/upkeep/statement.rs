//! The gateway audits itself: from time to time it states, for each partner, what was accepted and what became of it, counted once in
//! the store's rows and once over the log's leaves. Books that do not agree are an incident, and stop nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::Upkeep;
use super::shelf::{Shelf, Unshown, looking};
use crate::clock::Timestamp;
use crate::evidence::hash::Hash;
use crate::evidence::leaf::Seen;
use crate::evidence::note::Vkey;
use crate::evidence::statement::judge::{Judge, Kept};
use crate::evidence::statement::reckoning::Reckoning;
use crate::evidence::statement::{FOUND, Statement, StatementError, digest};
use crate::evidence::tile;
use crate::evidence::tree::Edge;
use crate::store::{Counted, NewStatement, StatementRow, Store, StoreError};

/// Leaves that are read at once.
const SLICE: u64 = 1_024;
/// Statements that are read at once.
const AT_ONCE: usize = 1_000;
/// How soon it is tried again where the books could not be stated.
const SOON: Duration = Duration::from_secs(600);
/// What to do where the books do not agree.
const ACTION: &str = "run `lienthong log verify`: it names what does not fit";

/// Why the books were not stated.
#[derive(Debug, thiserror::Error)]
pub enum Unstated {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log could not be read.
    #[error(transparent)]
    Unshown(#[from] Unshown),
    /// The key did not sign.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// What the leaves come to could not be kept.
    #[error("the count of the leaves cannot be kept: {0}")]
    Unkept(#[from] serde_json::Error),
}

/// Rows and leaves of one moment.
struct Moment {
    counted: Counted,
    reckoning: Reckoning,
    root: Hash,
    /// What does not fit, whosever it is.
    found: Vec<String>,
}

impl Upkeep {
    /// States the books if it is time. A failure is logged here, where it is handled. Says how long nothing else is due.
    pub async fn statement_round(&self) -> Duration {
        match self.statements_due().await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(error = %error, "the books were not stated");
                self.statements.min(SOON)
            }
        }
    }

    async fn statements_due(&self) -> Result<Duration, Unstated> {
        let stated = self.store.stated().await?;
        if let Some(last) = stated.iter().map(|statement| statement.at).max() {
            let due = Timestamp::from_millis(last).after(self.statements);
            let wait = due.since(self.clock.now()).min(self.statements);
            if !wait.is_zero() {
                return Ok(wait);
            }
        }
        self.state().await?;
        Ok(self.statements)
    }

    /// States the books now: a statement for each partner for which anything was ever accepted.
    pub async fn state(&self) -> Result<Vec<Statement>, Unstated> {
        let mut kept = self.stating.lock().await;
        let before = match kept.take() {
            Some(reckoning) => reckoning,
            None => serde_json::from_slice(&self.store.reckoned().await?).unwrap_or_default(),
        };
        let moment = self.moment(before).await?;
        let statements = self.said(&moment);
        let new = statements.iter().map(|statement| self.signed(statement));
        let new = new.collect::<Result<Vec<_>, _>>()?;
        let (leaves, state) = (moment.counted.leaves, serde_json::to_vec(&moment.reckoning)?);
        if !new.is_empty() {
            self.store.state(new, leaves, state).await?;
        }
        *kept = Some(moment.reckoning);
        statements.iter().for_each(tell);
        Ok(statements)
    }

    /// First the rows, with the size that the log had just then; after that the leaves up to that size, and no further.
    async fn moment(&self, before: Reckoning) -> Result<Moment, Unstated> {
        let counted = self.store.count().await?;
        let leaves = counted.leaves;
        let (mut reckoning, root) = looking(&self.store, move |shelf| {
            let reckoning = follow(before, leaves, shelf)?;
            Ok((reckoning, Edge::read(leaves, shelf)?.root()))
        })
        .await?;
        let mut found = reckoning.take_odd();
        found.extend(self.earlier(&reckoning, counted.statements).await?);
        Ok(Moment {
            counted,
            reckoning,
            root,
            found,
        })
    }

    /// What is wrong with the statements before: the newest of each partner is looked at, the others are counted.
    async fn earlier(&self, reckoning: &Reckoning, rows: u64) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for told in reckoning.newest() {
            let number = told.number;
            match self.store.statement(number).await? {
                Some(row) if digest(&row.note) == told.digest => {}
                Some(_) => found.push(format!("statement {number} is not what its leaf commits to")),
                None => found.push(format!("statement {number} is gone")),
            }
        }
        let told = reckoning.statements();
        if rows != told {
            found.push(format!(
                "the log tells of {told} statements, and {rows} are there"
            ));
        }
        Ok(found)
    }

    fn said(&self, moment: &Moment) -> Vec<Statement> {
        let Moment {
            counted, reckoning, ..
        } = moment;
        let partners: BTreeSet<&String> = counted.counts.keys().chain(reckoning.counts().keys()).collect();
        let at = self.clock.now().millis();
        let numbered = (reckoning.statements() + 1..).zip(partners);
        numbered
            .map(|(number, partner)| Statement {
                log: self.origin.clone(),
                number,
                partner: partner.clone(),
                at,
                leaves: counted.leaves,
                root: moment.root,
                rows: counted.counts.get(partner).copied().unwrap_or_default(),
                folded: reckoning.counts().get(partner).copied().unwrap_or_default(),
                found: found(moment, partner),
            })
            .collect()
    }

    fn signed(&self, statement: &Statement) -> Result<NewStatement, StatementError> {
        let note = statement.sign(self.signer.as_ref())?;
        Ok(NewStatement {
            number: statement.number,
            partner: statement.partner.clone(),
            at: statement.at,
            leaves: statement.leaves,
            agrees: statement.agrees(),
            leaf: statement.draft(&note),
            note,
        })
    }
}

/// What does not fit of a partner, and of the log as a whole.
fn found(moment: &Moment, partner: &str) -> Vec<String> {
    let nothing = BTreeMap::new();
    let open = moment.counted.open.get(partner).unwrap_or(&nothing);
    let whole = moment.found.iter().cloned();
    let own = moment.reckoning.differences(partner, open, FOUND);
    whole.chain(own).take(FOUND).collect()
}

/// Books that do not agree, in the node's own log. Numbers of exchanges and our own words: nobody is named.
fn tell(statement: &Statement) {
    let Statement {
        number,
        partner,
        rows,
        ..
    } = statement;
    if statement.agrees() {
        tracing::debug!(partner.name = %partner, statement.number = number, "the books agree");
        return;
    }
    tracing::error!(
        partner.name = %partner,
        statement.number = number,
        rows = %rows,
        log = %statement.folded,
        found = statement.found.join("; "),
        owner = "gateway",
        action = ACTION,
        "the books do not agree"
    );
}

/// Reads on to just so many leaves. What was kept of more leaves than there are is of another store.
fn follow(before: Reckoning, leaves: u64, shelf: &Shelf) -> Result<Reckoning, Unshown> {
    let mut reckoning = if before.leaves() <= leaves {
        before
    } else {
        Reckoning::default()
    };
    while reckoning.leaves() < leaves {
        let from = reckoning.leaves();
        for entry in tile::entries(shelf, from..leaves.min(from + SLICE))? {
            match Seen::read(&entry) {
                Ok(seen) => reckoning.read(&seen),
                Err(_) => reckoning.skip(),
            }
        }
    }
    Ok(reckoning)
}

/// Everything by which an auditor holds the statements, and the rows as they are now, against the log.
pub(super) async fn judge(
    store: &Arc<dyn Store>,
    known: &Vkey,
    counted: Counted,
) -> Result<Judge, StoreError> {
    let mut judge = Judge::default();
    judge.hold_rows(counted.leaves, counted.counts);
    let mut before = None;
    loop {
        let rows = store.statements(before, None, AT_ONCE).await?;
        before = rows.last().map(|row| row.number);
        if before.is_none() {
            return Ok(judge);
        }
        rows.into_iter()
            .for_each(|row| judge.hold(&kept(row), Some(known)));
    }
}

fn kept(row: StatementRow) -> Kept {
    Kept {
        number: row.number,
        partner: row.partner,
        leaf: row.leaf,
        note: row.note,
    }
}
