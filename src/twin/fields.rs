//! What each field of a dossier and of a step may hold: the tables of §2.4 and §2.5.

/// How much of a field the portal insists on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Present and not empty.
    Full,
    /// Present, `""` is allowed.
    Present,
    /// May be left out.
    Free,
}

/// What a value must be like; an empty text passes every rule, unless the field is `Full`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Any text.
    Text,
    /// A text of at most so many characters.
    Max(usize),
    /// `yyyyMMddHHmmss`, and a day and time that exist.
    Date,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Digits only.
    Digits,
    /// An address that the portal can download from.
    Address,
    /// An array of objects.
    Rows(&'static [Field]),
}

/// One field of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) rule: Rule,
    /// Added for Decision 766/QĐ-TTg: unknown to the classic profile.
    pub(super) since_766: bool,
}

/// The characters a dossier's number may have at most.
const NUMBER: Rule = Rule::Max(50);
const STATUS: Rule = Rule::OneOf(&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
const YES_NO: Rule = Rule::OneOf(&["0", "1"]);
const TRUTH: Rule = Rule::OneOf(&["True", "False"]);

/// A dossier of `DongBoHoSoMC` (§2.4.1, §2.4.3).
pub(super) const DOSSIER: &[Field] = &[
    full("MaHoSo", NUMBER),
    full("MaTTHC", Rule::Text),
    full("TenTTHC", Rule::Text),
    full("MaLinhVuc", Rule::Text),
    full("TenLinhVuc", Rule::Text),
    new(free("KenhThucHien", Rule::OneOf(&["1", "2", "3"]))),
    new(free("SoGiayToChuHoSo", Rule::Text)),
    free("SoBienNhan", Rule::Text),
    free("ChuHoSo", Rule::Text),
    full("LoaiDoiTuong", Rule::OneOf(&["1", "2", "3", "4"])),
    free("MaDoiTuong", Rule::Text),
    free("ThongTinKhac", Rule::Text),
    present("Email", Rule::Text),
    free("Fax", Rule::Text),
    present("SoDienThoai", Rule::Text),
    full("TrichYeuHoSo", Rule::Max(1000)),
    new(free("NgayNopHoSo", Rule::Date)),
    present("NgayTiepNhan", Rule::Date),
    present("NgayHenTra", Rule::Date),
    full("TrangThaiHoSo", STATUS),
    free("NgayTra", Rule::Date),
    free("ThongTinTra", Rule::Text),
    full("HinhThuc", YES_NO),
    free("NgayKetThucXuLy", Rule::Date),
    full("DonViXuLy", Rule::Text),
    free("GhiChu", Rule::Max(2000)),
    free("TaiLieuNop", Rule::Rows(PAPER)),
    free("DanhSachLePhi", Rule::Rows(FEE)),
    free("DanhSachTepDinhKemKhac", Rule::Rows(OTHER)),
    free("DanhSachHoSoBoSung", Rule::Rows(SUPPLEMENT)),
    free("DanhSachGiayToKetQua", Rule::Rows(OUTCOME)),
    new(free("NoiNopHoSo", Rule::OneOf(&["1", "2"]))),
    new(free("HoSoCoThanhPhanSoHoa", YES_NO)),
    new(free("TaiKhoanDuocXacThucVoiVNeID", YES_NO)),
    new(free("DuocThanhToanTrucTuyen", Rule::OneOf(&["0", "1", "2", "3"]))),
    new(free("NgayTuChoi", Rule::Date)),
    new(free("DinhDanhCHS", Rule::Rows(IDENTITY))),
    new(free("DSKetNoiCSDL", Rule::Rows(DATABASE))),
];

/// A step of `CapNhatTienDoHoSoMC` (§2.5).
pub(super) const STEP: &[Field] = &[
    full("MaHoSo", NUMBER),
    full("NguoiXuLy", Rule::Max(50)),
    free("ChucDanh", Rule::Text),
    full("ThoiDiemXuLy", Rule::Date),
    free("PhongBanXuLy", Rule::Text),
    present("NoiDungXuLy", Rule::Text),
    full("TrangThai", STATUS),
    free("NgayBatDau", Rule::Date),
    free("NgayKetThucTheoQuyDinh", Rule::Date),
];

const PAPER: &[Field] = &[
    present("TepDinhKemId", Rule::Text),
    full("TenTepDinhKem", Rule::Max(4000)),
    full("IsDeleted", TRUTH),
    present("MaThanhPhanHoSo", Rule::Text),
    full("DuongDanTaiTepTin", Rule::Address),
    new(free("DuocSoHoa", YES_NO)),
    new(free("DuocTaiSuDung", Rule::OneOf(&["0", "1", "2"]))),
    new(free("DuocLayTuKhoDMQG", YES_NO)),
    new(free("MaKetQuaThayThe", Rule::Text)),
];

const FEE: &[Field] = &[
    full("TenPhiLePhi", Rule::Text),
    full("MaPhiLePhi", Rule::Text),
    full("HinhThucThu", Rule::OneOf(&["1", "2", "4"])),
    full("Gia", Rule::Digits),
    full("LoaiPhiLePhi", Rule::OneOf(&["1", "2"])),
];

const OTHER: &[Field] = &[
    full("TenGiayTo", Rule::Max(2000)),
    present("SoLuong", Rule::Digits),
    present("LoaiGiayTo", Rule::Digits),
];

const SUPPLEMENT: &[Field] = &[
    full("HoSoBoSungId", Rule::Digits),
    full("NguoiYeuCauBoSung", Rule::Text),
    full("NoiDungBoSung", Rule::Text),
    full("NgayBoSung", Rule::Date),
    free("NguoiTiepNhanBoSung", Rule::Text),
    free("ThongTinTiepNhan", Rule::Text),
    free("NgayTiepNhanBoSung", Rule::Date),
    full("TrangThaiBoSung", TRUTH),
    free("DanhSachGiayToBoSung", Rule::Rows(PAPER)),
    free("DanhSachLePhiBoSung", Rule::Rows(FEE)),
    present("NgayHenTraTruoc", Rule::Date),
    free("NgayHenTraMoi", Rule::Date),
];

const OUTCOME: &[Field] = &[
    full("TenGiayTo", Rule::Max(2000)),
    free("MaThanhPhanHoSo", Rule::Text),
    free("GiayToId", Rule::Text),
    full("DuongDanTepTinKetQua", Rule::Address),
    new(free("MaGiayToKetQua", Rule::Text)),
];

const IDENTITY: &[Field] = &[
    full("LoaiDinhDanh", Rule::OneOf(&["1", "2"])),
    full("SoDinhDanh", Rule::Digits),
];

const DATABASE: &[Field] = &[full("MaCSDL", Rule::Text)];

const fn full(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        need: Need::Full,
        rule,
        since_766: false,
    }
}

const fn present(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        need: Need::Present,
        rule,
        since_766: false,
    }
}

const fn free(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        need: Need::Free,
        rule,
        since_766: false,
    }
}

const fn new(field: Field) -> Field {
    Field {
        since_766: true,
        ..field
    }
}
