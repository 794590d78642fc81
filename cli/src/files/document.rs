//! Results as JSON.

use std::path::Path;

use serde::Serialize;

use super::name::to_text;
use super::{Fate, Outcome, Removal, Restoration};

/// The version of both documents.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct RemovalDocument<'a> {
    housekeep: u32,
    kind: &'static str,
    dry_run: bool,
    folder: String,
    trash: Option<String>,
    removed: u64,
    removed_bytes: u64,
    gone: u64,
    changed: u64,
    failed: u64,
    files: Vec<FileDocument<'a>>,
}

#[derive(Serialize)]
struct RestorationDocument<'a> {
    housekeep: u32,
    kind: &'static str,
    dry_run: bool,
    trash: String,
    folder: Option<String>,
    restored: u64,
    in_the_way: u64,
    failed: u64,
    emptied: bool,
    files: Vec<FileDocument<'a>>,
}

/// What became of one file.
#[derive(Serialize)]
struct FileDocument<'a> {
    id: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl Removal {
    /// What became of every file; in a dry run, what would.
    pub(crate) fn to_json(&self) -> String {
        let files = self.files.iter().map(|(id, fate)| {
            let (outcome, why) = match fate {
                Fate::Removed => ("removed", None),
                Fate::Gone => ("gone", None),
                Fate::Changed(why) => ("changed", Some(why)),
                Fate::Failed(why) => ("failed", Some(why)),
            };
            FileDocument { id, outcome, why: why.map(String::as_str) }
        });
        written(&RemovalDocument {
            housekeep: VERSION,
            kind: "removal",
            dry_run: self.is_dry,
            folder: to_text(&self.folder),
            trash: self.trash.as_deref().map(to_text),
            removed: self.removed,
            removed_bytes: self.removed_bytes,
            gone: self.gone,
            changed: self.changed,
            failed: self.failed,
            files: files.collect(),
        })
    }
}

impl Restoration {
    /// What became of every file; in a dry run, what would.
    pub(crate) fn to_json(&self) -> String {
        let files = self.files.iter().map(|(id, outcome)| {
            let (outcome, why) = match outcome {
                Outcome::Restored => ("restored", None),
                Outcome::InTheWay(why) => ("in_the_way", Some(why)),
                Outcome::Failed(why) => ("failed", Some(why)),
            };
            FileDocument { id, outcome, why: why.map(String::as_str) }
        });
        let folder = self.folder.as_deref();
        written(&RestorationDocument {
            housekeep: VERSION,
            kind: "restoration",
            dry_run: self.is_dry,
            trash: to_text(&self.trash),
            folder: folder.map(|folder: &Path| to_text(folder)),
            restored: self.restored,
            in_the_way: self.in_the_way,
            failed: self.failed,
            emptied: self.is_emptied,
            files: files.collect(),
        })
    }
}

fn written(document: &impl Serialize) -> String {
    let written = serde_json::to_string_pretty(document);
    debug_assert!(written.is_ok(), "text and numbers are always written");
    written.unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_removal_says_what_became_of_every_file() {
        let removal = Removal {
            is_dry: false,
            folder: PathBuf::from("/srv/temp"),
            trash: None,
            files: vec![
                ("a".into(), Fate::Removed),
                ("b\n\"c\"".into(), Fate::Changed("it is no regular file".into())),
            ],
            removed: 1,
            removed_bytes: 3,
            gone: 0,
            changed: 1,
            failed: 0,
        };
        let expected = r#"{
  "housekeep": 1,
  "kind": "removal",
  "dry_run": false,
  "folder": "/srv/temp",
  "trash": null,
  "removed": 1,
  "removed_bytes": 3,
  "gone": 0,
  "changed": 1,
  "failed": 0,
  "files": [
    {
      "id": "a",
      "outcome": "removed"
    },
    {
      "id": "b\n\"c\"",
      "outcome": "changed",
      "why": "it is no regular file"
    }
  ]
}
"#;
        assert_eq!(removal.to_json(), expected);
    }
}
