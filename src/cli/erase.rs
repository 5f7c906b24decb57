//! `erase`: everything about a subject, for good. The number comes from a file or the standard input: what stands in arguments is
//! seen by every process of the machine.

use std::io::Read;
use std::path::Path;

use serde_json::json;

use super::node::There;
use super::{Erase, Failed, say, say_json};
use crate::app;
use crate::config::Config;
use crate::store::Erasure;
use crate::upkeep::Doer;

/// The longest number that is read.
const LONGEST: u64 = 1_024;

/// Erases, or says what would be erased.
pub(super) async fn run(asked: &Erase) -> Result<bool, Failed> {
    let said = |text: &str, option: &str| {
        let said = (!text.trim().is_empty()).then(|| text.to_owned());
        said.ok_or_else(|| Failed::Use(format!("say {option}")))
    };
    let (reason, basis) = (
        said(&asked.reason, "why: --reason TEXT")?,
        said(&asked.basis, "by what law: --basis TEXT")?,
    );
    let subject = subject(&asked.subject_file)?;
    let erasure = match There::find(&asked.at)? {
        There::Running(remote) => {
            let body = json!({
                "subject": subject, "reason": reason, "basis": basis, "dry_run": asked.dry_run,
            });
            remote.ask_for("/v1/erasures", &body).await?
        }
        There::Folder(config) => {
            let doer = Doer {
                who: "command line".to_owned(),
                reason,
                basis,
            };
            here(&config, &doer, &subject, asked.dry_run).await?
        }
    };
    tell(&erasure, asked);
    Ok(erasure.open.is_empty())
}

/// On a stopped node, with its lock.
async fn here(config: &Config, doer: &Doer, subject: &str, dry: bool) -> Result<Erasure, Failed> {
    let node = app::node(config)?;
    let erasure = node.upkeep.erase(doer, subject, dry).await?;
    if !dry {
        // The leaves stand under a checkpoint before anybody is told.
        node.upkeep.checkpoint().await?;
    }
    Ok(erasure)
}

/// The identity number, in the first line of a file.
fn subject(path: &Path) -> Result<String, Failed> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
    };
    read.map_err(|error| Failed::file(path, &error))?;
    let number = text.lines().next().unwrap_or_default().trim();
    if number.is_empty() {
        return Err(Failed::Use(
            "the first line of the file is the subject's number".to_owned(),
        ));
    }
    Ok(number.to_owned())
}

fn tell(erasure: &Erasure, asked: &Erase) {
    if asked.json {
        return say_json(erasure);
    }
    let Erasure { erased, open } = erasure;
    let done = if asked.dry_run {
        "would be erased"
    } else {
        "erased"
    };
    erased.iter().for_each(|number| say(&format!("{number}: {done}")));
    for number in open {
        say(&format!(
            "{number}: kept, work on it is open: deliver or release what it owes (`lienthong outbox list`), then erase again"
        ));
    }
    say(&format!("{} dossiers {done}, {} kept", erased.len(), open.len()));
    if !asked.dry_run && !erased.is_empty() {
        say("their keys are destroyed: put away every copy of the file of keys that is older than this");
    }
}
