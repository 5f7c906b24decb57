//! What the store promises, tried on a real file.

mod accepting;
mod callbacks;
mod columns;
mod crash;
mod deeds;
mod earlier;
mod inquiries;
mod kit;
mod law;
mod looking;
mod outbox;
mod payments;
mod registrations;
mod rulings;
mod sealed;
mod whole;
