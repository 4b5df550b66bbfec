//! Reads the output folder of one build.

use std::path::{Path, PathBuf};

use crate::build::package::manifest::{ArchEntry, FILE, FunctionEntry, Manifest};
use crate::fs::path;
use crate::lambda::Arch;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// The output folder of one build.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) dir: PathBuf,
    /// The folder for messages: relative to the current one if it is below.
    shown: PathBuf,
    /// The manifest, with sources relative to the joined folder.
    pub(super) manifest: Manifest,
}

/// A function of a part, for one architecture.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartResult<'a> {
    pub(super) part: &'a Part,
    pub(super) name: &'a str,
    pub(super) function: &'a FunctionEntry,
    pub(super) arch: Arch,
    pub(super) entry: &'a ArchEntry,
}

impl PartResult<'_> {
    /// The name and the architecture, for messages.
    pub(super) fn label(&self) -> String {
        format!("{} ({})", self.name, self.arch)
    }
}

impl Part {
    /// Reads a folder, whose results will be joined in `out_dir`.
    pub(super) fn read(dir: &Path, out_dir: &Path, cwd: &Path) -> Result<Self, Vec<Problem>> {
        let shown = dir.strip_prefix(cwd).unwrap_or(dir);
        if !dir.join(FILE).is_file() {
            return Err(vec![no_manifest(dir, shown)]);
        }
        let mut manifest = Manifest::read(dir)
            .map_err(|error| Failure::from_error(&error, ExitKind::Packaging).problems)?;
        for function in manifest.functions.values_mut() {
            function.source = source(function, dir, out_dir);
        }
        Ok(Self {
            dir: dir.to_owned(),
            shown: shown.to_owned(),
            manifest,
        })
    }

    /// The functions in the order of the manifest, once for each architecture.
    pub(super) fn results(&self) -> impl Iterator<Item = PartResult<'_>> {
        let functions = self.manifest.functions.iter();
        functions.flat_map(move |(name, function)| {
            let archs = function.archs.iter();
            archs.map(move |(arch, entry)| PartResult {
                part: self,
                name,
                function,
                arch: *arch,
                entry,
            })
        })
    }

    /// The path of a file in the folder, for messages.
    pub(super) fn shown(&self, file: &str) -> String {
        self.shown.join(file).display().to_string()
    }

    /// The path of the manifest, for messages.
    pub(super) fn manifest_path(&self) -> String {
        self.shown(FILE)
    }
}

/// Explains a folder without a manifest.
fn no_manifest(dir: &Path, shown: &Path) -> Problem {
    let shown = shown.display();
    if !dir.exists() {
        return Problem::new(format!("`{shown}` does not exist"))
            .help("pass the output folders of builds, without those whose partition was empty");
    }
    let below = fs_err::read_dir(dir).into_iter().flatten();
    let mut below = below.filter_map(Result::ok).map(|entry| entry.path());
    let help = if below.any(|dir| dir.join(FILE).is_file()) {
        format!("pass the folders in it: `{shown}/*`")
    } else {
        "pass the output folders of builds, which `--out-dir` chooses".to_owned()
    };
    Problem::new(format!("`{shown}` contains no {FILE}")).help(help)
}

/// The source of a function as seen from the joined folder. Usually the part was built in another
/// checkout, in the same place of its project, so the path stays the same. A folder that was not
/// moved has its source where it says.
fn source(function: &FunctionEntry, dir: &Path, out_dir: &Path) -> String {
    if function.has_source(out_dir) || !function.has_source(dir) {
        return function.source.clone();
    }
    path::relative(Some(out_dir), &path::resolve(dir, &function.source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::{Language, Purpose, Runtime};

    fn function(source: &str) -> FunctionEntry {
        FunctionEntry {
            kind: Purpose::Function,
            language: Some(Language::Go),
            runtime: Runtime::default(),
            handler: None,
            source: source.to_owned(),
            archs: [].into(),
        }
    }

    #[test]
    fn sources_are_relative_to_the_joined_folder() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs_err::canonicalize(dir.path()).unwrap();
        for module in ["app", "clone"] {
            fs_err::create_dir_all(root.join(module)).unwrap();
            fs_err::write(root.join(module).join("go.mod"), "").unwrap();
        }
        let source = |recorded: &str, part: &str, out: &str| {
            source(&function(recorded), &root.join(part), &root.join(out))
        };
        let out = "app/target/lambdapack";
        // From another checkout, and from a checkout whose results were downloaded.
        assert_eq!(source("../..", "clone/target/lambdapack", out), "../..");
        assert_eq!(source("../..", "download/1", out), "../..");
        // From the same checkout.
        assert_eq!(source("..", "app/part-1", out), "../..");
        assert_eq!(source("../app", "part-1", out), "../..");
        // Without any checkout.
        assert_eq!(source("../..", "download/1", "joined"), "../..");
    }
}
