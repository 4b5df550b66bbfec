//! The scene of a fault: old results, new ones, and how to tell which of them exist.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cargo_lambdapack::internals::TEMPORARY;
use tempfile::TempDir;

use super::project::files_in;
use super::support::{LAMBDAPACK, fails, lambdapack, ok};

const CACHE_FILES: [&str; 3] = [".cache.json", ".hashes.json", ".surveys.json"];

/// The injected fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A call fails with this error.
    Error(&'static str),
    Int,
    Term,
    Kill,
}

impl Fault {
    /// As an argument of strace.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Error(error) => format!("error={error}"),
            Self::Int => "signal=SIGINT".to_owned(),
            Self::Term => "signal=SIGTERM".to_owned(),
            Self::Kill => "signal=SIGKILL".to_owned(),
        }
    }

    /// The mark that strace leaves in a trace when the fault strikes.
    pub(crate) const fn mark(self) -> &'static str {
        match self {
            Self::Error(_) => "(INJECTED)",
            Self::Int => "--- SIGINT ",
            Self::Term => "--- SIGTERM ",
            Self::Kill => "+++ killed by SIGKILL +++",
        }
    }
}

/// The state before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Fresh,
    Old,
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A program that was changed since it was packaged.
#[derive(Debug)]
pub(crate) struct Scene {
    dir: TempDir,
    args: &'static [&'static str],
    /// The folder with the results, in `dir`.
    results: &'static str,
    old: Files,
    new: Files,
}

