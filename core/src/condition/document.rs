//! Conditions as they stand in a document: a value, a list of values, or comparisons by name.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Literal, Test};
use crate::one_or_more::{OneOrMore, one_or_more};

const FIELDS: &[&str] = &["is", "not", "in", "has", "lt", "le", "gt", "ge", "null"];

impl Serialize for Literal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Literal::Text(text) => serializer.serialize_str(text),
            Literal::Integer(value) => serializer.serialize_i64(*value),
            Literal::Boolean(value) => serializer.serialize_bool(*value),
            Literal::Uuid(bytes) => serializer.collect_str(&crate::columns::Cell::Uuid(*bytes)),
            Literal::Instant(at) => serializer.collect_str(at),
        }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl Visitor<'_> for Value {
            type Value = Literal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number, true or false")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Literal, E> {
                Ok(Literal::Boolean(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Literal, E> {
                Ok(Literal::Integer(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Literal, E> {
                let wide = || E::invalid_value(serde::de::Unexpected::Unsigned(value), &self);
                i64::try_from(value).map(Literal::Integer).map_err(|_| wide())
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Literal, E> {
                Ok(Literal::Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

impl<'de> Deserialize<'de> for OneOrMore<Literal> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(TestVisitor { comparisons: false })
            .map(|test| Self(test.is.unwrap_or_default()))
    }
}

struct TestVisitor {
    comparisons: bool,
}

impl<'de> Visitor<'de> for TestVisitor {
    type Value = Test;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a whole number, true or false, or a list of those")?;
        if self.comparisons { f.write_str(", or a table of comparisons") } else { Ok(()) }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Test, E> {
        Ok(Test::one_of(vec![Literal::Boolean(value)]))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Test, E> {
        Ok(Test::one_of(vec![Literal::Integer(value)]))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Test, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => Err(E::invalid_value(serde::de::Unexpected::Unsigned(value), &self)),
        }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Test, E> {
        Ok(Test::one_of(vec![Literal::Text(value.to_owned())]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Test, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Test::one_of(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Test, A::Error> {
        if !self.comparisons {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Map, &self));
        }
        let mut test = Test::default();
        while let Some(Comparison(name)) = map.next_key()? {
            match name {
                // `is` and `in` say the same: one of these.
                "is" | "in" => test.is = Some(map.next_value::<OneOrMore<Literal>>()?.0),
                "not" => test.not = Some(map.next_value::<OneOrMore<Literal>>()?.0),
                "has" => test.has = Some(map.next_value::<OneOrMore<String>>()?.0),
                "lt" => test.lt = Some(map.next_value()?),
                "le" => test.le = Some(map.next_value()?),
                "gt" => test.gt = Some(map.next_value()?),
                "ge" => test.ge = Some(map.next_value()?),
                _ => test.null = Some(map.next_value()?),
            }
        }
        Ok(test)
    }
}

/// One of [`FIELDS`]; any other is refused where it stands.
struct Comparison(&'static str);

impl<'de> Deserialize<'de> for Comparison {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        let known = FIELDS.iter().find(|field| **field == name);
        known.map(|field| Self(field)).ok_or_else(|| D::Error::unknown_field(&name, FIELDS))
    }
}

impl<'de> Deserialize<'de> for Test {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TestVisitor { comparisons: true })
    }
}

impl Serialize for Test {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(values) = &self.is
            && *self == Self::one_of(values.clone())
        {
            return one_or_more(values, serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        for (name, values) in [("is", &self.is), ("not", &self.not)] {
            if let Some(values) = values {
                map.serialize_entry(name, &OneOrMore(values.clone()))?;
            }
        }
        if let Some(texts) = &self.has {
            map.serialize_entry("has", &OneOrMore(texts.clone()))?;
        }
        for (name, bound) in
            [("lt", &self.lt), ("le", &self.le), ("gt", &self.gt), ("ge", &self.ge)]
        {
            if let Some(bound) = bound {
                map.serialize_entry(name, bound)?;
            }
        }
        if let Some(null) = self.null {
            map.serialize_entry("null", &null)?;
        }
        map.end()
    }
}

impl schemars::JsonSchema for Test {
    fn schema_name() -> Cow<'static, str> {
        "Test".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = serde_json::json!({ "type": ["string", "integer", "boolean"] });
        let list = serde_json::json!({ "type": "array", "items": one, "minItems": 1 });
        let either = serde_json::json!({ "anyOf": [one, list] });
        let text = serde_json::json!({ "type": "string" });
        let texts = serde_json::json!({ "type": "array", "items": text, "minItems": 1 });
        schemars::json_schema!({
            "description": "What a field has to be: a value, a list of values, or comparisons that all have to hold.",
            "anyOf": [
                one,
                list,
                {
                    "type": "object",
                    "additionalProperties": false,
                    "minProperties": 1,
                    "properties": {
                        "is": either, "not": either, "in": either,
                        "lt": one, "le": one, "gt": one, "ge": one,
                        "null": { "type": "boolean" },
                    },
                },
                {
                    "description": "What a list holds: all of these texts.",
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["has"],
                    "properties": {
                        "has": { "anyOf": [text, texts] }, "null": { "type": "boolean" },
                    },
                },
            ],
        })
    }
}
