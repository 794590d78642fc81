//! Slots, and what is due and missed, as text.

use housekeep::policy::ScheduleRule;
use housekeep::schedule::{Due, Slot, State};
use housekeep::wire::{DueAnswer, KeepAnswer, MissedAnswer, NextAnswer, SlotsAnswer};

use super::table::{Heading, Holds, lines};
use super::{BAD, BOLD, CAREFUL, DIM, GOOD, MARKED, SHOWN_ROWS, grouped, more, plain};

const HEADINGS: [Heading; 5] = [
    Heading("slot", Holds::Word),
    Heading("on its clock", Holds::Word),
    Heading("opens", Holds::Word),
    Heading("may start until", Holds::Word),
    Heading("announced", Holds::Word),
];

pub(crate) fn next(answer: &NextAnswer) -> String {
    match answer.slot {
        Some(slot) => table(answer.rule(), &[slot]),
        None => "no slot ever comes\n".into(),
    }
}

pub(crate) fn slots(answer: &SlotsAnswer) -> String {
    let (count, zone) = (answer.slots.len() as u64, answer.rule().schedule().zone());
    let word = if count == 1 { "slot" } else { "slots" };
    let title = format!(
        "{BOLD}schedule.{}{BOLD:#}, {} {word} from {} to {}, on the clocks of {zone}\n",
        answer.rule().name(),
        grouped(count),
        answer.from,
        answer.to
    );
    let shown = answer.slots.get(..SHOWN_ROWS).unwrap_or(&answer.slots);
    let table = if shown.is_empty() { String::new() } else { table(answer.rule(), shown) };
    title + &table + &more(count)
}

fn table(rule: &ScheduleRule, slots: &[Slot]) -> String {
    let has_notice = slots.iter().any(|slot| slot.notice_at.is_some());
    let headings = HEADINGS.iter().take(4 + usize::from(has_notice)).copied();
    let headings: Vec<Heading> = headings.collect();
    let row = |slot: &Slot| {
        let own =
            [rule.key(slot.id), slot.nominal(), slot.open.to_string(), slot.cutoff.to_string()];
        let notice = slot.notice_at.map(|at| at.to_string());
        (DIM, own.into_iter().chain(notice).collect())
    };
    lines(&headings, &slots.iter().map(row).collect::<Vec<_>>())
}

pub(crate) fn due(answer: &DueAnswer) -> String {
    let (style, rest) = match &answer.due {
        Due::Run(offer) => {
            let claim = answer.rule().claim(offer.slot.id, offer.nth);
            let tasks = match offer.tasks.as_slice() {
                [] => String::new(),
                tasks => format!("  tasks: {}\n", tasks.join(", ")),
            };
            (GOOD, format!("  claim: {claim}\n{tasks}"))
        }
        Due::Notice(_) => (MARKED, String::new()),
        Due::Wait(_) => (DIM, String::new()),
    };
    format!("{style}{}{style:#}\n{rest}", answer.sentence())
}

pub(crate) fn missed(answer: &MissedAnswer) -> String {
    let missed = &answer.missed;
    let runs = missed.runs.iter().map(|offer| (GOOD, answer.sentence(offer)));
    let running = missed.running.iter().map(|run| (MARKED, answer.running_sentence(run)));
    let undone = [(CAREFUL, answer.deferred()), (BAD, answer.gave_up()), (DIM, answer.dropped())];
    let undone = undone
        .into_iter()
        .flat_map(|(style, slots)| slots.into_iter().map(move |undone| (style, undone.sentence)));
    let lines = runs.chain(running).chain(undone);
    let lines: Vec<String> =
        lines.map(|(style, sentence)| format!("{style}{sentence}{style:#}\n")).collect();
    if lines.is_empty() { "nothing was missed\n".into() } else { lines.concat() }
}

pub(crate) fn keep_until(answer: &KeepAnswer) -> String {
    let key = answer.rule().key(answer.slot);
    format!("what is remembered of `{key}` is needed until {}\n", answer.until)
}

pub(crate) fn begun(rule: &ScheduleRule, state: &State) -> String {
    format!("slots of `{}` count from `{}` on\n", rule.name(), rule.key(state.since()))
}

/// What is remembered of a slot of which something was recorded.
pub(crate) fn recorded(rule: &ScheduleRule, slot: &str, state: &State) -> String {
    let id = rule.read_slot(slot).ok().map(|(id, _)| id);
    let run = id.and_then(|id| state.run(id));
    let word = run.map_or("unknown", |run| run.state.as_str());
    let key = id.map(|id| rule.key(id)).unwrap_or_default();
    format!("`{}` is {word}\n", plain(&key))
}

pub(crate) fn forgotten(before: usize, after: usize) -> String {
    let gone = before.saturating_sub(after) as u64;
    format!("{} forgotten, {} kept\n", grouped(gone), grouped(after as u64))
}
