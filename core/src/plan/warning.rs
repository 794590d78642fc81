//! What a person should know about a plan before applying it.

use crate::wire::WarningDocument;

/// That some rows are left alone, because of what they have; nothing if there are none.
pub(super) fn left_alone(code: &str, count: u64, what: &str) -> Option<WarningDocument> {
    let said = match count {
        0 => return None,
        1 => format!("1 row has {what}, and is left alone"),
        _ => format!("{count} rows have {what}, and are left alone"),
    };
    Some(warning(code, count, said))
}

pub(super) fn warning(code: &str, count: u64, message: String) -> WarningDocument {
    WarningDocument { code: code.into(), count, message }
}
