//! Unusual locations of results and projects.

use std::os::unix::fs::MetadataExt;

use snapbox::str;

use crate::support::{Sandbox, bootstrap, snapshot};

/// Also nested folders, and for a single file.
#[test]
fn missing_folders_are_created() {
    let sandbox = Sandbox::orders();
    sandbox.run(&["--out-dir", "a/b/c"]).ok();
    bootstrap(&sandbox.path("a/b/c/x86_64/orders.zip"));
    sandbox.run(&["--out", "d/e/orders.zip"]).ok();
    bootstrap(&sandbox.path("d/e/orders.zip"));
}

/// Symlinks to folders and to missing files remain symlinks.
#[test]
fn results_are_written_through_symlinks() {
    let sandbox = Sandbox::orders();
    let link = |to: &str, from: &str| {
        fs_err::os::unix::fs::symlink(to, sandbox.path(from)).unwrap();
    };
    sandbox.write("store/.keep", "");
    link("store", "dist");
    sandbox.run(&["--out-dir", "dist"]).ok();
    assert!(sandbox.path("dist").is_symlink());
    bootstrap(&sandbox.path("store/x86_64/orders.zip"));
    link("store/new.zip", "link.zip");
    sandbox.run(&["--out", "link.zip"]).ok();
    assert!(bootstrap(&sandbox.path("link.zip")).contains("bin orders"));
}

/// A file can only be renamed within its file system, so it is written there.
#[cfg(target_os = "linux")]
#[test]
fn results_on_another_file_system_are_put_in_place() {
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else {
        return;
    };
    let sandbox = Sandbox::orders();
    let device = |path: &std::path::Path| fs_err::metadata(path).unwrap().dev();
    if device(memory.path()) == device(sandbox.root()) {
        return;
    }
    let place = |inside: &str| memory.path().join(inside);
    let path_text = |inside: &str| place(inside).to_str().unwrap().to_owned();
    for source in ["// one", "// two"] {
        sandbox.append("src/main.rs", source);
        sandbox.run(&["--out-dir", &path_text("dist")]).ok();
        let zip = place("dist/x86_64/orders.zip");
        assert!(bootstrap(&zip).contains(source));
        sandbox.run(&["--out", &path_text("orders.zip")]).ok();
        assert!(bootstrap(&place("orders.zip")).contains(source));
        let dir = ["--format", "dir", "--out-dir", &path_text("dir")];
        sandbox.run(&dir).ok();
        assert!(place("dir/x86_64/orders/bootstrap").exists());
    }
    // No temporary files remain.
    let mut left = snapshot(memory.path()).into_keys();
    assert!(!left.any(|path| path.to_string_lossy().contains("tmp-")));
}

/// Longer than Windows allows, and nearly the maximum for a name on this system.
#[test]
fn paths_of_more_than_260_characters_work() {
    let sandbox = Sandbox::new();
    let name = "ä 100% $x ".repeat(10).trim().to_owned();
    let long = format!("{name}/{name}/{name}");
    assert!(long.chars().count() > 260);
    sandbox.function(&format!("{long}/rust"), "orders");
    sandbox.go_module(&format!("{long}/go"), "example.com/api");
    sandbox.go_function(&format!("{long}/go"));
    let paths = ["rust", "go"].map(|dir| format!("{long}/{dir}"));
    let out = format!("dist/{long}");
    let args = [&*paths[0], &*paths[1], "--out-dir", &*out];
    let first = sandbox.run(&args).ok();
    let again = sandbox.run(&args).ok().stderr_eq(str![[r#"
       Fresh api x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(again.stdout, first.stdout);
    assert_eq!(first.stdout.matches(&name).count(), 6, "{first}");
    for zip in ["orders", "api"] {
        bootstrap(&sandbox.path(&format!("{out}/x86_64/{zip}.zip")));
    }
    sandbox.run_in(&paths[0], &["--dry-run"]).ok();
    sandbox.run_in(&paths[1], &[]).ok();
    assert!(sandbox.exists(&format!("{long}/go/target/lambdapack/x86_64/api.zip")));
}

/// Characters that Windows forbids in names, and all other places that contain paths.
#[test]
fn quotes_in_all_paths_are_preserved() {
    let mut sandbox = Sandbox::new();
    let odd = "\"it's\" 100%41 $HOME `x` a=b \\ 🦀\tß";
    sandbox.function(&format!("{odd}/rust"), "orders");
    let manifest = format!("{odd}/rust/Cargo.toml");
    let place = |name: &str| format!("{odd}/{name}");
    let (target, out, zip) = (place("target"), place("dist"), place("a=b.zip"));
    let common = ["--manifest-path", &manifest, "--target-dir", &target];
    sandbox
        .run(&[&common[..], &["--out-dir", &out]].concat())
        .ok();
    bootstrap(&sandbox.path(&format!("{out}/x86_64/orders.zip")));
    sandbox.run(&[&common[..], &["--out", &zip]].concat()).ok();
    bootstrap(&sandbox.path(&zip));
    assert!(sandbox.exists(&format!("{target}/x86_64-unknown-linux-gnu")));
    // Many machines have a home folder like this one.
    for name in ["HOME", "CARGO_HOME"] {
        let home = sandbox.path(&place(name));
        fs_err::create_dir(&home).unwrap();
        sandbox.set(name, home.to_str().unwrap());
    }
    sandbox.run_in(&place("rust"), &["--arch", "arm64"]).ok();
    assert!(sandbox.exists(&place("rust/target/lambdapack/arm64/orders.zip")));
}
