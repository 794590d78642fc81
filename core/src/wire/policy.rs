//! What a sound policy holds, as a document.

use serde::Serialize;

use super::{VERSION, canonical};
use crate::policy::Policy;

#[derive(Serialize)]
struct PolicyAnswer {
    housekeep: u32,
    kind: &'static str,
    rules: Vec<String>,
}

impl Policy {
    /// The names of its rules as canonical JSON: what a policy that was found sound is answered
    /// with.
    #[must_use]
    pub fn to_json(&self) -> String {
        canonical(&PolicyAnswer {
            housekeep: VERSION,
            kind: "policy",
            rules: self.rules().collect(),
        })
    }
}
