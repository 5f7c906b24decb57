//! The exchange log as mathematics: leaf, links, tree, tiles, proof, note, checkpoint, audit. Pure: it never asks for time,
//! files or keys. RFC 6962 hashing, laid out and signed as C2SP tlog-tiles, tlog-checkpoint, signed-note and tlog-proof say.
//!
//! A [`Draft`](leaf::Draft) is staged as a *body*; the [`Sequencer`](sequencer::Sequencer) gives it its index and links it to
//! the previous leaf of every chain it belongs to (dossier, partner, day, subject); the result is the *entry*, the data of the
//! Merkle leaf. Whoever knows the head of a chain can therefore tell that nothing was left out of it: completeness.

pub mod audit;
pub mod blind;
pub mod chain;
pub mod checkpoint;
pub mod day;
pub mod file;
pub mod hash;
pub mod leaf;
pub mod map;
pub mod note;
pub mod proof;
pub mod sequencer;
pub mod statement;
pub mod tile;
pub mod tree;
pub mod view;
