//! What is written: names, order and namespaces; and that it is read back the same.

use proptest::prelude::*;

use super::sample::{
    PDF, UUID, back, document, doing, file, letter, letters, moment, packet, parse, parsed, replace, status,
    statuses, update, written,
};
use crate::packet::{Act, Document, Packet, Told};
use crate::status::Code;
use crate::write::{self, Unwritten};
use crate::{Enclosure, Limits, normal};

/// Where each of these stands first, one after the other.
fn in_order(text: &str, marks: &[&str]) {
    let mut from = 0;
    for mark in marks {
        let at = text[from..].find(mark);
        from += at.unwrap_or_else(|| panic!("`{mark}` does not follow in {text}")) + mark.len();
    }
}

#[test]
fn a_document_stands_in_the_order_of_the_sdk() {
    let packet = packet();
    assert!(packet.starts_with(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\" \
         xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"><edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader>"
    ));
    in_order(
        &packet,
        &[
            "<edXML:From><edXML:OrganId>000.00.10.H99<",
            "<edXML:OrganizationInCharge>",
            "<edXML:OrganName>",
            "<edXML:OrganAdd>",
            "<edXML:Email>",
            "<edXML:Telephone>",
            "<edXML:Fax>",
            "<edXML:Website>",
            "<edXML:To><edXML:OrganId>000.00.14.H99<",
            "<edXML:To><edXML:OrganId>000.00.15.H99<",
            "<edXML:DocumentId>000.00.10.H99,2026/01/06,7816/STN-KQ<",
            "<edXML:Code><edXML:CodeNumber>7816</edXML:CodeNumber><edXML:CodeNotation>STN-KQ<",
            "<edXML:PromulgationInfo><edXML:Place>",
            "<edXML:PromulgationDate>2026/01/06<",
            "<edXML:DocumentType><edXML:Type>1</edXML:Type><edXML:TypeDetail>0</edXML:TypeDetail><edXML:TypeName>",
            "<edXML:Subject>",
            "<edXML:Content>",
            "<edXML:SignerInfo><edXML:Competence>",
            "<edXML:DueDate>2026/02/01<",
            "<edXML:OtherInfo><edXML:Priority>1<",
            "<edXML:ReferenceCodes>H99.10-260106-0001<",
            "<edXML:Direction>true<",
            "<edXML:Appendixes><edXML:Appendix>",
            "<edXML:ResponseFor><edXML:OrganId>",
            "<edXML:SteeringType>0<",
            "<edXML:ToPlaces><edXML:Place>",
            "<edXML:ResponseForTask><edXML:TaskCode>",
            "<edXML:ApplicationType>MCDT_DT<",
            "</edXML:MessageHeader><edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>",
            "<edXML:Timestamp>2026/01/06 09:30:00<",
            "<edXML:Bussiness><edXML:BussinessDocType>0<",
            "<edXML:BussinessDocReason>",
            "<edXML:Paper>0<",
            "<edXML:StaffInfo><edXML:Department>",
            "</edXML:edXMLHeader><edXML:edXMLBody><edXML:edXMLManifest version=\"1.0\"><edXML:Reference>",
            "<edXML:ContentId>cid:0d5b9f1c-7f1e-4d34-9a53-3f6d0c1f2a77<",
            "<edXML:ContentType>application/pdf<",
            "<edXML:AttachmentName>ket-qua.pdf<",
            "</edXML:edXMLBody></edXML:edXMLEnvelope><AttachmentEncoded><Attachment>",
            "<edXML:ContentTransferEncoded>JVBERi0xLjcKMSAwIG9iago=<",
            "</Attachment></AttachmentEncoded></edXML>",
        ],
    );
}

