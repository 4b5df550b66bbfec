//! What a Go program says of how it was built: its build information.
//!
//! In: an ELF file. Out: [`BuildInfo`], as `go version -m` shows it; it survives
//! `-s -w`. Never panics, whatever the bytes.
//!
//! Source of the format: the package `debug/buildinfo` of Go.

use object::elf::NoteType;

use crate::lambda::elf::ElfImage;

/// How a Go program was built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildInfo {
    pub version: String,
    /// Its modules by path, replaced ones by what stands in for them.
    pub modules: Vec<(String, String)>,
    /// The settings of the build, such as `GOAMD64`.
    pub settings: Vec<(String, String)>,
}

const MAGIC: &[u8] = b"\xff Go buildinf:";
const ALIGN: usize = 16;
const HEADER: usize = 32;

/// How much of a program is enough to find its build ID, in bytes.
///
/// Source: `readSize` in `cmd/internal/buildid`, which looks no further either.
pub(crate) const HEAD: usize = 32 * 1024;

/// The build ID of a Go program: hashes of all that it was made of and of what came
/// out. What has the same one is the same program to `go build`, which reads no more
/// of it. `None` where it stands beyond [`HEAD`] or the user took it out
/// (`-ldflags=-buildid=`).
///
/// Source: the package comment of `cmd/internal/buildid`; `cmd/go/internal/work/buildid.go`.
pub(crate) fn build_id(program: &[u8]) -> Option<&[u8]> {
    const GO_BUILDID: NoteType = NoteType(4);
    let image = ElfImage::read(&program[..program.len().min(HEAD)])?;
    image.note(b"Go", GO_BUILDID).filter(|id| !id.is_empty())
}

impl BuildInfo {
    /// Reads it; `None` where there is none, or none of Go 1.18 or later.
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
        let module = self.modules.iter().find(|(known, _)| known == path);
        module.map(|(_, version)| version.as_str())
    }

    /// A setting of the build.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let setting = self.settings.iter().find(|(known, _)| known == name);
        setting.map(|(_, value)| value.as_str())
    }
}

fn parse(bytes: &[u8]) -> Option<BuildInfo> {
    // The strings follow the header since Go 1.18; before, pointers did.
    let inline = bytes.get(15)? & 2 != 0;
    let rest = inline.then(|| bytes.get(HEADER..))??;
    let (version, rest) = string(rest)?;
    let (modules, _) = string(rest)?;
    let version = std::str::from_utf8(version).ok()?;
    if !(version.starts_with("go") || version.starts_with("devel")) {
        return None;
    }
    let mut info = BuildInfo {
        version: version.to_owned(),
        ..BuildInfo::default()
    };
    // 16 bytes that mark the start and the end stand around it.
    let modules = modules
        .get(16..modules.len().saturating_sub(16))
        .unwrap_or_default();
    for line in String::from_utf8_lossy(modules).lines() {
        let mut words = line.split('\t');
        match (words.next(), words.next(), words.next()) {
            (Some("mod" | "dep"), Some(path), version) => info
                .modules
                .push((path.to_owned(), version.unwrap_or_default().to_owned())),
            (Some("=>"), Some(_), version) => {
                if let (Some(last), Some(version)) = (info.modules.last_mut(), version) {
                    version.clone_into(&mut last.1);
                }
            }
            (Some("build"), Some(setting), _) => {
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

/// A string behind its length, and what follows.
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

/// `v1.18.0` as numbers; nothing for what is no release, such as a pseudo-version.
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
        assert_eq!(info.setting("GOAMD64"), Some("v3"));
        assert_eq!(info.setting("-tags"), Some("lambda.norpc"));
    }

    #[test]
    fn what_is_cut_or_says_too_large_a_length_is_nothing() {
        let whole = info("dep\ta\tv1.0.0\n");
        for length in 0..whole.len() {
            let _ = parse(&whole[..length]);
        }
        assert_eq!(string(&[0xff; 12]), None);
        assert_eq!(string(&[5, b'a']), None);
    }

    #[test]
    fn releases_are_numbers() {
        assert_eq!(release("v1.18.0"), Some((1, 18)));
        assert!(release("v1.9.0") < release("v1.18.0"));
        assert_eq!(release("(devel)"), None);
    }
}
