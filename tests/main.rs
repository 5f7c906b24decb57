#![cfg(test)]
//! Every test that looks at the house from outside: one binary.

mod architecture;
mod cli;
mod door;
mod faults;
mod fixtures;
mod flows;
mod refused;
mod routes;
mod shipped;
mod support;
