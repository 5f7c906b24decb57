//! The parts of an invented dossier.

use super::{Chance, one, text};
use crate::model::codes::{
    CopyKind, FeeKind, FeeWhen, Gender, PaperKind, PaymentState, Reuse, Status, SubjectKind,
};
use crate::model::{
    Address, Component, Contact, Ethnicity, Fee, File, OtherPaper, Outcome, Paper, PartialDate, Payment,
    Step, Subject, Supplement, Time, Unit,
};

pub(super) fn subject(chance: &mut Chance, owner: bool) -> Subject {
    let kind = if chance.percent(70) {
        SubjectKind::Citizen
    } else {
        one(chance, SubjectKind::ALL, SubjectKind::Citizen)
    };
    let citizen = kind == SubjectKind::Citizen;
    let name = if citizen {
        person(chance)
    } else {
        format!("Công ty TNHH Mẫu {}", chance.below(1000))
    };
    let kin = name.clone();
    Subject {
        kind: owner.then_some(kind),
        registered_name: chance.maybe(80, |_| name.to_uppercase()),
        name: Some(name),
        portal_id: chance.maybe(50, |chance| format!("tech-0000-0000-{:04}", chance.below(10_000))),
        papers: papers(chance, citizen),
        born: chance.maybe(60, birth),
        gender: chance.maybe(50, |chance| one(chance, Gender::ALL, Gender::Other)),
        ethnicity: Ethnicity {
            name: chance.maybe(30, |_| "Kinh".to_owned()),
            ..Ethnicity::default()
        },
        phone: Some(phone(chance)),
        email: chance.maybe(70, |chance| {
            format!("thu.nghiem{}@cong-dan.example", chance.below(1000))
        }),
        fax: chance.maybe(10, phone),
        address: address(chance),
        contact: Contact {
            name: chance.maybe(20, |_| kin),
            phone: None,
            email: None,
        },
    }
}

/// An invented name.
pub(super) fn person(chance: &mut Chance) -> String {
    const FAMILY: &[&str] = &["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng"];
    const GIVEN: &[&str] = &[
        "Thử Nghiệm",
        "Văn Mẫu",
        "Thị Giả Định",
        "Minh Hoạ",
        "Ví Dụ",
        "Ướm Thử",
    ];
    format!(
        "{} {}",
        one(chance, FAMILY, "Nguyễn"),
        one(chance, GIVEN, "Văn Mẫu")
    )
}

pub(super) fn phone(chance: &mut Chance) -> String {
    format!("0900000{:03}", chance.below(1000))
}

pub(super) fn birth(chance: &mut Chance) -> PartialDate {
    let (year, month, day) = (
        1940 + chance.below(70) as u16,
        1 + chance.below(12) as u8,
        1 + chance.below(28) as u8,
    );
    let (month, day) = match chance.below(10) {
        0 => (None, None),
        1 => (Some(month), None),
        _ => (Some(month), Some(day)),
    };
    PartialDate::new(year, month, day).unwrap_or_else(|_| PartialDate::first())
}

fn papers(chance: &mut Chance, citizen: bool) -> Vec<Paper> {
    let (kind, number) = match (citizen, chance.below(10)) {
        (false, _) => (PaperKind::TaxCode, format!("0990{:06}", chance.below(1_000_000))),
        (true, 0) => (PaperKind::OldId, format!("099{:06}", chance.below(1_000_000))),
        (true, 1) => (PaperKind::Passport, format!("X099{:04}", chance.below(10_000))),
        (true, _) => (
            PaperKind::CitizenId,
            format!("099{:09}", chance.below(1_000_000_000)),
        ),
    };
    let issued_on = chance.maybe(50, birth);
    let issued_by = chance.maybe(20, |_| "Công an tỉnh Mẫu".to_owned());
    vec![Paper {
        kind: Some(kind),
        number: Some(number),
        issued_on,
        issued_by,
    }]
}

pub(super) fn address(chance: &mut Chance) -> Address {
    let unit = |code: &str, name: &str| Unit {
        code: text(code),
        on: None,
        name: text(name),
    };
    let district = chance.percent(50);
    Address {
        line: None,
        full: Some(format!(
            "Số {} đường Thử, xã Mẫu, tỉnh Mẫu",
            1 + chance.below(300)
        )),
        province: unit("99", "Tỉnh Mẫu"),
        district: if district {
            unit("990", "Huyện Mẫu")
        } else {
            Unit::default()
        },
        commune: unit("99001", "Xã Mẫu"),
    }
}

