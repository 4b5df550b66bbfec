//! From the packages that go lists to the inputs of each program.
//!
//! In: packages, and what else go knows about the run. Out: [`ListedPrograms`], which is kept for
//! the next run. Programs share most of their packages, so it contains each of them once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::inputs::ProgramInputs;
use crate::build::inputs::go::c_code::CCode;
use crate::build::inputs::go::checksums::Checksums;
use crate::build::inputs::go::flags::Profile;
use crate::build::inputs::go::listed::{ListedModule, ListedPackage, plain};
use crate::build::project::go::LoadError;

/// The inputs of the programs of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ListedPrograms {
    /// The inputs that a package or a module adds.
    parts: Vec<ProgramInputs>,
    /// The parts of each program, by import path.
    programs: BTreeMap<String, BTreeSet<usize>>,
    /// Why no program can be listed completely.
    unaccounted: Option<String>,
}

/// What else decides the programs of a run.
pub(super) struct RunContext<'a> {
    pub(super) sums: &'a Checksums,
    pub(super) module_cache: &'a Path,
    pub(super) profile: &'a Profile,
    /// The facts of all programs.
    pub(super) facts: BTreeSet<String>,
    /// What the C compiler adds to programs with C code.
    pub(super) c_compiler: ProgramInputs,
    /// Whether the C compiler is used for all programs.
    pub(super) links_with_c: bool,
    /// Whether the C compiler is named by its path.
    pub(super) has_c_compiler_path: bool,
    /// The C code by the folder of its package.
    pub(super) c_code: &'a BTreeMap<PathBuf, CCode>,
}

impl ListedPrograms {
    /// No program can be listed completely.
    pub(super) fn unaccounted(reason: impl Into<String>) -> Self {
        Self {
            unaccounted: Some(reason.into()),
            ..Self::default()
        }
    }

    /// Collects the inputs of all programs among the packages.
    pub(super) fn new(listed: &[ListedPackage], context: &RunContext<'_>) -> Self {
        let mut collected = Self::default();
        let by_path: BTreeMap<_, _> = listed
            .iter()
            .enumerate()
            .map(|(index, package)| (plain(&package.import_path), index))
            .collect();
        // Its reason explains those of the packages that it could not read.
        let c_compiler = collected.add(context.c_compiler.clone());
        let part_of_package = collected.add_packages(listed, context);
        for package in listed.iter().filter(|it| it.name == "main" && !it.dep_only) {
            let reached = reached(package, &by_path, listed);
            let packages = reached.iter().map(|index| &listed[*index]);
            let mut parts: BTreeSet<_> = reached
                .iter()
                .filter_map(|index| part_of_package[*index])
                .collect();
            if context.links_with_c || packages.into_iter().any(ListedPackage::uses_cgo) {
                parts.insert(c_compiler);
            }
            parts.insert(collected.add(program_part(package, context)));
            collected
                .programs
                .insert(plain(&package.import_path).to_owned(), parts);
        }
        collected
    }

    /// Adds the packages outside of the standard library. Returns the part of each package.
    fn add_packages(
        &mut self,
        listed: &[ListedPackage],
        context: &RunContext<'_>,
    ) -> Vec<Option<usize>> {
        let mut modules = BTreeMap::new();
        let mut parts = Vec::new();
        for package in listed {
            parts.push(if package.standard && package.error.is_none() {
                None
            } else if let Some(module) = package.cached_module(context.module_cache)
                && package.error.is_none()
                && !context.c_code.contains_key(&package.dir)
            {
                let part = modules
                    .entry(&module.path)
                    .or_insert_with(|| self.add(module_part(module, context.sums)));
                Some(*part)
            } else {
                Some(self.add(package_part(package, context)))
            });
        }
        parts
    }

    fn add(&mut self, part: ProgramInputs) -> usize {
        self.parts.push(part);
        self.parts.len() - 1
    }

    /// The import paths of the programs.
    pub(super) fn import_paths(&self) -> impl Iterator<Item = &String> {
        self.programs.keys()
    }

