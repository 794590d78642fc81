//! The public cases of other tools, in the folder that `HOUSEKEEP_GOLDEN` names. Tests that need them are
//! ignored, with the reason, where they are not there.

use std::path::Path;

use serde_json::Value;

/// The cases in a file of the folder.
///
/// # Panics
/// If they cannot be read: then nothing is tested.
#[must_use]
#[expect(clippy::panic, reason = "cases that cannot be read fail every test of them")]
pub fn read(file: &str) -> Value {
    let folder = std::env::var("HOUSEKEEP_GOLDEN").unwrap_or_default();
    let text = std::fs::read_to_string(Path::new(&folder).join(file));
    let read = text.map_err(|error| error.to_string());
    let read = read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
    read.unwrap_or_else(|error| panic!("{file} in {folder}: {error}"))
}
