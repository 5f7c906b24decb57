//! What a record is made of, as data: the mapping checks, suggestions, origins and the serde form all read it.

/// The closed set of words of a code of ours.
#[derive(Debug)]
pub struct Words {
    /// The set's name, in kebab-case: `dossier-status`.
    pub name: &'static str,
    /// Its words, in their order.
    pub words: &'static [&'static str],
}

/// The kind of a fact.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text, carried as it is.
    Text,
    /// One word of a closed set.
    Code(&'static Words),
    /// An instant, to the second.
    Time,
    /// A date that may lack day or month.
    Date,
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// A record of facts.
    Record(&'static Record),
    /// A list of one kind.
    List(&'static Kind),
}

impl Kind {
    /// The kind in a word for messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code(_) => "code",
            Self::Time => "time",
            Self::Date => "date",
            Self::Int => "number",
            Self::Bool => "yes or no",
            Self::Record(_) => "record",
            Self::List(_) => "list",
        }
    }
}

/// One field of a record.
#[derive(Debug)]
pub struct Field {
    /// Its name, as mappings write it.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub doc: &'static str,
    /// What kind of fact it is.
    pub kind: Kind,
}

/// A record: its name and its fields in order.
#[derive(Debug)]
pub struct Record {
    /// Its name in lower case: `dossier`, `subject`.
    pub name: &'static str,
    /// Its fields; a value's index is the field's.
    pub fields: &'static [Field],
}

impl Record {
    /// The index and field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields
            .iter()
            .enumerate()
            .find(|(_, field)| field.name == name)
    }

    /// The path of every fact in it that is neither record nor list; lists as `components[].name`.
    #[must_use]
    pub fn leaves(&self) -> Vec<String> {
        let mut leaves = Vec::new();
        for field in self.fields {
            gather(field.kind, field.name.to_owned(), &mut leaves);
        }
        leaves
    }
}

fn gather(kind: Kind, path: String, leaves: &mut Vec<String>) {
    match kind {
        Kind::Record(record) => {
            for field in record.fields {
                gather(field.kind, format!("{path}.{}", field.name), leaves);
            }
        }
        Kind::List(item) => gather(*item, path + "[]", leaves),
        Kind::Text | Kind::Code(_) | Kind::Time | Kind::Date | Kind::Int | Kind::Bool => leaves.push(path),
    }
}
