//! The folder of `--cache` when its content is damaged, shared, or not writable.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::keyed::{Tools, built, go_function, go_module, only, zips};
use super::project::{Project, files_in};
use super::support::{LAMBDAPACK, command, ok, run, tool};

const NAMES: [&str; 3] = ["audit", "orders", "users"];

struct Scene {
    tools: Tools,
    project: Project,
    cache: tempfile::TempDir,
    zips: BTreeMap<String, Vec<u8>>,
}

impl Scene {
    /// Three functions, and a cache with their zips.
    fn new() -> Option<Self> {
        let tools = Tools::go()?;
        let project = Project::new(&[]);
        go_module(&project);
        for name in NAMES {
            // The programs have the same size.
            go_function(&project, name, &[], &format!("\"{name:6}\""));
        }
        let cache = tempfile::tempdir().unwrap();
        built(&mut tools.build(project.root(), cache.path()));
        let zips = zips(project.root());
        Some(Self {
            tools,
            project,
            cache,
            zips,
        })
    }

    fn all() -> BTreeSet<String> {
        NAMES.map(str::to_owned).into()
    }

    fn command(&self) -> Command {
        self.tools.build(self.project.root(), self.cache.path())
    }

    /// The files of the cache with this extension.
    fn files(&self, extension: &str) -> Vec<PathBuf> {
        let zips = self.cache.path().join("zips");
        let files = files_in(&zips).into_iter().map(|file| zips.join(file));
        files
            .filter(|file| file.extension().is_some_and(|it| it == extension))
            .collect()
    }

    /// Builds without earlier results. Returns the functions by verb, and stderr.
    fn build(&self) -> (BTreeMap<String, BTreeSet<String>>, String) {
        fs_err::remove_dir_all(self.project.path("target")).unwrap();
        let ran = run(&mut self.command());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(zips(self.project.root()) == self.zips, "{}", ran.stderr);
        (super::keyed::verbs(&ran.stderr), ran.stderr)
    }

    /// Some functions are built because the cache is damaged, which repairs it.
    fn builds(&self, count: usize, what: &str) -> String {
        let (verbs, stderr) = self.build();
        assert_eq!(verbs["Packed"].len(), count, "{what}: {stderr}");
        let (again, stderr_again) = self.build();
        assert_eq!(again, only("Cached", Self::all()), "{what}: {stderr_again}");
        stderr
    }
}

#[test]
fn damaged_and_exchanged_entries_are_refused_and_replaced() {
    let Some(scene) = Scene::new() else { return };
    let (verbs, stderr) = scene.build();
    assert_eq!(verbs, only("Cached", Scene::all()), "{stderr}");
    let edit = |file: &Path, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = fs_err::read(file).unwrap();
        change(&mut bytes);
        fs_err::write(file, bytes).unwrap();
    };
    let (zip, record) = (
        scene.files("zip")[0].clone(),
        scene.files("json")[0].clone(),
    );
    edit(&zip, &|bytes| bytes[1000] ^= 1);
    let stderr = scene.builds(1, "flipped bit in a zip");
    assert!(stderr.contains("in the cache is damaged"), "{stderr}");
    edit(&zip, &|bytes| bytes.truncate(1000));
    scene.builds(1, "truncated zip");
    edit(&zip, &Vec::clear);
    scene.builds(1, "empty zip");
    fs_err::remove_file(&zip).unwrap();
    scene.builds(1, "missing zip");
    edit(&record, &|bytes| bytes.truncate(100));
    scene.builds(1, "truncated record");
    let replaced = |from: &'static str, to: &'static str| {
        edit(&record, &|bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.contains(from), "{from}: {text}");
            *bytes = text.replacen(from, to, 1).into_bytes();
        });
    };
    replaced("CycloneDX", "CycloneDY");
    scene.builds(1, "changed bill of materials");
    replaced("\"bootstrap\"", "\"bootstrap2\"");
    scene.builds(1, "changed entry");
    replaced("\"0755\"", "\"0777\"");
    scene.builds(1, "changed mode");

    // Exchanged zips, and exchanged zips with their records.
    let exchange = |extension: &str| {
        let files = scene.files(extension);
        let [first, second] = [&files[0], &files[1]].map(|file| fs_err::read(file).unwrap());
        fs_err::write(&files[0], second).unwrap();
        fs_err::write(&files[1], first).unwrap();
    };
    exchange("zip");
    scene.builds(2, "exchanged zips");
    exchange("json");
    scene.builds(2, "exchanged records");
    exchange("zip");
    exchange("json");
    scene.builds(2, "exchanged entries");
    // Answers of tools are only answers, and garbage is not read as one.
    for file in files_in(&scene.cache.path().join("answers")) {
        let file = scene.cache.path().join("answers").join(file);
        edit(&file, &|bytes| bytes.truncate(bytes.len() / 2));
    }
    let (verbs, stderr) = scene.build();
    assert_eq!(verbs, only("Cached", Scene::all()), "{stderr}");
}

