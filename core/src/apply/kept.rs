//! Rows that were removed, and where they are kept.

use super::manifest::{FileEntry, Manifest, NAME};
use super::request::Apply;
use super::survey::Survey;
use super::talk::Talk;
use super::trouble::Trouble;

/// What a transaction removes.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) transaction: String,
    /// With `/` at its end, or nothing.
    pub(super) folder: String,
    /// A file of each table, in the order of the survey.
    pub(super) files: Vec<FileEntry>,
}

impl Kept {
    /// The name of its own manifest.
    pub(super) fn manifest(&self) -> String {
        format!("{}{NAME}", self.folder)
    }
}

/// Writes a manifest of all of these into a folder that theirs are in, and gives its name.
pub(super) async fn write_manifest(
    talk: &Talk,
    (apply, survey): (&Apply, &Survey),
    folder: &str,
    kept: &[&Kept],
) -> Result<String, Trouble> {
    let mut manifest = Manifest::new(apply.now, survey.fingerprint.clone());
    manifest.plan_sha256 = Some(apply.plan.sha256().to_owned());
    manifest.transactions = kept.iter().map(|kept| kept.transaction.clone()).collect();
    for (place, node) in survey.tables().into_iter().enumerate() {
        let files = kept.iter().filter_map(|kept| {
            let file = kept.files.get(place)?.clone();
            let below = kept.folder.strip_prefix(folder).unwrap_or_default();
            Some(FileEntry { file: format!("{below}{}", file.file), ..file })
        });
        manifest.add(node, files.collect(), Vec::new());
    }
    manifest.write(talk, folder).await?;
    Ok(format!("{folder}{NAME}"))
}
