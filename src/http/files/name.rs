//! The name under which a file is saved, made safe (RFC 6266, RFC 8187).

use crate::files::ending;

/// The most characters of a name.
const LONGEST: usize = 120;

/// `Content-Disposition` of a file that people call so.
pub(in crate::http) fn disposition(name: &str, media: &str) -> String {
    let mut safe: String = name.chars().map(safe).take(LONGEST).collect();
    safe = safe
        .trim_matches(|c: char| c == '.' || c.is_whitespace())
        .to_owned();
    if safe.is_empty() {
        "tep".clone_into(&mut safe);
    }
    // What it is by its bytes, whatever it is called: `don.pdf.exe` is saved as `don.pdf.exe.pdf`.
    let ending = format!(".{}", ending(media));
    if !safe.to_lowercase().ends_with(&ending) {
        safe.push_str(&ending);
    }
    let plain: String = safe.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        encoded(&safe)
    )
}

/// No character that separates folders, ends the header's text, or turns the direction of reading.
fn safe(c: char) -> char {
    let bad = c.is_control() || "/\\\"%;:*?<>|'`$".contains(c);
    let turns =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    if bad || turns { '_' } else { c }
}

fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder_its_header_or_its_kind() {
        for (name, plain) in [
            ("don.pdf", "don.pdf"),
            ("../../etc/passwd", "_.._etc_passwd.pdf"),
            ("a\"; filename=\"b.exe", "a__ filename=_b.exe.pdf"),
            ("a\r\nSet-Cookie: x", "a__Set-Cookie_ x.pdf"),
            ("ảnh \u{202e}fdp.exe", "_nh _fdp.exe.pdf"),
            ("", "tep.pdf"),
            ("...", "tep.pdf"),
            ("DON.PDF", "DON.PDF"),
        ] {
            let said = disposition(name, "application/pdf");
            assert!(
                said.starts_with(&format!("attachment; filename=\"{plain}\"; ")),
                "{name:?}: {said}"
            );
            assert!(said.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{said}");
        }
        let said = disposition("đơn.pdf", "application/pdf");
        assert!(said.ends_with("filename*=UTF-8''%C4%91%C6%A1n.pdf"), "{said}");
        assert!(disposition(&"x".repeat(5_000), "image/png").len() < 400);
    }
}
