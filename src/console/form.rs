//! What a form says (`application/x-www-form-urlencoded`, the WHATWG's URL standard §5): names may stand more than once.

/// The fields of a form, in their order.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Form(Vec<(String, String)>);

/// Names only: passwords and reasons are among the values.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Form {
    /// Reads the bytes of a body, or of a query.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        let pair = |pair: &[u8]| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            (text(name), text(value.get(1..).unwrap_or_default()))
        };
        Self(pairs.map(pair).collect())
    }

    /// The first value of a name, without the spaces around it; nothing where it is empty or absent.
    pub(super) fn said(&self, name: &str) -> Option<&str> {
        let value = self.raw(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The first value of a name, as it came.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

fn text(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|two| data_encoding::HEXUPPER_PERMISSIVE.decode(two).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                out.extend(byte);
                rest = &after[2..];
                continue;
            }
            (b'+', _) => out.push(b' '),
            (plain, _) => out.push(*plain),
        }
        rest = after;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A value as it stands in a query.
pub(super) fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let form = Form::read("a=1&b=h%E1%BB%93+s%C6%A1&a=2&&c&d=%zz%4&e==".as_bytes());
        assert_eq!(form.said("b"), Some("hồ sơ"));
        assert_eq!(
            (form.said("a"), form.said("c"), form.raw("c")),
            (Some("1"), None, Some(""))
        );
        assert_eq!(form.raw("a"), Some("1"), "the first");
        assert_eq!((form.said("d"), form.said("e")), (Some("%zz%4"), Some("=")));
        assert_eq!(format!("{:?}", Form::read(b"password=x")), "{\"password\"}");
    }

    #[test]
    fn what_is_escaped_is_read_back() {
        for text in ["", "a b&c=d%/+", "000.00.14.H99-260115-0001", "Đơn"] {
            assert_eq!(
                Form::read(format!("x={}", escaped(text)).as_bytes()).raw("x"),
                Some(text)
            );
        }
    }
}
