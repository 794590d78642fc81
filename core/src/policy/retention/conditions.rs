//! The conditions of a retention rule, and of its overrides.

use crate::condition::Test;
use crate::error::Error;
use crate::policy::document::{Conditions, KeepDocument, OverrideDocument, RetentionDocument};
use crate::policy::reads::Reads;

/// Conditions on columns, all of which have to hold.
pub(crate) type Checked = Vec<(String, Test)>;

/// The conditions of a rule and of its overrides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) base: Part,
    /// Each with what falls under it.
    pub(crate) overrides: Vec<(Checked, Part)>,
}

/// The conditions that decide the items of a rule, or of an override of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub(crate) hold: Checked,
    pub(crate) require: Checked,
    /// What each keep rule is about.
    pub(crate) keeps: Vec<Checked>,
}

/// The conditions of the rule itself.
pub(super) fn part_of(
    given: &RetentionDocument,
    reads: &mut Reads<'_>,
    path: &str,
) -> Result<Part, Error> {
    Ok(Part {
        hold: reads.conditions(&given.hold, &format!("{path}.hold"))?,
        require: reads.conditions(&given.require, &format!("{path}.require"))?,
        keeps: keeps_of(given.keep.as_deref().unwrap_or_default(), reads, path)?,
    })
}

fn keeps_of(
    keeps: &[KeepDocument],
    reads: &mut Reads<'_>,
    path: &str,
) -> Result<Vec<Checked>, Error> {
    let each = keeps.iter().enumerate();
    each.map(|(n, keep)| reads.conditions(&keep.about, &format!("{path}.keep[{n}].where")))
        .collect()
}

impl Part {
    /// The conditions of an override: what it does not say is the rule's.
    pub(super) fn changed(
        &self,
        change: &OverrideDocument,
        reads: &mut Reads<'_>,
        path: &str,
    ) -> Result<Self, Error> {
        let mut part = self.clone();
        let mut replace = |own: &mut Checked, said: &Option<Conditions>, key: &str| {
            if let Some(said) = said {
                *own = reads.conditions(said, &format!("{path}.{key}"))?;
            }
            Ok::<_, Error>(())
        };
        replace(&mut part.hold, &change.hold, "hold")?;
        replace(&mut part.require, &change.require, "require")?;
        if let Some(keeps) = &change.keep {
            part.keeps = keeps_of(keeps, reads, path)?;
        }
        Ok(part)
    }
}
