//! Finished functions are checked and packaged while cargo builds the rest. Results are still
//! all or nothing.

use snapbox::str;

use crate::support::Sandbox;

/// Three functions. cargo reports the first, and then waits until it is packaged.
fn waiting(then: &str) -> Sandbox {
    waiting_for("x86_64", then)
}

fn waiting_for(folder: &str, then: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b", "c"]);
    let folder = sandbox.out(folder);
    let then = format!("a wait {}\n{then}", folder.display());
    sandbox.control("then", &then);
    sandbox
}

/// Like [`waiting`], but each function was packaged before and has changed.
fn waiting_again(then: &str) -> Sandbox {
    let sandbox = waiting(then);
    let text = fs_err::read_to_string(sandbox.root().join("then")).unwrap();
    sandbox.uncontrol("then");
    sandbox.run(&[]).ok();
    sandbox.control("then", &text);
    for name in ["a", "b", "c"] {
        sandbox.append(&format!("{name}/src/main.rs"), "// changed");
    }
    sandbox
}

#[test]
fn the_first_function_is_packaged_while_cargo_compiles_the_others() {
    let sandbox = waiting("");
    sandbox.run(&[]).ok();
    for name in ["a", "b", "c"] {
        let text = sandbox.packed(&format!("x86_64/{name}.zip"));
        assert!(text.contains(&format!("bin {name} ")), "{text}");
    }
}

#[test]
fn a_folder_is_packaged_while_cargo_compiles() {
    let sandbox = waiting_for("x86_64/a", "");
    sandbox.run(&["--format", "dir"]).ok();
    assert!(sandbox.exists("target/lambdapack/x86_64/a/bootstrap"));
}

#[test]
fn a_later_compiler_failure_keeps_existing_results() {
    let sandbox = waiting_again("b fail");
    let before = sandbox.snapshot();
    let ran = sandbox.run(&[]).ends_with(101);
    assert!(ran.stderr.is_empty(), "{ran}");
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn a_later_compiler_failure_leaves_no_folder() {
    for format in ["zip", "dir"] {
        let folder = ["x86_64", "x86_64/a"][usize::from(format == "dir")];
        let sandbox = waiting_for(folder, "b fail");
        sandbox.run(&["--format", format]).ends_with(101);
        assert!(!sandbox.exists("target/lambdapack/x86_64"), "{format}");
        assert!(sandbox.exists("target/lambdapack"));
    }
}

#[test]
fn a_later_compiler_failure_suppresses_findings() {
    let sandbox = waiting("b fail");
    sandbox.control("wrong-arch", "b");
    let ran = sandbox.run(&[]).ends_with(101);
    assert!(ran.stderr.is_empty(), "{ran}");
}

#[test]
fn all_rejections_are_reported_in_planned_order() {
    let sandbox = waiting_again("");
    // cargo reports c first, and a last.
    sandbox.control("backwards", "");
    let then = format!("b wait {}", sandbox.out("x86_64").display());
    sandbox.control("then", &then);
    sandbox.control("wrong-arch", "c a");
    let before = sandbox.snapshot();
    let ran = sandbox.run(&[]).ends_with(104);
    let positions = ["a (x86_64): ", "c (x86_64): "].map(|name| ran.stderr.find(name).unwrap());
    assert!(positions[0] < positions[1], "{ran}");
    assert_eq!(ran.stderr.matches("error: ").count(), 2, "{ran}");
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn notes_and_results_are_printed_in_planned_order() {
    let sandbox = Sandbox::new();
    let names: Vec<_> = ('a'..='z').map(String::from).collect();
    let members: Vec<_> = names.iter().map(String::as_str).collect();
    sandbox.workspace(&members);
    for control in ["", "backwards"] {
        if !control.is_empty() {
            sandbox.control(control, "");
        }
        let ran = sandbox.run(&["-v"]).ok();
        let lines = |verb: &str| {
            let lines = ran.stderr.lines().filter_map(|line| line.split_once(verb));
            let names: Vec<_> = lines.map(|(_, what)| what.trim()[..1].to_owned()).collect();
            names
        };
        assert_eq!(
            lines(" Checked "),
            names[..lines(" Checked ").len()],
            "{ran}"
        );
        let done = [lines(" Packed "), lines(" Fresh ")].concat();
        assert_eq!(done, names, "{ran}");
    }
}

/// Otherwise one zip would contain the file's old content, and the next one its new content.
#[test]
fn an_include_written_during_the_build_is_rejected() {
    let sandbox = waiting_again("");
    sandbox.write("data.txt", "as it was");
    let then = format!(
        "a wait {}\nc write {}",
        sandbox.out("x86_64").display(),
        sandbox.path("data.txt").display()
    );
    sandbox.control("then", &then);
    let before = sandbox.snapshot();
    let ran = sandbox.run(&["--include", "data.txt"]).ends_with(103);
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
    let ran = ran.stderr_eq(str![[r#"
error: `[ROOT]/project/data.txt` changed while it was read
help: make sure that nothing writes to it, and run again

"#]]);
    assert_eq!(sandbox.snapshot(), before, "{ran}");
}

#[test]
fn old_results_are_replaced_only_if_all_functions_pass() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b"]);
    sandbox.write("data", "a file");
    let args = ["--format", "dir", "--include", "data"];
    sandbox.run(&args).ok();
    let before = sandbox.snapshot();
    sandbox.remove("data");
    sandbox.write("data/inner", "in a folder");
    sandbox.control("wrong-arch", "b");
    sandbox.run(&args).ends_with(104);
    assert_eq!(sandbox.snapshot(), before);
    sandbox.uncontrol("wrong-arch");
    sandbox.run(&args).ok();
    for name in ["a", "b"] {
        assert!(sandbox.exists(&format!("target/lambdapack/x86_64/{name}/data/inner")));
    }
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_no_new_results() {
    use rustix::process::{Pid, Signal, kill_process};

    use crate::support::{wait, wait_for};

    let sandbox = waiting_again("a sleep");
    let before = sandbox.snapshot();
    let child = sandbox.start(&[]);
    wait_for("the first is packed", || {
        sandbox.snapshot().len() > before.len()
    });
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    wait(child).ends_with(130);
    assert_eq!(sandbox.snapshot(), before);
}

/// Each function has three files, and macOS allows 256 open files.
#[cfg(unix)]
#[test]
fn many_functions_need_few_open_files() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/api");
    for number in 0..50 {
        sandbox.go_function(&format!("cmd/function-{number}"));
    }
    sandbox.run_after("ulimit -n 64", &[]).ok();
    let dir = sandbox.out("");
    let args = ["collect", dir.to_str().unwrap(), "--out-dir", "joined"];
    sandbox.run_after("ulimit -n 64", &args).ok();
    assert_eq!(sandbox.results().len(), 50 * 3 + 1);
    assert_eq!(
        sandbox.read("joined/manifest.json"),
        sandbox
            .read("target/lambdapack/manifest.json")
            .replace("\"../..\"", "\"..\"")
    );
}
