//! Health, against what its peers decide, and what a report is written as.

#![cfg(test)]

mod golden;
mod laws;
mod report;
mod windows;
