use std::path::PathBuf;

use super::section::Section;

/// Who this node is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Origin of the exchange log, such as `lienthong.example/h99`; it never changes.
    pub name: String,
    /// The folder that relative paths start at.
    pub dir: PathBuf,
}

impl Identity {
    pub(super) fn read(from: &Section<'_>) -> Option<Self> {
        let name = from.text("name");
        let dir = from.text("dir").map(PathBuf::from);
        if name
            .as_ref()
            .is_some_and(|name| name.contains(|c: char| c.is_whitespace() || c == '+'))
        {
            from.wrong("name", "the origin of a log has neither spaces nor `+`");
        }
        Some(Self {
            name: name?,
            dir: dir?,
        })
    }
}
