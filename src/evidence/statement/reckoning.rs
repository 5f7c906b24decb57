//! The books as the leaves have them, leaf by leaf: the second of the two counts. It knows nothing of the store, and keeps of the past
//! only what is not over.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::evidence::leaf::{Kind, Seen};
use crate::evidence::statement::{Column, Count, Told};
use crate::model::ExchangeId;

/// Oddities that are named; a log that is rotten throughout must not fill the memory.
const NAMED: usize = 1_000;

/// What the first leaves of the log come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reckoning {
    leaves: u64,
    counts: BTreeMap<String, Count>,
    open: BTreeMap<ExchangeId, Open>,
    /// Filings that no message was made of yet, by their dossier and in their order; each with the partner it is for, where its leaf
    /// says so. Leaves of earlier versions do not.
    unprepared: BTreeMap<String, VecDeque<Option<String>>>,
    statements: u64,
    /// The newest statement of each partner.
    newest: BTreeMap<String, Told>,
    #[serde(skip)]
    odd: Vec<String>,
}

/// An exchange that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    partner: String,
    column: Column,
}

impl Reckoning {
    /// Reads the next leaf.
    pub fn read(&mut self, seen: &Seen<'_>) {
        self.leaves += 1;
        if seen.kind() == Kind::Accepted {
            self.accept(seen);
        } else if seen.kind() == Kind::Statement {
            self.state(seen);
        } else if let Some(column) = column(seen) {
            self.turn(seen, column);
        }
    }

    /// Passes the next leaf over: it cannot be read.
    pub fn skip(&mut self) {
        let leaf = self.leaves;
        self.odd(format!("leaf {leaf} cannot be read"));
        self.leaves += 1;
    }

    /// Of how many first leaves it is.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// What they come to, by partner.
    pub fn counts(&self) -> &BTreeMap<String, Count> {
        &self.counts
    }

    /// How many statements they tell of.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    /// The newest statement of each partner.
    pub fn newest(&self) -> impl Iterator<Item = &Told> {
        self.newest.values()
    }

    /// The leaves that do not follow from those before them, one sentence each, since this was last asked.
    pub fn take_odd(&mut self) -> Vec<String> {
        std::mem::take(&mut self.odd)
    }

    /// Where the open exchanges of a partner stand otherwise than the store's rows say: one sentence each, at most so many.
    pub fn differences(
        &self,
        partner: &str,
        rows: &BTreeMap<ExchangeId, Column>,
        most: usize,
    ) -> Vec<String> {
        let own = self.open.iter().filter(|(_, open)| open.partner == partner);
        let lost = own
            .filter(|(id, open)| rows.get(id) != Some(&open.column))
            .map(|(id, open)| {
                let says = rows.get(id).map_or("over or not there", |row| word(*row));
                let by_log = word(open.column);
                format!("exchange {id} is {by_log} by the log, and {says} by the store")
            });
        let added = rows.iter().filter(|(id, _)| !self.open.contains_key(id));
        let added = added.map(|(id, row)| {
            let by_store = word(*row);
            format!("exchange {id} is {by_store} by the store, and over or not there by the log")
        });
        lost.chain(added).take(most).collect()
    }

    fn accept(&mut self, seen: &Seen<'_>) {
        // Nobody is owed anything for a file.
        if seen.fact("file").is_some() {
            return;
        }
        let to = seen.fact("to").map(str::to_owned);
        if let Some(to) = &to {
            let count = self.counts.entry(to.clone()).or_default();
            count.accepted += 1;
            count.waiting += 1;
        }
        let filings = self.unprepared.entry(dossier(seen)).or_default();
        filings.push_back(to);
    }

    fn state(&mut self, seen: &Seen<'_>) {
        self.statements += 1;
        match Told::read(seen) {
            Some(told) => drop(self.newest.insert(told.partner.clone(), told)),
            None => self.odd(format!("leaf {} tells of no statement that could be", seen.index)),
        }
    }

    fn turn(&mut self, seen: &Seen<'_>, to: Column) {
        // Payments and trays have leaves of these kinds too, and no exchange.
        let Some(name) = seen.exchange() else { return };
        let Ok(id) = name.parse() else {
            return self.odd(format!("leaf {} turns an exchange that cannot be", seen.index));
        };
        let opens = matches!(seen.kind(), Kind::Queued | Kind::Parked);
        match self.open.remove(&id) {
            Some(open) => self.put(id, open.partner, Some(open.column), to),
            None if opens => self.begin(seen, id, to),
            None => self.odd(format!(
                "leaf {} ({}) turns exchange {id}, which is not open",
                seen.index,
                seen.kind().name()
            )),
        }
    }

