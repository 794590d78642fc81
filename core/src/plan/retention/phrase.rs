//! A citation as a part of a sentence.

use crate::error::quoted;
use crate::size::Size;
use crate::wire::Citation;

impl Citation<'_> {
    /// What it says, in words: `it is 8d old, and the limit is 7d`.
    #[must_use]
    pub fn phrase(&self) -> String {
        let n = self.n.unwrap_or_default();
        let of = self.of.unwrap_or_default();
        let age = self.age.unwrap_or_default();
        let limit = self.limit.unwrap_or_default();
        let period = self.period.as_deref().unwrap_or("its period");
        let id = || quoted(self.id.as_deref().unwrap_or_default());
        let counted = || match self.of {
            Some(of) => format!("{n} of {of}"),
            None => format!("number {n}"),
        };
        match &*self.why {
            "over_age" => format!("it is {age} old, and the limit is {limit}"),
            "over_count" => format!("it is number {n} from the newest, and the limit is {of}"),
            "over_bytes" => format!(
                "it and all that are newer have {}, and the limit is {}",
                Size::new(n),
                Size::new(of)
            ),
            "period_taken" => format!("no keep rule claims it: {} stands for {period}", id()),
            "period_covered" => format!("no keep rule claims it: {} covers {period}", id()),
            "count_full" => format!("no keep rule claims it: the {of} that count are newer"),
            "too_old" => {
                let rule = quoted(&self.rule);
                format!("no keep rule claims it: {rule} reaches back no further than {limit}")
            }
            "not_about" => "no keep rule claims it: none is about it".to_owned(),
            "required" => "it does not yet meet what is required".to_owned(),
            "held" => "it is held".to_owned(),
            "newest" => format!("it is among the newest, which always stay ({})", counted()),
            "young" => format!("it is {age} old, and what is younger than {limit} always stays"),
            "claimed" if self.period.is_none() => format!("it is among the newest ({})", counted()),
            "claimed" => format!("it stands for {period} ({})", counted()),
            "oldest" => format!("it is the oldest of all ({})", counted()),
            "saved" => "a keep rule is about it".to_owned(),
            "within_limits" => "it is over no limit".to_owned(),
            "not_matched" => "the rule is not about it".to_owned(),
            "null_time" => "it has no time, and what has none is never removed".to_owned(),
            "future" => "it is in the future".to_owned(),
            other => other.replace('_', " "),
        }
    }
}
