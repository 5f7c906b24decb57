use lienthong::signing::container::{ContainerError, Proof, Remark, Report, Unheld};
use lienthong::signing::trust::{Revocation, Trust};
use lienthong::signing::{container, xml};

use super::made::{container, verify};
use crate::signatures::cms::shop::{at, means};

/// Objects with whether they are covered.
fn objects(report: &Report) -> Vec<(&str, bool)> {
    report
        .objects
        .iter()
        .map(|one| (one.name.as_str(), one.is_covered))
        .collect()
}

#[test]
fn what_pyasice_signed_is_covered_and_what_was_put_beside_it_is_not() {
    let report = verify(&container("pyasice")).unwrap();
    assert!(report.is_good(), "{:?}", report.findings);
    assert_eq!(
        objects(&report),
        [("giay phep.txt", true), ("Quyết định.pdf", true)]
    );
    assert_eq!(report.loose, ["META-INF/manifest.xml"]);
    assert!(report.remarks.is_empty() && !report.is_canonical);
    let added = verify(&container("added")).unwrap();
    assert!(!added.is_good() && added.findings[0].is_good());
    assert_eq!(objects(&added).last(), Some(&("them.txt", false)));
    let late = verify(&container("late")).unwrap();
    assert!(late.is_good() && late.remarks == [Remark::MediaType]);
}

#[test]
fn what_was_exchanged_or_dropped_is_refused() {
    let digest = |name| {
        let report = verify(&container(name)).unwrap();
        assert!(
            !report.is_good() && objects(&report).iter().all(|(_, covered)| !covered),
            "{name}"
        );
        match &report.findings[0].outcome {
            Err(Unheld::Xml(reason)) => reason.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(digest("exchanged"), xml::Refusal::Digest(0));
    assert_eq!(digest("dropped"), xml::Refusal::External(0));
    assert!(matches!(verify(&container("other")), Err(ContainerError::Kind)));
}

#[test]
fn nobody_is_trusted_who_was_not_named() {
    let (trust, revocation) = (Trust::default(), Revocation::default());
    let report = container::verify(
        &container("pyasice"),
        &means(&trust, &revocation),
        at("2030-01-01T00:00:00Z"),
    )
    .unwrap();
    assert!(!report.is_good() && report.findings[0].outcome.is_ok());
}

/// X-Road's own fixtures, which no trust of today reaches: what they cover is told, byte by byte, and what they lack.
#[test]
fn containers_of_x_road_are_told_for_what_they_are() {
    let read = |name: &str| {
        let path = format!("{}/tests/vectors/xroad/{name}.asice", env!("CARGO_MANIFEST_DIR"));
        verify(&std::fs::read(path).unwrap())
    };
    let covers = |report: &Report| {
        report
            .findings
            .iter()
            .flat_map(|one| one.covers.clone())
            .collect::<Vec<_>>()
    };
    let report = read("valid-signed-message").unwrap();
    assert_eq!(report.remarks, [Remark::MediaType]);
    assert_eq!(covers(&report), ["message.xml"]);
    assert!(matches!(report.findings[0].outcome, Ok(Proof::Xml(_))) && !report.is_good());
    let report = read("valid-signed-message-with-attachments").unwrap();
    assert_eq!(report.remarks, [Remark::MediaType, Remark::Comment]);
    assert_eq!(covers(&report), ["message.xml", "attachment1", "attachment2"]);
    let report = read("no-mimetype").unwrap();
    assert_eq!(report.remarks, [Remark::MediaType]);
    assert!(!report.is_good());
    let report = read("no-message").unwrap();
    assert!(report.objects.is_empty() && !report.is_good());
    let report = read("no-signature").unwrap();
    assert!(report.findings.is_empty() && !report.is_good());
    assert!(matches!(read("not-asic"), Err(ContainerError::Archive(_))));
}
