//! PostgreSQL: the connection, and the carrying out of what core decides.

mod connect;
mod copy;
mod drive;
mod folder;
mod tls;

pub(crate) use connect::{Address, Database};
pub(crate) use copy::rows_of;
pub(crate) use drive::{Hands, carry_out, carry_out_unasked};
pub(crate) use folder::{Folder, is_export};
