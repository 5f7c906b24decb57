//! Signatures judged by others: published vectors, and other people's programs both ways.

mod cms;
mod container;
mod jose;
mod pdf;
mod told;
mod xml;
