//! The database's own names: what a record holds, in its order, and how each is brought into one form (§2.5 to §2.7).

/// What a member of a record is.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// A code of so many digits; a converter may have lost its zeros.
    Code(usize),
    /// An identity number of so many digits; one that lost more zeros than such a number can begin with stays as it came.
    Number {
        /// Its digits.
        digits: usize,
        /// How many zeros it can begin with.
        zeros: usize,
    },
    /// A text as it came.
    Text,
    /// A name: whole, or in parts.
    Name,
    /// A date of birth: a group, or a text.
    Born,
    /// A group of these members.
    Group(&'static [Member]),
}

/// A name and what stands under it.
pub(crate) type Member = (&'static str, Shape);

/// `CongDan`.
pub(crate) const CITIZEN: &[Member] = &[
    ("SoDinhDanh", PERSONAL),
    ("SoCMND", OLD),
    ("HoVaTen", Shape::Name),
    ("GioiTinh", Shape::Code(1)),
    ("DanToc", Shape::Code(2)),
    ("TonGiao", Shape::Code(2)),
    ("TinhTrangHonNhan", Shape::Code(1)),
    ("NhomMau", Shape::Code(2)),
    ("NgayThangNamSinh", Shape::Born),
    ("NoiDangKyKhaiSinh", Shape::Group(PLACE)),
    ("QuocTich", Shape::Text),
    ("QueQuan", Shape::Group(PLACE)),
    ("ThuongTru", Shape::Group(PLACE)),
    ("NoiOHienTai", Shape::Group(PLACE)),
    ("Cha", Shape::Group(RELATIVE)),
    ("Me", Shape::Group(RELATIVE)),
    ("VoChong", Shape::Group(RELATIVE)),
    ("NguoiDaiDien", Shape::Group(RELATIVE)),
    ("ChuHo", Shape::Group(RELATIVE)),
    ("SoSoHoKhau", Shape::Text),
    ("LoaiTaiKhoan", Shape::Text),
    ("MaSoThue", Shape::Text),
    ("ThuDienTu", Shape::Text),
    ("TrangThai", Shape::Text),
];

/// The member without which a record is nobody's.
pub(crate) const NAME: &str = "HoVaTen";

/// An address. Districts are gone since July 2025 and stand in older records still (§2.7).
const PLACE: &[Member] = &[
    ("MaTinhThanh", Shape::Code(2)),
    ("MaQuanHuyen", Shape::Code(3)),
    ("MaPhuongXa", Shape::Code(5)),
    ("ChiTiet", Shape::Text),
    ("QuocGia", Shape::Text),
];

/// A relative, or the head of the household.
const RELATIVE: &[Member] = &[
    ("QuanHe", Shape::Text),
    ("HoVaTen", Shape::Name),
    ("QuocTich", Shape::Text),
    ("SoDinhDanh", PERSONAL),
    ("SoCMND", OLD),
];

/// A name in parts.
pub(crate) const PARTS: &[Member] = &[("Ho", Shape::Text), ("ChuDem", Shape::Text), ("Ten", Shape::Text)];

/// A date of birth.
pub(crate) const BORN: &[Member] = &[("Nam", Shape::Text), ("NgayThangNam", Shape::Text)];

/// The number begins with the province's code, 001 to 096.
const PERSONAL: Shape = Shape::Number { digits: 12, zeros: 2 };
/// The old card's begins with one of 01 to 38.
const OLD: Shape = Shape::Number { digits: 9, zeros: 1 };

/// What a collection says beside its citizens: attributes in XML, members in some conversions of it.
pub(crate) const COLLECTION: [&str; 5] = ["SoCongDan", "SoLuongCongDan", "GhiChu", "ThoiDiemDuLieu", "id"];
