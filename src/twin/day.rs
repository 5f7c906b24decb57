//! Bad days by name: what a day does to a call, as a pure function of seed, call and turn.

use super::Error;
use super::databases::Trap;
use std::time::Duration;

/// A day of the national side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Day {
    /// Nothing goes wrong.
    #[default]
    Calm,
    /// Every answer takes 50–400 ms.
    Slow,
    /// 502 with a page of HTML, in bursts.
    Storm,
    /// Some pushes are taken and flushed, and then never answered.
    HangsAfterApplying,
    /// HTTP 200 over an error, plain text, nothing or half a document; sometimes after taking the push.
    Lies,
    /// `error_code` is always a number.
    CodesAsInt,
    /// `error_code` is always a text.
    CodesAsString,
    /// “đã tồn tại” comes with code 0; another system creates some dossiers first.
    ExistsZero,
    /// “đã tồn tại” comes with code 3; another system creates some dossiers first.
    ExistsThree,
    /// “đã tồn tại” comes with code -3; another system creates some dossiers first.
    ExistsMinusThree,
    /// Sessions end after a few calls or one second.
    ShortSessions,
    /// Connections are cut within the answer, after the push was taken.
    Resets,
    /// Bursts of 429 and 503 with `Retry-After`.
    Limits,
    /// Some steps are taken and answered with HTTP 500; a repeated step is refused.
    ForgetfulSteps,
    /// A repeated step is refused.
    FragileSteps,
    /// `message` carries a JSON document as a text.
    Nested,
    /// Any of the others, call by call.
    Stranger,
    /// Some look-ups are answered about somebody else, or about two persons.
    WrongPerson,
    /// Some look-ups are answered with a billion laughs, with 50 MiB, or without end in depth.
    Bombs,
    /// Some look-ups are answered with a page, a text, another namespace, or half.
    Garbled,
    /// The hub lists everything twice, changes what was read and not acknowledged, and loses every first acknowledgement: before
    /// it takes it, or after.
    Untidy,
}

const ALL: [(Day, &str); 21] = [
    (Day::Calm, "calm"),
    (Day::Slow, "slow"),
    (Day::Storm, "storm"),
    (Day::HangsAfterApplying, "hangs-after-applying"),
    (Day::Lies, "lies"),
    (Day::CodesAsInt, "codes-as-int"),
    (Day::CodesAsString, "codes-as-string"),
    (Day::ExistsZero, "exists-zero"),
    (Day::ExistsThree, "exists-three"),
    (Day::ExistsMinusThree, "exists-minus-three"),
    (Day::ShortSessions, "short-sessions"),
    (Day::Resets, "resets"),
    (Day::Limits, "limits"),
    (Day::ForgetfulSteps, "forgetful-steps"),
    (Day::FragileSteps, "fragile-steps"),
    (Day::Nested, "nested"),
    (Day::Stranger, "stranger"),
    (Day::WrongPerson, "wrong-person"),
    (Day::Bombs, "bombs"),
    (Day::Garbled, "garbled"),
    (Day::Untidy, "untidy"),
];

/// So many of the days do something to the portal; they stand first, and `stranger` after them.
const OF_THE_PORTAL: u64 = 16;

const NAMES: [&str; ALL.len()] = {
    let mut names = [""; ALL.len()];
    let mut place = 0;
    while place < ALL.len() {
        names[place] = ALL[place].1;
        place += 1;
    }
    names
};

/// The names of all days.
pub fn days() -> &'static [&'static str] {
    &NAMES
}

/// What kind of call a day looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Login,
    Read,
    Lookup,
    Push,
    Progress,
    /// A token of the databases.
    Token,
    /// A look-up in a database.
    Inquire,
    /// A registration in a database.
    Register,
    /// A call of the payment platform.
    Pay,
}

/// A print of what a call is about.
pub(super) fn print(about: &[u8]) -> u64 {
    let digest = openssl::sha::sha256(about);
    digest
        .iter()
        .take(8)
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// What happens to one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) wait: Option<Duration>,
    /// Answered instead of taking the call.
    pub(super) before: Option<Before>,
    /// Done to the answer after the call was taken.
    pub(super) after: Option<After>,
    /// Another system creates the dossier first.
    pub(super) exists: bool,
    pub(super) shape: Shape,
    /// A repeated step is refused.
    pub(super) fragile: bool,
    /// This login gives a short session.
    pub(super) short: bool,
    /// Done to this look-up.
    pub(super) trap: Option<Trap>,
    /// The hub is untidy with this call.
    pub(super) untidy: bool,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) code: CodeAs,
    /// The code of “đã tồn tại”.
    pub(super) exists: Option<i64>,
    pub(super) nested: bool,
}

