use std::path::Path;

use syn::visit::{self, Visit};

/// A Rust file of ours.
pub(super) struct Source {
    /// Its path from the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) syntax: syn::File,
    /// The whole file is a test: a module declared under `#[cfg(test)]`, or a test of several modules.
    pub(super) is_test: bool,
}

/// A path somebody wrote, and where.
pub(super) struct Named {
    /// Its parts; those of ours begin with `crate`.
    pub(super) parts: Vec<String>,
    pub(super) line: usize,
}

impl Source {
    pub(super) fn read(root: &Path, path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        Self::of(
            &path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/"),
            &text,
        )
    }

    pub(super) fn of(path: &str, text: &str) -> Self {
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            syntax,
            is_test: path.starts_with("tests/"),
        }
    }

    /// The module it is, from the crate's root: `src/store/sqlite.rs` is `store`, `sqlite`.
    pub(super) fn module(&self) -> Vec<String> {
        let inside = self
            .path
            .split_once("src/")
            .map_or("", |(_, inside)| inside)
            .trim_end_matches(".rs");
        let parts = inside.split('/').map(str::to_owned).collect::<Vec<_>>();
        if ["lib", "main"].contains(&inside) {
            Vec::new()
        } else {
            parts
        }
    }

    /// Files of the modules that this one declares under `#[cfg(test)]`.
    pub(super) fn test_files(&self) -> Vec<String> {
        let stem = self.path.trim_end_matches(".rs");
        let root = stem.strip_suffix("/lib").or_else(|| stem.strip_suffix("/main"));
        let folder = root.unwrap_or(stem);
        let declared = self
            .syntax
            .items
            .iter()
            .filter(|item| is_test_only(item))
            .filter_map(|item| {
                let syn::Item::Mod(module) = item else { return None };
                module.content.is_none().then_some(&module.ident)
            });
        declared.map(|name| format!("{folder}/{name}.rs")).collect()
    }

    pub(super) fn lines_before_tests(&self) -> usize {
        let tests = self
            .syntax
            .items
            .iter()
            .find(|item| is_test_only(item))
            .map(|item| line(item) - 1);
        let whole = self.text.lines().count();
        if self.is_test { 0 } else { tests.unwrap_or(whole) }
    }

    /// Every path outside tests, those in `use` trees and in the arguments of macros too.
    pub(super) fn names(&self) -> Vec<Named> {
        let mut names = Names {
            module: self.module(),
            found: Vec::new(),
        };
        if !self.is_test {
            names.visit_file(&self.syntax);
        }
        names.found
    }

    /// Names of modules that the file declares or imports: a path that begins with one of them leads into our own house,
    /// whatever crate has the same name.
    pub(super) fn modules(&self) -> Vec<String> {
        let mut found = Vec::new();
        for item in &self.syntax.items {
            if let syn::Item::Mod(module) = item {
                found.push(module.ident.to_string());
            }
            if let syn::Item::Use(import) = item
                && let syn::UseTree::Path(path) = &import.tree
            {
                ends(&path.tree, &mut found);
            }
        }
        found
    }

    pub(super) fn offence(&self, line: usize, text: impl std::fmt::Display) -> String {
        format!("{}:{line}: {text}", self.path)
    }
}

/// What the branches of an import end in.
fn ends(tree: &syn::UseTree, found: &mut Vec<String>) {
    match tree {
        syn::UseTree::Path(path) => ends(&path.tree, found),
        syn::UseTree::Name(name) => found.push(name.ident.to_string()),
        syn::UseTree::Rename(name) => found.push(name.rename.to_string()),
        syn::UseTree::Glob(_) => {}
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| ends(tree, found)),
    }
}

pub(super) fn line(node: &impl syn::spanned::Spanned) -> usize {
    node.span().start().line
}

/// Under `#[cfg(test)]`, or a test itself.
pub(super) fn is_test_only(item: &syn::Item) -> bool {
    attributes(item).iter().any(|attribute| {
        let cfg = attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "test");
        cfg || attribute.path().is_ident("test")
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "syn has more kinds of items than we have"
)]
fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        _ => &[],
    }
}

struct Names {
    module: Vec<String>,
    found: Vec<Named>,
}

impl Names {
    /// Notes a path from where it stands: `self` and `super` become what they mean.
    fn note(&mut self, parts: &[String], line: usize) {
        let first = parts.first().map_or("", String::as_str);
        if !["self", "super", "lienthong"].contains(&first) {
            self.found.push(Named {
                parts: parts.to_vec(),
                line,
            });
            return;
        }
        let mut base = if first == "lienthong" {
            Vec::new()
        } else {
            self.module.clone()
        };
        let supers = parts.iter().filter(|part| *part == "super").count();
        base.truncate(base.len().saturating_sub(supers));
        let rest = parts
            .iter()
            .filter(|part| !["self", "super", "lienthong"].contains(&part.as_str()))
            .cloned();
        let parts = std::iter::once("crate".to_owned())
            .chain(base)
            .chain(rest)
            .collect();
        self.found.push(Named { parts, line });
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.note(&with(&name.ident), line(name)),
            syn::UseTree::Rename(name) => self.note(&with(&name.ident), line(name)),
            syn::UseTree::Glob(glob) => self.note(&[before, &["*".to_owned()]].concat(), line(glob)),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
        }
    }

    /// Paths among the arguments of a macro: words joined by `::`.
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut joined, mut at) = (0, 0);
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Ident(ident) => {
                    let alone = joined != 2;
                    self.end_if(alone, &mut path, at);
                    at = ident.span().start().line;
                    path.push(ident.to_string());
                    joined = 0;
                }
                proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ':' => joined += 1,
                proc_macro2::TokenTree::Group(group) => {
                    self.end(&mut path, at);
                    self.tokens(group.stream());
                }
                proc_macro2::TokenTree::Punct(_) | proc_macro2::TokenTree::Literal(_) => {
                    self.end(&mut path, at)
                }
            }
        }
        self.end(&mut path, at);
    }

    fn end_if(&mut self, ended: bool, path: &mut Vec<String>, line: usize) {
        if ended {
            self.end(path, line);
        }
    }

    fn end(&mut self, path: &mut Vec<String>, line: usize) {
        if path.len() > 1 {
            self.note(path, line);
        }
        path.clear();
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test_only(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if parts.len() > 1 {
            self.note(&parts, line(path));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        self.tokens(item.mac.tokens.clone());
    }
}
