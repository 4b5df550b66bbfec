//! Packing what somebody else built: nothing is run.

use crate::lambda::glibc::OLDER_GLIBC;
use std::sync::Arc;

use crate::build::plan::{BinarySource, Evidence, FunctionPlan, OutputFolder, Plan};
use crate::build::request::{Entrypoint, PackageFormat, PrebuiltProgram};
use crate::fs::file_name;
use crate::lambda::Arch;
use crate::lambda::BOOTSTRAP;
use crate::lambda::Purpose;
use crate::ui::failure::{ExitKind, Failure};

impl Plan {
    /// Plans a zip for one program, with its hash beside it, without a manifest.
    /// `arch` is the one of the program, where it has one.
    pub(crate) fn of_prebuilt(
        prebuilt: &PrebuiltProgram,
        arch: Option<Arch>,
    ) -> Result<Self, Failure> {
        let contents = &prebuilt.contents;
        let folder = prebuilt.target.parent().unwrap_or(&prebuilt.target);
        let purpose = match contents.extension {
            true => Purpose::Extension,
            false => Purpose::Function,
        };
        let function = FunctionPlan {
            name: prebuilt.name.clone(),
            language: None,
            // Lambda's own default, for scripts.
            arch: prebuilt.arch.or(arch).unwrap_or(Arch::X86_64),
            runtime: prebuilt.runtime,
            unit: folder.to_owned(),
            step: None,
            product: BinarySource::File(prebuilt.binary.clone()),
            compression: prebuilt.compression,
            format: PackageFormat::Zip,
            output: 0,
            target: prebuilt.target.clone(),
            build: Arc::default(),
            purpose,
            entry: contents.entry.unwrap_or_default(),
            include: contents.include.clone(),
            layer_libraries: contents.layer_libraries.clone(),
            allow_oversize: contents.allow_oversize,
            places: Vec::new(),
            older_glibc: OLDER_GLIBC.to_owned(),
            evidence: Evidence::Named,
        };
        for name in function.own_names() {
            if let Some(why) = file_name::refused(name.as_bytes()) {
                let what = format!("the program would be an entry `{name}` {why}");
                return Err(Failure::new(ExitKind::Usage, what).help("give it another name"));
            }
        }
        if function.entry == Entrypoint::Script && function.name == BOOTSTRAP {
            let what = "--entry script would start bootstrap from bootstrap";
            return Err(Failure::new(ExitKind::Usage, what)
                .help("leave it out: a program of that name is started by itself"));
        }
        let output = OutputFolder {
            dir: folder.to_owned(),
            ..OutputFolder::default()
        };
        let deprecated = prebuilt.runtime.deprecation();
        Ok(Self {
            functions: vec![function],
            outputs: vec![output],
            warnings: deprecated.map(str::to_owned).into_iter().collect(),
            ..Self::default()
        })
    }
}
