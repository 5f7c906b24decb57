//! What may be said with `keys`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Node;
use crate::model::Algorithm;

/// Keys.
#[derive(Clone, Debug, Subcommand)]
pub enum Keys {
    /// Make a key and print its public half
    New {
        /// Its name, for a key in the node's folder of keys; or its file, which ends in .pem. Never over another
        #[arg(value_name = "NAME")]
        file: PathBuf,
        /// What it is for
        #[arg(
            long,
            value_enum,
            conflicts_with = "algorithm",
            required_unless_present = "algorithm"
        )]
        purpose: Option<Purpose>,
        /// What it signs with: ES256, ES384, RS256, RS384, RS512, PS256, PS384, PS512, EdDSA
        #[arg(long, value_name = "ALG", value_parser = algorithm)]
        algorithm: Option<Algorithm>,
        /// The node.
        #[command(flatten)]
        node: Node,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// List the node's keys, or what stands on the tokens of a PKCS#11 module
    List {
        /// The node.
        #[command(flatten)]
        node: Node,
        /// A PKCS#11 module: list its tokens and the keys on them instead
        #[arg(long, alias = "module", value_name = "FILE")]
        pkcs11: Option<PathBuf>,
        /// A file with the PIN of those tokens, to see their private keys; it is tried once at each
        #[arg(long, value_name = "FILE", requires = "pkcs11")]
        pin_file: Option<PathBuf>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a certificate request (PKCS#10) that a key signs itself, on a token too
    Csr {
        /// A key of [keys.payload], or of the node's folder of keys, or a file that ends in .pem
        name: String,
        /// Whose certificate it is to be, as "C=VN, O=…, CN=…"
        #[arg(long)]
        subject: String,
        /// What the request is signed with [default: the key's usual one]
        #[arg(long, value_name = "ALG", value_parser = algorithm)]
        algorithm: Option<Algorithm>,
        /// The node.
        #[command(flatten)]
        node: Node,
    },
}

/// What a key is for; each purpose has its algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Purpose {
    /// Signs checkpoints (Ed25519)
    Log,
    /// Signs receipts (ES256)
    Receipt,
    /// Signs payloads (ES256)
    Payload,
    /// Blinds what the log says about persons (256 random bits)
    Blinding,
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    Algorithm::named(name).ok_or_else(|| {
        let names = Algorithm::ALL.map(Algorithm::name).join(", ");
        format!("say one of {names}")
    })
}
