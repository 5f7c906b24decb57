//! What is written, judged by other people's programs: libxml2 for the packets, Python's own reader for the archives.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::sample::{UUID, changed, doing, file, letter, packet, replace, status, update, written};
use crate::archive::{self, Opened};
use crate::packet::Act;
use crate::status::Code;
use crate::write;

fn run(program: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// The path of libxml2's own program, installed where it is missing.
fn xmllint() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.ci/xmllint");
    let made = run("sh", &[script], b"");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// What libxml2 says of a document: nothing, when it is well formed and its namespaces are declared.
fn said(program: &str, document: &[u8]) -> String {
    let output = run(program, &["--noout", "--nonet", "-"], document);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() || !words.is_empty());
    words
}

#[test]
fn libxml2_takes_what_is_written_and_not_what_we_put_right() {
    let program = xmllint();
    let files = [
        file(UUID, "ket-qua.pdf", b"%PDF-1.7"),
        file("f-2", "bang.xlsx", b"PK"),
    ];
    for letter in [letter(), doing(Act::Recall), doing(update()), doing(replace())] {
        assert_eq!(said(&program, &written(&letter, &files)), "");
    }
    for code in Code::ALL {
        assert_eq!(said(&program, &write::status(&status(*code)).unwrap()), "");
    }
    let linked = changed("<edXML:Reference>", "<edXML:Reference xlink:href=\"cid:x\">");
    assert!(said(&program, linked.as_bytes()).contains("namespace"));
    assert!(!said(&program, format!("12{}", packet()).as_bytes()).is_empty());
}

/// Writes the only entry of an archive: its name, a line end, its bytes.
const UNPACK: &str = "
import io, sys, zipfile
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
[entry] = archive.infolist()
assert entry.compress_type == zipfile.ZIP_DEFLATED
sys.stdout.buffer.write(entry.filename.encode() + b'\\n' + archive.read(entry))
";

/// Makes an archive as a stream, as Java does: sizes behind the bytes.
const PACK: &str = "
import io, sys, zipfile
class Pipe(io.RawIOBase):
    def writable(self): return True
    def write(self, bytes): return sys.stdout.buffer.write(bytes)
with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('0d5b.txt', sys.stdin.buffer.read())
";

#[test]
fn pythons_archives_and_ours_are_opened_by_each_other() {
    for bytes in [&b""[..], b"hello", &[b'a'; 100_000], packet().as_bytes()] {
        let ours = archive::pack("0d5b.txt", bytes).unwrap();
        let output = run("python3", &["-c", UNPACK], &ours);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.stdout, [b"0d5b.txt\n", bytes].concat());
        let output = run("python3", &["-c", PACK], bytes);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let theirs = archive::open(&output.stdout, 1 << 20, 200);
        assert_eq!(theirs, Ok(Opened::One("0d5b.txt".to_owned(), bytes.to_vec())));
    }
}
