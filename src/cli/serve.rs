//! `serve`: the check, then the node until it is told to stop.

use std::io;

use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::{Failed, Node, check, node, say, told_to_stop};
use crate::app;
use crate::config::{Format, Level, Logging};

/// Runs a node; it never makes a store.
pub(super) async fn run(asked: &Node) -> Result<bool, Failed> {
    let config = node::configured(asked.config.as_deref())?;
    if !check::passes(&config) {
        return Err(Failed::NotDone(
            "the node does not run before this is right".to_owned(),
        ));
    }
    speak(&config.logging);
    check::warn(&config);
    let node = app::node(&config)?;
    let listener = TcpListener::bind(config.http.listen)
        .await
        .map_err(|error| Failed::NotDone(format!("{}: {error}", config.http.listen)))?;
    let running = node.start(&config, listener).await?;
    say(&format!("listening on http://{}", running.address));
    tracing::info!(http.address = %running.address, node.name = config.node.name, "the node runs");
    told_to_stop().await;
    tracing::info!("the node was told to stop");
    running.stop(config.http.graceful).await;
    tracing::info!("the node stopped");
    Ok(true)
}

/// Writes our own events beside the output. Those of libraries stay out: they would name addresses and headers.
fn speak(logging: &Logging) {
    let filter = EnvFilter::new(format!(
        "off,lienthong={0},wire={0},portal={0}",
        level(logging.level)
    ));
    let written = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    // A subscriber that stands already keeps its place.
    let _first = match logging.format {
        Format::Json => written.json().flatten_event(true).try_init(),
        Format::Text => written.try_init(),
    };
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    }
}
