//! What became of a document (§1.5): the codes of status packets, and the life that their sequence tells. The status of a
//! packet on the axis is another thing: [`Transport`].

use crate::moment::Moment;

/// A code of the standard. Each is two digits on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// 01: arrived, not handled yet.
    Arrived,
    /// 02: refused; the description says why.
    Refused,
    /// 03: accepted and entered in the register.
    Accepted,
    /// 04: assigned by a leader.
    Assigned,
    /// 05: in progress.
    Underway,
    /// 06: finished.
    Finished,
    /// 13: the sender asks to take the document back.
    Asked,
    /// 15: the receiver agrees to the update or the taking back.
    Agreed,
    /// 16: the receiver does not agree.
    Declined,
}

impl Code {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Arrived,
        Self::Refused,
        Self::Accepted,
        Self::Assigned,
        Self::Underway,
        Self::Finished,
        Self::Asked,
        Self::Agreed,
        Self::Declined,
    ];

    /// Its two digits.
    #[must_use]
    pub const fn digits(self) -> &'static str {
        match self {
            Self::Arrived => "01",
            Self::Refused => "02",
            Self::Accepted => "03",
            Self::Assigned => "04",
            Self::Underway => "05",
            Self::Finished => "06",
            Self::Asked => "13",
            Self::Agreed => "15",
            Self::Declined => "16",
        }
    }

    /// The one with these digits; a leading zero may be missing, as some databases keep the number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let whole = |code: &&Self| code.digits() == text || code.digits().strip_prefix('0') == Some(text);
        Self::ALL.iter().find(whole).copied()
    }

    /// Whether the receiver's part ends with it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Refused | Self::Finished | Self::Agreed)
    }

    /// Whether the sender says it; all others are the receiver's.
    #[must_use]
    pub const fn is_sender(self) -> bool {
        matches!(self, Self::Asked)
    }
}

/// One status that came, in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What it says.
    pub code: Code,
    /// When it was said, where it is known.
    pub at: Option<Moment>,
}

/// What one more status changes. Whatever it is, the status joins the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The document stands elsewhere now.
    Moved {
        /// Where it stood.
        from: Option<Code>,
        /// Where it stands.
        to: Code,
    },
    /// It says what stands already.
    Repeated,
    /// It came late: something newer stands.
    Late {
        /// What stands.
        stands: Code,
    },
    /// The sender wants it back; where it stands is not touched until 15 comes.
    Asked,
    /// The receiver does not give it back; where it stands is not touched.
    Declined,
    /// It contradicts an end that stands. Nothing is changed, and a person must know.
    Ended {
        /// The end that stands.
        stands: Code,
    },
}

/// What a status changes about a document with this history. Any order is taken: what came late joins the history and
/// moves nothing, and an end (02, 06, 15) is left for one thing only: the receiver gives back (15) what it was asked for (13).
#[must_use]
pub fn merge(history: &[Event], status: Event) -> Change {
    let asked = history.iter().any(|event| event.code == Code::Asked);
    next(stands(history), asked, status)
}

/// Where a document with this history stands: the event that brought it there.
#[must_use]
pub fn stands(history: &[Event]) -> Option<Event> {
    let (mut stands, mut asked) = (None, false);
    for event in history {
        if matches!(next(stands, asked, *event), Change::Moved { .. }) {
            stands = Some(*event);
        }
        asked |= event.code == Code::Asked;
    }
    stands
}

fn next(stands: Option<Event>, asked: bool, status: Event) -> Change {
    let moved = Change::Moved {
        from: stands.map(|event| event.code),
        to: status.code,
    };
    let beside = match status.code {
        Code::Asked => Some(Change::Asked),
        Code::Declined => Some(Change::Declined),
        Code::Arrived
        | Code::Refused
        | Code::Accepted
        | Code::Assigned
        | Code::Underway
        | Code::Finished
        | Code::Agreed => None,
    };
    let Some(stands) = stands else {
        return beside.unwrap_or(moved);
    };
    let (code, later) = (stands.code, is_later(stands, status));
    match beside {
        _same if status.code == code => Change::Repeated,
        _given_back if code == Code::Agreed => Change::Ended { stands: code },
        Some(beside) => beside,
        None if status.code == Code::Agreed && asked => moved,
        None if !later => Change::Late { stands: code },
        None if code.is_final() => Change::Ended { stands: code },
        None => moved,
    }
}

/// Whether it was said after what stands: by the clock where both have one, else by the usual order of codes. What ends
/// counts as later even when the clock does not help.
fn is_later(stands: Event, status: Event) -> bool {
    match (stands.at, status.at) {
        (Some(before), Some(after)) if before != after => after > before,
        _ => status.code > stands.code || status.code.is_final(),
    }
}

