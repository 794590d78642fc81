//! Types that stand in a document as the text they are read from and written as.

/// Makes a type that has [`FromStr`](std::str::FromStr) and [`Display`](std::fmt::Display) readable
/// and writable in a document. With a pattern, the JSON Schema says what the parser accepts.
macro_rules! text_form {
    ($type:ident, $about:literal $(, $pattern:expr)?) => {
        #[cfg(feature = "documents")]
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "documents")]
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "documents")]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": $about,
                    $("pattern": $pattern,)?
                })
            }
        }
    };
}

pub(crate) use text_form;
