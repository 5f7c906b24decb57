//! P5 and R1: the whole way in a process of its own: pushed, translated, signed, delivered to the twin, logged and checked.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::super::Failed;
use super::figure::{Figure, Must};
use super::size::Size;

/// What Svix 1.100 delivered a second to a sink (Redis always), which maps and proves nothing; measured 23 November 2026.
const SVIX: f64 = 773.0;
/// The longest that the run is waited for.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often its memory is looked at.
const GLANCE: Duration = Duration::from_millis(20);
/// The most resident memory, MiB.
const MEMORY: f64 = 100.0;

/// What is needed of the sandbox's last line.
#[derive(Deserialize)]
struct Report {
    exchanges: Exchanges,
    log: Log,
    seconds: f64,
}

#[derive(Deserialize)]
struct Exchanges {
    owed: u64,
    delivered: u64,
}

#[derive(Deserialize)]
struct Log {
    verified: bool,
}

/// Measures it: node, twin and whoever pushes are one process on the same cores.
pub(super) async fn measure(size: &Size) -> Result<Vec<Figure>, Failed> {
    let count = size.whole.to_string();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["sandbox", "--once", "--json", "--count", &count]);
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (report, memory) = watch(child).await?;
    let rate = report.exchanges.delivered as f64 / report.seconds;
    let share = report.exchanges.delivered as f64 / report.exchanges.owed.max(1) as f64;
    let whole = format!("{count} dossiers pushed, mapped, signed ES256, delivered to the twin, logged");
    let proven = if report.log.verified { share } else { 0.0 };
    Ok(vec![
        Figure::new("P5", format!("{whole}: exchanges delivered"), rate, "/s")
            .against("Svix, which maps and proves nothing", SVIX)
            .must(Must::AtLeast(2.0)),
        Figure::new(
            "P5",
            "delivered of all owed, with a log that verifies",
            proven,
            "",
        )
        .must(Must::AtLeast(1.0)),
        Figure::new(
            "R1",
            "peak memory of gateway, twin and pusher together",
            memory,
            "MiB",
        )
        .must(Must::AtMost(MEMORY)),
    ])
}

async fn watch(mut child: Child) -> Result<(Report, f64), Failed> {
    let began = Instant::now();
    let mut memory = 0.0_f64;
    while child.try_wait()?.is_none() {
        memory = memory.max(peak(child.id()));
        if began.elapsed() > PATIENCE {
            child.kill()?;
        }
        tokio::time::sleep(GLANCE).await;
    }
    let output = child.wait_with_output()?;
    let last = output
        .stdout
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty());
    let report = serde_json::from_slice(last.unwrap_or_default())
        .map_err(|error| Failed::NotDone(format!("the sandbox said nothing to read: {error}")))?;
    Ok((report, memory))
}

/// The most resident memory that a process had so far, MiB.
fn peak(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    high(&status) / 1_024.0
}

/// `VmHWM` of a process's status, KiB.
fn high(status: &str) -> f64 {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_high_water_mark_is_read() {
        assert_eq!(
            super::high("Name:\tx\nVmHWM:\t   51200 kB\nVmRSS:\t 1 kB\n"),
            51_200.0
        );
        assert_eq!(super::high(""), 0.0);
    }
}
