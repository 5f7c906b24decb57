//! A dossier is judged by what its procedure asks for.

use super::*;

fn judged(dossier: &Dossier, on: &str) -> Vec<(String, &'static str)> {
    let procedures = compiled(PROCEDURE).unwrap();
    let remarks = procedures.judge(dossier, day(on)).into_iter();
    remarks.map(|one| (one.path, one.what.word())).collect()
}

fn told_of(path: &str, what: &'static str) -> Vec<(String, &'static str)> {
    vec![(path.to_owned(), what)]
}

#[test]
fn a_dossier_that_fits_is_not_remarked_upon_and_a_paper_that_a_rule_replaces_is_not_missing() {
    assert_eq!(judged(&dossier(), "2026-05-01"), []);
    assert_eq!(
        judged(&dossier(), "2026-01-15"),
        told_of("components[].code", "missing-paper"),
        "before the rule the paper is asked for"
    );
}

/// What is told of a dossier that differs so.
fn with(change: fn(&mut Dossier)) -> Vec<(String, &'static str)> {
    let mut dossier = dossier();
    change(&mut dossier);
    judged(&dossier, "2026-05-01")
}

#[test]
fn each_mistake_has_its_remark() {
    assert_eq!(
        with(|d| d.facts.owner.name = None),
        told_of("owner.name", "missing-fact")
    );
    assert_eq!(
        with(|d| d.facts.owner.born = None),
        told_of("owner.born", "missing-fact")
    );
    let long = with(|d| d.facts.owner.name = Some("Nguyễn Thị Tên Dài Hơn Hai Mươi".to_owned()));
    assert_eq!(long, told_of("owner.name", "long-fact"));
    let phone = with(|d| d.facts.owner.phone = Some("không có".to_owned()));
    assert_eq!(phone, told_of("owner.phone", "malformed-fact"));
    let gender = with(|d| d.facts.owner.gender = crate::model::codes::Gender::from_word("other"));
    assert_eq!(gender, told_of("owner.gender", "unlisted-fact"));
    assert_eq!(
        with(|d| d.facts.components = Vec::new()),
        told_of("components[].code", "missing-paper")
    );
    let online = with(|d| d.facts.channel = Some(Channel::Online));
    assert_eq!(
        online,
        told_of("components[].code", "missing-paper"),
        "online it takes one more"
    );
    let unknown = with(|d| d.facts.components.push(paper("KQ7")));
    assert_eq!(unknown, told_of("components[1].code", "unknown-paper"));
    assert_eq!(
        with(|d| d.facts.channel = Some(Channel::Post)),
        told_of("channel", "channel-not-offered")
    );
    let enterprise = with(|d| {
        d.facts.owner.kind = Some(SubjectKind::Enterprise);
        d.facts.owner.born = None;
    });
    let of_enterprise = [("components[].code".to_owned(), "missing-paper")];
    assert_eq!(
        enterprise, of_enterprise,
        "KQ2: the citizens' rule is not theirs; KQ5 is replaced"
    );
}

#[test]
fn another_amount_is_told_and_a_fee_that_the_procedure_does_not_have() {
    let fee = |amount| {
        let fee = Fee {
            kind: crate::model::codes::FeeKind::from_word("fee"),
            amount: Some(amount),
            ..Fee::default()
        };
        let mut dossier = dossier();
        dossier.facts.fees = vec![fee];
        judged(&dossier, "2026-05-01")
    };
    assert_eq!(fee(20_000), []);
    assert_eq!(fee(25_000), told_of("fees[0].amount", "other-amount"));
    let charge = with(|d| {
        d.facts.fees = vec![Fee {
            kind: crate::model::codes::FeeKind::from_word("charge"),
            amount: Some(5),
            ..Fee::default()
        }];
    });
    assert_eq!(charge, told_of("fees[0].amount", "unknown-fee"));
}

#[test]
fn what_was_brought_in_vain_is_told_unless_the_office_fetched_it() {
    let mut dossier = dossier();
    dossier.facts.components.push(paper("KQ2"));
    assert_eq!(
        judged(&dossier, "2026-05-01"),
        told_of("components[1].code", "needless-paper")
    );
    assert_eq!(judged(&dossier, "2026-02-10"), [], "within the fifteen days");
    dossier.facts.components[1].reuse = Some(Reuse::Reused);
    assert_eq!(judged(&dossier, "2026-05-01"), []);
}

#[test]
fn a_request_for_what_the_state_holds_is_told_unless_it_gives_a_reason() {
    let procedures = compiled(PROCEDURE).unwrap();
    let asked = |wanted: &str, on: &str| {
        let mut dossier = dossier();
        dossier.facts.supplements = vec![Supplement {
            wanted: Some(wanted.to_owned()),
            ..Supplement::default()
        }];
        let again = procedures.asked_again(&dossier, day(on));
        let told = again
            .iter()
            .map(|one| (one.covered.paper, one.reason.map(|reason| reason.code.as_str())));
        (
            told.map(|(paper, reason)| (paper.to_owned(), reason.map(str::to_owned)))
                .collect::<Vec<_>>(),
            procedures.judge(&dossier, day(on)).len(),
        )
    };
    assert_eq!(
        asked("Nộp KQ2", "2026-05-01"),
        (vec![("KQ2".to_owned(), None)], 1)
    );
    let with_reason = (vec![("KQ2".to_owned(), Some("thieu".to_owned()))], 0);
    assert_eq!(asked("Nộp KQ2 (thieu)", "2026-05-01"), with_reason);
    assert_eq!(
        asked("Nộp KQ22, KQ1", "2026-05-01"),
        (Vec::new(), 0),
        "another paper"
    );
    assert_eq!(
        asked("Nộp KQ2", "2026-02-10"),
        (Vec::new(), 0),
        "it is not due yet"
    );
    assert_eq!(
        asked("thieu_gi_do KQ2", "2026-05-01").1,
        1,
        "a word that only begins so is no reason"
    );
    let mut listed = dossier();
    listed.facts.supplements = vec![Supplement {
        components: vec![paper("KQ2")],
        settled: Some(true),
        ..Supplement::default()
    }];
    let again = procedures.asked_again(&listed, day("2026-05-01"));
    assert!(again[0].settled && again[0].reason.is_none());
}

#[test]
fn only_shape_refuses_and_what_is_missing_only_before_the_desk_has_accepted() {
    let code = || "x".to_owned();
    for what in [
        What::UnlistedFact,
        What::Channel,
        What::UnknownPaper { code: code() },
    ] {
        assert!(Status::ALL.iter().all(|status| what.refuses(*status)), "{what:?}");
    }
    for what in [What::MissingFact, What::MissingPaper { code: code() }] {
        let refused: Vec<_> = Status::ALL
            .iter()
            .filter(|status| what.refuses(**status))
            .collect();
        assert_eq!(refused, [&Status::Registered]);
    }
    let basis = Basis::read("1/2026/NQ-CP Đ4 k1").unwrap();
    for what in [
        What::NeedlessPaper {
            code: code(),
            basis: basis.clone(),
        },
        What::AskedAgain { code: code(), basis },
        What::UnknownFee,
        What::OtherAmount { due: 1 },
    ] {
        assert!(
            !Status::ALL.iter().any(|status| what.refuses(*status)),
            "{what:?}"
        );
    }
}
