//! The axis's own HTTP adapter, VXP (§2): which calls there are, how each heals, how it is framed and read.

use wire::profile::Said;
use wire::xml::{self, Bounds};
use wire::{
    Adapter, Answer, Auth, Call, Class, Credentials, Heals, Hop, Limits, Malformed, Method, Next, Opened,
    Operation, Payload, Reading, Request, Verdict,
};

use crate::answer::{Asked, believed, found, settled};
use crate::framing::{Body, Framing, Unfit, Way, carried};
use crate::mac::{self, FILE, SYSTEM, TIMESTAMP, VERSION};
use crate::status::Transport;

/// The optional arguments of a list: a window of days, a transport status, how many rows.
const WINDOW: &[&str] = &["from", "until", "state", "size"];

const OPERATIONS: [Operation; 14] = [
    // The axis takes what it is sent as a new item, and shows one only by the id that the lost answer carried: nobody can ask
    // whether it arrived. A second copy reaches every recipient, and only those that de-duplicate drop it. So a person looks
    // at the axis before the same is sent again.
    sends("send", Heals::Neither),
    // The same state told twice is the same state: `status::merge` of a receiver says so, as ours does.
    sends("tell", Heals::Repeatable),
    asks("documents", &[], WINDOW),
    asks("statuses", &[], WINDOW),
    asks("fetch", &["id"], &[]),
    asks("sent", &["id"], &[]),
    // Each sets a word that stands there already when it comes again.
    asks("mark-processing", &["id"], &[]),
    asks("mark-done", &["id"], &[]),
    asks("mark-failed", &["id"], &[]),
    asks("count-documents", &[], &[]),
    asks("count-statuses", &[], &[]),
    asks("agencies", &[], &["level"]),
    asks("agencies-2020", &[], &["level"]),
    asks("units", &[], &["level"]),
];

const fn sends(name: &'static str, heals: Heals) -> Operation {
    Operation {
        name,
        heals,
        session: false,
        arguments: &["sender"],
        optional: &["recipients"],
        payload: Payload::Xml,
    }
}

const fn asks(
    name: &'static str,
    arguments: &'static [&'static str],
    optional: &'static [&'static str],
) -> Operation {
    Operation {
        name,
        heals: Heals::Repeatable,
        session: false,
        arguments,
        optional,
        payload: Payload::Nothing,
    }
}

fn asked(operation: &str) -> Asked {
    match operation {
        "send" | "tell" => Asked::Id,
        "documents" | "statuses" | "sent" => Asked::Rows,
        "fetch" => Asked::Packet,
        "agencies" | "agencies-2020" | "units" => Asked::Agencies,
        "count-documents" | "count-statuses" => Asked::Count,
        _ => Asked::Done,
    }
}

/// The operation that tells the axis this of a packet.
#[must_use]
pub const fn mark(transport: Transport) -> &'static str {
    match transport {
        Transport::Processing => "mark-processing",
        Transport::Done => "mark-done",
        Transport::Failed => "mark-failed",
    }
}

/// The axis, as one site reaches it.
pub struct Edxml {
    framing: Framing,
    operations: Vec<Operation>,
}

impl Edxml {
    /// The adapter for this framing.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(framing: Framing) -> Result<Self, Vec<Unfit>> {
        let faults = framing.faults(&OPERATIONS);
        if !faults.is_empty() {
            return Err(faults);
        }
        let framed = |operation: &&Operation| framing.services.contains_key(operation.name);
        Ok(Self {
            operations: OPERATIONS.iter().filter(framed).copied().collect(),
            framing,
        })
    }

    /// How this site is reached.
    #[must_use]
    pub fn framing(&self) -> &Framing {
        &self.framing
    }

    fn request(&self, way: &Way, call: &Call<'_>, auth: &Auth<'_>) -> Result<Request, Malformed> {
        let parameters = self.parameters(way, call, auth)?;
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        let json = "application/json".to_owned();
        let (media, body) = match &way.file {
            Some(part) => multipart(part, call.payload, auth),
            None if self.framing.body == Body::Json => (json, self.members(way, call)?),
            None => (json, Vec::new()),
        };
        if way.method != Method::Get {
            headers.push(("Content-Type".to_owned(), media));
        }
        headers.extend(mac::signed(&parameters, auth.credentials.password, auth.hmac));
        headers.push(("User-Agent".to_owned(), self.framing.agent.clone()));
        headers.push((format!("{}{VERSION}", mac::PREFIX), self.framing.adapter.clone()));
        Ok(Request {
            method: way.method,
            target: way.path.clone(),
            headers,
            body: if way.method == Method::Get {
                Vec::new()
            } else {
                body
            },
        })
    }

    /// What the MAC covers, in the order in which it is signed.
    fn parameters(
        &self,
        way: &Way,
        call: &Call<'_>,
        auth: &Auth<'_>,
    ) -> Result<Vec<(String, String)>, Malformed> {
        const SECRET: Malformed = Malformed::Secret("password");
        let Credentials {
            username, password, ..
        } = auth.credentials;
        if username.is_empty() || !carried(username) {
            return Err(Malformed::Secret("username"));
        }
        if password.is_empty() {
            return Err(SECRET);
        }
        let at = mac::stamp(auth.at).ok_or(Malformed::Argued("the time"))?;
        let mut all = vec![
            (TIMESTAMP.to_owned(), at),
            (SYSTEM.to_owned(), username.to_owned()),
        ];
        for field in &way.parameters {
            let value = field.value(call)?;
            all.extend(value.map(|value| (field.to.clone(), value)));
        }
        if way.file.is_some() {
            let hash = data_encoding::HEXLOWER.encode(&(auth.sha256)(call.payload));
            all.push((FILE.to_owned(), hash));
        }
        Ok(all)
    }

    /// The same parameters as a JSON object, where a site wants them there too.
    fn members(&self, way: &Way, call: &Call<'_>) -> Result<Vec<u8>, Malformed> {
        let mut members = serde_json::Map::new();
        for field in &way.parameters {
            if let Some(value) = field.value(call)? {
                members.insert(field.to.clone(), value.into());
            }
        }
        serde_json::to_vec(&members).map_err(|_| Malformed::Form("JSON"))
    }

    /// A payload is one XML document within the bounds; whether it is a packet that says something is known to who wrote it.
    fn checked(&self, payload: &[u8]) -> Result<(), Malformed> {
        let limits = &self.framing.limits;
        let limit = limits.packet;
        if payload.len() > limit {
            return Err(Malformed::Long {
                bytes: payload.len(),
                limit,
            });
        }
        let bounds = Bounds {
            bytes: limit,
            depth: limits.depth,
            elements: limits.elements,
            attributes: 32,
        };
        xml::read(payload, &bounds)
            .map(drop)
            .map_err(|_| Malformed::Form("one XML document"))
    }

    fn outcome(&self, operation: &Operation, said: Said<'_>, answer: &Answer<'_>) -> Reading {
        let longest = self.framing.limits.packet;
        let asked = asked(operation.name);
        let found = said.inside.map_err(believed).and_then(|inside| {
            let settled = said.class.and_then(|class| settled(asked, class));
            settled.map_or_else(|| found(asked, inside, longest), Ok)
        });
        let reading = match found {
            Ok(found) => Reading {
                result: found.result,
                hop: Some(Hop::Ndxp),
                ..found.class.reading(operation.heals)
            },
            Err(fault) => fault.reading(operation.heals),
        };
        let unsaid = || (reading.verdict != Verdict::Accepted).then(|| format!("HTTP {}", answer.status));
        Reading {
            code: reading.code.clone().or(said.code).or_else(unsaid),
            text: reading.text.or(said.text),
            trace: said.trace,
            after: reading.after.or(answer.retry_after),
            ..reading
        }
    }
}

