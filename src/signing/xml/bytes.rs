//! Bytes looked at many at once, for the one pass over plain documents.

/// Where the first `<`, `>` or `&` is: eight bytes at a time, since most of a document is character data.
pub(super) fn special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest set bit of 0x80 in each byte marks the first that is zero (those above it may be marked wrongly).
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        // `<` and `>` differ in one bit only.
        let angle = zero((word | (ONES << 1)) ^ (ONES * u64::from(b'>')));
        let found = angle | zero(word ^ (ONES * u64::from(b'&')));
        if found != 0 {
            return Some(index * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let place = rest.iter().position(|byte| matches!(byte, b'<' | b'>' | b'&'))?;
    Some(chunks.len() * 8 + place)
}

/// No part of a name.
pub(super) const OTHER: u8 = 0;
/// The colon.
pub(super) const COLON: u8 = 1;
/// What a name goes on with.
pub(super) const NAME: u8 = 2;
/// What a name begins with.
pub(super) const START: u8 = 3;

/// What a byte is in a name of ASCII letters.
pub(super) const CLASS: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut byte = 0;
    while byte < 128 {
        let letter = byte as u8;
        table[byte] = match letter {
            b':' => COLON,
            b'-' | b'.' | b'0'..=b'9' => NAME,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => START,
            _ => OTHER,
        };
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        assert_eq!(special(&[b'='; 40]), None);
        for (length, place) in (0..40).flat_map(|length| (0..length).map(move |place| (length, place))) {
            // Neighbours in value, and what has the high bit, are not taken for it.
            let others = [b'=', b';', b'?', b'%', b'\'', 0xbc, 0xbe, 0xa6];
            let mut bytes = vec![others[place % 8]; length];
            bytes[place] = b"<>&"[length % 3];
            assert_eq!(special(&bytes), Some(place));
        }
    }
}
