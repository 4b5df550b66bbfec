//! Several projects with one `CARGO_TARGET_DIR`: each compiles only its own crates, and the
//! zips are the same as with separate target folders.

use cargo_lambdapack::internals::Arch;

use super::project::Project;
use super::support::{ok, repository, run};
use super::toolchain::{Rust, host_arch, rust};

/// The registry package that the projects share, from another lock file.
fn registry_package() -> String {
    let lock = repository().join("tests/real/same-everywhere/Cargo.lock");
    let lock = fs_err::read_to_string(lock).unwrap();
    let mut packages = lock.split("\n\n");
    let tinyvec = packages.find(|text| text.contains("name = \"tinyvec\""));
    tinyvec.unwrap().to_owned()
}

/// Adds a project in `folder`: a function, a library in its workspace, a library outside of it,
/// and a registry package. Both libraries embed their path for panics.
fn add(project: &Project, folder: &str, name: &str, says: &str) {
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
    };
    let at = |file: &str| format!("{folder}/{file}");
    let get =
        "#[inline(never)]\npub fn get<T: Copy>(all: &[T], at: usize) -> T {\n    all[at]\n}\n";
    project.write(
        &at("Cargo.toml"),
        &format!(
            "{}[dependencies]\ninside = {{ path = \"inside\", package = \"in-{name}\" }}\n\
             outside = {{ path = \"../outside\" }}\ntinyvec = \"1\"\n\
             [workspace]\n[profile.release]\nlto = \"off\"\n",
            package(name)
        ),
    );
    project.write(&at("inside/Cargo.toml"), &package(&format!("in-{name}")));
    project.write(&at("inside/src/lib.rs"), get);
    project.write("outside/Cargo.toml", &package("outside"));
    project.write("outside/src/lib.rs", get);
    project.write(
        &at("src/main.rs"),
        &format!(
            "fn main() {{\n    let all = tinyvec::ArrayVec::from([7_u8; 4]);\n    \
             let last = std::env::args().count() + 2;\n    \
             let sum = inside::get(&all, last) + outside::get(&all, last);\n    \
             println!(\"{says} {{sum}}\");\n    std::hint::black_box(\"runtime/invocation/next\");\n}}\n"
        ),
    );
    let entry = |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    let dependencies =
        format!("dependencies = [\n \"in-{name}\",\n \"outside\",\n \"tinyvec\",\n]\n");
    let mut entries = [
        entry(name) + &dependencies,
        entry(&format!("in-{name}")),
        entry("outside"),
        registry_package(),
    ];
    entries.sort();
    let lock = format!(
        "version = 4\n\n{}\n",
        entries.map(|e| e.trim().to_owned()).join("\n\n")
    );
    project.write(&at("Cargo.lock"), &lock);
}

/// The packages that a run compiled.
fn compiled(rust: &Rust, project: &Project, folders: &[&str]) -> Vec<String> {
    let mut pack = rust.lambdapack(project.root());
    pack.env("CARGO_TARGET_DIR", project.path("shared"));
    pack.args(["--locked", "--arch", host_arch().name()])
        .args(folders);
    let ran = run(&mut pack);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stderr.contains("warning:"), "{}", ran.stderr);
    let mut packages = Vec::new();
    for line in ran.stderr.lines() {
        if let Some(rest) = line.trim().strip_prefix("Compiling ") {
            packages.extend(rest.split(' ').next().map(str::to_owned));
        }
    }
    packages.sort();
    packages
}

#[test]
fn projects_with_one_target_folder_compile_shared_dependencies_once() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let arch: Arch = host_arch();
    let project = Project::new(&[]);
    add(&project, "a", "a", "one");
    add(&project, "b", "b", "two");
    // Plain Cargo would take the program of `a` for this one.
    add(&project, "twin", "a", "three");
    assert_eq!(
        compiled(&rust, &project, &["a", "b"]),
        ["a", "b", "in-a", "in-b", "outside", "tinyvec"]
    );
    for _ in 0..2 {
        assert!(compiled(&rust, &project, &["a", "b"]).is_empty());
    }
    assert_eq!(compiled(&rust, &project, &["twin"]), ["a", "in-a"]);
    let bytes = |folder: &str, name: &str| {
        let file = format!("{folder}/target/lambdapack/{}/{name}.zip", arch.name());
        fs_err::read(project.path(&file)).unwrap()
    };
    let shared = [bytes("a", "a"), bytes("twin", "a")];
    assert!(shared[0] != shared[1]);
    for (folder, bytes_of_shared) in ["a", "twin"].into_iter().zip(shared) {
        let mut pack = rust.lambdapack(&project.path(folder));
        ok(pack.args(["--locked", "--arch", arch.name(), "--out-dir", "alone"]));
        let alone = project.path(&format!("{folder}/alone/{}/a.zip", arch.name()));
        assert!(fs_err::read(alone).unwrap() == bytes_of_shared, "{folder}");
    }
}
