//! Our words as people read them.

use super::lang::Lang;
use crate::accounts::Role;
use crate::model::codes::Status;
use crate::model::{How, Operation, Owner, Phase, State};
use crate::partner::Gate;
use crate::store::PayState;

/// What somebody may do.
pub(super) fn role(lang: Lang, role: Role) -> &'static str {
    match role {
        Role::Auditor => lang.t("kiểm toán", "auditor"),
        Role::Operator => lang.t("vận hành", "operator"),
        Role::Mapper => lang.t("ánh xạ", "mapper"),
        Role::Approver => lang.t("phê duyệt", "approver"),
        Role::ProtectionDesk => lang.t("bảo vệ dữ liệu", "data protection"),
    }
}

/// What was done with sealed data.
pub(super) fn deed(lang: Lang, what: &str, erased: bool) -> String {
    let what = match what {
        "dossier" => lang.t("hồ sơ", "a dossier"),
        "exchange" => lang.t("bản tin của hồ sơ", "a message of a dossier"),
        "callback" => lang.t("phản hồi của phía quốc gia", "a callback"),
        "fee-receipt" => lang.t("biên lai", "a fee receipt"),
        "evidence" => lang.t("toàn bộ bằng chứng của hồ sơ", "all evidence of a dossier"),
        "rows" => lang.t("các dòng còn lại của hồ sơ", "what was left of a dossier"),
        "deeds" => lang.t("danh sách này", "this list"),
        other => other,
    };
    let done = if erased {
        lang.t("xóa", "erased")
    } else {
        lang.t("xem", "opened")
    };
    format!("{done} {what}")
}

/// Where an exchange stands.
pub(super) fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Held => lang.t("chờ bản trước", "behind another"),
        State::Ready => lang.t("sẵn sàng", "ready"),
        State::Later => lang.t("hẹn gửi lại", "to be sent again"),
        State::Leased => lang.t("đang gửi", "under way"),
        State::Delivered => lang.t("đã giao", "delivered"),
        State::Refused => lang.t("bị từ chối", "refused"),
        State::Parked => lang.t("chờ người xử lý", "parked"),
    }
}

/// Where a dossier stands.
pub(super) fn status(lang: Lang, status: Status) -> &'static str {
    match status {
        Status::Registered => lang.t("mới đăng ký", "registered"),
        Status::Accepted => lang.t("được tiếp nhận", "accepted"),
        Status::NotAccepted => lang.t("không được tiếp nhận", "not accepted"),
        Status::Processing => lang.t("đang xử lý", "being processed"),
        Status::SupplementRequested => lang.t("yêu cầu bổ sung giấy tờ", "papers are missing"),
        Status::PaymentRequested => lang.t("yêu cầu thực hiện nghĩa vụ tài chính", "to be paid"),
        Status::Withdrawn => lang.t("công dân yêu cầu rút hồ sơ", "withdrawn"),
        Status::Stopped => lang.t("dừng xử lý", "stopped"),
        Status::Finished => lang.t("đã xử lý xong", "finished"),
        Status::Returned => lang.t("đã trả kết quả", "result handed over"),
    }
}

/// What an exchange asks of the partner.
pub(super) fn operation(lang: Lang, operation: Operation) -> &'static str {
    match operation {
        Operation::Create => lang.t("tạo hồ sơ", "create"),
        Operation::Update => lang.t("cập nhật hồ sơ", "update"),
        Operation::Progress => lang.t("tiến trình", "steps"),
        Operation::Register => lang.t("đăng ký", "register"),
        Operation::Status => lang.t("báo trạng thái", "state"),
    }
}

/// Who must act.
pub(super) fn owner(lang: Lang, owner: Option<Owner>) -> &'static str {
    match owner {
        None => lang.t("chưa rõ", "nobody yet"),
        Some(Owner::Citizen) => lang.t("công dân", "citizen"),
        Some(Owner::Officer) => lang.t("cán bộ thụ lý", "officer"),
        Some(Owner::System) => lang.t("hệ thống của tỉnh", "provincial system"),
        Some(Owner::Partner) => lang.t("phía quốc gia", "partner"),
        Some(Owner::Gateway) => lang.t("người vận hành cổng", "gateway"),
        Some(Owner::Operator) => lang.t("người trực", "operator"),
    }
}

