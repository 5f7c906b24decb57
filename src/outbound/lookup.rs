//! Look-ups for one dossier: bounds → record → calls side by side → taken in → record.
//!
//! No call is made that is not on record, and on disk, before it; no fact is used whose look-up is not on record after it.

use futures_util::future::join_all;
use wire::Class;

use super::record::{Lookup, commit};
use super::{Error, Outbound, Source};
use crate::model::{Dossier, ExchangeId, Finding, Held, Provenance, Time, Unused};
use crate::reuse::{self, Ground, Key, Looked, Officer, Question, Remembered, Way};
use crate::store::{Act, Answered, Inquiry, Permit};

/// The longest id of a request, with room for the mark of its repeat (national-databases.md §2.4).
const REQUEST: usize = 38;

/// Why look-ups are made: for which dossier, by whom, at whose wish.
#[derive(Clone, Copy)]
pub(super) struct Purpose<'a> {
    pub(super) number: &'a str,
    pub(super) system: &'a str,
    pub(super) officer: &'a Officer,
    /// The address the wish came from, or the worker.
    pub(super) client: &'a str,
    pub(super) reason: &'a str,
}

/// A question on its way, with the record that is made of it.
struct Asked<'a> {
    question: Question,
    source: &'a Source,
    key: Key,
    inquiry: Inquiry,
    remembered: Option<Remembered>,
}

