//! A lane: one connection, over which the parts of a plan go one after the other, each in a transaction that is
//! tried again where others are in the way, and committed once it is verified.

use super::kept::Kept;
use super::part::{self, Done};
use super::prove::{self, Removed};
use super::request::BadPlan;
use super::step::{Isolation, Param};
use super::talk::Talk;
use super::trouble::Trouble;
use super::work::{Part, PartDone, Work};
use crate::error::Error;
use crate::time::Duration;

/// How often it is tried, where others are in the way.
const TRIES: u32 = 3;
/// How long it is waited before another try.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is asked for a connection, and what became of a transaction whose end is not known.
const ASKED: u32 = 30;

/// A connection, and what is to be removed over it.
pub(super) struct Lane<'a> {
    pub(super) talk: &'a Talk,
    pub(super) work: &'a Work,
}

impl Lane<'_> {
    /// Takes part after part, as long as there are any.
    pub(super) async fn run(&self) {
        while let Some(part) = self.work.next() {
            let came = self.part(&part).await.map_err(Error::from);
            let rows = self.work.keep(&part, came);
            self.progress(rows);
        }
    }

    fn progress(&self, rows: u64) {
        self.talk.progress(rows, self.work.planned.count());
    }

    /// A part in a transaction, from the beginning again where others were in the way.
    async fn part(&self, part: &Part) -> Result<PartDone, Trouble> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.transaction(part, tries).await {
                Err(trouble) if trouble.may_pass() && tries < TRIES => match trouble {
                    // The next try locks them first.
                    Trouble::Unlocked(_) => {}
                    Trouble::Lost(_) => self.reconnect().await?,
                    _ => self.talk.sleep(PAUSE).await?,
                },
                other => return other,
            }
        }
    }

    /// Connects again, once the server lets us.
    async fn reconnect(&self) -> Result<(), Trouble> {
        let mut asked = 1;
        loop {
            self.talk.sleep(PAUSE).await?;
            match self.talk.reconnect().await {
                Err(Trouble::Lost(_)) if asked < ASKED => asked += 1,
                other => return other,
            }
        }
    }

    async fn transaction(&self, part: &Part, tries: u32) -> Result<PartDone, Trouble> {
        let apply = &self.work.apply;
        // What a try has written that came to nothing stays where it is, and is not written over.
        let batch = apply.most().map(|_| format!("batch-{:04}/", part.number));
        let again = (tries > 1).then(|| format!("try-{tries}/"));
        let folder: String = batch.into_iter().chain(again).collect();
        self.talk.begin(Isolation::ReadCommitted).await?;
        let done =
            match part::remove(self.talk, self.work, &folder, (&part.places, tries == 1)).await {
                Ok(done) => done,
                Err(trouble) => {
                    if !matches!(trouble, Trouble::Lost(_)) {
                        self.talk.roll_back().await;
                    }
                    return Err(trouble);
                }
            };
        let Done { may_commit, judged, removed, outcomes } = done;
        let mut came = PartDone {
            kept: None,
            gone: judged.gone.len() as u64,
            changed: judged.changed.into_iter().map(|(id, _)| id).collect(),
            removed: removed.counts.clone(),
            outcomes,
            warnings: Vec::new(),
        };
        match may_commit {
            Some((verified, kept)) => {
                let committed = self.talk.commit(verified).await;
                self.settle(&kept, committed).await?;
                came.kept = Some(kept);
                came.warnings.extend(self.look_again(&removed).await);
            }
            None => self.talk.roll_back().await,
        }
        Ok(came)
    }

    /// What became of a commit whose answer is not known.
    async fn settle(&self, kept: &Kept, committed: Result<(), Trouble>) -> Result<(), Trouble> {
        let why = match committed {
            Err(Trouble::Lost(why)) => why,
            Err(refused) => {
                // A server that refuses has rolled back; a driver that says so may not have.
                self.talk.roll_back().await;
                return Err(refused);
            }
            Ok(()) => return Ok(()),
        };
        for _ in 0..ASKED {
            match self.reconnect().await {
                Err(Trouble::Lost(_)) => break,
                other => other?,
            }
            let ask = "SELECT pg_catalog.pg_xact_status($1::text::pg_catalog.xid8)::text";
            let of = vec![Param::Text(kept.transaction.clone())];
            match self.talk.text(ask, of).await.as_deref() {
                Ok("committed") => return Ok(()),
                Ok("aborted") => return Err(Trouble::Lost(why)),
                // Its server process has not noticed yet.
                Ok(_) | Err(Trouble::Lost(_)) => {}
                // It was long ago, or on another server.
                Err(_) => break,
            }
        }
        let (transaction, manifest) = (kept.transaction.clone(), kept.manifest());
        Err(BadPlan::Unknown { transaction, manifest }.into())
    }

    /// Verifies once more, in a new snapshot, and gives a warning. What is committed stays so, whatever comes of
    /// it.
    async fn look_again(&self, removed: &Removed) -> Option<String> {
        let verified = prove::verify_gone(self.talk, &self.work.survey, removed).await;
        let error = Error::from(verified.err()?);
        Some(format!("after the commit: {}", error.message()))
    }
}
