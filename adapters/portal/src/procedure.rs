//! What the catalogue says about a procedure (§2.1): read from a [`wire::Reading`]'s result.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::json;

/// One procedure, as `LayThuTuc` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// National code (`MATTHC`); some catalogues append the agency (§5.3).
    pub code: String,
    /// Name (`TENTTHC`).
    pub name: String,
    /// Publishing agency (`MACOQUANCONGBO`); blank where not said.
    pub agency: String,
    /// Its field: the first of `LINHVUCTHUCHIEN`, which every dossier repeats.
    pub field: Entry,
    /// The papers it asks for, case after case.
    pub components: Vec<Component>,
    /// The papers that come out of it (`KETQUATHUCHIEN`).
    pub results: Vec<Entry>,
}

/// A code and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

/// One paper that a procedure asks for (`GIAYTO`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// The case it belongs to (`TRUONGHOP`); blank where there is one case.
    pub case: String,
    /// Code (`MAGIAYTO`).
    pub code: String,
    /// Name (`TENGIAYTO`).
    pub name: String,
    /// Code of the result that may replace it (`MA_KQ_THAYTHE`).
    pub replaced_by: Option<String>,
}

/// Why a result of the catalogue cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is not a JSON array of objects.
    #[error("the result is not a JSON array of objects")]
    Form,
    /// It is empty: the portal does not know this procedure.
    #[error("the result is empty")]
    Empty,
    /// Something that every dossier must repeat is missing; an empty one is not sent (§2.1.2).
    #[error("`{0}` is missing or blank")]
    Lacks(&'static str),
}

impl Procedure {
    /// Reads the result of the operation `procedure`.
    pub fn read(result: &[u8]) -> Result<Self, Unread> {
        let rows: Vec<Value> = serde_json::from_slice(result).map_err(|_| Unread::Form)?;
        let row = rows.first().ok_or(Unread::Empty)?;
        if !row.is_object() {
            return Err(Unread::Form);
        }
        let field = entries(row, "LINHVUCTHUCHIEN", ["MALINHVUC", "TENLINHVUC"])
            .into_iter()
            .next();
        Ok(Procedure {
            code: needed(row, "MATTHC")?,
            name: needed(row, "TENTTHC")?,
            agency: text(row, "MACOQUANCONGBO"),
            field: field
                .filter(|field| !field.code.is_empty())
                .ok_or(Unread::Lacks("LINHVUCTHUCHIEN"))?,
            components: list(row, "THANHPHANHOSO").iter().flat_map(components).collect(),
            results: entries(row, "KETQUATHUCHIEN", ["MAKETQUA", "TENKETQUA"]),
        })
    }
}

impl Entry {
    /// Reads the result of the operation `procedures`.
    pub fn procedures(result: &[u8]) -> Result<Vec<Self>, Unread> {
        Entry::listed(result, ["MATTHC", "TENTTHC"])
    }

    /// Reads the result of the operation `fields`.
    pub fn fields(result: &[u8]) -> Result<Vec<Self>, Unread> {
        Entry::listed(result, ["MALINHVUC", "TENLINHVUC"])
    }

    fn listed(result: &[u8], names: [&'static str; 2]) -> Result<Vec<Self>, Unread> {
        let rows: Vec<Value> = serde_json::from_slice(result).map_err(|_| Unread::Form)?;
        let all: Vec<Self> = rows.iter().map(|row| Entry::new(row, names)).collect();
        let whole = all.iter().all(|entry| !entry.code.is_empty());
        if whole {
            Ok(all)
        } else {
            Err(Unread::Lacks(names[0]))
        }
    }

    fn new(row: &Value, [code, name]: [&str; 2]) -> Self {
        Entry {
            code: text(row, code),
            name: text(row, name),
        }
    }
}

fn components(case: &Value) -> Vec<Component> {
    let component = |paper: &Value| Component {
        case: text(case, "TRUONGHOP"),
        code: text(paper, "MAGIAYTO"),
        name: text(paper, "TENGIAYTO"),
        replaced_by: Some(text(paper, "MA_KQ_THAYTHE")).filter(|code| !code.is_empty()),
    };
    list(case, "GIAYTO").iter().map(component).collect()
}

fn entries(row: &Value, name: &str, names: [&str; 2]) -> Vec<Entry> {
    list(row, name).iter().map(|row| Entry::new(row, names)).collect()
}

fn list<'a>(row: &'a Value, name: &str) -> &'a [Value] {
    row.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn needed(row: &Value, name: &'static str) -> Result<String, Unread> {
    Some(text(row, name))
        .filter(|text| !text.is_empty())
        .ok_or(Unread::Lacks(name))
}

fn text(row: &Value, name: &str) -> String {
    row.get(name)
        .and_then(json::scalar)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULT: &str = r#"[{"ID":15234,"MATTHC":"1.001234","TENTTHC":"Cấp giấy phép thử nghiệm",
        "MACOQUANCONGBO":"000.00.00.G22","LINHVUCTHUCHIEN":[{"MALINHVUC":"G99-TN01","TENLINHVUC":"Thử nghiệm"}],
        "THANHPHANHOSO":[{"TRUONGHOP":"","GIAYTO":[{"MAGIAYTO":"000.00.00.G99-KQ000001","TENGIAYTO":"Đơn đề nghị",
        "MA_KQ_THAYTHE":""},{"MAGIAYTO":"","TENGIAYTO":"Bản sao","MA_KQ_THAYTHE":"KQ.G99.000002"}]}],
        "KETQUATHUCHIEN":[{"MAKETQUA":"KQ.G99.000001","TENKETQUA":"Giấy phép thử nghiệm"}]}]"#;

    #[test]
    fn a_procedure_is_read_with_its_field_components_and_results() {
        let read = Procedure::read(RESULT.as_bytes()).unwrap();
        assert_eq!(
            (read.code.as_str(), read.field.code.as_str()),
            ("1.001234", "G99-TN01")
        );
        let papers: Vec<_> = read
            .components
            .iter()
            .map(|c| (c.name.as_str(), c.replaced_by.as_deref()))
            .collect();
        assert_eq!(
            papers,
            [("Đơn đề nghị", None), ("Bản sao", Some("KQ.G99.000002"))]
        );
        assert_eq!(
            read.results,
            [Entry {
                code: "KQ.G99.000001".into(),
                name: "Giấy phép thử nghiệm".into()
            }]
        );
        let stored = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Procedure>(&stored).unwrap(), read);
    }

    #[test]
    fn an_empty_or_half_procedure_is_not_one() {
        assert_eq!(Procedure::read(b"[]"), Err(Unread::Empty));
        assert_eq!(Procedure::read(b"{}"), Err(Unread::Form));
        assert_eq!(Procedure::read(b"[1]"), Err(Unread::Form));
        let nameless = RESULT.replace("Cấp giấy phép thử nghiệm", " ");
        assert_eq!(
            Procedure::read(nameless.as_bytes()),
            Err(Unread::Lacks("TENTTHC"))
        );
        let fieldless = RESULT.replace("G99-TN01", "");
        assert_eq!(
            Procedure::read(fieldless.as_bytes()),
            Err(Unread::Lacks("LINHVUCTHUCHIEN"))
        );
        assert_eq!(
            Entry::procedures(br#"[{"TENTTHC":"a"}]"#),
            Err(Unread::Lacks("MATTHC"))
        );
        assert_eq!(
            Entry::fields(br#"[{"MALINHVUC":"G03-GD10","TENLINHVUC":"a"}]"#)
                .unwrap()
                .len(),
            1
        );
    }
}
