//! A call on its way through the databases, and what is said to it.

use super::fault::{self, Fault};
use super::question::{Kind, Question};
use super::reply::Reply;
use super::road::Road;
use super::service::Service;
use super::soap::Wrong;
use super::{Inquiry, business, civil, hub, insurance, licence, papers, population, record};
use crate::twin::day::CodeAs;
use axum::http::HeaderMap;
use serde_json::Value;

/// A call that was let in.
pub(super) struct Call<'a> {
    pub(super) road: &'static Road,
    pub(super) service: Service,
    /// The part of the path after an end with `/`.
    pub(super) more: &'a str,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// How the day writes codes.
    pub(super) shape: CodeAs,
    /// Whether the day lets the hub be untidy.
    pub(super) untidy: bool,
}

impl Call<'_> {
    /// A code that is usually a text.
    pub(super) fn code(&self, code: i64) -> Value {
        fault::coded(code, CodeAs::Text, self.shape)
    }

    /// A code that is usually a number.
    pub(super) fn number(&self, code: i64) -> Value {
        fault::coded(code, CodeAs::Int, self.shape)
    }
}

/// A question that could be read: what the books note of it, and what is wanted.
pub(super) struct Asked {
    pub(super) note: Inquiry,
    pub(super) want: Want,
}

/// What is wanted of which database.
pub(super) enum Want {
    Population(Kind, Question),
    Business(business::Want),
    Papers(papers::Want),
    Civil(civil::Want),
    Hub(hub::Want),
    Insurance(insurance::Want),
    Record(record::Want),
    Licence(licence::Want),
}

/// What is said to a call, before it is worded for the road.
#[derive(Debug)]
pub(super) struct Told {
    /// The class of the specification's closed list.
    pub(super) class: &'static str,
    pub(super) said: Said,
    /// What the books note, when the question could not be read to its end.
    pub(super) note: Option<Box<Inquiry>>,
}

/// What is said.
#[derive(Debug)]
pub(super) enum Said {
    People(population::Found),
    /// The caller is wrong, in SOAP's sense.
    Client(Wrong),
    /// The database is wrong, in SOAP's sense.
    Server(Wrong),
    Fault(Fault),
    Json(Value),
    Ready(Reply),
}

impl Told {
    pub(super) fn new(class: &'static str, said: Said) -> Told {
        let note = None;
        Told { class, said, note }
    }

    pub(super) fn json(class: &'static str, value: Value) -> Told {
        Told::new(class, Said::Json(value))
    }

    pub(super) fn refused(wrong: Wrong) -> Told {
        let class = if wrong.code == "OFFICER_NOT_REGISTERED" {
            "upstream_rejected"
        } else {
            "invalid_input"
        };
        Told::new(class, Said::Client(wrong))
    }

    pub(super) fn about(mut self, note: Inquiry) -> Told {
        self.note = Some(Box::new(note));
        self
    }
}
