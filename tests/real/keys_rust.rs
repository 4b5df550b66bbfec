//! The keys of functions in Rust: each change of an input gives exactly the affected functions
//! new keys, and inputs that cannot be listed give none.

use std::collections::BTreeSet;
use std::process::Command;

use super::go::{commit, committer};
use super::keyed::{
    Tools, built, changed, function, keys, library, listed, manifest, package, verbs, workspace,
};
use super::project::Project;
use super::support::{ok, run, tell, tool};
use super::toolchain::another_toolchain;

/// The functions, each with the input that only it has.
const FUNCTIONS: [&str; 12] = [
    "alone", "declared", "embedded", "example", "featured", "locked1", "locked2", "locked3",
    "macros", "nearby", "plain", "token",
];

/// A build script that embeds the content of a file, and declares it.
const DECLARED: &str = "fn main() {
    println!(\"cargo::rerun-if-changed=../data/declared.txt\");
    let text = std::fs::read_to_string(\"../data/declared.txt\").unwrap();
    println!(\"cargo::rustc-env=TEXT={}\", text.trim());
}
";

/// A procedural macro whose result depends on its features.
const MACRO: &str = "extern crate proc_macro;
#[proc_macro]
pub fn word(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    \"\\\"word\\\"\".parse().unwrap()
}
";

/// Twelve functions. Those that use `shared` are `featured` and `alone`.
fn scene(tools: &Tools, repository: &Project) -> Project {
    let project = Project::new(&[
        ("data/declared.txt", "1"),
        ("data/embedded.txt", "1"),
        ("data/unused.txt", "1"),
    ]);
    let members: Vec<_> = FUNCTIONS
        .into_iter()
        .chain(["inner", "proc", "shared"])
        .collect();
    workspace(&project, &members);
    let shared = "[features]\nloud = []\n[dependencies]\ninner = { path = \"../inner\" }\n";
    let word = "pub const WORD: &str = inner::WORD;\n";
    library(&project, "shared", shared, word);
    library(&project, "inner", "", "pub const WORD: &str = \"w\";\n");
    library(&project, "proc", "[lib]\nproc-macro = true\n", MACRO);
    let on_shared = "shared = { path = \"../shared\" }\n";
    function(&project, "alone", on_shared, "shared::WORD");
    function(&project, "featured", on_shared, "shared::WORD");
    function(&project, "declared", "", "env!(\"TEXT\")");
    project.write("declared/build.rs", DECLARED);
    let embedded = "include_str!(\"../../data/embedded.txt\")";
    function(&project, "embedded", "", embedded);
    function(&project, "example", "", "\"example\"");
    let on_pinned = format!(
        "pinned = {{ git = \"file://{}\" }}\n",
        repository.root().display()
    );
    for name in ["locked1", "locked2", "locked3"] {
        function(&project, name, &on_pinned, "pinned::WORD");
    }
    function(
        &project,
        "macros",
        "proc = { path = \"../proc\" }\n",
        "proc::word!()",
    );
    function(&project, "nearby", "", "\"nearby\"");
    project.write("nearby/build.rs", "fn main() {}\n");
    function(&project, "plain", "", "\"plain\"");
    function(
        &project,
        "token",
        "",
        "option_env!(\"TOKEN\").unwrap_or_default()",
    );
    tools.lock(&project);
    project
}

/// A change, and the functions that it affects.
struct Change {
    what: &'static str,
    file: Option<(&'static str, String)>,
    set: Option<(&'static str, String)>,
    args: &'static [&'static str],
    affected: BTreeSet<String>,
}

impl Change {
    fn new(what: &'static str, affected: &[&str]) -> Self {
        Self {
            what,
            file: None,
            set: None,
            args: &[],
            affected: affected.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn file(self, path: &'static str, text: impl Into<String>) -> Self {
        Self {
            file: Some((path, text.into())),
            ..self
        }
    }

    fn set(self, name: &'static str, value: impl Into<String>) -> Self {
        Self {
            set: Some((name, value.into())),
            ..self
        }
    }

    /// Compares the keys with those of the last build. The file gets its old text afterwards.
    fn check(&self, tools: &Tools, project: &Project) {
        let before = self.file.as_ref().map(|(path, text)| {
            let before = fs_err::read_to_string(project.path(path)).ok();
            project.write(path, text);
            (path, before)
        });
        let mut list: Command = tools.lambdapack(project.root(), "list");
        list.arg("--changed")
            .arg(manifest(project.root()))
            .args(self.args);
        list.envs(self.set.clone());
        assert_eq!(listed(&mut list), self.affected, "{}", self.what);
        match before {
            Some((path, Some(text))) => project.write(path, &text),
            Some((path, None)) => fs_err::remove_file(project.path(path)).unwrap(),
            None => {}
        }
    }
}

#[test]
fn each_input_changes_the_keys_of_the_affected_functions() {
    let (Some(tools), Some(git)) = (Tools::rust(), tool("git")) else {
        return;
    };
    let repository = Project::new(&[
        ("Cargo.toml", &package("pinned", "")),
        ("src/lib.rs", "pub const WORD: &str = \"1\";\n"),
    ]);
    let git = |args: &[&str]| committer(&git, &repository, args);
    commit(&git);
    let project = scene(&tools, &repository);
    let cache = tempfile::tempdir().unwrap();
    built(&mut tools.build(project.root(), cache.path()));
    let named: BTreeSet<_> = FUNCTIONS.map(str::to_owned).into();
    assert_eq!(
        keys(project.root()).into_keys().collect::<BTreeSet<_>>(),
        named
    );
    assert_eq!(changed(&tools, project.root()), BTreeSet::new());

    let read = |path: &str| fs_err::read_to_string(project.path(path)).unwrap();
    let mut changes = vec![
        Change::new("variable of `env!`", &["token"]).set("TOKEN", "2"),
        Change::new("variable that nothing reads", &[]).set("OTHER_TOKEN", "2"),
        Change::new("declared file", &["declared"]).file("data/declared.txt", "2"),
        Change::new("included file", &["embedded"]).file("data/embedded.txt", "2"),
        Change::new("file that nothing reads", &[]).file("data/unused.txt", "2"),
        Change::new("new file next to build.rs", &["nearby"]).file("nearby/new.txt", "2"),
        Change::new("indirect package", &["alone", "featured"])
            .file("inner/src/lib.rs", "pub const WORD: &str = \"2\";\n"),
        Change::new("procedural macro", &["macros"]).file("proc/src/lib.rs", format!("{MACRO}\n")),
        Change::new("feature of a shared package", &["alone", "featured"]).file(
            "featured/Cargo.toml",
            read("featured/Cargo.toml")
                .replace("\"../shared\"", "\"../shared\", features = [\"loud\"]"),
        ),
        Change::new("profile", &FUNCTIONS).file(
            "Cargo.toml",
            read("Cargo.toml").replace("debug = false", "debug = 1"),
        ),
        Change::new("unused profile", &FUNCTIONS).file(
            "Cargo.toml",
            format!("{}[profile.release]\nlto = true\n", read("Cargo.toml")),
        ),
        Change::new("flags", &FUNCTIONS).set("RUSTFLAGS", "-Copt-level=1"),
        Change::new("configuration", &FUNCTIONS).file(
            ".cargo/config.toml",
            "[build]\nrustflags = [\"-Copt-level=1\"]\n",
        ),
        Change::new("configured variable", &FUNCTIONS)
            .file(".cargo/config.toml", "[env]\nTOKEN = \"3\"\n"),
    ];
    if tool("x86_64-linux-gnu-gcc").is_some() {
        changes.push(Change {
            args: &["--linker", "gcc"],
            ..Change::new("linker", &FUNCTIONS)
        });
    }
    if let Some(other) = another_toolchain() {
        changes.push(Change::new("toolchain", &FUNCTIONS).set("RUSTUP_TOOLCHAIN", other));
    }
    for change in &changes {
        change.check(&tools, &project);
    }
    assert_eq!(changed(&tools, project.root()), BTreeSet::new());

    repository.write("src/lib.rs", "pub const WORD: &str = \"2\";\n");
    git(&["commit", "--quiet", "-a", "-m", "two"]);
    let mut update = tools.cargo(project.root());
    ok(update.args(["update", "--quiet", "-p", "pinned"]));
    let locked: BTreeSet<_> = ["locked1", "locked2", "locked3"].map(str::to_owned).into();
    assert_eq!(changed(&tools, project.root()), locked, "lock entry");
    let verbs = built(&mut tools.build(project.root(), cache.path()));
    assert_eq!(verbs["Packed"], locked);
    assert_eq!(verbs["Cached"].len(), FUNCTIONS.len() - 3);
    tell(&format!("{} changes", changes.len() + 1));
}

#[test]
fn inputs_that_cannot_be_listed_give_no_key_and_a_reason() {
    let (Some(tools), Some(git)) = (Tools::rust(), tool("git")) else {
        return;
    };
    let project = Project::new(&[("data/hidden.txt", "1")]);
    // The repository ends here.
    let git = |args: &[&str]| committer(&git, &project, args);
    git(&["init", "--quiet"]);
    workspace(&project, &["fine"]);
    function(&project, "fine", "", "1");
    let cache = tempfile::tempdir().unwrap();
    let build = || run(tools.build(project.root(), cache.path()).arg("-v"));
    let unlocked = build();
    assert_eq!(unlocked.code, Some(0), "{}", unlocked.stderr);
    let reason = "no Cargo.lock before the first build";
    assert!(unlocked.stderr.contains(reason), "{}", unlocked.stderr);
    assert!(keys(project.root()).is_empty());
    let locked = build();
    assert!(!locked.stderr.contains("No key"), "{}", locked.stderr);
    assert_eq!(keys(project.root()).len(), 1);

    workspace(&project, &["fine", "hidden", "outside", "writing"]);
    function(&project, "hidden", "", "env!(\"TEXT\")");
    project.write(
        "hidden/build.rs",
        "fn main() {
    let text = std::fs::read_to_string(\"../data/hidden.txt\").unwrap();
    println!(\"cargo::rustc-env=TEXT={}\", text.trim());
}
",
    );
    function(
        &project,
        "outside",
        "other = { path = \"../../other\" }\n",
        "other::WORD",
    );
    project.write("../other/Cargo.toml", &package("other", ""));
    project.write("../other/src/lib.rs", "pub const WORD: &str = \"w\";\n");
    function(&project, "writing", "", "include_str!(\"made.txt\")");
    project.write("writing/src/made.txt", "");
    project.write(
        "writing/build.rs",
        "fn main() {
    println!(\"cargo::rerun-if-changed=build.rs\");
    std::fs::write(\"src/made.txt\", \"made\").unwrap();
}
",
    );
    tools.lock(&project);
    let no_key = |stderr: &str| verbs(stderr).remove("Unkeyed").unwrap_or_default();
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|it| (*it).to_owned())
            .collect::<BTreeSet<_>>()
    };
    // The build script of `writing` writes a source file while the function is built.
    let second = build();
    let unkeyed = names(&["hidden", "outside", "writing"]);
    assert_eq!(no_key(&second.stderr), unkeyed, "{}", second.stderr);
    for words in [
        "hidden x86_64: the build script of `hidden` names",
        "outside x86_64: the path dependency",
        "is outside the repository",
        "made.txt` changed during the build",
    ] {
        assert!(second.stderr.contains(words), "{words}: {}", second.stderr);
    }
    assert_eq!(changed(&tools, project.root()), unkeyed);
    let mut list = tools.lambdapack(project.root(), "list");
    list.args(["-v", "--changed"]).arg(manifest(project.root()));
    let list = run(&mut list);
    assert_eq!(no_key(&list.stderr), unkeyed, "{}", list.stderr);
    for words in [
        "outside x86_64: the path dependency",
        "writing x86_64: the manifest of `--changed` has no key to compare",
    ] {
        assert!(list.stderr.contains(words), "{words}: {}", list.stderr);
    }
    // Now the file exists before the function is compiled.
    let main = project.path("writing/src/main.rs");
    let source = fs_err::read_to_string(&main).unwrap();
    fs_err::write(&main, format!("{source}// again\n")).unwrap();
    let third = build();
    let unkeyed = names(&["hidden", "outside"]);
    assert_eq!(no_key(&third.stderr), unkeyed, "{}", third.stderr);
    assert_eq!(changed(&tools, project.root()), unkeyed);
}
