//! How characters are written (Canonical XML 1.0 §2.3), which is also how this house writes XML that it signs.

/// Character data: `&`, `<`, `>` and carriage returns are written as references.
pub(super) fn text(content: &str, out: &mut Vec<u8>) {
    escaped(content, &TEXT, out);
}

/// An attribute's value: `&`, `<`, `"`, tabs and line ends are written as references.
pub(super) fn attribute(value: &str, out: &mut Vec<u8>) {
    escaped(value, &ATTRIBUTE, out);
}

fn escaped(content: &str, special: &[bool; 256], out: &mut Vec<u8>) {
    let bytes = content.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if special[usize::from(*byte)] {
            out.extend_from_slice(&bytes[from..at]);
            out.extend_from_slice(written(*byte));
            from = at + 1;
        }
    }
    out.extend_from_slice(&bytes[from..]);
}

const fn written(byte: u8) -> &'static [u8] {
    match byte {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'"' => b"&quot;",
        b'\t' => b"&#x9;",
        b'\n' => b"&#xA;",
        _ => b"&#xD;",
    }
}

const TEXT: [bool; 256] = table(b"&<>\r");
const ATTRIBUTE: [bool; 256] = table(b"&<\"\t\n\r");

const fn table(special: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut index = 0;
    while index < special.len() {
        table[special[index] as usize] = true;
        index += 1;
    }
    table
}
