//! What is said of an evidence file of ours: every leaf of one dossier, what each of them tells, and that nothing is missing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::own;
use super::sheet::{Said, Sheet, moment};
use super::trusted::Trusted;
use crate::cli::Failed;
use crate::evidence::file::{self, INDEX, Judged, Role};
use crate::evidence::leaf::{Entry, Kind};
use crate::signing::cms::Message;
use crate::signing::container::{Report, SIGNATURE, is_own};
use crate::signing::jws;
use crate::signing::stamp::{self, Expected, StampError};
use crate::signing::trust::{Certificate, Trust};

/// The files of a container by their names.
type Files = BTreeMap<String, Vec<u8>>;

/// Whether a container is an evidence file of ours.
pub(super) fn is_ours(entries: &Files) -> bool {
    entries.contains_key(INDEX)
}

/// The anchors, and with them the certificate that a trusted key issued to itself, if it came along.
pub(super) fn anchored(entries: &Files, trusted: &Trusted) -> Trust {
    let message = entries.get(SIGNATURE).and_then(|bytes| Message::read(bytes).ok());
    let beside = message.iter().flat_map(|message| message.certificates());
    let known = |one: &&Certificate| trusted.keys.iter().any(|key| key.der() == one.public());
    let own: Vec<&Certificate> = beside.filter(|one| one.is_self_issued()).filter(known).collect();
    if own.is_empty() {
        return trusted.trust.clone();
    }
    let all = own.into_iter().chain(trusted.trust.anchors());
    let all: Vec<(&[u8], [u8; 32])> = all.map(|one| (one.der(), *one.fingerprint())).collect();
    let (files, pins): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let trust = Trust::pinned(&files, &pins).map(|trust| trust.with(trusted.trust.intermediates().to_vec()));
    trust.unwrap_or_else(|_| trusted.trust.clone())
}

/// Says what an evidence file proves; the sheet is not good any more if it does not.
pub(super) fn judge(sheet: &mut Sheet, mut entries: Files, report: &Report, trusted: &Trusted) {
    sheet.kind = "evidence";
    entries.retain(|name, _| !is_own(name));
    if !report.is_canonical {
        sheet.good = false;
        sheet.say(
            "Gói KHÔNG đúng dạng duy nhất của cổng: đã bị đóng gói lại hoặc sửa",
            "The container is NOT of the gateway's one form: it was packed again or changed",
        );
    }
    match file::judge(&entries, &trusted.logs) {
        Ok(judged) => tell(sheet, &judged, &entries, trusted),
        Err(error) => {
            sheet.good = false;
            let said = Said::because("Chứng cứ KHÔNG đứng vững", &error);
            sheet.say(said.vi, format!("The evidence does NOT hold: {}", said.en));
        }
    }
}

fn tell(sheet: &mut Sheet, judged: &Judged, files: &Files, trusted: &Trusted) {
    let (number, origin) = (&judged.index.dossier, &judged.index.origin);
    let (many, size, leaves) = (
        judged.entries.len(),
        judged.complete.checkpoint.size,
        judged.complete.leaves,
    );
    sheet.say(
        format!("Hồ sơ {number}: {many} mục trong nhật ký {origin}, và không có mục nào khác trong {leaves} mục đầu"),
        format!("Dossier {number}: {many} leaves of the log {origin}, and no other among its first {leaves}"),
    );
    if leaves + 1 < size {
        let after = size - 1 - leaves;
        sheet.say(
            format!("{after} mục cuối trước điểm kiểm tra chưa nằm trong bản đồ và không được nói đến"),
            format!("The last {after} leaves before the checkpoint are not in its map, and nothing is said of them"),
        );
    }
    for entry in &judged.entries {
        one(sheet, entry, judged);
    }
    stamped(sheet, judged, trusted);
    for opening in &judged.index.opened {
        let bytes = opening.file.as_ref().and_then(|name| files.get(name));
        match (opening.role, bytes) {
            (Role::Receipt, Some(bytes)) => receipt(sheet, opening.leaf, bytes, trusted),
            (Role::Signature, Some(token)) => {
                let payload = judged
                    .index
                    .opened
                    .iter()
                    .find(|other| other.leaf == opening.leaf && other.role == Role::Payload);
                let payload = payload.and_then(|payload| files.get(payload.file.as_ref()?));
                signature(sheet, opening.leaf, token, payload.map(Vec::as_slice), trusted);
            }
            _ => {}
        }
    }
}

