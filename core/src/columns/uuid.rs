//! The text form of a UUID.

/// Where the hyphens stand in the text form.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Reads the hyphenated form, in any case.
pub(crate) fn parse(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 36 || HYPHENS.iter().any(|&at| text.get(at) != Some(&b'-')) {
        return None;
    }
    let mut out = [0; 16];
    let mut digits = text.iter().enumerate().filter(|(at, _)| !HYPHENS.contains(at));
    for byte in &mut out {
        let (_, &high) = digits.next()?;
        let (_, &low) = digits.next()?;
        *byte = nibble(high)? << 4 | nibble(low)?;
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

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
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
