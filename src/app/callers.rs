//! Who calls us, and how the systems are told: each from its section.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zeroize::Zeroizing;

use super::Unbuilt;
use crate::callback::{Agencies, Listener, Trust};
use crate::config::{self, Config, Secret};
use crate::http;
use crate::inbound::Tray;
use crate::keys::FileKey;
use crate::model::{Algorithm, Signer};
use crate::notify::{Hook, Shared};
use crate::outbound::Source;
use crate::registry;
use crate::transport::{self, Transport};

/// Whether everybody who calls us can be listened to, and every system told.
pub fn callers(config: &Config) -> Result<(), Unbuilt> {
    listeners(config)?;
    hooks(config)?;
    Ok(())
}

/// The national sides that call us.
pub(super) fn listeners(config: &Config) -> Result<Vec<Arc<Listener>>, Unbuilt> {
    let all = config.callbacks.iter().map(|(name, one)| listener(name, one));
    let all: Vec<Arc<Listener>> = all.collect::<Result<_, _>>()?;
    let mut seen = HashMap::new();
    for listener in &all {
        for address in listener.addresses() {
            if http::is_own(&address.path) {
                return Err(Unbuilt::Callbacks {
                    name: listener.name.clone(),
                    why: format!("`{}` stands among the gateway's own addresses", address.path),
                });
            }
            // A last segment that is open is the same place, whatever it is called.
            let path = address.path.split('{').next().map(str::to_owned);
            let place = (address.method.as_str(), path);
            if let Some(other) = seen.insert(place, &listener.name) {
                let (name, other) = (listener.name.clone(), other.clone());
                return Err(Unbuilt::Callbacks {
                    name,
                    why: format!("`{other}` listens at one of its addresses already"),
                });
            }
        }
    }
    Ok(all)
}

fn listener(name: &str, listener: &config::Listener) -> Result<Arc<Listener>, Unbuilt> {
    let wrong = |why: String| Unbuilt::Callbacks {
        name: name.to_owned(),
        why,
    };
    let wire =
        registry::callbacks(&listener.wire, listener.doors.clone()).map_err(|why| wrong(why.to_string()))?;
    let secret = listener.secret_file.as_deref().map(Secret::read).transpose();
    let secret = secret.map_err(|why| wrong(why.to_string()))?;
    Ok(Arc::new(Listener {
        name: name.to_owned(),
        wire,
        path: listener.path.clone(),
        trust: Trust {
            networks: listener.networks.clone(),
            certificates: listener.certificates.clone(),
            secret: secret.map(|secret| Zeroizing::new(secret.expose().as_bytes().to_vec())),
        },
        system: listener.system.clone(),
        numbers: listener.numbers.clone(),
        mappings: listener.mappings.clone(),
        limit: usize::try_from(listener.body_limit).unwrap_or(usize::MAX),
    }))
}

/// The trays that are asked: of the partners that have one, and of which it is said whose numbers to give.
pub(super) fn trays(config: &Config, reached: &HashMap<String, Source>) -> Vec<Arc<Tray>> {
    let polled = config.partners.iter().filter_map(|(name, partner)| {
        let (poll, source) = (partner.poll.as_ref()?, reached.get(name)?);
        let (numbers, wire) = (poll.numbers.clone()?, registry::tray(&partner.adapter)?);
        // One adapter may be framed for partners of which another one has the tray.
        source.partner.operation(wire.lists())?;
        let ours = || agencies(config).of(&numbers).map(str::to_owned);
        Some(Arc::new(Tray {
            partner: Arc::clone(&source.partner),
            mappings: source.mappings.clone(),
            system: poll.system.clone().or_else(ours),
            numbers,
            waits: poll.waits.clone(),
            batch: usize::try_from(poll.batch).unwrap_or(usize::MAX),
            left: Mutex::default(),
            wire,
        }))
    });
    polled.collect()
}

/// The agencies of each system.
pub(super) fn agencies(config: &Config) -> Agencies {
    let each = config.systems.iter();
    Agencies::new(each.map(|(name, system)| (name.as_str(), system.agencies.as_slice())))
}

/// The webhook of each system that has one.
pub(super) fn hooks(config: &Config) -> Result<HashMap<String, Arc<Hook>>, Unbuilt> {
    let named = config.systems.iter();
    let hooked = named.filter_map(|(name, system)| Some((name, system.webhook.as_ref()?)));
    hooked
        .map(|(name, webhook)| Ok((name.clone(), Arc::new(hook(name, webhook, &config.notify)?))))
        .collect()
}

fn hook(name: &str, webhook: &config::Webhook, notify: &config::Notify) -> Result<Hook, Unbuilt> {
    let wrong = |why: String| Unbuilt::Webhook {
        system: name.to_owned(),
        why,
    };
    let (base, target) = split(&webhook.url);
    let transport = Transport::new(transport::Settings {
        base,
        connect: notify.connect,
        answer: notify.answer,
        // Nothing is read of an answer but its status.
        answer_limit: 64 * 1024,
        connections: 8,
        connect_tries: 1,
        tls: transport::Tls::default(),
        networks: webhook.networks.clone(),
    })?;
    let shared = webhook.secret_files.iter().map(|path| {
        let secret = Secret::read(path).map_err(|why| wrong(why.to_string()))?;
        Shared::read(secret.expose()).map_err(|why| wrong(format!("{}: {why}", path.display())))
    });
    let keys = webhook.key_files.iter().map(|path| {
        let key = FileKey::read(path).map_err(|why| wrong(why.to_string()))?;
        if key.algorithm() == Algorithm::Ed25519 {
            Ok(Arc::new(key) as Arc<dyn Signer>)
        } else {
            Err(wrong(format!("{}: it is no Ed25519 key", path.display())))
        }
    });
    Ok(Hook {
        transport,
        target,
        shared: shared.collect::<Result<_, _>>()?,
        keys: keys.collect::<Result<_, _>>()?,
    })
}

/// An address as scheme and host, and the rest.
fn split(url: &str) -> (String, String) {
    let host = url.find("://").map_or(0, |at| at + 3);
    let rest = url
        .get(host..)
        .and_then(|rest| rest.find('/'))
        .map(|at| host + at);
    match rest {
        Some(at) => (url[..at].to_owned(), url[at..].to_owned()),
        None => (url.to_owned(), "/".to_owned()),
    }
}
