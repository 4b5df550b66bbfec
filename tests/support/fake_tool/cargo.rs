//! Simulates cargo. `metadata` calls the real Cargo; `build` writes executables.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, thread};

use serde_json::{Value, json};

use crate::{CLIENT, EXTENSION, affected, control, home, values, write, write_script};

pub(crate) fn real() -> Command {
    Command::new(env::var_os("FAKE_REAL_CARGO").unwrap())
}

/// The dependencies for a target need the real rustc, which knows the target.
pub(crate) fn metadata(args: &[String]) -> ExitCode {
    let mut real = real();
    let rustc =
        Path::new(real.get_program()).with_file_name(format!("rustc{}", env::consts::EXE_SUFFIX));
    if env::var_os("CARGO_ENCODED_RUSTFLAGS").is_some() && rustc.is_file() {
        real.env("RUSTC", rustc).env_remove("RUSTC_WRAPPER");
    }
    // The builds for two architectures are described at the same time. One of the calls would take
    // the lock file of the other one for the user's, and leave it there.
    let lock = fs_err::File::create(home().join("metadata.lock")).unwrap();
    lock.file().lock().unwrap();
    let lock_file = env::current_dir().unwrap().join("Cargo.lock");
    let is_locked = lock_file.exists();
    let status = real.args(args).status().unwrap();
    if !is_locked {
        // The real `cargo build` has written it before; this one has not.
        let _ = fs_err::remove_file(lock_file);
    }
    ExitCode::from(u8::try_from(status.code().unwrap()).unwrap())
}

/// `builder` is added to the executables.
pub(crate) fn build(args: &[String], builder: &str) -> ExitCode {
    let asked = real()
        .args(["metadata", "--no-deps", "--format-version=1"])
        .output();
    let metadata: Value = serde_json::from_slice(&asked.unwrap().stdout).unwrap();
    let string = |value: &Value| value.as_str().unwrap().to_owned();
    let (platform, profile) = (values(args, "--target"), values(args, "--profile")[0]);
    let platform = platform.first().copied();
    let triple = platform.unwrap_or("this machine");
    let target_dir = match values(args, "--target-dir")[..] {
        [dir] => PathBuf::from(dir),
        _ => string(&metadata["target_directory"]).into(),
    };
    fs_err::create_dir_all(&target_dir).unwrap();
    let lock = fs_err::File::create(target_dir.join(".cargo-lock")).unwrap();
    lock.file().lock().unwrap();
    // `name@version`, as in package ID specifications.
    let specs = values(args, "-p").into_iter();
    let packages: BTreeSet<_> = specs.map(|spec| spec.split('@').next().unwrap()).collect();
    let mut wanted = BTreeSet::new();
    for kind in ["bin", "example"] {
        let names = values(args, &format!("--{kind}"));
        wanted.extend(
            names
                .iter()
                .map(|name| (kind.to_owned(), (*name).to_owned())),
        );
    }
    let mut found = BTreeSet::new();
    let all = metadata["packages"].as_array().unwrap().iter();
    let mine = all.filter(|p| packages.contains(p["name"].as_str().unwrap()));
    let mut mine: Vec<_> = mine.collect();
    if control("backwards").is_some() {
        mine.reverse();
    }
    for package in mine {
        for target in package["targets"].as_array().unwrap() {
            let (kind, name) = (string(&target["kind"][0]), string(&target["name"]));
            if !wanted.contains(&(kind.clone(), name.clone())) {
                continue;
            }
            found.insert((kind.clone(), name.clone()));
            let mut path = target_dir.join(platform.unwrap_or_default());
            path.push(profile);
            if kind == "example" {
                path.push("examples");
            }
            path.push(&name);
            // Cargo unifies features across the packages of a run, so the selected packages
            // determine the output.
            let manifest = string(&package["manifest_path"]);
            let embedded = if affected("embeds-path", &name) {
                &manifest
            } else {
                ""
            };
            let client = clients(package, &name);
            let text = format!(
                "package {} {kind} {name} for {triple} with {profile}{builder}, built with {packages:?}\n{}{embedded}\n{client}",
                package["name"],
                sources(&Path::new(&manifest).with_file_name("src"))
            );
            match platform {
                Some(triple) => write(&path, triple.split('-').next().unwrap(), &text),
                None => write_script(&path, &text),
            }
            if affected("print-nothing", &name) {
                continue;
            }
            let message = json!({
                "reason": "compiler-artifact", "package_id": package["id"],
                "manifest_path": manifest, "target": target, "features": [],
                "profile": {"opt_level": "3", "debuginfo": 0, "debug_assertions": false,
                            "overflow_checks": false, "test": false},
                "filenames": [path], "executable": path, "fresh": false,
            });
            println!("{message}");
            if !goes_on_after(&name) {
                return ExitCode::from(101);
            }
        }
    }
    println!("{}", json!({"reason": "build-finished", "success": true}));
    match wanted.difference(&found).next() {
        None => ExitCode::SUCCESS,
        Some((kind, name)) => {
            let _ = writeln!(std::io::stderr(), "error: no {kind} target named `{name}`");
            ExitCode::from(101)
        }
    }
}

/// The API paths that a binary contains: those of its package's dependencies, unless
/// `no-client` names the binary.
fn clients(package: &Value, name: &str) -> String {
    let dependencies = package["dependencies"].as_array().unwrap();
    let depends_on = |wanted: &[&str]| {
        let mut names = dependencies.iter().map(|one| one["name"].as_str().unwrap());
        names.any(|name| wanted.contains(&name))
    };
    let mut paths = Vec::new();
    if depends_on(&["lambda_runtime", "lambda_http"]) {
        paths.push(CLIENT);
    }
    if depends_on(&["lambda-extension"]) {
        paths.push(EXTENSION);
    }
    if affected("no-client", name) {
        paths.clear();
    }
    paths.concat()
}

/// Performs the actions in `then`. Returns false if the build should stop.
fn goes_on_after(name: &str) -> bool {
    let then = control("then").unwrap_or_default();
    for line in then.lines() {
        let words: Vec<_> = line.splitn(3, ' ').collect();
        match words[..] {
            [of, ..] if of != name => {}
            [_, "wait", folder] if waited_for_temporary(Path::new(folder)) => {}
            [_, "write", file] => fs_err::write(file, "written by cargo").unwrap(),
            [_, "sleep"] => thread::sleep(Duration::from_secs(60)),
            _ => return false,
        }
    }
    true
}

fn waited_for_temporary(folder: &Path) -> bool {
    let is_temporary = |name: OsString| name.to_string_lossy().starts_with(".lambdapack-tmp-");
    let is_there = || {
        let mut entries = fs_err::read_dir(folder).into_iter().flatten();
        entries.any(|entry| is_temporary(entry.unwrap().file_name()))
    };
    let start = Instant::now();
    while !is_there() && start.elapsed() < Duration::from_secs(120) {
        thread::sleep(Duration::from_millis(5));
    }
    is_there()
}

/// The contents of all files below a folder.
fn sources(dir: &Path) -> String {
    let mut paths: Vec<_> = fs_err::read_dir(dir)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let text = |path: PathBuf| {
        if path.is_dir() {
            sources(&path)
        } else {
            fs_err::read_to_string(path).unwrap()
        }
    };
    paths.into_iter().map(text).collect()
}
