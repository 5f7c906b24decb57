use super::*;

fn connection(address: &str) -> Connection {
    Connection {
        address: Some(address.parse().unwrap()),
        certificate: None,
    }
}

fn secret(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    Some(Zeroizing::new(text.as_bytes().to_vec()))
}

fn paid(given: &str) -> Proof {
    let parts = "CONFIRM|00|DOITAC-THU|dvcH991424011500017|150000|VND|PP240115000123|NHTHU|20240115143207|THANH TOAN HO SO H99.14-240115-0001";
    Proof::Checksum {
        joined: Joined::Barred,
        parts: parts.split('|').map(str::to_owned).collect(),
        given: given.to_owned(),
    }
}

const SUM: &str = "9554b99a0046facd548ae68232d4bcd6aafbeb33df3130e67ec91497548dd28e";

#[test]
fn nobody_is_believed_who_can_show_nothing() {
    let trust = Trust::default();
    for proof in [Proof::Nothing, Proof::Key(String::new()), paid(SUM)] {
        assert_eq!(
            trust.believes(&proof, connection("10.0.0.1")),
            Err(Doubt::Nothing)
        );
    }
}

#[test]
fn trap_16_a_payment_with_one_changed_character_is_not_believed() {
    let trust = Trust {
        secret: secret("KHOA-BI-MAT-THU-NGHIEM"),
        ..Trust::default()
    };
    let from = connection("203.0.113.9");
    assert_eq!(trust.believes(&paid(SUM), from), Ok(()));
    for at in 0..SUM.len() {
        let mut changed = SUM.as_bytes().to_vec();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(trust.believes(&paid(&changed), from), Err(Doubt::Proof));
    }
    assert_eq!(trust.believes(&paid(""), from), Err(Doubt::Proof));
}

#[test]
fn the_right_address_makes_no_wrong_key_good_and_the_right_key_no_wrong_address() {
    let trust = Trust {
        networks: vec!["10.0.0.0/8".parse().unwrap()],
        secret: secret("khoa"),
        ..Trust::default()
    };
    let key = |text: &str| Proof::Key(text.to_owned());
    assert_eq!(trust.believes(&key("khoa"), connection("10.1.1.1")), Ok(()));
    assert_eq!(
        trust.believes(&key("khoA"), connection("10.1.1.1")),
        Err(Doubt::Proof)
    );
    assert_eq!(
        trust.believes(&key("khoa"), connection("192.0.2.1")),
        Err(Doubt::Address)
    );
    assert_eq!(
        trust.believes(&key("khoa"), Connection::default()),
        Err(Doubt::Address)
    );
    // A caller that carries nothing is known by where it comes from.
    assert_eq!(trust.believes(&Proof::Nothing, connection("10.1.1.1")), Ok(()));
}

#[test]
fn a_system_keeps_its_agency_and_those_below_the_nearest_first() {
    let (all, some) = (["H99".to_owned()], ["H99.14".to_owned(), "no agency".to_owned()]);
    let agencies = Agencies::new([("opencps", all.as_slice()), ("igate", some.as_slice())]);
    let of = |written: &str| {
        agencies
            .system(&AgencyId::read(written).unwrap())
            .map(str::to_owned)
    };
    assert_eq!(of("H99.14.3").as_deref(), Some("igate"));
    assert_eq!(of("000.00.14.H99").as_deref(), Some("igate"));
    assert_eq!(of("H99.15").as_deref(), Some("opencps"));
    assert_eq!(of("H98"), None);
    assert_eq!(agency_of("H99.14-240115-0001"), Some("H99.14"));
    assert_eq!(agency_of("7"), None);
}