    /// The inputs of a program.
    pub(super) fn inputs(&self, import_path: &str) -> ProgramInputs {
        if let Some(reason) = &self.unaccounted {
            return ProgramInputs::unaccounted(reason);
        }
        let Some(parts) = self.programs.get(import_path) else {
            return ProgramInputs::unaccounted(format!(
                "go does not list `{import_path}` as a program"
            ));
        };
        let mut inputs = ProgramInputs::default();
        for part in parts.iter().filter_map(|part| self.parts.get(*part)) {
            inputs.add(part);
        }
        inputs
    }
}

/// The indices of a program's packages, including its own.
fn reached(
    program: &ListedPackage,
    by_path: &BTreeMap<&str, usize>,
    listed: &[ListedPackage],
) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut queue = vec![program.import_path.as_str()];
    while let Some(path) = queue.pop() {
        if let Some(index) = by_path.get(plain(path))
            && reached.insert(*index)
        {
            queue.extend(listed[*index].imports.iter().map(String::as_str));
        }
    }
    reached
}

/// A module of the module cache, whose checksum is that of all its files.
fn module_part(module: &ListedModule, sums: &Checksums) -> ProgramInputs {
    let source = module.source();
    let mut part = ProgramInputs::default();
    if let Some(sum) = sums.get(&source.path, &source.version) {
        part.facts
            .insert(format!("module {} {sum}", describe(module)));
    } else {
        part.unaccounted = Some(format!(
            "go.sum has no checksum for the module `{}`",
            source.path
        ));
    }
    part
}

/// A package whose files are in the project or next to it, or that has C code.
fn package_part(package: &ListedPackage, context: &RunContext<'_>) -> ProgramInputs {
    let import_path = plain(&package.import_path);
    let names: Vec<_> = package.files().collect();
    let mut part = match (&package.module, package.cached_module(context.module_cache)) {
        (_, Some(module)) => module_part(module, context.sums),
        (module, None) => {
            let module = module.as_ref().map(describe).unwrap_or_default();
            // With `-trimpath`, the names of the files are in the program.
            let fact = format!("package {import_path} of {module}: {names:?}");
            ProgramInputs {
                files: names.iter().map(|name| package.dir.join(name)).collect(),
                facts: [fact].into(),
                unaccounted: absolute_replacement(package),
                ..ProgramInputs::default()
            }
        }
    };
    if let Some(code) = context.c_code.get(&package.dir) {
        if package.cached_module(context.module_cache).is_none() {
            part.files.extend(code.files.iter().cloned());
        }
        part.unaccounted = part.unaccounted.or_else(|| code.unaccounted.clone());
        match code.header_digest() {
            Ok(None) => {}
            Ok(Some(digest)) => {
                part.facts
                    .insert(format!("headers of {import_path} {digest}"));
            }
            Err(header) => {
                let header = header.display();
                let reason =
                    || format!("`{import_path}` includes `{header}`, which cannot be read");
                part.unaccounted.get_or_insert_with(reason);
            }
        }
    }
    if let Some(error) = package.error.as_ref().or(package.deps_errors.first()) {
        part.unaccounted = Some(format!("go cannot load `{import_path}`: {}", error.text()));
    }
    part
}

/// Go writes the path of a replacement into the program.
fn absolute_replacement(package: &ListedPackage) -> Option<String> {
    let module = package.module.as_ref()?;
    let replacement = module.replace.as_ref()?;
    Path::new(&replacement.path).is_absolute().then(|| {
        format!(
            "the module `{}` is replaced by a folder with an absolute path",
            module.path
        )
    })
}

/// The module in words. A local module has no version.
fn describe(module: &ListedModule) -> String {
    let version = |module: &ListedModule| match module.version.as_str() {
        "" => "(devel)".to_owned(),
        version => version.to_owned(),
    };
    let mut text = format!("{} {}", module.path, version(module));
    if let Some(replacement) = &module.replace {
        text = format!("{text} => {} {}", replacement.path, version(replacement));
    }
    format!("{text} go{}", module.go_version)
}