impl Adapter for Edxml {
    fn name(&self) -> &'static str {
        "edxml"
    }

    fn operations(&self) -> &[Operation] {
        &self.operations
    }

    fn limits(&self, operation: &str) -> Limits {
        let way = self.framing.services.get(operation);
        way.map_or(
            Limits {
                bytes: 0,
                elements: 0,
            },
            |way| self.framing.most(way),
        )
    }

    /// There are no sessions: each call is signed.
    fn login(&self, _: &Credentials<'_>) -> Option<Request> {
        None
    }

    fn opened(&self, answer: &Answer<'_>) -> Opened {
        Opened::Unclear {
            after: answer.retry_after,
        }
    }

    fn frame(&self, call: &Call<'_>) -> Result<Request, Malformed> {
        let operation = self.operation(call.operation).ok_or(Malformed::Operation)?;
        let way = self
            .framing
            .services
            .get(operation.name)
            .ok_or(Malformed::Unframed)?;
        arguments(operation, call)?;
        match operation.payload {
            Payload::Nothing if !call.payload.is_empty() => return Err(Malformed::Unwanted),
            Payload::Nothing => {}
            Payload::Xml | Payload::Array | Payload::Object => self.checked(call.payload)?,
        }
        let auth = call.auth.as_ref().ok_or(Malformed::Secret("password"))?;
        self.request(way, call, auth)
    }

    fn read(&self, operation: &str, answer: &Answer<'_>) -> Reading {
        let way = self.framing.services.get(operation);
        match self.operation(operation).zip(way) {
            Some((operation, way)) => self.outcome(operation, way.answer.open(answer), answer),
            None => Reading {
                class: Some(Class::NotSupported),
                hop: Some(Hop::Gateway),
                ..Reading::new(Verdict::Unclear, Next::Person)
            },
        }
    }
}

/// Whether the call carries what its operation needs and nothing else.
fn arguments(operation: &Operation, call: &Call<'_>) -> Result<(), Malformed> {
    for name in operation.arguments {
        call.argument(name).ok_or(Malformed::Argument(name))?;
    }
    for (n, (name, _)) in call.arguments.iter().enumerate() {
        let taken = operation.arguments.contains(name) || operation.optional.contains(name);
        let again = call.arguments[..n].iter().any(|(other, _)| other == name);
        if !taken || again {
            return Err(Malformed::Stray);
        }
    }
    Ok(())
}

/// The packet as the only part of a form. The boundary is of the packet's own hash, so that the same call is the same bytes,
/// and no packet holds it.
fn multipart(part: &str, packet: &[u8], auth: &Auth<'_>) -> (String, Vec<u8>) {
    let hash = data_encoding::HEXLOWER.encode(&(auth.sha256)(packet));
    let mut boundary = format!("edxml-{}", &hash[..32]);
    while packet
        .windows(boundary.len())
        .any(|window| window == boundary.as_bytes())
    {
        boundary.push('x');
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"packet.edxml\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let body = [
        head.as_bytes(),
        packet,
        format!("\r\n--{boundary}--\r\n").as_bytes(),
    ]
    .concat();
    (format!("multipart/form-data; boundary={boundary}"), body)
}
