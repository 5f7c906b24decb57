//! Columns for people.

/// Rows under their titles, each column as wide as its widest cell; the last one ends where its text ends.
pub(super) fn columns(titles: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&titles).chain(rows).collect();
    let wide = |place: usize| {
        let cells = all.iter().filter_map(|row| row.get(place));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..titles.len()).map(wide).collect();
    let line = |row: &&Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, wide)| format!("{cell:<wide$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    all.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = [vec!["x".to_owned(), "hồ sơ".to_owned(), String::new()]];
        assert_eq!(
            columns(&["name", "what", "then"], &rows),
            ["name  what   then", "x     hồ sơ"]
        );
    }
}
