//! Vietnamese text made alike, so that two spellings of one thing can be seen to be one. For comparison and look-up only:
//! what is sent, signed or kept stays as it came.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The five tone marks as they combine, and the sign that stands for each at the end of its syllable.
const TONES: [(char, char); 5] = [
    ('\u{300}', '¹'),
    ('\u{301}', '²'),
    ('\u{309}', '³'),
    ('\u{303}', '⁴'),
    ('\u{323}', '⁵'),
];

/// The same text as people see it: NFC, one kind of space, quote, dash and Đ, and nothing invisible.
#[must_use]
pub fn tidy(text: &str) -> String {
    if is_tidy(text) {
        return text.to_owned();
    }
    // NFC itself gives some of the marks that are made one, so that they are looked at on both sides of it.
    let seen: String = text.chars().filter_map(seen).nfc().filter_map(seen).collect();
    let mut tidy = String::with_capacity(seen.len());
    for word in seen.split(' ').filter(|word| !word.is_empty()) {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

/// The key of a spelling: case does not count, nor where in its syllable a tone stands (hòa and hoà), nor spaces around a
/// dash or an apostrophe. The letters ă â ê ô ơ ư đ stay apart.
#[must_use]
pub fn key(text: &str) -> String {
    let text = joined(&tidy(&tidy(text).to_lowercase()));
    let mut key = String::with_capacity(text.len() + 8);
    let (mut tones, mut base) = (String::new(), ' ');
    for letter in text.nfd() {
        let tone = TONES.iter().find(|(tone, _)| *tone == letter);
        match tone.filter(|_| "aeiouy".contains(base)) {
            Some((_, sign)) => tones.push(*sign),
            None => {
                if !letter.is_alphanumeric() && !is_combining_mark(letter) {
                    key.push_str(&std::mem::take(&mut tones));
                }
                key.push(letter);
                if !is_combining_mark(letter) {
                    base = letter;
                }
            }
        }
    }
    key.push_str(&tones);
    key.nfc().collect()
}

/// The key with i for y where spelling lets them change places: Mỹ and Mĩ, Quý and Quí. Proper names keep their own, so
/// that this finds candidates, never equals.
#[must_use]
pub fn loose(text: &str) -> String {
    let key = key(text);
    let mut loose = String::with_capacity(key.len());
    let mut word = String::new();
    for letter in key.chars() {
        if letter.is_alphabetic() {
            word.push(letter);
            continue;
        }
        alternate(&mut word, &mut loose);
        loose.push(letter);
    }
    alternate(&mut word, &mut loose);
    loose
}

/// Upper case without accents and without anything but letters and digits: the population database's own comparison, and
/// the last resort of ours.
#[must_use]
pub fn plain(text: &str) -> String {
    tidy(text)
        .to_uppercase()
        .nfd()
        .filter(|letter| letter.is_alphanumeric() && !is_combining_mark(*letter))
        .filter(|letter| TONES.iter().all(|(_, sign)| sign != letter))
        .map(|letter| if letter == 'Đ' { 'D' } else { letter })
        .collect()
}

/// True for what most texts are already.
fn is_tidy(text: &str) -> bool {
    let spaced = text.starts_with(' ') || text.ends_with(' ') || text.contains("  ");
    !spaced
        && text.chars().all(|letter| seen(letter) == Some(letter))
        && is_nfc_quick(text.chars()) == IsNormalized::Yes
}

/// What people see of one character; look-alikes are the one they are taken for.
fn seen(letter: char) -> Option<char> {
    match letter {
        '\u{AD}'
        | '\u{34F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' => None,
        'Ð' | 'Ɖ' => Some('Đ'),
        'ð' | 'ɖ' => Some('đ'),
        '`' | '´' | 'ʹ' | 'ʻ' | 'ʼ' | '\u{2018}'..='\u{201B}' | '′' | '＇' => Some('\''),
        '\u{201C}'..='\u{201F}' | '″' | '«' | '»' => Some('"'),
        '\u{2010}'..='\u{2015}' | '−' | '﹘' | '﹣' | '－' => Some('-'),
        letter if letter.is_whitespace() => Some(' '),
        letter => Some(letter),
    }
}

/// Without the spaces around dashes and apostrophes: `Ia H' Drai` and `Ia H'Drai` are both official.
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let mark = |letter: Option<char>| matches!(letter, Some('-' | '\''));
        if letter != ' ' || !(mark(letters.peek().copied()) || mark(joined.chars().next_back())) {
            joined.push(letter);
        }
    }
    joined
}

