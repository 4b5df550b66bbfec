//! The C and assembler code of a package: the files that it includes and links.
//!
//! The C compiler reports the files that it reads. Go's assembler cannot, but its directives are
//! simple.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::build::inputs::go::c_compilers::{CCompilers, ReadFiles, TranslatedFile};
use crate::build::inputs::go::c_flags;
use crate::build::inputs::go::includes::includes;
use crate::build::inputs::go::listed::{ListedPackage, plain};
use crate::build::inputs::go::preamble::preamble;
use crate::fs::digest::Sha256;
use crate::fs::path::join;
use crate::system::process::TempFolder;

/// What the C code of a package adds to the files that go lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CCode {
    /// Included and linked files inside the module.
    pub(super) files: BTreeSet<PathBuf>,
    /// Included files of this machine.
    pub(super) headers: BTreeSet<PathBuf>,
    /// Folders in which headers and libraries are searched.
    pub(super) folders: BTreeSet<PathBuf>,
    /// Why the files cannot be listed completely.
    pub(super) unaccounted: Option<String>,
}

/// What reads the C and assembler code of a run.
#[derive(Debug)]
pub(super) struct CodeReaders {
    pub(super) compilers: CCompilers,
    /// The folder with the headers of Go's assembler.
    pub(super) go_headers: PathBuf,
}

impl CCode {
    /// Finds the files of a package; none if it has no C or assembler code.
    pub(super) fn read(package: &ListedPackage, readers: &CodeReaders) -> anyhow::Result<Self> {
        let module = package.module.as_ref().map(|module| module.dir.as_path());
        let module = module.filter(|dir| package.dir.starts_with(dir));
        let mut reader = CodeReader {
            package,
            module: module.unwrap_or(&package.dir),
            readers,
            code: Self::default(),
        };
        if package.uses_cgo() {
            reader.add_linked_files();
            reader.add_included_files()?;
            reader.find_copied_files();
        } else {
            reader.add_assembler_headers();
        }
        Ok(reader.code)
    }

    /// A digest of the names and the content of the headers of this machine, which have other
    /// paths on another one. `None` if there are none. The error is a header that cannot be read.
    pub(super) fn header_digest(&self) -> Result<Option<String>, &Path> {
        let mut lines = Vec::new();
        for path in &self.headers {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let digest = Sha256::digest_file(path).map_err(|_| path.as_path())?;
            lines.push(format!("{name} {}\n", digest.hex()));
        }
        lines.sort();
        let all = lines.concat();
        Ok((!lines.is_empty()).then(|| Sha256::digest(all.as_bytes()).hex()))
    }
}

struct CodeReader<'a> {
    package: &'a ListedPackage,
    module: &'a Path,
    readers: &'a CodeReaders,
    code: CCode,
}

