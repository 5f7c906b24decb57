//! What a packet's signature is said to be worth (§1.8). None is verified here.

use super::sample::{changed, packet, parsed};
use crate::{Claim, Cover, EDXML, Reason, Repair, Standing};

const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

/// A signature of that namespace over that reference, after that transform.
fn signature(space: &str, uri: &str, transform: &str) -> String {
    format!(
        "<Signature xmlns=\"{space}\"><SignedInfo><CanonicalizationMethod Algorithm=\"{C14N}\"/>\
         <SignatureMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#rsa-sha1\"/><Reference URI=\"{uri}\"><Transforms>\
         <Transform Algorithm=\"{transform}\"/></Transforms><DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"/>\
         <DigestValue>AAAA</DigestValue></Reference></SignedInfo><SignatureValue>AAAA</SignatureValue></Signature>"
    )
}

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

fn signed(signature: &str) -> String {
    changed(
        "</edXML:edXMLHeader>",
        &format!("{signature}</edXML:edXMLHeader>"),
    )
}

fn reason(text: &str) -> Reason {
    match parsed(text).signature() {
        Standing::NotVerifiable(reason) => reason,
        other @ (Standing::Absent | Standing::Claimed(_)) => panic!("{other:?}"),
    }
}

#[test]
fn no_signature_is_no_fault() {
    assert_eq!(parsed(&packet()).signature(), Standing::Absent);
    assert_eq!(parsed(&packet()).claims(), []);
}

#[test]
fn a_whole_signature_of_the_right_namespace_is_a_claim() {
    let text = signed(&signature(XMLDSIG, "", ENVELOPED));
    let read = parsed(&text);
    let Standing::Claimed(Claim {
        standard,
        canonicalization,
        method,
        references,
    }) = read.signature()
    else {
        panic!("{:?}", read.signature())
    };
    assert!(*standard && method.ends_with("rsa-sha1"));
    assert_eq!(canonicalization, C14N);
    assert_eq!((references.len(), &references[0].covers), (1, &Cover::Whole));
    assert_eq!(references[0].transforms, [ENVELOPED]);
    assert!(references[0].digest.ends_with("sha1"));
    assert_eq!(read.raw(), text.as_bytes());
}

#[test]
fn one_in_the_packets_own_namespace_is_found_by_no_verifier() {
    assert_eq!(
        reason(&signed(&signature(EDXML, "", ENVELOPED))),
        Reason::Namespace
    );
}

#[test]
fn an_empty_one_says_nothing() {
    assert_eq!(reason(&signed("<edXML:DigitalSignature/>")), Reason::Empty);
    assert_eq!(
        reason(&signed(&format!("<Signature xmlns=\"{XMLDSIG}\"/>"))),
        Reason::Empty
    );
}

#[test]
fn one_over_the_whole_packet_does_not_survive_a_hop() {
    let text = signed(&signature(XMLDSIG, "", ENVELOPED)).replace(
        "<edXML:Bussiness>",
        "<edXML:TraceHeader><edXML:OrganId>000.00.00.G99</edXML:OrganId><edXML:Timestamp>2026/01/06 09:30:01</edXML:Timestamp></edXML:TraceHeader><edXML:Bussiness>",
    );
    assert_eq!(reason(&text), Reason::Grown);
    let detached = text
        .replace("URI=\"\"", "URI=\"#m\"")
        .replace("<edXML:edXMLManifest ", "<edXML:edXMLManifest Id=\"m\" ");
    let read = parsed(&detached);
    let Standing::Claimed(claim) = read.signature() else {
        panic!("{:?}", read.signature())
    };
    assert_eq!(
        claim.references[0].covers,
        Cover::Element("edXMLManifest".to_owned())
    );
}

#[test]
fn a_transform_that_is_registered_nowhere_is_none() {
    let text = signed(&signature(XMLDSIG, "", "http://www.w3.org/TR/xml-exc-c14n#"));
    assert_eq!(reason(&text), Reason::Algorithm);
}

#[test]
fn one_that_covers_nothing_here_or_something_elsewhere_is_none() {
    for uri in ["#gone", "http://a.example/x", "#", "other.xml"] {
        assert_eq!(
            reason(&signed(&signature(XMLDSIG, uri, ENVELOPED))),
            Reason::Cover,
            "{uri}"
        );
    }
    let twice = signed(&signature(XMLDSIG, "#m", ENVELOPED))
        .replace("<edXML:edXMLManifest ", "<edXML:edXMLManifest Id=\"m\" ")
        .replace("<edXML:Subject>", "<edXML:Subject id=\"m\">");
    assert_eq!(reason(&twice), Reason::Cover, "an id that two elements have");
    let unnamed = signature(XMLDSIG, "", ENVELOPED).replace(" URI=\"\"", "");
    assert_eq!(reason(&signed(&unnamed)), Reason::Cover);
}

#[test]
fn of_several_none_is_chosen() {
    let text = signed(&signature(XMLDSIG, "", ENVELOPED).repeat(2));
    assert_eq!(reason(&text), Reason::Several);
    assert_eq!(parsed(&text).claims().len(), 2);
}

#[test]
fn a_packet_that_was_put_right_has_no_signature_that_could_be_verified() {
    let good = signed(&signature(XMLDSIG, "", ENVELOPED));
    assert!(matches!(parsed(&good).signature(), Standing::Claimed(_)));
    for (text, repair) in [
        (format!("12{good}"), Repair::Stray),
        (
            good.replace("<edXML:Subject>", "<edXML:Subject xlink:type=\"simple\">"),
            Repair::Prefix,
        ),
        (good.replace("Bussiness", "Business"), Repair::Spelling),
        (
            good.replace("<edXML:SteeringType>", "<edXML:ResponseFor/><edXML:SteeringType>"),
            Repair::Response,
        ),
        (good.replace("JVBERi0x", "JVBE Ri0x"), Repair::Blanks),
    ] {
        let read = parsed(&text);
        assert_eq!(read.repairs(), [repair]);
        assert_eq!(read.signature(), Standing::NotVerifiable(Reason::Repaired));
        assert_eq!(read.raw(), text.as_bytes());
    }
}
