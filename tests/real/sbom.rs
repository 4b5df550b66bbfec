//! The bill of materials, checked by a validator, and compared with the output of Go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::MutexGuard;

use cargo_lambdapack::internals::Arch;
use serde_json::Value;

use super::project::{Project, copy};
use super::running::unpack;
use super::support::{command, fails, lambdapack, ok, skip, tool, venv};
use super::template::{Template, all_packed, packed};
use super::toolchain::host_arch;
use super::unchanged::stamps;

/// The document of a zip.
pub(crate) fn document_path(zip: &Path) -> PathBuf {
    let mut path = zip.as_os_str().to_owned();
    path.push(".cdx.json");
    path.into()
}

pub(crate) fn read(zip: &Path) -> Value {
    let text = fs_err::read(document_path(zip)).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// A property of a component.
pub(crate) fn property<'a>(component: &'a Value, name: &str) -> Option<&'a str> {
    let properties = component["properties"].as_array()?;
    let property = properties.iter().find(|it| it["name"] == name)?;
    property["value"].as_str()
}

/// The component with this name.
pub(crate) fn component<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut components = document["components"].as_array().unwrap().iter();
    components.find(|it| it["name"] == name).unwrap()
}

/// CycloneDX's own library with its strict schema, which allows no unknown fields.
const VALIDATE: &str = "import sys\n\
    from cyclonedx.schema import SchemaVersion\n\
    from cyclonedx.validation.json import JsonStrictValidator\n\
    validator = JsonStrictValidator(SchemaVersion.V1_5)\n\
    for path in sys.argv[1:]:\n\
    \x20   with open(path, encoding='utf-8') as document:\n\
    \x20       error = validator.validate_str(document.read())\n\
    \x20   if error:\n\
    \x20       sys.exit(f'{path}: {error.data}')\n";

#[test]
fn the_strict_validator_accepts_every_document() {
    if validate(&[]).is_none() {
        return;
    }
    let project = Project::new(&[
        ("assets/logo.txt", "a logo\n"),
        ("assets/Größe 1.txt", "a size\n"),
        ("config.json", "{}\n"),
        ("hello", "#!/bin/sh\necho hello\n"),
    ]);
    let root = project.root();
    let mut documents = Vec::new();
    let packed = all_packed();
    let _guards = lock_templates();
    for packed in packed {
        documents.push(document_path(&packed.zip));
        // The same program again, without a project.
        let name = format!("{}-{}", packed.template.name(), packed.arch);
        let dir = project.path(&name);
        fs_err::create_dir(&dir).unwrap();
        let program = unpack(&packed.zip, &dir);
        let zip = project.path(&format!("{name}.zip"));
        let mut pack = lambdapack(root);
        pack.arg("pack").arg("-o").arg(&zip).arg(program);
        ok(pack.args(["assets/logo.txt", "assets/Größe 1.txt", "config.json"]));
        let document = read(&zip);
        let files = document["components"].as_array().unwrap().iter();
        assert_eq!(files.filter(|it| it["type"] == "file").count(), 4);
        documents.push(document_path(&zip));
    }
    let script = project.path("script.zip");
    let mut pack = lambdapack(root);
    pack.args(["pack", "--arch", "arm64", "-o"]).arg(&script);
    ok(pack.args(["hello", "config.json"]));
    assert_eq!(read(&script)["compositions"][0]["aggregate"], "unknown");
    documents.push(document_path(&script));

    assert_valid(&documents);
    let text = fs_err::read_to_string(&documents[0]).unwrap();
    project.write("wrong.json", &text.replacen("\"file\"", "\"folder\"", 1));
    let error = fails(1, &mut validate(&[project.path("wrong.json")]).unwrap());
    assert!(error.contains("'folder' is not one of"), "{error}");
}

/// Other tests write the documents of the templates again.
fn lock_templates() -> [MutexGuard<'static, ()>; 2] {
    [Template::Rust, Template::Go].map(Template::lock)
}

/// The command that validates documents; `None` if the validator is missing.
fn validate(documents: &[PathBuf]) -> Option<Command> {
    let python = venv("python");
    if !python.exists() {
        skip("there is no target/tools/venv");
        return None;
    }
    let mut validate = command(python, Path::new("/"));
    validate.args(["-c", VALIDATE]).args(documents);
    Some(validate)
}

