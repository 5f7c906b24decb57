//! The laws of reuse: which database stands for which papers, for which procedure, from when and until when. All of it is
//! dated data of `mappings/reuse/`: the scope is published and changes, and the resolution behind it ends (rules.md R-05).

mod read;

use std::collections::BTreeMap;

use crate::model::Day;

pub(super) use read::{Held, laws};

/// A row of a law: `66.7/2025/NQ-CP Đ4 k1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Basis {
    /// The law's number.
    pub law: String,
    /// The article and clause.
    pub article: String,
}

/// What one clause says: the data of a database stand for these papers.
#[derive(Clone, Debug)]
pub struct Article {
    /// The database, by the name that services begin with.
    pub database: String,
    /// The services that show it, `population/citizen`. None for a database that no wire reaches yet.
    pub services: Vec<String>,
    /// The papers it replaces, for people.
    pub replaces: Vec<String>,
    from: Option<Day>,
    until: Option<Day>,
}

/// What was published for one procedure: from then on these clauses hold for it.
#[derive(Clone, Debug)]
struct Scope {
    procedure: String,
    articles: Vec<String>,
    published: Day,
    until: Option<Day>,
}

/// One law.
#[derive(Clone, Debug)]
pub struct Law {
    /// What it is called.
    pub name: String,
    /// The first day it is in force.
    pub from: Day,
    /// The first day it is not.
    pub until: Option<Day>,
    /// Days that an agency has, from publication, to work by it.
    pub grace: u32,
    /// Whether it holds for every procedure, without being published for each.
    everywhere: bool,
    articles: BTreeMap<String, Article>,
    scope: Vec<Scope>,
}

/// Since when and until when a clause holds for a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The first day on which the data may be used.
    pub since: Day,
    /// The first day on which they must be: who asks for the paper from then on needs a reason.
    pub due: Day,
    /// The first day on which it no longer holds.
    pub until: Option<Day>,
}

/// The end of a law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// The law.
    pub law: String,
    /// The first day it is no longer in force.
    pub until: Day,
    /// How many days that is away; 0 or less when it has lapsed.
    pub days: i64,
}

/// Why an officer may ask for a paper although the state holds what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Its code, as officers' systems write it.
    pub code: String,
    /// What it says, in Vietnamese.
    pub vietnamese: String,
    /// What it says, in English.
    pub english: String,
}

/// A national database, as the portal counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// What it is called.
    pub name: String,
    /// Its code in `DSKetNoiCSDL`, where it is known.
    pub code: Option<String>,
}

/// All laws, and what goes with them: fact sets, reasons, databases.
#[derive(Clone, Debug, Default)]
pub struct Laws {
    laws: BTreeMap<String, Law>,
    sets: BTreeMap<String, Vec<String>>,
    reasons: Vec<Reason>,
    databases: BTreeMap<String, Database>,
}

impl Basis {
    /// Reads `66.7/2025/NQ-CP Đ4 k1`: the number ends at the first space.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (law, article) = text.trim().split_once(' ')?;
        Some(Self {
            law: law.to_owned(),
            article: article.trim().to_owned(),
        })
    }
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.law, self.article)
    }
}

impl Laws {
    /// A law by its number.
    #[must_use]
    pub fn law(&self, number: &str) -> Option<&Law> {
        self.laws.get(number)
    }

