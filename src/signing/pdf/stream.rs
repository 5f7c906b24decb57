//! The bytes of streams that structure is kept in: plain, or deflated with the predictors that PNG has (ISO 32000-1 §7.4.4).

use super::PdfError;
use super::bounds::Budget;
use super::object::{Dictionary, Object};

/// The bytes of a stream of this length that begins at `at`, decoded.
pub(super) fn decoded(
    bytes: &[u8],
    at: usize,
    length: usize,
    dictionary: &Dictionary,
    budget: &Budget,
) -> Result<Vec<u8>, PdfError> {
    let end = at.checked_add(length).ok_or(PdfError::Stream)?;
    let raw = bytes.get(at..end).ok_or(PdfError::Stream)?;
    let after = bytes.get(end..).unwrap_or_default().trim_ascii_start();
    if !after.starts_with(b"endstream") {
        return Err(PdfError::Stream);
    }
    let parameters = one(dictionary.value("DecodeParms"))?;
    match one(dictionary.value("Filter"))? {
        None => Ok(raw.to_vec()),
        Some(Object::Name(name)) if name == b"FlateDecode" => {
            let octets = budget.inflate(raw)?;
            predicted(octets, parameters.and_then(Object::dictionary))
        }
        Some(_) => Err(PdfError::Filter),
    }
}

/// A value, or the only one of an array.
fn one(value: Option<&Object>) -> Result<Option<&Object>, PdfError> {
    match value {
        None | Some(Object::Null) => Ok(None),
        Some(Object::Array(all)) => match all.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => Err(PdfError::Filter),
        },
        Some(value) => Ok(Some(value)),
    }
}

fn predicted(octets: Vec<u8>, parameters: Option<&Dictionary>) -> Result<Vec<u8>, PdfError> {
    let number = |key, default| parameters.and_then(|it| it.number(key)).unwrap_or(default);
    let columns = match number("Predictor", 1) {
        1 => return Ok(octets),
        10..=15 => number("Columns", 1),
        _ => return Err(PdfError::Filter),
    };
    // Structure has one octet a colour; images are not read here.
    if number("Colors", 1) != 1 || number("BitsPerComponent", 8) != 8 || !(1..=4096).contains(&columns) {
        return Err(PdfError::Filter);
    }
    let mut out: Vec<u8> = Vec::with_capacity(octets.len());
    let mut above = vec![0_u8; columns];
    for row in octets.chunks_exact(columns + 1) {
        let (kind, values) = row.split_first().ok_or(PdfError::Stream)?;
        let mut line = values.to_vec();
        unfilter(*kind, &mut line, &above)?;
        out.extend_from_slice(&line);
        above = line;
    }
    Ok(out)
}

/// One line (PNG §9.2), each octet from its left, the one above, and the one left above.
fn unfilter(kind: u8, line: &mut [u8], above: &[u8]) -> Result<(), PdfError> {
    let (mut left, mut corner) = (0_u8, 0_u8);
    for (octet, up) in line.iter_mut().zip(above) {
        let guess = match kind {
            0 => 0,
            1 => left,
            2 => *up,
            3 => u8::midpoint(left, *up),
            4 => paeth(left, *up, corner),
            _ => return Err(PdfError::Filter),
        };
        *octet = octet.wrapping_add(guess);
        (left, corner) = (*octet, *up);
    }
    Ok(())
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, up, corner].map(i16::from);
    let estimate = a + b - c;
    let [from_left, from_up, from_corner] = [a, b, c].map(|value| (estimate - value).abs());
    if from_left <= from_up && from_left <= from_corner {
        left
    } else if from_up <= from_corner {
        up
    } else {
        corner
    }
}
