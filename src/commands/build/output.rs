//! The results of `build`, `list`, and `--dry-run` as text or JSON.

use crate::build::package::Published;
use crate::ui::output_style::OutputStyle;
use crate::ui::path_display::display_path;
use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

use crate::build::package::Packed;
use crate::build::package::manifest::{ArchEntry, Manifest, VERSION};
use crate::build::plan::{FunctionPlan, Plan};
use crate::build::request::PackageFormat;
use crate::commands::build::other_programs::FunctionList;
use crate::fs::file_name::{sbom, sidecar};
use crate::fs::path::relative;
use crate::lambda::{Arch, Language, Purpose, Runtime};
use crate::ui::console::size;

/// A result as one line for stderr: the function, its target, and its sizes.
pub(crate) struct ResultSummary<'a> {
    pub(crate) name: &'a str,
    pub(crate) arch: Arch,
    pub(crate) language: Option<Language>,
    pub(crate) runtime: Runtime,
    pub(crate) entry: &'a ArchEntry,
}

impl fmt::Display for ResultSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let language = self.language.map_or("prebuilt", Language::name);
        let (name, arch, runtime) = (self.name, self.arch, self.runtime);
        let unpacked = size(self.entry.size);
        write!(f, "{name} {arch} ({language}, {runtime}) {unpacked}")?;
        match self.entry.zip_size {
            Some(zip) => write!(f, " -> {}", size(zip)),
            None => Ok(()),
        }
    }
}

pub(crate) fn summary(function: &FunctionPlan, packed: &Packed) -> String {
    ResultSummary {
        name: &function.name,
        arch: function.arch,
        language: function.language,
        runtime: function.runtime,
        entry: &packed.arch_entry,
    }
    .to_string()
}

pub(crate) fn packed(
    plan: &Plan,
    published: &[Published],
    style: OutputStyle,
    cwd: &Path,
) -> String {
    if style == OutputStyle::Json {
        return lines([manifest_of(plan, published).to_string()]);
    }
    lines(published.iter().map(|Published { packed, .. }| {
        let function = plan.function(packed.function);
        let path = function.folder().unwrap_or(&function.target);
        result_line(path, packed.arch_entry.code_sha256.as_deref(), style, cwd)
    }))
}

/// The line for the zip or folder of a result.
pub(crate) fn result_line(
    path: &Path,
    hash: Option<&str>,
    style: OutputStyle,
    cwd: &Path,
) -> String {
    let path = display_path(path, cwd);
    match (style, hash) {
        (OutputStyle::Hash, Some(hash)) => hash.to_owned(),
        (OutputStyle::Path, _) | (_, None) => path,
        (_, Some(hash)) => format!("{hash}  {path}"),
    }
}

/// The manifest of only this run, with absolute paths.
fn manifest_of(plan: &Plan, published: &[Published]) -> Value {
    let mut manifest = Manifest::new();
    for Published { packed, .. } in published {
        let mut function = plan.function(packed.function).clone();
        // Functions of projects with different output folders may share a name.
        let shares =
            |other: &FunctionPlan| other.name == function.name && other.output != function.output;
        if plan.functions.iter().any(shares) {
            function.name = format!("{} ({})", function.name, function.source_root.display());
        }
        manifest.add(None, &function, packed.arch_entry.clone());
    }
    json!(manifest)
}

/// The functions that a build would package.
pub(crate) fn list(plan: &Plan, listed: &FunctionList, style: OutputStyle, cwd: &Path) -> String {
    let functions = || listed.functions.iter().map(|id| plan.function(*id));
    match style {
        OutputStyle::Json => {
            let functions: Vec<_> = functions().map(json_of_plan).collect();
            lines([json!({ "version": VERSION, "functions": functions }).to_string()])
        }
        _ => {
            let name = functions()
                .map(|f| f.name.chars().count())
                .max()
                .unwrap_or(0);
            // Only layers are marked, because they are the exception.
            let kind = |f: &FunctionPlan| match f.purpose {
                Purpose::Function => "",
                Purpose::Extension => "  (extension layer)",
            };
            let targets: Vec<_> = functions().map(|f| display_path(&f.target, cwd)).collect();
            let target = targets.iter().map(|target| target.chars().count()).max();
            let target = target.unwrap_or(0);
            let is_discovered = plan.outputs.iter().any(|output| output.discovered);
            let mut units = plan.functions.iter().map(|f| &f.source_root);
            let shows_units =
                is_discovered || units.any(|unit| *unit != plan.functions[0].source_root);
            lines(functions().zip(targets).map(|(f, to)| {
                let line = format!(
                    "{:<name$}  {:<4}  {:<6}  {to}",
                    f.name,
                    f.language.map_or("", Language::name),
                    f.arch.name(),
                );
                if shows_units {
                    let unit = relative(Some(cwd), &f.source_root);
                    let gap = target - to.chars().count();
                    format!("{line}{:gap$}  {unit}{}", "", kind(f))
                } else {
                    format!("{line}{}", kind(f))
                }
            }))
        }
    }
}

fn json_of_plan(function: &FunctionPlan) -> Value {
    json!({
        "name": function.name,
        "kind": function.purpose,
        "language": function.language,
        "arch": function.arch,
        "runtime": function.runtime,
        "source": function.source_root,
        "target": function.target,
        "build": function.build,
    })
}

/// The commands of a plan, as lines that can be pasted into a shell, and the files that
/// they would produce.
pub(crate) fn plan(plan: &Plan, style: OutputStyle, cwd: &Path) -> String {
    if style == OutputStyle::Json {
        let steps: Vec<_> = plan
            .steps
            .iter()
            .map(|step| {
                json!({
                    "arch": step.arch,
                    "dir": step.command.dir,
                    "program": step.command.program,
                    "args": step.command.args,
                    "env": step.command.env,
                })
            })
            .collect();
        let functions: Vec<_> = plan.functions.iter().map(json_of_plan).collect();
        return lines([
            json!({ "version": VERSION, "steps": steps, "functions": functions }).to_string(),
        ]);
    }
    let steps = plan.steps.iter().map(|step| step.command.to_string());
    let functions = plan.functions.iter().map(|function| {
        let target = display_path(&function.target, cwd);
        match function.format {
            PackageFormat::Zip => {
                let sidecar = display_path(&sidecar(&function.target), cwd);
                let mut line = format!("# {} {}: {target} {sidecar}", function.name, function.arch);
                if function.sbom {
                    let sbom = display_path(&sbom(&function.target), cwd);
                    line.push_str(&format!(" {sbom}"));
                }
                line
            }
            PackageFormat::Dir => format!("# {} {}: {target}", function.name, function.arch),
        }
    });
    lines(steps.chain(functions))
}

fn lines(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}