impl Scene {
    /// Scripts and text, which are packaged quickly.
    pub(crate) fn pack_of_a_script() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.txt", "b.txt"] {
            fs_err::write(dir.path().join(name), name).unwrap();
        }
        // A deprecated runtime, because the warning and `-v` produce output.
        let args = &[
            "pack",
            "-v",
            "-o",
            "out/it.zip",
            "--runtime",
            "provided.al2",
            "it",
            "a.txt",
            "b.txt",
        ];
        Self::played(dir, args, "out", "it", "#!/bin/sh\n")
    }

    /// A function in Go, with a fake go that is fast.
    pub(crate) fn build() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let fake = Path::new(LAMBDAPACK).with_file_name("examples/fake-tool");
        assert!(fake.exists(), "cargo build --example fake-tool makes it");
        fs_err::create_dir(dir.path().join("bin")).unwrap();
        fs_err::os::unix::fs::symlink(fake, dir.path().join("bin/go")).unwrap();
        fs_err::write(
            dir.path().join("go.mod"),
            "module example.com/it\n\ngo 1.21\n",
        )
        .unwrap();
        let main = "package main\n\nimport \"github.com/aws/aws-lambda-go/lambda\"\n\n\
                    func main() { lambda.Start(func() {}) }\n";
        Self::played(dir, &["-v"], "target/lambdapack", "main.go", main)
    }

    /// Packages twice, to learn the expected results.
    fn played(
        dir: TempDir,
        args: &'static [&'static str],
        results: &'static str,
        source: &str,
        text: &str,
    ) -> Self {
        let (old, new) = (Files::new(), Files::new());
        let mut scene = Self {
            dir,
            args,
            results,
            old,
            new,
        };
        let source = scene.dir().join(source);
        for (files, word) in [(0, "old"), (1, "new")] {
            fs_err::write(&source, format!("{text}// {word}\n")).unwrap();
            ok(&mut scene.pack());
            let found = scene.found();
            if files == 0 {
                scene.old = found
            } else {
                scene.new = found
            }
        }
        assert!(scene.old.len() > 1 && scene.old != scene.new);
        scene
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The command, on a machine without any other tools.
    pub(crate) fn pack(&self) -> Command {
        let mut pack = Command::new(LAMBDAPACK);
        pack.args(self.args).current_dir(self.dir()).env_clear();
        pack.env("PATH", self.dir().join("bin"));
        pack.env("HOME", self.dir()).env("FAKE_DIR", self.dir());
        pack.stdin(Stdio::null());
        pack
    }

    fn found(&self) -> Files {
        let results = self.dir().join(self.results);
        if !results.exists() {
            return Files::new();
        }
        let read = |path: PathBuf| {
            let bytes = fs_err::read(results.join(&path)).unwrap();
            (path, bytes)
        };
        files_in(&results).into_iter().map(read).collect()
    }

    /// Restores the original state.
    pub(crate) fn prepare(&self, start: Start) {
        let results = self.dir().join(self.results);
        if results.exists() {
            fs_err::remove_dir_all(&results).unwrap();
        }
        for (path, bytes) in self.before(start) {
            let path = results.join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, bytes).unwrap();
        }
    }

    fn before(&self, start: Start) -> Files {
        match start {
            Start::Fresh => Files::new(),
            Start::Old => self.old.clone(),
        }
    }

    /// Compares the files and messages of an interrupted run with the guarantees.
    pub(crate) fn judge(&self, start: Start, fault: Fault, output: &Output, about: &str) {
        let found = self.found();
        self.judge_end(fault, output, &found, about);
        self.judge_files(&self.before(start), fault, &found, about);
        // The next run repairs an incomplete state.
        let begun = found
            .iter()
            .any(|(path, bytes)| self.is_new_zip(path, bytes));
        if fault == Fault::Kill || (begun && output.status.code() != Some(0)) {
            ok(&mut self.pack());
            self.assert_packed(about);
        }
    }

    fn judge_end(&self, fault: Fault, output: &Output, found: &Files, about: &str) {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{about}");
        let errors = stderr.matches("error: ").count();
        match (fault, output.status.code()) {
            (Fault::Kill, _) => assert_eq!(output.status.signal(), Some(9), "{about}"),
            (_, Some(0)) => {
                assert_eq!(errors, 0, "{about}");
                self.assert_new(found, about);
            }
            (Fault::Error(_), Some(103)) => {
                // A line is one write. If that write failed, the line cannot have been printed.
                let lost = |word: &str| {
                    let written = format!("write(2, \"{word}");
                    { about.lines() }
                        .filter(|line| line.contains(&written))
                        .any(|line| line.contains("(INJECTED)") || line.contains("<unfinished"))
                };
                assert!(errors == 1 || (errors == 0 && lost("error: ")), "{about}");
                let helps = stderr.matches("help: ").count();
                assert!(helps == 1 || (helps == 0 && lost("help: ")), "{about}");
                let named = stderr.contains(self.dir().to_str().unwrap());
                assert!(
                    named || stderr.contains("stdout") || errors == 0,
                    "no file is named: {about}"
                );
            }
            (Fault::Int, Some(130)) | (Fault::Term, Some(143)) => {
                assert_eq!(errors, 0, "{about}");
            }
            _ => panic!("it ended otherwise: {about}"),
        }
    }

    fn judge_files(&self, before: &Files, fault: Fault, found: &Files, about: &str) {
        for (path, bytes) in found {
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.starts_with(TEMPORARY) {
                assert!(fault == Fault::Kill, "{name} is left: {about}");
            } else if CACHE_FILES.contains(&name) {
                // Stamps differ each time.
                let _: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            } else {
                let known = [before.get(path), self.new.get(path)];
                assert!(known.contains(&Some(bytes)), "{name} is neither: {about}");
            }
        }
        let gone = before.keys().find(|path| !found.contains_key(*path));
        assert_eq!(gone, None, "{about}");
        // Zip, hash file, manifest: a file that describes another one is put in place after it.
        let is_new = |end: &str| {
            let mut new = self.new.iter().filter(|(path, _)| path.ends_with_text(end));
            new.all(|(path, bytes)| found.get(path) == Some(bytes))
        };
        let (zip, sidecar, manifest) = (is_new(".zip"), is_new("sha256"), is_new("manifest.json"));
        assert!(zip || !sidecar, "a hash of no zip: {about}");
        let has_manifest = self.new.keys().any(|path| path.ends_with("manifest.json"));
        assert!(
            sidecar || !manifest || !has_manifest,
            "a manifest of no zip: {about}"
        );
        let sidecar_stands = found.keys().any(|path| path.ends_with_text("sha256"));
        if zip && !sidecar && sidecar_stands {
            let zip = self
                .new
                .keys()
                .find(|path| path.ends_with_text(".zip"))
                .unwrap();
            let zip = self.dir().join(self.results).join(zip);
            fails(106, lambdapack(self.dir()).arg("check").arg(zip));
        }
    }

    fn is_new_zip(&self, path: &PathBuf, bytes: &Vec<u8>) -> bool {
        path.ends_with_text(".zip") && self.new.get(path) == Some(bytes)
    }

    /// The new results exist, complete, and nothing else does.
    pub(crate) fn assert_packed(&self, about: &str) {
        self.assert_new(&self.found(), about);
    }

    /// The state equals that of an undisturbed run.
    fn assert_new(&self, found: &Files, about: &str) {
        let lasting = |files: &Files| {
            let mut files = files.clone();
            files.retain(|path, _| !CACHE_FILES.iter().any(|file| path.ends_with(file)));
            files
        };
        let (found, new) = (lasting(found), lasting(&self.new));
        assert!(found == new, "{:?}: {about}", found.keys());
    }
}

trait EndsWithText {
    fn ends_with_text(&self, end: &str) -> bool;
}

impl EndsWithText for PathBuf {
    fn ends_with_text(&self, end: &str) -> bool {
        self.to_str().unwrap().ends_with(end)
    }
}
