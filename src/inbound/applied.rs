//! In the worker: translate → apply. What was said of a dossier is put on it, and an event tells of it in the words of the
//! system whose dossier it is.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Inbound;
use super::record::About;
use crate::apply::{self, Word};
use crate::clock::Timestamp;
use crate::evidence::blind::{Blind, commitment};
use crate::mapping::Fault;
use crate::model::{Dossier, ExchangeId, Facts, News, Number, Owner};
use crate::store::{Applied, Applying, NewEvent, Pile, Said, StoreError};
use crate::translate::{Local, Unreadable, Untranslatable, identities};

/// What one callback says, read.
enum Meaning {
    News(Box<News>),
    Filed(Box<Dossier>),
    Nothing(Stop),
}

/// Why nothing can be made of a callback: who must act, on what, and a stable word.
struct Stop {
    owner: Owner,
    action: String,
    cause: &'static str,
}

/// What a provincial system is told: its `data`.
#[derive(Serialize)]
struct Told<'a> {
    number: &'a str,
    kind: &'a str,
    partner: &'a str,
    callback: ExchangeId,
    facts: Box<RawValue>,
    /// The dossier as it is now, as the system itself would write it.
    document: Option<Box<RawValue>>,
    /// What stops it from being written so: our path, and what is wrong.
    untranslated: &'a [String],
}

/// An event, as a webhook carries it.
#[derive(Serialize)]
struct Event<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Told<'a>,
}

/// What stands of a dossier beside what was filed.
#[derive(Serialize)]
struct Standing<'a> {
    facts: &'a News,
    said: Vec<Source<'a>>,
}

/// Where facts of it came from.
#[derive(Serialize)]
struct Source<'a> {
    callback: ExchangeId,
    partner: &'a str,
    kind: &'a str,
    facts: Vec<&'static str>,
}

/// The dossier as it is now, in its system's own form.
struct Now {
    document: Option<Box<RawValue>>,
    untranslated: Vec<String>,
}

impl Inbound {
    /// Puts what was said on its dossiers, at most so many of them; says how many there were.
    pub async fn apply(&self, limit: usize) -> Result<usize, StoreError> {
        let piles = self.parts.store.piles(limit).await?;
        let count = piles.len();
        let applied = piles.iter().map(|pile| self.parts.store.apply(self.put(pile)));
        // One that cannot be kept stops no other.
        let ended = join_all(applied).await;
        for pile in &piles {
            if let Some(applied) = self.applied.get(&pile.system) {
                applied.notify_one();
            }
        }
        ended.into_iter().collect::<Result<(), _>>()?;
        Ok(count)
    }

    fn put(&self, pile: &Pile) -> Applied {
        let at = self.now();
        let read: Vec<(&Said, Meaning)> = pile
            .said
            .iter()
            .map(|said| (said, self.meaning(&pile.number, said, at)))
            .collect();
        let news = apply::stand(
            read.iter()
                .filter_map(|(said, meaning)| word(said, meaning))
                .collect(),
        );
        let now = self.current(pile, &read, &news);
        let each = read
            .iter()
            .filter(|(said, _)| !said.applied)
            .map(|(said, meaning)| {
                let is_first = pile.filed.is_none() && first(&read) == Some(said.id);
                self.applying(pile, (said, meaning), is_first, (&now, at))
            });
        Applied {
            number: pile.number.clone(),
            system: pile.system.clone(),
            at,
            subjects: self.subjects(&read),
            news: standing(&read, &news),
            each: each.collect(),
        }
    }

    /// The mapping of a kind, by whoever brought it: a listener, a tray, or a register.
    pub(super) fn mapping(&self, listener: &str, kind: &str) -> Option<&String> {
        let listeners = self.parts.listeners.iter();
        let of_listener = listeners.filter(|one| one.name == listener);
        let trays = self.parts.trays.iter();
        let of_tray = trays.filter(|one| one.partner.name() == listener);
        let registers = self.parts.registers.iter();
        let of_register = registers.filter(|one| one.partner.name() == listener);
        let mappings = of_listener.map(|one| &one.mappings);
        mappings
            .chain(of_tray.map(|one| &one.mappings))
            .chain(of_register.map(|one| &one.mappings))
            .find_map(|mappings| mappings.get(kind))
    }

