//! Cargo runs.

use super::*;

#[test]
fn a_rust_function_is_built_by_one_run_with_an_explicit_target() {
    let world = world().rust("orders", "orders", FunctionStatus::Function);
    let plan = world.plan(&arm()).unwrap();
    let mut command = CommandSpec::new(Path::new("/bin").join("cargo"), "/w")
        .args(["build", "--profile", "lambda", "--target", ARM])
        .args(["--message-format", "json-render-diagnostics"])
        .args(["-p", "orders@0.1.0", "--bin", "orders"]);
    for (name, value) in [
        ("CARGO_PROFILE_LAMBDA_INHERITS", "release"),
        ("CARGO_PROFILE_LAMBDA_STRIP", "symbols"),
        ("CARGO_PROFILE_LAMBDA_LTO", "thin"),
        ("CARGO_PROFILE_LAMBDA_CODEGEN_UNITS", "1"),
        (
            "CARGO_ENCODED_RUSTFLAGS",
            "--remap-path-prefix=/w=/src\u{1f}--remap-path-prefix=/w/target=/src/target",
        ),
        (
            "CFLAGS_aarch64_unknown_linux_gnu",
            "-ffile-prefix-map=/w=/src -ffile-prefix-map=/w/target=/src/target",
        ),
        (
            "CXXFLAGS_aarch64_unknown_linux_gnu",
            "-ffile-prefix-map=/w=/src -ffile-prefix-map=/w/target=/src/target",
        ),
        ("CARGO_INCREMENTAL", "0"),
        ("LC_ALL", "C"),
        ("SOURCE_DATE_EPOCH", "315532800"),
        ("TZ", "UTC"),
        (
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        ),
    ] {
        command = command.env(name, value);
    }
    let target = "aarch64-unknown-linux-gnu";
    let graph = CommandSpec {
        args: [
            "metadata",
            "--format-version=1",
            "--filter-platform",
            target,
        ]
        .map(str::to_owned)
        .to_vec(),
        ..command.clone()
    };
    let tree = CommandSpec {
        args: [
            "tree",
            "--quiet",
            "--prefix",
            "depth",
            "--format",
            "{p}\t{f}",
            "--edges",
            "normal,build",
            "--target",
            target,
            "-p",
            "orders@0.1.0",
            "--locked",
        ]
        .map(str::to_owned)
        .to_vec(),
        env: BTreeMap::new(),
        ..command.clone()
    };
    assert_eq!(
        plan.steps,
        [Arc::new(BuildStep {
            command,
            language: Language::Rust,
            arch: Arch::Arm64,
            links: Vec::new(),
            programs: plan.steps[0].programs.clone(),
            target: Some(target.to_owned()),
            graph: Some(graph),
            tree: Some(tree),
        })]
    );
    assert_eq!(
        plan.functions[0].target,
        Path::new("/w/target/lambdapack/arm64/orders.zip")
    );
}

#[test]
fn one_selected_function_is_resolved_with_all_packages_and_built_alone() {
    let world = world()
        .rust("orders", "orders", FunctionStatus::Function)
        .rust("users", "users", FunctionStatus::Function)
        .rust("xtask", "xtask", FunctionStatus::Other);
    let all = world.plan(&arm()).unwrap();
    let mut request = arm();
    request.select.packages = vec!["orders".into()];
    let one = world.plan(&request).unwrap();
    let packages = ["-p", "orders@0.1.0", "-p", "users@0.1.0", "--bin", "orders"];
    assert_eq!(args_from(&one.steps[0], "-p"), packages);
    assert_eq!(
        args_from(&all.steps[0], "-p"),
        [&packages[..], &["--bin", "users"]].concat()
    );
    assert_eq!(one.steps[0].command.env, all.steps[0].command.env);
    assert_eq!(packed(&one), ["orders arm64"]);
    assert_eq!(one.functions[0].build.together, "orders,users");
    request.select.selected_only = true;
    let alone = world.plan(&request).unwrap();
    assert_eq!(
        args_from(&alone.steps[0], "-p"),
        ["-p", "orders@0.1.0", "--bin", "orders"]
    );
}

#[test]
fn other_binaries_are_skipped_with_the_option_that_packs_them() {
    let world = world()
        .rust("orders", "orders", FunctionStatus::Function)
        .rust("xtask", "xtask", FunctionStatus::Other);
    let plan = world.plan(&arm()).unwrap();
    assert_eq!(packed(&plan), ["orders arm64"]);
    assert!(plan.skipped[0].contains("--bin xtask"));
    let mut request = arm();
    request.select.bins = vec!["xtask".into()];
    let named = world.plan(&request).unwrap();
    assert_eq!(packed(&named), ["xtask arm64"]);
    assert_eq!(
        args_from(&named.steps[0], "-p"),
        ["-p", "orders@0.1.0", "-p", "xtask@0.1.0", "--bin", "xtask"]
    );
}

/// Cargo hashes the kinds of libraries that use a dependency into its symbol names.
#[test]
fn all_functions_are_built_if_a_library_is_also_a_cdylib() {
    let mut world = world()
        .rust("orders", "orders", FunctionStatus::Function)
        .rust("users", "users", FunctionStatus::Function);
    let mut request = arm();
    request.select.packages = vec!["orders".into()];
    let bins = |world: &World| {
        let plan = world.plan(&request).unwrap();
        assert_eq!(packed(&plan), ["orders arm64"]);
        args_from(&plan.steps[0], "--bin").join(" ")
    };
    assert_eq!(bins(&world), "--bin orders");
    world.project().workspaces[0].packages[1].foreign_library = true;
    assert_eq!(bins(&world), "--bin orders --bin users");
}

