//! Progress, and stopping.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use housekeep::dedupe::{decide, nearest, sweep};
use housekeep::{Code, Control, Error, Kind, Progress};

use crate::data::{Item, ROWS, items, now, rules, view};

type Question<'a> = (&'a str, &'a dyn Fn(&Control<'_>) -> Result<(), Error>);

/// Everything that takes a control, over these rows.
fn questions(items: &[Item], mut visit: impl FnMut(Question<'_>)) {
    let rule = &rules()[0];
    visit(("decide", &|control| decide(&view(items), rule, now(), control).map(drop)));
    visit(("nearest", &|control| nearest(&view(items), rule, now(), control).map(drop)));
    visit(("sweep", &|control| sweep(&view(items), rule, &[], now(), control).map(drop)));
}

#[test]
fn progress_only_grows_and_ends_complete() {
    for sorted in [false, true] {
        let mut items = items(ROWS, false);
        if sorted {
            items.sort_by_key(|item| item.id);
        }
        questions(&items, |(what, ask)| {
            for threads in [1, 2, 3] {
                let seen = Mutex::new(Vec::new());
                let note = |progress: Progress| seen.lock().unwrap().push(progress);
                ask(&Control::new().threads(threads).unwrap().progress(&note)).unwrap();
                let seen = seen.into_inner().unwrap();
                let of = seen[0].of;
                let case = format!("{what} on {threads}, sorted: {sorted}");
                assert!(seen.len() > 10, "{case}: {}", seen.len());
                assert!(seen.iter().all(|now| now.of == of && now.done <= of), "{case}");
                assert!(seen.is_sorted_by_key(|now| now.done), "{case}");
                assert_eq!(seen.last().map(|now| now.done), Some(of), "{case}");
            }
        });
    }
}

#[test]
fn a_caller_that_says_stop_is_heard_at_every_step() {
    let items = items(ROWS / 10, false);
    questions(&items, |(what, ask)| {
        for threads in [1, 3] {
            let asked = AtomicU64::new(0);
            let never = || {
                asked.fetch_add(1, Ordering::Relaxed);
                false
            };
            ask(&Control::new().threads(threads).unwrap().cancel(&never)).unwrap();
            let times = asked.into_inner();
            assert!(times > 20, "{what}: asked {times} times");

            for stop in 0..times {
                let asked = AtomicU64::new(0);
                let cancel = || asked.fetch_add(1, Ordering::Relaxed) >= stop;
                let control = Control::new().threads(threads).unwrap().cancel(&cancel);
                let error = ask(&control).expect_err(what);
                assert_eq!((error.code(), error.kind()), (Code::Cancelled, Kind::Cancelled));
                // Each thread asks at the most once more.
                let asked = asked.into_inner();
                assert!(asked <= stop + threads as u64, "{what}: asked {asked} times, not {stop}");
            }
        }
    });
}

#[test]
fn threads_are_counted_from_one_to_1024() {
    for (threads, fits) in [(0, false), (1, true), (1024, true), (1025, false)] {
        assert_eq!(Control::new().threads(threads).is_ok(), fits, "{threads}");
    }
    let error = Control::new().threads(0).unwrap_err();
    assert_eq!(error.message(), "the number of threads is 0, outside 1 to 1024");
}
