//! How a road lets a caller in: tokens, the signature of C06, the client of X-Road (§1.2, §1.7, §2.2).

use super::access::Access;
use super::fault::{self, Fault, Manner};
use super::reply::Reply;
use super::road::{Pass, Road};
use super::service::{Service, Wish};
use super::token::{self, Tokens};
use crate::twin::session::Standing;
use axum::http::{HeaderMap, header};
use data_encoding::HEXLOWER;
use serde_json::Value;

/// A caller at a road's gate.
pub(super) struct Gate<'a> {
    pub(super) access: &'a Access,
    pub(super) tokens: &'a Tokens,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// Milliseconds since 1970.
    pub(super) now: u64,
}

/// Why a caller is not let in.
pub(super) enum Barred {
    /// By a fault of the transport.
    Fault(Fault),
    /// By a token that a bad day cut short.
    CutShort,
    /// In words of X-Road's own.
    Reply(Reply),
}

impl Gate<'_> {
    /// Lets the caller in, or says why not.
    pub(super) fn pass(&self, road: &Road, rest: &str, service: Service) -> Result<(), Barred> {
        match road.pass {
            Pass::Open => Ok(()),
            Pass::Bearer => {
                let state = service == Service::Hub(Wish::State);
                self.bearer(if state { token::HUB_STATE } else { road.name })
            }
            Pass::Inside => self.inside(road),
            Pass::Signed => self.signed(rest).map_err(Barred::Fault),
            Pass::Client => self.client(),
        }
    }

    fn bearer(&self, purse: &str) -> Result<(), Barred> {
        let given = self
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let given = given.ok_or(Barred::Fault(fault::MISSING))?;
        let token = given
            .strip_prefix("Bearer ")
            .ok_or(Barred::Fault(fault::WRONG_KIND))?;
        self.spend(purse, token)
    }

    fn spend(&self, purse: &str, token: &str) -> Result<(), Barred> {
        match self.tokens.spend(purse, token, self.now) {
            Standing::Valid => Ok(()),
            Standing::Ended => Err(Barred::Fault(fault::INVALID)),
            Standing::CutShort => Err(Barred::CutShort),
        }
    }

    /// Both tokens travel in the body of the VNPT adapter.
    fn inside(&self, road: &Road) -> Result<(), Barred> {
        let body: Value = serde_json::from_slice(self.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let (Some(bearer), Some(keys)) = (text("accessToken"), text("lgspAccessToken")) else {
            return Err(Barred::Fault(fault::MISSING));
        };
        if !token::knows(&self.access.lgsp, keys) {
            return Err(Barred::Fault(fault::INVALID));
        }
        let token = bearer
            .strip_prefix("Bearer ")
            .ok_or(Barred::Fault(fault::WRONG_KIND))?;
        self.spend(road.name, token)
    }

    /// SHA-256 over path, user, time and secret, and a time near ours.
    fn signed(&self, rest: &str) -> Result<(), Fault> {
        let text = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(stamp), Some((user, hash))) = (text("timestamp"), token::basic(self.headers)) else {
            return Err(fault::MISSING);
        };
        let secret = &self.access.signing_secret;
        let known = signature(&format!("/{rest}"), &user, stamp, secret);
        let key = self.access.api_key.as_deref();
        if user != self.access.signer || hash != known || key.is_some_and(|key| text("apikey") != Some(key)) {
            return Err(fault::INVALID);
        }
        let skew = u64::try_from(self.access.skew.as_millis()).unwrap_or(u64::MAX);
        match instant(stamp) {
            Some(at) if at.abs_diff(self.now) <= skew => Ok(()),
            Some(_) | None => Err(fault::EXPIRED),
        }
    }

    fn client(&self) -> Result<(), Barred> {
        let mut clients = self.headers.get_all("x-road-client").iter();
        let reply = |kind, message| Err(Barred::Reply(fault::xroad(kind, message)));
        match (clients.next(), clients.next()) {
            (Some(client), None) if client.as_bytes() == self.access.client.as_bytes() => Ok(()),
            (Some(_), None) => reply("Server.ServerProxy.AccessDenied", "Request is not allowed"),
            (Some(_), Some(_)) => reply("Client.BadRequest", "More than one X-Road-Client"),
            (None, _) => reply("Client.BadRequest", "Required header missing: X-Road-Client"),
        }
    }
}

