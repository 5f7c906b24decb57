//! The wire of the National Public Service Portal: the classic adapter (P1) and its additions of 2022 (P1+766),
//! which differ in the payload only.
//!
//! Section numbers in this crate are those of the portal's facts that the project works from.

mod answers;
mod body;
mod callback;
mod framing;
mod procedure;
mod reading;

use wire::json::{Object, Raw};
use wire::{
    Adapter, Answer, Call, Credentials, Heals, Limits, Malformed, Method, Next, Opened, Operation, Payload,
    Reading, Request, Verdict,
};

use answers::{DOSSIER, STEPS, Table};
pub use answers::{Outcome, Row};
pub use callback::{Doors, Forwarded};
pub use framing::{Endpoint, Endpoints, Framing, Place, Unfit};
pub use procedure::{Component, Entry, Procedure, Unread};
use reading::Reader;

/// What the portal offers us, by our names.
const OPERATIONS: [Operation; 7] = [
    pushes("create", Heals::Probed { by: "lookup" }),
    pushes("update", Heals::Repeatable),
    // The portal appends steps, twice if sent twice, and shows none (§2.5, §8.3).
    pushes("progress", Heals::Neither),
    reads("lookup", &["mahoso"]),
    reads("procedure", &["maTTHC"]),
    reads("procedures", &[]),
    reads("fields", &[]),
];

const fn pushes(name: &'static str, heals: Heals) -> Operation {
    Operation {
        name,
        heals,
        session: true,
        arguments: &[],
        optional: &[],
        payload: Payload::Array,
    }
}

const fn reads(name: &'static str, arguments: &'static [&'static str]) -> Operation {
    Operation {
        name,
        heals: Heals::Repeatable,
        session: true,
        arguments,
        optional: &[],
        payload: Payload::Nothing,
    }
}

/// The wire's own name of an operation, its `isUpdating`, and the endpoint it goes to unless the site says
/// otherwise (§1.1, §1.4).
fn service(operation: &str) -> Option<(&'static str, Option<&'static str>, Endpoint)> {
    Some(match operation {
        "create" => (DOSSIER, Some("False"), Endpoint::Integration),
        "update" => (DOSSIER, Some("True"), Endpoint::Integration),
        "progress" => (STEPS, None, Endpoint::Integration),
        "lookup" => ("TraCuuHoSo", None, Endpoint::Integration),
        "procedure" => ("LayThuTuc", None, Endpoint::Integration),
        "procedures" => ("LayDanhSachTTHC", None, Endpoint::Share),
        "fields" => ("LayDanhMucLinhVuc", None, Endpoint::Share),
        _ => return None,
    })
}

/// The portal, as one installation reaches it.
pub struct Portal {
    framing: Framing,
    reader: Reader,
}

impl Portal {
    /// The adapter for this framing, or everything that is wrong with it.
    pub fn new(framing: Framing) -> Result<Self, Vec<Unfit>> {
        let faults = framing.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        let table = Table::new(
            &framing.answers,
            framing.shipped_answers,
            framing.success_needs_text,
        );
        let reader = Reader {
            table,
            trust_retry_after: framing.trust_retry_after,
        };
        Ok(Portal { framing, reader })
    }

    fn request(&self, endpoint: Endpoint, body: Vec<u8>) -> Request {
        Request {
            method: Method::Post,
            target: self.framing.target(endpoint),
            headers: self.framing.headers(),
            body,
        }
    }
}

impl Adapter for Portal {
    fn name(&self) -> &'static str {
        "portal"
    }

    fn operations(&self) -> &[Operation] {
        &OPERATIONS
    }

    fn limits(&self, operation: &str) -> Limits {
        let elements = match operation {
            // What becomes of several when one of them is wrong is not described (§8.30, §9.7).
            "create" | "update" => 1,
            "progress" => self.framing.steps,
            _ => 0,
        };
        Limits {
            bytes: self.framing.bytes,
            elements,
        }
    }

    fn login(&self, credentials: &Credentials<'_>) -> Option<Request> {
        let body = Object::new(64)
            .text("username", credentials.username)
            .text("password", credentials.password);
        Some(self.request(Endpoint::Auth, body.end()))
    }

    fn opened(&self, answer: &Answer<'_>) -> Opened {
        self.reader.opened(answer)
    }

    fn frame(&self, call: &Call<'_>) -> Result<Request, Malformed> {
        let operation = self.operation(call.operation).ok_or(Malformed::Operation)?;
        let (service, updating, endpoint) = service(operation.name).ok_or(Malformed::Operation)?;
        let session = call
            .session
            .filter(|session| !session.is_empty())
            .ok_or(Malformed::Session)?;
        if call.arguments.len() > operation.arguments.len() {
            return Err(Malformed::Stray);
        }
        let mut body = Object::new(call.payload.len() + 256)
            .text("session", session)
            .text("madonvi", &self.framing.madonvi)
            .text("service", service);
        if let Some(updating) = updating {
            body = body.text("isUpdating", updating);
        }
        for name in operation.arguments {
            body = body.text(name, call.argument(name).ok_or(Malformed::Argument(name))?);
        }
        match operation.payload {
            Payload::Nothing if call.payload.is_empty() => {}
            Payload::Array => body = body.raw("data", Raw::array(call.payload, self.limits(operation.name))?),
            Payload::Nothing | Payload::Object | Payload::Xml => return Err(Malformed::Unwanted),
        }
        let endpoint = self.framing.services.get(service).copied().unwrap_or(endpoint);
        let mut request = self.request(endpoint, body.end());
        if let (Some(name), Some(signature)) = (&self.framing.signature_header, call.signature) {
            request.headers.push((name.clone(), fit(signature)?.to_owned()));
        }
        Ok(request)
    }

    fn read(&self, operation: &str, answer: &Answer<'_>) -> Reading {
        match (self.operation(operation), service(operation)) {
            (Some(operation), Some((service, ..))) => self.reader.read(operation, service, answer),
            _ => Reading::new(Verdict::Unclear, Next::Person),
        }
    }
}

