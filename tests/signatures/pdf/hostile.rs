use lienthong::signing::pdf::{Later, PdfError, Unheld};
use proptest::prelude::{any, proptest};

use super::made::{document, verify};

/// The one place of `what` in `bytes`.
fn place(bytes: &[u8], what: &str) -> usize {
    let mut all = bytes
        .windows(what.len())
        .enumerate()
        .filter(|(_, window)| *window == what.as_bytes());
    let (place, _) = all.next().unwrap();
    place
}

/// Where the value of the first signature stands, delimiters and all.
fn gap(bytes: &[u8]) -> std::ops::Range<usize> {
    let from = place(bytes, "/Contents <") + "/Contents ".len();
    let to = from + bytes[from..].iter().position(|octet| *octet == b'>').unwrap() + 1;
    from..to
}

#[test]
fn every_changed_bit_under_a_signature_is_refused() {
    let bytes = document("basic");
    let gap = gap(&bytes);
    let covered: Vec<usize> = (0..bytes.len()).filter(|place| !gap.contains(place)).collect();
    let all_refused = |places: &[usize]| {
        let mut changed = bytes.clone();
        for (place, bit) in places
            .iter()
            .flat_map(|place| (0..8).map(move |bit| (*place, bit)))
        {
            changed[place] ^= 1 << bit;
            let is_good = verify(&changed).is_ok_and(|report| report.is_good());
            assert!(!is_good, "bit {bit} of byte {place}");
            changed[place] ^= 1 << bit;
        }
    };
    std::thread::scope(|scope| {
        for places in covered.chunks(covered.len().div_ceil(4)) {
            scope.spawn(|| all_refused(places));
        }
    });
}

#[test]
fn a_changed_bit_of_the_value_is_refused_or_changes_nothing() {
    let bytes = document("basic");
    let truth = format!("{:?}", verify(&bytes).unwrap().findings[0].outcome);
    let mut changed = bytes.clone();
    let mut same = 0;
    for place in gap(&bytes) {
        let bit = place * 5 % 8;
        changed[place] ^= 1 << bit;
        if let Ok(report) = verify(&changed)
            && report.is_good()
        {
            // The case of a hexadecimal digit, and what CMS itself does not cover.
            let told = format!("{:?}", report.findings[0].outcome);
            let [told, truth] = [&told, &truth].map(|text| text.split("remarks").next().unwrap().to_owned());
            assert_eq!(told, truth, "bit {bit} of byte {place}");
            same += 1;
        }
        changed[place] ^= 1 << bit;
    }
    assert!(same > 0);
}

/// The reason why the approval is not believed.
fn reason(bytes: &[u8]) -> Unheld {
    let findings = verify(bytes).unwrap().findings;
    let approval = findings.into_iter().find(|one| one.field == "Approval");
    approval.unwrap().outcome.unwrap_err()
}

/// The document with another byte range, as long as the old one.
fn ranged(bytes: &[u8], range: impl Fn([usize; 4]) -> String) -> Vec<u8> {
    let from = place(bytes, "/ByteRange") + "/ByteRange".len();
    let end = from + bytes[from..].iter().position(|octet| *octet == b']').unwrap() + 1;
    let old = String::from_utf8(bytes[from..end].to_vec()).unwrap();
    let numbers: Vec<usize> = old
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|one| one.parse().ok())
        .collect();
    let room = end - from + bytes[end..].iter().take_while(|octet| **octet == b' ').count();
    let new = range(numbers.try_into().unwrap());
    assert!(new.len() <= room, "{new}");
    [
        &bytes[..from],
        format!("{new:room$}").as_bytes(),
        &bytes[from + room..],
    ]
    .concat()
}

