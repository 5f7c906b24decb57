//! Which characters may stand where (XML 1.0, fifth edition, §2.2, §2.3 and §4.1).

/// Whether `text` has only characters that a document may have at all (production 2).
pub(super) fn legal(text: &str) -> bool {
    // One pass that the compiler turns into wide instructions; U+FFFE and U+FFFF begin with EF and are looked for apart.
    let (control, high) = text.bytes().fold((false, false), |(control, high), byte| {
        (control | ((byte < 0x20) & !is_blank(byte)), high | (byte == 0xef))
    });
    !control && (!high || !text.contains(['\u{fffe}', '\u{ffff}']))
}

/// White space (production 3).
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether it is a name without a colon (Namespaces in XML, production 4).
pub(super) fn is_name(name: &str) -> bool {
    if let Some((first, rest)) = name.as_bytes().split_first()
        && (first.is_ascii_alphabetic() || *first == b'_')
        && rest.iter().all(|byte| NAME[usize::from(*byte)] && *byte != b':')
    {
        return true;
    }
    let mut letters = name.chars();
    letters.next().is_some_and(starts) && letters.all(continues)
}

/// How many bytes from the beginning of `text` belong to a qualified name.
pub(super) fn name_length(text: &str) -> usize {
    let ascii = text.bytes().take_while(|byte| NAME[usize::from(*byte)]).count();
    match text.as_bytes().get(ascii) {
        Some(byte) if !byte.is_ascii() => text
            .find(|letter| letter != ':' && !continues(letter))
            .unwrap_or(text.len()),
        _ => ascii,
    }
}

/// The ASCII letters that a qualified name may have.
const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let letter = byte as u8;
        table[byte] = letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-' | b'.' | b':');
        byte += 1;
    }
    table
};

/// Production 4 without the colon.
fn starts(letter: char) -> bool {
    matches!(letter,
        'A'..='Z' | 'a'..='z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
        | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// Production 4a without the colon.
fn continues(letter: char) -> bool {
    starts(letter)
        || matches!(letter, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// What stands for `&name;`: one of the five built-in entities or a number; nothing else is ever looked up.
pub(super) fn reference(name: &str) -> Option<char> {
    let number = match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "apos" => return Some('\''),
        "quot" => return Some('"'),
        _ => name.strip_prefix('#')?,
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // The standard library would take a sign.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let letter = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    legal(letter.encode_utf8(&mut [0; 4])).then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_five_and_numbers_of_legal_characters_are_known() {
        for (name, letter) in [
            ("lt", '<'),
            ("apos", '\''),
            ("#60", '<'),
            ("#x1EA7", 'ầ'),
            ("#xd", '\r'),
        ] {
            assert_eq!(reference(name), Some(letter), "{name}");
        }
        for name in [
            "",
            "nbsp",
            "#",
            "#x",
            "#0",
            "#x1",
            "#xFFFE",
            "#xD800",
            "#+60",
            "#x+3C",
            "#X3C",
            "# 60",
            "#x110000",
            "#99999999999",
        ] {
            assert_eq!(reference(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_those_of_the_fifth_edition() {
        for name in ["a", "_", "Hồ-sơ.1", "a\u{b7}"] {
            assert!(is_name(name), "{name}");
            assert_eq!(name_length(&format!("{name}='1'")), name.len());
        }
        for name in ["", "1a", "-a", "a:b", "a b", "a\u{d7}", "a>"] {
            assert!(!is_name(name), "{name}");
        }
        assert_eq!(name_length("p:hồ sơ"), "p:hồ".len());
    }

    #[test]
    fn control_characters_and_non_characters_are_not_legal() {
        assert!(legal("a\t\r\n\u{7f}\u{fffd}ế"));
        for text in ["\0", "a\u{1b}", "\u{fffe}", "ế\u{ffff}"] {
            assert!(!legal(text), "{text:?}");
        }
    }
}
