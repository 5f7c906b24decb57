//! What a checksum covers, in the order in which it is covered (portal.md §2.7.5, §2.7.6; national-databases.md §6.3).

use data_encoding::HEXLOWER;

/// What stands between two parts at the portal's platform.
pub(crate) const BAR: char = '|';

/// Of a payment that begins: the text comes *before* the time.
pub(crate) const INIT: [&str; 14] = [
    "LoaiBanTin",
    "PhienBan",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "LoaiHinhThanhToan",
    "MaKenhThanhToan",
    "MaThietBi",
    "NgonNgu",
    "MaTienTe",
    "MaNganHang",
    "ThongTinGiaoDich",
    "ThoiGianGD",
    "Ip",
];

/// Of a question, and of a bill.
pub(crate) const ASKED: [&str; 5] = ["LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD"];

/// Of a confirmation: the time comes *before* the text.
pub(crate) const CONFIRM: [&str; 10] = [
    "LoaiBanTin",
    "MaLoi",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "MaTienTe",
    "MaGiaoDich",
    "MaNganHang",
    "ThoiGianGD",
    "ThongTinGiaoDich",
];

/// Of an order at PayGov, joined without anything between, the secret first. Where one part ends is told by its form only.
pub(crate) const ORDER: [&str; 5] = ["accessKey", "partnerCode", "orderId", "requestCode", "amount"];

/// The checksum of the portal's platform: the parts and the secret after them, with a bar between.
pub(crate) fn barred(parts: &[&str], secret: &str, sha256: fn(&[u8]) -> [u8; 32]) -> String {
    let mut joined = parts.join("|");
    joined.push(BAR);
    joined.push_str(secret);
    HEXLOWER.encode(&sha256(joined.as_bytes()))
}

/// The checksum of PayGov: the secret, and the parts after it, with nothing between.
pub(crate) fn plain(parts: &[&str], secret: &str, sha256: fn(&[u8]) -> [u8; 32]) -> String {
    HEXLOWER.encode(&sha256([secret, &parts.concat()].concat().as_bytes()))
}
