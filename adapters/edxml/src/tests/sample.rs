//! Letters, packets and their parts for the tests of this crate. Every body is of province H99, and nobody in them exists.

use proptest::prelude::*;

use crate::packet::{
    Act, Answered, Business, Document, Hop, Issued, Kind, Number, Organ, Other, Packet, Receiver, Replaced,
    Signer, Staff, Status, Told, Update,
};
use crate::status::Code;
use crate::{Attachment, Day, Enclosure, Limits, Moment, Parsed, Tolerance, Unread, write};

pub(super) const UUID: &str = "0d5b9f1c-7f1e-4d34-9a53-3f6d0c1f2a77";
pub(super) const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n";

pub(super) fn organ(id: &str) -> Organ {
    Organ {
        id: id.to_owned(),
        above: "Ủy ban nhân dân Tỉnh Mẫu".to_owned(),
        name: format!("Sở Thử nghiệm {id}"),
        address: "Số 1 đường Mẫu".to_owned(),
        email: "vanthu@so-mau.example".to_owned(),
        telephone: "0900000001".to_owned(),
        fax: "0900000002".to_owned(),
        website: "so-mau.example".to_owned(),
    }
}

pub(super) fn staff() -> Staff {
    Staff {
        department: "Phòng Mẫu".to_owned(),
        staff: "Trần Văn Mẫu".to_owned(),
        email: "mau@so-mau.example".to_owned(),
        mobile: "0900000003".to_owned(),
    }
}

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub(super) fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

pub(super) fn hop(organ: &str, at: &str) -> Hop {
    Hop {
        organ: organ.to_owned(),
        at: Some(moment(at)),
    }
}

pub(super) fn answered() -> Answered {
    Answered {
        organ: "000.00.14.H99".to_owned(),
        code: "12/STN-VP".to_owned(),
        on: Some(day("2026/01/05")),
        document_id: "000.00.14.H99,2026/01/05,12/STN-VP".to_owned(),
    }
}

/// A letter in which every part says something.
pub(super) fn letter() -> Document {
    Document {
        from: organ("000.00.10.H99"),
        to: vec![organ("000.00.14.H99"), organ("000.00.15.H99")],
        document_id: "000.00.10.H99,2026/01/06,7816/STN-KQ".to_owned(),
        code: Number {
            number: "7816".to_owned(),
            notation: "STN-KQ".to_owned(),
        },
        issued: Issued {
            place: "Tỉnh Mẫu".to_owned(),
            on: Some(day("2026/01/06")),
        },
        kind: Kind {
            number: "1".to_owned(),
            detail: "0".to_owned(),
            name: "Công văn".to_owned(),
        },
        subject: "V/v trả kết quả <hồ sơ> & \"giấy phép\"".to_owned(),
        content: "Trả kết quả\nhồ sơ thử nghiệm".to_owned(),
        signer: Signer {
            competence: "KT. GIÁM ĐỐC".to_owned(),
            position: "Phó Giám đốc".to_owned(),
            full_name: "Lê Thị Thử".to_owned(),
        },
        due: Some(day("2026/02/01")),
        other: Other {
            priority: "1".to_owned(),
            sphere: "Trong tỉnh".to_owned(),
            typer: "LTT".to_owned(),
            amount: "2".to_owned(),
            pages: "3".to_owned(),
            direction: true,
            appendixes: vec!["Phụ lục 1".to_owned(), "Phụ lục 2".to_owned()],
            reply_fors: "Công văn số 12".to_owned(),
            reference_codes: "H99.10-260106-0001".to_owned(),
        },
        answers: vec![answered()],
        steering: "0".to_owned(),
        places: vec!["Như trên".to_owned(), "Lưu: VT".to_owned()],
        tasks: vec!["NV-1".to_owned()],
        application: "MCDT_DT".to_owned(),
        trace: vec![hop("000.00.10.H99", "2026/01/06 09:30:00")],
        business: Some(Business {
            act: Act::New,
            reason: "Văn bản mới".to_owned(),
            paper: "0".to_owned(),
            staff: Some(staff()),
        }),
    }
}

