//! The laws of a dedupe plan, over random rows, rules and moments; and the kernel beside the model.

#[cfg(test)]
mod laws;
#[cfg(test)]
mod model;
#[cfg(test)]
mod table;
