//! The public cases of restic and borg, in our terms. What they keep, we keep.

use std::collections::BTreeSet;
use std::path::Path;

use housekeep::Control;
use housekeep::groups::Records;
use housekeep::retention::{Anchor, Edge, Every, Items, Keep, Overlap, Rule, decide};
use housekeep::time::{Duration, Instant, Span};
use serde_json::Value;

/// A snapshot of a case, and its place in the listing.
#[derive(Clone)]
struct Snapshot {
    id: String,
    at: Instant,
    tags: BTreeSet<String>,
    place: usize,
}

fn read(file: &str) -> Value {
    let folder = std::env::var("HOUSEKEEP_GOLDEN").expect("checked when this was built");
    let text = std::fs::read_to_string(Path::new(&folder).join("retention").join(file));
    serde_json::from_str(&text.expect("the cases are there")).expect("the cases are JSON")
}

fn snapshots(list: &Value) -> Vec<Snapshot> {
    let texts = |value: &Value| -> BTreeSet<String> {
        let texts = value.as_array().into_iter().flatten();
        texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let all = list.as_array().expect("a list").iter().enumerate();
    all.map(|(place, snapshot)| Snapshot {
        id: snapshot["id"].as_str().expect("an id").to_owned(),
        at: Instant::parse(snapshot["time"].as_str().expect("a time")).expect("a time"),
        tags: texts(&snapshot["tags"]),
        place,
    })
    .collect()
}

fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array().expect("ids").iter().map(|id| id.as_str().expect("an id").to_owned()).collect()
}

/// The ids that stay. Of two at one time, the earlier in the listing counts as newer.
fn kept(
    snapshots: &[Snapshot],
    rule: &Rule,
    now: Instant,
    claims: &[BTreeSet<String>],
) -> BTreeSet<String> {
    let rows = Records::new(
        snapshots,
        |_| (),
        |snapshot| Some(snapshot.at),
        |snapshot| usize::MAX - snapshot.place,
    );
    let items = Items::new(rows.unwrap()).claimable(|keep, row| {
        claims.get(keep).is_none_or(|tags| tags.is_subset(&snapshots[row as usize].tags))
    });
    let decision = decide(&items, rule, now, &Control::new()).unwrap();
    let gone: BTreeSet<u32> = decision.drops.iter().map(|drop| drop.row).collect();
    let stays = (0u32..).zip(snapshots).filter(|(row, _)| !gone.contains(row));
    stays.map(|(_, snapshot)| snapshot.id.clone()).collect()
}

const PERIODS: [(&str, Every); 7] = [
    ("last", Every::Item),
    ("hourly", Every::Hour),
    ("daily", Every::Day),
    ("weekly", Every::Week),
    ("monthly", Every::Month),
    ("yearly", Every::Year),
    ("within", Every::Item),
];

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn restic_keeps_the_same() {
    let suite = read("restic.json");
    let now = Instant::MAX;
    let mut ran = 0;
    for case in suite["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let policy = case["policy"].as_object().unwrap();
        // The empty policy is refused where policies are read.
        if policy.is_empty() {
            continue;
        }
        let list = match case["snapshots"].as_str() {
            Some(set) => &suite["snapshot_sets"][set.trim_start_matches('@')],
            None => &case["snapshots"],
        };
        let mut rule = Rule::new().anchor(Anchor::Newest);
        let mut claims = Vec::new();
        for (key, value) in policy {
            let every = |key: &str| PERIODS.iter().find(|(name, _)| *name == key).map(|(_, e)| *e);
            if key == "tags" {
                for tags in value.as_array().unwrap() {
                    rule = rule.keep(Keep::each(Every::Item));
                    claims.push(ids(tags));
                }
                continue;
            }
            let keep = Keep::each(every(key.trim_start_matches("within_")).unwrap()).oldest();
            rule = rule.keep(match value.as_i64() {
                Some(-1) => keep,
                Some(count) => keep.count(u64::try_from(count).unwrap()),
                None => keep.within(span(value.as_str().unwrap())),
            });
            claims.push(BTreeSet::new());
        }
        let found = kept(&snapshots(list), &rule, now, &claims);
        assert_eq!(found, ids(&case["keep_ids"]), "{name}");
        ran += 1;
    }
    assert_eq!(ran, 39);
}

/// restic's `m` is a month (it has no minutes), and its units come in any order.
fn span(text: &str) -> Span {
    let part = |unit: char| {
        let (before, _) = text.split_once(unit)?;
        let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next()?;
        Some(format!("{digits}{}", if unit == 'm' { "mo".into() } else { unit.to_string() }))
    };
    let ordered: String = ['y', 'm', 'd', 'h'].into_iter().filter_map(part).collect();
    ordered.parse().unwrap()
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn borg_keeps_the_same() {
    let suite = read("borg.json");
    let mut ran = 0;
    for case in suite["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let policy = case["policy"].as_object().unwrap();
        let keep_oldest = case["keep_oldest"].as_bool().unwrap();
        let from = case["from"].as_str().map(|from| Instant::parse(from).unwrap());
        let rules = policy.iter().map(|(key, value)| (borg_period(key), value));
        let coarsest = rules.clone().map(|(every, _)| every).max();
        let mut rule = Rule::new().overlap(Overlap::Extra);
        for (every, value) in rules {
            let mut keep = borg_keep(Keep::each(every), value);
            if keep_oldest && Some(every) == coarsest {
                keep = keep.oldest();
            }
            rule = rule.keep(keep);
        }
        // What is not before `from` is kept, and left out.
        let all = snapshots(&case["snapshots"]);
        let (old, mut found): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|snapshot| from.is_none_or(|from| snapshot.at < from));
        let expected = ids(&case["keep"]);
        let out: BTreeSet<String> = found.drain(..).map(|snapshot| snapshot.id).collect();
        let mut found = kept(&old, &rule, from.unwrap_or(Instant::MAX), &[]);
        found.extend(out);
        assert_eq!(found, expected, "{name}");
        ran += 1;
    }
    assert_eq!(ran, 37);
}

fn borg_period(key: &str) -> Every {
    match key {
        "secondly" => Every::Second,
        "minutely" => Every::Minute,
        "quarterly_13weekly" | "13weekly" => Every::IsoQuarter,
        "quarterly_3monthly" | "3monthly" => Every::Quarter,
        key => PERIODS.iter().find(|(name, _)| *name == key).expect("a period").1,
    }
}

/// A count, `all`, or an interval in borg's units, where a month has 31 days and a year 365.
fn borg_keep(keep: Keep, value: &Value) -> Keep {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = text.split('(').next().unwrap();
    if text == "all" || text == "-1" {
        return keep;
    }
    if let Ok(count) = text.parse() {
        return keep.count(count);
    }
    let (count, unit) = text.split_at(text.len() - 1);
    let count: i64 = count.parse().unwrap();
    let seconds = match unit {
        "y" => 365 * 86_400,
        "m" => 31 * 86_400,
        "w" => 7 * 86_400,
        "d" => 86_400,
        "H" => 3_600,
        "M" => 60,
        "S" => 1,
        other => panic!("{other}"),
    };
    keep.within(Duration::from_micros(count * seconds * 1_000_000).unwrap()).edge(Edge::At)
}
