//! How files travel (§1.6): six kinds as they are, everything else in an archive, and what comes that does otherwise.

use data_encoding::BASE64;
use proptest::prelude::*;

use super::sample::{PDF, UUID, changed, file, letter, packet, parse, parsed, written};
use crate::archive::{self, Opened, Shut};
use crate::{Attachment, Limits, Repair, Tolerance, Unread, Unusable};

const CONTENT: &str = "<edXML:ContentTransferEncoded>JVBERi0xLjcKMSAwIG9iago=<";

/// The packet whose file is these bytes, called so, declared so in the manifest and in the file.
fn carrying(bytes: &[u8], name: &str, listed: &str, declared: &str) -> String {
    let text = changed(
        CONTENT,
        &format!("<edXML:ContentTransferEncoded>{}<", BASE64.encode(bytes)),
    );
    let text = text.replace("ket-qua.pdf", name);
    let (manifest, files) = text.split_once("<AttachmentEncoded>").unwrap();
    [
        &manifest.replace("application/pdf", listed),
        "<AttachmentEncoded>",
        &files.replace("application/pdf", declared),
    ]
    .concat()
}

fn only(text: &str) -> (Attachment, Vec<Repair>) {
    let read = parsed(text);
    let [file] = <[Attachment; 1]>::try_from(read.attachments.clone()).unwrap();
    (file, read.repairs().to_vec())
}

/// An archive of the only entry `name`.
fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    archive::pack(name, bytes).unwrap()
}

/// An archive of two entries: two archives of one, their central records joined.
fn two() -> Vec<u8> {
    let (one, other) = (zipped("a.txt", b"a"), zipped("b.txt", b"b"));
    let cut = |archive: &[u8]| {
        let at = archive
            .windows(4)
            .position(|window| window == b"PK\x01\x02")
            .unwrap();
        (archive[..at].to_vec(), archive[at..archive.len() - 22].to_vec())
    };
    let ((first, one), (second, mut other)) = (cut(&one), cut(&other));
    other[42..46].copy_from_slice(&u32::try_from(first.len()).unwrap().to_le_bytes());
    let size = u32::try_from(one.len() + other.len()).unwrap().to_le_bytes();
    let at = u32::try_from(first.len() + second.len()).unwrap().to_le_bytes();
    [
        &first[..],
        &second,
        &one,
        &other,
        b"PK\x05\x06\0\0\0\0\x02\0\x02\0",
        &size,
        &at,
        b"\0\0",
    ]
    .concat()
}

#[test]
fn six_kinds_travel_as_they_are_and_everything_else_in_an_archive() {
    for (name, media, raw) in [
        ("a.pdf", "application/pdf", true),
        ("a.PDF", "application/pdf", true),
        ("a.doc", "application/doc", true),
        ("a.docx", "application/docx", true),
        ("a.xsl", "application/xsl", true),
        ("a.xslx", "application/xslx", true),
        ("a.zip", "application/zip", true),
        ("a.xls", "application/zip", false),
        ("a.xlsx", "application/zip", false),
        ("a.png", "application/zip", false),
        ("a.xml", "application/zip", false),
        ("a", "application/zip", false),
    ] {
        let text = String::from_utf8(written(&letter(), &[file(UUID, name, b"bytes")])).unwrap();
        assert_eq!(
            text.matches(&format!("<edXML:ContentType>{media}<")).count(),
            2,
            "{name}"
        );
        let carried = text.contains(&format!(
            "<edXML:ContentTransferEncoded>{}<",
            BASE64.encode(b"bytes")
        ));
        assert_eq!(carried, raw, "{name}");
        assert_eq!(
            parsed(&text).attachments[0].bytes,
            Ok(b"bytes".to_vec()),
            "{name}"
        );
    }
}

