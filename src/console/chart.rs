//! Pictures drawn here, as SVG: lengths are thousandths, so that they fit any width.

use crate::store::Books;

/// A bar of parts.
pub(super) struct Bar {
    pub(super) parts: Vec<Part>,
}

/// One of them.
pub(super) struct Part {
    /// Its class, which has its colour.
    pub(super) class: &'static str,
    /// Where it begins, and how long it is, in thousandths.
    pub(super) from: u64,
    pub(super) width: u64,
}

/// How all exchanges stand.
pub(super) fn states(books: &Books) -> Bar {
    bar(&[
        ("delivered", books.delivered),
        ("moving", books.waiting + books.unprepared),
        ("parked", books.parked),
        ("refused", books.refused),
    ])
}

/// A bar of counts: each that is not nothing is seen, and together they fill it.
pub(super) fn bar(counts: &[(&'static str, u64)]) -> Bar {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let shown = counts.iter().filter(|(_, count)| *count > 0);
    let widths: Vec<(&'static str, u64)> = shown
        .map(|(class, count)| (*class, (count.saturating_mul(1_000) / total.max(1)).max(8)))
        .collect();
    let wide: u64 = widths.iter().map(|(_, width)| width).sum();
    // What rounding and the least widths took or gave is the longest part's.
    let longest = (0..widths.len()).max_by_key(|place| widths[*place].1);
    let mut from = 0;
    let mut parts = Vec::with_capacity(widths.len());
    for (place, (class, width)) in widths.into_iter().enumerate() {
        let width = if Some(place) == longest {
            (width + 1_000).saturating_sub(wide)
        } else {
            width
        };
        parts.push(Part { class, from, width });
        from += width;
    }
    Bar { parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_a_bar_and_the_smallest_is_seen() {
        let lengths = |counts: &[(&'static str, u64)]| -> Vec<(u64, u64)> {
            bar(counts)
                .parts
                .iter()
                .map(|part| (part.from, part.width))
                .collect()
        };
        assert_eq!(lengths(&[("a", 0), ("b", 0)]), []);
        assert_eq!(lengths(&[("a", 3), ("b", 1)]), [(0, 750), (750, 250)]);
        assert_eq!(lengths(&[("a", 1_000_000), ("b", 1)]), [(0, 992), (992, 8)]);
        assert_eq!(
            lengths(&[("a", 1), ("b", 1), ("c", 1)])
                .iter()
                .map(|(_, width)| width)
                .sum::<u64>(),
            1_000
        );
    }
}
