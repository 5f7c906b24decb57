use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A text that settings came from: a file, or one variable of the environment.
#[derive(Debug)]
pub(super) struct Source {
    /// The file's path, or the variable's name.
    pub(super) name: String,
    /// All of it; empty for a variable, whose name says enough.
    pub(super) text: String,
}

/// Where something stands: so many bytes of a source.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) span: Range<usize>,
}

impl Place {
    /// The beginning of a source.
    pub(super) fn start(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            span: 0..0,
        }
    }

    /// What is wrong here.
    pub(super) fn mistake(&self, text: impl Into<String>) -> Mistake {
        let source = &self.source.text;
        let start = self.span.start.min(source.len());
        let head = source.get(..start).unwrap_or_default();
        let line_start = head.rfind('\n').map_or(0, |at| at + 1);
        // No more of the line than up to the place: what follows an unknown key may be a secret.
        let line = source.get(line_start..self.span.end).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        let column = source.get(line_start..start).unwrap_or_default().chars().count();
        Mistake {
            source: self.source.name.clone(),
            line: head.matches('\n').count() + 1,
            column: column + 1,
            excerpt: line.to_owned(),
            text: text.into(),
        }
    }
}

/// One thing that is wrong with the settings, for whoever wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file's path, or the variable's name.
    pub source: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line up to the end of what is wrong; empty for a variable.
    pub excerpt: String,
    /// What is wrong, and what would be right.
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.excerpt.is_empty() {
            return write!(f, "{}: {}", self.source, self.text);
        }
        let carets = self
            .excerpt
            .chars()
            .count()
            .saturating_sub(self.column - 1)
            .max(1);
        writeln!(f, "{}:{}:{}", self.source, self.line, self.column)?;
        writeln!(f, "   {}", self.excerpt)?;
        write!(
            f,
            "   {:pad$}{} {}",
            "",
            "^".repeat(carets),
            self.text,
            pad = self.column - 1
        )
    }
}

impl std::error::Error for Mistake {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_behind_the_place_is_shown() {
        let text = "[node]\n  pássword = \"hunter2\"\n".to_owned();
        let source = Arc::new(Source {
            name: "node.toml".into(),
            text,
        });
        let mistake = Place { source, span: 9..18 }.mistake("not a setting");
        let shown = mistake.to_string();
        assert_eq!(shown, "node.toml:2:3\n     pássword\n     ^^^^^^^^ not a setting");
    }
}
