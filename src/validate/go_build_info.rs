//! Reads the build information of a Go program.
//!
//! In: an ELF file. Out: [`BuildInfo`], as `go version -m` prints it. It survives `-s -w`.
//! Reading never panics.
//!
//! Source of the format: the package `debug/buildinfo` of Go.

use object::elf::NoteType;

use crate::lambda::elf::ElfImage;

/// The build information of a Go program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildInfo {
    pub version: String,
    /// The main module, if the program was built in one, and then its dependencies.
    pub modules: Vec<GoModule>,
    /// The settings of the build, such as `GOAMD64`.
    pub settings: Vec<(String, String)>,
}

/// A module that a program was built from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoModule {
    /// The path by which it is imported.
    pub path: String,
    /// Whether it is the module of the program itself.
    pub is_main: bool,
    /// Where its code comes from: the module itself, or its replacement.
    pub source: GoModuleSource,
}

/// The code of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoModuleSource {
    /// The path of the module, or the folder that a `replace` directive names.
    pub path: String,
    /// For example `v1.2.0`; empty for a folder, and `(devel)` for unversioned code.
    pub version: String,
    /// The hash as in go.sum, such as `h1:…`; empty if there is none.
    pub sum: String,
}

const MAGIC: &[u8] = b"\xff Go buildinf:";
const ALIGN: usize = 16;
const HEADER: usize = 32;

/// The number of bytes in which the build ID of a program is searched.
///
/// Source: `readSize` in `cmd/internal/buildid`, which has the same limit.
pub(crate) const HEAD: usize = 32 * 1024;

/// The build ID of a Go program, which contains hashes of its inputs and of its content. `go
/// build` also treats programs with the same build ID as equal. Returns `None` if the ID is not
/// within [`HEAD`], or if the user removed it with `-ldflags=-buildid=`.
///
/// Source: the package comment of `cmd/internal/buildid`; `cmd/go/internal/work/buildid.go`.
pub(crate) fn build_id(program: &[u8]) -> Option<&[u8]> {
    const GO_BUILDID: NoteType = NoteType(4);
    let image = ElfImage::read(&program[..program.len().min(HEAD)])?;
    image.note(b"Go", GO_BUILDID).filter(|id| !id.is_empty())
}

impl BuildInfo {
    /// Reads the build information. Returns `None` if there is none, or if the program was built
    /// with Go before 1.18.
    pub fn read(image: &ElfImage<'_>) -> Option<Self> {
        image.loaded().find_map(|(_, bytes)| {
            bytes
                .chunks(ALIGN)
                .enumerate()
                .filter(|(_, chunk)| chunk.starts_with(MAGIC))
                .find_map(|(place, _)| parse(&bytes[place * ALIGN..]))
        })
    }

    /// The version of a module, if it is in the program.
    pub fn module(&self, path: &str) -> Option<&str> {
        self.modules
            .iter()
            .find(|module| module.path == path)
            .map(|module| module.source.version.as_str())
    }

    /// The value of a setting, such as `GOAMD64`.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings
            .iter()
            .find(|(setting, _)| setting == name)
            .map(|(_, value)| value.as_str())
    }
}

fn parse(bytes: &[u8]) -> Option<BuildInfo> {
    // Since Go 1.18, strings follow the header. Older versions wrote pointers to them.
    let has_inline_strings = bytes.get(15)? & 2 != 0;
    if !has_inline_strings {
        return None;
    }
    let (version, rest) = string(bytes.get(HEADER..)?)?;
    let (modules, _) = string(rest)?;
    let version = std::str::from_utf8(version).ok()?;
    if !(version.starts_with("go") || version.starts_with("devel")) {
        return None;
    }
    let mut info = BuildInfo {
        version: version.to_owned(),
        ..BuildInfo::default()
    };
    // The list is between two markers of 16 bytes.
    let modules = modules
        .get(16..modules.len().saturating_sub(16))
        .unwrap_or_default();
    for line in String::from_utf8_lossy(modules).lines() {
        let mut words = line.split('\t');
        let kind = words.next();
        match (kind, words.next()) {
            (Some("mod" | "dep"), Some(path)) => info.modules.push(GoModule {
                path: path.to_owned(),
                is_main: kind == Some("mod"),
                source: source(path, words),
            }),
            (Some("=>"), Some(path)) => {
                if let Some(replaced) = info.modules.last_mut() {
                    replaced.source = source(path, words);
                }
            }
            (Some("build"), Some(setting)) => {
                if let Some((name, value)) = setting.split_once('=') {
                    info.settings
                        .push((name.to_owned(), value.trim_matches('"').to_owned()));
                }
            }
            _ => {}
        }
    }
    Some(info)
}

/// The code of a module, from the version and the hash that follow its path.
fn source<'a>(path: &str, mut words: impl Iterator<Item = &'a str>) -> GoModuleSource {
    let mut word = || words.next().unwrap_or_default().to_owned();
    GoModuleSource {
        path: path.to_owned(),
        version: word(),
        sum: word(),
    }
}

/// Splits off a string, which follows its length, and returns it with the remaining bytes.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0usize;
    for (place, byte) in bytes.iter().take(9).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            let rest = &bytes[place + 1..];
            return rest.split_at_checked(length);
        }
    }
    None
}

/// Parses the major and minor version of a version such as `v1.18.0`. Returns `None` for other
/// texts, such as `(devel)`.
pub fn release(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(modules: &str) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([8, 2]);
        bytes.resize(HEADER, 0);
        for text in [
            "go1.26.8",
            &format!("0123456789abcdef{modules}0123456789abcdef"),
        ] {
            let mut length = text.len();
            while length > 0x7f {
                bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
                length >>= 7;
            }
            bytes.push(u8::try_from(length).unwrap());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    #[test]
    fn modules_replacements_and_settings_are_read() {
        let text = "path\texample.com/f\nmod\texample.com/f\t(devel)\t\n\
                    dep\tgithub.com/aws/aws-lambda-go\tv1.17.0\th1:x=\n\
                    dep\texample.com/b\tv1.0.0\n=>\texample.com/c\tv2.0.0\th1:y=\n\
                    build\tGOAMD64=v3\nbuild\t-tags=lambda.norpc\n";
        let info = parse(&info(text)).unwrap();
        assert_eq!(info.version, "go1.26.8");
        assert_eq!(info.module("github.com/aws/aws-lambda-go"), Some("v1.17.0"));
        assert_eq!(info.module("example.com/b"), Some("v2.0.0"));
        assert!(info.modules[0].is_main);
        let replaced = &info.modules[2];
        assert_eq!(replaced.path, "example.com/b");
        assert_eq!(replaced.source.path, "example.com/c");
        assert_eq!(replaced.source.sum, "h1:y=");
        assert_eq!(info.setting("GOAMD64"), Some("v3"));
        assert_eq!(info.setting("-tags"), Some("lambda.norpc"));
    }

    #[test]
    fn truncated_information_and_too_large_lengths_are_ignored() {
        let whole = info("dep\ta\tv1.0.0\n");
        for length in 0..whole.len() {
            let _ = parse(&whole[..length]);
        }
        assert_eq!(string(&[0xff; 12]), None);
        assert_eq!(string(&[5, b'a']), None);
    }

    #[test]
    fn releases_are_parsed_to_numbers() {
        assert_eq!(release("v1.18.0"), Some((1, 18)));
        assert!(release("v1.9.0") < release("v1.18.0"));
        assert_eq!(release("(devel)"), None);
    }
}
