//! The circuit of one partner: after a run of failures it opens, waits, lets one message try, and closes again.

use super::wait::Wait;

/// When a circuit opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Failures in a row that open it.
    pub failures: u32,
    /// The first time that it stays open, in ms; doubles with each failed try.
    pub open: i64,
    /// The longest time that it stays open, in ms.
    pub longest: i64,
}

/// The circuit's state. Times are ms since 1970, handed in.
#[derive(Debug)]
pub(super) struct Circuit {
    limits: Limits,
    failures: u32,
    opened: u32,
    open: Option<Wait>,
}

/// What the circuit lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Everything.
    Closed,
    /// One message, to try.
    HalfOpen,
    /// Nothing until this moment, ms since 1970.
    Open(i64),
}

impl Circuit {
    /// A closed circuit.
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            failures: 0,
            opened: 0,
            open: None,
        }
    }

    /// What it lets through now.
    pub(super) fn gate(&mut self, now: i64) -> Gate {
        match self.open.as_mut().map(|open| open.until(now)) {
            None => Gate::Closed,
            Some(until) if until <= now => Gate::HalfOpen,
            Some(until) => Gate::Open(until),
        }
    }

    /// The partner answered, whatever it said.
    pub(super) fn answered(&mut self) {
        self.failures = 0;
        self.opened = 0;
        self.open = None;
    }

    /// The partner could not be reached, broke off, or answered with a server's failure.
    pub(super) fn failed(&mut self, now: i64) {
        self.failures = self.failures.saturating_add(1);
        let trying = matches!(self.gate(now), Gate::HalfOpen);
        if trying || (self.open.is_none() && self.failures >= self.limits.failures) {
            let doubled = self.limits.open.saturating_mul(1 << self.opened.min(20));
            self.open = Some(Wait::new(now, doubled.min(self.limits.longest)));
            self.opened = self.opened.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        failures: 3,
        open: 1_000,
        longest: 3_000,
    };

    fn opened() -> Circuit {
        let mut circuit = Circuit::new(LIMITS);
        for _ in 0..3 {
            circuit.failed(0);
        }
        circuit
    }

    #[test]
    fn a_run_of_failures_opens_it_and_an_answer_breaks_the_run() {
        let mut circuit = Circuit::new(LIMITS);
        circuit.failed(0);
        circuit.failed(0);
        circuit.answered();
        circuit.failed(0);
        assert_eq!(circuit.gate(0), Gate::Closed);
        assert_eq!(opened().gate(999), Gate::Open(1_000));
    }

    #[test]
    fn it_half_opens_doubles_on_failure_and_closes_on_an_answer() {
        let mut circuit = opened();
        assert_eq!(circuit.gate(1_000), Gate::HalfOpen);
        circuit.failed(1_000);
        assert_eq!(circuit.gate(1_001), Gate::Open(3_000));
        circuit.failed(3_000);
        assert_eq!(circuit.gate(3_001), Gate::Open(6_000), "3 s is the longest");
        circuit.answered();
        assert_eq!(circuit.gate(6_000), Gate::Closed);
    }

    #[test]
    fn late_failures_of_messages_already_under_way_do_not_prolong_it() {
        let mut circuit = opened();
        circuit.failed(500);
        assert_eq!(circuit.gate(999), Gate::Open(1_000));
    }
}
