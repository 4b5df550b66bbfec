//! Checks in go.mod whether the version of aws-lambda-go supports custom runtimes.

use crate::commands::migrate::mention::lines;
use crate::commands::migrate::old_runtime::Remark;

/// The first version of aws-lambda-go that supports custom runtimes.
///
/// Source: <https://github.com/aws/aws-lambda-go/releases/tag/v1.18.0>
const CUSTOM: (u32, u32) = (1, 18);
/// The first version that works next to extensions.
const EXTENSIONS: (u32, u32) = (1, 20);

/// Reports versions of aws-lambda-go that are too old.
pub(super) fn library_remarks(text: &str) -> Vec<Remark> {
    lines(text)
        .filter_map(|(at, line)| library(at, line))
        .collect()
}

fn library(at: usize, line: &str) -> Option<Remark> {
    let line = line.split("//").next()?.trim();
    let (_, version) = line.rsplit_once("github.com/aws/aws-lambda-go ")?;
    let mut numbers = version.trim().strip_prefix('v')?.split('.');
    let version = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    let (major, minor): (u32, u32) = version;
    let what = format!("aws-lambda-go v{major}.{minor}");
    let help = "run `go get github.com/aws/aws-lambda-go@latest`";
    if version < CUSTOM {
        let why = "does not support custom runtimes, so the function hangs";
        Some(Remark::todo(at, format!("{what} {why}"), help))
    } else if version < EXTENSIONS {
        let why = "times out if the function has extensions";
        Some(Remark::hint(at, format!("{what} {why}"), help))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_does_not_support_custom_runtimes_is_a_task() {
        let reported = |version: &str| {
            let text = format!("require (\n\tgithub.com/aws/aws-lambda-go {version}\n)\n");
            let level = library_remarks(&text).first().map(|remark| remark.level);
            level.map(|level| format!("{level:?}"))
        };
        assert_eq!(reported("v1.17.0").as_deref(), Some("Todo"));
        assert_eq!(reported("v1.19.1 // indirect").as_deref(), Some("Hint"));
        assert_eq!(reported("v1.20.0"), None);
        assert_eq!(reported("v1.54.0"), None);
    }
}
