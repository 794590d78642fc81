//! FacturAPI's tables by tenant: what its rules remove (F1, F2, F3), and what a hold and a contract keep (F10)
//! and no rule may touch.

use std::fs;

use housekeep::apply::Verify;
use housekeep_tests::corpus::root;

use super::{World, json, now, on_each_server};

/// Each rule, its table, and what has to be so of every row that is gone.
const RULES: [(&str, &str, &str); 4] = [
    ("sessions", "user_sessions", "updated_at < now - interval '7 days'"),
    ("notifications", "notifications", "status = 'sent' AND created_at < now - interval '30 days'"),
    (
        "audit",
        "audit_logs",
        "created_at < now - CASE tenant_id WHEN 'acme' THEN interval '7 years' ELSE interval '90 days' END",
    ),
    ("webhooks", "webhook_events", "true"),
];

#[test]
fn rules_by_tenant_remove_what_they_say_and_nothing_else() {
    let folder = root().join("scenarios/facturapi");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let tables = read("schema.sql") + &read("fill.sql").replace(":rows", "600");
    let policy = read("policy.toml") + &read("webhooks.toml");
    on_each_server(|server| {
        let mut world = World::new(server, &tables, &policy);
        let names = [
            "tenants",
            "user_sessions",
            "notifications",
            "audit_logs",
            "webhook_events",
            "webhook_attempts",
            "tenant_invoices",
            "tenant_payments",
        ];
        let all = |world: &World| names.map(|name| world.rows(name));
        let before = all(&world);
        for (rule, table, goes) in RULES {
            // What the rule would say in words, asked of the server before.
            let tenants = "tenant_id IN (SELECT id FROM tenants WHERE legal_hold)";
            let count = |world: &World, which: &str| -> i64 {
                let now = now();
                let sql = format!(
                    "SELECT count(*) FROM {table}, (SELECT timestamptz '{now}' AS now) AS x WHERE {which}"
                );
                world.connect().query_one(&sql, &[]).unwrap().get(0)
            };
            let is_retention = rule != "webhooks";
            let (condemned, held) = (
                count(&world, &format!("{goes} AND NOT {tenants}")),
                count(&world, &format!("{goes} AND {tenants}")),
            );
            let plan = world.plan(rule);
            if is_retention {
                assert!(held > 0, "{rule} holds nothing");
                assert_eq!(plan.drop_count() as i64, condemned, "{rule}");
            }
            assert!(plan.drop_count() > 50, "{rule}");
            world.export(rule, &plan);
            let applied = json(&world.apply(&plan).unwrap());
            assert_eq!(applied["outcome"], "applied", "{rule}");
            assert_eq!(applied["planned"], plan.drop_count());
            if is_retention {
                assert_eq!(count(&world, &format!("{goes} AND NOT {tenants}")), 0, "{rule}");
                assert_eq!(count(&world, &format!("{goes} AND {tenants}")), held, "{rule}");
            }
            let after = all(&world);
            for (place, name) in names.iter().enumerate() {
                let is_below = *name == "webhook_attempts" && !is_retention;
                let goes = *name == table || is_below;
                assert_eq!(after[place] != before[place], goes, "{rule} and {name}");
            }
            let verify = Verify::new(&world.policy, rule, now()).unwrap();
            assert!(world.driver.run(verify.machine()).unwrap().is_clean(), "{rule}");
            world.restore();
            assert_eq!(all(&world), before, "{rule}");
        }
    });
}
