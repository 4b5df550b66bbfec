//! `pack` on Windows: a prebuilt program and additional files, by every kind of path.

use std::path::{Path, PathBuf};

use cargo_lambdapack::internals::Arch;

use super::project::{Project, copy};
use super::running::unpack;
use super::support::{self, Ran, ok, run};
use super::template::{Template, packed};
use super::wine::{self, Go, deep, same_go, spelt, verbatim};

/// Folders with difficult paths, each with a program and a file.
struct Places {
    project: Project,
}

impl Places {
    fn new() -> Option<Self> {
        if !wine::is_here() {
            return None;
        }
        let packed = packed(Template::Go, Arch::Arm64)?;
        let project = Project::new(&[("plain/list.txt", "one\ntwo\n")]);
        unpack(&packed.zip, &project.path("plain"));
        let places = Self { project };
        for folder in places.difficult() {
            copy(&places.project.path("plain"), &folder);
        }
        Some(places)
    }

    fn root(&self) -> &Path {
        self.project.root()
    }

    fn difficult(&self) -> [PathBuf; 2] {
        let strange = self.project.path("a folder/Übung 関数 🦀");
        [strange, deep(self.root())]
    }

    /// Each spelling of a file on Windows that the file system accepts.
    fn spellings(&self, file: &Path) -> Vec<String> {
        let inside = file.strip_prefix(self.root()).unwrap().to_str().unwrap();
        let full = spelt(file);
        vec![
            full.replace('\\', "/"),
            verbatim(file),
            inside.replace('/', "\\"),
            format!(r".\{inside}"),
            full,
        ]
    }

    /// Packages on this system and on Windows with these options, and compares the results.
    fn compare(&self, here: &[&str], windows: &[&str]) -> Vec<String> {
        let pack = |mut command: std::process::Command, out: &str, args: &[&str]| {
            ok(command.args(["pack", "-o", out]).args(args));
            self.result(&self.project.path(out))
        };
        let here = pack(support::lambdapack(self.root()), "here.zip", here);
        let there = pack(wine::lambdapack(self.root()), "windows.zip", windows);
        assert!(there == here, "{windows:?}");
        let archive = zip::ZipArchive::new(std::io::Cursor::new(&here.0)).unwrap();
        archive
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .collect()
    }

    /// A zip and its hash, which are then removed.
    fn result(&self, zip: &Path) -> (Vec<u8>, String) {
        let hash = PathBuf::from(format!("{}.base64sha256", zip.display()));
        let result = (
            fs_err::read(zip).unwrap(),
            fs_err::read_to_string(&hash).unwrap(),
        );
        assert_eq!(result.1.len(), 44);
        fs_err::remove_file(zip).unwrap();
        fs_err::remove_file(&hash).unwrap();
        result
    }
}

#[test]
fn a_program_is_packaged_alike_for_every_kind_of_path() {
    let Some(places) = Places::new() else { return };
    for folder in places.difficult() {
        let program = folder.join("bootstrap");
        for spelling in places.spellings(&program) {
            let names = places.compare(&["plain/bootstrap"], &[&spelling]);
            assert_eq!(names, ["bootstrap"]);
        }
    }
}

#[test]
fn a_zip_is_written_to_the_given_path() {
    let Some(places) = Places::new() else { return };
    let program = "plain/bootstrap";
    ok(support::lambdapack(places.root()).args(["pack", "-o", "here.zip", program]));
    let here = places.result(&places.project.path("here.zip"));
    for folder in places.difficult() {
        let zip = folder.join("out.zip");
        for spelling in places.spellings(&zip) {
            ok(wine::lambdapack(places.root()).args(["pack", "-o", &spelling, program]));
            assert!(places.result(&zip) == here, "{spelling}");
        }
    }
}

#[test]
fn a_file_is_included_alike_for_every_kind_of_path() {
    let Some(places) = Places::new() else { return };
    for folder in places.difficult() {
        let file = folder.join("list.txt");
        for spelling in places.spellings(&file) {
            let (here, windows) = (
                format!("{}=data/list.txt", file.display()),
                format!("{spelling}=data/list.txt"),
            );
            let names = places.compare(
                &["plain/bootstrap", "--include", &here],
                &[r"plain\bootstrap", "--include", &windows],
            );
            assert_eq!(names, ["bootstrap", "data/list.txt"]);
        }
        // Names in a zip use `/` on every system.
        let full = spelt(&file);
        let include = format!(r"{full}=data\list.txt");
        let args = [
            "pack",
            "-o",
            "windows.zip",
            "plain/bootstrap",
            "--include",
            &include,
        ];
        let ran = run(wine::lambdapack(places.root()).args(args));
        assert_eq!(ran.code, Some(103), "{ran:?}");
        assert!(ran.stderr.contains("backslash"), "{ran:?}");
    }
}