pub(super) fn component(chance: &mut Chance) -> Component {
    let reuse = chance.maybe(70, |chance| one(chance, Reuse::ALL, Reuse::None));
    Component {
        code: Some(format!("000.00.00.G99-KQ{:06}", 1 + chance.below(40))),
        name: chance.maybe(40, |_| "Đơn đề nghị".to_owned()),
        form: chance.maybe(20, |_| "MAU-01".to_owned()),
        copies: chance.maybe(30, |chance| 1 + chance.below(3) as i64),
        kind: chance.maybe(50, |chance| one(chance, CopyKind::ALL, CopyKind::Copy)),
        digitised: chance.maybe(80, |chance| chance.percent(70)),
        reuse,
        from_store: chance.maybe(40, |chance| chance.percent(30)),
        // Who says that a result replaced a paper says which.
        replaced_by: (reuse == Some(Reuse::Replaced)).then(|| "KQ.G99.000001".to_owned()),
        files: (0..1 + chance.below(2)).map(|_| file(chance)).collect(),
    }
}

fn file(chance: &mut Chance) -> File {
    let id = 70_000 + chance.below(20_000);
    File {
        id: Some(id.to_string()),
        name: Some(format!("don-de-nghi-{id}.pdf")),
        reference: None,
        address: Some(format!(
            "http://tep.motcua.example/tep/7f0e0000-0000-4000-8000-{id:012}"
        )),
        digest: chance.maybe(50, |chance| format!("{:064x}", chance.bits())),
        size: chance.maybe(50, |chance| 1_000 + chance.below(5_000_000) as i64),
        media: chance.maybe(30, |_| "application/pdf".to_owned()),
        removed: chance.maybe(20, |chance| chance.percent(20)),
    }
}

pub(super) fn other_paper(chance: &mut Chance) -> OtherPaper {
    OtherPaper {
        name: text("Ảnh 4x6"),
        quantity: Some(2),
        kind: chance.maybe(50, |chance| chance.below(3) as i64),
    }
}

pub(super) fn fees(chance: &mut Chance) -> Vec<Fee> {
    let mut fees = Vec::new();
    for (kind, name) in [
        (FeeKind::Charge, "Phí thẩm định"),
        (FeeKind::Fee, "Lệ phí cấp phép"),
    ] {
        if chance.percent(40) {
            fees.push(Fee {
                name: text(name),
                code: chance.maybe(60, |_| "2".to_owned()),
                kind: Some(kind),
                when: chance.maybe(80, |chance| one(chance, FeeWhen::ALL, FeeWhen::Acceptance)),
                amount: Some(10_000 * (1 + chance.below(50) as i64)),
            });
        }
    }
    fees
}

pub(super) fn payment(chance: &mut Chance, received: i64) -> Payment {
    if chance.percent(50) {
        return Payment::default();
    }
    Payment {
        state: Some(one(chance, PaymentState::ALL, PaymentState::None)),
        method: chance.maybe(50, |_| "PayPlatDVCQG".to_owned()),
        reference: chance.maybe(50, |chance| format!("dvcH99{:014}", chance.below(1_000_000_000))),
        paid_at: chance.maybe(50, |_| Time::at(received + 600)),
        amount: chance.maybe(50, |chance| 10_000 * (1 + chance.below(50) as i64)),
    }
}

pub(super) fn supplement(chance: &mut Chance, received: i64) -> Supplement {
    Supplement {
        id: text("1"),
        asked_by: Some(person(chance)),
        wanted: text("Thiếu bản sao giấy tờ"),
        asked_at: Some(Time::at(received + 90_000)),
        received_by: chance.maybe(60, person),
        received_note: None,
        received_at: chance.maybe(60, |_| Time::at(received + 180_000)),
        settled: Some(chance.percent(60)),
        components: chance.some(2, component),
        fees: fees(chance),
        due_before: Some(Time::at(received + 864_000)),
        due_after: chance.maybe(60, |_| Time::at(received + 950_400)),
    }
}

pub(super) fn result(chance: &mut Chance) -> Outcome {
    let id = 90_000 + chance.below(10_000);
    Outcome {
        name: text("giay-phep.pdf"),
        id: Some(id.to_string()),
        component: None,
        code: chance.maybe(80, |_| "KQ.G99.000001".to_owned()),
        reference: None,
        address: Some(format!(
            "http://tep.motcua.example/tep/7f0e0000-0000-4000-8000-{id:012}"
        )),
        symbol: chance.maybe(60, |chance| format!("{}/GP-STN", 1 + chance.below(900))),
        signer: chance.maybe(60, person),
        issuer: text("Sở Thử nghiệm tỉnh Mẫu"),
        issued_on: chance.maybe(60, birth),
    }
}

/// One invented step at that time.
pub(super) fn step(chance: &mut Chance, at: i64) -> Step {
    Step {
        officer: Some(person(chance)),
        title: chance.maybe(30, |_| "Chuyên viên".to_owned()),
        department: chance.maybe(60, |_| "Bộ phận một cửa".to_owned()),
        content: text("Thẩm định-đủ điều kiện"),
        status: Some(one(chance, Status::ALL, Status::Processing)),
        at: Some(Time::at(at)),
        began_at: chance.maybe(30, |_| Time::at(at - 3_600)),
        due_at: chance.maybe(70, |_| Time::at(at + 172_800)),
    }
}
