//! The C code of a package: the files that it includes and links.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::inputs::go::c_flags;
use crate::build::inputs::go::includes::{Include, includes, is_standard};
use crate::build::inputs::go::listed::{ListedPackage, plain};
use crate::fs::path::join;

/// What the C code of a package adds to the files that go lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CCode {
    /// Included and linked files inside the module.
    pub(super) files: BTreeSet<PathBuf>,
    /// Folders in which headers and libraries are searched.
    pub(super) folders: BTreeSet<PathBuf>,
    /// Why the files cannot be listed completely.
    pub(super) unaccounted: Option<String>,
}

impl CCode {
    /// Reads the C and assembler files of a package. `go_headers` is the folder with the headers
    /// of Go's own assembler.
    pub(super) fn read(package: &ListedPackage, go_headers: &Path) -> Self {
        let mut code = Self::default();
        if package.preprocessed_files().next().is_none() {
            return code;
        }
        let module = package.module.as_ref().map(|module| module.dir.as_path());
        let module = module.filter(|dir| package.dir.starts_with(dir));
        let module = module.unwrap_or(&package.dir);
        code.unaccounted = code
            .read_all(package, module, go_headers)
            .err()
            .map(|reason| format!("`{}` {reason}", plain(&package.import_path)));
        code
    }

    fn read_all(
        &mut self,
        package: &ListedPackage,
        module: &Path,
        go_headers: &Path,
    ) -> Result<(), String> {
        if let Some(library) = package.cgo_pkg_config.first() {
            return Err(format!(
                "uses pkg-config for `{library}`, which is a library of this machine"
            ));
        }
        if let Some(file) = package
            .swig_files
            .iter()
            .chain(&package.swig_cxx_files)
            .next()
        {
            return Err(format!("uses SWIG for `{file}`, whose version is unknown"));
        }
        if let Some(file) = package.f_files.first()
            && package.uses_cgo()
        {
            return Err(format!("compiles `{file}` with a Fortran compiler"));
        }
        let flag = |flag: String| format!("uses the C flag `{flag}`, which can name other files");
        let flags = [
            &package.cgo_cflags,
            &package.cgo_cppflags,
            &package.cgo_cxxflags,
        ];
        let flags: Vec<_> = flags.into_iter().flatten().cloned().collect();
        let mut searched = c_flags::compiler_flags(&flags, Some(module)).map_err(flag)?;
        let linked = c_flags::linker_flags(&package.cgo_ldflags, Some(module)).map_err(flag)?;
        searched.insert(0, package.dir.clone());
        self.folders.extend(searched.iter().cloned());
        self.folders.extend(linked.folders);
        self.files.extend(linked.files);
        let names = package.preprocessed_files();
        let mut queue: Vec<_> = names.map(|name| package.dir.join(name)).collect();
        let mut scanned: BTreeSet<_> = queue.iter().cloned().collect();
        while let Some(file) = queue.pop() {
            for found in self.included_files(&file, &searched, module, go_headers)? {
                if scanned.insert(found.clone()) {
                    self.files.insert(found.clone());
                    queue.push(found);
                }
            }
        }
        Ok(())
    }

