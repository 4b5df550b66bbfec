//! C compilers, zig, and a Python with the ziglang package.

use std::process::ExitCode;

use crate::{affected, control, home};

/// `no-libc` lists the compilers without a C library. The libraries of the others are in `lib`,
/// or in a folder there that is named after the compiler.
pub(crate) fn c_compiler(name: &str, word: &str) -> ExitCode {
    if word == "-print-search-dirs" {
        println!("libraries: ={}", home().display());
        return ExitCode::SUCCESS;
    }
    let Some(file) = word.strip_prefix("-print-file-name=") else {
        println!("{name} (fake) 12.2.0");
        return ExitCode::SUCCESS;
    };
    let own = home().join("lib").join(name).join(file);
    if affected("no-libc", name) {
        println!("{file}");
    } else if own.exists() {
        println!("{}", own.display());
    } else {
        println!("{}", home().join("lib").join(file).display());
    }
    ExitCode::SUCCESS
}

/// `zig-version` contains its version, `zig-exe` the program behind it if it is a shim, and
/// `fail-zig-env` simulates a zig without its library.
pub(crate) fn zig(word: &str) -> ExitCode {
    match word {
        "version" => {
            println!("{}", control("zig-version").unwrap_or("0.15.2".into()));
        }
        "env" => {
            let exe = control("zig-exe").map(|exe| format!(".zig_exe = {exe:?}, "));
            println!(".{{ {}.lib_dir = \"lib\" }}", exe.unwrap_or_default());
        }
        "cc" | "c++" | "ar" | "ranlib" => {}
        _ => panic!("nobody taught me zig {word}"),
    }
    ExitCode::SUCCESS
}

/// Prints the installed version of ziglang, and where Python looks for packages.
pub(crate) fn python() -> ExitCode {
    let packages = home().join("site-packages");
    let ziglang = packages.join("ziglang").join("__init__.py");
    if ziglang.exists() {
        println!("{}", ziglang.display())
    } else {
        println!()
    }
    println!("{}", packages.display());
    ExitCode::SUCCESS
}
