use std::collections::BTreeMap;

use serde::Deserialize;

use crate::answers::Row;

/// What the configuration of one installation says about the portal's wire. Plain values; nothing here is
/// known from outside with certainty, so everything can be set (§9 of the portal's facts).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Framing {
    /// The calling agency's identifier, in every envelope (§1.4). No default.
    pub madonvi: String,
    /// Paths below the adapter's base address (§1.1).
    pub endpoints: Endpoints,
    /// Services of the wire that this site sends to another endpoint than the shipped table says (§1.1).
    pub services: BTreeMap<String, Endpoint>,
    /// The provider's member code on the national exchange; blank sends none (§1.1).
    pub dstcode: String,
    /// Where `dstcode` stands; both by default, because either was seen alone (§1.1, §9.14).
    pub dstcode_place: Place,
    /// Second query parameter that some providers behind the same code need (§1.1).
    pub providerurl: Option<String>,
    /// Whether the header `Charset: utf-8` is sent (§1.2).
    pub charset_header: bool,
    /// Header that carries the signature over the payload; without one it stays with us, for P1 has no place
    /// for it.
    pub signature_header: Option<String>,
    /// Rows about answers that this site has learnt, tested before the shipped ones (§1.5, §8.8).
    pub answers: Vec<Row>,
    /// Whether the shipped rows about answers are used after the site's own.
    pub shipped_answers: bool,
    /// Whether code 0 counts for a push only with `thành công` in the text (§1.5); if not so, code 0 is enough.
    pub success_needs_text: bool,
    /// Whether HTTP 503 with `Retry-After` says that nothing was taken (§8.31); if not so, it is unclear.
    pub trust_retry_after: bool,
    /// Steps in one call (§8.30).
    pub steps: usize,
    /// Bytes of one payload; no limit of the portal is known (§9.4).
    pub bytes: usize,
}

impl Default for Framing {
    fn default() -> Self {
        Framing {
            madonvi: String::new(),
            endpoints: Endpoints::default(),
            services: BTreeMap::new(),
            dstcode: "VN:GOV:000.00.00.G22:vpcpdvcprovider".to_owned(),
            dstcode_place: Place::Both,
            providerurl: None,
            charset_header: true,
            signature_header: None,
            answers: Vec::new(),
            shipped_answers: true,
            success_needs_text: true,
            trust_retry_after: true,
            steps: 10,
            bytes: 5 << 20,
        }
    }
}

/// Paths by endpoint key. Only that of the login was ever seen (§9.3); the others have no default.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Endpoints {
    /// Where a session is opened.
    pub auth: String,
    /// Where dossiers and steps go.
    pub integration: String,
    /// Where catalogues are read.
    pub share: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        Endpoints {
            auth: "/mapi/login".to_owned(),
            integration: String::new(),
            share: String::new(),
        }
    }
}

/// Key of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// [`Endpoints::auth`]
    Auth,
    /// [`Endpoints::integration`]
    Integration,
    /// [`Endpoints::share`]
    Share,
}

/// Where `dstcode` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the header `dstcode`.
    Header,
    /// In the query.
    Query,
    /// In both.
    Both,
}

/// What is wrong with a framing; all of it is said at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A value that must be set is blank.
    #[error("`{0}` is blank")]
    Blank(&'static str),
    /// A value cannot stand where it is sent.
    #[error("`{0}` has characters that a request line or a header cannot carry")]
    Characters(&'static str),
    /// A limit that lets nothing through.
    #[error("`{0}` is zero")]
    Zero(&'static str),
    /// A row about answers that holds a blank text: it would match every answer.
    #[error("row {0} of `answers` holds a blank text")]
    Row(usize),
}

impl Framing {
    /// Everything that is wrong with these values.
    pub(crate) fn faults(&self) -> Vec<Unfit> {
        let needed = [
            ("madonvi", &self.madonvi),
            ("endpoints.auth", &self.endpoints.auth),
            ("endpoints.integration", &self.endpoints.integration),
            ("endpoints.share", &self.endpoints.share),
        ];
        let blank = needed.into_iter().filter(|(_, value)| value.trim().is_empty());
        let sent = needed.into_iter().skip(1).chain([("dstcode", &self.dstcode)]);
        let sent = sent.chain(
            self.signature_header
                .iter()
                .map(|name| ("signature_header", name)),
        );
        let bad = sent.filter(|(name, value)| !carried(name, value));
        let limits = [("steps", self.steps), ("bytes", self.bytes)];
        let zero = limits.into_iter().filter(|(_, limit)| *limit == 0);
        let rows = self.answers.iter().enumerate().filter(|(_, row)| row.is_blank());
        blank
            .map(|(name, _)| Unfit::Blank(name))
            .chain(bad.map(|(name, _)| Unfit::Characters(name)))
            .chain(zero.map(|(name, _)| Unfit::Zero(name)))
            .chain(rows.map(|(index, _)| Unfit::Row(index + 1)))
            .collect()
    }

    /// Path and query of an endpoint.
    pub(crate) fn target(&self, endpoint: Endpoint) -> String {
        let path = match endpoint {
            Endpoint::Auth => &self.endpoints.auth,
            Endpoint::Integration => &self.endpoints.integration,
            Endpoint::Share => &self.endpoints.share,
        };
        let dstcode =
            Some(&self.dstcode).filter(|code| !code.is_empty() && self.dstcode_place != Place::Header);
        let query = [("dstcode", dstcode), ("providerurl", self.providerurl.as_ref())];
        let mut target = format!("/{}", path.trim_start_matches('/'));
        for (name, value) in query.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            let joint = if target.contains('?') { "&" } else { "?" };
            target.extend([joint, name, "=", &wire::text::percent(value)]);
        }
        target
    }

    /// The headers of every request (§1.2). `Content-Length` is transport's.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let mut headers = vec![
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
        ];
        if self.charset_header {
            headers.push(("Charset", "utf-8"));
        }
        if !self.dstcode.is_empty() && self.dstcode_place != Place::Query {
            headers.push(("dstcode", &self.dstcode));
        }
        headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

fn carried(name: &str, value: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    match name {
        "signature_header" => !value.is_empty() && value.bytes().all(token),
        _ => value.bytes().all(|b| b.is_ascii_graphic() && b != b'#'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framing_that_nobody_filled_in_says_what_is_missing() {
        let blank = |name| Unfit::Blank(name);
        let faults = Framing::default().faults();
        assert_eq!(
            faults,
            [
                blank("madonvi"),
                blank("endpoints.integration"),
                blank("endpoints.share")
            ]
        );
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let framing: Framing = serde_json::from_str(
            r#"{"madonvi":"000.00.00.H99","endpoints":{"integration":"/a b","share":"/s"},"dstcode":"x\r\ny",
                "signature_header":"a:b","steps":0,"answers":[{"contains":["…"],"outcome":"done"},{"contains":[" "],"outcome":"done"}]}"#,
        )
        .unwrap();
        let bad = |name| Unfit::Characters(name);
        let expected = [
            bad("endpoints.integration"),
            bad("dstcode"),
            bad("signature_header"),
            Unfit::Zero("steps"),
            Unfit::Row(2),
        ];
        assert_eq!(framing.faults(), expected);
        assert!(serde_json::from_str::<Framing>(r#"{"madonvy":""}"#).is_err());
    }
}
