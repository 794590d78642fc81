//! Health, against what its peers decide, and what a report is written as.

#![cfg(test)]

mod documents;
mod golden;
mod laws;
mod report;
mod windows;
