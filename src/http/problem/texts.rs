//! Every text that a problem document can say, in both languages: one row a problem.

mod files;
mod payments;

use super::row::Row;
use crate::model::Owner;

/// Makes the kinds and their rows from one list, so that neither can lack the other.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $status:literal, $owner:ident, $texts:expr;)+) => {
        /// A kind of problem; its name ends the problem's `type`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $kind),+ }

        const ROWS: &[Row] = &[$(Row { name: $name, status: $status, owner: Owner::$owner, texts: $texts }),+];

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];
        }
    };
}

impl Kind {
    pub(super) fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

kinds! {
    /// The body is not JSON.
    NotJson = "not-json", 400, System, [
        "Không phải JSON", "Not JSON",
        "Nội dung gửi lên không phải là JSON hợp lệ.",
        "The body is not valid JSON.",
        "Sửa chỗ được chỉ ra rồi gửi lại.",
        "Correct the place pointed at and push again.",
    ];
    /// The body is nested too deeply.
    TooDeep = "too-deep", 400, System, [
        "Lồng quá sâu", "Nested too deeply",
        "Nội dung lồng nhau quá 32 cấp.",
        "The body is nested deeper than 32 levels.",
        "Gửi hồ sơ với không quá 32 cấp lồng nhau.",
        "Push the dossier with at most 32 levels.",
    ];
    /// An object has a member twice.
    DuplicateKey = "duplicate-key", 400, System, [
        "Trùng tên trường", "Duplicate member name",
        "Một đối tượng có hai trường cùng tên.",
        "An object has two members of the same name.",
        "Bỏ trường trùng rồi gửi lại.",
        "Remove the repeated member and push again.",
    ];
    /// The body is not UTF-8.
    NotUtf8 = "not-utf8", 400, System, [
        "Không phải UTF-8", "Not UTF-8",
        "Nội dung gửi lên không phải là UTF-8 hợp lệ.",
        "The body is not valid UTF-8.",
        "Gửi lại bằng bảng mã UTF-8.",
        "Push again encoded as UTF-8.",
    ];
    /// Half of a surrogate pair stands alone.
    LoneSurrogate = "lone-surrogate", 400, System, [
        "Nửa ký tự đứng riêng", "Lone surrogate",
        "Một chuỗi có nửa cặp mã \\u đứng một mình.",
        "A string has one half of a \\u surrogate pair standing alone.",
        "Ghi ký tự bằng đủ cặp mã hoặc bằng UTF-8 rồi gửi lại.",
        "Write the character as a whole pair or as UTF-8 and push again.",
    ];
    /// The body is over the limit.
    TooLarge = "too-large", 413, System, [
        "Quá lớn", "Too large",
        "Nội dung gửi lên vượt quá dung lượng cho phép.",
        "The body is larger than this gateway accepts.",
        "Gửi ít hồ sơ hơn trong một lần, hoặc nêu địa chỉ của tệp thay cho nội dung tệp.",
        "Push fewer dossiers at once, or name files by address instead of carrying them.",
    ];
    /// The body is of a type that no mapping reads.
    UnsupportedMedia = "unsupported-media", 415, System, [
        "Kiểu nội dung không được hỗ trợ", "Unsupported media type",
        "Hồ sơ phải được gửi dưới dạng application/json.",
        "A dossier is pushed as application/json.",
        "Đặt Content-Type đúng rồi gửi lại.",
        "Set the right Content-Type and push again.",
    ];
    /// There is no body.
    Empty = "empty", 400, System, [
        "Không có nội dung", "Empty body",
        "Yêu cầu không có nội dung.",
        "The request has no body.",
        "Gửi kèm hồ sơ trong nội dung yêu cầu.",
        "Push again with the dossier in the body.",
    ];
    /// No system of that name.
    UnknownSystem = "unknown-system", 404, System, [
        "Không có hệ thống này", "Unknown system",
        "Cổng kết nối không biết hệ thống được nêu trong đường dẫn.",
        "The gateway does not know the system named in the path.",
        "Kiểm tra tên hệ thống trong đường dẫn.",
        "Check the system's name in the path.",
    ];
    /// No token was shown.
    NoToken = "no-token", 401, System, [
        "Thiếu mã truy cập", "No token",
        "Yêu cầu không có mã truy cập.",
        "The request carries no token.",
        "Gửi lại với Authorization: Bearer và mã truy cập của hệ thống.",
        "Push again with Authorization: Bearer and the system's token.",
    ];
    /// The token belongs to nobody.
    WrongToken = "wrong-token", 401, System, [
        "Mã truy cập sai", "Wrong token",
        "Mã truy cập không được công nhận.",
        "The token is not recognised.",
        "Kiểm tra mã truy cập hoặc xin cấp mã mới.",
        "Check the token or ask for a new one.",
    ];
    /// The token belongs to another system.
    OtherSystem = "other-system", 403, System, [
        "Thuộc hệ thống khác", "Belongs to another system",
        "Mã truy cập này chỉ được xem và ghi hồ sơ của chính hệ thống mình.",
        "This token sees and writes only its own system's dossiers.",
        "Dùng mã truy cập của hệ thống sở hữu hồ sơ.",
        "Use the token of the system that owns the dossier.",
    ];
    /// A procedure code is not tied to a national one.
    UnknownProcedure = "unknown-procedure", 422, Gateway, [
        "Chưa có thủ tục này", "Unknown procedure",
        "Mã thủ tục chưa được gắn với thủ tục quốc gia nào.",
        "The procedure code is not tied to any national procedure.",
        "Người vận hành cổng bổ sung mã thủ tục vào danh mục, sau đó gửi lại.",
        "The gateway's operator adds the procedure code to its list; then push again.",
    ];
    /// A supplement request asks for what the state holds, without a reason.
    AskedAgain = "asked-again", 422, Officer, [
        "Yêu cầu giấy tờ mà Nhà nước đã có", "Asking for what the state holds",
        "Yêu cầu bổ sung nêu giấy tờ đã được thay thế bằng dữ liệu theo Nghị quyết 66.7/2025/NQ-CP mà không có mã lý do.",
        "The supplement request names a paper that data replace under Resolution 66.7/2025/NQ-CP, and gives no reason code.",
        "Bỏ giấy tờ này khỏi yêu cầu, hoặc ghi mã lý do (khong_khai_thac_duoc, thieu, khong_chinh_xac) trong nội dung yêu cầu, rồi gửi lại.",
        "Leave the paper out, or write a reason code (khong_khai_thac_duoc, thieu, khong_chinh_xac) in the text of the request; then push again.",
    ];
    /// Nobody with an identity number of their own asks.
    UnknownOfficer = "unknown-officer", 422, System, [
        "Không xác định được cán bộ", "Unknown officer",
        "Hệ thống chưa khai báo cán bộ này cùng số định danh cá nhân; không có cán bộ thì không được tra cứu.",
        "The system names no such officer with an identity number of their own; without an officer nothing is looked up.",
        "Người vận hành bổ sung cán bộ vào tệp cán bộ của hệ thống (officers_file), sau đó gửi lại.",
        "The operator adds the officer to the system's officers file; then ask again.",
    ];
    /// A code is in no code list.
    UnmappedCode = "unmapped-code", 422, Gateway, [
        "Mã chưa được ánh xạ", "Unmapped code",
        "Hồ sơ có mã chưa có trong danh mục dùng chung.",
        "The dossier has a code that is in no code list.",
        "Người vận hành cổng bổ sung mã vào danh mục, sau đó gửi lại.",
        "The gateway's operator adds the code to its list; then push again.",
    ];
    /// Members are missing, of the wrong type or unreadable.
    WrongShape = "wrong-shape", 422, System, [
        "Hồ sơ sai cấu trúc", "Wrong shape",
        "Hồ sơ có trường thiếu, sai kiểu hoặc không đọc được.",
        "The dossier has members that are missing, of the wrong type or unreadable.",
        "Sửa các trường được chỉ ra rồi gửi lại.",
        "Correct the members pointed at and push again.",
    ];
    /// The dossier does not fit its procedure, which takes no other.
    AgainstProcedure = "against-procedure", 422, System, [
        "Không đúng với thủ tục", "Against its procedure",
        "Hồ sơ không đúng với những gì thủ tục quy định.",
        "The dossier does not fit what its procedure asks for.",
        "Sửa các chỗ được chỉ ra theo /v1/procedures/{mã thủ tục} rồi gửi lại.",
        "Correct the places pointed at by /v1/procedures/{code} and push again.",
    ];
    /// The idempotency key was used with another body.
    KeyReused = "key-reused", 409, System, [
        "Khóa đã dùng cho nội dung khác", "Key used for another body",
        "Idempotency-Key này đã được dùng với một nội dung khác.",
        "This Idempotency-Key was used with another body.",
        "Dùng khóa mới cho nội dung mới, hoặc gửi lại đúng nội dung cũ.",
        "Use a new key for the new body, or push the old body unchanged.",
    ];
    /// The idempotency key cannot be one.
    BadKey = "bad-key", 400, System, [
        "Khóa không hợp lệ", "Bad key",
        "Idempotency-Key phải có 1 đến 200 ký tự ASCII in được.",
        "An Idempotency-Key has 1 to 200 printable ASCII characters.",
        "Gửi lại với khóa hợp lệ.",
        "Push again with a valid key.",
    ];
    /// The outbox or the disk is full.
    Full = "full", 503, Gateway, [
        "Cổng kết nối đang đầy", "Full",
        "Cổng kết nối tạm thời không nhận thêm; chưa có gì được ghi nhận.",
        "The gateway takes no more for the moment; nothing was acknowledged.",
        "Gửi lại sau thời gian nêu ở Retry-After.",
        "Push again after the time in Retry-After.",
    ];
    /// The array has too many dossiers.
    TooMany = "too-many", 413, System, [
        "Quá nhiều hồ sơ", "Too many dossiers",
        "Mảng gửi lên có nhiều hồ sơ hơn số được phép trong một lần.",
        "The array has more dossiers than one push may carry.",
        "Chia mảng thành nhiều lần gửi.",
        "Push the array in several parts.",
    ];
    /// The body is not XML.
    NotXml = "not-xml", 400, System, [
        "Không phải XML", "Not XML",
        "Nội dung gửi lên không phải là XML hợp lệ.",
        "The body is not valid XML.",
        "Sửa chỗ được chỉ ra rồi gửi lại.",
        "Correct the place pointed at and push again.",
    ];
    /// The body came too slowly.
    TooSlow = "too-slow", 408, System, [
        "Gửi quá chậm", "Too slow",
        "Nội dung không đến đủ trong thời gian cho phép; chưa có gì được ghi nhận.",
        "The body did not arrive in the time allowed; nothing was acknowledged.",
        "Gửi lại toàn bộ nội dung.",
        "Push the whole body again.",
    ];
    /// The caller is over its pace.
    TooFast = "too-fast", 429, System, [
        "Gửi quá nhanh", "Too fast",
        "Hệ thống gửi nhiều yêu cầu hơn mức được phép; chưa có gì được ghi nhận.",
        "The system sends more requests than it may; nothing was acknowledged.",
        "Gửi lại sau thời gian nêu ở Retry-After.",
        "Push again after the time in Retry-After.",
    ];
    /// No dossier of that number.
    UnknownDossier = "unknown-dossier", 404, System, [
        "Không có hồ sơ này", "Unknown dossier",
        "Cổng kết nối không có hồ sơ mang số này.",
        "The gateway holds no dossier of this number.",
        "Kiểm tra số hồ sơ, hoặc gửi hồ sơ trước.",
        "Check the number, or push the dossier first.",
    ];
    /// What is asked for was erased.
    Erased = "erased", 410, Gateway, [
        "Đã xóa", "Erased",
        "Dữ liệu này đã được xóa khỏi cổng kết nối; nhật ký còn ghi khi nào và theo căn cứ nào.",
        "This was erased from the gateway; the log tells when, and commits to why.",
        "Xem hồ sơ ở hệ thống của địa phương; gửi lại thì dùng khóa mới.",
        "See the dossier in its own system; to push it again, use a new key.",
    ];
    /// No exchange of that id.
    UnknownExchange = "unknown-exchange", 404, System, [
        "Không có lượt trao đổi này", "Unknown exchange",
        "Cổng kết nối không có lượt trao đổi mang mã này.",
        "The gateway holds no exchange of this id.",
        "Kiểm tra mã lượt trao đổi.",
        "Check the id of the exchange.",
    ];
    /// No callback of that id.
    UnknownCallback = "unknown-callback", 404, Gateway, [
        "Không có phản hồi này", "Unknown callback",
        "Cổng kết nối không giữ phản hồi nào mang mã này.",
        "The gateway holds no callback of this id.",
        "Kiểm tra mã phản hồi.",
        "Check the id of the callback.",
    ];
    /// Whose a callback is was not said, or said twice.
    NoOwner = "no-owner", 422, Gateway, [
        "Chưa rõ của ai", "Nobody was named",
        "Phải nêu đúng một trong hai: hồ sơ, hoặc hệ thống của tỉnh.",
        "Exactly one of a dossier and a provincial system must be named.",
        "Gửi lại với `dossier` hoặc `system`.",
        "Call again with `dossier` or with `system`.",
    ];
    /// Nothing is due for the dossier.
    NothingDue = "nothing-due", 409, System, payments::NOTHING_DUE;
    /// No payment of that reference.
    UnknownPayment = "unknown-payment", 404, System, payments::UNKNOWN;
    /// There is no fee receipt, or not yet.
    NoFeeReceipt = "no-fee-receipt", 404, Partner, payments::NO_FEE_RECEIPT;
    /// No payment platform is configured.
    NoPlatform = "no-platform", 501, Gateway, payments::NO_PLATFORM;
    /// No such file.
    UnknownFile = "unknown-file", 404, System, files::UNKNOWN;
    /// The file at this address is not here any more.
    FileGone = "file-gone", 410, System, files::GONE;
    /// The file has more bytes than are taken; further member `limit`.
    FileTooLarge = "file-too-large", 413, System, files::TOO_LARGE;
    /// A file without bytes.
    EmptyFile = "empty-file", 400, System, files::EMPTY;
    /// A dossier names a file that its system did not hand in.
    FileNotHere = "file-not-handed-in", 422, System, files::NOT_HERE;
    /// A dossier names a file in which malware was found.
    FileRefused = "file-refused", 422, System, files::REFUSED;
    /// Malware was found in the file: nobody is given it.
    FileHarmful = "file-harmful", 451, System, files::HARMFUL;
    /// The file was not scanned yet, and is held back until it is.
    FileHeld = "file-held", 503, Gateway, files::HELD;
    /// Nobody said how others reach this node.
    NoPublicAddress = "no-public-address", 501, Gateway, files::NO_ADDRESS;
    /// None of the bytes that are asked for are there.
    BadRange = "bad-range", 416, Partner, files::BAD_RANGE;
    /// The file is not as it was kept.
    FileBroken = "file-broken", 500, Gateway, files::BROKEN;
    /// The catalogue has no such procedure.
    UnlistedProcedure = "unlisted-procedure", 404, System, [
        "Không có thủ tục này", "No such procedure",
        "Danh mục không có thủ tục mang mã này.",
        "The catalogue has no procedure of this code.",
        "Kiểm tra mã thủ tục.",
        "Check the procedure's code.",
    ];
    /// Nothing is at this address.
    UnknownAddress = "unknown-address", 404, System, [
        "Không có địa chỉ này", "Unknown address",
        "Cổng kết nối không phục vụ địa chỉ này.",
        "The gateway has nothing at this address.",
        "Xem các địa chỉ tại /openapi.json.",
        "See /openapi.json for its addresses.",
    ];
    /// The address does not take this method.
    WrongMethod = "wrong-method", 405, System, [
        "Sai phương thức", "Wrong method",
        "Địa chỉ này không nhận phương thức HTTP đã dùng.",
        "This address does not take the HTTP method used.",
        "Dùng phương thức nêu ở Allow.",
        "Use a method named in Allow.",
    ];
    /// A parameter cannot be read.
    BadQuery = "bad-query", 400, System, [
        "Tham số không hợp lệ", "Bad parameter",
        "Một tham số của địa chỉ không đọc được.",
        "A parameter of the address cannot be read.",
        "Sửa tham số được nêu rồi gọi lại.",
        "Correct the parameter named and call again.",
    ];
    /// Only an operator may do this.
    OperatorOnly = "operator-only", 403, Gateway, [
        "Chỉ dành cho người vận hành", "Operators only",
        "Mã truy cập này không được làm việc của người vận hành.",
        "This token may not do an operator's work.",
        "Dùng mã truy cập của người vận hành.",
        "Use an operator's token.",
    ];
    /// An operator's act lacks its reason.
    NoReason = "no-reason", 422, Gateway, [
        "Thiếu lý do", "No reason given",
        "Thao tác của người vận hành phải có lý do để ghi vào nhật ký.",
        "An operator's act needs a reason, for the log.",
        "Gửi lại với lý do.",
        "Call again with a reason.",
    ];
    /// The exchange is not in a state for this.
    WrongState = "wrong-state", 409, Gateway, [
        "Không đúng trạng thái", "Wrong state",
        "Lượt trao đổi không ở trạng thái cho phép thao tác này.",
        "The exchange is not in a state that allows this.",
        "Xem trạng thái hiện tại của lượt trao đổi.",
        "Look at the present state of the exchange.",
    ];
    /// No checkpoint covers the exchange yet.
    NotYetProved = "not-yet-proved", 404, Gateway, [
        "Chưa có chứng minh", "No proof yet",
        "Lượt trao đổi chưa nằm trong điểm kiểm được ký nào.",
        "The exchange is not yet under a signed checkpoint.",
        "Gọi lại sau vài giây.",
        "Call again in a few seconds.",
    ];
    /// The node is going down.
    Stopping = "stopping", 503, Gateway, [
        "Đang dừng", "Stopping",
        "Cổng kết nối đang dừng; chưa có gì được ghi nhận.",
        "The gateway is stopping; nothing was acknowledged.",
        "Gửi lại sau thời gian nêu ở Retry-After.",
        "Push again after the time in Retry-After.",
    ];
    /// The gateway failed.
    Broken = "broken", 500, Gateway, [
        "Lỗi của cổng kết nối", "The gateway failed",
        "Cổng kết nối gặp lỗi; không chắc yêu cầu đã được ghi nhận.",
        "The gateway failed; it is not certain that the request was acknowledged.",
        "Gửi lại với cùng Idempotency-Key; người vận hành xem nhật ký của cổng.",
        "Push again with the same Idempotency-Key; the operator reads the gateway's log.",
    ];
}
