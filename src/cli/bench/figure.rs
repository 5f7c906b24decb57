//! One row of the table, and the arithmetic behind it.

use serde::Serialize;

/// What a row must keep: about its ratio where there is one, else about its value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Must {
    /// No less than this.
    AtLeast(f64),
    /// No more than this.
    AtMost(f64),
}

/// What a value is held against.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Against {
    /// Whose figure it is.
    pub(super) what: String,
    /// The figure, in the row's unit.
    pub(super) value: f64,
}

/// One row.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figure {
    /// The name of the scenario.
    pub(super) name: &'static str,
    /// What was measured.
    pub(super) what: String,
    /// What came out.
    pub(super) value: f64,
    /// Of what.
    pub(super) unit: &'static str,
    /// What it is held against.
    pub(super) against: Option<Against>,
    /// Value by value held against; the median of the rounds where A and B took turns.
    pub(super) ratio: Option<f64>,
    /// What must hold.
    pub(super) must: Option<Must>,
    /// Whether it does.
    pub(super) holds: Option<bool>,
}

impl Figure {
    /// A row with its value alone.
    pub(super) fn new(name: &'static str, what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            name,
            what: what.into(),
            value,
            unit,
            against: None,
            ratio: None,
            must: None,
            holds: None,
        }
    }

    /// Holds it against a figure that stands.
    pub(super) fn against(self, what: impl Into<String>, value: f64) -> Self {
        let ratio = self.value / value;
        self.beside(what, value, ratio)
    }

    /// Holds it against what took turns with it; `ratio` is the median of the rounds' ratios.
    pub(super) fn beside(self, what: impl Into<String>, value: f64, ratio: f64) -> Self {
        let what = what.into();
        Self {
            against: Some(Against { what, value }),
            ratio: Some(ratio),
            ..self
        }
    }

    /// Judges it.
    pub(super) fn must(self, must: Must) -> Self {
        let judged = self.ratio.unwrap_or(self.value);
        let holds = match must {
            Must::AtLeast(least) => judged >= least,
            Must::AtMost(most) => judged <= most,
        };
        Self {
            must: Some(must),
            holds: Some(holds),
            ..self
        }
    }

    /// Its cells, as people read them.
    pub(super) fn cells(&self) -> Vec<String> {
        let against = self.against.as_ref();
        let must = self.must.map(|must| match must {
            Must::AtLeast(least) => format!("≥ {}", short(least)),
            Must::AtMost(most) => format!("≤ {}", short(most)),
        });
        vec![
            self.name.to_owned(),
            self.what.clone(),
            format!("{} {}", short(self.value), self.unit)
                .trim_end()
                .to_owned(),
            against.map_or_else(
                || "–".to_owned(),
                |other| format!("{} ({})", short(other.value), other.what),
            ),
            self.ratio.map_or_else(|| "–".to_owned(), short),
            must.unwrap_or_else(|| "–".to_owned()),
            self.holds
                .map_or("–", |holds| if holds { "yes" } else { "NO" })
                .to_owned(),
        ]
    }
}

/// The titles over the cells.
pub(super) const TITLES: &[&str] = &["#", "what", "value", "against", "ratio", "must", "holds"];

/// A number with as many digits as it deserves.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The middle one; of an even number, the mean of the two in the middle. Nothing of nothing.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle.wrapping_sub(1)), sorted.get(middle)) {
        (Some(below), Some(above)) if sorted.len().is_multiple_of(2) => f64::midpoint(*below, *above),
        (_, Some(middle)) => *middle,
        (_, None) => f64::NAN,
    }
}

/// The smallest value that `percent` of a hundred do not exceed (nearest rank).
pub(super) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

/// Each round's A by its B.
pub(super) fn ratios(rounds: &[(f64, f64)]) -> f64 {
    median(&rounds.iter().map(|(a, b)| a / b).collect::<Vec<_>>())
}

/// The median of each side.
pub(super) fn medians(rounds: &[(f64, f64)]) -> (f64, f64) {
    let (a, b): (Vec<_>, Vec<_>) = rounds.iter().copied().unzip();
    (median(&a), median(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ranks() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan() && percentile(&[], 99).is_nan());
        let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 99)), (50.0, 99.0));
        assert_eq!((percentile(&[7.0], 99), percentile(&[1.0, 9.0], 99)), (7.0, 9.0));
        // One slow window on both sides does not move it.
        assert_eq!(ratios(&[(10.0, 5.0), (1.0, 0.5), (9.0, 3.0)]), 2.0);
        assert_eq!(medians(&[(10.0, 5.0), (1.0, 0.5), (9.0, 3.0)]), (9.0, 3.0));
    }

    #[test]
    fn a_ratio_is_judged_where_there_is_one_and_else_the_value() {
        let row = Figure::new("P1", "x", 8_000.0, "a second");
        assert_eq!(row.clone().must(Must::AtLeast(9_000.0)).holds, Some(false));
        let row = row.against("Svix", 1_600.0).must(Must::AtLeast(5.0));
        assert_eq!((row.ratio, row.holds), (Some(5.0), Some(true)));
        assert_eq!(row.must(Must::AtMost(4.9)).holds, Some(false));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0, 0.0623, 0.25, 1.0, 12.34, 1_567.4].map(short),
            ["0", "0.062", "0.25", "1", "12.3", "1567"]
        );
    }
}
