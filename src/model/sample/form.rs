//! The form of an invented registration.

use super::parts::{address, birth, person, phone};
use super::{Chance, one, text};
use crate::model::codes::{Gender, Notice, PaperKind, Parents, Role, Stay, Way};
use crate::model::{Death, Ethnicity, Form, Lived, Named, Paper, Party, Proof};

/// Every role once, in any order.
pub(super) fn parties(chance: &mut Chance) -> Vec<Party> {
    let mut parties: Vec<Party> = Role::ALL.iter().map(|role| party(chance, *role)).collect();
    for n in (1..parties.len()).rev() {
        let other = chance.below(n as u64 + 1) as usize;
        parties.swap(n, other);
    }
    parties
}

fn party(chance: &mut Chance, role: Role) -> Party {
    let number = format!("099{:09}", chance.below(1_000_000_000));
    Party {
        role: Some(role),
        name: Some(person(chance)),
        other_name: chance.maybe(10, person),
        gender: Some(one(chance, &[Gender::Male, Gender::Female], Gender::Male)),
        born: Some(birth(chance)),
        number: chance.maybe(80, |_| number.clone()),
        paper: chance
            .maybe(80, |chance| Paper {
                kind: Some(one(
                    chance,
                    &[PaperKind::CitizenId, PaperKind::Passport],
                    PaperKind::CitizenId,
                )),
                number: Some(number),
                issued_on: chance.maybe(50, birth),
                issued_by: chance.maybe(50, |_| "Công an tỉnh Mẫu".to_owned()),
            })
            .unwrap_or_default(),
        ethnicity: Ethnicity {
            name: chance.maybe(70, |_| "Kinh".to_owned()),
            ..Ethnicity::default()
        },
        nationality: chance.maybe(80, |_| "VN".to_owned()),
        other_nationality: chance.maybe(5, |_| "Pháp".to_owned()),
        stay: chance.maybe(60, |chance| one(chance, Stay::ALL, Stay::Permanent)),
        residence: address(chance),
        birthplace: address(chance),
        abroad: chance.maybe(60, |chance| chance.percent(10)),
        born_abroad: chance.maybe(5, |_| "Paris, Pháp".to_owned()),
        native_place: address(chance),
        verified: chance.maybe(60, |chance| chance.percent(80)),
        relation: chance.maybe(40, |_| "Anh".to_owned()),
        phone: chance.maybe(40, phone),
        email: chance.maybe(40, |_| "nguoi.mau@cong-dan.example".to_owned()),
        marital: Named {
            code: chance.maybe(40, |_| "1".to_owned()),
            name: chance.maybe(40, |_| "Chưa kết hôn".to_owned()),
        },
        marriages: chance.maybe(40, |chance| 1 + chance.below(3) as i64),
    }
}

/// All that a form may say.
pub(super) fn form(chance: &mut Chance) -> Form {
    Form {
        office: text("990099"),
        linked: chance.maybe(60, |chance| chance.percent(50)),
        way: Some(one(chance, Way::ALL, Way::OnTime)),
        copies: chance.maybe(60, |chance| 1 + chance.below(5) as i64),
        relation: chance.maybe(80, |_| "Cha".to_owned()),
        note: chance.maybe(20, |_| "Ghi chú \"mẫu\"\n& <thử>".to_owned()),
        certificate: proof(chance, "GCS-MAU"),
        notice: proof(chance, "GBT-MAU"),
        notice_kind: chance.maybe(60, |chance| one(chance, Notice::ALL, Notice::Notice)),
        foreign: chance
            .maybe(10, |chance| proof(chance, "NN-MAU"))
            .unwrap_or_default(),
        parents: chance.maybe(60, |chance| one(chance, Parents::ALL, Parents::Both)),
        death: Death {
            on: Some(birth(chance)),
            at: chance.maybe(40, |_| "14:30".to_owned()),
            place: address(chance),
            cause: chance.maybe(60, |_| "Tuổi già".to_owned()),
        },
        married_on: chance.maybe(60, birth),
        proxy: chance.maybe(60, |chance| chance.percent(30)),
        sheet: Some(one(chance, &["1", "2"], "1").to_owned()),
        bans: chance.maybe(60, |chance| chance.percent(50)),
        purpose: Named {
            code: chance.maybe(60, |_| "1".to_owned()),
            name: chance.maybe(80, |_| "Xin việc làm".to_owned()),
        },
        declaration: chance.maybe(20, |_| "Không có".to_owned()),
        lived: chance.some(3, |chance| Lived {
            from: Some(birth(chance)),
            until: chance.maybe(80, birth),
            place: text("Địa chỉ mẫu số 2"),
            job: chance.maybe(60, |_| "Tự do".to_owned()),
            workplace: chance.maybe(30, |_| "Công ty Mẫu".to_owned()),
        }),
    }
}

fn proof(chance: &mut Chance, mark: &str) -> Proof {
    Proof {
        number: Some(format!("{mark}-{:04}", chance.below(10_000))),
        on: chance.maybe(80, birth),
        by: chance.maybe(40, |_| "Bệnh viện Mẫu".to_owned()),
        country: None,
    }
}
