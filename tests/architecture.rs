//! The rules of the house that no compiler holds, as data, and the tests that hold them.
//! An offender is named with its file and line. A rule that no longer serves is changed here, for all rooms at once.

mod names;
mod order;
mod size;
mod source;

use crate::support;
use source::Source;

/// Which modules may know which: a later layer may import earlier ones, those of one layer not each other.
const LAYERS: &[&[&str]] = &[
    &["model", "registry"],
    &["mapping", "codes", "procedures", "signing", "evidence"],
    &["config", "clock"],
    &["store", "keys", "vault", "files", "transport", "accounts"],
    &["partner"],
    &[
        "intake",
        "reuse",
        "route",
        "translate",
        "outbox",
        "deliver",
        "callback",
        "apply",
        "notify",
    ],
    &["outbound", "inbound", "payments", "upkeep"],
    &["http", "console", "worker", "twin"],
    &["app"],
    // The command line stands on everything: its sandbox runs a node and the twin beside it.
    &["cli"],
];

/// Modules that import nothing of ours, so that they can judge it.
const STRANGERS: &[&str] = &["twin"];

/// Pure modules: bytes in, bytes out.
const PURE: &[&str] = &["mapping", "codes", "procedures", "signing", "evidence"];

/// What a pure module does not name, nor does it have an `async fn`.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "tokio",
    "axum",
    "reqwest",
    "rusqlite",
    "futures_util",
];

/// What has one home: the first part of a path, and where in `src/` it may be named.
const HOMES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("reqwest", &["transport"]),
    ("governor", &["partner", "reuse"]),
    ("backoff", &["transport/retry"]),
    ("portal", &["registry"]),
    ("population", &["registry"]),
    ("business", &["registry"]),
    ("document_store", &["registry"]),
    ("social_insurance", &["registry"]),
    ("civil_status", &["registry"]),
    ("linked_hub", &["registry"]),
    ("criminal_record", &["registry"]),
    ("payment", &["registry"]),
    ("online", &["registry"]),
    ("edxml", &["registry"]),
    ("anyhow", &["main"]),
    ("clap", &["cli", "main"]),
    ("axum", &["http", "console", "twin"]),
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("tokio_openssl", &["transport"]),
    ("rustix", &["store", "files"]),
    ("cryptoki", &["keys"]),
    ("argon2", &["accounts"]),
    ("askama", &["console"]),
    (
        "openssl",
        &[
            "accounts",
            "keys",
            "signing",
            "evidence",
            "vault",
            "files",
            "twin",
            "transport",
        ],
    ),
];

/// Words that say nothing about a thing, and so are no part of its name.
const EMPTY_WORDS: &[&str] = &[
    "manager",
    "service",
    "services",
    "handler",
    "handlers",
    "processor",
    "helper",
    "helpers",
    "util",
    "utils",
    "common",
    "data",
    "info",
    "do",
    "process",
    "get",
];

/// Where one of them is somebody else's own word for the thing: the file's path begins so.
const FOREIGN_WORDS: &[(&str, &[&str])] = &[
    ("adapters/portal/", &["service", "services"]),
    ("src/twin/", &["service", "services"]),
    ("adapters/wire/src/call.rs", &["get"]),
    ("src/config/logging.rs", &["info"]),
];

/// Lines of a file before its tests.
const FILE_LINES: usize = 400;
/// Lines of nine files in ten.
const MOST_FILE_LINES: usize = 300;
/// Lines of a function's body.
const FUNCTION_LINES: usize = 60;
/// Lines of the body of every second function, and of nine in ten.
const MOST_FUNCTION_LINES: (usize, usize) = (10, 25);
/// Visible entries at the root.
const ROOT_ENTRIES: usize = 12;

#[test]
fn later_layers_import_earlier_ones_and_siblings_never() {
    expect_none(sources(&["src"]).iter().flat_map(order::imports));
}

#[test]
fn what_has_one_home_is_named_nowhere_else() {
    expect_none(sources(&["src"]).iter().flat_map(order::homes));
}

#[test]
fn pure_modules_are_pure() {
    expect_none(sources(&["src"]).iter().flat_map(order::purity));
}

#[test]
fn names_say_what_a_thing_is() {
    expect_none(
        sources(&["src", "adapters", "tests"])
            .iter()
            .flat_map(names::offences),
    );
}

#[test]
fn nothing_outside_tests_falls_over_or_hides() {
    expect_none(sources(&["src", "adapters"]).iter().flat_map(names::shortcuts));
}

#[test]
fn no_test_is_ignored() {
    expect_none(
        sources(&["src", "adapters", "tests"])
            .iter()
            .flat_map(names::ignored),
    );
}

#[test]
fn files_and_functions_stay_small() {
    let sources = sources(&["src", "adapters"]);
    expect_none(sources.iter().flat_map(size::too_long));
    let files: Vec<usize> = sources.iter().map(Source::lines_before_tests).collect();
    let most = size::at(&files, 90);
    assert!(
        most <= MOST_FILE_LINES,
        "nine files in ten have at most {most} lines, not {MOST_FILE_LINES}"
    );
    let functions: Vec<usize> = sources
        .iter()
        .flat_map(size::functions)
        .map(|function| function.lines)
        .collect();
    let (median, most) = (size::at(&functions, 50), size::at(&functions, 90));
    assert!(
        (median, most) <= MOST_FUNCTION_LINES && most <= MOST_FUNCTION_LINES.1,
        "functions: median {median}, p90 {most}"
    );
}

#[test]
fn the_root_is_the_design() {
    let ignored = std::fs::read_to_string(support::root().join(".gitignore")).unwrap();
    let visible: Vec<String> = std::fs::read_dir(support::root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !ignored.lines().any(|line| line.trim_matches('/') == name))
        .collect();
    assert!(
        visible.len() <= ROOT_ENTRIES,
        "the root shows {} entries: {visible:?}",
        visible.len()
    );
}

#[test]
fn no_merge_is_left_half_done() {
    let folders = ["src", "adapters", "tests", "config", "mappings", "fixtures"];
    let below = folders.iter().flat_map(|folder| support::files(folder, ""));
    let settings = [".clippy.toml", "adapters/.clippy.toml", "Cargo.toml", ".ci/run"]
        .map(|name| support::root().join(name));
    // Fixtures may be anything, so bytes are compared.
    let marks = ["<<<<<<< ", ">>>>>>> "].map(|mark| format!("\n{mark}").into_bytes());
    expect_none(below.chain(settings).filter_map(|path| {
        let bytes = [b"\n".to_vec(), std::fs::read(&path).unwrap()].concat();
        let marked = marks
            .iter()
            .any(|mark| bytes.windows(mark.len()).any(|window| window == mark.as_slice()));
        marked.then(|| format!("{}: a merge was left half done", path.display()))
    }));
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let paths = folders.iter().flat_map(|folder| support::files(folder, ".rs"));
    let mut sources: Vec<Source> = paths.map(|path| Source::read(support::root(), &path)).collect();
    let tests: Vec<String> = sources.iter().flat_map(Source::test_files).collect();
    // What a file of tests declares are tests too.
    let folders: Vec<String> = tests
        .iter()
        .map(|path| format!("{}/", path.trim_end_matches(".rs")))
        .collect();
    for source in &mut sources {
        let inside = folders
            .iter()
            .any(|folder| source.path.starts_with(folder.as_str()));
        source.is_test |= inside || tests.contains(&source.path);
    }
    sources
}

fn expect_none(offences: impl Iterator<Item = String>) {
    let offences: Vec<String> = offences.collect();
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}
