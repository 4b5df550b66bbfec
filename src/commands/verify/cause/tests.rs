use super::*;
use crate::build::plan::BuildDescription;

fn entry(build: BuildDescription) -> ArchEntry {
    ArchEntry {
        zip: Some("arm64/orders.zip".into()),
        dir: None,
        code_sha256: None,
        sha256: None,
        zip_size: None,
        sbom: None,
        size: 0,
        entries: Vec::new(),
        packing: None,
        build: build.into(),
    }
}

fn differences(then: BuildDescription, now: BuildDescription) -> Vec<String> {
    recorded_differences(&entry(then), &entry(now), &|text| {
        text.replace("/scratch/tree", "")
    })
}

#[test]
fn recorded_facts_that_differ_are_described() {
    let then = BuildDescription {
        toolchain: "rustc 1.95.0".into(),
        settings: [("LTO".to_owned(), "thin".to_owned())].into(),
        options: vec!["--arch=arm64".into()],
        lock: Some("a".into()),
        auditable: true,
        ..BuildDescription::default()
    };
    let now = BuildDescription {
        toolchain: "rustc 1.96.0".into(),
        lock: Some("b".into()),
        ..BuildDescription::default()
    };
    assert_eq!(
        differences(then, now),
        [
            "the compiler: rustc 1.95.0 then, rustc 1.96.0 now",
            "cargo auditable: used then, not used now",
            "LTO: thin then, none now",
            "Cargo.lock or go.sum changed after it was built",
        ]
    );
}

#[test]
fn paths_of_the_rebuild_are_not_differences() {
    let with = |flag: &str| BuildDescription {
        rustflags: vec![flag.to_owned()],
        options: vec!["--arch=arm64".into()],
        ..BuildDescription::default()
    };
    let (then, now) = (with("-L/home/ada"), with("-L/scratch/tree/home/ada"));
    assert!(differences(then, now).is_empty());
}

#[test]
fn a_path_of_the_rebuild_is_described_as_the_original_path() {
    let dir = tempfile::tempdir().unwrap();
    let app = fs_err::canonicalize(dir.path()).unwrap();
    let places = RebuildDirs {
        scratch: "/scratch".into(),
        tree: "/scratch/tree".into(),
        kinds: [
            ("/scratch/tree".into(), RebuildDir::Sources),
            ("/scratch/target".into(), RebuildDir::Build),
            ("/scratch/cargo-home".into(), RebuildDir::Dependencies),
        ],
        newest: None,
        outside_dependencies: BTreeMap::default(),
    };
    let embedded_path =
        |text: &str| places.embedded_path(format!("\x7fELF /s {text}\0 more").as_bytes());
    let description = embedded_path(&format!("/scratch/tree{}Hello", app.display())).unwrap();
    assert!(
        description.contains(&format!("the path {},", app.display())),
        "{description}"
    );
    assert!(
        embedded_path("/scratch/target/release/x")
            .unwrap()
            .contains("OUT_DIR")
    );
    assert!(
        embedded_path("/scratch/cargo-home/registry")
            .unwrap()
            .contains("dependencies")
    );
    assert_eq!(embedded_path("/home/ada"), None);
    // The start of the searched path may appear twice.
    assert!(embedded_path("/scr/scratch/cargo-home/registry").is_some());
    assert_eq!(embedded_path("/scr/scra"), None);
}
