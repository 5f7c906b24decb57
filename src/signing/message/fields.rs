use super::component::Form;
use super::structured::{Dictionary, list, write_bytes, write_list};
use super::{Headers, MessageError};

impl Headers<'_> {
    /// The lines of a field, each trimmed and unfolded (RFC 9421 §2.1); no line at all is an error.
    fn lines(&self, name: &str) -> Result<Vec<Vec<u8>>, MessageError> {
        let lines: Vec<Vec<u8>> = self
            .0
            .iter()
            .filter(|line| line.0.eq_ignore_ascii_case(name))
            .map(|line| unfold(trim(line.1)))
            .collect();
        if lines.is_empty() {
            return Err(MessageError::Absent(name.to_owned()));
        }
        Ok(lines)
    }

    /// The lines of a field joined, as far as they are printable ASCII.
    pub(super) fn text(&self, name: &str) -> Result<String, MessageError> {
        let joined = self.lines(name)?.join(&b", "[..]);
        let fits = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
        if !joined.iter().all(fits) {
            return Err(MessageError::Value(name.to_owned()));
        }
        String::from_utf8(joined).map_err(|_| MessageError::Value(name.to_owned()))
    }

    /// The value of a field in the form that its identifier asks for.
    pub(super) fn value(&self, name: &str, form: &Form) -> Result<String, MessageError> {
        match form {
            Form::Plain => self.text(name),
            Form::Bytes => {
                let lines = self.lines(name)?;
                let lines: Vec<String> = lines.iter().map(|line| write_bytes(line)).collect();
                Ok(lines.join(", "))
            }
            Form::Structured => {
                canonical(&self.text(name)?).ok_or_else(|| MessageError::Value(name.to_owned()))
            }
            Form::Member(key) => {
                let fields =
                    Dictionary::read(&self.text(name)?).map_err(|_| MessageError::Value(name.to_owned()))?;
                let member = fields.member(key);
                member
                    .map(|member| member.write())
                    .ok_or_else(|| MessageError::Absent(format!("{name}, key {key}")))
            }
            // Only `@query-param` has it, and that is no field.
            Form::Parameter(_) => Err(MessageError::Component(name.to_owned())),
        }
    }
}

/// Which kind of structured field it is decides nothing: where a text can be read as two, it is written alike as both.
fn canonical(text: &str) -> Option<String> {
    match Dictionary::read(text) {
        Ok(fields) => Some(fields.write()),
        Err(_) => Some(write_list(&list(text).ok()?)),
    }
}

fn trim(mut value: &[u8]) -> &[u8] {
    let blank = |byte: &u8| b" \t\r\n".contains(byte);
    while let Some((first, rest)) = value.split_first()
        && blank(first)
    {
        value = rest;
    }
    while let Some((last, rest)) = value.split_last()
        && blank(last)
    {
        value = rest;
    }
    value
}

/// A line break with blanks after it, and those before it, become one blank (RFC 9112 §5.2). A break without them stays
/// and is refused later.
fn unfold(value: &[u8]) -> Vec<u8> {
    let mut unfolded: Vec<u8> = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&first, after)) = rest.split_first() {
        let folded = folded(rest);
        if folded == 0 {
            unfolded.push(first);
            rest = after;
            continue;
        }
        while unfolded.last().is_some_and(|last| b" \t".contains(last)) {
            unfolded.pop();
        }
        unfolded.push(b' ');
        rest = rest.get(folded..).unwrap_or_default();
    }
    unfolded
}

/// How many bytes a fold has that begins here; 0 is no fold.
fn folded(text: &[u8]) -> usize {
    let breaks = if text.starts_with(b"\r\n") {
        2
    } else {
        usize::from(text.starts_with(b"\n"))
    };
    let blanks = text
        .iter()
        .skip(breaks)
        .take_while(|byte| b" \t".contains(byte))
        .count();
    if breaks == 0 || blanks == 0 {
        0
    } else {
        breaks + blanks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(lines: &[&[u8]], form: Form) -> Result<String, MessageError> {
        let lines: Vec<(&str, &[u8])> = lines.iter().map(|line| ("Example", *line)).collect();
        Headers(&lines).value("example", &form)
    }

    #[test]
    fn the_fields_of_rfc_9421_2_1() {
        let plain = |lines: &[&[u8]]| value(lines, Form::Plain).unwrap();
        assert_eq!(
            plain(&[b"max-age=60", b"   must-revalidate  "]),
            "max-age=60, must-revalidate"
        );
        assert_eq!(
            plain(&[b"Obsolete\r\n    line folding.\t"]),
            "Obsolete line folding."
        );
        assert_eq!(plain(&[b"a \t\r\n \r\n b"]), "a b");
        assert_eq!(plain(&[b""]), "");
        assert_eq!(plain(&[b"a", b"", b"b"]), "a, , b");
        for wrong in [&b"a\nb"[..], b"a\rb", b"a\r\nb", b"\xc4\x91", b"a\0b"] {
            assert!(matches!(
                value(&[wrong], Form::Plain),
                Err(MessageError::Value(_))
            ));
        }
        assert!(matches!(value(&[], Form::Plain), Err(MessageError::Absent(_))));
    }

    #[test]
    fn structured_fields_of_rfc_9421_2_1_1_to_2_1_3() {
        let dict: &[u8] = b"  a=1,    b=2;x=1;y=2,   c=(a   b    c), d";
        assert_eq!(
            value(&[dict], Form::Structured).unwrap(),
            "a=1, b=2;x=1;y=2, c=(a b c), d"
        );
        for (key, expected) in [("a", "1"), ("b", "2;x=1;y=2"), ("c", "(a b c)"), ("d", "?1")] {
            let value = value(
                &[b"a=1", b"b=2;x=1;y=2, c=(a   b   c), d"],
                Form::Member(key.into()),
            );
            assert_eq!(value.unwrap(), expected);
        }
        assert!(value(&[dict], Form::Member("e".into())).is_err());
        assert_eq!(
            value(&[b"text/html;q=1.0,  Sub", b"1"], Form::Structured).unwrap(),
            "text/html;q=1.0, Sub, 1"
        );
        assert!(value(&[b"a=1, a=2"], Form::Structured).is_err());
        assert!(value(&[b"\"open"], Form::Structured).is_err());
        assert_eq!(
            value(&[b"value, with, lots", b"of, commas"], Form::Bytes).unwrap(),
            ":dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:"
        );
        assert_eq!(
            value(&[b"value, with, lots, of, commas"], Form::Bytes).unwrap(),
            ":dmFsdWUsIHdpdGgsIGxvdHMsIG9mLCBjb21tYXM=:"
        );
        assert_eq!(value(&[b"\xc4\x91"], Form::Bytes).unwrap(), ":xJE=:");
    }
}
