//! What packets of the field do otherwise than the standard (§1.2–§1.7), each by its name, and what is told of it.

use super::sample::{changed, document, packet, parse, parsed, status};
use crate::identity::Key;
use crate::packet::{Act, Packet, Told};
use crate::status::Code;
use crate::{EDXML, Limits, OLD, Repair, Standing, Tolerance, Unread, write};

/// What is put right in a packet that says the same as the sample, and that it does say the same.
fn repaired(text: &str) -> Vec<Repair> {
    let (read, sample) = (parsed(text), packet());
    assert_eq!(document(&read), document(&parsed(&sample)), "{text}");
    assert_eq!(read.attachments, parsed(&sample).attachments);
    assert_eq!(read.signature(), Standing::Absent);
    read.repairs().to_vec()
}

#[test]
fn prefixes_say_nothing() {
    let bare = packet()
        .replace("edXML:edXML", "edXML")
        .replace("<edXML:", "<")
        .replace("</edXML:", "</");
    assert_eq!(repaired(&bare), []);
    let other = packet().replace("edXML:", "e:").replace("xmlns:e:", "xmlns:e=");
    let other = other.replace("xmlns:edXML=", "xmlns:e=");
    assert_eq!(repaired(&other), []);
}

#[test]
fn positions_say_nothing() {
    let packet = packet();
    let start = packet.find("<edXML:DocumentId>").unwrap();
    let end = packet.find("<edXML:Code>").unwrap();
    let key = packet[start..end].to_owned();
    let moved = packet
        .replacen(&key, "", 1)
        .replace("</edXML:MessageHeader>", &format!("{key}</edXML:MessageHeader>"));
    assert_eq!(repaired(&moved), []);
    let (head, files) = packet.split_once("<AttachmentEncoded>").unwrap();
    let files = files.replace("</edXML>", "");
    let first = head.replace(
        "<edXML:edXMLEnvelope>",
        &format!("<AttachmentEncoded>{files}<edXML:edXMLEnvelope>"),
    );
    assert_eq!(repaired(&format!("{first}</edXML>")), []);
}

#[test]
fn bussiness_may_be_spelt_right() {
    assert_eq!(
        repaired(&packet().replace("Bussiness", "Business")),
        [Repair::Spelling]
    );
    let both = changed("</edXML:Bussiness>", "</edXML:Bussiness><edXML:Business/>");
    assert_eq!(parse(both.as_bytes()).unwrap_err(), Unread::Twice("Bussiness"));
}

#[test]
fn an_undeclared_prefix_is_one_of_two_and_declared_once() {
    // The operator's own sample: xlink undeclared, edXML declared below where it is used.
    let linked = changed(
        "<edXML:Reference>",
        "<edXML:Reference xlink:href=\"cid:x\" xlink:type=\"simple\">",
    );
    assert_eq!(repaired(&linked), [Repair::Prefix]);
    let declared = linked.replace(
        "<edXML xmlns=",
        "<edXML xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns=",
    );
    assert_eq!(repaired(&declared), []);
    let outside = packet()
        .replace(&format!(" xmlns:edXML=\"{EDXML}\""), "")
        .replace(
            "<edXML:edXMLEnvelope>",
            &format!("<edXML:edXMLEnvelope xmlns:edXML=\"{EDXML}\">"),
        )
        .replace("<AttachmentEncoded>", "<edXML:AttachmentEncoded>")
        .replace("</AttachmentEncoded>", "</edXML:AttachmentEncoded>");
    assert_eq!(repaired(&outside), [Repair::Prefix]);
    let stranger = changed("<edXML:Subject>", "<edXML:Subject other:lang=\"vi\">");
    assert_eq!(parse(stranger.as_bytes()).unwrap_err(), Unread::Names);
    let element = changed("<edXML:Subject>", "<x:a/><edXML:Subject>");
    assert_eq!(parse(element.as_bytes()).unwrap_err(), Unread::Names);
}

