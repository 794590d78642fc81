//! Settings that are one word of a few.

/// An enum whose variants a policy writes as words; the first that is a default is that of the rule.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        #[cfg_attr(
            feature = "documents",
            derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)
        )]
        #[cfg_attr(feature = "documents", serde(rename_all = "kebab-case"))]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// Every one, in the order of the documentation.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word a policy uses.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        #[cfg(feature = "postgres")]
        $crate::words::words_in_sql!($name);
    };
}

/// The same as a value of PostgreSQL's.
#[cfg(feature = "postgres")]
macro_rules! words_in_sql {
    ($name:ident) => {
        impl postgres_types::ToSql for $name {
            fn to_sql(
                &self,
                ty: &postgres_types::Type,
                out: &mut postgres_types::private::BytesMut,
            ) -> Result<postgres_types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
                postgres_types::ToSql::to_sql(&self.as_str(), ty, out)
            }

            fn accepts(ty: &postgres_types::Type) -> bool {
                $crate::postgres::takes_words(ty)
            }

            postgres_types::to_sql_checked!();
        }

        impl<'a> postgres_types::FromSql<'a> for $name {
            fn from_sql(
                _: &postgres_types::Type,
                raw: &'a [u8],
            ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                $crate::postgres::word(raw, Self::ALL, Self::as_str)
            }

            fn accepts(ty: &postgres_types::Type) -> bool {
                $crate::postgres::takes_words(ty)
            }
        }
    };
}

pub(crate) use words;
#[cfg(feature = "postgres")]
pub(crate) use words_in_sql;
