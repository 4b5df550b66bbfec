//! The program with real compilers, and its results in the hands of real tools.
//!
//! A test whose tool is missing says so and passes; with
//! `LAMBDAPACK_TEST_REQUIRE_TOOLS=1` it fails. What takes long to compile is
//! kept in `target/real`, so that the next run is quick.
//! Absent: what fakes of the compilers can show as well.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "helpers of tests are not recognised as tests"
)]

mod real {
    mod auditable;
    mod auto_linker;
    mod aws;
    mod aws_server;
    mod c_dependencies;
    mod cached_clone;
    mod check;
    mod check_go;
    mod checkout;
    mod clock;
    #[cfg(target_os = "linux")]
    mod coldstart;
    mod configuration;
    mod deployed;
    mod docs;
    mod edited_go;
    mod edited_rust;
    #[cfg(target_os = "linux")]
    mod exchanges;
    #[cfg(target_os = "linux")]
    mod faults;
    #[cfg(target_os = "linux")]
    mod faults_full;
    #[cfg(target_os = "linux")]
    mod faults_large;
    #[cfg(target_os = "linux")]
    mod faults_scene;
    mod formats;
    mod go;
    mod golden;
    mod hidden_inputs;
    mod http_client;
    #[cfg(target_os = "linux")]
    mod invoke;
    mod invoke_deployed;
    mod keyed;
    mod keys_go;
    mod keys_rust;
    mod killed;
    mod linkers;
    mod linking;
    mod man;
    mod migrate;
    mod mixed;
    mod moto;
    mod new;
    mod new_watched;
    mod parts;
    mod places;
    mod profile;
    mod project;
    mod random_edits;
    mod refused;
    mod release;
    mod reproducible;
    mod running;
    mod runtime_api;
    mod rustflags;
    mod sample_events;
    mod sbom;
    mod sbom_cargo;
    mod schemas;
    mod shared_target;
    mod shells;
    #[cfg(target_os = "linux")]
    mod size;
    mod started;
    mod support;
    mod template;
    mod templates;
    mod templates_deployed;
    mod templates_linted;
    mod templates_partitioned;
    mod terminal;
    mod terraform;
    mod toolchain;
    mod trace;
    mod unchanged;
    mod verify;
    mod watch_application;
    mod watch_browser;
    mod watch_callers;
    mod watch_clients;
    mod watch_concurrency;
    mod watch_events;
    mod watch_extensions;
    #[cfg(target_os = "linux")]
    mod watch_failures;
    mod watch_files;
    #[cfg(target_os = "linux")]
    mod watch_hostile;
    #[cfg(target_os = "linux")]
    mod watch_idle;
    mod watch_payloads;
    #[cfg(target_os = "linux")]
    mod watch_reload;
    #[cfg(target_os = "linux")]
    mod watch_scene;
    mod watch_templates;
    mod watch_urls;
    #[cfg(target_os = "linux")]
    mod watch_windows;
    mod watched_functions;
    mod watching;
    mod web_driver;
    mod windows;
    mod windows_pack;
    mod wine;
    mod workspace;
    mod zip_cache;
}