#[test]
fn a_declaration_that_no_document_may_have_is_not_put_right() {
    for wrong in [
        "xmlns:a=\"\"",
        "xmlns:xml=\"urn:x\"",
        "xmlns:xmlns=\"urn:x\"",
        "xmlns:a=\"http://www.w3.org/2000/xmlns/\"",
        "xmlns:a=\"http://www.w3.org/XML/1998/namespace\"",
        "xmlns:a=\"urn:x\" xmlns:b=\"urn:x\" a:c=\"1\" b:c=\"2\"",
    ] {
        let text = changed("<edXML:Subject>", &format!("<edXML:Subject {wrong}>"));
        assert_eq!(parse(text.as_bytes()).unwrap_err(), Unread::Names, "{wrong}");
    }
}

#[test]
fn stray_bytes_before_the_document_are_passed_over() {
    for stray in ["2016", "\u{feff}12 ", " \n", "00000000"] {
        assert_eq!(
            repaired(&format!("{stray}{}", packet())),
            [Repair::Stray],
            "{stray}"
        );
    }
    assert_eq!(repaired(&format!("\u{feff}{}", packet())), []);
    let bytes = [b"\xff\xfe\x00", packet().as_bytes()].concat();
    assert_eq!(parse(&bytes).unwrap().repairs(), [Repair::Stray]);
    for too_much in [
        format!("<a/>{}", packet()),
        format!("{}{}", "1".repeat(300), packet()),
    ] {
        assert!(
            matches!(parse(too_much.as_bytes()), Err(Unread::Xml(_))),
            "{too_much}"
        );
    }
}

#[test]
fn an_empty_response_for_is_left_out() {
    let empty = changed("<edXML:SteeringType>", "<edXML:ResponseFor/><edXML:SteeringType>");
    assert_eq!(repaired(&empty), [Repair::Response]);
    let hollow = changed(
        "<edXML:SteeringType>",
        "<edXML:ResponseFor><edXML:Code/><edXML:OrganId> </edXML:OrganId></edXML:ResponseFor><edXML:SteeringType>",
    );
    assert_eq!(repaired(&hollow), [Repair::Response]);
}

#[test]
fn a_hop_of_nobody_stays_a_hop() {
    for nobody in ["<edXML:OrganId>null</edXML:OrganId>", "<edXML:OrganId/>", ""] {
        let more = format!(
            "<edXML:TraceHeader>{nobody}<edXML:Timestamp>2026/01/06 09:30:01</edXML:Timestamp></edXML:TraceHeader><edXML:Bussiness>"
        );
        let text = changed("<edXML:Bussiness>", &more);
        let read = parsed(&text);
        assert_eq!(document(&read).trace.len(), 2);
        assert_eq!(document(&read).trace[1].organ, "");
        assert_eq!(read.repairs(), [Repair::Nobody]);
    }
}

#[test]
fn attributes_of_the_trace_list_are_passed_over() {
    let text = changed(
        "<edXML:TraceHeaderList>",
        "<edXML:TraceHeaderList id=\"1\" version=\"1.0\" mustUnderstand=\"1\" actor=\"http://schemas.xmlsoap.org/soap/actor/next\">",
    );
    assert_eq!(repaired(&text), []);
}

#[test]
fn days_and_moments_in_other_forms_are_told_of() {
    for (from, to) in [
        ("2026/01/06<", "06/01/2026<"),
        ("2026/01/06<", "2026-01-06<"),
        ("2026/01/06 09:30:00", "06/01/2026 09:30:00"),
        ("2026/01/06 09:30:00", "2026-01-06T02:30:00Z"),
    ] {
        assert_eq!(repaired(&changed(from, to)), [Repair::Form], "{to}");
    }
    let text = changed("<edXML:DueDate>2026/02/01", "<edXML:DueDate>2026/02/30");
    let read = parsed(&text);
    assert_eq!(
        (document(&read).due, read.repairs()),
        (None, &[Repair::Unreadable][..])
    );
}