/// What an attempt was for.
pub(super) fn phase(lang: Lang, phase: Phase) -> &'static str {
    match phase {
        Phase::Send => lang.t("gửi", "send"),
        Phase::Probe => lang.t("hỏi lại", "probe"),
    }
}

/// What an answer meant.
pub(super) fn verdict(lang: Lang, word: Option<&str>) -> &'static str {
    match word {
        Some("accepted") => lang.t("nhận", "accepted"),
        Some("refused") => lang.t("từ chối", "refused"),
        Some("unclear") => lang.t("chưa rõ", "unclear"),
        Some("not-sent") => lang.t("chưa gửi được", "not sent"),
        Some(_) | None => lang.t("đang chờ", "awaited"),
    }
}

/// How a fact came to be known.
pub(super) fn how(lang: Lang, how: How) -> &'static str {
    match how {
        How::Filed => lang.t("nộp", "filed"),
        How::Reused => lang.t("tái sử dụng", "reused"),
        How::Derived => lang.t("suy ra", "derived"),
        How::Catalogue => lang.t("danh mục", "catalogue"),
    }
}

/// Where a callback stands.
pub(super) fn callback(lang: Lang, word: &str) -> &'static str {
    match word {
        "applied" => lang.t("đã vào hồ sơ", "on its dossier"),
        "waiting" => lang.t("sắp vào hồ sơ", "about to be"),
        "parked" => lang.t("chờ người xử lý", "parked"),
        "aside" => lang.t("để riêng", "set aside"),
        _ => lang.t("giữ nguyên, không đổi gì", "kept, changes nothing"),
    }
}

/// Where a payment stands.
pub(super) fn payment(lang: Lang, state: PayState) -> &'static str {
    match state {
        PayState::Asked => lang.t("đang hỏi nền tảng", "being asked for"),
        PayState::Open => lang.t("chờ người nộp trả", "may be paid"),
        PayState::Paid => lang.t("đã trả", "paid"),
        PayState::Failed => lang.t("không thành", "failed"),
        PayState::Parked => lang.t("chờ người xử lý", "parked"),
        PayState::Dropped => lang.t("bỏ", "dropped"),
    }
}

/// What a person said is to become of a callback or a payment.
pub(super) fn ruling(lang: Lang, word: &str) -> &'static str {
    match word {
        "to-dossier" => lang.t("là của hồ sơ này", "it is this dossier's"),
        "to-system" => lang.t("là của hệ thống này", "it is this system's"),
        "set-aside" => lang.t("để riêng", "set aside"),
        "ask-again" => lang.t("hỏi lại nền tảng", "ask the platform again"),
        "drop" => lang.t("sẽ không ai trả", "nobody will pay it"),
        _ => lang.t("quyết định khác", "another ruling"),
    }
}

/// What a partner's circuit lets through.
pub(super) fn gate(lang: Lang, gate: Gate) -> &'static str {
    match gate {
        Gate::Closed => lang.t("thông", "open"),
        Gate::HalfOpen => lang.t("đang thử lại", "trying one"),
        Gate::Open(_) => lang.t("tạm ngắt", "waiting"),
    }
}

/// What to do next. Most actions are sentences of ours; one that is not known here is said as it was written.
pub(super) fn action(lang: Lang, action: Option<&str>) -> String {
    let Some(action) = action else {
        return lang.t("chưa có", "none yet").to_owned();
    };
    let known = ACTIONS.iter().find(|(written, ..)| *written == action);
    known
        .map_or(action, |(_, vietnamese, english)| lang.t(vietnamese, english))
        .to_owned()
}

