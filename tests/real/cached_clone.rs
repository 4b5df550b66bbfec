//! A clone with a full cache needs no compiler, and a comment in a shared package rebuilds its
//! users only.

use std::collections::BTreeSet;
use std::path::Path;

use super::keyed::{
    Tools, built, changed, function, go_function, go_module, keys, library, manifest, only,
    workspace, zips,
};
use super::project::{Project, copy};
use super::support::{command, ok, tell, tool};
use super::trace::programs;

/// 15 functions in Rust and 5 in Go. Five of the former and three of the latter use a shared
/// package.
fn twenty(tools: &Tools) -> Project {
    let project = Project::new(&[]);
    let rust: Vec<_> = (0..15).map(|number| format!("rust{number:02}")).collect();
    let mut members: Vec<_> = rust.iter().map(String::as_str).collect();
    members.push("shared");
    workspace(&project, &members);
    library(&project, "shared", "", "pub const WORD: &str = \"w\";\n");
    for (number, name) in rust.iter().enumerate() {
        if number < 5 {
            let shared = "shared = { path = \"../shared\" }\n";
            function(&project, name, shared, "shared::WORD");
        } else {
            function(&project, name, "", &format!("\"{name}\""));
        }
    }
    go_module(&project);
    project.write(
        "internal/word/word.go",
        "package word\n\nvar Word = \"w\"\n",
    );
    for number in 0..5 {
        let name = format!("go{number}");
        if number < 3 {
            let shared = "\"example.com/shop/internal/word\"";
            go_function(&project, &name, &[shared], "word.Word");
        } else {
            go_function(&project, &name, &[], &format!("\"{name}\""));
        }
    }
    tools.lock(&project);
    project
}

/// The CPU time of a command and its children in milliseconds.
fn cpu_ms(build: &std::process::Command, dir: &Path) -> u64 {
    let times = dir.join("times");
    let mut timed = command("bash", build.get_current_dir().unwrap());
    let script = "TIMEFORMAT='%U %S'; { time \"$@\" 2> /dev/null; } 2> \"$TIMES\"";
    timed.args(["-c", script, "bash"]);
    timed.arg(build.get_program()).args(build.get_args());
    for (name, value) in build.get_envs() {
        match value {
            Some(value) => timed.env(name, value),
            None => timed.env_remove(name),
        };
    }
    ok(timed.env("TIMES", &times));
    let text = fs_err::read_to_string(times).unwrap();
    let seconds = text.split_whitespace().map(|it| it.parse::<f64>().unwrap());
    (seconds.sum::<f64>() * 1000.0) as u64
}

#[test]
fn a_clone_with_a_full_cache_starts_no_compiler() {
    let (Some(strace), Some(tools)) = (tool("strace"), Tools::both()) else {
        return;
    };
    let project = twenty(&tools);
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let first = built(&mut tools.build(project.root(), &cache));
    assert_eq!(first["Packed"].len(), 20, "{first:?}");
    assert_eq!(keys(project.root()).len(), 20);
    let clone = Project::called("another clone", &[]);
    copy(project.root(), clone.root());
    let started = programs(&tools.build(clone.root(), &cache), &strace);
    assert_eq!(started.len(), 1, "{started:#?}");
    assert!(zips(clone.root()) == zips(project.root()));
    let text = |project: &Project| fs_err::read_to_string(manifest(project.root())).unwrap();
    assert_eq!(text(&clone), text(&project));

    // The same for a clone that no run has seen.
    let third = Project::called("third", &[]);
    copy(project.root(), third.root());
    let ms = cpu_ms(&tools.build(third.root(), &cache), dir.path());
    assert!(zips(third.root()) == zips(project.root()));
    tell(&format!("{ms} ms of CPU time for 20 functions"));
    assert!(ms < 200, "{ms} ms");
    // Nothing is built for a partition either, and dry runs and lists agree.
    let cached = built(
        tools
            .build(third.root(), &cache)
            .args(["--partition", "slice:1/2"]),
    );
    assert_eq!(cached["Cached"].len(), 10);
    assert_eq!(changed(&tools, third.root()), BTreeSet::new());
}

#[test]
fn a_cached_zip_has_a_bill_of_materials_only_if_the_run_writes_one() {
    let Some(tools) = Tools::go() else { return };
    let project = Project::new(&[]);
    go_module(&project);
    go_function(&project, "orders", &[], "\"orders\"");
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let has_sbom = || {
        project
            .path("target/lambdapack/x86_64/orders.zip.cdx.json")
            .exists()
    };
    for (args, verb, expected) in [
        (&["--no-sbom"][..], "Packed", false),
        (&[], "Packed", true),
        (&["--no-sbom"], "Cached", false),
        (&[], "Cached", true),
    ] {
        fs_err::remove_dir_all(project.path("target/lambdapack")).ok();
        let done = built(tools.build(project.root(), &cache).args(args));
        assert_eq!(done[verb].len(), 1, "{args:?}: {done:?}");
        assert_eq!(has_sbom(), expected, "{args:?}");
    }
}

#[test]
fn a_comment_in_a_shared_package_rebuilds_its_users_to_the_same_bytes() {
    let Some(tools) = Tools::both() else { return };
    let project = twenty(&tools);
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    built(&mut tools.build(project.root(), &cache));
    let before = (zips(project.root()), keys(project.root()));
    let rust: BTreeSet<_> = (0..5).map(|number| format!("rust{number:02}")).collect();
    let go: BTreeSet<_> = (0..3).map(|number| format!("go{number}")).collect();
    for (file, users) in [("shared/src/lib.rs", rust), ("internal/word/word.go", go)] {
        let text = fs_err::read_to_string(project.path(file)).unwrap();
        project.write(file, &format!("{text}// A comment.\n"));
        assert_eq!(changed(&tools, project.root()), users, "{file}");
        let mut build = tools.build(project.root(), &cache);
        build.arg("--changed").arg(manifest(project.root()));
        let verbs = built(&mut build);
        assert_eq!(verbs, only("Fresh", users.clone()), "{file}");
        assert_eq!(changed(&tools, project.root()), BTreeSet::new(), "{file}");
        let (old, new) = (&before.1, keys(project.root()));
        let differ = new.iter().filter(|(name, key)| old[*name] != **key);
        let differ: BTreeSet<_> = differ.map(|(name, _)| name.clone()).collect();
        assert!(differ.is_superset(&users), "{differ:?}");
        assert_eq!(new.len(), 20);
    }
    assert!(zips(project.root()) == before.0);
}
