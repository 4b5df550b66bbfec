//! If nothing has changed, one compiler is asked and nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use cargo_lambdapack::internals::Arch;

use super::go::add_module;
use super::project::{Project, files_in, tiny_project, zips_in};
use super::support::{lambdapack, ok, tool, with_umask};
use super::template::Template::{self, Go, Rust};
use super::template::packed;
use super::toolchain::{host_arch, rust};
use super::trace::children;

/// The identity of a file, and the last change of the file and its name.
pub(crate) type Stamps = BTreeMap<PathBuf, (u64, i64, i64, i64, i64)>;

/// Of every file and folder below a folder.
pub(crate) fn stamps(dir: &Path) -> Stamps {
    let mut paths: BTreeSet<_> = files_in(dir).into_iter().collect();
    let folders: Vec<_> = paths.iter().flat_map(|p| p.ancestors().skip(1)).collect();
    let folders: Vec<_> = folders.into_iter().map(Path::to_owned).collect();
    paths.extend(folders);
    let stamp = |path: PathBuf| {
        let data = fs_err::metadata(dir.join(&path)).unwrap();
        let stamp = (
            data.ino(),
            data.mtime(),
            data.mtime_nsec(),
            data.ctime(),
            data.ctime_nsec(),
        );
        (path, stamp)
    };
    paths.into_iter().map(stamp).collect()
}

fn does_nothing(template: Template, arch: Arch, compiler: &str) {
    let (Some(strace), Some(packed)) = (tool("strace"), packed(template, arch)) else {
        return;
    };
    let mut pack = template.command(arch).unwrap();
    let _guard = template.lock();
    // Another test may have touched a source just now. Its hash would be kept by the second run.
    std::thread::sleep(Duration::from_millis(50));
    // Another architecture may have been packaged in between, with another toolchain.
    let expected = ok(&mut pack);
    let results = template.dir().join("target/lambdapack");
    let before = stamps(&results);
    assert!(before.len() > 5, "{before:?}");
    let children = children(&pack, &strace);
    assert_eq!(children.len(), 1, "{children:#?}");
    let starts = format!("/{compiler}\", [");
    assert!(children[0].contains(&starts), "{children:#?}");
    assert!(children[0].contains("\"build\""), "{children:#?}");
    assert_eq!(stamps(&results), before, "{}", packed.about());
    assert_eq!(ok(&mut pack), expected);
    assert_eq!(stamps(&results), before, "{}", packed.about());
}

#[test]
fn cargo_is_asked_once_for_arm64_and_nothing_is_written() {
    does_nothing(Rust, Arch::Arm64, "cargo");
}

#[test]
fn cargo_is_asked_once_for_x86_64_and_nothing_is_written() {
    does_nothing(Rust, Arch::X86_64, "cargo");
}

#[test]
fn go_is_asked_once_and_nothing_is_written() {
    does_nothing(Go, Arch::Arm64, "go");
}

/// A template as users have it: dependencies, thin LTO, proc macros.
#[test]
fn a_template_whose_source_is_touched_keeps_its_zip() {
    let zips = [(Rust, "src/main.rs"), (Go, "main.go")];
    for (template, source) in zips {
        let Some(packed) = packed(template, Arch::Arm64) else {
            continue;
        };
        let mut pack = template.command(packed.arch).unwrap();
        let _guard = template.lock();
        let expected = ok(&mut pack);
        let before = stamps(packed.zip.parent().unwrap());
        let source = template.dir().join(source);
        let file = std::fs::File::options().append(true).open(source).unwrap();
        let time = file.metadata().unwrap().modified().unwrap();
        file.set_modified(SystemTime::now()).unwrap();
        assert_eq!(ok(&mut with_umask("077", &pack)), expected);
        assert_eq!(stamps(packed.zip.parent().unwrap()), before);
        // There is nothing to do for the other architecture either.
        file.set_modified(time).unwrap();
    }
}

/// The second run is the one that users wait for. Nothing has to settle first.
#[test]
fn a_fresh_go_module_costs_one_run_of_go() {
    let (Some(strace), Some(_)) = (tool("strace"), tool("go")) else {
        return;
    };
    let project = Project::new(&[]);
    add_module(&project, ".", "example.com/shop", &["orders", "users"]);
    let mut pack = lambdapack(project.root());
    pack.args(["--arch", "x86_64"]);
    ok(&mut pack);
    let results = project.path("target/lambdapack");
    let before = stamps(&results);
    let children = children(&pack, &strace);
    assert_eq!(children.len(), 1, "{children:#?}");
    assert_eq!(stamps(&results), before);
}

