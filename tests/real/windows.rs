//! The tool as a Windows program: the same bytes, hashes, and verdicts as on this system.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_lambdapack::internals::Arch;

use super::project::{Project, copy, files_in};
use super::running::unpack;
use super::support::{self, Ran, command, ok, repository, run, tool};
use super::template::{Template, packed};
use super::unchanged::{Stamps, stamps};
use super::wine::{self, Go, deep, same_go, spelt, verbatim};

#[test]
fn version_and_help_are_the_same_as_on_this_system() {
    if !wine::is_here() {
        return;
    }
    for args in [&["--version"][..], &["--help"], &["check", "--help"]] {
        let here = ok(support::lambdapack(repository()).args(args));
        let windows = ok(wine::lambdapack(repository()).args(args));
        let windows = windows.replace("cargo-lambdapack.exe", "cargo-lambdapack");
        assert_eq!(windows, here);
    }
}

/// Runs tests that were built for Windows; returns their output.
fn passes(tests: &str) -> String {
    let ran = run(&mut wine::wine(&wine::made(tests), repository()));
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, Some(0), "{said}");
    assert!(ran.stdout.contains("test result: ok. "), "{said}");
    said
}

#[test]
fn the_unit_tests_pass() {
    if wine::is_here() {
        passes("unit-tests.exe");
    }
}

/// tests/golden.rs.
#[test]
fn every_zip_has_the_expected_hash_on_windows() {
    if wine::is_here() {
        let said = passes("golden.exe");
        assert!(said.contains("every_zip_has_the_expected_hash ... ok"));
    }
}

/// The report of `check` for each file, without the paths.
fn verdicts(ran: &Ran) -> Vec<serde_json::Value> {
    let mut said: serde_json::Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let files = said["files"].as_array_mut().unwrap();
    for file in &mut *files {
        assert!(file.as_object_mut().unwrap().remove("path").is_some());
    }
    std::mem::take(files)
}

/// A zip and its hash, the program in it, and a program for Windows.
fn files(dir: &Path) -> Option<Vec<String>> {
    fs_err::create_dir_all(dir).unwrap();
    let mut names = Vec::new();
    for (template, arch) in [(Template::Go, Arch::Arm64), (Template::Rust, Arch::X86_64)] {
        let name = template.name();
        let packed = packed(template, arch)?;
        fs_err::copy(&packed.zip, dir.join(format!("{name}.zip"))).unwrap();
        let hash = packed.zip.with_extension("zip.base64sha256");
        fs_err::copy(hash, dir.join(format!("{name}.zip.base64sha256"))).unwrap();
        fs_err::rename(unpack(&packed.zip, dir), dir.join(name)).unwrap();
        names.extend([name.to_owned(), format!("{name}.zip")]);
    }
    let windows = dir.join("windows.exe");
    fs_err::copy(wine::made("go-windows/go/bin/gofmt.exe"), windows).unwrap();
    names.push("windows.exe".to_owned());
    Some(names)
}

#[test]
fn zips_and_programs_are_judged_alike_for_every_kind_of_path() {
    if !wine::is_here() {
        return;
    }
    let project = Project::new(&[]);
    let root = project.root();
    let plain = project.path("plain");
    let Some(names) = files(&plain) else { return };
    let strange = project.path("a folder/Übung 関数 🦀");
    let deep = deep(root);
    for folder in [&strange, &deep] {
        copy(&plain, folder);
    }
    // Every kind of file by the simplest path, then one kind by every path.
    let simple = names.iter().map(|name| plain.join(name));
    let mut files: Vec<_> = simple.map(|file| (spelt(&file), file)).collect();
    for folder in [&strange, &deep] {
        let file = folder.join("go-function.zip");
        let inside = file.strip_prefix(root).unwrap().to_str().unwrap();
        let full = spelt(&file);
        let spellings = [
            full.clone(),
            full.replace('\\', "/"),
            full.replacen('\\', "/", 2),
            full.replacen("Z:", "z:", 1),
            full.replacen("Z:", "", 1),
            verbatim(&file),
            inside.to_owned(),
            inside.replace('/', "\\"),
            format!(r".\{inside}"),
            format!(r"plain\..\{inside}"),
        ];
        files.extend(spellings.map(|there| (there, file.clone())));
    }
    // In one run, because Wine starts slowly.
    let args = ["check", "--message-format", "json"];
    let here = files.iter().map(|(_, here)| here);
    let here = run(support::lambdapack(root).args(args).args(here));
    let there = files.iter().map(|(there, _)| there);
    let there = run(wine::lambdapack(root).args(args).args(there));
    assert_eq!((here.code, there.code), (Some(104), Some(104)), "{there:?}");
    let both = verdicts(&here).into_iter().zip(verdicts(&there));
    assert_eq!(both.len(), files.len());
    for ((here, windows), (path, _)) in both.zip(&files) {
        assert_eq!(windows, here, "{path}");
    }
}

#[test]
fn messages_about_files_differ_only_in_separators() {
    if !wine::is_here() {
        return;
    }
    let project = Project::new(&[]);
    let Some(names) = files(&project.path("some files")) else {
        return;
    };
    let check = |separator| {
        let files = names
            .iter()
            .map(move |name| format!("some files{separator}{name}"));
        ["check".to_owned()].into_iter().chain(files)
    };
    let here = run(support::lambdapack(project.root()).args(check('/')));
    let windows = run(wine::lambdapack(project.root()).args(check('\\')));
    assert_eq!(windows.code, here.code);
    assert_eq!(windows.stdout.replace('\\', "/"), here.stdout);
    assert_eq!(windows.stderr, here.stderr);
    // The program for Windows is refused on Windows too.
    assert_eq!(windows.code, Some(104), "{windows:?}");

    let absent = run(wine::lambdapack(project.root()).args(["check", r"Z:\no\such.zip"]));
    assert_eq!(absent.code, Some(103), "{absent:?}");
    assert!(absent.stdout.contains(r"Z:\no\such.zip"), "{absent:?}");
}

