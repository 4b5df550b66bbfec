//! One run of Cargo: its environment, its arguments, and its description in the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::plan::arguments::ConfigArguments;
use crate::build::plan::auditable;
use crate::build::plan::c_flags::CFlags;
use crate::build::plan::function_build::ProjectContext;
use crate::build::plan::linker;
use crate::build::plan::linker::{LinkEnvironment, LinkPlan, LinkRequest};
use crate::build::plan::path_remap::PathRemap;
use crate::build::plan::profile;
use crate::build::plan::profile::{LAMBDA, ProfileSettings};
use crate::build::plan::{
    BinarySource, BuildDescription, ProgramArgs, reproducible_env, rustflags,
};
use crate::build::project::cargo::{CargoPackage, Workspace};
use crate::build::project::{Function, FunctionSource, FunctionStatus, own_dir};
use crate::build::request::{BuildDestination, Request};
use crate::build::rustc_wrapper;
use crate::lambda::{Arch, Runtime};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::ui::failure::Failure;

/// Cargo's option to compile the rest if a crate fails.
const KEEP_GOING: &str = "--keep-going";

/// A run of Cargo for one architecture.
pub(super) struct CargoRun<'a> {
    request: &'a Request,
    env: BTreeMap<String, String>,
    /// `--target`; `None` leaves the choice to Cargo.
    target: Option<String>,
    /// The options that name packages.
    packages: Vec<String>,
    /// The options that name targets, each with its program, or `None` if the target is built
    /// with every selection.
    targets: Vec<([String; 2], Option<BinarySource>)>,
    pub(super) linking: LinkPlan,
    pub(super) description: BuildDescription,
    pub(super) details: Vec<String>,
    pub(super) warnings: Vec<String>,
    /// The folders whose paths should not be in the binaries.
    pub(super) local_folders: Vec<PathBuf>,
}

/// The purpose of a run of Cargo.
pub(super) struct CargoRunScope<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) arch: Arch,
    pub(super) runtime: Runtime,
    /// The functions whose packages are named, because Cargo unifies their features.
    pub(super) functions: &'a [&'a Function],
    /// The functions whose targets are built.
    pub(super) targets: &'a [CargoTarget<'a>],
}

/// A target of a run.
pub(super) struct CargoTarget<'a> {
    pub(super) function: &'a Function,
    /// Whether a run without this function builds the target as well, because the other functions
    /// would have other bytes without it.
    pub(super) required: bool,
}

impl<'a> CargoRun<'a> {
    pub(super) fn new(
        context: &ProjectContext<'a>,
        scope: &CargoRunScope<'_>,
    ) -> Result<Self, Failure> {
        match context.request.destination {
            BuildDestination::Lambda => Self::for_lambda(context, scope),
            BuildDestination::Host => Ok(Self::for_host(context.request, scope)),
        }
    }

    /// A run as the user's own `cargo build`, with which it shares its results. The configured
    /// profile is for the zip.
    fn for_host(request: &'a Request, scope: &CargoRunScope<'_>) -> Self {
        let mut args = user_args(request);
        if !args.iter().any(|arg| arg == KEEP_GOING) {
            // One function that does not compile should not hold up the others.
            args.insert(0, KEEP_GOING.to_owned());
        }
        let profile = request.rust.profile.as_deref().unwrap_or("dev");
        let members = members(scope);
        Self {
            request,
            env: BTreeMap::new(),
            target: host_target(scope.workspace),
            packages: package_args(&members),
            targets: scope.targets.iter().map(target_args).collect(),
            linking: LinkPlan::default(),
            description: BuildDescription {
                target: toolchain_host(scope.workspace),
                ..describe(request, scope, &members, profile, args)
            },
            details: Vec::new(),
            warnings: Vec::new(),
            local_folders: Vec::new(),
        }
    }

