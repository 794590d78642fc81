//! What a rule needs of each row.

use super::Type;
use crate::time::{TimeUnit, Zone};

/// One column that a rule reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// Its name.
    pub name: String,
    /// Its type, where the rule says so; else the data does.
    pub ty: Option<Type>,
    /// How times in it are read.
    pub time: TimeFormat,
    /// Whether every row has to have a value: an id.
    pub required: bool,
    /// Whether rows may lack it, each or all of them: it is null there.
    pub optional: bool,
}

/// How a time is read that does not say it all itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeFormat {
    /// The zone of a time without an offset; none makes it an error.
    pub zone: Option<Zone>,
    /// The unit of an integer time; none makes it an error.
    pub unit: Option<TimeUnit>,
}
