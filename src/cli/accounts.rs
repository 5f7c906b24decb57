//! `accounts`: the people who may open the console. A running node sees a change at once.

use std::path::Path;

use serde_json::json;
use zeroize::Zeroizing;

use super::{Accounts, Failed, node, say, say_json};
use super::{Secrets, Whose};
use crate::accounts::{self, Account, Role, password, totp};
use crate::clock::{Dice, SystemDice};
use crate::config::Config;

/// Does one of them.
pub(super) fn run(verb: Accounts) -> Result<bool, Failed> {
    match verb {
        Accounts::Add {
            name,
            roles,
            secrets,
            whose,
        } => add(&name, roles, &secrets, &settings(&whose)?),
        Accounts::List { whose, json } => list(&settings(&whose)?, json),
        Accounts::Disable { name, whose } => {
            change(&name, &settings(&whose)?, |account| account.disabled = true)
        }
        Accounts::Enable { name, whose } => {
            change(&name, &settings(&whose)?, |account| account.disabled = false)
        }
        Accounts::Reset { name, secrets, whose } => reset(&name, &secrets, &settings(&whose)?),
        Accounts::Roles { name, roles, whose } => change(&name, &settings(&whose)?, |account| {
            account.roles = distinct(&roles)
        }),
    }
}

fn settings(whose: &Whose) -> Result<Config, Failed> {
    match (&whose.config, &whose.dir) {
        (None, Some(dir)) => node::settings(Some(dir)),
        (config, _) => node::configured(config.as_deref()),
    }
}

fn add(name: &str, roles: Vec<Role>, secrets: &Secrets, config: &Config) -> Result<bool, Failed> {
    let name = accounts::name(name).map_err(|error| Failed::Use(error.to_string()))?;
    let fresh = Fresh::new(secrets, config)?;
    let path = &config.console.accounts_file;
    accounts::Accounts::change(path, |all| {
        if all.accounts.contains_key(name) {
            return Err(Failed::NotDone(format!(
                "there is an account `{name}` already; `lienthong accounts reset {name}` gives it a new password"
            )));
        }
        all.accounts
            .insert(name.to_owned(), fresh.account(distinct(&roles)));
        Ok(())
    })?;
    fresh.tell(name, config);
    Ok(true)
}

fn reset(name: &str, secrets: &Secrets, config: &Config) -> Result<bool, Failed> {
    let fresh = Fresh::new(secrets, config)?;
    change(name, config, |account| {
        let roles = std::mem::take(&mut account.roles);
        let disabled = account.disabled;
        *account = Account {
            disabled,
            ..fresh.account(roles)
        };
    })?;
    fresh.tell(name, config);
    Ok(true)
}

fn change(name: &str, config: &Config, how: impl FnOnce(&mut Account)) -> Result<bool, Failed> {
    accounts::Accounts::change(&config.console.accounts_file, |all| {
        match all.accounts.get_mut(name) {
            Some(account) => {
                how(account);
                Ok(())
            }
            None => Err(Failed::NotDone(format!("there is no account `{name}`"))),
        }
    })?;
    Ok(true)
}

fn list(config: &Config, json: bool) -> Result<bool, Failed> {
    let all = accounts::Accounts::read(&config.console.accounts_file)?.accounts;
    if json {
        let rows: Vec<_> = all
            .iter()
            .map(|(name, account)| {
                json!({ "name": name, "roles": account.roles, "phone": account.totp.is_some(),
                        "disabled": account.disabled })
            })
            .collect();
        say_json(&rows);
        return Ok(true);
    }
    let cells: Vec<Vec<String>> = all.iter().map(|(name, account)| cells(name, account)).collect();
    let lines = super::table::columns(&["account", "roles", "phone", "state"], &cells);
    lines.iter().for_each(|line| say(line));
    Ok(true)
}

fn cells(name: &str, account: &Account) -> Vec<String> {
    let roles: Vec<&str> = account.roles.iter().map(|role| role.word()).collect();
    let phone = if account.totp.is_some() { "yes" } else { "no" };
    let state = if account.disabled { "shut" } else { "open" };
    vec![
        name.to_owned(),
        roles.join(","),
        phone.to_owned(),
        state.to_owned(),
    ]
}

/// Each role once, in their order.
fn distinct(roles: &[Role]) -> Vec<Role> {
    Role::ALL
        .into_iter()
        .filter(|role| roles.contains(role))
        .collect()
}

