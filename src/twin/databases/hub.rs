//! The hub of linked births and deaths: what it holds for the province, and the order of states that it insists on (§4.7).

use super::books::Act;
use super::call::{Asked, Call, Said, Told, Want as Wanted};
use super::fault::problem;
use super::form::is_moment;
use super::reply::{End, Reply, TEXT};
use super::service::Wish;
use super::{Databases, Inquiry, pdf};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{LazyLock, PoisonError};

/// What is wanted.
#[derive(Debug)]
pub(super) enum Want {
    List,
    Detail(String),
    Taken(String),
    State(Box<State>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Linked {
    id: u32,
    unit: u32,
    procedure: String,
    module: String,
    number: String,
    received: String,
    tech: String,
    data: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Taken {
    #[serde(rename = "maHoSo")]
    number: String,
    #[serde(rename = "daNhan")]
    taken: bool,
}

/// A state of a linked dossier.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    #[serde(rename = "maTTHC")]
    procedure: String,
    #[serde(rename = "soHoSoLT")]
    linked: String,
    #[serde(rename = "coQuanXuLy")]
    _by: u8,
    #[serde(rename = "maHoSo")]
    number: String,
    #[serde(rename = "trangThai")]
    state: u8,
    #[serde(rename = "thoiGianThucHien")]
    at: String,
    #[serde(rename = "ketQuaXuLy")]
    result: String,
    #[serde(rename = "nguoiXuLy")]
    officer: String,
    #[serde(rename = "chucDanh")]
    _title: String,
    #[serde(rename = "phongBanXuLy")]
    _room: String,
    #[serde(rename = "noiDungXuLy")]
    _content: String,
    #[serde(rename = "ghiChu", default)]
    _note: String,
    #[serde(rename = "ngayBatDau", default)]
    _from: String,
    #[serde(rename = "ngayKetThucTheoQuyDinh", default)]
    _until: String,
    #[serde(rename = "ngayHenTraTruoc", default)]
    _due: String,
    #[serde(rename = "ngayHenTraMoi", default)]
    _due_now: String,
    #[serde(rename = "hanBoSungHoSo", default)]
    _supplement: String,
}

static LINKED: LazyLock<Vec<Linked>> = LazyLock::new(|| super::rows(include_str!("hub.toml"), "linked"));

/// Reads a call of the hub.
pub(super) fn read(call: &Call<'_>, wish: Wish) -> Result<Asked, Told> {
    let (want, dossier) = match wish {
        Wish::Detail => (Want::Detail(call.more.to_owned()), String::new()),
        Wish::Taken => {
            let taken: Taken = serde_json::from_slice(call.body)
                .map_err(|_| wrong("$", "The JSON value could not be converted."))?;
            if !taken.taken {
                return Err(wrong("daNhan", "daNhan phải là true"));
            }
            (Want::Taken(taken.number.clone()), taken.number)
        }
        Wish::State => {
            let state: State = serde_json::from_slice(call.body)
                .map_err(|_| wrong("$", "The JSON value could not be converted."))?;
            check(&state)?;
            let dossier = state.number.clone();
            (Want::State(Box::new(state)), dossier)
        }
        Wish::List => (Want::List, String::new()),
    };
    let procedure = if let Want::State(state) = &want {
        state.procedure.clone()
    } else {
        String::new()
    };
    let note = Inquiry {
        dossier,
        procedure,
        ..Inquiry::default()
    };
    let want = Wanted::Hub(want);
    Ok(Asked { note, want })
}

fn check(state: &State) -> Result<(), Told> {
    if !(1..=7).contains(&state.state) {
        return Err(wrong("trangThai", "Trạng thái không hợp lệ"));
    }
    if !is_moment(&state.at) || state.number.is_empty() || state.officer.is_empty() {
        return Err(wrong("thoiGianThucHien", "Dữ liệu không hợp lệ"));
    }
    let result: Value = serde_json::from_str(&state.result).unwrap_or_default();
    if state.state == 4 && result.get("maGiayToKetQua").and_then(Value::as_str).is_none() {
        return Err(wrong("ketQuaXuLy", "Có lỗi trong ketQuaXuLy"));
    }
    Ok(())
}

fn wrong(field: &str, text: &str) -> Told {
    Told::new("invalid_input", Said::Ready(problem(400, field, text)))
}

fn said(class: &'static str, text: &str) -> Told {
    Told::new(class, Said::Ready(Reply::new(200, TEXT, text)))
}

impl Databases {
    /// How many dossiers are not acknowledged.
    pub(in crate::twin) fn lies_at_hub(&self) -> usize {
        self.books.look(|state| {
            let open = LINKED
                .iter()
                .filter(|linked| !state.hub.contains_key(&linked.number));
            open.count()
        })
    }

    pub(super) fn hub(&self, want: &Want, untidy: bool) -> Told {
        match want {
            Want::List => {
                let taken = self
                    .books
                    .look(|state| state.hub.keys().cloned().collect::<Vec<_>>());
                let open = LINKED.iter().filter(|linked| !taken.contains(&linked.number));
                let times = if untidy { 2 } else { 1 };
                let rows = open.flat_map(|linked| std::iter::repeat_n(row(linked), times));
                Told::json("ok", json!({"data": rows.collect::<Vec<_>>()}))
            }
            Want::Detail(id) => match LINKED.iter().find(|linked| linked.id.to_string() == *id) {
                Some(linked) => {
                    let changed = untidy && !self.is_first("detail", &linked.number);
                    Told::json("match", json!({"data": whole(linked, changed)}))
                }
                None => Told::new(
                    "no_match",
                    Said::Ready(problem(404, "id", "Không tìm thấy hồ sơ")),
                ),
            },
            Want::Taken(number) if untidy && self.is_first("taken", number) => self.hub_lost(number),
            Want::Taken(number) => self.hub_taken(number),
            Want::State(state) => self.hub_state(state),
        }
    }

    /// Whether the hub is asked so about this dossier for the first time.
    fn is_first(&self, what: &'static str, number: &str) -> bool {
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        once.insert((what, number.to_owned()))
    }

    /// A first acknowledgement that is lost: of every second dossier before it is taken, of the others after.
    fn hub_lost(&self, number: &str) -> Told {
        let id = LINKED
            .iter()
            .find(|linked| linked.number == number)
            .map_or(0, |linked| linked.id);
        if id % 2 == 1 {
            let reply = Reply::new(502, TEXT, "bad gateway");
            return Told::new("upstream_unavailable", Said::Ready(reply));
        }
        let told = self.hub_taken(number);
        let reply = Reply::new(200, TEXT, "Cập nhật thành công").ending(End::Cut(3));
        Told::new(told.class, Said::Ready(reply))
    }

    fn hub_taken(&self, number: &str) -> Told {
        if !LINKED.iter().any(|linked| linked.number == number) {
            return wrong("maHoSo", "Hồ sơ không tồn tại");
        }
        let (new, _) = self.books.write(|state| {
            let new = !state.hub.contains_key(number);
            let number = number.to_owned();
            (
                if new {
                    vec![Act::Taken { number }]
                } else {
                    Vec::new()
                },
                new,
            )
        });
        said(if new { "ok" } else { "duplicate" }, "Cập nhật thành công")
    }

    /// 1 → 3 → 7 → 4 → 5, with 2 and 6 beside; what comes too early is told so in words.
    fn hub_state(&self, asked: &State) -> Told {
        let (told, _) = self.books.write(|state| {
            let before = state.hub.get(&asked.linked).cloned().unwrap_or_default();
            let told = judge(&before, asked.state);
            let act = Act::State {
                number: asked.linked.clone(),
                state: asked.state,
            };
            (if told.class == "ok" { vec![act] } else { Vec::new() }, told)
        });
        told
    }
}

fn judge(before: &[u8], state: u8) -> Told {
    let has = |wanted: u8| before.contains(&wanted);
    let early = |missing: u8| {
        said(
            "upstream_out_of_order",
            &format!("Hồ sơ chưa cập nhật trạng thái {missing}"),
        )
    };
    match state {
        _ if !has(0) => said(
            "upstream_out_of_order",
            "Hồ sơ chưa được gửi không thể cập nhật trạng thái",
        ),
        _ if has(6) => said("duplicate", "Hồ sơ đã bị từ chối. Không thể cập nhật trạng thái"),
        _ if has(state) => said("duplicate", "Hồ sơ đã tồn tại trong một cửa điện tử"),
        4 if ![1, 3, 7].into_iter().all(has) => illogical(),
        5 if !has(4) => illogical(),
        1 => done(),
        _ if !has(1) => early(1),
        7 if !has(3) => early(3),
        _ => done(),
    }
}

fn illogical() -> Told {
    let reply = problem(400, "trangThai", "Logic xử lý không hợp lệ");
    Told::new("upstream_rejected", Said::Ready(reply))
}

fn done() -> Told {
    said("ok", "Cập nhật trạng thái thành công")
}

fn row(linked: &Linked) -> Value {
    json!({
        "id": linked.id, "maDonVi": linked.unit, "maTTHC": linked.procedure, "module": linked.module,
        "maHoSo": linked.number, "ngayTiepNhan": linked.received, "techId": linked.tech,
    })
}

/// XML as a text inside JSON, and a file beside it.
fn whole(linked: &Linked, changed: bool) -> Value {
    let data = linked.data.trim();
    let data = if changed {
        data.replace(
            "</hoTich>",
            "<nycSoDienThoai>0000000009</nycSoDienThoai></hoTich>",
        )
    } else {
        data.to_owned()
    };
    let file = json!({
        "id": 1, "loaiGiayTo": 1, "tenGiayTo": "Giấy chứng sinh", "tenTepDinhKem": "giay-to.pdf", "huyGiayTo": 0,
        "duLieuTepDinhKem": pdf::page(&linked.number),
    });
    json!({
        "maDonVi": linked.unit, "maTTHC": linked.procedure, "module": linked.module, "maHoSo": linked.number,
        "ngayTiepNhan": linked.received, "techId": linked.tech,
        "data": format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{data}"), "fileDinhKem": [file],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_go_in_order_and_the_words_say_what_to_do() {
        for (before, state, class) in [
            (&[][..], 1, "upstream_out_of_order"),
            (&[0], 1, "ok"),
            (&[0], 3, "upstream_out_of_order"),
            (&[0, 1], 7, "upstream_out_of_order"),
            (&[0, 1, 3], 7, "ok"),
            (&[0, 1], 4, "upstream_rejected"),
            (&[0, 1, 3], 4, "upstream_rejected"),
            (&[0, 1, 3, 7], 4, "ok"),
            (&[0, 1, 3, 7], 5, "upstream_rejected"),
            (&[0, 1, 3, 7, 4], 5, "ok"),
            (&[0, 1, 3], 3, "duplicate"),
            (&[0, 1, 6], 3, "duplicate"),
            (&[0, 1], 2, "ok"),
        ] {
            assert_eq!(judge(before, state).class, class, "{before:?} {state}");
        }
    }
}
