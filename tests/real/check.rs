//! `check` on zips made by other tools, as users make them.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use super::support::{command, lambdapack, ok, run, skip, tool};
use super::template::all_packed;

/// A Go program for Graviton. Without Go the test is skipped.
fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let made = PROGRAM.get_or_init(|| {
        let go = tool("go")?;
        let dir = tempfile::tempdir().unwrap();
        let source = "package main\n\nfunc main() { println(\"runtime/invocation/next\") }\n";
        fs_err::write(dir.path().join("main.go"), source).unwrap();
        let mut build = command(go, dir.path());
        build.env("GOOS", "linux").env("GOARCH", "arm64");
        build.env("CGO_ENABLED", "0").env("GO111MODULE", "off");
        ok(build.args(["build", "-trimpath", "-ldflags=-s -w", "-o", "bootstrap"]));
        let path = dir.path().join("bootstrap");
        Some((dir, path))
    });
    made.as_ref().map(|(_, path)| path.as_path())
}

/// A folder with that program, named bootstrap, with mode 0755.
pub(crate) fn folder() -> Option<TempDir> {
    let program = program()?;
    let dir = tempfile::tempdir().unwrap();
    fs_err::copy(program, dir.path().join("bootstrap")).unwrap();
    set_mode(&dir.path().join("bootstrap"), 0o755);
    Some(dir)
}

