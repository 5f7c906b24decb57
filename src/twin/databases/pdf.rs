//! The smallest page that a viewer opens.

use data_encoding::BASE64;

/// One page with one line of ASCII, in base64 as the databases carry it.
pub(super) fn page(line: &str) -> String {
    let shown: String = line
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || " ./-".contains(*letter))
        .collect();
    let content = format!("BT /F1 14 Tf 72 770 Td ({shown}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut file, mut places) = ("%PDF-1.4\n".to_owned(), String::new());
    for (at, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let (begin, count) = (file.len(), objects.len() + 1);
    file.push_str(&format!("xref\n0 {count}\n0000000000 65535 f \n{places}"));
    file.push_str(&format!(
        "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{begin}\n%%EOF\n"
    ));
    BASE64.encode(file.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_table_points_at_its_objects() {
        let file = String::from_utf8(BASE64.decode(page("Giay (khai) sinh").as_bytes()).unwrap()).unwrap();
        let table = file.split("0000000000 65535 f \n").nth(1).unwrap();
        for (at, line) in table.lines().take(5).enumerate() {
            let place: usize = line[..10].parse().unwrap();
            assert!(file[place..].starts_with(&format!("{} 0 obj", at + 1)));
        }
        assert!(file.contains("(Giay khai sinh) Tj"));
    }
}
