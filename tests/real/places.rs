//! Results are found and put in the right place, wherever the project is and wherever Cargo
//! builds.

use cargo_lambdapack::internals::Arch;

use super::go::add_module;
use super::project::{Project, tiny_crate, tiny_project, zips_in};
use super::running::answer;
use super::running::printed;
use super::support::{ok, tool, with_lambdapack_on_path};
use super::toolchain::{host_arch, rust};

/// The only zip of the project, at its root, with the right program.
fn assert_packed(project: &Project, arch: Arch) {
    let zips = zips_in(&project.path("target/lambdapack"));
    assert_eq!(zips, [format!("{arch}/tiny")]);
    if let Some(printed) = printed(&project.zip(arch, "tiny"), arch) {
        assert_eq!(printed, "tiny");
    }
}

#[test]
fn a_target_folder_from_the_configuration_is_used() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    let config = "[build]\ntarget-dir = \"../built by cargo\"\n";
    project.write(".cargo/config.toml", config);
    ok(rust.lambdapack(project.root()).args(["--arch", "host"]));
    assert_packed(&project, host_arch());
    let target = host_arch().gnu_triple();
    let built = project.path("../built by cargo").join(target);
    assert!(built.join("lambda/tiny").exists());
    assert!(!project.path("target").join(target).exists());
}

#[test]
fn a_target_folder_from_the_environment_is_used() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    let elsewhere = tempfile::tempdir().unwrap();
    let mut pack = rust.lambdapack(project.root());
    ok(pack
        .args(["--arch", "host"])
        .env("CARGO_TARGET_DIR", elsewhere.path()));
    assert_packed(&project, host_arch());
    let target = host_arch().gnu_triple();
    assert!(elsewhere.path().join(target).join("lambda/tiny").exists());
    assert!(!project.path("target").join(target).exists());
}

/// Cargo keeps intermediate files apart from its results.
#[test]
fn a_build_folder_from_the_configuration_is_used() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    project.write(".cargo/config.toml", "[build]\nbuild-dir = \"between\"\n");
    ok(rust.lambdapack(project.root()).args(["--arch", "host"]));
    assert_packed(&project, host_arch());
}

#[test]
fn the_configured_target_sets_the_architecture() {
    for arch in Arch::ALL {
        let Some(rust) = rust(arch) else { continue };
        let project = tiny_project("tiny");
        let config = format!("[build]\ntarget = \"{}\"\n", arch.gnu_triple());
        project.write(".cargo/config.toml", &config);
        ok(&mut rust.lambdapack(project.root()));
        assert_packed(&project, arch);
    }
}

#[test]
fn paths_with_spaces_quotes_brackets_and_umlauts_work() {
    let Some(rust) = rust(Arch::X86_64) else {
        return;
    };
    if tool("go").is_none() {
        return;
    }
    // Without `%`, which rust-lld replaces in the names of its results.
    let project = Project::called("it's \"our\" [ünï] *shop* $HOME #1", &[]);
    for (path, text) in tiny_crate("tiny") {
        project.write(&format!("in rust/{path}"), &text);
    }
    add_module(&project, "in go", "example.com/greeter", &["."]);
    let mut pack = rust.lambdapack(project.root());
    pack.args(["in rust", "in go", "--arch", "x86_64"]);
    // The second run uses the cached answers of the first.
    let stdout = ok(&mut pack);
    assert_eq!(ok(&mut pack), stdout);
    let rust = "in rust/target/lambdapack/x86_64/tiny.zip";
    let go = "in go/target/lambdapack/x86_64/greeter.zip";
    assert!(stdout.contains(&format!("  {rust}\n")), "{stdout}");
    assert!(stdout.contains(&format!("  {go}\n")), "{stdout}");
    if let Some(printed) = printed(&project.path(rust), Arch::X86_64) {
        assert_eq!(printed, "tiny");
    }
    if let Some(answer) = answer(&project.path(go), Arch::X86_64, "{}") {
        assert_eq!(answer, "\".\"");
    }
}

/// As users call it: Cargo finds the subcommand on PATH and passes its own path.
#[test]
fn cargo_runs_the_subcommand() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    let mut cargo = rust.cargo(&project.path("src"));
    let _tools = with_lambdapack_on_path(&mut cargo);
    ok(cargo.args(["lambdapack", "--arch", "host"]));
    assert_packed(&project, host_arch());
}
