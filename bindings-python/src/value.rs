//! A policy that is a Python dictionary → the document that core reads.

use housekeep::time::Duration;
use housekeep::{Code, Error};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyDate, PyDelta, PyFloat, PyInt, PyList, PyMapping, PyString, PyTime, PyTuple,
};
use serde_json::{Number, Value};

use crate::error::raised;
use crate::time;

/// How deep a document may go: one that holds itself has no end.
const DEEPEST: usize = 128;

pub(crate) fn document(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    value(given, DEEPEST)
}

fn value(given: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    let Some(depth) = depth.checked_sub(1) else {
        let message = "the policy is nested too deep";
        return Err(refused(
            Code::PolicyBadValue,
            message.into(),
            "see that it does not hold itself",
        ));
    };
    if given.is_none() {
        Ok(Value::Null)
    } else if let Ok(text) = given.cast::<PyString>() {
        Ok(text.to_str()?.into())
    } else if let Ok(value) = given.cast::<PyBool>() {
        Ok(value.is_true().into())
    } else if given.is_instance_of::<PyInt>() {
        // Python refuses to write the longest ones out.
        let said = given.str().map_or_else(|_| "…".into(), |text| text.to_string());
        let message = || format!("the number `{said}` does not fit 64 bits");
        let wide = |_| refused(Code::PolicyOutOfRange, message(), "write a smaller number");
        given.extract::<i64>().map(Value::from).map_err(wide)
    } else if let Ok(number) = given.cast::<PyFloat>() {
        let message = || format!("`{given}` is no number");
        let none = || refused(Code::PolicyOutOfRange, message(), "write a number");
        Number::from_f64(number.value()).map(Value::Number).ok_or_else(none)
    } else if let Ok(delta) = given.cast::<PyDelta>() {
        // Core has a sentence for one that is no duration.
        let micros = time::micros(delta)?;
        let text = Duration::from_micros(micros).map(|length| length.to_string());
        Ok(text.unwrap_or_else(|| format!("{micros}us")).into())
    } else if given.is_instance_of::<PyDate>() || given.is_instance_of::<PyTime>() {
        // TOML has these without quotes, and there they mean what they mean with them.
        let text: String = given.call_method0("isoformat")?.extract()?;
        Ok(as_toml(&text).into())
    } else if let Ok(fields) = given.cast::<PyMapping>() {
        let fields = fields.items()?;
        let fields = fields.iter().map(|field| {
            let (key, item): (Bound<'_, PyString>, Bound<'_, PyAny>) = field.extract()?;
            Ok((key.to_str()?.to_owned(), value(&item, depth)?))
        });
        fields.collect::<PyResult<_>>().map(Value::Object)
    } else if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        let items = given.try_iter()?.map(|item| value(&item?, depth));
        items.collect::<PyResult<_>>().map(Value::Array)
    } else {
        let class = given.get_type().name()?;
        let message = format!("a policy cannot hold a {class}");
        let help = "give what TOML has: tables, lists, text, numbers, true and false";
        Err(refused(Code::PolicyWrongType, message, help))
    }
}

/// A time as TOML writes it: `Z` for UTC, and no zeros at the end of a fraction.
fn as_toml(text: &str) -> String {
    let Some((whole, rest)) = text.split_once('.') else { return text.replace("+00:00", "Z") };
    let zone = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let fraction = rest.strip_suffix(zone).unwrap_or(rest).trim_end_matches('0');
    format!("{whole}.{fraction}{}", zone.replace("+00:00", "Z"))
}

fn refused(code: Code, message: String, help: &str) -> PyErr {
    raised(Error::host(code, message, Some(help.into())))
}
