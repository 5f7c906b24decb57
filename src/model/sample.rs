//! Invented dossiers from a seed: for the laws of mappings, for the sandbox, for measuring. Nobody in them exists:
//! identity numbers begin with 099, phones with 0900000, agencies are of province H99, hosts end in `.example`.

mod form;
mod parts;

use self::parts::{component, fees, other_paper, payment, result, step, subject, supplement};
use super::codes::{Channel, Delivery, Filing, Gender, Status};
use super::{Agency, Database, Dossier, Facts, Form, How, Named, Number, Origin, Origins, Procedure, Time};

/// A stream of chances from a seed (splitmix64): the same seed, the same stream, on every machine.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of that seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.bits() % end }
    }

    /// True in that many of a hundred cases.
    pub const fn percent(&mut self, of_hundred: u64) -> bool {
        self.below(100) < of_hundred
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len() as u64) as usize)
    }

    fn maybe<T>(&mut self, of_hundred: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.percent(of_hundred) {
            Some(make(self))
        } else {
            None
        }
    }

    fn some<T>(&mut self, most: u64, make: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }
}

/// 2024-01-01T00:00:00+07:00, when the first invented dossier is accepted.
const START: i64 = 1_704_042_000;
const DAY: u64 = 86_400;

/// The invented ones of the shipped procedures: national code, name, field and its name. None of them reuses anything, so
/// that an invented dossier asks nobody about anybody.
pub const PROCEDURES: &[(&str, &str, &str, &str)] = &[
    ("1.001234", "Cấp giấy phép thử nghiệm", "G99-TN01", "Thử nghiệm"),
    (
        "2.000123",
        "Gia hạn giấy phép thử nghiệm",
        "G99-TN01",
        "Thử nghiệm",
    ),
    ("3.000181", "Xác nhận nguồn gốc vật mẫu", "G99-TN02", "Vật mẫu"),
    ("1.003003", "Đăng ký biến động đất mẫu", "G99-TN03", "Đất mẫu"),
    (
        "2.002622",
        "Đăng ký thành lập hộ kinh doanh mẫu",
        "G99-TN04",
        "Kinh doanh mẫu",
    ),
    (
        "1.990873",
        "Cấp giấy xác nhận tình trạng mẫu",
        "G99-TN05",
        "Hộ tịch mẫu",
    ),
    (
        "2.000986",
        "Đăng ký khai sinh mẫu (liên thông)",
        "G99-TN05",
        "Hộ tịch mẫu",
    ),
    ("1.005092", "Chứng thực bản sao mẫu", "G99-TN06", "Chứng thực mẫu"),
];

/// The `n`th invented dossier of a seed, under one of [`PROCEDURES`].
#[must_use]
pub fn dossier(seed: u64, n: u64) -> Dossier {
    let mut chance = Chance::new(seed ^ n.wrapping_mul(0xd134_2543_de82_ef95));
    let &(code, name, field, field_name) = chance.pick(PROCEDURES).unwrap_or(&PROCEDURES[0]);
    let procedure = Procedure {
        code: code.to_owned(),
        local: Some(format!("{code}.000.00.00.H99")),
        service: chance.maybe(30, |_| format!("{code}.01")),
        name: Some(name.to_owned()),
        level: chance.maybe(60, |chance| (2 + chance.below(3)).to_string()),
        field: Named {
            code: Some(field.to_owned()),
            name: Some(field_name.to_owned()),
        },
        case: Named::default(),
    };
    dossier_of(procedure, &mut chance, n)
}

/// The same with all that an electronic form of civil status or of a record sheet may say: every party, every event.
#[must_use]
pub fn registration(seed: u64, n: u64) -> Dossier {
    let mut dossier = dossier(seed, n);
    let mut chance = Chance::new(seed.rotate_left(17) ^ n);
    dossier.facts.parties = form::parties(&mut chance);
    dossier.facts.form = form::form(&mut chance);
    if dossier.facts.steps.is_empty() {
        dossier.facts.steps.push(step(&mut chance, START));
    }
    let linked = || format!("LT-2026-{n:07}");
    dossier.facts.other_number.get_or_insert_with(linked);
    let owner = &mut dossier.facts.owner;
    owner.born.get_or_insert_with(|| parts::birth(&mut chance));
    owner.gender = Some(one(&mut chance, &[Gender::Male, Gender::Female], Gender::Male));
    for component in &mut dossier.facts.components {
        for file in &mut component.files {
            file.digest
                .get_or_insert_with(|| format!("{:064x}", chance.bits()));
        }
    }
    dossier
}

