//! A bar on stderr for what takes long.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{ProgressBar, ProgressStyle};

/// What takes less time needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Steps,
}

/// How far something has come. It is shown only on a terminal, and only once it takes long.
#[derive(Debug)]
pub(crate) struct Meter {
    what: &'static str,
    unit: Unit,
    /// When it began; none if nothing is to be shown at all.
    begun: Option<Instant>,
    bar: OnceLock<ProgressBar>,
}

impl Meter {
    pub(crate) fn new(what: &'static str, unit: Unit, quiet: bool) -> Self {
        let is_shown = !quiet && Term::stderr().is_term();
        Self { what, unit, begun: is_shown.then(Instant::now), bar: OnceLock::new() }
    }

    /// This much is done, of as much if that is known.
    pub(crate) fn at(&self, done: u64, of: Option<u64>) {
        if self.begun.is_none_or(|begun| begun.elapsed() < PATIENCE) {
            return;
        }
        let bar = self.bar.get_or_init(|| self.begin(of));
        bar.set_position(done);
    }

    fn begin(&self, of: Option<u64>) -> ProgressBar {
        let template = match (self.unit, of) {
            (Unit::Bytes, Some(_)) => "{msg} {wide_bar} {bytes} of {total_bytes}",
            (Unit::Bytes, None) => "{spinner} {msg} {bytes}",
            (Unit::Steps, Some(_)) => "{msg} {wide_bar} {percent} %",
            (Unit::Steps, None) => "{spinner} {msg} {human_pos}",
        };
        let bar = of.map_or_else(ProgressBar::no_length, ProgressBar::new);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
        bar.with_message(self.what)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
