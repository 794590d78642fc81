//! The kernel on rows enough for many buckets, threads and chunks, beside a plain loop.

mod collisions;
mod control;
mod data;
mod large;
