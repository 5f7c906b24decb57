/// One operation a wire offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Our name for it, unique on its wire.
    pub name: &'static str,
    /// How an unclear verdict on it heals.
    pub heals: Heals,
    /// Whether a call of it needs an open session.
    pub session: bool,
    /// The arguments a call must carry; no others are taken but the optional ones.
    pub arguments: &'static [&'static str],
    /// Arguments it may carry.
    pub optional: &'static [&'static str],
    /// What a call carries besides its arguments.
    pub payload: Payload,
}

/// How an operation heals when nobody knows whether the partner took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heals {
    /// Sending the same again does no harm.
    Repeatable,
    /// Another operation of the same wire tells whether it was taken.
    Probed {
        /// That operation's name.
        by: &'static str,
    },
    /// Neither: the partner would take it twice and does not show what it holds. A person looks.
    Neither,
}

/// The form of the payload an operation carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Nothing: the operation reads.
    Nothing,
    /// A JSON array with at least one element.
    Array,
    /// A JSON object.
    Object,
    /// An XML element.
    Xml,
}

/// How much one call may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Payload bytes.
    pub bytes: usize,
    /// Elements of the payload's array.
    pub elements: usize,
}
