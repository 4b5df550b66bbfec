//! `coldstart` with functions built by real compilers. The tests compare CPU time, memory, and
//! page faults, which are stable on a shared machine. They do not compare wall time.

use std::path::{Path, PathBuf};

use cargo_lambdapack::internals::Arch;
use serde_json::Value;

use super::support::{lambdapack, ok, repository, tell};
use super::template::Template::{Go, Rust};
use super::template::packed;
use super::toolchain::{host_arch, rust};

/// A folder on a disk, unless the repository itself is in memory.
fn on_a_disk() -> PathBuf {
    let folder = repository().join("target/real/temporary");
    fs_err::create_dir_all(&folder).unwrap();
    folder
}

fn is_in_memory(folder: &Path) -> bool {
    const TMPFS: rustix::fs::FsWord = 0x0102_1994;
    rustix::fs::statfs(folder).unwrap().f_type == TMPFS
}

/// Measures zips, and returns the whole report as JSON.
fn measured(zips: &[&Path], more: &[&str]) -> Value {
    let folder = on_a_disk();
    let mut coldstart = lambdapack(repository());
    coldstart.env("TMPDIR", &folder).arg("coldstart").args(zips);
    coldstart.args(["--data", r#"{"name":"Ada"}"#, "--times", "20"]);
    coldstart.args(["--message-format", "json"]).args(more);
    let run: Value = serde_json::from_str(&ok(&mut coldstart)).unwrap();
    the_control_has_the_memory_of_the_first(&run);
    what_was_to_be_read_from_a_disk_was(&run, &folder);
    run
}

/// The figures of one function with the page cache state closest to Lambda's.
fn figures(run: &Value, index: usize) -> &Value {
    let all = &run["functions"][index]["page_cache"];
    all.get("cold").unwrap_or(&all["warm"])
}

fn the_control_has_the_memory_of_the_first(run: &Value) {
    let control = run["functions"].as_array().unwrap().len() - 1;
    assert_eq!(run["functions"][control]["control"], true);
    let compared = &figures(run, control)["peak_bytes"]["compared"];
    let (low, high) = (compared["low"].as_f64(), compared["high"].as_f64());
    assert!(low.unwrap() > 0.9 && high.unwrap() < 1.1, "{compared}");
}

fn what_was_to_be_read_from_a_disk_was(run: &Value, folder: &Path) {
    for one in run["functions"].as_array().unwrap() {
        let of = |cache: &str| one["page_cache"][cache]["major_faults"]["median"].as_f64();
        if is_in_memory(folder) {
            assert_eq!(of("cold"), None, "{one}");
        } else {
            assert!(of("cold").unwrap() > 0.0, "{one}");
        }
        assert_eq!(of("warm"), Some(0.0), "{one}");
    }
}

#[track_caller]
fn assert_verdict(run: &Value, metric: &str, verdict: &str) {
    let compared = &figures(run, 1)[metric]["compared"];
    assert_eq!(compared["verdict"], verdict, "{metric}: {compared}");
}

#[test]
fn go_uses_more_cpu_time_and_memory_than_rust() {
    let (Some(rust), Some(go)) = (packed(Rust, host_arch()), packed(Go, host_arch())) else {
        return;
    };
    let run = measured(&[&rust.zip, &go.zip], &[]);
    for metric in ["cpu_ms", "peak_bytes", "minor_faults"] {
        assert_verdict(&run, metric, "more");
    }
}

/// The template as plain Cargo would build it.
fn plain(arch: Arch) -> Option<PathBuf> {
    let rust = rust(arch)?;
    let _guard = Rust.lock();
    let zip = on_a_disk().join("plain.zip");
    let mut pack = rust.lambdapack(Rust.dir());
    pack.args(["--locked", "--profile", "release", "--arch", arch.name()]);
    pack.arg("--target-dir").arg(rust.target_dir());
    ok(pack.arg("--out").arg(&zip));
    Some(zip)
}

#[test]
fn the_profile_of_the_template_makes_it_smaller_and_no_slower() {
    let (Some(small), Some(plain)) = (packed(Rust, host_arch()), plain(host_arch())) else {
        return;
    };
    let size = |zip: &Path| fs_err::metadata(zip).unwrap().len();
    let (less, more) = (size(&small.zip), size(&plain));
    tell(&format!(
        "{less} bytes, and {more} of a plain release build"
    ));
    assert!(less * 3 < more * 2, "{less} of {more} bytes");
    let run = measured(&[&plain, &small.zip], &["--max-ratio", "1.5"]);
    assert_verdict(&run, "peak_bytes", "less");
    let cpu = &figures(&run, 1)["cpu_ms"]["compared"];
    assert_ne!(cpu["verdict"], "more", "{cpu}");
}
