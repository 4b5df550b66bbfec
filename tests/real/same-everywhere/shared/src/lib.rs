//! Has other code with the feature than without.

/// A name; panics, and so names its file, where there is none.
pub fn name(of: usize) -> &'static str {
    let names: &[&str] = if cfg!(feature = "long") {
        &["nobody at all", "somebody or other"]
    } else {
        &["nobody", "somebody"]
    };
    names[of]
}
