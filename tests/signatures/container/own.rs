use std::process::Command;

use lienthong::keys::FileKey;
use lienthong::model::signer::{Algorithm, Hash};
use lienthong::signing::container::{Draft, Object, Unpackable, is_canonical};
use lienthong::signing::xml::{Bounds, Canonical, Card, Form, Place, Profile, Target};
use lienthong::signing::{cms, xml};

use super::made::{container, made, verify};
use crate::signatures::cms::shop::at;

const OBJECTS: [Object<'static>; 2] = [
    Object {
        name: "receipt.json",
        media_type: "application/json",
        bytes: b"{}",
    },
    Object {
        name: "Quyết định.txt",
        media_type: "text/plain",
        bytes: b"so 17\n",
    },
];

fn own() -> Vec<u8> {
    let shop = &made().shop;
    let key = FileKey::from_pem(&shop.read("holder.key")).unwrap();
    let chain = [shop.certificate("holder"), shop.certificate("sub")];
    let draft = Draft::new(&OBJECTS).unwrap();
    let signature = cms::sign(&[draft.to_sign()], &key, &chain, at("2026-03-05T08:09:10Z")).unwrap();
    draft.finish(&signature).unwrap()
}

#[test]
fn our_own_container_is_covered_whole_and_has_one_form() {
    let bytes = own();
    let report = verify(&bytes).unwrap();
    assert!(report.is_good() && report.is_canonical);
    assert!(report.loose.is_empty() && report.remarks.is_empty());
    assert!(!is_canonical(&container("pyasice")));
    // The order in which objects are given does not matter.
    let reversed: Vec<_> = OBJECTS.iter().rev().copied().collect();
    assert_eq!(
        Draft::new(&reversed).unwrap().to_sign(),
        Draft::new(&OBJECTS).unwrap().to_sign()
    );
    // Python's reader reads it too.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.asice");
    std::fs::write(&path, &bytes).unwrap();
    let script = "import sys, zipfile; archive = zipfile.ZipFile(sys.argv[1]); assert archive.testzip() is None; print(*archive.namelist(), sep='\\n')";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(&path)
        .output()
        .unwrap();
    let names = String::from_utf8(output.stdout).unwrap();
    let expected = [
        "mimetype",
        "Quyết định.txt",
        "receipt.json",
        "META-INF/ASiCManifest.xml",
        "META-INF/signature.p7s",
    ];
    assert_eq!(names.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn every_changed_bit_of_our_own_container_is_refused() {
    let bytes = own();
    let mut changed = bytes.clone();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            changed[place] ^= 1 << bit;
            assert!(!is_canonical(&changed), "bit {bit} of byte {place}");
            changed[place] ^= 1 << bit;
        }
    }
    assert!(is_canonical(&changed));
}

#[test]
fn what_would_not_be_read_again_is_not_written() {
    let named = |name| Draft::new(&[Object { name, ..OBJECTS[0] }]);
    assert_eq!(Draft::new(&[]).unwrap_err(), Unpackable::Nothing);
    for name in ["mimetype", "META-INF/x", "meta-inf/x"] {
        assert_eq!(named(name).unwrap_err(), Unpackable::Reserved);
    }
    for name in ["../x", "/x", "", "a//b", "a\\b", "a%20b"] {
        assert!(
            matches!(named(name).unwrap().finish(b"x"), Err(Unpackable::Archive(_))),
            "{name}"
        );
    }
}

/// XAdES of our own over two objects, in a container that Python packs.
#[test]
fn xades_of_our_own_covers_objects_by_their_addresses() {
    let shop = &made().shop;
    let key = FileKey::from_pem(&shop.read("holder.key"))
        .unwrap()
        .using(Algorithm::Es256)
        .unwrap();
    let chain = ["holder", "sub"].map(|name| shop.certificate(name).der().to_vec());
    let profile = Profile {
        canonical: Canonical::new(Form::Exclusive),
        digest: Hash::Sha256,
        place: Place::Alone,
        card: Card::Certificates(&chain),
        id: Some("S0"),
        signed_at: Some(at("2026-03-05T08:09:10Z").as_millisecond()),
        bounds: Bounds::default(),
    };
    let targets = [
        Target::Outside {
            uri: "a.txt",
            bytes: b"a",
            media_type: "text/plain",
        },
        Target::Outside {
            uri: "b%20c.txt",
            bytes: b"b",
            media_type: "text/plain",
        },
    ];
    let signed = xml::sign(b"", &targets, &profile, &key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("signatures.xml"), signed.bytes()).unwrap();
    let script = "import zipfile; a = zipfile.ZipFile('x.asice', 'w'); a.writestr('mimetype', 'application/vnd.etsi.asic-e+zip'); a.writestr('a.txt', 'a'); a.writestr('b c.txt', 'b'); a.write('signatures.xml', 'META-INF/signatures.xml'); a.close()";
    let output = Command::new("python3")
        .args(["-c", script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    let report = verify(&std::fs::read(folder.path().join("x.asice")).unwrap()).unwrap();
    assert!(report.is_good());
    assert_eq!(report.findings[0].covers, ["a.txt", "b c.txt"]);
}