#[test]
fn the_entry_of_an_archive_is_named_by_the_uuid_and_the_ending() {
    for (name, entry) in [
        ("Bảng tính.xlsx", format!("{UUID}.xlsx")),
        ("khong-duoi", UUID.to_owned()),
        ("la.đuôi", UUID.to_owned()),
        ("../../etc/a.txt", format!("{UUID}.txt")),
    ] {
        let (bytes, _) = crate::file::packed(&file(UUID, name, b"x")).unwrap();
        assert_eq!(
            archive::open(&bytes, 9, 9),
            Ok(Opened::One(entry, b"x".to_vec())),
            "{name}"
        );
    }
}

#[test]
fn bytes_that_are_an_archive_are_opened_whatever_they_are_said_to_be() {
    let pdf = zipped("0d5b.pdf", PDF);
    for (name, listed, declared, repaired) in [
        ("a.pdf", "application/zip", "application/zip", false),
        // Received in 2025.
        ("a.pdf", "application/pdf", "application/pdf", true),
        ("a.txt", "text/plain", "text/plain", true),
        // Received in 2019.
        ("a.pdf", "application/pdf", "application/zip", true),
    ] {
        let (file, repairs) = only(&carrying(&pdf, name, listed, declared));
        assert_eq!(file.bytes.as_deref(), Ok(PDF), "{name} {declared}");
        assert_eq!(
            repairs,
            if repaired {
                vec![Repair::ContentType]
            } else {
                Vec::new()
            }
        );
    }
    let (plain, repairs) = only(&carrying(PDF, "a.pdf", "application/zip", "application/zip"));
    assert_eq!(
        (plain.bytes.as_deref(), repairs),
        (Ok(PDF), vec![Repair::ContentType])
    );
}

#[test]
fn an_archive_that_is_the_document_is_kept() {
    let one = zipped("a.pdf", PDF);
    for name in ["a.zip", "A.ZIP"] {
        let (file, repairs) = only(&carrying(&one, name, "application/zip", "application/zip"));
        assert_eq!((file.bytes, repairs), (Ok(one.clone()), Vec::new()));
    }
    for name in ["a.pdf", "a.docx", "a.asice", "a"] {
        let (file, _) = only(&carrying(&two(), name, "application/zip", "application/zip"));
        assert_eq!(file.bytes, Ok(two()), "{name}");
    }
    // A document whose own format is an archive, with one entry that is no such document.
    let (file, _) = only(&carrying(&one, "a.docx", "application/docx", "application/docx"));
    assert_eq!(file.bytes, Ok(one));
}

#[test]
fn a_table_that_the_sdk_packed_once_more_is_unpacked_once() {
    let table = two();
    let (bytes, media) = crate::file::packed(&file(UUID, "bang.xlsx", &table)).unwrap();
    assert_ne!(bytes, table);
    let (file, repairs) = only(&carrying(&bytes, "bang.xlsx", media, media));
    assert_eq!((file.bytes, repairs), (Ok(table), Vec::new()));
}

#[test]
fn an_archive_in_an_archive_is_opened_once() {
    let inner = zipped("a.txt", b"text");
    let outer = zipped("a.zip", &inner);
    let (file, _) = only(&carrying(&outer, "a.txt", "application/zip", "application/zip"));
    assert_eq!(file.bytes, Ok(inner));
}

#[test]
fn names_of_entries_are_no_paths() {
    for entry in ["../../../etc/passwd", "/etc/passwd", "C:\\a.txt", "a\0b", ""] {
        let (file, _) = only(&carrying(
            &zipped(entry, b"x"),
            "a.txt",
            "application/zip",
            "application/zip",
        ));
        assert_eq!(
            (file.name.as_str(), file.bytes.as_deref()),
            ("a.txt", Ok(&b"x"[..])),
            "{entry}"
        );
    }
}

