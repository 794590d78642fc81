//! The first bytes of a row's key, so that most comparisons of a sort need no look at the row.

/// Bytes that order as the values do that were pushed, as far as there was room.
#[derive(Debug, Default)]
pub(crate) struct Prefix {
    bytes: [u8; 16],
    length: usize,
}

impl Prefix {
    pub(crate) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    /// A zero ends the text, which is what makes a shorter one come first; a zero in the text is
    /// told from it by what follows.
    pub(crate) fn push_text(&mut self, text: &[u8]) {
        for &byte in text.iter().take(self.bytes.len()) {
            self.push(byte);
            if byte == 0 {
                self.push(u8::MAX);
            }
        }
        self.push(0);
    }

    /// As a number that orders the same.
    pub(crate) fn number(&self) -> u128 {
        u128::from_be_bytes(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Prefix;

    fn number(texts: &[&str]) -> u128 {
        let mut prefix = Prefix::default();
        for text in texts {
            prefix.push(1);
            prefix.push_text(text.as_bytes());
        }
        prefix.number()
    }

    #[test]
    fn prefixes_order_as_their_texts_do() {
        let texts = ["", "\0", "\0\0", "\0a", "a", "a\0", "a\0b", "ab", "b", "seventeen letters"];
        let keys = || texts.iter().flat_map(|a| texts.iter().map(move |b| [*a, *b]));
        for (a, b) in keys().flat_map(|a| keys().map(move |b| (a, b))) {
            let (short_a, short_b) = (number(&a), number(&b));
            assert!(short_a == short_b || (short_a < short_b) == (a < b), "{a:?} and {b:?}");
        }
        assert_ne!(number(&["a", "x"]), number(&["a", "y"]));
    }
}
