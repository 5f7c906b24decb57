//! Records of the population database as they leave: the order of the public sample, both ways to name relatives.

use super::people::{People, Person, Trap};
use super::tree::{Part, group, leaf};
use serde_json::Value;
use std::sync::Arc;

/// Namespace of every answer.
pub(super) const ANSWER: &str = "http://www.mic.gov.vn/dancu/1.0";
/// Namespace of every request.
pub(super) const REQUEST: &str = "http://dancuquocgia.bca";

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// Without one, the namespace is the default one.
    pub(super) prefix: bool,
    /// Whether relatives have names in parts.
    pub(super) split: bool,
}

impl Style {
    fn place(self) -> usize {
        usize::from(self.prefix) * 2 + usize::from(self.split)
    }

    pub(super) fn prefix(self) -> &'static str {
        if self.prefix { "ns1" } else { "" }
    }
}

/// The whole record of service 037 as XML; it is written once.
pub(super) fn written(person: &Person, people: &People, style: Style) -> String {
    let split = style.split || person.trap == Some(Trap::Split);
    let write = || record(person, people, split).xml(style.prefix());
    match person.written.get(style.place()) {
        Some(kept) => kept.get_or_init(write).clone(),
        None => write(),
    }
}

/// The whole record of service 037.
pub(super) fn record<'a>(person: &'a Person, people: &'a People, split: bool) -> Part<'a> {
    let relative = |name, number: &Option<String>| {
        let known = number.as_deref().and_then(|number| people.numbered(number));
        group(name, known.map_or_else(Vec::new, |known| relation(&known, split)))
    };
    let mut parts = vec![
        leaf("SoDinhDanh", &*person.number),
        leaf("SoCMND", &*person.old),
        group(
            "HoVaTen",
            vec![leaf("Ho", ""), leaf("ChuDem", ""), leaf("Ten", &*person.name)],
        ),
        leaf("GioiTinh", person.sex()),
        leaf("DanToc", &*person.ethnicity),
        leaf("TonGiao", &*person.religion),
        leaf("TinhTrangHonNhan", &*person.marital),
        leaf("NhomMau", &*person.blood),
        born(person),
    ];
    parts.extend(address("NoiDangKyKhaiSinh", person.registered.as_ref()));
    parts.push(leaf("QuocTich", ""));
    parts.extend(address("QueQuan", person.native.as_ref()));
    parts.extend(address("ThuongTru", person.home.as_ref()));
    parts.extend(address("NoiOHienTai", person.home.as_ref()));
    parts.push(relative("Cha", &person.father));
    parts.push(relative("Me", &person.mother));
    parts.push(relative("VoChong", &person.spouse));
    parts.push(group("NguoiDaiDien", Vec::new()));
    parts.push(group("ChuHo", head(person, people)));
    parts.push(leaf("SoSoHoKhau", ""));
    group("CongDan", parts)
}

/// What XacMinhThongTinNhanThan tells: the person and the parents, all names in parts.
pub(super) fn parents<'a>(person: &'a Person, people: &People) -> Part<'a> {
    let parent = |name, number: &Option<String>| {
        let known = number.as_deref().and_then(|number| people.numbered(number));
        let parts = known.map(|known| {
            vec![
                leaf("SoDinhDanh", known.number.clone()),
                leaf("QuocTich", "VN"),
                group("HoVaTen", in_parts(&known.name)),
            ]
        });
        parts.map(|parts| group(name, parts))
    };
    let mut parts = vec![
        leaf("SoDinhDanh", &*person.number),
        leaf("SoCMND", &*person.old),
        group("HoVaTen", in_parts(&person.name)),
        group("NgayThangNamSinh", vec![leaf("NgayThangNam", &*person.born)]),
    ];
    parts.extend(parent("Cha", &person.father));
    parts.extend(parent("Me", &person.mother));
    group("CongDan", parts)
}

fn born(person: &Person) -> Part<'_> {
    let year = person.born.get(..4).unwrap_or_default();
    let mut parts = vec![leaf("Nam", year)];
    if person.born.len() == 8 {
        parts.push(leaf("NgayThangNam", &*person.born));
    }
    group("NgayThangNamSinh", parts)
}

fn address<'a>(name: &'static str, place: Option<&'a Vec<String>>) -> Option<Part<'a>> {
    let (province, district, commune, line) = match place?.as_slice() {
        [province, commune, line] => (province, None, commune, line),
        [province, district, commune, line] => (province, Some(district), commune, line),
        _ => return None,
    };
    let mut parts = vec![leaf("MaTinhThanh", province.as_str())];
    parts.extend(district.map(|district| leaf("MaQuanHuyen", district.as_str())));
    parts.push(leaf("MaPhuongXa", commune.as_str()));
    parts.push(leaf("ChiTiet", line.as_str()));
    parts.push(leaf("QuocGia", "VN"));
    Some(group(name, parts))
}

