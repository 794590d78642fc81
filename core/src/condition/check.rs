//! What no condition may say: checked when a policy is read.

use thiserror::Error;

use super::{Literal, Test};
use crate::columns::Type;
use crate::error::{Code, Leaf, quoted};
use crate::time::parse_instant;

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
    #[error("{} is no list, and `has` asks what a list holds", .0.described())]
    NoList(Type),
}

impl Leaf for BadTest {
    fn code(&self) -> Code {
        match self {
            BadTest::Never => Code::PolicyNeverMatches,
            BadTest::Empty => Code::PolicyBadValue,
            BadTest::Type { .. } | BadTest::Mixed(..) | BadTest::NoList(_) => Code::PolicyWrongType,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadTest::Never => "widen it, or take it out",
                BadTest::Empty => {
                    "give a value, a list, or some of is, not, in, has, lt, le, gt, ge, null"
                }
                BadTest::Type { ty: Type::List, .. } => {
                    "say what the list has, such as `{ has = [\"…\"] }`"
                }
                BadTest::Type { .. } => "write the value in the column's type",
                BadTest::Mixed(..) => "compare a column with values of one type",
                BadTest::NoList(_) => "compare it with a value, such as `{ is = \"…\" }`",
            }
            .into(),
        )
    }
}

impl Literal {
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
}

impl Test {
    fn bounds(&self) -> [&Option<Literal>; 4] {
        [&self.lt, &self.le, &self.gt, &self.ge]
    }

    fn literals(&self) -> impl Iterator<Item = &Literal> {
        let lists = [&self.is, &self.not].into_iter().flatten().flatten();
        lists.chain(self.bounds().into_iter().flatten())
    }

    /// Whether it compares with no value at all.
    fn is_open(&self) -> bool {
        self.has.is_none() && self.literals().next().is_none()
    }

    /// The type its values ask the column to have; `None` where it compares with none.
    pub(crate) fn ty(&self) -> Result<Option<Type>, BadTest> {
        // What a list holds is text, and it is compared with nothing else.
        let mut found = self.has.as_ref().map(|_| Type::List);
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
        if self.has.as_ref().is_some_and(Vec::is_empty) {
            return Err(BadTest::Empty);
        }
        if let (Some(_), Some(ty)) = (&self.has, ty.filter(|ty| *ty != Type::List)) {
            return Err(BadTest::NoList(ty));
        }
        if self.null.is_none() && self.is_open() {
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
            has: self.has.clone(),
            lt: one(&self.lt)?,
            le: one(&self.le)?,
            gt: one(&self.gt)?,
            ge: one(&self.ge)?,
            null: self.null,
        };
        if test.is_impossible() { Err(BadTest::Never) } else { Ok(test) }
    }

    fn is_impossible(&self) -> bool {
        if self.null == Some(true) && !self.is_open() {
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
}
