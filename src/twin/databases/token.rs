//! The token ends T1–T7, and what a token is worth afterwards (§1.2).

use super::access::{Access, Lgsp};
use super::reply::Reply;
use super::road::{ROADS, Road};
use crate::twin::session::{Sessions, Standing};
use axum::http::{HeaderMap, Uri, header};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::time::Duration;

/// The purses beside the roads' own: the hub's status push, and the session of `mapi`.
pub(super) const HUB_STATE: &str = "hub-state";
pub(super) const MAPI: &str = "mapi";

/// All tokens that were given out.
#[derive(Debug)]
pub(super) struct Tokens {
    purses: HashMap<&'static str, Sessions>,
    life: Duration,
}

/// An end that gives tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// T1, T2 and T6: OAuth2 with Basic, with a form, or with a password.
    Oauth,
    /// T3: the same form, and the keys in a header.
    Lgsp,
    /// T4.
    Header,
    /// T5, for reading.
    Hub,
    /// T5, for the status push.
    HubState,
    /// T7.
    Mapi,
    /// The sign-on platform of the police.
    Vneid,
}

/// Every end that gives tokens, and its flow in the specification's count.
pub(super) const ENDS: &[(&str, &str)] = &[
    ("/ndxp/token", "T1, T2, T6"),
    ("/lgsp/th/token", "T1, T2, T6"),
    ("/lgsp/tn/token", "T1, T2, T6"),
    ("/lgsp/gl/token", "T1, T2, T6"),
    ("/lgsp/qb/token", "T1, T2, T6"),
    ("/lgsp/hg/token", "T3"),
    ("/lgsp/dt/api/v1/Authentication/Token", "T4"),
    ("/dvclt/api/token", "T5, list and detail"),
    ("/dvclt/api/status-token", "T5, status push"),
    ("/ndxp/apiDVC-GPLX/tcdbdvcdata/mapi/login", "T7"),
    ("/vneid/token", "sign-on platform"),
];

/// A caller's request for a token.
pub(super) struct Plea<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    pub(super) now: u64,
    /// Whether the day gives short ones.
    pub(super) short: bool,
}

/// The flow at a path, and the purse that it fills.
pub(super) fn flow(road: &Road, rest: &str) -> Option<(Flow, &'static str)> {
    match (road.name, rest) {
        ("hg", "token") => Some((Flow::Lgsp, "hg")),
        ("vneid", "token") => Some((Flow::Vneid, "vneid")),
        ("hub", "api/token") => Some((Flow::Hub, "hub")),
        ("hub", "api/status-token") => Some((Flow::HubState, HUB_STATE)),
        ("dt", "api/v1/Authentication/Token") => Some((Flow::Header, "dt")),
        (_, "apiDVC-GPLX/tcdbdvcdata/mapi/login") => Some((Flow::Mapi, MAPI)),
        ("ndxp" | "th" | "tn" | "gl" | "qb", "token") => Some((Flow::Oauth, road.name)),
        _ => None,
    }
}

impl Tokens {
    pub(super) fn new(life: Duration) -> Tokens {
        let names = ROADS.iter().map(|road| road.name).chain([HUB_STATE, MAPI]);
        let purses = names.map(|name| (name, Sessions::new(life))).collect();
        Tokens { purses, life }
    }

    /// What a token is worth, used once more.
    pub(super) fn spend(&self, purse: &str, token: &str, now: u64) -> Standing {
        let id = token.replace('-', "");
        self.purses
            .get(purse)
            .map_or(Standing::Ended, |purse| purse.spend(&id, now))
    }

    /// Answers a plea for a token.
    pub(super) fn plead(&self, access: &Access, (flow, purse): (Flow, &str), plea: &Plea<'_>) -> Reply {
        match admitted(access, flow, plea) {
            Err(refusal) => refusal,
            Ok(()) => match self.begin(purse, plea) {
                Some(token) => self.given(flow, &token, plea.now),
                None => Reply::new(500, super::reply::TEXT, "no randomness"),
            },
        }
    }

