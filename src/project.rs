//! What there is to build.
//!
//! In: the folders that were named. Out: [`Projects`]: every binary that could
//! be a function, named, with what configuration says of it.
//! Absent: which of them this run packs; that is `plan.rs`.

pub mod cargo;
pub mod config;
pub mod find;
pub mod go;
pub mod goflags;
pub mod name;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind, Problem};
use crate::host::Host;
use crate::project::config::{Place, Settings};
use crate::request::{Language, Request};
use crate::survey::Surveys;

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Projects {
    /// One for each root.
    pub projects: Vec<Project>,
    /// The folders asked for, each with its project's place in `projects`.
    pub scopes: Vec<(usize, PathBuf)>,
    /// Tools without which a folder could not be read; said with all others.
    pub missing: Vec<Problem>,
    /// What tools answered, to be kept.
    pub surveys: Surveys,
}

/// A workspace, a module, or all that a configuration file names.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Where `target/lambdapack` stands.
    pub root: PathBuf,
    /// What holds for all of it.
    pub settings: Settings,
    /// Its cargo workspaces.
    pub workspaces: Vec<cargo::Workspace>,
    /// Its Go modules.
    pub modules: Vec<go::Module>,
    /// Its binaries and examples, sorted by name.
    pub functions: Vec<Function>,
}

/// A binary that is a function, or could be one.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name in files, options and configuration.
    pub name: String,
    /// Whether it is packed without being named.
    pub status: Status,
    /// The folder of its package.
    pub dir: PathBuf,
    /// The name of its cargo package, or its import path.
    pub package: String,
    /// The name of its binary.
    pub bin: String,
    /// What builds it.
    pub source: Source,
    /// What configuration says, the nearest table first.
    pub settings: Settings,
}

/// Why a binary is packed, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It depends on a Lambda runtime, is the only one, or is configured.
    Function,
    /// Configuration says `skip`.
    Skipped,
    /// No Lambda runtime is among its dependencies.
    Other,
    /// An example of a cargo package: packed only when named.
    Example,
}

/// Where a binary comes from; the number is its place in [`Project`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Cargo's ID of its package in this workspace.
    Cargo(usize, String),
    /// In this module.
    Go(usize),
}

impl Function {
    /// What it is written in.
    #[must_use]
    pub const fn language(&self) -> Language {
        match self.source {
            Source::Cargo(..) => Language::Rust,
            Source::Go(..) => Language::Go,
        }
    }
}

/// The tag without which aws-lambda-go carries a server that custom runtimes
/// never use.
///
/// Source: <https://github.com/aws/aws-lambda-go#building-your-function>
pub const NORPC: &str = "lambda.norpc";

