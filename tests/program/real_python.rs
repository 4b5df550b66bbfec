//! Asks the machine's real Pythons, if there are any, for ziglang.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use crate::support::Sandbox;

/// The executables behind every `python3` on PATH, which may be wrapper scripts. All of them
/// matter: a Python that loads setuptools at startup has already imported all modules.
fn real_pythons() -> BTreeSet<PathBuf> {
    let python = |found: PathBuf| {
        let script = "import sys; print(sys.executable)";
        let output = Command::new(found).args(["-Ic", script]).output().ok()?;
        let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        path.is_file().then_some(path)
    };
    let all = which::which_all("python3").into_iter().flatten();
    all.filter_map(python).collect()
}

#[test]
fn no_python_file_of_the_project_is_executed() {
    for python in real_pythons() {
        let mut sandbox = Sandbox::orders();
        fs_err::os::unix::fs::symlink(&python, sandbox.on_path("python3")).unwrap();
        sandbox.set("PYTHONDONTWRITEBYTECODE", "1");
        let names = ["contextlib", "importlib", "ziglang", "types"];
        for name in names {
            let text = "open(__file__ + '.ran', 'w').close()\n";
            sandbox.write(&format!("{name}.py"), text);
        }
        let zig = sandbox.install_ziglang();
        let ran = |sandbox: &Sandbox| {
            let mut names = names.to_vec();
            names.retain(|name| sandbox.exists(&format!("{name}.py.ran")));
            names
        };
        let args = ["--arch", "arm64", "--linker", "zig"];
        // The package in the project is ignored.
        sandbox.run(&args).ends_with(96).says("no zig");
        assert_eq!(ran(&sandbox), [""; 0], "{}", python.display());
        // The package of that Python is found, which proves that Python responded.
        let packages = sandbox.root().join("site-packages");
        sandbox.set("PYTHONPATH", packages.to_str().unwrap());
        sandbox.run(&args).ok();
        let build = sandbox.call("cargo build");
        assert_eq!(build.env("CARGO_ZIGBUILD_ZIG_COMMAND"), zig.to_str());
        assert_eq!(ran(&sandbox), [""; 0], "{}", python.display());
    }
}
