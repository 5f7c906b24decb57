//! What is said of an ASiC-E container.

use super::evidence;
use super::sheet::{Said, Sheet};
use super::trusted::Trusted;
use super::xml;
use crate::signing::container::{self, Finding, Proof, Remark, Report};
use crate::signing::stamp::Means;

pub(super) fn judge(bytes: &[u8], trusted: &Trusted) -> Sheet {
    let unread = |error| Sheet::failed("asic-e", Said::because("Không đọc được gói ASiC-E", &error));
    let entries = match container::entries(bytes) {
        Ok(entries) => entries,
        Err(error) => return unread(error),
    };
    // A key that was named stands for the certificate that it issued to itself.
    let trust = evidence::anchored(&entries, trusted);
    let means = Means {
        trust: &trust,
        ..trusted.means()
    };
    let report = match container::verify(bytes, &means, trusted.now) {
        Ok(report) => report,
        Err(error) => return unread(error),
    };
    let mut sheet = Sheet::new("asic-e");
    sheet.good = report.is_good();
    if evidence::is_ours(&entries) {
        evidence::judge(&mut sheet, entries, &report, trusted);
    }
    for finding in &report.findings {
        one(&mut sheet, finding, trusted);
    }
    if report.findings.is_empty() {
        sheet.say("Gói không có chữ ký nào", "The container has no signature");
    }
    if report.is_canonical {
        sheet.say(
            "Gói đúng từng byte theo dạng của cổng",
            "The container is byte for byte of the gateway's own form",
        );
    }
    for remark in &report.remarks {
        match remark {
            Remark::MediaType => sheet.say(
                "Mục mimetype thiếu, sai chỗ hoặc bị nén",
                "The entry mimetype is missing, misplaced or compressed",
            ),
            Remark::Comment => sheet.say(
                "Gói có chú thích kiểu cũ",
                "The container has a comment of an older kind",
            ),
        }
    }
    uncovered(&mut sheet, &report);
    sheet
}

fn one(sheet: &mut Sheet, finding: &Finding, trusted: &Trusted) {
    let entry = plain(&finding.entry);
    sheet.say(format!("Chữ ký trong {entry}"), format!("Signature in {entry}"));
    match &finding.outcome {
        Err(error) => sheet.refuse(error),
        Ok(Proof::Xml(judged)) => drop(xml::maker(sheet, judged, trusted)),
        Ok(Proof::Signature { signed, judgement }) => {
            sheet.signature(&signed.signer, signed.claimed, judgement)
        }
        Ok(Proof::Stamp(stamp)) => sheet.stamp(stamp),
    }
    let named = |all: &[String]| all.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
    if !finding.covers.is_empty() {
        let all = named(&finding.covers);
        sheet.say(format!("Phủ: {all}"), format!("Covers: {all}"));
    }
    if !finding.forms.is_empty() {
        let all = named(&finding.forms);
        sheet.say(
            format!("Phủ dạng chuẩn tắc của: {all}"),
            format!("Covers the canonical form of: {all}"),
        );
    }
}

fn uncovered(sheet: &mut Sheet, report: &Report) {
    let objects = report.objects.iter().filter(|object| !object.is_covered);
    for (name, length) in objects.map(|object| (plain(&object.name), object.length)) {
        sheet.not_covered.push(Said::new(
            format!("KHÔNG chữ ký tin cậy nào phủ {name} ({length} byte)"),
            format!("NOT covered by a trusted signature: {name} ({length} bytes)"),
        ));
    }
    for name in report.loose.iter().map(|name| plain(name)) {
        sheet.not_covered.push(Said::new(
            format!("Không được ký: {name}"),
            format!("Not signed: {name}"),
        ));
    }
}

/// A name without what would change how the line is read.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).collect()
}
