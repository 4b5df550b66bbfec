//! Names in Go import paths.

/// Whether an element of an import path is a major version, such as `v2`.
///
/// Source: <https://go.dev/ref/mod#major-version-suffixes>
pub(super) fn is_major(element: &str) -> bool {
    element.strip_prefix('v').is_some_and(|n| {
        !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && !n.starts_with('0') && n != "1"
    })
}

/// The name that `go build -o DIR/` gives to the binary of a package.
///
/// Source: `DefaultExecName` of cmd/go.
pub(crate) fn exec_name(import_path: &str) -> &str {
    let mut elements = import_path.rsplit('/');
    let last = elements.next().unwrap_or(import_path);
    match elements.next() {
        Some(before) if is_major(last) => before,
        _ => last,
    }
}
