//! A part of a plan before the judge: which rows are planned to go, and what is known of them and of those by
//! which they are judged.

use std::collections::BTreeSet;
use std::iter;

use super::judge::{self, Found, Judgement};
use super::request::Apply;
use super::rows::Rows;
use super::survey::{Node, Survey, texts};
use super::talk::Talk;
use super::trouble::Trouble;
use crate::columns::{Need, Type};
use crate::policy::Rule;

/// A part of a plan, and the rows that were found of it.
pub(super) struct Case<'a> {
    apply: &'a Apply,
    root: &'a Node,
    needs: Vec<Need>,
    /// Places in the plan.
    places: &'a [usize],
    /// The planned rows.
    ids: Vec<String>,
    found: Found,
}

impl<'a> Case<'a> {
    /// Of these places in the plan, of which all ids are given.
    pub(super) fn of(
        apply: &'a Apply,
        root: &'a Node,
        (places, ids): (&'a [usize], &[String]),
    ) -> Self {
        let ids = places.iter().filter_map(|place| ids.get(*place).cloned()).collect();
        let needs = root.needs(apply.rule.needs());
        Self { apply, root, needs, places, ids, found: Found::default() }
    }

    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Whether the rows that go can be judged by what their removal gives back, which is then committed or not:
    /// so they need not be locked and read before. That is so where nothing but what is planned can go with them,
    /// and where one that was changed keeps all of them.
    pub(super) fn may_be_judged_after(&self, survey: &Survey) -> bool {
        // The text of a list says less than it holds.
        let is_list = |need: &Need| need.ty == Some(Type::List);
        self.apply.is_free()
            && !self.apply.skip_changed
            && survey.is_guarded()
            && !self.needs.iter().any(is_list)
    }

    /// Reads the planned rows.
    pub(super) async fn read_planned(
        &mut self,
        talk: &Talk,
        survey: &Survey,
        locks: bool,
    ) -> Result<(), Trouble> {
        let lock = locks.then_some("UPDATE");
        let rows = talk.rows(survey.rows(self.root, &self.needs, lock), texts(&self.ids)).await?;
        self.found.add(rows);
        Ok(())
    }

    /// Reads whatever else the rule has to see.
    pub(super) async fn read_others(
        &mut self,
        talk: &Talk,
        survey: &Survey,
        locks: bool,
    ) -> Result<(), Trouble> {
        let others = match (&self.apply.rule, self.apply.plan.dedupe()) {
            (Rule::Dedupe(_), Some(plan)) => {
                let keepers = self.places.iter().filter_map(|place| plan.keeper_at(*place));
                let keepers: BTreeSet<String> = keepers.map(|id| id.to_string()).collect();
                let keepers: Vec<String> = keepers.into_iter().collect();
                let lock = locks.then_some("SHARE");
                talk.rows(survey.rows(self.root, &self.needs, lock), texts(&keepers)).await?
            }
            (rule, _) if judge::judges_alone(rule) => Rows::new(),
            // Those that stay for others to go, such as the last ones, may not go meanwhile.
            _ if locks => {
                let all = Survey::all_rows_locked(self.root, &self.needs);
                talk.rows(all, Vec::new()).await?
            }
            _ => talk.rows(Survey::all_rows(self.root, &self.needs), Vec::new()).await?,
        };
        self.found.add_others(others);
        Ok(())
    }

    /// Planned rows, of which their removal gave the texts of all columns.
    pub(super) fn add_removed(&mut self, rows: &Rows) {
        let columns = &self.root.facts.columns;
        let place = |need: &Need| columns.iter().position(|column| column.name == need.name);
        let places: Vec<Option<usize>> = self.needs.iter().map(place).collect();
        let ids = self.root.ids(rows);
        let needed = ids.iter().zip(rows.iter()).map(|(id, row)| {
            let text = move |place: &Option<usize>| row.get((*place)?);
            iter::once(Some(id.as_str())).chain(places.iter().map(text))
        });
        self.found.add(needed.collect());
    }

    /// Judges what was found.
    pub(super) fn judge(&self) -> Result<Judgement, Trouble> {
        let (needs, found, now) = (&self.needs, &self.found, self.apply.plan.planned_at());
        Ok(match (&self.apply.rule, self.apply.plan.dedupe()) {
            (Rule::Dedupe(rule), Some(plan)) => {
                judge::duplicates(rule, plan, self.places, needs, found, now)?
            }
            (Rule::Retention(rule), _) => judge::outlived(rule, &self.ids, needs, found, now)?,
            (Rule::Dedupe(_), None) => Judgement::default(),
        })
    }

    /// Puts ids of rows that were locked in the order in which these lie in the table.
    pub(super) fn order(&self, ids: &mut [String]) {
        self.found.order(ids);
    }
}
