//! Reuse: how long a dossier waits for what the state holds, and how many answers become facts in a second.

use std::hint::black_box;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use wire::{Adapter, Answer};

use super::super::Failed;
use super::figure::{Figure, Must, median};
use super::load::{Wire, post};
use super::sink::{Manner, Sink};
use super::site::{self, Dossiers, Folder, SECRET, Site, known};
use super::size::Size;
use crate::app;
use crate::config::Config;
use crate::model::Held;
use crate::registry;
use crate::translate::Translator;
use crate::twin::{Access, Options, Twin};

/// How late each answer of a database is.
const LATE: Duration = Duration::from_millis(100);
/// Confirmation of marital status: four rules, two databases.
const PROCEDURE: &str = "1.004873";
/// When an answer came: any moment does.
const AT: i64 = 1_768_439_700_000;
/// The system that asks.
const TANDAN: &str = "tandan";
/// The databases of that procedure, each with the twin's road to it.
const DATABASES: [(&str, &str); 2] = [("population", "/c06"), ("document-store", "/ndxp")];
const CITIZEN: &str = "citizen";
const OFFICERS: &str = "default = \"motcua\"\n[officers.motcua]\nnumber = \"099185000058\"\nname = \"CÁN BỘ THỬ\"\n\
                        agency = \"H99.10\"\nphone = \"0900000058\"\n";

/// Measures both: the wait against one round trip, and the reading of the answers that came meanwhile on one core.
pub(super) async fn measure(dossiers: &Dossiers, size: &Size) -> Result<Vec<Figure>, Failed> {
    let folder = Folder::new()?;
    let national = National::open(folder.path()).await?;
    let road = Road::open(national.address).await?;
    let portal = Sink::open(0, Manner::Takes).await?;
    let files = [("officers.toml", OFFICERS.as_bytes())];
    let site = Site::with(&portal.base, &portal.base, &settings(&road.base), &files)?;
    let alive = site.start().await?;
    let waits = previews(alive.address, size.previews).await?;
    let row = waited(&waits, national.twin.summary().databases.inquiries, size.previews);
    alive.stop().await;
    let soap = road.soap();
    let work = Work::new(site.config(), dossiers.translator(), soap)?;
    Ok(vec![row, tokio::task::block_in_place(|| work.measure(size))])
}

/// The twin of the national side on a free port; dropped, it is gone.
struct National {
    twin: Twin,
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl National {
    async fn open(folder: &Path) -> Result<Self, Failed> {
        let secret = || SECRET.to_owned();
        let twin = Twin::open(Options {
            folder: folder.to_owned(),
            access: Access {
                consumer_key: secret(),
                consumer_secret: secret(),
                signer: secret(),
                signing_secret: secret(),
                ..Access::default()
            },
            ..Options::default()
        })
        .map_err(|why| Failed::because(&why))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        let serving = twin.clone();
        tasks.spawn(async move {
            // A twin that fails answers nothing, and the measurement says so.
            let _served = serving.serve(listener, std::future::pending()).await;
        });
        Ok(Self {
            twin,
            address,
            _tasks: tasks,
        })
    }
}

/// Settings of a system that asks both databases, over this road.
fn settings(road: &str) -> String {
    let mut text = known(TANDAN, "portal") + "officers_file = \"officers.toml\"\n[reuse.sources]\n";
    for (name, _) in DATABASES {
        text.push_str(&format!("{name} = \"{name}\"\n"));
    }
    for (name, end) in DATABASES {
        text.push_str(&format!(
            "[partners.{name}]\nbase = \"{road}{end}\"\nusername = \"{SECRET}\"\npassword_file = \"password\"\nconcurrency = 32\n\
             pace = {{ per_second = 100000, burst = 1000 }}\n"
        ));
    }
    text + "[partners.population.secrets]\nkey_file = \"password\"\n"
}

/// How long each preview took, ms; the first, which opens sessions and connections, is not counted.
async fn previews(gateway: SocketAddr, count: usize) -> Result<Vec<f64>, Failed> {
    let draft = json!({
        "procedure": PROCEDURE, "officer": "motcua", "reason": "bench",
        "facts": {"owner": {
            "kind": "citizen", "name": "Trần Văn Mẫu", "born": "1990-05-17",
            "papers": [{"kind": "citizen-id", "number": "099090000017"}],
        }},
    });
    let target = format!("/v1/systems/{TANDAN}/reuse");
    let request = post(&target, &site::token(TANDAN), draft.to_string().as_bytes());
    let mut wire = Wire::open(gateway).await?;
    let mut waits = Vec::with_capacity(count);
    for _ in 0..=count {
        let began = Instant::now();
        let status = wire.ask(&request).await?;
        waits.push(began.elapsed().as_secs_f64() * 1_000.0);
        if status != 200 {
            return Err(Failed::NotDone(format!(
                "a preview was answered {status} where 200 was due"
            )));
        }
    }
    waits.remove(0);
    Ok(waits)
}

fn waited(waits: &[f64], asked: u64, count: usize) -> Figure {
    let lookups = asked as f64 / (count + 1) as f64;
    let trip = LATE.as_secs_f64() * 1_000.0;
    let what = format!("what the state holds for a draft, {lookups:.0} look-ups side by side");
    Figure::new("U1", what, median(waits), "ms")
        .against("one round trip to a database", trip)
        .must(Must::AtMost(1.5))
}

/// A road to the twin on which every answer is late.
struct Road {
    base: String,
    soap: Arc<Mutex<Vec<u8>>>,
    _tasks: JoinSet<()>,
}

impl Road {
    async fn open(twin: SocketAddr) -> Result<Self, Failed> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let soap = Arc::<Mutex<Vec<u8>>>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(carriers(listener, twin, Arc::clone(&soap)));
        Ok(Self {
            base,
            soap,
            _tasks: tasks,
        })
    }

