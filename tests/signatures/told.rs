//! `lienthong verify` over evidence of every kind, with its exit code and what it says.

use std::process::Command;

use lienthong::keys::FileKey;
use lienthong::signing::cms;
use lienthong::signing::jws::{Jws, Protected};
use serde_json::Value;

use super::cms::shop::{Shop, at};
use super::container::made::made as containers;
use super::pdf::made::made as documents;

/// Exit code and output.
fn said(shop: &Shop, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .arg("verify")
        .args(arguments)
        .current_dir(shop.path(""))
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn json(shop: &Shop, arguments: &[&str]) -> Value {
    let (_, text) = said(shop, &[arguments, &["--json"]].concat());
    serde_json::from_str::<Value>(text.trim()).unwrap()[0].take()
}

#[test]
fn a_pdf_is_told_in_both_languages_with_what_is_not_covered() {
    let shop = &documents().shop;
    let (code, text) = said(shop, &["two.pdf", "--trust", "root.pem"]);
    assert_eq!(code, 0, "{text}");
    for part in [
        "two.pdf: ĐẠT · GOOD (pdf)",
        "vi  Người ký: ",
        "en  Signed by: UID=CMND:***, CN=NGUYEN VAN MAU",
        "en  Trusted under the anchor: CN=Trial Root",
        "vi  Chữ ký \"Approval\" KHÔNG phủ ",
        "1 signatures added",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("001090000017"));
    let (code, text) = said(shop, &["changed.pdf", "--trust", "root.pem", "--lang", "en"]);
    assert!(
        code == 1 && text.contains("CHANGED AFTER SIGNING") && !text.contains("  vi  "),
        "{text}"
    );
    // Another anchor than the signer's is no trust.
    let (code, text) = said(shop, &["basic.pdf", "--trust", "tsa.pem", "--lang", "vi"]);
    assert!(
        code == 1 && text.contains("KHÔNG được tin cậy") && !text.contains("  en  "),
        "{text}"
    );
    let stamped = json(shop, &["stamped.pdf", "--trust", "root.pem"]);
    assert_eq!(stamped["signatures"][0]["stamped"], "2026-03-05T15:09:10+07:00");
    assert_eq!(stamped["good"], true);
    let (code, _) = said(shop, &["basic.pdf", "changed.pdf", "--trust", "root.pem"]);
    assert_eq!(code, 1);
    assert_eq!(said(shop, &["plain.pdf", "--trust", "root.pem"]).0, 1);
}

#[test]
fn a_container_is_told_with_each_object() {
    let shop = &containers().shop;
    let asked = ["--trust", "root.pem", "--beside", "sub.pem"];
    let (code, text) = said(shop, &[&["pyasice.asice"], &asked[..]].concat());
    assert!(
        code == 0 && text.contains("Covers: giay phep.txt, Quyết định.pdf"),
        "{text}"
    );
    let added = json(shop, &[&["added.asice"], &asked[..]].concat());
    assert_eq!(added["good"], false);
    assert!(
        added["not_covered"][0]["en"]
            .as_str()
            .unwrap()
            .contains("them.txt")
    );
    // Without the authority between, nothing leads to the root.
    assert_eq!(said(shop, &["pyasice.asice", "--trust", "root.pem"]).0, 1);
    assert_eq!(said(shop, &[&["twice.asice"], &asked[..]].concat()).0, 1);
}

#[test]
fn detached_signatures_are_told_with_their_content() {
    let shop = Shop::with_holder("p256");
    let key = FileKey::from_pem(&shop.read("holder.key")).unwrap();
    let chain = [shop.certificate("holder"), shop.certificate("sub")];
    let signature = cms::sign(&[b"so 17"], &key, &chain, at("2026-03-05T08:09:10Z")).unwrap();
    shop.write("a.p7s", &signature);
    let pem = data_encoding::BASE64.encode(&signature);
    shop.write(
        "a.pem",
        format!("-----BEGIN CMS-----\n{pem}\n-----END CMS-----\n"),
    );
    shop.write("a", "so 17");
    shop.write("b", "so 71");
    for name in ["a.p7s", "a.pem"] {
        let (code, text) = said(&shop, &[name, "--content", "a", "--trust", "root.pem"]);
        assert!(
            code == 0 && text.contains("Covers the content whole, 5 bytes"),
            "{text}"
        );
        assert_eq!(said(&shop, &[name, "--content", "b", "--trust", "root.pem"]).0, 1);
        assert_eq!(said(&shop, &[name, "--trust", "root.pem"]).0, 1);
    }
    let protected = Protected::default().chain(chain.iter().map(|one| one.der().to_vec()).collect());
    let jws = Jws::with(std::sync::Arc::new(key), &protected);
    shop.write("a.jws", jws.detached(b"so 17").unwrap());
    shop.write("c.jws", jws.compact(b"so 17").unwrap());
    for asked in [&["a.jws", "--content", "a"][..], &["c.jws"]] {
        assert_eq!(said(&shop, &[asked, &["--trust", "root.pem"]].concat()).0, 0);
        assert_eq!(
            said(&shop, &[asked, &["--trust", "holder.key.pub"]].concat()).0,
            2
        );
    }
    assert_eq!(
        said(&shop, &["a.jws", "--content", "b", "--trust", "root.pem"]).0,
        1
    );
    assert_eq!(said(&shop, &["a.jws", "--trust", "root.pem"]).0, 1);
}

#[test]
fn xml_is_believed_for_what_is_covered_and_no_further() {
    use lienthong::model::signer::Hash;
    use lienthong::signing::xml::{self, Bounds, Canonical, Card, Form, Place, Profile, Target};
    let shop = Shop::with_holder("p256");
    let key = FileKey::from_pem(&shop.read("holder.key")).unwrap();
    let chain = ["holder", "sub"].map(|name| shop.certificate(name).der().to_vec());
    let profile = Profile {
        canonical: Canonical::new(Form::Exclusive),
        digest: Hash::Sha256,
        place: Place::Root,
        card: Card::Certificates(&chain),
        id: Some("S0"),
        signed_at: Some(at("2026-03-05T08:09:10Z").as_millisecond()),
        bounds: Bounds::default(),
    };
    let document = b"<r><a Id=\"a\">17</a><b>x</b></r>";
    let whole = xml::sign(document, &[Target::Document], &profile, &key)
        .unwrap()
        .into_bytes();
    let part = xml::sign(document, &[Target::Element("a")], &profile, &key)
        .unwrap()
        .into_bytes();
    shop.write("whole.xml", &whole);
    shop.write("part.xml", &part);
    let text = String::from_utf8(whole).unwrap();
    shop.write("changed.xml", text.replace(">17<", ">71<"));
    shop.write(
        "edxml.xml",
        "<e:edXML xmlns:e=\"http://www.e-doc.vn/Schema/\"><e:Signature/></e:edXML>",
    );
    let told = |name: &str| json(&shop, &[name, "--trust", "root.pem"]);
    assert_eq!(told("whole.xml")["good"], true);
    assert_eq!(told("whole.xml")["not_covered"], Value::Array(Vec::new()));
    let part = told("part.xml");
    assert_eq!(part["good"], true);
    assert!(
        part["says"]
            .as_str()
            .unwrap()
            .contains("NO trusted signature covers the document whole")
    );
    assert_eq!(told("changed.xml")["good"], false);
    let edxml = told("edxml.xml");
    assert!(edxml["good"] == false && edxml["says"].as_str().unwrap().contains("not verifiable"));
}
