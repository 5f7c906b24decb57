//! In which language a page speaks: as its reader chose, else as the browser asks, else Vietnamese.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use super::gate::cookie;

/// The cookie that remembers the choice. It says nothing about anybody.
pub(super) const COOKIE: &str = "lienthong-language";

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lang {
    #[default]
    Vietnamese,
    English,
}

impl Lang {
    /// The one of a request.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        cookie(headers, COOKIE)
            .and_then(Self::tagged)
            .unwrap_or_else(|| Self::liked(headers))
    }

    /// As the `lang` of a page names it.
    pub(super) fn tag(self) -> &'static str {
        self.t("vi", "en")
    }

    /// The one of a tag.
    pub(super) fn tagged(tag: &str) -> Option<Self> {
        match tag {
            "vi" => Some(Self::Vietnamese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// What is said in it.
    pub(super) fn t<'a>(self, vietnamese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Vietnamese => vietnamese,
            Self::English => english,
        }
    }

    /// English where the browser names it before Vietnamese: a browser lists what its reader likes, the best first.
    fn liked(headers: &HeaderMap) -> Self {
        let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let mut tags = asked.unwrap_or_default().split(',').map(str::trim);
        let first = tags.find_map(|tag| Self::tagged(tag.get(..2)?));
        first.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_counts_before_what_the_browser_likes() {
        let of = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            Lang::of(&headers)
        };
        assert_eq!(Lang::of(&HeaderMap::new()), Lang::Vietnamese);
        assert_eq!(of("accept-language", "en-GB,en;q=0.9,vi;q=0.8"), Lang::English);
        assert_eq!(of("accept-language", "fr, vi;q=0.5, en;q=0.4"), Lang::Vietnamese);
        assert_eq!(of("cookie", "a=b; lienthong-language=en"), Lang::English);
        assert_eq!(of("cookie", "lienthong-language=xx"), Lang::Vietnamese);
    }
}
