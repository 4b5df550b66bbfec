//! Several machines build a part of the functions each, and `collect` joins their results.

use std::path::Path;

use cargo_lambdapack::internals::Arch;

use super::go::add_module;
use super::project::{Project, files_in};
use super::support::{ok, tool};
use super::toolchain::{Rust, rust};
use super::workspace::five_functions;

/// Five Rust functions, two of which need different features of one crate, and two Go functions.
fn seven_functions() -> Project {
    let project = five_functions();
    add_module(&project, "go", "example.com/shop", &["invoices", "stock"]);
    project.write("lambdapack.toml", "paths = [\".\", \"go\"]\n");
    project
}

fn pack(rust: &Rust, project: &Project, args: &[&str]) {
    let mut pack = rust.lambdapack(project.root());
    ok(pack.args(["--arch", "arm64"]).args(args));
}

/// The results in an output folder, with their bytes. Caches are hidden.
fn results(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let files = files_in(dir).into_iter();
    let visible = files.filter(|file| !file.to_string_lossy().starts_with('.'));
    visible
        .map(|file| {
            let bytes = fs_err::read(dir.join(&file)).unwrap();
            (file.to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

#[test]
fn parts_of_three_clones_are_joined_to_the_bytes_of_a_single_build() {
    let Some(rust) = rust(Arch::Arm64) else {
        return;
    };
    if tool("go").is_none() {
        return;
    }
    let whole = seven_functions();
    pack(&rust, &whole, &[]);
    let expected = results(&whole.path("target/lambdapack"));
    // A zip, its hash, and its bill of materials for each function, and the manifest.
    assert_eq!(expected.len(), 7 * 3 + 1);
    for method in ["slice", "hash"] {
        let joined = seven_functions();
        let mut collect = rust.lambdapack(joined.root());
        collect.arg("collect");
        let mut clones = Vec::new();
        let mut zips = 0;
        for part in 1..=3 {
            let clone = seven_functions();
            let partition = format!("{method}:{part}/3");
            pack(&rust, &clone, &["--partition", &partition]);
            let dir = clone.path("target/lambdapack");
            let files = results(&dir);
            zips += files
                .iter()
                .filter(|(name, _)| name.ends_with(".zip"))
                .count();
            collect.arg(&dir);
            clones.push(clone);
        }
        assert_eq!(zips, 7, "{method}");
        ok(&mut collect);
        let results = results(&joined.path("target/lambdapack"));
        for (result, expected) in results.iter().zip(&expected) {
            assert_eq!(result.0, expected.0);
            assert!(result.1 == expected.1, "{method}: {}", result.0);
        }
        assert_eq!(results.len(), expected.len());
    }
}
