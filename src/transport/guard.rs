//! Where a request may go: only to the networks that were named, whatever a name resolves to at that moment. What is told to a
//! webhook must not reach what stands beside us.

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::model::Network;

/// Resolves names as the system does, and gives only the addresses that stand in the networks.
pub(super) struct Guard(Arc<[Network]>);

/// A name resolves to nothing that may be gone to.
#[derive(Debug, thiserror::Error)]
#[error("no address of this name stands in the networks that may be gone to")]
struct Outside;

impl Guard {
    pub(super) fn new(networks: &[Network]) -> Arc<Self> {
        Arc::new(Self(networks.into()))
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let inside: Vec<_> = found.filter(|found| has(&networks, found.ip())).collect();
            if inside.is_empty() {
                return Err(Outside.into());
            }
            let addresses: Addrs = Box::new(inside.into_iter());
            Ok(addresses)
        })
    }
}

/// An address that is written out is never resolved: it is looked at once, when the way is made.
pub(super) fn stands(base: &str, networks: &[Network]) -> Result<(), String> {
    let url = reqwest::Url::parse(base).map_err(|why| why.to_string())?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(address) if !has(networks, address) => Err(format!("{host} stands in none of the networks")),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn has(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.has(address))
}
