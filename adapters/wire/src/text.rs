//! Words a partner sends: made comparable, and made fit for a log.

use std::borrow::Cow;

/// Vietnamese vowels as stem letter and marks, each with its five toned letters in the order of [`TONES`].
const VOWELS: [(char, &str, &str); 12] = [
    ('a', "a", "àáảãạ"),
    ('ă', "a\u{306}", "ằắẳẵặ"),
    ('â', "a\u{302}", "ầấẩẫậ"),
    ('e', "e", "èéẻẽẹ"),
    ('ê', "e\u{302}", "ềếểễệ"),
    ('i', "i", "ìíỉĩị"),
    ('o', "o", "òóỏõọ"),
    ('ô', "o\u{302}", "ồốổỗộ"),
    ('ơ', "o\u{31b}", "ờớởỡợ"),
    ('u', "u", "ùúủũụ"),
    ('ư', "u\u{31b}", "ừứửữự"),
    ('y', "y", "ỳýỷỹỵ"),
];
/// Combining grave, acute, hook above, tilde, dot below.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{309}', '\u{303}', '\u{323}'];
/// Combining breve, circumflex, horn.
const SHAPES: [char; 3] = ['\u{306}', '\u{302}', '\u{31b}'];
/// Characters of an excerpt.
const EXCERPT: usize = 200;
/// Characters that are looked at for one.
const LOOKED: usize = 4_000;
/// So many characters of base64 without a break may be a file.
const FILE: usize = 48;
/// Names of secrets in lower case (national-databases.md §9.4); `lgspaccesstoken` and `x-session` are covered by their ends.
const SECRETS: [&str; 10] = [
    "authkey",
    "securitykey",
    "securitycode",
    "secretkey",
    "accesskey",
    "accesstoken",
    "authorization",
    "password",
    "secretpass",
    "client_secret",
];

/// The comparable form of a text: lower case, letters taken apart in one fixed order (so that composed and
/// decomposed Vietnamese compare equal), one blank between words, nothing invisible.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = Folded(Vec::with_capacity(text.len()));
    for letter in text.chars().flat_map(char::to_lowercase) {
        folded.push(letter);
    }
    folded.0.iter().collect::<String>().trim_end().to_owned()
}

/// A name as the population database takes it in its mode A (§2.8): composed letters, upper case, single spaces.
#[must_use]
pub fn upper(name: &str) -> String {
    let words: Vec<String> = composed(name).split_whitespace().map(str::to_uppercase).collect();
    words.join(" ")
}

/// A name in its mode B: upper case, without accents and spaces, A–Z and 0–9 only.
#[must_use]
pub fn ascii(name: &str) -> String {
    let plain = fold(name).replace('đ', "d");
    let letters = plain.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

/// The same text with Vietnamese letters composed; nothing invisible is left in it.
fn composed(text: &str) -> String {
    let folded: Vec<char> = text.chars().filter(|letter| !is_invisible(*letter)).collect();
    let mut whole = String::with_capacity(text.len());
    let mut rest = folded.as_slice();
    while let Some((stem, after)) = rest.split_first() {
        let marks = after.iter().take_while(|letter| is_mark(**letter)).count();
        let (marks, after) = after.split_at(marks);
        match compose(*stem, marks) {
            Some(letter) => whole.push(letter),
            None => whole.extend(std::iter::once(stem).chain(marks)),
        }
        rest = after;
    }
    whole
}

/// One letter of a stem and its marks, where Vietnamese has it.
fn compose(stem: char, marks: &[char]) -> Option<char> {
    if marks.is_empty() {
        return None;
    }
    let wanted = fold(&std::iter::once(&stem).chain(marks).collect::<String>());
    let all = VOWELS
        .iter()
        .flat_map(|(plain, _, toned)| std::iter::once(*plain).chain(toned.chars()));
    let found = all
        .into_iter()
        .find(|letter| fold(&letter.to_string()) == wanted)?;
    Some(if stem.is_uppercase() {
        found.to_uppercase().next().unwrap_or(found)
    } else {
        found
    })
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}')
}

