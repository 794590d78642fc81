//! How bad it is.

use crate::words::words;

words! {
    /// How bad a check is, by its thresholds.
    #[derive(PartialOrd, Ord)]
    Level {
        /// Not at all.
        #[default]
        Ok = "ok",
        /// Somewhat.
        Warn = "warn",
        /// Very.
        Crit = "crit",
    }
}

words! {
    /// How a check or a group is said to be, from the best to the worst.
    #[derive(PartialOrd, Ord)]
    Status {
        /// Healthy.
        #[default]
        Ok = "ok",
        /// Degraded.
        Warn = "warn",
        /// Nothing is known.
        Unknown = "unknown",
        /// Unhealthy.
        Crit = "crit",
    }
}

words! {
    /// What it means that a value is missing.
    Missing {
        /// The level stays, and the status is unknown.
        #[default]
        Unknown = "unknown",
        /// The level stays, and so does the status.
        Keep = "keep",
        /// As if the worst threshold were met.
        Breach = "breach",
        /// As if no threshold were met.
        Ok = "ok",
    }
}

impl From<Level> for Status {
    fn from(level: Level) -> Self {
        match level {
            Level::Ok => Status::Ok,
            Level::Warn => Status::Warn,
            Level::Crit => Status::Crit,
        }
    }
}

impl Status {
    /// The one word for the whole.
    #[must_use]
    pub fn overall(self) -> &'static str {
        match self {
            Status::Ok => "healthy",
            Status::Warn => "degraded",
            Status::Unknown => "unknown",
            Status::Crit => "unhealthy",
        }
    }
}
