//! What the state holds about a subject, as the national databases tell it. One record with a part for each database,
//! so that a rule of reuse can name any of it by a path: `person.born`, `business.address.full`, `papers[].code`.
//!
//! Nothing of it is kept as a second copy: a look-up fills it, a rule takes what it may, and it goes.

use super::codes::{Blood, Gender, Marital, Relation};
use super::record::record;
use super::subject::{Address, Ethnicity, Paper};
use super::{File, Named, PartialDate, Time};

record! {
    /// A code of a list of theirs, with the list it is meant by.
    #[derive(Default)]
    Coded, "coded value" {
        list: Option<String> = "The list, by our name of it.",
        code: Option<String> = "The code in it, digits as text.",
        name: Option<String> = "What it is called.",
    }
}

record! {
    /// A person beside another: parent, spouse, head of the household.
    #[derive(Default)]
    Relative, "relative" {
        kind: Option<Relation> = "What the person is to the other.",
        code: Option<String> = "The database's own code for it.",
        name: Option<String> = "The name.",
        number: Option<String> = "The personal number.",
        old_number: Option<String> = "The old card's number.",
        nationality: Option<String> = "Nationality, ISO 3166-1 alpha-2.",
        born: Option<PartialDate> = "Date of birth.",
    }
}

record! {
    /// A citizen, as the population database holds one (national-databases.md §2.5, §9.7).
    #[derive(Default)]
    Person, "person" {
        number: Option<String> = "The personal number, 12 digits.",
        old_number: Option<String> = "The old card's number, 9 digits.",
        name: Option<String> = "The whole name; never split by us.",
        family_name: Option<String> = "The family name, where the source gives it apart.",
        middle_name: Option<String> = "The middle names, where the source gives them apart.",
        given_name: Option<String> = "The given name, where the source gives it apart.",
        gender: Option<Gender> = "Gender.",
        born: Option<PartialDate> = "Date of birth.",
        ethnicity: Ethnicity = "Ethnicity.",
        religion: Coded = "Religion; delivered to a procedure that lists it, and to no other.",
        blood: Option<Blood> = "Blood group; delivered as religion is.",
        marital: Option<Marital> = "Marital status.",
        nationality: Option<String> = "Nationality, ISO 3166-1 alpha-2.",
        registered_at: Address = "Where the birth was registered.",
        native_place: Address = "Native place.",
        permanent: Address = "Permanent residence.",
        current: Address = "Present residence.",
        relatives: Vec<Relative> = "Parents, spouse, representative, head of the household.",
        household_book: Option<String> = "The number of the old household book.",
    }
}

record! {
    /// Who stands for a business.
    #[derive(Default)]
    Representative, "representative" {
        name: Option<String> = "The name.",
        paper: Paper = "The identity paper.",
        nationality: Option<String> = "Nationality, ISO 3166-1 alpha-2.",
    }
}

record! {
    /// A line of business.
    #[derive(Default)]
    Activity, "activity" {
        code: Option<String> = "Its code in the classification (VSIC).",
        name: Option<String> = "Its name.",
        main: Option<bool> = "It is the main one.",
    }
}

record! {
    /// An owner of a business.
    #[derive(Default)]
    Member, "member" {
        name: Option<String> = "The name.",
        amount: Option<String> = "The share in đồng, as the register writes it.",
        ratio: Option<String> = "The share in percent, as the register writes it.",
        country: Option<String> = "The country.",
    }
}

record! {
    /// An enterprise, household business or co-operative (national-databases.md §3.2, §3.3).
    #[derive(Default)]
    Business, "business" {
        code: Option<String> = "Its code, which is its tax code.",
        old_code: Option<String> = "The number of its old registration.",
        internal: Option<String> = "The register's own key.",
        form: Named = "Its legal form.",
        name: Option<String> = "Its name.",
        short_name: Option<String> = "Its short name.",
        foreign_name: Option<String> = "Its foreign name.",
        founded_on: Option<PartialDate> = "First registration.",
        amended_on: Option<PartialDate> = "Latest change.",
        changes: Option<i64> = "How many changes were registered.",
        state: Named = "Its legal status.",
        suspended_from: Option<PartialDate> = "Suspended from.",
        suspended_until: Option<PartialDate> = "Suspended until.",
        capital: Option<String> = "Capital in đồng, as the register writes it.",
        address: Address = "Head office.",
        representatives: Vec<Representative> = "Who stands for it.",
        activities: Vec<Activity> = "What it does.",
        members: Vec<Member> = "Who owns it.",
    }
}

record! {
    /// An insured person (national-databases.md §6.1).
    #[derive(Default)]
    Insurance, "insurance" {
        number: Option<String> = "The insurance number, 10 digits.",
        book: Option<String> = "The number of the book.",
        name: Option<String> = "The name.",
        born: Option<PartialDate> = "Date of birth.",
        gender: Option<Gender> = "Gender.",
        household: Option<String> = "The household's number.",
        address: Option<String> = "The address in one line.",
        state: Option<String> = "The register's own word for where it stands.",
    }
}

record! {
    /// A paper that was issued and is kept digitally (national-databases.md §6.4).
    #[derive(Default)]
    Issued, "issued paper" {
        code: Option<String> = "Its code, `KQ.Gxx.nnnnnn` (`MaKetQua`).",
        name: Option<String> = "Its name.",
        symbol: Option<String> = "Its number and symbol.",
        issuer: Option<String> = "The agency that keeps it.",
        files: Vec<File> = "Its files.",
    }
}

record! {
    /// An entry of the civil-status register (national-databases.md §4.6).
    #[derive(Default)]
    Registration, "registration" {
        kind: Option<String> = "Birth, death or marriage, by the register's module.",
        number: Option<String> = "Its number.",
        book: Option<String> = "The book.",
        page: Option<String> = "The page.",
        registered_on: Option<PartialDate> = "When it was entered.",
        unit: Option<String> = "The unit that entered it.",
        subject: Relative = "Whom it is about.",
    }
}

record! {
    /// Everything the state holds about one subject that was asked for.
    #[derive(Default)]
    Held, "holding" {
        person: Person = "From the population database.",
        business: Business = "From the business registers.",
        insurance: Insurance = "From social insurance.",
        papers: Vec<Issued> = "From the document store.",
        registrations: Vec<Registration> = "From the civil-status register.",
        as_of: Option<Time> = "The moment the data is of, where the source says so.",
    }
}