#[test]
fn blanks_in_base64_are_passed_over_and_nothing_else_is() {
    let (file, repairs) = only(&changed("JVBERi0xLjcKMSAw", "JVBERi0x\n LjcK\r\n\tMSAw"));
    assert_eq!((file.bytes.as_deref(), repairs), (Ok(PDF), vec![Repair::Blanks]));
    for wrong in ["JVBERi0xLjcKMSAwIG9iago", "JVBERi0xLjcK_SAw", "không"] {
        let (file, _) = only(&changed("JVBERi0xLjcKMSAwIG9iago=", wrong));
        assert_eq!(file.bytes, Err(Unusable::Encoding), "{wrong}");
    }
    let (empty, _) = only(&changed("JVBERi0xLjcKMSAwIG9iago=", ""));
    assert_eq!(empty.bytes, Ok(Vec::new()));
}

#[test]
fn ids_are_matched_without_cid_and_a_file_that_is_missing_is_told_of() {
    let (manifest, files) = packet()
        .split_once("<AttachmentEncoded>")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let bare = format!("{manifest}<AttachmentEncoded>{}", files.replace("cid:", ""));
    let (file, repairs) = only(&bare);
    assert_eq!((file.id.as_str(), repairs), (UUID, vec![Repair::Cid]));
    let (file, repairs) = only(
        &format!(
            "{manifest}<AttachmentEncoded>{}",
            files.replace("cid:0d5b", "cid:ffff")
        )
        .replace(
            "<edXML:Reference><edXML:ContentId>cid:0d5b9f1c-7f1e-4d34-9a53-3f6d0c1f2a77",
            "<edXML:Reference><edXML:ContentId>cid:ffff9f1c-7f1e-4d34-9a53-3f6d0c1f2a77",
        ),
    );
    assert_eq!((file.bytes.as_deref(), repairs), (Ok(PDF), Vec::new()));
    let gone = format!("{manifest}</edXML>").replace("<AttachmentEncoded>", "");
    let (file, repairs) = only(&gone);
    assert_eq!((file.bytes, repairs), (Err(Unusable::Missing), Vec::new()));
    let start = manifest.find("<edXML:Reference>").unwrap();
    let end = manifest.find("</edXML:edXMLManifest>").unwrap();
    let unlisted = format!(
        "{}{}<AttachmentEncoded>{files}",
        &manifest[..start],
        &manifest[end..]
    );
    let (file, repairs) = only(&unlisted);
    assert_eq!(
        (file.bytes.as_deref(), repairs),
        (Ok(PDF), vec![Repair::Unlisted])
    );
}

#[test]
fn two_files_of_one_id_are_refused() {
    let packet = packet();
    let start = packet.find("<Attachment>").unwrap();
    let end = packet.find("</AttachmentEncoded>").unwrap();
    let twice = format!(
        "{}{}{}",
        &packet[..end],
        packet[start..end].replace("cid:", ""),
        &packet[end..]
    );
    assert_eq!(parse(twice.as_bytes()).unwrap_err(), Unread::Twice("ContentId"));
}

#[test]
fn an_archive_expands_within_the_bounds() {
    let bomb = zipped("a.txt", &vec![0; 3 << 20]);
    assert!(bomb.len() < 5_000);
    assert_eq!(archive::open(&bomb, 4 << 20, 200), Err(Shut::Ratio));
    assert_eq!(archive::open(&bomb, 2 << 20, 5_000), Err(Shut::Long));
    assert!(
        matches!(archive::open(&bomb, 4 << 20, 5_000), Ok(Opened::One(_, bytes)) if bytes.len() == 3 << 20)
    );
    // What is small by itself hurts nobody.
    assert!(archive::open(&zipped("a", &[0; 1 << 19]), 4 << 20, 2).is_ok());
    let (file, _) = only(&carrying(&bomb, "a.txt", "application/zip", "application/zip"));
    assert_eq!(file.bytes, Err(Unusable::Ratio));
}

