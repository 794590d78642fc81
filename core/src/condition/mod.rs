//! Conditions on a row: field → value, list of values, or a set of comparisons. Data, not code.

#[cfg(feature = "documents")]
mod document;

use thiserror::Error;

use crate::columns::{Cell, Type};
use crate::error::{Code, Leaf, quoted};
use crate::time::{Instant, parse_instant};

/// What one field has to be. All comparisons given have to hold; null meets none but `null = true`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Test {
    /// One of these.
    pub is: Option<Vec<Literal>>,
    /// None of these.
    pub not: Option<Vec<Literal>>,
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

/// Why a test cannot be used.
#[derive(Debug, Error)]
pub(crate) enum BadTest {
    #[error("no row can meet this condition")]
    Never,
    #[error("the condition says nothing")]
    Empty,
    #[error("{} cannot be compared with {}", .ty.described(), quoted(.literal))]
    Type { ty: Type, literal: String },
    #[error("the condition compares with both {} and {}", .0.described(), .1.described())]
    Mixed(Type, Type),
}

impl Leaf for BadTest {
    fn code(&self) -> Code {
        match self {
            BadTest::Never => Code::PolicyNeverMatches,
            BadTest::Empty => Code::PolicyBadValue,
            BadTest::Type { .. } | BadTest::Mixed(..) => Code::PolicyWrongType,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadTest::Never => "widen it, or take it out",
                BadTest::Empty => {
                    "give a value, a list, or some of is, not, in, lt, le, gt, ge, null"
                }
                BadTest::Type { .. } => "write the value in the column's type",
                BadTest::Mixed(..) => "compare a column with values of one type",
            }
            .into(),
        )
    }
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

    /// The same value in the type of its column.
    fn cast(&self, ty: Type) -> Result<Self, BadTest> {
        let bad = |text: &str| BadTest::Type { ty, literal: text.to_owned() };
        match (self, ty) {
            (literal, ty) if literal.ty() == ty => Ok(literal.clone()),
            (Literal::Text(text), Type::Uuid) => {
                crate::columns::parse_uuid(text).map(Literal::Uuid).ok_or_else(|| bad(text))
            }
            (Literal::Text(text), Type::Instant) => {
                let at = parse_instant(text.as_bytes(), None);
                at.map(Literal::Instant).map_err(|_| bad(text))
            }
            (Literal::Text(text), _) => Err(bad(text)),
            (Literal::Integer(value), _) => Err(bad(&value.to_string())),
            (Literal::Boolean(value), _) => Err(bad(&value.to_string())),
            (other, _) => Err(BadTest::Mixed(other.ty(), ty)),
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

    fn bounds(&self) -> [&Option<Literal>; 4] {
        [&self.lt, &self.le, &self.gt, &self.ge]
    }

    fn literals(&self) -> impl Iterator<Item = &Literal> {
        let lists = [&self.is, &self.not].into_iter().flatten().flatten();
        lists.chain(self.bounds().into_iter().flatten())
    }

    /// The type its values ask the column to have; `None` where it compares with none.
    pub(crate) fn ty(&self) -> Result<Option<Type>, BadTest> {
        let mut found = None;
        for literal in self.literals() {
            let ty = *found.get_or_insert(literal.ty());
            if ty != literal.ty() {
                return Err(BadTest::Mixed(ty, literal.ty()));
            }
        }
        Ok(found)
    }

    /// The test with its values in the column's type, refused if no row could ever meet it.
    pub(crate) fn check(&self, ty: Option<Type>) -> Result<Self, BadTest> {
        if self.null.is_none() && self.literals().next().is_none() {
            return Err(if self.is.is_some() { BadTest::Never } else { BadTest::Empty });
        }
        let cast = |literal: &Literal| ty.map_or(Ok(literal.clone()), |ty| literal.cast(ty));
        let one = |side: &Option<Literal>| side.as_ref().map(cast).transpose();
        let list = |side: &Option<Vec<Literal>>| {
            side.as_ref().map(|all| all.iter().map(cast).collect()).transpose()
        };
        let test = Self {
            is: list(&self.is)?,
            not: list(&self.not)?,
            lt: one(&self.lt)?,
            le: one(&self.le)?,
            gt: one(&self.gt)?,
            ge: one(&self.ge)?,
            null: self.null,
        };
        if test.is_impossible() { Err(BadTest::Never) } else { Ok(test) }
    }

    fn is_impossible(&self) -> bool {
        if self.null == Some(true) && self.literals().next().is_some() {
            return true;
        }
        if let Some(values) = &self.is {
            // Each value that is asked for is ruled out by something else.
            return !values.iter().any(|value| self.admits(value));
        }
        let above = [(&self.gt, false), (&self.ge, true)];
        let below = [(&self.lt, false), (&self.le, true)];
        above.iter().any(|(low, low_edge)| {
            below.iter().any(|(high, high_edge)| match (low, high) {
                (Some(low), Some(high)) => {
                    low > high || (low == high && !(*low_edge && *high_edge))
                }
                _ => false,
            })
        })
    }

    fn admits(&self, value: &Literal) -> bool {
        let ruled_out = self.not.as_ref().is_some_and(|not| not.contains(value));
        !ruled_out
            && self.lt.as_ref().is_none_or(|bound| value < bound)
            && self.le.as_ref().is_none_or(|bound| value <= bound)
            && self.gt.as_ref().is_none_or(|bound| value > bound)
            && self.ge.as_ref().is_none_or(|bound| value >= bound)
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
            && compares(&self.lt, std::cmp::Ordering::is_lt)
            && compares(&self.le, std::cmp::Ordering::is_le)
            && compares(&self.gt, std::cmp::Ordering::is_gt)
            && compares(&self.ge, std::cmp::Ordering::is_ge)
    }
}
