//! The texts of problems about files: title, detail and action, each in Vietnamese and in English.

/// Title, detail and action.
type Texts = [&'static str; 6];

pub(super) const UNKNOWN: Texts = [
    "Không có tệp này",
    "Unknown file",
    "Cổng kết nối không có tệp này.",
    "The gateway holds no such file.",
    "Gửi tệp qua /files, hoặc kiểm tra mã băm hay địa chỉ.",
    "Push the file to /files, or check its digest or its address.",
];

pub(super) const GONE: Texts = [
    "Tệp không còn",
    "The file is gone",
    "Tệp này đã hết hạn hoặc đã được xóa khỏi cổng kết nối.",
    "The file has served its time here, or was erased.",
    "Lấy tệp ở hệ thống của địa phương; hệ thống gửi lại tệp và hồ sơ nếu còn cần.",
    "Ask the province's system for it; the system pushes file and dossier again where it is still needed.",
];

pub(super) const TOO_LARGE: Texts = [
    "Tệp quá lớn",
    "The file is too large",
    "Tệp lớn hơn dung lượng cho phép (limit, tính bằng byte).",
    "The file has more bytes than are taken (`limit`).",
    "Gửi tệp nhỏ hơn, hoặc người vận hành tăng giới hạn ở [files].",
    "Push a smaller file, or let the operator raise the limit in [files].",
];

pub(super) const EMPTY: Texts = [
    "Tệp rỗng",
    "Empty file",
    "Tệp không có byte nào.",
    "The file has no bytes.",
    "Gửi các byte của tệp trong nội dung yêu cầu.",
    "Push the file's bytes as the body of the request.",
];

pub(super) const NOT_HERE: Texts = [
    "Tệp chưa được gửi",
    "A file was not handed in",
    "Hồ sơ nêu mã băm của tệp mà hệ thống này chưa gửi.",
    "The dossier names the digest of a file that this system did not hand in.",
    "Gửi tệp qua /v1/systems/{hệ thống}/files, sau đó gửi lại hồ sơ.",
    "Push the file to /v1/systems/{system}/files, then push the dossier again.",
];

pub(super) const NO_ADDRESS: Texts = [
    "Cổng chưa có địa chỉ công khai",
    "The gateway has no public address",
    "Hồ sơ nêu tệp bằng mã băm, nhưng cổng kết nối chưa được khai báo địa chỉ để tải tệp.",
    "The dossier names a file by digest, but nobody said at which address files of this gateway are fetched.",
    "Người vận hành khai báo `public` ở [http], sau đó gửi lại.",
    "The operator sets `public` of [http]; then push again.",
];

pub(super) const BAD_RANGE: Texts = [
    "Ngoài phạm vi của tệp",
    "Beyond the file",
    "Phần được yêu cầu nằm ngoài tệp.",
    "None of the bytes asked for are in the file.",
    "Xem kích thước tệp ở Content-Range rồi gọi lại.",
    "See the file's size in Content-Range and call again.",
];

pub(super) const BROKEN: Texts = [
    "Tệp bị hỏng",
    "The file is damaged",
    "Tệp trên đĩa của cổng kết nối không còn như khi được nhận; không có byte nào được gửi đi.",
    "The file on the gateway's disk is not as it was kept; nothing of it left.",
    "Người vận hành xem nhật ký của cổng và đưa lại tệp từ bản sao.",
    "The operator reads the gateway's log and brings the file back from a copy.",
];

pub(super) const REFUSED: Texts = [
    "Tệp có mã độc",
    "Malware in a file",
    "Hồ sơ nêu tệp mà phần mềm quét phát hiện mã độc.",
    "The dossier names a file in which a scanner found malware.",
    "Gửi tệp sạch qua /v1/systems/{hệ thống}/files, sửa mã băm trong hồ sơ rồi gửi lại.",
    "Hand in a clean file at /v1/systems/{system}/files, correct the digest in the dossier and push again.",
];

pub(super) const HARMFUL: Texts = [
    "Tệp có mã độc",
    "Malware in the file",
    "Phần mềm quét phát hiện mã độc trong tệp này; tệp không được cung cấp cho bất kỳ ai.",
    "A scanner found malware in this file; nobody is given it.",
    "Hệ thống đã gửi tệp thay bằng tệp sạch và gửi lại hồ sơ.",
    "The system that handed it in replaces it by a clean one and pushes the dossier again.",
];

pub(super) const HELD: Texts = [
    "Tệp chưa được quét",
    "The file was not scanned yet",
    "Tệp được giữ lại cho đến khi quét mã độc xong.",
    "The file is held back until it was scanned for malware.",
    "Tải lại sau thời gian nêu ở Retry-After; nếu kéo dài, người vận hành kiểm tra phần mềm quét ở [files].",
    "Fetch it again after the time in Retry-After; should that last, the operator looks at the scanner of [files].",
];