#[test]
fn what_is_unset_is_left_out_and_direction_is_said() {
    let mut letter = letter();
    letter.other = crate::packet::Other::default();
    letter.due = None;
    letter.signer = crate::packet::Signer::default();
    letter.business = None;
    letter.trace.clear();
    let bare = String::from_utf8(written(&letter, &[])).unwrap();
    for absent in [
        "OtherInfo",
        "DueDate",
        "SignerInfo",
        "TraceHeaderList",
        "Bussiness",
        "<edXML:Reference>",
    ] {
        assert!(!bare.contains(absent), "{absent}");
    }
    assert!(bare.contains("<edXML:edXMLManifest version=\"1.0\"/>"));
    letter.other.priority = "0".to_owned();
    let text = String::from_utf8(written(&letter, &[])).unwrap();
    assert!(text.contains("<edXML:Direction>false<"), "{text}");
}

#[test]
fn a_recall_names_what_it_recalls() {
    let text = String::from_utf8(written(&doing(Act::Recall), &[])).unwrap();
    assert!(text.contains("<edXML:BussinessDocType>1<"));
    assert!(text.contains("<edXML:ResponseFor><edXML:OrganId>000.00.14.H99<"));
    let mut nothing = doing(Act::Recall);
    nothing.answers.clear();
    assert_eq!(refused(&nothing, &[]), Unwritten::Missing("ResponseFor"));
}

#[test]
fn an_update_says_what_changed_and_for_whom() {
    let text = String::from_utf8(written(&doing(update()), &[])).unwrap();
    in_order(
        &text,
        &[
            "<edXML:Bussiness><edXML:DocumentId>000.00.10.H99,2026/01/05,7815/STN-KQ</edXML:DocumentId><edXML:BussinessDocType>2<",
            "<edXML:Paper>",
            "<edXML:BussinessDocumentInfo><edXML:DocumentInfo>1</edXML:DocumentInfo><edXML:DocumentReceiver>1<",
            "<edXML:ReceiverList><edXML:Receiver><edXML:OrganId>000.00.14.H99</edXML:OrganId><edXML:ReceiverType>0<",
            "<edXML:Receiver><edXML:OrganId>000.00.16.H99</edXML:OrganId><edXML:ReceiverType>1<",
            "<edXML:StaffInfo>",
        ],
    );
}

#[test]
fn a_replacement_lists_what_it_replaces() {
    let text = String::from_utf8(written(&doing(replace()), &[])).unwrap();
    in_order(
        &text,
        &[
            "<edXML:BussinessDocType>3<",
            "<edXML:ReplacementInfoList><edXML:ReplacementInfo><edXML:DocumentId>",
            "<edXML:OrganIdList><edXML:OrganId>000.00.14.H99</edXML:OrganId><edXML:OrganId>000.00.15.H99<",
            "<edXML:StaffInfo>",
        ],
    );
}

#[test]
fn a_status_is_a_header_and_nothing_else() {
    for code in Code::ALL {
        let status = status(*code);
        let text = String::from_utf8(write::status(&status).unwrap()).unwrap();
        in_order(
            &text,
            &[
                "<edXML:edXMLHeader><edXML:MessageHeader><edXML:From>",
                "<edXML:ResponseFor><edXML:OrganId>",
                "<edXML:Code>12/STN-VP<",
                "<edXML:PromulgationDate>2026/01/05<",
                "<edXML:DocumentId>",
                "<edXML:StaffInfo>",
                &format!("<edXML:StatusCode>{}<", code.digits()),
                "<edXML:Description>",
                "<edXML:Timestamp>2026/01/06 10:00:00</edXML:Timestamp></edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>",
            ],
        );
        let read = parsed(&text);
        assert_eq!(read.packet, Packet::Status(Box::new(status)));
        assert_eq!(read.repairs(), []);
    }
}

fn refused(letter: &Document, files: &[Enclosure]) -> Unwritten {
    write::document(letter, files, &Limits::default()).unwrap_err()
}

/// What is wrong with a letter, and how it is told.
type Spoiled = (fn(&mut Document), Unwritten);

