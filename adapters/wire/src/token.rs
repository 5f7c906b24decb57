//! How a session is obtained from the platforms between a province and a ministry: the flows T1 to T9 of
//! national-databases.md §1.2, as data. What they cannot say (how long a token lives) is left to whoever uses them.

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;

use crate::answer::{Answer, Lifetime, Opened};
use crate::call::{Auth, Credentials, Method, Request};
use crate::fault::{self, Fault};
use crate::json::{self, Object};
use crate::text::{excerpt, percent};
use crate::time;

/// A session longer than this is no session.
const LONGEST: usize = 8 << 10;
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// One way to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Flow {
    /// T1: OAuth2 client credentials, key and secret in a Basic header.
    Basic {
        /// Where.
        path: String,
    },
    /// T2: the same, key and secret in the form.
    Form {
        /// Where.
        path: String,
    },
    /// T3: the form, and a header `lgspaccesstoken` with key, secret and names.
    Lgsp {
        /// Where.
        path: String,
        /// The application's and the partner's names there.
        #[serde(flatten)]
        keys: Keys,
    },
    /// T4: a header `Auth` and an empty form.
    Header {
        /// Where.
        path: String,
    },
    /// T5: a JSON object of name and password, under names of the site's own.
    Json {
        /// Where.
        path: String,
        /// The member that holds the name.
        #[serde(default = "username")]
        name: String,
        /// The member that holds the password.
        #[serde(default = "password")]
        word: String,
    },
    /// T6: OAuth2 password grant; the client's secret is the secret `client_secret`.
    Password {
        /// Where.
        path: String,
        /// The client.
        client: String,
    },
    /// T7: the portal's kind of session, which travels inside each body.
    Session {
        /// Where.
        path: String,
    },
    /// T8: no session; each call carries a hash over path, name, time and secret.
    Signed {
        /// The unit of its timestamp.
        #[serde(default)]
        unit: Unit,
    },
    /// T9: none; the caller is known by its network, or by a key in the body.
    None,
}

/// The names that an LGSP of the VNPT kind knows a caller by (T3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Keys {
    /// `AppName`.
    pub app: String,
    /// `PartnerCode`.
    pub partner: String,
    /// `PartnerCodeCus`.
    pub customer: String,
}

/// The unit of a timestamp.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// Milliseconds since 1970.
    #[default]
    #[serde(rename = "ms")]
    Millis,
    /// Seconds since 1970.
    #[serde(rename = "s")]
    Seconds,
}

fn username() -> String {
    "userName".to_owned()
}

fn password() -> String {
    "password".to_owned()
}

impl Flow {
    /// Whether calls need an open session.
    #[must_use]
    pub fn has_session(&self) -> bool {
        match self {
            Flow::Signed { .. } | Flow::None => false,
            Flow::Basic { .. }
            | Flow::Form { .. }
            | Flow::Lgsp { .. }
            | Flow::Header { .. }
            | Flow::Json { .. }
            | Flow::Password { .. }
            | Flow::Session { .. } => true,
        }
    }

    /// The request that opens a session.
    #[must_use]
    pub fn login(&self, account: &Credentials<'_>) -> Option<Request> {
        let Credentials {
            username, password, ..
        } = *account;
        Some(match self {
            Flow::Basic { path } => {
                let request = form(path, &[("grant_type", "client_credentials")]);
                with(request, "Authorization", &format!("Basic {}", basic(account)))
            }
            Flow::Form { path } => form(
                path,
                &[
                    ("grant_type", "client_credentials"),
                    ("client_id", username),
                    ("client_secret", password),
                ],
            ),
            Flow::Lgsp { path, keys } => {
                let request = form(path, &[("grant_type", "client_credentials")]);
                with(request, "lgspaccesstoken", &keys.token(account))
            }
            Flow::Header { path } => with(form(path, &[]), "Auth", &basic(account)),
            Flow::Json { path, name, word } => post(
                path,
                JSON,
                Object::new(64).text(name, username).text(word, password).end(),
            ),
            Flow::Password { path, client } => form(
                path,
                &[
                    ("grant_type", "password"),
                    ("username", username),
                    ("password", password),
                    ("client_id", client),
                    (
                        "client_secret",
                        account.secret("client_secret").unwrap_or_default(),
                    ),
                ],
            ),
            Flow::Session { path } => {
                let body = Object::new(64)
                    .text("username", username)
                    .text("password", password);
                post(path, JSON, body.end())
            }
            Flow::Signed { .. } | Flow::None => return None,
        })
    }

    /// What the answer to [`Flow::login`] means.
    #[must_use]
    pub fn opened(&self, answer: &Answer<'_>) -> Opened {
        let unclear = Opened::Unclear {
            after: answer.retry_after,
        };
        let document = serde_json::from_slice::<Value>(answer.body).ok();
        match (answer.status, document) {
            (200..=299, Some(document)) => session(&document).unwrap_or_else(|| said_no(&document, unclear)),
            (400 | 401 | 403, document) => refused(answer, document.as_ref()),
            _ => unclear,
        }
    }

