//! From a policy to files that are gone: listing, plan, removal and restoration fit together.

use housekeep::Control;
use housekeep::plan::{Detail, Plan};
use housekeep::policy::Policy;

use super::*;

const POLICY: &str = r#"
[retention.temp]
files = "temp/**"
limit = { age = "24h", bytes = "12B" }
floor = { count = 1 }
"#;

#[test]
fn what_a_rule_condemns_is_removed_and_the_plan_is_all_it_takes() {
    let tree = Tree::new();
    tree.fill([("data/old", "1"), ("data/sub/big", "ten bytes."), ("data/new", "four")]);
    touch(&tree.path("data/old"), Duration::from_secs(THEN - 90_000));
    touch(&tree.path("data/new"), Duration::from_secs(THEN + 11));
    let before = tree.seen("data");
    let policy = Policy::from_toml(POLICY).unwrap();
    let rule = policy.rule("temp").unwrap();
    let pattern = policy.retention("temp").unwrap().files().unwrap();
    let planned = || {
        let listing = list(&tree.data(), &Pattern::new(pattern).unwrap(), &|_, _| {}).unwrap();
        let table = listing.table(rule.needs()).unwrap();
        let now = Instant::from_micros(i64::try_from(THEN + 60).unwrap() * 1_000_000).unwrap();
        let (source, detail) = (listing.source(), Detail::Drops);
        rule.plan(&table, now, source, detail, &Control::new()).unwrap()
    };
    // Read back, as it is when it is applied.
    let plan = Plan::from_json(&planned().to_json()).unwrap();
    let drops: Vec<_> = plan.retention().unwrap().drops().collect();
    let files = drops.iter().map(|drop| Condemned {
        id: &drop.id,
        size: drop.size.unwrap(),
        mtime: drop.time,
    });
    let trash = tree.trash();
    let way = Way::Trash(TrashFor {
        root: &trash,
        rule: plan.rule(),
        plan_sha256: plan.sha256(),
        now: plan.planned_at(),
    });
    let listed = plan.source().get(SOURCE).unwrap();
    let order = Order { folder: &tree.data(), listed, way, is_dry: false };
    let removal = remove(&order, files, &|_, _| {}).unwrap();
    assert_eq!(fates(&removal), [("old", &Fate::Removed), ("sub/big", &Fate::Removed)]);
    assert_eq!(tree.ids("**"), ["new"]);
    assert_eq!(planned().drop_count(), 0);
    assert!(tree.restore().is_emptied);
    assert_eq!(tree.seen("data"), before);
}
