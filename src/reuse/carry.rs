//! What was found out for the filing before is not asked again while the dossier says the same of its subject: a dossier
//! is pushed at every change of its status.

use super::question::{Question, plan};
use crate::model::{Component, Dossier, Fact, Facts, Finding, How, Path, Time, Value};
use crate::procedures::Procedures;

/// Takes over what a question came to for the filing before, where the subject is the same, what was verified still says
/// the same, and it is no older than `fresh` (seconds). None when it must be asked.
pub fn carry(
    dossier: &mut Dossier,
    before: &Dossier,
    question: &Question,
    procedures: &Procedures,
    (now, fresh): (Time, i64),
) -> Option<Finding> {
    let finding = before.findings.iter().find(|one| {
        one.service == question.service && one.subject == question.subject && one.unused.is_none()
    })?;
    if now.seconds() - finding.at.seconds() > fresh || !asked_the_same(before, question, procedures, now) {
        return None;
    }
    let held_to = finding
        .verified
        .iter()
        .chain(finding.differs.iter().map(|one| &one.fact));
    let (was, is) = (before.facts.value(), dossier.facts.value());
    let mut same = held_to.map(|path| at(&was, path).map(Value::share) == at(&is, path).map(Value::share));
    if !same.all(|same| same) {
        return None;
    }
    drop((was, is));
    take_over(dossier, before, finding);
    Some(finding.clone())
}

fn asked_the_same(before: &Dossier, question: &Question, procedures: &Procedures, now: Time) -> bool {
    let asked = plan(procedures, before, now.day(), now);
    let mut asked = asked.into_iter().flatten();
    asked.any(|one| {
        one.service == question.service
            && one.subject == question.subject
            && one.identity == question.identity
            && one.sets == question.sets
    })
}

fn at<'v, 'a>(facts: &'v Value<'a>, path: &str) -> Option<&'v Value<'a>> {
    Path::parse(path, Facts::RECORD).ok()?.find(facts)
}

fn take_over(dossier: &mut Dossier, before: &Dossier, finding: &Finding) {
    let was = before.facts.value();
    for path in &finding.filled {
        if let Some(value) = at(&was, path) {
            // One that was filed in the meantime stands.
            let _filled = dossier.fill(path, value.share(), before.origin(path).clone());
        }
    }
    for path in &finding.verified {
        let verified = before.origin(path).verified.clone();
        let origin = crate::model::Origin {
            verified,
            ..dossier.origin(path).clone()
        };
        dossier.origins.note(path, origin);
    }
    for code in &finding.replaced {
        component(dossier, before, code);
    }
}

fn component(dossier: &mut Dossier, before: &Dossier, code: &str) {
    let find = |all: &[Component]| all.iter().position(|one| one.code.as_deref() == Some(code));
    let Some(was) = find(&before.facts.components) else {
        return;
    };
    let origin = before.origin(&format!("components[{was}]")).clone();
    if origin.how != How::Reused {
        return;
    }
    let components = &mut dossier.facts.components;
    let place = match find(components) {
        Some(place)
            if components[place]
                .files
                .iter()
                .any(|file| file.removed != Some(true)) =>
        {
            return;
        }
        Some(place) => place,
        None => {
            components.push(Component::default());
            components.len() - 1
        }
    };
    components[place] = before.facts.components[was].clone();
    dossier.origins.note(&format!("components[{place}]"), origin);
}
