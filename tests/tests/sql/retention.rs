//! What has outlived its use, by limits, floors and holds.

use housekeep::laws::retention::strategies::case;
use housekeep::laws::retention::{Item, Spec};
use housekeep::policy::Policy;
use housekeep::retention::Edge;
use housekeep_tests::database::servers;
use proptest::strategy::{Strategy, ValueTree};
use serde_json::{Value, json};

use super::dedupe::runner;
use super::{IDS, Table, id_columns, id_setting, named, same};

/// Random tables on each server; the types of ids take turns.
const CASES: usize = 1600;

fn limits(spec: &Spec) -> (Value, Value) {
    let mut limit = json!({});
    if let Some((age, edge)) = spec.limit_age {
        limit["age"] = age.span().unwrap().to_string().into();
        limit["edge"] = if edge == Edge::At { "at".into() } else { "after".into() };
    }
    if let Some(count) = spec.limit_count {
        limit["count"] = count.into();
    }
    if let Some(bytes) = spec.limit_bytes {
        limit["bytes"] = i64::try_from(bytes).unwrap_or(i64::MAX).into();
    }
    let mut floor = json!({});
    if spec.floor_count > 0 {
        floor["count"] = spec.floor_count.into();
    }
    if let Some(age) = spec.floor_age {
        floor["age"] = age.span().unwrap().to_string().into();
    }
    (limit, floor)
}

/// None for a rule that no policy may say: it removes nothing.
fn policy(spec: &Spec, ty: &str) -> Option<Policy> {
    let (limit, floor) = limits(spec);
    let overrides: Vec<Value> = spec
        .overrides
        .iter()
        .zip(0..)
        .map(|(own, n)| {
            let (limit, floor) = limits(own);
            json!({"when": {"under": n}, "limit": limit, "floor": floor})
        })
        .collect();
    let mut rule = json!({
        "table": "Items", "id": id_setting(ty), "by": ["grp"], "time": "at", "tz": spec.zone.to_string(),
        "match": {"matched": true}, "hold": {"held": true}, "require": {"may_go": true},
        "limit": limit, "floor": floor,
    });
    if !overrides.is_empty() {
        rule["override"] = overrides.into();
    }
    if floor.as_object().is_some_and(serde_json::Map::is_empty) {
        rule.as_object_mut().unwrap().remove("floor");
    }
    Policy::from_value(&json!({"retention": {"items": rule}})).ok()
}

fn rows(items: &[Item], ty: &str) -> Vec<Value> {
    let row = |item: &Item| {
        let own = json!({
            "grp": item.group.map(|group| format!("G{group}")),
            "at": item.time.map(|at| at.to_string()), "matched": item.matched, "held": item.held,
            "may_go": item.may_go, "size": i64::try_from(item.size).unwrap_or(i64::MAX), "under": item.under,
        });
        named(ty, item.id, own)
    };
    items.iter().map(row).collect()
}

#[test]
fn the_same_rows_go_as_in_core() {
    for server in servers() {
        let mut tables = IDS.map(|ty| {
            let own = "grp text, at timestamptz, matched boolean, held boolean, may_go boolean,
                size bigint, under integer";
            (ty, Table::new(&server, "Items", &format!("{}, {own}", id_columns(ty))))
        });
        let mut runner = runner();
        let (mut gone, mut asked) = (0, 0);
        for n in 0..CASES {
            let mut case = case(3 + n % 30).new_tree(&mut runner).unwrap().current();
            case.spec.keeps.clear();
            case.spec.overrides.iter_mut().for_each(|own| own.keeps.clear());
            let (ty, table) = &mut tables[n % IDS.len()];
            let Some(policy) = policy(&case.spec, ty) else { continue };
            gone += same(table, &policy, "items", &rows(&case.items, ty), case.now);
            asked += 1;
        }
        assert!(gone > 300 && asked > 200, "{gone} of {asked}");
    }
}
