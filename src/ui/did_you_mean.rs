//! Suggests a name for a misspelled one.

/// Suggests the most similar name, or lists all names.
pub(crate) fn did_you_mean(word: &str, names: &[&str], what: &str) -> String {
    let nearest = names
        .iter()
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None if names.is_empty() => format!("{what} none"),
        None => format!("{what} {}", names.join(", ")),
    }
}
