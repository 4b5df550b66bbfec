//! Reasons for a stale zip other than its binary, which `cache.rs` tests.

use std::collections::BTreeMap;
use std::io::Read;

use crate::support::Sandbox;

const ZIP: &str = "x86_64/orders.zip";

/// The files of the zip other than the bootstrap. Asserts that all recorded hashes match.
#[track_caller]
fn included(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let file = fs_err::File::open(sandbox.out(ZIP)).unwrap();
    let mut archive = ::zip::ZipArchive::new(file).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        if name != "bootstrap" {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            files.insert(name, text);
        }
    }
    let entry = &sandbox.manifest()["functions"]["orders"]["archs"]["x86_64"];
    let sidecar = sandbox.read(&format!("target/lambdapack/{ZIP}.base64sha256"));
    assert_eq!(entry["code_sha256"], sidecar);
    assert_eq!(entry["entries"].as_array().unwrap().len(), files.len() + 1);
    files
}

/// Runs the program, and asserts that the zip contains these files and is packaged only once.
#[track_caller]
fn packed_with(sandbox: &Sandbox, args: &[&str], files: &[(&str, &str)]) {
    sandbox.run(args).ok().says("Packed orders");
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    assert_eq!(included(sandbox), files.iter().map(owned).collect());
    sandbox.run(args).ok().says("Fresh orders");
}

/// The binary never changes.
#[test]
fn other_included_files_cause_repackaging() {
    let sandbox = Sandbox::orders();
    sandbox.write("a.txt", "one");
    sandbox.write("b/c.txt", "three");
    packed_with(&sandbox, &[], &[]);
    let one = ["--include", "a.txt"];
    packed_with(&sandbox, &one, &[("a.txt", "one")]);
    let renamed = ["--include", "a.txt=z.txt"];
    packed_with(&sandbox, &renamed, &[("z.txt", "one")]);
    sandbox.write("lambdapack.toml", "include = \"b\"\n");
    let both = [("a.txt", "one"), ("b/c.txt", "three")];
    packed_with(&sandbox, &one, &both);
    packed_with(&sandbox, &[], &both[1..]);
    sandbox.write("b/d.txt", "four");
    packed_with(&sandbox, &[], &[both[1], ("b/d.txt", "four")]);
    sandbox.remove("b/c.txt");
    packed_with(&sandbox, &[], &[("b/d.txt", "four")]);
    sandbox.remove("lambdapack.toml");
    packed_with(&sandbox, &[], &[]);
}

/// Only the bytes differ.
#[test]
fn an_included_file_with_the_same_size_and_time_is_repackaged() {
    let sandbox = Sandbox::orders();
    let args = ["--include", "a.txt"];
    sandbox.write("a.txt", "one");
    packed_with(&sandbox, &args, &[("a.txt", "one")]);
    let time = fs_err::metadata(sandbox.path("a.txt")).unwrap().modified();
    // In place, so that the file keeps its identity.
    let file = fs_err::OpenOptions::new()
        .write(true)
        .open(sandbox.path("a.txt"));
    let mut file = file.unwrap();
    std::io::Write::write_all(&mut file, b"two").unwrap();
    file.set_modified(time.unwrap()).unwrap();
    packed_with(&sandbox, &args, &[("a.txt", "two")]);
}

/// This is why a checkout needs fixed line endings, as the documentation says.
#[test]
fn line_endings_of_included_files_are_kept() {
    let sandbox = Sandbox::orders();
    let args = ["--include", "a.txt"];
    for text in ["one\ntwo\n", "one\r\ntwo\r\n"] {
        sandbox.write("a.txt", text);
        packed_with(&sandbox, &args, &[("a.txt", text)]);
    }
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/how-to/more-files-in-the-zip.md"
    );
    let page = fs_err::read_to_string(page).unwrap();
    assert!(page.contains("`* text=auto eol=lf`"));
}
