//! Driving licences: everything through one end, with a session in each body (§6.6, T7).

use super::call::{Asked, Call, Told, Want as Wanted};
use super::{Databases, Inquiry, pdf, token};
use crate::twin::session::Standing;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// What is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Want {
    session: String,
    service: String,
    #[serde(rename = "donViXuLy")]
    agency: String,
    #[serde(rename = "ngayNhan1", default)]
    from: String,
    #[serde(rename = "ngayNhan2", default)]
    until: String,
    #[serde(rename = "mahoso", default)]
    dossier: String,
    #[serde(rename = "duongdanteptin", default)]
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Licence {
    dossier: String,
    owner: String,
    number: String,
    series: String,
    class: String,
    issued: String,
    until: String,
    received: String,
}

static LICENCES: LazyLock<Vec<Licence>> =
    LazyLock::new(|| super::rows(include_str!("papers.toml"), "licence"));

impl Databases {
    /// Reads a body and spends its session.
    pub(super) fn licence_asked(&self, call: &Call<'_>, now: u64) -> Result<Asked, Told> {
        let want: Want =
            serde_json::from_slice(call.body).map_err(|_| refused(call, "Dữ liệu không đúng định dạng"))?;
        if self.tokens.spend(token::MAPI, &want.session, now) != Standing::Valid {
            let body = json!({"error_code": call.code(-1), "message": "Phiên làm việc hết hạn"});
            return Err(Told::json("upstream_auth", body));
        }
        let owner = LICENCES.iter().find(|one| one.dossier == want.dossier);
        let note = Inquiry {
            dossier: want.dossier.clone(),
            agency: want.agency.clone(),
            subject: owner.map(|one| one.owner.clone()).unwrap_or_default(),
            ..Inquiry::default()
        };
        let want = Wanted::Licence(want);
        Ok(Asked { note, want })
    }

    pub(super) fn licence(&self, call: &Call<'_>, want: &Want) -> Told {
        match want.service.as_str() {
            "DanhSachHoSo" => {
                let within = |one: &&Licence| want.from <= one.received && one.received <= want.until;
                let rows: Vec<Value> = LICENCES
                    .iter()
                    .filter(within)
                    .map(|one| self.licensed(one))
                    .collect();
                Told::json("ok", json!({"data": rows, "error_code": call.code(0)}))
            }
            "TraCuuHoSo" => match LICENCES.iter().find(|one| one.dossier == want.dossier) {
                Some(one) => Told::json(
                    "match",
                    json!({"data": self.licence_state(one), "error_code": call.code(0)}),
                ),
                None => Told::json("no_match", json!({"data": null, "error_code": call.code(0)})),
            },
            "LayTaiLieuHoSo" => {
                let file =
                    json!({"Base64": pdf::page("GPLX"), "DuongDan": want.path, "TenTaiLieu": "tai-lieu.pdf"});
                Told::json("ok", json!({"error_code": call.code(0), "TepTinDinhKem": [file]}))
            }
            _ => refused(call, "Dịch vụ không được hỗ trợ"),
        }
    }

    fn licensed(&self, one: &Licence) -> Value {
        let owner = self.people.numbered(&one.owner);
        let name = owner.as_ref().map(|owner| owner.name.clone()).unwrap_or_default();
        json!({
            "maHoSo": one.dossier, "hoTen": name, "soCmnd": one.owner, "ngaySinh": owner.map(|owner| owner.born.clone()),
            "ngayNhanHoSo": one.received, "gplxDaCap": [{
                "sogplx": one.number, "soserigplx": one.series, "noicapgplx": "Cơ quan mẫu", "ngaycapgplx": one.issued,
                "ngayhethangplx": one.until, "hanggplxgplx": one.class, "ngaytrungtuyen": one.issued,
            }],
            "hoSoDinhKem": [],
        })
    }

    fn licence_state(&self, one: &Licence) -> Value {
        let owner = self.people.numbered(&one.owner).map(|owner| owner.name.clone());
        json!({
            "MaTTHC": "1.002809", "MaDVC": "1.002809", "TenDVC": "Đổi giấy phép lái xe", "MaHoSo": one.dossier,
            "HoTenNguoiNop": owner, "MaTrangThai": "4", "TrangThaiHoSo": "Đang xử lý", "DonViXuLy": "Cơ quan mẫu",
            "MaDonViXuLy": "H99.14", "NgayNop": one.received, "NgayTiepNhan": one.received, "NgayHenTra": "",
            "HinhThucNhanKQ": "0",
        })
    }
}

fn refused(call: &Call<'_>, text: &str) -> Told {
    Told::json(
        "invalid_input",
        json!({"error_code": call.code(-1), "message": text}),
    )
}
