//! Health, against what its peers decide.

#![cfg(test)]

mod documents;
mod golden;
