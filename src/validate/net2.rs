//! Detects versions of net2 that cannot connect to the Runtime API.
//!
//! In: the bytes of a Rust program. Out: the version of net2. Panic messages contain the paths
//! of crates, and `.comment` contains the version of the compiler. Both survive stripping. It
//! never panics.

use memchr::memmem;

/// The first versions of net2 and rustc that are compatible, without `0.2.` and `1.`. Rust 1.64
/// changed the layout of socket addresses, and net2 relied on the old layout.
///
/// Source: <https://github.com/rust-lang/rust/pull/78802>; programs with lambda_runtime
/// 0.2.1 and net2 0.2.33 and 0.2.35, which end with `Invalid argument (os error 22)`, and
/// 0.2.36, 0.2.37, and 0.2.39, which work.
const FIRST: (u32, u32) = (36, 64);

/// The version of net2, if it cannot connect to the Runtime API. The first versions of
/// `lambda_runtime` use such versions.
pub(crate) fn broken_net2(program: &[u8]) -> Option<String> {
    let (net2, rustc) = FIRST;
    memmem::find(program, b"lambda_runtime_client-0.")?;
    let compiler = number_after(program, b"rustc version 1.")?;
    let version = number_after(program, b"/net2-0.2.")?;
    (compiler >= rustc && version < net2).then(|| format!("0.2.{version}"))
}

/// Parses the number after the first occurrence of a text.
fn number_after(bytes: &[u8], text: &[u8]) -> Option<u32> {
    let start = memmem::find(bytes, text)? + text.len();
    let rest = bytes.get(start..)?;
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit());
    std::str::from_utf8(&rest[..digits.count()])
        .ok()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_new_compiler_with_an_old_net2_is_broken() {
        let program = |net2: &str, rustc: &str| {
            let registry = "/registry/src/index.crates.io-1949cf8c6b5b557f";
            format!(
                "{registry}/lambda_runtime_client-0.2.2/src/client.rs\
                 {registry}/net2-{net2}/src/tcp.rs\0rustc version {rustc} (59807616e)\0"
            )
        };
        for (net2, rustc, broken) in [
            ("0.2.33", "1.95.0", Some("0.2.33")),
            ("0.2.35", "1.64.0", Some("0.2.35")),
            ("0.2.36", "1.95.0", None),
            ("0.2.33", "1.63.0", None),
        ] {
            let text = program(net2, rustc);
            assert_eq!(broken_net2(text.as_bytes()).as_deref(), broken, "{text}");
        }
        assert_eq!(
            broken_net2(b"/net2-0.2.33/src/tcp.rs rustc version 1."),
            None
        );
        assert_eq!(broken_net2(b""), None);
    }
}
