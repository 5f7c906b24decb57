//! M3: one dossier read, mapped and written, against `serde_json::Value` that only reads and writes the same document.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::Failed;
use super::figure::{Figure, Must, medians, ratios};
use super::site::{Dossiers, OPENCPS, mapping};
use super::size::Size;
use crate::model::Dossier;
use crate::translate::{Local, Translator};

/// Documents have so many values, about sixty.
const FIELDS: std::ops::RangeInclusive<usize> = 50..=70;
/// Generated documents among which those are looked for.
const DRAWN: usize = 2_000;
/// Different documents that take turns.
const DOCUMENTS: usize = 32;
/// When they came: any moment does.
const AT: i64 = 1_768_439_700_000;
/// The partner's mapping.
const PAYLOAD: &str = "portal/dossier";

/// Measures it; computing alone, on one core.
pub(super) fn measure(dossiers: &mut Dossiers, size: &Size) -> Result<Vec<Figure>, Failed> {
    let mut bodies = dossiers.bodies(OPENCPS, DRAWN);
    bodies.retain(|body| FIELDS.contains(&fields(body)));
    bodies.truncate(DOCUMENTS);
    let work = Work::new(dossiers.translator(), bodies)?;
    let mut whole = Vec::new();
    let (mut back, mut forth) = (Vec::new(), Vec::new());
    for _ in 0..size.rounds {
        let value = rate(size.window, &work.bodies, |body| work.value(body));
        whole.push((value, rate(size.window, &work.bodies, |body| work.whole(body))));
        back.push((value, rate(size.window, &work.bodies, |body| work.back(body))));
        forth.push((
            value,
            rate(size.window, &work.read, |dossier| work.forth(dossier)),
        ));
    }
    let bytes = work.bodies.iter().map(Vec::len).sum::<usize>() / work.bodies.len().max(1);
    let row = |name, what: &str, rounds: &[(f64, f64)]| {
        let (value, ours) = medians(rounds);
        // Times, not rates: twice the ratio is twice as long.
        Figure::new(name, format!("{what}, {bytes} bytes"), 1e6 / ours, "µs").beside(
            "serde_json Value read + write",
            1e6 / value,
            ratios(rounds),
        )
    };
    Ok(vec![
        row("M3", "mapping: document to dossier to payload", &whole).must(Must::AtMost(3.0)),
        row("M3 read", "of it: document to dossier", &back),
        row("M3 write", "of it: dossier to payload", &forth),
    ])
}

/// Documents in a second of one after another, until the window ends.
fn rate<T>(window: Duration, items: &[T], mut work: impl FnMut(&T)) -> f64 {
    let began = Instant::now();
    let mut done = 0_u32;
    while began.elapsed() < window {
        for item in items {
            work(item);
            done += 1;
        }
    }
    f64::from(done) / began.elapsed().as_secs_f64()
}

struct Work<'a> {
    translator: &'a Translator,
    mapping: String,
    bodies: Vec<Vec<u8>>,
    read: Vec<Dossier>,
}

impl<'a> Work<'a> {
    fn new(translator: &'a Translator, bodies: Vec<Vec<u8>>) -> Result<Self, Failed> {
        let mut work = Self {
            translator,
            mapping: mapping(OPENCPS),
            bodies,
            read: Vec::new(),
        };
        for body in &work.bodies {
            let read = translator
                .read(work.local(), body, AT)
                .map_err(|error| Failed::because(&error))?;
            work.read.push(read.dossier);
        }
        Ok(work)
    }

    fn local(&self) -> Local<'_> {
        Local {
            mapping: &self.mapping,
            site: OPENCPS,
            files: None,
        }
    }

    fn whole(&self, body: &[u8]) {
        if let Ok(read) = self.translator.read(self.local(), body, AT) {
            self.forth(&read.dossier);
        }
    }

    fn back(&self, body: &[u8]) {
        let _ = black_box(self.translator.read(self.local(), body, AT));
    }

    fn forth(&self, dossier: &Dossier) {
        let _ = black_box(self.translator.message(PAYLOAD, dossier));
    }

    fn value(&self, body: &[u8]) {
        let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
        let _ = black_box(serde_json::to_vec(&value));
    }
}

/// How many values a document has.
fn fields(body: &[u8]) -> usize {
    fn leaves(value: &Value) -> usize {
        match value {
            Value::Object(members) => members.values().map(leaves).sum(),
            Value::Array(items) => items.iter().map(leaves).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
        }
    }
    serde_json::from_slice(body).map_or(0, |value| leaves(&value))
}

#[cfg(test)]
mod tests {
    #[test]
    fn fields_are_the_values_at_the_ends() {
        assert_eq!(super::fields(br#"{"a":1,"b":[{"c":null},"d"],"e":[]}"#), 3);
    }
}
