//! Plans for literals: no compiler is run, and the only files are an empty sysroot.

mod go;
mod host;
mod narrow;
mod rust;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::build::project::cargo;
use crate::build::project::cargo::Workspace;
use crate::build::project::cargo_config::CargoConfig;
use crate::build::project::config::FunctionSettings;
use crate::build::project::go::{GoModule, GoPackage};
use crate::build::project::name;
use crate::build::project::one_or_many::OneOrMany;
use crate::build::project::scope::SourceScope;
use crate::build::project::toolchain::Toolchain;
use crate::build::project::{
    Function, FunctionSource, FunctionStatus, ModuleId, Project, ProjectScope, Projects,
    WorkspaceId,
};
use crate::build::request::Request;
use crate::lambda::{Arch, Language, Purpose, Runtime};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure, Problem};

const ARM: &str = "aarch64-unknown-linux-gnu";
const X86: &str = "x86_64-unknown-linux-gnu";

fn below(path: &str, language: Language) -> ProjectScope {
    let project = Project::default();
    let projects = Projects {
        projects: vec![project],
        ..Projects::default()
    };
    let (id, _) = projects.projects_by_id().next().unwrap();
    ProjectScope {
        project: id,
        language,
        source_root: "/w".into(),
        scope: SourceScope::Below(path.into()),
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
        target_dir: "/w/target".into(),
        build_dir: "/w/target".into(),
        config: CargoConfig {
            rustflags: [ARM, X86]
                .map(|target| (target.to_owned(), Vec::new()))
                .into(),
            ..CargoConfig::default()
        },
        toolchain: Some(Toolchain {
            version: "rustc 1.95.0".into(),
            host: X86.into(),
            commit: None,
            sysroot: sysroot.path().to_owned(),
        }),
        ..Workspace::default()
    };
    let project = Project {
        root: "/w".into(),
        workspaces: vec![workspace],
        modules: vec![GoModule {
            root: "/w".into(),
            version: "go1.26.8".into(),
            ..GoModule::default()
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

fn function(package: &str, bin: &str, source: FunctionSource, status: FunctionStatus) -> Function {
    Function {
        name: String::new(),
        status,
        dir: format!("/w/{package}").into(),
        package: package.into(),
        bin: bin.into(),
        source,
        purpose: Purpose::Function,
        settings: FunctionSettings::default(),
        configured: false,
    }
}

impl World {
    fn rust(mut self, package: &str, bin: &str, status: FunctionStatus) -> Self {
        let id = format!("path+file:///w/{package}#0.1.0");
        let source = FunctionSource::Cargo {
            workspace: WorkspaceId(0),
            package: id.clone(),
        };
        self.project().workspaces[0]
            .packages
            .push(cargo::CargoPackage {
                name: package.into(),
                version: "0.1.0".into(),
                id,
                ..cargo::CargoPackage::default()
            });
        self.add(function(package, bin, source, status));
        self
    }

    fn go(mut self, import_path: &str) -> Self {
        let bin = name::exec_name(import_path).to_owned();
        self.add(function(
            import_path,
            &bin,
            FunctionSource::Go {
                module: ModuleId(0),
            },
            FunctionStatus::Function,
        ));
        let package = GoPackage {
            import_path: import_path.into(),
            dir: format!("/w/{import_path}").into(),
            main: true,
            lambda: true,
            ..GoPackage::default()
        };
        self.project().modules[0].packages.push(package);
        self
    }

    fn add(&mut self, function: Function) {
        let functions = &mut self.project().functions;
        functions.push(function);
        name::assign_names(functions, Path::new("/w"));
        functions.sort_by(|a, b| a.name.cmp(&b.name));
    }

    fn project(&mut self) -> &mut Project {
        &mut self.projects.projects[0]
    }

    fn plan(&self, request: &Request) -> Result<Plan, Failure> {
        Plan::new(request, &self.projects, &self.host)
            .map_err(|error| Failure::from_error(&error, ExitKind::Bug))
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
fn args_from<'a>(step: &'a BuildStep, start: &str) -> Vec<&'a str> {
    let args = step.command.args.iter().map(String::as_str);
    args.skip_while(|arg| !arg.starts_with(start)).collect()
}

fn arg<'a>(step: &'a BuildStep, start: &str) -> &'a str {
    args_from(step, start).first().copied().unwrap_or_default()
}

#[test]
fn arguments_that_would_break_the_plan_are_refused() {
    for (world, rest) in [
        (world().go("example.com/m/hello"), "-o=x"),
        (world().go("example.com/m/hello"), "-buildmode=plugin"),
        (
            world().rust("a", "a", FunctionStatus::Function),
            "--target=x",
        ),
        (
            world().rust("a", "a", FunctionStatus::Function),
            "--message-format=short",
        ),
    ] {
        let mut request = arm();
        request.rest = vec![rest.to_owned()];
        assert_eq!(
            world.plan(&request).unwrap_err().kind,
            ExitKind::Usage,
            "{rest}"
        );
    }
}

#[test]
fn arguments_after_two_dashes_need_one_compiler() {
    let world = world()
        .rust("a", "a", FunctionStatus::Function)
        .go("example.com/m/b");
    let mut request = arm();
    request.rest = vec!["-v".to_owned()];
    let failure = world.plan(&request).unwrap_err();
    assert_eq!(failure.kind, ExitKind::Usage);
    request.select.lang = Some(Language::Go);
    assert!(world.plan(&request).is_ok());
}

#[test]
fn everything_that_is_missing_is_reported_at_once() {
    let mut world = world().rust("a", "a", FunctionStatus::Function);
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
    let plan = world.plan(&request).unwrap();
    assert!(plan.unread);
    let all: Vec<_> = plan
        .missing
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
fn all_unknown_names_are_reported_with_the_nearest() {
    let world = world().rust("worker", "worker", FunctionStatus::Function);
    let mut request = arm();
    request.select.bins = vec!["wroker".into(), "zzz".into()];
    let failure = world.plan(&request).unwrap_err();
    assert_eq!(failure.kind, ExitKind::Project);
    let help: Vec<_> = failure
        .problems
        .iter()
        .filter_map(|p| p.help.as_deref())
        .collect();
    assert_eq!(help, ["did you mean `worker`?", "available names: worker"]);
}

#[test]
fn out_is_for_one_zip() {
    let world = world().rust("a", "a", FunctionStatus::Function);
    let mut request = arm();
    request.output.out = Some("/x/a.zip".into());
    let plan = world.plan(&request).unwrap();
    assert_eq!(plan.functions[0].target, Path::new("/x/a.zip"));
    assert!(!plan.outputs[0].manifest);
    request.archs = Arch::ALL.to_vec();
    assert_eq!(world.plan(&request).unwrap_err().kind, ExitKind::Usage);
}

#[test]
fn a_deprecated_runtime_is_supported_with_a_warning_about_its_dates() {
    let world = world().rust("a", "a", FunctionStatus::Function);
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