pub(super) fn doing(act: Act) -> Document {
    let mut letter = letter();
    letter.business.as_mut().unwrap().act = act;
    letter
}

pub(super) fn update() -> Act {
    Act::Update(Update {
        document: "000.00.10.H99,2026/01/05,7815/STN-KQ".to_owned(),
        content: true,
        recipients: true,
        changed: vec![
            Receiver {
                organ: "000.00.14.H99".to_owned(),
                added: false,
            },
            Receiver {
                organ: "000.00.16.H99".to_owned(),
                added: true,
            },
        ],
    })
}

pub(super) fn replace() -> Act {
    Act::Replace(vec![Replaced {
        document: "000.00.10.H99,2026/01/05,7815/STN-KQ".to_owned(),
        organs: vec!["000.00.14.H99".to_owned(), "000.00.15.H99".to_owned()],
    }])
}

pub(super) fn status(code: Code) -> Status {
    Status {
        from: organ("000.00.14.H99"),
        answered: answered(),
        staff: Some(staff()),
        told: Told::Known(code),
        description: "Đã tiếp nhận".to_owned(),
        at: Some(moment("2026/01/06 10:00:00")),
    }
}

pub(super) fn file(id: &str, name: &str, bytes: &[u8]) -> Enclosure {
    Enclosure {
        id: id.to_owned(),
        name: name.to_owned(),
        description: "Tệp thử".to_owned(),
        bytes: bytes.to_vec(),
    }
}

pub(super) fn written(letter: &Document, files: &[Enclosure]) -> Vec<u8> {
    write::document(letter, files, &Limits::default()).unwrap()
}

/// The packet of the letter with one PDF, as text.
pub(super) fn packet() -> String {
    String::from_utf8(written(&letter(), &[file(UUID, "ket-qua.pdf", PDF)])).unwrap()
}

/// The packet with a part of it replaced; the part must be there.
pub(super) fn changed(from: &str, to: &str) -> String {
    let packet = packet();
    assert!(packet.contains(from), "{from} is not in {packet}");
    packet.replace(from, to)
}

pub(super) fn parse(bytes: &[u8]) -> Result<Parsed<'_>, Unread> {
    crate::parse(bytes, &Tolerance::default())
}

pub(super) fn parsed(text: &str) -> Parsed<'_> {
    parse(text.as_bytes()).unwrap()
}

pub(super) fn document<'p>(parsed: &'p Parsed<'_>) -> &'p Document {
    let Packet::Document(document) = &parsed.packet else {
        panic!("no document: {parsed:?}")
    };
    document
}

/// What comes back of a file that was sent.
pub(super) fn back(file: &Enclosure, declared: &str) -> Attachment {
    Attachment {
        id: file.id.clone(),
        name: file.name.clone(),
        description: file.description.clone(),
        declared: declared.to_owned(),
        bytes: Ok(file.bytes.clone()),
    }
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9ĐđếộÀ€𝒳 &<>\"'\t\n\r-]{0,16}".prop_map(|text| text.trim().to_owned())
}

fn word() -> impl Strategy<Value = String> {
    "[a-zA-ZĐế0-9.&<-]{1,12}"
}

fn digits() -> impl Strategy<Value = String> {
    "[0-9]{0,4}"
}

fn days() -> impl Strategy<Value = Day> {
    (1900_u16..2100, 1_u8..=12, 1_u8..=28).prop_map(|(year, month, day)| Day::new(year, month, day).unwrap())
}

fn moments() -> impl Strategy<Value = Moment> {
    (0_i64..4_000_000_000).prop_map(|second| Moment::new(second * 1_000).unwrap())
}

fn organs() -> impl Strategy<Value = Organ> {
    (word(), text(), text(), text(), text(), (text(), text(), text())).prop_map(
        |(id, above, name, address, email, (telephone, fax, website))| Organ {
            id,
            above,
            name,
            address,
            email,
            telephone,
            fax,
            website,
        },
    )
}