    /// Everybody whom dossiers are about that the national side filed.
    fn subjects(&self, read: &[(&Said, Meaning)]) -> Vec<Blind> {
        let filed = read.iter().filter_map(|(_, meaning)| match meaning {
            Meaning::Filed(dossier) => Some(dossier),
            Meaning::News(_) | Meaning::Nothing(_) => None,
        });
        let numbers: BTreeSet<&str> = filed.flat_map(|dossier| identities(dossier)).collect();
        let recorder = &self.parts.recorder;
        numbers
            .into_iter()
            .map(|number| recorder.subject(number))
            .collect()
    }

    /// Reads what a callback says, by the mapping of its kind.
    fn meaning(&self, number: &str, said: &Said, at: i64) -> Meaning {
        let Some(mapping) = self.mapping(&said.listener, &said.kind) else {
            let (name, kind) = (&said.listener, &said.kind);
            return Meaning::Nothing(Stop {
                owner: Owner::Operator,
                action: format!(
                    "name a mapping of `{kind}` in the `mappings` of `callbacks.{name}` or `partners.{name}`"
                ),
                cause: "no-mapping",
            });
        };
        let translator = &self.parts.translator;
        let files = translator
            .plan(mapping)
            .is_some_and(|plan| plan.is_of(Facts::RECORD));
        let read = if files {
            let local = Local {
                mapping,
                site: "",
                files: None,
            };
            let read = translator.read(local, &said.document, at);
            read.map(|read| Meaning::Filed(Box::new(numbered(read.dossier, number))))
        } else {
            let read = translator.news(mapping, &said.document, at);
            read.map(|news| Meaning::News(Box::new(news)))
        };
        read.unwrap_or_else(|why| {
            Meaning::Nothing(Stop {
                owner: Owner::Operator,
                action: format!("see what mapping `{mapping}` says of it: {}", faults(&why)),
                cause: "unreadable",
            })
        })
    }

    /// The dossier with everything that was said over it.
    fn current(&self, pile: &Pile, read: &[(&Said, Meaning)], news: &News) -> Now {
        let filed = pile
            .filed
            .as_ref()
            .and_then(|filed| serde_json::from_slice(filed).ok());
        let latest = || {
            let filings = read.iter().filter_map(|(said, meaning)| match meaning {
                Meaning::Filed(dossier) => Some((said, dossier)),
                Meaning::News(_) | Meaning::Nothing(_) => None,
            });
            let latest = filings.max_by_key(|(said, _)| (said.at, said.updating, said.digest));
            latest.map(|(_, dossier)| Dossier::clone(dossier))
        };
        let system = self.parts.systems.named(&pile.system);
        let (Some(mut dossier), Some(system)) = (filed.or_else(latest), system) else {
            return Now {
                document: None,
                untranslated: Vec::new(),
            };
        };
        dossier.facts = apply::upon(&dossier.facts, news);
        let local = Local {
            mapping: &system.mapping,
            site: &system.site,
            files: system.files.as_deref(),
        };
        match self.parts.translator.local(local, &dossier) {
            Ok(written) => Now {
                document: raw(written.payload),
                untranslated: Vec::new(),
            },
            Err(why) => Now {
                document: None,
                untranslated: unwritten(&why),
            },
        }
    }

