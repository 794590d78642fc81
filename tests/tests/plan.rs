//! A plan as a document: it survives being read, reformatted and sorted, and nothing else.

#![cfg(test)]

use housekeep::plan::Plan;
use housekeep_tests::corpus::{Ask, Case, cases};
use serde_json::Value;

fn plans() -> Vec<String> {
    let cases = cases();
    let plans: Vec<_> = cases
        .iter()
        .filter(|case| case.ask == Ask::Plan && !case.fails)
        .map(Case::answer)
        .collect();
    assert!(plans.len() > 20);
    plans
}

#[test]
fn every_plan_is_read_back_to_its_bytes() {
    for text in plans() {
        let plan = Plan::from_json(&text).unwrap();
        assert_eq!(plan.to_json(), text);
        assert!(text.contains(plan.sha256()));
    }
}

#[test]
fn white_space_and_the_order_of_keys_do_not_matter() {
    for text in plans() {
        // Sorts the keys, as `jq -S` does.
        let sorted: Value = serde_json::from_str(&text).unwrap();
        for form in [serde_json::to_string(&sorted), serde_json::to_string_pretty(&sorted)] {
            assert_eq!(Plan::from_json(&form.unwrap()).unwrap().to_json(), text);
        }
    }
}

#[test]
fn any_other_change_is_refused() {
    let text = plans().into_iter().find(|text| text.contains("within_window")).unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut changed = whole.clone();
        change(&mut changed);
        assert_ne!(changed, whole, "nothing was changed");
        let error = Plan::from_json(&changed.to_string()).unwrap_err();
        assert_eq!(error.code().as_str(), "plan.altered", "{error:?}");
    };
    refused(&|plan| plan["total"] = 7.into());
    refused(&|plan| plan["rule"] = "other".into());
    refused(&|plan| plan["drops"][0]["id"] = "other".into());
    refused(&|plan| plan["drops"][0]["gap"] = "1us".into());
    refused(&|plan| plan["drops"][0]["keeper_id"] = "other".into());
    refused(&|plan| plan["drop_ids"][0] = "other".into());
    refused(&|plan| plan["drops"] = Value::Array(vec![]));
    refused(&|plan| plan["settings"]["window"] = "1d".into());
    refused(&|plan| plan["sha256"] = "0".repeat(64).into());
    refused(&|plan| {
        plan.as_object_mut().unwrap().remove("sha256");
    });
}
