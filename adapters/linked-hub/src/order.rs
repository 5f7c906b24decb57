//! The order in which a linked dossier's states may be told: 1, 3, 7, 4, 5, with 2 and 6 beside the road (§4.7). The hub
//! refuses what comes too early, so it does not leave.

/// A state of a linked dossier, by the hub's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 1: newly received by the one-stop desk.
    Received,
    /// 2: a supplement is asked for.
    Supplement,
    /// 3: accepted by the one-stop desk.
    Accepted,
    /// 4: registered; the result goes with it.
    Finished,
    /// 5: the result was handed over.
    Returned,
    /// 6: refused.
    Refused,
    /// 7: forwarded to the register of the ministry.
    Forwarded,
}

impl State {
    /// All of them, by their numbers.
    pub const ALL: [State; 7] = [
        State::Received,
        State::Supplement,
        State::Accepted,
        State::Finished,
        State::Returned,
        State::Refused,
        State::Forwarded,
    ];

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            State::Received => 1,
            State::Supplement => 2,
            State::Accepted => 3,
            State::Finished => 4,
            State::Returned => 5,
            State::Refused => 6,
            State::Forwarded => 7,
        }
    }

    /// The one with that number.
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.number() == number)
    }

    /// What must have been told before it, first things first.
    const fn after(self) -> &'static [State] {
        match self {
            State::Received => &[],
            State::Supplement | State::Refused | State::Accepted => &[State::Received],
            State::Forwarded => &[State::Received, State::Accepted],
            State::Finished => &[State::Received, State::Accepted, State::Forwarded],
            State::Returned => &[
                State::Received,
                State::Accepted,
                State::Forwarded,
                State::Finished,
            ],
        }
    }
}

/// What to do with a state that is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Tell it.
    Send,
    /// It was told already.
    Done,
    /// Another one must be told first.
    After(State),
    /// The dossier has come to its end there; nothing but a person changes that.
    Never,
}

/// What was told of one dossier, and taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Order {
    told: u8,
    last: Option<State>,
}

impl Order {
    /// The order after these were told, one after the other.
    #[must_use]
    pub fn of(told: impl IntoIterator<Item = State>) -> Self {
        let mut order = Order::default();
        told.into_iter().for_each(|state| order.note(state));
        order
    }

    /// Whether that state was told.
    #[must_use]
    pub const fn has(&self, state: State) -> bool {
        self.told & bit(state) != 0
    }

    /// What to do with `next`. A supplement may be asked for more than once, every other state is told once.
    #[must_use]
    pub fn turn(&self, next: State) -> Turn {
        let again = next == State::Supplement && self.last != Some(State::Supplement);
        if self.has(next) && !again {
            return Turn::Done;
        }
        let ended = self.has(State::Refused) || self.has(State::Returned);
        if ended || (self.has(State::Finished) && next != State::Returned) {
            return Turn::Never;
        }
        let missing = next.after().iter().find(|before| !self.has(**before));
        missing.map_or(Turn::Send, |before| Turn::After(*before))
    }

    /// Notes that a state was told and taken.
    pub const fn note(&mut self, state: State) {
        self.told |= bit(state);
        self.last = Some(state);
    }
}

const fn bit(state: State) -> u8 {
    1 << state.number()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The hub, as its words tell it: what it has, and whether it takes the next.
    fn takes(has: &[u8], next: u8) -> bool {
        let all = |wanted: &[u8]| wanted.iter().all(|state| has.contains(state));
        let free = !has.contains(&6) && !has.contains(&5);
        match next {
            1 => has.is_empty(),
            4 => free && all(&[1, 3, 7]) && !has.contains(&4),
            5 => free && all(&[4]),
            7 => free && all(&[1, 3]) && !has.contains(&4) && !has.contains(&7),
            2 => free && all(&[1]) && !has.contains(&4),
            _ => free && all(&[1]) && !has.contains(&4) && !has.contains(&next),
        }
    }

    #[test]
    fn trap_14_the_road_is_1_3_7_4_5_and_2_and_6_lie_beside_it() {
        use State::{Accepted, Finished, Forwarded, Received, Refused, Returned, Supplement};
        let road = [Received, Accepted, Forwarded, Finished, Returned];
        for (n, state) in road.into_iter().enumerate() {
            let order = Order::of(road[..n].iter().copied());
            assert_eq!(order.turn(state), Turn::Send);
            // Whatever lies further along the road waits for this one.
            for later in &road[n + 1..] {
                assert_eq!(order.turn(*later), Turn::After(state), "{n} {later:?}");
            }
            for told in &road[..n] {
                assert_eq!(order.turn(*told), Turn::Done);
            }
        }
        assert_eq!(Order::default().turn(Supplement), Turn::After(Received));
        let asked = Order::of([Received, Accepted, Supplement]);
        assert_eq!(asked.turn(Supplement), Turn::Done);
        assert_eq!(asked.turn(Forwarded), Turn::Send);
        assert_eq!(
            Order::of([Received, Supplement, Accepted]).turn(Supplement),
            Turn::Send
        );
        for state in State::ALL {
            let refused = Order::of([Received, Refused]).turn(state);
            let expected = if matches!(state, Received | Refused) {
                Turn::Done
            } else {
                Turn::Never
            };
            assert_eq!(refused, expected);
            assert_eq!(State::of(state.number()), Some(state));
        }
        assert_eq!(Order::of(road).turn(Refused), Turn::Never);
        assert_eq!((State::of(0), State::of(8)), (None, None));
    }

    proptest! {
        #[test]
        fn whatever_is_wanted_in_whatever_order_the_hub_takes_what_leaves(
            wanted in proptest::collection::vec(1_u8..8, 0..40),
        ) {
            let mut order = Order::default();
            let mut hub = Vec::new();
            for number in wanted {
                let next = State::of(number).unwrap();
                match order.turn(next) {
                    Turn::Send => {
                        prop_assert!(takes(&hub, number), "{hub:?} {number}");
                        hub.push(number);
                        order.note(next);
                    }
                    Turn::Done => prop_assert!(hub.contains(&number)),
                    Turn::After(before) => {
                        prop_assert!(!takes(&hub, number), "{hub:?} {number}");
                        prop_assert!(!hub.contains(&before.number()));
                    }
                    Turn::Never => prop_assert!(!takes(&hub, number), "{hub:?} {number}"),
                }
                prop_assert_eq!(order, Order::of(hub.iter().filter_map(|number| State::of(*number))));
            }
        }

        #[test]
        fn who_does_what_is_asked_first_always_comes_to_the_end(detours in proptest::collection::vec(any::<bool>(), 8)) {
            let mut order = Order::default();
            for detour in detours {
                if detour && order.turn(State::Supplement) == Turn::Send {
                    order.note(State::Supplement);
                }
                let mut next = State::Returned;
                while let Turn::After(before) = order.turn(next) {
                    next = before;
                }
                if order.turn(next) == Turn::Send {
                    order.note(next);
                }
            }
            prop_assert_eq!(order.turn(State::Returned), Turn::Done);
        }
    }
}