    fn applying(
        &self,
        pile: &Pile,
        (said, meaning): (&Said, &Meaning),
        is_first: bool,
        (now, at): (&Now, i64),
    ) -> Applying {
        let about = About {
            callback: said.id,
            partner: &said.listener,
            kind: &said.kind,
            number: Some(&pile.number),
        };
        let recorder = &self.parts.recorder;
        let (kind, facts) = match meaning {
            Meaning::Nothing(stop) => {
                return Applying {
                    id: said.id,
                    event: None,
                    stopped: Some((stop.owner, stop.action.clone(), stop.cause.to_owned())),
                    leaf: recorder.stopped(about, at, stop.cause),
                };
            }
            Meaning::News(news) => ("dossier.news", serde_json::value::to_raw_value(news)),
            Meaning::Filed(dossier) => (
                if is_first {
                    "dossier.filed"
                } else {
                    "dossier.amended"
                },
                serde_json::value::to_raw_value(&dossier.facts),
            ),
        };
        let event = Event {
            r#type: kind,
            timestamp: Timestamp::from_millis(at).to_string(),
            data: Told {
                number: &pile.number,
                kind: &said.kind,
                partner: &said.listener,
                callback: said.id,
                facts: facts.unwrap_or_default(),
                document: now.document.clone(),
                untranslated: &now.untranslated,
            },
        };
        let body = serde_json::to_vec(&event).unwrap_or_default();
        let id = self.id(at);
        let commit = commitment(&said.salt, &body);
        Applying {
            id: said.id,
            event: Some(NewEvent {
                id,
                kind,
                body,
                hooked: self.parts.hooks.contains_key(&pile.system),
            }),
            stopped: None,
            leaf: recorder.applied(about, at, id, commit),
        }
    }
}

/// A dossier under the number that it has here: the number of whoever filed it is its other one.
fn numbered(mut dossier: Dossier, number: &str) -> Dossier {
    let facts = &mut dossier.facts;
    if facts.number.as_str() != number
        && let Ok(given) = Number::new(number)
    {
        let theirs = std::mem::replace(&mut facts.number, given);
        facts.other_number = Some(theirs.as_str().to_owned());
    }
    dossier
}

fn word(said: &Said, meaning: &Meaning) -> Option<Word> {
    match meaning {
        Meaning::News(news) => Some(Word {
            updating: said.updating,
            at: said.at,
            digest: said.digest,
            news: News::clone(news),
        }),
        Meaning::Filed(_) | Meaning::Nothing(_) => None,
    }
}

fn standing(read: &[(&Said, Meaning)], news: &News) -> Vec<u8> {
    let said = read.iter().filter_map(|(said, meaning)| match meaning {
        Meaning::News(news) => Some(Source {
            callback: said.id,
            partner: &said.listener,
            kind: &said.kind,
            facts: news.paths(),
        }),
        Meaning::Filed(_) | Meaning::Nothing(_) => None,
    });
    let standing = Standing {
        facts: news,
        said: said.collect(),
    };
    serde_json::to_vec(&standing).unwrap_or_default()
}

/// The callback that filed the dossier: the first that brought one.
fn first(read: &[(&Said, Meaning)]) -> Option<ExchangeId> {
    let first = read
        .iter()
        .find(|(_, meaning)| matches!(meaning, Meaning::Filed(_)));
    first.map(|(said, _)| said.id)
}

/// A document as it stands in another one: JSON as it is, anything else as text.
fn raw(bytes: Vec<u8>) -> Option<Box<RawValue>> {
    let text = String::from_utf8(bytes).ok()?;
    match RawValue::from_string(text.clone()) {
        Ok(raw) => Some(raw),
        Err(_) => serde_json::value::to_raw_value(&text).ok(),
    }
}

/// Where, and what is wrong; never what stands there.
fn faults(why: &Unreadable) -> String {
    match why {
        Unreadable::Facts(faults) => shown(faults).join("; "),
        other @ (Unreadable::Bytes(_) | Unreadable::Procedure { .. } | Unreadable::Mapping(_)) => {
            other.to_string()
        }
    }
}

fn unwritten(why: &Untranslatable) -> Vec<String> {
    match why {
        Untranslatable::Facts(faults) => shown(faults),
        other @ (Untranslatable::Step | Untranslatable::Mapping(_)) => vec![other.to_string()],
    }
}

fn shown(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}
