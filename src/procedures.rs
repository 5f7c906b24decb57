//! What procedures ask for, and where each fact of them may be reused from, by which law and on which day. Pure.
//!
//! `mappings/procedures/` holds one file a procedure, `mappings/reuse/` the laws. Both are data: what is published
//! changes, and a change of it is a change of a text file.

mod asked;
mod form;
mod guard;
mod judge;
mod law;
mod page;
mod read;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use asked::{Ask, Coded, Competent, Due, Form, Length, Paper, Procedure, Registered, Rule, Term};
pub use form::{Answer, Answers, Tongue, answers, needs, schema, values};
pub use guard::Reask;
pub use judge::{Remark, What};
pub use law::{Article, Basis, Database, Lapse, Law, Laws, Reason, Standing};

use crate::model::codes::SubjectKind;
use crate::model::{Day, Diagnostic, Record};
use asked::asked_of;
use law::Held;

/// All procedures, and the laws of reuse they stand on.
#[derive(Clone, Debug, Default)]
pub struct Procedures {
    asked: BTreeMap<String, Procedure>,
    laws: Laws,
}

/// A rule that holds for its procedure on a day.
#[derive(Clone, Copy, Debug)]
pub struct Active<'p> {
    /// The rule.
    pub rule: &'p Rule,
    /// The row of the laws that carries it then.
    pub basis: &'p Basis,
    /// Since when, and until when.
    pub standing: Standing,
}

/// A paper that need not be brought on a day.
#[derive(Clone, Copy, Debug)]
pub struct Covered<'p> {
    /// The paper's code.
    pub paper: &'p str,
    /// The rule that replaces it.
    pub by: Active<'p>,
}

/// One question to one national service about one subject: all that its answer is good for on a day, under every rule of
/// the procedure that would ask it.
#[derive(Clone, Debug)]
pub struct Question<'p> {
    /// The service, `population/citizen`.
    pub asks: &'p str,
    /// Whose identity is asked with.
    pub subject: &'p str,
    /// The fact sets that may be delivered.
    pub sets: Vec<&'p str>,
    /// What is filled where it is empty: ours, held.
    pub fills: Vec<(&'p str, &'p str)>,
    /// What is compared: ours, held.
    pub verifies: Vec<(&'p str, &'p str)>,
    /// Papers that need not be brought when the subject is found.
    pub replaces: Vec<Covered<'p>>,
    /// The rows of the laws it stands on.
    pub bases: Vec<&'p Basis>,
}

impl Procedures {
    /// Compiles the texts of procedures and laws, each with the name diagnostics give its file. `held` is the record of
    /// what the state holds; without it only the parts of held paths are checked.
    ///
    /// # Errors
    /// Every mistake in all of them.
    pub fn compile<'t>(
        procedures: impl IntoIterator<Item = (&'t str, &'t str)>,
        laws: impl IntoIterator<Item = (&'t str, &'t str)>,
        held: Option<&'static Record>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let held = Held(held);
        let mut mistakes = Vec::new();
        let laws: Vec<(&str, &str)> = laws.into_iter().collect();
        let laws = law::laws(&laws, held, &mut mistakes);
        let mut asked = BTreeMap::new();
        for (file, text) in procedures {
            let Some(procedure) = read::procedure(file, text, (&laws, held), &mut mistakes) else {
                continue;
            };
            let code = procedure.code.clone();
            if asked.insert(code.clone(), procedure).is_some() {
                let what = format!("there is a procedure `{code}` already");
                mistakes.push(Diagnostic::at(file, text, &(0..0), what));
            }
        }
        if mistakes.is_empty() {
            Ok(Self { asked, laws })
        } else {
            Err(mistakes)
        }
    }

    /// A procedure by its national code.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&Procedure> {
        self.asked.get(code)
    }

    /// All of them, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &Procedure> {
        self.asked.values()
    }

    /// Those after a code, in order.
    pub fn after<'p>(&'p self, code: &'p str) -> impl Iterator<Item = &'p Procedure> {
        self.iter()
            .filter(move |procedure| procedure.code.as_str() > code)
    }

    /// The laws of reuse.
    #[must_use]
    pub fn laws(&self) -> &Laws {
        &self.laws
    }

    /// The rules of a procedure that hold on a day, in the order of its file.
    #[must_use]
    pub fn active(&self, code: &str, on: Day) -> Vec<Active<'_>> {
        let rules = self.asked.get(code).map_or(&[][..], |procedure| &procedure.rules);
        rules
            .iter()
            .filter_map(|rule| self.holds(code, rule, on))
            .collect()
    }

    fn holds<'p>(&self, code: &str, rule: &'p Rule, on: Day) -> Option<Active<'p>> {
        let standing = |basis: &'p Basis| Some((basis, self.laws.standing(basis, code, on)?));
        let mut standings = rule.bases.iter().filter_map(standing);
        let (basis, first) = standings.next()?;
        Some(Active {
            rule,
            basis,
            standing: standings.fold(first, |all, (_, other)| all.or(other)),
        })
    }

    /// The papers of a procedure that need not be brought on a day, for an owner of that kind.
    #[must_use]
    pub fn covered(&self, code: &str, on: Day, owner: Option<SubjectKind>) -> Vec<Covered<'_>> {
        let active = self.active(code, on).into_iter();
        active
            .filter(|by| asked_of(&by.rule.owners, owner.as_ref()))
            .flat_map(|by| by.rule.replaces.iter().map(move |paper| Covered { paper, by }))
            .collect()
    }

    /// What may be asked for a dossier of a procedure on a day: each service once about each subject.
    #[must_use]
    pub fn questions(&self, code: &str, on: Day, owner: Option<SubjectKind>) -> Vec<Question<'_>> {
        let mut questions: Vec<Question<'_>> = Vec::new();
        for by in self.active(code, on) {
            if !asked_of(&by.rule.owners, owner.as_ref()) {
                continue;
            }
            let same =
                |known: &&mut Question<'_>| known.asks == by.rule.asks && known.subject == by.rule.subject;
            match questions.iter_mut().find(same) {
                Some(known) => known.also(by),
                None => {
                    let mut question = Question::new(by.rule);
                    question.also(by);
                    questions.push(question);
                }
            }
        }
        questions
    }
}

impl<'p> Question<'p> {
    fn new(rule: &'p Rule) -> Self {
        Self {
            asks: &rule.asks,
            subject: &rule.subject,
            sets: Vec::new(),
            fills: Vec::new(),
            verifies: Vec::new(),
            replaces: Vec::new(),
            bases: Vec::new(),
        }
    }

    fn also(&mut self, by: Active<'p>) {
        let pair = |pair: &'p (String, String)| (pair.0.as_str(), pair.1.as_str());
        add(&mut self.sets, by.rule.sets.iter().map(String::as_str));
        add(&mut self.fills, by.rule.fills.iter().map(pair));
        add(&mut self.verifies, by.rule.verifies.iter().map(pair));
        add(&mut self.bases, [by.basis]);
        let papers = by.rule.replaces.iter();
        self.replaces.extend(papers.map(|paper| Covered { paper, by }));
    }
}

/// Adds what is not there yet.
fn add<T: PartialEq>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}
