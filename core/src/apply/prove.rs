//! What has to be so before a removal is committed: asked of the database, within the transaction.

use thiserror::Error;

use super::survey::{Survey, texts};
use super::talk::Talk;
use super::trouble::Trouble;
use crate::error::{Code, Leaf};

/// What a passed verification returns, and nothing else does: a transaction cannot be committed
/// without it.
#[derive(Debug)]
pub struct Verified(());

/// What is not as it has to be.
#[derive(Debug, Error)]
pub(super) enum NotVerified {
    #[error("{found} rows of {table} were removed where {planned} were planned")]
    Removed { table: String, found: u64, planned: u64 },
    #[error("{count} planned rows of {table} are still there")]
    StillThere { table: String, count: u64 },
    #[error("{count} rows of {table} point to rows that are gone")]
    Orphans { table: String, count: u64 },
    #[error("{count} rows that were to stay are gone")]
    KeepersGone { count: u64 },
    #[error("rows that are read back are not those that were restored")]
    ReadBack,
}

impl Leaf for NotVerified {
    fn code(&self) -> Code {
        Code::ApplyNotVerified
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            NotVerified::Removed { .. } | NotVerified::StillThere { .. } => {
                "all was rolled back; see whether a trigger keeps rows from being deleted"
            }
            NotVerified::Orphans { .. } => {
                "all was rolled back; add a foreign key, so that nothing can point to them meanwhile"
            }
            NotVerified::KeepersGone { .. } => "all was rolled back; plan again",
            NotVerified::ReadBack => {
                "all was rolled back; see whether a trigger changes rows that are inserted"
            }
        };
        Some(help.into())
    }
}

/// What went, by the table's place in the survey: the ids of the root, and of each table on which others
/// hang.
#[derive(Debug, Default)]
pub(super) struct Removed {
    pub(super) ids: Vec<Vec<String>>,
    pub(super) counts: Vec<u64>,
}

impl Removed {
    /// Nothing yet.
    pub(super) fn of(survey: &Survey) -> Self {
        let count = survey.nodes.len();
        Self { ids: vec![Vec::new(); count], counts: vec![0; count] }
    }
}

/// Verifies that the planned rows are gone, that none points to them, and that those that stay are there.
pub(super) async fn verify(
    talk: &Talk,
    survey: &Survey,
    removed: &Removed,
    keepers: &[String],
) -> Result<Verified, Trouble> {
    for place in 0..survey.nodes.len() {
        gone(talk, survey, removed, place).await?;
    }
    if let Some(root) = survey.root()
        && !keepers.is_empty()
    {
        let there = talk.count(survey.count(root), texts(keepers)).await?;
        let count = (keepers.len() as u64).saturating_sub(there);
        if count > 0 {
            return Err(NotVerified::KeepersGone { count }.into());
        }
    }
    Ok(Verified(()))
}

/// Verifies what nothing else guarantees, once it is committed: rows that stay are nobody's to keep from then
/// on, and a foreign key sees to it that nothing points to what is gone.
pub(super) async fn verify_again(
    talk: &Talk,
    survey: &Survey,
    removed: &Removed,
) -> Result<(), Trouble> {
    for (place, node) in survey.nodes.iter().enumerate() {
        if !survey.has_foreign_key(node) {
            gone(talk, survey, removed, place).await?;
        }
    }
    Ok(())
}

/// Verifies that what was removed is gone from a table, or that no row of it points there.
async fn gone(
    talk: &Talk,
    survey: &Survey,
    removed: &Removed,
    place: usize,
) -> Result<(), Trouble> {
    let Some(node) = survey.nodes.get(place) else { return Ok(()) };
    let table = node.facts.relation.to_string();
    let above = node.parent.as_ref().map_or(place, |(above, _)| *above);
    let Some(ids) = removed.ids.get(above).filter(|ids| !ids.is_empty()) else { return Ok(()) };
    match (talk.count(Survey::count_of_ids(node), texts(ids)).await?, &node.parent) {
        (0, _) => Ok(()),
        (count, None) => Err(NotVerified::StillThere { table, count }.into()),
        (count, Some(_)) => Err(NotVerified::Orphans { table, count }.into()),
    }
}

/// Verifies that rows are as they were restored.
pub(super) fn read_back(are_same: bool) -> Result<Verified, NotVerified> {
    if are_same { Ok(Verified(())) } else { Err(NotVerified::ReadBack) }
}