fn answers() -> impl Strategy<Value = Answered> {
    (word(), word(), prop::option::of(days()), text()).prop_map(|(organ, code, on, document_id)| Answered {
        organ,
        code,
        on,
        document_id,
    })
}

fn others() -> impl Strategy<Value = Other> {
    let words = prop::collection::vec(word(), 0..3);
    (
        digits(),
        text(),
        digits(),
        digits(),
        any::<bool>(),
        words,
        (text(), text(), text()),
    )
        .prop_map(
            |(
                priority,
                sphere,
                amount,
                pages,
                direction,
                appendixes,
                (typer, reply_fors, reference_codes),
            )| Other {
                priority,
                sphere,
                typer,
                amount,
                pages,
                direction,
                appendixes,
                reply_fors,
                reference_codes,
            },
        )
}

fn staffs() -> impl Strategy<Value = Staff> {
    (word(), text(), text(), text()).prop_map(|(department, staff, email, mobile)| Staff {
        department,
        staff,
        email,
        mobile,
    })
}

fn acts() -> impl Strategy<Value = Act> {
    let receivers = (word(), any::<bool>()).prop_map(|(organ, added)| Receiver { organ, added });
    let receivers = prop::collection::vec(receivers, 0..3);
    let replaced = (word(), prop::collection::vec(word(), 0..3))
        .prop_map(|(document, organs)| Replaced { document, organs });
    prop_oneof![
        Just(Act::New),
        Just(Act::Recall),
        (word(), any::<bool>(), any::<bool>(), receivers).prop_map(
            |(document, content, recipients, changed)| {
                Act::Update(Update {
                    document,
                    content,
                    recipients,
                    changed,
                })
            }
        ),
        prop::collection::vec(replaced, 1..3).prop_map(Act::Replace),
    ]
}

fn businesses() -> impl Strategy<Value = Business> {
    (acts(), text(), "[01]?", prop::option::of(staffs())).prop_map(|(act, reason, paper, staff)| Business {
        act,
        reason,
        paper,
        staff,
    })
}

/// Any letter that may be written.
pub(super) fn letters() -> impl Strategy<Value = Document> {
    let head = (
        organs(),
        prop::collection::vec(organs(), 1..3),
        word(),
        word(),
        word(),
    );
    let kind = (text(), days(), digits(), digits(), text());
    let words = (word(), text(), (text(), text(), text()), prop::option::of(days()));
    let more = (others(), prop::collection::vec(answers(), 1..3), digits(), text());
    let hops = (word(), moments()).prop_map(|(organ, at)| Hop { organ, at: Some(at) });
    let lists = (
        prop::collection::vec(word(), 0..3),
        prop::collection::vec(word(), 0..3),
        prop::collection::vec(hops, 0..3),
        prop::option::of(businesses()),
    );
    (head, kind, words, more, lists).prop_map(|(head, kind, words, more, lists)| Document {
        from: head.0,
        to: head.1,
        document_id: head.2,
        code: Number {
            number: head.3,
            notation: head.4,
        },
        issued: Issued {
            place: kind.0,
            on: Some(kind.1),
        },
        kind: Kind {
            number: kind.2,
            detail: kind.3,
            name: kind.4,
        },
        subject: words.0,
        content: words.1,
        signer: Signer {
            competence: words.2.0,
            position: words.2.1,
            full_name: words.2.2,
        },
        due: words.3,
        other: more.0,
        answers: more.1,
        steering: more.2,
        application: more.3,
        places: lists.0,
        tasks: lists.1,
        trace: lists.2,
        business: lists.3,
    })
}

/// Any status that may be written.
pub(super) fn statuses() -> impl Strategy<Value = Status> {
    (
        organs(),
        answers(),
        prop::option::of(staffs()),
        0_usize..9,
        text(),
        moments(),
    )
        .prop_map(|(from, answered, staff, code, description, at)| Status {
            from,
            answered,
            staff,
            told: Told::Known(Code::ALL[code]),
            description,
            at: Some(at),
        })
}