/// go gives each up-to-date program a new time, and reads only its build ID. So do we; other
/// bytes always have another build ID.
#[test]
fn a_go_program_is_recognized_by_its_build_id() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[]);
    add_module(&project, ".", "example.com/shop", &["orders"]);
    let mut pack = lambdapack(project.root());
    pack.args(["--arch", "x86_64"]);
    ok(&mut pack);
    let zip = project.path("target/lambdapack/x86_64/orders.zip");
    let packed = fs_err::read(&zip).unwrap();

    let programs = project.path("target/go/linux_amd64");
    let program = files_in(&programs)
        .into_iter()
        .find(|path| path.ends_with("orders"))
        .map(|path| programs.join(path))
        .unwrap();
    let whole = fs_err::read(&program).unwrap();
    let mut bent = whole.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    fs_err::write(&program, &bent).unwrap();
    ok(&mut pack);
    assert_eq!(fs_err::read(&program).unwrap(), bent, "go does not look");
    assert_eq!(fs_err::read(&zip).unwrap(), packed);

    let source = "orders/main.go";
    let text = fs_err::read_to_string(project.path(source)).unwrap();
    project.write(source, &text.replace("\"orders\"", "\"ORDERS\""));
    ok(&mut pack);
    assert_ne!(fs_err::read(&zip).unwrap(), packed);
}

#[test]
fn a_fresh_crate_costs_one_run_of_cargo() {
    let (Some(strace), Some(rust)) = (tool("strace"), rust(host_arch())) else {
        return;
    };
    let project = tiny_project("tiny");
    let mut pack = rust.lambdapack(project.root());
    pack.args(["--arch", "host"]);
    // The first build writes Cargo.lock, which the second reads once.
    ok(&mut pack);
    ok(&mut pack);
    let results = project.path("target/lambdapack");
    let before = stamps(&results);
    let children = children(&pack, &strace);
    assert_eq!(children.len(), 1, "{children:#?}");
    assert_eq!(stamps(&results), before);
}

/// The compiler is the only child of a run in which nothing has changed, and nothing is written.
fn costs_one_run_of(compiler: &str, project: &Project, pack: &mut Command, strace: &Path) {
    // The first build writes Cargo.lock, which the second reads once.
    ok(pack);
    ok(pack);
    let results = project.path("target/lambdapack");
    assert_eq!(zips_in(&results).len(), 50);
    let before = stamps(&results);
    let children = children(pack, strace);
    assert_eq!(children.len(), 1, "{children:#?}");
    let starts = format!("/{compiler}\", [\"");
    assert!(children[0].contains(&starts), "{children:#?}");
    assert!(children[0].contains("\"build\""), "{children:#?}");
    assert_eq!(stamps(&results), before);
}

#[test]
fn fifty_fresh_rust_functions_cost_one_run_of_cargo() {
    let (Some(strace), Some(rust)) = (tool("strace"), rust(host_arch())) else {
        return;
    };
    let project = Project::new(&[]);
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
    };
    project.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"lambda_runtime\", \"functions\"]\n\
         [profile.release]\nlto = \"off\"\n",
    );
    project.write("lambda_runtime/Cargo.toml", &package("lambda_runtime"));
    project.write("lambda_runtime/src/lib.rs", "");
    let runtime = "[dependencies]\nlambda_runtime = { path = \"../lambda_runtime\" }\n";
    project.write("functions/Cargo.toml", &(package("functions") + runtime));
    for number in 0..50 {
        let main = format!(
            "fn main() {{\n    println!(\"{number}\");\n    std::hint::black_box(\"runtime/invocation/next\");\n}}\n"
        );
        project.write(&format!("functions/src/bin/of-{number}.rs"), &main);
    }
    let mut pack = rust.lambdapack(project.root());
    pack.args(["--arch", "host"]);
    costs_one_run_of("cargo", &project, &mut pack, &strace);
}

#[test]
fn fifty_fresh_go_functions_cost_one_run_of_go() {
    let (Some(strace), Some(_)) = (tool("strace"), tool("go")) else {
        return;
    };
    // An empty `lambda` package in place of the real one links faster.
    let module = "github.com/aws/aws-lambda-go";
    let project = Project::new(&[
        (
            "go.mod",
            &format!(
                "module example.com/many\n\ngo 1.22\n\nrequire {module} v1.54.0\n\n\
                 replace {module} => ./runtime\n"
            ),
        ),
        ("runtime/go.mod", &format!("module {module}\n\ngo 1.22\n")),
        ("runtime/lambda/lambda.go", "package lambda\n"),
    ]);
    for number in 0..50 {
        let main = format!(
            "package main\n\nimport _ \"{module}/lambda\"\n\nfunc main() {{ println({number}, \"runtime/invocation/next\") }}\n"
        );
        project.write(&format!("of-{number}/main.go"), &main);
    }
    let mut pack = lambdapack(project.root());
    pack.args(["--arch", "x86_64"]);
    costs_one_run_of("go", &project, &mut pack, &strace);
}
