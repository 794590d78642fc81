//! The kernel on rows enough for many buckets, threads and chunks, beside a plain loop.

#[cfg(test)]
mod collisions;
#[cfg(test)]
mod control;
#[cfg(test)]
mod data;
#[cfg(test)]
mod large;
