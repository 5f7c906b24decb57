//! What an electronic form says beside the dossier's own facts: the persons it is about, what is registered of them, and what
//! is wanted. Local systems ask for it in forms of their own, the registers of civil status and criminal records take it in
//! theirs (national-databases.md §4.3–§4.5, §5.2); a mapping names each of it by a path, `parties[role=child].name`.

use super::codes::{Gender, Notice, Parents, Role, Stay, Way};
use super::record::record;
use super::subject::{Address, Ethnicity, Paper};
use super::{Named, PartialDate};

record! {
    /// A person a form is about; each role stands once. Who files is the dossier's owner, and a party only for what a form
    /// says of him beside that.
    #[derive(Default)]
    Party, "party" {
        role: Option<Role> = "What the person is to the form.",
        name: Option<String> = "The whole name.",
        other_name: Option<String> = "Another name.",
        gender: Option<Gender> = "Gender.",
        born: Option<PartialDate> = "Date of birth.",
        number: Option<String> = "The personal number.",
        paper: Paper = "The identity paper.",
        ethnicity: Ethnicity = "Ethnicity.",
        nationality: Option<String> = "Nationality, ISO 3166-1 alpha-2.",
        other_nationality: Option<String> = "A second nationality, as written.",
        stay: Option<Stay> = "What kind of residence it is.",
        residence: Address = "Where the person lives or last lived.",
        birthplace: Address = "Where the person was born.",
        abroad: Option<bool> = "The birth was abroad.",
        born_abroad: Option<String> = "The place of birth, where it is abroad.",
        native_place: Address = "Native place.",
        verified: Option<bool> = "Compared with the population database.",
        relation: Option<String> = "What the person is to whom the form is about, in words.",
        phone: Option<String> = "Telephone number as written.",
        email: Option<String> = "E-mail address.",
        marital: Named = "Marital status, by the register's own code.",
        marriages: Option<i64> = "The how-many-eth marriage this is.",
    }
}

record! {
    /// A paper that proves an event: certificate of birth, death notice, registration abroad.
    #[derive(Default)]
    Proof, "proof" {
        number: Option<String> = "Its number.",
        on: Option<PartialDate> = "Its date.",
        by: Option<String> = "Who gave it.",
        country: Option<String> = "The country it is of, where that is another.",
    }
}

record! {
    /// A death.
    #[derive(Default)]
    Death, "death" {
        on: Option<PartialDate> = "The day.",
        at: Option<String> = "The hour and minute as written.",
        place: Address = "Where.",
        cause: Option<String> = "Of what.",
    }
}

record! {
    /// A time of living and working somewhere.
    #[derive(Default)]
    Lived, "time of living" {
        from: Option<PartialDate> = "Since when.",
        until: Option<PartialDate> = "Until when.",
        place: Option<String> = "Where.",
        job: Option<String> = "Occupation.",
        workplace: Option<String> = "Where the person worked.",
    }
}

record! {
    /// What a form says beside its parties.
    #[derive(Default)]
    Form, "form" {
        office: Option<String> = "The Justice unit that registers, by its numeric code.",
        linked: Option<bool> = "It came through the hub of linked procedures.",
        way: Option<Way> = "In which way it is registered.",
        copies: Option<i64> = "How many copies are asked for.",
        relation: Option<String> = "What the owner is to whom the form is about, in words.",
        note: Option<String> = "A note for the register.",
        certificate: Proof = "The certificate of birth, or of death.",
        notice: Proof = "The death notice.",
        notice_kind: Option<Notice> = "What stands for a death notice.",
        foreign: Proof = "The registration abroad that is noted.",
        parents: Option<Parents> = "Which parents are known.",
        death: Death = "The death.",
        married_on: Option<PartialDate> = "Since when the marriage counts.",
        proxy: Option<bool> = "Somebody was empowered to ask for it.",
        sheet: Option<String> = "The number of the record sheet: 1 or 2.",
        bans: Option<bool> = "Bans from posts are asked for too.",
        purpose: Named = "What the sheet is for.",
        declaration: Option<String> = "What the person declares of sentences.",
        lived: Vec<Lived> = "Where the person lived and worked.",
    }
}
