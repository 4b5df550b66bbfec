//! A layer uses only the layers below it, as the map in `src/lib.rs` says.

use std::path::{Path, PathBuf};

/// From the highest layer to the lowest. Layers that share a row do not use each other.
/// `lib.rs` and `main.rs` are above all of them.
const LAYERS: [&[&str]; 11] = [
    &["app"],
    &["cli"],
    &["commands"],
    &["build", "emulator"],
    &["validate"],
    &["aws", "metrics"],
    &["system"],
    &["lambda"],
    &["fs"],
    &["ui"],
    // In tests only, and in tests/support.
    &["generated_docs", "schema"],
];

pub(super) fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// `plan` in `src/plan.rs` and in `src/plan/go.rs`.
fn module(src: &Path, file: &Path) -> String {
    let first = file.strip_prefix(src).unwrap().components().next();
    let first = Path::new(first.unwrap().as_os_str());
    first.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The row of a layer in `LAYERS`.
fn row(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|layers| layers.contains(&layer))
}

/// The modules that a line of code names after `crate::`.
fn named_modules(line: &str) -> impl Iterator<Item = &str> {
    let is_comment = line.trim_start().starts_with("//");
    let code = if is_comment { "" } else { line };
    code.split("crate::").skip(1).map(|rest| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        rest.split(|c| !is_name(c)).next().unwrap()
    })
}

#[test]
fn a_layer_uses_only_the_layers_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&src) {
        let layer = module(&src, &file);
        if layer == "lib" || layer == "main" {
            continue;
        }
        let Some(own_row) = row(&layer) else {
            panic!("give the module `{layer}` a row in LAYERS");
        };
        let text = fs_err::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            for named in named_modules(line).filter(|named| *named != layer) {
                if row(named).is_none_or(|row| row <= own_row) {
                    let place = format!("{}:{}", file.display(), number + 1);
                    wrong.push(format!("{place}: {layer} uses {named}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_layer_exists_and_a_module_appears_once_in_a_listing() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for layer in LAYERS.concat() {
        if ["generated_docs", "schema"].contains(&layer) {
            continue;
        }
        let folder = src.join(layer).join("mod.rs").exists();
        let file = src.join(layer).with_extension("rs").exists();
        assert!(folder || file, "{layer}");
    }
    for file in rust_files(&src) {
        let folder = file.with_extension("");
        assert!(!folder.is_dir(), "move {} into its folder", file.display());
    }
}
