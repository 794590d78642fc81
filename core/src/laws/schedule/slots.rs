//! Slots: where they are, and where they open.

use std::collections::BTreeSet;

use super::{Held, Law};
use crate::schedule::Schedule;
use crate::time::{Date, Duration, Instant, WallTime, Zone};

/// Law 1: the next slot opens after the instant, and none opens in between.
///
/// # Errors
/// The law, if it does not hold.
pub fn next_is_next(schedule: &Schedule, now: Instant) -> Held {
    const LAW: Law = Law { number: 1, name: "next_is_next" };
    let Some(next) = LAW.answered(schedule.next(now))? else { return Ok(()) };
    LAW.check(next.open > now, || format!("{} opens at {}, asked at {now}", next.id, next.open))?;
    let after = now.next().unwrap_or(now);
    let between = LAW.answered(schedule.slots(after, next.open))?;
    LAW.check(between.is_empty(), || format!("{between:?} are before {}", next.id))?;
    let first = LAW.answered(schedule.slots(after, next.open.next().unwrap_or(next.open)))?;
    LAW.check(first.first() == Some(&next), || format!("{first:?} begin with {}", next.id))
}

/// Law 2, the first half: the slots of two times, one after the other, are those of both.
///
/// # Errors
/// The law, if it does not hold.
pub fn parts_make_the_whole(schedule: &Schedule, a: Instant, b: Instant, c: Instant) -> Held {
    const LAW: Law = Law { number: 2, name: "parts_make_the_whole" };
    let mut parts = LAW.answered(schedule.slots(a, b))?;
    parts.extend(LAW.answered(schedule.slots(b, c))?);
    let whole = LAW.answered(schedule.slots(a, c))?;
    LAW.check(parts == whole, || format!("{parts:?} are not {whole:?}"))
}

/// Law 2, the second half: between two days each of its days has its slots, each once and in their order,
/// and no other day has any. From one slot to the next leads [`Schedule::next_after`].
///
/// # Errors
/// The law, if it does not hold.
pub fn one_slot_a_day(schedule: &Schedule, first: Date, last: Date) -> Held {
    const LAW: Law = Law { number: 2, name: "one_slot_a_day" };
    let zone = schedule.zone();
    let begin = |date: Date| zone.first_at(date, WallTime::MIN);
    let (Some(from), Some(to)) = (begin(first), last.plus(1).and_then(begin)) else {
        return Ok(());
    };
    let slots = LAW.answered(schedule.slots(from, to))?;
    let ids: Vec<_> = slots.iter().map(|slot| (slot.id.date, slot.at)).collect();
    let sorted = ids.windows(2).all(|pair| matches!(pair, [one, next] if one < next));
    LAW.check(sorted, || format!("{ids:?} are not in their order, or not each once"))?;
    let found: BTreeSet<Date> = ids.iter().map(|(date, _)| *date).collect();
    let mut date = Some(first);
    while let Some(day) = date.filter(|day| *day <= last) {
        let has = LAW.answered(schedule.has(day))?;
        // A day that the clocks skip opens with the next one, which may be beyond the last.
        let is_skipped = begin(day) == day.plus(1).and_then(begin);
        LAW.check(found.contains(&day) == has || is_skipped, || format!("{day} has slots: {has}"))?;
        date = day.plus(1);
    }
    for pair in slots.windows(2) {
        if let [one, next] = pair {
            let after = LAW.answered(schedule.next_after(one.id))?;
            LAW.check(after.as_ref() == Some(next), || format!("after {} is {after:?}", one.id))?;
        }
    }
    Ok(())
}

/// Law 3: a window opens at the first instant at which the clocks show its time or a later one. Where they
/// show it once, that is when; a later time never opens earlier.
///
/// # Errors
/// The law, if it does not hold.
pub fn opens_at_the_first_instant(zone: Zone, date: Date, at: WallTime) -> Held {
    const LAW: Law = Law { number: 3, name: "opens_at_the_first_instant" };
    let Some(open) = zone.first_at(date, at) else { return Ok(()) };
    let time = format!("{at}:00");
    let nominal = format!("{date}T{}", time.get(..8).unwrap_or_default());
    let shown = |at: Instant| zone.clock(at).map(|(local, _)| format!("{local:?}"));
    let is_before = |at: Instant| shown(at).is_none_or(|local| local < nominal);
    LAW.check(!is_before(open), || {
        format!("{zone} shows {:?} at {open}, not {nominal}", shown(open))
    })?;
    // The instant before, and the hours before that: none shows the time, or a later one.
    let before = [Duration::from_micros(1), Duration::from_micros(1_000_000)].into_iter().flatten();
    let quarters = (1..=4 * 48).map(|quarter| Duration::from_mins(15 * quarter));
    for ago in before.chain(quarters) {
        let earlier = open.saturating_sub(ago);
        LAW.check(is_before(earlier), || {
            format!("{zone} shows {:?} at {earlier}, before {open} for {nominal}", shown(earlier))
        })?;
    }
    for (later, time) in [(date, WallTime::MAX), (date.plus(1).unwrap_or(date), at)] {
        let opens = zone.first_at(later, time).unwrap_or(Instant::MAX);
        LAW.check(opens >= open, || format!("{later}T{time} opens before {nominal} in {zone}"))?;
    }
    Ok(())
}

/// Law 4: a window opens before it closes, ends before its end, and nothing starts in its cutoff.
///
/// # Errors
/// The law, if it does not hold.
pub fn windows_are_half_open(schedule: &Schedule, from: Instant, to: Instant) -> Held {
    const LAW: Law = Law { number: 4, name: "windows_are_half_open" };
    for slot in LAW.answered(schedule.slots(from, to))? {
        let ordered =
            slot.open < slot.close && slot.open <= slot.cutoff && slot.cutoff <= slot.close;
        LAW.check(ordered, || format!("{slot:?}"))?;
        let holds = slot.contains(slot.open) && !slot.contains(slot.close);
        let starts = slot.may_start(slot.open) == (slot.open < slot.cutoff);
        LAW.check(holds && starts && !slot.may_start(slot.cutoff), || format!("{slot:?}"))?;
    }
    Ok(())
}
