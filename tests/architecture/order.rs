use syn::visit::{self, Visit};

use super::source::{Named, Source, is_test_only, line};
use super::{HOMES, IMPURE, LAYERS, PURE, STRANGERS};

/// Imports against the order of the layers.
pub(super) fn imports(source: &Source) -> Vec<String> {
    let module = source.module();
    let Some(from) = module.first() else {
        return Vec::new();
    };
    if layer(from).is_none() {
        return vec![source.offence(1, format!("the module `{from}` has no layer"))];
    }
    let (names, own) = (source.names(), source.modules());
    names
        .iter()
        .filter(|named| !own.contains(&named.parts[0]))
        .filter_map(|named| Some(source.offence(named.line, crosses(from, named)?)))
        .collect()
}

/// Why a module may not name this; `None` when it may.
fn crosses(from: &str, named: &Named) -> Option<String> {
    let wire = |(name, homes): &(&str, &[&str])| *name == named.parts[0] && *homes == ["registry"];
    let foreign = named.parts[0] == "wire" || HOMES.iter().any(wire);
    if STRANGERS.contains(&from) && foreign {
        return Some(format!(
            "`{from}` imports nothing of ours, not `{}`",
            named.parts[0]
        ));
    }
    let to = named
        .parts
        .get(1)
        .filter(|to| named.parts[0] == "crate" && *to != from)?;
    // A macro stands at the root, wherever it was written.
    let below = layer(to)?;
    if STRANGERS.contains(&from) {
        return Some(format!("`{from}` imports nothing of ours, not `{to}`"));
    }
    let above = layer(from)?;
    match below.cmp(&above) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Equal => Some(format!(
            "`{from}` and `{to}` are of one layer and do not see each other"
        )),
        std::cmp::Ordering::Greater => Some(format!(
            "`{from}` is of an earlier layer than `{to}` and does not know it"
        )),
    }
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Crates named outside their one home.
pub(super) fn homes(source: &Source) -> Vec<String> {
    let place = source.path.trim_start_matches("src/").trim_end_matches(".rs");
    let at_home = |homes: &[&str]| {
        homes
            .iter()
            .any(|home| place == *home || place.starts_with(&format!("{home}/")))
    };
    let own = source.modules();
    let stray = |named: &Named| {
        if own.contains(&named.parts[0]) {
            return None;
        }
        let (name, homes) = HOMES.iter().find(|(name, _)| *name == named.parts[0])?;
        let text = format!("`{name}` is named in {} only", homes.join(", "));
        (!at_home(homes)).then(|| source.offence(named.line, text))
    };
    source.names().iter().filter_map(stray).collect()
}

/// Effects in modules that have none.
pub(super) fn purity(source: &Source) -> Vec<String> {
    let pure = source
        .module()
        .first()
        .is_some_and(|module| PURE.contains(&module.as_str()));
    if !pure || source.is_test {
        return Vec::new();
    }
    let impure = |named: &Named| {
        let path = named.parts.join("::");
        let what = IMPURE
            .iter()
            .find(|what| path == **what || path.starts_with(&format!("{what}::")))?;
        Some(source.offence(named.line, format!("a pure module does not name `{what}`")))
    };
    let mut found: Vec<String> = source.names().iter().filter_map(impure).collect();
    let mut waits = Waits(Vec::new());
    waits.visit_file(&source.syntax);
    found.extend(
        waits
            .0
            .into_iter()
            .map(|line| source.offence(line, "a pure module does not wait: no `async`")),
    );
    found
}

/// Lines of `async` functions and blocks.
struct Waits(Vec<usize>);

impl<'ast> Visit<'ast> for Waits {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test_only(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.0.extend(signature.asyncness.iter().map(line));
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.0.push(line(block));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) -> Vec<String> {
        rule(&Source::of(path, text))
    }

    #[test]
    fn an_import_against_the_order_is_named() {
        let bad = "use crate::{model::Owner, http::problem};";
        let expected =
            "src/store/sqlite.rs:1: `store` is of an earlier layer than `http` and does not know it";
        assert_eq!(found(imports, "src/store/sqlite.rs", bad), [expected]);
        let sibling = "src/codes.rs:2: `codes` and `mapping` are of one layer and do not see each other";
        assert_eq!(
            found(imports, "src/codes.rs", "\nfn f() { super::mapping::run(); }"),
            [sibling]
        );
        let deep = "mod inner { fn f() -> crate::store::Store { vec![super::super::http::x] } }";
        assert_eq!(
            found(imports, "src/partner.rs", deep).len(),
            1,
            "`super` counts modules within a file"
        );
        assert_eq!(
            found(imports, "src/cellar.rs", "").len(),
            1,
            "a module needs a layer"
        );
    }

    #[test]
    fn what_is_in_order_is_not_named() {
        for text in [
            "use crate::model::Owner; use crate::store::Other; use super::model; use std::http::x;",
            "mod sqlite; use sqlite::Writer; use self::sqlite::Reader;",
            "#[cfg(test)] mod tests { use crate::http::Problem; }",
        ] {
            assert_eq!(found(imports, "src/store.rs", text), [""; 0], "{text}");
        }
        assert_eq!(
            found(imports, "src/lib.rs", "pub use crate::http::Http;"),
            [""; 0]
        );
    }

    #[test]
    fn a_stranger_knows_nothing_of_ours() {
        for text in [
            "use crate::model::Owner;",
            "fn f() { wire::json::x() }",
            "use portal::Portal;",
            "fn f() { x!(crate::clock::now()) }",
        ] {
            assert_eq!(found(imports, "src/twin/door.rs", text).len(), 1, "{text}");
        }
        for text in [
            "use super::day; use crate::twin::books;",
            "mod population; fn f() { population::read() }",
            "use super::{day, population}; fn f() { population::read() }",
        ] {
            assert_eq!(found(imports, "src/twin/door.rs", text), [""; 0], "{text}");
            assert_eq!(found(homes, "src/twin/door.rs", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_crate_is_named_at_home_only() {
        assert_eq!(
            found(homes, "src/outbox.rs", "use rusqlite::Row;"),
            ["src/outbox.rs:1: `rusqlite` is named in store only"]
        );
        assert_eq!(
            found(homes, "src/storehouse.rs", "fn f() -> rusqlite::Row { 1 }").len(),
            1
        );
        assert_eq!(found(homes, "src/store/sqlite.rs", "use rusqlite::Row;"), [""; 0]);
        assert_eq!(
            found(homes, "src/partner.rs", "fn f() { note!(\"{}\", portal::NAME) }").len(),
            1,
            "macros too"
        );
    }

    #[test]
    fn an_effect_in_a_pure_module_is_named() {
        for text in [
            "use std::fs::File;",
            "async fn f() {}",
            "fn f() { let _ = async { 1 }; }",
            "use std::{net::TcpStream};",
            "use tokio::time;",
        ] {
            assert_eq!(found(purity, "src/mapping/run.rs", text).len(), 1, "{text}");
        }
        assert_eq!(
            found(
                purity,
                "src/mapping/run.rs",
                "#[cfg(test)] mod tests { use std::fs; }"
            ),
            [""; 0]
        );
        assert_eq!(found(purity, "src/files.rs", "use std::fs;"), [""; 0]);
    }
}
