use std::process::Command;

use lienthong::keys::FileKey;
use lienthong::model::signer::{Algorithm, Hash};
use lienthong::signing::container::{Draft, Object, Unpackable, is_canonical};
use lienthong::signing::xml::{Bounds, Canonical, Card, Form, Place, Profile, Target};
use lienthong::signing::{cms, xml};

use super::made::{container, made, verify};
use crate::signatures::cms::shop::{Order, STAMPER, at};

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

/// An authority stamps whatever it is sent: what is stamped beside what is signed is signed by nobody.
#[test]
fn a_time_stamp_covers_nothing_that_a_signature_does_not() {
    let shop = &made().shop;
    shop.make(&Order {
        name: "tsa",
        subject: "/CN=Trial TSA",
        extensions: STAMPER,
        ..Order::HOLDER
    });
    shop.write("serial", "01\n");
    shop.write(
        "tsa.cnf",
        "[tsa]\ndefault_tsa=me\n[me]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\ncerts=sub.pem\nsigner_digest=sha256\n\
         default_policy=1.2.3.4.1\ndigests=sha256\ness_cert_id_alg=sha256\n",
    );
    let manifest = xml::manifest("META-INF/t.tst", &[("them.txt", "text/plain", b"not signed")]);
    shop.write("manifest", &manifest);
    shop.run("ts -query -data manifest -sha256 -cert -out query");
    shop.run("ts -reply -config tsa.cnf -queryfile query -token_out -out token");
    shop.write("own.asice", own());
    let script = "import zipfile; b = zipfile.ZipFile('own.asice'); a = zipfile.ZipFile('x.asice', 'w'); own = [n for n in b.namelist() if len(__import__('sys').argv) < 2 or n == 'mimetype']; [a.writestr(n, b.read(n)) for n in own]; a.writestr('them.txt', 'not signed'); a.write('manifest', 'META-INF/ASiCManifest2.xml'); a.write('token', 'META-INF/t.tst'); a.close()";
    let packed = |more: &[&str]| {
        let output = Command::new("python3")
            .args(["-c", script])
            .args(more)
            .current_dir(shop.path(""))
            .output()
            .unwrap();
        assert!(output.status.success());
        verify(&shop.read("x.asice")).unwrap()
    };
    let report = packed(&[]);
    assert!(report.findings.iter().all(|one| one.is_good()) && !report.is_good());
    let uncovered: Vec<_> = report.objects.iter().filter(|one| !one.is_covered).collect();
    assert_eq!(uncovered.len(), 1);
    assert_eq!(uncovered[0].name, "them.txt");
    // Stamped alone it is known to have existed, and that is all that is said.
    assert!(packed(&["alone"]).is_good());
}
