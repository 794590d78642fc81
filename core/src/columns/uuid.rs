//! The text form of a UUID.

/// Reads the hyphenated form, in any case.
pub(crate) fn parse(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut out = [0; 16];
    let mut rest = text.as_slice();
    for (at, byte) in out.iter_mut().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            rest = rest.strip_prefix(b"-")?;
        }
        let [high, low, after @ ..] = rest else { return None };
        *byte = (nibble(*high)? << 4) | nibble(*low)?;
        rest = after;
    }
    Some(out)
}

/// Reads the hyphenated form only as it would be written: in lower case.
pub(crate) fn parse_canonical(text: &str) -> Option<[u8; 16]> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { None } else { parse(text) }
}

pub(crate) fn text(bytes: [u8; 16]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(36);
    for (n, byte) in bytes.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0')));
        }
    }
    out
}

#[inline]
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_read_and_lower_case_is_written() {
        let upper = "67E55044-10B1-426F-9247-BB680E5FE0C8";
        let bytes = parse(upper).unwrap();
        assert_eq!(text(bytes), upper.to_lowercase());
        assert_eq!(parse_canonical(upper), None);
        assert_eq!(parse_canonical(&upper.to_lowercase()), Some(bytes));
        for bad in ["", "67e5504410b1426f9247bb680e5fe0c8", "67e55044-10b1-426f-9247-bb680e5fe0cg"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
