//! What is shown of a value: everything that may be about a person is masked, and what is not is listed here.

/// Our facts that are about the dossier's way and about nobody: themselves and what lies below them.
const PLAIN: &[&str] = &[
    "number",
    "other_number",
    "procedure",
    "helped_by",
    "received_by",
    "competent",
    "channel",
    "delivery",
    "filed_at",
    "created_at",
    "submitted_at",
    "received_at",
    "due_at",
    "finished_at",
    "returned_at",
    "refused_at",
    "extended_at",
    "status",
    "databases",
    "verified",
    "digitised",
    "owner.kind",
    "components[].code",
    "components[].form",
    "components[].copies",
    "components[].kind",
    "components[].digitised",
    "components[].reuse",
    "components[].from_store",
    "fees[].code",
    "fees[].kind",
    "fees[].when",
    "fees[].amount",
    "payment.state",
    "payment.amount",
    "payment.paid_at",
    "steps[].status",
    "steps[].at",
    "steps[].began_at",
    "steps[].due_at",
    "results[].code",
];

/// Whether a fact of ours is about nobody.
pub(super) fn is_plain(ours: &str) -> bool {
    let path = unnumbered(ours);
    PLAIN.iter().any(|plain| {
        let rest = path.strip_prefix(plain);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    })
}

/// A path without the places in its lists: `fees[3].name` is `fees[].name`.
pub(super) fn unnumbered(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    for piece in path.split_inclusive('[') {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        normal.push_str(&piece[digits..]);
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fact, Facts, Kind, Record};

    #[test]
    fn what_is_about_a_person_is_masked_and_what_is_listed_is_a_fact() {
        for plain in [
            "number",
            "procedure.code",
            "status",
            "components[2].code",
            "databases[0].name",
            "competent.name",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for masked in [
            "",
            "owner.name",
            "owner.papers[0].number",
            "numbers",
            "summary",
            "steps[0].officer",
            "steps[0].content",
            "components[0].files[0].name",
            "parties[0].name",
            "fees[0].name",
        ] {
            assert!(!is_plain(masked), "{masked}");
        }
        for plain in PLAIN {
            assert!(is_fact(Facts::RECORD, plain), "{plain} is no fact");
        }
        let _kind = Facts::KIND;
    }

    fn is_fact(record: &Record, path: &str) -> bool {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some(field) = record
            .fields
            .iter()
            .find(|field| field.name == first.trim_end_matches("[]"))
        else {
            return false;
        };
        let mut kind = field.kind;
        while let Kind::List(item) = kind {
            kind = *item;
        }
        match (rest.is_empty(), kind) {
            (true, _) => true,
            (false, Kind::Record(inner)) => is_fact(inner, rest),
            (false, _) => false,
        }
    }
}
