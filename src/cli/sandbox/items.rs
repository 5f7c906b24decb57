//! The dossiers that the sandbox pushes: the shipped ones, or generated ones.

use super::super::push::Item;
use super::world::SYSTEMS;
use crate::app;
use crate::translate::{Local, Translator};

/// The generated dossiers of the system at that place: every so many-th is its own.
pub(super) fn generated<'a>(
    translator: &'a Translator,
    local: Local<'a>,
    (place, count, seed): (usize, u32, u64),
) -> impl Iterator<Item = Item> + Send + 'a {
    let mine = (0..u64::from(count)).filter(move |number| number % SYSTEMS.len() as u64 == place as u64);
    mine.filter_map(move |number| {
        let body = translator.sample(local.mapping, local.site, seed, number).ok()?;
        Some(Item {
            name: format!("generated {number}"),
            body,
        })
    })
}

pub(super) fn shipped(system: &'static str) -> impl Iterator<Item = Item> {
    app::samples()
        .into_iter()
        .filter(move |sample| sample.system == system)
        .map(|sample| Item {
            name: sample.case.to_owned(),
            body: sample.body.to_vec(),
        })
}