/// What somebody signs in by from now on.
struct Fresh {
    password: Zeroizing<String>,
    /// Whether it was made here, and is to be told.
    made: bool,
    kept: password::Kept,
    totp: Option<totp::Secret>,
}

impl Fresh {
    fn new(secrets: &Secrets, config: &Config) -> Result<Self, Failed> {
        let phone = !secrets.no_phone;
        if !phone && config.console.second_factor {
            return Err(Failed::NotDone(
                "the node asks for a code beside the password (`console.second_factor`): an account without a phone could not \
                 sign in"
                    .to_owned(),
            ));
        }
        let dice = SystemDice::new().map_err(|error| Failed::because(&error))?;
        let password = match &secrets.password_file {
            Some(path) => said(path, phone)?,
            None => password::made(&dice),
        };
        Ok(Self {
            made: secrets.password_file.is_none(),
            kept: password::Kept::of(&password, &dice).map_err(|error| Failed::because(&error))?,
            password,
            totp: phone.then(|| totp::Secret::new(&dice as &dyn Dice)),
        })
    }

    fn account(&self, roles: Vec<Role>) -> Account {
        Account {
            roles,
            password: self.kept.clone(),
            totp: self.totp.clone(),
            disabled: false,
        }
    }

    /// Told once: what is kept of a password does not give it back.
    fn tell(&self, name: &str, config: &Config) {
        say(&format!("account   {name}"));
        if self.made {
            say(&format!("password  {}", &*self.password));
        }
        if let Some(totp) = &self.totp {
            say(&format!("phone     {}", totp.uri(&config.node.name, name)));
            say("          take it in with any program of one-time codes; it is not shown again");
        }
    }
}

fn said(path: &Path, phone: bool) -> Result<Zeroizing<String>, Failed> {
    let text = std::fs::read_to_string(path).map_err(|error| Failed::file(path, &error))?;
    let text = Zeroizing::new(text);
    let password = Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned());
    if !password::is_long(&password, phone) {
        let (with, without) = password::SHORTEST;
        return Err(Failed::NotDone(format!(
            "the password is too short: {with} characters beside a phone, {without} without one"
        )));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Verb};

    fn does(line: &str) -> Result<bool, Failed> {
        let cli = Cli::try_parse_from(line.split(' ')).map_err(|error| Failed::Use(error.to_string()))?;
        let Verb::Accounts { verb } = cli.verb else {
            panic!("{line}")
        };
        run(verb)
    }

    #[test]
    fn accounts_are_made_shut_and_given_new_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().display().to_string();
        let file = folder.path().join("accounts.toml");
        let read = || accounts::Accounts::read(&file).unwrap().accounts["an"].clone();
        does(&format!(
            "lienthong accounts add an --role operator --role auditor --role auditor --dir {dir}"
        ))
        .unwrap();
        let first = read();
        assert_eq!(first.roles, [Role::Auditor, Role::Operator]);
        assert!(first.totp.is_some() && !first.disabled);
        let again = does(&format!("lienthong accounts add an --role mapper --dir {dir}"));
        assert!(matches!(again, Err(Failed::NotDone(_))));
        does(&format!("lienthong accounts disable an --dir {dir}")).unwrap();
        does(&format!("lienthong accounts reset an --dir {dir}")).unwrap();
        let second = read();
        assert!(
            second.disabled,
            "who was shut out is not let in by a new password"
        );
        assert!(
            second.password != first.password && second.totp != first.totp && second.roles == first.roles
        );
        does(&format!("lienthong accounts enable an --dir {dir}")).unwrap();
        does(&format!("lienthong accounts roles an --role mapper --dir {dir}")).unwrap();
        assert_eq!((read().disabled, read().roles), (false, vec![Role::Mapper]));
        assert!(does(&format!("lienthong accounts disable binh --dir {dir}")).is_err());
        assert!(does(&format!("lienthong accounts list --dir {dir}")).unwrap());
    }

    #[test]
    fn what_could_not_sign_in_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().display().to_string();
        let short = folder.path().join("short");
        std::fs::write(&short, "1234567\n").unwrap();
        for line in [
            format!("lienthong accounts add an --role auditor --no-phone --dir {dir}"),
            format!(
                "lienthong accounts add an --role auditor --password-file {} --dir {dir}",
                short.display()
            ),
            format!("lienthong accounts add An --role auditor --dir {dir}"),
            format!("lienthong accounts add an --role king --dir {dir}"),
            format!("lienthong accounts add an --dir {dir}"),
        ] {
            assert!(does(&line).is_err(), "{line}");
        }
        assert!(!folder.path().join("accounts.toml").exists());
    }
}
