//! FacturAPI's promises, over any rows: a tenant on hold loses nothing (F10), and no rule may touch
//! payments or invoices (F11). And the stream of Agentes AI at its full length (A2).

use std::collections::BTreeSet;
use std::fmt::Write;

use housekeep::columns::Table;
use housekeep::formats::Format;
use housekeep::plan::{Detail, Plan, Source};
use housekeep::policy::{Policy, Rule};
use housekeep::time::Instant;
use housekeep::{Code, Control};
use housekeep_tests::corpus::root;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// What the tables of FacturAPI have, in one.
#[derive(Clone, Debug)]
struct Row {
    tenant: Option<&'static str>,
    /// Whether its tenant is on hold; not known of a tenant that is gone.
    hold: Option<bool>,
    status: &'static str,
    /// How many seconds ago, or ahead.
    ago: Option<i64>,
}

const NOW: &str = "2026-05-03T08:00:00Z";

fn policy(system: &str) -> Policy {
    let file = root().join("scenarios").join(system).join("policy.toml");
    Policy::from_toml(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// Around the edges of 7, 30 and 90 days, of seven years, and anywhere.
fn ago() -> impl Strategy<Value = Option<i64>> {
    let day = 86_400;
    let edge = select(vec![0, 7 * day, 30 * day, 90 * day, 2557 * day]);
    let near = (edge, -2i64..=2).prop_map(|(edge, by)| edge + by);
    let any = -day..4000 * day;
    option::weighted(0.9, prop_oneof![near, any])
}

fn row() -> impl Strategy<Value = Row> {
    let tenants = vec![Some("acme"), Some("cafe-luna"), Some("norte"), None];
    let hold = select(vec![Some(true), Some(false), None]);
    (select(tenants), hold, select(vec!["sent", "pending"]), ago())
        .prop_map(|(tenant, hold, status, ago)| Row { tenant, hold, status, ago })
}

fn now() -> Instant {
    Instant::parse(NOW).unwrap()
}

/// The rows as JSON, from which every host reads them.
fn table(rule: &Rule, rows: &[Row]) -> Table {
    let mut text = String::from("[");
    for (n, row) in rows.iter().enumerate() {
        let at =
            row.ago.and_then(|ago| Instant::from_micros(now().as_micros() - ago * 1_000_000).ok());
        let at = at.map_or("null".into(), |at| format!("\"{at}\""));
        let tenant = row.tenant.map_or("null".into(), |tenant| format!("\"{tenant}\""));
        let hold = row.hold.map_or("null".into(), |hold| hold.to_string());
        let comma = if n == 0 { "" } else { "," };
        write!(
            text,
            "{comma}{{\"id\": {n}, \"tenant_id\": {tenant}, \"legal_hold\": {hold}, \
             \"status\": \"{}\", \"created_at\": {at}, \"updated_at\": {at}}}",
            row.status
        )
        .unwrap();
    }
    text.push(']');
    Format::Json.read(rule.needs(), text.as_bytes()).unwrap()
}

fn plan(rule: &Rule, table: &Table) -> Plan {
    rule.plan(table, now(), Source::new(), Detail::Drops, &Control::new()).unwrap()
}

proptest! {
    #[test]
    fn a_tenant_on_hold_loses_nothing(
        rows in vec(row(), 0..40),
        name in select(vec!["sessions", "notifications", "audit"]),
        setting in select(vec![None, Some("limit.age=0s"), Some("limit.count=0"), Some("keep=[{ every = \"day\", count = 1 }]")]),
    ) {
        let mut policy = policy("facturapi");
        // The guard is another matter, and so is what somebody sets.
        policy = policy.with(name, "guard=none").unwrap();
        if let Some(setting) = setting {
            policy = policy.with(name, setting).unwrap();
        }
        let rule = policy.rule(name).unwrap();
        let plan = plan(rule, &table(rule, &rows));
        let drops: BTreeSet<String> = plan.drop_ids().map(|id| id.to_string()).collect();
        for (n, row) in rows.iter().enumerate() {
            // Nor does one of whom that is not known, nor a row without a time, or of the future.
            let may_go = row.hold == Some(false) && row.ago.is_some_and(|ago| ago >= 0);
            prop_assert!(may_go || !drops.contains(&n.to_string()), "{} {:?}", n, row);
        }
        // Those that may go do, once nothing else keeps them.
        if setting == Some("limit.count=0") && name != "audit" {
            let meant = rows.iter().filter(|row| {
                row.hold == Some(false)
                    && row.ago.is_some_and(|ago| ago >= 0)
                    && (name != "notifications" || row.status == "sent")
            });
            prop_assert_eq!(drops.len(), meant.count());
        }
    }

    /// What is on hold changes nothing for other tenants either.
    #[test]
    fn a_hold_is_nobody_elses_matter(rows in vec(row(), 0..30)) {
        let policy = policy("facturapi").with("audit", "guard=none").unwrap();
        let rule = policy.rule("audit").unwrap();
        let free = |row: &Row| row.hold == Some(false);
        let all = plan(rule, &table(rule, &rows)).drop_count();
        let others: Vec<Row> = rows.iter().filter(|row| free(row)).cloned().collect();
        prop_assert_eq!(all, plan(rule, &table(rule, &others)).drop_count());
    }

    #[test]
    fn no_rule_of_any_family_names_a_table_that_is_never_touched(
        table in select(vec!["tenant_payments", "tenant_invoices", "public.tenant_payments", "Tenant_Invoices"]),
        by in select(vec!["itself", "a child", "a child of a child"]),
        family in select(vec!["retention", "dedupe"]),
        limit in select(vec!["7y", "0s", "9999y"]),
    ) {
        let (subject, tables) = match by {
            "itself" => (table, String::new()),
            "a child" => ("tenants", format!("[table.tenants]\nchildren = [{{ table = \"{table}\", key = \"tenant_id\" }}]\n")),
            _ => ("tenants", format!(
                "[table.tenants]\nchildren = [{{ table = \"tenant_subscriptions\", key = \"tenant_id\" }}]\n\
                 [table.tenant_subscriptions]\nchildren = [{{ table = \"{table}\", key = \"subscription_id\" }}]\n"
            )),
        };
        let rule = match family {
            "retention" => format!("limit = {{ age = \"{limit}\" }}\ntz = \"UTC\"\n"),
            _ => "key = [\"folio\"]\nwindow = \"10m\"\n".to_owned(),
        };
        let text = format!(
            "never = [\"tenant_payments\", \"tenant_invoices\"]\n{tables}\
             [{family}.old]\ntable = \"{subject}\"\ntime = \"created_at\"\n{rule}"
        );
        let error = Policy::from_toml(&text).unwrap_err();
        prop_assert_eq!(error.code(), Code::PolicyProtected);
        // It is the list that refuses it, and nothing else.
        let without = text.lines().skip(1).collect::<Vec<_>>().join("\n");
        prop_assert!(Policy::from_toml(&without).is_ok());
    }
}

/// Nor may a setting that is changed afterwards name one.
#[test]
fn no_setting_names_a_table_that_is_never_touched() {
    let policy = policy("facturapi");
    for rule in ["sessions", "notifications", "audit"] {
        let error = policy.with(rule, "table=tenant_payments").unwrap_err();
        assert_eq!(error.code(), Code::PolicyProtected, "{rule}");
    }
}

/// A2: `XTRIM tasks:stream MAXLEN 10000` of a stream that has three entries more. What the host passes
/// to `MINID` is the oldest entry that stays.
#[test]
fn a_stream_is_trimmed_to_ten_thousand() {
    let policy = policy("agentes");
    let rule = policy.rule("stream").unwrap();
    let start = 1_761_350_400_000i64;
    let mut text = String::from("id,at,acked\n");
    for n in 0..10_003i64 {
        let (at, sequence) = (start + n / 20, n % 20);
        writeln!(text, "{at}-{sequence},{},true", at * 1000 + sequence).unwrap();
    }
    let table = Format::Csv.read(rule.needs(), text.as_bytes()).unwrap();
    let now = Instant::parse("2025-10-27T03:00:00Z").unwrap();
    let plan =
        rule.plan(&table, now, Source::new(), Detail::Drops, &Control::new().threads(2).unwrap());
    let plan = plan.unwrap();
    let drops: Vec<String> = plan.drop_ids().map(|id| id.to_string()).collect();
    assert_eq!(drops, ["1761350400000-0", "1761350400000-1", "1761350400000-2"]);
    let oldest: Vec<_> = plan.retention().unwrap().oldest_kept().map(|oldest| oldest.id).collect();
    assert_eq!(oldest, ["1761350400000-3"]);
}