fn relation(known: &Person, split: bool) -> Vec<Part<'static>> {
    let name = if split {
        group("HoVaTen", in_parts(&known.name))
    } else {
        leaf("HoVaTen", known.name.clone())
    };
    vec![
        name,
        leaf("QuocTich", "VN"),
        leaf("SoDinhDanh", known.number.clone()),
        leaf("SoCMND", known.old.clone()),
    ]
}

fn head(person: &Person, people: &People) -> Vec<Part<'static>> {
    let Some(known) = person.head.as_deref().and_then(|number| people.numbered(number)) else {
        return Vec::new();
    };
    vec![
        leaf("QuanHe", person.role.clone()),
        leaf("SoDinhDanh", known.number.clone()),
        leaf("SoCMND", known.old.clone()),
        leaf("HoVaTen", known.name.clone()),
    ]
}

/// Surname, middle and given name as a registrar would write an invented Kinh name.
fn in_parts(name: &str) -> Vec<Part<'static>> {
    let (surname, rest) = name.split_once(' ').unwrap_or(("", name));
    let (middle, given) = rest.rsplit_once(' ').unwrap_or(("", rest));
    vec![
        leaf("Ho", surname.to_owned()),
        leaf("ChuDem", middle.to_owned()),
        leaf("Ten", given.to_owned()),
    ]
}

/// The collection as the conversions to JSON have it: nothing, one, or a list.
pub(super) fn converted(found: &[Arc<Person>], people: &People, split: bool, empty: &Value) -> Value {
    let one = |person: &Arc<Person>| {
        let split = split || person.trap == Some(Trap::Split);
        record(person, people, split).json(empty)
    };
    let listed = found.iter().any(|person| person.trap == Some(Trap::Split));
    let held = match found {
        [] => return empty.clone(),
        [only] if !listed => one(only),
        many => Value::Array(many.iter().map(one).collect()),
    };
    serde_json::json!({ "CongDan": held })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_record_is_written_as_the_specification_prints_it() {
        let people = People::default();
        let person = people.numbered("099090000017").unwrap();
        let style = Style {
            prefix: true,
            split: false,
        };
        let text = written(&person, &people, style);
        for piece in [
            "<ns1:CongDan><ns1:SoDinhDanh>099090000017</ns1:SoDinhDanh><ns1:SoCMND>999999901</ns1:SoCMND><ns1:HoVaTen><ns1:Ho/><ns1:ChuDem/><ns1:Ten>TRẦN VĂN MẪU</ns1:Ten></ns1:HoVaTen><ns1:GioiTinh>1</ns1:GioiTinh>",
            "<ns1:NgayThangNamSinh><ns1:Nam>1990</ns1:Nam><ns1:NgayThangNam>19900517</ns1:NgayThangNam></ns1:NgayThangNamSinh>",
            "<ns1:NoiDangKyKhaiSinh><ns1:MaTinhThanh>38</ns1:MaTinhThanh><ns1:MaQuanHuyen/><ns1:MaPhuongXa>14797</ns1:MaPhuongXa>",
            "<ns1:Cha><ns1:HoVaTen>TRẦN VĂN CHA MẪU</ns1:HoVaTen><ns1:QuocTich>VN</ns1:QuocTich><ns1:SoDinhDanh>099062000011</ns1:SoDinhDanh><ns1:SoCMND/></ns1:Cha>",
            "<ns1:NguoiDaiDien/><ns1:ChuHo><ns1:QuanHe>CH01</ns1:QuanHe>",
            "<ns1:SoSoHoKhau/></ns1:CongDan>",
        ] {
            assert!(text.contains(piece), "{piece}\n{text}");
        }
        let bare = written(
            &person,
            &people,
            Style {
                prefix: false,
                split: true,
            },
        );
        assert!(bare.contains("<Cha><HoVaTen><Ho>TRẦN</Ho><ChuDem>VĂN CHA</ChuDem><Ten>MẪU</Ten></HoVaTen>"));
    }

    #[test]
    fn the_conversion_has_nothing_one_or_a_list() {
        let people = People::default();
        let one = people.numbered("099090000017").unwrap();
        let list = people.numbered("099090000302").unwrap();
        let json = |found: &[Arc<Person>]| converted(found, &people, false, &Value::from(""));
        assert_eq!(json(&[]), "");
        assert_eq!(json(std::slice::from_ref(&one))["CongDan"]["NguoiDaiDien"], "");
        assert_eq!(json(&[list])["CongDan"][0]["Cha"]["HoVaTen"]["Ho"], "TRẦN");
        assert_eq!(json(&[one.clone(), one])["CongDan"].as_array().unwrap().len(), 2);
    }
}
