//! Refuses arguments for `go build` that would break what packing relies on.

use crate::ui::failure::{ExitKind, Failure};

/// Refuses the first such argument, with its reason.
pub(super) fn refuse(args: &[String]) -> Result<(), Failure> {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(flag) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) else {
            continue;
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value),
            None if flag == "buildmode" => (flag, args.next().map_or("", String::as_str)),
            None => (flag, ""),
        };
        if let Some((reason, help)) = reason(name, value) {
            let shown = match (name, value) {
                ("buildmode", value) if !value.is_empty() => format!("-buildmode={value}"),
                _ => arg.clone(),
            };
            return Err(Failure::new(
                ExitKind::Usage,
                format!("`{shown}` cannot be passed to go: {reason}"),
            )
            .help(help));
        }
    }
    Ok(())
}

/// Why an argument is refused, and what to do instead.
fn reason(name: &str, value: &str) -> Option<(&'static str, &'static str)> {
    Some(match (name, value) {
        ("o", _) => (
            "the program is built in the target directory and then packaged",
            "pass `--out` or `--out-dir` to choose where the zip is written, or `--target-dir`",
        ),
        ("C", _) => (
            "go runs in the folder of the module",
            "pass the folder as PATH: `cargo lambdapack PATH`",
        ),
        ("n", _) => (
            "it prints the commands but builds nothing",
            "pass `--dry-run` to see the plan, or `-x` to see go's commands while it builds",
        ),
        ("json", _) => (
            "go's messages are printed unchanged",
            "omit it, and pass `--message-format json` to get the result as JSON",
        ),
        ("buildmode", "exe" | "default") => return None,
        ("buildmode", "pie") => (
            "a position-independent executable is loaded by the runtime's dynamic loader, and \
             functions are built as static programs where possible",
            "omit it: the default is an executable (`-buildmode=exe`)",
        ),
        ("buildmode", _) => (
            "Lambda starts an executable, but this mode creates a library or an archive",
            "omit it: the default is an executable (`-buildmode=exe`)",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refused_argument_names_its_own_reason() {
        let refused = |args: &[&str]| {
            let args: Vec<_> = args.iter().map(|arg| (*arg).to_owned()).collect();
            let failure = refuse(&args).unwrap_err();
            assert_eq!(failure.kind, ExitKind::Usage);
            failure.problems[0].what.clone()
        };
        assert!(refused(&["-v", "-buildmode=pie"]).contains("position-independent"));
        assert!(refused(&["-buildmode", "pie"]).starts_with("`-buildmode=pie` cannot"));
        assert!(refused(&["--buildmode=c-shared"]).contains("library"));
        assert!(refused(&["-o=x"]).contains("target directory"));
        assert!(refused(&["-C"]).contains("folder of the module"));
        assert!(refused(&["-n"]).contains("builds nothing"));
        let fine = ["-buildmode=exe", "-race", "-nolocalimports", "x"].map(str::to_owned);
        assert!(refuse(&fine).is_ok());
    }
}
