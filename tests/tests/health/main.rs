//! Health, against what its peers decide, and what a report is written as.

#![cfg(test)]

mod day;
mod documents;
mod fleet;
mod golden;
mod laws;
mod objectives;
mod prometheus;
mod report;
mod times;
mod windows;
