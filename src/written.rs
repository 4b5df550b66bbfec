//! Pages of the documentation that the program writes itself, held to it by unit tests.

use std::path::Path;

/// The page, as it is in the checkout.
pub(crate) fn page(name: &str) -> String {
    fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Holds a page to what the program says; `LAMBDAPACK_UPDATE_DOCS=1` writes it anew.
pub(crate) fn hold(name: &str, wanted: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a wish of whoever runs the tests"
    )]
    if std::env::var_os("LAMBDAPACK_UPDATE_DOCS").is_some() {
        fs_err::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), wanted).unwrap();
    }
    assert!(
        page(name) == wanted,
        "{name} is not what the program says: LAMBDAPACK_UPDATE_DOCS=1 cargo test --lib"
    );
}

/// Holds the table of a page that begins with these words to what the program says.
pub(crate) fn hold_table(name: &str, begins: &str, table: &str) {
    let text = page(name);
    let (before, rest) = text.split_once(begins).unwrap();
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    hold(name, &format!("{before}{table}\n{after}"));
}