#[test]
fn files_are_added_alike_for_every_kind_of_path() {
    let Some(places) = Places::new() else { return };
    for folder in places.difficult() {
        let file = folder.join("list.txt");
        for spelling in places.spellings(&file) {
            // An absolute path has no name in the zip of its own.
            let named = |word: &str| {
                if spelling.contains(':') {
                    format!("{word}=list.txt")
                } else {
                    word.to_owned()
                }
            };
            let here = file.strip_prefix(places.root()).unwrap().to_str().unwrap();
            let names = places.compare(
                &["plain/bootstrap", &named(here)],
                &["plain/bootstrap", &named(&spelling)],
            );
            assert!(!names.concat().contains([':', '\\']), "{names:?}");
        }
    }
}

#[test]
fn a_drive_is_not_part_of_a_name_in_the_zip() {
    let Some(places) = Places::new() else { return };
    let absent = |include: &str| -> Ran {
        run(wine::lambdapack(places.root()).args([
            "pack",
            "-o",
            "windows.zip",
            "plain/bootstrap",
            "--include",
            include,
        ]))
    };
    for include in [r"C:\absent", "C:/absent", r"C:\absent=data/x"] {
        let ran = absent(include);
        let path = include.trim_end_matches("=data/x");
        assert!(![Some(0), Some(70)].contains(&ran.code), "{ran:?}");
        assert!(ran.stderr.contains(path), "{ran:?}");
        assert!(!places.project.path("windows.zip").exists());
    }
    // A drive is not a valid destination either.
    let ran = absent(r"plain\list.txt=C:\list.txt");
    assert!(![Some(0), Some(70)].contains(&ran.code), "{ran:?}");
}

#[test]
fn configured_files_are_found_by_every_kind_of_path() {
    if !wine::is_here() {
        return;
    }
    let project = Project::called("eine Übung", &[]);
    copy(&Template::Go.source(), project.root());
    let args = ["--lang", "go", "--arch", "arm64"];
    let outside = Project::called("a folder/Übung 関数 🦀", &[("list.txt", "one\n")]);
    let far = deep(outside.root()).join("list.txt");
    fs_err::copy(outside.path("list.txt"), &far).unwrap();
    project.write("data/a list.txt", "one\n");
    // Literal TOML strings, in which a backslash is a plain character.
    let include = |paths: &[&str]| {
        let paths: Vec<_> = paths
            .iter()
            .map(|path| format!("'{path}=list.txt'"))
            .collect();
        let line = format!("include = [{}]\n", paths.join(", "));
        project.write("lambdapack.toml", &line);
    };
    let packed = || {
        let zip = project.zip(Arch::Arm64, "go-function");
        let hash = zip.with_extension("zip.base64sha256");
        (fs_err::read(zip).unwrap(), fs_err::read(hash).unwrap())
    };
    let go = Go::new();
    let (near, far) = (outside.path("list.txt"), far);
    let spellings: [(&str, Vec<String>); 3] = [
        (
            "data/a list.txt",
            vec!["data/a list.txt".into(), r"data\a list.txt".into()],
        ),
        (near.to_str().unwrap(), vec![spelt(&near), verbatim(&near)]),
        (far.to_str().unwrap(), vec![spelt(&far), verbatim(&far)]),
    ];
    for (here, windows) in &spellings {
        include(&[here]);
        let mut pack = support::lambdapack(project.root());
        ok(same_go(&mut pack).args(args));
        let here = packed();
        for spelling in windows {
            include(&[spelling]);
            let _ = fs_err::remove_dir_all(project.path("target"));
            let ran = go.run(project.root(), &args);
            assert_eq!(ran.code, Some(0), "{spelling}: {ran:?}");
            assert!(packed() == here, "{spelling}");
        }
    }
}
