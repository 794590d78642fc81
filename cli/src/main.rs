//! The program `housekeep`: all input and output, and the only clock.
//!
//! `main` dispatches; each command reads, calls core, and prints. What is decided, and what it is
//! called when it is refused, is core's.

#![forbid(unsafe_code)]

mod args;
mod clock;
mod commands;
mod database;
mod exit;
mod failure;
mod files;
mod input;
mod lock;
mod output;
mod policy;
mod progress;
mod state;
mod text;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return failure::usage(&error).into(),
    };
    let format = args.common.format;
    match commands::run(&args) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report(format).into(),
    }
}