/// An example brings the features of dev-dependencies into the run that is recorded.
#[test]
fn a_recorded_example_is_built_again_with_the_function_next_to_it() {
    let world = world()
        .rust("orders", "orders", FunctionStatus::Function)
        .rust("demo", "demo", FunctionStatus::Example);
    let mut request = arm();
    request.select.bins = vec!["orders".into()];
    request.select.together = vec!["orders".into(), "demo".into()];
    let plan = world.plan(&request).unwrap();
    assert_eq!(packed(&plan), ["orders arm64"]);
    assert_eq!(
        args_from(&plan.steps[0], "--example"),
        ["--example", "demo", "--bin", "orders"]
    );
}

#[test]
fn packages_that_share_a_binary_name_are_built_separately() {
    let world = world()
        .rust("a", "worker", FunctionStatus::Function)
        .rust("b", "worker", FunctionStatus::Function)
        .rust("c", "other", FunctionStatus::Function);
    let plan = world.plan(&arm()).unwrap();
    let runs: Vec<_> = plan
        .steps
        .iter()
        .map(|step| args_from(step, "-p").join(" "))
        .collect();
    assert_eq!(
        runs,
        [
            "-p c@0.1.0 --bin other",
            "-p a@0.1.0 --bin worker",
            "-p b@0.1.0 --bin worker"
        ]
    );
    assert_eq!(packed(&plan), ["a arm64", "b arm64", "other arm64"]);
}

#[test]
fn two_architectures_are_two_runs() {
    let world = world().rust("orders", "orders", FunctionStatus::Function);
    let request = Request {
        archs: vec![Arch::X86_64, Arch::Arm64, Arch::Arm64],
        ..arm()
    };
    let plan = world.plan(&request).unwrap();
    let archs: Vec<_> = plan.steps.iter().map(|step| step.arch).collect();
    assert_eq!(archs, [Arch::Arm64, Arch::X86_64]);
    assert_eq!(packed(&plan), ["orders arm64", "orders x86_64"]);
}

#[test]
fn the_architecture_comes_from_option_settings_target_and_default() {
    let none = Request {
        archs: Vec::new(),
        ..arm()
    };
    let archs = |world: &World, request: &Request| -> Vec<Arch> {
        world
            .plan(request)
            .unwrap()
            .functions
            .iter()
            .map(|f| f.arch)
            .collect()
    };
    let mut world = world().rust("orders", "orders", FunctionStatus::Function);
    assert_eq!(archs(&world, &none), [Arch::X86_64], "Lambda's own default");
    world.project().workspaces[0].config.build_targets = vec![ARM.into()];
    assert_eq!(archs(&world, &none), [Arch::Arm64], "build.target");
    world.project().functions[0].settings.arch = Some(OneOrMany::One(Arch::X86_64));
    assert_eq!(archs(&world, &none), [Arch::X86_64], "configuration");
    let option = Request {
        archs: vec![Arch::X86_64],
        ..none
    };
    assert_eq!(archs(&world, &option), [Arch::X86_64], "option");
}

#[test]
fn a_linux_build_target_is_built_for_and_another_is_refused() {
    let none = Request {
        archs: Vec::new(),
        ..arm()
    };
    let mut world = world().rust("orders", "orders", FunctionStatus::Function);
    let set = |world: &mut World, targets: &[&str]| {
        world.project().workspaces[0].config.build_targets =
            targets.iter().map(|target| (*target).to_owned()).collect();
        world.project().workspaces[0].config.linkers =
            [("aarch64-unknown-linux-musl".to_owned(), "ld".to_owned())].into();
    };
    set(&mut world, &["aarch64-unknown-linux-musl"]);
    let plan = world.plan(&none).unwrap();
    assert_eq!(plan.functions[0].build.target, "aarch64-unknown-linux-musl");
    for targets in [
        &[X86, ARM][..],
        &["x86_64-pc-windows-msvc"],
        &["riscv64gc-unknown-linux-gnu"],
    ] {
        set(&mut world, targets);
        assert_eq!(
            world.plan(&none).unwrap_err().kind,
            ExitKind::Project,
            "{targets:?}"
        );
        let plan = world.plan(&arm()).unwrap();
        assert_eq!(plan.functions[0].build.target, ARM, "--arch wins");
    }
}

#[test]
fn features_go_to_the_runs_whose_packages_have_them() {
    let mut world = world().rust("a", "worker", FunctionStatus::Function).rust(
        "b",
        "worker",
        FunctionStatus::Function,
    );
    world.project().workspaces[0].packages[0].features = vec!["extra".into()];
    let mut request = arm();
    request.rust.features = vec!["extra,b/other".into()];
    let plan = world.plan(&request).unwrap();
    let features: Vec<_> = plan
        .steps
        .iter()
        .map(|step| arg(step, "--features"))
        .collect();
    assert_eq!(features, ["--features=extra", "--features=b/other"]);
    request.rust.features = vec!["nobodys".into()];
    let plan = world.plan(&request).unwrap();
    assert_eq!(
        arg(&plan.steps[0], "--features"),
        "--features=nobodys",
        "cargo will say so"
    );
}

#[test]
fn a_binary_that_is_not_packed_can_separate_packages() {
    let world = world()
        .rust("a", "a", FunctionStatus::Function)
        .rust("a", "shared", FunctionStatus::Skipped)
        .rust("b", "shared", FunctionStatus::Function);
    assert_eq!(world.plan(&arm()).unwrap().steps.len(), 2);
}
