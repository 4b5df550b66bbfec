//! Cargo's profile, as passed to rustc.

use object::Object;
use object::read::elf::ElfFile64;

use super::project::{Project, tiny_project};
use super::running::{printed, unpack};
use super::support::run;
use super::toolchain::{Rust, host_arch, rust};

/// Packages for this machine with printed rustc command lines; returns the one that compiles
/// the crate.
fn rustc(rust: &Rust, project: &Project, args: &[&str]) -> String {
    let mut pack = rust.lambdapack(project.root());
    let ran = run(pack.args(["--arch", "host", "--", "-v"]).args(args));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let line = ran
        .stderr
        .lines()
        .find(|line| line.contains("--crate-name"));
    line.unwrap_or_else(|| panic!("nothing is compiled: {}", ran.stderr))
        .to_owned()
}

/// A crate with this in its `[profile.release]`.
fn with_release(settings: &str) -> Project {
    let project = tiny_project("tiny");
    let manifest = fs_err::read_to_string(project.path("Cargo.toml")).unwrap();
    let manifest = manifest.replace("lto = \"off\"\n", settings);
    project.write("Cargo.toml", &manifest);
    project
}

/// Returns true if the packaged program has a symbol table. The program must run in any case.
fn has_symbols(project: &Project) -> bool {
    let zip = project.zip(host_arch(), "tiny");
    if let Some(printed) = printed(&zip, host_arch()) {
        assert_eq!(printed, "tiny");
    }
    let dir = tempfile::tempdir().unwrap();
    let program = fs_err::read(unpack(&zip, dir.path())).unwrap();
    let elf = ElfFile64::<object::Endianness>::parse(&*program).unwrap();
    elf.symbols().next().is_some()
}

fn assert_told(rustc: &str, flags: &[&str]) {
    for flag in flags {
        assert!(
            rustc.contains(&format!(" -C {flag} ")),
            "no {flag} in {rustc}"
        );
    }
}

#[test]
fn by_default_rustc_builds_a_small_program() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = with_release("");
    let rustc = rustc(&rust, &project, &[]);
    let small = [
        "opt-level=3",
        "lto=thin",
        "codegen-units=1",
        "strip=symbols",
    ];
    assert_told(&rustc, &small);
    assert!(!has_symbols(&project));
}

#[test]
fn the_users_lto_setting_is_kept_and_other_defaults_apply() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = with_release("lto = \"fat\"\n");
    let rustc = rustc(&rust, &project, &[]);
    assert_told(&rustc, &["lto=fat", "codegen-units=1", "strip=symbols"]);
    assert!(!rustc.contains("lto=thin"), "{rustc}");
    assert!(!has_symbols(&project));
}

#[test]
fn the_config_option_of_cargo_wins() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = with_release("lto = \"off\"\n");
    let config = ["--config", "profile.lambda.strip=\"none\""];
    let rustc = rustc(&rust, &project, &config);
    assert_told(&rustc, &["opt-level=3", "lto=off", "codegen-units=1"]);
    assert!(!rustc.contains("strip="), "{rustc}");
    assert!(has_symbols(&project));
}

#[test]
fn a_setting_for_the_lambda_profile_in_a_configuration_file_is_used() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = with_release("lto = \"off\"\n");
    project.write(
        ".cargo/config.toml",
        "[profile.lambda]\nopt-level = \"s\"\n",
    );
    let rustc = rustc(&rust, &project, &[]);
    assert_told(&rustc, &["opt-level=s", "codegen-units=1", "strip=symbols"]);
}

#[test]
fn symbols_are_kept_if_debug_information_is_requested() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = with_release("lto = \"off\"\ndebug = 1\n");
    let rustc = rustc(&rust, &project, &[]);
    assert_told(&rustc, &["debuginfo=1", "codegen-units=1"]);
    assert!(!rustc.contains("strip="), "{rustc}");
    assert!(has_symbols(&project));
}

#[test]
fn a_profile_named_lambda_by_the_user_is_used_unchanged() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let own = "[profile.lambda]\ninherits = \"release\"\nopt-level = 1\n";
    let project = with_release(&format!("lto = \"off\"\n{own}"));
    let rustc = rustc(&rust, &project, &[]);
    assert_told(&rustc, &["opt-level=1", "lto=off"]);
    assert!(!rustc.contains("codegen-units"), "{rustc}");
    assert!(!rustc.contains("strip=symbols"), "{rustc}");
}
