//! What has to be so before a removal is committed: asked of the database, within the transaction.

use thiserror::Error;

use super::judge::Judgement;
use super::survey::{Survey, texts};
use super::talk::Talk;
use super::trouble::{BadHost, Trouble};
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

/// Verifies that just those rows went that are condemned, that they are gone, that none points to them, and that
/// those that stay are there.
///
/// What the server guarantees is not asked of it again: a foreign key that is enforced lets nothing point to what
/// is gone; and where no trigger acts, rows are gone that a delete gave back, and rows stay that are locked.
pub(super) async fn verify(
    talk: &Talk,
    survey: &Survey,
    removed: &Removed,
    judged: &Judgement,
) -> Result<Verified, Trouble> {
    let root = survey.root().ok_or(BadHost::NoText)?;
    let found = removed.counts.first().copied().unwrap_or(0);
    let planned = judged.condemned.len() as u64;
    if found != planned {
        let table = root.facts.relation.to_string();
        return Err(NotVerified::Removed { table, found, planned }.into());
    }
    verify_gone(talk, survey, removed).await?;
    let keepers = &judged.keepers;
    if !keepers.is_empty() && !survey.is_plain() {
        let there = talk.count(survey.count(root), texts(keepers)).await?;
        let count = (keepers.len() as u64).saturating_sub(there);
        if count > 0 {
            return Err(NotVerified::KeepersGone { count }.into());
        }
    }
    Ok(Verified(()))
}

/// Verifies that what was removed is gone, and that nothing points there: within the transaction, and once more
/// when it is committed. Rows that stay are nobody's to keep from then on.
pub(super) async fn verify_gone(
    talk: &Talk,
    survey: &Survey,
    removed: &Removed,
) -> Result<(), Trouble> {
    for (place, node) in survey.nodes.iter().enumerate() {
        let above = node.parent.as_ref().map_or(place, |(above, _)| *above);
        let is_sure = if above == place { survey.is_plain() } else { survey.is_enforced(node) };
        let ids = removed.ids.get(above).filter(|ids| !is_sure && !ids.is_empty());
        let Some(ids) = ids else { continue };
        let table = node.facts.relation.to_string();
        match (talk.count(Survey::count_of_ids(node), texts(ids)).await?, &node.parent) {
            (0, _) => {}
            (count, None) => return Err(NotVerified::StillThere { table, count }.into()),
            (count, Some(_)) => return Err(NotVerified::Orphans { table, count }.into()),
        }
    }
    Ok(())
}

/// Verifies that rows are as they were restored.
pub(super) fn read_back(are_same: bool) -> Result<Verified, NotVerified> {
    if are_same { Ok(Verified(())) } else { Err(NotVerified::ReadBack) }
}
