//! The gateway between Viet Nam's provinces and the national side.
//!
//! A dossier comes in from a provincial system, in that system's own format, and is accepted. What the
//! state already knows is filled in, and where it came from is noted. It is translated into the national document, signed, and put in the outbox. From there it is laid out on the national wire and delivered at the
//! partner's pace until the partner's answer is understood. Everything that left and everything that came back is
//! entered in the exchange log.
//!
//! The modules stand in their order: later ones may import earlier ones, never the reverse (`ARCHITECTURE.md`).

// words
pub mod model;
pub mod registry;

// engines
pub mod codes;
pub mod evidence;
pub mod mapping;
pub mod procedures;
pub mod signing;

// givens
pub mod clock;
pub mod config;

// edges
pub mod accounts;
pub mod files;
pub mod keys;
pub mod store;
pub mod transport;
pub mod vault;

// conversation
pub mod partner;

// steps
pub mod apply;
pub mod callback;
pub mod deliver;
pub mod intake;
pub mod notify;
pub mod outbox;
pub mod reuse;
pub mod translate;

// flows
pub mod inbound;
pub mod outbound;
pub mod payments;
pub mod upkeep;

// doors
pub mod cli;
pub mod console;
pub mod http;
pub mod twin;
pub mod worker;

// wiring
pub mod app;
