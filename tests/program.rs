//! Tests of the whole program. A command line goes in; the exit code, output, files, and
//! started commands come out. The tools on PATH are fakes, so these tests run on every system
//! and need only Cargo.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests are not recognised as tests, and start the program"
)]

mod support;

mod program {
    mod auditable;
    mod cache;
    mod cargo_config;
    mod check;
    mod check_hostile;
    mod check_modes;
    mod check_place;
    mod check_program;
    mod check_script;
    mod check_zip;
    mod clock;
    mod coldstart_aws;
    #[cfg(target_os = "linux")]
    mod coldstart_gate;
    #[cfg(target_os = "linux")]
    mod coldstart_local;
    mod collect;
    mod config;
    mod configured;
    mod console;
    mod deploy;
    mod deploy_create;
    mod deploy_layer;
    mod deploy_many;
    mod deploy_versions;
    mod discover;
    mod docs;
    mod docs_links;
    mod doctor;
    mod entry_script;
    mod exit_codes;
    mod extension;
    mod extension_recognized;
    mod find;
    #[cfg(target_os = "linux")]
    mod for_host;
    mod glibc;
    mod go;
    mod go_load;
    mod help;
    mod hints;
    mod include;
    mod include_again;
    #[cfg(unix)]
    mod include_changing;
    mod include_refused;
    #[cfg(unix)]
    mod interrupt;
    #[cfg(target_os = "linux")]
    mod invoke;
    mod invoke_aws;
    #[cfg(target_os = "linux")]
    mod invoke_ends;
    #[cfg(target_os = "linux")]
    mod invoke_refused;
    mod layers;
    mod linkers;
    mod manifest;
    mod migrate;
    mod migrate_random;
    mod names;
    mod output;
    mod pack;
    mod pack_output;
    mod partition;
    #[cfg(unix)]
    mod places;
    mod prose;
    #[cfg(unix)]
    mod real_python;
    mod recognized;
    mod refused;
    mod report;
    mod rust;
    mod scaffold;
    mod scaffold_new;
    mod schemas;
    mod select;
    mod side_by_side;
    mod stale;
    mod together;
    mod tools;
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    mod transcript;
    #[cfg(unix)]
    mod unstartable;
    #[cfg(unix)]
    mod user;
    mod verify;
    mod verify_replayed;
    mod verify_standing;
    #[cfg(target_os = "linux")]
    mod watch;
    mod zig;
    mod zig_links;
}
