//! Which of Lambda's APIs a finished program speaks: the Runtime API makes it a
//! function, the Extensions API alone an extension.
//!
//! In: the bytes of a program. Out: [`ApiClients`]. It never panics, whatever the bytes.
//! It does not decide whether a program is packed; `workers.rs` and `check.rs` do.
//!
//! The paths of both APIs are in the data of every program that calls them, because no
//! client can ask for an event without `…/runtime/invocation/next`, and none can register
//! an extension without `…/extension/register`. A linker drops the data of code that
//! nothing reaches, so a library that is only imported leaves no trace. aws-lambda-go is
//! the exception, and is recognized by its functions.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>.

use memchr::memmem;

/// The API clients in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ApiClients {
    /// A Runtime API client: a function, or a function with an internal extension.
    Runtime {
        /// Whether it also registers an extension.
        extension: bool,
    },
    /// An Extensions API client only: an extension.
    Extension,
    None,
    /// The program is compressed, as by UPX, so its data cannot be searched.
    Unreadable,
}

/// The path of every request for an event and of every response. Clients put it together
/// from pieces, but hardly in the middle of both of these.
const RUNTIME: [&str; 2] = ["runtime/invocation", NEXT];

/// The path at which extensions register, and its first part. Most Go extensions append
/// `register` to the first part at run time, as AWS's samples do.
///
/// Source: `extension/client.go` of the samples in
/// <https://github.com/aws-samples/aws-lambda-extensions>, and programs built from them.
const EXTENSION: [&str; 2] = ["extension/register", "2020-01-01/extension"];

/// What every function that aws-lambda-go starts has in Go's function table, which
/// survives `-s -w` and `-trimpath`: since 1.34, from 1.18 on, and before. The oldest
/// have no Runtime API client; such a program is refused as `go-runtime-too-old`, but it
/// is a function and not a tool.
///
/// Source: `lambda/entry.go` of <https://github.com/aws/aws-lambda-go>, and programs built
/// with 1.13, 1.17 to 1.20, 1.28, 1.29, 1.34, 1.41, 1.47, and 1.55.
const GO_STARTS: [&str; 3] = [
    "aws-lambda-go/lambda.start\0",
    "aws-lambda-go/lambda.StartHandlerWithContext\0",
    "aws-lambda-go/lambda.StartHandler\0",
];

/// The client of aws-lambda-go. Since 1.34 the package initializes a variable with it, so
/// it is in every program that imports the package, with the path that it asks for.
const GO_CLIENT: &str = "aws-lambda-go/lambda.startRuntimeAPILoop";

/// A path that aws-lambda-go puts together at run time, and other clients have whole.
const NEXT: &str = "invocation/next";

/// What UPX leaves in a program that it compresses.
///
/// Source: `UPX_MAGIC_LE32` in <https://github.com/upx/upx/blob/devel/src/conf.h>.
const UPX: &str = "UPX!";

impl ApiClients {
    /// Finds the clients of a program.
    pub(crate) fn of(program: &[u8]) -> Self {
        let has = |text: &str| memmem::find(program, text.as_bytes()).is_some();
        // .NET keeps its strings in UTF-16, also in native programs.
        let has_path = |path: &str| {
            let wide: Vec<u8> = path.encode_utf16().flat_map(u16::to_le_bytes).collect();
            has(path) || memmem::find(program, &wide).is_some()
        };
        let extension = EXTENSION.into_iter().any(has_path);
        let runtime = GO_STARTS.into_iter().any(has)
            || (RUNTIME.into_iter().any(has_path) && (!has(GO_CLIENT) || has(NEXT)));
        if runtime {
            Self::Runtime { extension }
        } else if extension {
            Self::Extension
        } else if has(UPX) {
            Self::Unreadable
        } else {
            Self::None
        }
    }

    /// Whether the program can ask for events, as far as its bytes show.
    pub(crate) const fn may_be_function(self) -> bool {
        matches!(self, Self::Runtime { .. } | Self::Unreadable)
    }

    /// Whether the program can register as an extension, as far as its bytes show.
    pub(crate) const fn may_be_extension(self) -> bool {
        matches!(
            self,
            Self::Runtime { extension: true } | Self::Extension | Self::Unreadable
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_both_apis_decide() {
        let next = b"\x7fELF...http:///2018-06-01/runtime/invocation/next...".as_slice();
        let register = b"\x7fELF.../2020-01-01/extension/register...".as_slice();
        assert_eq!(
            ApiClients::of(next),
            ApiClients::Runtime { extension: false }
        );
        assert_eq!(ApiClients::of(register), ApiClients::Extension);
        // Go keeps constants without an end between them.
        let split = b"\x7fELFhttp://%s/2020-01-01/extensionlooking";
        assert_eq!(ApiClients::of(split), ApiClients::Extension);
        let both = [next, register].concat();
        assert_eq!(
            ApiClients::of(&both),
            ApiClients::Runtime { extension: true }
        );
        assert_eq!(ApiClients::of(b"\x7fELF"), ApiClients::None);
        assert_eq!(ApiClients::of(b""), ApiClients::None);
    }

    #[test]
    fn a_go_program_is_a_function_if_it_starts_one() {
        for name in [
            "github.com/aws/aws-lambda-go/lambda.start",
            "github.com/aws/aws-lambda-go/lambda.StartHandlerWithContext",
            "example.com/v/vendor/github.com/aws/aws-lambda-go/lambda.StartHandler",
        ] {
            let table = format!("main.main\0{name}\0runtime/invocation/");
            assert!(ApiClients::of(table.as_bytes()).may_be_function(), "{name}");
        }
    }

    #[test]
    fn a_go_program_that_only_imports_the_runtime_is_no_function() {
        let imported = "github.com/aws/aws-lambda-go/lambda.startRuntimeAPILoop\0\
                        github.com/aws/aws-lambda-go/lambda.startFunctionRPC\0\
                        /runtime/invocation/";
        assert_eq!(ApiClients::of(imported.as_bytes()), ApiClients::None);
        let own_client = format!("{imported}http://%s/2018-06-01/runtime/invocation/next");
        assert!(ApiClients::of(own_client.as_bytes()).may_be_function());
    }

    #[test]
    fn strings_of_dotnet_are_read() {
        let text = "/2018-06-01/runtime/invocation/next".encode_utf16();
        let bytes: Vec<u8> = text.flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            ApiClients::of(&bytes),
            ApiClients::Runtime { extension: false }
        );
    }

    #[test]
    fn a_compressed_program_is_not_judged() {
        let packed = ApiClients::of(b"\x7fELF\x02...UPX!\x0d");
        assert_eq!(packed, ApiClients::Unreadable);
        assert!(packed.may_be_function());
    }
}
