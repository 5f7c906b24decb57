//! Packets that mean harm.

use proptest::prelude::*;
use wire::xml::Unfit;

use super::sample::{changed, packet, parse};
use crate::{EDXML, Limits, Tolerance, Unread};

#[test]
fn no_document_type_and_no_entity_is_taken() {
    let laughs = packet().replace(
        "?><edXML ",
        "?><!DOCTYPE edXML [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><edXML ",
    );
    assert_eq!(parse(laughs.as_bytes()).unwrap_err(), Unread::Xml(Unfit::Doctype));
    let outside = packet().replace(
        "?><edXML ",
        "?><!DOCTYPE edXML SYSTEM \"file:///etc/passwd\"><edXML ",
    );
    assert_eq!(
        parse(outside.as_bytes()).unwrap_err(),
        Unread::Xml(Unfit::Doctype)
    );
    let entity = changed("<edXML:Subject>", "<edXML:Subject>&xxe;");
    assert_eq!(parse(entity.as_bytes()).unwrap_err(), Unread::Xml(Unfit::Entity));
    // Hidden behind stray bytes, they are looked for all the same.
    assert_eq!(
        parse(format!("1{laughs}").as_bytes()).unwrap_err(),
        Unread::Xml(Unfit::Doctype)
    );
}

#[test]
fn depth_elements_attributes_and_bytes_are_bounded() {
    let deep = format!("<edXML xmlns=\"{EDXML}\">{}", "<a>".repeat(100_000));
    assert_eq!(
        parse(deep.as_bytes()).unwrap_err(),
        Unread::Xml(Unfit::Bound("depth"))
    );
    let wide = changed(
        "<edXML:Subject>",
        &format!("{}<edXML:Subject>", "<edXML:To/>".repeat(30_000)),
    );
    assert_eq!(
        parse(wide.as_bytes()).unwrap_err(),
        Unread::Xml(Unfit::Bound("elements"))
    );
    let many: String = (0..40).map(|n| format!(" a{n}=\"\"")).collect();
    let many = changed("<edXML:Subject>", &format!("<edXML:Subject{many}>"));
    assert_eq!(
        parse(many.as_bytes()).unwrap_err(),
        Unread::Xml(Unfit::Bound("attributes"))
    );
    let limits = Limits {
        packet: 100,
        ..Limits::default()
    };
    let long = crate::parse(packet().as_bytes(), &Tolerance { old: true, limits }).unwrap_err();
    assert_eq!(
        long,
        Unread::Long {
            bytes: packet().len(),
            limit: 100
        }
    );
}

#[test]
fn files_are_counted_before_they_are_looked_at() {
    let many = changed(
        "<edXML:Reference>",
        &format!("{}<edXML:Reference>", "<edXML:Reference/>".repeat(15_000)),
    );
    assert_eq!(
        parse(many.as_bytes()).unwrap_err(),
        Unread::Many {
            files: 15_001,
            limit: 100
        }
    );
}

#[test]
fn many_signatures_over_many_ids_are_looked_at_once() {
    let reference = "<Reference URI=\"#a\"/>".repeat(3_000);
    let signature = format!("<Signature><SignedInfo>{reference}</SignedInfo></Signature>");
    let ids = "<edXML:To Id=\"a\"/>".repeat(3_000);
    let text = changed("<edXML:DocumentId>", &format!("{ids}<edXML:DocumentId>"));
    let text = text.replace(
        "</edXML:edXMLHeader>",
        &format!("{}</edXML:edXMLHeader>", signature.repeat(4)),
    );
    let read = parse(text.as_bytes()).unwrap();
    assert_eq!(read.claims().len(), 4);
    assert_eq!(
        read.signature(),
        crate::Standing::NotVerifiable(crate::Reason::Several)
    );
}

#[test]
fn declarations_of_namespaces_do_not_outlive_their_element() {
    let text = changed(
        "<edXML:Subject>",
        "<x:Note xmlns:x=\"urn:x\"><x:a/></x:Note><x:b/><edXML:Subject>",
    );
    assert_eq!(parse(text.as_bytes()).unwrap_err(), Unread::Names);
    let shadowed = changed("<edXML:Subject>", "<edXML:Subject xmlns:edXML=\"urn:x\">");
    let read = parse(shadowed.as_bytes()).unwrap();
    assert_eq!(
        super::sample::document(&read).subject,
        "",
        "an element of another namespace is another element"
    );
}

#[test]
fn letters_of_another_encoding_are_refused() {
    assert_eq!(
        parse(b"<edXML>\xff</edXML>").unwrap_err(),
        Unread::Xml(Unfit::Encoding)
    );
    let other = packet().replace("encoding=\"UTF-8\"", "encoding=\"windows-1258\"");
    assert_eq!(parse(other.as_bytes()).unwrap_err(), Unread::Xml(Unfit::Encoding));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(at in any::<prop::sample::Index>(), other in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = parse(&other);
        let mut bytes = packet().into_bytes();
        let at = at.index(bytes.len());
        let end = (at + other.len()).min(bytes.len());
        bytes.splice(at..end, other);
        if let Ok(read) = parse(&bytes) {
            prop_assert_eq!(read.raw(), &bytes[..]);
        }
    }

    #[test]
    fn a_packet_that_is_cut_is_refused(at in any::<prop::sample::Index>()) {
        let packet = packet();
        let at = at.index(packet.len());
        prop_assert!(parse(&packet.as_bytes()[..at]).is_err());
    }
}
