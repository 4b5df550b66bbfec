//! Detects which of Lambda's APIs a program uses. A program that uses the Runtime API is a
//! function. A program that uses only the Extensions API is an extension.
//!
//! In: the bytes of a program. Out: [`ApiClients`]. It never panics.
//! Left to others: whether the program is packaged, which `build` and `check` decide.
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

/// The path of every request for an event and of every response. A client that joins the path
/// from pieces is unlikely to split both of these strings.
const RUNTIME: [&str; 2] = ["runtime/invocation", NEXT];

/// The path at which extensions register, and its first part. Most Go extensions append
/// `register` to the first part at run time, as AWS's samples do.
///
/// Source: `extension/client.go` of the samples in
/// <https://github.com/aws-samples/aws-lambda-extensions>, and programs built from them.
const EXTENSION: [&str; 2] = ["extension/register", "2020-01-01/extension"];

/// Every function that uses aws-lambda-go contains one of these names in Go's function table,
/// which survives `-s -w` and `-trimpath`. They are for versions since 1.34, for 1.18 to 1.33,
/// and for older ones. The oldest have no Runtime API client. Such a program is rejected as
/// `go-runtime-too-old`, but it is a function and not a tool.
///
/// Source: `lambda/entry.go` of <https://github.com/aws/aws-lambda-go>, and programs built
/// with 1.13, 1.17 to 1.20, 1.28, 1.29, 1.34, 1.41, 1.47, and 1.55.
const GO_STARTS: [&str; 3] = [
    "aws-lambda-go/lambda.start\0",
    "aws-lambda-go/lambda.StartHandlerWithContext\0",
    "aws-lambda-go/lambda.StartHandler\0",
];

/// The client of aws-lambda-go. Since 1.34 the package initializes a variable with it, so the
/// client and its path are in every program that imports the package.
const GO_CLIENT: &str = "aws-lambda-go/lambda.startRuntimeAPILoop";

/// The end of a path that aws-lambda-go joins at run time. Other clients contain it completely.
const NEXT: &str = "invocation/next";

/// UPX writes this into a program that it compresses.
///
/// Source: `UPX_MAGIC_LE32` in <https://github.com/upx/upx/blob/devel/src/conf.h>.
const UPX: &str = "UPX!";

impl ApiClients {
    /// Detects the clients in a program.
    pub(crate) fn detect(program: &[u8]) -> Self {
        let contains = |text: &str| memmem::find(program, text.as_bytes()).is_some();
        // .NET stores strings as UTF-16, also in native programs.
        let contains_path = |path: &str| {
            let wide: Vec<u8> = path.encode_utf16().flat_map(u16::to_le_bytes).collect();
            contains(path) || memmem::find(program, &wide).is_some()
        };
        let extension = EXTENSION.into_iter().any(contains_path);
        let runtime = GO_STARTS.into_iter().any(contains)
            || (RUNTIME.into_iter().any(contains_path) && (!contains(GO_CLIENT) || contains(NEXT)));
        if runtime {
            Self::Runtime { extension }
        } else if extension {
            Self::Extension
        } else if contains(UPX) {
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
    fn clients_are_detected_by_the_paths_of_their_apis() {
        let next = b"\x7fELF...http:///2018-06-01/runtime/invocation/next...".as_slice();
        let register = b"\x7fELF.../2020-01-01/extension/register...".as_slice();
        assert_eq!(
            ApiClients::detect(next),
            ApiClients::Runtime { extension: false }
        );
        assert_eq!(ApiClients::detect(register), ApiClients::Extension);
        // Go stores constants without a terminator.
        let split = b"\x7fELFhttp://%s/2020-01-01/extensionlooking";
        assert_eq!(ApiClients::detect(split), ApiClients::Extension);
        let both = [next, register].concat();
        assert_eq!(
            ApiClients::detect(&both),
            ApiClients::Runtime { extension: true }
        );
        assert_eq!(ApiClients::detect(b"\x7fELF"), ApiClients::None);
        assert_eq!(ApiClients::detect(b""), ApiClients::None);
    }

    #[test]
    fn a_go_program_is_a_function_if_it_starts_one() {
        for name in [
            "github.com/aws/aws-lambda-go/lambda.start",
            "github.com/aws/aws-lambda-go/lambda.StartHandlerWithContext",
            "example.com/v/vendor/github.com/aws/aws-lambda-go/lambda.StartHandler",
        ] {
            let table = format!("main.main\0{name}\0runtime/invocation/");
            assert!(
                ApiClients::detect(table.as_bytes()).may_be_function(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_go_program_that_only_imports_the_runtime_is_not_a_function() {
        let imported = "github.com/aws/aws-lambda-go/lambda.startRuntimeAPILoop\0\
                        github.com/aws/aws-lambda-go/lambda.startFunctionRPC\0\
                        /runtime/invocation/";
        assert_eq!(ApiClients::detect(imported.as_bytes()), ApiClients::None);
        let own_client = format!("{imported}http://%s/2018-06-01/runtime/invocation/next");
        assert!(ApiClients::detect(own_client.as_bytes()).may_be_function());
    }

    #[test]
    fn utf16_strings_of_dotnet_are_found() {
        let text = "/2018-06-01/runtime/invocation/next".encode_utf16();
        let bytes: Vec<u8> = text.flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            ApiClients::detect(&bytes),
            ApiClients::Runtime { extension: false }
        );
    }

    #[test]
    fn a_compressed_program_may_be_a_function() {
        let packed = ApiClients::detect(b"\x7fELF\x02...UPX!\x0d");
        assert_eq!(packed, ApiClients::Unreadable);
        assert!(packed.may_be_function());
    }
}
