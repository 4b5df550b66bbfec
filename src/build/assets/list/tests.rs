//! Includes in a real folder.

use std::path::Path;

use super::*;
use crate::build::request::IncludeOption;
use crate::ui::failure::{ExitKind, Failure};

fn folder(files: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        let path = dir.path().join(file);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, file).unwrap();
    }
    dir
}

fn listed(base: &Path, words: &[&str]) -> Result<Vec<String>, Failure> {
    let includes: Vec<_> = words
        .iter()
        .map(|word| IncludeOption {
            word: (*word).to_owned(),
            base: fs_err::canonicalize(base).unwrap(),
        })
        .collect();
    let included = list(&includes)?;
    Ok(included.into_iter().map(|file| file.name).collect())
}

#[test]
fn files_folders_and_patterns_keep_their_names_or_get_others() {
    let dir = folder(&["a.json", "x/b.json", "x/.c", "x/y/d.txt", "k=v", "[z]"]);
    for (word, names) in [
        ("a.json", &["a.json"][..]),
        ("./a.json", &["a.json"]),
        ("a.json=conf/a.json", &["conf/a.json"]),
        ("a.json=conf/", &["conf/a.json"]),
        ("a.json=.", &["a.json"]),
        ("x", &["x/.c", "x/b.json", "x/y/d.txt"]),
        ("x/", &["x/.c", "x/b.json", "x/y/d.txt"]),
        ("x=", &[".c", "b.json", "y/d.txt"]),
        ("x=n/m", &["n/m/.c", "n/m/b.json", "n/m/y/d.txt"]),
        ("x/*", &["x/.c", "x/b.json", "x/y/d.txt"]),
        ("*.json", &["a.json"]),
        ("**/*.json", &["a.json", "x/b.json"]),
        ("**/*.json=j", &["j/a.json", "j/x/b.json"]),
        ("x/**/*.txt=t", &["t/y/d.txt"]),
        ("k=v", &["k=v"]),
        ("k=v=w", &["w"]),
        ("[z]", &["[z]"]),
    ] {
        assert_eq!(listed(dir.path(), &[word]).unwrap(), names, "{word}");
    }
}

#[test]
fn duplicate_includes_are_allowed_but_name_collisions_are_rejected() {
    let dir = folder(&["a", "b"]);
    assert_eq!(
        listed(dir.path(), &["a", "*", "a=c"]).unwrap(),
        ["a", "b", "c"]
    );
    let failure = listed(dir.path(), &["a", "b=a"]).unwrap_err();
    assert!(
        failure.to_string().contains("both become `a` in the zip"),
        "{failure}"
    );
}

#[test]
fn all_includes_without_a_name_in_the_zip_are_reported() {
    let dir = folder(&["in/a", "out"]);
    let base = dir.path().join("in");
    let absolute = dir.path().join("out").display().to_string();
    let words = [
        "../out", &absolute, "none", "no/*.x", "a=../b", "a=/b", "a=C:/b", "a=b//c", "a[=b",
    ];
    let failure = listed(&base, &words).unwrap_err();
    assert_eq!(failure.kind, ExitKind::Packaging);
    assert_eq!(failure.problems.len(), words.len(), "{failure}");
    assert_eq!(listed(&base, &["../out=o"]).unwrap(), ["o"]);
    assert_eq!(listed(&base, &[&format!("{absolute}=o")]).unwrap(), ["o"]);
}

#[cfg(unix)]
#[test]
fn symlinks_are_followed_only_inside_the_root() {
    use fs_err::os::unix::fs::symlink;
    let dir = folder(&["in/a", "in/d/b", "out/c"]);
    let base = dir.path().join("in");
    symlink("a", base.join("l")).unwrap();
    symlink("d", base.join("ld")).unwrap();
    assert_eq!(listed(&base, &["."]).unwrap(), ["a", "d/b", "l", "ld/b"]);
    for (to, why) in [
        ("../out/c", "leads out"),
        ("../out", "leads out"),
        ("none", "dangling symlink"),
        ("bad", "cannot be resolved"),
        (".", "folder that contains it"),
    ] {
        let bad = base.join("bad");
        symlink(to, &bad).unwrap();
        for word in [".", "*", "bad"] {
            let failure = listed(&base, &[word]).unwrap_err();
            let said = failure.to_string();
            assert!(
                said.contains(why) || (word, to) == ("bad", "."),
                "{word} {to}: {said}"
            );
        }
        assert_eq!(
            listed(&base, &["a*"]).unwrap(),
            ["a"],
            "{to}: it was not requested"
        );
        fs_err::remove_file(bad).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn special_files_are_errors() {
    let dir = folder(&["in/a"]);
    let socket = dir.path().join("in/socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let failure = listed(dir.path(), &["in"]).unwrap_err();
    assert!(failure.to_string().contains("a socket"), "{failure}");
    let failure = listed(dir.path(), &["/dev/zero=z"]).unwrap_err();
    assert!(failure.to_string().contains("a device"), "{failure}");
}
