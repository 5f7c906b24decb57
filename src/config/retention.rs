use std::time::Duration;

use super::section::Section;

/// How long personal data is kept.
#[derive(Clone, Debug)]
pub struct Retention {
    /// What is sealed of a dossier, after all of it was settled.
    pub payload: Duration,
    /// Who asked, acted and looked.
    pub access: Duration,
}

impl Retention {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let payload = from.duration("payload");
        let access = from.duration("access");
        Some(Self {
            payload: payload?,
            access: access?,
        })
    }
}
