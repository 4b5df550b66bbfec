//! A generated Go module for random edits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::keyed::Tools;
use super::project::Project;
use super::random_edits::{Edited, Random};

const FUNCTIONS: usize = 5;
const PACKAGES: usize = 8;

/// The condition of a file, and its value.
const CONDITIONS: [&str; 5] = [
    "special",
    "!special",
    "linux",
    "!linux",
    "amd64 && !special",
];

#[derive(Debug, Clone, Default)]
struct Package {
    number: usize,
    comments: usize,
    imports: BTreeSet<usize>,
    /// The pattern, and the number of files.
    embeds: Option<usize>,
    embedded: BTreeMap<usize, usize>,
    condition: Option<usize>,
    /// The suffix of the name of one more file.
    suffix: Option<usize>,
    tests: usize,
    profile: bool,
}

/// The state of the module. Functions come first, then internal packages.
#[derive(Debug, Clone)]
pub(crate) struct GoModule {
    packages: Vec<Package>,
    version: usize,
    runtime: usize,
    replaced_by: usize,
    special: bool,
    configured: bool,
    flags: Option<usize>,
}

const PATTERNS: [&str; 4] = ["files", "files/*.txt", "all:files", "files/1.txt"];
const SUFFIXES: [&str; 4] = ["linux", "windows", "linux_amd64", "test2"];
const FLAGS: [&str; 3] = [
    "-gcflags=-N",
    "-gcflags=all=-l",
    "-ldflags=-X=main.flag=set",
];
const RUNTIME: &str = "github.com/aws/aws-lambda-go";

fn folder(index: usize) -> String {
    if index < FUNCTIONS {
        format!("function{index}")
    } else {
        format!("internal/package{index}")
    }
}

impl GoModule {
    pub(crate) fn new() -> Self {
        let mut packages = vec![Package::default(); PACKAGES];
        for package in &mut packages {
            package.embedded.insert(1, 0);
        }
        packages[0].imports.insert(5);
        packages[1].imports.extend([5, 6]);
        packages[2].embeds = Some(0);
        packages[3].condition = Some(0);
        packages[5].imports.insert(7);
        Self {
            packages,
            version: 22,
            runtime: 0,
            replaced_by: 1,
            special: false,
            configured: false,
            flags: None,
        }
    }

    fn source(&self, index: usize) -> String {
        let package = &self.packages[index];
        let name = if index < FUNCTIONS {
            "main".to_owned()
        } else {
            format!("package{index}")
        };
        let mut text = format!("package {name}\n\n// {}\n\n", package.comments);
        let mut values = vec![format!("\"{}\"", package.number), "part".to_owned()];
        if index < FUNCTIONS {
            writeln!(text, "import \"{RUNTIME}/lambda\"").unwrap();
            values.push("lambda.Word".to_owned());
            values.push("flag".to_owned());
        }
        for import in &package.imports {
            writeln!(text, "import \"example.com/shop/{}\"", folder(*import)).unwrap();
            values.push(format!("package{import}.Value()"));
        }
        if package.embeds.is_some() {
            text += "import \"embed\"\n";
            values.push("embedded()".to_owned());
        }
        if let Some(pattern) = package.embeds {
            write!(
                text,
                "\n//go:embed {}\nvar files embed.FS\n\nfunc embedded() string {{\n\
                 \tdata, _ := files.ReadFile(\"files/1.txt\")\n\treturn string(data)\n}}\n",
                PATTERNS[pattern]
            )
            .unwrap();
        }
        let sum = values.join(" + \" \" + ");
        writeln!(
            text,
            "\nvar part = \"\"\n\nfunc Value() string {{ return {sum} }}"
        )
        .unwrap();
        if index < FUNCTIONS {
            text += "\nvar flag = \"\"\n\nfunc main() { println(Value(), \
                     \"runtime/invocation/next\") }\n";
        }
        text
    }

