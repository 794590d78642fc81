//! Schedules, against what their peers say, their laws, and a year of a service that crashes.

#![cfg(test)]

mod crash;
mod golden;
mod laws;
mod zones;
