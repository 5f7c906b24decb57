//! A token of SoftHSM for one world, in its folder, with the key that signs payloads.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::super::Failed;
use crate::config;
use crate::keys;
use crate::model::Algorithm;

/// Where SoftHSM's library is told to look. It reads this once, when it is loaded.
const VARIABLE: &str = "SOFTHSM2_CONF";
/// What token and key are called.
const TOKEN: &str = "sandbox";
const KEY: &str = "payload";

/// Makes the token, if it is not there, and sees to it that this process finds it.
pub(super) fn ready(dir: &Path, pin: &str) -> Result<(), Failed> {
    let dir = fs::canonicalize(dir).map_err(|error| Failed::file(dir, &error))?;
    let folder = dir.join("hsm");
    let settings = folder.join("softhsm2.conf");
    let made = folder.join("made");
    if !made.exists() {
        make(&folder, &settings, pin)?;
        fs::write(&made, "").map_err(|error| Failed::file(&made, &error))?;
    }
    let found = config::environment().any(|(name, value)| name == VARIABLE && Path::new(&value) == settings);
    if found { Ok(()) } else { Err(again(&settings)) }
}

/// What is said of the key in the settings.
pub(super) fn section(module: &Path) -> String {
    let module = toml::Value::from(module.display().to_string());
    format!(
        "\n[keys.payload.hsm]\nmodule = {module}\ntoken = \"{TOKEN}\"\nkey = \"{KEY}\"\npin_file = \"tokens/pin\"\n"
    )
}

/// Becomes the same program with the variable set: no process changes its own environment safely. Comes back only when that
/// failed.
fn again(settings: &Path) -> Failed {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return Failed::because(&error),
    };
    let error = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(VARIABLE, settings)
        .exec();
    Failed::because(&error)
}

fn make(folder: &Path, settings: &Path, pin: &str) -> Result<(), Failed> {
    let failed = |error| Failed::file(folder, &error);
    // Left by a run that was killed: nothing was signed with it.
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let tokens = folder.join("tokens");
    fs::create_dir_all(&tokens).map_err(failed)?;
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    fs::write(settings, text).map_err(failed)?;
    program(
        settings,
        &[
            "--init-token",
            "--free",
            "--label",
            TOKEN,
            "--pin",
            pin,
            "--so-pin",
            pin,
        ],
    )?;
    let key = keys::create(folder, "import", Algorithm::Es256)?.path;
    let path = key.display().to_string();
    program(
        settings,
        &[
            "--import", &path, "--token", TOKEN, "--label", KEY, "--id", "01", "--pin", pin,
        ],
    )?;
    fs::remove_file(&key).map_err(failed)
}

/// The maker's program. A sandbox's PIN opens nothing but a sandbox, so it may stand among arguments.
fn program(settings: &Path, arguments: &[&str]) -> Result<(), Failed> {
    let run = Command::new("softhsm2-util")
        .args(arguments)
        .env(VARIABLE, settings)
        .output();
    match run {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Failed::NotDone(format!(
            "softhsm2-util: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failed::NotDone(
            "--hsm needs SoftHSM: install softhsm2, which brings softhsm2-util".to_owned(),
        )),
        Err(error) => Err(Failed::because(&error)),
    }
}
