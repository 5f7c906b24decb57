//! The portal's catalogue: the procedures, fields and agencies that the twin knows (§2.1).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// One procedure as the portal publishes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// National code, `MATTHC`.
    pub code: String,
    /// Published name, `TENTTHC`.
    pub name: String,
    /// Code of its field, `MALINHVUC`.
    pub field: String,
    /// Name of its field, `TENLINHVUC`.
    pub field_name: String,
    /// Level that performs it, `CAPTHUCHIEN` (§4.6).
    pub level: String,
    /// Time limit in working days.
    pub days: String,
    /// Fee as free text, `SOTIEN`.
    pub fee: String,
    /// Required papers: `MAGIAYTO`, `TENGIAYTO`, `MA_KQ_THAYTHE`.
    pub papers: Vec<[String; 3]>,
    /// Results: `MAKETQUA`, `TENKETQUA`.
    pub results: Vec<[String; 2]>,
}

/// The procedures of the twin's catalogue, in the order of its file.
pub fn procedures() -> &'static [Procedure] {
    &FILE.procedure
}

/// The catalogue, ready to be asked: each answer is written once.
#[derive(Debug)]
pub(super) struct Catalogue {
    one: HashMap<&'static str, (&'static Procedure, Box<RawValue>)>,
    all: Box<RawValue>,
    fields: Box<RawValue>,
    agencies: Box<RawValue>,
}

impl Catalogue {
    pub(super) fn read() -> Result<Catalogue, serde_json::Error> {
        let mut one = HashMap::new();
        for procedure in procedures() {
            let shown = raw(&json!([shown(procedure)]))?;
            one.insert(procedure.code.as_str(), (procedure, shown));
        }
        let all: Vec<Value> = procedures()
            .iter()
            .map(|p| json!({"MATTHC": p.code, "TENTTHC": p.name}))
            .collect();
        let agencies: Vec<Value> = (FILE.agencies.iter())
            .map(|[code, name, level]| json!({"MADONVI": code, "TENDONVI": name, "CAPDONVI": level}))
            .collect();
        Ok(Catalogue {
            one,
            all: raw(&all)?,
            fields: raw(&fields())?,
            agencies: raw(&agencies)?,
        })
    }

    pub(super) fn procedure(&self, code: &str) -> Option<&'static Procedure> {
        self.one.get(code).map(|(procedure, _)| *procedure)
    }

    /// The whole procedure as LayThuTuc answers it.
    pub(super) fn shown(&self, code: &str) -> Option<&RawValue> {
        self.one.get(code).map(|(_, shown)| &**shown)
    }

    pub(super) fn all(&self) -> &RawValue {
        &self.all
    }

    pub(super) fn fields(&self) -> &RawValue {
        &self.fields
    }

    pub(super) fn agencies(&self) -> &RawValue {
        &self.agencies
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    agencies: Vec<[String; 3]>,
    procedure: Vec<Procedure>,
}

// The file is compiled in and read by a test below, so an empty catalogue cannot be shipped.
static FILE: LazyLock<File> = LazyLock::new(|| toml::from_str(SOURCE).unwrap_or_default());

const SOURCE: &str = include_str!("catalogue.toml");

fn raw(value: &impl serde::Serialize) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::value::to_raw_value(value)
}

fn fields() -> Vec<Value> {
    let mut seen: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for procedure in procedures() {
        if !seen.contains(&procedure.field.as_str()) {
            seen.push(&procedure.field);
            rows.push(json!({
                "MALINHVUC": procedure.field, "TENLINHVUC": procedure.field_name, "MANGANH": "G99"
            }));
        }
    }
    rows
}

fn shown(procedure: &Procedure) -> Value {
    let papers: Vec<Value> = (procedure.papers.iter())
        .map(|[code, name, instead]| {
            json!({"MAGIAYTO": code, "TENGIAYTO": name, "SOBANCHINH": "1", "SOBANSAO": "0",
                   "TENMAUDON": "", "URL": "", "MA_KQ_THAYTHE": instead})
        })
        .collect();
    let results: Vec<Value> = (procedure.results.iter())
        .map(|[code, name]| json!({"MAKETQUA": code, "TENKETQUA": name, "TENTEP": "", "URL": ""}))
        .collect();
    let time = |fees: Value| json!([{"THOIGIANGIAIQUYET": procedure.days, "DONVITINH": "Ngày làm việc", "MOTA": "", "PHILEPHI": fees}]);
    let fee = json!([{"MAPHILEPHI": "2", "SOTIEN": procedure.fee, "DONVI": "Đồng", "MOTA": "Lệ phí",
                      "TENTEP": "", "URL": ""}]);
    json!({
        "ID": procedure.code.replace('.', ""),
        "MATTHC": procedure.code,
        "TENTTHC": procedure.name,
        "MACOQUANCONGBO": "000.00.00.G22",
        "LOAITTHC": "1",
        "TRANGTHAI": "1",
        "CAPTHUCHIEN": [{"CAPTHUCHIEN": procedure.level, "TENCAP": level(&procedure.level)}],
        "LINHVUCTHUCHIEN": [{"MALINHVUC": procedure.field, "TENLINHVUC": procedure.field_name}],
        "CACHTHUCTHUCHIEN": [{"KENH": "1", "THOIGIAN": time(fee)}, {"KENH": "2", "THOIGIAN": time(json!([]))}],
        "DOITUONGTHUCHIEN": [{"MADOITUONG": "1", "TENDOITUONG": "Công dân Việt Nam"}],
        "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": papers}],
        "KETQUATHUCHIEN": results,
        "CANCUPHAPLY": [], "TTHCLIENQUAN": [], "TTHCLIENTHONG": [],
        "COQUANTHUCHIEN": [{"MADONVI": "000.00.14.H99", "TENDONVI": "Sở Thử nghiệm tỉnh Mẫu"}],
    })
}

fn level(code: &str) -> &'static str {
    match code {
        "0" => "Cấp Bộ",
        "1" => "Cấp Tỉnh",
        "2" => "Cấp Huyện",
        _ => "Cấp Xã",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_each_procedure_is_complete() {
        let file: File = toml::from_str(SOURCE).unwrap();
        assert!(file.procedure.len() >= 17);
        for procedure in &file.procedure {
            assert!(
                !procedure.papers.is_empty() && !procedure.results.is_empty(),
                "{}",
                procedure.code
            );
        }
        let catalogue = Catalogue::read().unwrap();
        for code in [
            "1.001234", "2.000123", "3.000181", "1.003003", "2.002622", "1.990873", "2.000986", "1.005092",
            "1.001193", "1.000656", "1.004873", "1.000894", "1.004222", "1.001612", "3.000333", "1.013833",
            "3.000347", "2.000033",
        ] {
            assert!(
                catalogue.shown(code).unwrap().get().contains("KETQUATHUCHIEN"),
                "{code}"
            );
        }
        assert!(catalogue.procedure("9.999999").is_none());
        assert_eq!(catalogue.fields().get().matches("MALINHVUC").count(), 13);
    }
}