    /// An exchange came to be. The message of a filing was owed since that was accepted; every other one is owed from now on.
    fn begin(&mut self, seen: &Seen<'_>, id: ExchangeId, to: Column) {
        let partner = seen.partner().unwrap_or_default().to_owned();
        let is_filed = matches!(seen.fact("operation"), Some("create" | "update"));
        let was = if is_filed { self.prepared(seen) } else { Some(None) };
        match was {
            Some(Some(owed)) => take(&mut self.counts.entry(owed).or_default().waiting),
            Some(None) => self.counts.entry(partner.clone()).or_default().accepted += 1,
            None => self.odd(format!("leaf {} makes exchange {id} of no filing", seen.index)),
        }
        self.put(id, partner, None, to);
    }

    /// Takes the oldest filing of the dossier from those that wait.
    fn prepared(&mut self, seen: &Seen<'_>) -> Option<Option<String>> {
        let dossier = dossier(seen);
        let filings = self.unprepared.get_mut(&dossier)?;
        let first = filings.pop_front();
        if filings.is_empty() {
            self.unprepared.remove(&dossier);
        }
        first
    }

    fn put(&mut self, id: ExchangeId, partner: String, from: Option<Column>, to: Column) {
        let count = self.counts.entry(partner.clone()).or_default();
        if let Some(from) = from {
            take(count.column(from));
        }
        *count.column(to) += 1;
        if matches!(to, Column::Parked | Column::Waiting) {
            self.open.insert(id, Open { partner, column: to });
        }
    }

    fn odd(&mut self, says: String) {
        if self.odd.len() < NAMED {
            self.odd.push(says);
        }
    }
}

/// One fewer. What was kept may have been tampered with, and is no reason to fall.
fn take(count: &mut u64) {
    *count = count.saturating_sub(1);
}

fn dossier(seen: &Seen<'_>) -> String {
    seen.dossier().map(|blind| blind.to_string()).unwrap_or_default()
}

fn word(column: Column) -> &'static str {
    match column {
        Column::Delivered => "delivered",
        Column::Refused => "refused",
        Column::Parked => "parked",
        Column::Waiting => "waiting",
    }
}