/// How `error_code` is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum CodeAs {
    /// As the specification's samples do it, service by service.
    #[default]
    Sample,
    Int,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    BadGateway,
    TooMany,
    Unavailable,
    Lie(Lie),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Hang,
    /// The connection is cut after so many bytes of the body.
    Cut(usize),
    Forget,
    Lie(Lie),
}

/// HTTP 200 that does not say what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    ErrorBody,
    PlainText,
    Fault,
    Empty,
    Half,
}

/// Everything that chance may depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    pub(super) seed: u64,
    /// What the call is about: a print of its payload.
    pub(super) key: u64,
    /// How often this key was seen before.
    pub(super) attempt: u64,
    /// How many calls came before, for bursts.
    pub(super) turn: u64,
    /// Multiplies the odds: on a stranger day each of the others is rare, so it bites harder.
    pub(super) boost: u64,
}

impl Day {
    /// The day of that name.
    pub fn named(name: &str) -> Result<Day, Error> {
        let found = ALL.iter().find(|(_, known)| *known == name);
        found.map(|(day, _)| *day).ok_or_else(|| Error::Day {
            name: name.to_owned(),
            known: days().join(", "),
        })
    }

    /// The name of this day.
    pub fn name(self) -> &'static str {
        ALL.iter()
            .find(|(day, _)| *day == self)
            .map_or("", |(_, name)| name)
    }

    pub(super) fn plan(self, call: Call, draw: &Draw) -> Plan {
        let told = matches!(
            call,
            Call::Push | Call::Progress | Call::Inquire | Call::Register | Call::Pay
        );
        let mut plan = Plan::default();
        match self {
            Day::Calm => {}
            Day::Slow => plan.wait = Some(Duration::from_millis(50 + draw.below(1, 351))),
            Day::Storm if (20..35).contains(&((draw.turn + draw.seed) % 60)) => {
                plan.before = Some(Before::BadGateway)
            }
            Day::Storm => {}
            Day::HangsAfterApplying => plan.after = (told && draw.chance(2, 10)).then_some(After::Hang),
            Day::Lies => draw.lie(call, &mut plan),
            Day::CodesAsInt => plan.shape.code = CodeAs::Int,
            Day::CodesAsString => plan.shape.code = CodeAs::Text,
            Day::ExistsZero => draw.exists(0, call, &mut plan),
            Day::ExistsThree => draw.exists(3, call, &mut plan),
            Day::ExistsMinusThree => draw.exists(-3, call, &mut plan),
            Day::ShortSessions => plan.short = true,
            Day::Resets => {
                let hit = !matches!(call, Call::Read | Call::Token) && draw.chance(3, 15);
                plan.after = hit.then(|| After::Cut(usize::try_from(draw.below(4, 30)).unwrap_or(0)));
            }
            Day::Limits => plan.before = draw.limit(),
            Day::ForgetfulSteps => {
                plan.fragile = true;
                plan.after = (call == Call::Progress && draw.chance(5, 15)).then_some(After::Forget);
            }
            Day::FragileSteps => plan.fragile = true,
            Day::Nested => plan.shape.nested = call != Call::Login,
            Day::Stranger => return draw.any(call).plan(call, &Draw { boost: 4, ..*draw }),
            Day::WrongPerson => plan.trap = draw.trap(call, &[Trap::Another, Trap::Two]),
            Day::Bombs => plan.trap = draw.trap(call, &[Trap::Laughs, Trap::Huge, Trap::Deep]),
            Day::Garbled => {
                plan.trap = draw.trap(call, &[Trap::Page, Trap::Text, Trap::Namespace, Trap::Cut])
            }
            Day::Untidy => plan.untidy = true,
        }
        plan
    }
}

impl Draw {
    /// The same numbers give the same draw, on any machine.
    fn roll(&self, salt: u64) -> u64 {
        [self.key, self.attempt, salt]
            .iter()
            .fold(self.seed, |sum, part| mix(sum ^ mix(*part)))
    }

    fn below(&self, salt: u64, end: u64) -> u64 {
        self.roll(salt) % end
    }

    fn chance(&self, salt: u64, percent: u64) -> bool {
        self.below(salt, 100) < percent * self.boost
    }

    fn lie(&self, call: Call, plan: &mut Plan) {
        let (percent, after) = match call {
            Call::Login | Call::Token => (5, false),
            Call::Read => (0, false),
            Call::Lookup => (10, false),
            Call::Push | Call::Progress | Call::Inquire | Call::Register | Call::Pay => {
                (20, self.below(6, 2) == 0)
            }
        };
        if !self.chance(7, percent) {
            return;
        }
        let lie = match self.below(8, 5) {
            0 => Lie::ErrorBody,
            1 => Lie::PlainText,
            2 => Lie::Fault,
            3 => Lie::Empty,
            _ => Lie::Half,
        };
        if after {
            plan.after = Some(After::Lie(lie));
        } else {
            plan.before = Some(Before::Lie(lie));
        }
    }

