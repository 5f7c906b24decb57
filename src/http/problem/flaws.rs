//! What can be wrong at one place of a body, in both languages.

use super::Language;

/// Makes the flaws and their texts from one list.
macro_rules! flaws {
    ($($(#[$doc:meta])* $flaw:ident = $vi:literal, $en:literal;)+) => {
        /// What is wrong at one place of a body.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Flaw { $($(#[$doc])* $flaw),+ }

        const FLAWS: &[[&str; 2]] = &[$([$vi, $en]),+];
    };
}

impl Flaw {
    pub(in crate::http) fn text(self, language: Language) -> &'static str {
        FLAWS[self as usize][language.column()]
    }
}

flaws! {
    /// A required member is missing; the pointer says where it should stand.
    Missing = "Thiếu trường bắt buộc.", "A required member is missing or empty.";
    /// The value is of the wrong type.
    WrongType = "Sai kiểu dữ liệu.", "The value is of the wrong type.";
    /// Not a date and time.
    BadTime = "Không phải ngày giờ hợp lệ theo định dạng quy định.", "Not a valid date and time in the format due.";
    /// Not a date.
    BadDate = "Không phải ngày hợp lệ theo định dạng quy định.", "Not a valid date in the format due.";
    /// A code that its list does not have; further members `list` and `code`.
    UnknownCode = "Mã không có trong danh mục.", "The code is not in its code list.";
    /// Longer than allowed.
    TooLong = "Dài quá giới hạn cho phép.", "Longer than allowed.";
    /// Not a number.
    BadNumber = "Không phải số hợp lệ.", "Not a valid number.";
    /// The text contains the separator it is joined with.
    Separator = "Có chứa ký tự dùng để ngăn cách.", "It contains the separator.";
    /// Not the number of a dossier.
    DossierNumber = "Không phải mã hồ sơ hợp lệ.", "Not a dossier number.";
    /// Not a national procedure code.
    Procedure = "Không phải mã thủ tục quốc gia.", "Not a national procedure code.";
    /// A document inside a text that cannot be read.
    Document = "Nội dung lồng trong chuỗi không đọc được.", "The document inside the text cannot be read.";
    /// A list of more than 10,000.
    TooMany = "Danh sách quá dài.", "The list is too long.";
    /// Reading stopped here.
    NotJson = "Không đọc được từ đây.", "Reading stopped here.";
    /// The level too many begins here.
    TooDeep = "Cấp thứ 33 bắt đầu ở đây.", "The 33rd level begins here.";
    /// The member stands in the object already.
    DuplicateKey = "Trường này đã có trong đối tượng.", "This member stands in the object already.";
    /// A byte that is not UTF-8.
    NotUtf8 = "Byte này không thuộc UTF-8.", "This byte is not UTF-8.";
    /// Half a surrogate pair.
    LoneSurrogate = "Nửa cặp mã \\u đứng một mình.", "One half of a \\u pair stands alone.";
    /// Not of the form that the procedure asks for.
    Malformed = "Không đúng định dạng mà thủ tục yêu cầu.", "Not of the form that the procedure asks for.";
    /// None of the words that the procedure takes.
    Unlisted = "Không thuộc các giá trị mà thủ tục cho phép.", "None of the words that the procedure takes.";
    /// A paper that every dossier of the procedure needs; further member `code`.
    MissingPaper = "Thiếu giấy tờ bắt buộc của thủ tục.", "A paper that the procedure needs is missing.";
    /// A paper that the procedure does not have; further member `code`.
    UnknownPaper = "Giấy tờ không thuộc thành phần hồ sơ của thủ tục.", "The procedure takes no such paper.";
    /// A paper was brought that the state's data replace; further members `code` and `basis`.
    NeedlessPaper = "Giấy tờ đã được thay thế bằng dữ liệu, không phải nộp.", "The state's data replace this paper; it need not be brought.";
    /// A request asks for a paper that the state's data replace, without a reason; further members `code` and `basis`.
    AskedAgain = "Yêu cầu bổ sung giấy tờ đã được thay thế bằng dữ liệu mà không nêu mã lý do.", "A supplement request asks for what the state holds, and gives no reason code.";
    /// The procedure is not offered in this way.
    NotOffered = "Thủ tục không tiếp nhận qua kênh này.", "The procedure is not offered in this way.";
    /// Money of a kind that the procedure does not cost.
    UnknownFee = "Thủ tục không thu khoản này.", "The procedure does not cost such money.";
    /// Another amount than the procedure costs; further member `due`.
    OtherAmount = "Số tiền khác với mức của thủ tục.", "Another amount than the procedure costs.";
    /// A file that the system did not hand in; further members `fact` and `digest`.
    NotHandedIn = "Hệ thống chưa gửi tệp này.", "The system did not hand in this file.";
    /// A file in which malware was found; further members `fact` and `digest`.
    Harmful = "Phát hiện mã độc trong tệp này.", "Malware was found in this file.";
    /// Reading stopped here.
    NotXml = "Không đọc được từ đây.", "Reading stopped here.";
}
