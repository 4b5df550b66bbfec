//! Plans made of literals: no compiler, no file but an empty sysroot.

use std::path::Path;

use super::*;
use crate::project::cargo::{self, Workspace};
use crate::project::config::Settings;
use crate::project::go::{Module, Package};
use crate::project::name;
use crate::project::one_or_many::OneOrMany;
use crate::project::scope::Scope;
use crate::project::toolchain::Toolchain;
use crate::project::{Function, Project, Scoped, Source, Status};

const ARM: &str = "aarch64-unknown-linux-gnu";
const X86: &str = "x86_64-unknown-linux-gnu";

fn below(path: &str, language: Language) -> Scoped {
    Scoped {
        project: 0,
        language,
        unit: "/w".into(),
        scope: Scope::Below(path.into()),
    }
}

struct World {
    _sysroot: tempfile::TempDir,
    projects: Projects,
    host: Host,
}

/// A Linux machine with everything, in an empty project `/w`.
fn world() -> World {
    let sysroot = tempfile::tempdir().unwrap();
    for target in [ARM, X86, "aarch64-unknown-linux-musl"] {
        let lib = sysroot.path().join("lib/rustlib").join(target).join("lib");
        fs_err::create_dir_all(&lib).unwrap();
        fs_err::write(lib.join("libstd-1.rlib"), "").unwrap();
    }
    let workspace = Workspace {
        root: "/w".into(),
        toolchain: Some(Toolchain {
            version: "rustc 1.95.0".into(),
            host: X86.into(),
            sysroot: sysroot.path().to_owned(),
        }),
        ..Workspace::default()
    };
    let project = Project {
        root: "/w".into(),
        workspaces: vec![workspace],
        modules: vec![Module {
            root: "/w".into(),
            version: "go1.26.8".into(),
            ..Module::default()
        }],
        ..Project::default()
    };
    let tools = [
        "cargo",
        "rustc",
        "go",
        "cc",
        "aarch64-linux-gnu-gcc",
        "aarch64-linux-gnu-ar",
    ];
    World {
        _sysroot: sysroot,
        projects: Projects {
            projects: vec![project],
            scopes: [Language::Rust, Language::Go]
                .map(|language| below("/w", language))
                .to_vec(),
            ..Projects::default()
        },
        host: Host {
            cwd: "/w".into(),
            os: "linux".into(),
            env: BTreeMap::new(),
            tools: tools
                .map(|t| (t.to_owned(), Path::new("/bin").join(t)))
                .into(),
        },
    }
}

fn function(package: &str, bin: &str, source: Source, status: Status) -> Function {
    Function {
        name: String::new(),
        status,
        dir: format!("/w/{package}").into(),
        package: package.into(),
        bin: bin.into(),
        source,
        settings: Settings::default(),
    }
}

impl World {
    fn rust(mut self, package: &str, bin: &str, status: Status) -> Self {
        let id = format!("path+file:///w/{package}#0.1.0");
        let source = Source::Cargo(0, id.clone());
        self.project().workspaces[0].packages.push(cargo::Package {
            name: package.into(),
            version: "0.1.0".into(),
            id,
            ..cargo::Package::default()
        });
        self.add(function(package, bin, source, status));
        self
    }

    fn go(mut self, import_path: &str) -> Self {
        let bin = name::exec_name(import_path).to_owned();
        self.add(function(import_path, &bin, Source::Go(0), Status::Function));
        let package = Package {
            import_path: import_path.into(),
            dir: format!("/w/{import_path}").into(),
            main: true,
            lambda: true,
        };
        self.project().modules[0].packages.push(package);
        self
    }

    fn add(&mut self, function: Function) {
        let functions = &mut self.project().functions;
        functions.push(function);
        name::name(functions);
        functions.sort_by(|a, b| a.name.cmp(&b.name));
    }

    fn project(&mut self) -> &mut Project {
        &mut self.projects.projects[0]
    }

    fn plan(&self, request: &Request) -> Result<Plan, Failure> {
        Plan::new(request, &self.projects, &self.host)
            .map_err(|error| Failure::from_error(&error, Kind::Bug))
    }
}

fn arm() -> Request {
    Request {
        paths: vec!["/w".into()],
        archs: vec![Arch::Arm64],
        ..Request::default()
    }
}

fn packed(plan: &Plan) -> Vec<String> {
    plan.functions
        .iter()
        .map(|f| format!("{} {}", f.name, f.arch))
        .collect()
}

