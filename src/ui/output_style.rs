//! The style of the result on stdout.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputStyle {
    /// Lines for users and shell scripts.
    #[default]
    Human,
    Json,
    Hash,
    Path,
}
