//! The rows that a plan drops, by their ids.

use std::sync::OnceLock;

use crate::plan::Plan;

/// Their ids, in the order of the plan.
pub(super) struct Planned {
    ids: Vec<String>,
    /// Their places, in the order of the ids: made when it is first asked for one.
    sorted: OnceLock<Vec<usize>>,
}

impl Planned {
    pub(super) fn of(plan: &Plan) -> Self {
        let ids = plan.drop_ids().map(|id| id.to_string()).collect();
        Self { ids, sorted: OnceLock::new() }
    }

    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    pub(super) fn count(&self) -> u64 {
        self.ids.len() as u64
    }

    /// Whether the plan drops the row of this id.
    pub(super) fn has(&self, id: &str) -> bool {
        let by_id = |place: &usize| self.ids.get(*place).map(String::as_str);
        let sorted = self.sorted.get_or_init(|| {
            let mut places: Vec<usize> = (0..self.ids.len()).collect();
            places.sort_unstable_by(|a, b| by_id(a).cmp(&by_id(b)));
            places
        });
        sorted.binary_search_by(|place| by_id(place).cmp(&Some(id))).is_ok()
    }
}
