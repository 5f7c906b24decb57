//! Whatever happens in whatever order, the outbox keeps its laws.

use std::collections::{HashMap, HashSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::kit::{Province, again, now, park, refuse};
use crate::model::{ExchangeId, Operation, Phase, Release, State};
use crate::store::{ExchangeRow, Leased, NextMove, Store, StoreError};

#[derive(Clone, Debug)]
enum Event {
    File {
        dossier: u8,
        steps: Vec<u8>,
        stopped: bool,
    },
    Lease {
        attempt: bool,
    },
    Settle {
        which: usize,
        how: u8,
    },
    Unlease {
        which: usize,
    },
    Hand {
        which: usize,
        release: Option<Release>,
    },
    Prepare,
    Wait {
        expire: bool,
    },
    Restart,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let release = prop_oneof![
        Just(None),
        Just(Some(Release::Again)),
        Just(Some(Release::Delivered))
    ];
    let event = prop_oneof![
        4 => (0..2_u8, vec(0..40_u8, 0..14), proptest::bool::weighted(0.2))
            .prop_map(|(dossier, steps, stopped)| Event::File { dossier, steps, stopped }),
        6 => proptest::bool::weighted(0.9).prop_map(|attempt| Event::Lease { attempt }),
        6 => (any::<usize>(), 0..7_u8).prop_map(|(which, how)| Event::Settle { which, how }),
        1 => any::<usize>().prop_map(|which| Event::Unlease { which }),
        3 => (any::<usize>(), release).prop_map(|(which, release)| Event::Hand { which, release }),
        1 => Just(Event::Prepare),
        1 => any::<bool>().prop_map(|expire| Event::Wait { expire }),
        1 => Just(Event::Restart),
    ];
    vec(event, 1..60)
}

/// What happened so far, as an outsider who sees only answers would write it down.
struct World {
    province: Province,
    hands: Vec<(Leased, bool)>,
    /// In which message each step of each dossier was rendered.
    told: HashMap<(String, Vec<u8>), ExchangeId>,
    /// Steps whose attempt nobody saw end, and no operator has spoken of.
    unclear: HashSet<ExchangeId>,
    /// What was under way when last looked.
    going: HashSet<ExchangeId>,
    known: HashSet<String>,
    versions: usize,
}

fn of<'a>(rows: &'a [ExchangeRow], dossier: &str) -> Vec<&'a ExchangeRow> {
    rows.iter().filter(|row| row.dossier == dossier).collect()
}

/// Whether what is behind this one must wait. Parked steps hold nothing, nor does what could not be made, nor what itself
/// waits for its dossier to be known.
fn holds(row: &ExchangeRow) -> bool {
    match row.state {
        State::Delivered | State::Refused => false,
        State::Parked => {
            row.operation != Operation::Progress && row.cause.as_deref() != Some("unmapped-code")
        }
        State::Held | State::Ready | State::Later | State::Leased => true,
    }
}

impl World {
    fn new() -> Self {
        let (hands, told) = (Vec::new(), HashMap::new());
        let (unclear, going, known) = (HashSet::new(), HashSet::new(), HashSet::new());
        Self {
            province: Province::new(),
            hands,
            told,
            unclear,
            going,
            known,
            versions: 0,
        }
    }

    fn happen(&mut self, event: &Event) {
        self.province.time += 10;
        match event {
            Event::File {
                dossier,
                steps,
                stopped,
            } => self.file(*dossier, steps, *stopped),
            Event::Lease { attempt } => self.lease(*attempt),
            Event::Settle { which, how } => self.settle(*which, *how),
            Event::Unlease { which } => self.unlease(*which),
            Event::Hand { which, release } => self.hand(*which, *release),
            Event::Prepare => self.prepare(),
            Event::Wait { expire } => self.province.time += if *expire { 61_000 } else { 100 },
            Event::Restart => {
                self.province.restart();
                now(self.province.store().orphans(self.province.time)).unwrap();
            }
        }
    }

    fn file(&mut self, dossier: u8, steps: &[u8], stopped: bool) {
        self.prepare();
        self.versions += 1;
        let (number, body) = (format!("H99-{dossier}"), format!("body {}", self.versions));
        if stopped {
            self.province.file_stopped(&number, &body, steps);
        } else {
            self.province.file(&number, &body, steps);
        }
    }

    fn prepare(&mut self) {
        let filings = self.province.unprepared();
        let prepared = filings
            .iter()
            .map(|filing| self.province.prepared(filing, &[]))
            .collect();
        now(self.province.store().enqueue(prepared)).unwrap();
    }

    fn lease(&mut self, attempt: bool) {
        for leased in self.province.lease(2) {
            self.may_go(&leased);
            if attempt {
                self.attempt(&leased);
            }
            self.hands.push((leased, attempt));
        }
    }

    /// What holds at the moment at which something is handed out.
    fn may_go(&self, leased: &Leased) {
        assert!(
            !self.unclear.contains(&leased.id),
            "steps of unclear fate were handed out again"
        );
        if leased.operation == Operation::Progress {
            assert!(self.known.contains(&leased.number), "steps before their dossier");
        }
        if leased.attempts == 0 && leased.operation != Operation::Progress {
            let expected = if self.known.contains(&leased.number) {
                Operation::Update
            } else {
                Operation::Create
            };
            assert_eq!(leased.operation, expected);
        }
    }

