//! Runs go, and finds out which programs it has written.

use std::collections::BTreeSet;
use std::path::Path;

use crate::build::compile::compiler;
use crate::build::compile::compiler::{CompilerMessages, CompilerOutcome};
use crate::build::plan::{BinarySource, BuildStep, FunctionPlan};
use crate::build::project::go;
use crate::build::project::go::cgo;
use crate::lambda::Arch;
use crate::system::command::CommandSpec;
use crate::system::tool_cache::FileStamp;
use crate::ui::console::Console;

/// Runs go, and reports the programs that it has written.
pub(super) fn run(
    step: &BuildStep,
    functions: &[&FunctionPlan],
    console: &Console,
    messages: CompilerMessages<'_>,
    report: &mut dyn FnMut(&BinarySource, &Path),
) -> anyhow::Result<CompilerOutcome> {
    let command = &step.command;
    if let Some(out) = command.args.iter().skip_while(|arg| *arg != "-o").nth(1) {
        fs_err::create_dir_all(out)?;
        write_gitignore(out.as_ref())?;
    }
    if matches!(messages, CompilerMessages::Stderr) {
        print_progress(functions, step.arch, console);
    }
    let programs: Vec<_> = functions.iter().filter_map(|f| GoProgram::new(f)).collect();
    let status = compiler::run(command, messages, |_| {})?;
    let outcome = compiler::outcome(status, "go")?;
    if outcome == CompilerOutcome::Failed {
        explain_cgo(step, functions, console)?;
    }
    for program in written(&programs, outcome, command)? {
        report(program.source, program.path);
    }
    Ok(outcome)
}

/// Reports a run of go. Unlike Cargo, go does not name the packages that it compiles.
fn print_progress(functions: &[&FunctionPlan], arch: Arch, console: &Console) {
    let names: Vec<_> = functions
        .iter()
        .map(|planned| planned.name.as_str())
        .collect();
    let what = format!("{} for {arch} with go", names.join(", "));
    let exists = |planned: &&FunctionPlan| match &planned.binary {
        BinarySource::File(path) => path.is_file(),
        BinarySource::CargoMessage { .. } => true,
    };
    if functions.iter().all(exists) {
        console.progress("Building", &what);
    } else {
        // A first build can take minutes, so it is also reported without a terminal.
        console.status("Building", &what);
    }
}

/// Explains how cgo may be the reason why go failed, if this program chose it.
fn explain_cgo(
    step: &BuildStep,
    functions: &[&FunctionPlan],
    console: &Console,
) -> anyhow::Result<()> {
    let command = &step.command;
    match command.env.get("CGO_ENABLED").and_then(Option::as_deref) {
        Some("1") => {
            let build = functions.first().map(|function| &function.build);
            let compiler = build.and_then(|build| build.linker.clone());
            let compiler = compiler.unwrap_or_default();
            console.note(&format!(
                "cgo is on, and `{}` compiles the C code for {} ({}); set `CC` to choose \
                 another compiler",
                compiler.name, step.arch, compiler.reason
            ));
        }
        Some(_) => {
            if let Some(file) = cgo::ignored_files(command)?.first() {
                let file = file.strip_prefix(&command.dir).unwrap_or(file);
                console.note(&format!(
                    "`{}` imports \"C\", which requires cgo: {}",
                    file.display(),
                    cgo::HELP
                ));
            }
        }
        None => {}
    }
    Ok(())
}

/// A program that a run of go should write.
struct GoProgram<'a> {
    source: &'a BinarySource,
    path: &'a Path,
    /// The stamp of the file before the run.
    before: Option<FileStamp>,
}

impl<'a> GoProgram<'a> {
    fn new(planned: &'a FunctionPlan) -> Option<Self> {
        let source = &planned.binary;
        let BinarySource::File(path) = source else {
            return None;
        };
        Some(Self {
            source,
            path,
            before: FileStamp::read(path),
        })
    }

    fn is_unchanged(&self) -> bool {
        FileStamp::read(self.path) == self.before
    }

    fn is_among(&self, names: &BTreeSet<String>) -> bool {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        names.contains(name.strip_suffix(".exe").unwrap_or(&name))
    }
}

/// The programs that go has written. The file of an earlier run remains if a package cannot be
/// compiled, or is no longer `main`. All other files get a new modification time, even if
/// they are up to date.
///
/// Source: `BuildInstallFunc` in
/// <https://github.com/golang/go/blob/master/src/cmd/go/internal/work/exec.go>.
fn written<'a>(
    programs: &'a [GoProgram<'a>],
    outcome: CompilerOutcome,
    command: &CommandSpec,
) -> anyhow::Result<Vec<&'a GoProgram<'a>>> {
    let (unchanged, mut written): (Vec<_>, Vec<_>) =
        programs.iter().partition(|program| program.is_unchanged());
    if outcome == CompilerOutcome::Succeeded && !unchanged.is_empty() {
        // Times can be coarse, and setting them can fail.
        let names = go::programs(command)?;
        written.extend(
            unchanged
                .into_iter()
                .filter(|program| program.is_among(&names)),
        );
    }
    Ok(written)
}

/// Makes git ignore `target/go`. Unlike Cargo's target folder, Go projects do not ignore it.
fn write_gitignore(out: &Path) -> anyhow::Result<()> {
    let go = out.ancestors().find(|dir| dir.ends_with("go"));
    if let Some(file) = go.map(|dir| dir.join(".gitignore"))
        && !file.exists()
    {
        fs_err::write(file, "*\n")?;
    }
    Ok(())
}