    fn exists(&self, code: i64, call: Call, plan: &mut Plan) {
        plan.shape.exists = Some(code);
        plan.exists = call == Call::Push && self.chance(9, 20);
    }

    fn limit(&self) -> Option<Before> {
        match (self.turn + self.seed) % 40 {
            10..15 => Some(Before::TooMany),
            15..18 => Some(Before::Unavailable),
            _ => None,
        }
    }

    fn trap(&self, call: Call, traps: &[Trap]) -> Option<Trap> {
        let hit = call == Call::Inquire && self.chance(12, 15);
        let place = usize::try_from(self.below(13, traps.len() as u64)).unwrap_or(0);
        traps.get(place).copied().filter(|_| hit)
    }

    /// A third of the calls on a stranger day are calm.
    fn any(&self, call: Call) -> Day {
        if self.chance(10, 33) {
            return Day::Calm;
        }
        let inquiry = matches!(call, Call::Token | Call::Inquire | Call::Register);
        let others = if inquiry {
            ALL.len() as u64 - 1
        } else {
            OF_THE_PORTAL
        };
        let place = self.below(11, others);
        // The stranger day itself stands between those of the portal and those of look-ups alone.
        let place = if place < OF_THE_PORTAL { place } else { place + 1 };
        let place = usize::try_from(place).unwrap_or(0);
        ALL.get(place).map_or(Day::Calm, |(day, _)| *day)
    }
}

/// The finalizer of splitmix64: near numbers become far ones.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(day: Day, call: Call, hit: impl Fn(&Plan) -> bool) -> usize {
        let draw = |turn| Draw {
            seed: 7,
            key: turn * 31,
            attempt: 0,
            turn,
            boost: 1,
        };
        (0..2000)
            .filter(|turn| hit(&day.plan(call, &draw(*turn))))
            .count()
    }

    #[test]
    fn every_day_is_found_by_its_name_and_an_unknown_one_lists_them() {
        for name in days() {
            assert_eq!(Day::named(name).unwrap().name(), *name);
        }
        let message = Day::named("sunny").unwrap_err().to_string();
        assert!(
            message.contains("sunny") && message.contains("hangs-after-applying, lies"),
            "{message}"
        );
    }

    #[test]
    fn days_do_what_they_say_with_moderate_odds() {
        for day in ALL.map(|(day, _)| day) {
            let lost = share(day, Call::Push, |p| p.before.is_some() || p.after.is_some());
            assert!(lost < 700, "{} would never end: {lost}", day.name());
        }
        assert!(
            share(Day::HangsAfterApplying, Call::Push, |p| p.after
                == Some(After::Hang))
                > 120
        );
        assert!(
            share(Day::Lies, Call::Progress, |p| matches!(
                p.after,
                Some(After::Lie(_))
            )) > 100
        );
        assert!(
            share(Day::Lies, Call::Progress, |p| matches!(
                p.before,
                Some(Before::Lie(_))
            )) > 100
        );
        assert!(share(Day::ExistsZero, Call::Push, |p| p.exists) > 300);
        let storm = share(Day::Storm, Call::Push, |p| p.before == Some(Before::BadGateway));
        assert!((480..520).contains(&storm));
        assert_eq!(share(Day::Lies, Call::Read, |p| *p != Plan::default()), 0);
        for (day, traps) in [
            (Day::WrongPerson, &[Trap::Another, Trap::Two][..]),
            (Day::Bombs, &[Trap::Laughs, Trap::Huge, Trap::Deep]),
            (
                Day::Garbled,
                &[Trap::Page, Trap::Text, Trap::Namespace, Trap::Cut],
            ),
        ] {
            for trap in traps {
                assert!(
                    share(day, Call::Inquire, |p| p.trap == Some(*trap)) > 40,
                    "{trap:?}"
                );
                assert!(
                    share(Day::Stranger, Call::Inquire, |p| p.trap == Some(*trap)) > 4,
                    "{trap:?}"
                );
            }
            assert_eq!(share(day, Call::Register, |p| *p != Plan::default()), 0);
            assert_eq!(share(day, Call::Push, |p| *p != Plan::default()), 0);
        }
        for after in [After::Hang, After::Forget] {
            assert!(share(Day::Stranger, Call::Progress, |p| p.after == Some(after)) > 1);
        }
    }

    #[test]
    fn the_same_draw_gives_the_same_plan_and_the_next_attempt_another() {
        let draw = |attempt| Draw {
            seed: 1,
            key: 99,
            attempt,
            turn: 0,
            boost: 1,
        };
        let plans = |day: Day| {
            (0..50)
                .map(|n| day.plan(Call::Push, &draw(n)))
                .collect::<Vec<_>>()
        };
        assert_eq!(plans(Day::Stranger), plans(Day::Stranger));
        assert!(plans(Day::Lies).windows(2).any(|pair| pair[0] != pair[1]));
    }
}