impl Barred {
    /// The reply in the road's words.
    pub(super) fn told(self, manner: Manner) -> Reply {
        match self {
            Barred::Fault(fault) => fault.told(manner),
            Barred::CutShort => fault::EXPIRED.told(manner),
            Barred::Reply(reply) => reply,
        }
    }
}

fn signature(path: &str, user: &str, stamp: &str, secret: &str) -> String {
    let text = [path, user, stamp, secret].concat();
    HEXLOWER.encode(&openssl::sha::sha256(text.as_bytes()))
}

/// Milliseconds of a timestamp, which older callers give in seconds.
fn instant(stamp: &str) -> Option<u64> {
    let number: u64 = stamp.parse().ok()?;
    Some(if stamp.len() <= 10 {
        number.saturating_mul(1_000)
    } else {
        number
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::databases::road::road_of;
    use axum::http::HeaderName;
    use std::time::Duration;

    const AT: u64 = 1_767_225_600_000;
    const VECTOR: &str = "Basic c2FuZGJveC10aW5oLTM4OmY0NWYxMjczNDNmMmFhMzAxYTYzZmYxNDg0NjliNzdiNjc5YjFkMGQ0Y2Q1MGQ1NzkwOWY0NjM3MjU4MWQ2OWI=";

    fn passes(path: &str, given: &[(&'static str, &str)], body: &str, now: u64) -> Result<(), u16> {
        let headers = given
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let gate = Gate {
            access: &Access::default(),
            tokens: &Tokens::new(Duration::from_secs(60)),
            headers: &headers.collect(),
            body: body.as_bytes(),
            now,
        };
        let (road, rest) = road_of(path).unwrap();
        let barred = gate.pass(
            road,
            &rest,
            Service::Population(super::super::service::About::Citizen),
        );
        barred.map_err(|barred| barred.told(road.manner).status)
    }

    #[test]
    fn the_vector_of_c06_is_let_in_while_its_time_is_near() {
        let path = "/c06/qldc/tracuuthongtincongdan";
        let given = [("timestamp", "1767225600000"), ("authorization", VECTOR)];
        assert_eq!(passes(path, &given, "", AT), Ok(()));
        assert_eq!(passes(path, &given, "", AT + 300_000), Ok(()));
        assert_eq!(passes(path, &given, "", AT + 300_001), Err(401));
        assert_eq!(passes(path, &given, "", AT - 300_001), Err(401));
        assert_eq!(
            passes("/c06/qldc/xacthucthongtincongdan", &given, "", AT),
            Err(401)
        );
        assert_eq!(
            passes(path, &[("timestamp", "1767225600001"), given[1]], "", AT),
            Err(401)
        );
        assert_eq!(passes(path, &given[1..], "", AT), Err(401));
    }

    #[test]
    fn tokens_and_clients_are_asked_for() {
        let ndxp = "/ndxp/qldc/tracuuthongtincongdan";
        assert_eq!(passes(ndxp, &[], "", AT), Err(401));
        assert_eq!(passes(ndxp, &[("authorization", "Bearer 0")], "", AT), Err(401));
        assert_eq!(passes(ndxp, &[("authorization", "Basic 0")], "", AT), Err(401));
        assert_eq!(
            passes("/lgsp/hg/qldc/tracuuthongtincongdan", &[], "{}", AT),
            Err(401)
        );
        let vdxp = "/r1/VN/GOV/G22/qldc/tracuuthongtincongdan";
        assert_eq!(passes(vdxp, &[], "", AT), Err(400));
        assert_eq!(passes(vdxp, &[("x-road-client", "VN/GOV/x/y")], "", AT), Err(500));
        assert_eq!(
            passes(vdxp, &[("x-road-client", "VN/GOV/000.00.00.H99/mcdt")], "", AT),
            Ok(())
        );
    }
}