    /// A new token in the form of a UUID.
    fn begin(&self, purse: &str, plea: &Plea<'_>) -> Option<String> {
        let id = self.purses.get(purse)?.begin(plea.short, plea.now).ok()?;
        let parts = [
            id.get(..8)?,
            id.get(8..12)?,
            id.get(12..16)?,
            id.get(16..20)?,
            id.get(20..)?,
        ];
        Some(parts.join("-"))
    }

    fn given(&self, flow: Flow, token: &str, now: u64) -> Reply {
        let life = self.life.as_secs();
        let end = now.saturating_add(life.saturating_mul(1_000));
        let refresh = token.chars().rev().collect::<String>();
        let body = match flow {
            Flow::Oauth | Flow::Lgsp => json!({
                "access_token": token, "scope": "am_application_scope default", "token_type": "Bearer", "expires_in": life,
            }),
            Flow::Header => json!({"token": token, "refreshToken": refresh, "expiryDate": stamp(end)}),
            Flow::Hub => {
                json!({"token": token, "refreshToken": refresh, "refreshTokenExpiryTime": stamp(end)})
            }
            Flow::HubState => json!({"token": token, "expiration": stamp(end)}),
            Flow::Mapi => json!({"error_code": "0", "result": "Đăng nhập thành công", "session": token}),
            Flow::Vneid => json!({"statusCode": "00", "accessToken": token, "errorDetail": ""}),
        };
        Reply::json(200, &body)
    }
}

/// An instant of the law's clock, with its offset.
fn stamp(ms: u64) -> String {
    super::there(ms).strftime("%Y-%m-%dT%H:%M:%S+07:00").to_string()
}

fn admitted(access: &Access, flow: Flow, plea: &Plea<'_>) -> Result<(), Reply> {
    match flow {
        Flow::Oauth => oauth(access, plea),
        Flow::Lgsp => lgsp(access, plea),
        Flow::Header => {
            let shown = plea
                .headers
                .get("auth")
                .is_some_and(|value| value.as_bytes() == access.auth.as_bytes());
            if shown && plea.body.is_empty() {
                Ok(())
            } else {
                Err(Reply::json(
                    401,
                    &json!({"status": 401, "message": "Unauthorized", "errors": []}),
                ))
            }
        }
        Flow::Hub => hub(
            plea,
            ["userName", "password"],
            [&access.hub_username, &access.hub_password],
        ),
        Flow::HubState => hub(
            plea,
            ["SecretId", "SecretPass"],
            [&access.hub_secret_id, &access.hub_secret_pass],
        ),
        Flow::Mapi => mapi(access, plea),
        Flow::Vneid => {
            let known = object(
                plea,
                ["username", "password"],
                [&access.username, &access.password],
            );
            let refusal =
                json!({"statusCode": "01", "accessToken": "", "errorDetail": "Sai tài khoản hoặc mật khẩu"});
            known.then_some(()).ok_or_else(|| Reply::json(200, &refusal))
        }
    }
}

fn oauth(access: &Access, plea: &Plea<'_>) -> Result<(), Reply> {
    let form = form(plea)?;
    let client = [access.consumer_key.as_str(), access.consumer_secret.as_str()];
    let known = match basic(plea.headers) {
        Some((key, secret)) => [key.as_str(), secret.as_str()] == client,
        None => [one(&form, "client_id"), one(&form, "client_secret")] == client,
    };
    let user = [one(&form, "username"), one(&form, "password")];
    match one(&form, "grant_type") {
        "client_credentials" if known => Ok(()),
        "password" if known && user == [access.username.as_str(), access.password.as_str()] => Ok(()),
        "client_credentials" => Err(refused(
            401,
            "invalid_client",
            "A valid OAuth client could not be found",
        )),
        "password" => Err(refused(400, "invalid_grant", "Authentication failed")),
        _ => Err(refused(
            400,
            "unsupported_grant_type",
            "Unsupported grant_type value",
        )),
    }
}

