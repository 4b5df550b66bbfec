//! Folders and the flags that name them.

use crate::build::plan::path_remap::PathRemap;
use crate::build::project::cargo::Workspace;
use crate::build::request::Request;
use crate::system::host::Host;

fn remap(root: &str, target: &str, cargo_home: &str) -> PathRemap {
    let workspace = Workspace {
        root: root.into(),
        target_dir: target.into(),
        build_dir: target.into(),
        ..Workspace::default()
    };
    let host = Host {
        env: [("CARGO_HOME".to_owned(), cargo_home.to_owned())].into(),
        ..Host::default()
    };
    PathRemap::new(&Request::default(), &workspace, &host)
}

#[test]
fn the_more_specific_folder_comes_later() {
    assert_eq!(
        remap("/home/ada/w", "/home/ada/w/target", "/home/ada/.cargo").rustflags(),
        [
            "--remap-path-prefix=/home/ada/.cargo=/cargo",
            "--remap-path-prefix=/home/ada/w=/src",
            "--remap-path-prefix=/home/ada/w/target=/src/target",
        ]
    );
    // Where everything of cargo's is inside the workspace, as on some CI machines.
    let inside = remap("/w", "/w/t", "/w/.cargo").rustflags();
    assert_eq!(inside[0], "--remap-path-prefix=/w=/src");
}

#[test]
fn the_root_folder_is_not_replaced() {
    let flags = remap("/", "/target", "/cargo").rustflags();
    assert!(!flags.iter().any(|flag| flag.contains("=/=")), "{flags:?}");
}

#[test]
fn c_flags_leave_out_folders_with_spaces() {
    assert_eq!(
        remap("/my app", "/my app/target", "/c").c_flags(),
        "-ffile-prefix-map=/c=/cargo"
    );
}

#[test]
fn target_dir_moves_the_build_folder_as_well() {
    let workspace = Workspace {
        root: "/w".into(),
        target_dir: "/w/target".into(),
        build_dir: "/w/target".into(),
        ..Workspace::default()
    };
    let mut request = Request::default();
    request.rust.target_dir = Some("/elsewhere".into());
    let flags = PathRemap::new(&request, &workspace, &Host::default()).rustflags();
    assert!(flags.contains(&"--remap-path-prefix=/elsewhere=/src/target".to_owned()));
    assert!(!flags.iter().any(|flag| flag.contains("/w/target")));
}

#[test]
fn rustflags_are_the_same_for_all_projects_with_a_shared_target_folder() {
    let [a, b] = ["/home/ada/a", "/home/ada/b"].map(|root| remap(root, "/t", "/c"));
    let flags = [
        "--remap-path-prefix=/c=/cargo",
        "--remap-path-prefix=/t=/src/target",
    ];
    assert_eq!(a.rustflags(), flags);
    assert_eq!(b.rustflags(), flags);
    assert_eq!(a.c_flags(), b.c_flags());
    assert_eq!(a.for_wrapper(), "/home/ada/a=/src");
    assert_eq!(a.links(), b.links());
    // Without a wrapper, flags name everything.
    let alone = a.without_wrapper();
    assert!(
        alone
            .rustflags()
            .contains(&"--remap-path-prefix=/home/ada/a=/src".to_owned())
    );
    assert_eq!(alone.links(), None);
}

#[test]
fn c_flags_name_the_workspace_if_its_own_build_scripts_compile_c() {
    let mut path_remap = remap("/home/ada/a", "/t", "/c");
    assert!(!path_remap.c_flags().contains("/home/ada/a"));
    path_remap.compiles_c = true;
    assert!(
        path_remap
            .c_flags()
            .contains("-ffile-prefix-map=/home/ada/a=/src")
    );
}

#[test]
fn folders_inside_each_other_are_not_shared() {
    for (root, target, home) in [
        ("/w", "/w/target", "/c"),
        ("/w", "/t", "/w/.cargo"),
        ("/c/git/w", "/t", "/c"),
        ("/t/w", "/t", "/c"),
    ] {
        assert_eq!(
            remap(root, target, home).links(),
            None,
            "{root} {target} {home}"
        );
    }
}

#[test]
fn path_dependencies_outside_the_workspace_have_their_own_names() {
    let workspace = Workspace {
        root: "/w/app".into(),
        target_dir: "/w/app/target".into(),
        build_dir: "/w/app/target".into(),
        outside: vec![("shared".to_owned(), "/w/lib".into())],
        ..Workspace::default()
    };
    let remap = PathRemap::new(&Request::default(), &workspace, &Host::default());
    let flag = "--remap-path-prefix=/w/lib=/outside/shared".to_owned();
    assert!(remap.rustflags().contains(&flag), "{remap:?}");
    assert!(remap.local_folders().contains(&"/w/lib".into()));
}
