//! Health, against what its peers decide.

#![cfg(test)]

mod documents;
mod golden;
mod laws;
mod windows;
