//! Plans a zip for a program that was built before: no compiler is run.

use std::sync::Arc;

use crate::build::plan::{BinarySource, Evidence, FunctionPlan, OutputFolder, Plan};
use crate::build::request::{Entrypoint, PackageFormat, PrebuiltProgram};
use crate::fs::file_name;
use crate::lambda::glibc::OLDER_GLIBC;
use crate::lambda::{Arch, BOOTSTRAP, Purpose};
use crate::ui::failure::{ExitKind, Failure};

impl Plan {
    /// Plans a zip for one program, with its hash file and without a manifest. `arch` is the
    /// architecture of the program; a script has none.
    pub(crate) fn from_prebuilt(
        prebuilt: &PrebuiltProgram,
        arch: Option<Arch>,
    ) -> Result<Self, Failure> {
        let contents = &prebuilt.contents;
        let folder = prebuilt.target.parent().unwrap_or(&prebuilt.target);
        let purpose = if contents.extension {
            Purpose::Extension
        } else {
            Purpose::Function
        };
        let output = Arc::new(OutputFolder {
            dir: folder.to_owned(),
            ..OutputFolder::default()
        });
        let function = FunctionPlan {
            name: prebuilt.name.clone(),
            language: None,
            // x86_64 is Lambda's own default.
            arch: prebuilt.arch.or(arch).unwrap_or(Arch::X86_64),
            runtime: prebuilt.runtime,
            source_root: folder.to_owned(),
            step: None,
            binary: BinarySource::File(prebuilt.binary.clone()),
            compression: prebuilt.compression,
            format: PackageFormat::Zip,
            sbom: prebuilt.sbom,
            output: Arc::clone(&output),
            target: prebuilt.target.clone(),
            build: Arc::default(),
            purpose,
            entry: contents.entry.unwrap_or_default(),
            include: contents.include.clone(),
            layer_libraries: contents.layer_libraries.clone(),
            allow_oversize: contents.allow_oversize,
            local_folders: Vec::new(),
            glibc_advice: OLDER_GLIBC.to_owned(),
            evidence: Evidence::Named,
        };
        for name in function.program_entries() {
            if let Some(why) = file_name::unpack_problem(name.as_bytes()) {
                let what = format!("the program would become the zip entry `{name}` {why}");
                return Err(Failure::new(ExitKind::Usage, what).help("choose another name"));
            }
        }
        if function.entry == Entrypoint::Script && function.name == BOOTSTRAP {
            let what = "`--entry script` does not apply to a program called `bootstrap`";
            return Err(Failure::new(ExitKind::Usage, what)
                .help("omit it: Lambda starts a program of that name directly"));
        }
        let deprecated = prebuilt.runtime.deprecation();
        Ok(Self {
            functions: vec![function],
            outputs: vec![output],
            warnings: deprecated.map(str::to_owned).into_iter().collect(),
            ..Self::default()
        })
    }
}