/// Checks documents with the validator. Also checks two rules that a schema cannot express:
/// references are unique, and they lead to components.
pub(crate) fn assert_valid(documents: &[PathBuf]) {
    if let Some(mut validate) = validate(documents) {
        ok(&mut validate);
    }
    for path in documents {
        let text = fs_err::read(path).unwrap();
        let document: Value = serde_json::from_slice(&text).unwrap();
        let components = document["components"].as_array().unwrap().iter();
        let components = components.chain([&document["metadata"]["component"]]);
        let references: Vec<_> = components
            .map(|it| it["bom-ref"].as_str().unwrap())
            .collect();
        let unique: BTreeSet<_> = references.iter().copied().collect();
        assert_eq!(references.len(), unique.len(), "{references:?}");
        for dependency in document["dependencies"].as_array().unwrap() {
            let on = dependency["dependsOn"].as_array().into_iter().flatten();
            for reference in on.chain([&dependency["ref"]]) {
                assert!(unique.contains(reference.as_str().unwrap()), "{reference}");
            }
        }
    }
}

/// Asserts the parts of a document that do not depend on the language.
#[track_caller]
fn assert_describes(document: &Value, zip: &Path, arch: Arch) {
    let component = &document["metadata"]["component"];
    let hash = fs_err::read_to_string(zip.with_extension("zip.base64sha256")).unwrap();
    let architecture = property(component, "lambdapack:lambda:architecture");
    assert_eq!(architecture, Some(arch.name()));
    assert_eq!(
        property(component, "lambdapack:lambda:code_sha256"),
        Some(&*hash)
    );
}

#[test]
fn documents_of_templates_are_about_their_zips() {
    let packed = all_packed();
    let _guards = lock_templates();
    for packed in packed {
        let document = read(&packed.zip);
        assert_describes(&document, &packed.zip, packed.arch);
        let components = document["components"].as_array().unwrap();
        let std = match packed.template {
            Template::Rust => "std",
            Template::Go => "stdlib",
        };
        assert!(components.iter().any(|it| it["name"] == std), "{document}");
    }
}

/// The modules of a Go program: name, version, and `h1` sum.
type Modules = BTreeSet<(String, String, Option<String>)>;

/// According to `go version -m`. A module that is replaced by a folder has no version.
fn modules_of_program(go: &Path, program: &Path) -> Modules {
    let mut version = command(go, program.parent().unwrap());
    let printed = ok(version.args(["version", "-m"]).arg(program));
    let mut modules: Vec<(String, String, Option<String>)> = Vec::new();
    for line in printed.lines() {
        let mut fields = line.split('\t').skip(1).map(str::to_owned);
        let kind = fields.next().unwrap_or_default();
        let mut field = || fields.next().unwrap_or_default();
        let (name, version, sum) = (field(), field(), field());
        let sum = Some(sum).filter(|sum| !sum.is_empty());
        match &*kind {
            "mod" | "dep" => modules.push((name, version, sum)),
            "=>" => {
                let replaced = modules.pop().unwrap();
                let is_folder = name.starts_with(['.', '/']);
                let name = if is_folder { replaced.0 } else { name };
                modules.push((name, version, sum));
            }
            _ => {}
        }
    }
    modules.into_iter().collect()
}

/// According to the document.
fn modules_of_document(document: &Value) -> Modules {
    let components = document["components"].as_array().unwrap().iter();
    let libraries = components.filter(|it| it["type"] == "library" && it["name"] != "stdlib");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    libraries
        .map(|it| {
            let sum = property(it, "lambdapack:go:sum");
            (
                text(&it["name"]),
                text(&it["version"]),
                sum.map(str::to_owned),
            )
        })
        .collect()
}

