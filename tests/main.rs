#![cfg(test)]
//! Every test that looks at the house from outside: one binary.

mod acts;
mod architecture;
mod back;
mod books;
mod callers;
mod cli;
mod console;
mod door;
mod erase;
mod evidence;
mod faults;
mod files;
mod fixtures;
mod flows;
mod fuzz;
mod kept;
mod keys;
mod payments;
mod pays;
mod population;
mod procedures;
mod pushes;
mod refused;
mod reuse;
mod routes;
mod shipped;
mod signatures;
mod soap;
mod support;
mod tls;
mod traps;
mod wires;
