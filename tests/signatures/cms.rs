//! CMS, time-stamps and trust against `openssl`: `cms`, `ts`, `ca`, `ocsp`, `verify`.

mod hostile;
mod made;
mod message;
mod path;
pub(super) mod shop;
mod stamp;
mod stamped;
mod vectors;
