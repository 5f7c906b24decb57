//! Who takes a turn when: keys that follow one another, each from one day until another.

use super::{Day, Time};

/// One that has its turn, from one moment until another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn<T> {
    /// What it is called, for people.
    pub name: String,
    /// When it begins; none, always has.
    pub from: Option<Time>,
    /// When it is over; none, never is.
    pub until: Option<Time>,
    /// Who it is.
    pub who: T,
}

/// Turns that may overlap: at each moment the one that began last is the one that acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rota<T> {
    /// By their beginning, the latest first.
    turns: Vec<Turn<T>>,
}

/// Two turns begin at the same moment, so that nobody could say whose it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{one}` and `{other}` begin at the same moment")]
pub struct Overlap {
    /// One of them, by its name.
    pub one: String,
    /// The other.
    pub other: String,
}

impl<T> Turn<T> {
    /// A turn from the beginning of one day until the beginning of another, in Viet Nam.
    pub fn between(name: impl Into<String>, from: Option<Day>, until: Option<Day>, who: T) -> Self {
        Self {
            name: name.into(),
            from: from.map(Time::beginning),
            until: until.map(Time::beginning),
            who,
        }
    }

    /// Whether that moment is within the turn; its end is not.
    pub fn covers(&self, at: Time) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

impl<T> Rota<T> {
    /// One that always has its turn.
    pub fn always(name: impl Into<String>, who: T) -> Self {
        Self {
            turns: vec![Turn::between(name, None, None, who)],
        }
    }

    /// The turns in any order.
    ///
    /// # Errors
    /// [`Overlap`] when two begin at the same moment.
    pub fn new(mut turns: Vec<Turn<T>>) -> Result<Self, Overlap> {
        turns.sort_by_key(|turn| std::cmp::Reverse(turn.from));
        match turns.windows(2).find(|pair| pair[0].from == pair[1].from) {
            None => Ok(Self { turns }),
            Some(pair) => Err(Overlap {
                one: pair[0].name.clone(),
                other: pair[1].name.clone(),
            }),
        }
    }

    /// Whose turn it is at that moment: of those that cover it, the one that began last.
    pub fn at(&self, at: Time) -> Option<&T> {
        self.turns
            .iter()
            .find(|turn| turn.covers(at))
            .map(|turn| &turn.who)
    }

    /// The first moment from `at` on at which it is nobody's turn; none, if it never comes.
    pub fn gap(&self, at: Time) -> Option<Time> {
        let mut open = at;
        loop {
            let turn = self.turns.iter().filter(|turn| turn.covers(open));
            // What never ends comes last.
            let last = turn.max_by_key(|turn| (turn.until.is_none(), turn.until));
            open = match last {
                None => return Some(open),
                Some(turn) => turn.until?,
            };
        }
    }

    /// All turns, the latest first.
    pub fn turns(&self) -> &[Turn<T>] {
        &self.turns
    }

    /// The same turns, with what `change` makes of those who have them.
    ///
    /// # Errors
    /// The first of `change`'s own.
    pub fn try_map<U, E>(&self, mut change: impl FnMut(&T) -> Result<U, E>) -> Result<Rota<U>, E> {
        let turn = |turn: &Turn<T>| {
            Ok(Turn {
                name: turn.name.clone(),
                from: turn.from,
                until: turn.until,
                who: change(&turn.who)?,
            })
        };
        let turns: Result<Vec<Turn<U>>, E> = self.turns.iter().map(turn).collect();
        Ok(Rota { turns: turns? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<Day> {
        Some(text.parse().unwrap())
    }

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    /// One key until the end of January, the next from the middle of it.
    fn two() -> Rota<&'static str> {
        Rota::new(vec![
            Turn::between("old", None, day("2027-02-01"), "old"),
            Turn::between("new", day("2027-01-15"), day("2028-01-01"), "new"),
        ])
        .unwrap()
    }

    #[test]
    fn the_turn_changes_at_midnight_in_viet_nam() {
        let two = two();
        for (moment, whose) in [
            ("1990-01-01T00:00:00+07:00", Some("old")),
            ("2027-01-14T23:59:59+07:00", Some("old")),
            ("2027-01-15T00:00:00+07:00", Some("new")),
            ("2027-01-14T17:00:00+00:00", Some("new")),
            ("2027-02-01T00:00:00+07:00", Some("new")),
            ("2027-12-31T23:59:59+07:00", Some("new")),
            ("2028-01-01T00:00:00+07:00", None),
        ] {
            assert_eq!(two.at(at(moment)).copied(), whose, "{moment}");
        }
        assert_eq!(
            Rota::always("one", 1).at(at("2027-01-01T00:00:00+07:00")),
            Some(&1)
        );
    }

    #[test]
    fn the_first_moment_that_nobody_covers_is_found() {
        let end = at("2028-01-01T00:00:00+07:00");
        assert_eq!(two().gap(at("2026-06-01T00:00:00+07:00")), Some(end));
        assert_eq!(
            two().gap(at("2029-06-01T00:00:00+07:00")),
            Some(at("2029-06-01T00:00:00+07:00"))
        );
        let holed = Rota::new(vec![
            Turn::between("old", None, day("2027-01-10"), ()),
            Turn::between("new", day("2027-01-11"), None, ()),
        ])
        .unwrap();
        assert_eq!(
            holed.gap(at("2027-01-01T00:00:00+07:00")),
            Some(at("2027-01-10T00:00:00+07:00"))
        );
        assert_eq!(holed.gap(at("2027-01-11T00:00:00+07:00")), None);
        assert_eq!(Rota::always("one", ()).gap(end), None);
        assert_eq!(Rota::<()>::new(Vec::new()).unwrap().gap(end), Some(end));
    }

    #[test]
    fn two_that_begin_together_are_refused() {
        let twice = vec![
            Turn::between("one", day("2027-01-10"), None, ()),
            Turn::between("other", day("2027-01-10"), day("2027-02-01"), ()),
        ];
        assert!(Rota::new(twice).is_err());
        let halved: Result<Rota<u8>, u8> = two().try_map(|name| name.len().try_into().map_err(|_| 0));
        assert_eq!(halved.unwrap().at(at("2027-06-01T00:00:00+07:00")), Some(&3));
        assert_eq!(two().try_map(|_| Err::<(), _>("no")), Err("no"));
    }
}
