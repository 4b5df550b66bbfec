//! The flags of C compilers and linkers.
//!
//! In: the flags of a package or of the environment. Out: the folders and files that they name, or
//! the first flag that could make the compiler read other files of this machine.

use std::path::{Path, PathBuf};

use crate::fs::path::join;

/// Libraries of the C and C++ compilers, whose versions are known.
const COMPILER_LIBRARIES: [&str; 15] = [
    "anl", "atomic", "c", "crypt", "dl", "gcc", "gcc_eh", "gcc_s", "gomp", "m", "nsl", "pthread",
    "resolv", "rt", "stdc++",
];

/// Files that a linker reads.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LinkedFiles {
    pub(super) files: Vec<PathBuf>,
    /// The folders in which libraries are searched.
    pub(super) folders: Vec<PathBuf>,
}

/// The folders with headers, all of them inside the module. Without a module, no path is allowed.
pub(super) fn compiler_flags(
    flags: &[String],
    module: Option<&Path>,
) -> Result<Vec<PathBuf>, String> {
    // They name files, or read a configuration of this machine.
    const FILES: [&str; 7] = [
        "-fplugin",
        "-fprofile",
        "-fmodule",
        "-fsanitize-",
        "-fauto-profile",
        "-march=native",
        "-mtune=native",
    ];
    const HARMLESS: [&str; 9] = [
        "-D",
        "-U",
        "-O",
        "-g",
        "-W",
        "-f",
        "-m",
        "-std=",
        "-pedantic",
    ];
    const ALONE: [&str; 6] = ["-pthread", "-w", "-ansi", "-pipe", "-static", "-v"];
    let mut folders = Vec::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        if let Some(folder) = flag.strip_prefix("-I") {
            let folder = match folder {
                "" => flags.next().map_or("", String::as_str),
                folder => folder,
            };
            folders.push(inside(folder, module).ok_or_else(|| flag.clone())?);
            continue;
        }
        // The next word is a definition.
        if flag == "-D" || flag == "-U" {
            flags.next();
            continue;
        }
        let passes_on = ["-Wa,", "-Wl,", "-Wp,"]
            .iter()
            .any(|it| flag.starts_with(it));
        let is_known = HARMLESS.iter().any(|it| flag.starts_with(it)) && !passes_on
            || ALONE.contains(&flag.as_str());
        if !is_known || FILES.iter().any(|it| flag.starts_with(it)) {
            return Err(flag.clone());
        }
    }
    Ok(folders)
}

/// The files that a linker reads, all of them inside the module. Without a module, no path is
/// allowed.
pub(super) fn linker_flags(flags: &[String], module: Option<&Path>) -> Result<LinkedFiles, String> {
    const HARMLESS: [&str; 4] = ["-O", "-g", "-f", "-m"];
    const ALONE: [&str; 7] = [
        "-pthread",
        "-static",
        "-s",
        "-static-libgcc",
        "-static-libstdc++",
        "-no-pie",
        "-rdynamic",
    ];
    let mut linked = LinkedFiles::default();
    let mut libraries = Vec::new();
    for flag in flags {
        if let Some(folder) = flag.strip_prefix("-L") {
            let folder = inside(folder, module).ok_or_else(|| flag.clone())?;
            linked.folders.push(folder);
        } else if let Some(library) = flag.strip_prefix("-l") {
            libraries.push((flag, library));
        } else if !flag.starts_with('-') {
            let file = inside(flag, module).filter(|file| file.is_file());
            linked.files.push(file.ok_or_else(|| flag.clone())?);
        } else {
            let is_known = HARMLESS.iter().any(|it| flag.starts_with(it))
                || ALONE.contains(&flag.as_str())
                || flag.starts_with("-Wl,") && names_no_file(flag);
            if !is_known || flag.starts_with("-fplugin") || flag.starts_with("-fuse-ld") {
                return Err(flag.clone());
            }
        }
    }
    for (flag, library) in libraries {
        let candidates = linked.folders.iter().flat_map(|folder| {
            ["so", "a"].map(|extension| folder.join(format!("lib{library}.{extension}")))
        });
        let found: Vec<_> = candidates.filter(|file| file.is_file()).collect();
        if found.is_empty() && !COMPILER_LIBRARIES.contains(&library) {
            return Err(flag.clone());
        }
        linked.files.extend(found);
    }
    Ok(linked)
}

/// Whether a flag that the compiler passes on to the linker names no file.
fn names_no_file(flag: &str) -> bool {
    const NAMES: [&str; 5] = ["-T", "-L", "-l", "@", "--version-script"];
    let mut parts = flag.split(',').skip(1);
    !flag.contains('/') && !parts.any(|part| NAMES.iter().any(|name| part.starts_with(name)))
}

/// The path, if it is inside the module.
fn inside(path: &str, module: Option<&Path>) -> Option<PathBuf> {
    let module = module?;
    let path = Path::new(path);
    // A relative path is relative to a folder that go creates.
    let path = path.is_absolute().then(|| join(Path::new("/"), path))?;
    path.starts_with(module).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::project::goflags;

    fn compiler(flags: &str) -> Result<Vec<PathBuf>, String> {
        compiler_flags(&goflags::split(flags), Some(Path::new("/m")))
    }

    #[cfg(unix)]
    #[test]
    fn folders_with_headers_must_be_inside_the_module() {
        let flags = "-O2 -g -std=c99 -DX=1 -D Y -I/m/db/include -I /m -fPIC -Wall -pthread";
        let expected = ["/m/db/include", "/m"].map(PathBuf::from);
        assert_eq!(compiler(flags).unwrap(), expected);
        for flag in [
            "-I/usr/include/x",
            "-I/m/../x",
            "-include",
            "-fplugin=x",
            "-Wp,-I/x",
            "-march=native",
            "--sysroot=/x",
            "@flags",
        ] {
            assert_eq!(compiler(flag), Err(flag.to_owned()));
        }
    }

    #[test]
    fn libraries_must_be_inside_the_module_or_belong_to_the_compiler() {
        let dir = tempfile::tempdir().unwrap();
        let module = fs_err::canonicalize(dir.path()).unwrap();
        let library = module.join("libx.a");
        fs_err::write(&library, "").unwrap();
        let linker = |flags: &[&str]| {
            let flags: Vec<_> = flags.iter().map(|flag| (*flag).to_owned()).collect();
            linker_flags(&flags, Some(&module))
        };
        let folder = format!("-L{}", module.display());
        let linked = linker(&[&folder, "-lx", "-lm", "-Wl,--as-needed"]).unwrap();
        assert_eq!(linked.files, std::slice::from_ref(&library));
        assert_eq!(
            linker(&[library.to_str().unwrap()]).unwrap().files,
            [library]
        );
        for flags in [
            &["-lz"][..],
            &["-L/usr/lib"],
            &["/usr/lib/libz.a"],
            &["-Wl,-rpath,/opt"],
            &["-Wl,-T,script"],
        ] {
            assert_eq!(linker(flags), Err(flags[0].to_owned()));
        }
        assert!(linker_flags(&["-lm".to_owned()], None).is_ok());
    }
}