impl Outbound {
    /// Puts questions and takes in what comes: side by side, within the time that a dossier waits.
    pub(super) async fn inquire(
        &self,
        dossier: &mut Dossier,
        purpose: Purpose<'_>,
        questions: Vec<Question>,
    ) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        let mut asked = Vec::new();
        let procedure = dossier.facts.procedure.code.clone();
        for question in questions {
            match self.allowed(&question, purpose).await {
                Err(why) => findings.push(question.unused(why, self.time())),
                Ok((source, remembered)) => {
                    asked.push(self.asked(question, source, remembered, purpose, &procedure));
                }
            }
        }
        let asked = self.recorded(asked, &mut findings).await?;
        let looked = join_all(asked.iter().map(|one| self.looked(one, purpose))).await;
        let mut ended = Vec::with_capacity(asked.len());
        for (one, looked) in asked.iter().zip(&looked) {
            let finding = self.taken(dossier, one, looked);
            ended.push(self.ended(one, looked, &finding));
            findings.push(finding);
        }
        self.parts.store.answered(ended).await?;
        for (one, looked) in asked.into_iter().zip(looked) {
            self.remember(one, &looked);
        }
        Ok(findings)
    }

    /// Whom a question may be put to, and what was answered to it lately; or why it is not put.
    async fn allowed(
        &self,
        question: &Question,
        purpose: Purpose<'_>,
    ) -> Result<(&Source, Option<Remembered>), Unused> {
        let reusing = &self.parts.reusing;
        let source = reusing
            .sources
            .get(question.wire())
            .and_then(|name| self.parts.sources.get(name))
            .filter(|source| source.mappings.contains_key(question.operation()))
            .ok_or(Unused::Unconfigured)?;
        let remembered = reusing.memory.find(&self.key(question, purpose), self.now());
        if remembered.is_none() && !reusing.limits.turn(reusing.wait).await {
            return Err(Unused::Bounds);
        }
        Ok((source, remembered))
    }

    fn key(&self, question: &Question, purpose: Purpose<'_>) -> Key {
        let recorder = &self.parts.recorder;
        Key {
            number: purpose.number.to_owned(),
            service: question.service.clone(),
            subject: recorder.asked_of(&question.identity.text()),
            officer: recorder.officer(&purpose.officer.number),
        }
    }

    fn asked<'a>(
        &self,
        question: Question,
        source: &'a Source,
        remembered: Option<Remembered>,
        purpose: Purpose<'_>,
        procedure: &str,
    ) -> Asked<'a> {
        let at = self.now();
        let id = self.id(at);
        let salt = self.salt();
        let officer = purpose.officer;
        let request = request(&officer.agency, &self.time().day().to_string(), id);
        let subject = self.parts.recorder.asked_of(&question.identity.number);
        let said = format!("{request}\n{}\n{}", officer.number, question.identity.text());
        let mut inquiry = Inquiry {
            id,
            number: purpose.number.to_owned(),
            system: purpose.system.to_owned(),
            partner: source.partner.name().to_owned(),
            service: question.service.clone(),
            profile: source.profile.clone(),
            procedure: procedure.to_owned(),
            basis: question.basis.clone(),
            subject,
            officer: self.parts.recorder.officer(&officer.number),
            request,
            sets: question.sets.clone(),
            at,
            salt,
            source: remembered.as_ref().map(|one| one.source),
            act: act(purpose),
            bounds: self.parts.reusing.limits.bounds(),
            leaf: crate::evidence::leaf::Draft::new(crate::evidence::leaf::Kind::Asked, at),
        };
        let commit = commit(&salt, said.as_bytes());
        inquiry.leaf = self
            .parts
            .recorder
            .asked(about(&inquiry), at, commit, inquiry.source);
        let key = self.key(&question, purpose);
        Asked {
            question,
            source,
            key,
            inquiry,
            remembered,
        }
    }

    /// Puts the look-ups on record; those that their bounds do not allow become findings.
    async fn recorded<'a>(
        &self,
        asked: Vec<Asked<'a>>,
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Asked<'a>>, Error> {
        let inquiries: Vec<_> = asked.iter().map(|one| one.inquiry.clone()).collect();
        if inquiries.is_empty() {
            return Ok(Vec::new());
        }
        let permits = self.parts.store.inquire(inquiries).await?;
        let mut granted = Vec::with_capacity(asked.len());
        for (one, permit) in asked.into_iter().zip(permits) {
            match permit {
                Permit::Granted => granted.push(one),
                Permit::Subjects | Permit::Calls | Permit::Officer => {
                    findings.push(one.question.unused(Unused::Bounds, self.time()));
                }
            }
        }
        Ok(granted)
    }

    async fn looked(&self, asked: &Asked<'_>, purpose: Purpose<'_>) -> Looked {
        if let Some(remembered) = &asked.remembered {
            let found = self.parts.reusing.memory.open(remembered, asked.inquiry.id);
            return Looked {
                found,
                ..Looked::ours(remembered.class)
            };
        }
        let way = Way {
            partner: &asked.source.partner,
            operation: asked.question.operation(),
            officer: purpose.officer,
            procedure: &asked.inquiry.procedure,
            dossier: purpose.number,
            request: &asked.inquiry.request,
            wait: self.parts.reusing.wait,
        };
        reuse::look(&asked.question, way).await
    }

    /// What an answer comes to for the dossier.
    fn taken(&self, dossier: &mut Dossier, asked: &Asked<'_>, looked: &Looked) -> Finding {
        let now = self.time();
        let unused = |why| Finding {
            class: Some(looked.class.word().to_owned()),
            profile: asked.inquiry.profile.clone(),
            evidence: Some(asked.inquiry.id.to_string()),
            ..asked.question.unused(why, now)
        };
        let found = match (looked.class, &looked.found) {
            (Class::Ok | Class::Match, Some(found)) => found,
            (class, _) => return unused(why(class)),
        };
        let mapping = asked.source.mappings.get(asked.question.operation());
        let held = mapping.and_then(|mapping| {
            let read = self.parts.translator.held(mapping, found, self.now());
            read.inspect_err(|why| {
                tracing::error!(mapping.name = mapping, error = %why, "an answer was not understood");
            })
            .ok()
        });
        match held {
            Some(held) => {
                let ground = self.ground(asked, &held, now);
                reuse::take(dossier, &asked.question, &held, &ground)
            }
            None => unused(Unused::Unreadable),
        }
    }

    fn ground(&self, asked: &Asked<'_>, held: &Held, now: Time) -> Ground<'_> {
        let retrieved_at = asked
            .remembered
            .as_ref()
            .map_or(now, |one| Time::at(one.at.div_euclid(1_000)));
        Ground {
            provenance: Provenance {
                service: asked.question.service.clone(),
                profile: asked.inquiry.profile.clone(),
                as_of: held.as_of,
                retrieved_at,
                basis: asked.question.basis.clone(),
                evidence: asked.inquiry.id.to_string(),
            },
            class: Class::Match.word(),
            laws: self.parts.translator.procedures().laws(),
            units: &self.parts.reusing.units,
            on: now.day(),
        }
    }

    fn ended(&self, asked: &Asked<'_>, looked: &Looked, finding: &Finding) -> Answered {
        let at = self.now();
        let class = finding
            .class
            .as_deref()
            .and_then(Class::from_word)
            .unwrap_or(looked.class);
        let committed = looked.digest.map(|digest| commit(&asked.inquiry.salt, &digest));
        let mut delivered = finding.filled.clone();
        delivered.extend(finding.verified.iter().cloned());
        delivered.extend(finding.replaced.iter().map(|code| format!("components[{code}]")));
        let leaf = self
            .parts
            .recorder
            .answered(about(&asked.inquiry), at, class.word(), committed);
        metrics::counter!("lienthong_lookups_total", "service" => asked.question.service.clone(), "class" => class.word())
            .increment(1);
        Answered {
            id: asked.inquiry.id,
            at,
            class: class.word(),
            hop: looked.hop.map(wire::Hop::word),
            code: looked.code.clone(),
            words: looked.words.clone(),
            trace: looked.trace.clone(),
            digest: looked.digest,
            delivered,
            leaf,
        }
    }

    /// An answer serves the same question again; that nobody answered does not.
    fn remember(&self, asked: Asked<'_>, looked: &Looked) {
        if asked.remembered.is_none() && looked.class.is_answer() {
            let found = looked.found.as_deref().unwrap_or_default();
            let when = (asked.inquiry.id, self.now());
            let dice = self.parts.dice.as_ref();
            self.parts
                .reusing
                .memory
                .keep(asked.key, when, dice, (looked.class, found));
        }
    }

    pub(super) fn time(&self) -> Time {
        Time::at(self.now().div_euclid(1_000))
    }
}

