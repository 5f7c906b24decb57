//! What is said of a CMS signature (`.p7s`), detached or not, and of a time-stamp token.

use data_encoding::BASE64;

use super::sheet::{Said, Sheet};
use super::trusted::Trusted;
use super::unknown;
use crate::signing::cms::{Content, Message, Rules};
use crate::signing::der::oid;
use crate::signing::stamp::{self, Expected};

/// The DER in a PEM block of a CMS message.
pub(super) fn unwrapped(text: &str) -> Option<Vec<u8>> {
    let label = ["PKCS7", "CMS"]
        .into_iter()
        .find(|label| text.starts_with(&format!("-----BEGIN {label}-----")))?;
    let (_, after) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (block, _) = after.split_once(&format!("-----END {label}-----"))?;
    let letters: Vec<u8> = block
        .bytes()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    BASE64.decode(&letters).ok()
}

pub(super) fn judge(bytes: &[u8], trusted: &Trusted) -> Sheet {
    let Ok(message) = Message::read(bytes) else {
        return unknown();
    };
    let content = trusted.content.as_ref().map(|(_, bytes)| bytes.as_slice());
    if message.content_type().content() == oid::TST {
        return token(bytes, content, trusted);
    }
    let mut sheet = Sheet::new("cms");
    let parts = [content.unwrap_or_default()];
    let content = match content {
        Some(_) => Content::Beside(&parts),
        None => Content::Within,
    };
    let means = trusted.means();
    let rules = Rules {
        legacy: false,
        certificates: means.trust.intermediates(),
    };
    let outcomes = match message.verify(content, &rules) {
        Ok(outcomes) => outcomes,
        Err(error) => {
            return Sheet::failed(
                "cms",
                Said::because("Không xác minh được; nội dung rời thì nêu bằng --content", &error),
            );
        }
    };
    sheet.good = true;
    for outcome in &outcomes {
        match outcome {
            Err(error) => {
                sheet.refuse(error);
                sheet.good = false;
            }
            Ok(signed) => {
                let judgement = stamp::judge(signed, message.certificates(), &means, trusted.now);
                sheet.good &= judgement.path.is_ok();
                sheet.signature(&signed.signer, signed.claimed, &judgement);
                let length = signed.length;
                sheet.say(
                    format!("Phủ toàn bộ nội dung, {length} byte"),
                    format!("Covers the content whole, {length} bytes"),
                );
            }
        }
    }
    sheet
}

fn token(bytes: &[u8], content: Option<&[u8]>, trusted: &Trusted) -> Sheet {
    let mut sheet = Sheet::new("time-stamp");
    let Some(content) = content else {
        sheet.say(
            "Dấu thời gian: nêu tệp được đóng dấu bằng --content",
            "A time-stamp: name the file that it is over with --content",
        );
        return sheet;
    };
    match stamp::verify(bytes, &Expected::over(content), &trusted.means()) {
        Ok(stamp) => {
            sheet.good = true;
            sheet.stamp(&stamp);
        }
        Err(error) => sheet.refuse(&error),
    }
    sheet
}
