//! What a caller in the shape P3 hears (portal.md §1.7): `{code, message, data}` under the same HTTP status.

use serde_json::{Value, json};
use wire::callback::{Callback, End, Reply};

pub(super) fn reply(door: &str, callback: Option<&Callback>, end: End<'_>) -> Reply {
    let (code, message) = match end {
        End::Taken | End::Kept => (200, "Thành công".to_owned()),
        End::Unread(why) => (400, format!("Dữ liệu không hợp lệ: {why}")),
        End::Conflict => (400, "Hồ sơ đã tồn tại".to_owned()),
        End::Closed => (400, "Hồ sơ không ở trạng thái bổ sung".to_owned()),
        // 404 is for an address that is not there.
        End::UnknownDossier => (400, "Hồ sơ không tồn tại".to_owned()),
        End::UnknownProcedure => (400, "Thủ tục hành chính không tồn tại".to_owned()),
        End::Differs | End::Found(_) => (400, "Không thực hiện được".to_owned()),
        End::Forged => (401, "Không được xác thực".to_owned()),
        End::Busy => (503, "Hệ thống bận, vui lòng thử lại".to_owned()),
    };
    let number = callback.filter(|_| code == 200 && door == "dossier");
    let filed = number.and_then(|callback| callback.number.as_deref());
    // The number is the only id that both ends have.
    let filed = filed.map_or(
        Value::Null,
        |number| json!({ "idHoSo": number, "maHoSo": number }),
    );
    Reply::json(code, &json!({ "code": code, "message": message, "data": filed }))
}
