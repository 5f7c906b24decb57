use std::time::Duration;

use super::section::Section;

/// How long personal data is kept.
#[derive(Clone, Debug)]
pub struct Retention {
    /// What is sealed of a dossier, after all of it was settled.
    pub payload: Duration,
    /// Who asked, acted and looked.
    pub access: Duration,
    /// What is left of a dossier after that: who exchanged what with whom, when, and how it ended.
    pub metadata: Duration,
}

impl Retention {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let payload = from.duration("payload");
        let access = from.duration("access");
        let metadata = from.duration("metadata");
        if metadata < payload.max(access) {
            from.wrong(
                "metadata",
                "not shorter than `payload` and `access`: what is sealed of a dossier, and who acted on it, stands in these rows",
            );
        }
        Some(Self {
            payload: payload?,
            access: access?,
            metadata: metadata?,
        })
    }
}