impl CodeReader<'_> {
    /// Records why the files cannot be listed completely. The first reason is kept.
    fn fail(&mut self, reason: &str) {
        let path = plain(&self.package.import_path);
        let reason = || format!("`{path}` {reason}");
        self.code.unaccounted.get_or_insert_with(reason);
    }

    /// The content of a source file; `None` if it cannot be read.
    fn read(&mut self, file: &Path) -> Option<Vec<u8>> {
        let bytes = fs_err::read(file).ok();
        if bytes.is_none() {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            self.fail(&format!("contains `{name}`, which cannot be read"));
        }
        bytes
    }

    fn add_linked_files(&mut self) {
        let package = self.package;
        if let Some(library) = package.cgo_pkg_config.first() {
            self.fail(&format!(
                "uses pkg-config for `{library}`, which is a library of this machine"
            ));
        }
        let mut swig = package.swig_files.iter().chain(&package.swig_cxx_files);
        if let Some(file) = swig.next() {
            self.fail(&format!("uses SWIG for `{file}`, whose version is unknown"));
        }
        if let Some(file) = package.f_files.first() {
            self.fail(&format!("compiles `{file}` with a Fortran compiler"));
        }
        match c_flags::linker_flags(&package.cgo_ldflags, Some(self.module)) {
            Ok(linked) => {
                self.code.folders.extend(linked.folders);
                self.code.files.extend(linked.files);
            }
            Err(flag) => {
                self.fail(&format!(
                    "links with `{flag}`, which can name a library of this machine"
                ));
            }
        }
    }

    fn add_included_files(&mut self) -> anyhow::Result<()> {
        let package = self.package;
        let c_flags = [&package.cgo_cppflags, &package.cgo_cflags];
        let cpp_flags = [&package.cgo_cppflags, &package.cgo_cxxflags];
        let [c_flags, cpp_flags] =
            [c_flags, cpp_flags].map(|flags| flags.into_iter().flatten().collect::<Vec<_>>());
        for flags in [&c_flags, &cpp_flags] {
            let flags: Vec<_> = flags.iter().copied().cloned().collect();
            match c_flags::compiler_flags(&flags, Some(self.module)) {
                Ok(folders) => self.code.folders.extend(folders),
                Err(flag) => {
                    self.fail(&format!(
                        "uses the C flag `{flag}`, which can name other files"
                    ));
                }
            }
        }
        // The reason is known, so the compiler needs not be asked.
        if self.code.unaccounted.is_some() {
            return Ok(());
        }
        let preambles = TempFolder::new("lambdapack-cgo-").context("cannot create a folder")?;
        for (index, name) in package.cgo_files.iter().enumerate() {
            let Some(bytes) = self.read(&package.dir.join(name)) else {
                return Ok(());
            };
            let preamble = preamble(&String::from_utf8_lossy(&bytes));
            // Most files only use what others declare.
            if preamble.contains('#') {
                let file = preambles.path().join(format!("{index}.c"));
                fs_err::write(&file, preamble)?;
                self.add_files_of(&file, false, &c_flags)?;
            }
        }
        self.code
            .files
            .retain(|file| !file.starts_with(preambles.path()));
        self.code
            .headers
            .retain(|file| !file.starts_with(preambles.path()));
        for name in package.c_files.iter().chain(&package.s_files) {
            self.add_files_of(&package.dir.join(name), false, &c_flags)?;
        }
        for name in &package.cxx_files {
            self.add_files_of(&package.dir.join(name), true, &cpp_flags)?;
        }
        Ok(())
    }

    /// Adds the files that the compiler reads for one file.
    fn add_files_of(&mut self, path: &Path, is_cpp: bool, flags: &[&String]) -> anyhow::Result<()> {
        let file = TranslatedFile {
            path,
            is_cpp,
            flags,
        };
        let compilers = &self.readers.compilers;
        match compilers.read_files(file, &self.package.dir)? {
            ReadFiles::Files(files) => {
                for file in files {
                    self.code.folders.extend(file.parent().map(Path::to_owned));
                    if file.starts_with(self.module) {
                        self.code.files.insert(file);
                    } else {
                        self.code.headers.insert(file);
                    }
                }
            }
            ReadFiles::Unknown(reason) => self.fail(&reason),
        }
        Ok(())
    }

    /// Assemblers can read other files, which no compiler reports.
    fn find_copied_files(&mut self) {
        let own = self.package.preprocessed_files();
        let mut files: Vec<_> = own.map(|name| self.package.dir.join(name)).collect();
        files.extend(self.code.files.iter().cloned());
        for file in files {
            let Some(bytes) = self.read(&file) else {
                return;
            };
            let is_assembler = file
                .extension()
                .is_some_and(|it| it.eq_ignore_ascii_case("s"));
            if contains(&bytes, b".incbin") || is_assembler && contains(&bytes, b".include") {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                self.fail(&format!(
                    "makes the assembler read another file in `{name}`"
                ));
                return;
            }
        }
    }

    fn add_assembler_headers(&mut self) {
        let dir = &self.package.dir;
        let names = self.package.s_files.iter();
        let mut queue: Vec<_> = names.map(|name| dir.join(name)).collect();
        while let Some(file) = queue.pop() {
            let Some(bytes) = self.read(&file) else {
                return;
            };
            let names = match includes(&String::from_utf8_lossy(&bytes)) {
                Ok(names) => names,
                Err(line) => {
                    self.fail(&format!("contains `{line}`, which names no file"));
                    continue;
                }
            };
            let folder = file.parent().unwrap_or(dir).to_owned();
            for name in names {
                let mut candidates = [&folder, dir].map(|folder| join(folder, &name)).into_iter();
                match candidates.find(|path| path.is_file()) {
                    Some(found) if found.starts_with(self.module) => {
                        self.code.folders.insert(folder.clone());
                        if self.code.files.insert(found.clone()) {
                            queue.push(found);
                        }
                    }
                    // The compiler generates the first one.
                    None if name == "go_asm.h" || self.readers.go_headers.join(&name).is_file() => {
                    }
                    _ => self.fail(&format!("includes `{name}`, which is not in its module")),
                }
            }
        }
    }
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
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
            module: Some(ListedModule {
                dir: root.join("m"),
                ..ListedModule::default()
            }),
            ..ListedPackage::default()
        };
        change(&mut package);
        let readers = CodeReaders {
            compilers: CCompilers::default(),
            go_headers: root.join("go"),
        };
        (CCode::read(&package, &readers).unwrap(), root)
    }

    #[test]
    fn headers_of_assembler_files_are_found() {
        let files = [
            (
                "m/db/db.s",
                "#include \"go_asm.h\"\n#include \"textflag.h\"\n#include \"a.inc\"\n",
            ),
            (
                "m/db/a.inc",
                "#include \"../shared/b.h\"\n#include \"../../x.h\"\n",
            ),
            ("m/shared/b.h", "#include \"a.inc\"\n"),
            ("go/textflag.h", ""),
            ("x.h", ""),
        ];
        let (code, root) = read(&files, |package| package.s_files = vec!["db.s".into()]);
        assert_eq!(
            code.unaccounted.as_deref(),
            Some("`example.com/m/db` includes `../../x.h`, which is not in its module")
        );
        let expected = ["m/db/a.inc", "m/shared/b.h"].map(|name| root.join(name));
        assert!(code.files.iter().eq(&expected), "{code:?}");
        assert!(code.folders.contains(&root.join("m/shared")));
    }

    #[test]
    fn code_that_reads_unknown_files_is_unaccounted() {
        let reason = |change: fn(&mut ListedPackage)| {
            let (code, _) = read(
                &[("m/db/db.go", "package db\n\nimport \"C\"\n")],
                |package| {
                    package.cgo_files = vec!["db.go".into()];
                    change(package);
                },
            );
            code.unaccounted.unwrap_or_default()
        };
        assert_eq!(reason(|_| {}), "");
        let library = reason(|package| package.cgo_ldflags = vec!["-lz".into()]);
        assert!(library.contains("`-lz`"), "{library}");
        let folder = reason(|package| package.cgo_cflags = vec!["-I/usr/x".into()]);
        assert!(folder.contains("`-I/usr/x`"), "{folder}");
        let config = reason(|package| package.cgo_pkg_config = vec!["sqlite3".into()]);
        assert!(config.contains("pkg-config for `sqlite3`"), "{config}");
        let compiler = reason(|package| package.c_files = vec!["db.c".into()]);
        assert!(compiler.contains("unknown program"), "{compiler}");
    }

    #[test]
    fn files_that_cannot_be_read_are_unaccounted() {
        let reason = |change: fn(&mut ListedPackage)| {
            // A folder cannot be read as a file.
            let (code, _) = read(&[("m/db/db.x/file", ""), ("m/db/db.go", "")], |package| {
                package.cgo_files = vec!["db.go".into()];
                change(package);
            });
            code.unaccounted.unwrap_or_default()
        };
        let expected = "`example.com/m/db` contains `db.x`, which cannot be read";
        assert_eq!(
            reason(|package| package.cgo_files = vec!["db.x".into()]),
            expected
        );
        assert_eq!(
            reason(|package| package.h_files = vec!["db.x".into()]),
            expected
        );
        let assembler = reason(|package| {
            package.cgo_files.clear();
            package.s_files = vec!["db.x".into()];
        });
        assert_eq!(assembler, expected);
    }

    #[test]
    fn a_header_that_cannot_be_read_has_no_digest() {
        let dir = tempfile::tempdir().unwrap();
        let header = dir.path().join("a.h");
        let code = CCode {
            headers: [header.clone()].into(),
            ..CCode::default()
        };
        assert_eq!(code.header_digest(), Err(header.as_path()), "missing");
        fs_err::create_dir(&header).unwrap();
        assert_eq!(code.header_digest(), Err(header.as_path()), "folder");
        fs_err::remove_dir(&header).unwrap();
        fs_err::write(&header, "").unwrap();
        assert!(code.header_digest().is_ok_and(|digest| digest.is_some()));
        assert_eq!(CCode::default().header_digest(), Ok(None));
    }

    #[cfg(unix)]
    #[test]
    fn a_compiler_that_reports_no_files_is_unaccounted() {
        use crate::system::command::CommandSpec;

        let dir = tempfile::tempdir().unwrap();
        let package = ListedPackage {
            import_path: "example.com/m/db".into(),
            dir: dir.path().to_owned(),
            cgo_files: vec!["db.go".into()],
            c_files: vec!["db.c".into()],
            ..ListedPackage::default()
        };
        for name in ["db.go", "db.c"] {
            fs_err::write(dir.path().join(name), "").unwrap();
        }
        // It ignores its arguments.
        let compiler = CommandSpec::new("/bin/sh", dir.path()).args(["-c", "exit 0"]);
        let readers = CodeReaders {
            compilers: CCompilers {
                c: Some(compiler),
                cpp: None,
            },
            go_headers: dir.path().join("go"),
        };
        let code = CCode::read(&package, &readers).unwrap();
        assert_eq!(
            code.unaccounted.as_deref(),
            Some("`example.com/m/db` is compiled by a program that reports no files")
        );
    }

    #[test]
    fn assembler_that_reads_other_files_is_unaccounted() {
        for (text, expected) in [
            ("// __asm__(\".incbin \\\"x\\\"\");", true),
            ("// __asm__(\".include\");", false),
        ] {
            let (code, _) = read(&[("m/db/db.go", text)], |package| {
                package.cgo_files = vec!["db.go".into()];
            });
            assert_eq!(code.unaccounted.is_some(), expected, "{text}");
        }
    }

    #[test]
    fn a_package_without_c_code_reads_no_others() {
        let (code, _) = read(&[("m/db/x.h", "#include <zlib.h>")], |package| {
            package.h_files = vec!["x.h".into()];
        });
        assert_eq!(code, CCode::default());
    }
}
