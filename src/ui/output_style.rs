//! How the result is printed on stdout.

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputStyle {
    /// Lines for people and shells.
    #[default]
    Human,
    Json,
    Hash,
    Path,
}