/// What the axis is told of a packet (§2): this ends its stay in the list of what was received, and says nothing of the
/// document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// It is being fetched.
    Processing,
    /// It was stored: it is not listed any more.
    Done,
    /// It could not be read.
    Failed,
}

impl Transport {
    /// The axis's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Failed => "fail",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(code: &str, second: i64) -> Event {
        Event {
            code: Code::parse(code).unwrap(),
            at: Moment::new(1_767_666_600_000 + second * 1_000),
        }
    }

    fn bare(code: &str) -> Event {
        Event {
            code: Code::parse(code).unwrap(),
            at: None,
        }
    }

    /// What each of them changes, one after the other, and where the document stands at the end.
    fn told(events: &[Event]) -> (Vec<Change>, Option<Code>) {
        let changes = (0..events.len()).map(|n| merge(&events[..n], events[n]));
        (changes.collect(), stands(events).map(|event| event.code))
    }

    #[test]
    fn codes_are_two_digits_and_are_read_without_their_zero() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.digits()), Some(*code));
        }
        assert_eq!(Code::parse("6"), Some(Code::Finished));
        for none in ["", "0", "00", "006", "07", "12", "14", "17", "1 ", "a"] {
            assert_eq!(Code::parse(none), None, "{none}");
        }
    }

    #[test]
    fn any_order_is_taken_and_what_came_late_moves_nothing() {
        let (changes, end) = told(&[at("03", 3), at("05", 3), at("01", 1), at("06", 9)]);
        let moved = |from, to| Change::Moved { from, to };
        assert_eq!(
            changes,
            [
                moved(None, Code::Accepted),
                moved(Some(Code::Accepted), Code::Underway),
                Change::Late {
                    stands: Code::Underway
                },
                moved(Some(Code::Underway), Code::Finished),
            ]
        );
        assert_eq!(end, Some(Code::Finished));
        // Back to the leader, later by the clock.
        assert_eq!(told(&[at("05", 1), at("04", 2)]).1, Some(Code::Assigned));
        assert_eq!(told(&[bare("05"), bare("01")]).1, Some(Code::Underway));
    }

    #[test]
    fn an_end_is_not_left_and_who_contradicts_it_is_told_of() {
        for end in ["02", "06", "15"] {
            let stands = Code::parse(end).unwrap();
            for other in ["01", "03", "04", "05", "02", "06"]
                .into_iter()
                .filter(|other| *other != end)
            {
                let change = merge(&[at(end, 1)], at(other, 2));
                assert_eq!(change, Change::Ended { stands }, "{other} after {end}");
            }
            assert_eq!(merge(&[at(end, 1)], at(end, 2)), Change::Repeated);
        }
        assert_eq!(
            merge(&[at("06", 5)], at("05", 1)),
            Change::Late {
                stands: Code::Finished
            }
        );
        // Nobody had asked for it.
        assert_eq!(
            merge(&[at("06", 1)], at("15", 2)),
            Change::Ended {
                stands: Code::Finished
            }
        );
    }

    #[test]
    fn a_document_is_given_back_only_when_15_comes() {
        let asked = [at("06", 1), at("13", 2)];
        assert_eq!(told(&asked).1, Some(Code::Finished));
        assert_eq!(merge(&asked, at("16", 3)), Change::Declined);
        let back = merge(&asked, at("15", 3));
        assert_eq!(
            back,
            Change::Moved {
                from: Some(Code::Finished),
                to: Code::Agreed
            }
        );
        let after = [asked[0], asked[1], at("15", 3)];
        assert_eq!(merge(&after, at("13", 4)), Change::Ended { stands: Code::Agreed });
        assert_eq!(merge(&[], at("13", 4)), Change::Asked);
    }

    proptest! {
        #[test]
        fn an_end_is_left_only_for_what_was_asked_back(
            events in prop::collection::vec((0_usize..9, prop::option::of(0_i64..6)), 0..12)
        ) {
            let events: Vec<Event> = events
                .into_iter()
                .map(|(n, second)| Event { code: Code::ALL[n], at: second.and_then(|second| at("01", second).at) })
                .collect();
            for n in 0..events.len() {
                let (before, event) = (stands(&events[..n]), events[n]);
                let change = merge(&events[..n], event);
                let after = stands(&events[..=n]);
                match change {
                    Change::Moved { from, to } => {
                        prop_assert_eq!((from, to), (before.map(|event| event.code), event.code));
                        prop_assert_eq!(after, Some(event));
                        let asked = events[..n].iter().any(|event| event.code == Code::Asked);
                        prop_assert!(from.is_none_or(|from| !from.is_final() || (to == Code::Agreed && asked)));
                    }
                    Change::Repeated | Change::Late { .. } | Change::Asked | Change::Declined | Change::Ended { .. } => {
                        prop_assert_eq!(after, before);
                    }
                }
            }
        }
    }
}