#[test]
fn an_archive_that_lies_about_its_sizes_is_damaged() {
    let good = zipped("a.txt", b"hello hello hello hello");
    let central = good
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    let set = |at: usize, bytes: &[u8]| {
        let mut archive = good.clone();
        archive[at..at + bytes.len()].copy_from_slice(bytes);
        archive::open(&archive, 1 << 20, 200)
    };
    assert!(matches!(set(0, b"PK"), Ok(Opened::One(..))));
    for (at, bytes, why) in [
        (central + 24, &[9_u8, 0, 0, 0][..], "a size that is too small"),
        (central + 24, &[99, 0, 0, 0], "a size that is too large"),
        (central + 16, &[0, 0, 0, 0], "another check sum"),
        (central + 20, &[255, 255, 0, 0], "more than is there"),
        (central + 20, &[3, 0, 0, 0], "less than is there"),
        (central + 42, &[1, 0, 0, 0], "a record that is elsewhere"),
        (central + 8, &[1, 0], "a cipher"),
        (
            central + 10,
            &[12, 0],
            "a method that is another in one of the records",
        ),
        (30, b"b", "a name that is another in one of the records"),
        (central, b"PK\x01\x03", "no record"),
        (good.len() - 6, &[0, 0, 0, 0], "a directory that is elsewhere"),
    ] {
        assert_eq!(set(at, bytes), Err(Shut::Damaged), "{why}");
    }
    assert_eq!(set(central + 24, &[0, 0, 0, 255]), Err(Shut::Long));
    let (file, _) = only(&carrying(
        &good[..good.len() - 1],
        "a.txt",
        "application/zip",
        "application/zip",
    ));
    assert_eq!(file.bytes, Err(Unusable::Damaged));
}

#[test]
fn what_lies_hidden_in_an_archive_is_not_passed_over() {
    // A second file before the directory that only one of two readers would see.
    let (one, hidden) = (zipped("a.txt", b"a"), zipped("b.txt", &[b'b'; 60]));
    let at = one.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let mut archive = [&one[..at], &hidden[..hidden.len() - 22], &one[at..]].concat();
    let place = u32::try_from(at + hidden.len() - 22).unwrap().to_le_bytes();
    let length = archive.len();
    archive[length - 6..length - 2].copy_from_slice(&place);
    assert_eq!(archive::open(&archive, 1 << 20, 200), Err(Shut::Damaged));
    assert_eq!(
        archive::open(&[&one[..], b"x"].concat(), 1 << 20, 200),
        Err(Shut::Damaged)
    );
}

#[test]
fn all_files_together_stay_within_a_bound() {
    let half = vec![b'%'; 600];
    let files = [file("f-1", "a.pdf", &half), file("f-2", "b.pdf", &half)];
    let bytes = written(&letter(), &files);
    let limits = Limits {
        files: 1_000,
        ..Limits::default()
    };
    let read = crate::parse(&bytes, &Tolerance { old: false, limits }).unwrap();
    let came: Vec<_> = read
        .attachments
        .iter()
        .map(|file| file.bytes.as_ref().map(Vec::len))
        .collect();
    assert_eq!(came, [Ok(600), Err(&Unusable::Long)]);
    let limits = Limits {
        count: 1,
        ..Limits::default()
    };
    let many = crate::parse(&bytes, &Tolerance { old: false, limits }).unwrap_err();
    assert_eq!(many, Unread::Many { files: 2, limit: 1 });
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked(name in "[a-z.]{0,12}", bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let packed = zipped(&name, &bytes);
        prop_assert_eq!(archive::open(&packed, bytes.len(), 1), Ok(Opened::One(name, bytes)));
    }

    #[test]
    fn no_bytes_make_an_archive_panic_or_expand(cut in any::<prop::sample::Index>(), other in prop::collection::vec(any::<u8>(), 0..40)) {
        let good = zipped("a.txt", b"hello hello hello");
        let mut bytes = good.clone();
        let at = cut.index(bytes.len());
        let end = (at + other.len()).min(bytes.len());
        bytes.splice(at..end, other);
        if let Ok(Opened::One(_, file)) = archive::open(&bytes, 64, 200) {
            prop_assert!(file.len() <= 64);
        }
    }
}
