//! What is shipped, talked with the twin of the national side: mapping, papers, profile, adapter, and back again. Nothing in
//! between is made for the test.

use std::net::SocketAddr;

use data_encoding::HEXLOWER;
use lienthong::model::codes::Status;
use lienthong::model::{Dossier, News, Time, sample};
use lienthong::registry;
use lienthong::twin::{Access, Options, Twin};
use linked_hub::{Order, State, Turn};
use serde_json::Value;
use tokio::net::TcpListener;
use wire::awaited::Stand;
use wire::{Adapter, Answer, Auth, Call, Class, Credentials, Opened, Reading};

use super::{Shipped, json};
use crate::support::{self, http};

/// What every push carries for a paper here.
const PAPER: &[u8] = b"%PDF-1.4\n";

/// A twin on a loopback port for as long as `talk` runs, and itself afterwards.
async fn with_twin(talk: impl FnOnce(SocketAddr) + Send + 'static) -> Twin {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        folder: folder.path().to_owned(),
        ..Options::default()
    };
    let twin = Twin::open(options).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = twin.clone();
    let told = tokio::task::spawn_blocking(move || {
        // Dropped when the talk fails, too.
        let _stop = stop;
        talk(address);
    });
    let until = async {
        let _stopped = stopped.await;
    };
    serving.serve(listener, until).await.unwrap();
    told.await.unwrap();
    twin
}

/// One partner: an adapter with a shipped profile, the road to it, and an open session.
struct Partner {
    adapter: Box<dyn Adapter>,
    address: SocketAddr,
    road: &'static str,
    session: String,
    key: String,
}

impl Partner {
    fn open(
        address: SocketAddr,
        wire: &str,
        profile: &str,
        road: &'static str,
        (name, word): (&str, &str),
    ) -> Self {
        let file = support::root().join(format!("config/profiles/{wire}/{profile}.toml"));
        let framing = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let mut partner = Partner {
            adapter: registry::adapter(wire, framing).unwrap(),
            address,
            road,
            session: String::new(),
            key: Access::default().auth_key,
        };
        let account = Credentials {
            username: name,
            password: word,
            secrets: &[],
        };
        let request = partner.adapter.login(&account).unwrap();
        let (status, body) = partner.send(request);
        let answer = Answer {
            status,
            body: &body,
            ..Answer::default()
        };
        match partner.adapter.opened(&answer) {
            Opened::Session { token, .. } => partner.session = token,
            other @ (Opened::Refused { .. } | Opened::Unclear { .. }) => {
                panic!("{wire}/{profile}: {other:?}")
            }
        }
        partner
    }

    fn send(&self, request: wire::Request) -> (u16, Vec<u8>) {
        let path = format!("{}{}", self.road, request.target);
        let headers = headers(&request);
        let answer = http::call(
            self.address,
            request.method.as_str(),
            &path,
            &headers,
            &request.body,
        );
        (answer.status, answer.body)
    }

    /// A call with the network gone in the middle of it.
    fn cut(&self, operation: &str, payload: &[u8], share: f64) {
        let request = self.framed(operation, payload, &[]);
        let path = format!("{}{}", self.road, request.target);
        let after = (request.body.len() as f64 * share) as usize;
        let way = (request.method.as_str(), path.as_str());
        http::cut(self.address, way, &headers(&request), &request.body, after);
    }

    fn framed(&self, operation: &str, payload: &[u8], arguments: &[(&str, &str)]) -> wire::Request {
        let call = Call {
            operation,
            payload,
            arguments,
            session: Some(&self.session),
            signature: None,
            auth: Some(Auth {
                at: 0,
                credentials: Credentials {
                    username: "",
                    password: "",
                    secrets: &[("key", &self.key)],
                },
                sha256: openssl::sha::sha256,
                hmac: |_, _| [0; 32],
            }),
        };
        self.adapter.frame(&call).unwrap()
    }

    fn call(&self, operation: &str, payload: &[u8], arguments: &[(&str, &str)]) -> Reading {
        let (status, body) = self.send(self.framed(operation, payload, arguments));
        let answer = Answer {
            status,
            body: &body,
            ..Answer::default()
        };
        self.adapter.read(operation, &answer)
    }