#[test]
fn a_byte_range_that_leaves_out_anything_else_is_refused() {
    let bytes = document("two");
    let is = |range: &dyn Fn([usize; 4]) -> String, expected: &str| {
        let told = reason(&ranged(&bytes, range));
        assert_eq!(format!("{told:?}"), expected);
    };
    is(
        &|[a, b, c, d]| format!(" [{a} {b} {c} {d} ]"),
        "Signature(Content)",
    );
    is(&|[_, b, c, d]| format!("[1 {} {c} {d}]", b - 1), "RangeStart");
    is(&|[a, b, c, d]| format!("[{a} {} {c} {d}]", b - 1), "Gap");
    is(&|[a, b, c, d]| format!("[{a} {} {c} {d}]", b + 1), "Gap");
    is(&|[a, b, c, d]| format!("[{a} {b} {} {}]", c + 1, d - 1), "Gap");
    is(
        &|[a, b, c, d]| format!("[{a} {b} {c} {}]", d - 1),
        "Signature(Content)",
    );
    is(&|[a, b, c, d]| format!("[{a} {b} {c} {}]", d - 2), "RangeEnd");
    is(&|[a, b, c, d]| format!("[{a} {b} {c} {}]", d + 1), "RangeEnd");
    is(&|[a, b, c, _]| format!("[{a} {b} {c} 99999]"), "RangeBeyond");
    is(&|[a, b, c, _]| format!("[{a} {b} {c} -1]"), "RangeShape");
    is(&|[a, b, c, _]| format!("[{a} {b} {c} ]"), "RangeShape");
    is(&|[a, b, _, d]| format!("[{a} {b} 9 {d}]"), "RangeOverlap");
    is(&|[a, b, c, d]| format!("[{a} {b} {c} {d} 0 0]"), "RangeShape");
    is(&|[_, b, c, d]| format!("[/N {b} {c} {d}]"), "RangeShape");
}

/// With other bytes for `old`, as many.
fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = place(bytes, old);
    [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat()
}

#[test]
fn values_and_kinds_of_other_shapes_are_refused_each_with_its_reason() {
    let bytes = document("basic");
    let gap = gap(&bytes);
    let mut padded = bytes.clone();
    padded[gap.end - 2] = b'1';
    assert!(matches!(reason(&padded), Unheld::Message(_)));
    let mut blank = bytes.clone();
    blank[gap.end - 2] = b' ';
    assert!(matches!(reason(&blank), Unheld::ContentsShape));
    let mut text = bytes.clone();
    text[gap.start..gap.end].fill(b'0');
    (text[gap.start], text[gap.end - 1]) = (b'(', b')');
    assert!(matches!(reason(&text), Unheld::ContentsShape));
    let none = replaced(&bytes, "/Contents <", "/Contentz <");
    assert!(matches!(reason(&none), Unheld::NoContents));
    let none = replaced(&bytes, "/ByteRange", "/ByteRangg");
    assert!(matches!(reason(&none), Unheld::NoRange));
    // `adbe.x509.rsa_sha1` is shown by its name and never verified.
    let old = replaced(&bytes, "/ETSI.CAdES.detached", "/adbe.x509.rsa_sha1 ");
    assert!(matches!(reason(&old), Unheld::Kind(name) if name == "adbe.x509.rsa_sha1"));
    let other = replaced(&bytes, "/ETSI.CAdES.detached", "/ETSI.RFC3161       ");
    assert!(matches!(reason(&other), Unheld::Stamp(_)));
}

#[test]
fn what_is_appended_is_told_and_believed_by_nobody() {
    let bytes = document("basic");
    let told = |more: &[u8]| {
        let report = verify(&[&bytes, more].concat());
        report.map(|report| {
            (
                report.findings.first().map(|one| (one.later, one.beyond)),
                report.is_good(),
            )
        })
    };
    assert_eq!(told(b"\r\n \n"), Ok((Some((Later::Blank, 4)), true)));
    assert_eq!(told(b"\n%%EOF\n"), Ok((Some((Later::Changed, 7)), false)));
    assert_eq!(told(b"x"), Ok((Some((Later::Changed, 1)), false)));
    // A whole other document after it: the signature is not one of that document's.
    let start = bytes.len();
    let other = format!(
        "1 0 obj\n<</Type/Catalog>>\nendobj\nxref\n0 2\n0000000000 65535 f \n{start:010} 00000 n \ntrailer\n<</Root 1 0 R/Size 2>>\nstartxref\n{}\n%%EOF\n",
        start + "1 0 obj\n<</Type/Catalog>>\nendobj\n".len()
    );
    let report = verify(&[&bytes, other.as_bytes()].concat()).unwrap();
    assert!(report.findings.is_empty() && report.unreached == 1 && !report.is_good());
}