struct Folded(Vec<char>);

impl Folded {
    fn push(&mut self, letter: char) {
        match letter {
            'ð' => self.0.push('đ'), // old code pages write the one for the other
            letter if is_invisible(letter) => {}
            blank if blank.is_whitespace() => self.blank(),
            mark if is_mark(mark) => self.mark(mark),
            plain if plain.is_ascii() => self.0.push(plain),
            letter => self.letter(letter),
        }
    }

    fn blank(&mut self) {
        if self.0.last().is_some_and(|last| *last != ' ') {
            self.0.push(' ');
        }
    }

    /// Marks stand in the order of their code points, each once, whatever order they were typed in.
    fn mark(&mut self, mark: char) {
        let start = self
            .0
            .iter()
            .rposition(|c| !is_mark(*c))
            .map_or(0, |stem| stem + 1);
        if let Err(at) = self.0[start..].binary_search(&mark) {
            self.0.insert(start + at, mark);
        }
    }

    fn letter(&mut self, letter: char) {
        for (plain, stem, toned) in VOWELS {
            let tone = toned.chars().position(|c| c == letter);
            if plain == letter || tone.is_some() {
                self.0.extend(stem.chars());
                tone.into_iter().for_each(|tone| self.mark(TONES[tone]));
                return;
            }
        }
        self.0.push(letter);
    }
}

fn is_mark(letter: char) -> bool {
    TONES.contains(&letter) || SHAPES.contains(&letter)
}

/// The part of a text that may stand in a log: at most 200 characters on one line, with every run of 9 to 12
/// digits (identity papers, tax codes, insurance numbers, phones), what stands after the name of a secret, and whatever is
/// long enough to be a file starred out.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let line: String = text
        .chars()
        .take(LOOKED)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let quiet = unnamed(line.trim());
    mask(&short(&quiet)).chars().take(EXCERPT).collect()
}

/// The text without what stands after the name of a secret: some partners say back what was sent.
fn unnamed(text: &str) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    let found = SECRETS
        .iter()
        .filter_map(|name| Some(lower.find(name)? + name.len()))
        .min();
    let Some(end) = found else {
        return Cow::Borrowed(text);
    };
    let (before, rest) = text.split_at(end);
    let marks = |c: char| matches!(c, '"' | '\'' | '\\' | ',' | '&' | ';' | '}' | ']' | ')');
    let value = rest.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | ':' | '=' | '(' | '[')
    });
    let gap = &rest[..rest.len() - value.len()];
    let end = value
        .find(|c: char| c.is_whitespace() || marks(c))
        .unwrap_or(value.len());
    // Words of a sentence are no secret: a secret is ASCII.
    if gap.is_empty() || end == 0 || !value[..end].is_ascii() {
        return Cow::Owned(format!("{before}{}", unnamed(rest)));
    }
    Cow::Owned(format!("{before}{gap}***{}", unnamed(&value[end..])))
}

/// The text without runs that are long enough to be a file in base64.
fn short(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, run) = rest.split_at(start);
        let end = run.find(|c: char| !is_part(c)).unwrap_or(run.len());
        kept.push_str(before);
        kept.push_str(if end < FILE { &run[..end] } else { "***" });
        rest = &run[end..];
    }
    kept.push_str(rest);
    kept
}

fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (run, after) = digits.split_at(end);
        masked.push_str(before);
        if (9..=12).contains(&run.len()) {
            masked.extend(run.chars().map(|_| '*'));
        } else {
            masked.push_str(run);
        }
        rest = after;
    }
    masked.push_str(rest);
    masked
}

