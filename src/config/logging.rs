use super::section::Section;

/// What the node says about itself.
#[derive(Clone, Copy, Debug)]
pub struct Logging {
    /// For whom it is written.
    pub format: Format,
    /// How much of it.
    pub level: Level,
}

/// For whom the node's own log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, for machines.
    Json,
    /// Lines for people.
    Text,
}

/// How much the node says about itself; each says all that those before it say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What was not done and needs somebody.
    Error,
    /// What may need somebody.
    Warn,
    /// What a node did.
    Info,
    /// How it did it.
    Debug,
    /// All there is.
    Trace,
}

impl Logging {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let format = from.choice("format", &[("json", Format::Json), ("text", Format::Text)]);
        let levels = [
            ("error", Level::Error),
            ("warn", Level::Warn),
            ("info", Level::Info),
            ("debug", Level::Debug),
            ("trace", Level::Trace),
        ];
        let level = from.choice("level", &levels);
        Some(Self {
            format: format?,
            level: level?,
        })
    }
}
