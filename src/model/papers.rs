//! What a dossier brings, costs, asks for and yields: components, fees, supplements, results, steps.

use super::codes::{CopyKind, FeeKind, FeeWhen, PaymentState, Reuse, Status};
use super::record::record;
use super::{PartialDate, Time};

record! {
    /// One file of a component.
    #[derive(Default)]
    File, "file" {
        id: Option<String> = "Its id where it came from.",
        name: Option<String> = "The name people read.",
        reference: Option<String> = "What its system hands it out by, where that is not an address.",
        address: Option<String> = "Where its bytes are fetched.",
        digest: Option<String> = "SHA-256 of its bytes, hexadecimal.",
        size: Option<i64> = "Its size in bytes.",
        media: Option<String> = "Its media type.",
        removed: Option<bool> = "It was taken back.",
    }
}

record! {
    /// A paper that a dossier needs (thành phần hồ sơ).
    #[derive(Default)]
    Component, "component" {
        code: Option<String> = "Its code in the catalogue (`MAGIAYTO`).",
        name: Option<String> = "Its name.",
        form: Option<String> = "The form it is filled on.",
        copies: Option<i64> = "How many copies.",
        kind: Option<CopyKind> = "Original, copy or electronic.",
        digitised: Option<bool> = "It was digitised.",
        reuse: Option<Reuse> = "It was reused rather than handed in.",
        from_store: Option<bool> = "It came from the person's national document store.",
        replaced_by: Option<String> = "The code of the result that replaces it.",
        files: Vec<File> = "Its files.",
    }
}

record! {
    /// Another paper, without a file.
    #[derive(Default)]
    OtherPaper, "other paper" {
        name: Option<String> = "Its name.",
        quantity: Option<i64> = "How many.",
        kind: Option<i64> = "Its kind, in the portal's number.",
    }
}

record! {
    /// Money that is due.
    #[derive(Default)]
    Fee, "fee" {
        name: Option<String> = "Its name.",
        code: Option<String> = "Its code in the catalogue.",
        kind: Option<FeeKind> = "Charge or fee.",
        when: Option<FeeWhen> = "When it is due.",
        amount: Option<i64> = "Whole đồng.",
    }
}

record! {
    /// How the money came in.
    #[derive(Default)]
    Payment, "payment" {
        state: Option<PaymentState> = "Whether and where it was paid.",
        method: Option<String> = "The method, in the payer system's word.",
        reference: Option<String> = "The payment's reference.",
        paid_at: Option<Time> = "When it was paid.",
        amount: Option<i64> = "Whole đồng.",
    }
}

record! {
    /// One round of asking for missing papers.
    #[derive(Default)]
    Supplement, "supplement" {
        id: Option<String> = "Its id where it came from.",
        asked_by: Option<String> = "The officer who asked.",
        wanted: Option<String> = "What is missing.",
        asked_at: Option<Time> = "When it was asked for.",
        received_by: Option<String> = "The officer who took it.",
        received_note: Option<String> = "What was noted then.",
        received_at: Option<Time> = "When it came.",
        settled: Option<bool> = "The round is over.",
        components: Vec<Component> = "What was brought.",
        fees: Vec<Fee> = "What it costs.",
        due_before: Option<Time> = "The appointment before.",
        due_after: Option<Time> = "The appointment after.",
    }
}

record! {
    /// One paper that came out.
    #[derive(Default)]
    Outcome, "result" {
        name: Option<String> = "Its name.",
        id: Option<String> = "Its id where it came from.",
        component: Option<String> = "The component it stands for.",
        code: Option<String> = "Its code in the catalogue (`MAKETQUA`).",
        reference: Option<String> = "What its system hands it out by, where that is not an address.",
        address: Option<String> = "Where its bytes are fetched.",
        symbol: Option<String> = "Its number and symbol.",
        signer: Option<String> = "Who signed it.",
        issuer: Option<String> = "Which body issued it.",
        issued_on: Option<PartialDate> = "When it was issued.",
    }
}

record! {
    /// One act of processing, by an officer, at a time.
    #[derive(Default)]
    Step, "step" {
        officer: Option<String> = "Who acted.",
        title: Option<String> = "The officer's title.",
        department: Option<String> = "The officer's department.",
        content: Option<String> = "What was done.",
        status: Option<Status> = "Where the dossier stood after it.",
        at: Option<Time> = "When.",
        began_at: Option<Time> = "When the work on it began.",
        due_at: Option<Time> = "When it is due by law.",
    }
}

record! {
    /// A national database that was consulted.
    #[derive(Default)]
    Database, "database" {
        code: Option<String> = "Its code (`MaCSDL`).",
    }
}