fn about(inquiry: &Inquiry) -> Lookup<'_> {
    Lookup {
        id: inquiry.id,
        number: &inquiry.number,
        subject: inquiry.subject,
        partner: &inquiry.partner,
        service: &inquiry.service,
        profile: &inquiry.profile,
        procedure: &inquiry.procedure,
    }
}

fn act(purpose: Purpose<'_>) -> Act {
    let officer = purpose.officer;
    Act {
        officer: officer.number.clone(),
        name: officer.name.clone(),
        account: officer.account.clone(),
        agency: officer.agency.clone(),
        client: purpose.client.to_owned(),
        reason: purpose.reason.to_owned(),
    }
}

/// Why nothing was reused of an answer of this class.
fn why(class: Class) -> Unused {
    match class {
        Class::NoMatch => Unused::NoMatch,
        Class::Mismatch => Unused::Mismatch,
        Class::Ambiguous => Unused::Ambiguous,
        Class::UnknownResult | Class::TimeoutBeforeSend => Unused::Late,
        Class::InvalidInput => Unused::NoSubject,
        Class::Ok
        | Class::Match
        | Class::Duplicate
        | Class::Denied
        | Class::NotSupported
        | Class::ConfigError
        | Class::UpstreamAuth
        | Class::RateLimited
        | Class::UpstreamRejected
        | Class::UpstreamOutOfOrder
        | Class::UpstreamUnavailable
        | Class::UpstreamMalformed => Unused::NotAnswered,
    }
}

/// The id of a request: the agency, the day, and what nobody else has; at most 40 characters with the mark of a repeat
/// (national-databases.md §9.3).
fn request(agency: &str, day: &str, id: ExchangeId) -> String {
    let unique = data_encoding::BASE32_NOPAD.encode(id.as_bytes());
    let day: String = day.chars().filter(char::is_ascii_digit).collect();
    let agency: String = agency.chars().filter(char::is_ascii_graphic).take(13).collect();
    let start = format!("{agency}-{day}-");
    // The end of an id is chance; its beginning is the time, which the day says already.
    let room = REQUEST.saturating_sub(start.len()).min(unique.len());
    let unique = &unique[unique.len() - room..];
    format!("{start}{unique}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requests_id_is_short_and_its_own() {
        let ids = [1, 2].map(|random| ExchangeId::new(1_795_000_000_000, &[random; 10]));
        let made = ids.map(|id| request("000.00.14.H99", "2026-11-25", id));
        assert_ne!(made[0], made[1]);
        for one in made {
            assert!(
                one.len() <= REQUEST && one.starts_with("000.00.14.H99-20261125-"),
                "{one}"
            );
            assert!(one.len() - "000.00.14.H99-20261125-".len() >= 15, "{one}");
        }
    }

    #[test]
    fn every_class_says_why_nothing_came_of_it() {
        for class in Class::ALL {
            assert!(!why(*class).action().is_empty());
        }
    }
}
