//! The folder of one sandbox: keys, tokens, store, log and the twin's books. Opened again, it is the same world.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;

use super::super::{Failed, init};
use super::hsm;
use crate::accounts::{Account, Accounts, Role, password};
use crate::clock::{Dice, SystemDice};
use crate::config::{Config, Layer};
use crate::evidence::hash;
use crate::twin::Access;

/// The local systems that the sandbox plays.
pub(super) const SYSTEMS: &[&str] = &["opencps", "igate", "tandan"];

/// What else has a secret of its own: the operator, what the national side asks of a caller, and what it shows when it calls.
const SECRETS: [&str; 9] = [
    "operator",
    "population",
    "key",
    "platform",
    "pin",
    "payment",
    "vneid",
    "hub",
    "portal",
];
/// The account of the console.
pub(super) const ACCOUNT: &str = "sandbox";
/// In whose name the state is asked.
const OFFICERS: &str = include_str!("officers.toml");

/// By which name the platform of the national side knows the sandbox.
const CONSUMER: &str = "sandbox-tinh-38";

/// One sandbox's folder.
pub(super) struct World {
    dir: PathBuf,
    /// Whether the folder is ours to remove: nobody named it.
    fleeting: bool,
    /// The library of the token that signs payloads.
    hsm: Option<PathBuf>,
}

impl World {
    /// Opens the world in a folder, or makes it; without a folder, a fresh one.
    pub(super) fn open(dir: Option<&Path>, hsm: Option<&Path>) -> Result<Self, Failed> {
        let (dir, fleeting) = match dir {
            Some(dir) => (dir.to_owned(), false),
            None => (
                std::env::temp_dir().join(format!("lienthong-sandbox-{}", std::process::id())),
                true,
            ),
        };
        let world = Self {
            dir,
            fleeting,
            hsm: hsm.map(Path::to_owned),
        };
        world.secrets()?;
        if world.hsm.is_some() {
            hsm::ready(&world.dir, &world.token("pin")?)?;
        }
        world.account()?;
        let config = world.config("http://127.0.0.1:1", None)?;
        if !config.store.path.exists() {
            init::make(&config)?;
        }
        Ok(world)
    }

    /// Tokens and the twin's password: made once, then kept. The last one made says that all of them are.
    fn secrets(&self) -> Result<(), Failed> {
        let folder = self.dir.join("tokens");
        fs::create_dir_all(&folder).map_err(|error| Failed::file(&folder, &error))?;
        let dice = SystemDice::new().map_err(|error| Failed::because(&error))?;
        for name in SYSTEMS.iter().copied().chain(SECRETS) {
            let path = folder.join(name);
            if path.exists() {
                continue;
            }
            let mut bytes = [0; 24];
            dice.bytes(&mut bytes);
            let beside = folder.join(format!("{name}.new"));
            write(&beside, HEXLOWER.encode(&bytes).as_bytes())
                .map_err(|error| Failed::file(&path, &error))?;
            fs::rename(&beside, &path).map_err(|error| Failed::file(&path, &error))?;
        }
        Ok(())
    }

    /// The one account of the console, with every role and without a phone: who plays with this world owns it.
    fn account(&self) -> Result<(), Failed> {
        let dice = SystemDice::new().map_err(|error| Failed::because(&error))?;
        let path = self.dir.join("tokens").join(ACCOUNT);
        if !path.exists() {
            let beside = path.with_extension("new");
            write(&beside, password::made(&dice).as_bytes()).map_err(|error| Failed::file(&path, &error))?;
            fs::rename(&beside, &path).map_err(|error| Failed::file(&path, &error))?;
        }
        let password = self.token(ACCOUNT)?;
        Accounts::change(&self.dir.join("accounts.toml"), |all| {
            let made = || {
                let password =
                    password::Kept::of(&password, &dice).map_err(|error| Failed::because(&error))?;
                Ok::<_, Failed>(Account {
                    roles: Role::ALL.to_vec(),
                    password,
                    totp: None,
                    disabled: false,
                })
            };
            if !all.accounts.contains_key(ACCOUNT) {
                all.accounts.insert(ACCOUNT.to_owned(), made()?);
            }
            Ok::<_, Failed>(())
        })
    }

    /// The token of a system, or of `operator`; the password of the console's account.
    pub(super) fn token(&self, name: &str) -> Result<String, Failed> {
        let path = self.dir.join("tokens").join(name);
        fs::read_to_string(&path).map_err(|error| Failed::file(&path, &error))
    }

    /// What the twin asks of the gateway.
    pub(super) fn access(&self) -> Result<Access, Failed> {
        Ok(Access {
            signing_secret: self.token("population")?,
            api_key: Some(self.token("key")?),
            consumer_key: CONSUMER.to_owned(),
            consumer_secret: self.token("platform")?,
            hub_username: CONSUMER.to_owned(),
            hub_password: self.token("hub")?,
            hub_secret_id: CONSUMER.to_owned(),
            hub_secret_pass: self.token("hub")?,
            ..Access::default()
        })
    }

    /// The folder of the twin's own books.
    pub(super) fn twin(&self) -> PathBuf {
        self.dir.join("twin")
    }

    /// The folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The library of the token that signs payloads.
    pub(super) fn hsm(&self) -> Option<&Path> {
        self.hsm.as_deref()
    }

    /// The configuration of this world, with the twin's address of this run.
    pub(super) fn config(&self, origin: &str, listen: Option<SocketAddr>) -> Result<Config, Failed> {
        let text = self.text(origin, listen)?;
        let officers = self.dir.join("officers.toml");
        fs::write(&officers, OFFICERS).map_err(|error| Failed::file(&officers, &error))?;
        let path = self.dir.join("lienthong.toml");
        fs::write(&path, &text).map_err(|error| Failed::file(&path, &error))?;
        let name = path.display().to_string();
        Config::layered(
            &[Layer {
                name: &name,
                text: &text,
            }],
            std::iter::empty(),
        )
        .map_err(|mistakes| {
            Failed::NotDone(
                mistakes
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n"),
            )
        })
    }

    fn text(&self, origin: &str, listen: Option<SocketAddr>) -> Result<String, Failed> {
        let listen = listen.map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string());
        let mut text = format!(
            include_str!("world.toml"),
            dir = toml::Value::from(self.dir.display().to_string()),
            listen = listen,
            origin = origin,
            operator = hash(&self.token("operator")?),
        );
        if let Some(module) = &self.hsm {
            text.push_str(&hsm::section(module));
        }
        for system in SYSTEMS {
            let hash = hash(&self.token(system)?);
            let files = format!("http://{system}.h99.example/files/");
            text.push_str(&format!(
                "\n[systems.{system}]\ntoken_sha256 = [\"{hash}\"]\nfiles = \"{files}\"\n\
                 officers_file = \"officers.toml\"\n"
            ));
            // One of them keeps the province's dossiers that no system has pushed.
            text.push_str(if *system == "opencps" {
                "agencies = [\"H99\"]\n"
            } else {
                ""
            });
        }
        Ok(text)
    }

    /// Ends this run: a folder that nobody named goes when the run ended by itself.
    pub(super) fn close(self, remove: bool) {
        if self.fleeting && remove {
            // What cannot be removed stays in the temporary folder, which the system empties.
            let _removed = fs::remove_dir_all(&self.dir);
        }
    }
}

fn hash(token: &str) -> String {
    HEXLOWER.encode(&hash::digest(&[token.as_bytes()]))
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