/// A text as one value of a query: everything but RFC 3986's unreserved characters is percent-encoded.
#[must_use]
pub fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_vietnamese_compare_equal() {
        let composed = "Hồ sơ ĐÃ TỒN TẠI, được cập nhật tiến độ";
        let decomposed = "Ho\u{302}\u{300} so\u{31b} ĐA\u{303} TO\u{302}\u{300}N TA\u{323}I, \
                          đu\u{31b}o\u{323}\u{31b}c ca\u{323}\u{302}p nha\u{302}\u{323}t tie\u{301}\u{302}n đo\u{323}\u{302}";
        assert_eq!(fold(composed), fold(decomposed));
        assert_eq!(fold("tiê\u{301}n"), fold("tiến")); // half composed
        assert_eq!(fold("\u{d0}ã  tồn\u{a0}tại\u{200b} "), fold("đã tồn tại"));
    }

    #[test]
    fn folding_keeps_different_words_apart() {
        assert_ne!(fold("chưa"), fold("chua"));
        assert_ne!(fold("tồn"), fold("tôn"));
        assert_ne!(fold("đã"), fold("da"));
    }

    #[test]
    fn every_toned_letter_folds_to_its_stem_and_tone() {
        for (plain, _, toned) in VOWELS {
            for (letter, tone) in toned.chars().zip(TONES) {
                assert_eq!(
                    fold(&letter.to_string()),
                    fold(&format!("{plain}{tone}")),
                    "{letter}"
                );
            }
        }
    }

    #[test]
    fn names_are_written_in_both_modes_whatever_form_they_came_in() {
        for name in [
            "Trần Văn Mẫu",
            "Tra\u{302}\u{300}n  Va\u{306}n Ma\u{302}\u{303}u ",
            "Tr\u{e2}\u{300}n V\u{103}n\u{200b} M\u{e2}\u{303}u",
        ] {
            assert_eq!(upper(name), "TRẦN VĂN MẪU");
            assert_eq!(ascii(name), "TRANVANMAU");
        }
        assert_eq!(ascii("Đặng H'Bia Ê-ban"), "DANGHBIAEBAN");
        assert_eq!(upper("Đặng H'Bia Ê-ban"), "ĐẶNG H'BIA Ê-BAN");
    }

    #[test]
    fn an_excerpt_hides_numbers_of_persons_and_keeps_those_of_dossiers() {
        let text = "CCCD 099090000001,\tđt 0900000001, hồ sơ 000.00.14.H99-240115-0001 lúc 20240115093000";
        let shown = "CCCD ************, đt **********, hồ sơ 000.00.14.H99-240115-0001 lúc 20240115093000";
        assert_eq!(excerpt(text), shown);
        // masked before it is cut, so that a cut number does not escape the mask
        let long = excerpt(&format!("{}099090000001", "ế".repeat(195)));
        assert_eq!(long, format!("{}*****", "ế".repeat(195)));
    }

    #[test]
    fn a_secret_and_a_file_that_are_said_back_are_not_shown() {
        for (text, shown) in [
            ("authKey k-7.x!y không hợp lệ", "authKey *** không hợp lệ"),
            (
                r#"{"authKey":"k-7","maTinh":"38"}"#,
                r#"{"authKey":"***","maTinh":"38"}"#,
            ),
            (r#"{\"AuthKey\": \"k-7\"}"#, r#"{\"AuthKey\": \"***\"}"#),
            (
                "lgspAccessToken=abc&SecurityCode = q",
                "lgspAccessToken=***&SecurityCode = ***",
            ),
            (
                "Authorization: Bearer-t1, password (p)",
                "Authorization: ***, password (***)",
            ),
            ("authKey không hợp lệ", "authKey không hợp lệ"),
        ] {
            assert_eq!(excerpt(text), shown, "{text}");
        }
        let file = excerpt(&format!("giayKhaiSinh {} sai", "JVBERi0x+/".repeat(9)));
        assert_eq!(file, "giayKhaiSinh *** sai");
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920c331-01";
        assert_eq!(excerpt(trace), trace, "a trace id stays");
    }

    #[test]
    fn a_query_value_cannot_add_another() {
        assert_eq!(
            percent("VN:GOV:000.00&a=b\r\né"),
            "VN%3AGOV%3A000.00%26a%3Db%0D%0A%C3%A9"
        );
    }
}
