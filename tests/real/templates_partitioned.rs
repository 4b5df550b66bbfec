//! The workflow of `init github --partitions`: its shell steps, run one after the other in clones,
//! with folders in place of GitHub's caches and artifacts.

use std::path::Path;

use serde_json::Value;

use super::go::function;
use super::project::{Project, copy, zips_in};
use super::support::{command, lambdapack, ok, with_lambdapack_on_path};
use super::templates::{has_go, iac, init, two};

const PARTS: [&str; 4] = ["1", "2", "3", "4"];

/// The shell steps by job and name.
fn steps(project: &Project) -> Option<Value> {
    let mut python = iac("python", project.root())?;
    let steps = ok(python.args([
        "-c",
        "import json, yaml\n\
         jobs = yaml.safe_load(open('.github/workflows/deploy.yml'))['jobs'].items()\n\
         print(json.dumps({name: {step['name']: step['run'] for step in job['steps']\n\
         \x20   if 'name' in step and 'run' in step} for name, job in jobs}))\n",
    ]));
    Some(serde_json::from_str(&steps).unwrap())
}

/// A clone on a runner, with its home folder.
struct Runner {
    source: Project,
    home: Project,
}

impl Runner {
    fn new(project: &Project) -> Self {
        let source = Project::new(&[]);
        copy(project.root(), source.root());
        let home = Project::new(&[("output", "")]);
        Self { source, home }
    }

    /// Runs a step. Returns its outputs.
    fn run(&self, script: &Value, variables: &[(&str, &str)]) -> String {
        let mut bash = command("bash", self.source.root());
        bash.args(["-e", "-c", script.as_str().unwrap()]);
        let go = |name: &str| {
            let go = ok(command("go", self.source.root()).args(["env", name]));
            go.trim().to_owned()
        };
        bash.env("GOMODCACHE", go("GOMODCACHE"));
        bash.env("GOCACHE", go("GOCACHE"));
        bash.env("HOME", self.home.root());
        bash.env("GITHUB_OUTPUT", self.home.path("output"));
        bash.envs(variables.iter().copied());
        let _path = with_lambdapack_on_path(&mut bash);
        // Go projects need no cargo.
        bash.env(
            "BASH_FUNC_cargo%%",
            "() { shift; cargo-lambdapack \"$@\"; }",
        );
        ok(&mut bash);
        fs_err::read_to_string(self.home.path("output")).unwrap()
    }

    fn results(&self) -> std::path::PathBuf {
        self.source.path("target/lambdapack")
    }
}

/// Runs the jobs up to the joined results. `saved` takes the place of the caches. Returns the
/// runner with the results, and whether functions were built.
fn pipeline(project: &Project, steps: &Value, saved: &Project) -> (Runner, bool) {
    let restore = |from: &str, runner: &Runner, to: &str| {
        if saved.path(from).exists() {
            copy(&saved.path(from), &runner.home.path(to));
        }
    };
    let save = |from: &Path, to: &str| {
        let _ = fs_err::remove_dir_all(saved.path(to));
        copy(from, &saved.path(to));
    };
    let compare = Runner::new(project);
    restore("results", &compare, "last-results");
    let output = compare.run(&steps["compare"]["Compare"], &[("KEY", "key")]);
    let is_changed = output.is_empty();
    assert!(is_changed || output == "unchanged=key\n", "{output}");
    let collect = Runner::new(project);
    if is_changed {
        for part in PARTS {
            let build = Runner::new(project);
            restore(part, &build, "zips");
            let variables = [("PART", part), ("PARTITIONS", "4")];
            build.run(&steps["build"]["Build"], &variables);
            if build.home.path("zips").exists() {
                save(&build.home.path("zips"), part);
            }
            if build.results().exists() {
                let to = collect.home.path(&format!("parts/part-{part}"));
                copy(&build.results(), &to);
            }
        }
    } else {
        restore("results", &collect, "last-results");
    }
    collect.run(&steps["collect"]["Collect"], &[]);
    save(&collect.home.path("last-results"), "results");
    (collect, is_changed)
}

#[test]
fn several_runners_have_the_results_of_one_and_build_only_what_changed() {
    if !has_go() {
        return;
    }
    let project = two();
    init(&project, &["github", "--partitions", "4"]);
    let Some(steps) = steps(&project) else {
        return;
    };
    let saved = Project::new(&[("empty", "")]);
    let assert_same = |results: &Runner| {
        let alone = Runner::new(&project);
        ok(&mut lambdapack(alone.source.root()));
        assert_eq!(zips_in(&results.results()), zips_in(&alone.results()));
        for file in ["manifest.json", "x86_64/orders.zip", "x86_64/users.zip"] {
            let [one, other] = [results, &alone].map(|it| fs_err::read(it.results().join(file)));
            assert!(one.unwrap() == other.unwrap(), "{file}");
        }
    };
    let (first, is_changed) = pipeline(&project, &steps, &saved);
    assert!(is_changed);
    assert_same(&first);
    let (second, is_changed) = pipeline(&project, &steps, &saved);
    assert!(!is_changed);
    assert_same(&second);
    project.write("users/main.go", &function("edited"));
    let (third, is_changed) = pipeline(&project, &steps, &saved);
    assert!(is_changed);
    assert_same(&third);
    // A function that was removed.
    fs_err::remove_dir_all(project.path("users")).unwrap();
    let (fourth, is_changed) = pipeline(&project, &steps, &saved);
    assert!(is_changed);
    assert_eq!(zips_in(&fourth.results()).len(), 1);
}