fn set_mode(path: &Path, mode: u32) {
    fs_err::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// The exit code, the codes of the findings above a note, and the whole report for a file.
pub(crate) fn judged(file: &Path, args: &[&str]) -> (Option<i32>, Vec<String>, Value) {
    let mut check = lambdapack(file.parent().unwrap());
    check.args(["check", "--message-format", "json"]).arg(file);
    let ran = run(check.args(args));
    let told: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    let file = told["files"][0].clone();
    let findings = file["findings"].as_array().unwrap();
    let loud = findings.iter().filter(|one| one["level"] != "note");
    let codes = loud.map(|one| one["code"].as_str().unwrap().to_owned());
    (ran.code, codes.collect(), file)
}

/// Asserts these findings, apart from notes, and this exit code.
#[track_caller]
pub(crate) fn finds(file: &Path, code: i32, codes: &[&str]) -> Value {
    let (ended, found, all) = judged(file, &[]);
    assert_eq!(found, codes, "{all:#}");
    assert_eq!(ended, Some(code), "{all:#}");
    all
}

/// A valid zip of a function for Graviton.
#[track_caller]
pub(crate) fn is_good(zip: &Path) {
    let all = finds(zip, 0, &[]);
    assert_eq!(all["arch"], "arm64", "{all:#}");
    assert_eq!(all["kind"], "zip", "{all:#}");
    assert_eq!(all["entries"], serde_json::json!(["bootstrap"]));
}

#[test]
fn a_program_zipped_by_info_zip_is_accepted() {
    let Some(zip) = tool("zip") else { return };
    let Some(dir) = folder() else { return };
    let make = |args: &[&str]| ok(command(&zip, dir.path()).args(args));
    make(&["-q", "plain.zip", "bootstrap"]);
    fs_err::create_dir(dir.path().join("deep")).unwrap();
    fs_err::copy(
        dir.path().join("bootstrap"),
        dir.path().join("deep/bootstrap"),
    )
    .unwrap();
    make(&["-q", "-j", "junked.zip", "deep/bootstrap"]);
    make(&["-q", "-X", "-0", "stored.zip", "bootstrap"]);
    // Here the sizes follow the content.
    ok(command("sh", dir.path()).args(["-c", "zip -q - bootstrap | cat > piped.zip"]));
    for name in ["plain.zip", "junked.zip", "stored.zip", "piped.zip"] {
        is_good(&dir.path().join(name));
    }
}

#[test]
fn a_folder_or_mode_0644_zipped_by_info_zip_is_reported() {
    let Some(zip) = tool("zip") else { return };
    let Some(dir) = folder() else { return };
    let deep = dir.path().join("deep");
    fs_err::create_dir(&deep).unwrap();
    fs_err::copy(dir.path().join("bootstrap"), deep.join("bootstrap")).unwrap();
    let make = |args: &[&str]| ok(command(&zip, dir.path()).args(args));
    make(&["-q", "-r", "nested.zip", "deep"]);
    let all = finds(&dir.path().join("nested.zip"), 104, &["no-bootstrap"]);
    assert!(all.to_string().contains("found deep/bootstrap"), "{all}");
    set_mode(&deep.join("bootstrap"), 0o644);
    make(&["-q", "-j", "mode.zip", "deep/bootstrap"]);
    let all = finds(&dir.path().join("mode.zip"), 104, &["not-executable"]);
    assert!(all.to_string().contains("mode 0644"), "{all}");
}

#[test]
fn encryption_and_zip64_by_info_zip_are_one_finding_each() {
    let Some(zip) = tool("zip") else { return };
    let Some(dir) = folder() else { return };
    let make = |args: &[&str]| ok(command(&zip, dir.path()).args(args));
    make(&["-q", "-P", "secret", "encrypted.zip", "bootstrap"]);
    finds(&dir.path().join("encrypted.zip"), 104, &["encrypted"]);
    for (name, option) in [("long.zip", "--force-zip64"), ("short.zip", "-fz")] {
        make(&["-q", option, name, "bootstrap"]);
        finds(&dir.path().join(name), 104, &["zip64"]);
    }
}

/// Info-ZIP names the input from a pipe `-`, and writes zip64 because it does not know the size
/// in advance. The zip is not damaged.
#[test]
fn a_zip_written_by_info_zip_from_a_pipe_is_zip64_and_not_damaged() {
    if tool("zip").is_none() {
        return;
    }
    let Some(dir) = folder() else { return };
    ok(command("sh", dir.path()).args(["-c", "cat bootstrap | zip -q stream.zip -"]));
    let (code, codes, all) = judged(&dir.path().join("stream.zip"), &[]);
    assert_eq!(code, Some(104), "{all:#}");
    assert!(codes.contains(&"zip64".to_owned()), "{all:#}");
}

#[test]
fn a_symlink_kept_by_info_zip_is_noted_and_a_dangling_one_is_refused() {
    let Some(zip) = tool("zip") else { return };
    let Some(dir) = folder() else { return };
    let root = dir.path();
    fs_err::rename(root.join("bootstrap"), root.join("orders")).unwrap();
    symlink("orders", root.join("bootstrap")).unwrap();
    let make = |args: &[&str]| ok(command(&zip, root).args(args));
    make(&["-q", "-y", "both.zip", "bootstrap", "orders"]);
    finds(&root.join("both.zip"), 0, &[]);
    make(&["-q", "followed.zip", "bootstrap"]);
    is_good(&root.join("followed.zip"));
    make(&["-q", "-y", "alone.zip", "bootstrap"]);
    let (code, _, all) = judged(&root.join("alone.zip"), &[]);
    assert_eq!(code, Some(104), "{all:#}");
}

/// A stub before a zip, as in self-extracting zips, with original and with adjusted offsets.
#[test]
fn a_zip_behind_a_stub_is_a_warning() {
    let Some(zip) = tool("zip") else { return };
    let Some(dir) = folder() else { return };
    ok(command(&zip, dir.path()).args(["-q", "plain.zip", "bootstrap"]));
    let script = "printf '#!/bin/sh\\nexit\\n' | cat - plain.zip > stub.zip";
    ok(command("sh", dir.path()).args(["-c", script]));
    finds(&dir.path().join("stub.zip"), 0, &["surrounded"]);
    ok(command(&zip, dir.path()).args(["-q", "-A", "stub.zip"]));
    finds(&dir.path().join("stub.zip"), 0, &["surrounded"]);
}

const PYTHON: &str = "import sys, zipfile
data = open('bootstrap', 'rb').read()
def make(name, how, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(name, 'w', method) as archive:
        how(archive)
def zip64(archive):
    with archive.open(zipfile.ZipInfo.from_file('bootstrap'), 'w', force_zip64=True) as entry:
        entry.write(data)
def windows(archive):
    info = zipfile.ZipInfo('bootstrap')
    info.create_system, info.external_attr = 0, 0
    archive.writestr(info, data)
make('write.zip', lambda archive: archive.write('bootstrap'))
make('stored.zip', lambda archive: archive.write('bootstrap'), zipfile.ZIP_STORED)
make('writestr.zip', lambda archive: archive.writestr('bootstrap', data))
make('lzma.zip', lambda archive: archive.write('bootstrap'), zipfile.ZIP_LZMA)
make('bzip2.zip', lambda archive: archive.write('bootstrap'), zipfile.ZIP_BZIP2)
make('windows.zip', windows)
make('local64.zip', zip64)
make('twice.zip', lambda archive: [archive.write('bootstrap'), archive.write('bootstrap')])
";

/// Python's zipfile uses mode 0600 if none is given.
#[test]
fn zips_by_python_are_judged_by_their_contents() {
    let Some(python) = tool("python3") else {
        return;
    };
    let Some(dir) = folder() else { return };
    ok(command(python, dir.path()).args(["-W", "ignore", "-c", PYTHON]));
    for (name, codes) in [
        ("writestr.zip", ["not-executable"]),
        ("lzma.zip", ["method"]),
        ("bzip2.zip", ["method"]),
        ("windows.zip", ["not-unix"]),
        ("twice.zip", ["duplicate"]),
    ] {
        finds(&dir.path().join(name), 104, &codes);
    }
    // The last one has the zip64 field only in the local header, as a reserve.
    for name in ["write.zip", "stored.zip", "local64.zip"] {
        is_good(&dir.path().join(name));
    }
}

#[test]
fn zips_by_seven_zip_are_accepted_except_with_other_methods() {
    let Some(seven_zip) = tool("7z") else { return };
    let Some(dir) = folder() else { return };
    let make = |args: &[&str]| ok(command(&seven_zip, dir.path()).args(args));
    make(&["a", "-tzip", "plain.zip", "bootstrap"]);
    is_good(&dir.path().join("plain.zip"));
    for method in ["LZMA", "BZip2", "Deflate64"] {
        let name = format!("{method}.zip");
        make(&["a", "-tzip", &format!("-mm={method}"), &name, "bootstrap"]);
        finds(&dir.path().join(name), 104, &["method"]);
    }
    make(&[
        "a",
        "-tzip",
        "-psecret",
        "-mem=ZipCrypto",
        "zipcrypto.zip",
        "bootstrap",
    ]);
    finds(&dir.path().join("zipcrypto.zip"), 104, &["encrypted"]);
    // The method is 99, but the reason is that the entry is encrypted.
    make(&[
        "a",
        "-tzip",
        "-psecret",
        "-mem=AES256",
        "aes.zip",
        "bootstrap",
    ]);
    let (code, codes, all) = judged(&dir.path().join("aes.zip"), &[]);
    assert_eq!(code, Some(104), "{all:#}");
    assert!(codes.contains(&"encrypted".to_owned()), "{all:#}");
}

#[test]
fn zips_of_this_project_are_accepted() {
    for packed in all_packed() {
        let (code, codes, all) = judged(&packed.zip, &["--arch", packed.arch.name()]);
        assert_eq!((code, &codes[..]), (Some(0), &[][..]), "{all:#}");
        assert_eq!(all["arch"], packed.arch.name());
    }
}

/// The finding names the symbol and the available version.
#[test]
fn a_symbol_that_needs_a_newer_glibc_is_named() {
    let Some(cc) = tool("cc") else { return };
    let dir = tempfile::tempdir().unwrap();
    // Since glibc 2.27.
    let source = "int memfd_create(const char *, unsigned);\n\
                  int main(void) { return memfd_create(\"runtime/invocation/next\", 0); }\n";
    fs_err::write(dir.path().join("main.c"), source).unwrap();
    let built = run(command(cc, dir.path()).args(["main.c", "-o", "bootstrap"]));
    let program = dir.path().join("bootstrap");
    let bytes = fs_err::read(&program).unwrap_or_default();
    let versioned = bytes.windows(10).any(|part| part == b"GLIBC_2.27");
    if built.code != Some(0) || !versioned {
        return skip("cc does not link with a glibc of 2.27 or later");
    }
    let (code, codes, all) = judged(&program, &["--runtime", "provided.al2"]);
    assert_eq!((code, &codes[..]), (Some(104), &["glibc".to_owned()][..]));
    let what = all["findings"][0]["what"].as_str().unwrap();
    for word in ["memfd_create", "provided.al2 has 2.26"] {
        assert!(what.contains(word), "{what}");
    }
}
