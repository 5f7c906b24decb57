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
        Undetermined = "undetermined", "Not determined (yet): civil status knows it.";
    }
}

words! {
    /// What an identity paper is.
    PaperKind, "identity-paper" {
        CitizenId = "citizen-id", "The personal number of 12 digits (CCCD).";
        OldId = "old-id", "The old card of 9 digits (CMND).";
        Passport = "passport", "A passport.";
        TaxCode = "tax-code", "An enterprise's code.";
        IdCertificate = "id-certificate", "The identity certificate of who has no nationality (giấy chứng nhận căn cước).";
        BirthCertificate = "birth-certificate", "A birth certificate, of a child without a card.";
        ResidenceCard = "residence-card", "A foreigner's permanent-residence card.";
        MilitaryId = "military-id", "A soldier's identity card.";
        OfficerCard = "officer-card", "A military officer's card.";
        PoliceCard = "police-card", "A police officer's card.";
        Other = "other", "Anything else.";
    }
}

words! {
    /// Whether a person is married, as the population database tells it: it cannot tell a divorced from a widowed one.
    Marital, "marital-status" {
        Single = "single", "Never married.";
        Married = "married", "Married.";
        DivorcedOrWidowed = "divorced-or-widowed", "One value there, and so one here.";
    }
}

words! {
    /// A blood group. Delivered only where a procedure asks for it.
    Blood, "blood-group" {
        A = "a", "A.";
        B = "b", "B.";
        Ab = "ab", "AB.";
        O = "o", "O.";
    }
}

words! {
    /// What one person is to another.
    Relation, "relation" {
        Father = "father", "Cha.";
        Mother = "mother", "Mẹ.";
        Spouse = "spouse", "Vợ hoặc chồng.";
        Child = "child", "Con.";
        Representative = "representative", "Người đại diện.";
        Householder = "householder", "Chủ hộ.";
        Other = "other", "Any other.";
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

words! {
    /// What a person is to a form.
    Role, "party-role" {
        Child = "child", "Người được khai sinh.";
        Mother = "mother", "Mẹ.";
        Father = "father", "Cha.";
        Deceased = "deceased", "Người chết.";
        Husband = "husband", "Chồng, or the man who marries.";
        Wife = "wife", "Vợ, or the woman who marries.";
        Spouse = "spouse", "Vợ hoặc chồng of whom the form is about.";
        Agent = "agent", "Người được ủy quyền.";
        Owner = "owner", "The dossier's owner, where the form says more of him than a dossier does.";
    }
}

words! {
    /// In which way an event is registered.
    Way, "registration-way" {
        OnTime = "on-time", "Đúng hạn.";
        Again = "again", "Đăng ký lại.";
        Foreign = "foreign", "Ghi vào sổ việc đã đăng ký ở nước ngoài.";
        Late = "late", "Quá hạn.";
    }
}

words! {
    /// What kind of residence it is.
    Stay, "residence-kind" {
        Permanent = "permanent", "Thường trú.";
        Temporary = "temporary", "Tạm trú.";
    }
}

words! {
    /// Which parents of a child are known.
    Parents, "known-parents" {
        Both = "both", "Both.";
        Father = "father", "The mother is not known.";
        Mother = "mother", "The father is not known.";
        None = "none", "Neither.";
        Abandoned = "abandoned", "Trẻ bị bỏ rơi.";
    }
}

words! {
    /// What stands for a death notice.
    Notice, "death-notice" {
        Notice = "notice", "Giấy báo tử.";
        Execution = "execution", "Biên bản thi hành án tử hình.";
        Judgment = "judgment", "Bản án, quyết định tuyên bố chết.";
        Police = "police", "Văn bản của công an hoặc giám định pháp y.";
        Health = "health", "Văn bản của y tế cấp huyện.";
        Minutes = "minutes", "Biên bản.";
        Witness = "witness", "Văn bản của người làm chứng.";
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
    PaperKind::WORDS,
    Marital::WORDS,
    Blood::WORDS,
    Relation::WORDS,
    CopyKind::WORDS,
    Reuse::WORDS,
    FeeKind::WORDS,
    FeeWhen::WORDS,
    PaymentState::WORDS,
    Role::WORDS,
    Way::WORDS,
    Stay::WORDS,
    Parents::WORDS,
    Notice::WORDS,
];
