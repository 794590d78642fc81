//! A block of rows, judged check by check in loops that do nothing else.

use super::columns::Measures;
use super::probe::{Form, Probe, failed, ratio, sample, seconds};
use super::set::{Set, with_test};
use super::{Status, code};
use crate::time::Instant;

/// Some rows that stand together.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) columns: &'a [Measures<'a>],
    pub(super) now: Instant,
    pub(super) start: usize,
    pub(super) length: usize,
}

/// Room for what is made of the columns of a block.
#[derive(Default)]
pub(super) struct Scratch {
    numbers: [Vec<f64>; 2],
    made: Vec<f64>,
    counts: [Vec<u16>; 4],
}

impl Block<'_> {
    /// Writes the status of a check in every row.
    pub(super) fn judge(&self, probe: &Probe, codes: &mut [u8], scratch: &mut Scratch) {
        match self.numbers(probe.form, scratch) {
            Some(numbers) => grade(numbers, probe, codes),
            None => codes.fill(probe.missing),
        }
        let Some((form, set)) = &probe.when else { return };
        match self.numbers(*form, scratch) {
            Some(numbers) => guard(numbers, *set, probe.missing, codes),
            None => codes.fill(probe.missing),
        }
    }

    /// The numbers of all rows; NaN where one is missing, and none where all are.
    fn numbers<'s>(&'s self, form: Form, scratch: &'s mut Scratch) -> Option<&'s [f64]> {
        let Scratch { numbers: [first, second], made, .. } = scratch;
        let Self { columns, now, start, length } = *self;
        let micros = now.as_micros();
        let column = |place: usize| columns.get(place);
        made.clear();
        match form {
            Form::Number(place) => return column(place)?.numbers(start, length, first),
            Form::Age(place) => {
                return column(place)?.seconds(start, length, |at| seconds(at, micros), made);
            }
            Form::Until(place) => {
                return column(place)?.seconds(start, length, |at| seconds(micros, at), made);
            }
            Form::Ratio(over, under) => {
                let over = column(over)?.numbers(start, length, first)?;
                let under = column(under)?.numbers(start, length, second)?;
                made.extend(over.iter().zip(under).map(|(&over, &under)| ratio(over, under)));
            }
            Form::Sample(place) => {
                let numbers = column(place)?.numbers(start, length, first)?;
                made.extend(numbers.iter().map(|&number| sample(number, now)));
            }
            Form::Failed(place) => {
                let numbers = column(place)?.numbers(start, length, first)?;
                made.extend(numbers.iter().map(|&number| failed(number)));
            }
            Form::Never => return None,
        }
        Some(made)
    }
}

/// Writes the status that the thresholds give each number.
fn grade(numbers: &[f64], probe: &Probe, codes: &mut [u8]) {
    let Probe { warn, crit, missing, .. } = *probe;
    with_test!(crit, is_crit => with_test!(warn, is_warn => {
        each(numbers, codes, |number, _| {
            // What is crit and a warning is crit.
            let (crit, warn) = (u8::from(is_crit(number)) * 3, u8::from(is_warn(number)));
            crit | warn | (u8::from(number.is_nan()) * missing)
        });
    }));
}

/// Where a guard is not met nothing is wrong, and where it is missing nothing is known.
fn guard(numbers: &[f64], set: Set, missing: u8, codes: &mut [u8]) {
    with_test!(set, is_met => each(numbers, codes, |number, code| {
        (u8::from(is_met(number)) * code) | (u8::from(number.is_nan()) * missing)
    }));
}

#[inline(always)]
fn each(numbers: &[f64], codes: &mut [u8], judge: impl Fn(f64, u8) -> u8) {
    for (code, &number) in codes.iter_mut().zip(numbers) {
        *code = judge(number, *code);
    }
}

/// Writes how bad at least so many members are in every row, and no worse than the cap.
pub(super) fn join<'c>(
    codes: &mut [u8],
    members: impl Iterator<Item = &'c [u8]>,
    hits: usize,
    cap: u8,
    scratch: &mut Scratch,
) {
    let mut any = false;
    if hits == 1 {
        codes.fill(0);
        for member in members {
            any = true;
            codes.iter_mut().zip(member).for_each(|(code, &member)| *code = (*code).max(member));
        }
    } else {
        for counts in &mut scratch.counts {
            counts.clear();
            counts.resize(codes.len(), 0);
        }
        for member in members {
            any = true;
            for (least, counts) in (0..).zip(&mut scratch.counts) {
                let counts = counts.iter_mut().zip(member);
                // No more are ever asked for than fit.
                counts.for_each(|(n, &code)| *n = n.saturating_add(u16::from(code >= least)));
            }
        }
        let hits = u16::try_from(hits).unwrap_or(u16::MAX);
        codes.fill(0);
        for (least, counts) in (0..).zip(&scratch.counts) {
            codes.iter_mut().zip(counts).for_each(|(code, &n)| {
                if n >= hits {
                    *code = least;
                }
            });
        }
    }
    if !any {
        codes.fill(code(Status::Unknown));
    }
    codes.iter_mut().for_each(|code| *code = (*code).min(cap));
}