    /// The files inside the module that a file includes.
    fn included_files(
        &mut self,
        file: &Path,
        searched: &[PathBuf],
        module: &Path,
        go_headers: &Path,
    ) -> Result<Vec<PathBuf>, String> {
        // Sources in other encodings are common.
        let bytes = fs_err::read(file).map_err(|error| format!("cannot be read: {error}"))?;
        let folder = file.parent().unwrap_or(module).to_owned();
        self.folders.insert(folder.clone());
        let mut files = Vec::new();
        for include in includes(&String::from_utf8_lossy(&bytes)) {
            let (name, quoted) = match include {
                Include::Quoted(name) => (name, true),
                Include::Angled(name) => (name, false),
                Include::Unresolved(line) => {
                    return Err(format!(
                        "contains `{line}`, which only a compiler can resolve"
                    ));
                }
            };
            let folders = quoted.then_some(&folder).into_iter().chain(searched);
            let mut candidates = folders.map(|folder| join(folder, &name));
            match candidates.find(|path| path.is_file()) {
                Some(found) if found.starts_with(module) => files.push(found),
                Some(_) => {
                    return Err(format!("includes `{name}`, which is outside of its module"));
                }
                // cgo generates the first one.
                None if name == "_cgo_export.h"
                    || name == "go_asm.h"
                    || go_headers.join(&name).is_file()
                    || is_standard(&name) => {}
                None => {
                    return Err(format!(
                        "includes `{name}`, which is a file of this machine"
                    ));
                }
            }
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::inputs::go::listed::ListedModule;

    fn read(files: &[(&str, &str)], change: impl Fn(&mut ListedPackage)) -> (CCode, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = fs_err::canonicalize(dir.path()).unwrap();
        for (name, text) in files {
            let path = root.join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        let mut package = ListedPackage {
            import_path: "example.com/m/db [example.com/m/a]".into(),
            dir: root.join("m/db"),
            cgo_files: vec!["db.go".into()],
            module: Some(ListedModule {
                dir: root.join("m"),
                ..ListedModule::default()
            }),
            ..ListedPackage::default()
        };
        change(&mut package);
        (CCode::read(&package, Path::new("/no")), root)
    }

    fn reason(files: &[(&str, &str)], change: impl Fn(&mut ListedPackage)) -> String {
        read(files, change).0.unaccounted.unwrap_or_default()
    }

    #[test]
    fn included_files_of_the_module_are_found_in_all_folders() {
        let files = [
            (
                "m/db/db.go",
                "// #include <stdio.h>\n// #include \"db.h\"\nimport \"C\"\n",
            ),
            ("m/db/db.h", "#include \"sub/a.inc\"\n"),
            (
                "m/db/sub/a.inc",
                "#include \"../../shared/b.h\"\n#include \"_cgo_export.h\"\n",
            ),
            ("m/shared/b.h", "#include <c.h>\n"),
            ("m/include/c.h", "#include \"sub/a.inc\"\n"),
        ];
        let (code, root) = read(&files, |package| {
            let include = package.module.as_ref().unwrap().dir.join("include");
            package.cgo_cflags = vec![format!("-I{}", include.display())];
        });
        assert_eq!(code.unaccounted, None);
        let expected = [
            "m/db/db.h",
            "m/db/sub/a.inc",
            "m/include/c.h",
            "m/shared/b.h",
        ];
        assert!(code.files.iter().eq(&expected.map(|name| root.join(name))));
        assert!(code.folders.contains(&root.join("m/include")));
    }

    #[test]
    fn code_that_reads_other_files_of_this_machine_is_unaccounted() {
        let preamble = |text| [("m/db/db.go", text), ("x.h", "")];
        let outside = reason(&preamble("// #include \"../../x.h\"\n"), |_| {});
        assert_eq!(
            outside,
            "`example.com/m/db` includes `../../x.h`, which is outside of its module"
        );
        assert!(reason(&preamble("// #include <zlib.h>\n"), |_| {}).contains("zlib.h"));
        assert!(reason(&preamble("// #include ZLIB\n"), |_| {}).contains("#include ZLIB"));
        let library = reason(&preamble(""), |package| {
            package.cgo_ldflags = vec!["-lz".into()];
        });
        assert!(library.contains("`-lz`"), "{library}");
        let config = reason(&preamble(""), |package| {
            package.cgo_pkg_config = vec!["sqlite3".into()];
        });
        assert!(config.contains("pkg-config for `sqlite3`"), "{config}");
    }

    #[test]
    fn a_package_without_c_code_reads_no_others() {
        let (code, _) = read(&[("m/db/x.h", "#include <zlib.h>")], |package| {
            package.cgo_files.clear();
            package.h_files = vec!["x.h".into()];
        });
        assert_eq!(code, CCode::default());
    }
}
