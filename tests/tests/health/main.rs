//! Health, against what its peers decide.

#![cfg(test)]

mod golden;
mod laws;
mod windows;