#[test]
fn go_modules_are_those_of_go_version() {
    let Some(go) = tool("go") else { return };
    let project = Project::new(&[
        (
            "main.go",
            "package main\n\nimport (\n\t\"example.com/inside\"\n\t\"example.com/outside\"\n\
             \t\"github.com/aws/aws-lambda-go/lambda\"\n\t\"gopkg.in/yaml.v2\"\n)\n\n\
             func main() {\n\tlambda.Start(func() (string, error) {\n\
             \t\ttext, err := yaml.Marshal(inside.Word + outside.Word)\n\
             \t\treturn string(text), err\n\t})\n}\n",
        ),
        ("inside/go.mod", "module example.com/inside\n\ngo 1.22\n"),
        (
            "inside/inside.go",
            "package inside\n\nconst Word = \"in\"\n",
        ),
        // Nothing imports it.
        ("unused/go.mod", "module example.com/unused\n\ngo 1.22\n"),
        ("unused/unused.go", "package unused\n"),
    ]);
    let outside = Project::new(&[
        ("go.mod", "module example.com/outside\n\ngo 1.22\n"),
        ("outside.go", "package outside\n\nconst Word = \"out\"\n"),
    ]);
    // A replacement by another version, by another module, by a folder of the project, and by a
    // folder of this machine.
    project.write(
        "go.mod",
        &format!(
            "module example.com/shop\n\ngo 1.22\n\nrequire (\n\texample.com/inside v0.1.0\n\
             \texample.com/outside v0.2.0\n\texample.com/unused v0.3.0\n\
             \tgithub.com/aws/aws-lambda-go v1.53.0\n\tgopkg.in/yaml.v2 v2.1.1\n)\n\n\
             replace (\n\texample.com/inside => ./inside\n\texample.com/outside => {}\n\
             \texample.com/unused => ./unused\n\
             \tgithub.com/aws/aws-lambda-go => github.com/aws/aws-lambda-go v1.54.0\n\
             \tgopkg.in/yaml.v2 => github.com/go-yaml/yaml v2.1.0+incompatible\n)\n",
            outside.root().display()
        ),
    );
    ok(command(&go, project.root()).args(["mod", "download"]));
    let mut build = command(&go, project.root());
    ok(build.args(["build", "-mod=mod", "-o", "/dev/null", "."]));
    let arch = Arch::Arm64;
    ok(lambdapack(project.root()).args(["--arch", arch.name()]));
    let zip = project.zip(arch, "shop");
    let dir = tempfile::tempdir().unwrap();
    let expected = modules_of_program(&go, &unpack(&zip, dir.path()));
    assert_eq!(expected.len(), 5, "{expected:?}");
    let document = read(&zip);
    assert_eq!(modules_of_document(&document), expected);
    assert_describes(&document, &zip, arch);
    assert_valid(&[document_path(&zip)]);

    let component = |name: &str| component(&document, name);
    let fork = component("github.com/go-yaml/yaml");
    assert_eq!(
        fork["purl"],
        "pkg:golang/github.com/go-yaml/yaml@v2.1.0%2Bincompatible"
    );
    let replaced = property(fork, "lambdapack:go:replaces");
    assert_eq!(replaced, Some("gopkg.in/yaml.v2"));
    for name in ["example.com/inside", "example.com/outside"] {
        let source = property(component(name), "lambdapack:go:source");
        assert_eq!(source, Some("path"), "{name}");
        assert!(component(name)["purl"].is_null(), "{name}");
    }
    let version = ok(command(&go, project.root()).args(["env", "GOVERSION"]));
    let version = version.trim().trim_start_matches("go");
    assert_eq!(component("stdlib")["version"], version);
    for folder in [project.root(), outside.root()] {
        let folder = folder.to_str().unwrap();
        assert!(!document.to_string().contains(folder), "{document}");
    }

    // Packed without its project, the program is described by the same build information.
    let again = dir.path().join("again.zip");
    let mut pack = lambdapack(dir.path());
    ok(pack.args(["pack", "bootstrap", "-o"]).arg(&again));
    assert_eq!(modules_of_document(&read(&again)), expected);
}

#[test]
fn a_deleted_document_is_written_again_and_no_sbom_writes_none() {
    let arch = host_arch();
    for template in [Template::Rust, Template::Go] {
        let Some(packed) = packed(template, arch) else {
            continue;
        };
        let mut pack = template.command(arch).unwrap();
        let _guard = template.lock();
        ok(&mut pack);
        let path = document_path(&packed.zip);
        let text = fs_err::read(&path).unwrap();
        let results = template.dir().join("target/lambdapack");
        let before = stamps(&results);
        assert!(before.contains_key(path.strip_prefix(&results).unwrap()));
        ok(&mut pack);
        assert_eq!(stamps(&results), before);
        fs_err::remove_file(&path).unwrap();
        ok(&mut pack);
        assert!(fs_err::read(&path).unwrap() == text);

        let copied = Project::new(&[]);
        copy(template.dir(), copied.root());
        let mut pack = template.command(arch).unwrap();
        pack.current_dir(copied.root()).arg("--no-sbom");
        ok(&mut pack);
        let zip = copied.zip(arch, template.name());
        assert!(zip.exists());
        assert!(!document_path(&zip).exists());
        let manifest = fs_err::read(copied.path("target/lambdapack/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let entry = &manifest["functions"][template.name()]["archs"][arch.name()];
        assert!(entry["zip"].is_string(), "{manifest}");
        assert!(entry["sbom"].is_null(), "{manifest}");
    }
}