/// An invented dossier under that procedure; `n` makes its number.
#[must_use]
pub fn dossier_of(procedure: Procedure, chance: &mut Chance, n: u64) -> Dossier {
    let received = START + (chance.below(700) * DAY + 28_800 + chance.below(28_800)) as i64;
    let facts = facts(procedure, chance, n, received);
    let origin = Origin::new(How::Filed, "sample", Time::at(received));
    Dossier {
        facts,
        origins: Origins::all(origin),
        extensions: std::collections::BTreeMap::default(),
        findings: Vec::new(),
    }
}

fn facts(procedure: Procedure, chance: &mut Chance, n: u64, received: i64) -> Facts {
    let status = one(chance, Status::ALL, Status::Processing);
    let late = |days: u64| Time::at(received + (days * DAY) as i64);
    let done = matches!(status, Status::Finished | Status::Returned);
    let agency = Agency {
        code: text("000.00.14.H99"),
        name: text("Sở Thử nghiệm tỉnh Mẫu"),
    };
    let components = chance.some(4, component);
    let summary = format!("Đề nghị: {}", procedure.name.clone().unwrap_or_default());
    Facts {
        number: number(n, received),
        other_number: chance.maybe(40, |chance| {
            format!("{:08x}-0000-4000-8000-{n:012}", chance.below(1 << 32))
        }),
        receipt_number: chance.maybe(30, |_| format!("BN-{n:05}")),
        procedure,
        owner: subject(chance, true),
        submitter: chance
            .maybe(30, |chance| subject(chance, false))
            .unwrap_or_default(),
        helped_by: Agency::default(),
        received_by: chance.maybe(40, |_| agency.clone()).unwrap_or_default(),
        competent: agency,
        channel: Some(one(chance, Channel::ALL, Channel::Online)),
        delivery: Some(one(chance, Delivery::ALL, Delivery::InPerson)),
        filed_at: Some(one(chance, Filing::ALL, Filing::Local)),
        // Sometimes longer than the portal takes, to be cut.
        summary: Some(summary + &" dài".repeat(if chance.percent(2) { 300 } else { 0 })),
        note: chance.maybe(20, |_| "Hồ sơ mẫu, \"không\" có thật\\\n\tdòng hai".to_owned()),
        created_at: Some(Time::at(received - 5_400)),
        submitted_at: Some(Time::at(received - 4_500)),
        received_at: Some(Time::at(received)),
        due_at: chance.maybe(90, |_| late(10)),
        finished_at: done.then(|| late(8)),
        returned_at: (status == Status::Returned).then(|| late(9)),
        refused_at: (status == Status::NotAccepted).then(|| late(1)),
        extended_at: chance.maybe(5, |_| late(5)),
        status,
        digitised: chance.maybe(70, |_| !components.is_empty()),
        components,
        other_papers: chance.some(1, other_paper),
        fees: fees(chance),
        payment: payment(chance, received),
        supplements: chance
            .maybe(20, |chance| supplement(chance, received))
            .into_iter()
            .collect(),
        results: if done { vec![result(chance)] } else { Vec::new() },
        steps: (0..chance.below(4))
            .map(|n| step(chance, received + (n * DAY) as i64))
            .collect(),
        databases: chance.some(2, |chance| Database {
            code: Some((1 + chance.below(9)).to_string()),
        }),
        parties: Vec::new(),
        form: Form::default(),
        verified: chance.maybe(80, |chance| chance.percent(50)),
    }
}

fn number(n: u64, received: i64) -> Number {
    let day = Time::at(received).day().to_string();
    let text = format!("000.00.14.H99-{}{}{}-{n:04}", &day[2..4], &day[5..7], &day[8..10]);
    // At most 14 + 1 + 6 + 1 + 20 characters.
    Number::new(&text).unwrap_or_else(|_| Number::first())
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn one<T: Copy>(chance: &mut Chance, all: &[T], or: T) -> T {
    chance.pick(all).copied().unwrap_or(or)
}
