//! Units by name: what they are, how else it is written, and one found within its province.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::code::{Level, Place};
use super::{Row, Unit, UnitCode, Units};
use crate::model::{Day, fold};

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// Tỉnh.
    Province,
    /// Thành phố: of the centre, or of a province until July 2025.
    City,
    /// Quận.
    UrbanDistrict,
    /// Huyện.
    RuralDistrict,
    /// Thị xã.
    Town,
    /// Xã.
    Commune,
    /// Phường.
    Ward,
    /// Thị trấn, until July 2025.
    Township,
    /// Đặc khu.
    SpecialZone,
}

/// A kind in Vietnamese, as a key has it, and how it is shortened. Longer ones first: thị xã is no xã.
const KINDS: [(UnitKind, &str, &str, &[&str]); 9] = [
    (UnitKind::Province, "Tỉnh", "tinh³", &["t"]),
    (UnitKind::City, "Thành phố", "thanh¹ phô²", &["tp"]),
    (UnitKind::Town, "Thị xã", "thi⁵ xa⁴", &["tx"]),
    (UnitKind::Township, "Thị trấn", "thi⁵ trân²", &["tt"]),
    (UnitKind::UrbanDistrict, "Quận", "quân⁵", &["q"]),
    (UnitKind::RuralDistrict, "Huyện", "huyên⁵", &["h"]),
    (UnitKind::SpecialZone, "Đặc khu", "đăc⁵ khu", &["đk"]),
    (UnitKind::Ward, "Phường", "phương¹", &["p"]),
    (UnitKind::Commune, "Xã", "xa⁴", &["x"]),
];

/// What a name found.
#[derive(Clone, Debug, PartialEq)]
pub enum Named<'u> {
    /// One unit is called so.
    One(Unit<'u>),
    /// Several are, in different districts of one province.
    Several(Vec<Unit<'u>>),
    /// None is, and these nearly are: of another kind, with i for y, or without accents. A person decides.
    Candidates(Vec<Unit<'u>>),
    /// None is, nor nearly.
    Nothing,
}

/// Hashes of short names within provinces, and the rows that have them.
pub(super) struct Index(Vec<(u64, u32)>);

/// A name as it is looked for: what it says the unit is, and the rest of it.
struct Wanted {
    kind: Option<UnitKind>,
    rest: String,
}

impl UnitKind {
    /// The kind in Vietnamese.
    #[must_use]
    pub fn words(self) -> &'static str {
        let known = KINDS.iter().find(|(kind, ..)| *kind == self);
        known.map_or("", |(_, words, ..)| words)
    }

    /// The kind that a unit's full name begins with.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let find = |begins: &dyn Fn(&str) -> bool| {
            let known = KINDS.iter().find(|(_, words, ..)| begins(words));
            known.map(|(kind, ..)| *kind)
        };
        let behind = |rest: Option<&str>| rest.is_some_and(|rest| rest.starts_with(' '));
        // Some tables write Thị Trấn.
        find(&|words| behind(name.strip_prefix(words))).or_else(|| {
            let lower = name.to_lowercase();
            find(&|words| behind(lower.strip_prefix(&words.to_lowercase())))
        })
    }
}