#[test]
fn two_runs_can_fill_and_use_one_cache_at_once() {
    let Some(scene) = Scene::new() else { return };
    let other = Project::called("other clone", &[]);
    super::project::copy(scene.project.root(), other.root());
    for round in 0..3 {
        if round > 0 {
            fs_err::remove_dir_all(scene.cache.path().join("zips")).unwrap();
        }
        for dir in [scene.project.root(), other.root()] {
            let _ = fs_err::remove_dir_all(dir.join("target/lambdapack"));
        }
        let start = |dir: &Path| {
            let mut build = scene.tools.build(dir, scene.cache.path());
            let build = build.stdout(Stdio::null()).stderr(Stdio::piped());
            build.spawn().unwrap()
        };
        for child in [start(scene.project.root()), start(other.root())] {
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success(), "{stderr}");
            assert!(!stderr.contains("warning"), "{stderr}");
        }
        for dir in [scene.project.root(), other.root()] {
            assert!(zips(dir) == scene.zips, "round {round}");
        }
        assert_eq!(scene.build().0, only("Cached", Scene::all()));
    }
}

/// Another run removes entries between the moments when they are found and copied.
#[test]
fn a_run_that_keeps_the_cache_small_does_not_disturb_others() {
    let Some(scene) = Scene::new() else { return };
    let other = Project::called("other clone", &[]);
    super::project::copy(scene.project.root(), other.root());
    for round in 0..10 {
        let source = format!("\"{round:6}\"");
        go_function(&other, "audit", &[], &source);
        for dir in [scene.project.root(), other.root()] {
            let _ = fs_err::remove_dir_all(dir.join("target/lambdapack"));
        }
        let start = |dir: &Path, size: &str| {
            let mut build = scene.tools.build(dir, scene.cache.path());
            build.args(["--cache-size", size]).stdout(Stdio::null());
            build.stderr(Stdio::piped()).spawn().unwrap()
        };
        let children = [start(other.root(), "0"), start(scene.project.root(), "5GB")];
        for child in children {
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success(), "{stderr}");
            assert!(!stderr.contains("warning"), "{stderr}");
        }
        assert!(zips(scene.project.root()) == scene.zips, "round {round}");
    }
    // Nothing else adds to the cache now, so the limit is kept.
    go_function(&other, "audit", &[], "\"last\"");
    let mut build = scene.tools.build(other.root(), scene.cache.path());
    built(build.args(["--cache-size", "0"]));
    let left = files_in(scene.cache.path());
    let zips_and_answers = left.iter().filter(|file| {
        let extension = file.extension();
        extension.is_some_and(|it| it == "zip" || it == "json")
    });
    assert_eq!(zips_and_answers.count(), 0, "{left:?}");
}