    fn class(&self, operation: &str, payload: &[u8], arguments: &[(&str, &str)]) -> Class {
        self.call(operation, payload, arguments).class.unwrap()
    }
}

fn headers(request: &wire::Request) -> Vec<(&str, &str)> {
    let headers = request.headers.iter();
    headers
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// The dossier that a case's payload says, and its payload with the papers in it.
fn payload(shipped: &Shipped, mapping: &str, case: &str, place: &str) -> (Dossier, Vec<u8>) {
    let file = support::root()
        .join("fixtures")
        .join(mapping)
        .join(case)
        .join("theirs.json");
    let theirs = json(&file).to_string();
    let read = shipped.plans[mapping].read(theirs.as_bytes(), &shipped.context(), Time::at(0));
    let dossier = read.unwrap();
    let written = shipped.written(mapping, &dossier);
    let digest = HEXLOWER.encode(&openssl::sha::sha256(PAPER));
    let bytes = |wanted: &str| (wanted == digest).then(|| PAPER.to_vec());
    let whole = wire::attach::attach(&written, place, wire::attach::BULK, bytes).unwrap();
    (dossier, whole)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_birth_is_registered_once_and_becomes_an_entry_and_a_paper() {
    let twin = with_twin(|address| {
        let shipped = Shipped::load();
        let account = Access::default();
        let account = (account.consumer_key.as_str(), account.consumer_secret.as_str());
        let justice = Partner::open(address, "civil-status", "ngsp", "/ndxp", account);
        let (dossier, birth) = payload(&shipped, "civil-status/birth", "sample", civil_status::PAPERS);
        assert_eq!(justice.class("register", &birth, &[]), Class::Ok);
        // The time-out after sending: the same bytes again, and no second entry.
        assert_eq!(justice.class("register", &birth, &[]), Class::Duplicate);
        for (mapping, case) in [
            ("civil-status/death", "linked"),
            ("civil-status/marriage", "sample"),
        ] {
            let (_, other) = payload(&shipped, mapping, case, civil_status::PAPERS);
            assert_eq!(justice.class("register", &other, &[]), Class::Ok, "{mapping}");
        }
        let wrong = String::from_utf8(birth)
            .unwrap()
            .replace("nksHoTen", "nksHoVaTen");
        let wrong = wrong.replace(dossier.facts.number.as_str(), "H99.10-260106-0099");
        let refused = justice.call("register", wrong.as_bytes(), &[]);
        assert_eq!(refused.class, Some(Class::InvalidInput), "{refused:?}");

        let number = dossier.facts.number.as_str();
        let asked = [("dossiers", number), ("module", "LTKS")];
        let registrations = registry::awaited("civil-status").unwrap();
        let poll = || {
            let reading = justice.call("results", b"", &asked);
            let rows = registrations.rows(reading.result.as_deref().unwrap(), openssl::sha::sha256);
            rows.unwrap().remove(0)
        };
        let stands: Vec<_> = [poll(), poll()]
            .into_iter()
            .map(|row| (row.code, row.stand))
            .collect();
        let on_its_way = ["1", "3"].map(|code| (code.to_owned(), Stand::Underway));
        assert_eq!(stands, on_its_way);
        let row = poll();
        assert_eq!((row.stand, row.number.as_str()), (Stand::Ended, number));
        assert!(row.said.papers[0].bytes.starts_with(b"%PDF-"));
        let plan = &shipped.plans["civil-status/results"];
        let news: News = plan.read_as(&row.said.document, &shipped.context()).unwrap().fact;
        assert_eq!(
            news.results[0].reference.as_deref(),
            Some(row.said.papers[0].digest.as_str())
        );
        assert_eq!(news.status, Some(Status::Finished));
        let entry = &news.registrations[0];
        let child = dossier
            .facts
            .parties
            .iter()
            .find(|party| party.name == entry.subject.name);
        assert_eq!(entry.subject.number.as_deref(), Some("099326000031"));
        assert_eq!(entry.subject.born, child.unwrap().born);
        assert!(entry.number.is_some() && entry.registered_on.is_some());
        let nobody = [("dossiers", "H99.10-260106-7777"), ("module", "LTKS")];
        assert_eq!(justice.class("results", b"", &nobody), Class::NoMatch);
    })
    .await;
    let tally = twin.summary().databases;
    assert_eq!((tally.registrations, tally.repeated_registrations), (3, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_the_network_swallows_and_a_restart_make_exactly_one_registration() {
    let shares = [0.0, 0.5, 0.99, 1.0];
    let twin = with_twin(move |address| {
        let shipped = Shipped::load();
        let account = Access::default();
        let account = (account.consumer_key.as_str(), account.consumer_secret.as_str());
        let open = || Partner::open(address, "civil-status", "ngsp", "/ndxp", account);
        let (dossier, birth) = payload(&shipped, "civil-status/birth", "sample", civil_status::PAPERS);
        let number = dossier.facts.number.as_str();
        for (place, share) in shares.iter().enumerate() {
            let other = format!("H99.10-260106-{:04}", 5_000 + place);
            let birth = String::from_utf8(birth.clone()).unwrap().replace(number, &other);
            open().cut("register", birth.as_bytes(), *share);
            // The same bytes by somebody who knows nothing of the first attempt but that it was made.
            let class = open().class("register", birth.as_bytes(), &[]);
            assert!(
                matches!(class, Class::Ok | Class::Duplicate),
                "{share}: {class:?}"
            );
            assert_eq!(open().class("register", birth.as_bytes(), &[]), Class::Duplicate);
        }
    })
    .await;
    assert_eq!(twin.summary().databases.registrations, shares.len() as u64);
}

/// A step of a linked dossier as the hub is told of it.
fn told(shipped: &Shipped, linked: &str, state: State) -> Vec<u8> {
    let mut dossier = sample::registration(7, 7);
    dossier.facts.procedure.code = "1.001193".to_owned();
    dossier.facts.other_number = Some(linked.to_owned());
    dossier.facts.steps[0].status = Some(match state {
        State::Received => Status::Registered,
        State::Supplement => Status::SupplementRequested,
        State::Accepted => Status::Accepted,
        State::Finished => Status::Finished,
        State::Returned => Status::Returned,
        State::Refused => Status::NotAccepted,
        State::Forwarded => Status::Processing,
    });
    let payload = shipped.written("linked-hub/status", &dossier);
    let number: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(number["trangThai"], state.number());
    payload
}

/// A dossier of the hub is read as its mapping says, and acknowledged; no state of it is taken before that.
fn taken(shipped: &Shipped, reader: &Partner, teller: &Partner, item: &linked_hub::Item) {
    let detail = reader.call("detail", b"", &[("id", &item.id)]);
    let linked = linked_hub::linked(detail.result.as_deref().unwrap(), openssl::sha::sha256).unwrap();
    let mapping = match item.module.as_str() {
        "KT" => "linked-hub/death",
        _ => "linked-hub/birth",
    };
    let read = shipped.plans[mapping].read(&linked.entry, &shipped.context(), Time::at(0));
    let dossier = read.unwrap();
    assert_eq!(dossier.facts.number.as_str(), item.number);
    assert!(dossier.facts.form.certificate.on.is_some(), "yyyyMMdd is read");
    assert!(linked.papers[0].bytes.as_ref().unwrap().starts_with(b"%PDF-"));
    let early = told(shipped, &item.number, State::Received);
    assert_eq!(teller.class("status", &early, &[]), Class::UpstreamOutOfOrder);
    for _ in 0..2 {
        assert_eq!(
            reader.class("acknowledge", b"", &[("linked", &item.number)]),
            Class::Ok
        );
    }
}

/// The state that is to be told next on the way to the last one; none when that was told.
fn due(order: &Order) -> Option<State> {
    let mut wanted = State::Returned;
    loop {
        match order.turn(wanted) {
            Turn::After(before) => wanted = before,
            Turn::Send => return Some(wanted),
            Turn::Done => return None,
            Turn::Never => panic!("{wanted:?} cannot be told"),
        }
    }
}

/// Tells a state, twice: the second time the hub says that it has it.
fn tell(shipped: &Shipped, teller: &Partner, linked: &str, state: State) {
    let mut payload = told(shipped, linked, state);
    if state == State::Finished {
        let entry = br#"{"value":[{"ketQuaXuLy":{"nksHoTen":"A","nksQueQuan":{"maXa":"14797"}}}]}"#;
        let paper = linked_hub::Issued {
            bytes: PAPER,
            code: "KQ.G15.000031",
        };
        let place = |place: linked_hub::Place<'_>| place.commune.to_owned();
        payload = linked_hub::finished(&payload, entry, paper, &place).unwrap();
    }
    for class in [Class::Ok, Class::Duplicate] {
        assert_eq!(teller.class("status", &payload, &[]), class, "{state:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn linked_dossiers_are_taken_from_the_hub_and_their_states_told_in_order() {
    with_twin(|address| {
        let shipped = Shipped::load();
        let access = Access::default();
        let reader = (access.hub_username.as_str(), access.hub_password.as_str());
        let reader = Partner::open(address, "linked-hub", "dvclt", "/dvclt", reader);
        let teller = (access.hub_secret_id.as_str(), access.hub_secret_pass.as_str());
        let teller = Partner::open(address, "linked-hub", "dvclt-status", "/dvclt", teller);
        let list = || reader.call("list", b"", &[]);
        let items = linked_hub::items(list().result.as_deref().unwrap()).unwrap();
        assert!(items.len() >= 3);
        for item in &items {
            taken(&shipped, &reader, &teller, item);
        }
        assert_eq!(list().class, Some(Class::NoMatch));
        assert_eq!(reader.class("detail", b"", &[("id", "404")]), Class::NoMatch);

        let linked = items[0].number.as_str();
        let refused = teller.call("status", &told(&shipped, linked, State::Returned), &[]);
        assert_eq!(refused.class, Some(Class::UpstreamRejected), "{refused:?}");
        let (mut order, mut sent) = (Order::default(), Vec::new());
        while let Some(state) = due(&order) {
            tell(&shipped, &teller, linked, state);
            order.note(state);
            sent.push(state.number());
        }
        assert_eq!(sent, [1, 3, 7, 4, 5]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_sheet_is_asked_for_once_and_handed_on_in_its_own_bytes() {
    with_twin(|address| {
        let shipped = Shipped::load();
        let access = Access::default();
        let account = (access.consumer_key.as_str(), access.consumer_secret.as_str());
        let mut justice = Partner::open(address, "criminal-record", "ngsp", "/ndxp", account);
        let (dossier, push) = payload(
            &shipped,
            "criminal-record/register",
            "sample",
            criminal_record::PAPERS,
        );
        assert_eq!(justice.class("register", &push, &[]), Class::Ok);
        assert_eq!(justice.class("register", &push, &[]), Class::Duplicate);
        let asked = [("dossier", dossier.facts.number.as_str())];
        let outcome = (0..6).find_map(|_| {
            let reading = justice.call("results", b"", &asked);
            let rows = criminal_record::rows(reading.result.as_deref().unwrap()).unwrap();
            rows.into_iter().find_map(|row| row.outcome)
        });
        let key = std::mem::replace(&mut justice.key, "khoa-sai".to_owned());
        let denied = justice.call("register", &push, &[]);
        assert_eq!(denied.class, Some(Class::Denied));
        assert!(!format!("{denied:?}").contains("khoa-sai") && !key.is_empty());

        let account = (access.username.as_str(), access.password.as_str());
        let vneid = Partner::open(address, "criminal-record", "vneid", "/vneid", account);
        let mut dossier = dossier;
        dossier.facts.status = Status::Finished;
        let state = shipped.written("criminal-record/vneid", &dossier);
        let sheet = criminal_record::with_outcome(&state, &outcome.unwrap()).unwrap();
        assert_eq!(vneid.class("vneid", &sheet, &[]), Class::Ok);
        assert_eq!(vneid.class("vneid", &sheet, &[]), Class::Duplicate);
    })
    .await;
}