    fn attempt(&mut self, leased: &Leased) {
        self.province.attempt(leased);
        for step in &leased.steps {
            let first = self.told.insert((leased.number.clone(), step.clone()), leased.id);
            assert_eq!(first, None, "a step in two messages");
        }
        if leased.operation == Operation::Progress {
            self.unclear.insert(leased.id);
        }
    }

    fn take(&mut self, which: usize) -> Option<(Leased, bool)> {
        let count = self.hands.len();
        (count > 0).then(|| self.hands.swap_remove(which % count))
    }

    fn settle(&mut self, which: usize, how: u8) {
        let Some((leased, _)) = self.take(which) else {
            return;
        };
        let next = match (how, leased.operation) {
            (0..=2, _) => NextMove::Delivered,
            (3, _) => refuse(),
            (4, Operation::Create | Operation::Update) => NextMove::Probe {
                at: self.province.time + 50,
            },
            (5, operation) => again(operation, self.province.time + 50),
            _ => park(),
        };
        let delivered = next == NextMove::Delivered && leased.operation != Operation::Progress;
        let is_mine = {
            let row = self.province.row(leased.id);
            row.state == State::Leased && self.fence(leased.id) == leased.fence
        };
        match now(self
            .province
            .store()
            .settle(self.province.settlement(&leased, next)))
        {
            Ok(()) => assert!(is_mine),
            Err(StoreError::LostLease) => return assert!(!is_mine),
            Err(other) => panic!("{other}"),
        }
        self.unclear.remove(&leased.id);
        if delivered {
            self.known.insert(leased.number);
        }
    }

    fn fence(&self, id: ExchangeId) -> i64 {
        let fence = self.province.store().readers.ask(move |conn| {
            Ok(
                conn.query_row("SELECT fence FROM exchange WHERE uid = ?1", [id], |row| {
                    row.get(0)
                })?,
            )
        });
        now(fence).unwrap()
    }

    fn unlease(&mut self, which: usize) {
        if let Some((leased, attempted)) = self.take(which) {
            let end = now(self.province.store().unlease(leased.id, leased.fence));
            assert!(end.is_err() || !attempted);
            if attempted {
                self.hands.push((leased, attempted));
            }
        }
    }

    fn hand(&mut self, which: usize, release: Option<Release>) {
        let rows = self.province.rows();
        if rows.is_empty() {
            return;
        }
        let row = &rows[which % rows.len()];
        if self.province.handle(row.exchange, release) {
            assert!(row.state == State::Parked || (row.state == State::Later && release.is_none()));
            assert_ne!(row.cause.as_deref(), Some("behind"));
            self.unclear.remove(&row.exchange);
            if release == Some(Release::Delivered) && row.operation != Operation::Progress {
                self.known.insert(row.dossier.clone());
            }
        }
    }

    /// The laws that hold after whatever happened.
    fn check(&mut self) {
        let rows = self.province.rows();
        let going = |row: &ExchangeRow| matches!(row.state, State::Ready | State::Later | State::Leased);
        for dossier in ["H99-0", "H99-1"] {
            let lane = of(&rows, dossier);
            assert!(
                lane.iter().filter(|row| going(row)).count() <= 1,
                "two of one dossier under way"
            );
            let went = |row: &ExchangeRow| going(row) && !self.going.contains(&row.exchange);
            for (place, row) in lane.iter().enumerate().filter(|(_, row)| went(row)) {
                let first = lane[..place].iter().find(|earlier| holds(earlier));
                assert!(first.is_none(), "{row:?} went before {first:?}");
            }
        }
        self.going = rows
            .iter()
            .filter(|row| going(row))
            .map(|row| row.exchange)
            .collect();
        let books = now(self.province.store().books()).unwrap();
        let owed = books.delivered + books.refused + books.parked + books.waiting;
        assert_eq!(owed, rows.len() as u64);
    }

    /// With a willing partner and operator everything comes to an end.
    fn finish(&mut self) {
        for _ in 0..400 {
            self.province.time += 61_000;
            self.prepare();
            self.help();
            for leased in self.province.lease(10) {
                self.deliver(leased);
            }
        }
        let open = |row: &ExchangeRow| !matches!(row.state, State::Delivered | State::Refused);
        // Steps of a dossier that the partner refused to know wait for a message that it takes.
        let left = |row: &ExchangeRow| open(row) && self.known.contains(&row.dossier);
        let left: Vec<_> = self.province.rows().into_iter().filter(left).collect();
        assert!(left.is_empty(), "{left:?}");
    }

    /// The operator helps the first that stands.
    fn help(&mut self) {
        let parked = |row: &ExchangeRow| row.state == State::Parked && row.cause.as_deref() != Some("behind");
        let Some(row) = self.province.rows().into_iter().find(parked) else {
            return;
        };
        let again =
            !self.unclear.remove(&row.exchange) && self.province.handle(row.exchange, Some(Release::Again));
        if !again {
            assert!(self.province.handle(row.exchange, Some(Release::Delivered)));
            if row.operation != Operation::Progress {
                self.known.insert(row.dossier);
            }
        }
    }

    fn deliver(&mut self, leased: Leased) {
        self.may_go(&leased);
        if leased.phase == Phase::Send && leased.rendered.is_none() {
            self.attempt(&leased);
        }
        self.unclear.remove(&leased.id);
        self.province.settle(&leased, NextMove::Delivered);
        if leased.operation != Operation::Progress {
            self.known.insert(leased.number);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_outbox_keeps_its_laws(events in events()) {
        let mut world = World::new();
        for event in &events {
            world.happen(event);
            world.check();
        }
        world.province.sound();
        world.finish();
        world.check();
        world.province.sound();
    }
}
