//! What the tests of schedules share.