#[test]
fn a_letter_that_nobody_could_act_on_is_not_written() {
    let cases: [Spoiled; 14] = [
        (
            |it| it.from.id = " ".to_owned(),
            Unwritten::Missing("From/OrganId"),
        ),
        (|it| it.to.clear(), Unwritten::Missing("To")),
        (|it| it.to[1].id.clear(), Unwritten::Missing("To/OrganId")),
        (|it| it.document_id.clear(), Unwritten::Missing("DocumentId")),
        (|it| it.code.number.clear(), Unwritten::Missing("Code/CodeNumber")),
        (
            |it| it.code.notation.clear(),
            Unwritten::Missing("Code/CodeNotation"),
        ),
        (
            |it| it.issued.on = None,
            Unwritten::Missing("PromulgationInfo/PromulgationDate"),
        ),
        (|it| it.subject.clear(), Unwritten::Missing("Subject")),
        (
            |it| it.answers[0].organ.clear(),
            Unwritten::Missing("ResponseFor/OrganId"),
        ),
        (
            |it| it.trace[0].at = None,
            Unwritten::Missing("TraceHeader/Timestamp"),
        ),
        (
            |it| it.other.priority = "khẩn".to_owned(),
            Unwritten::Form("Priority"),
        ),
        (
            |it| it.steering = "-1".to_owned(),
            Unwritten::Form("SteeringType"),
        ),
        (
            |it| it.business.as_mut().unwrap().paper = "2".to_owned(),
            Unwritten::Form("Paper"),
        ),
        (
            |it| it.business.as_mut().unwrap().act = Act::Unknown("7".to_owned()),
            Unwritten::Form("BussinessDocType"),
        ),
    ];
    for (spoil, fault) in cases {
        let mut letter = letter();
        spoil(&mut letter);
        assert_eq!(refused(&letter, &[]), fault);
    }
    let mut letter = letter();
    letter.subject = "a\u{1}".to_owned();
    assert_eq!(refused(&letter, &[]), Unwritten::Xml(wire::xml::Unfit::Character));
}

#[test]
fn a_status_that_says_nothing_is_not_written() {
    let mut unknown = status(Code::Arrived);
    unknown.told = Told::Unknown("07".to_owned());
    assert_eq!(write::status(&unknown), Err(Unwritten::Form("StatusCode")));
    let mut timeless = status(Code::Arrived);
    timeless.at = None;
    assert_eq!(write::status(&timeless), Err(Unwritten::Missing("Timestamp")));
    let mut lost = status(Code::Arrived);
    lost.answered.code.clear();
    lost.answered.document_id.clear();
    assert_eq!(
        write::status(&lost),
        Err(Unwritten::Missing("ResponseFor/DocumentId"))
    );
}

#[test]
fn files_have_ids_of_their_own_and_stay_within_the_limits() {
    let one = file(UUID, "a.pdf", PDF);
    assert_eq!(refused(&letter(), &[one.clone(), one.clone()]), Unwritten::Twice);
    for id in ["", "a/b", "../x", "a b", &"x".repeat(65)] {
        assert_eq!(
            refused(&letter(), &[file(id, "a.pdf", PDF)]),
            Unwritten::Form("ContentId"),
            "{id}"
        );
    }
    let small = Limits {
        file: 4,
        ..Limits::default()
    };
    let long = write::document(&letter(), std::slice::from_ref(&one), &small).unwrap_err();
    assert_eq!(
        long,
        Unwritten::Long {
            bytes: PDF.len(),
            limit: 4
        }
    );
    let few = Limits {
        count: 0,
        ..Limits::default()
    };
    let many = write::document(&letter(), &[one], &few).unwrap_err();
    assert_eq!(many, Unwritten::Many { files: 1, limit: 0 });
    let narrow = Limits {
        packet: 1_000,
        ..Limits::default()
    };
    let whole = write::document(&letter(), &[], &narrow).unwrap_err();
    assert!(matches!(whole, Unwritten::Long { limit: 1_000, .. }));
}

#[test]
fn what_is_shown_in_a_log_names_nobody() {
    let text = format!("{:?}{:?}{:?}", letter(), status(Code::Arrived), parsed(&packet()));
    for word in ["Trần", "Lê Thị", "0900000", "mau.example"] {
        assert!(!text.contains(word), "{text}");
    }
}

