//! The type of a column whose every value is text, from the values themselves.

use super::uuid;
use super::{Cell, Type};
use crate::time::parse_instant;

/// The types that every value so far was written canonically in: as housekeep would write it back.
/// Reading such a column as that type therefore loses nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guess {
    integer: bool,
    uuid: bool,
    instant: bool,
}

impl Guess {
    pub(crate) const OPEN: Self = Self { integer: true, uuid: true, instant: true };

    #[inline]
    pub(crate) fn observe(&mut self, text: &str) {
        self.integer = self.integer && integer(text).is_some();
        self.uuid = self.uuid && uuid::parse_canonical(text).is_some();
        self.instant = self.instant && instant(text).is_some();
    }

    pub(crate) fn ty(self) -> Type {
        if self.integer {
            Type::Integer
        } else if self.uuid {
            Type::Uuid
        } else if self.instant {
            Type::Instant
        } else {
            Type::Text
        }
    }
}

/// The value of a text that was observed to be canonical in `ty`.
pub(crate) fn canonical(text: &str, ty: Type) -> Cell<'_> {
    let found = match ty {
        Type::Integer => integer(text).map(Cell::Integer),
        Type::Uuid => uuid::parse_canonical(text).map(Cell::Uuid),
        Type::Instant => instant(text),
        Type::Text | Type::Boolean | Type::List | Type::Number => None,
    };
    found.unwrap_or(Cell::Text(text))
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.starts_with('0') && text != "0";
    let plain = !leading_zero && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn instant(text: &str) -> Option<Cell<'static>> {
    // Cheap look first: most texts are no time.
    if text.len() < 20 || !text.ends_with('Z') {
        return None;
    }
    let at = parse_instant(text.as_bytes(), None).ok()?;
    (at.to_string() == text).then_some(Cell::Instant(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(values: &[&str]) -> Type {
        let mut guess = Guess::OPEN;
        values.iter().for_each(|value| guess.observe(value));
        guess.ty()
    }

    #[test]
    fn only_what_is_written_back_the_same_is_guessed() {
        assert_eq!(guess(&["1", "-7", "0", "9223372036854775807"]), Type::Integer);
        for odd in ["007", "+1", "-0", "", "1.0", "9223372036854775808", " 1"] {
            assert_eq!(guess(&["1", odd]), Type::Text, "{odd}");
        }
        assert_eq!(guess(&["67e55044-10b1-426f-9247-bb680e5fe0c8"]), Type::Uuid);
        assert_eq!(guess(&["67E55044-10B1-426F-9247-BB680E5FE0C8"]), Type::Text);
        assert_eq!(guess(&["2026-02-13T03:00:00Z"]), Type::Instant);
        assert_eq!(guess(&["2026-02-13T03:00:00+00:00"]), Type::Text);
    }
}
