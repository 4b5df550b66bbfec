use super::*;

fn parse(text: &str) -> anyhow::Result<Settings> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(FILE);
    fs_err::write(&file, text).unwrap();
    Settings::read(&file)
}

/// Row 32.
#[test]
fn unknown_keys_and_values_are_errors_that_name_what_there_is() {
    let error = parse("archs = \"arm64\"").unwrap_err().to_string();
    assert!(error.contains("unknown field `archs`"), "{error}");
    assert!(error.contains("`arch`"), "{error}");
    let error = parse("runtime = \"go1.x\"").unwrap_err().to_string();
    assert!(error.contains("migrate"), "{error}");
    let error = parse("arch = [\"mips\"]").unwrap_err().to_string();
    assert!(
        error.contains("`mips`") && error.contains("arm64"),
        "{error}"
    );
    let error = parse("[function.a]\nskp = true").unwrap_err().to_string();
    assert!(error.contains("unknown field `skp`"), "{error}");
}

#[test]
fn keys_that_mean_nothing_where_they_stand_are_errors() {
    for text in [
        "path = \"a\"",
        "[function.a]\nprofile = \"release\"",
        "[function.a]\npaths = [\"a\"]",
        "[function.\"../a\"]\nskip = true",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_inner_table_wins_and_go_flags_add_up() {
    let outer = parse("arch = \"arm64\"\ntags = \"a\"\nldflags = \"-X m.v=1\"").unwrap();
    let inner = parse("arch = [\"x86_64\"]\ntags = [\"b\"]\nldflags = \"-X m.w=2\"").unwrap();
    let both = inner.over(&outer);
    assert_eq!(both.arch.unwrap().to_vec(), [Arch::X86_64]);
    assert_eq!(both.tags.unwrap().to_vec(), ["a", "b"]);
    assert_eq!(both.ldflags.unwrap().to_vec(), ["-X m.v=1", "-X m.w=2"]);
}

/// The README has the one table of keys for both languages.
#[test]
fn the_readme_lists_every_key_and_no_other() {
    let readme = include_str!("../../../README.md");
    let listed: Vec<_> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| key |"))
        .skip(2)
        .map_while(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let error = parse("unknown = 1").unwrap_err().to_string();
    let known = error
        .lines()
        .find(|line| line.contains("expected one of"))
        .unwrap();
    let known: Vec<_> = known.split('`').skip(3).step_by(2).collect();
    for key in &known {
        assert!(listed.contains(key), "{key} is not in the README");
    }
    assert_eq!(listed.len(), known.len(), "{listed:?} {known:?}");
}
