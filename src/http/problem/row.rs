//! A row of the table of problems, and its texts in one language.

use super::Language;
use crate::model::Owner;

/// What stands in the table for one kind of problem.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) status: u16,
    pub(super) owner: Owner,
    /// Title, detail and action, each in Vietnamese and in English.
    pub(super) texts: [&'static str; 6],
}

impl Row {
    pub(super) fn title(&self, language: Language) -> &'static str {
        self.texts[language.column()]
    }

    pub(super) fn detail(&self, language: Language) -> &'static str {
        self.texts[2 + language.column()]
    }

    pub(super) fn action(&self, language: Language) -> &'static str {
        self.texts[4 + language.column()]
    }
}

impl Language {
    /// Where its texts stand in a row.
    pub(super) const fn column(self) -> usize {
        match self {
            Self::Vietnamese => 0,
            Self::English => 1,
        }
    }
}
