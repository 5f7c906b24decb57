use super::*;

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn seen(name: &str, until: Option<&str>, certificate: Option<&str>) -> Seen {
    Seen {
        name: name.to_owned(),
        from: None,
        until: until.map(|until| until.parse().unwrap()),
        id: String::new(),
        family: Family::P256,
        certificate: certificate.map(|until| Certificate {
            subject: "O=Sở Mẫu".to_owned(),
            until: at(until),
        }),
        away: None,
    }
}

#[test]
fn ends_are_told_sixty_thirty_and_seven_days_ahead_and_afterwards() {
    let all = [seen("one", Some("2027-03-01"), None)];
    let told = |now: &str| match ends(&all, &[Algorithm::Es256], at(now)).as_slice() {
        [] => None,
        [End::Turn { within, .. }] => Some(*within),
        other => panic!("{other:?}"),
    };
    for (now, expected) in [
        ("2026-12-30T23:59:59+07:00", None),
        ("2026-12-31T00:00:00+07:00", Some(60)),
        ("2027-01-29T23:59:59+07:00", Some(60)),
        ("2027-01-30T00:00:00+07:00", Some(30)),
        ("2027-02-21T23:59:59+07:00", Some(30)),
        ("2027-02-22T00:00:00+07:00", Some(7)),
        ("2027-02-28T23:59:59+07:00", Some(7)),
        ("2027-03-01T00:00:00+07:00", Some(0)),
        ("2027-05-01T00:00:00+07:00", Some(0)),
    ] {
        assert_eq!(told(now), expected, "{now}");
    }
    let now = at("2027-02-25T12:00:00+07:00");
    assert_eq!(
        ends(&all, &[Algorithm::Es256], now)[0].to_string(),
        "no key signs with ES256 from 2027-03-01T00:00:00+07:00 on, within 7 days"
    );
    // Nobody asks for it, nobody misses it; what is asked for and has no key at all is missed now.
    assert!(ends(&all, &[], now).is_empty());
    assert!(matches!(
        ends(&all, &[Algorithm::Ed25519], now)[..],
        [End::Turn { within: 0, .. }]
    ));
}

#[test]
fn a_certificate_is_told_of_unless_its_key_stops_before() {
    let now = at("2027-02-25T12:00:00+07:00");
    let end = "2027-03-10T08:00:00+07:00";
    let all = [
        seen("signs-on", None, Some(end)),
        seen("stops-before", Some("2027-03-10"), Some(end)),
        seen("stopped", Some("2027-01-01"), Some("2027-02-01T00:00:00+07:00")),
        seen("over", Some("2027-06-01"), Some("2027-02-01T00:00:00+07:00")),
        seen("bare", None, None),
        seen("far", None, Some("2030-01-01T00:00:00+07:00")),
    ];
    let told: Vec<String> = ends(&all, &[], now).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the certificate of O=Sở Mẫu ends at 2027-03-10T08:00:00+07:00, within 30 days, and its key signs on",
            "the certificate of O=Sở Mẫu ended at 2027-02-01T00:00:00+07:00, and its key still signs",
        ]
    );
}

#[test]
fn a_certificate_of_tls_is_told_of_whoever_it_is_shown_to() {
    let now = at("2027-02-25T12:00:00+07:00");
    let dated = |place: &str, until: &str| Dated {
        place: place.to_owned(),
        certificate: Certificate {
            subject: "O=Sở Mẫu".to_owned(),
            until: at(until),
        },
    };
    let all = [
        dated("http.certificate_file", "2027-03-01T00:00:00+07:00"),
        dated("partners.portal.identity_file", "2027-02-25T11:59:59+07:00"),
        dated("partners.population.identity_file", "2027-06-01T00:00:00+07:00"),
    ];
    let told: Vec<String> = shown(&all, now).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the certificate of O=Sở Mẫu ends at 2027-03-01T00:00:00+07:00, within 7 days",
            "the certificate of O=Sở Mẫu ended at 2027-02-25T11:59:59+07:00: nobody speaks to it any more",
        ]
    );
    assert_eq!(all.map(|one| one.days_left(now)), [3, -1, 95]);
}
