//! One run of cargo: its environment, its arguments, and what the manifest says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::plan::arguments::ConfigArguments;
use crate::build::plan::c_flags::CFlags;
use crate::build::plan::linker;
use crate::build::plan::linker::{LinkEnvironment, LinkPlan, LinkRequest};
use crate::build::plan::path_remap::PathRemap;
use crate::build::plan::profile;
use crate::build::plan::profile::{LAMBDA, ProfileSettings};
use crate::build::plan::{BuildDescription, reproducible_env, rustflags};
use crate::build::project::cargo::{CargoPackage, Workspace};
use crate::build::project::{Function, FunctionStatus, Project, own_dir};
use crate::build::request::Request;
use crate::build::rustc_wrapper;
use crate::lambda::{Arch, Runtime};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::ui::failure::Failure;

/// A run for one architecture.
pub(super) struct CargoRun<'a> {
    request: &'a Request,
    env: BTreeMap<String, String>,
    selection: Vec<String>,
    args: Vec<String>,
    /// How it is linked.
    pub(super) linked: LinkPlan,
    pub(super) build: BuildDescription,
    pub(super) details: Vec<String>,
    /// What should be looked at.
    pub(super) warnings: Vec<String>,
    /// The folders whose names should not be in the binaries.
    pub(super) places: Vec<PathBuf>,
}

impl<'a> CargoRun<'a> {
    pub(super) fn new(
        request: &'a Request,
        project: &Project,
        workspace: &Workspace,
        host: &Host,
        arch: Arch,
        runtime: Runtime,
    ) -> Result<Self, Failure> {
        let args = [request.rust.args.clone(), request.rest.clone()].concat();
        let (rust, said) = (&request.rust, &project.settings);
        let arguments = ConfigArguments::of(&args, &workspace.root);
        let mut configured = workspace.config.linkers.clone();
        configured.extend(arguments.linkers());
        let mut places = PathRemap::of(request, workspace, host);
        if args.iter().any(|arg| arg.contains("rustc-wrapper")) {
            // RUSTC_WRAPPER would hide it.
            places = places.not_shared();
        }
        let links = places.links().unwrap_or_else(|| own_dir(&project.root));
        let mut linked = linker::choose(
            &LinkRequest {
                arch,
                runtime,
                with: rust.linker.or(said.linker).unwrap_or_default(),
                libc: rust.libc.or(said.libc),
                build_std: builds_std(&args, workspace, host),
            },
            &LinkEnvironment {
                links: &links,
                workspace,
                configured: &configured,
                linkers: &project.linkers,
                host,
            },
        )?;
        let target = linked.target.clone();
        let profile = rust.profile.as_ref().or(said.profile.as_ref());
        let profile = profile.map_or(LAMBDA, String::as_str);
        let mut settings = profile::settings(
            profile,
            &ProfileSettings {
                manifest: &workspace.manifest_profiles,
                config: &workspace.config.profiles,
                arguments: arguments.profiles(),
                env: host.vars_like(&["CARGO_PROFILE_"]),
            },
        );
        let ours: Vec<_> = settings.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let rustflags = rustflags::of_user(&target, &workspace.config, &arguments, host)?;
        let c_flags = CFlags::of(&target, &workspace.config.env, host);
        let mut details = vec![format!(
            "{target} with profile {profile} ({})",
            if ours.is_empty() {
                "as it stands".to_owned()
            } else {
                ours.join(" ")
            }
        )];
        let used = Some(linked.used.clone()).filter(|used| !used.name.is_empty());
        if let Some(used) = &used {
            details.push(format!(
                "{target} linked by {} ({})",
                used.name, used.reason
            ));
        }
        settings.extend(reproducible_env::settings(&workspace.config.env, host));
        let mut env = settings.clone();
        env.extend(linked.env.clone());
        env.extend(c_flags.with(&places.c_flags()));
        if let Some(users) = &rustflags {
            // The user's own remapping stands last, and so holds.
            let all = [places.rustflags(), users.clone()].concat();
            env.insert("CARGO_ENCODED_RUSTFLAGS".to_owned(), all.join("\u{1f}"));
            if places.links().is_some() {
                env.extend(wrapper(&places, workspace, &links, &mut linked));
            }
        }
        let rustflags = rustflags.unwrap_or_default();
        Ok(Self {
            request,
            env,
            selection: Vec::new(),
            args,
            details,
            warnings: rustflags::warnings(arch, &rustflags, &c_flags.said),
            places: places.paths(),
            build: BuildDescription {
                toolchain: workspace
                    .toolchain
                    .as_ref()
                    .map(|t| t.version.clone())
                    .unwrap_or_default(),
                target,
                profile: Some(profile.to_owned()),
                settings,
                linker: used,
                rustflags,
                ..BuildDescription::default()
            },
            linked,
        })
    }

