//! The thirteen laws of a dedupe plan.
//!
//! Each takes any [`Rows`], a rule and a moment, plans (often several times, over picked, shuffled
//! or shifted rows) and says whether the law holds. Plans are those before the
//! [guard](crate::Guard). What a law asks of a mode that is not the rule's own, it asks of
//! the same rule under that mode. Some words are used throughout:
//!
//! * *Compared* rows are those that the rule does not leave alone for their own sake: it is about
//!   them, and they have a time, not in the future, and a key. *Closed* ones are those of them that
//!   are not left alone as open. *Order* is by time, then id.
//! * Two rows *of one key* have the same key, and are not null there if the rule takes nulls as
//!   distinct: such a row is a key by itself.

mod many;
mod one;
mod planned;

pub use many::{
    gap_splits, order_changes_nothing, shift_changes_nothing, steps_are_one_plan, survivors_stay,
    wider_drops_more,
};
pub use one::{
    end_stays, fewest_drops, keepers_apart, partition, within_chain, witness, zero_drops_ties,
};

use super::Held;
use crate::dedupe::Rule;
use crate::groups::Rows;
use crate::time::Instant;

/// All thirteen, in their order.
///
/// # Errors
/// The first that does not hold.
pub fn all<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    partition(rows, rule, now)?;
    witness(rows, rule, now)?;
    keepers_apart(rows, rule, now)?;
    survivors_stay(rows, rule, now)?;
    end_stays(rows, rule, now)?;
    fewest_drops(rows, rule, now)?;
    within_chain(rows, rule, now)?;
    wider_drops_more(rows, rule, now)?;
    shift_changes_nothing(rows, rule, now)?;
    order_changes_nothing(rows, rule, now)?;
    gap_splits(rows, rule, now)?;
    zero_drops_ties(rows, rule, now)?;
    steps_are_one_plan(rows, rule, now)
}
