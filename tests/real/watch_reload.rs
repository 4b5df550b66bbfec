//! `watch` while sources change: every request is answered by the program of its time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::http_client::request;
use super::support::{command, ok, tell, tool};
use super::watch_scene::{
    Answer, MANIFEST, NAME, Scene, Watched, assert_text, call, get, wait_for_change, wait_for_text,
};
use super::watching::Watching;

/// A request of the load, and its answer.
struct Sample {
    sent: Instant,
    took: Duration,
    status: u16,
    text: String,
}

/// The number of saves that are awaited before the next one.
const SINGLE_SAVES: usize = 20;
/// The number of saves without a pause for a build.
const QUICK_SAVES: usize = 30;

/// Sends a request every 10 ms, each on a connection of its own, while `work` runs.
fn under_load(port: u16, work: impl FnOnce()) -> Vec<Sample> {
    let samples = Mutex::new(Vec::new());
    let stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (samples, stopped) = (&samples, &stopped);
        scope.spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                scope.spawn(move || {
                    let sent = Instant::now();
                    let target = format!("/lambda-url/{NAME}/");
                    let response = request(port, "GET", &target, &[], b"");
                    let (status, text) = match response {
                        Ok(response) => (response.head.status, response.text()),
                        Err(error) => (0, error.to_string()),
                    };
                    samples.lock().unwrap().push(Sample {
                        sent,
                        took: sent.elapsed(),
                        status,
                        text,
                    });
                });
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        work();
        stopped.store(true, Ordering::Relaxed);
    });
    samples.into_inner().unwrap()
}

