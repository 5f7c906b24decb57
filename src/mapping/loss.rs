//! What a mapping does not carry, both ways, and where it says less than the fact.

use std::fmt;

use super::check::covers;
use super::facts::Carried;
use super::plan::Plan;

/// The loss report of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The mapping's name and version.
    pub mapping: String,
    /// Facts of ours that are not written: path and reason.
    pub forth: Vec<(String, String)>,
    /// Fields of theirs that become no fact (they stay in extensions): path and reason.
    pub back: Vec<(String, String)>,
    /// Lines that go one way only.
    pub one_way: Vec<Carried>,
    /// Lines whose writing may say less than the fact.
    pub less: Vec<Carried>,
}

impl Plan {
    /// What the mapping does not carry; each fact of ours on a line of its own.
    #[must_use]
    pub fn loss(&self) -> Loss {
        let leaves = self
            .shapes
            .last()
            .map(|record| record.leaves())
            .unwrap_or_default();
        let mut forth = Vec::new();
        for leaf in leaves {
            if let Some((_, reason)) = self.lost_forth.iter().find(|(path, _)| covers(path, &leaf)) {
                forth.push((leaf, reason.clone()));
            }
        }
        let lines = self.lines();
        let facts = || lines.iter().filter(|line| !line.ours.is_empty());
        Loss {
            mapping: self.stamp(),
            forth,
            back: self.lost_back.clone(),
            one_way: facts().filter(|line| line.forth != line.back).cloned().collect(),
            less: facts().filter(|line| line.lossy && line.forth).cloned().collect(),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.mapping)?;
        writeln!(f, "not written ({}):", self.forth.len())?;
        for (path, reason) in &self.forth {
            writeln!(f, "  {path}: {reason}")?;
        }
        writeln!(f, "not read, kept beside the facts ({}):", self.back.len())?;
        for (path, reason) in &self.back {
            writeln!(f, "  {path}: {reason}")?;
        }
        writeln!(f, "one way only ({}):", self.one_way.len())?;
        for line in &self.one_way {
            let way = if line.forth { "written" } else { "read" };
            writeln!(f, "  {} {way} as {} (line {})", line.ours, line.theirs, line.line)?;
        }
        writeln!(f, "may be written as less ({}):", self.less.len())?;
        for line in &self.less {
            writeln!(f, "  {} as {} (line {})", line.ours, line.theirs, line.line)?;
        }
        Ok(())
    }
}