/// The arguments from the first that starts like this.
fn args_from<'a>(step: &'a Step, start: &str) -> Vec<&'a str> {
    let args = step.command.args.iter().map(String::as_str);
    args.skip_while(|arg| !arg.starts_with(start)).collect()
}

fn arg<'a>(step: &'a Step, start: &str) -> &'a str {
    args_from(step, start).first().copied().unwrap_or_default()
}

#[test]
fn a_rust_function_is_built_by_one_run_with_an_explicit_target() {
    let world = world().rust("orders", "orders", Status::Function);
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
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        ),
        ("CC_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-gcc"),
        ("AR_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-ar"),
    ] {
        command = command.env(name, value);
    }
    assert_eq!(
        plan.steps,
        [Step {
            command,
            language: Language::Rust,
            arch: Arch::Arm64
        }]
    );
    assert_eq!(
        plan.functions[0].target,
        Path::new("/w/target/lambdapack/arm64/orders.zip")
    );
}

#[test]
fn a_go_function_is_built_with_everything_set_that_decides_the_bytes() {
    let world = world().go("example.com/m/hello");
    let plan = world.plan(&arm()).unwrap();
    let place = Path::new("/w")
        .join("target")
        .join("go")
        .join("linux_arm64")
        .join("together");
    let place = format!("{}{}", place.display(), std::path::MAIN_SEPARATOR);
    let command = CommandSpec::new(Path::new("/bin").join("go"), "/w")
        .args([
            "build",
            "-o",
            &place,
            "-trimpath",
            "-buildvcs=false",
            "-tags=lambda.norpc",
        ])
        .args(["-ldflags=-s -w", "example.com/m/hello"])
        .env("GOOS", "linux")
        .env("GOARCH", "arm64")
        .env("GOARM64", "v8.0")
        .env("CGO_ENABLED", "0");
    assert_eq!(plan.steps[0].command, command);
    assert_eq!(
        plan.functions[0].product,
        Product::File(Path::new("/w/target/go/linux_arm64/together").join("hello"))
    );
}

#[test]
fn one_that_is_selected_is_still_built_with_all() {
    let world = world()
        .rust("orders", "orders", Status::Function)
        .rust("users", "users", Status::Function)
        .rust("xtask", "xtask", Status::Other);
    let all = world.plan(&arm()).unwrap();
    let mut request = arm();
    request.select.packages = vec!["orders".into()];
    let one = world.plan(&request).unwrap();
    assert_eq!(one.steps, all.steps);
    assert_eq!(packed(&one), ["orders arm64"]);
    assert_eq!(one.functions[0].build.together, ["orders", "users"]);
    request.select.selected_only = true;
    let alone = world.plan(&request).unwrap();
    assert_eq!(
        args_from(&alone.steps[0], "-p"),
        ["-p", "orders@0.1.0", "--bin", "orders"]
    );
}

#[test]
fn what_is_no_function_is_passed_over_with_the_way_to_have_it() {
    let world =
        world()
            .rust("orders", "orders", Status::Function)
            .rust("xtask", "xtask", Status::Other);
    let plan = world.plan(&arm()).unwrap();
    assert_eq!(packed(&plan), ["orders arm64"]);
    assert!(plan.skipped.unwrap().contains("--bin xtask"));
    let mut request = arm();
    request.select.bins = vec!["xtask".into()];
    let named = world.plan(&request).unwrap();
    assert_eq!(packed(&named), ["xtask arm64"]);
    assert_eq!(
        args_from(&named.steps[0], "-p"),
        [
            "-p",
            "orders@0.1.0",
            "-p",
            "xtask@0.1.0",
            "--bin",
            "orders",
            "--bin",
            "xtask"
        ]
    );
}

