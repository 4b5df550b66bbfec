//! Collects the functions of workspaces and modules, with their settings and names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::build::project::config;
use crate::build::project::config::{ConfigScope, FunctionSettings};
use crate::build::project::{Function, FunctionSource, FunctionStatus, Project, find, go, name};
use crate::fs::path::join;
use crate::lambda::Purpose;
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::{ExitKind, Failure};

impl Project {
    /// Collects the binaries, and applies settings and names. `is_complete` tells whether the whole
    /// project was read, and not only a part of it.
    pub(super) fn collect(&mut self, is_complete: bool) -> anyhow::Result<()> {
        let mut tables = BTreeMap::new();
        self.merge_workspace_settings()?;
        add_tables(&mut tables, &self.settings, &self.root, None);
        let mut functions = self.cargo_functions(&mut tables)?;
        functions.extend(self.go_functions());
        if let Some(paths) = &self.settings.paths {
            let folders = find::configured_folders(paths, &self.root)?;
            functions.retain(|f| folders.iter().any(|folder| f.dir.starts_with(folder)));
        }
        name::assign_names(&mut functions, &self.root);
        self.apply_tables(&mut functions, tables, is_complete)?;
        for function in &mut functions {
            function.settings = function.settings.over(&self.settings);
            if function.settings.skip == Some(true) {
                function.status = FunctionStatus::Skipped;
            }
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        name::refuse_collisions(&functions)?;
        self.functions = functions;
        self.is_complete = is_complete;
        Ok(())
    }

    fn merge_workspace_settings(&mut self) -> anyhow::Result<()> {
        for workspace in &self.workspaces {
            let manifest = workspace.root.join("Cargo.toml");
            let settings = FunctionSettings::from_metadata(
                workspace.metadata.as_ref(),
                ConfigScope::Workspace,
                &manifest,
            )?;
            if settings == FunctionSettings::default() {
                continue;
            }
            if self.root.join(config::FILE).exists() {
                return Err(Failure::new(
                    ExitKind::Project,
                    format!(
                        "both `{}` and `[workspace.metadata.lambdapack]` in `{}` configure this \
                         project",
                        self.root.join(config::FILE).display(),
                        manifest.display()
                    ),
                )
                .help("keep only one of them; both accept the same keys")
                .into());
            }
            self.settings = settings;
        }
        Ok(())
    }

    fn cargo_functions(&self, tables: &mut FunctionTables) -> anyhow::Result<Vec<Function>> {
        let mut functions = Vec::new();
        for (id, workspace) in self.workspaces_by_id() {
            let bins = workspace.packages.iter().flat_map(|p| &p.bins);
            let has_one_binary = bins.count() == 1;
            for package in &workspace.packages {
                let manifest = package.dir.join("Cargo.toml");
                let settings = FunctionSettings::from_metadata(
                    package.metadata.as_ref(),
                    ConfigScope::Package,
                    &manifest,
                )?;
                add_tables(tables, &settings, &package.dir, Some("."));
                let is_extension = package.extension && !package.lambda;
                let purpose = if is_extension {
                    Purpose::Extension
                } else {
                    Purpose::Function
                };
                let function = |bin: &String, status| Function {
                    name: String::new(),
                    status,
                    dir: package.dir.clone(),
                    package: package.name.clone(),
                    bin: bin.clone(),
                    source: FunctionSource::Cargo {
                        workspace: id,
                        package: package.id.clone(),
                    },
                    purpose,
                    settings: settings.clone(),
                    configured: false,
                };
                let status = if package.lambda || is_extension {
                    FunctionStatus::Function
                } else if has_one_binary {
                    FunctionStatus::Unknown
                } else {
                    FunctionStatus::Other
                };
                functions.extend(package.bins.iter().map(|bin| function(bin, status)));
                let examples = package.examples.iter();
                functions.extend(examples.map(|bin| function(bin, FunctionStatus::Example)));
            }
        }
        Ok(functions)
    }

    fn go_functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for (id, module) in self.modules_by_id() {
            let programs = || module.packages.iter().filter(|package| package.main);
            let is_only_program = programs().count() == 1;
            functions.extend(programs().map(|package| Function {
                name: String::new(),
                status: go_status(package, is_only_program),
                dir: package.dir.clone(),
                package: package.import_path.clone(),
                bin: name::exec_name(&package.import_path).to_owned(),
                source: FunctionSource::Go { module: id },
                // There is no library that all extensions in Go use.
                purpose: Purpose::Function,
                settings: FunctionSettings::default(),
                configured: false,
            }));
        }
        functions
    }
}

