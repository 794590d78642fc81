//! What every host is held to: the corpus of cases, and the scenarios of the five systems.
//!
//! A case says what is asked, and the exact bytes of the answer. Rust, the CLI, Python and Node run
//! the same cases; a case that not all of them can run names its `hosts`.

pub mod corpus;
pub mod database;
pub mod driver;
pub mod golden;

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
