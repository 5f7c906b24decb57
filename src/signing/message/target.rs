use super::MessageError;

/// Where a request goes: an absolute URI, taken apart and left as it is spelt (RFC 9421 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    uri: &'a str,
    scheme: &'a str,
    authority: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    line: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Takes an absolute `http` or `https` URI without user, fragment or blanks apart.
    pub fn new(uri: &'a str) -> Result<Self, MessageError> {
        let visible = uri.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        let (scheme, rest) = uri.split_once("://").ok_or(MessageError::Target)?;
        let http = ["http", "https"]
            .iter()
            .any(|one| scheme.eq_ignore_ascii_case(one));
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        if !visible || !http || authority.is_empty() || uri.contains('#') || authority.contains('@') {
            return Err(MessageError::Target);
        }
        Ok(Self {
            uri,
            scheme,
            authority,
            path,
            query,
            line: None,
        })
    }

    /// The request target as it stands in the first line, where that is not path and query: a proxy's absolute form,
    /// CONNECT's authority, `*`.
    pub fn on_the_line(self, line: &'a str) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }

    /// `@target-uri` (§2.2.2).
    pub fn uri(&self) -> &'a str {
        self.uri
    }

    /// `@scheme` (§2.2.4).
    pub fn scheme(&self) -> String {
        self.scheme.to_ascii_lowercase()
    }

    /// `@authority` (§2.2.3): lower case, the scheme's own port dropped.
    pub fn authority(&self) -> String {
        let authority = self.authority.to_ascii_lowercase();
        let port = if self.scheme.eq_ignore_ascii_case("https") {
            ":443"
        } else {
            ":80"
        };
        let host = authority.strip_suffix(port).unwrap_or(&authority);
        host.strip_suffix(':').unwrap_or(host).to_owned()
    }

    /// `@path` (§2.2.6): an empty one is `/`.
    pub fn path(&self) -> &'a str {
        if self.path.is_empty() { "/" } else { self.path }
    }

    /// `@query` (§2.2.7): with its `?`, which stands alone where there is none.
    pub fn query(&self) -> String {
        format!("?{}", self.query.unwrap_or_default())
    }

    /// `@request-target` (§2.2.5).
    pub fn request_target(&self) -> String {
        match (self.line, self.query) {
            (Some(line), _) => line.to_owned(),
            (None, None) => self.path().to_owned(),
            (None, Some(query)) => format!("{}?{query}", self.path()),
        }
    }

    /// `@query-param` (§2.2.8): the values of a parameter, name and values re-encoded.
    pub fn parameters(&self, name: &str) -> Vec<String> {
        let pairs = self.query.unwrap_or_default().split('&');
        let pair = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            (recode(name), recode(value))
        };
        pairs
            .filter(|text| !text.is_empty())
            .map(pair)
            .filter(|pair| pair.0 == name)
            .map(|pair| pair.1)
            .collect()
    }
}

/// Decodes a form's name or value and encodes it in the one way of §2.2.8: a blank is `%20`, digits are capitals.
fn recode(text: &str) -> String {
    let decoded = decode(text.as_bytes());
    let text = String::from_utf8_lossy(&decoded);
    let one = |byte: u8| match byte {
        b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}

/// The form decoder of the URL standard: `+` is a blank, and a `%` without two digits stays.
fn decode(mut text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    while let Some((&first, rest)) = text.split_first() {
        let digits = rest
            .get(..2)
            .and_then(|two| data_encoding::HEXUPPER_PERMISSIVE.decode(two).ok());
        (text, _) = match (first, digits) {
            (b'%', Some(byte)) => (rest.get(2..).unwrap_or_default(), bytes.extend(byte)),
            (b'+', _) => (rest, bytes.push(b' ')),
            (plain, _) => (rest, bytes.push(plain)),
        };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_rfc_9421_2_2() {
        let target =
            Target::new("https://www.Example.com:443/path?param=value&foo=bar&baz=bat%2Dman").unwrap();
        assert_eq!(target.scheme(), "https");
        assert_eq!(target.authority(), "www.example.com");
        assert_eq!(target.path(), "/path");
        assert_eq!(target.query(), "?param=value&foo=bar&baz=bat%2Dman");
        assert_eq!(target.request_target(), "/path?param=value&foo=bar&baz=bat%2Dman");
        assert_eq!(target.parameters("baz"), ["bat-man"]);
        assert_eq!(target.on_the_line("*").request_target(), "*");
        let bare = Target::new("HTTP://a.example:8080").unwrap();
        assert_eq!(
            (bare.scheme().as_str(), bare.authority().as_str()),
            ("http", "a.example:8080")
        );
        assert_eq!((bare.path(), bare.query().as_str()), ("/", "?"));
        assert_eq!(bare.request_target(), "/");
        assert_eq!(Target::new("https://[::1]:443?").unwrap().authority(), "[::1]");
        assert_eq!(Target::new("https://a:80").unwrap().authority(), "a:80");
        assert_eq!(Target::new("http://a:80").unwrap().authority(), "a");
        assert_eq!(Target::new("http://a:").unwrap().authority(), "a");
    }

    #[test]
    fn query_parameters_are_decoded_and_encoded_again() {
        let target = Target::new(concat!(
            "https://a/parameters?var=this%20is%20a%20big%0Amultiline%20value",
            "&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something&&x&x=%zz%ff&sym=%2b~*"
        ))
        .unwrap();
        assert_eq!(
            target.parameters("var"),
            ["this%20is%20a%20big%0Amultiline%20value"]
        );
        assert_eq!(target.parameters("bar"), ["with%20plus%20whitespace"]);
        assert_eq!(target.parameters("fa%C3%A7ade%22%3A%20"), ["something"]);
        assert_eq!(target.parameters("x"), ["", "%25zz%EF%BF%BD"]);
        assert_eq!(target.parameters("sym"), ["%2B%7E*"]);
        assert_eq!(target.parameters(""), [""; 0]);
    }

    #[test]
    fn what_is_no_absolute_uri_of_http_is_refused() {
        for uri in [
            "",
            "/path",
            "//host/path",
            "ftp://host/",
            "https:///path",
            "https://host/a b",
            "https://host/\n",
            "https://host/#part",
            "https://user@host/",
            "https://hồ/",
        ] {
            assert_eq!(Target::new(uri), Err(MessageError::Target), "{uri}");
        }
    }
}
