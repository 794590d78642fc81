//! Conditions on a row: field → value, list of values, or a set of comparisons. Data, not code.

mod bound;
#[cfg(feature = "documents")]
mod check;
#[cfg(feature = "documents")]
mod document;

pub(crate) use bound::Bound;

use crate::columns::{Cell, Type};
use crate::time::Instant;

/// What one field has to be. All comparisons given have to hold; null meets none but `null = true`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Test {
    /// One of these.
    pub is: Option<Vec<Literal>>,
    /// None of these.
    pub not: Option<Vec<Literal>>,
    /// A list that holds all of these.
    pub has: Option<Vec<String>>,
    /// Less than.
    pub lt: Option<Literal>,
    /// Less than or equal.
    pub le: Option<Literal>,
    /// Greater than.
    pub gt: Option<Literal>,
    /// Greater than or equal.
    pub ge: Option<Literal>,
    /// Whether there is no value.
    pub null: Option<bool>,
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Literal {
    /// Text, by its bytes.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A UUID, where the column is one.
    Uuid([u8; 16]),
    /// A point in time, where the column holds times.
    Instant(Instant),
}

impl Literal {
    /// The type a column has if nothing else says so.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Literal::Text(_) => Type::Text,
            Literal::Integer(_) => Type::Integer,
            Literal::Boolean(_) => Type::Boolean,
            Literal::Uuid(_) => Type::Uuid,
            Literal::Instant(_) => Type::Instant,
        }
    }

    fn is(&self, cell: &Cell<'_>) -> bool {
        self.order(cell) == Some(std::cmp::Ordering::Equal)
    }

    /// How the cell compares with this; `None` between different types.
    fn order(&self, cell: &Cell<'_>) -> Option<std::cmp::Ordering> {
        match (cell, self) {
            (Cell::Text(a), Literal::Text(b)) => Some((*a).cmp(b.as_str())),
            (Cell::Integer(a), Literal::Integer(b)) => Some(a.cmp(b)),
            (Cell::Boolean(a), Literal::Boolean(b)) => Some(a.cmp(b)),
            (Cell::Uuid(a), Literal::Uuid(b)) => Some(a.cmp(b)),
            (Cell::Instant(a), Literal::Instant(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

impl Test {
    /// The bare form: one of these values.
    #[must_use]
    pub fn one_of(values: Vec<Literal>) -> Self {
        Self { is: Some(values), ..Self::default() }
    }

    /// Whether the value meets the test.
    #[must_use]
    pub fn matches(&self, cell: &Cell<'_>) -> bool {
        if matches!(cell, Cell::Null | Cell::Missing) {
            return self.null == Some(true);
        }
        let compares = |bound: &Option<Literal>, meets: fn(std::cmp::Ordering) -> bool| {
            bound.as_ref().is_none_or(|bound| bound.order(cell).is_some_and(meets))
        };
        self.null != Some(true)
            && self.is.as_ref().is_none_or(|all| all.iter().any(|value| value.is(cell)))
            && self.not.as_ref().is_none_or(|all| !all.iter().any(|value| value.is(cell)))
            && self.has.as_ref().is_none_or(|all| holds(cell, all))
            && compares(&self.lt, std::cmp::Ordering::is_lt)
            && compares(&self.le, std::cmp::Ordering::is_le)
            && compares(&self.gt, std::cmp::Ordering::is_gt)
            && compares(&self.ge, std::cmp::Ordering::is_ge)
    }
}

/// Whether the cell is a list that holds all of these.
fn holds(cell: &Cell<'_>, all: &[String]) -> bool {
    matches!(cell, Cell::List(list) if all.iter().all(|text| list.has(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::ListBuilder;

    #[test]
    fn a_list_has_what_is_asked_for_or_it_does_not() {
        let has = |texts: &[&str], null| Test {
            has: Some(texts.iter().map(|&text| text.to_owned()).collect()),
            null,
            ..Test::default()
        };
        let list: ListBuilder = ["a", "b", ""].into_iter().collect();
        let (list, empty) = (Cell::List(list.list()), ListBuilder::new());
        for (texts, meets) in [(&["a"][..], true), (&["b", "", "b"], true), (&["a", "c"], false)] {
            assert_eq!(has(texts, None).matches(&list), meets, "{texts:?}");
            assert_eq!(has(texts, Some(false)).matches(&list), meets, "{texts:?}");
            for other in [Cell::Null, Cell::Text("a"), Cell::List(empty.list())] {
                assert!(!has(texts, None).matches(&other), "{texts:?} in {other}");
            }
        }
        let is = |texts: &[&str]| {
            Test::one_of(texts.iter().map(|&text| Literal::Text(text.to_owned())).collect())
        };
        assert!(!is(&["a"]).matches(&list), "a list is no text");
    }
}