/// A program that cannot open a connection, or describes infrastructure, has no Runtime API client.
/// It need not be built to know that.
fn go_status(package: &go::GoPackage, is_only_program: bool) -> FunctionStatus {
    let may_have_client = package.network && !package.infrastructure;
    if package.lambda {
        FunctionStatus::Function
    } else if is_only_program && (may_have_client || package.fault.is_some()) {
        FunctionStatus::Unknown
    } else {
        FunctionStatus::Other
    }
}

/// The `[function.NAME]` tables, each with the folder that its paths are relative to.
type FunctionTables = BTreeMap<String, (PathBuf, FunctionSettings)>;

/// Adds the tables of settings. `path` is the default for tables without a `path`; in the metadata
/// of a package, it is the package.
fn add_tables(
    tables: &mut FunctionTables,
    settings: &FunctionSettings,
    dir: &Path,
    path: Option<&str>,
) {
    for (name, table) in settings.function.iter().flatten() {
        let mut table = table.clone();
        table.path = table.path.or_else(|| path.map(str::to_owned));
        tables.insert(name.clone(), (dir.to_owned(), table));
    }
}

impl Project {
    /// Applies each table to its binary: renames it, and puts the table's settings over those of
    /// the package.
    fn apply_tables(
        &self,
        functions: &mut [Function],
        tables: FunctionTables,
        is_complete: bool,
    ) -> anyhow::Result<()> {
        for (name, (dir, table)) in tables {
            let folder = table.path.as_ref().map(|path| join(&dir, path));
            let matches = |function: &Function| {
                function.status != FunctionStatus::Example
                    && folder.as_ref().is_none_or(|folder| function.dir == *folder)
                    && table.bin.as_ref().is_none_or(|bin| function.bin == *bin)
                    && (folder.is_some() || table.bin.is_some() || function.name == name)
            };
            let mut found: Vec<_> = (0..functions.len())
                .filter(|i| matches(&functions[*i]))
                .collect();
            // The function may have been renamed, while its binary still has this name.
            if found.is_empty() && folder.is_none() && table.bin.is_none() {
                let is_bin = |function: &Function| {
                    function.status != FunctionStatus::Example && function.bin == name
                };
                found.extend((0..functions.len()).filter(|i| is_bin(&functions[*i])));
            }
            match found[..] {
                [index] => {
                    let function = &mut functions[index];
                    function.name = name;
                    function.status = FunctionStatus::Function;
                    function.configured = true;
                    function.settings = table.over(&function.settings);
                }
                // It may be in a part of the project that was not read.
                [] if !is_complete && !folder.is_some_and(|folder| self.has_read(&folder)) => {}
                _ => return Err(unclear_table(&name, &dir, &table, functions, &found).into()),
            }
        }
        Ok(())
    }

    /// Whether a folder is in a workspace or module that was read.
    fn has_read(&self, folder: &Path) -> bool {
        let mut roots = self.source_roots();
        roots.any(|root| root != self.root && folder.starts_with(root))
    }
}

/// Reports a table that matches no binary, or several.
fn unclear_table(
    name: &str,
    dir: &Path,
    table: &FunctionSettings,
    functions: &[Function],
    found: &[usize],
) -> Failure {
    if let (Some(path), true) = (&table.path, found.is_empty()) {
        Failure::new(
            ExitKind::Project,
            format!(
                "`[function.{name}]` in `{}` does not match a binary in the folder `{path}`",
                dir.display()
            ),
        )
        .help(
            "set `path` to the folder of a Cargo package with a binary, or of a Go package `main`",
        )
    } else if found.is_empty() {
        let names: Vec<_> = functions
            .iter()
            .filter(|function| function.status != FunctionStatus::Example)
            .map(|function| function.name.as_str())
            .collect();
        Failure::new(
            ExitKind::Project,
            format!(
                "`[function.{name}]` in `{}` does not match a binary of the project",
                dir.display()
            ),
        )
        .help(did_you_mean(name, &names, "available names:"))
    } else {
        let bins: Vec<_> = found.iter().map(|i| functions[*i].bin.as_str()).collect();
        Failure::new(
            ExitKind::Project,
            format!(
                "`[function.{name}]` in `{}` matches several binaries: {}",
                dir.display(),
                bins.join(", ")
            ),
        )
        .help(format!("select one with `bin = \"{}\"`", bins[0]))
    }
}
