//! What may be said with `accounts`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::accounts::Role;

/// The people of the console.
#[derive(Clone, Debug, Subcommand)]
pub enum Accounts {
    /// Make an account, and print once how its person signs in
    Add {
        /// Its name: a-z, 0-9, `.` and `-`
        name: String,
        /// What the person may do; several are said one after another
        #[arg(long = "role", required = true, value_name = "ROLE", value_parser = role)]
        roles: Vec<Role>,
        /// How the person signs in.
        #[command(flatten)]
        secrets: Secrets,
        /// The node.
        #[command(flatten)]
        whose: Whose,
    },
    /// List the accounts
    List {
        /// The node.
        #[command(flatten)]
        whose: Whose,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shut an account: nobody signs in by it, and who is signed in is out
    Disable {
        /// Its name
        name: String,
        /// The node.
        #[command(flatten)]
        whose: Whose,
    },
    /// Open an account again
    Enable {
        /// Its name
        name: String,
        /// The node.
        #[command(flatten)]
        whose: Whose,
    },
    /// Give an account a new password and a new phone, and print them once
    Reset {
        /// Its name
        name: String,
        /// How the person signs in.
        #[command(flatten)]
        secrets: Secrets,
        /// The node.
        #[command(flatten)]
        whose: Whose,
    },
    /// Say anew what a person may do
    Roles {
        /// The account
        name: String,
        /// What the person may do; several are said one after another
        #[arg(long = "role", required = true, value_name = "ROLE", value_parser = role)]
        roles: Vec<Role>,
        /// The node.
        #[command(flatten)]
        whose: Whose,
    },
}

/// How a person signs in.
#[derive(Args, Clone, Debug)]
pub struct Secrets {
    /// The file that holds the password [default: one is made]
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// No codes of a phone; the node's settings must allow that
    #[arg(long)]
    pub no_phone: bool,
}

/// Whose accounts: a node by its settings or by its folder; it may be running.
#[derive(Args, Clone, Debug)]
pub struct Whose {
    /// The operator's file; without it, the shipped settings alone
    #[arg(long, value_name = "FILE", conflicts_with = "dir")]
    pub config: Option<PathBuf>,
    /// The folder of a node
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

fn role(word: &str) -> Result<Role, String> {
    Role::named(word).ok_or_else(|| format!("say one of {}", Role::ALL.map(Role::word).join(", ")))
}