fn lgsp(access: &Access, plea: &Plea<'_>) -> Result<(), Reply> {
    let form = form(plea)?;
    let shown = plea
        .headers
        .get("lgspaccesstoken")
        .and_then(|value| value.to_str().ok());
    if one(&form, "grant_type") != "client_credentials" {
        return Err(refused(
            400,
            "unsupported_grant_type",
            "Unsupported grant_type value",
        ));
    }
    if shown.is_some_and(|shown| knows(&access.lgsp, shown)) {
        Ok(())
    } else {
        Err(refused(401, "invalid_client", "lgspaccesstoken"))
    }
}

/// Whether `lgspaccesstoken` holds exactly the known keys, in any order.
pub(super) fn knows(lgsp: &Lgsp, shown: &str) -> bool {
    let decoded = BASE64.decode(shown.as_bytes()).unwrap_or_default();
    let keys: Value = serde_json::from_slice(&decoded).unwrap_or_default();
    let known = json!({
        "AccessKey": lgsp.access_key, "SecretKey": lgsp.secret_key, "AppName": lgsp.app,
        "PartnerCode": lgsp.partner, "PartnerCodeCus": lgsp.customer,
    });
    keys == known
}

fn hub(plea: &Plea<'_>, names: [&str; 2], known: [&str; 2]) -> Result<(), Reply> {
    let refusal = || Reply::json(401, &json!({"message": "Sai tài khoản hoặc mật khẩu"}));
    object(plea, names, known).then_some(()).ok_or_else(refusal)
}

fn mapi(access: &Access, plea: &Plea<'_>) -> Result<(), Reply> {
    let refusal = || {
        Reply::json(
            200,
            &json!({"error_code": "-1", "result": "Tài khoản hoặc mật khẩu không đúng"}),
        )
    };
    let known = object(
        plea,
        ["username", "password"],
        [&access.username, &access.password],
    );
    known.then_some(()).ok_or_else(refusal)
}

/// Whether the body is an object of exactly these members.
fn object(plea: &Plea<'_>, names: [&str; 2], known: [&str; 2]) -> bool {
    let members: Map<String, Value> = serde_json::from_slice(plea.body).unwrap_or_default();
    let right = names
        .iter()
        .zip(known)
        .all(|(name, value)| members.get(*name).and_then(Value::as_str) == Some(value));
    right && members.len() == 2
}

fn refused(status: u16, error: &str, text: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": text}))
}

/// The pairs of a form.
fn form(plea: &Plea<'_>) -> Result<Vec<(String, String)>, Reply> {
    let kind = plea
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(refused(
            415,
            "invalid_request",
            "application/x-www-form-urlencoded only",
        ));
    }
    let text = std::str::from_utf8(plea.body).unwrap_or_default();
    Ok(pairs(text))
}

/// The pairs of a query or of a form, which are written alike.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let uri: Result<Uri, _> = format!("/?{text}").parse();
    let read = uri
        .ok()
        .and_then(|uri| axum::extract::Query::try_from_uri(&uri).ok());
    read.map_or_else(Vec::new, |axum::extract::Query(pairs)| pairs)
}

/// The one value of a name, or nothing when it is repeated.
pub(super) fn one<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    let mut found = pairs.iter().filter(|(known, _)| known == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => value,
        (Some(_) | None, _) => "",
    }
}

