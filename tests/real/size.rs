//! How large our zips are beside those of other packers. Bytes do not depend on the
//! machine; what all of it costs is measured by `make bench`.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_lambdapack::internals::Arch;
use tempfile::TempDir;

use super::running::unpack;
use super::support::{command, lambdapack, ok, repository, tell, tool};
use super::template::Template::{Go, Rust};
use super::template::packed;
use super::toolchain::host_arch;

/// A program called `bootstrap` in a folder of its own.
#[derive(Debug)]
struct Program {
    name: &'static str,
    dir: TempDir,
}

impl Program {
    /// Its place is given to who puts it there.
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

    /// What a packer makes of it, in bytes. `ZIP` among its words is the place.
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

    /// Fails when ours is larger than so many thousandths of theirs.
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

/// This test, with debug information, of which functions have none.
fn with_debug_information() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Those, and two large programs that are there anyway: this test and Go's compiler.
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

/// Go's archive/zip, as aws-lambda-go's build-lambda-zip uses it.
fn go_zip(dir: &Path) -> Option<PathBuf> {
    let program = dir.join("zipwrite");
    let mut build = command(tool("go")?, repository());
    build.args(["build", "-o"]).arg(&program);
    ok(build.arg("tests/real/zipwrite.go"));
    Some(program)
}

#[test]
fn ours_is_smaller_than_that_of_info_zip_at_its_best() {
    let Some(zip) = tool("zip") else { return };
    for program in all() {
        program.assert_smaller("default", &zip, "-q -9 ZIP bootstrap", 995);
    }
    // Here the level that is three times as fast as zip gains next to nothing.
    let large = Program::copy("this test as it is", &with_debug_information());
    large.assert_smaller("default", &zip, "-q -9 ZIP bootstrap", 1000);
}

#[test]
fn ours_is_smaller_than_that_of_gos_archive_zip() {
    let dir = tempfile::tempdir().unwrap();
    let Some(go) = go_zip(dir.path()) else { return };
    for program in all() {
        program.assert_smaller("default", &go, "header ZIP bootstrap", 970);
    }
}

/// 7-Zip needs seven times as long or more: small programs must do.
#[test]
fn our_best_is_as_small_as_that_of_seven_zip_at_its_best() {
    let Some(seven_zip) = tool("7z") else { return };
    let words = "a -tzip -mx=9 -mpass=15 -mfb=258 ZIP bootstrap";
    for program in small() {
        program.assert_smaller("best", &seven_zip, words, 1002);
    }
}
