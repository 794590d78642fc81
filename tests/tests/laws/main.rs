//! The laws of a dedupe plan, over random rows, rules and moments; and the kernel beside the model.

mod laws;
mod model;
mod table;
