//! What the caller hears when a push was refused: the only place that knows both the error and its problem.

use data_encoding::HEXLOWER;

use super::problem::{Flaw, Kind, Problem, Wrong};
use super::remarks;
use crate::mapping::{self, Reason, Unreadable as Misread};
use crate::outbound::{Missing, Refusal};
use crate::store::StoreError;
use crate::translate::Unreadable;

/// The end of the name of every code list of procedures.
const PROCEDURES: &str = "procedure";

/// The problem of a refusal.
pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Unreadable(Unreadable::Bytes(unread)) => misread(unread),
        Refusal::Unreadable(Unreadable::Facts(faults)) => kind(faults.iter().map(|fault| &fault.wrong))
            .errors(faults.iter().map(|fault| wrong(&fault.pointer, &fault.wrong))),
        Refusal::Unmet(unmet) => kind(unmet.iter().map(|one| &one.wrong)).errors(unmet.iter().map(|one| {
            let wrong = wrong(&one.pointer, &one.wrong);
            wrong
                .with("fact", one.fact.as_str())
                .with("wanted", one.wanted.as_str())
        })),
        Refusal::Unfit(unfit) => {
            Problem::new(Kind::AgainstProcedure).errors(unfit.iter().map(remarks::wrong))
        }
        Refusal::Unreadable(Unreadable::Procedure { code }) => Problem::new(Kind::UnknownProcedure).error(
            Wrong::new("", Flaw::UnknownCode)
                .with("list", "catalogue")
                .with("code", code),
        ),
        Refusal::AskedAgain(unfit) => Problem::new(Kind::AskedAgain).errors(unfit.iter().map(remarks::wrong)),
        Refusal::MissingFiles(missing) => lacking(&missing),
        Refusal::NoPublicAddress => Problem::new(Kind::NoPublicAddress),
        Refusal::Erased => Problem::new(Kind::Erased),
        Refusal::KeyReused { first, received } => Problem::new(Kind::KeyReused)
            .with("accepted", digest(&first))
            .with("received", digest(&received)),
        Refusal::UnknownDossier => Problem::new(Kind::UnknownDossier),
        Refusal::Foreign => Problem::new(Kind::OtherSystem),
        Refusal::OutboxFull | Refusal::Store(StoreError::Full(_)) => Problem::new(Kind::Full),
        Refusal::Unreadable(Unreadable::Mapping(_))
        | Refusal::Untranslatable(_)
        | Refusal::Unopened
        | Refusal::Unconfigured(_)
        | Refusal::Signer(_)
        | Refusal::Store(
            StoreError::LostLease
            | StoreError::Unusable(_)
            | StoreError::Database(_)
            | StoreError::Sealed(_)
            | StoreError::Absent(_)
            | StoreError::Held(_),
        ) => {
            tracing::error!(error = %refusal, "a push was not accepted for a fault of the gateway's own");
            Problem::new(Kind::Broken)
        }
    }
}

/// Files that a dossier names and that are not here, or are given to nobody.
fn lacking(missing: &[Missing]) -> Problem {
    let bad = missing.iter().any(|one| one.refused);
    let kind = if bad { Kind::FileRefused } else { Kind::FileNotHere };
    Problem::new(kind).errors(missing.iter().map(|one| {
        let flaw = if one.refused {
            Flaw::Harmful
        } else {
            Flaw::NotHandedIn
        };
        let wrong = Wrong::new(one.pointer.as_str(), flaw);
        wrong
            .with("fact", one.fact.as_str())
            .with("digest", digest(&one.digest))
    }))
}

/// A body that cannot be read, with the place where reading stopped.
pub(super) fn misread(unread: Misread) -> Problem {
    let (kind, flaw) = match unread.reason {
        Reason::Syntax | Reason::End => (Kind::NotJson, Flaw::NotJson),
        Reason::Utf8 => (Kind::NotUtf8, Flaw::NotUtf8),
        Reason::Surrogate => (Kind::LoneSurrogate, Flaw::LoneSurrogate),
        Reason::Duplicate => (Kind::DuplicateKey, Flaw::DuplicateKey),
        Reason::Depth => (Kind::TooDeep, Flaw::TooDeep),
        Reason::Items => {
            return Problem::new(Kind::WrongShape).error(Wrong::new(unread.pointer, Flaw::TooMany));
        }
        Reason::Digits => {
            return Problem::new(Kind::WrongShape).error(Wrong::new(unread.pointer, Flaw::BadNumber));
        }
    };
    Problem::new(kind).error(
        Wrong::new(unread.pointer, flaw)
            .with("line", unread.line)
            .with("column", unread.column),
    )
}

/// All faults at once. Any that is no unknown code makes it a wrong shape; else procedures are told from other codes.
fn kind<'f>(wrongs: impl Iterator<Item = &'f mapping::Wrong>) -> Problem {
    let lists: Option<Vec<&str>> = wrongs.map(list).collect();
    Problem::new(match lists {
        None => Kind::WrongShape,
        Some(lists) if lists.iter().any(|list| list.ends_with(PROCEDURES)) => Kind::UnknownProcedure,
        Some(_) => Kind::UnmappedCode,
    })
}

/// The code list that lacks a word, if that is what is wrong.
fn list(wrong: &mapping::Wrong) -> Option<&str> {
    match wrong {
        mapping::Wrong::Code { list, .. } => Some(list),
        mapping::Wrong::Missing
        | mapping::Wrong::Type { .. }
        | mapping::Wrong::Time { .. }
        | mapping::Wrong::Date
        | mapping::Wrong::Long { .. }
        | mapping::Wrong::Number
        | mapping::Wrong::Separator
        | mapping::Wrong::Procedure
        | mapping::Wrong::DossierNumber
        | mapping::Wrong::Document => None,
    }
}

pub(super) fn wrong(pointer: &str, wrong: &mapping::Wrong) -> Wrong {
    let flaw = match wrong {
        mapping::Wrong::Missing => Flaw::Missing,
        mapping::Wrong::Type { .. } => Flaw::WrongType,
        mapping::Wrong::Document => Flaw::Document,
        mapping::Wrong::Time { .. } => Flaw::BadTime,
        mapping::Wrong::Date => Flaw::BadDate,
        mapping::Wrong::Long { .. } => Flaw::TooLong,
        mapping::Wrong::Number => Flaw::BadNumber,
        mapping::Wrong::Separator => Flaw::Separator,
        mapping::Wrong::Procedure => Flaw::Procedure,
        mapping::Wrong::DossierNumber => Flaw::DossierNumber,
        mapping::Wrong::Code { list, word } => {
            return Wrong::new(pointer, Flaw::UnknownCode)
                .with("list", list.as_str())
                .with("code", word.as_str());
        }
    };
    Wrong::new(pointer, flaw)
}

fn digest(digest: &[u8; 32]) -> String {
    format!("sha-256:{}", HEXLOWER.encode(digest))
}
