//! The people that the state knows: the shipped ones, and those whose birth was registered here.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One person as the population database holds them; codes are those of its lists.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) number: String,
    #[serde(default)]
    pub(super) old: String,
    /// Upper case, whole.
    pub(super) name: String,
    sex: Option<String>,
    /// `yyyyMMdd`, or `yyyy`.
    pub(super) born: String,
    #[serde(default = "kinh")]
    pub(super) ethnicity: String,
    #[serde(default = "none")]
    pub(super) religion: String,
    #[serde(default = "none")]
    pub(super) blood: String,
    #[serde(default = "unknown")]
    pub(super) marital: String,
    pub(super) registered: Option<Vec<String>>,
    pub(super) native: Option<Vec<String>>,
    pub(super) home: Option<Vec<String>>,
    pub(super) father: Option<String>,
    pub(super) mother: Option<String>,
    pub(super) spouse: Option<String>,
    /// The number of the head of the household.
    pub(super) head: Option<String>,
    #[serde(default = "householder")]
    pub(super) role: String,
    #[serde(default)]
    pub(super) insurance: String,
    #[serde(default)]
    pub(super) household: String,
    pub(super) trap: Option<Trap>,
    /// Their record as it leaves, written when it is first asked for: by prefix, and by how relatives are named.
    #[serde(skip)]
    pub(super) written: [OnceLock<String>; 4],
}

/// What asking about a person does instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::twin) enum Trap {
    Another,
    ApiBlocked,
    Blocked,
    Cut,
    Deep,
    Forbidden,
    Gateway,
    Hang,
    Huge,
    Laughs,
    Lost,
    Namespace,
    Officer,
    Page,
    Refused,
    ServerFault,
    Split,
    Supplement,
    Suspended,
    Text,
    ThrottledOnce,
    Two,
    UnauthorisedOnce,
    Unknown,
    Wrapped,
}

impl Person {
    /// Digit of `GioiTinh`: 1 male, 2 female.
    pub(super) fn sex(&self) -> &str {
        match (self.sex.as_deref(), self.number.as_bytes().get(3)) {
            (Some(sex), _) => sex,
            (None, Some(b'1' | b'3')) => "2",
            (None, Some(_)) => "1",
            (None, None) => "0",
        }
    }

    /// Whether a name and a birth date, or as much of it as is known, are this person's.
    pub(super) fn is(&self, name: &str, born: Option<&str>) -> bool {
        let day = born.is_none_or(|born| {
            let known = born.len().min(self.born.len());
            known >= 4 && born.get(..known) == self.born.get(..known)
        });
        day && fold(name) == fold(&self.name)
    }

    /// A child whose birth was registered here.
    pub(super) fn newborn(number: String, name: &str, born: String, parents: [Option<String>; 2]) -> Person {
        let [father, mother] = parents;
        Person {
            number,
            name: name.to_uppercase(),
            born,
            ethnicity: kinh(),
            religion: none(),
            blood: none(),
            marital: "1".to_owned(),
            role: householder(),
            father,
            mother,
            ..Person::default()
        }
    }
}

/// Letters and digits only, upper case, without their marks: how the databases compare names.
pub(super) fn fold(name: &str) -> String {
    name.nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .map(|letter| {
            if matches!(letter, 'đ' | 'Đ' | 'ð' | 'Ð') {
                'D'
            } else {
                letter
            }
        })
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

/// Everybody, by number and by old number.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Children whose birth was registered here.
    newborn: RwLock<HashMap<String, Arc<Person>>>,
}

#[derive(Debug, Default)]
struct Shipped {
    people: HashMap<String, Arc<Person>>,
    old: HashMap<String, Vec<Arc<Person>>>,
    /// Numbers of persons by their insurance number.
    insured: HashMap<String, String>,
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
    let people: Vec<Person> = super::rows(include_str!("people.toml"), "person");
    let mut shipped = Shipped::default();
    for person in people.into_iter().map(Arc::new) {
        if !person.old.is_empty() {
            let known = shipped.old.entry(person.old.clone()).or_default();
            known.push(Arc::clone(&person));
        }
        if !person.insurance.is_empty() {
            shipped
                .insured
                .insert(person.insurance.clone(), person.number.clone());
        }
        shipped.people.insert(person.number.clone(), person);
    }
    shipped
});

