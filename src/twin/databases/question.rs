//! What is asked of the population database: the fields of each of its services, in their order (§2.4, §2.6).

use super::citizen::REQUEST;
use super::soap::{Node, Wrong, wrong};
use serde_json::{Map, Value};

/// A service of the population database, by the root of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// TraCuuThongTinCongDan, 037.
    Citizen,
    /// XacThucThongTinCongDan of the older clients, 033 or 003.
    Exists,
    /// XacThucThongTinCongDanRequest of 2023, 033.
    ExistsNewer,
    /// XacMinhThongTinNhanThan.
    Parents,
}

/// A question whose fields are all as they should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) request: String,
    pub(super) procedure: String,
    pub(super) officer: String,
    pub(super) agency: String,
    /// Twelve digits, or empty.
    pub(super) number: String,
    /// Nine digits, or empty.
    pub(super) old: String,
    pub(super) name: String,
    /// `yyyyMMdd` or `yyyy`; the service of 2023 does not ask for it.
    pub(super) born: Option<String>,
}

/// What a field is like.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// A text of at most so many characters.
    Max(usize),
    /// At most so many digits.
    Digits(usize),
    /// Exactly so many digits, or empty.
    Number(usize),
    /// A group of a day or a year.
    Group,
    /// A day or a year as plain text.
    Day,
}

/// A field, and whether it must be there.
type Slot = (&'static str, Rule, bool);

const CITIZEN: &[Slot] = &[
    ("MaYeuCau", Rule::Max(40), true),
    ("MaDVC", Rule::Max(20), true),
    ("MaTichHop", Rule::Digits(20), true),
    ("MaCanBo", Rule::Max(20), true),
    ("MaDonVi", Rule::Max(35), false),
    ("TaiKhoan", Rule::Max(100), false),
    ("SoDienThoai", Rule::Max(20), false),
    ("SoDinhDanh", Rule::Number(12), false),
    ("SoCMND", Rule::Number(9), false),
    ("HoVaTen", Rule::Max(100), true),
    ("NgayThangNamSinh", Rule::Group, true),
];

const EXISTS: &[Slot] = &[
    ("MaYeuCau", Rule::Max(40), true),
    ("MaDVC", Rule::Max(20), true),
    ("MaTichHop", Rule::Digits(20), true),
    ("MaCanBo", Rule::Max(20), true),
    ("SoDinhDanh", Rule::Number(12), false),
    ("SoCMND", Rule::Number(9), false),
    ("HoVaTen", Rule::Max(100), true),
    ("NgayThangNamSinh", Rule::Group, true),
];

const EXISTS_NEWER: &[Slot] = &[
    ("MaYeuCau", Rule::Max(40), true),
    ("MaDichVu", Rule::Max(20), true),
    ("MaCanBo", Rule::Max(20), true),
    ("SoDinhDanh", Rule::Number(12), false),
    ("SoCMND", Rule::Number(9), false),
    ("HoVaTen", Rule::Max(100), true),
];

const PARENTS: &[Slot] = &[
    ("MaYeuCau", Rule::Max(40), true),
    ("MaDVC", Rule::Max(20), true),
    ("MaTichHop", Rule::Digits(20), true),
    ("MaDonVi", Rule::Max(35), true),
    ("MaCanBo", Rule::Max(20), true),
    ("SoDinhDanh", Rule::Number(12), false),
    ("SoCMND", Rule::Number(9), false),
    ("HoVaTen", Rule::Max(100), true),
    ("NgayThangNamSinh", Rule::Day, true),
];

impl Kind {
    fn root(self) -> &'static str {
        match self {
            Kind::Citizen => "TraCuuThongTinCongDan",
            Kind::Exists => "XacThucThongTinCongDan",
            Kind::ExistsNewer => "XacThucThongTinCongDanRequest",
            Kind::Parents => "XacMinhThongTinNhanThan",
        }
    }

    fn slots(self) -> &'static [Slot] {
        match self {
            Kind::Citizen => CITIZEN,
            Kind::Exists => EXISTS,
            Kind::ExistsNewer => EXISTS_NEWER,
            Kind::Parents => PARENTS,
        }
    }

    /// The codes that `MaTichHop` may have; nobody knows that of the last service.
    fn codes(self) -> &'static [&'static str] {
        match self {
            Kind::Citizen => &["037"],
            Kind::Exists | Kind::ExistsNewer => &["033", "003"],
            Kind::Parents => &[],
        }
    }
}

