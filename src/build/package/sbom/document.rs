//! The document as a whole.

use uuid::Uuid;

use crate::build::checked_binary::CheckedBinary;
use crate::build::package::manifest::ManifestFile;
use crate::build::package::sbom::contents::Contents;
use crate::build::package::sbom::cyclonedx::{
    Component, ComponentKind, Composition, Dependencies, Document, Hash, Metadata, Property, Tools,
};
use crate::build::package::sbom::graphs::CargoGraphs;
use crate::build::plan::{BinarySource, FunctionPlan};
use crate::fs::digest::Sha256;
use crate::lambda::Language;
use crate::lambda::elf::ElfImage;
use crate::validate::auditable;
use crate::validate::go_build_info::BuildInfo;

/// A zip, and the files in it.
#[derive(Debug)]
pub(crate) struct ZipDescription<'a> {
    /// Its file name.
    pub name: &'a str,
    pub sha256: Sha256,
    /// The files in it, with their hashes.
    pub entries: &'a [ManifestFile],
}

/// Writes the document for a zip.
pub(crate) fn document(
    function: &FunctionPlan,
    binary: &CheckedBinary,
    zip: &ZipDescription<'_>,
    graphs: &CargoGraphs,
) -> anyhow::Result<Vec<u8>> {
    let Contents { parts, root } = contents(function, binary, graphs);
    let is_known = !parts.is_empty();
    let (mut components, mut dependencies): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .map(|(component, (part, depends_on))| {
            let depends_on = depends_on.into_iter().collect();
            let dependencies = Dependencies {
                component,
                depends_on,
            };
            (part, dependencies)
        })
        .unzip();
    let zip_component = zip_component(function, zip);
    let files: Vec<_> = zip.entries.iter().map(file_component).collect();
    let program = function.program_entries().pop().unwrap_or_default();
    for file in &files {
        let is_program = file.name == program && !root.is_empty();
        dependencies.push(Dependencies {
            component: file.bom_ref.clone(),
            depends_on: is_program.then(|| root.clone()).into_iter().collect(),
        });
    }
    dependencies.push(Dependencies {
        component: zip_component.bom_ref.clone(),
        depends_on: files.iter().map(|file| file.bom_ref.clone()).collect(),
    });
    components.extend(files);
    components.sort();
    dependencies.sort();
    let compositions = (!is_known).then(|| Composition {
        aggregate: "unknown",
        assemblies: vec![zip_component.bom_ref.clone()],
    });
    let document = Document {
        schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.5",
        serial_number: serial_number(zip.sha256),
        version: 1,
        metadata: Metadata {
            tools: Tools {
                components: tools(function),
            },
            component: zip_component,
        },
        components,
        dependencies,
        compositions: compositions.into_iter().collect(),
    };
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    Ok(text)
}

/// The packages or modules in the program, as far as they are known.
fn contents(function: &FunctionPlan, binary: &CheckedBinary, graphs: &CargoGraphs) -> Contents {
    let image = ElfImage::read(binary.bytes());
    let go = || Some(Contents::from_go(&BuildInfo::read(image.as_ref()?)?));
    let rust = || {
        let BinarySource::CargoMessage {
            package, example, ..
        } = &function.binary
        else {
            return None;
        };
        let graph = graphs.get(function)?;
        let compiled = binary.packages().read();
        let used = graph.used_packages(package, *example, &compiled);
        Some(Contents::from_cargo(&used, &function.build.toolchain))
    };
    let embedded = || {
        let packages = auditable::packages(image.as_ref()?)?;
        Some(Contents::from_auditable(&packages))
    };
    match function.language {
        Some(Language::Rust) => rust(),
        Some(Language::Go) => go(),
        None => embedded().or_else(go),
    }
    .unwrap_or_default()
}

/// The zip itself, with everything that decided its bytes.
fn zip_component(function: &FunctionPlan, zip: &ZipDescription<'_>) -> Component {
    let build = &function.build;
    let linker = build.linker.as_ref().map(|linker| {
        // It can be a path of this machine.
        let name = linker.name.rsplit(['/', '\\']).next();
        name.unwrap_or_default()
    });
    let properties = [
        ("lambdapack:lambda:architecture", Some(function.arch.name())),
        ("lambdapack:lambda:runtime", Some(function.runtime.name())),
        ("lambdapack:build:toolchain", Some(build.toolchain.as_str())),
        ("lambdapack:build:target", Some(build.target.as_str())),
        ("lambdapack:build:profile", build.profile.as_deref()),
        ("lambdapack:build:linker", linker),
    ];
    let mut properties: Vec<_> = properties
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
        .map(|(name, value)| Property::new(name, value))
        .collect();
    let code_sha256 = zip.sha256.base64();
    properties.push(Property::new("lambdapack:lambda:code_sha256", code_sha256));
    properties.sort();
    Component {
        bom_ref: format!("zip:{}", zip.name),
        kind: ComponentKind::Application,
        name: zip.name.to_owned(),
        hashes: vec![Hash::sha256(zip.sha256.hex())],
        properties,
        ..Component::default()
    }
}

fn file_component(entry: &ManifestFile) -> Component {
    Component {
        bom_ref: format!("file:{}", entry.name),
        kind: ComponentKind::File,
        name: entry.name.clone(),
        hashes: vec![Hash::sha256(&entry.sha256)],
        ..Component::default()
    }
}

/// The programs that made the zip.
fn tools(function: &FunctionPlan) -> Vec<Component> {
    let mut tools = vec![Component {
        kind: ComponentKind::Application,
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Component::default()
    }];
    // Such as `rustc 1.96.0 (ac68faa20 2026-05-25)`, and `go1.26.6`.
    let toolchain = function.build.toolchain.as_str();
    let (name, version) = match function.language {
        Some(Language::Rust) => toolchain.split_once(' ').unwrap_or((toolchain, "")),
        Some(Language::Go) => ("go", toolchain.trim_start_matches("go")),
        None => ("", ""),
    };
    if !name.is_empty() {
        tools.push(Component {
            kind: ComponentKind::Application,
            name: name.to_owned(),
            version: version.to_owned(),
            ..Component::default()
        });
    }
    tools
}

/// A UUID that only depends on the hash of the zip.
fn serial_number(sha256: Sha256) -> String {
    let name = format!("sha256:{}", sha256.hex());
    let uuid = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
    format!("urn:uuid:{uuid}")
}
