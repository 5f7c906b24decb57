//! The command line: every verb and what may be said with it. What a verb does stands in its own file.

mod accounts;
mod arguments;
mod backup;
mod bench;
mod check;
mod erase;
mod failed;
mod init;
mod keys;
mod log;
mod map;
mod node;
mod outbox;
mod push;
mod reconcile;
mod remote;
mod restore;
mod sandbox;
mod serve;
mod table;
mod twin;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

pub use arguments::{
    Accounts, At, Backup, Bench, Check, Erase, Keys, Language, Log, Map, Node, Outbox, Purpose, Push,
    Reconcile, Restore, Sandbox, Secrets, Twin, Verify, Whose,
};
pub use failed::Failed;

/// The gateway between Viet Nam's provinces and the national side.
///
/// Exit codes: 0 done, 1 not done (said why), 2 wrong use.
#[derive(Clone, Debug, Parser)]
#[command(name = "lienthong", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Run the whole thing on this machine: province, gateway and a simulated national side
    Sandbox(Sandbox),
    /// Make a node: its folder, keys, store and log
    Init(Node),
    /// Say everything that is wrong with a node and touch nothing
    Check(Check),
    /// Run a node
    Serve(Node),
    /// Push files or folders of dossiers; run again, it goes on without sending twice
    Push(Push),
    /// Work on mappings
    Map {
        /// What to do with them.
        #[command(subcommand)]
        verb: Map,
    },
    /// Look at what waits for a partner, and decide what only a person can
    Outbox {
        /// What to do with it.
        #[command(subcommand)]
        verb: Outbox,
    },
    /// Compare with what the partner knows, and send what it lacks
    Reconcile(Reconcile),
    /// Erase everything about a subject
    Erase(Erase),
    /// Check the exchange log, and take evidence from it
    Log {
        /// What to do with it.
        #[command(subcommand)]
        verb: Log,
    },
    /// Copy the store while the node runs
    Backup(Backup),
    /// Put a copy in the place of the store
    Restore(Restore),
    /// Check evidence files offline, trusting only the keys named
    Verify(Verify),
    /// Run the simulated national side alone
    Twin(Twin),
    /// Measure every figure of the speed table
    Bench(Bench),
    /// The people who may open the console
    Accounts {
        /// What to do with them.
        #[command(subcommand)]
        verb: Accounts,
    },
    /// Make and list keys
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        verb: Keys,
    },
}

/// Does what was asked and says so; the code is 0 when it is done, 1 when it is not, 2 when nobody could.
pub async fn run(cli: Cli) -> ExitCode {
    match done(cli.verb).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failed) => {
            complain(&failed.to_string());
            ExitCode::from(failed.code())
        }
    }
}

/// Whether it was done; when not, the verb said why.
async fn done(verb: Verb) -> Result<bool, Failed> {
    match verb {
        Verb::Sandbox(asked) => Box::pin(sandbox::run(asked)).await,
        Verb::Init(node) => init::run(&node),
        Verb::Check(asked) => check::run(&asked),
        Verb::Serve(node) => serve::run(&node).await,
        Verb::Push(asked) => push::run(&asked).await,
        Verb::Map { verb } => map::run(verb),
        Verb::Bench(asked) => Box::pin(bench::run(&asked)).await,
        Verb::Outbox { verb } => outbox::run(verb).await,
        Verb::Reconcile(asked) => reconcile::run(asked).await,
        Verb::Erase(asked) => erase::run(&asked).await,
        Verb::Log { verb } => log::run(verb).await,
        Verb::Backup(asked) => backup::run(&asked).await,
        Verb::Restore(asked) => restore::run(&asked).await,
        Verb::Verify(asked) => verify::run(&asked),
        Verb::Twin(asked) => twin::run(asked).await,
        Verb::Accounts { verb } => accounts::run(verb),
        // A key on a token or at a provider holds the thread that signs.
        Verb::Keys { verb } => tokio::task::block_in_place(|| keys::run(verb)),
    }
}

/// Says a line to whoever reads the output. A reader that went away is no fault of ours, as it would be to `println!`.
fn say(line: &str) {
    let _read = writeln!(std::io::stdout().lock(), "{line}");
}

/// Says a line beside the output.
fn complain(line: &str) {
    let _read = writeln!(std::io::stderr().lock(), "{line}");
}

/// Says a value as the last line of the output.
fn say_json(value: &impl serde::Serialize) {
    match serde_json::to_string(value) {
        Ok(line) => say(&line),
        Err(error) => complain(&format!("this cannot be said as JSON: {error}")),
    }
}

/// Resolves when the process is asked to end (SIGTERM, SIGINT).
async fn told_to_stop() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        // Without signals the process ends as the system ends it, and the next start takes up what was in hand.
        (Err(_), _) | (_, Err(_)) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn reads(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_is_read_as_its_users_write_it() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let lines = [
            "lienthong sandbox",
            "lienthong sandbox --once --json --dir d --listen 127.0.0.1:0 --count 5 --day calm --seed 7",
            "lienthong init --config f",
            "lienthong check --config f --json",
            "lienthong serve --config f",
            "lienthong push a b --system opencps --to http://localhost:1 --token-file t",
            "lienthong map check",
            "lienthong map run f --mapping portal/dossier --back",
            "lienthong map loss portal/dossier",
            "lienthong map diff old new --dossiers d",
            "lienthong outbox list --json --all --url http://localhost:1 --token-file t",
            "lienthong outbox show ID --dir d",
            "lienthong outbox retry ID --reason seen",
            "lienthong outbox release ID --as delivered --reason seen",
            "lienthong reconcile --since 2026-01-15T00:00:00+07:00 --dry-run",
            "lienthong erase --subject-file - --reason asked --basis law --dry-run --json --dir d",
            "lienthong log verify --dir d",
            "lienthong log prove ID -o f",
            "lienthong log export --dossier H99-1 -o f",
            "lienthong backup f --dir d",
            "lienthong restore f --dir d",
            "lienthong verify a b --trust k --trust l",
            "lienthong verify a.p7s --content a --trust root.pem --beside sub.pem --lang vi",
            "lienthong twin --listen 127.0.0.1:0 --day calm --seed 1",
            "lienthong twin --days",
            "lienthong bench --quick --json",
            "lienthong keys new f --purpose log",
            "lienthong keys list",
            "lienthong accounts add an --role auditor --role data-protection --dir d",
            "lienthong accounts reset an --password-file f --config f",
            "lienthong accounts list --json",
        ];
        for line in lines {
            assert!(reads(&line.replace("ID", id)).is_ok(), "{line}");
        }
    }

    #[test]
    fn wrong_use_is_refused() {
        let lines = [
            "lienthong",
            "lienthong push --system opencps --to u",
            "lienthong outbox release ID --as perhaps --reason r",
            "lienthong outbox list --url u --dir d",
            "lienthong reconcile --agency a --dossier n",
            "lienthong reconcile --since yesterday",
            "lienthong verify f",
            "lienthong erase --subject-file f --reason r",
            "lienthong twin",
        ];
        for line in lines {
            let error = reads(&line.replace("ID", "01890a5d-ac96-774b-bcce-b302099a8057")).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
