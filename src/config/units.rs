use std::time::Duration;

const TIMES: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];
const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// A time as people write it: `250 ms`, `30 s`, `5 min`, `1 h`, `5 d`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    amount(text, &TIMES).map(Duration::from_millis)
}

/// A size as people write it: `512 B`, `64 KiB`, `5 MiB`, `2 GiB`. In bytes.
pub(super) fn size(text: &str) -> Option<u64> {
    amount(text, &SIZES)
}

/// A whole number and its unit, in the smallest unit. `None` when it is neither, or more than can be counted.
fn amount(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let unit = text[digits..].trim_start();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    text[..digits].parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read_as_people_write_them() {
        assert_eq!(duration("250 ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration(" 5  min "), Some(Duration::from_secs(300)));
        assert_eq!(duration("5 d"), Some(Duration::from_secs(432_000)));
        assert_eq!(size("5 MiB"), Some(5 << 20));
        assert_eq!(size("2 GiB"), Some(2 << 30));
    }

    #[test]
    fn a_number_without_its_unit_says_nothing() {
        for text in [
            "",
            "30",
            "s",
            "-1 s",
            "1.5 h",
            "5 minutes",
            "5 M",
            "99999999999999999999 s",
            "18446744073709551615 d",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(size("5 MB"), None, "a megabyte is something else");
    }
}