    /// Names the packages of all functions of the run, and the targets of those to build.
    pub(super) fn select(
        &mut self,
        run: &[&Function],
        targets: &[&Function],
        workspace: &Workspace,
    ) {
        let names: BTreeSet<_> = run.iter().map(|function| &function.package).collect();
        let members = workspace.packages.iter();
        let members: Vec<_> = members
            .filter(|package| names.contains(&package.name))
            .collect();
        for package in &members {
            // A dependency may have a member's name, but hardly its version, too.
            self.selection.extend([
                "-p".to_owned(),
                format!("{}@{}", package.name, package.version),
            ]);
        }
        for function in targets {
            let option = match function.status {
                FunctionStatus::Example => "--example",
                _ => "--bin",
            };
            self.selection
                .extend([option.to_owned(), function.bin.clone()]);
        }
        let names: Vec<_> = run.iter().map(|function| function.name.as_str()).collect();
        self.build.together = names.join(",");
        let rust = &self.request.rust;
        let mut args = rust.lock.clone();
        let features = features(&rust.features, &members, &workspace.packages);
        if !features.is_empty() {
            args.push(format!("--features={}", features.join(",")));
        }
        for (option, said) in [
            ("--all-features", rust.all_features),
            ("--no-default-features", rust.no_default_features),
        ] {
            if said {
                args.push(option.to_owned());
            }
        }
        args.append(&mut self.args);
        self.build.args = args;
    }

    pub(super) fn command(&self, mut command: CommandSpec) -> CommandSpec {
        let profile = self.build.profile.as_deref().unwrap_or(LAMBDA);
        let rust = &self.request.rust;
        command = command.args([
            "build",
            "--profile",
            profile,
            "--target",
            &self.build.target,
        ]);
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
        command = command
            .args(self.selection.clone())
            .args(self.build.args.clone());
        for (name, value) in &self.env {
            command = command.env(name, value);
        }
        command
    }
}

/// The variables that make cargo start this program as a wrapper of rustc. The link has
/// the name of the wrapper that the user has set: the cc crate uses those that it knows
/// by name, such as sccache, for C as well.
fn wrapper(
    places: &PathRemap,
    workspace: &Workspace,
    links: &Path,
    linked: &mut LinkPlan,
) -> BTreeMap<String, String> {
    let next = workspace.config.rustc_wrapper.as_ref();
    let name = next.and_then(|next| Path::new(next).file_name());
    let default = format!("rustc{}", std::env::consts::EXE_SUFFIX);
    let name = name.map_or(default, |name| name.to_string_lossy().into_owned());
    let link = links.join(rustc_wrapper::DIR).join(name);
    linked.links.push(link.clone());
    let mut env = BTreeMap::from([
        ("RUSTC_WRAPPER", link.to_string_lossy().into_owned()),
        (rustc_wrapper::FOLDERS, places.for_wrapper()),
    ]);
    env.extend(next.map(|next| (rustc_wrapper::NEXT, next.clone())));
    { env.into_iter() }
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Whether cargo builds the standard library itself. A stable cargo refuses the
/// option, and does not hear the variable and the configuration.
fn builds_std(args: &[String], workspace: &Workspace, host: &Host) -> bool {
    let toolchain = workspace.toolchain.as_ref();
    let version = toolchain.map_or("", |toolchain| &toolchain.version);
    let unstable = version.contains("-nightly")
        || version.contains("-dev")
        || host.var("RUSTC_BOOTSTRAP").is_some();
    let said = host.var("CARGO_UNSTABLE_BUILD_STD").is_some() || workspace.config.build_std;
    args.iter().any(|arg| arg.contains("build-std")) || (unstable && said)
}

/// The features that some package of a run has. cargo would refuse the others,
/// although they were asked for of another run; one that nobody has is left for
/// it to refuse.
fn features(asked: &[String], run: &[&CargoPackage], all: &[CargoPackage]) -> Vec<String> {
    let words = asked.iter().flat_map(|words| words.split([',', ' ']));
    let has = |packages: &[&CargoPackage], word: &str| {
        packages.iter().any(|package| match word.split_once('/') {
            Some((name, _)) => name == package.name,
            None => package.features.iter().any(|feature| feature == word),
        })
    };
    let all: Vec<_> = all.iter().collect();
    words
        .filter(|word| !word.is_empty())
        .filter(|word| has(run, word) || !has(&all, word))
        .map(str::to_owned)
        .collect()
}
