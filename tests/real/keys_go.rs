//! The keys of functions in Go: each change of an input gives exactly the affected functions new
//! keys.

use std::collections::BTreeSet;

use super::keyed::{Tools, built, changed, go_function, go_module, keys, listed, manifest};
use super::project::Project;

const FUNCTIONS: [&str; 5] = ["embedding", "plain", "tagged", "user1", "user2"];

fn scene() -> Project {
    let project = Project::new(&[
        (
            "internal/word/word.go",
            "package word\n\nvar Word = \"w\"\n",
        ),
        ("embedding/sql/1.sql", "select 1"),
        (
            "tagged/on_linux.go",
            "package main\n\nconst system = \"linux\"\n",
        ),
        ("tagged/special.go", "//go:build special\n\npackage main\n"),
    ]);
    go_module(&project);
    let word = ["\"example.com/shop/internal/word\""];
    go_function(&project, "user1", &word, "1, word.Word");
    go_function(&project, "user2", &word, "2, word.Word");
    go_function(&project, "plain", &[], "\"plain\"");
    go_function(&project, "tagged", &[], "system");
    go_function(
        &project,
        "embedding",
        &["\"embed\""],
        "len(files.ReadDirOrNil())",
    );
    let source = fs_err::read_to_string(project.path("embedding/main.go")).unwrap();
    let source = source.replace("len(files.ReadDirOrNil())", "size()")
        + "\n//go:embed sql/*.sql\nvar files embed.FS\n\n\
           func size() int { entries, _ := files.ReadDir(\"sql\"); return len(entries) }\n";
    project.write("embedding/main.go", &source);
    project
}

#[test]
fn each_input_changes_the_keys_of_the_affected_functions() {
    let Some(tools) = Tools::go() else { return };
    let project = scene();
    let cache = tempfile::tempdir().unwrap();
    built(&mut tools.build(project.root(), cache.path()));
    let named: BTreeSet<_> = FUNCTIONS.map(str::to_owned).into();
    assert_eq!(
        keys(project.root()).into_keys().collect::<BTreeSet<_>>(),
        named
    );
    assert_eq!(changed(&tools, project.root()), BTreeSet::new());

    let module = fs_err::read_to_string(project.path("go.mod")).unwrap();
    let files: [(&str, &str, &[&str]); 9] = [
        (
            "internal/word/word.go",
            "package word\n\nvar Word = \"x\"\n",
            &["user1", "user2"],
        ),
        (
            "internal/word/more.go",
            "package word\n\nvar More = 1\n",
            &["user1", "user2"],
        ),
        ("internal/word/word_test.go", "package word\n", &[]),
        ("embedding/sql/1.sql", "select 2", &["embedding"]),
        ("embedding/sql/2.sql", "select 2", &["embedding"]),
        ("embedding/sql/readme.txt", "no", &[]),
        (
            "tagged/special.go",
            "//go:build linux\n\npackage main\n",
            &["tagged"],
        ),
        ("plain/default.pgo", "", &["plain"]),
        ("go.mod", &module.replace("go 1.22", "go 1.23"), &FUNCTIONS),
    ];
    for (file, text, affected) in files {
        let before = fs_err::read_to_string(project.path(file)).ok();
        project.write(file, text);
        let affected: BTreeSet<_> = affected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(changed(&tools, project.root()), affected, "{file}");
        match before {
            Some(text) => project.write(file, &text),
            None => fs_err::remove_file(project.path(file)).unwrap(),
        }
    }
    for (name, value) in [
        ("GOFLAGS", "-gcflags=-N"),
        ("GOFLAGS", "-tags=special"),
        ("GODEBUG", "panicnil=1"),
    ] {
        let mut list = tools.lambdapack(project.root(), "list");
        list.arg("--changed").arg(manifest(project.root()));
        let changed = listed(list.env(name, value));
        assert!(
            changed.is_superset(&["tagged".to_owned()].into()),
            "{name}={value}"
        );
    }
    assert_eq!(changed(&tools, project.root()), BTreeSet::new());
}
