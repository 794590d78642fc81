//! Text as YAML, PromQL and the templates of Prometheus have it.

use std::fmt::Write;

use crate::time::Duration;

/// More milliseconds than this are no duration for Prometheus, which counts nanoseconds.
const MOST_MILLIS: i64 = i64::MAX / 1_000_000;
/// Where a comment goes on in the next line.
const COMMENT_COLUMNS: usize = 100;

/// A text in double quotes: the escapes are those of YAML, and of JSON where JSON has any.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push_str(&plain(c)),
        }
    }
    out.push('"');
    out
}

/// A character, or its escape if a line could end at it or nobody could see it.
fn plain(c: char) -> String {
    match u32::from(c) {
        0x20..=0x7e => c.into(),
        _ if c.is_alphanumeric() => c.into(),
        code @ 0..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// A text that Prometheus expands to itself.
pub(super) fn template(text: &str) -> String {
    text.replace("{{", "{{\"{{\"}}")
}

/// Writes a comment, on as many lines as it needs.
pub(super) fn comment(out: &mut String, indent: usize, text: &str) {
    let mut column = COMMENT_COLUMNS;
    for word in text.split(' ') {
        let word: String = word.chars().map(plain).collect();
        let width = word.chars().count() + 1;
        if column + width > COMMENT_COLUMNS {
            if column < COMMENT_COLUMNS || out.ends_with(|c| c != '\n') {
                out.push('\n');
            }
            let _ = write!(out, "{:indent$}#", "");
            column = indent + 1;
        }
        let _ = write!(out, " {word}");
        column += width;
    }
    out.push('\n');
}

/// The shortest time of whole milliseconds that is no shorter; none if it is longer than Prometheus
/// can say. Prometheus has no finer clock, so that as much passes.
pub(super) fn millis_up(time: Duration) -> Option<i64> {
    let micros = time.as_micros();
    let millis = micros / 1000 + i64::from(micros % 1000 != 0);
    (millis <= MOST_MILLIS).then_some(millis)
}

/// A time as Prometheus writes it: `4m59s999ms`.
pub(super) fn span(millis: i64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let (mut rest, mut out) = (millis, String::new());
    for (unit, size) in units {
        if rest >= size {
            let _ = write!(out, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    if out.is_empty() { "0s".into() } else { out }
}

/// A number as PromQL and the series of its tests have it.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Inf".into() } else { "-Inf".into() };
    }
    let size = value.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) {
        return format!("{value:e}");
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_line_is_escaped() {
        let text = "a\"b\\c\nd\u{85}e\u{2028}f\u{1f600}g\u{feff}ñ";
        assert_eq!(quoted(text), r#""a\"b\\c\u000ad\u0085e\u2028f\U0001f600g\ufeffñ""#);
        let mut out = String::new();
        comment(&mut out, 2, "a\nb");
        assert_eq!(out, "  # a\\u000ab\n");
    }

    #[test]
    fn times_are_whole_milliseconds() {
        let millis = |micros| millis_up(Duration::from_micros(micros).unwrap());
        assert_eq!([millis(0), millis(1), millis(1000)], [Some(0), Some(1), Some(1)]);
        assert_eq!(millis_up(Duration::MAX), None);
        assert_eq!(span(299_999), "4m59s999ms");
        assert_eq!((span(0), span(7 * 86_400_000)), ("0s".into(), "7d".into()));
    }

    #[test]
    fn numbers_are_read_back() {
        for value in [0.0, -0.5, 85.000_000_000_000_01, 1e300, -5e-324, 0.1, 1e9, 1e-5] {
            assert_eq!(number(value).parse::<f64>().unwrap(), value);
        }
        assert_eq!(number(1e300), "1e300");
    }
}
