//! The texts of problems about payments: title, detail and action, each in Vietnamese and in English.

/// Title, detail and action.
type Texts = [&'static str; 6];

pub(super) const NOTHING_DUE: Texts = [
    "Không có khoản phải nộp",
    "Nothing is due",
    "Hồ sơ không có khoản phí, lệ phí nào phải nộp, hoặc đã nộp đủ.",
    "The dossier has no fee that is due, or what was due is paid.",
    "Không cần thanh toán. Nếu vẫn còn khoản phải nộp, gửi lại hồ sơ với khoản đó rồi bắt đầu lại.",
    "There is nothing to do. Where something is due after all, push the dossier with it and begin again.",
];

pub(super) const UNKNOWN: Texts = [
    "Không có khoản thanh toán này",
    "Unknown payment",
    "Cổng kết nối không có khoản thanh toán mang mã tham chiếu này.",
    "The gateway holds no payment of this reference.",
    "Kiểm tra mã tham chiếu, hoặc bắt đầu thanh toán cho hồ sơ.",
    "Check the reference, or begin a payment for the dossier.",
];

pub(super) const NO_FEE_RECEIPT: Texts = [
    "Chưa có biên lai",
    "No fee receipt",
    "Nền tảng thanh toán chưa cấp biên lai cho khoản thanh toán này.",
    "The payment platform has given no fee receipt for this payment yet.",
    "Gọi lại sau khi khoản thanh toán hoàn tất.",
    "Call again once the payment is made.",
];

pub(super) const NO_PLATFORM: Texts = [
    "Chưa nối nền tảng thanh toán",
    "No payment platform",
    "Cổng kết nối chưa được cấu hình nền tảng thanh toán.",
    "This gateway is not configured to begin payments.",
    "Người vận hành khai báo [payments] cùng đối tác thanh toán.",
    "The operator names a platform in [payments].",
];
