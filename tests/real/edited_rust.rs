//! A generated workspace for random edits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::keyed::{PROFILE, Tools, package};
use super::project::Project;
use super::random_edits::{Edited, Random};

/// Where an embedded file is.
const PLACES: [&str; 5] = [
    "../../data/",
    "../link/",
    "own/",
    "../generated/",
    "../../data/sub/",
];

/// Where a procedural macro reads a file, relative to the package.
const MACRO_PLACES: [&str; 5] = [
    "../data/",
    "src/own/",
    "generated/",
    "link/",
    "../data/sub/",
];

/// What a build script does, and the files and variables that it reads.
const SCRIPTS: [&str; 12] = [
    "",
    "fn main() {}",
    "fn main() { read(\"own.txt\"); }",
    "fn main() { println!(\"cargo::rerun-if-changed=../data/0.txt\"); read(\"../data/0.txt\"); }",
    "fn main() { println!(\"cargo:rerun-if-changed=../data\"); list(\"../data\"); }",
    "fn main() { println!(\"cargo::rerun-if-env-changed=EDIT_0\"); tell(&std::env::var(\"EDIT_0\").unwrap_or_default()); }",
    "fn main() { read(\"../data/1.txt\"); }",
    "fn main() { println!(\"cargo::rerun-if-changed=build.rs\"); tell(&std::env::var(\"EDIT_1\").unwrap_or_default()); }",
    "fn main() { tell(&format!(\"{:?}\", std::env::vars().find(|(name, _)| name == \"EDIT_2\"))); }",
    "fn main() { read(\"generated/1.txt\"); }",
    "fn main() { read(\"link/2.txt\"); }",
    "include!(\"src/own/helper.rs\");",
];