/// Where a leaf puts its exchange, if it turns one.
fn column(seen: &Seen<'_>) -> Option<Column> {
    let said = match seen.kind() {
        Kind::Queued | Kind::Attempted | Kind::Probed | Kind::Reopened => None,
        Kind::Settled => seen.fact("next"),
        Kind::Released => seen.fact("as"),
        Kind::Parked => Some("parked"),
        Kind::Accepted
        | Kind::Drafted
        | Kind::Asked
        | Kind::Answered
        | Kind::Reused
        | Kind::Received
        | Kind::Applied
        | Kind::Notified
        | Kind::Opened
        | Kind::Erased
        | Kind::Mapped
        | Kind::Statement => return None,
    };
    Some(match said {
        Some("delivered") => Column::Delivered,
        Some("refused") => Column::Refused,
        Some("parked") => Column::Parked,
        Some(_) | None => Column::Waiting,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::blind::Blind;
    use crate::evidence::leaf::{Draft, entry};

    const ONE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
    const TWO: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

    fn leaf(kind: Kind, exchange: Option<&str>, facts: &[(&'static str, &str)]) -> Draft {
        let mut draft = Draft::new(kind, 1_795_458_235_123);
        draft.dossier = Some(Blind([7; 16]));
        draft.partner = exchange.map(|_| "portal".to_owned());
        draft.exchange = exchange.map(str::to_owned);
        facts
            .iter()
            .fold(draft, |draft, (name, value)| draft.fact(name, *value))
    }

    fn read(drafts: &[Draft]) -> (Reckoning, Vec<String>) {
        let mut reckoning = Reckoning::default();
        for (index, draft) in (0..).zip(drafts) {
            let links: Vec<_> = draft.chains().into_iter().map(|chain| (chain, None)).collect();
            let bytes = entry(&draft.body(), index, &links);
            reckoning.read(&Seen::read(&bytes).unwrap());
            // What is kept in between is taken up as it was.
            let kept = serde_json::to_vec(&reckoning).unwrap();
            let odd = reckoning.take_odd();
            let mut again: Reckoning = serde_json::from_slice(&kept).unwrap();
            assert_eq!(again, reckoning);
            again.odd = odd;
            reckoning = again;
        }
        let odd = reckoning.take_odd();
        (reckoning, odd)
    }

    fn counts(drafts: &[Draft]) -> String {
        let (reckoning, odd) = read(drafts);
        assert_eq!(odd, Vec::<String>::new());
        assert!(reckoning.counts().values().all(Count::balances));
        reckoning
            .counts()
            .get("portal")
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    #[test]
    fn a_filing_is_owed_from_its_acceptance_and_its_message_from_then() {
        let accepted = leaf(Kind::Accepted, None, &[("to", "portal")]);
        let queued = leaf(Kind::Queued, Some(ONE), &[("operation", "create")]);
        let mut life = vec![accepted.clone()];
        let mut says = |draft: Draft| {
            life.push(draft);
            counts(&life)
        };
        let waits = "accepted 1 = delivered 0 + refused 0 + parked 0 + waiting 1";
        assert_eq!(says(queued), waits);
        assert_eq!(says(leaf(Kind::Attempted, Some(ONE), &[])), waits);
        assert_eq!(says(leaf(Kind::Settled, Some(ONE), &[("next", "probe")])), waits);
        assert_eq!(
            says(leaf(Kind::Settled, Some(ONE), &[("next", "parked")])),
            "accepted 1 = delivered 0 + refused 0 + parked 1 + waiting 0"
        );
        assert_eq!(says(leaf(Kind::Reopened, Some(ONE), &[("as", "again")])), waits);
        assert_eq!(
            says(leaf(Kind::Queued, Some(TWO), &[("operation", "progress")])),
            "accepted 2 = delivered 0 + refused 0 + parked 0 + waiting 2"
        );
        assert_eq!(
            says(leaf(Kind::Released, Some(ONE), &[("as", "delivered")])),
            "accepted 2 = delivered 1 + refused 0 + parked 0 + waiting 1"
        );
        assert_eq!(
            says(leaf(Kind::Settled, Some(TWO), &[("next", "refused")])),
            "accepted 2 = delivered 1 + refused 1 + parked 0 + waiting 0"
        );
        assert_eq!(counts(&[accepted]), waits);
    }

    #[test]
    fn a_filing_of_an_earlier_version_is_counted_when_its_message_is_made() {
        let old = leaf(Kind::Accepted, None, &[]);
        let new = leaf(Kind::Accepted, None, &[("to", "portal")]);
        let made = |id| leaf(Kind::Queued, Some(id), &[("operation", "update")]);
        assert_eq!(counts(std::slice::from_ref(&old)), "");
        let both = [old.clone(), new.clone(), made(ONE)];
        assert_eq!(
            counts(&both),
            "accepted 2 = delivered 0 + refused 0 + parked 0 + waiting 2"
        );
        assert_eq!(
            counts(&[old, new, made(ONE), made(TWO)]),
            "accepted 2 = delivered 0 + refused 0 + parked 0 + waiting 2"
        );
    }

    #[test]
    fn leaves_that_do_not_follow_are_named() {
        let unmade = read(&[leaf(Kind::Settled, Some(ONE), &[("next", "delivered")])]).1;
        assert_eq!(
            unmade,
            [format!(
                "leaf 0 (settled) turns exchange {ONE}, which is not open"
            )]
        );
        let unfiled = leaf(Kind::Queued, Some(ONE), &[("operation", "create")]);
        let (reckoning, odd) = read(&[unfiled]);
        assert_eq!(odd, [format!("leaf 0 makes exchange {ONE} of no filing")]);
        assert!(!reckoning.counts()["portal"].balances());
        assert_eq!(
            read(&[leaf(Kind::Queued, Some("none"), &[])]).1,
            ["leaf 0 turns an exchange that cannot be"]
        );
    }

    #[test]
    fn open_exchanges_that_stand_otherwise_are_named() {
        let life = [
            leaf(Kind::Accepted, None, &[("to", "portal")]),
            leaf(Kind::Queued, Some(ONE), &[("operation", "create")]),
        ];
        let (reckoning, _) = read(&life);
        let (one, two) = (ONE.parse().unwrap(), TWO.parse().unwrap());
        let differ = |rows: &[(ExchangeId, Column)]| {
            reckoning.differences("portal", &rows.iter().copied().collect(), 9)
        };
        assert_eq!(differ(&[(one, Column::Waiting)]), Vec::<String>::new());
        assert_eq!(
            differ(&[(one, Column::Parked)]),
            [format!(
                "exchange {ONE} is waiting by the log, and parked by the store"
            )]
        );
        assert_eq!(
            differ(&[(two, Column::Waiting)]),
            [
                format!("exchange {ONE} is waiting by the log, and over or not there by the store"),
                format!("exchange {TWO} is waiting by the store, and over or not there by the log")
            ]
        );
    }
}
