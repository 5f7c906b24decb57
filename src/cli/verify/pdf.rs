//! What is said of a PDF.

use super::sheet::{Said, Sheet};
use super::trusted::Trusted;
use crate::signing::pdf::{self, Additions, Finding, Kind, Later, Proof};

pub(super) fn judge(bytes: &[u8], trusted: &Trusted) -> Sheet {
    let report = match pdf::verify(bytes, &trusted.means(), trusted.now) {
        Ok(report) => report,
        Err(error) => return Sheet::failed("pdf", Said::because("Không đọc được PDF", &error)),
    };
    let mut sheet = Sheet::new("pdf");
    sheet.good = report.is_good();
    for finding in &report.findings {
        one(&mut sheet, finding);
    }
    if report.findings.is_empty() {
        sheet.say("PDF không có chữ ký nào", "The PDF has no signature");
        sheet.not_covered.push(Said::new(
            format!("Không chữ ký nào phủ {} byte của tệp", report.length),
            format!("None of the file's {} bytes is covered", report.length),
        ));
    }
    if report.unreached > 0 {
        let count = report.unreached;
        sheet.say(
            format!("Trong tệp còn {count} chữ ký mà tài liệu không dẫn tới (đã bị gỡ, hoặc của tệp đính kèm); không xét"),
            format!("{count} more signatures stand in the file that the document does not lead to (taken off, or of an attached file); not looked at"),
        );
    }
    sheet
}

fn one(sheet: &mut Sheet, finding: &Finding) {
    let (field, kind) = (&finding.field, name(&finding.kind));
    sheet.say(
        format!("Chữ ký \"{field}\" ({kind})"),
        format!("Signature \"{field}\" ({kind})"),
    );
    if let Some(level) = finding.certifies {
        sheet.say(
            format!("Tác giả chứng thực tài liệu, cho phép sửa đổi mức {level}"),
            format!("Its author certifies the document and allows changes of level {level}"),
        );
    }
    match &finding.outcome {
        Err(error) => sheet.refuse(error),
        Ok(Proof::Stamp(stamp)) => sheet.stamp(stamp),
        Ok(Proof::Signature { signed, judgement }) => {
            sheet.signature(&signed.signer, signed.claimed.or(finding.claimed), judgement);
        }
    }
    if let Some(covers) = finding.covers.filter(|_| finding.outcome.is_ok()) {
        sheet.say(
            format!("Chữ ký phủ {covers} byte: toàn bộ phiên bản của nó, trừ giá trị chữ ký"),
            format!("Covers {covers} bytes: its revision whole, but its own value"),
        );
        beyond(sheet, finding);
    }
}

fn beyond(sheet: &mut Sheet, finding: &Finding) {
    let bytes = finding.beyond;
    let field = &finding.field;
    let (vi, en) = match finding.later {
        Later::Nothing => return,
        Later::Blank => ("chỉ là khoảng trắng".to_owned(), "blanks only".to_owned()),
        Later::Added(additions) => added(additions),
        Later::Changed => (
            "tài liệu ĐÃ BỊ THAY ĐỔI SAU KHI KÝ (hoặc không biết chắc là vô hại)".to_owned(),
            "CHANGED AFTER SIGNING (or not known to be harmless)".to_owned(),
        ),
    };
    sheet.not_covered.push(Said::new(
        format!("Chữ ký \"{field}\" KHÔNG phủ {bytes} byte cuối tệp: {vi}"),
        format!("Signature \"{field}\" does NOT cover the last {bytes} bytes: {en}"),
    ));
}

fn added(additions: Additions) -> (String, String) {
    let (signed, empty) = (additions.signatures, additions.empty);
    let all = [
        (signed > 0).then(|| {
            (
                format!("thêm {signed} chữ ký"),
                format!("{signed} signatures added"),
            )
        }),
        (empty > 0).then(|| {
            let (vi, en) = ("ô ký chưa ký", "unsigned signature fields added");
            (format!("thêm {empty} {vi}"), format!("{empty} {en}"))
        }),
        additions.is_visible.then(|| {
            let en = "what was added is seen on a page and may hide something";
            (
                "phần thêm hiện trên trang, có thể che nội dung".to_owned(),
                en.to_owned(),
            )
        }),
        additions.store.then(|| {
            (
                "thêm dữ liệu để xác minh lâu dài".to_owned(),
                "validation material added".to_owned(),
            )
        }),
        additions.described.then(|| {
            let en = "the document's description was written anew";
            ("ghi lại phần mô tả tài liệu".to_owned(), en.to_owned())
        }),
    ];
    let mut all: Vec<(String, String)> = all.into_iter().flatten().collect();
    if all.is_empty() {
        all.push(("không đổi gì".to_owned(), "nothing that counts".to_owned()));
    }
    let (vi, en): (Vec<String>, Vec<String>) = all.into_iter().unzip();
    (vi.join(", "), en.join(", "))
}

fn name(kind: &Kind) -> &str {
    match kind {
        Kind::Cades => "PAdES",
        Kind::Pkcs7 => "adbe.pkcs7.detached",
        Kind::Stamp => "ETSI.RFC3161",
        Kind::Other(name) => name,
    }
}
