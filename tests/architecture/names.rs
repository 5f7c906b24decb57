use syn::visit::{self, Visit};

use super::source::{Source, is_test_only, line};
use super::{EMPTY_WORDS, FOREIGN_WORDS};

/// Names that say nothing, and files that are not named with one word.
pub(super) fn offences(source: &Source) -> Vec<String> {
    let stem = source
        .path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs");
    let one_word = stem != "mod" && stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let file =
        (!one_word).then(|| source.offence(1, "a file is named with one word, and `foo/mod.rs` is `foo.rs`"));
    let mut items = Items(Vec::new());
    if !source.is_test {
        items.visit_file(&source.syntax);
    }
    let foreign = |word: &str| {
        FOREIGN_WORDS
            .iter()
            .any(|(path, words)| source.path.starts_with(path) && words.contains(&word))
    };
    let empty = items.0.iter().filter_map(|(name, line)| {
        let word = words(name)
            .into_iter()
            .find(|word| EMPTY_WORDS.contains(&word.as_str()) && !foreign(word))?;
        Some(source.offence(*line, format!("`{name}`: `{word}` says nothing about it")))
    });
    file.into_iter().chain(empty).collect()
}

/// The words of a name in either case: `HTTPServer_x` has `http`, `server`, `x`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let letters: Vec<char> = name.chars().collect();
    for (i, letter) in letters.iter().enumerate() {
        let before_lower = i > 0 && letters[i - 1].is_lowercase();
        let after_lower = letters.get(i + 1).is_some_and(|next| next.is_lowercase());
        if *letter == '_' || (letter.is_uppercase() && (before_lower || after_lower)) {
            words.push(String::new());
        }
        words
            .last_mut()
            .unwrap()
            .extend(letter.to_lowercase().filter(|letter| *letter != '_'));
    }
    words
}

/// Names of items outside tests, and their lines.
struct Items(Vec<(String, usize)>);

impl Items {
    fn note(&mut self, name: &syn::Ident) {
        self.0.push((name.to_string(), line(name)));
    }
}

impl<'ast> Visit<'ast> for Items {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other kinds have no name, or one that is noted below"
    )]
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_test_only(item) {
            return;
        }
        match item {
            syn::Item::Const(item) => self.note(&item.ident),
            syn::Item::Enum(item) => self.note(&item.ident),
            syn::Item::Macro(item) => item.ident.iter().for_each(|name| self.note(name)),
            syn::Item::Mod(item) => self.note(&item.ident),
            syn::Item::Static(item) => self.note(&item.ident),
            syn::Item::Struct(item) => self.note(&item.ident),
            syn::Item::Trait(item) => self.note(&item.ident),
            syn::Item::Type(item) => self.note(&item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        // What implements somebody else's trait is named by that trait; functions of ours are noted below.
        if let syn::ImplItem::Const(item) = item {
            self.note(&item.ident);
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if item.trait_.is_none() {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.note(&signature.ident);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.note(&variant.ident);
    }
}

/// What a gateway does not do: fall over, take everything from somewhere, paint banners.
pub(super) fn shortcuts(source: &Source) -> Vec<String> {
    if source.is_test {
        return Vec::new();
    }
    let mut shortcuts = Shortcuts(Vec::new());
    shortcuts.visit_file(&source.syntax);
    let found = shortcuts
        .0
        .into_iter()
        .map(|(line, text)| source.offence(line, text));
    let before = source.text.lines().take(source.lines_before_tests()).enumerate();
    let banner = |line: &str| {
        let text = line.trim_start();
        text.starts_with("//")
            && ["====", "----", "────", "****"]
                .iter()
                .any(|rule| text.contains(rule))
    };
    let banners = before.filter(|(_, line)| banner(line));
    found
        .chain(banners.map(|(i, _)| source.offence(i + 1, "a file that needs banners wants to be two files")))
        .collect()
}

struct Shortcuts(Vec<(usize, &'static str)>);

impl<'ast> Visit<'ast> for Shortcuts {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test_only(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if ["unwrap", "expect"].iter().any(|name| call.method == name) {
            self.0
                .push((line(&call.method), "handle it, or name what cannot fail"));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_use_glob(&mut self, glob: &'ast syn::UseGlob) {
        self.0
            .push((line(glob), "import by name: nobody can tell where a name is from"));
    }
}

/// Tests that are switched off.
pub(super) fn ignored(source: &Source) -> Vec<String> {
    let mut ignored = Ignored(Vec::new());
    ignored.visit_file(&source.syntax);
    ignored
        .0
        .into_iter()
        .map(|line| source.offence(line, "assert the wrong behaviour and say why it is wrong"))
        .collect()
}

struct Ignored(Vec<usize>);

impl<'ast> Visit<'ast> for Ignored {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("ignore") {
            self.0.push(line(attribute));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_words_are_found_as_whole_words_only() {
        let bad = "struct DossierManager; fn get_it() {} enum E { Info } mod util {} trait T { fn do_it(); } impl S { fn process() {} }";
        assert_eq!(offences(&Source::of("src/a.rs", bad)).len(), 6);
        let good = "struct Database; fn target() {} enum E { Undo } mod dominfo {} impl Visit for S { fn get() {} } struct Processing;";
        assert_eq!(offences(&Source::of("src/a.rs", good)), [""; 0]);
        assert_eq!(
            offences(&Source::of("adapters/portal/src/a.rs", "fn service() {}")),
            [""; 0]
        );
        assert_eq!(
            offences(&Source::of("src/a.rs", "fn f() {}\nfn service() {}")),
            ["src/a.rs:2: `service`: `service` says nothing about it"]
        );
        assert_eq!(words("HTTPServer_info"), ["http", "server", "info"]);
    }

    #[test]
    fn a_file_has_one_word() {
        for path in ["src/two_words.rs", "src/a/mod.rs", "src/Upper.rs"] {
            assert_eq!(offences(&Source::of(path, "")).len(), 1, "{path}");
        }
    }

    #[test]
    fn shortcuts_are_found_outside_tests_only() {
        let bad = "use a::*;\nfn f() { x.unwrap(); y.expect(\"z\"); }\n// ==== part two ====\n";
        assert_eq!(shortcuts(&Source::of("src/a.rs", bad)).len(), 4);
        let good = "fn f() { x.unwrap_or(1); } // a - b\n#[cfg(test)]\nmod tests { use super::*; fn f() { x.unwrap(); } }";
        assert_eq!(shortcuts(&Source::of("src/a.rs", good)), [""; 0]);
    }

    #[test]
    fn a_module_for_tests_is_found_by_its_declaration() {
        let text = "#[cfg(test)]\nmod trial;\nmod door;\n#[cfg(test)]\nmod tests {}";
        assert_eq!(
            Source::of("src/twin.rs", text).test_files(),
            ["src/twin/trial.rs"]
        );
        assert_eq!(Source::of("src/lib.rs", text).test_files(), ["src/trial.rs"]);
    }

    #[test]
    fn an_ignored_test_is_found() {
        let bad = "#[cfg(test)]\nmod tests {\n#[test]\n#[ignore = \"slow\"]\nfn f() {} }";
        assert_eq!(ignored(&Source::of("src/a.rs", bad)).len(), 1);
    }
}
