//! A package in the repository, and the checks of the code that it runs while it is compiled.
//!
//! In: a built program, and the sources of the package. Out: the reason why its inputs are not
//! complete.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::inputs::UsedPackage;
use crate::build::inputs::build_script::{BuildScript, is_set_for_rustc};
use crate::build::inputs::built_program::BuiltProgram;
use crate::build::inputs::source_code::SourceCode;
use crate::build::inputs::sources::{PackageSources, Sources};

/// A package in the repository.
pub(super) struct LocalPackage<'a> {
    pub package: &'a UsedPackage,
    pub dir: &'a Path,
    pub sources: Arc<PackageSources>,
}

impl LocalPackage<'_> {
    /// Refuses a package without intermediate results, which other versions of Cargo may put into
    /// other folders.
    pub(super) fn check_results(&self, program: BuiltProgram<'_>) -> Result<(), String> {
        let name = &self.package.name;
        let has_script = self.sources.build_script.is_some();
        let is_missing = program.compiled(self.package).is_none()
            || (has_script && program.results.scripts(name).is_empty());
        if is_missing {
            return Err(format!(
                "Cargo's intermediate results of `{name}` are not known"
            ));
        }
        Ok(())
    }

    /// Refuses a procedural macro that reads variables or starts programs.
    pub(super) fn check_macro(&self) -> Result<(), String> {
        let code = &self.sources.code;
        if !self.package.runs_in_macro {
            return Ok(());
        }
        let name = &self.package.name;
        if let Some(variable) = code.variables.iter().find(|it| !is_set_for_rustc(it)) {
            return Err(format!(
                "the procedural macros of `{name}` read the variable `{variable}`, which Cargo \
                 does not compare"
            ));
        }
        let reason = if code.reads_other_variables {
            "read variables whose names are not literals"
        } else if code.starts_programs {
            "start other programs"
        } else {
            return Ok(());
        };
        Err(format!("the procedural macros of `{name}` {reason}"))
    }

    /// Refuses a build script that reads something without declaring it.
    pub(super) fn check_script(
        &self,
        program: BuiltProgram<'_>,
        declared_files: &BTreeSet<PathBuf>,
        declared_variables: &BTreeSet<String>,
        sources: &mut Sources,
    ) -> Result<(), String> {
        let Some(file) = &self.sources.build_script else {
            return Ok(());
        };
        let mut code = SourceCode::default();
        for file in program.results.script_sources(file) {
            code.add(&sources.file(file));
        }
        let script = BuildScript {
            package: &self.package.name,
            dir: self.dir,
            code: &code,
            has_dependencies: self.sources.has_build_dependencies,
            declares: self.declares_inputs(program),
            declared_files,
            declared_variables,
        };
        script.check()
    }

    /// Whether the newest build script declares inputs.
    pub(super) fn declares_inputs(&self, program: BuiltProgram<'_>) -> bool {
        let scripts = program.results.scripts(&self.package.name).iter();
        let newest = scripts.max_by_key(|script| script.written);
        newest.is_some_and(|script| script.declares_inputs)
    }
}
