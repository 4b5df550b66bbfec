//! Makes the warning about the settings of a project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::build::plan::Plan;
use crate::build::project::cargo::Workspace;
use crate::build::project::config;
use crate::build::project::{Function, Project};
use crate::build::request::Request;
use crate::commands::build::hints::cargo_lambda::counterpart::{
    Counterpart, CounterpartPlace, CounterpartScope, counterparts,
};
use crate::commands::build::hints::packed::packed;
use crate::ui::failure::Problem;
use crate::ui::path_display::display_path;

const FILE: &str = "CargoLambda.toml";

/// A table of cargo-lambda's settings.
struct CargoLambdaTable {
    file: PathBuf,
    name: String,
    /// Whether it is a `deploy` table, which has other keys.
    is_deploy: bool,
    /// Whether it is in the manifest of a package.
    is_package: bool,
    /// The binary it applies to, if it is a `bin.NAME` table.
    bin: Option<String>,
    keys: serde_json::Map<String, Value>,
}

/// Makes one warning for all settings of a project.
pub(crate) fn hint(
    request: &Request,
    project: &Project,
    plan: &Plan,
    cwd: &Path,
) -> Option<Problem> {
    let mut named: Vec<String> = Vec::new();
    // The lines by the place where they belong, in the order in which the places appear.
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for workspace in &project.workspaces {
        let functions: Vec<_> = packed(project, plan)
            .filter(|function| project.source_root(function) == workspace.root)
            .filter(|function| function.language() == crate::lambda::Language::Rust)
            .collect();
        if functions.is_empty() {
            continue;
        }
        for table in tables(workspace, &functions) {
            let is_meant = |function: &&&Function| {
                let bin = table.bin.as_ref();
                let in_package = Some(function.dir.as_path()) == table.file.parent();
                bin.is_none_or(|bin| *bin == function.bin || *bin == function.package)
                    && (!table.is_package || in_package)
            };
            let meant: Vec<_> = functions.iter().filter(is_meant).copied().collect();
            if meant.is_empty() {
                continue;
            }
            let scope = CounterpartScope {
                request,
                functions: &meant,
                targets: &workspace.config.build_targets,
                manifest: table.is_package.then_some(table.file.as_path()),
            };
            let found = counterparts(&table.keys, table.is_deploy, &scope);
            if found.is_empty() {
                continue;
            }
            let keys: Vec<_> = found
                .iter()
                .map(|counterpart| format!("`{}`", counterpart.key))
                .collect();
            let file = display_path(&table.file, cwd);
            named.push(format!("{} in [{}] of {file}", keys.join(", "), table.name));
            for Counterpart { place, line, .. } in found {
                let place = heading(place, &table, project, workspace, cwd);
                let at = lines.iter().position(|(heading, _)| *heading == place);
                let at = at.unwrap_or_else(|| {
                    lines.push((place, Vec::new()));
                    lines.len() - 1
                });
                if !lines[at].1.contains(&line) {
                    lines[at].1.push(line);
                }
            }
        }
    }
    if named.is_empty() {
        return None;
    }
    let what = format!(
        "settings of cargo-lambda have no effect on cargo-lambdapack: {}",
        named.join("; ")
    );
    let mut help = "to keep their effect, write".to_owned();
    for (place, lines) in lines {
        help += &format!("\n  {place}:");
        for line in lines {
            help += &format!("\n    {line}");
        }
    }
    Some(Problem::new(what).help(help))
}

/// Describes where a counterpart must be written.
fn heading(
    place: CounterpartPlace,
    table: &CargoLambdaTable,
    project: &Project,
    workspace: &Workspace,
    cwd: &Path,
) -> String {
    let with = |tables: &[&str], file: &Path| {
        let file = display_path(file, cwd);
        match tables {
            [] => format!("in {file}"),
            _ => format!("in {file}, below [{}]", tables.join(".")),
        }
    };
    let metadata = workspace.metadata.as_ref();
    let in_metadata = metadata.is_some_and(|table| table.get("lambdapack").is_some());
    let root = workspace.root.join("Cargo.toml");
    let of_project = project.root.join(config::FILE);
    let function: Vec<&str> = table.bin.iter().flat_map(|bin| ["function", bin]).collect();
    match place {
        CounterpartPlace::CommandLine => "on the command line".to_owned(),
        CounterpartPlace::Environment => "in .cargo/config.toml, below [env]".to_owned(),
        CounterpartPlace::Nowhere => "without a counterpart".to_owned(),
        CounterpartPlace::Function if table.is_package => {
            let tables = [&["package", "metadata", "lambdapack"][..], &function].concat();
            with(&tables, &table.file)
        }
        CounterpartPlace::Function if in_metadata => {
            let tables = [&["workspace", "metadata", "lambdapack"][..], &function].concat();
            with(&tables, &root)
        }
        CounterpartPlace::Function => with(&function, &of_project),
        CounterpartPlace::Project if in_metadata => {
            with(&["workspace", "metadata", "lambdapack"], &root)
        }
        CounterpartPlace::Project => with(&[], &of_project),
    }
}

/// All tables that cargo-lambda would merge for these functions.
fn tables(workspace: &Workspace, functions: &[&Function]) -> Vec<CargoLambdaTable> {
    let mut tables = Vec::new();
    let file = workspace.root.join(FILE);
    // A file that is also invalid for cargo-lambda is not reported here.
    if let Ok(text) = fs_err::read_to_string(&file)
        && let Ok(table) = toml::from_str::<toml::Table>(&text)
        && let Ok(value) = serde_json::to_value(table)
    {
        add(&mut tables, &value, "", &file, false);
    }
    let lambda_table = |metadata: &Option<Value>| metadata.as_ref()?.get("lambda").cloned();
    if let Some(lambda) = lambda_table(&workspace.metadata) {
        let file = workspace.root.join("Cargo.toml");
        add(
            &mut tables,
            &lambda,
            "workspace.metadata.lambda.",
            &file,
            false,
        );
    }
    for package in &workspace.packages {
        let is_packed = || functions.iter().any(|function| function.dir == package.dir);
        if let Some(lambda) = lambda_table(&package.metadata).filter(|_| is_packed()) {
            let file = package.dir.join("Cargo.toml");
            add(
                &mut tables,
                &lambda,
                "package.metadata.lambda.",
                &file,
                true,
            );
        }
    }
    tables
}

fn add(
    tables: &mut Vec<CargoLambdaTable>,
    lambda: &Value,
    prefix: &str,
    file: &Path,
    is_package: bool,
) {
    let mut owners: BTreeMap<Option<String>, &Value> = BTreeMap::from([(None, lambda)]);
    let bins = lambda.get("bin").and_then(Value::as_object);
    owners.extend(
        bins.into_iter()
            .flatten()
            .map(|(bin, value)| (Some(bin.clone()), value)),
    );
    for (bin, value) in owners {
        for kind in ["build", "deploy"] {
            let Some(keys) = value.get(kind).and_then(Value::as_object) else {
                continue;
            };
            let inner = bin
                .as_ref()
                .map_or(String::new(), |bin| format!("bin.{bin}."));
            tables.push(CargoLambdaTable {
                file: file.to_owned(),
                name: format!("{prefix}{inner}{kind}"),
                is_deploy: kind == "deploy",
                is_package,
                bin: bin.clone(),
                keys: keys.clone(),
            });
        }
    }
}