    fn for_lambda(
        context: &ProjectContext<'a>,
        scope: &CargoRunScope<'_>,
    ) -> Result<Self, Failure> {
        let ProjectContext {
            request,
            project,
            host,
            ..
        } = *context;
        let workspace = scope.workspace;
        let user_args = user_args(request);
        let (rust, settings) = (&request.rust, &project.settings);
        let config_args = ConfigArguments::parse(&user_args, &workspace.root);
        let mut configured_linkers = workspace.config.linkers.clone();
        configured_linkers.extend(config_args.linkers());
        let mut path_remap = PathRemap::new(request, workspace, host);
        if user_args.iter().any(|arg| arg.contains("rustc-wrapper")) {
            // RUSTC_WRAPPER would take precedence over the user's wrapper.
            path_remap = path_remap.without_wrapper();
        }
        let links = path_remap.links().unwrap_or_else(|| own_dir(&project.root));
        let mut linking = linker::plan_linking(
            &LinkRequest {
                arch: scope.arch,
                runtime: scope.runtime,
                linker: rust.linker.or(settings.linker).unwrap_or_default(),
                libc: rust.libc.or(settings.libc),
                build_std: builds_std(&user_args, workspace, host),
            },
            &LinkEnvironment {
                links: &links,
                workspace,
                configured: &configured_linkers,
                linkers: &project.linkers,
                host,
            },
        )?;
        let target = linking.target.clone();
        let auditable = rust.auditable || settings.auditable == Some(true);
        if auditable && auditable::find(host).is_none() {
            linking.missing.push(auditable::missing());
        }
        let profile = rust.profile.as_ref().or(settings.profile.as_ref());
        let profile = profile.map_or(LAMBDA, String::as_str);
        let profile_settings = profile::settings(
            profile,
            &ProfileSettings {
                manifest: &workspace.manifest_profiles,
                config: &workspace.config.profiles,
                arguments: config_args.profiles(),
                env: host.vars_with_prefixes(&["CARGO_PROFILE_"]),
            },
        );
        let rustflags = rustflags::from_user(&target, &workspace.config, &config_args, host)?;
        let c_flags = CFlags::from_user(&target, &workspace.config.env, host);
        let mut details = vec![format!(
            "{target}: profile `{profile}` ({})",
            if profile_settings.is_empty() {
                "no settings added".to_owned()
            } else {
                let pairs = profile_settings.iter().map(|(n, v)| format!("{n}={v}"));
                pairs.collect::<Vec<_>>().join(" ")
            }
        )];
        let used_linker = Some(linking.used.clone()).filter(|used| !used.name.is_empty());
        if let Some(used) = &used_linker {
            details.push(format!(
                "{target}: linker `{}` ({})",
                used.name, used.reason
            ));
        }
        let mut recorded_env = profile_settings;
        recorded_env.extend(reproducible_env::for_cargo(&workspace.config.env, host));
        let mut env = recorded_env.clone();
        env.extend(linking.env.clone());
        env.extend(c_flags.with_added(&path_remap.c_flags()));
        if let Some(user_flags) = &rustflags {
            // rustc uses the last remapping that fits, so the user's own takes precedence.
            let all = [path_remap.rustflags(), user_flags.clone()].concat();
            env.insert("CARGO_ENCODED_RUSTFLAGS".to_owned(), all.join("\u{1f}"));
            if path_remap.links().is_some() {
                env.extend(wrapper(&path_remap, workspace, &links, &mut linking));
            }
        }
        let rustflags = rustflags.unwrap_or_default();
        let members = members(scope);
        Ok(Self {
            request,
            env,
            target: Some(target.clone()),
            packages: package_args(&members),
            targets: scope.targets.iter().map(target_args).collect(),
            details,
            warnings: rustflags::warnings(scope.arch, &rustflags, &c_flags.user),
            local_folders: path_remap.local_folders(),
            description: BuildDescription {
                target,
                settings: recorded_env,
                linker: used_linker,
                auditable,
                rustflags,
                ..describe(request, scope, &members, profile, user_args)
            },
            linking,
        })
    }

    /// The command that prints the packages of the workspace and their dependencies for the
    /// target of this run, from the command that starts Cargo. `None` for this machine.
    pub(super) fn graph_command(&self, cargo: CommandSpec) -> Option<CommandSpec> {
        let target = self.target.as_ref()?;
        let mut command = cargo
            .args([
                "metadata",
                "--format-version=1",
                "--filter-platform",
                target,
            ])
            .args(graph_args(&self.description.args));
        for (name, value) in &self.env {
            command = command.env(name, value);
        }
        Some(command)
    }

    /// The command that prints the packages that this run compiles, each with its features and its
    /// depth in the tree of dependencies. Cargo resolves features as for the build, because the
    /// command names the same packages. `None` for this machine.
    pub(super) fn tree_command(&self, cargo: CommandSpec) -> Option<CommandSpec> {
        let target = self.target.as_ref()?;
        let mut targets = self.targets.iter();
        let has_examples = targets.any(|([option, _], _)| option == "--example");
        // An example brings the dev-dependencies of the run's packages into the build.
        let edges = if has_examples {
            "normal,build,dev"
        } else {
            "normal,build"
        };
        let args = graph_args(&self.description.args);
        // A missing lock file must be written by the build itself, with the newest versions.
        let is_locked = args
            .iter()
            .any(|arg| arg == "--locked" || arg == "--frozen");
        Some(
            cargo
                .args([
                    "tree", "--quiet", "--prefix", "depth", "--format", "{p}\t{f}",
                ])
                .args(["--edges", edges, "--target", target])
                .args(self.packages.clone())
                .args((!is_locked).then_some("--locked"))
                .args(args),
        )
    }

