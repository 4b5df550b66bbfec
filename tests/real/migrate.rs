//! What was migrated, as the real tools see it.

use std::path::{Path, PathBuf};

use super::support::{command, lambdapack, run, tool};

fn before() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrate/before")
}

/// A copy of a case that may be edited.
fn copied(case: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs_err::read_dir(before().join(case)).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs_err::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
        }
    }
    dir
}

#[test]
fn what_terraform_would_not_format_it_does_not_format_afterwards() {
    let Some(terraform) = tool("terraform") else {
        return;
    };
    let is_clean = |dir: &Path| {
        let mut fmt = command(&terraform, dir);
        fmt.env("TF_CLI_CONFIG_FILE", "").args(["fmt", "-check"]);
        run(&mut fmt).code == Some(0)
    };
    let mut clean = 0;
    for entry in fs_err::read_dir(before()).unwrap() {
        let case = entry.unwrap().file_name().into_string().unwrap();
        let dir = copied(&case);
        if !case.starts_with("terraform") || !is_clean(dir.path()) {
            continue;
        }
        run(lambdapack(dir.path()).args(["migrate", "--write"]));
        assert!(is_clean(dir.path()), "{case}");
        clean += 1;
    }
    assert!(clean >= 4, "{clean}");
}
