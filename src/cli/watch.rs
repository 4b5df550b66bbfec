//! Options of `watch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::build::request::{BuildDestination, Request};
use crate::cli::build::go::GoArgs;
use crate::cli::build::rust::RustArgs;
use crate::cli::build::selection::SelectionArgs;
use crate::cli::env_options::EnvArgs;
use crate::cli::exit_codes::exit_codes;
use crate::cli::output_options::FormatArgs;
use crate::cli::paths::folders;
use crate::cli::values::memory;
use crate::commands::watch::WatchOptions;
use crate::system::host::Host;
use crate::ui::console::Console;
use crate::ui::failure::ExitKind;
use crate::ui::output_style::OutputStyle;

#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct WatchArgs {
    /// Folders of Cargo packages, Cargo workspaces, Go modules, or Go packages [default: .]
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    paths: Vec<PathBuf>,
    /// Arguments for `cargo build` or `go build`; if a run needs both, use --cargo-arg and
    /// --go-arg
    #[arg(last = true, value_name = "ARGS")]
    rest: Vec<String>,

    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    env: FunctionEnvArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    rust: RustArgs,
    #[command(flatten)]
    go: GoArgs,
    #[command(flatten)]
    pub(crate) stdout: FormatArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
struct ServerArgs {
    /// Address to listen on
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 9000)]
    port: u16,
    /// How long a request waits for a build, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    wait: u32,
    /// Timeout in seconds, as Lambda's Timeout setting
    #[arg(long, value_name = "S", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=900))]
    timeout: u32,
    /// Let invocations take as long as they want, for debugging
    #[arg(long, conflicts_with = "timeout")]
    no_timeout: bool,
    /// Maximum number of instances of a function; further requests get 429
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// Number of events that one instance handles at the same time, as on Lambda Managed
    /// Instances; each function then has one instance
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "concurrency", value_parser = clap::value_parser!(u16).range(1..=1600))]
    max_concurrency: u16,
    /// Start an instance of each function before its first request
    #[arg(long)]
    eager: bool,
    /// Do not start this function; print the variables with which a debugger can start it
    #[arg(long, value_name = "NAME")]
    only_api: Vec<String>,
    /// Memory size reported to functions, in MB (not enforced)
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = memory)]
    memory: u32,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Environment")]
struct FunctionEnvArgs {
    #[command(flatten)]
    env: EnvArgs,
    /// Pass on a variable of your environment, or several with a pattern such as 'AWS_*'
    #[arg(long, value_name = "NAME")]
    pass_env: Vec<String>,
}

fn after_help() -> String {
    "Functions are built for this machine with Cargo's dev profile and with go build.\n\
     They run with your user's permissions and are not sandboxed. AWS credentials of your \
     environment are not passed on; pass them with --pass-env 'AWS_*'.\n\n"
        .to_owned()
        + &exit_codes(&[
            ExitKind::Usage,
            ExitKind::Tool,
            ExitKind::Project,
            ExitKind::Interrupted,
        ])
}

impl WatchArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(
        mut self,
        host: &Host,
        console: &Console,
        color: Option<String>,
    ) -> anyhow::Result<WatchOptions> {
        self.rust
            .refuse_release("pass `--profile release` for optimized functions")?;
        let manifest_path = self.rust.manifest_path.take();
        // A compiler that writes to a pipe does not know whether there is a terminal.
        let is_json = self.stdout.style() == OutputStyle::Json;
        let default_color = if console.uses_color_on_stderr() && !is_json {
            "always"
        } else {
            "never"
        };
        let color = color.filter(|color| color != "auto");
        let request = Request {
            select: self.selection.selector(manifest_path.is_some()),
            paths: folders(self.paths, manifest_path, host)?,
            destination: BuildDestination::Host,
            rust: self.rust.options(host),
            go: self.go.into(),
            rest: self.rest,
            color: Some(color.unwrap_or_else(|| default_color.to_owned())),
            quiet: console.is_quiet(),
            ..Request::default()
        };
        let server = self.server;
        let timeout = Duration::from_secs(server.timeout.into());
        Ok(WatchOptions {
            request,
            host: server.host,
            port: server.port,
            wait: Duration::from_secs(server.wait.into()),
            timeout: (!server.no_timeout).then_some(timeout),
            concurrency: if server.max_concurrency > 1 {
                1
            } else {
                server.concurrency.into()
            },
            max_concurrency: server.max_concurrency.into(),
            eager: server.eager,
            only_api: server.only_api,
            memory_mb: server.memory,
            env: self.env.env.variables(),
            env_files: self.env.env.files(host),
            pass_env: self.env.pass_env,
        })
    }
}
