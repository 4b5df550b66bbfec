//! Documentation pages that the program generates. Unit tests compare the pages in the checkout
//! with the program's output. They update the pages if `SNAPSHOTS` is `overwrite`, like
//! snapshots, or if `LAMBDAPACK_UPDATE_DOCS` is set.

use std::path::Path;

/// The text of a page in the checkout.
pub(crate) fn page(name: &str) -> String {
    fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Asserts that a page has this text.
pub(crate) fn assert_matches(name: &str, expected: &str) {
    #[expect(clippy::disallowed_methods, reason = "only tests read these variables")]
    let overwrites = std::env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite")
        || std::env::var_os("LAMBDAPACK_UPDATE_DOCS").is_some();
    if overwrites {
        fs_err::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), expected).unwrap();
    }
    assert!(
        page(name) == expected,
        "{name} is outdated: run SNAPSHOTS=overwrite cargo test --lib"
    );
}

/// Asserts that the table with this header has this text.
pub(crate) fn assert_table_matches(name: &str, header: &str, table: &str) {
    let text = page(name);
    let (before, rest) = text.split_once(header).unwrap();
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    assert_matches(name, &format!("{before}{table}\n{after}"));
}