#[test]
fn two_fields_with_one_signature_are_refused() {
    let bytes = document("basic");
    // Another revision in which a second field has the first one's value.
    let text = String::from_utf8_lossy(&bytes);
    let value = text.split("/V ").nth(1).unwrap().split(" 0 R").next().unwrap();
    let root = text
        .rsplit("/Root ")
        .next()
        .unwrap()
        .split(" 0 R")
        .next()
        .unwrap();
    let previous = text
        .rsplit("startxref\n")
        .next()
        .unwrap()
        .split('\n')
        .next()
        .unwrap();
    let start = bytes.len();
    let catalog = format!(
        "{root} 0 obj\n<</Type/Catalog/AcroForm<</Fields[<</FT/Sig/T(a)/V {value} 0 R>><</FT/Sig/T(b)/V {value} 0 R>>]>>>>\nendobj\n"
    );
    let tail = format!(
        "xref\n{root} 1\n{start:010} 00000 n \ntrailer\n<</Root {root} 0 R/Size 99/Prev {previous}>>\nstartxref\n{}\n%%EOF\n",
        start + catalog.len()
    );
    let report = verify(&[&bytes, catalog.as_bytes(), tail.as_bytes()].concat()).unwrap();
    let shared = |one: &lienthong::signing::pdf::Finding| matches!(one.outcome, Err(Unheld::Shared));
    assert_eq!(report.findings.len(), 2);
    assert!(report.findings.iter().all(shared));
}

#[test]
fn what_is_cut_off_anywhere_is_refused() {
    let bytes = document("streamed");
    for length in 0..bytes.len() {
        let is_good =
            verify(&bytes[..length]).is_ok_and(|report| report.findings.len() == 2 && report.is_good());
        // Without its last line end it ends just as well, and the signature covers one.
        assert!(!is_good, "{length}");
    }
}

#[test]
fn structures_without_an_end_cost_nothing() {
    let with = |body: &str| {
        let head = "%PDF-1.7\n";
        let bytes = format!("{head}{body}");
        let start = head.len();
        format!("{bytes}\nstartxref\n{start}\n%%EOF\n").into_bytes()
    };
    let nested = with(&format!("xref\n0 0\ntrailer\n{}", "[".repeat(200_000)));
    assert_eq!(verify(&nested).unwrap_err(), PdfError::Bound("nested objects"));
    let circle = with("xref\n0 0\ntrailer\n<</Prev 9>>");
    assert_eq!(
        verify(&circle).unwrap_err(),
        PdfError::Bound("cross-reference sections")
    );
    let huge = with("xref\n0 99999999\n0000000000 00000 n \n");
    assert!(verify(&huge).is_err());
    let twice = with("xref\n0 0\ntrailer\n<</Root 1 0 R/Root 2 0 R>>");
    assert!(matches!(verify(&twice).unwrap_err(), PdfError::Twice(_)));
    let locked = with("xref\n0 0\ntrailer\n<</Root 1 0 R/Encrypt 2 0 R>>");
    assert_eq!(verify(&locked).unwrap_err(), PdfError::Encrypted);
    assert_eq!(verify(b"PK").unwrap_err(), PdfError::NotPdf);
}

proptest! {
    #[test]
    fn nothing_falls_over(from in any::<proptest::sample::Index>(), length in 0..60_usize, fresh in proptest::collection::vec(any::<u8>(), 0..8), which in 0..3_usize) {
        let mut bytes = document(["two", "streamed", "lasting"][which]);
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        drop(bytes.splice(from..to, fresh));
        let _report = verify(&bytes);
    }
}
