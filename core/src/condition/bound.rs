//! Conditions on the columns of a table.

use super::{Literal, Test};
use crate::columns::{Column, Table, Type, same_bytes};
use crate::error::Error;

/// Conditions bound to the columns of a table, all of which have to hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bound<'a>(Vec<OnColumn<'a>>);

/// A test of one column, in the form that is asked of many rows.
#[derive(Clone, Debug)]
struct OnColumn<'a> {
    column: &'a Column,
    test: &'a Test,
    form: Form<'a>,
}

/// Values are compared as they lie in the column: no cell is made of them.
#[derive(Clone, Debug)]
enum Form<'a> {
    /// Texts and UUIDs.
    Bytes(Compared<&'a [u8]>),
    /// Integers, instants, true and false.
    Numbers(Compared<i64>),
    /// Lists.
    Cells,
}

/// What a value is compared with. Of another type than the column's, nothing is equal to any value,
/// and nothing is more or less.
#[derive(Clone, Debug)]
struct Compared<T> {
    is: Option<Vec<T>>,
    not: Vec<T>,
    lt: Option<T>,
    le: Option<T>,
    gt: Option<T>,
    ge: Option<T>,
}

impl<'a> Bound<'a> {
    /// Finds the columns by their names.
    ///
    /// # Errors
    /// `rows.missing_column`.
    pub(crate) fn new(table: &'a Table, given: &'a [(String, Test)]) -> Result<Self, Error> {
        let each = given.iter().map(|(name, test)| Ok(OnColumn::new(table.find(name)?, test)));
        each.collect::<Result<_, Error>>().map(Self)
    }

    /// Whether all hold of a row. Without conditions, they do.
    #[cfg(feature = "documents")]
    pub(crate) fn hold(&self, row: u32) -> bool {
        self.0.iter().all(|test| test.holds(row))
    }

    /// Sets `bit` in the flags of each row from `start` on of which they do not all hold.
    pub(crate) fn flag_others(&self, start: u32, flags: &mut [u8], bit: u8) {
        self.0.iter().for_each(|test| test.flag_others(start, flags, bit));
    }
}

impl<'a> OnColumn<'a> {
    fn new(column: &'a Column, test: &'a Test) -> Self {
        let form = match column.ty() {
            Type::Text => Form::Bytes(Compared::new(test, |literal| match literal {
                Literal::Text(text) => Some(text.as_bytes()),
                _ => None,
            })),
            Type::Uuid => Form::Bytes(Compared::new(test, |literal| match literal {
                Literal::Uuid(bytes) => Some(bytes.as_slice()),
                _ => None,
            })),
            Type::Integer => Form::Numbers(Compared::new(test, |literal| match literal {
                Literal::Integer(value) => Some(*value),
                _ => None,
            })),
            Type::Boolean => Form::Numbers(Compared::new(test, |literal| match literal {
                Literal::Boolean(value) => Some(i64::from(*value)),
                _ => None,
            })),
            Type::Instant => Form::Numbers(Compared::new(test, |literal| match literal {
                Literal::Instant(at) => Some(at.as_micros()),
                _ => None,
            })),
            Type::List | Type::Number => Form::Cells,
        };
        Self { column, test, form }
    }

    /// Of a null it holds that it is one, and nothing else.
    fn holds_of_null(&self) -> bool {
        self.test.null == Some(true)
    }

    #[cfg(feature = "documents")]
    fn holds(&self, row: u32) -> bool {
        match &self.form {
            Form::Bytes(compared) => {
                let bytes = self.column.bytes(row);
                bytes.map_or(self.holds_of_null(), |bytes| compared.admits(bytes))
            }
            Form::Numbers(compared) => {
                let number = self.column.number(row);
                number.map_or(self.holds_of_null(), |number| compared.admits(number))
            }
            Form::Cells => self.test.matches(&self.column.cell(row)),
        }
    }

    /// Sets `bit` in the flags of each row from `start` on of which it does not hold.
    fn flag_others(&self, start: u32, flags: &mut [u8], bit: u8) {
        let (of_null, count) = (self.holds_of_null(), flags.len());
        let mut flag = |n: usize, holds: bool| {
            if let Some(flags) = flags.get_mut(n) {
                *flags |= u8::from(!holds) * bit;
            }
        };
        match &self.form {
            Form::Bytes(compared) => match compared.only() {
                Some(value) => self.column.each_bytes(start, count, |n, bytes| {
                    flag(n, bytes.map_or(of_null, |bytes| same_bytes(bytes, value)));
                }),
                None => self.column.each_bytes(start, count, |n, bytes| {
                    flag(n, bytes.map_or(of_null, |bytes| compared.admits(bytes)));
                }),
            },
            Form::Numbers(compared) => self.column.each_number(start, count, |n, number| {
                flag(n, number.map_or(of_null, |number| compared.admits(number)));
            }),
            Form::Cells => {
                for (n, row) in (0..count).zip(start..) {
                    flag(n, self.test.matches(&self.column.cell(row)));
                }
            }
        }
    }
}

impl<T: Ord + Copy> Compared<T> {
    fn new<'a>(test: &'a Test, read: impl Fn(&'a Literal) -> Option<T>) -> Self {
        let all = |literals: &'a [Literal]| literals.iter().filter_map(&read).collect::<Vec<_>>();
        let bounds = [&test.lt, &test.le, &test.gt, &test.ge];
        let found = bounds.map(|bound| bound.as_ref().and_then(&read));
        let is_other =
            bounds.iter().zip(&found).any(|(bound, found)| bound.is_some() != found.is_some());
        // Only a null is null, and only a list has anything.
        let admits_none = is_other || test.null == Some(true) || test.has.is_some();
        let [lt, le, gt, ge] = found;
        Self {
            is: if admits_none { Some(Vec::new()) } else { test.is.as_deref().map(all) },
            not: test.not.as_deref().map(all).unwrap_or_default(),
            lt,
            le,
            gt,
            ge,
        }
    }

    /// The one value that is admitted, if nothing else is asked.
    fn only(&self) -> Option<T> {
        let is_bare =
            self.not.is_empty() && [self.lt, self.le, self.gt, self.ge].iter().all(Option::is_none);
        match self.is.as_deref() {
            Some(&[value]) if is_bare => Some(value),
            _ => None,
        }
    }

    #[inline]
    fn admits(&self, value: T) -> bool {
        self.is.as_ref().is_none_or(|all| all.contains(&value))
            && !self.not.contains(&value)
            && self.lt.is_none_or(|bound| value < bound)
            && self.le.is_none_or(|bound| value <= bound)
            && self.gt.is_none_or(|bound| value > bound)
            && self.ge.is_none_or(|bound| value >= bound)
    }
}
