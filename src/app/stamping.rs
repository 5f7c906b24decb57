//! Who stamps checkpoints.

use std::path::Path;

use super::Unbuilt;
use crate::config::{Authority, Config};
use crate::signing::der::oid::Oid;
use crate::signing::trust::{Certificate, Trust};
use crate::transport::{Settings, Tls, Transport};
use crate::upkeep::Stamping;

/// The longest answer of an authority that is read, in bytes; with certificates they are a few thousand.
const ANSWER_LIMIT: usize = 256 << 10;

/// The anchors by which time-stamps are believed; none where no authority is named.
///
/// # Errors
/// [`Unbuilt::Stamps`] when a file cannot be read or holds other certificates than were named.
pub fn stamp_trust(config: &Config) -> Result<Option<Trust>, Unbuilt> {
    config.stamps.authority.as_ref().map(trust).transpose()
}

fn trust(authority: &Authority) -> Result<Trust, Unbuilt> {
    let roots = read(&authority.roots)?;
    let wrong = |why: &dyn std::fmt::Display| Unbuilt::Stamps(why.to_string());
    let trust = Trust::pinned(&[&roots], &authority.pins).map_err(|why| wrong(&why))?;
    let Some(beside) = &authority.beside else {
        return Ok(trust);
    };
    let beside = Certificate::all(&read(beside)?).map_err(|why| wrong(&why))?;
    Ok(trust.with(beside))
}

/// The authority as it is asked; none where none is named.
///
/// # Errors
/// As [`stamp_trust`], and where no way to it can be made.
pub fn stamping(config: &Config) -> Result<Option<Stamping>, Unbuilt> {
    let stamps = &config.stamps;
    let Some(authority) = &stamps.authority else {
        return Ok(None);
    };
    let (base, target) = split(&authority.address);
    let transport = Transport::new(Settings {
        base: base.to_owned(),
        connect: std::time::Duration::from_secs(10),
        answer: stamps.answer,
        answer_limit: ANSWER_LIMIT,
        connections: 1,
        connect_tries: 1,
        tls: Tls::default(),
        networks: Vec::new(),
    })?;
    let policy = authority.policy.as_ref().map(|policy| {
        Oid::dotted(policy)
            .ok_or_else(|| Unbuilt::Stamps(format!("`{policy}` is no policy: such as 1.2.3.4")))
    });
    Ok(Some(Stamping {
        transport,
        target: target.to_owned(),
        trust: trust(authority)?,
        policy: policy.transpose()?,
        every: stamps.every,
        retries: stamps.retries,
        pause: stamps.pause,
        patience: stamps.patience,
    }))
}

/// An address as its host and what comes after it.
fn split(address: &str) -> (&str, &str) {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address[host..].find('/').map_or(address.len(), |at| host + at);
    match address.split_at(end) {
        (base, "") => (base, "/"),
        parts => parts,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unbuilt> {
    std::fs::read(path).map_err(|why| Unbuilt::File {
        path: path.to_owned(),
        why,
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn an_address_is_a_host_and_a_path() {
        assert_eq!(split("http://tsa.example"), ("http://tsa.example", "/"));
        assert_eq!(split("http://tsa.example/"), ("http://tsa.example", "/"));
        assert_eq!(split("https://h:99/a/b/?c=/d"), ("https://h:99", "/a/b/?c=/d"));
    }
}
