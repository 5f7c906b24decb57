//! `twin`: the simulated national side alone.

use std::path::PathBuf;

use tokio::net::TcpListener;

use super::{Failed, Twin, say, told_to_stop};
use crate::twin::{self, Day, Options};

/// Runs the twin until it is told to stop, or lists its days.
pub(super) async fn run(asked: Twin) -> Result<bool, Failed> {
    if asked.days {
        twin::days().iter().for_each(|day| say(day));
        return Ok(true);
    }
    let Some(address) = asked.listen else {
        return Err(Failed::Use(
            "say where the twin listens: --listen ADDR".to_owned(),
        ));
    };
    let day = Day::named(asked.day.as_deref().unwrap_or_else(|| Day::Calm.name()));
    let day = day.map_err(|error| Failed::Use(error.to_string()))?;
    let folder = asked.dir.unwrap_or_else(fresh);
    let options = Options {
        folder,
        day,
        seed: asked.seed,
        ..Options::default()
    };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Failed::NotDone(format!("{address}: {error}")))?;
    let twin = twin::Twin::open(options.clone()).map_err(|error| Failed::because(&error))?;
    let address = listener.local_addr()?;
    say(&format!("listening on http://{address}"));
    say(&format!(
        "login        {} as {} / {}",
        options.login, options.username, options.password
    ));
    say(&format!("integration  {}", options.integration));
    say(&format!("share        {}", options.share));
    say(&format!(
        "databases    http://{address}/twin lists every path and how it is let in; the keys are the specification's synthetic ones"
    ));
    say(&format!("books        {}", options.folder.display()));
    twin.serve(listener, told_to_stop())
        .await
        .map_err(|error| Failed::because(&error))?;
    Ok(true)
}

fn fresh() -> PathBuf {
    std::env::temp_dir().join(format!("lienthong-twin-{}", std::process::id()))
}