#[test]
fn truths_are_read_in_other_words_and_told_of() {
    for (word, truth) in [
        ("True", true),
        ("1", true),
        ("0", false),
        ("False", false),
        ("có", false),
    ] {
        let text = changed("<edXML:Direction>true", &format!("<edXML:Direction>{word}"));
        let read = parsed(&text);
        assert_eq!(
            (document(&read).other.direction, read.repairs()),
            (truth, &[Repair::Truth][..]),
            "{word}"
        );
    }
}

fn told(text: &str, code: &str) -> (Told, Vec<Repair>) {
    let text = text.replace("<edXML:StatusCode>03", &format!("<edXML:StatusCode>{code}"));
    let read = parsed(&text);
    let Packet::Status(status) = &read.packet else {
        panic!("no status")
    };
    (status.told.clone(), read.repairs().to_vec())
}

#[test]
fn a_status_code_may_have_lost_its_zero_and_an_unknown_one_stays_unknown() {
    let text = String::from_utf8(write::status(&status(Code::Accepted)).unwrap()).unwrap();
    assert_eq!(told(&text, "03"), (Told::Known(Code::Accepted), vec![]));
    assert_eq!(
        told(&text, "3"),
        (Told::Known(Code::Accepted), vec![Repair::Code])
    );
    assert_eq!(told(&text, "13"), (Told::Known(Code::Asked), vec![]));
    for unknown in ["07", "14", "99", "done", "003"] {
        assert_eq!(told(&text, unknown), (Told::Unknown(unknown.to_owned()), vec![]));
    }
}

#[test]
fn a_status_answers_one_document() {
    let text = String::from_utf8(write::status(&status(Code::Accepted)).unwrap()).unwrap();
    let start = text.find("<edXML:ResponseFor>").unwrap();
    let end = text.find("<edXML:StaffInfo>").unwrap();
    let none = text.replace(&text[start..end], "<edXML:ResponseFor/>");
    assert_eq!(
        parse(none.as_bytes()).unwrap_err(),
        Unread::Missing("ResponseFor")
    );
    let two = text.replace(&text[start..end], &text[start..end].repeat(2));
    assert_eq!(parse(two.as_bytes()).unwrap_err(), Unread::Twice("ResponseFor"));
}

#[test]
fn an_unknown_business_is_shown_and_nothing_is_made_of_it() {
    let text = changed("<edXML:BussinessDocType>0", "<edXML:BussinessDocType>9");
    let read = parsed(&text);
    let business = document(&read).business.clone().unwrap();
    assert_eq!(business.act, Act::Unknown("9".to_owned()));
    let text = text.replace("Bussiness", "Other");
    let none = parsed(&text);
    assert_eq!(document(&none).business, None);
}

#[test]
fn packets_of_2015_are_read_where_a_partner_sends_them() {
    let old = packet().replace(EDXML, OLD);
    let tolerance = Tolerance {
        old: true,
        limits: Limits::default(),
    };
    assert_eq!(parse(old.as_bytes()).unwrap_err(), Unread::Old);
    let read = crate::parse(old.as_bytes(), &tolerance).unwrap();
    assert_eq!(
        (document(&read), read.repairs()),
        (document(&parsed(&packet())), &[Repair::Namespace][..])
    );
    let soap = old
        .replace(
            "<edXML xmlns=",
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=",
        )
        .replace("<edXML:edXMLEnvelope>", "")
        .replace("</edXML:edXMLEnvelope>", "")
        .replace("edXML:edXMLHeader>", "s:Header>")
        .replace("edXML:edXMLBody>", "s:Body>")
        .replace("edXML:edXMLManifest", "edXML:Manifest")
        .replace("</edXML>", "</s:Envelope>");
    assert_eq!(parse(soap.as_bytes()).unwrap_err(), Unread::Old);
    let read = crate::parse(soap.as_bytes(), &tolerance).unwrap();
    assert_eq!(
        (document(&read), read.repairs()),
        (document(&parsed(&packet())), &[Repair::Namespace][..])
    );
    assert_eq!(read.attachments, parsed(&packet()).attachments);
}

