//! The closed codes of a dossier, in our words.

use super::Words;
use super::record::words;

words! {
    /// Where a dossier stands: the portal's ten (portal.md §4.1.1).
    Status, "dossier-status" {
        Registered = "registered", "1 Mới đăng ký.";
        Accepted = "accepted", "2 Được tiếp nhận.";
        NotAccepted = "not-accepted", "3 Không được tiếp nhận.";
        Processing = "processing", "4 Đang xử lý.";
        SupplementRequested = "supplement-requested", "5 Yêu cầu bổ sung giấy tờ.";
        PaymentRequested = "payment-requested", "6 Yêu cầu thực hiện nghĩa vụ tài chính.";
        Withdrawn = "withdrawn", "7 Công dân yêu cầu rút hồ sơ.";
        Stopped = "stopped", "8 Dừng xử lý.";
        Finished = "finished", "9 Đã xử lý xong.";
        Returned = "returned", "10 Đã trả kết quả.";
    }
}

words! {
    /// How a dossier was filed.
    Channel, "channel" {
        InPerson = "in-person", "At the one-stop desk.";
        Online = "online", "Over the web.";
        Post = "post", "By the public post.";
    }
}

words! {
    /// How the result is handed over.
    Delivery, "result-delivery" {
        InPerson = "in-person", "At the desk.";
        Post = "post", "By the public post.";
    }
}

words! {
    /// Where a dossier was filed.
    Filing, "filing-place" {
        Local = "local", "In the province's system.";
        Portal = "portal", "On the national portal.";
    }
}

words! {
    /// What a subject is.
    SubjectKind, "subject-kind" {
        Citizen = "citizen", "A person.";
        Enterprise = "enterprise", "An enterprise.";
        Agency = "agency", "A body of the state.";
        Organisation = "organisation", "Any other organisation.";
    }
}

words! {
    /// A subject's gender as papers give it.
    Gender, "gender" {
        Male = "male", "Nam.";
        Female = "female", "Nữ.";
        Other = "other", "As the paper says, neither.";
    }
}

words! {
    /// Marital status, as far as the population database can tell (national-databases.md §2.7).
    Marital, "marital-status" {
        Single = "single", "Never married.";
        Married = "married", "Married.";
        Formerly = "divorced-or-widowed", "Divorced or widowed: the source cannot tell them apart.";
    }
}

words! {
    /// What a person is to another.
    Relation, "relation" {
        Father = "father", "Cha.";
        Mother = "mother", "Mẹ.";
        Spouse = "spouse", "Vợ hoặc chồng.";
        Representative = "representative", "Người đại diện.";
        Householder = "householder", "Chủ hộ.";
    }
}

words! {
    /// What an identity paper is.
    PaperKind, "identity-paper" {
        CitizenId = "citizen-id", "The personal number of 12 digits (CCCD).";
        OldId = "old-id", "The old card of 9 digits (CMND).";
        Passport = "passport", "A passport.";
        TaxCode = "tax-code", "An enterprise's code.";
        Other = "other", "Anything else.";
    }
}

words! {
    /// What kind of copy a component is.
    CopyKind, "copy-kind" {
        Original = "original", "The original.";
        Copy = "copy", "A copy on paper.";
        Electronic = "electronic", "An electronic copy.";
    }
}

words! {
    /// Whether a component was reused rather than handed in (`DuocTaiSuDung`).
    Reuse, "reuse" {
        None = "none", "Handed in.";
        Reused = "reused", "Reused.";
        Replaced = "replaced", "Replaced by an issued result.";
    }
}

words! {
    /// Whether money is a charge or a fee.
    FeeKind, "fee-kind" {
        Charge = "charge", "Phí.";
        Fee = "fee", "Lệ phí.";
    }
}

words! {
    /// When money is due.
    FeeWhen, "fee-when" {
        Acceptance = "acceptance", "When the dossier is accepted.";
        Supplement = "supplement", "With a supplement.";
        Result = "result", "When the result is handed over.";
    }
}

words! {
    /// How a dossier was paid (`DuocThanhToanTrucTuyen`).
    PaymentState, "payment-state" {
        None = "none", "Nothing was due.";
        Portal = "portal", "Online, through the portal.";
        Agency = "agency", "Online, through the agency's own gateway.";
        Unpaid = "unpaid", "Not paid online, or not yet.";
    }
}

/// Every closed set of our words that a code list may speak of.
pub const SETS: &[&Words] = &[
    Status::WORDS,
    Channel::WORDS,
    Delivery::WORDS,
    Filing::WORDS,
    SubjectKind::WORDS,
    Gender::WORDS,
    Marital::WORDS,
    Relation::WORDS,
    PaperKind::WORDS,
    CopyKind::WORDS,
    Reuse::WORDS,
    FeeKind::WORDS,
    FeeWhen::WORDS,
    PaymentState::WORDS,
];
