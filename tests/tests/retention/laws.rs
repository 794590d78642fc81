//! The kernel beside the model, and every law, over random items, rules and moments.

use housekeep::Control;
use housekeep::laws::retention::model::agrees;
use housekeep::laws::retention::strategies::case;
use housekeep::laws::retention::{self as laws, Age, Claim, Item, Spec, turning_points};
use housekeep::retention::{Anchor, Edge, Every, Items, Overlap, decide};
use housekeep::time::{Duration, Instant, Zone};
use proptest::prelude::*;

/// More cases than usual, as they are quick; `PROPTEST_CASES` may ask for more still.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(2048), failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn model_agrees_on_any_number_of_threads(case in case(24)) {
        for threads in 1..=3 {
            agrees(&case.items, &case.spec, case.now, &Control::new().threads(threads)?)?;
        }
    }

    #[test]
    fn every_item_counts_once_in_any_order(case in case(20)) {
        laws::partition(&case.items, &case.spec, case.now)?;
        laws::same_again(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn holds_and_floors_stay(case in case(20)) {
        laws::protected_stay(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn survivors_stay(case in case(14)) {
        laws::survivors_stay(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn any_prefix_of_the_removals_leads_to_the_same(case in case(14)) {
        laws::prefixes(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn more_never_removes_more(case in case(12)) {
        laws::monotone(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn now_and_then_is_then(case in case(14)) {
        laws::confluent(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn groups_are_apart(case in case(20)) {
        laws::groups_are_apart(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn overrides_are_apart(case in case(20)) {
        laws::overrides_are_apart(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn reasons_are_exact(case in case(16)) {
        laws::reasons_are_exact(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn each_ground_is_enough(case in case(12)) {
        laws::each_ground_is_enough(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn evidence_is_true(case in case(16)) {
        laws::evidence_is_true(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn verdicts_agree_with_decisions(case in case(14)) {
        laws::verdicts_agree(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn due_is_exact(case in case(14)) {
        laws::due_is_exact(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn model_agrees_whenever_something_turns(case in case(10)) {
        for moment in turning_points(&case.items, &case.spec, case.now).into_iter().step_by(3) {
            agrees(&case.items, &case.spec, moment, &Control::new())?;
            laws::reasons_are_exact(&case.items, &case.spec, moment)?;
        }
    }

    #[test]
    fn ages_only_grow(case in case(20)) {
        laws::ages_only_grow(&case.items, &case.spec, case.now)?;
    }

    #[test]
    fn four_centuries_change_nothing(case in case(20)) {
        laws::four_centuries_change_nothing(&case.items, &case.spec, case.now)?;
    }
}

#[test]
fn every_law_holds_for_no_items() {
    laws::all(&[], &Spec::new(), Instant::MIN).unwrap();
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn item(id: i64, time: &str) -> Item {
    Item {
        id,
        group: None,
        time: Some(at(time)),
        matched: true,
        held: false,
        size: 1,
        may_go: true,
        claimable: Vec::new(),
        under: None,
    }
}

fn each(every: Every) -> Claim {
    Claim { every: Some(every), count: None, within: None, oldest: false }
}

fn hours(hours: u32) -> Age {
    Age::elapsed(Duration::from_mins(hours * 60))
}

/// The ids of those that go.
fn gone(items: &[Item], spec: &Spec, now: &str) -> Vec<i64> {
    use housekeep::groups::Records;
    let rows = Records::new(items, |item| item.group, |item| item.time, |item| item.id).unwrap();
    let get = |row: u32| &items[row as usize];
    let shown = Items::new(rows)
        .held(|row| get(row).held)
        .bytes(|row| get(row).size)
        .required(|row| get(row).may_go)
        .claimable(|keep, row| get(row).claimable.get(keep).copied().unwrap_or(true));
    let mut decided = decide(&shown, &spec.rule().unwrap(), at(now), &Control::new()).unwrap();
    decided.oldest_first(shown.rows());
    decided.drops.iter().map(|drop| get(drop.row).id).collect()
}

// Why the laws say no more than they do: each of these would be broken.

#[test]
fn the_oldest_may_be_another_once_one_went_for_its_age() {
    let items = [
        item(1, "2026-01-01T00:00:00Z"),
        item(2, "2026-01-09T01:00:00Z"),
        item(3, "2026-01-09T02:00:00Z"),
    ];
    let now = "2026-01-10T00:00:00Z";
    let oldest = Claim { oldest: true, ..each(Every::Day) };
    let limited = Spec {
        limit_age: Some((hours(48), Edge::After)),
        keeps: vec![oldest.clone()],
        ..Spec::new()
    };
    let within = Claim { within: Some((hours(48), Edge::After)), ..oldest };
    let windowed = Spec { keeps: vec![within], ..Spec::new() };
    for spec in [limited, windowed] {
        assert_eq!(gone(&items, &spec, now), [1, 2]);
        assert_eq!(gone(&items[1..], &spec, now), [0; 0]);
    }
}

#[test]
fn an_item_over_a_limit_may_cover_the_period_of_another() {
    let mut items = [item(1, "2026-01-08T00:00:00Z"), item(2, "2026-01-09T00:00:00Z")];
    items[1].claimable = vec![false, true];
    let spec = Spec {
        limit_count: Some(1),
        keeps: vec![each(Every::Item), each(Every::Month)],
        overlap: Overlap::Cover,
        ..Spec::new()
    };
    let now = "2026-01-10T00:00:00Z";
    assert_eq!(gone(&items, &spec, now), [1, 2]);
    assert_eq!(gone(&items[1..], &spec, now), [0; 0]);
}

#[test]
fn a_hold_may_use_up_a_count_that_a_finer_claim_did_not() {
    let mut items = [
        item(1, "2026-01-08T00:00:00Z"),
        item(2, "2026-01-09T01:00:00Z"),
        item(3, "2026-01-09T02:00:00Z"),
    ];
    items[0].claimable = vec![false, true];
    items[1].claimable = vec![false, true];
    let spec = Spec {
        keeps: vec![each(Every::Item), Claim { count: Some(1), ..each(Every::Day) }],
        overlap: Overlap::Extra,
        ..Spec::new()
    };
    let now = "2026-01-10T00:00:00Z";
    assert_eq!(gone(&items, &spec, now), [2]);
    items[2].held = true;
    assert_eq!(gone(&items, &spec, now), [1]);
}

#[test]
fn a_finer_claim_to_come_may_free_a_count() {
    let items = [
        item(1, "2026-01-01T00:00:00Z"),
        item(2, "2026-01-06T00:00:00Z"),
        item(3, "2026-01-07T00:00:00Z"),
    ];
    let recent = Claim { within: Some((hours(1), Edge::After)), ..each(Every::Item) };
    let spec = Spec {
        keeps: vec![recent, Claim { count: Some(1), ..each(Every::Week) }],
        overlap: Overlap::Extra,
        ..Spec::new()
    };
    assert_eq!(gone(&items, &spec, "2026-01-06T12:00:00Z"), [1]);
    assert_eq!(gone(&items, &spec, "2026-01-07T00:30:00Z"), [2]);
}

#[test]
fn a_blocked_item_may_cover_more_once_others_went() {
    let blocked = |id, time| Item { may_go: false, ..item(id, time) };
    let about = |item: Item, claimable: [bool; 2]| Item { claimable: claimable.into(), ..item };
    let keep =
        |every, hours_back| Claim { within: Some((hours(hours_back), Edge::After)), ..each(every) };
    // The oldest goes, and then the blocked one is the oldest.
    let oldest = [
        item(1, "2026-01-02T00:00:00Z"),
        blocked(2, "2026-01-30T00:00:00Z"),
        about(item(3, "2026-01-31T00:00:00Z"), [false, true]),
        item(4, "2026-02-01T00:00:00Z"),
    ];
    let week = Claim { oldest: true, ..keep(Every::Week, 168) };
    let spec =
        Spec { keeps: vec![week, each(Every::Month)], overlap: Overlap::Cover, ..Spec::new() };
    let now = "2026-02-02T00:00:00Z";
    assert_eq!(gone(&oldest, &spec, now), [1]);
    assert_eq!(gone(&oldest[1..], &spec, now), [3]);
    // The newest goes, and the window with it.
    let newest = [
        blocked(1, "2026-01-31T22:00:00Z"),
        about(item(2, "2026-01-31T23:00:00Z"), [false, true]),
        about(item(3, "2026-02-01T02:00:00Z"), [false, false]),
    ];
    let spec = Spec {
        keeps: vec![keep(Every::Day, 3), each(Every::Month)],
        anchor: Anchor::Newest,
        overlap: Overlap::Cover,
        ..Spec::new()
    };
    assert_eq!(gone(&newest, &spec, now), [3]);
    assert_eq!(gone(&newest[..2], &spec, now), [2]);
}

// What these laws found in the kernel.

#[test]
fn two_item_rules_cover_as_any_two_rules_of_one_length_do() {
    let items = [item(1, "2026-01-08T00:00:00Z"), item(2, "2026-01-09T00:00:00Z")];
    let one = |every| Claim { count: Some(1), ..each(every) };
    for every in [Every::Day, Every::Item] {
        let spec =
            Spec { keeps: vec![one(every), one(every)], overlap: Overlap::Cover, ..Spec::new() };
        let now = "2026-01-10T00:00:00Z";
        assert_eq!(gone(&items, &spec, now), [0; 0], "{every:?}");
    }
}

#[test]
fn a_day_that_the_clock_goes_back_into_is_one_day() {
    // 00:00:30 on the 7th, 00:01 = 23:01 on the 6th, and 00:00 on the 7th again.
    let items = [
        item(1, "2010-11-07T02:30:30Z"),
        item(2, "2010-11-07T02:31:00Z"),
        item(3, "2010-11-07T03:30:00Z"),
    ];
    let zone = Zone::parse("America/St_Johns").unwrap();
    let spec = Spec { keeps: vec![each(Every::Day)], zone, ..Spec::new() };
    assert_eq!(gone(&items, &spec, "2010-11-08T00:00:00Z"), [1]);
}

#[test]
fn more_bytes_than_can_be_counted_are_over_the_limit() {
    let mut items = [item(1, "2026-01-08T00:00:00Z"), item(2, "2026-01-09T00:00:00Z")];
    items[1].size = u64::MAX;
    let spec = Spec { limit_bytes: Some(u64::MAX), ..Spec::new() };
    assert_eq!(gone(&items, &spec, "2026-01-10T00:00:00Z"), [1]);
}