/// Since when the leaves exist, by the word of an authority that is not the gateway.
fn stamped(sheet: &mut Sheet, judged: &Judged, trusted: &Trusted) {
    let Some(stamped) = &judged.stamped else {
        return sheet.say(
            "Không kèm dấu thời gian nào: thời điểm là lời của cổng",
            "No time-stamp came along: the times are the gateway's own word",
        );
    };
    let over = judged.entries.iter().filter(|entry| entry.index < stamped.leaves);
    let (over, all) = (over.count(), judged.entries.len());
    match stamp::verify(
        &stamped.token,
        &Expected::over(stamped.note.as_bytes()),
        &trusted.means(),
    ) {
        Ok(stamp) => {
            sheet.stamp(&stamp);
            sheet.say(
                format!("Dấu thời gian phủ {over} trong {all} mục của hồ sơ: chúng đã có trước lúc đó"),
                format!("The time-stamp covers {over} of the dossier's {all} leaves: they existed before that"),
            );
        }
        Err(StampError::Untrusted(_)) => sheet.say(
            format!("Có dấu thời gian trên {over} trong {all} mục, của cơ quan chưa được nêu với --trust: chưa kiểm tra"),
            format!("A time-stamp covers {over} of {all} leaves, by an authority that was not named with --trust: not checked"),
        ),
        Err(error) => {
            sheet.good = false;
            let said = Said::because("Dấu thời gian KHÔNG đứng vững", &error);
            sheet.say(said.vi, format!("The time-stamp does NOT hold: {}", said.en));
        }
    }
}

/// One leaf in a sentence.
fn one(sheet: &mut Sheet, entry: &Entry, judged: &Judged) {
    let draft = &entry.draft;
    let at = Timestamp::from_millisecond(draft.at)
        .map(moment)
        .unwrap_or_default();
    let (vi, en) = happened(draft.kind);
    let mut about = String::new();
    let named = [
        "operation",
        "attempt",
        "verdict",
        "cause",
        "next",
        "mapping",
        "service",
        "class",
        "kind",
        "system",
        "as",
    ];
    for (name, value) in draft
        .facts
        .iter()
        .filter(|(name, _)| named.contains(&name.as_ref()))
    {
        about.push_str(&format!(" {name}={value}"));
    }
    let partner = draft.partner.as_deref().unwrap_or("–");
    let roles: Vec<String> = judged
        .index
        .opened
        .iter()
        .filter(|opening| opening.leaf == entry.index)
        .filter_map(|opening| opening.file.clone())
        .collect();
    let index = entry.index;
    let shut = judged.shut.contains(&index);
    let (shut_vi, shut_en) = match shut {
        true => (
            "; nội dung chỉ được cam kết, không kèm theo",
            "; its contents are committed to, and not here",
        ),
        false => ("", ""),
    };
    let with = if roles.is_empty() {
        String::new()
    } else {
        format!(" [{}]", roles.join(", "))
    };
    sheet.say(
        format!("Mục {index}, {at}: {vi} ({partner}{about}){with}{shut_vi}"),
        format!("Leaf {index}, {at}: {en} ({partner}{about}){with}{shut_en}"),
    );
}

