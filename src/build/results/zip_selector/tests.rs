use std::path::Path;

use super::*;
use crate::build::package::manifest::ArchEntry;
use crate::build::results::packed_function::PackedFunction;
use crate::build::results::zip_selector::find::{find_by_name, is_path, only_zip};
use crate::lambda::{Arch, Purpose, Runtime};
use crate::ui::failure::ExitKind;

fn recorded(name: &str, arch: Arch, dir: &Path) -> PackedFunction {
    PackedFunction {
        name: name.into(),
        arch,
        runtime: Runtime::ProvidedAl2023,
        purpose: Purpose::Function,
        handler: None,
        language: None,
        source: dir.to_owned(),
        dir: dir.to_owned(),
        entry: ArchEntry {
            zip: Some(format!("{arch}-{name}.zip")),
            dir: None,
            code_sha256: Some("hash".into()),
            sha256: None,
            zip_size: None,
            sbom: None,
            size: 0,
            entries: Vec::new(),
            packing: None,
            build: std::sync::Arc::default(),
        },
    }
}

fn for_arch(arch: Arch) -> ZipSelector {
    ZipSelector {
        arch: Some(arch),
        ..ZipSelector::default()
    }
}

#[test]
fn a_word_with_a_folder_or_the_zip_extension_is_a_path() {
    for word in ["orders.zip", "a/orders", "./orders", "/orders", "a.ZIP"] {
        assert!(is_path(Path::new(word)), "{word}");
    }
    for word in ["orders", "my.function"] {
        assert!(!is_path(Path::new(word)), "{word}");
    }
}

#[test]
fn a_name_with_several_architectures_needs_one() {
    let dir = tempfile::tempdir().unwrap();
    let known = Arch::ALL.map(|arch| recorded("orders", arch, dir.path()));
    let problem = find_by_name("orders", &known, &ZipSelector::default()).unwrap_err();
    assert_eq!(
        problem.what,
        "`orders` is packaged for several architectures: arm64 and x86_64"
    );
    assert_eq!(problem.help.unwrap(), "select one with `--arch`");
    fs_err::write(dir.path().join("arm64-orders.zip"), "PK").unwrap();
    let found = find_by_name("orders", &known, &for_arch(Arch::Arm64)).unwrap();
    assert_eq!(found.path, dir.path().join("arm64-orders.zip"));
    assert_eq!(found.arch, Some(Arch::Arm64));
    assert_eq!(found.code_sha256.as_deref(), Some("hash"));
}

#[test]
fn the_preferred_architecture_is_used_if_there_are_several() {
    let dir = tempfile::tempdir().unwrap();
    let known = Arch::ALL.map(|arch| recorded("orders", arch, dir.path()));
    for arch in Arch::ALL {
        fs_err::write(dir.path().join(format!("{arch}-orders.zip")), "PK").unwrap();
    }
    for arch in Arch::ALL {
        let preferred = ZipSelector {
            preferred: Some(arch),
            ..ZipSelector::default()
        };
        let found = find_by_name("orders", &known, &preferred).unwrap();
        assert_eq!(found.arch, Some(arch));
        // It is only a default: another architecture is used if it is the only one or requested.
        let other = Arch::ALL.into_iter().find(|other| *other != arch).unwrap();
        let alone = [recorded("orders", other, dir.path())];
        let found = find_by_name("orders", &alone, &preferred).unwrap();
        assert_eq!(found.arch, Some(other));
        let asked = ZipSelector {
            arch: Some(other),
            ..preferred
        };
        let found = find_by_name("orders", &known, &asked).unwrap();
        assert_eq!(found.arch, Some(other));
    }
}

#[test]
fn a_recorded_zip_that_is_missing_must_be_packed_again() {
    let dir = tempfile::tempdir().unwrap();
    let known = [recorded("orders", Arch::X86_64, dir.path())];
    let problem = find_by_name("orders", &known, &ZipSelector::default()).unwrap_err();
    assert!(problem.what.ends_with("does not exist"), "{}", problem.what);
    assert!(problem.help.unwrap().contains("--bin orders --arch x86_64"));
    let problem = find_by_name("orders", &known, &for_arch(Arch::Arm64)).unwrap_err();
    assert!(
        problem
            .what
            .contains("not packaged for arm64, but for x86_64")
    );
}

#[test]
fn an_unknown_name_is_reported_with_the_nearest() {
    let known = [recorded("orders", Arch::X86_64, Path::new("/w"))];
    let problem = find_by_name("order", &known, &ZipSelector::default()).unwrap_err();
    assert_eq!(problem.help.unwrap(), "did you mean `orders`?");
    let problem = find_by_name("zzz", &known, &ZipSelector::default()).unwrap_err();
    assert_eq!(problem.help.unwrap(), "available names: orders");
}

#[test]
fn a_name_in_two_projects_is_reported_with_both_zips() {
    let known = ["/a", "/b"].map(|dir| recorded("orders", Arch::Arm64, Path::new(dir)));
    let problem = find_by_name("orders", &known, &for_arch(Arch::Arm64)).unwrap_err();
    assert!(problem.what.contains("several zips are called `orders`"));
}

#[test]
fn without_a_name_the_only_function_is_selected() {
    let dir = tempfile::tempdir().unwrap();
    fs_err::write(dir.path().join("arm64-orders.zip"), "PK").unwrap();
    let orders = recorded("orders", Arch::Arm64, dir.path());
    assert_eq!(
        only_zip(std::slice::from_ref(&orders), &ZipSelector::default())
            .unwrap()
            .name,
        "orders"
    );
    let both = [orders.clone(), recorded("orders", Arch::X86_64, dir.path())];
    let failure = only_zip(&both, &ZipSelector::default()).unwrap_err();
    assert_eq!(failure.kind, ExitKind::Project);
    assert_eq!(
        failure.problems[0].help.as_deref(),
        Some("select one with `--arch`")
    );
    assert_eq!(
        only_zip(&both, &for_arch(Arch::Arm64)).unwrap().name,
        "orders"
    );
    let two = [recorded("users", Arch::Arm64, dir.path()), orders];
    let failure = only_zip(&two, &ZipSelector::default()).unwrap_err();
    assert_eq!(failure.kind, ExitKind::Usage);
    assert_eq!(
        failure.problems[0].what,
        "several packaged functions were found: orders, users"
    );
}
