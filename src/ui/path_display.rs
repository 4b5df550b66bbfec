//! Paths in messages.

use std::path::Path;

/// A path as a person in this folder would write it.
pub(crate) fn display_path(path: &Path, cwd: &Path) -> String {
    let inside = path.strip_prefix(cwd).ok();
    let inside = inside.filter(|inside| !inside.as_os_str().is_empty());
    inside.unwrap_or(path).display().to_string()
}
