//! The laws of a retention decision, and the plain way to it.
//!
//! Each law takes plain [`Item`]s, a plain [`Spec`] of a rule and a moment, decides (often several
//! times, over some of the items, in another order, or at another moment) and says whether the law
//! holds. *Survivors* are all items but those that go.
//!
//! [`model`] decides by the words of the design, and [`explain`] gives its reasons; they share no code
//! with the kernel.
//!
//! Where a law has conditions, the items whose rule or override does not meet them are left out.

mod calendar;
mod due;
pub mod explain;
mod item;
mod many;
pub mod model;
mod one;
mod planned;
mod reasons;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use due::{due_is_exact, turning_points};
pub use item::{Age, Claim, Item, Spec};
pub use many::{
    ages_only_grow, confluent, four_centuries_change_nothing, groups_are_apart, monotone,
    overrides_are_apart, prefixes, survivors_stay,
};
pub use one::{partition, protected_stay, same_again};
pub use reasons::{each_ground_is_enough, evidence_is_true, reasons_are_exact, verdicts_agree};

use super::Held;
use crate::time::Instant;

/// All of them, in their order.
///
/// # Errors
/// The first that does not hold.
pub fn all(items: &[Item], spec: &Spec, now: Instant) -> Held {
    partition(items, spec, now)?;
    same_again(items, spec, now)?;
    protected_stay(items, spec, now)?;
    survivors_stay(items, spec, now)?;
    prefixes(items, spec, now)?;
    monotone(items, spec, now)?;
    confluent(items, spec, now)?;
    groups_are_apart(items, spec, now)?;
    overrides_are_apart(items, spec, now)?;
    reasons_are_exact(items, spec, now)?;
    each_ground_is_enough(items, spec, now)?;
    evidence_is_true(items, spec, now)?;
    verdicts_agree(items, spec, now)?;
    due_is_exact(items, spec, now)?;
    ages_only_grow(items, spec, now)?;
    four_centuries_change_nothing(items, spec, now)
}
