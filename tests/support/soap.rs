//! Python's SOAP client and XML schema, in an environment of their own that `.ci/zeep` makes once.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::root;

/// The interpreter that has them. Where it cannot be made, the test that asks for it fails.
pub(crate) fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_lienthong"))
        .ancestors()
        .nth(2)
        .unwrap();
    let made = Command::new("sh")
        .arg(root().join(".ci/zeep"))
        .arg(target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(
        made.status.success(),
        "the environment of the SOAP tests cannot be made: {said}"
    );
    PathBuf::from(String::from_utf8(made.stdout).unwrap().trim())
}

/// Runs one of the scripts beside `tests/soap.rs`.
pub(crate) fn script(name: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(python())
        .arg(root().join("tests/soap").join(name))
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// The mistakes of requests to the population database, by the schema that the twin serves; empty when all are right.
pub(crate) fn mistakes(requests: &[&[u8]]) -> String {
    let schema = root().join("src/twin/databases/request.xsd");
    let output = script("validate.py", &[schema.to_str().unwrap()], &requests.join(&0));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), said.is_empty(), "{said}{wrong}");
    assert!(wrong.is_empty(), "{wrong}");
    said
}
