//! The input programs, from this repository and from pinned crates and modules.

use std::path::{Path, PathBuf};

use super::tools::{LAMBDAPACK, Tools, command, folder, ok, repository};

/// An input program.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) name: &'static str,
    /// A description for the reader.
    pub(crate) what: &'static str,
    /// In a folder of its own, named `bootstrap`.
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
}

impl Input {
    fn new(name: &'static str, what: &'static str, from: &Path) -> Self {
        let dir = folder().join(name);
        fs_err::create_dir_all(&dir).unwrap();
        let path = dir.join("bootstrap");
        fs_err::copy(from, &path).unwrap();
        let size = fs_err::metadata(&path).unwrap().len();
        Self {
            name,
            what,
            path,
            size,
        }
    }

    /// The path of the program.
    pub(crate) fn dir(&self) -> &Path {
        self.path.parent().unwrap()
    }
}

/// Builds a project with our program, and keeps its only function without a zip.
fn built(project: &str, name: &str, arch: &str) -> PathBuf {
    let out = folder().join("built");
    let mut build = command(LAMBDAPACK, repository());
    build.arg(project).args(["--arch", arch, "--format", "dir"]);
    build.arg("--out-dir").arg(&out);
    build.arg("--target-dir").arg(folder().join("target"));
    build.args(["--print", "path"]);
    let path = PathBuf::from(ok(&mut build).trim());
    if path.is_dir() {
        path.join("bootstrap")
    } else {
        out.join(arch).join(name).join("bootstrap")
    }
}

/// All inputs, small ones first. Without Go, those in Go are missing.
pub(crate) fn inputs(tools: &Tools) -> Vec<Input> {
    let mut inputs = vec![
        Input::new(
            "rust-small",
            "`templates/rust-function`",
            &built("templates/rust-function", "rust-function", "host"),
        ),
        Input::new(
            "rust-middle",
            "cargo-lambdapack itself, as released",
            Path::new(LAMBDAPACK),
        ),
    ];
    if tools.go.is_some() {
        inputs.push(Input::new(
            "go-small",
            "`templates/go-function`",
            &built("templates/go-function", "go-function", "arm64"),
        ));
        inputs.push(Input::new(
            "go-large",
            "`benches/go-large`: three services of the AWS SDK",
            &built("benches/go-large", "large", "arm64"),
        ));
    }
    inputs.push(Input::new(
        "rust-large",
        "cargo-lambdapack itself, not optimized, with its symbols",
        &debug_build("none", "symbols"),
    ));
    inputs.push(Input::new(
        "rust-debug",
        "the same with debug information, which nobody should deploy",
        &debug_build("full", "debug"),
    ));
    inputs
}

/// Our own program, not optimized.
fn debug_build(information: &str, folder: &str) -> PathBuf {
    let target = super::tools::folder().join(folder);
    let mut build = command(env!("CARGO"), repository());
    build.args(["build", "--locked", "--bin", "cargo-lambdapack"]);
    build.env("CARGO_PROFILE_DEV_DEBUG", information);
    ok(build.arg("--target-dir").arg(&target));
    target.join("debug/cargo-lambdapack")
}

/// A program of this size: the smallest input, followed by pieces of all inputs in turn, so
/// that every size has the same mixture.
pub(crate) fn of_size(size: usize, from: &[Input]) -> PathBuf {
    const PIECE: usize = 1_000_000;
    let contents: Vec<_> = { from.iter() }
        .map(|input| fs_err::read(&input.path).unwrap())
        .collect();
    let mut bytes = Vec::with_capacity(size + PIECE);
    bytes.extend(&contents[0]);
    for round in 0.. {
        for content in &contents {
            let pieces: Vec<_> = content.chunks(PIECE).collect();
            bytes.extend(pieces[round % pieces.len()]);
        }
        if bytes.len() >= size {
            break;
        }
    }
    bytes.truncate(size);
    let path = folder().join(format!("program-{size}"));
    fs_err::write(&path, bytes).unwrap();
    path
}