#[test]
fn packages_that_share_a_binary_name_are_built_apart() {
    let world = world()
        .rust("a", "worker", Status::Function)
        .rust("b", "worker", Status::Function)
        .rust("c", "other", Status::Function);
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
fn go_mains_whose_binaries_share_a_name_are_built_apart() {
    let world = world()
        .go("example.com/m/orders/api")
        .go("example.com/m/users/api")
        .go("example.com/m/one")
        .go("example.com/m/two");
    let plan = world.plan(&arm()).unwrap();
    let runs: Vec<_> = plan
        .steps
        .iter()
        .map(|step| args_from(step, "example").len())
        .collect();
    assert_eq!(runs.iter().sum::<usize>(), 4);
    assert_eq!(plan.steps.len(), 3);
    let places: BTreeSet<_> = plan.functions.iter().map(|f| f.product.clone()).collect();
    assert_eq!(places.len(), 4);
    assert_eq!(
        packed(&plan),
        [
            "one arm64",
            "orders-api arm64",
            "two arm64",
            "users-api arm64"
        ]
    );
}

#[test]
fn a_gos_place_does_not_depend_on_what_else_is_built() {
    let world = world()
        .go("example.com/m/a/api")
        .go("example.com/m/b/api")
        .go("example.com/m/c");
    let all = world.plan(&arm()).unwrap();
    let mut request = arm();
    request.select.bins = vec!["a-api".into()];
    let one = world.plan(&request).unwrap();
    assert_eq!(one.functions[0].product, all.functions[0].product);
}

#[test]
fn two_architectures_are_two_runs() {
    let world = world().rust("orders", "orders", Status::Function);
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
fn the_architecture_comes_from_option_function_target_and_default() {
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
    let mut world = world().rust("orders", "orders", Status::Function);
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
    let mut world = world().rust("orders", "orders", Status::Function);
    let set = |world: &mut World, targets: &[&str]| {
        world.project().workspaces[0].config.build_targets =
            targets.iter().map(|target| (*target).to_owned()).collect();
        world.project().workspaces[0].config.linkers =
            vec!["aarch64-unknown-linux-musl".to_owned()];
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
            Kind::Project,
            "{targets:?}"
        );
        let plan = world.plan(&arm()).unwrap();
        assert_eq!(plan.functions[0].build.target, ARM, "--arch wins");
    }
}

#[test]
fn gos_tags_and_linker_flags_are_merged_from_all_places() {
    let mut world = world().go("example.com/m/hello");
    let project = world.project();
    project.modules[0].tags = vec!["goflags".into()];
    project.modules[0].ldflags = vec!["-X m.a=1".into()];
    project.functions[0].settings.tags = Some(OneOrMany::One("configured".into()));
    project.functions[0].settings.ldflags = Some(OneOrMany::One("-X m.b=2".into()));
    let mut request = arm();
    request.go.tags = vec!["option,goflags".into()];
    request.go.ldflags = vec!["all=-X m.c=3".into()];
    request.rest = ["-tags", "rest", "-ldflags=-X m.d=4", "-race"]
        .map(str::to_owned)
        .to_vec();
    let plan = world.plan(&request).unwrap();
    let step = &plan.steps[0];
    assert_eq!(
        arg(step, "-tags"),
        "-tags=lambda.norpc,configured,option,goflags,rest"
    );
    let ldflags: Vec<_> = step
        .command
        .args
        .iter()
        .filter(|arg| arg.starts_with("-ldflags"))
        .collect();
    assert_eq!(
        ldflags.len(),
        2,
        "one plain, one for the pattern: {ldflags:?}"
    );
    for flag in ["-s -w", "-X m.a=1", "-X m.b=2", "-X m.d=4"] {
        assert!(ldflags[0].contains(flag), "{ldflags:?}");
    }
    assert_eq!(
        ldflags,
        [
            "-ldflags=-s -w -X m.a=1 -X m.b=2 -X m.d=4",
            "-ldflags=all=-s -w -X m.a=1 -X m.b=2 -X m.d=4 -X m.c=3",
        ]
    );
    assert!(step.command.args.contains(&"-race".to_owned()));
}

#[test]
fn symbols_commit_and_cgo_are_kept_where_that_is_said() {
    let mut world = world().go("example.com/m/hello");
    world.project().functions[0].settings.keep_symbols = Some(true);
    let mut request = arm();
    request.go.vcs_stamp = true;
    request.go.cgo = true;
    let plan = world.plan(&request).unwrap();
    let step = &plan.steps[0];
    assert_eq!(arg(step, "-ldflags"), "");
    assert_eq!(arg(step, "-buildvcs"), "-buildvcs=true");
    assert_eq!(step.command.env["CGO_ENABLED"].as_deref(), Some("1"));
}

#[test]
fn options_that_would_change_what_we_rely_on_are_refused() {
    for (world, rest) in [
        (world().go("example.com/m/hello"), "-o=x"),
        (world().go("example.com/m/hello"), "-buildmode=plugin"),
        (world().rust("a", "a", Status::Function), "--target=x"),
        (
            world().rust("a", "a", Status::Function),
            "--message-format=short",
        ),
    ] {
        let mut request = arm();
        request.rest = vec![rest.to_owned()];
        assert_eq!(
            world.plan(&request).unwrap_err().kind,
            Kind::Usage,
            "{rest}"
        );
    }
}

#[test]
fn arguments_after_two_dashes_need_one_compiler() {
    let world = world()
        .rust("a", "a", Status::Function)
        .go("example.com/m/b");
    let mut request = arm();
    request.rest = vec!["-v".to_owned()];
    let failure = world.plan(&request).unwrap_err();
    assert_eq!(failure.kind, Kind::Usage);
    request.select.lang = Some(Language::Go);
    assert!(world.plan(&request).is_ok());
}

#[test]
fn everything_that_is_missing_is_said_at_once() {
    let mut world = world().rust("a", "a", Status::Function);
    world.project().workspaces[0]
        .toolchain
        .as_mut()
        .unwrap()
        .sysroot = "/nowhere".into();
    world.host.tools.clear();
    world.host.tools.insert("cargo".into(), "/bin/cargo".into());
    world.projects.missing = vec![Problem::new("go was not found")];
    let request = Request {
        archs: Arch::ALL.to_vec(),
        ..arm()
    };
    let failure = world.plan(&request).unwrap_err();
    assert_eq!(failure.kind, Kind::Tool);
    let all: Vec<_> = failure
        .problems
        .iter()
        .map(|problem| problem.what.as_str())
        .collect();
    for word in ["go was", ARM, "aarch64-linux-gnu-gcc", X86, "`cc`"] {
        assert!(
            all.iter().any(|what| what.contains(word)),
            "{word}: {all:?}"
        );
    }
}

#[test]
fn names_that_mean_nothing_are_all_told_with_the_nearest() {
    let world = world().rust("worker", "worker", Status::Function);
    let mut request = arm();
    request.select.bins = vec!["wroker".into(), "zzz".into()];
    let failure = world.plan(&request).unwrap_err();
    assert_eq!(failure.kind, Kind::Project);
    let help: Vec<_> = failure
        .problems
        .iter()
        .filter_map(|p| p.help.as_deref())
        .collect();
    assert_eq!(help, ["did you mean `worker`?", "there are worker"]);
}

#[test]
fn a_go_package_that_is_not_main_is_refused() {
    let mut world = world().go("example.com/m/hello");
    world.project().modules[0].packages.push(Package {
        import_path: "example.com/m/lib".into(),
        dir: "/w/lib".into(),
        main: false,
        lambda: false,
    });
    world.projects.scopes = vec![below("/w/lib", Language::Go)];
    let failure = world.plan(&arm()).unwrap_err();
    assert_eq!(failure.kind, Kind::Refused);
    assert!(failure.problems[0].what.contains("example.com/m/lib"));
}

#[test]
fn out_is_for_one_zip() {
    let world = world().rust("a", "a", Status::Function);
    let mut request = arm();
    request.output.out = Some("/x/a.zip".into());
    let plan = world.plan(&request).unwrap();
    assert_eq!(plan.functions[0].target, Path::new("/x/a.zip"));
    assert!(!plan.outputs[0].manifest);
    request.archs = Arch::ALL.to_vec();
    assert_eq!(world.plan(&request).unwrap_err().kind, Kind::Usage);
}

#[test]
fn the_deprecated_runtime_is_packed_for_with_a_warning_that_names_its_dates() {
    let world = world().rust("a", "a", Status::Function);
    let request = Request {
        runtime: Some(Runtime::ProvidedAl2),
        ..arm()
    };
    let plan = world.plan(&request).unwrap();
    assert!(
        plan.warnings[0].contains("2026-07-31"),
        "{:?}",
        plan.warnings
    );
    assert!(world.plan(&arm()).unwrap().warnings.is_empty());
}

#[test]
fn features_go_to_the_runs_whose_packages_have_them() {
    let mut world =
        world()
            .rust("a", "worker", Status::Function)
            .rust("b", "worker", Status::Function);
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
fn a_binary_that_is_not_packed_can_force_packages_apart() {
    let world = world()
        .rust("a", "a", Status::Function)
        .rust("a", "shared", Status::Skipped)
        .rust("b", "shared", Status::Function);
    assert_eq!(world.plan(&arm()).unwrap().steps.len(), 2);
}