    /// All laws, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Law)> {
        self.laws.iter().map(|(number, law)| (number.as_str(), law))
    }

    /// A clause.
    #[must_use]
    pub fn article(&self, basis: &Basis) -> Option<&Article> {
        self.laws.get(&basis.law)?.articles.get(&basis.article)
    }

    /// How a clause stands for a procedure on a day; none when it does not hold then.
    #[must_use]
    pub fn standing(&self, basis: &Basis, procedure: &str, on: Day) -> Option<Standing> {
        self.laws.get(&basis.law)?.standing(&basis.article, procedure, on)
    }

    /// The laws that are not in force `within` days after `on`, soonest first; those that have lapsed are told too.
    #[must_use]
    pub fn lapses_within(&self, on: Day, within: u32) -> Vec<Lapse> {
        let lapse = |(number, law): (&String, &Law)| {
            let until = law.until?;
            let days = until.days() - on.days();
            (days <= i64::from(within)).then(|| Lapse {
                law: number.clone(),
                until,
                days,
            })
        };
        let mut lapses: Vec<Lapse> = self.laws.iter().filter_map(lapse).collect();
        lapses.sort_by_key(|lapse| lapse.days);
        lapses
    }

    /// What the state holds that these sets let a procedure see: paths of the held record.
    pub fn held_in<'a>(&'a self, sets: &'a [String]) -> impl Iterator<Item = &'a str> {
        sets.iter()
            .filter_map(|set| self.sets.get(set))
            .flatten()
            .map(String::as_str)
    }

    /// Whether these sets let a procedure see that path, or a record around it.
    #[must_use]
    pub fn allows(&self, sets: &[String], held: &str) -> bool {
        self.held_in(sets).any(|allowed| within(held, allowed))
    }

    /// The names of all fact sets.
    pub fn sets(&self) -> impl Iterator<Item = &str> {
        self.sets.keys().map(String::as_str)
    }

    /// The reasons that a supplement request may carry.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The reason that a text names by its code, if it names one.
    #[must_use]
    pub fn reason_in(&self, text: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| names(text, &reason.code))
    }

    /// The database that a service shows: `population/citizen` is of `population`.
    #[must_use]
    pub fn database_of(&self, service: &str) -> Option<&Database> {
        self.databases.get(service.split('/').next().unwrap_or_default())
    }

    /// Every clause of every law.
    pub fn clauses(&self) -> impl Iterator<Item = Basis> {
        let clause = |(number, law): (&String, &Law)| {
            let basis = |article: &String| Basis {
                law: number.clone(),
                article: article.clone(),
            };
            law.articles.keys().map(basis).collect::<Vec<_>>()
        };
        self.laws.iter().flat_map(clause)
    }

    /// Whether a clause was published for a procedure at any time.
    pub(super) fn publishes(&self, basis: &Basis, procedure: &str) -> bool {
        self.laws.get(&basis.law).is_some_and(|law| {
            let named =
                |scope: &Scope| scope.procedure == procedure && scope.articles.contains(&basis.article);
            law.everywhere || law.scope.iter().any(named)
        })
    }
}

impl Law {
    /// Its clauses, each by its article.
    pub fn articles(&self) -> impl Iterator<Item = (&str, &Article)> {
        self.articles.iter().map(|(key, article)| (key.as_str(), article))
    }

    fn standing(&self, article: &str, procedure: &str, on: Day) -> Option<Standing> {
        let row = self.articles.get(article)?;
        let all = Span::of(Some(self.from), self.until).and(Span::of(row.from, row.until));
        if self.everywhere {
            return all.standing(on, None);
        }
        let published = self.scope.iter().filter(|scope| {
            scope.procedure == procedure && scope.articles.iter().any(|known| known == article)
        });
        let standing = |scope: &Scope| {
            let due = Day::from_days(scope.published.days() + i64::from(self.grace));
            all.and(Span::of(Some(scope.published), scope.until))
                .standing(on, Some(due))
        };
        published.filter_map(standing).min_by_key(|standing| standing.due)
    }
}

/// A span of days; the end is the first day outside.
#[derive(Clone, Copy)]
struct Span {
    from: Option<Day>,
    until: Option<Day>,
}

impl Span {
    const fn of(from: Option<Day>, until: Option<Day>) -> Self {
        Self { from, until }
    }

    fn and(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            until: match (self.until, other.until) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
    }

    fn standing(self, on: Day, due: Option<Day>) -> Option<Standing> {
        let since = self.from?;
        let holds = since <= on && self.until.is_none_or(|until| on < until);
        holds.then(|| Standing {
            since,
            due: due.map_or(since, |due| due.max(since)),
            until: self.until,
        })
    }
}

impl Standing {
    /// Whether the data must be used on that day.
    #[must_use]
    pub fn is_due(&self, on: Day) -> bool {
        self.due <= on
    }

    /// The standing of what holds by either: from the sooner, until the later.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            since: self.since.min(other.since),
            due: self.due.min(other.due),
            until: match (self.until, other.until) {
                (Some(one), Some(other)) => Some(one.max(other)),
                (_, _) => None,
            },
        }
    }
}

/// Whether a path is the one allowed or lies within it: `person.permanent.line` within `person.permanent`.
fn within(path: &str, allowed: &str) -> bool {
    path.strip_prefix(allowed)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Whether a text holds that word, alone: letters, digits and `_` beside it would make it another.
pub(super) fn names(text: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .any(|(at, _)| !part(text[..at].chars().next_back()) && !part(text[at + word.len()..].chars().next()))
}
