//! Retention, against what its peers decide.

#![cfg(test)]

mod golden;
mod large;
mod laws;
mod tenants;
