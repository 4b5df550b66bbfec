use super::*;
use crate::ui::console::Verbosity;

/// Copies the folder `app` of a new folder after filling it.
fn copied(fill: impl FnOnce(&Path)) -> (tempfile::TempDir, ScratchFolder, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let above = fs_err::canonicalize(dir.path()).unwrap();
    let app = above.join("app");
    fs_err::create_dir(&app).unwrap();
    fill(&app);
    let scratch = ScratchFolder::new().unwrap();
    let console = Console::new(Verbosity::Quiet);
    let roots = BTreeSet::from([app.clone()]);
    let mut copy = SourceCopy {
        scratch: &scratch,
        roots: &roots,
        cargo_home: Some(above.join(".cargo")),
        console: &console,
        newest: None,
    };
    copy.copy_all().unwrap();
    let place = scratch.place(&app);
    (dir, scratch, place)
}

fn write(path: &Path, text: &str) {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
}

#[test]
fn build_results_are_not_copied_and_times_are_kept() {
    let early = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    let (_dir, _scratch, place) = copied(|app| {
        write(&app.join("src/main.rs"), "fn main() {}");
        let file = fs_err::File::open(app.join("src/main.rs")).unwrap();
        file.set_modified(early).unwrap();
        write(
            &app.join("build/CACHEDIR.TAG"),
            "Signature: 8a477f597d28d172789f06886806bc55\n",
        );
        write(&app.join("build/x"), "");
        write(&app.join("mine/CACHEDIR.TAG"), "mine");
        write(&app.join("out/.rustc_info.json"), "{}");
        write(&app.join("target/lambdapack/manifest.json"), "");
        write(&app.join("target/go/x"), "");
    });
    let main = fs_err::metadata(place.join("src/main.rs")).unwrap();
    if cfg!(unix) {
        assert_eq!(main.modified().unwrap(), early);
    }
    assert!(place.join("mine/CACHEDIR.TAG").exists());
    for left in ["build", "out", "target/lambdapack", "target/go"] {
        assert!(!place.join(left).exists(), "{left}");
    }
}

#[test]
fn configuration_of_the_folders_above_is_copied_except_cargos_home() {
    let (_dir, _scratch, place) = copied(|app| {
        let above = app.parent().unwrap();
        write(&above.join("rust-toolchain.toml"), "[toolchain]");
        write(&above.join(".cargo/config.toml"), "");
        write(&above.join("letters/a"), "");
    });
    let above = place.parent().unwrap();
    assert!(above.join("rust-toolchain.toml").exists());
    assert!(!above.join(".cargo").exists());
    assert!(!above.join("letters").exists());
}

#[cfg(unix)]
#[test]
fn symlinks_lead_to_the_same_file_or_to_its_copy() {
    let (dir, _scratch, place) = copied(|app| {
        write(&app.join("a"), "a");
        write(&app.parent().unwrap().join("outside"), "o");
        for (target, name) in [
            (PathBuf::from("a"), "near"),
            (app.join("a"), "absolute"),
            (PathBuf::from("../outside"), "far"),
            (PathBuf::from("nowhere"), "broken"),
            (PathBuf::from("/"), "target"),
        ] {
            link(&target, &app.join(name)).unwrap();
        }
    });
    let leads = |name: &str| fs_err::read_link(place.join(name)).unwrap();
    assert_eq!(leads("near"), Path::new("a"));
    assert_eq!(leads("absolute"), place.join("a"));
    let outside = fs_err::canonicalize(dir.path()).unwrap().join("outside");
    assert_eq!(leads("far"), outside);
    assert!(place.join("broken").is_symlink());
    assert!(!place.join("target").is_symlink());
}

#[cfg(unix)]
#[test]
fn other_files_of_the_repository_are_reachable() {
    let (dir, _scratch, place) = copied(|app| {
        let above = app.parent().unwrap();
        write(&above.join(".git/HEAD"), "ref");
        write(&above.join(".git/config"), "[core]\n");
        write(&above.join(".git/index.lock"), "");
        write(&above.join(".git/refs/tags/v1"), "");
        write(&above.join("shared/query.sql"), "select 1");
    });
    let above = place.parent().unwrap();
    let sql = fs_err::read_to_string(above.join("shared/query.sql")).unwrap();
    assert_eq!(sql, "select 1");
    // git writes to the copy of the repository and compares the user's files.
    let real = fs_err::canonicalize(dir.path()).unwrap();
    let git = above.join(".git");
    assert!(git.join("HEAD").is_file() && !git.join("HEAD").is_symlink());
    assert_eq!(
        fs_err::read_link(git.join("refs")).unwrap(),
        real.join(".git/refs")
    );
    assert!(!git.join("index.lock").exists());
    let config = fs_err::read_to_string(git.join("config")).unwrap();
    let worktree = format!("worktree = \"{}\"", real.display());
    assert!(config.contains(&worktree), "{config}");
}
