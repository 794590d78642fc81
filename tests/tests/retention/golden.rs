//! The public cases of restic and borg, in our terms. What they keep, we keep.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use housekeep::Control;
use housekeep::groups::{Records, Rows};
use housekeep::retention::{
    Anchor, Edge, Every, Fate, Ground, Items, Keep, Overlap, Rule, decide, verdicts,
};
use housekeep::time::{Duration, Instant, Span};
use housekeep_tests::golden;
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
    golden::read(&format!("retention/{file}"))
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

/// As items. Of two at one time, the earlier in the listing counts as newer.
fn shown(snapshots: &[Snapshot]) -> Items<'_, impl Rows + '_> {
    let time = |snapshot: &Snapshot| Some(snapshot.at);
    Items::new(Records::new(snapshots, |_| (), time, |one| usize::MAX - one.place).unwrap())
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

/// One of restic's rules in our terms, and how it says that it keeps a snapshot.
struct Known {
    name: String,
    keep: Keep,
    says: String,
    /// How many it counts; -1 is all.
    count: Option<i64>,
    /// The tags a snapshot has to have.
    tags: BTreeSet<String>,
}

fn options(policy: &serde_json::Map<String, Value>) -> Vec<Known> {
    let mut options = Vec::new();
    for (name, value) in policy {
        let option = |keep, says| Known {
            name: name.clone(),
            keep,
            says,
            count: value.as_i64(),
            tags: BTreeSet::new(),
        };
        if name == "tags" {
            options.extend(value.as_array().unwrap().iter().map(|tags| {
                // In the order in which they are given.
                let list = tags.as_array().unwrap().iter().map(|tag| tag.as_str().unwrap());
                let says = format!("has tags [{}]", list.collect::<Vec<_>>().join(", "));
                Known { tags: ids(tags), ..option(Keep::all(), says) }
            }));
            continue;
        }
        let period = name.trim_start_matches("within_");
        let every = PERIODS.iter().find(|(name, _)| *name == period).unwrap().1;
        let keep = Keep::each(every).oldest();
        options.push(match (value.as_i64(), value.as_str()) {
            (Some(-1), _) => option(keep, format!("{name} snapshot")),
            (Some(count), _) => {
                option(keep.count(u64::try_from(count).unwrap()), format!("{name} snapshot"))
            }
            (None, text) => {
                let (span, text) = span(text.unwrap());
                let says = match period {
                    "within" => format!("within {text}"),
                    period => format!("{period} within {text}"),
                };
                option(keep.within(span), says)
            }
        });
    }
    options
}

/// restic's `m` is a month (it has no minutes), and its units come in any order; it writes them
/// from the longest on.
fn span(text: &str) -> (Span, String) {
    let part = |unit: char| {
        let (before, _) = text.split_once(unit)?;
        Some(format!("{}{unit}", before.rsplit(|c: char| !c.is_ascii_digit()).next()?))
    };
    let ordered: String = ['y', 'm', 'd', 'h'].into_iter().filter_map(part).collect();
    (ordered.replace('m', "mo").parse().unwrap(), ordered)
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn restic_keeps_the_same_for_the_same_reasons() {
    let suite = read("restic.json");
    let mut ran = 0;
    for case in suite["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let options = options(case["policy"].as_object().unwrap());
        // The empty policy is refused where policies are read.
        if options.is_empty() {
            continue;
        }
        let list = match case["snapshots"].as_str() {
            Some(set) => &suite["snapshot_sets"][set.trim_start_matches('@')],
            None => &case["snapshots"],
        };
        let mut snapshots = snapshots(list);
        snapshots.sort_by_key(|snapshot| (Reverse(snapshot.at), snapshot.place));
        let items = shown(&snapshots)
            .claimable(|keep, row| options[keep].tags.is_subset(&snapshots[row as usize].tags));
        let keeps = options.iter().map(|option| option.keep.clone());
        let rule = keeps.fold(Rule::new().anchor(Anchor::Newest), Rule::keep);
        let verdicts = verdicts(&items, &rule, Instant::MAX, &Control::new()).unwrap();

        // From the newest on, as restic tells it.
        let mut left: Vec<_> = options.iter().map(|option| option.count).collect();
        let mut found = Vec::new();
        for (snapshot, verdict) in snapshots.iter().zip(&verdicts) {
            let mut matches = BTreeSet::new();
            for ground in &verdict.grounds {
                let Ground::Claimed(claim) = ground else { continue };
                let option = &options[usize::from(claim.keep)];
                let oldest = if claim.as_oldest { "oldest " } else { "" };
                assert!(matches.insert(format!("{oldest}{}", option.says)), "{name}");
                if let Some(count) = option.count.filter(|count| *count != -1) {
                    left[usize::from(claim.keep)] = Some(count - i64::from(claim.nth));
                }
            }
            assert_eq!(matches.is_empty(), verdict.fate == Fate::Dropped, "{name}");
            if verdict.fate == Fate::Kept {
                // What is used up is not told.
                let counters = options.iter().zip(&left).filter_map(|(option, left)| {
                    Some((option.name.clone(), left.filter(|left| *left != 0)?))
                });
                found.push((snapshot.id.clone(), matches, counters.collect::<BTreeMap<_, _>>()));
            }
        }
        let meant: Vec<_> = case["reasons"].as_array().unwrap().iter().map(reason).collect();
        assert_eq!(found, meant, "{name}");
        let kept: BTreeSet<String> = found.into_iter().map(|(id, ..)| id).collect();
        assert_eq!(kept, ids(&case["keep_ids"]), "{name}");
        ran += 1;
    }
    assert_eq!(ran, 39);
}

/// A snapshot that restic keeps: which rules say so, and what is left of their counts.
fn reason(reason: &Value) -> (String, BTreeSet<String>, BTreeMap<String, i64>) {
    let counters = reason["counters"].as_object().unwrap().iter();
    let counters = counters.map(|(name, left)| (name.clone(), left.as_i64().unwrap()));
    (reason["id"].as_str().unwrap().to_owned(), ids(&reason["matches"]), counters.collect())
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
        let now = from.unwrap_or(Instant::MAX);
        let decision = decide(&shown(&old), &rule, now, &Control::new()).unwrap();
        let gone: BTreeSet<u32> = decision.drops.iter().map(|drop| drop.row).collect();
        let stays = (0u32..).zip(old).filter(|(row, _)| !gone.contains(row));
        let mut found: BTreeSet<String> = stays.map(|(_, snapshot)| snapshot.id).collect();
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
