//! Reads the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;
use lienthong::cli::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    cli::run(Cli::parse()).await
}
