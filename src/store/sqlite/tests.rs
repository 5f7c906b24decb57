//! What the store promises, tried on a real file.

mod accepting;
mod callbacks;
mod crash;
mod inquiries;
mod kit;
mod law;
mod outbox;
mod whole;