impl People {
    /// The person of a number.
    pub(super) fn numbered(&self, number: &str) -> Option<Arc<Person>> {
        let newborn = self.newborn.read().unwrap_or_else(PoisonError::into_inner);
        let found = SHIPPED.people.get(number).or_else(|| newborn.get(number));
        found.map(Arc::clone)
    }

    /// The person of an insurance number.
    pub(super) fn insured(&self, number: &str) -> Option<Arc<Person>> {
        let number = Some(number).filter(|number| !number.is_empty())?;
        SHIPPED.people.get(SHIPPED.insured.get(number)?).map(Arc::clone)
    }

    /// Everybody who ever had this old number.
    pub(super) fn formerly(&self, old: &str) -> Vec<Arc<Person>> {
        SHIPPED.old.get(old).cloned().unwrap_or_default()
    }

    /// Somebody else, always the same one.
    pub(super) fn another(&self, than: &str) -> Option<Arc<Person>> {
        let [first, second] = ["099192000025", "099090000017"];
        self.numbered(if than == first { second } else { first })
    }

    /// Whoever this is true of.
    pub(super) fn find(&self, is: impl Fn(&Person) -> bool) -> Option<Arc<Person>> {
        let newborn = self.newborn.read().unwrap_or_else(PoisonError::into_inner);
        let mut all = SHIPPED.people.values().chain(newborn.values());
        all.find(|person| is(person)).map(Arc::clone)
    }

    pub(super) fn add(&self, person: Person) {
        let mut newborn = self.newborn.write().unwrap_or_else(PoisonError::into_inner);
        newborn.insert(person.number.clone(), Arc::new(person));
    }
}

fn kinh() -> String {
    "01".to_owned()
}

fn none() -> String {
    "00".to_owned()
}

fn unknown() -> String {
    "0".to_owned()
}

fn householder() -> String {
    "CH01".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_their_marks_and_blanks() {
        assert_eq!(fold("Trần Văn  Mẫu"), "TRANVANMAU");
        assert_eq!(fold("K’Đặng"), "KDANG");
        assert_eq!(fold("Nguyê\u{303}n Thuỷ"), fold("NGUYỄN THỦY"));
    }

    #[test]
    fn everybody_is_invented_and_whoever_they_name_is_there() {
        let people = People::default();
        assert!(SHIPPED.people.len() > 110);
        for (number, person) in &SHIPPED.people {
            assert!(number.starts_with("099") && number.len() == 12, "{number}");
            assert!(matches!(person.born.len(), 4 | 8), "{number}");
            let year = if number.as_bytes()[3] < b'2' { "19" } else { "20" };
            assert_eq!(person.born[..4], format!("{year}{}", &number[4..6]), "{number}");
            for place in [&person.registered, &person.native, &person.home]
                .into_iter()
                .flatten()
            {
                assert!(matches!(place.len(), 3 | 4), "{number}");
            }
            for other in [&person.father, &person.mother, &person.spouse, &person.head]
                .into_iter()
                .flatten()
            {
                assert!(people.numbered(other).is_some(), "{number} names {other}");
            }
            if let Some(spouse) = &person.spouse {
                let spouse = people.numbered(spouse).unwrap();
                assert_eq!(
                    (spouse.spouse.as_ref(), person.marital.as_str()),
                    (Some(number), "2")
                );
            }
        }
    }

    #[test]
    fn a_year_is_enough_where_no_more_is_known_or_asked() {
        let people = People::default();
        let old = people.numbered("099041000042").unwrap();
        assert!(old.is("nguyễn văn ví dụ", Some("1941")) && old.is("NGUYENVANVIDU", Some("19410101")));
        assert!(!old.is("NGUYỄN VĂN VÍ DỤ", Some("1942")));
        let young = people.numbered("099090000017").unwrap();
        assert!(young.is("TRẦN VĂN MẪU", Some("1990")) && !young.is("TRẦN VĂN MẪU", Some("19900518")));
        assert!(young.is("TRẦN VĂN MẪU", None) && !young.is("TRẦN VĂN MẪU", Some("")));
        assert_eq!(people.formerly("999999909").len(), 2);
    }
}
