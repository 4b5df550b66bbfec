//! The facts about a project, and the values for templates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::plan::{FunctionPlan, Plan};
use crate::build::project::{Function, Project, Projects};
use crate::commands::scaffold::facts::spelling::{
    UniqueNames, cdk_arch, docker_stage, is_plain, logical_id,
};
use crate::commands::scaffold::render::TemplateValues;
use crate::fs::path;
use crate::lambda::{Language, Purpose};
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug)]
pub(in crate::commands::scaffold) struct ProjectFacts<'a> {
    pub(in crate::commands::scaffold) project: &'a Project,
    /// Its functions, each with the plan for its architecture on AWS.
    pub(in crate::commands::scaffold) functions: Vec<(&'a Function, &'a FunctionPlan)>,
    /// The folder with `.git`, or else the project's folder.
    pub(in crate::commands::scaffold) repository: PathBuf,
    /// The folder for results.
    results: &'a Path,
    /// Notes for the user.
    pub(in crate::commands::scaffold) notes: Vec<String>,
}

impl<'a> ProjectFacts<'a> {
    pub(super) fn new(projects: &'a Projects, plan: &'a Plan) -> anyhow::Result<Self> {
        let [project] = &projects.projects[..] else {
            let roots = projects.projects.iter();
            let roots: Vec<_> = roots.map(|p| p.root.display().to_string()).collect();
            let what = format!("found several projects: {}", roots.join(", "));
            let help = "pass the folder of one of them, or combine them with a lambdapack.toml \
                        above them that lists their folders in `paths`";
            return Err(Failure::new(ExitKind::Project, what).help(help).into());
        };
        let mut facts = Self {
            project,
            functions: Vec::new(),
            repository: repository(&project.root),
            results: plan.outputs.first().map_or(&project.root, |one| &one.dir),
            notes: Vec::new(),
        };
        for planned in &plan.functions {
            // A function for both architectures is planned twice, one plan after the other.
            let previous = facts
                .functions
                .last()
                .filter(|(function, _)| function.name == planned.name);
            if let Some((_, first_plan)) = previous {
                facts.notes.push(format!(
                    "{} is packaged for both architectures, but the templates use {}",
                    planned.name, first_plan.arch
                ));
            } else if planned.purpose == Purpose::Extension {
                facts.notes.push(format!(
                    "{} is an extension layer, so the templates omit it",
                    planned.name
                ));
            } else if let Some(function) = project
                .functions
                .iter()
                .find(|function| function.name == planned.name)
            {
                facts.functions.push((function, planned));
            }
        }
        Ok(facts)
    }

    /// A path relative to the project's root.
    fn relative_to_root(&self, to: &Path) -> String {
        path::relative(Some(&self.project.root), to)
    }

    pub(super) fn results(&self) -> String {
        self.relative_to_root(self.results)
    }

    /// The project's folder relative to the repository.
    pub(super) fn folder(&self) -> String {
        path::relative(Some(&self.repository), &self.project.root)
    }

    /// The folders of workspaces and modules that contain functions.
    pub(super) fn units(&self) -> BTreeSet<(Language, String)> {
        let functions = self.functions.iter();
        functions
            .map(|(f, _)| {
                (
                    f.language(),
                    self.relative_to_root(self.project.source_root(f)),
                )
            })
            .collect()
    }

