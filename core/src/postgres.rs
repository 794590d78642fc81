//! Values of ours as PostgreSQL's, for the `postgres` and `tokio-postgres` crates.
//!
//! | here | there |
//! |---|---|
//! | [`Instant`] | `timestamptz`; infinity is an error |
//! | [`Cell`]: an id, or another value of a row | `text`, an integer, `uuid`, `boolean` or `timestamptz`, whichever it is compared with: an id of a plan that was read back is text |
//! | [`Status`], [`RunState`] and every other word of a few | `text`, or an enum of the same words |
//! | [`Policy`], [`Plan`], the state of [checks](health::State) and of [schedules](schedule::State) | `jsonb` or `json` |
//!
//! `jsonb` keeps no order of keys and no white space, which change nothing here; it holds no text with
//! U+0000, which no table holds either.
//!
//! [`Status`]: crate::health::Status
//! [`RunState`]: crate::schedule::RunState

use std::error::Error as StdError;

use postgres_types::private::BytesMut;
use postgres_types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

use crate::columns::{Cell, parse_uuid};
use crate::plan::Plan;
use crate::policy::Policy;
use crate::time::Instant;
use crate::{health, schedule};

type Failure = Box<dyn StdError + Sync + Send>;

/// Microseconds from 1970 to 2000, where PostgreSQL counts from.
const EPOCH: i64 = 946_684_800_000_000;
/// What the binary form of `jsonb` begins with.
const JSONB_VERSION: u8 = 1;

impl ToSql for Instant {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        (self.as_micros() - EPOCH).to_sql(&Type::INT8, out)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Instant {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let micros = i64::from_sql(&Type::INT8, raw)?;
        if micros == i64::MIN || micros == i64::MAX {
            return Err("an infinite time is no instant".into());
        }
        Ok(Instant::from_micros(micros.saturating_add(EPOCH))?)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        let unfit = || format!("{} is no {ty}", self.described());
        if <&str as ToSql>::accepts(ty) {
            return match self {
                Cell::Missing | Cell::Null => Ok(IsNull::Yes),
                Cell::Text(text) | Cell::Raw(text) => text.to_sql(ty, out),
                Cell::Unfit(_) | Cell::List(_) => Err(unfit().into()),
                other => other.to_string().to_sql(ty, out),
            };
        }
        match (*self, ty) {
            (Cell::Missing | Cell::Null, _) => Ok(IsNull::Yes),
            (Cell::Integer(number), &Type::INT8) => number.to_sql(ty, out),
            (Cell::Integer(number), &Type::INT4) => i32::try_from(number)?.to_sql(ty, out),
            (Cell::Integer(number), &Type::INT2) => i16::try_from(number)?.to_sql(ty, out),
            (Cell::Uuid(bytes), &Type::UUID) => {
                out.extend_from_slice(&bytes);
                Ok(IsNull::No)
            }
            (Cell::Boolean(value), &Type::BOOL) => value.to_sql(ty, out),
            (Cell::Instant(at), &Type::TIMESTAMPTZ) => at.to_sql(ty, out),
            (Cell::Text(text) | Cell::Raw(text), _) => {
                meant(text, ty).ok_or_else(unfit)?.to_sql(ty, out)
            }
            _ => Err(unfit().into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        <&str as ToSql>::accepts(ty) || is_of_cells(ty)
    }

    to_sql_checked!();
}

/// What a text means where a value of another type is asked for.
fn meant(text: &str, ty: &Type) -> Option<Cell<'static>> {
    match *ty {
        Type::INT2 | Type::INT4 | Type::INT8 => text.parse().ok().map(Cell::Integer),
        Type::UUID => parse_uuid(text).map(Cell::Uuid),
        Type::BOOL => text.parse().ok().map(Cell::Boolean),
        Type::TIMESTAMPTZ => Instant::parse(text).ok().map(Cell::Instant),
        _ => None,
    }
}

fn is_of_cells(ty: &Type) -> bool {
    let all = [Type::INT2, Type::INT4, Type::INT8, Type::UUID, Type::BOOL, Type::TIMESTAMPTZ];
    all.contains(ty)
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *ty {
            Type::INT8 => Cell::Integer(i64::from_sql(ty, raw)?),
            Type::INT4 => Cell::Integer(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Cell::Integer(i16::from_sql(ty, raw)?.into()),
            Type::UUID => Cell::Uuid(raw.try_into()?),
            Type::BOOL => Cell::Boolean(bool::from_sql(ty, raw)?),
            Type::TIMESTAMPTZ => Cell::Instant(Instant::from_sql(ty, raw)?),
            _ => Cell::Text(<&str>::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Cell::Null)
    }

    fn accepts(ty: &Type) -> bool {
        <&str as FromSql>::accepts(ty) || is_of_cells(ty)
    }
}

/// Whether a word of a few can be of a type.
pub(crate) fn takes_words(ty: &Type) -> bool {
    matches!(ty.kind(), Kind::Enum(_)) || <&str as ToSql>::accepts(ty)
}

/// The word of a few that is meant.
pub(crate) fn word<T: Copy>(
    raw: &[u8],
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
) -> Result<T, Failure> {
    let text = std::str::from_utf8(raw)?;
    let found = all.iter().copied().find(|word| as_str(*word) == text);
    found.ok_or_else(|| {
        let known: Vec<_> = all.iter().copied().map(as_str).collect();
        format!("`{text}` is none of {}", known.join(", ")).into()
    })
}

/// A document that is stored whole.
macro_rules! document {
    ($ty:ty, $write:expr, $read:expr) => {
        impl ToSql for $ty {
            fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
                if *ty == Type::JSONB {
                    out.extend_from_slice(&[JSONB_VERSION]);
                }
                out.extend_from_slice($write(self).as_bytes());
                Ok(IsNull::No)
            }

            fn accepts(ty: &Type) -> bool {
                matches!(*ty, Type::JSON | Type::JSONB)
            }

            to_sql_checked!();
        }

        impl<'a> FromSql<'a> for $ty {
            fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
                let raw = match raw {
                    [JSONB_VERSION, rest @ ..] if *ty == Type::JSONB => rest,
                    _ if *ty == Type::JSONB => return Err("jsonb of another version".into()),
                    whole => whole,
                };
                Ok($read(std::str::from_utf8(raw)?)?)
            }

            fn accepts(ty: &Type) -> bool {
                matches!(*ty, Type::JSON | Type::JSONB)
            }
        }
    };
}

document!(Policy, |own: &Policy| own.to_value().to_string(), Policy::from_json);
document!(Plan, Plan::to_json, Plan::from_json);
document!(health::State, health::State::to_json, |text: &str| {
    health::State::from_json(text.as_bytes())
});
document!(schedule::State, schedule::State::to_json, |text: &str| {
    schedule::State::from_json(text.as_bytes())
});