/// The durations of the builds that changed a program, in seconds.
fn builds(events: &[Value]) -> Vec<f64> {
    let reloads = |event: &&Value| {
        event["event"] == "built"
            && event["reloaded"]
                .as_array()
                .is_some_and(|all| !all.is_empty())
    };
    let built = events.iter().filter(reloads);
    built
        .map(|event| event["duration_ms"].as_f64().unwrap() / 1000.0)
        .collect()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn saves_under_load(language: Watched) {
    let Some(scene) = Scene::new(language) else {
        return;
    };
    let watching = scene.watch(&[]);
    assert_text(&watching, "/", "0");
    let mut saves = Vec::new();
    let mut save = |number: usize| {
        scene.save(&number.to_string());
        saves.push((Instant::now(), number));
    };
    let (mut waits, mut overheads, mut durations) = (Vec::new(), Vec::new(), Vec::new());
    let mut quick_builds = 0;
    let samples = under_load(watching.port, || {
        for number in 1..=SINGLE_SAVES {
            let skipped = watching.events().len();
            let start = Instant::now();
            save(number);
            wait_for_text(&watching, "/", &number.to_string());
            let wait = start.elapsed().as_secs_f64();
            let built: f64 = builds(&watching.events()[skipped..]).iter().sum();
            waits.push(wait);
            durations.push(built);
            overheads.push(wait - built);
        }
        let skipped = watching.events().len();
        let last = SINGLE_SAVES + QUICK_SAVES;
        save(SINGLE_SAVES + 1);
        watching.wait_after(skipped, "building", |_| true);
        for number in SINGLE_SAVES + 2..=last {
            save(number);
            std::thread::sleep(Duration::from_millis(2));
        }
        wait_for_text(&watching, "/", &last.to_string());
        let events = &watching.events()[skipped..];
        quick_builds = events
            .iter()
            .filter(|event| event["event"] == "building")
            .count();
    });
    let (wait, build) = (median(&mut waits), median(&mut durations));
    let overhead = median(&mut overheads);
    let longest = samples.iter().map(|sample| sample.took).max().unwrap();
    tell(&format!(
        "{language:?}: {} requests, save to answer {wait:.3} s, build {build:.3} s, difference \
         {overhead:.3} s (at most {:.3} s), longest request {longest:.3?}",
        samples.len(),
        overheads.last().unwrap(),
    ));
    let lost: Vec<_> = samples
        .iter()
        .filter(|sample| sample.status != 200)
        .collect();
    let first = lost.first().map(|sample| (sample.status, &sample.text));
    assert_eq!((lost.len(), first), (0, None), "of {}", samples.len());
    assert!(longest < Duration::from_secs(30), "{longest:?}");
    // Half of the limits are for a busy machine.
    assert!(
        wait < 2.0 * (build + 0.3),
        "{wait} s, and the build alone took {build} s"
    );
    assert!(quick_builds <= 2, "{quick_builds} builds");
    assert_one_compiler_at_a_time(&watching.events());

    // A change is noticed at once. A busy machine may be late, but not much.
    let stale = |limit: Duration| {
        let is_stale = |sample: &&Sample| {
            let before = saves
                .iter()
                .rev()
                .find(|(saved, _)| *saved + limit <= sample.sent);
            before.is_some_and(|(_, number)| sample.text.parse::<usize>().unwrap() < *number)
        };
        samples.iter().filter(is_stale).count()
    };
    let soon = stale(Duration::from_millis(60));
    tell(&format!("{soon} stale answers 60 ms after a save"));
    assert!(soon <= 2, "{soon} stale answers 60 ms after a save");
    assert_eq!(stale(Duration::from_millis(500)), 0, "stale answers");
    watching.end();
}

/// Between two starts of a compiler, a build has ended.
fn assert_one_compiler_at_a_time(events: &[Value]) {
    let mut is_building = false;
    for event in events {
        match event["event"].as_str().unwrap() {
            "building" => {
                assert!(!is_building, "two builds at the same time");
                is_building = true;
            }
            "built" | "build-failed" => is_building = false,
            _ => {}
        }
    }
}

#[test]
fn fifty_saves_of_a_rust_function_under_load_lose_nothing_and_leave_nothing_stale() {
    saves_under_load(Watched::Rust);
}

#[test]
fn fifty_saves_of_a_go_function_under_load_lose_nothing_and_leave_nothing_stale() {
    saves_under_load(Watched::Go);
}

/// Waits for the next failed build, and asserts that requests are answered with this text.
#[track_caller]
fn assert_fails(watching: &Watching, skipped: usize, text: &str) {
    watching.wait_after(skipped, "build-failed", |_| true);
    let answer = get(watching, "/");
    assert_eq!(answer.status, 502, "{answer:?}");
    assert!(answer.text.contains(text), "{answer:?}");
}

/// The process of the instance that served the last request.
fn last_instance(watching: &Watching) -> Value {
    let events = watching.events();
    let mut started = events.iter().rev();
    let started = started.find(|event| event["event"] == "instance-started");
    started.unwrap()["process_id"].clone()
}

#[track_caller]
fn in_flight(port: u16, path: String) -> std::thread::JoinHandle<Answer> {
    let target = format!("/lambda-url/{NAME}{path}");
    let request = std::thread::spawn(move || call(port, "GET", &target, &[], b""));
    std::thread::sleep(Duration::from_millis(100));
    request
}

fn changes(language: Watched) {
    let Some(scene) = Scene::new(language) else {
        return;
    };
    let project = &scene.project;
    let watching = scene.watch(&["--timeout", "60"]);
    assert_text(&watching, "/", "0");
    let started = Instant::now();
    let mut steps = Vec::new();
    let mut step = |name: &'static str| {
        steps.push(format!("{name} {:.1} s", started.elapsed().as_secs_f64()));
    };

    // A change that does not change the program keeps the instance.
    let (skipped, instance) = (watching.events().len(), last_instance(&watching));
    project.write("README.md", "about it");
    let built = watching.wait_after(skipped, "built", |_| true);
    assert_eq!(built["reloaded"].as_array().unwrap().len(), 0, "{built}");
    assert_text(&watching, "/", "0");
    assert_eq!(last_instance(&watching), instance);
    step("unchanged");

    // A request in flight finishes on the old program, also if the new one is ready before.
    let end = project.path("../end");
    let slow = in_flight(watching.port, format!("/until/{}", end.display()));
    let skipped = watching.events().len();
    scene.save("1");
    wait_for_change(&watching, skipped);
    assert_text(&watching, "/", "1");
    assert!(!slow.is_finished());
    fs_err::write(end, "").unwrap();
    let slow = slow.join().unwrap();
    assert_eq!((slow.status, &*slow.text), (200, "0"), "{slow:?}");
    step("in flight");

    // An editor that replaces the file.
    let skipped = watching.events().len();
    let (file, text) = scene.version_file("2");
    project.write("temporary", &text);
    fs_err::rename(project.path("temporary"), project.path(file)).unwrap();
    wait_for_change(&watching, skipped);
    wait_for_text(&watching, "/", "2");
    step("replaced");

    // The embedded file.
    assert_text(&watching, "/greeting", "hello");
    let skipped = watching.events().len();
    scene.write_greeting("good bye");
    wait_for_change(&watching, skipped);
    assert_text(&watching, "/greeting", "good bye");
    step("embedded");

    // A broken manifest, and its repair.
    let skipped = watching.events().len();
    scene.write_manifest(true);
    let manifest = match language {
        Watched::Rust => "Cargo.toml",
        Watched::Go => "go.mod",
    };
    assert_fails(&watching, skipped, manifest);
    let skipped = watching.events().len();
    scene.write_manifest(false);
    wait_for_change(&watching, skipped);
    assert_text(&watching, "/", "2");
    step("manifest");

    // A broken configuration, and its repair.
    let skipped = watching.events().len();
    project.write("lambdapack.toml", "[broken");
    assert_fails(&watching, skipped, "lambdapack.toml");
    let skipped = watching.events().len();
    project.write("lambdapack.toml", "");
    wait_for_change(&watching, skipped);
    assert_text(&watching, "/", "2");
    step("configuration");

    // A new function, and its end.
    let skipped = watching.events().len();
    let (folder, main) = match language {
        Watched::Rust => ("src/bin/other", "main.rs"),
        Watched::Go => ("other", "main.go"),
    };
    let source = match language {
        Watched::Rust => fs_err::read_to_string(project.path("src/main.rs")).unwrap(),
        Watched::Go => super::go::function("other"),
    };
    if language == Watched::Rust {
        project.write("src/bin/other/greeting.txt", "other");
        project.write(
            "src/bin/other/version.rs",
            "pub const VERSION: &str = \"other\";",
        );
    }
    project.write(&format!("{folder}/{main}"), &source);
    watching.wait_after(skipped, "function-added", |event| {
        event["function"] == "other"
    });
    let other = call(watching.port, "GET", "/lambda-url/other/", &[], b"");
    assert_eq!((other.status, &*other.text), (200, "other"), "{other:?}");
    assert_text(&watching, "/", "2");
    let skipped = watching.events().len();
    fs_err::remove_dir_all(project.path(folder)).unwrap();
    watching.wait_after(skipped, "build-failed", |event| {
        event["functions"] == serde_json::json!(["other"])
    });
    let other = call(watching.port, "GET", "/lambda-url/other/", &[], b"");
    assert_eq!(other.status, 502, "{other:?}");
    assert!(other.text.contains("no longer"), "{other:?}");
    assert_text(&watching, "/", "2");
    step("function added and removed");

    // A renamed source folder, and its return.
    let skipped = watching.events().len();
    let source = project.path(file).parent().unwrap().to_owned();
    let renamed = project.root().with_file_name("renamed");
    fs_err::rename(&source, &renamed).unwrap();
    assert_fails(&watching, skipped, "");
    let skipped = watching.events().len();
    fs_err::rename(&renamed, &source).unwrap();
    wait_for_change(&watching, skipped);
    wait_for_text(&watching, "/", "2");
    step("folder gone");

    switch_branches(&scene, &watching);
    step("branches");
    tell(&steps.join(", "));
    watching.end();
}

