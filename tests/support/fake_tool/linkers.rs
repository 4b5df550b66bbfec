//! C compilers, zig, and the Python that has it as a package.

use std::process::ExitCode;

use crate::{affected, control, home};

/// `no-libc` holds the compilers that have nothing to link with. What they have
/// stands in `lib`, or in a folder of their own there.
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

/// `zig-version` holds its version; `zig-exe` the program that it stands for, if it
/// is a shim; `fail-zig-env` makes it one without its library.
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

/// Answers which ziglang it has, and where it looks for packages.
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
