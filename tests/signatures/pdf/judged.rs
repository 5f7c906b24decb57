use std::process::Command;

use lienthong::signing::pdf::{self, Additions, Finding, Kind, Later, Proof, Unheld};
use lienthong::signing::trust::{Revocation, Trust, Untrusted};

use super::made::{document, made, now, verify};
use crate::signatures::cms::shop::{at, means};

/// What came after a finding, in a word or two.
fn later(finding: &Finding) -> String {
    match finding.later {
        Later::Nothing => "nothing".to_owned(),
        Later::Blank => "blank".to_owned(),
        Later::Changed => "changed".to_owned(),
        Later::Added(Additions {
            signatures,
            empty,
            is_visible,
            store,
            described: _,
        }) => {
            let mut all = vec![format!("{signatures} signed")];
            all.extend((empty > 0).then(|| format!("{empty} empty")));
            all.extend(is_visible.then(|| "visible".to_owned()));
            all.extend(store.then(|| "store".to_owned()));
            all.join(", ")
        }
    }
}

#[test]
fn what_came_after_each_signature_is_told() {
    let all: [(&str, bool, &[&str]); 17] = [
        ("basic", true, &["nothing"]),
        ("stamped", true, &["nothing"]),
        ("older", true, &["nothing"]),
        ("streamed", true, &["1 signed", "nothing"]),
        ("two", true, &["1 signed", "nothing"]),
        ("visible", true, &["nothing"]),
        ("covered", true, &["1 signed, visible", "nothing"]),
        ("certified", true, &["nothing"]),
        ("sealed", true, &["1 signed", "nothing"]),
        ("document", true, &["1 signed", "nothing"]),
        ("reserved", true, &["1 signed", "nothing"]),
        ("changed", false, &["changed"]),
        // The seal is over the change: the approval is not, and both are told.
        ("changed-and-signed", true, &["changed", "nothing"]),
        // An authority stamps whatever it is sent.
        ("changed-and-stamped", false, &["changed", "nothing"]),
        ("noted", false, &["changed"]),
        ("stored", true, &["0 signed, store"]),
        ("lasting", true, &["1 signed, store", "nothing"]),
    ];
    let mut wrong = Vec::new();
    for (name, good, expected) in all {
        let report = verify(&document(name)).unwrap();
        let told: Vec<_> = report.findings.iter().map(later).collect();
        if told != expected || report.is_good() != good {
            wrong.push(format!("{name}: {told:?} {}", report.is_good()));
        }
        for finding in &report.findings {
            assert!(finding.is_good(), "{name}: {:?}", finding.outcome);
        }
        assert_eq!(report.unreached, 0, "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(verify(&document("plain")).unwrap().findings.is_empty());
    assert!(!verify(&document("plain")).unwrap().is_good());
}

#[test]
fn who_signed_when_and_under_which_anchor_is_told() {
    let report = verify(&document("stamped")).unwrap();
    let [finding] = report.findings.as_slice() else {
        panic!()
    };
    assert_eq!(
        (finding.field.as_str(), &finding.kind),
        ("Approval", &Kind::Cades)
    );
    let Ok(Proof::Signature { signed, judgement }) = &finding.outcome else {
        panic!()
    };
    assert_eq!(judgement.at, at("2026-03-05T08:09:10Z"));
    assert!(judgement.is_proven && finding.claimed.is_some());
    assert_eq!(signed.signer, made().shop.certificate("holder"));
    assert!(!signed.signer.subject_text().contains("001090000017"));
    let path = judgement.path.as_ref().unwrap();
    assert_eq!(path.anchor(), Some(&made().shop.certificate("root")));
    let covers = finding.covers.unwrap() as u64;
    assert_eq!(signed.length, covers);

    let older = verify(&document("older")).unwrap();
    assert_eq!(older.findings[0].kind, Kind::Pkcs7);
    let certified = verify(&document("certified")).unwrap();
    assert_eq!(certified.findings[0].certifies, Some(2));
    let stamped = verify(&document("document")).unwrap();
    assert_eq!(stamped.findings[1].kind, Kind::Stamp);
    assert!(
        matches!(&stamped.findings[1].outcome, Ok(Proof::Stamp(stamp)) if stamp.at == at("2026-03-05T08:09:10Z"))
    );
}

#[test]
fn nobody_is_trusted_who_was_not_named() {
    let (trust, revocation) = (Trust::default(), Revocation::default());
    let report = pdf::verify(&document("document"), &means(&trust, &revocation), now()).unwrap();
    assert!(!report.is_good());
    let Ok(Proof::Signature { judgement, .. }) = &report.findings[0].outcome else {
        panic!()
    };
    assert!(matches!(judgement.path, Err(Untrusted::NoAnchor { .. })));
    assert!(matches!(report.findings[1].outcome, Err(Unheld::Stamp(_))));
}

/// What `pdfsig` says of a document: for each signature whether it is valid, and its ranges.
fn pdfsig(name: &str) -> Vec<(bool, [usize; 4])> {
    let output = Command::new("pdfsig")
        .arg("-nocert")
        .arg(made().shop.path(&format!("{name}.pdf")))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut all = Vec::new();
    let mut ranges = [0; 4];
    for line in said.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("- Signed Ranges: ") {
            let numbers = rest
                .split(|letter: char| !letter.is_ascii_digit())
                .filter_map(|one| one.parse().ok());
            ranges = numbers.collect::<Vec<_>>().try_into().unwrap();
        } else if let Some(rest) = line.strip_prefix("- Signature Validation: ") {
            all.push((rest == "Signature is Valid.", ranges));
        }
    }
    all
}

#[test]
fn pdfsig_finds_the_same_signatures_over_the_same_bytes() {
    let names = [
        "basic",
        "stamped",
        "older",
        "streamed",
        "two",
        "visible",
        "covered",
        "certified",
        "sealed",
        "reserved",
        "changed",
        "changed-and-signed",
        "noted",
        "stored",
    ];
    let mut compared = 0;
    for name in names {
        let report = verify(&document(name)).unwrap();
        let theirs = pdfsig(name);
        assert_eq!(theirs.len(), report.findings.len(), "{name}");
        for (finding, (valid, [_, before, from, end])) in report.findings.iter().zip(theirs) {
            assert!(finding.is_good() == valid, "{name}");
            assert_eq!(finding.covers, Some(before + end - from), "{name}");
            assert_eq!(finding.beyond, document(name).len() - end, "{name}");
            compared += 1;
        }
    }
    assert_eq!(compared, 20);
}
