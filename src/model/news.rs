//! What a national side says of a dossier by itself: the facts of a callback, and how those of many become one.
//!
//! What stands is a function of the set of what was said, never of the order in which it arrived: a callback that comes
//! late, twice or before another changes nothing about the end.

use super::Time;
use super::codes::Status;
use super::dossier::Facts;
use super::held::Registration;
use super::papers::{Fee, Outcome, Payment, Step, Supplement};
use super::record::record;

record! {
    /// What a callback says of a dossier.
    #[derive(Default)]
    News, "news" {
        status: Option<Status> = "Where it stands now.",
        note: Option<String> = "A note.",
        due_at: Option<Time> = "The appointment for the result.",
        payment: Payment = "How it was paid.",
        fees: Vec<Fee> = "What it costs.",
        supplements: Vec<Supplement> = "The rounds of missing papers.",
        results: Vec<Outcome> = "What came out.",
        steps: Vec<Step> = "What was done.",
        registrations: Vec<Registration> = "What was entered in a register of the state.",
    }
}

impl News {
    /// Lays later news over these: single facts give way to later ones, lists grow by what they do not have yet.
    pub fn add(&mut self, later: Self) {
        let Self {
            status,
            note,
            due_at,
            payment,
            fees,
            supplements,
            results,
            steps,
            registrations,
        } = later;
        over(&mut self.status, status);
        over(&mut self.note, note);
        over(&mut self.due_at, due_at);
        pay(&mut self.payment, payment);
        grow(&mut self.fees, fees);
        grow(&mut self.supplements, supplements);
        grow(&mut self.results, results);
        grow(&mut self.steps, steps);
        grow(&mut self.registrations, registrations);
    }

    /// A dossier's facts with these over them. An entry of a register is no fact of a dossier: it stands beside it.
    pub fn upon(&self, facts: &mut Facts) {
        let news = self.clone();
        facts.status = news.status.unwrap_or(facts.status);
        over(&mut facts.note, news.note);
        over(&mut facts.due_at, news.due_at);
        pay(&mut facts.payment, news.payment);
        grow(&mut facts.fees, news.fees);
        grow(&mut facts.supplements, news.supplements);
        grow(&mut facts.results, news.results);
        grow(&mut facts.steps, news.steps);
    }

    /// The paths of the facts it has, as a dossier names them.
    pub fn paths(&self) -> Vec<&'static str> {
        let Payment {
            state,
            method,
            reference,
            paid_at,
            amount,
        } = &self.payment;
        let paid = state.is_some()
            || method.is_some()
            || reference.is_some()
            || paid_at.is_some()
            || amount.is_some();
        let has = [
            ("status", self.status.is_some()),
            ("note", self.note.is_some()),
            ("due_at", self.due_at.is_some()),
            ("payment", paid),
            ("fees", !self.fees.is_empty()),
            ("supplements", !self.supplements.is_empty()),
            ("results", !self.results.is_empty()),
            ("steps", !self.steps.is_empty()),
            ("registrations", !self.registrations.is_empty()),
        ];
        has.into_iter()
            .filter(|(_, has)| *has)
            .map(|(path, _)| path)
            .collect()
    }
}

fn over<T>(fact: &mut Option<T>, later: Option<T>) {
    if later.is_some() {
        *fact = later;
    }
}

fn pay(payment: &mut Payment, later: Payment) {
    over(&mut payment.state, later.state);
    over(&mut payment.method, later.method);
    over(&mut payment.reference, later.reference);
    over(&mut payment.paid_at, later.paid_at);
    over(&mut payment.amount, later.amount);
}

fn grow<T: PartialEq>(list: &mut Vec<T>, later: Vec<T>) {
    for one in later {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}