const fn happened(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Accepted => ("tiếp nhận hồ sơ", "the dossier was accepted"),
        Kind::Drafted => ("mở hồ sơ nháp", "a draft was opened"),
        Kind::Asked => ("bắt đầu tra cứu", "a look-up was about to be made"),
        Kind::Answered => ("tra cứu kết thúc", "a look-up ended"),
        Kind::Reused => (
            "đối chiếu, tái sử dụng dữ liệu",
            "what the state held was taken in",
        ),
        Kind::Queued => ("đưa vào hàng gửi", "a message was queued"),
        Kind::Attempted => ("bắt đầu gửi", "it was about to be sent"),
        Kind::Settled => ("lần gửi kết thúc", "the attempt ended"),
        Kind::Probed => ("hỏi lại đối tác", "the partner was asked what it knows"),
        Kind::Parked => ("dừng, chờ người xử lý", "it stopped and waits for a person"),
        Kind::Released => ("người vận hành kết luận", "a person said how it ended"),
        Kind::Reopened => ("người vận hành cho gửi lại", "a person sent it again"),
        Kind::Received => ("nhận thông báo từ phía quốc gia", "a callback came in"),
        Kind::Applied => ("ghi thông báo vào hồ sơ", "it was put on the dossier"),
        Kind::Notified => ("báo cho hệ thống của tỉnh", "the provincial system was told"),
        Kind::Opened => ("mở dữ liệu niêm phong", "sealed data was opened"),
        Kind::Erased => ("xóa dữ liệu niêm phong", "sealed data was erased"),
        Kind::Mapped => ("lập bản đồ nhật ký", "the map of the log was made"),
        Kind::Statement => ("kê khai sổ sách", "the books were stated"),
    }
}

/// The receipt fits its leaf already; its signature is a key's that was named, or of nobody who is known here.
fn receipt(sheet: &mut Sheet, leaf: u64, bytes: &[u8], trusted: &Trusted) {
    let text = String::from_utf8_lossy(bytes);
    let token = serde_json::from_str::<super::Signed>(&text).map(|signed| signed.signature);
    match own::receipt(&text, &token.unwrap_or_default(), &trusted.keys) {
        Ok(_) => sheet.say(
            format!("Giấy tiếp nhận của mục {leaf}: chữ ký đúng"),
            format!("The receipt of leaf {leaf}: its signature stands"),
        ),
        Err(reason) => {
            sheet.good = false;
            sheet.say(
                format!("Giấy tiếp nhận của mục {leaf}: KHÔNG tin được ({reason})"),
                format!("The receipt of leaf {leaf} is NOT believed: {reason}"),
            );
        }
    }
}

/// A payload's signature: checked where its key was named, told otherwise. It is vouched for by the container's seal either way.
fn signature(sheet: &mut Sheet, leaf: u64, token: &[u8], payload: Option<&[u8]>, trusted: &Trusted) {
    let token = String::from_utf8_lossy(token);
    let wanted = jws::header(&token).ok().and_then(|header| header.kid);
    let key = trusted
        .keys
        .iter()
        .find(|key| wanted.as_deref() == Some(crate::model::Verifier::id(*key)));
    let Some(key) = key else {
        let id = wanted.unwrap_or_default();
        return sheet.say(
            format!(
                "Chữ ký trên dữ liệu gửi của mục {leaf}: chưa kiểm tra, khóa {id} không được nêu với --trust"
            ),
            format!(
                "The payload's signature of leaf {leaf} was not checked: key {id} was not named with --trust"
            ),
        );
    };
    match jws::verify_detached(&token, payload.unwrap_or_default(), key) {
        Ok(()) => sheet.say(
            format!("Chữ ký trên dữ liệu gửi của mục {leaf}: đúng"),
            format!("The payload's signature of leaf {leaf} stands"),
        ),
        Err(error) => {
            sheet.good = false;
            let reason = Failed::because(&error);
            sheet.say(
                format!("Chữ ký trên dữ liệu gửi của mục {leaf}: KHÔNG đúng ({reason})"),
                format!("The payload's signature of leaf {leaf} does NOT stand: {reason}"),
            );
        }
    }
}