const SCRIPT_FUNCTIONS: &str = "
#[allow(dead_code)]
fn tell(text: &str) { println!(\"cargo:rustc-env=SCRIPT={}\", text.trim()); }
#[allow(dead_code)]
fn read(path: &str) { tell(&std::fs::read_to_string(path).unwrap()); }
#[allow(dead_code)]
fn list(path: &str) {
    let entries = std::fs::read_dir(path).unwrap();
    let mut names: Vec<_> = entries.map(|it| format!(\"{:?}\", it.unwrap().file_name())).collect();
    names.sort();
    tell(&names.join(\" \"));
}
";

/// A procedural macro that embeds a file, without Cargo's knowledge.
const FILE_MACRO: &str = "
#[proc_macro]
pub fn file(argument: TokenStream) -> TokenStream {
    let dir = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();
    let path = format!(\"{dir}/{}\", argument.to_string().trim_matches('\"'));
    format!(\"{:?}\", std::fs::read_to_string(path).unwrap()).parse().unwrap()
}
";

#[derive(Debug, Clone, Default)]
struct Package {
    number: usize,
    comments: usize,
    /// Libraries, and how each is used: with a feature, under another name.
    uses: BTreeMap<usize, (bool, bool)>,
    embeds: Option<(usize, usize)>,
    variable: Option<usize>,
    script: usize,
    module: Option<usize>,
    has_macro: bool,
    /// The place and the number of a file that a procedural macro reads.
    reads: Option<(usize, usize)>,
    own: usize,
    extra_files: usize,
    inherits: bool,
    includes: bool,
}

/// The state of the workspace. Functions come first, then libraries.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    packages: Vec<Package>,
    data: Vec<usize>,
    variables: BTreeMap<usize, usize>,
    macro_number: usize,
    debug: usize,
    resolver: usize,
    flag: Option<usize>,
    configured: Option<usize>,
    version: usize,
}

const FUNCTIONS: usize = 5;
const PACKAGES: usize = 8;

fn name(index: usize) -> String {
    let kind = if index < FUNCTIONS {
        "function"
    } else {
        "library"
    };
    format!("{kind}{index}")
}

impl Workspace {
    pub(crate) fn new() -> Self {
        let mut packages = vec![Package::default(); PACKAGES];
        packages[0].uses.insert(5, (false, false));
        packages[1].uses.insert(5, (true, false));
        packages[1].uses.insert(6, (false, true));
        packages[2].embeds = Some((0, 0));
        packages[3].script = 3;
        packages[4].has_macro = true;
        packages[5].uses.insert(7, (false, false));
        packages[7].reads = Some((1, 1));
        Self {
            packages,
            data: vec![0; 3],
            variables: BTreeMap::new(),
            macro_number: 0,
            debug: 0,
            resolver: 2,
            flag: None,
            configured: None,
            version: 1,
        }
    }

    fn manifest(&self, index: usize) -> String {
        let package_ = &self.packages[index];
        let mut text = package(&name(index), "[features]\nloud = []\n[dependencies]\n");
        if package_.inherits {
            text = text.replace("version = \"0.1.0\"", "version.workspace = true");
        }
        for (library, (loud, renamed)) in &package_.uses {
            let library_name = name(*library);
            let alias = if *renamed { "other_" } else { "" };
            let features = if *loud { ", features = [\"loud\"]" } else { "" };
            writeln!(
                text,
                "{alias}{library_name} = {{ package = \"{library_name}\", path = \
                 \"../{library_name}\"{features} }}"
            )
            .unwrap();
        }
        if package_.has_macro || package_.reads.is_some() {
            text += "mac = { path = \"../mac\" }\n";
        }
        text
    }

    fn source(&self, index: usize) -> String {
        let package = &self.packages[index];
        let mut source = format!("// {}\n", package.comments);
        let mut parts = vec![format!("\"{}\".to_owned()", package.number)];
        for (library, (_, renamed)) in &package.uses {
            let alias = if *renamed { "other_" } else { "" };
            parts.push(format!("{alias}{}::value()", name(*library)));
        }
        if let Some((place, file)) = package.embeds {
            let path = format!("{}{file}.txt", PLACES[place]);
            parts.push(format!("include_str!(\"{path}\").to_owned()"));
        }
        if let Some(variable) = package.variable {
            let variable = format!("option_env!(\"EDIT_{variable}\")");
            parts.push(format!("{variable}.unwrap_or(\"unset\").to_owned()"));
        }
        if package.script > 0 {
            parts.push("option_env!(\"SCRIPT\").unwrap_or(\"none\").to_owned()".to_owned());
        }
        if let Some(module) = package.module {
            writeln!(source, "mod part{module};").unwrap();
            parts.push(format!("part{module}::VALUE.to_owned()"));
        }
        if package.has_macro {
            parts.push("mac::word!().to_owned()".to_owned());
        }
        if let Some((place, file)) = package.reads {
            let path = format!("{}{file}.txt", MACRO_PLACES[place]);
            parts.push(format!("mac::file!(\"{path}\").to_owned()"));
        }
        parts.push("env!(\"CARGO_PKG_VERSION\").to_owned()".to_owned());
        parts.push("cfg!(feature = \"loud\").to_string()".to_owned());
        parts.push("cfg!(special).to_string()".to_owned());
        writeln!(
            source,
            "#![allow(unexpected_cfgs)]\npub fn value() -> String {{ [{}].join(\" \") }}",
            parts.join(", ")
        )
        .unwrap();
        // Inner attributes come first.
        let source = format!(
            "#![allow(unexpected_cfgs)]\n{}",
            source.replace("#![allow(unexpected_cfgs)]\n", "")
        );
        if index < FUNCTIONS {
            source
                + "fn main() {\n    println!(\"{}\", value());\n    \
                   std::hint::black_box(\"runtime/invocation/next\");\n}\n"
        } else {
            source
        }
    }

    fn package_files(&self, index: usize, files: &mut BTreeMap<String, String>) {
        let (package, dir) = (&self.packages[index], name(index));
        files.insert(format!("{dir}/Cargo.toml"), self.manifest(index));
        let main = if index < FUNCTIONS { "main" } else { "lib" };
        files.insert(format!("{dir}/src/{main}.rs"), self.source(index));
        if let Some(module) = package.module {
            let value = format!("pub const VALUE: &str = \"module {}\";\n", package.own);
            files.insert(format!("{dir}/src/part{module}.rs"), value);
        }
        files.insert(format!("{dir}/own.txt"), package.own.to_string());
        for file in 0..self.data.len() {
            let text = format!("{file} {}", package.own);
            files.insert(format!("{dir}/src/own/{file}.txt"), text.clone());
            files.insert(format!("{dir}/generated/{file}.txt"), format!("g{text}"));
        }
        let helper = "fn main() { read(\"../data/0.txt\"); }\n";
        files.insert(format!("{dir}/src/own/helper.rs"), helper.to_owned());
        for file in 0..package.extra_files {
            files.insert(format!("{dir}/extra{file}.txt"), String::new());
        }
        files.insert(format!("{dir}/link"), "->../data".to_owned());
        if package.script > 0 {
            let script = format!("{}\n{SCRIPT_FUNCTIONS}", SCRIPTS[package.script]);
            files.insert(format!("{dir}/build.rs"), script);
        }
    }
}

impl Edited for Workspace {
    fn edit(&mut self, random: &mut Random) -> String {
        let index = random.below(PACKAGES);
        let (file, value) = (random.below(self.data.len()), random.below(4));
        let library = FUNCTIONS + random.below(PACKAGES - FUNCTIONS);
        let (one, two) = (random.below(2) == 0, random.below(2) == 0);
        let package = &mut self.packages[index];
        let kind = random.below(25);
        match kind {
            0 => package.number += 1,
            1 => package.comments += 1,
            2 | 3 if library > index => {
                if package.uses.remove(&library).is_none() {
                    package.uses.insert(library, (one, two));
                }
            }
            2..=4 => {
                for used in package.uses.values_mut() {
                    *used = (one, two);
                }
            }
            5 => package.embeds = Some((random.below(PLACES.len()), file)),
            6 => package.embeds = None,
            7 | 8 => self.data[file] += 1,
            9 => package.variable = Some(file),
            10 | 11 => {
                self.variables.insert(file, value);
            }
            12 | 13 => package.script = random.below(SCRIPTS.len()),
            14 => package.module = package.module.map_or(Some(value), |_| None),
            15 => package.own += 1,
            16 => package.has_macro = !package.has_macro,
            17 => self.macro_number += 1,
            18 => match value {
                0 => self.debug = 1 - self.debug,
                1 => self.resolver = 3 - self.resolver,
                2 => self.flag = self.flag.map_or(Some(1), |_| None),
                _ => self.configured = self.configured.map_or(Some(file), |_| None),
            },
            19 => package.extra_files = 1 - package.extra_files,
            20 => {
                package.inherits = !package.inherits;
                self.version += usize::from(one);
            }
            21 => package.includes = !package.includes,
            22 => package.reads = None,
            _ => package.reads = Some((random.below(MACRO_PLACES.len()), file)),
        }
        format!("kind {kind} of {}", name(index))
    }

    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let members: Vec<_> = (0..PACKAGES).map(name).chain(["mac".to_owned()]).collect();
        let root = format!(
            "[workspace]\nresolver = \"{}\"\nmembers = {members:?}\n[workspace.package]\n\
             version = \"0.{}.0\"\n{}",
            self.resolver,
            self.version,
            PROFILE.replace("debug = false", &format!("debug = {}", self.debug)),
        );
        files.insert("Cargo.toml".to_owned(), root);
        files.insert(".gitignore".to_owned(), "generated/\ntarget/\n".to_owned());
        let mut configuration = String::new();
        for index in 0..PACKAGES {
            self.package_files(index, &mut files);
            if index < FUNCTIONS {
                let include = if self.packages[index].includes {
                    "include = \"data/1.txt\"\n"
                } else {
                    ""
                };
                let path = name(index);
                write!(
                    configuration,
                    "[function.{path}]\npath = \"{path}\"\n{include}"
                )
                .unwrap();
            }
        }
        files.insert("lambdapack.toml".to_owned(), configuration);
        for (file, text) in self.data.iter().enumerate() {
            files.insert(format!("data/{file}.txt"), text.to_string());
            files.insert(format!("data/sub/{file}.txt"), format!("sub {text}"));
            // New files appear in a folder that a build script may list.
            let names: BTreeSet<_> = (0..text % 2).collect();
            for more in names {
                files.insert(format!("data/{file}-{more}.txt"), String::new());
            }
        }
        let mac = "[lib]\nproc-macro = true\n";
        files.insert("mac/Cargo.toml".to_owned(), package("mac", mac));
        let word = format!("\"\\\"macro {}\\\"\"", self.macro_number);
        files.insert(
            "mac/src/lib.rs".to_owned(),
            format!(
                "use proc_macro::TokenStream;\n#[proc_macro]\npub fn word(_: TokenStream) -> \
                 TokenStream {{ {word}.parse().unwrap() }}\n{FILE_MACRO}"
            ),
        );
        if let Some(variable) = self.configured {
            let text = format!("[env]\nEDIT_{variable} = \"configured\"\n");
            files.insert(".cargo/config.toml".to_owned(), text);
        }
        files
    }

    fn env(&self) -> BTreeMap<String, String> {
        let variables = self.variables.iter();
        let mut env: BTreeMap<_, _> = variables
            .filter(|(_, value)| **value > 0)
            .map(|(variable, value)| (format!("EDIT_{variable}"), format!("value {value}")))
            .collect();
        if self.flag.is_some() {
            env.insert("RUSTFLAGS".to_owned(), "--cfg special".to_owned());
        }
        env
    }

    fn prepare(&self, tools: &Tools, project: &Project) {
        tools.lock(project);
    }
}