impl Units {
    /// The province of that name on a day.
    #[must_use]
    pub fn province_named(&self, name: &str, on: Day) -> Named<'_> {
        self.search(Level::Province, None, name, on)
    }

    /// The unit of that name and level within a province or a district, on that one's day. Case, tone placement, Unicode and
    /// shortened kinds (`P.`, `TX`) do not count.
    #[must_use]
    pub fn named(&self, level: Level, within: &UnitCode, name: &str) -> Named<'_> {
        self.search(level, Some(within.place()), name, within.on())
    }

    /// What a code meant on the days it had that name: it tells the days that an undated code may be meant on.
    #[must_use]
    pub fn dated(&self, level: Level, code: &str, name: &str) -> Vec<Unit<'_>> {
        let wanted = wanted(name);
        let units = self.history(level, code).into_iter();
        units
            .filter(|unit| wanted.iter().any(|wanted| wanted.is(unit)))
            .collect()
    }

    fn search(&self, level: Level, within: Option<Place>, name: &str, on: Day) -> Named<'_> {
        let inside = |unit: &Unit<'_>| within.is_none_or(|within| unit.is_inside(within));
        let province = within.map_or(0, |within| self.province_number(within));
        let all = wanted(name);
        for wanted in &all {
            let hash = hash(level, province, &wanted.rest);
            let rows = self.index().rows(hash).filter_map(|at| self.rows.get(at));
            let held = rows.filter(|row| row.holds(on)).map(|row| self.unit(row, on));
            let found: Vec<Unit<'_>> = held
                .filter(|unit| inside(unit) && wanted.has_rest(unit))
                .collect();
            let exact: Vec<Unit<'_>> = found.iter().copied().filter(|unit| wanted.is(unit)).collect();
            match (exact.as_slice(), found.is_empty()) {
                ([unit], _) => return Named::One(*unit),
                ([_, ..], _) => return Named::Several(exact),
                ([], false) => return Named::Candidates(found),
                ([], true) => {}
            }
        }
        self.nearly(level, &all, on, inside)
    }

    /// Units whose names agree with i for y or without accents.
    fn nearly(
        &self,
        level: Level,
        wanted: &[Wanted],
        on: Day,
        inside: impl Fn(&Unit<'_>) -> bool,
    ) -> Named<'_> {
        for fold in [fold::loose, fold::plain] {
            let rests: Vec<String> = wanted.iter().map(|wanted| fold(&wanted.rest)).collect();
            let rows = self
                .rows
                .iter()
                .filter(|row| row.place.level == level && row.holds(on));
            let units = rows.map(|row| self.unit(row, on)).filter(&inside);
            let near = units.filter(|unit| rests.contains(&fold(&rest(unit.short_name()))));
            let near: Vec<Unit<'_>> = near.collect();
            if !near.is_empty() && rests.iter().all(|rest| !rest.is_empty()) {
                return Named::Candidates(near);
            }
        }
        Named::Nothing
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let entry = |(at, row): (u32, &Row)| {
                let unit = self.unit(row, row.last_day());
                let province = row.within.map_or(0, |within| self.province_number(within));
                (hash(row.place.level, province, &rest(unit.short_name())), at)
            };
            let mut entries: Vec<(u64, u32)> = (0_u32..).zip(&self.rows).map(entry).collect();
            entries.sort_unstable();
            Index(entries)
        })
    }

    /// The number of a place's province; provinces of districts never changed.
    fn province_number(&self, place: Place) -> u32 {
        match place.level {
            Level::Province => place.number,
            Level::District | Level::Commune => {
                let within = self.rows_of(place).last().and_then(|row| row.within);
                within.map_or(0, |within| self.province_number(within))
            }
        }
    }
}

impl Unit<'_> {
    /// True when it stands in that province or district.
    fn is_inside(&self, place: Place) -> bool {
        self.within()
            .is_some_and(|above| above.row.place == place || above.is_inside(place))
    }
}

impl Index {
    fn rows(&self, hash: u64) -> impl Iterator<Item = usize> {
        let start = self.0.partition_point(|(one, _)| *one < hash);
        let same = self.0[start..].iter().take_while(move |(one, _)| *one == hash);
        same.map(|(_, at)| *at as usize)
    }
}

impl Wanted {
    fn has_rest(&self, unit: &Unit<'_>) -> bool {
        self.rest == rest(unit.short_name())
    }

    /// True when the unit is called so, and is what the name says, if it says anything.
    fn is(&self, unit: &Unit<'_>) -> bool {
        self.has_rest(unit) && self.kind.is_none_or(|kind| kind == unit.kind())
    }
}

/// The ways to read a name, the likeliest first: with a kind in front, and as it is.
fn wanted(name: &str) -> Vec<Wanted> {
    let key = fold::key(name);
    let with = KINDS.iter().find_map(|(kind, _, words, short)| {
        let cut = after(&key, words, " ").or_else(|| short.iter().find_map(|short| shortened(&key, short)));
        cut.map(|rest| Wanted {
            kind: Some(*kind),
            rest: number(rest),
        })
    });
    let plain = Wanted {
        kind: None,
        rest: number(&key),
    };
    with.into_iter().chain([plain]).collect()
}

/// What stands behind those words and that mark.
fn after<'k>(key: &'k str, words: &str, mark: &str) -> Option<&'k str> {
    let rest = key.strip_prefix(words)?.strip_prefix(mark)?.trim_start();
    (!rest.is_empty()).then_some(rest)
}

/// What stands behind a shortened kind: `p. phu² xuân`, `p.1`, `p 1`, `p1`.
fn shortened<'k>(key: &'k str, short: &str) -> Option<&'k str> {
    let digit = |rest: &&str| rest.starts_with(|letter: char| letter.is_ascii_digit());
    after(key, short, ".")
        .or_else(|| after(key, short, " "))
        .or_else(|| after(key, short, "").filter(digit))
}

/// The key of a unit's short name.
fn rest(short_name: &str) -> String {
    number(&fold::key(short_name))
}

/// Wards with numbers for names are written with zeros or without.
fn number(key: &str) -> String {
    let digits = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { key.trim_start_matches('0') } else { key };
    number.to_owned()
}

fn hash(level: Level, province: u32, rest: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (level, province, rest).hash(&mut hasher);
    hasher.finish()
}
