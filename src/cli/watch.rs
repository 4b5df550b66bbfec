//! Options of `watch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::build::request::{BuildDestination, GoOptions, Request, RustOptions};
use crate::cli::build::rust::CargoArgs;
use crate::cli::build::selection::SelectionArgs;
use crate::cli::env_options::EnvArgs;
use crate::cli::exit_codes::failure_codes;
use crate::cli::output_options::MessageFormat;
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
    invocation: InvocationArgs,
    #[command(flatten)]
    env: FunctionEnvArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    rust: HostRustArgs,
    #[command(flatten)]
    go: HostGoArgs,
    /// What to print: messages for people on stderr, or one JSON object per event on stdout
    #[arg(
        long,
        value_name = "FMT",
        default_value = "human",
        help_heading = "Output Options"
    )]
    message_format: MessageFormat,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
struct ServerArgs {
    /// Address to listen on; anyone who can reach it can run the functions
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 9000)]
    port: u16,
    /// Seconds that a request waits for a build, or for a function of --only-api, before it fails
    #[arg(long, value_name = "S", default_value_t = 60)]
    wait: u32,
    /// Maximum number of instances of each function; each handles one request at a time, and
    /// further synchronous invocations are throttled (status 429)
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// Number of events that one instance handles at the same time, as on Lambda Managed
    /// Instances; with more than 1, each function has a single instance
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with_all = ["concurrency", "only_api"], value_parser = clap::value_parser!(u16).range(1..=1600))]
    max_concurrency: u16,
    /// Start an instance of each function right after its build, instead of on the first request
    #[arg(long)]
    eager: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Invocation")]
struct InvocationArgs {
    /// Timeout in seconds, as Lambda's Timeout setting
    #[arg(long, value_name = "S", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=900))]
    timeout: u32,
    /// Do not limit the time of an invocation, so that you can debug it
    #[arg(long, conflicts_with = "timeout")]
    no_timeout: bool,
    /// Do not start this function; print its environment on stdout, so that you can start it
    /// yourself, for example in a debugger; may be repeated
    #[arg(long, value_name = "NAME")]
    only_api: Vec<String>,
    /// Memory size reported to the functions, in MB (not enforced)
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = memory)]
    memory: u32,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Environment")]
struct FunctionEnvArgs {
    #[command(flatten)]
    env: EnvArgs,
    /// Pass on this variable of your own environment, or those that match a pattern with a
    /// final `*`, such as 'AWS_*'; may be repeated
    #[arg(long, value_name = "NAME")]
    pass_env: Vec<String>,
}

/// Options for Cargo. Those for the linker are missing, because Cargo builds for this machine
/// with its own.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rust")]
struct HostRustArgs {
    /// Cargo profile
    #[arg(long, value_name = "PROFILE-NAME", default_value = "dev")]
    profile: String,
    #[command(flatten)]
    cargo: CargoArgs,
}

/// Options for go. Those for cgo, symbols, and the commit are missing: go decides about cgo, and
/// keeps the symbols for debuggers.
#[derive(Debug, Args)]
#[command(next_help_heading = "Go")]
struct HostGoArgs {
    /// Build tags, in addition to lambda.norpc, GOFLAGS, and the configuration
    #[arg(long, value_name = "TAGS")]
    tags: Vec<String>,
    /// Linker flags, in addition to GOFLAGS and the configuration
    #[arg(long, value_name = "FLAGS", allow_hyphen_values = true)]
    ldflags: Vec<String>,
    /// Argument for go build; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    go_arg: Vec<String>,
}

fn after_help() -> String {
    "Each function is served at http://NAME.localhost:PORT/. The AWS CLI and the SDKs invoke it \
     by its name with the endpoint http://127.0.0.1:PORT.\n\
     Functions are built for this machine, not for Lambda, and run with your user's permissions. \
     AWS credentials of your environment are only passed on with --pass-env 'AWS_*'.\n\
     The first Ctrl-C stops the server after the running requests, a second one stops it at once.\n\n"
        .to_owned()
        + &failure_codes(&[
            ExitKind::Usage,
            ExitKind::Tool,
            ExitKind::Project,
            ExitKind::Packaging,
            ExitKind::Interrupted,
            ExitKind::Terminated,
        ])
}

impl WatchArgs {
    /// How events are printed.
    pub(crate) const fn style(&self) -> OutputStyle {
        self.message_format.style()
    }

    /// Turns the arguments into options.
    pub(crate) fn into_options(
        mut self,
        host: &Host,
        console: &Console,
        color: Option<String>,
    ) -> anyhow::Result<WatchOptions> {
        self.rust
            .cargo
            .refuse_release("pass `--profile release` for optimized functions")?;
        let manifest_path = self.rust.cargo.manifest_path.take();
        // A compiler that writes to a pipe does not know whether there is a terminal.
        let is_json = self.style() == OutputStyle::Json;
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
            go: self.go.options(),
            rest: self.rest,
            color: Some(color.unwrap_or_else(|| default_color.to_owned())),
            quiet: console.is_quiet(),
            ..Request::default()
        };
        let (server, invocation) = (self.server, self.invocation);
        let timeout = Duration::from_secs(invocation.timeout.into());
        Ok(WatchOptions {
            request,
            host: server.host,
            port: server.port,
            wait: Duration::from_secs(server.wait.into()),
            timeout: (!invocation.no_timeout).then_some(timeout),
            concurrency: if server.max_concurrency > 1 {
                1
            } else {
                server.concurrency.into()
            },
            max_concurrency: server.max_concurrency.into(),
            eager: server.eager,
            only_api: invocation.only_api,
            memory_mb: invocation.memory,
            env: self.env.env.variables(),
            env_files: self.env.env.files(host),
            pass_env: self.env.pass_env,
        })
    }
}

impl HostRustArgs {
    fn options(self, host: &Host) -> RustOptions {
        self.cargo.options(Some(self.profile), host)
    }
}

impl HostGoArgs {
    fn options(self) -> GoOptions {
        GoOptions {
            tags: self.tags,
            ldflags: self.ldflags,
            args: self.go_arg,
            ..GoOptions::default()
        }
    }
}