/// Sentences of the outbox and of the way back, and what they say on a page, where a command is a button.
const ACTIONS: &[(&str, &str, &str)] = &[
    (
        "look at the portal, then `lienthong outbox release --as delivered|again`",
        "xem trên Cổng Dịch vụ công quốc gia hồ sơ đã có hay chưa, rồi cho đi tiếp: «đã giao» hoặc «gửi lại»",
        "look at the portal whether it has it, then release it: «delivered» or «again»",
    ),
    (
        "look at the portal, then `outbox release --as delivered|again`",
        "xem trên Cổng Dịch vụ công quốc gia hồ sơ đã có hay chưa, rồi cho đi tiếp: «đã giao» hoặc «gửi lại»",
        "look at the portal whether it has it, then release it: «delivered» or «again»",
    ),
    (
        "the partner did not take it before its deadline: find out why, then `lienthong outbox retry`",
        "phía quốc gia không nhận trước hạn: tìm nguyên nhân, rồi bấm «thử lại»",
        "the partner did not take it before its deadline: find out why, then try again",
    ),
    (
        "correct the dossier in the provincial system and push it again",
        "sửa hồ sơ trong hệ thống của tỉnh rồi gửi lại",
        "correct the dossier in the provincial system and push it again",
    ),
    (
        "the message cannot be made: see the cause, correct mapping or configuration, then `lienthong outbox retry`",
        "không dựng được bản tin: xem nguyên nhân, sửa ánh xạ hoặc cấu hình, rồi bấm «thử lại»",
        "the message cannot be made: see the cause, correct mapping or configuration, then try again",
    ),
    (
        "correct mapping, code list, catalogue or partner, then `lienthong outbox retry` or push the dossier again",
        "sửa ánh xạ, danh mục hoặc cấu hình đối tác, rồi bấm «thử lại» hoặc gửi lại hồ sơ",
        "correct mapping, code list, catalogue or partner, then try again or push the dossier again",
    ),
    (
        "compare the order with what the platform says was paid, and settle it with the platform",
        "đối chiếu lệnh thu với số tiền nền tảng báo đã trả, và làm rõ với nền tảng",
        "compare the order with what the platform says was paid, and settle it with the platform",
    ),
    (
        "push the dossier of that number; the callback is put on it then",
        "gửi hồ sơ có số đó lên; thông báo sẽ tự vào hồ sơ",
        "push the dossier of that number; the callback is put on it then",
    ),
    (
        "find out whose dossier it is: once its system has pushed it, the callback is put on it; `agencies` tells of the next",
        "tìm xem hồ sơ của hệ thống nào: khi hệ thống đó gửi lên, thông báo sẽ tự vào hồ sơ; khai `agencies` cho các lần sau",
        "find out whose dossier it is: once its system has pushed it, the callback is put on it; `agencies` tells of the next",
    ),
    (
        "two transactions paid one order: have the platform give the second one back",
        "hai giao dịch trả cùng một lệnh thu: yêu cầu nền tảng hoàn lại giao dịch thứ hai, rồi để riêng phản hồi này",
        "two transactions paid one order: have the platform give the second one back",
    ),
    (
        "it was not paid: where it is still due, begin another payment",
        "chưa trả: nếu vẫn phải nộp thì bắt đầu khoản khác",
        "it was not paid: where it is still due, begin another payment",
    ),
    (
        "nobody knows whether it was paid: ask the platform; what it confirms later still counts",
        "chưa rõ đã trả hay chưa: hỏi nền tảng; xác nhận đến muộn vẫn được tính",
        "nobody knows whether it was paid: ask the platform; what it confirms later still counts",
    ),
    (
        "the platform does not take it: see its code, correct what it names, then begin another payment",
        "nền tảng không nhận: xem mã lỗi, sửa điều nó nêu, rồi bắt đầu khoản khác",
        "the platform does not take it: see its code, correct what it names, then begin another payment",
    ),
    (
        "it cannot be sent: see the cause, correct mapping or configuration, then begin another payment",
        "không gửi được: xem nguyên nhân, sửa ánh xạ hoặc cấu hình, rồi bắt đầu khoản khác",
        "it cannot be sent: see the cause, correct mapping or configuration, then begin another payment",
    ),
    (
        "it is paid, and the platform gives no fee receipt: get it there by hand",
        "đã trả nhưng nền tảng không đưa biên lai: lấy biên lai ở đó bằng tay",
        "it is paid, and the platform gives no fee receipt: get it there by hand",
    ),
    (
        "its dossier was paid by another order: have the platform close this one",
        "hồ sơ đã được trả bằng lệnh thu khác: yêu cầu nền tảng đóng lệnh này",
        "its dossier was paid by another order: have the platform close this one",
    ),
];