impl Projects {
    /// Reads every project that the request names.
    ///
    /// # Errors
    /// Exit 102 when a folder holds no project, or its files cannot be used.
    pub fn read(request: &Request, host: &Host) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for path in &request.paths {
            for folder in path.ancestors() {
                all.surveys
                    .add(Surveys::load(&crate::project::cache_file(folder)));
            }
        }
        for path in &request.paths {
            all.add(path, request, host)?;
        }
        for project in &mut all.projects {
            project.collect()?;
        }
        Ok(all)
    }

    fn add(&mut self, path: &Path, request: &Request, host: &Host) -> anyhow::Result<()> {
        let found = find::find(path, request.select.lang)?;
        for unit in &found.units {
            if let Err(error) = self.add_unit(unit, path, &found, request, host) {
                // Which tools are missing is said at once, with linkers and targets.
                match error.downcast_ref::<Failure>() {
                    Some(failure) if failure.kind == Kind::Tool => {
                        self.missing.extend(failure.problems.clone());
                    }
                    _ => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn add_unit(
        &mut self,
        unit: &find::Unit,
        path: &Path,
        found: &find::Found,
        request: &Request,
        host: &Host,
    ) -> anyhow::Result<()> {
        let configured = found
            .config
            .as_ref()
            .map(|(root, settings)| (root.clone(), settings));
        let index = match unit.language {
            Language::Rust => {
                let manifest = unit.dir.join("Cargo.toml");
                let workspace =
                    cargo::read(&manifest, &request.rust.lock, host, &mut self.surveys)?;
                let root = configured
                    .as_ref()
                    .map_or(&workspace.root, |(root, _)| root)
                    .clone();
                let index = self.project(root);
                let project = &mut self.projects[index];
                if !project.workspaces.iter().any(|w| w.root == workspace.root) {
                    project.workspaces.push(workspace);
                }
                index
            }
            Language::Go => {
                let said = found.config.as_ref().map(|(_, settings)| settings);
                let tags = go_tags(request, said);
                let goarch = request
                    .archs
                    .first()
                    .copied()
                    .unwrap_or(crate::lambda::Arch::X86_64);
                let module = go::read(&unit.dir, &tags, goarch.goarch(), host, &mut self.surveys)?;
                let root = configured
                    .as_ref()
                    .map_or(&module.root, |(root, _)| root)
                    .clone();
                let index = self.project(root);
                let project = &mut self.projects[index];
                if !project.modules.iter().any(|m| m.root == module.root) {
                    project.modules.push(module);
                }
                index
            }
        };
        if let Some((_, settings)) = configured {
            self.projects[index].settings = settings.clone();
        }
        let scope = (index, unit.scope(path));
        if !self.scopes.contains(&scope) {
            self.scopes.push(scope);
        }
        Ok(())
    }

    fn project(&mut self, root: PathBuf) -> usize {
        if let Some(index) = self.projects.iter().position(|p| p.root == root) {
            return index;
        }
        self.projects.push(Project {
            root,
            ..Project::default()
        });
        self.projects.len() - 1
    }
}

/// The tags that decide which files of a module count.
fn go_tags(request: &Request, settings: Option<&Settings>) -> Vec<String> {
    let configured = settings.and_then(|settings| settings.tags.as_ref());
    let mut tags = vec![NORPC.to_owned()];
    tags.extend(
        configured
            .map(config::OneOrMany::to_vec)
            .unwrap_or_default(),
    );
    tags.extend(request.go.tags.clone());
    tags
}

/// Where a project keeps what it need not find out again.
#[must_use]
pub fn cache_file(root: &Path) -> PathBuf {
    root.join("target/lambdapack/.cache.json")
}

impl Project {
    /// Gathers, configures and names the binaries.
    fn collect(&mut self) -> anyhow::Result<()> {
        let mut tables = BTreeMap::new();
        self.merge_workspace_settings()?;
        add_tables(&mut tables, &self.settings, &self.root);
        let mut functions = self.cargo_functions(&mut tables)?;
        functions.extend(self.go_functions());
        if let Some(paths) = &self.settings.paths {
            let folders = find::folders(paths, &self.root)?;
            functions.retain(|f| folders.iter().any(|folder| f.dir.starts_with(folder)));
        }
        name::name(&mut functions);
        apply_tables(&mut functions, tables)?;
        for function in &mut functions {
            function.settings = function.settings.over(&self.settings);
            if function.settings.skip == Some(true) {
                function.status = Status::Skipped;
            }
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        name::refuse_collisions(&functions)?;
        self.functions = functions;
        Ok(())
    }

    fn merge_workspace_settings(&mut self) -> anyhow::Result<()> {
        for workspace in &self.workspaces {
            let manifest = workspace.root.join("Cargo.toml");
            let settings =
                Settings::of_metadata(workspace.metadata.as_ref(), Place::Workspace, &manifest)?;
            if settings == Settings::default() {
                continue;
            }
            if self.root.join(config::FILE).exists() {
                return Err(Failure::new(
                    Kind::Project,
                    format!(
                        "{} and [workspace.metadata.lambdapack] of {} both configure this project",
                        self.root.join(config::FILE).display(),
                        manifest.display()
                    ),
                )
                .help("keep one of them: lambdapack.toml takes the same keys")
                .into());
            }
            self.settings = settings;
        }
        Ok(())
    }

    fn cargo_functions(&self, tables: &mut Tables) -> anyhow::Result<Vec<Function>> {
        let mut functions = Vec::new();
        for (index, workspace) in self.workspaces.iter().enumerate() {
            let only = workspace
                .packages
                .iter()
                .map(|p| p.bins.len())
                .sum::<usize>()
                == 1;
            for package in &workspace.packages {
                let manifest = package.dir.join("Cargo.toml");
                let settings =
                    Settings::of_metadata(package.metadata.as_ref(), Place::Package, &manifest)?;
                add_tables(tables, &settings, &package.dir);
                let make = |bin: &String, status| Function {
                    name: String::new(),
                    status,
                    dir: package.dir.clone(),
                    package: package.name.clone(),
                    bin: bin.clone(),
                    source: Source::Cargo(index, package.id.clone()),
                    settings: settings.clone(),
                };
                let status = if package.lambda || only {
                    Status::Function
                } else {
                    Status::Other
                };
                functions.extend(package.bins.iter().map(|bin| make(bin, status)));
                let examples = package.examples.iter();
                functions.extend(examples.map(|bin| make(bin, Status::Example)));
            }
        }
        Ok(functions)
    }

    fn go_functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for (index, module) in self.modules.iter().enumerate() {
            let mains = || module.packages.iter().filter(|package| package.main);
            let only = mains().count() == 1;
            functions.extend(mains().map(|package| Function {
                name: String::new(),
                status: if package.lambda || only {
                    Status::Function
                } else {
                    Status::Other
                },
                dir: package.dir.clone(),
                package: package.import_path.clone(),
                bin: name::exec_name(&package.import_path).to_owned(),
                source: Source::Go(index),
                settings: Settings::default(),
            }));
        }
        functions
    }
}

/// The `[function.NAME]` tables, each with the folder its paths start from.
type Tables = BTreeMap<String, (PathBuf, Settings)>;

fn add_tables(tables: &mut Tables, settings: &Settings, dir: &Path) {
    for (name, table) in settings.function.iter().flatten() {
        tables.insert(name.clone(), (dir.to_owned(), table.clone()));
    }
}

/// Finds the binary that each table means, renames it and lays the table over
/// its package's.
fn apply_tables(functions: &mut [Function], tables: Tables) -> anyhow::Result<()> {
    for (name, (dir, table)) in tables {
        let folder = table.path.as_ref().map(|path| find::join(&dir, path));
        let means = |function: &Function| {
            function.status != Status::Example
                && folder.as_ref().is_none_or(|folder| function.dir == *folder)
                && table.bin.as_ref().is_none_or(|bin| function.bin == *bin)
                && (folder.is_some() || table.bin.is_some() || function.name == name)
        };
        let found: Vec<_> = (0..functions.len())
            .filter(|i| means(&functions[*i]))
            .collect();
        let [index] = found[..] else {
            return Err(unclear_table(&name, functions, &found).into());
        };
        let function = &mut functions[index];
        function.name = name;
        function.status = Status::Function;
        function.settings = table.over(&function.settings);
    }
    Ok(())
}

fn unclear_table(name: &str, functions: &[Function], found: &[usize]) -> Failure {
    if found.is_empty() {
        let names: Vec<_> = functions
            .iter()
            .filter(|function| function.status != Status::Example)
            .map(|function| function.name.as_str())
            .collect();
        Failure::new(
            Kind::Project,
            format!("[function.{name}] names no binary of this project"),
        )
        .help(name::did_you_mean(name, &names, "it has"))
    } else {
        let bins: Vec<_> = found.iter().map(|i| functions[*i].bin.as_str()).collect();
        Failure::new(
            Kind::Project,
            format!("[function.{name}] could be any of {}", bins.join(", ")),
        )
        .help(format!("say which: bin = \"{}\"", bins[0]))
    }
}
