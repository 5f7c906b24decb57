//! Payments that begin here, where a platform is named.

use std::sync::Arc;

use super::Unbuilt;
use super::parts::{millis, schedule};
use crate::config::{Config, Platform};
use crate::evidence::blind::Blinder;
use crate::inbound::Inbound;
use crate::keys::Secret;
use crate::outbound;
use crate::payments::{INIT, Parts, Payments, Recorder};

/// The kinds of what a platform says when it is asked.
const ASKED_FOR: [&str; 2] = ["queried", "query-declined"];

/// Whether payments can begin as they are configured, or need not.
pub fn paying(config: &Config) -> Result<(), Unbuilt> {
    match &config.payments.platform {
        Some(platform) => mapping(config, platform).map(drop),
        None => Ok(()),
    }
}

/// The mapping that writes an order, where everything is there that a payment needs.
fn mapping(config: &Config, platform: &Platform) -> Result<String, Unbuilt> {
    let Platform { partner, callbacks } = platform;
    let found = config.partners.get(partner);
    let found = found.ok_or_else(|| unfit(platform, "there is no such partner"))?;
    let mapping = found.mappings.get(INIT);
    let mapping =
        mapping.ok_or_else(|| unfit(platform, "it has no mapping `init`: it begins no payments"))?;
    let listener = config.callbacks.get(callbacks);
    let read = listener.is_some_and(|one| ASKED_FOR.iter().all(|kind| one.mappings.contains_key(*kind)));
    if read {
        Ok(mapping.clone())
    } else {
        let why =
            format!("[callbacks] has no `{callbacks}` with the mappings `queried` and `query-declined`");
        Err(unfit(platform, &why))
    }
}

fn unfit(platform: &Platform, why: &str) -> Unbuilt {
    Unbuilt::Payments(format!("partner `{}`: {why}", platform.partner))
}

/// The payments, over the same store and mappings as the way out, and heard of by the way back.
pub(super) fn payments(
    config: &Config,
    out: &outbound::Parts,
    back: &Inbound,
) -> Result<Option<Arc<Payments>>, Unbuilt> {
    let Some(platform) = &config.payments.platform else {
        return Ok(None);
    };
    let mapping = mapping(config, platform)?;
    let source = out.sources.get(&platform.partner);
    let source = source
        .filter(|source| source.partner.operation(INIT).is_some())
        .ok_or_else(|| {
            unfit(
                platform,
                "its profile has no operation `init`, or dossiers are owed to it",
            )
        })?;
    let blinding = Secret::read(&config.keys.blinding_file)?;
    Ok(Some(Arc::new(Payments::new(Parts {
        store: Arc::clone(&out.store),
        translator: Arc::clone(&out.translator),
        partner: Arc::clone(&source.partner),
        mapping,
        listener: platform.callbacks.clone(),
        recorder: Recorder::new(Blinder::new(blinding.bytes())),
        schedule: schedule(config.payments.schedule.waits()),
        asking: config
            .payments
            .asking
            .waits()
            .iter()
            .map(|wait| millis(*wait))
            .collect(),
        give_up: millis(config.payments.give_up),
        lease: millis(config.outbox.lease),
        wait: config.payments.wait,
        received: back.bell(),
        paid: back.paid(),
        clock: Arc::clone(&out.clock),
        dice: Arc::clone(&out.dice),
    }))))
}