#[test]
fn a_letter_has_a_normal_form_under_the_names_of_the_standard() {
    for letter in [letter(), doing(update()), doing(replace()), doing(Act::Recall)] {
        let form = normal::of(&letter);
        let bytes = serde_json::to_vec(&form).unwrap();
        assert_eq!(normal::letter(&bytes, moment("2026/01/06 09:30:00")), Ok(letter));
    }
    let form = normal::of(&letter());
    assert_eq!(
        (&form["Code"], &form["ToPlaces"][0]),
        (&"7816/STN-KQ".into(), &"Như trên".into())
    );
    let bare = normal::of(&Document::default());
    assert_eq!(bare, serde_json::json!({}), "what is empty is left out");
    assert_eq!(form["OtherInfo"]["ReferenceCodes"], "H99.10-260106-0001");
    assert_eq!(form["Bussiness"]["BussinessDocType"], "0");
    assert_eq!(form["PromulgationInfo"]["PromulgationDate"], "2026/01/06");
}

#[test]
fn a_letter_without_a_key_or_a_hop_is_given_both() {
    let json = br#"{"From":{"OrganId":"000.00.10.H99"},"To":{"OrganId":"000.00.14.H99"},"Code":"1/KQ/STN",
        "PromulgationInfo":{"PromulgationDate":"2026/01/06"},"DueDate":""}"#;
    let letter = normal::letter(json, moment("2026/01/06 09:30:00")).unwrap();
    assert_eq!(letter.document_id, "000.00.10.H99,2026/01/06,1/KQ/STN");
    assert_eq!((letter.trace.len(), letter.to.len()), (1, 1));
    assert_eq!(letter.code.notation, "KQ/STN");
    assert_eq!(letter.due, None);
    let nothing = normal::letter(b"{}", moment("2026/01/06 09:30:00"));
    assert_eq!(nothing, Err(normal::Unformed::Key));
    for wrong in [
        &b"[]"[..],
        b"{\"From\":1}",
        b"{\"Unknown\":\"\"}",
        b"{\"DueDate\":\"06/01/2026\"}",
    ] {
        let form = normal::letter(wrong, moment("2026/01/06 09:30:00"));
        assert!(matches!(form, Err(normal::Unformed::Form { .. })), "{form:?}");
    }
}

proptest! {
    #[test]
    fn a_letter_that_is_written_is_read_back_and_nothing_is_put_right(
        letter in letters(),
        names in prop::collection::vec(("[a-zđ ]{1,8}(\\.(pdf|docx|xlsx|txt|PNG|zip|tar\\.gz))?", prop::collection::vec(any::<u8>(), 0..200)), 0..4),
    ) {
        let files: Vec<Enclosure> = names
            .iter()
            .enumerate()
            .filter(|(_, (name, _))| !name.trim().is_empty())
            .map(|(n, (name, bytes))| file(&format!("f-{n}"), name.trim(), bytes))
            .collect();
        let bytes = written(&letter, &files);
        prop_assert_eq!(&bytes, &written(&letter, &files), "the same letter is written in two ways");
        let read = parse(&bytes).unwrap();
        prop_assert_eq!(document(&read), &letter);
        for (file, came) in files.iter().zip(&read.attachments) {
            prop_assert_eq!(came, &back(file, &came.declared));
        }
        prop_assert_eq!(read.attachments.len(), files.len());
        // A file that its name calls a ZIP and that is none lies in its content type: whoever made it does.
        let lies = files.iter().any(|file| file.name.ends_with(".zip"));
        prop_assert!(read.repairs().is_empty() || lies, "{:?}", read.repairs());
        prop_assert_eq!(read.raw(), &bytes[..]);
    }

    #[test]
    fn a_status_that_is_written_is_read_back(status in statuses()) {
        let bytes = write::status(&status).unwrap();
        let read = parse(&bytes).unwrap();
        prop_assert_eq!(&read.packet, &Packet::Status(Box::new(status)));
        prop_assert_eq!(read.repairs(), &[]);
    }
}