/// Fields by their name, in the order they came.
type Values = Vec<(&'static str, String)>;

/// The root of a body, read as one of these services: names, namespace, order.
pub(super) fn of_xml(root: &Node, kinds: &[Kind]) -> Result<(Kind, Question), Wrong> {
    let kind = kinds.iter().find(|kind| kind.root() == root.name);
    let kind = *kind.ok_or_else(|| wrong("ROOT", format!("{} is not a service of this path", root.name)))?;
    let mut values = Values::new();
    let mut slots = kind.slots().iter();
    check_space(root)?;
    for child in &root.children {
        check_space(child)?;
        let Some((name, rule, _)) = slots.find(|(name, ..)| *name == child.name) else {
            return Err(misplaced(kind, &child.name));
        };
        match rule {
            Rule::Group => values.push(born_group(child)?),
            Rule::Max(_) | Rule::Digits(_) | Rule::Number(_) | Rule::Day if child.children.is_empty() => {
                values.push((name, child.text.clone()));
            }
            Rule::Max(_) | Rule::Digits(_) | Rule::Number(_) | Rule::Day => {
                return Err(wrong("NOT_A_TEXT", format!("{name} holds a text only")));
            }
        }
    }
    Ok((kind, build(kind, values, &[])?))
}

fn check_space(node: &Node) -> Result<(), Wrong> {
    if node.space == REQUEST {
        Ok(())
    } else {
        Err(wrong("NAMESPACE", format!("{} is not of {REQUEST}", node.name)))
    }
}

fn misplaced(kind: Kind, name: &str) -> Wrong {
    if kind.slots().iter().any(|(known, ..)| *known == name) {
        wrong(
            "ORDER",
            format!("{name} stands where the order does not allow it"),
        )
    } else {
        wrong(
            "UNKNOWN_ELEMENT",
            format!("{name} is not an element of {}", kind.root()),
        )
    }
}

/// Exactly one of a day and a year.
fn born_group(node: &Node) -> Result<(&'static str, String), Wrong> {
    let mut parts = node.children.iter();
    let (Some(only), None) = (parts.next(), parts.next()) else {
        return Err(wrong(
            "BIRTH",
            "NgayThangNamSinh holds exactly one of NgayThangNam and Nam",
        ));
    };
    check_space(only)?;
    match only.name.as_str() {
        "NgayThangNam" => Ok(("NgayThangNam", only.text.clone())),
        "Nam" => Ok(("Nam", only.text.clone())),
        _ => Err(wrong("BIRTH", "NgayThangNamSinh holds NgayThangNam or Nam")),
    }
}

/// How a province writes the fields flat: its name for each, and what its way does not carry at all.
pub(super) struct Flat {
    pub(super) names: &'static [(&'static str, &'static str)],
    pub(super) lacks: &'static [&'static str],
}

/// A flat object or query, read as a service.
pub(super) fn of_flat(kind: Kind, flat: &Flat, members: &Map<String, Value>) -> Result<Question, Wrong> {
    let mut values = Values::new();
    for (key, value) in members {
        if let (true, Value::Object(group)) = (key == "NgayThangNamSinh", value) {
            values.push(born_object(group)?);
            continue;
        }
        let Some((_, name)) = flat.names.iter().find(|(theirs, _)| theirs == key) else {
            return Err(wrong(
                "UNKNOWN_FIELD",
                format!("{key} is not a field of this service"),
            ));
        };
        match value.as_str() {
            Some("") => {}
            Some(text) => values.push((name, text.to_owned())),
            None => return Err(wrong("NOT_A_TEXT", format!("{key} is not a text"))),
        }
    }
    build(kind, values, flat.lacks)
}

fn born_object(group: &Map<String, Value>) -> Result<(&'static str, String), Wrong> {
    let one = |name: &str| group.get(name).and_then(Value::as_str);
    match (one("NgayThangNam"), one("Nam"), group.len()) {
        (Some(day), None, 1) => Ok(("NgayThangNam", day.to_owned())),
        (None, Some(year), 1) => Ok(("Nam", year.to_owned())),
        _ => Err(wrong(
            "BIRTH",
            "NgayThangNamSinh holds exactly one of NgayThangNam and Nam",
        )),
    }
}