    fn package_files(&self, index: usize, files: &mut BTreeMap<String, String>) {
        let (package, dir) = (&self.packages[index], folder(index));
        let main = self.source(index);
        let (first, _) = main.split_once('\n').unwrap();
        for (file, number) in &package.embedded {
            files.insert(format!("{dir}/files/{file}.txt"), number.to_string());
        }
        if let Some(condition) = package.condition {
            let condition = CONDITIONS[condition];
            let text = format!(
                "//go:build {condition}\n\n{first}\n\nfunc init() {{ part += \"{condition}\" }}\n"
            );
            files.insert(format!("{dir}/conditional.go"), text);
        }
        if let Some(suffix) = package.suffix {
            let suffix = SUFFIXES[suffix];
            let text = format!("{first}\n\nfunc init() {{ part += \"{suffix}\" }}\n");
            files.insert(format!("{dir}/more_{suffix}.go"), text);
        }
        if package.tests > 0 {
            let text = format!("{first}\n\n// {}\n", package.tests);
            files.insert(format!("{dir}/x_test.go"), text);
        }
        if package.profile {
            files.insert(format!("{dir}/default.pgo"), String::new());
        }
        files.insert(format!("{dir}/main.go"), main);
    }
}

impl Edited for GoModule {
    fn edit(&mut self, random: &mut Random) -> String {
        let index = random.below(PACKAGES);
        let (value, import) = (
            random.below(4),
            FUNCTIONS + random.below(PACKAGES - FUNCTIONS),
        );
        let package = &mut self.packages[index];
        let kind = random.below(18);
        match kind {
            0 => package.number += 1,
            1 => package.comments += 1,
            2 | 3 if import > index => {
                if !package.imports.remove(&import) {
                    package.imports.insert(import);
                }
            }
            2..=4 => package.embeds = package.embeds.map_or(Some(value), |_| None),
            5 => *package.embedded.entry(1).or_default() += 1,
            6 => {
                let file = 2 + value;
                if package.embedded.remove(&file).is_none() {
                    package.embedded.insert(file, value);
                }
            }
            7 | 8 => package.condition = package.condition.map_or(Some(value), |_| None),
            9 => package.suffix = package.suffix.map_or(Some(value), |_| None),
            10 => package.tests += 1,
            11 => package.profile = !package.profile,
            12 => self.version = 21 + value,
            13 => self.runtime += 1,
            14 => self.replaced_by = 3 - self.replaced_by,
            15 => self.special = !self.special,
            16 => self.configured = !self.configured,
            _ => self.flags = self.flags.map_or(Some(value % FLAGS.len()), |_| None),
        }
        format!("kind {kind} ({value}) of {}", folder(index))
    }

    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        files.insert(
            "go.mod".to_owned(),
            format!(
                "module example.com/shop\n\ngo 1.{}\n\nrequire {RUNTIME} v1.54.0\n\n\
                 replace {RUNTIME} => ./runtime{}\n",
                self.version, self.replaced_by
            ),
        );
        for number in [1, 2] {
            let module = format!("module {RUNTIME}\n\ngo 1.21\n");
            files.insert(format!("runtime{number}/go.mod"), module);
            let word = if number == 1 { self.runtime } else { 0 };
            files.insert(
                format!("runtime{number}/lambda/lambda.go"),
                format!("package lambda\n\nvar Word = \"{word}\"\n"),
            );
        }
        for index in 0..PACKAGES {
            self.package_files(index, &mut files);
        }
        if self.configured {
            let text = "tags = \"special\"\n";
            files.insert("lambdapack.toml".to_owned(), text.to_owned());
        }
        files
    }

    fn env(&self) -> BTreeMap<String, String> {
        let mut flags = Vec::new();
        if self.special {
            flags.push("-tags=special");
        }
        flags.extend(self.flags.map(|flag| FLAGS[flag]));
        BTreeMap::from([("GOFLAGS".to_owned(), flags.join(" "))])
    }

    fn prepare(&self, _tools: &Tools, _project: &Project) {}
}