/// What only the program itself adds.
fn program_part(package: &ListedPackage, context: &RunContext<'_>) -> ProgramInputs {
    let mut part = ProgramInputs {
        facts: context.facts.clone(),
        ..ProgramInputs::default()
    };
    if !package.default_godebug.is_empty() {
        part.facts
            .insert(format!("GODEBUG {}", package.default_godebug));
    }
    // Source: `setPGOProfilePath` in
    // <https://github.com/golang/go/blob/master/src/cmd/go/internal/load/pkg.go>.
    let profile = match context.profile {
        Profile::None => None,
        Profile::Auto => Some(package.dir.join("default.pgo")).filter(|file| file.exists()),
        Profile::File(file) => Some(file.clone()),
    };
    if let Some(file) = profile {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        part.facts.insert(format!("profile {name}"));
        part.files.insert(file);
    }
    part.unaccounted = match package.deps_errors.first().map(LoadError::text) {
        Some(error) => Some(format!("go cannot load its packages: {error}")),
        None => path_in_build_id(package, context),
    };
    part
}

/// The build ID of a program contains a digest of the commands that compile its own package, but
/// not of those for other packages.
///
/// Source: `linkActionID` in
/// <https://github.com/golang/go/blob/master/src/cmd/go/internal/work/exec.go>.
fn path_in_build_id(package: &ListedPackage, context: &RunContext<'_>) -> Option<String> {
    let has_path = |flag: &String| {
        let path = flag.trim_start_matches("-I").trim_start_matches("-L");
        Path::new(path).is_absolute()
    };
    let cause = if !package.uses_cgo() {
        return None;
    } else if context.has_c_compiler_path {
        "the C compiler"
    } else if package.cgo_flags().any(has_path) {
        "a folder in its C flags"
    } else {
        return None;
    };
    Some(format!(
        "`{}` imports \"C\" itself, so the path of {cause} decides its build ID; move the C code to \
         another package",
        plain(&package.import_path)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::inputs::go::{checksums, listed};

    const SUMS: &str = "example.com/sdk v1.2.0 h1:sdk=\nexample.com/log v0.3.0 h1:log=\n";

    /// As `go list` reports them: two programs that share a package, with a module each. The
    /// packages of the first one are compiled with its profile.
    const LISTED: &str = r#"
        {"ImportPath": "fmt", "Dir": "/go/src/fmt", "Standard": true, "DepOnly": true}
        {
            "ImportPath": "example.com/sdk/http", "Name": "http", "DepOnly": true,
            "Dir": "/cache/example.com/sdk@v1.2.0/http", "GoFiles": ["http.go"],
            "Module": {"Path": "example.com/sdk", "Version": "v1.2.0", "GoVersion": "1.20"}
        }
        {
            "ImportPath": "example.com/sdk/json", "Name": "json", "DepOnly": true,
            "Dir": "/cache/example.com/sdk@v1.2.0/json", "GoFiles": ["json.go"],
            "Imports": ["fmt"],
            "Module": {"Path": "example.com/sdk", "Version": "v1.2.0", "GoVersion": "1.20"}
        }
        {
            "ImportPath": "example.com/old", "Name": "log", "DepOnly": true,
            "Dir": "/cache/example.com/log@v0.3.0", "GoFiles": ["log.go"],
            "Module": {
                "Path": "example.com/old", "Version": "v0.2.0", "GoVersion": "1.20",
                "Replace": {"Path": "example.com/log", "Version": "v0.3.0"}
            }
        }
        {
            "ImportPath": "example.com/lib", "Name": "lib", "DepOnly": true,
            "Dir": "/w/lib", "GoFiles": ["lib.go"],
            "Module": {
                "Path": "example.com/lib", "Version": "v0.0.0", "GoVersion": "1.22",
                "Replace": {"Path": "../lib", "Dir": "/w/lib"}
            }
        }
        {
            "ImportPath": "example.com/m/db [example.com/m/a]", "Name": "db", "DepOnly": true,
            "Dir": "/w/m/db", "GoFiles": ["db.go"], "EmbedFiles": ["sql/1.sql"],
            "Imports": ["fmt", "example.com/lib", "example.com/sdk/json"],
            "Module": {"Path": "example.com/m", "Main": true, "GoVersion": "1.23"}
        }
        {
            "ImportPath": "example.com/m/a", "Name": "main", "Dir": "/w/m/a",
            "DefaultGODEBUG": "x=1",
            "GoFiles": ["main.go"], "TestGoFiles": ["main_test.go"],
            "Imports": ["example.com/m/db [example.com/m/a]", "example.com/sdk/http"],
            "Module": {"Path": "example.com/m", "Main": true, "GoVersion": "1.23"}
        }
        {
            "ImportPath": "example.com/m/b", "Name": "main", "Dir": "/w/m/b",
            "GoFiles": ["main.go"], "Imports": ["example.com/m/db", "example.com/old"],
            "Module": {"Path": "example.com/m", "Main": true, "GoVersion": "1.23"}
        }"#;

    fn programs(listed: &str, change: impl FnOnce(&mut RunContext<'_>)) -> ListedPrograms {
        let mut context = RunContext {
            sums: &checksums::parse(SUMS),
            module_cache: Path::new("/cache"),
            profile: &Profile::Auto,
            facts: BTreeSet::new(),
            c_compiler: ProgramInputs::default(),
            links_with_c: false,
            has_c_compiler_path: false,
            c_code: &BTreeMap::new(),
        };
        change(&mut context);
        ListedPrograms::new(&listed::parse(listed).unwrap(), &context)
    }

    fn paths(inputs: &ProgramInputs) -> Vec<&str> {
        inputs
            .files
            .iter()
            .filter_map(|file| file.to_str())
            .collect()
    }

    #[cfg(unix)]
    #[test]
    fn files_of_local_packages_and_modules_with_checksums_are_inputs() {
        let programs = programs(LISTED, |_| {});
        let [a, b] = ["a", "b"].map(|name| programs.inputs(&format!("example.com/m/{name}")));
        let shared = [
            "/w/lib/lib.go",
            "/w/m/a/main.go",
            "/w/m/db/db.go",
            "/w/m/db/sql/1.sql",
        ];
        assert_eq!(paths(&a), shared);
        let facts: Vec<_> = a.facts.iter().map(String::as_str).collect();
        assert_eq!(
            facts,
            [
                "GODEBUG x=1",
                "module example.com/sdk v1.2.0 go1.20 h1:sdk=",
                "package example.com/lib of example.com/lib v0.0.0 => ../lib (devel) go1.22: \
                 [\"lib.go\"]",
                "package example.com/m/a of example.com/m (devel) go1.23: [\"main.go\"]",
                "package example.com/m/db of example.com/m (devel) go1.23: [\"db.go\", \
                 \"sql/1.sql\"]",
            ]
        );
        assert_eq!(a.unaccounted, None);
        assert!(
            b.facts
                .contains("module example.com/old v0.2.0 => example.com/log v0.3.0 go1.20 h1:log=")
        );
        assert!(!a.facts.iter().any(|fact| fact.contains("example.com/old")));
    }

    #[test]
    #[cfg_attr(windows, ignore = "the recorded paths are those of Unix")]
    fn a_program_without_a_complete_list_names_the_reason() {
        let reason = |listed: &str, change: fn(&mut RunContext<'_>)| {
            let inputs = programs(listed, change).inputs("example.com/m/a");
            inputs.unaccounted.unwrap_or_default()
        };
        let without_sum = reason(&LISTED.replace("v1.2.0", "v1.2.1"), |_| {});
        assert_eq!(
            without_sum,
            "go.sum has no checksum for the module `example.com/sdk`"
        );
        let absolute = reason(&LISTED.replace("../lib", "/w/lib"), |_| {});
        assert!(absolute.contains("absolute path"), "{absolute}");
        let broken = LISTED.replace(
            "\"Name\": \"db\",",
            "\"Name\": \"db\", \"Error\": {\"Err\": \"no such import\"},",
        );
        let broken = reason(&broken, |_| {});
        assert_eq!(broken, "go cannot load `example.com/m/db`: no such import");
        let other = programs(LISTED, |_| {}).inputs("example.com/m/c");
        assert!(other.unaccounted.is_some());
        let all = ListedPrograms::unaccounted("no").inputs("example.com/m/a");
        assert_eq!(all.unaccounted.as_deref(), Some("no"));
    }

    #[test]
    fn the_c_compiler_is_an_input_of_programs_with_c_code_only() {
        let c_compiler = || ProgramInputs {
            facts: ["CC gcc 14".to_owned()].into(),
            ..ProgramInputs::default()
        };
        let uses_c = |listed: &str, links_with_c| {
            let programs = programs(listed, |context| {
                context.c_compiler = c_compiler();
                context.links_with_c = links_with_c;
            });
            ["a", "b"].map(|name| {
                let inputs = programs.inputs(&format!("example.com/m/{name}"));
                inputs.facts.contains("CC gcc 14")
            })
        };
        let with_cgo = LISTED.replace(
            "\"Standard\": true,",
            "\"Standard\": true, \"CgoFiles\": [\"c.go\"],",
        );
        assert_eq!(uses_c(&with_cgo, false), [true, true]);
        let sdk = LISTED.replace(
            "\"GoFiles\": [\"http.go\"],",
            "\"CgoFiles\": [\"http.go\"],",
        );
        assert_eq!(uses_c(&sdk, false), [true, false]);
        assert_eq!(uses_c(LISTED, false), [false, false]);
        assert_eq!(uses_c(LISTED, true), [true, true]);
    }

    #[test]
    fn paths_in_the_build_id_are_unaccounted() {
        let reason = |listed: &str, has_path| {
            let programs = programs(listed, |context| context.has_c_compiler_path = has_path);
            let inputs = programs.inputs("example.com/m/a");
            inputs.unaccounted.unwrap_or_default()
        };
        let own = LISTED.replace(
            "\"DefaultGODEBUG\": \"x=1\",",
            "\"CgoFiles\": [\"c.go\"], \"CgoCFLAGS\": [\"-DX=/x\"],",
        );
        assert_eq!(reason(&own, false), "");
        assert!(reason(&own, true).contains("path of the C compiler"));
        #[cfg(unix)]
        assert!(reason(&own.replace("-DX=", "-I"), false).contains("C flags"));
        let other = LISTED.replace("\"GoFiles\": [\"db.go\"],", "\"CgoFiles\": [\"db.go\"],");
        assert_eq!(reason(&other, true), "");
    }

    #[test]
    #[cfg_attr(windows, ignore = "the recorded paths are those of Unix")]
    fn the_profile_of_a_program_is_an_input() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs_err::canonicalize(dir.path()).unwrap();
        fs_err::create_dir_all(root.join("a")).unwrap();
        fs_err::write(root.join("a/default.pgo"), "").unwrap();
        let listed = LISTED.replace("/w/m", &root.display().to_string().replace('\\', "\\\\"));
        let profiles = |profile: &Profile| {
            let programs = programs(&listed, |context| {
                context.profile = match profile {
                    Profile::Auto => &Profile::Auto,
                    _ => &Profile::None,
                };
            });
            ["a", "b"].map(|name| {
                let inputs = programs.inputs(&format!("example.com/m/{name}"));
                let has_file = inputs
                    .files
                    .iter()
                    .any(|file| file.ends_with("default.pgo"));
                assert_eq!(has_file, inputs.facts.contains("profile default.pgo"));
                has_file
            })
        };
        assert_eq!(profiles(&Profile::Auto), [true, false]);
        assert_eq!(profiles(&Profile::None), [false, false]);
    }
}