    /// The last SOAP answer that came over it.
    fn soap(&self) -> Vec<u8> {
        self.soap.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn carriers(listener: TcpListener, twin: SocketAddr, seen: Arc<Mutex<Vec<u8>>>) {
    let mut open = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        open.spawn(carry(near, twin, Arc::clone(&seen)));
        while open.try_join_next().is_some() {}
    }
}

/// One connection; either side ends it.
async fn carry(near: TcpStream, twin: SocketAddr, seen: Arc<Mutex<Vec<u8>>>) -> std::io::Result<()> {
    let (mut near, mut far) = (Wire::over(near), Wire::open(twin).await?);
    loop {
        let request = near.message(<[u8]>::to_vec).await?;
        far.write(&request).await?;
        let answer = far.message(<[u8]>::to_vec).await?;
        if let Some(body) = envelope(&answer) {
            body.clone_into(&mut seen.lock().unwrap_or_else(PoisonError::into_inner));
        }
        tokio::time::sleep(LATE).await;
        near.write(&answer).await?;
    }
}

/// The body of an answer in SOAP.
fn envelope(answer: &[u8]) -> Option<&[u8]> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let body = answer.get(end..)?;
    body.windows(9).any(|nine| nine == b":Envelope").then_some(body)
}

/// The reading of one answer, without the network.
struct Work<'a> {
    adapter: Box<dyn Adapter>,
    translator: &'a Translator,
    mapping: &'a str,
    soap: Vec<u8>,
}

impl<'a> Work<'a> {
    fn new(config: &'a Config, translator: &'a Translator, soap: Vec<u8>) -> Result<Self, Failed> {
        let unset = || Failed::NotDone("a measured node has no population database".to_owned());
        let partner = config.partners.get("population").ok_or_else(unset)?;
        let profiles = app::profiles(config).map_err(|why| Failed::because(&why))?;
        let framing = app::framing("population", partner, &profiles).map_err(|why| Failed::because(&why))?;
        let adapter = registry::adapter(&partner.adapter, framing).map_err(|why| Failed::because(&why))?;
        let work = Self {
            adapter,
            translator,
            mapping: partner.mappings.get(CITIZEN).ok_or_else(unset)?,
            soap,
        };
        match work.facts() {
            Some(_) => Ok(work),
            None => Err(Failed::NotDone("the answer to measure says nothing".to_owned())),
        }
    }

    fn facts(&self) -> Option<Held> {
        let answer = Answer {
            status: 200,
            body: &self.soap,
            ..Answer::default()
        };
        let found = self.adapter.read(CITIZEN, &answer).result?;
        self.translator.held(self.mapping, &found, AT).ok()
    }

    fn measure(&self, size: &Size) -> Figure {
        let rates: Vec<_> = (0..size.rounds).map(|_| self.rate(size.window)).collect();
        let what = format!("SOAP answer of {} bytes to facts, one core", self.soap.len());
        Figure::new("U2", what, median(&rates), "/s").must(Must::AtLeast(20_000.0))
    }

    fn rate(&self, window: Duration) -> f64 {
        let (began, mut done) = (Instant::now(), 0_u32);
        while began.elapsed() < window {
            let _ = black_box(self.facts());
            done += 1;
        }
        f64::from(done) / began.elapsed().as_secs_f64()
    }
}