/// What every way of asking must fulfil.
fn build(kind: Kind, values: Values, lacks: &[&str]) -> Result<Question, Wrong> {
    let found = |name: &str| {
        values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    };
    for (name, rule, must) in kind.slots() {
        let value = match rule {
            Rule::Group => found("NgayThangNam").or_else(|| found("Nam")),
            Rule::Max(_) | Rule::Digits(_) | Rule::Number(_) | Rule::Day => found(name),
        };
        let value = value.unwrap_or_default();
        if value.is_empty() && *must && !lacks.contains(name) {
            return Err(wrong("MISSING", format!("{name} is missing or empty")));
        }
        if !fits(value, *rule) {
            return Err(wrong("INVALID", format!("{name} is not as it should be")));
        }
    }
    let text = |name| found(name).unwrap_or_default().to_owned();
    let code = text("MaTichHop");
    if !code.is_empty() && !kind.codes().is_empty() && !kind.codes().contains(&code.as_str()) {
        return Err(wrong(
            "INTEGRATION_CODE",
            "MaTichHop is not the code of this service",
        ));
    }
    let (number, old) = (text("SoDinhDanh"), text("SoCMND"));
    if number.is_empty() == old.is_empty() {
        return Err(wrong(
            "IDENTITY",
            "exactly one of SoDinhDanh and SoCMND is needed",
        ));
    }
    Ok(Question {
        request: text("MaYeuCau"),
        procedure: found("MaDVC")
            .or_else(|| found("MaDichVu"))
            .unwrap_or_default()
            .to_owned(),
        officer: text("MaCanBo"),
        agency: text("MaDonVi"),
        number,
        old,
        name: text("HoVaTen"),
        born: born(&found, kind, lacks.contains(&"Nam"))?,
    })
}

fn fits(value: &str, rule: Rule) -> bool {
    let digits = || value.bytes().all(|byte| byte.is_ascii_digit());
    match rule {
        Rule::Max(most) => value.chars().count() <= most,
        Rule::Digits(most) => value.len() <= most && digits(),
        Rule::Number(length) => value.is_empty() || (value.len() == length && digits()),
        Rule::Group | Rule::Day => true,
    }
}