#[test]
fn a_second_copy_has_the_key_of_the_first_though_the_axis_added_a_hop() {
    let first = packet();
    let second = changed(
        "<edXML:Bussiness>",
        "<edXML:TraceHeader><edXML:OrganId>null</edXML:OrganId><edXML:Timestamp>2026/01/06 09:30:01</edXML:Timestamp></edXML:TraceHeader><edXML:Bussiness>",
    );
    let key = |text: &str| Key::of(&parsed(text).packet).unwrap();
    assert_eq!(key(&first), key(&second));
    let recalled = changed("<edXML:BussinessDocType>0", "<edXML:BussinessDocType>1");
    assert_ne!(key(&first), key(&recalled));
    let unkeyed = changed(
        "<edXML:DocumentId>000.00.10.H99,2026/01/06,7816/STN-KQ</edXML:DocumentId>",
        "",
    );
    assert_eq!(key(&unkeyed), key(&first), "a key is made of its parts");
    let nobody = changed(
        "<edXML:From><edXML:OrganId>000.00.10.H99<",
        "<edXML:From><edXML:OrganId><",
    );
    assert_eq!(Key::of(&parsed(&nobody).packet), None);
}

#[test]
fn each_status_of_a_document_has_a_key_of_its_own() {
    let key = |code, minute: &str| {
        let mut status = status(code);
        status.at = crate::Moment::parse(&format!("2026/01/06 10:{minute}:00"));
        Key::of(&Packet::Status(Box::new(status))).unwrap()
    };
    assert_eq!(key(Code::Agreed, "00"), key(Code::Agreed, "00"));
    // Asked twice, given back twice: the second is no copy of the first.
    assert_ne!(key(Code::Agreed, "00"), key(Code::Agreed, "01"));
    assert_ne!(key(Code::Agreed, "00"), key(Code::Declined, "00"));
    assert_eq!(
        key(Code::Accepted, "00").to_string(),
        "000.00.14.H99\u{1f}000.00.14.H99,2026/01/05,12/STN-VP\u{1f}status 03 2026/01/06 10:00:00"
    );
}

#[test]
fn what_is_missing_or_twice_is_named() {
    for (from, to, why) in [
        (
            "edXML:edXMLEnvelope>",
            "edXML:Envelope>",
            Unread::Missing("edXMLEnvelope"),
        ),
        (
            "edXML:edXMLHeader>",
            "edXML:Header>",
            Unread::Missing("edXMLHeader"),
        ),
        (
            "edXML:MessageHeader>",
            "edXML:Message>",
            Unread::Missing("MessageHeader"),
        ),
        ("edXML:From>", "edXML:Form>", Unread::Missing("From")),
        (
            "<edXML:Subject>",
            "<edXML:Subject/><edXML:Subject>",
            Unread::Twice("Subject"),
        ),
        (
            "<edXML:DocumentId>000.00.10.H99,2026/01/06",
            "<edXML:DocumentId/><edXML:DocumentId>",
            Unread::Twice("DocumentId"),
        ),
        (
            "<edXML:MessageHeader>",
            "<edXML:MessageHeader/><edXML:MessageHeader>",
            Unread::Twice("MessageHeader"),
        ),
        (
            "<AttachmentEncoded>",
            "<AttachmentEncoded/><AttachmentEncoded>",
            Unread::Twice("AttachmentEncoded"),
        ),
    ] {
        let text = changed(from, to);
        assert_eq!(parse(text.as_bytes()).unwrap_err(), why, "{to}");
    }
    for foreign in [
        "<a/>",
        "<edXML/>",
        "<edXML xmlns='urn:x'/>",
        &format!("<other xmlns='{EDXML}'/>"),
    ] {
        assert_eq!(
            parse(foreign.as_bytes()).unwrap_err(),
            Unread::Foreign,
            "{foreign}"
        );
    }
}

#[test]
fn elements_of_another_namespace_are_not_taken_for_the_packets() {
    let text = changed(
        "<edXML:Subject>",
        "<x:Subject xmlns:x=\"urn:x\">khác</x:Subject><edXML:Subject>",
    );
    assert_eq!(repaired(&text), []);
}
