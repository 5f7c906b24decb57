use syn::visit::{self, Visit};

use super::source::{Source, is_test_only};
use super::{FILE_LINES, FUNCTION_LINES};

/// A function outside tests.
pub(super) struct Function {
    pub(super) name: String,
    /// Where it begins.
    pub(super) line: usize,
    /// Lines between its braces.
    pub(super) lines: usize,
}

/// A file or a function over its ceiling.
pub(super) fn too_long(source: &Source) -> Vec<String> {
    let lines = source.lines_before_tests();
    let file = (lines > FILE_LINES)
        .then(|| source.offence(lines, format!("{lines} lines; a file has at most {FILE_LINES}")));
    let long = functions(source)
        .into_iter()
        .filter(|function| function.lines > FUNCTION_LINES);
    let long = long.map(|it| {
        source.offence(
            it.line,
            format!(
                "`{}` has {} lines; a function has at most {FUNCTION_LINES}",
                it.name, it.lines
            ),
        )
    });
    file.into_iter().chain(long).collect()
}

/// All functions outside tests.
pub(super) fn functions(source: &Source) -> Vec<Function> {
    let mut functions = Functions(Vec::new());
    if !source.is_test {
        functions.visit_file(&source.syntax);
    }
    functions.0
}

/// The value that so many in a hundred do not exceed.
pub(super) fn at(values: &[usize], percent: usize) -> usize {
    let mut values = values.to_vec();
    values.sort_unstable();
    values
        .get((values.len() * percent / 100).min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0)
}

struct Functions(Vec<Function>);

impl Functions {
    fn note(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (open, close) = (
            block.brace_token.span.open().start(),
            block.brace_token.span.close().start(),
        );
        let lines = (close.line - open.line).saturating_sub(1).max(1);
        self.0.push(Function {
            name: signature.ident.to_string(),
            line: open.line,
            lines,
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test_only(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.note(&item.sig, block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_its_ceiling_is_named() {
        let body = "    x();\n".repeat(61);
        let long = format!("fn f() {{\n{body}}}\n#[cfg(test)]\nmod tests {{ fn g() {{\n{body}}} }}\n");
        let expected = "src/a.rs:1: `f` has 61 lines; a function has at most 60";
        assert_eq!(too_long(&Source::of("src/a.rs", &long)), [expected]);
        let file = format!(
            "{}#[cfg(test)]\nmod tests {{}}\n",
            "const A: u8 = 1;\n".repeat(401)
        );
        assert_eq!(
            too_long(&Source::of("src/a.rs", &file)),
            ["src/a.rs:401: 401 lines; a file has at most 400"]
        );
    }

    #[test]
    fn nine_in_ten() {
        assert_eq!(at(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90), 10);
        assert_eq!(at(&[3, 1, 2], 50), 2);
        assert_eq!(at(&[], 50), 0);
    }
}
