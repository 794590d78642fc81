//! A list of texts as one value, and how it lies in a buffer of text.

use std::fmt::{self, Write};

/// A list of texts, borrowed from the record or the column that holds it.
///
/// It lies in one text, each element behind its length in bytes and a colon, so that any text may
/// be an element, and a column of lists is laid out as one of text. To make one, see
/// [`ListBuilder`].
///
/// ```
/// use housekeep::columns::ListBuilder;
///
/// let tags: ListBuilder = ["release", "signed"].into_iter().collect();
/// assert!(tags.list().has("release"));
/// assert!(!tags.list().has("rel"));
/// assert_eq!(tags.list().to_string(), r#"["release", "signed"]"#);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct List<'a>(&'a str);

/// A list of texts that is being made. Cleared, it is used again without a new allocation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ListBuilder(String);

impl<'a> List<'a> {
    /// The list that a text holds which [`append_element`] made. Of any other text it is a list of
    /// whatever can be read from the start.
    pub(crate) fn encoded(text: &'a str) -> Self {
        Self(text)
    }

    /// What [`append_element`] made.
    pub(crate) fn as_encoded(self) -> &'a str {
        self.0
    }

    /// The elements, in their order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (length, after) = rest.split_once(':')?;
            let (element, after) = after.split_at_checked(length.parse().ok()?)?;
            rest = after;
            Some(element)
        })
    }

    /// Whether it holds this text, byte for byte.
    #[must_use]
    pub fn has(self, text: &str) -> bool {
        self.iter().any(|element| element == text)
    }
}

/// Writes an element behind those that are there.
pub(crate) fn append_element(list: &mut String, element: &str) {
    // A text cannot fail to be written to.
    let written = write!(list, "{}:", element.len());
    debug_assert!(written.is_ok());
    list.push_str(element);
}

impl ListBuilder {
    /// A list without elements.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one element, which may be any text.
    pub fn push(&mut self, element: &str) {
        append_element(&mut self.0, element);
    }

    /// Forgets all elements.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The list of all elements taken.
    #[must_use]
    pub fn list(&self) -> List<'_> {
        List(&self.0)
    }
}

impl<T: AsRef<str>> FromIterator<T> for ListBuilder {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut list = Self::new();
        elements.into_iter().for_each(|element| list.push(element.as_ref()));
        list
    }
}

impl fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for ListBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list().fmt(f)
    }
}

/// In brackets, each element in quotes.
impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_may_be_an_element() {
        let odd = ["", "a", "1:a", ":", "\0", "nul\0l", "ñandú 🦤", "", "10:0123456789", "\n\"]"];
        let long = "x".repeat(1000);
        for all in [&odd[..], &odd[..1], &[], &[&long, ""], &["ab", "a", "b"]] {
            let list: ListBuilder = all.iter().collect();
            assert_eq!(list.list().iter().collect::<Vec<_>>(), all);
            assert!(all.iter().all(|text| list.list().has(text)), "{list:?}");
            assert!(!list.list().has("abc"), "{list:?}");
        }
    }

    #[test]
    fn lists_are_the_same_only_by_their_elements_in_order() {
        let lists: [&[&str]; 7] =
            [&[], &[""], &["", ""], &["ab"], &["a", "b"], &["b", "a"], &["1:a"]];
        for (m, a) in lists.iter().enumerate() {
            for (n, b) in lists.iter().enumerate() {
                let [a, b] = [a, b].map(|list| list.iter().collect::<ListBuilder>());
                assert_eq!(a.list() == b.list(), m == n, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn a_text_that_is_no_list_ends_where_it_cannot_be_read() {
        for text in
            ["a", "3:ab", "x:a", "-1:a", "1:é", "99999999999999999999:a", "18446744073709551615:a"]
        {
            assert_eq!(List::encoded(text).iter().next(), None, "{text}");
        }
        assert_eq!(List::encoded("1:a2:b").iter().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn it_is_shown_in_brackets() {
        let shown = |all: &[&str]| all.iter().collect::<ListBuilder>().list().to_string();
        assert_eq!(shown(&[]), "[]");
        assert_eq!(shown(&["a", "b \"c\""]), r#"["a", "b \"c\""]"#);
    }

    #[test]
    fn a_builder_is_used_again() {
        let mut list = ListBuilder::new();
        list.push("a");
        list.clear();
        list.push("b");
        assert_eq!(list, ["b"].into_iter().collect());
    }
}
