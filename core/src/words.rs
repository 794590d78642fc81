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
    };
}

pub(crate) use words;
