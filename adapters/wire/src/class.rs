//! What a call came to, as one closed list that every wire of a national database reads its answers into.

use crate::answer::{Next, Reading, Verdict};
use crate::operation::Heals;

/// Gives an enum of plain words its text form, both ways.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word, as it stands in evidence, metrics and answers.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with that word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// The closed list (national-databases.md §9.2).
    Class {
        /// Done.
        Ok = "ok",
        /// The subject was found, and what was asked agrees.
        Match = "match",
        /// Nothing found, or the details disagree: the partner does not tell which.
        NoMatch = "no_match",
        /// The number was found, other details differ.
        Mismatch = "mismatch",
        /// More than one was found; none is passed on.
        Ambiguous = "ambiguous",
        /// The partner has it already: counts as done.
        Duplicate = "duplicate",
        /// Our data or the user's is not what the partner takes.
        InvalidInput = "invalid_input",
        /// A right, licence, subscription or address is missing.
        Denied = "denied",
        /// The service is not modelled.
        NotSupported = "not_supported",
        /// A wrong path, resource or unit code: the operator's to mend.
        ConfigError = "config_error",
        /// The session or token is not taken: once more with a fresh one.
        UpstreamAuth = "upstream_auth",
        /// Too fast.
        RateLimited = "rate_limited",
        /// Refused in the partner's own words.
        UpstreamRejected = "upstream_rejected",
        /// A state that must come before is missing: later, in order.
        UpstreamOutOfOrder = "upstream_out_of_order",
        /// The partner or the way to it is down.
        UpstreamUnavailable = "upstream_unavailable",
        /// The answer cannot be read.
        UpstreamMalformed = "upstream_malformed",
        /// Nothing left in time.
        TimeoutBeforeSend = "timeout_before_send",
        /// It left, and no answer came in time.
        UnknownResult = "unknown_result",
    }
}

words! {
    /// Who said it: the links of the chain between a province and a ministry (§1.1).
    Hop {
        /// This gateway.
        Gateway = "gateway",
        /// The province's platform.
        Lgsp = "lgsp",
        /// The national platform (NDXP, VDXP).
        Ndxp = "ndxp",
        /// The ministry's own service.
        Ministry = "ministry",
    }
}

impl Class {
    /// Whether the question was answered, whatever the answer.
    #[must_use]
    pub const fn is_answer(self) -> bool {
        match self {
            Self::Ok | Self::Match | Self::NoMatch | Self::Mismatch | Self::Ambiguous | Self::Duplicate => {
                true
            }
            Self::InvalidInput
            | Self::Denied
            | Self::NotSupported
            | Self::ConfigError
            | Self::UpstreamAuth
            | Self::RateLimited
            | Self::UpstreamRejected
            | Self::UpstreamOutOfOrder
            | Self::UpstreamUnavailable
            | Self::UpstreamMalformed
            | Self::TimeoutBeforeSend
            | Self::UnknownResult => false,
        }
    }

    /// Whether the same may be tried again later (§9.2, column "Retry").
    #[must_use]
    pub const fn retries(self) -> bool {
        match self {
            Self::UpstreamAuth
            | Self::RateLimited
            | Self::UpstreamOutOfOrder
            | Self::UpstreamUnavailable
            | Self::UpstreamMalformed
            | Self::TimeoutBeforeSend
            | Self::UnknownResult => true,
            Self::Ok
            | Self::Match
            | Self::NoMatch
            | Self::Mismatch
            | Self::Ambiguous
            | Self::Duplicate
            | Self::InvalidInput
            | Self::Denied
            | Self::NotSupported
            | Self::ConfigError
            | Self::UpstreamRejected => false,
        }
    }

    /// Verdict and next step of a call that came to this. What is broken on the way says nothing of a push: it heals
    /// by its operation.
    #[must_use]
    pub fn reading(self, heals: Heals) -> Reading {
        let reading = match self {
            _answered if self.is_answer() => Reading::new(Verdict::Accepted, Next::Settle),
            Self::UpstreamAuth => Reading::new(Verdict::Refused, Next::Login),
            Self::RateLimited | Self::UpstreamOutOfOrder | Self::TimeoutBeforeSend => {
                Reading::new(Verdict::Refused, Next::Retry)
            }
            Self::UpstreamUnavailable | Self::UpstreamMalformed | Self::UnknownResult => {
                Reading::unclear(heals)
            }
            Self::InvalidInput
            | Self::Denied
            | Self::NotSupported
            | Self::ConfigError
            | Self::UpstreamRejected
            | Self::Ok
            | Self::Match
            | Self::NoMatch
            | Self::Mismatch
            | Self::Ambiguous
            | Self::Duplicate => Reading::new(Verdict::Refused, Next::Person),
        };
        Reading {
            class: Some(self),
            ..reading
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_an_answer_is_never_tried_again() {
        for class in Class::ALL {
            assert_eq!(Class::from_word(class.word()), Some(*class));
            assert!(!(class.is_answer() && class.retries()), "{class:?}");
        }
        for hop in Hop::ALL {
            assert_eq!(Hop::from_word(hop.word()), Some(*hop));
        }
    }

    #[test]
    fn what_broke_on_the_way_is_unclear_and_heals_by_its_operation() {
        for class in [
            Class::UpstreamUnavailable,
            Class::UpstreamMalformed,
            Class::UnknownResult,
        ] {
            for heals in [Heals::Repeatable, Heals::Probed { by: "x" }, Heals::Neither] {
                assert_eq!(class.reading(heals).next, Reading::unclear(heals).next);
                assert_eq!(class.reading(heals).verdict, Verdict::Unclear);
            }
        }
        assert_eq!(
            Class::Duplicate.reading(Heals::Neither).verdict,
            Verdict::Accepted
        );
        assert_eq!(Class::UpstreamAuth.reading(Heals::Neither).next, Next::Login);
        assert_eq!(Class::Denied.reading(Heals::Repeatable).next, Next::Person);
    }
}
