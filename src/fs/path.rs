//! Two spellings of one place made equal.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// Joins without `.` and `..`, and without asking the file system.
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

/// A path as it would be found from a folder: without `.` and `..`, and, as far
/// as it exists, without symlinks, so that two spellings of one place are equal.
pub(crate) fn resolve(dir: &Path, path: impl AsRef<Path>) -> PathBuf {
    let full = join(dir, path);
    let real = full
        .ancestors()
        .find_map(|known| Some((known, real(known)?)));
    match real {
        Some((known, real)) => match full.strip_prefix(known) {
            Ok(rest) if rest.as_os_str().is_empty() => real,
            Ok(rest) => real.join(rest),
            Err(_) => full,
        },
        None => full,
    }
}

/// The same of something that is to be written: its folder resolved, and itself as it
/// was called, be it a symlink.
pub(crate) fn place(dir: &Path, path: &Path) -> PathBuf {
    let full = join(dir, path);
    match (full.parent(), full.file_name()) {
        (Some(folder), Some(name)) => resolve(dir, folder).join(name),
        _ => full,
    }
}

#[cfg(unix)]
fn real(path: &Path) -> Option<PathBuf> {
    fs_err::canonicalize(path).ok()
}

/// Canonical paths on Windows start with `\\?\`, which cargo and go do not use.
#[cfg(windows)]
fn real(path: &Path) -> Option<PathBuf> {
    std::path::absolute(path).ok()
}

/// The way from a folder to a path, with `/`; the path itself where there is none.
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
    let mut way = String::new();
    for name in up.chain(down) {
        if !way.is_empty() {
            way.push('/');
        }
        way.push_str(&name);
    }
    if way.is_empty() {
        way.push('.');
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_without_dots() {
        assert_eq!(join(Path::new("/w/a"), "../b/./c"), Path::new("/w/b/c"));
    }

    #[test]
    fn paths_lead_from_the_manifests_folder() {
        let dir = Path::new("/w/target/lambdapack");
        let zip = Path::new("/w/target/lambdapack/arm64/a.zip");
        assert_eq!(relative(Some(dir), zip), "arm64/a.zip");
        assert_eq!(relative(Some(dir), Path::new("/w")), "../..");
        assert_eq!(relative(Some(dir), dir), ".");
        assert_eq!(relative(None, zip), zip.display().to_string());
    }
}