/// A day as eight digits, from either of the two forms in use; a year as four, in the day's place only where a way has
/// no other.
fn born<'a>(
    found: &impl Fn(&str) -> Option<&'a str>,
    kind: Kind,
    no_year: bool,
) -> Result<Option<String>, Wrong> {
    if kind == Kind::ExistsNewer {
        return Ok(None);
    }
    let day = found("NgayThangNam")
        .or_else(|| found("NgayThangNamSinh"))
        .unwrap_or_default();
    let year = found("Nam").unwrap_or_default();
    let text = if day.is_empty() { year } else { day };
    let dashes = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| (byte == b'-') == (at == 4 || at == 7));
    let digits = if dashes {
        text.replace('-', "")
    } else {
        text.to_owned()
    };
    let numeric = digits.bytes().all(|byte| byte.is_ascii_digit());
    let long =
        digits.len() == 8 || (digits.len() == 4 && (day.is_empty() || no_year || kind == Kind::Parents));
    if numeric && long && !(digits.len() == 8 && day.is_empty()) {
        Ok(Some(digits))
    } else {
        Err(wrong(
            "BIRTH",
            "the birth date is neither yyyyMMdd, yyyy-MM-dd nor a year in Nam",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::soap;
    use super::*;

    const SAMPLE: &str = "<dan:MaYeuCau>H56-1</dan:MaYeuCau><dan:MaDVC>1.001193</dan:MaDVC><dan:MaTichHop>037</dan:MaTichHop><dan:MaCanBo>099185000058</dan:MaCanBo><dan:MaDonVi>H56.10</dan:MaDonVi><dan:SoDinhDanh>099090000017</dan:SoDinhDanh><dan:HoVaTen>TRẦN VĂN MẪU</dan:HoVaTen><dan:NgayThangNamSinh><dan:NgayThangNam>19900517</dan:NgayThangNam></dan:NgayThangNamSinh>";

    fn asked(root: &str, fields: &str, kinds: &[Kind]) -> Result<(Kind, Question), &'static str> {
        let text = format!(
            r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:dan="{REQUEST}"><e:Header/><e:Body><dan:{root}>{fields}</dan:{root}></e:Body></e:Envelope>"#
        );
        let node = soap::question(text.as_bytes()).unwrap();
        of_xml(&node, kinds).map_err(|wrong| wrong.code)
    }

    fn changed(from: &str, to: &str) -> &'static str {
        let fields = SAMPLE.replacen(from, to, 1);
        assert_ne!(fields, SAMPLE, "{from}");
        asked("TraCuuThongTinCongDan", &fields, &[Kind::Citizen]).unwrap_err()
    }

    #[test]
    fn the_sample_of_the_specification_is_read() {
        let (kind, question) = asked("TraCuuThongTinCongDan", SAMPLE, &[Kind::Citizen]).unwrap();
        assert_eq!(kind, Kind::Citizen);
        assert_eq!(
            (question.number.as_str(), question.born.as_deref()),
            ("099090000017", Some("19900517"))
        );
        let dashes = SAMPLE.replace("19900517", "1990-05-17");
        assert_eq!(
            asked("TraCuuThongTinCongDan", &dashes, &[Kind::Citizen])
                .unwrap()
                .1,
            question
        );
    }

    #[test]
    fn every_wrong_field_is_refused_with_its_reason() {
        let number = "<dan:SoDinhDanh>099090000017</dan:SoDinhDanh>";
        let officer = "<dan:MaCanBo>099185000058</dan:MaCanBo>";
        for (from, to, code) in [
            ("<dan:MaYeuCau>H56-1</dan:MaYeuCau>", "", "MISSING"),
            ("H56-1<", "01234567890123456789012345678901234567890<", "INVALID"),
            (officer, "", "MISSING"),
            (">037<", ">033<", "INTEGRATION_CODE"),
            (">037<", ">O37<", "INVALID"),
            (number, "", "IDENTITY"),
            (
                number,
                &format!("{number}<dan:SoCMND>999999901</dan:SoCMND>"),
                "IDENTITY",
            ),
            ("099090000017", "99090000017", "INVALID"),
            (number, &format!("{officer}{number}"), "ORDER"),
            (
                number,
                &format!("<dan:GioiTinh>1</dan:GioiTinh>{number}"),
                "UNKNOWN_ELEMENT",
            ),
            (
                number,
                r#"<SoDinhDanh xmlns="">099090000017</SoDinhDanh>"#,
                "NAMESPACE",
            ),
            (number, "<dan:SoDinhDanh><dan:a/></dan:SoDinhDanh>", "NOT_A_TEXT"),
            ("19900517", "17/05/1990", "BIRTH"),
            ("19900517", "1990", "BIRTH"),
            (
                "</dan:NgayThangNam>",
                "</dan:NgayThangNam><dan:Nam>1990</dan:Nam>",
                "BIRTH",
            ),
        ] {
            assert_eq!(changed(from, to), code, "{from} {to}");
        }
        assert_eq!(
            asked("GetRequests", SAMPLE, &[Kind::Citizen]).unwrap_err(),
            "ROOT"
        );
    }

    #[test]
    fn both_variants_of_the_yes_no_service_and_the_parents_are_told_apart_by_their_root() {
        let kinds = [Kind::Exists, Kind::ExistsNewer];
        let old = SAMPLE
            .replace(">037<", ">003<")
            .replace("<dan:MaDonVi>H56.10</dan:MaDonVi>", "");
        assert_eq!(
            asked("XacThucThongTinCongDan", &old, &kinds).unwrap().0,
            Kind::Exists
        );
        let newer = "<dan:MaYeuCau>1</dan:MaYeuCau><dan:MaDichVu>1.001193</dan:MaDichVu><dan:MaCanBo>VDXP_VPCP</dan:MaCanBo><dan:SoDinhDanh>099090000017</dan:SoDinhDanh><dan:SoCMND/><dan:HoVaTen>TRẦN VĂN MẪU</dan:HoVaTen>";
        let (kind, question) = asked("XacThucThongTinCongDanRequest", newer, &kinds).unwrap();
        assert_eq!(
            (kind, question.born, question.procedure.as_str()),
            (Kind::ExistsNewer, None, "1.001193")
        );
        let parents = "<dan:MaYeuCau>1</dan:MaYeuCau><dan:MaDVC>1.001193</dan:MaDVC><dan:MaTichHop>1</dan:MaTichHop><dan:MaDonVi>H56.10</dan:MaDonVi><dan:MaCanBo>099185000058</dan:MaCanBo><dan:SoDinhDanh>099090000017</dan:SoDinhDanh><dan:HoVaTen>TRẦN VĂN MẪU</dan:HoVaTen><dan:NgayThangNamSinh>19900517</dan:NgayThangNamSinh>";
        assert!(asked("XacMinhThongTinNhanThan", parents, &[Kind::Parents]).is_ok());
    }
}