    pub(in crate::commands::scaffold) fn values(&self) -> TemplateValues {
        let mut values = TemplateValues::default();
        values.words.insert("RESULTS", self.results());
        values.words.insert("FOLDER", self.folder());
        let version = env!("CARGO_PKG_VERSION").to_owned();
        values.words.insert("VERSION", version);
        values
            .flags
            .extend(self.functions.iter().map(|(f, _)| f.language().name()));
        values
            .flags
            .extend(self.functions.iter().map(|(_, f)| f.arch.name()));
        if let Some((function, planned)) = self.functions.first() {
            values.words.insert("FIRST", docker_stage(&function.name));
            values.words.insert("FIRST_NAME", function.name.clone());
            values
                .words
                .insert("DOCKER_ARCH", planned.arch.goarch().to_owned());
        }
        let archs: BTreeSet<_> = self
            .functions
            .iter()
            .filter(|(f, _)| f.language() == Language::Rust)
            .map(|(_, f)| f.arch)
            .collect();
        let triples = archs.iter().map(|arch| format!(" {}", arch.gnu_triple()));
        values.words.insert("TRIPLES", triples.collect());
        let (mut ids, mut stages) = (UniqueNames::default(), UniqueNames::default());
        let functions = self.functions.iter().map(|(function, planned)| {
            let mut values = self.function_values(function, planned);
            let id = ids.make_unique(&logical_id(&function.name));
            let stage = stages.make_unique(&docker_stage(&function.name));
            values.words.extend([("ID", id), ("STAGE", stage)]);
            values
        });
        values.lists.insert("function", functions.collect());
        let units = self.units().into_iter();
        let units = units.map(|(language, folder)| self.unit_values(language, &folder));
        values.lists.insert("unit", units.collect());
        values
    }

    fn function_values(&self, function: &Function, planned: &FunctionPlan) -> TemplateValues {
        let zip = path::relative(Some(self.results), &planned.target);
        let words = BTreeMap::from([
            ("NAME", function.name.clone()),
            ("ARCH", planned.arch.to_string()),
            ("CDK_ARCH", cdk_arch(planned.arch).to_owned()),
            ("RUNTIME", planned.runtime.to_string()),
            ("ZIP", zip),
            ("PACKAGE", function.package.clone()),
            ("BIN", function.bin.clone()),
            (
                "UNIT",
                self.relative_to_root(self.project.source_root(function)),
            ),
        ]);
        TemplateValues {
            words,
            flags: BTreeSet::from([function.language().name(), planned.arch.name()]),
            ..TemplateValues::default()
        }
    }

    /// The values of a workspace or module, including the command that runs all of its tests.
    fn unit_values(&self, language: Language, folder: &str) -> TemplateValues {
        let test = match language {
            Language::Rust if folder == "." => "cargo test --workspace".to_owned(),
            Language::Rust => format!("cargo test --workspace --manifest-path {folder}/Cargo.toml"),
            Language::Go => {
                let packages = self.go_packages(folder);
                match folder {
                    "." => format!("go test {packages}"),
                    _ => format!("go -C {folder} test {packages}"),
                }
            }
        };
        let (program, words) = test.split_once(' ').unwrap_or((&test, ""));
        let words = BTreeMap::from([
            ("PROGRAM", program.to_owned()),
            ("WORDS", words.to_owned()),
            ("TEST", test.clone()),
            ("UNIT", folder.to_owned()),
        ]);
        TemplateValues {
            words,
            flags: BTreeSet::from([language.name()]),
            ..TemplateValues::default()
        }
    }

    /// All packages of a module. The folder of a `go.work` workspace is in none of its modules, so
    /// its packages are listed one by one.
    fn go_packages(&self, folder: &str) -> String {
        let modules = self.project.modules.iter();
        let mut modules = modules.filter(|module| self.relative_to_root(&module.root) == folder);
        match modules.next() {
            Some(module) if !module.root.join("go.mod").is_file() => {
                let packages = module.packages.iter();
                let packages = packages
                    .map(|one| format!("./{}", path::relative(Some(&module.root), &one.dir)));
                let packages: BTreeSet<_> = packages.filter(|path| is_plain(path)).collect();
                packages.into_iter().collect::<Vec<_>>().join(" ")
            }
            _ => "./...".to_owned(),
        }
    }
}

/// The nearest folder with `.git`, or else the project's own.
fn repository(root: &Path) -> PathBuf {
    let mut folders = root.ancestors();
    let found = folders.find(|folder| folder.join(".git").exists());
    found.unwrap_or(root).to_owned()
}
