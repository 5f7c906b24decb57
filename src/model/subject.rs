//! Who a dossier is about: subject, papers, address, contact; and the units and agencies they name.

use super::PartialDate;
use super::codes::{Gender, PaperKind, SubjectKind};
use super::record::record;

record! {
    /// An administrative unit by its code and the day that code is meant on.
    #[derive(Default)]
    Unit, "unit" {
        code: Option<String> = "Its code, digits as text.",
        on: Option<PartialDate> = "The day the code is meant on; units were merged in 2025.",
        name: Option<String> = "Its name as written.",
    }
}

record! {
    /// A place to live or work at.
    #[derive(Default)]
    Address, "address" {
        line: Option<String> = "House number, street, hamlet.",
        full: Option<String> = "The whole address in one line.",
        province: Unit = "Province or city.",
        district: Unit = "District; none after 2025-07-01.",
        commune: Unit = "Commune or ward.",
    }
}

record! {
    /// Whom to call.
    #[derive(Default)]
    Contact, "contact" {
        name: Option<String> = "The person's name.",
        phone: Option<String> = "Telephone number as written.",
        email: Option<String> = "E-mail address.",
    }
}

record! {
    /// An identity paper.
    #[derive(Default)]
    Paper, "paper" {
        kind: Option<PaperKind> = "What paper it is.",
        number: Option<String> = "Its number.",
        issued_on: Option<PartialDate> = "When it was issued.",
        issued_by: Option<String> = "Who issued it.",
    }
}

record! {
    /// An ethnicity. A code says nothing without its list: two official numberings are in use (`ethnicity-1979`,
    /// `ethnicity-2008`).
    #[derive(Default)]
    Ethnicity, "ethnicity" {
        list: Option<String> = "The code list its code is of.",
        code: Option<String> = "Its code in that list.",
        name: Option<String> = "Its name as written.",
    }
}

record! {
    /// The citizen, enterprise, agency or organisation a dossier is about.
    #[derive(Default)]
    Subject, "subject" {
        kind: Option<SubjectKind> = "What it is.",
        name: Option<String> = "Its name as filed.",
        registered_name: Option<String> = "Its name as registered, when that differs.",
        portal_id: Option<String> = "Its account on the national portal (TechID).",
        papers: Vec<Paper> = "Its identity papers, the one used first.",
        born: Option<PartialDate> = "Date of birth.",
        gender: Option<Gender> = "Gender.",
        ethnicity: Ethnicity = "Ethnicity.",
        phone: Option<String> = "Telephone number as written.",
        email: Option<String> = "E-mail address.",
        fax: Option<String> = "Fax number as written.",
        address: Address = "Its address.",
        contact: Contact = "Whom to call.",
    }
}

record! {
    /// A body of the state by its identifier (portal.md §5.2).
    #[derive(Default)]
    Agency, "agency" {
        code: Option<String> = "Its identifier, `H99.14` or `000.00.14.H99`.",
        name: Option<String> = "Its name.",
    }
}
