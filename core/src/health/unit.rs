//! What numbers count: shares, bytes or time.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;
use crate::text_form::text_form;

/// What kind of thing is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Measure {
    Share,
    Bytes,
    Time,
}

macro_rules! units {
    ($($(#[$about:meta])* $unit:ident $measure:ident ($top:literal / $bottom:literal) $names:expr;)*) => {
        /// What a metric counts in.
        ///
        /// Read from `%` or `percent`, `B`, `MiB`, `ms`, `h` and the like.
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Unit { $($(#[$about])* $unit,)* }

        impl Unit {
            /// Every unit.
            pub const ALL: &'static [Unit] = &[$(Unit::$unit,)*];

            /// What it is called. The first name is the one that is written.
            fn names(self) -> &'static [&'static str] {
                match self { $(Unit::$unit => &$names,)* }
            }

            /// What it measures, and how much it is of what that is measured in (one, a byte, a
            /// second), as a fraction.
            fn size(self) -> (Measure, u64, u64) {
                match self { $(Unit::$unit => (Measure::$measure, $top, $bottom),)* }
            }
        }
    };
}

units! {
    /// Hundredths.
    Percent Share (1 / 100) ["%", "percent"];
    /// A share of one.
    Ratio Share (1 / 1) ["ratio"];
    /// Bytes.
    Bytes Bytes (1 / 1) ["B", "bytes"];
    /// 1,000 bytes.
    Kilobytes Bytes (1_000 / 1) ["kB"];
    /// 1,024 bytes.
    Kibibytes Bytes (1_024 / 1) ["KiB"];
    /// 1,000 kB.
    Megabytes Bytes (1_000_000 / 1) ["MB"];
    /// 1,024 KiB.
    Mebibytes Bytes (1_048_576 / 1) ["MiB"];
    /// 1,000 MB.
    Gigabytes Bytes (1_000_000_000 / 1) ["GB"];
    /// 1,024 MiB.
    Gibibytes Bytes (1_073_741_824 / 1) ["GiB"];
    /// 1,000 GB.
    Terabytes Bytes (1_000_000_000_000 / 1) ["TB"];
    /// 1,024 GiB.
    Tebibytes Bytes (1_099_511_627_776 / 1) ["TiB"];
    /// Millionths of a second.
    Microseconds Time (1 / 1_000_000) ["us"];
    /// Thousandths of a second.
    Milliseconds Time (1 / 1_000) ["ms"];
    /// Seconds.
    Seconds Time (1 / 1) ["s", "seconds"];
    /// 60 seconds.
    Minutes Time (60 / 1) ["m", "min"];
    /// 60 minutes.
    Hours Time (3_600 / 1) ["h"];
    /// 24 hours.
    Days Time (86_400 / 1) ["d"];
    /// 7 days.
    Weeks Time (604_800 / 1) ["w"];
}

/// A text that is no unit.
#[derive(Debug, Error)]
#[error("{} is no unit", quoted(.0))]
struct NotAUnit(String);

impl Leaf for NotAUnit {
    fn code(&self) -> Code {
        Code::PolicyUnknownValue
    }

    fn help(&self) -> Option<String> {
        let names = Unit::ALL.iter().flat_map(|unit| unit.names().iter().copied());
        suggest::help(&self.0, names)
    }
}

impl Unit {
    /// How it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.names().first().copied().unwrap_or_default()
    }

    /// The unit of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|unit| unit.names().contains(&name))
    }

    /// A number of this unit in another, if the two measure the same.
    pub(super) fn convert(self, number: f64, to: Self) -> Option<f64> {
        let ((own, top, bottom), (other, to_top, to_bottom)) = (self.size(), to.size());
        // A product of whole numbers and one division: 85 % of one is 0.85, and 85 % are 85 %.
        let (top, bottom) = (u128::from(top * to_bottom), u128::from(bottom) * u128::from(to_top));
        (own == other).then(|| match (top.is_multiple_of(bottom), bottom.is_multiple_of(top)) {
            (true, _) => number * (top / bottom) as f64,
            (_, true) => number / (bottom / top) as f64,
            _ => number * top as f64 / bottom as f64,
        })
    }
}

impl FromStr for Unit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self::named(text).ok_or_else(|| NotAUnit(text.to_owned()))?)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_form!(
    Unit,
    "What a metric counts in: `percent` or `%`, `ratio`, `B`, `kB`, `KiB`, `MB`, `MiB`, `GB`, `GiB`, `TB`, `TiB`, `us`, `ms`, `s`, `m`, `h`, `d` or `w`."
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_value_in_another_unit() {
        let cases = [
            (85.0, Unit::Percent, Unit::Ratio, 0.85),
            (85.0, Unit::Percent, Unit::Percent, 85.0),
            (0.07, Unit::Ratio, Unit::Percent, 7.000_000_000_000_001),
            (1.0, Unit::Gigabytes, Unit::Bytes, 1e9),
            (1.0, Unit::Gibibytes, Unit::Mebibytes, 1024.0),
            (1.5, Unit::Hours, Unit::Minutes, 90.0),
            (50.0, Unit::Milliseconds, Unit::Seconds, 0.05),
            (1.0, Unit::Megabytes, Unit::Mebibytes, 1e6 / 1_048_576.0),
        ];
        for (number, from, to, meant) in cases {
            assert_eq!(from.convert(number, to), Some(meant), "{number}{from} in {to}");
        }
        assert_eq!(Unit::Bytes.convert(1.0, Unit::Seconds), None);
        for unit in Unit::ALL {
            assert_eq!(unit.as_str().parse::<Unit>().unwrap(), *unit);
        }
    }
}
