//! A number as JSON has it, and the two that it does not have.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::bounds::EXACT_INTEGERS;

/// A number. One without a fraction is written as an integer, and an infinite one as a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

/// The texts that stand for what JSON cannot say.
const WORDS: [(&str, f64); 3] =
    [("Infinity", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY), ("NaN", f64::NAN)];

impl Number {
    /// The number that a text stands for.
    pub(super) fn word(text: &str) -> Option<f64> {
        WORDS.iter().find(|(word, _)| *word == text).map(|(_, number)| *number)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(number) = *self;
        if number.fract() == 0.0 && number.abs() <= EXACT_INTEGERS {
            #[expect(clippy::cast_possible_truncation, reason = "it is an integer, and small")]
            return serializer.serialize_i64(number as i64);
        }
        // There are several that are not a number.
        let is_same = |other: &f64| *other == number || (other.is_nan() && number.is_nan());
        match WORDS.iter().find(|(_, other)| is_same(other)) {
            Some((word, _)) => serializer.serialize_str(word),
            None => serializer.serialize_f64(number),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl Visitor<'_> for Value {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
                Ok(Number(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(number as f64))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(number as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                Number::word(text).map(Number).ok_or_else(|| E::custom("no number"))
            }
        }
        deserializer.deserialize_any(Value)
    }
}