/// Two branches with different versions.
fn switch_branches(scene: &Scene, watching: &Watching) {
    let Some(git) = tool("git") else { return };
    let run = |args: &[&str]| {
        let mut command = command(&git, scene.project.root());
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
        ok(command.args(args))
    };
    scene.project.write(".gitignore", "/target\n");
    run(&["init", "-q", "-b", "one"]);
    run(&["add", "."]);
    run(&["commit", "-q", "-m", "one"]);
    run(&["checkout", "-q", "-b", "two"]);
    scene.save("branch two");
    run(&["commit", "-q", "-a", "-m", "two"]);
    wait_for_text(watching, "/", "branch two");
    for (branch, version) in [("one", "2"), ("two", "branch two")] {
        let skipped = watching.events().len();
        run(&["checkout", "-q", branch]);
        wait_for_change(watching, skipped);
        assert_text(watching, "/", version);
    }
}

#[test]
fn each_kind_of_change_reaches_a_rust_function() {
    changes(Watched::Rust);
}

#[test]
fn each_kind_of_change_reaches_a_go_function() {
    changes(Watched::Go);
}

/// The compiler reports the files that it read.
#[test]
fn a_file_outside_of_the_project_is_watched() {
    let Some(scene) = Scene::new(Watched::Rust) else {
        return;
    };
    scene.project.write("../outside/text.txt", "one");
    scene.project.write("Cargo.toml", MANIFEST);
    scene.project.write(
        "src/version.rs",
        "pub const VERSION: &str = include_str!(\"../../outside/text.txt\");\n",
    );
    let watching = scene.watch(&[]);
    assert_text(&watching, "/", "one");
    for text in ["two", "three"] {
        let skipped = watching.events().len();
        scene.project.write("../outside/text.txt", text);
        wait_for_change(&watching, skipped);
        assert_text(&watching, "/", text);
    }
    watching.end();
}
