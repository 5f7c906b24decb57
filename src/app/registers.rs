//! The registers of the state: whom dossiers are pushed to, who is asked what came of it, and who is told what became of what lay
//! in a tray.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;

use super::Unbuilt;
use crate::config::Config;
use crate::inbound;
use crate::outbound::{Register, Source, Teller};
use crate::registry;

/// The registers that dossiers are pushed to, by their wires.
pub(super) fn registers(
    config: &Config,
    sources: &HashMap<String, Source>,
) -> Result<HashMap<String, Register>, Unbuilt> {
    let named = config.registers.iter();
    named
        .map(|(wire, name)| {
            let (source, made) = register(config, sources, wire, name)?;
            let register = Register {
                partner: Arc::clone(&source.partner),
                mappings: source.mappings.clone(),
                wire: made,
                queued: Notify::new(),
            };
            Ok((wire.clone(), register))
        })
        .collect()
}

/// Who is told of what lay in each tray that is asked.
pub(super) fn tellers(
    config: &Config,
    sources: &HashMap<String, Source>,
) -> Result<HashMap<String, Teller>, Unbuilt> {
    let told = config.partners.iter().filter_map(|(tray, partner)| {
        let poll = partner.poll.as_ref()?;
        let tells = poll.tells.as_ref()?;
        Some((tray, &partner.adapter, tells))
    });
    told.map(|(tray, adapter, name)| Ok((tray.clone(), teller(sources, adapter, name)?)))
        .collect()
}

fn teller(sources: &HashMap<String, Source>, adapter: &str, name: &str) -> Result<Teller, Unbuilt> {
    let unfit = |why: String| Unbuilt::Register {
        wire: adapter.to_owned(),
        why,
    };
    let wire = registry::tells(adapter).ok_or_else(|| unfit("nobody there is told anything".to_owned()))?;
    let source = sources
        .get(name)
        .filter(|source| source.partner.operation(wire.tells()).is_some())
        .ok_or_else(|| unfit(format!("the partner `{name}` cannot be told states")))?;
    let mapping = source
        .mappings
        .get(wire.tells())
        .ok_or_else(|| unfit(format!("the partner `{name}` has no mapping of a state")))?;
    Ok(Teller {
        partner: Arc::clone(&source.partner),
        mapping: mapping.clone(),
        wire,
        queued: Notify::new(),
    })
}

/// The same, as those that are asked what came of it.
pub(super) fn asked(
    config: &Config,
    sources: &HashMap<String, Source>,
) -> Result<Vec<Arc<inbound::Register>>, Unbuilt> {
    let named = config.registers.iter();
    named
        .map(|(wire, name)| {
            let (source, made) = register(config, sources, wire, name)?;
            let poll = config
                .partners
                .get(name)
                .and_then(|partner| partner.poll.as_ref());
            Ok(Arc::new(inbound::Register {
                partner: Arc::clone(&source.partner),
                mappings: source.mappings.clone(),
                wire: made,
                waits: poll.map(|poll| poll.waits.clone()).unwrap_or_default(),
                batch: poll.map_or(1, |poll| usize::try_from(poll.batch).unwrap_or(usize::MAX)),
            }))
        })
        .collect()
}

fn register<'a>(
    config: &Config,
    sources: &'a HashMap<String, Source>,
    wire: &str,
    name: &str,
) -> Result<(&'a Source, Box<dyn wire::awaited::Awaited>), Unbuilt> {
    let adapter = config.partners.get(name).map(|partner| partner.adapter.as_str());
    let unfit = |why: String| Unbuilt::Register {
        wire: wire.to_owned(),
        why,
    };
    let source = sources.get(name).filter(|_| adapter == Some(wire));
    let source = source.ok_or_else(|| unfit(format!("the partner `{name}` does not speak this wire")))?;
    let made =
        registry::awaited(wire).ok_or_else(|| unfit(format!("there is {}", registry::AWAITED.join(", "))))?;
    Ok((source, made))
}