/// User and password of a Basic header.
pub(super) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let decoded = BASE64.decode(value.strip_prefix("Basic ")?.as_bytes()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::road::road_of;
    use super::*;

    #[test]
    fn every_end_that_is_listed_gives_tokens() {
        for (path, _) in ENDS {
            let (road, rest) = road_of(path).unwrap();
            assert!(flow(road, &rest).is_some(), "{path}");
        }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn plead(flow: (Flow, &'static str), given: &[(&'static str, &str)], body: &str) -> (u16, Value) {
        let tokens = Tokens::new(Duration::from_secs(3_600));
        let plea = Plea {
            headers: &headers(given),
            body: body.as_bytes(),
            now: 1_767_225_600_000,
            short: false,
        };
        let reply = tokens.plead(&Access::default(), flow, &plea);
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        if let Some(token) = body["access_token"].as_str() {
            assert_eq!(tokens.spend(flow.1, token, plea.now), Standing::Valid);
            assert_eq!(tokens.spend("dt", token, plea.now), Standing::Ended);
            assert_eq!(tokens.spend(flow.1, token, plea.now + 3_600_000), Standing::Ended);
        }
        (reply.status, body)
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    const T3: &str = "eyJBY2Nlc3NLZXkiOiJhay1kZW1vIiwiU2VjcmV0S2V5Ijoic2stZGVtbyIsIkFwcE5hbWUiOiJHYXRld2F5RGVtbyIsIlBhcnRuZXJDb2RlIjoiMDAwLjAwLjAwLkg1NiIsIlBhcnRuZXJDb2RlQ3VzIjoiMDAwLjAwLjAwLkg1NiJ9";

    #[test]
    fn oauth_takes_the_client_in_a_header_or_in_the_form_and_a_user() {
        let basic = format!(
            "Basic {}",
            BASE64.encode(b"consumer-key-demo:consumer-secret-demo")
        );
        let flow = (Flow::Oauth, "ndxp");
        let (status, body) = plead(
            flow,
            &[FORM, ("authorization", &basic)],
            "grant_type=client_credentials",
        );
        assert_eq!(
            (status, &body["expires_in"], &body["token_type"]),
            (200, &json!(3_600), &json!("Bearer"))
        );
        assert_eq!(body["access_token"].as_str().unwrap().len(), 36);
        let client = "client_id=consumer-key-demo&client_secret=consumer-secret-demo";
        for (body, expected) in [
            (format!("grant_type=client_credentials&{client}"), 200),
            (
                format!("grant_type=password&{client}&username=h99-demo&password=mat-khau-thu-nghiem"),
                200,
            ),
            (
                format!("grant_type=password&{client}&username=h99-demo&password=sai"),
                400,
            ),
            (format!("grant_type=client_credentials&{client}x"), 401),
            (format!("grant_type=implicit&{client}"), 400),
        ] {
            assert_eq!(plead(flow, &[FORM], &body).0, expected, "{body}");
        }
        assert_eq!(plead(flow, &[], "grant_type=client_credentials").0, 415);
    }

    #[test]
    fn the_vector_of_the_lgsp_header_is_known_and_nothing_else() {
        let flow = (Flow::Lgsp, "hg");
        assert_eq!(
            plead(
                flow,
                &[FORM, ("lgspaccesstoken", T3)],
                "grant_type=client_credentials"
            )
            .0,
            200
        );
        let other = BASE64.encode(br#"{"AccessKey":"ak-demo"}"#);
        assert_eq!(
            plead(
                flow,
                &[FORM, ("lgspaccesstoken", &other)],
                "grant_type=client_credentials"
            )
            .0,
            401
        );
    }

    #[test]
    fn the_other_flows_have_their_own_shapes() {
        let (status, body) = plead((Flow::Header, "dt"), &[("auth", "auth-demo")], "");
        assert_eq!(
            (status, body["expiryDate"].as_str()),
            (200, Some("2026-01-01T08:00:00+07:00"))
        );
        assert_eq!(plead((Flow::Header, "dt"), &[("auth", "x")], "").0, 401);
        let hub = r#"{"userName":"h99-demo","password":"mat-khau-thu-nghiem"}"#;
        assert!(plead((Flow::Hub, "hub"), &[], hub).1["refreshTokenExpiryTime"].is_string());
        assert_eq!(plead((Flow::Hub, "hub"), &[], "{}").0, 401);
        let state = r#"{"SecretId":"secret-id-demo","SecretPass":"secret-pass-demo"}"#;
        assert!(plead((Flow::HubState, HUB_STATE), &[], state).1["expiration"].is_string());
        let login = r#"{"username":"h99-demo","password":"mat-khau-thu-nghiem"}"#;
        assert!(plead((Flow::Mapi, MAPI), &[], login).1["session"].is_string());
        assert_eq!(plead((Flow::Vneid, "vneid"), &[], login).1["statusCode"], "00");
        assert_eq!(plead((Flow::Vneid, "vneid"), &[], hub).1["statusCode"], "01");
    }
}