    /// The value of `--target`.
    pub(super) fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// The command of this run, from the command that starts Cargo.
    pub(super) fn command(&self, cargo: CommandSpec) -> (CommandSpec, ProgramArgs) {
        let profile = self.description.profile.as_deref().unwrap_or(LAMBDA);
        let rust = &self.request.rust;
        let subcommand = self.description.auditable.then_some("auditable");
        let mut command = cargo.args(subcommand).args(["build", "--profile", profile]);
        if let Some(target) = &self.target {
            command = command.args(["--target", target]);
        }
        command = command.args(["--message-format", "json-render-diagnostics"]);
        if self.request.quiet {
            command = command.args(["--quiet"]);
        }
        if let Some(color) = &self.request.color {
            command = command.args(["--color", color]);
        }
        if let Some(jobs) = &rust.jobs {
            command = command.args(["--jobs", jobs]);
        }
        if let Some(dir) = &rust.target_dir {
            command = command.args(["--target-dir", &*dir.to_string_lossy()]);
        }
        command = command.args(self.packages.clone());
        let mut programs = ProgramArgs::default();
        for (args, program) in &self.targets {
            if let Some(program) = program {
                programs.add(command.args.len(), args.len(), program.clone());
            }
            command = command.args(args.clone());
        }
        command = command.args(self.description.args.clone());
        for (name, value) in &self.env {
            command = command.env(name, value);
        }
        (command, programs)
    }
}

/// The arguments of a build that also apply to `cargo metadata`.
fn graph_args(build_args: &[String]) -> Vec<String> {
    const WITH_VALUE: [&str; 3] = ["--config", "-Z", "--features"];
    const ALONE: [&str; 5] = [
        "--all-features",
        "--no-default-features",
        "--locked",
        "--offline",
        "--frozen",
    ];
    let mut kept = Vec::new();
    let mut args = build_args.iter();
    while let Some(arg) = args.next() {
        let starts = |option: &str| {
            arg.strip_prefix(option)
                .is_some_and(|it| it.starts_with('='))
        };
        if WITH_VALUE.contains(&arg.as_str()) {
            kept.push(arg.clone());
            kept.extend(args.next().cloned());
        } else if ALONE.contains(&arg.as_str()) || WITH_VALUE.into_iter().any(starts) {
            kept.push(arg.clone());
        }
    }
    kept
}

/// The description of a run, as far as it does not depend on the destination.
fn describe(
    request: &Request,
    scope: &CargoRunScope<'_>,
    members: &[&CargoPackage],
    profile: &str,
    user_args: Vec<String>,
) -> BuildDescription {
    let workspace = scope.workspace;
    let toolchain = workspace.toolchain.as_ref();
    let names: Vec<_> = scope.functions.iter().map(|f| f.name.as_str()).collect();
    BuildDescription {
        toolchain: toolchain.map(|t| t.version.clone()).unwrap_or_default(),
        profile: Some(profile.to_owned()),
        args: build_args(request, members, workspace, user_args),
        together: names.join(","),
        ..BuildDescription::default()
    }
}

/// The user's arguments for Cargo.
fn user_args(request: &Request) -> Vec<String> {
    [request.rust.args.clone(), request.rest.clone()].concat()
}

/// rustc's target for this machine.
fn toolchain_host(workspace: &Workspace) -> String {
    let toolchain = workspace.toolchain.as_ref();
    toolchain.map(|t| t.host.clone()).unwrap_or_default()
}

/// The option for programs that run on this machine: none, so that Cargo's usual folder is used,
/// unless the configuration sets another target.
fn host_target(workspace: &Workspace) -> Option<String> {
    let host = &workspace.toolchain.as_ref()?.host;
    let mut configured = workspace.config.build_targets.iter();
    configured
        .any(|target| target != host)
        .then(|| host.clone())
}

/// The packages of the run's functions.
fn members<'a>(scope: &CargoRunScope<'a>) -> Vec<&'a CargoPackage> {
    let names: BTreeSet<_> = scope.functions.iter().map(|f| &f.package).collect();
    let packages = scope.workspace.packages.iter();
    packages
        .filter(|package| names.contains(&package.name))
        .collect()
}

