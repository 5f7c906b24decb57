//! Canonical forms of random documents, ours and libxml2's; and that they mean what the documents mean.

use lienthong::signing::xml::{Bounds, Canonical, Form, canonical};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use super::judges::ask;

/// Pieces of character data, as authors write them.
const TEXTS: [&str; 12] = [
    "x",
    "ế",
    " ",
    "\n",
    "\r\n",
    "&amp;",
    "&lt;",
    "&#13;",
    "&#x1EBF;",
    "\"",
    "<![CDATA[a<b&c>]]>",
    ">",
];
/// Pieces of attribute values.
const VALUES: [&str; 11] = [
    "x", "ế", " ", "\n", "\t", "&amp;", "&lt;", ">", "&#9;", "&#10;", "&quot;",
];
/// Declarations that are in scope or not, each allowed everywhere.
const BINDINGS: [&str; 7] = [
    "xmlns=\"urn:1\"",
    "xmlns=\"\"",
    "xmlns:a=\"urn:1\"",
    "xmlns:a=\"urn:2\"",
    "xmlns:b=\"urn:1\"",
    "xmlns:b=\"urn:3\"",
    "xmlns:c=\"urn:c\"",
];
/// Names of elements and attributes; the prefixes are declared on the root.
const NAMES: [&str; 6] = ["e", "é", "a:e", "b:e", "c:g", "b:f"];
const ATTRIBUTES: [&str; 6] = ["k", "Z", "c:k", "xml:lang", "xml:base", "m"];

fn pieces(all: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(all), 0..4).prop_map(|pieces| pieces.concat())
}

/// The inside of a start tag.
fn tag() -> impl Strategy<Value = (String, String)> {
    let attributes = prop::sample::subsequence(&ATTRIBUTES[..], 0..4);
    let bindings = prop::sample::subsequence(&BINDINGS[..], 0..3);
    (
        prop::sample::select(&NAMES[..]),
        attributes,
        bindings,
        pieces(&VALUES),
        any::<bool>(),
    )
        .prop_map(|(name, attributes, bindings, value, ahead)| {
            let mut seen = Vec::new();
            let bindings: Vec<&str> = bindings
                .into_iter()
                .filter(|one| {
                    let name = one.split_once('=').unwrap().0;
                    let fresh = !seen.contains(&name);
                    seen.push(name);
                    fresh
                })
                .collect();
            let attributes: Vec<String> = attributes
                .iter()
                .map(|one| format!("{one}=\"{value}\""))
                .collect();
            let (bindings, attributes) = (bindings.join("\n "), attributes.join(" "));
            let inside = match ahead {
                true => format!("{bindings} {attributes}"),
                false => format!("{attributes} {bindings}"),
            };
            (name.to_owned(), inside)
        })
}

fn content() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        pieces(&TEXTS),
        Just("<!-- c -->".to_owned()),
        Just("<?p  q ?>".to_owned()),
        Just("<?p?>".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        (tag(), prop::collection::vec(inner, 0..5)).prop_map(|((name, inside), parts)| {
            match parts.is_empty() {
                true => format!("<{name} {inside}/>"),
                false => format!("<{name} {inside}>{}</{name}>", parts.concat()),
            }
        })
    })
}

fn document() -> impl Strategy<Value = String> {
    prop::collection::vec(content(), 0..5).prop_map(|parts| {
        format!(
            "<?xml version=\"1.0\"?>\n<!-- ngoài --> <r xmlns:a=\"urn:1\" xmlns:b=\"urn:2\" xmlns:c=\"urn:c\">{}</r>\n<?het?>",
            parts.concat()
        )
    })
}

#[test]
fn random_documents_have_libxml2s_canonical_forms() {
    let mut runner = TestRunner::deterministic();
    let (mut cases, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..300 {
        let document = document().new_tree(&mut runner).unwrap().current();
        for form in [Form::Inclusive, Form::Inclusive11, Form::Exclusive] {
            for (comments, prefixes) in [(false, vec![]), (true, vec!["a", "c"])] {
                let exclusive = form == Form::Exclusive;
                let prefixes: Vec<&str> = prefixes.into_iter().filter(|_| exclusive).collect();
                let method = Canonical {
                    comments,
                    prefixes: prefixes.iter().map(|&one| one.to_owned()).collect(),
                    ..Canonical::new(form)
                };
                let case = json!({"document": document, "exclusive": exclusive, "comments": comments, "prefixes": prefixes});
                cases.push(case);
                ours.push(canonical(document.as_bytes(), None, &method, &Bounds::default()).unwrap());
            }
        }
    }
    for ((case, ours), theirs) in cases.iter().zip(ours).zip(ask("canonical", &cases)) {
        assert_eq!(Ok(String::from_utf8(ours).unwrap()), theirs, "{case}");
    }
}

#[test]
fn a_canonical_form_is_its_own_canonical_form() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..500 {
        let document = document().new_tree(&mut runner).unwrap().current();
        for form in [Form::Inclusive, Form::Inclusive11, Form::Exclusive] {
            let method = Canonical {
                comments: true,
                ..Canonical::new(form)
            };
            let once = canonical(document.as_bytes(), None, &method, &Bounds::default()).unwrap();
            assert_eq!(
                canonical(&once, None, &method, &Bounds::default()).as_ref(),
                Ok(&once),
                "{document}"
            );
        }
    }
}
