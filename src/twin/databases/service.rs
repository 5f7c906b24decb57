//! What can be asked for, database by database.

/// A question to one of the databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Population(About),
    Business(Entry),
    Papers(Part),
    /// Civil status.
    Civil(Turn),
    /// The hub of linked births and deaths.
    Hub(Wish),
    Insurance(By),
    /// Criminal records.
    Record(Turn),
    /// The result of a criminal record, told to the sign-on platform.
    Sent,
    /// Driving licences, all of them.
    Licence,
}

/// What of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Citizen,
    Exists,
    Parents,
}

/// What of the register of businesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Format 1.
    Enterprise,
    /// Format 1, version 1.1.
    Newer,
    /// Format 2.
    Certificate,
    Household,
    Cooperative,
    /// Filings between two days.
    Filings,
    /// Filings of today.
    Today,
    Filing,
}

/// What of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    List,
    File,
}

/// A dossier is pushed once and polled often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Push,
    Poll,
}

/// What of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    List,
    Detail,
    Taken,
    State,
}

/// By what an insured person is sought, or for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Number,
    Details,
    Home,
}

impl Service {
    /// Its word in the books.
    pub(super) fn word(self) -> &'static str {
        match self {
            Service::Population(About::Citizen) => "population/citizen",
            Service::Population(About::Exists) => "population/exists",
            Service::Population(About::Parents) => "population/parents",
            Service::Business(entry) => entry.word(),
            Service::Papers(Part::List) => "document-store/list",
            Service::Papers(Part::File) => "document-store/file",
            Service::Civil(Turn::Push) => "civil-status/push",
            Service::Civil(Turn::Poll) => "civil-status/poll",
            Service::Hub(Wish::List) => "hub/list",
            Service::Hub(Wish::Detail) => "hub/detail",
            Service::Hub(Wish::Taken) => "hub/taken",
            Service::Hub(Wish::State) => "hub/state",
            Service::Insurance(By::Number) => "social-insurance/insured",
            Service::Insurance(By::Details) => "social-insurance/number",
            Service::Insurance(By::Home) => "social-insurance/household",
            Service::Record(Turn::Push) => "criminal-record/push",
            Service::Record(Turn::Poll) => "criminal-record/poll",
            Service::Sent => "criminal-record/result",
            Service::Licence => "driving-licence/session",
        }
    }

    /// Whether it changes something on this side.
    pub(super) fn pushes(self) -> bool {
        matches!(
            self,
            Service::Civil(Turn::Push)
                | Service::Hub(Wish::Taken | Wish::State)
                | Service::Record(Turn::Push)
                | Service::Sent
        )
    }

    /// Whether it is a question to the population database.
    pub(super) fn is_population(self) -> bool {
        matches!(self, Service::Population(_))
    }
}

impl Entry {
    fn word(self) -> &'static str {
        match self {
            Entry::Enterprise => "business/enterprise-1",
            Entry::Newer => "business/enterprise-1.1",
            Entry::Certificate => "business/enterprise-2",
            Entry::Household => "business/household",
            Entry::Cooperative => "business/cooperative",
            Entry::Filings => "business/filings",
            Entry::Today => "business/filings-today",
            Entry::Filing => "business/filing",
        }
    }
}
