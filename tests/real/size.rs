//! The size of our zips compared with those of other packers. Bytes do not depend on the
//! machine; `make bench` measures the time.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_lambdapack::internals::Arch;
use tempfile::TempDir;

use super::running::unpack;
use super::support::{command, lambdapack, ok, repository, tell, tool};
use super::template::Template::{Go, Rust};
use super::template::packed;
use super::toolchain::host_arch;

/// A program named `bootstrap` in a folder of its own.
#[derive(Debug)]
struct Program {
    name: &'static str,
    dir: TempDir,
}

impl Program {
    /// The caller chooses the path.
    fn new(name: &'static str, put: impl FnOnce(&Path)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path());
        Self { name, dir }
    }

    fn copy(name: &'static str, from: &Path) -> Self {
        Self::new(name, |dir| {
            fs_err::copy(from, dir.join("bootstrap")).unwrap();
        })
    }

    /// The size of another packer's result in bytes. `ZIP` in the arguments stands for the path.
    fn zipped(&self, packer: &Path, words: &str) -> u64 {
        let zip = tempfile::tempdir().unwrap();
        let zip = zip.path().join("it.zip");
        let mut pack = command(packer, self.dir.path());
        for word in words.split(' ') {
            if word == "ZIP" {
                pack.arg(&zip);
            } else {
                pack.arg(word);
            }
        }
        ok(&mut pack);
        fs_err::metadata(zip).unwrap().len()
    }

    fn ours(&self, level: &str) -> u64 {
        let program = lambdapack(self.dir.path());
        let words = format!("pack --compression {level} -o ZIP bootstrap");
        self.zipped(Path::new(program.get_program()), &words)
    }

    /// Fails if our zip is larger than this many thousandths of theirs.
    fn assert_smaller(&self, level: &str, packer: &Path, words: &str, thousandths: u64) {
        let (ours, theirs) = (self.ours(level), self.zipped(packer, words));
        let name = self.name;
        tell(&format!("{name}: {ours} bytes, and theirs has {theirs}"));
        assert!(
            ours * 1000 <= theirs * thousandths,
            "{name}: {ours} bytes are more than {thousandths}/1000 of {theirs}"
        );
    }
}

/// The templates, as far as they can be built here.
fn small() -> Vec<Program> {
    let templates = [
        ("the Rust template", Rust, host_arch()),
        ("the Go template", Go, Arch::Arm64),
    ];
    { templates.into_iter() }
        .filter_map(|(name, template, arch)| {
            let packed = packed(template, arch)?;
            Some(Program::new(name, |dir| {
                unpack(&packed.zip, dir);
            }))
        })
        .collect()
}

/// This test program, with debug information, which functions do not have.
fn with_debug_information() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// The templates and two large programs that already exist: this test and Go's compiler.
fn all() -> &'static [Program] {
    static ALL: OnceLock<Vec<Program>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut programs = small();
        if let Some(strip) = tool("strip") {
            programs.push(Program::new("this test", |dir| {
                let mut strip = command(strip, dir);
                strip.args(["--strip-debug", "-o", "bootstrap"]);
                ok(strip.arg(with_debug_information()));
            }));
        }
        if let Some(go) = tool("go") {
            let compiler = ok(command(go, Path::new("/")).args(["tool", "-n", "compile"]));
            programs.push(Program::copy("Go's compiler", Path::new(compiler.trim())));
        }
        programs
    })
}

/// Go's archive/zip, as used by build-lambda-zip of aws-lambda-go.
fn go_zip(dir: &Path) -> Option<PathBuf> {
    let program = dir.join("zipwrite");
    let mut build = command(tool("go")?, repository());
    build.args(["build", "-o"]).arg(&program);
    ok(build.arg("tests/real/zipwrite.go"));
    Some(program)
}

#[test]
fn the_zip_is_smaller_than_info_zips_best() {
    let Some(zip) = tool("zip") else { return };
    for program in all() {
        program.assert_smaller("default", &zip, "-q -9 ZIP bootstrap", 995);
    }
    // The level that is three times as fast as zip gains almost nothing here.
    let large = Program::copy("this test as it is", &with_debug_information());
    large.assert_smaller("default", &zip, "-q -9 ZIP bootstrap", 1000);
}

#[test]
fn the_zip_is_smaller_than_gos_archive_zip() {
    let dir = tempfile::tempdir().unwrap();
    let Some(go) = go_zip(dir.path()) else { return };
    for program in all() {
        program.assert_smaller("default", &go, "header ZIP bootstrap", 970);
    }
}

/// 7-Zip takes seven times as long or more, so small programs must be enough.
#[test]
fn the_best_level_is_as_small_as_seven_zips_best() {
    let Some(seven_zip) = tool("7z") else { return };
    let words = "a -tzip -mx=9 -mpass=15 -mfb=258 ZIP bootstrap";
    for program in small() {
        program.assert_smaller("best", &seven_zip, words, 1002);
    }
}
