//! Normalizes and relates paths.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// Joins two paths and removes `.` and `..`, without accessing the file system.
pub(crate) fn join(dir: &Path, path: impl AsRef<Path>) -> PathBuf {
    let mut joined = PathBuf::new();
    for component in dir.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                joined.pop();
            }
            other => joined.push(other),
        }
    }
    joined
}

/// Resolves a path from a folder: without `.` and `..` and, as far as it exists, without
/// symlinks, so that different paths of one file are equal.
pub(crate) fn resolve(dir: &Path, path: impl AsRef<Path>) -> PathBuf {
    let full = join(dir, path);
    let existing = full
        .ancestors()
        .find_map(|ancestor| Some((ancestor, canonicalize(ancestor)?)));
    match existing {
        Some((ancestor, canonical)) => match full.strip_prefix(ancestor) {
            Ok(rest) if rest.as_os_str().is_empty() => canonical,
            Ok(rest) => canonical.join(rest),
            Err(_) => full,
        },
        None => full,
    }
}

/// Resolves the folder of a file to be written, but not the file itself, which can be a
/// symlink.
pub(crate) fn resolve_parent(dir: &Path, path: &Path) -> PathBuf {
    let full = join(dir, path);
    match (full.parent(), full.file_name()) {
        (Some(folder), Some(name)) => resolve(dir, folder).join(name),
        _ => full,
    }
}

#[cfg(unix)]
fn canonicalize(path: &Path) -> Option<PathBuf> {
    fs_err::canonicalize(path).ok()
}

/// Canonical paths on Windows start with `\\?\`, which cargo and go do not use.
#[cfg(windows)]
fn canonicalize(path: &Path) -> Option<PathBuf> {
    std::path::absolute(path).ok()
}

/// The path relative to a folder, with `/`. Without a common prefix, it is the path itself.
pub(crate) fn relative(from: Option<&Path>, to: &Path) -> String {
    let mut from = from.into_iter().flat_map(Path::components).peekable();
    let mut names = to.components().peekable();
    let mut has_common = false;
    while from.peek().is_some() && from.peek() == names.peek() {
        has_common = true;
        from.next();
        names.next();
    }
    if !has_common {
        return to.display().to_string();
    }
    let up = from.map(|_| Cow::Borrowed(".."));
    let down = names.map(|name| name.as_os_str().to_string_lossy());
    let mut relative = String::new();
    for name in up.chain(down) {
        if !relative.is_empty() {
            relative.push('/');
        }
        relative.push_str(&name);
    }
    if relative.is_empty() {
        relative.push('.');
    }
    relative
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_without_dots() {
        assert_eq!(join(Path::new("/w/a"), "../b/./c"), Path::new("/w/b/c"));
    }

    #[test]
    fn relative_paths_start_at_the_folder() {
        let dir = Path::new("/w/target/lambdapack");
        let zip = Path::new("/w/target/lambdapack/arm64/a.zip");
        assert_eq!(relative(Some(dir), zip), "arm64/a.zip");
        assert_eq!(relative(Some(dir), Path::new("/w")), "../..");
        assert_eq!(relative(Some(dir), dir), ".");
        assert_eq!(relative(None, zip), zip.display().to_string());
    }
}
