//! P8: `kill -9` in the middle of a load while the partner is down; then the next start.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::super::Failed;
use super::figure::{Figure, Must};
use super::load::{Load, Run, Wire};
use super::sink::{Manner, Sink};
use super::site::{Dossiers, NOWHERE, OPENCPS, Site, mapping, port};
use super::size::Size;
use crate::app;
use crate::store::Store;
use crate::translate::Local;

/// How long the load runs before the node is killed.
const KILLED: Duration = Duration::from_millis(800);
/// The longest that a start is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures it with a node in a process of its own.
pub(super) async fn measure(dossiers: &mut Dossiers, size: &Size) -> Result<Vec<Figure>, Failed> {
    let (door, partner) = (port().await?, port().await?);
    let listen = format!("[http]\nlisten = \"127.0.0.1:{door}\"\n[logging]\nlevel = \"error\"\n");
    let site = Site::new(&format!("http://127.0.0.1:{partner}"), NOWHERE, &listen)?;
    let address = SocketAddr::from(([127, 0, 0, 1], door));
    let mut first = Served::serve(&site.file())?;
    ready(address).await?;
    let numbers = dossiers.next();
    let requests = dossiers.pushes(OPENCPS, size.pushes.1);
    let load = Load {
        address,
        requests,
        connections: 16,
        limit: KILLED * 2,
        every: Duration::ZERO,
    };
    let kill = async {
        tokio::time::sleep(KILLED).await;
        first.kill()
    };
    let (run, killed) = tokio::join!(load.run(), kill);
    killed?;
    let lost = lost(dossiers, &site, &run, numbers).await?;
    let sink = Sink::open(partner, Manner::Takes).await?;
    let began = Instant::now();
    let mut second = Served::serve(&site.file())?;
    let mut came = None;
    while came.is_none() && began.elapsed() < PATIENCE {
        came = sink
            .take()
            .first()
            .map(|(_, at)| at.duration_since(began).as_secs_f64());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    second.kill()?;
    let what = format!(
        "kill -9 under load, partner down: lost of {} acknowledged",
        run.accepted().count()
    );
    Ok(vec![
        Figure::new("P8", what, lost as f64, "").must(Must::AtMost(0.0)),
        Figure::new(
            "P8",
            "first redelivery after the next start",
            came.unwrap_or(f64::INFINITY),
            "s",
        )
        .must(Must::AtMost(2.0)),
    ])
}

/// How many of the acknowledged dossiers the store does not have; each is looked for by its number.
async fn lost(dossiers: &Dossiers, site: &Site, run: &Run, first: u64) -> Result<usize, Failed> {
    // The lock is free and the write-ahead file is read by whoever opens next.
    let store = app::opened(site.config())?;
    let mapping = mapping(OPENCPS);
    let local = Local {
        mapping: &mapping,
        site: OPENCPS,
        files: None,
    };
    let translator = dossiers.translator();
    let mut lost = 0;
    for answer in run.accepted() {
        let body = translator.sample(&mapping, OPENCPS, 1, first + answer.place as u64);
        let body = body.map_err(|error| Failed::because(&error))?;
        let read = translator
            .read(local, &body, 0)
            .map_err(|error| Failed::because(&error))?;
        let found = store.dossier(read.dossier.facts.number.as_str()).await?;
        lost += usize::from(found.is_none());
    }
    Ok(lost)
}

async fn ready(address: SocketAddr) -> Result<(), Failed> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Ok(mut wire) = Wire::open(address).await
            && let Ok(200) = wire.ask(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(Failed::NotDone(
        "the node that was to be killed did not start".to_owned(),
    ))
}

/// A node of our own program; dropped, it is killed.
struct Served(Child);

impl Served {
    fn serve(file: &Path) -> Result<Self, Failed> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["serve", "--config"])
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Ok(Self(command.spawn()?))
    }

    fn kill(&mut self) -> Result<(), Failed> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.kill();
    }
}