/// The Go template, packaged on this system and on Windows by the same release of Go.
struct Both {
    here: Project,
    said_here: String,
    windows: Project,
    /// The output of the first and the second run on Windows.
    said: [Ran; 2],
    /// The files after each of them.
    left: [Stamps; 2],
}

const ARGS: [&str; 4] = ["--lang", "go", "--arch", "arm64"];

fn both() -> Option<&'static Both> {
    static BOTH: OnceLock<Option<Both>> = OnceLock::new();
    BOTH.get_or_init(|| wine::is_here().then(Both::new))
        .as_ref()
}

impl Both {
    fn new() -> Self {
        let here = Project::new(&[]);
        copy(&Template::Go.source(), here.root());
        // The first run downloads the modules.
        let mut pack = support::lambdapack(here.root());
        let said_here = ok(same_go(&mut pack).args(ARGS));

        let windows = Project::called("eine Übung", &[]);
        copy(&Template::Go.source(), windows.root());
        let go = Go::new();
        let results = windows.path("target/lambdapack");
        let pack = || {
            let ran = go.run(windows.root(), &ARGS);
            assert_eq!(ran.code, Some(0), "{ran:?}");
            let mut left = stamps(&results);
            // On Windows the lock is a file, which changes the folder.
            left.retain(|path, _| results.join(path).is_file());
            (ran, left)
        };
        let ((first, after_first), (second, after_second)) = (pack(), pack());
        Self {
            here,
            said_here,
            windows,
            said: [first, second],
            left: [after_first, after_second],
        }
    }
}

#[test]
fn a_go_function_has_the_same_bytes_as_here() {
    let Some(both) = both() else { return };
    let results = |project: &Project| {
        let dir = project.path("target/lambdapack");
        let mut files = files_in(&dir);
        // Each system has its own cache files.
        let caches = [".cache.json", ".hashes.json", ".surveys.json"];
        files.retain(|file| !caches.iter().any(|cache| file.ends_with(cache)));
        let read = |file| fs_err::read(dir.join(&file)).map(|bytes| (file, bytes));
        files.into_iter().map(read).collect::<Result<Vec<_>, _>>()
    };
    let (here, windows) = (
        results(&both.here).unwrap(),
        results(&both.windows).unwrap(),
    );
    let names = |files: &[(PathBuf, Vec<u8>)]| {
        files
            .iter()
            .map(|(name, _)| name.to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&here),
        [
            ".gitignore",
            "arm64/go-function.zip",
            "arm64/go-function.zip.base64sha256",
            "arm64/go-function.zip.cdx.json",
            "manifest.json"
        ]
    );
    assert_eq!(names(&windows), names(&here));
    for ((name, windows), (_, here)) in windows.iter().zip(&here) {
        let text =
            |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]).into_owned();
        let said = || format!("{}\n{}\n{}", name.display(), text(windows), text(here));
        assert!(windows == here, "{}", said());
    }
    for said in &both.said {
        assert_eq!(said.stdout.replace('\\', "/"), both.said_here);
    }
}

#[test]
fn the_second_run_on_windows_is_fresh_and_writes_nothing() {
    let Some(both) = both() else { return };
    let [first, second] = &both.said;
    let lines = |ran: &Ran, start: &str| {
        let lines = ran.stderr.lines().map(str::trim_start);
        lines.filter(|line| line.starts_with(start)).count()
    };
    assert_eq!((lines(first, "Packed "), lines(first, "Fresh ")), (1, 0));
    assert_eq!((lines(second, "Packed "), lines(second, "Fresh ")), (0, 1));
    let [first, second] = &both.left;
    assert_eq!(first, second);
}

#[test]
fn every_reader_sees_an_executable_in_a_zip_from_windows() {
    const PYTHON: &str = "import sys, zipfile
for file in zipfile.ZipFile(sys.argv[1]).infolist():
    print(file.filename, oct(file.external_attr >> 16), file.create_system)";
    let Some(both) = both() else { return };
    let zip = both.windows.zip(Arch::Arm64, "go-function");
    let seen = |name: &str, args: &[&str]| {
        let tool = tool(name)?;
        Some(ok(command(tool, both.windows.root()).args(args).arg(&zip)))
    };
    if let Some(seen) = seen("unzip", &["-Z"]) {
        let line = seen.lines().find(|line| line.ends_with(" bootstrap"));
        let line = line.unwrap();
        assert!(line.starts_with("-rwxr-xr-x  2.0 unx "), "{seen}");
    }
    if let Some(seen) = seen("7z", &["l", "-slt"]) {
        let (_, entry) = seen.split_once("----------\n").unwrap();
        for field in ["Path = bootstrap\n", " -rwxr-xr-x\n", "Host OS = Unix\n"] {
            assert!(entry.contains(field), "{seen}");
        }
    }
    if let Some(seen) = seen("bsdtar", &["-tvf"]) {
        assert!(seen.starts_with("-rwxr-xr-x "), "{seen}");
    }
    if let Some(seen) = seen("python3", &["-c", PYTHON]) {
        assert_eq!(seen, "bootstrap 0o100755 3\n");
    }
    let reader = repository().join("tests/real/zipread.go");
    let mut go = command(wine::made("go-linux/go/bin/go"), both.windows.root());
    let seen = ok(same_go(&mut go).arg("run").arg(reader).arg(&zip));
    assert_eq!(seen, "bootstrap -rwxr-xr-x 1980-01-01\n");
}
