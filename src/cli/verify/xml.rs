//! What is said of XML with signatures. Nothing is believed beyond what a signature covers.

use super::sheet::{Said, Sheet, Told};
use super::trusted::Trusted;
use crate::signing::stamp::Judgement;
use crate::signing::xml::{self, Judged, Maker, Named, What};
use jiff::Timestamp;

pub(super) fn judge(bytes: &[u8], trusted: &Trusted) -> Sheet {
    let content = trusted.content.as_ref();
    let outside: Vec<Named<'_>> = content.iter().map(|(uri, bytes)| Named { uri, bytes }).collect();
    let all = match xml::judge(bytes, &outside, &trusted.means(), trusted.now) {
        Ok(all) => all,
        Err(error) => return Sheet::failed("xml", Said::because("Không đọc được XML", &error)),
    };
    let mut sheet = Sheet::new("xml");
    sheet.good = !all.is_empty();
    if all.is_empty() {
        sheet.say(
            "Không có chữ ký XML; chữ ký trong không gian tên khác (như của gói edXML) không xác minh được",
            "There is no XML signature; one in another namespace, as edXML packets have it, is not verifiable",
        );
    }
    let mut is_whole = false;
    for outcome in &all {
        match outcome {
            Err(error) => {
                sheet.refuse(error);
                sheet.good = false;
            }
            Ok(judged) => {
                let good = maker(&mut sheet, judged, trusted);
                sheet.good &= good;
                is_whole |= good && covered(&mut sheet, judged);
            }
        }
    }
    if !is_whole {
        sheet.not_covered.push(Said::new(
            "KHÔNG chữ ký tin cậy nào phủ toàn bộ tài liệu: chỉ những phần nêu trên được ký",
            "NO trusted signature covers the document whole: only what is named above is signed",
        ));
    }
    sheet
}

/// Who made it; whether he is trusted.
pub(super) fn maker(sheet: &mut Sheet, judged: &Judged, trusted: &Trusted) -> bool {
    match &judged.maker {
        Maker::Certificate { signer, judgement } => {
            let attested = judged.report.attested.as_ref();
            let millis = attested.and_then(|attested| attested.signed_at_millis);
            let claimed = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
            let judgement: &Judgement = judgement;
            sheet.signature(signer, claimed, judgement);
            judgement.path.is_ok()
        }
        Maker::Key(der) => {
            let known = trusted.keys.iter().any(|key| key.der() == der);
            let print = crate::signing::public::key_id(der);
            sheet.say(
                format!(
                    "Ký bằng khóa không có chứng thư, {}",
                    if known {
                        "được nêu là tin cậy"
                    } else {
                        "KHÔNG được tin cậy"
                    }
                ),
                format!(
                    "Signed with a key without certificate, {}",
                    if known { "named as trusted" } else { "NOT trusted" }
                ),
            );
            sheet.signatures.push(Told {
                good: known,
                signer: Some(print),
                ..Told::default()
            });
            known
        }
    }
}

/// Tells what is covered; whether that is the document whole.
fn covered(sheet: &mut Sheet, judged: &Judged) -> bool {
    let mut is_whole = false;
    for one in &judged.report.covered {
        match &one.what {
            What::Document => {
                is_whole = true;
                sheet.say(
                    "Phủ toàn bộ tài liệu, trừ chữ ký và chú thích",
                    "Covers the document whole, but the signature and comments",
                );
            }
            What::Element {
                id,
                name,
                within: false,
            } => {
                let (id, name) = (plain(id), plain(name));
                sheet.say(
                    format!("Phủ phần tử <{name}> (Id {id})"),
                    format!("Covers the element <{name}> (Id {id})"),
                );
            }
            What::Element { .. } => {}
            What::Outside(uri) => {
                let uri = plain(uri);
                sheet.say(
                    format!("Phủ tệp bên ngoài {uri}"),
                    format!("Covers the file beside it {uri}"),
                );
            }
        }
    }
    is_whole
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(100)
        .collect()
}