    /// The headers that sign one call of the service known there as `path` (T8).
    #[must_use]
    pub fn sign(&self, path: &str, auth: &Auth<'_>) -> Vec<(String, String)> {
        let Flow::Signed { unit } = self else {
            return Vec::new();
        };
        let stamp = match unit {
            Unit::Millis => auth.at,
            Unit::Seconds => auth.at.div_euclid(1_000),
        }
        .to_string();
        let Credentials {
            username, password, ..
        } = auth.credentials;
        let hash = (auth.sha256)([path, username, &stamp, password].concat().as_bytes());
        let hash = data_encoding::HEXLOWER.encode(&hash);
        let account = BASE64.encode(format!("{username}:{hash}").as_bytes());
        vec![
            ("Timestamp".to_owned(), stamp),
            ("Authorization".to_owned(), format!("Basic {account}")),
        ]
    }
}

impl Keys {
    /// The value of `lgspaccesstoken`: compact JSON in this order of members, in base64 (§2.2).
    #[must_use]
    pub fn token(&self, account: &Credentials<'_>) -> String {
        let keys = Object::new(128)
            .text("AccessKey", account.username)
            .text("SecretKey", account.password)
            .text("AppName", &self.app)
            .text("PartnerCode", &self.partner)
            .text("PartnerCodeCus", &self.customer);
        BASE64.encode(&keys.end())
    }
}

fn basic(account: &Credentials<'_>) -> String {
    BASE64.encode(format!("{}:{}", account.username, account.password).as_bytes())
}

fn form(path: &str, fields: &[(&str, &str)]) -> Request {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", percent(value)))
        .collect();
    post(path, FORM, pairs.join("&").into_bytes())
}

fn post(path: &str, media: &str, body: Vec<u8>) -> Request {
    let headers = [("Accept", JSON), ("Content-Type", media)];
    Request {
        method: Method::Post,
        target: path.to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body,
    }
}

fn with(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.push((name.to_owned(), value.to_owned()));
    request
}

/// The token in an answer that says yes. One with an error code that is not zero says no.
fn session(document: &Value) -> Option<Opened> {
    if failed(document) {
        return None;
    }
    let token = ["access_token", "token", "accessToken", "session"]
        .iter()
        .find_map(|name| document.get(name)?.as_str())
        .filter(|token| is_token(token))?;
    Some(Opened::Session {
        token: token.to_owned(),
        lives: lifetime(document),
    })
}