#[test]
fn a_read_only_cache_is_used_and_a_small_one_is_trimmed() {
    let Some(scene) = Scene::new() else { return };
    let size = fs_err::metadata(&scene.files("zip")[0]).unwrap().len();
    // Root can write to any folder, so a file takes the place of the cache of another run.
    let file = scene.project.path("not-a-folder");
    fs_err::write(&file, "").unwrap();
    let ran = run(&mut scene.tools.build(scene.project.root(), &file));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cannot write to the cache"),
        "{}",
        ran.stderr
    );
    if !rustix::process::geteuid().is_root() {
        let folders = |mode: &str| {
            ok(command("chmod", scene.project.root())
                .args(["-R", mode])
                .arg(scene.cache.path()));
        };
        folders("a-w");
        let (verbs, stderr) = scene.build();
        folders("u+w");
        assert_eq!(verbs, only("Cached", Scene::all()), "{stderr}");
        assert!(!stderr.contains("warning"), "{stderr}");
    }

    // One zip fits. The size counts only when something is stored.
    go_function(&scene.project, "audit", &[], "\"new\"");
    let mut build = scene.command();
    build.arg("--cache-size").arg((size * 3 / 2).to_string());
    let verbs = built(&mut build);
    assert_eq!(verbs["Packed"], ["audit".to_owned()].into(), "{verbs:?}");
    assert_eq!(
        (scene.files("zip").len(), scene.files("json").len()),
        (1, 1)
    );
    fs_err::remove_dir_all(scene.project.path("target")).unwrap();
    let verbs = built(&mut scene.command());
    assert_eq!(verbs["Cached"], ["audit".to_owned()].into(), "{verbs:?}");
}

/// The cache could contain what the source does not.
#[test]
fn verify_builds_even_if_the_configuration_has_a_cache() {
    let Some(scene) = Scene::new() else { return };
    let Some(strace) = tool("strace") else { return };
    let text = format!("cache = \"{}\"\n", scene.cache.path().display());
    scene.project.write("lambdapack.toml", &text);
    let configured = scene.tools.lambdapack(scene.project.root(), "build");
    fs_err::remove_dir_all(scene.project.path("target")).unwrap();
    let mut build = configured;
    assert_eq!(built(&mut build), only("Cached", Scene::all()));

    let trace = scene.project.path("trace");
    let mut verify = command(&strace, scene.project.root());
    verify
        .args(["-f", "-e", "trace=open,openat", "-o"])
        .arg(&trace);
    verify.args([LAMBDAPACK, "verify"]);
    let ran = run(&mut verify);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let opened = fs_err::read_to_string(trace).unwrap();
    assert!(opened.contains("main.go"), "go has read the sources");
    let cache = scene.cache.path().display().to_string();
    let lines = opened.lines().filter(|line| line.contains(&cache));
    assert_eq!(lines.collect::<Vec<_>>(), Vec::<&str>::new());
}

/// The zip is renamed before its record, and both are whole.
#[test]
fn a_run_killed_at_any_rename_leaves_no_entry_that_would_be_wrong() {
    let Some(scene) = Scene::new() else { return };
    let Some(strace) = tool("strace") else { return };
    let mut found = BTreeSet::new();
    for nth in 1.. {
        fs_err::remove_dir_all(scene.cache.path().join("zips")).unwrap();
        let mut killed = command(&strace, scene.project.root());
        killed.args(["-o", "/dev/null", "-f", "-e", "trace=/rename", "-e"]);
        killed.arg(format!("inject=/rename:signal=KILL:when={nth}"));
        let build = scene.command();
        // The results are up to date, so only the cache is written.
        let ran = run(killed.arg(build.get_program()).args(build.get_args()));
        if ran.code == Some(0) {
            break;
        }
        let complete = scene.files("json").len();
        found.insert((scene.files("zip").len(), complete));
        let (verbs, stderr) = scene.build();
        assert!(!stderr.contains("damaged"), "{verbs:?} {stderr}");
        let cached = verbs.get("Cached").map_or(0, BTreeSet::len);
        assert_eq!(cached, complete, "{stderr}");
    }
    let expected = [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (3, 2)];
    assert!(found.is_superset(&expected.into()), "{found:?}");
}
