//! Large groups, and many: their verdicts take no more than a while, and are as right as those of few.

use std::collections::BTreeSet;
use std::time::Instant as Clock;

use housekeep::Control;
use housekeep::groups::{Records, Rows};
use housekeep::retention::{
    Anchor, Every, Fate, Items, Keep, Overlap, Rule, Verdict, decide, verdicts,
};
use housekeep::time::{Duration, Instant, Span, Zone};

/// Far more than it takes: what grows with the square of the items takes longer still.
const A_WHILE: std::time::Duration = std::time::Duration::from_secs(20);

fn now() -> Instant {
    Instant::parse("2026-02-12T00:00:00Z").unwrap()
}

/// So many items, one every so many minutes, of which some are in the future; and their numbers.
fn items(count: usize, minutes: i64, future: i64) -> Vec<(usize, Instant)> {
    let micros = |n: i64| now().as_micros() + (future - n) * minutes * 60_000_000 - 1;
    (0..).map(|n| Instant::from_micros(micros(n)).unwrap()).enumerate().take(count).collect()
}

fn shown(items: &[(usize, Instant)], groups: usize) -> Items<'_, impl Rows + '_> {
    let group = move |(n, _): &(usize, Instant)| n % groups;
    Items::new(Records::new(items, group, |(_, at)| Some(*at), |(n, _)| *n).unwrap())
}

fn days(days: u32) -> Span {
    Duration::from_mins(60 * 24 * days).into()
}

/// Backups in generations.
fn generations(window: Span) -> Rule {
    Rule::new()
        .floor_count(3)
        .keep(Keep::each(Every::Item).count(3))
        .keep(Keep::each(Every::Day).within(days(7)))
        .keep(Keep::each(Every::Week).within(window))
        .keep(Keep::each(Every::Month).count(12).oldest())
        .zone(Zone::parse("America/Santiago").unwrap())
}

/// All of some months, and then one a month.
fn window(window: Span) -> Rule {
    Rule::new().keep(Keep::each(Every::Item).within(window)).keep(Keep::each(Every::Month))
}

fn timed(what: &str, items: &Items<'_, impl Rows>, rule: &Rule) -> Vec<Verdict> {
    let from = Clock::now();
    let found = verdicts(items, rule, now(), &Control::new()).unwrap();
    let took = from.elapsed();
    assert!(took < A_WHILE, "{what} took {took:.1?}");
    found
}

/// Some of those that are due go just then.
fn spot_check(what: &str, items: &Items<'_, impl Rows>, rule: &Rule, found: &[Verdict]) {
    let gone = |at: Instant| -> BTreeSet<u32> {
        decide(items, rule, at, &Control::new()).unwrap().drops.iter().map(|one| one.row).collect()
    };
    let gone_now = gone(now());
    for verdict in found {
        assert_eq!(verdict.fate == Fate::Dropped, gone_now.contains(&verdict.row), "{what}");
    }
    let due: BTreeSet<Instant> = found.iter().filter_map(|one| one.due).collect();
    for &at in due.iter().step_by(due.len() / 8 + 1) {
        let before = Instant::from_micros(at.as_micros() - 1).unwrap();
        let (before, then) = (gone(before), gone(at));
        for verdict in found.iter().filter(|one| one.fate != Fate::Dropped) {
            if verdict.due.is_none_or(|due| due >= at) {
                assert!(!before.contains(&verdict.row), "{what}, {at}: {verdict:?}");
            }
            if verdict.due == Some(at) {
                assert!(then.contains(&verdict.row), "{what}, {at}: {verdict:?}");
            }
        }
    }
}

#[test]
fn ten_thousand_in_one_group() {
    for (name, rule) in [
        ("elapsed", generations(days(60))),
        ("calendar", generations(Span::months(2))),
        ("all of 60 days", window(days(60))),
        ("all of 13 months", window(Span::months(13))),
    ] {
        for anchor in [Anchor::Now, Anchor::Newest] {
            for future in [0, 1000, 5000] {
                let items = items(10_000, 60, future);
                let (items, rule) = (shown(&items, 1), rule.clone().anchor(anchor));
                let what = format!("{name}, {anchor:?}, {future} in the future");
                let found = timed(&what, &items, &rule);
                spot_check(&what, &items, &rule, &found);
            }
        }
    }
}

#[test]
fn claims_that_depend_on_each_other() {
    for overlap in [Overlap::Extra, Overlap::Cover] {
        for (name, rule) in [
            ("elapsed", generations(days(60))),
            ("calendar", generations(Span::months(2))),
            ("all of 60 days", window(days(60))),
        ] {
            for future in [0, 100] {
                let items = items(10_000, 60, future);
                let (items, rule) = (shown(&items, 1), rule.clone().overlap(overlap));
                let what = format!("{name}, {overlap:?}, {future} in the future");
                let found = timed(&what, &items, &rule);
                spot_check(&what, &items, &rule, &found);
            }
        }
    }
}

#[test]
fn a_million_in_many_groups() {
    for groups in [100_000, 1_000, 10, 1] {
        let items = items(1_000_000, 1, 1000);
        let items = shown(&items, groups);
        timed(&format!("{groups} groups"), &items, &generations(Span::months(2)));
        let under = |row: u32| Some(u16::try_from(row % 3).unwrap());
        let other = generations(days(60));
        let rule = generations(Span::months(2)).overridden_by(other.clone()).overridden_by(other);
        timed(&format!("{groups} groups, overridden"), &items.under(under), &rule);
    }
}
