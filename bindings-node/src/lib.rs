//! housekeep for Node.