fn is_token(token: &str) -> bool {
    !token.is_empty() && token.len() <= LONGEST && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn failed(document: &Value) -> bool {
    ["error_code", "errorCode", "statusCode"]
        .iter()
        .filter_map(|name| json::scalar(document.get(name)?))
        .any(|code| !code.trim().trim_start_matches('0').is_empty() && code.trim() != "200")
}

fn lifetime(document: &Value) -> Lifetime {
    if let Some(seconds) = document.get("expires_in").and_then(json::scalar) {
        return seconds.trim().parse().map_or(Lifetime::Unsaid, Lifetime::Seconds);
    }
    ["expiryDate", "expiration"]
        .iter()
        .find_map(|name| time::moment(document.get(name)?.as_str()?))
        .map_or(Lifetime::Unsaid, Lifetime::Until)
}

/// A whole answer without a token refuses when it gives a reason, and is unclear when it gives none.
fn said_no(document: &Value, unclear: Opened) -> Opened {
    if !failed(document) {
        return unclear;
    }
    let code = ["error_code", "errorCode", "statusCode"]
        .iter()
        .find_map(|name| json::scalar(document.get(name)?));
    let text = ["message", "error_description", "errorDetail", "result"]
        .iter()
        .find_map(|name| document.get(name).map(json::words));
    Opened::Refused {
        code: code.map(|code| excerpt(&code)),
        text: text.map(|text| excerpt(&text)),
    }
}

fn refused(answer: &Answer<'_>, document: Option<&Value>) -> Opened {
    let word = |name: &str| document?.get(name)?.as_str().map(excerpt);
    let (code, text) = match (word("error"), fault::platform(answer)) {
        (Some(code), _) => (Some(code), word("error_description")),
        (None, Some(Fault { code, text, .. })) => (code, text),
        (None, None) => (None, None),
    };
    // A platform that cannot be read is not one that refuses the account.
    if code.is_none() && answer.status == 400 {
        return Opened::Unclear {
            after: answer.retry_after,
        };
    }
    Opened::Refused { code, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(text: &str) -> Flow {
        serde_json::from_str(text).unwrap()
    }

    const ACCOUNT: Credentials<'static> = Credentials {
        username: "ak-demo",
        password: "sk-demo",
        secrets: &[("client_secret", "s & t")],
    };

    fn framed(text: &str) -> (String, Vec<(String, String)>) {
        let request = flow(text).login(&ACCOUNT).unwrap();
        (String::from_utf8(request.body).unwrap(), request.headers)
    }

    fn header(headers: &[(String, String)], name: &str) -> String {
        let found = headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    #[test]
    fn t1_to_t7_are_framed_as_their_platforms_read_them() {
        let (body, headers) = framed(r#"{"kind":"basic","path":"/token"}"#);
        assert_eq!(body, "grant_type=client_credentials");
        assert_eq!(header(&headers, "Authorization"), "Basic YWstZGVtbzpzay1kZW1v");
        let (body, _) = framed(r#"{"kind":"form","path":"/token"}"#);
        assert_eq!(
            body,
            "grant_type=client_credentials&client_id=ak-demo&client_secret=sk-demo"
        );
        let (body, headers) = framed(r#"{"kind":"header","path":"/api/v1/Authentication/Token"}"#);
        assert_eq!(
            (body.as_str(), header(&headers, "Auth")),
            ("", "YWstZGVtbzpzay1kZW1v".to_owned())
        );
        let (body, _) = framed(r#"{"kind":"json","path":"/t"}"#);
        assert_eq!(body, r#"{"userName":"ak-demo","password":"sk-demo"}"#);
        let (body, _) = framed(r#"{"kind":"json","path":"/t","name":"SecretId","word":"SecretPass"}"#);
        assert_eq!(body, r#"{"SecretId":"ak-demo","SecretPass":"sk-demo"}"#);
        let (body, _) = framed(r#"{"kind":"password","path":"/t","client":"ilis"}"#);
        assert_eq!(
            body,
            "grant_type=password&username=ak-demo&password=sk-demo&client_id=ilis&client_secret=s%20%26%20t"
        );
        let (body, _) = framed(r#"{"kind":"session","path":"/mapi/login"}"#);
        assert_eq!(body, r#"{"username":"ak-demo","password":"sk-demo"}"#);
    }

    #[test]
    fn t3_carries_the_vector_of_the_specification() {
        let (body, headers) = framed(
            r#"{"kind":"lgsp","path":"/token","app":"GatewayDemo","partner":"000.00.00.H56","customer":"000.00.00.H56"}"#,
        );
        assert_eq!(body, "grant_type=client_credentials");
        assert_eq!(
            header(&headers, "lgspaccesstoken"),
            "eyJBY2Nlc3NLZXkiOiJhay1kZW1vIiwiU2VjcmV0S2V5Ijoic2stZGVtbyIsIkFwcE5hbWUiOiJHYXRld2F5RGVtbyIsIlBhcnRuZXJDb2RlIjoiMDAwLjAwLjAwLkg1NiIsIlBhcnRuZXJDb2RlQ3VzIjoiMDAwLjAwLjAwLkg1NiJ9"
        );
    }

    #[test]
    fn t8_and_t9_open_nothing() {
        for text in [r#"{"kind":"signed"}"#, r#"{"kind":"none"}"#] {
            assert_eq!(flow(text).login(&ACCOUNT), None);
            assert!(!flow(text).has_session());
        }
    }

    #[test]
    fn t8_hashes_path_name_time_and_secret_and_shows_only_the_hash() {
        let auth = Auth {
            at: 1_767_225_600_999,
            credentials: Credentials {
                username: "u",
                password: "p",
                secrets: &[],
            },
            sha256: |bytes| {
                assert_eq!(bytes, b"/pathu1767225600p");
                [0xab; 32]
            },
            hmac: |_, _| [0; 32],
        };
        let headers = flow(r#"{"kind":"signed","unit":"s"}"#).sign("/path", &auth);
        assert_eq!(header(&headers, "Timestamp"), "1767225600");
        let value = header(&headers, "Authorization");
        let plain = BASE64
            .decode(value.trim_start_matches("Basic ").as_bytes())
            .unwrap();
        assert_eq!(plain, [b"u:", "ab".repeat(32).as_bytes()].concat());
    }

    #[test]
    fn tokens_are_read_under_every_name_with_how_long_they_live() {
        let opened = |status, body: &str| {
            let answer = Answer {
                status,
                body: body.as_bytes(),
                ..Answer::default()
            };
            Flow::None.opened(&answer)
        };
        let session = |token: &str, lives| Opened::Session {
            token: token.to_owned(),
            lives,
        };
        assert_eq!(
            opened(
                200,
                r#"{"access_token":"t","scope":"","token_type":"Bearer","expires_in":3600}"#
            ),
            session("t", Lifetime::Seconds(3600))
        );
        assert_eq!(
            opened(
                200,
                r#"{"token":"t","refreshToken":"r","expiryDate":"2026-01-06T09:30:00"}"#
            ),
            session("t", Lifetime::Until(1_767_666_600_000))
        );
        assert_eq!(
            opened(200, r#"{"error_code":"0","result":"","session":"s"}"#),
            session("s", Lifetime::Unsaid)
        );
        assert!(matches!(
            opened(200, r#"{"error_code":-1,"message":"Sai mật khẩu","session":""}"#),
            Opened::Refused { code: Some(code), .. } if code == "-1"
        ));
        assert!(matches!(
            opened(401, r#"{"error":"invalid_client","error_description":"x"}"#),
            Opened::Refused { code: Some(code), .. } if code == "invalid_client"
        ));
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"access_token":"a b"}"#,
            r#"{"access_token":7}"#,
        ] {
            assert_eq!(opened(200, body), Opened::Unclear { after: None }, "{body}");
        }
    }
}