/// A signature that can stand in a header.
fn fit(signature: &str) -> Result<&str, Malformed> {
    let whole = !signature.is_empty() && signature.bytes().all(|b| b.is_ascii_graphic());
    if whole {
        Ok(signature)
    } else {
        Err(Malformed::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "3f1c0c5e-0000-4a4a-9c9c-000000000001";
    const LOOKUP: Call<'static> = Call {
        operation: "lookup",
        payload: b"",
        session: Some(SESSION),
        arguments: &[("mahoso", "000.00.14.H99-240115-0001")],
        signature: None,
        auth: None,
    };

    pub(crate) fn framing() -> Framing {
        let endpoints = Endpoints {
            integration: "/mapi/tich-hop".into(),
            share: "mapi/chia-se".into(),
            ..Endpoints::default()
        };
        Framing {
            madonvi: "000.00.00.H99".into(),
            endpoints,
            ..Framing::default()
        }
    }

    pub(crate) fn portal() -> Portal {
        Portal::new(framing()).unwrap()
    }

    fn text(request: &Request) -> &str {
        std::str::from_utf8(&request.body).unwrap()
    }

    fn push(operation: &str, payload: &str) -> String {
        let call = Call {
            operation,
            payload: payload.as_bytes(),
            session: Some(SESSION),
            ..Call::default()
        };
        text(&portal().frame(&call).unwrap()).to_owned()
    }

    #[test]
    fn a_login_is_framed_as_the_portal_reads_it() {
        let credentials = Credentials {
            username: "000.00.00.H99",
            password: "mat-khau-thu-nghiem",
            ..Credentials::default()
        };
        let request = portal().login(&credentials).unwrap();
        assert_eq!(
            text(&request),
            r#"{"username":"000.00.00.H99","password":"mat-khau-thu-nghiem"}"#
        );
        assert_eq!(request.body.len(), 61);
        assert_eq!(request.method, Method::Post);
        assert_eq!(
            request.target,
            "/mapi/login?dstcode=VN%3AGOV%3A000.00.00.G22%3Avpcpdvcprovider"
        );
        let expected = [
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            ("Charset", "utf-8"),
            ("dstcode", "VN:GOV:000.00.00.G22:vpcpdvcprovider"),
        ];
        assert_eq!(
            request.headers,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(!format!("{request:?}").contains("mat-khau"));
    }

    #[test]
    fn pushes_carry_the_payload_as_it_was_stored() {
        let payload = r#"[{ "MaHoSo": "000.00.14.H99-240115-0001", "ChuHoSo":"Nguy\u1ec5n" }]"#;
        for (operation, updating) in [("create", "False"), ("update", "True")] {
            let expected = format!(
                r#"{{"session":"{SESSION}","madonvi":"000.00.00.H99","service":"DongBoHoSoMC","isUpdating":"{updating}","data":{payload}}}"#
            );
            assert_eq!(push(operation, payload), expected);
        }
        let expected = format!(
            r#"{{"session":"{SESSION}","madonvi":"000.00.00.H99","service":"CapNhatTienDoHoSoMC","data":{payload}}}"#
        );
        assert_eq!(push("progress", payload), expected);
    }

    #[test]
    fn reads_carry_their_argument_in_the_wires_own_spelling() {
        let lookup = portal().frame(&LOOKUP).unwrap();
        let expected = format!(
            r#"{{"session":"{SESSION}","madonvi":"000.00.00.H99","service":"TraCuuHoSo","mahoso":"000.00.14.H99-240115-0001"}}"#
        );
        assert_eq!(text(&lookup), expected);
        let call = Call {
            operation: "procedure",
            arguments: &[("maTTHC", "1.001234")],
            ..LOOKUP
        };
        let expected = format!(
            r#"{{"session":"{SESSION}","madonvi":"000.00.00.H99","service":"LayThuTuc","maTTHC":"1.001234"}}"#
        );
        assert_eq!(text(&portal().frame(&call).unwrap()), expected);
        let call = Call {
            operation: "fields",
            arguments: &[],
            ..LOOKUP
        };
        let fields = portal().frame(&call).unwrap();
        assert!(fields.target.starts_with("/mapi/chia-se?"));
        assert!(lookup.target.starts_with("/mapi/tich-hop?"));
    }

    #[test]
    fn a_site_says_where_the_code_stands_and_what_goes_where() {
        let mut framing = framing();
        framing.dstcode_place = Place::Header;
        framing.charset_header = false;
        framing.providerurl = Some("https://kho.example/a?b".into());
        framing.signature_header = Some("X-Chu-Ky".into());
        framing.services.insert("TraCuuHoSo".into(), Endpoint::Share);
        let portal = Portal::new(framing.clone()).unwrap();
        let request = portal
            .frame(&Call {
                signature: Some("e30..c2ln"),
                ..LOOKUP
            })
            .unwrap();
        assert_eq!(
            request.target,
            "/mapi/chia-se?providerurl=https%3A%2F%2Fkho.example%2Fa%3Fb"
        );
        let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Accept", "Content-Type", "dstcode", "X-Chu-Ky"]);
        let signed = portal.frame(&Call {
            signature: Some("a\r\nb"),
            ..LOOKUP
        });
        assert_eq!(signed, Err(Malformed::Signature));
        framing.dstcode_place = Place::Query;
        let request = Portal::new(framing).unwrap().frame(&LOOKUP).unwrap();
        assert!(request.headers.iter().all(|(name, _)| name != "dstcode"));
    }

    #[test]
    fn limits_are_kept() {
        let frame = |operation, payload| {
            portal().frame(&Call {
                operation,
                payload,
                session: Some(SESSION),
                ..Call::default()
            })
        };
        assert_eq!(
            frame("create", b"[{},{}]"),
            Err(Malformed::Many {
                elements: 2,
                limit: 1
            })
        );
        assert!(frame("progress", b"[1,2,3,4,5,6,7,8,9,10]").is_ok());
        assert_eq!(
            frame("progress", b"[1,2,3,4,5,6,7,8,9,10,11]"),
            Err(Malformed::Many {
                elements: 11,
                limit: 10
            })
        );
        let small = Portal::new(Framing {
            bytes: 3,
            ..framing()
        })
        .unwrap();
        let call = Call {
            operation: "update",
            payload: b"[{}]",
            session: Some(SESSION),
            ..Call::default()
        };
        assert_eq!(small.frame(&call), Err(Malformed::Long { bytes: 4, limit: 3 }));
    }

    #[test]
    fn the_laws_of_every_wire_are_kept() {
        let mut faults = wire::conformance::check(&portal());
        let done = r#"{"error_code": "0", "message": "Đồng bộ thành công"}"#;
        for operation in ["create", "update", "progress"] {
            faults.extend(wire::conformance::accepted(&portal(), operation, done.as_bytes()));
        }
        let found = br#"{"error_code":"0","message":"","result":[{"MaHoSo":"1"}]}"#;
        faults.extend(wire::conformance::accepted(&portal(), "lookup", found));
        assert_eq!(faults, []);
    }
}