/// Moves a word over, with i for y where y is its only vowel and its last letter, or follows qu.
fn alternate(word: &mut String, into: &mut String) {
    let after_qu = word.strip_prefix("qu");
    let onset = word
        .strip_suffix('y')
        .filter(|onset| !onset.contains(|letter| "aăâeêioôơuưy".contains(letter)));
    match (after_qu, onset) {
        (Some(rest), _) => {
            into.push_str("qu");
            into.push_str(&rest.replace('y', "i"));
        }
        (None, Some(onset)) => {
            into.push_str(onset);
            into.push('i');
        }
        (None, None) => into.push_str(word),
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop, prop_oneof, proptest};
    use proptest::strategy::Strategy;

    use super::*;

    #[test]
    fn every_form_of_a_letter_is_one() {
        // NFC, NFD, the third form of Windows-1258, and the marks the other way round.
        for form in ["ế", "e\u{302}\u{301}", "ê\u{301}"] {
            assert_eq!(tidy(form), "ế");
        }
        for form in ["ộ", "o\u{323}\u{302}", "ọ\u{302}", "ô\u{323}"] {
            assert_eq!(tidy(form), "ộ");
        }
        assert_eq!(tidy("Ðăk Ɖoa, ðường"), "Đăk Đoa, đường");
        assert_eq!(tidy(" Phú\u{A0}\u{A0}Xuân\u{200B} \t"), "Phú Xuân");
        assert_eq!(tidy("M\u{2019}Drắk"), "M'Drắk");
        assert_eq!(tidy("Phan Rang\u{2013}Tháp Chàm"), "Phan Rang-Tháp Chàm");
        assert_eq!(tidy("\u{FEFF}Hu\u{AD}ế"), "Huế");
    }

    #[test]
    fn where_a_tone_stands_does_not_count() {
        let pairs = [
            ("hòa", "hoà"),
            ("khỏe", "khoẻ"),
            ("thủy", "thuỷ"),
            ("ÚY", "Uý"),
            ("Thuận Hóa", "THUẬN HOÁ"),
            ("qúy", "quý"),
            ("Phan Rang-Tháp Chàm", "Phan Rang - Tháp Chàm"),
            ("Ia H' Drai", "Ia H'Drai"),
        ];
        for (one, other) in pairs {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        assert_eq!(key("hoà"), "hoa¹");
        assert_eq!(key("Quế Sơn"), "quê² sơn", "the letters keep their own marks");
    }

    #[test]
    fn other_words_stay_apart() {
        let pairs = [
            ("quà", "quá"),
            ("già", "giá"),
            ("ba", "bă"),
            ("tan", "tân"),
            ("de", "đê"),
            ("de", "dê"),
            ("to", "tô"),
            ("tô", "tơ"),
            ("tu", "tư"),
            ("dao", "đao"),
            ("Phường 1", "Phường ¹1"),
            ("hoa2", "hóa"),
            ("Hồng-Ánh", "Hồng Ánh"),
            ("Mỹ", "Mĩ"),
            ("señor", "sẽnor"),
        ];
        for (one, other) in pairs {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn i_and_y_change_places_only_where_spelling_lets_them() {
        for (one, other) in [
            ("Mỹ", "Mĩ"),
            ("Lý", "Lí"),
            ("Quý", "Quí"),
            ("Kỳ", "Kì"),
            ("Ý", "Í"),
            ("Quỳnh", "Quình"),
        ] {
            assert_eq!(loose(one), loose(other), "{one} {other}");
        }
        for (one, other) in [("thúy", "thúi"), ("hay", "hai"), ("tay", "tai"), ("Huy", "Hui")] {
            assert_ne!(loose(one), loose(other), "{one} {other}");
        }
    }

    #[test]
    fn the_population_databases_fold() {
        assert_eq!(plain("Trần Văn Mẫu"), "TRANVANMAU");
        assert_eq!(plain("TRẦN  VĂN MẪU"), "TRANVANMAU");
        assert_eq!(plain("Ðặng Thị Đào"), "DANGTHIDAO");
        assert_eq!(plain("H'Hen Niê"), "HHENNIE");
        assert_eq!(plain("王芳"), "王芳", "other letters are not dropped");
        assert_eq!(
            plain(&key("Trần Văn Mẫu")),
            "TRANVANMAU",
            "nor is a key another text"
        );
    }

    /// Any text, and texts of Vietnamese letters and the marks that trouble them.
    fn texts() -> impl Strategy<Value = String> {
        let marks = "[aàáạăâấeêếiíoôơuưyýđĐÐƉðhtqgnQHT '’\\-–\u{A0}\u{200B}\u{AD}\u{300}\u{301}\u{302}\u{303}\u{309}\u{31B}\u{323}²]{0,12}";
        prop_oneof![any::<String>(), prop::string::string_regex(marks).unwrap()]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn folding_twice_is_folding_once(text in texts()) {
            for fold in [tidy, key, loose, plain] {
                let once = fold(&text);
                assert_eq!(fold(&once), once);
            }
        }

        #[test]
        fn each_fold_forgets_more_than_the_one_before(text in texts()) {
            assert_eq!(key(&tidy(&text)), key(&text));
            assert_eq!(loose(&key(&text)), loose(&text));
            let decomposed: String = text.nfd().collect();
            assert_eq!(tidy(&decomposed), tidy(&text));
            assert_eq!(key(&decomposed), key(&text));
            assert_eq!(plain(&decomposed), plain(&text));
        }
    }
}
