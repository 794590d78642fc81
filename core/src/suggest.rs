//! "Did you mean".

use crate::error::quoted;

/// The candidate most like what was given, if one is alike at all.
pub(crate) fn closest<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A long text is no typing mistake, and the distance costs the product of the lengths.
    if given.len() > 64 {
        return None;
    }
    let lower = given.to_lowercase();
    let scored = candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_lowercase()), candidate));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    best.filter(|(score, _)| *score >= 0.8).map(|(_, candidate)| candidate)
}

/// `did you mean X`, or else the words there are.
pub(crate) fn help<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(closest) = closest(given, candidates.clone()) {
        return Some(format!("did you mean {}?", quoted(closest)));
    }
    let all: Vec<_> = candidates.into_iter().map(quoted).collect();
    match all.as_slice() {
        [] => None,
        [one] => Some(format!("there is {one}")),
        all => Some(format!("there are {}", all.join(", "))),
    }
}