/// The options that name the packages of a run.
fn package_args(members: &[&CargoPackage]) -> Vec<String> {
    // A dependency may have the name of a member, but hardly its version as well.
    let spec = |package: &&CargoPackage| format!("{}@{}", package.name, package.version);
    members
        .iter()
        .flat_map(|package| ["-p".to_owned(), spec(package)])
        .collect()
}

/// The option that names a target, and its program if the option can be left out.
fn target_args(target: &CargoTarget<'_>) -> ([String; 2], Option<BinarySource>) {
    let function = target.function;
    let option = match function.status {
        FunctionStatus::Example => "--example",
        _ => "--bin",
    };
    let program = (!target.required).then(|| binary_source(function));
    ([option.to_owned(), function.bin.clone()], program)
}

/// How the path of a function's program becomes known.
pub(super) fn binary_source(function: &Function) -> BinarySource {
    BinarySource::CargoMessage {
        package: match &function.source {
            FunctionSource::Cargo { package, .. } => package.clone(),
            FunctionSource::Go { .. } => String::new(),
        },
        name: function.bin.clone(),
        example: function.status == FunctionStatus::Example,
    }
}

/// The arguments that decide the bytes, the user's own last.
fn build_args(
    request: &Request,
    members: &[&CargoPackage],
    workspace: &Workspace,
    user_args: Vec<String>,
) -> Vec<String> {
    let rust = &request.rust;
    let mut args = rust.lock.clone();
    let features = features(&rust.features, members, &workspace.packages);
    if !features.is_empty() {
        args.push(format!("--features={}", features.join(",")));
    }
    for (option, is_set) in [
        ("--all-features", rust.all_features),
        ("--no-default-features", rust.no_default_features),
    ] {
        if is_set {
            args.push(option.to_owned());
        }
    }
    args.extend(user_args);
    args
}

/// The variables that make Cargo start this program as a wrapper of rustc. The link has the
/// name of the wrapper that the user has set, because the cc crate uses wrappers that it
/// recognizes by name, such as sccache, for C as well.
fn wrapper(
    path_remap: &PathRemap,
    workspace: &Workspace,
    links: &Path,
    linking: &mut LinkPlan,
) -> BTreeMap<String, String> {
    let next = workspace.config.rustc_wrapper.as_ref();
    let name = next.and_then(|next| Path::new(next).file_name());
    let default = format!("rustc{}", std::env::consts::EXE_SUFFIX);
    let name = name.map_or(default, |name| name.to_string_lossy().into_owned());
    let link = links.join(rustc_wrapper::DIR).join(name);
    linking.links.push(link.clone());
    let mut env = BTreeMap::from([
        ("RUSTC_WRAPPER", link.to_string_lossy().into_owned()),
        (rustc_wrapper::FOLDERS, path_remap.for_wrapper()),
    ]);
    env.extend(next.map(|next| (rustc_wrapper::NEXT, next.clone())));
    env.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Whether Cargo builds the standard library itself. A stable Cargo refuses the option, and
/// ignores the variable and the configuration.
fn builds_std(args: &[String], workspace: &Workspace, host: &Host) -> bool {
    let toolchain = workspace.toolchain.as_ref();
    let version = toolchain.map_or("", |toolchain| &toolchain.version);
    let is_unstable = version.contains("-nightly")
        || version.contains("-dev")
        || host.var("RUSTC_BOOTSTRAP").is_some();
    let is_configured =
        host.var("CARGO_UNSTABLE_BUILD_STD").is_some() || workspace.config.build_std;
    args.iter().any(|arg| arg.contains("build-std")) || (is_unstable && is_configured)
}

/// The requested features that some package of the run has. Cargo would refuse the others,
/// although they may be meant for another run. A feature that no package of the workspace has
/// is kept, so that Cargo reports it.
fn features(requested: &[String], run: &[&CargoPackage], all: &[CargoPackage]) -> Vec<String> {
    let has = |packages: &[&CargoPackage], feature: &str| {
        packages
            .iter()
            .any(|package| match feature.split_once('/') {
                Some((name, _)) => name == package.name,
                None => package.features.iter().any(|known| known == feature),
            })
    };
    let all: Vec<_> = all.iter().collect();
    requested
        .iter()
        .flat_map(|list| list.split([',', ' ']))
        .filter(|feature| !feature.is_empty())
        .filter(|feature| has(run, feature) || !has(&all, feature))
        .map(str::to_owned)
        .collect()
}
