//! What a payment platform is asked: money that is due for a dossier.

use super::dossier::Procedure;
use super::papers::Fee;
use super::record::record;
use super::subject::{Agency, Subject};
use super::{Number, Time};

record! {
    /// An order: what is due for a dossier, asked for through a payment platform. It holds no more of the dossier than a platform
    /// has to know.
    Order, "order" {
        reference: String = "Its reference, which both ends know it by.",
        amount: i64 = "What is due in all, whole đồng.",
        at: Time = "When it began.",
        number: Number = "The dossier's number.",
        procedure: Procedure = "The procedure.",
        competent: Agency = "The agency that decides.",
        payer: Subject = "Who is to pay: whom the dossier is about.",
        fees: Vec<Fee> = "What is due, one by one.",
    }
}
