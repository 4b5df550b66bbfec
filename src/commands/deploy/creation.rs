//! `deploy --create`: the settings of a new function.
//!
//! In: [`CreateOptions`] and the zip. Out: the command that creates the function, or the
//! differences of a function that exists. Roles, policies, URLs, and triggers are never created.

use crate::aws::Aws;
use crate::aws::function::FunctionConfiguration;
use crate::commands::deploy::aws_commands::ZipSource;
use crate::commands::deploy::options::CreateOptions;
use crate::commands::deploy::validated_zip::ValidatedZip;
use crate::lambda::Arch;
use crate::system::command::CommandSpec;
use crate::ui::failure::{ExitKind, Failure};

impl CreateOptions {
    /// The command that creates the function.
    pub(super) fn command(
        &self,
        aws: &Aws,
        function: &str,
        zip: &ValidatedZip,
        source: &ZipSource,
    ) -> Result<CommandSpec, Failure> {
        let arch = self.arch_of(zip)?;
        let code = source.code_args("--code");
        let mut command = aws
            .spec(["lambda", "create-function", "--function-name", function])
            .args(["--runtime", zip.runtime.name()])
            .args(["--handler", &zip.handler])
            .args(["--architectures", arch.name()])
            .args(["--role", &self.role]);
        for (option, value) in [
            ("--memory-size", self.memory),
            ("--timeout", self.timeout.map(u32::from)),
        ] {
            if let Some(value) = value {
                command = command.args([option.to_owned(), value.to_string()]);
            }
        }
        Ok(command.args(code))
    }

    fn arch_of(&self, zip: &ValidatedZip) -> Result<Arch, Failure> {
        zip.arch.or(self.arch).ok_or_else(|| {
            let what = format!("the architecture of `{}` is unknown", zip.path.display());
            Failure::new(ExitKind::Usage, what).help("pass it with `--arch`")
        })
    }

    /// Compares the settings of a function that exists. All differences are reported.
    pub(super) fn check_existing(
        &self,
        function: &FunctionConfiguration,
        zip: &ValidatedZip,
    ) -> Result<(), Failure> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let expected_arch = zip.arch.or(self.arch).map(Arch::name);
        let memory = self.memory.map(|memory| format!("{memory} MB"));
        let timeout = self.timeout.map(|timeout| format!("{timeout} s"));
        let differences: Vec<_> = [
            (
                "runtime",
                text(&function.runtime),
                Some(zip.runtime.name().to_owned()),
            ),
            (
                "handler",
                text(&function.handler),
                Some(zip.handler.clone()),
            ),
            (
                "architecture",
                function.architecture().to_owned(),
                expected_arch.map(str::to_owned),
            ),
            ("role", text(&function.role), Some(self.role.clone())),
            ("memory", format!("{} MB", function.memory_size), memory),
            ("timeout", format!("{} s", function.timeout), timeout),
        ]
        .into_iter()
        .filter_map(|(name, actual, expected)| {
            let expected = expected.filter(|expected| *expected != actual)?;
            Some(format!("the {name} `{actual}` instead of `{expected}`"))
        })
        .collect();
        if differences.is_empty() {
            return Ok(());
        }
        let what = format!(
            "`{}` already exists, but with {}",
            function.function_name,
            differences.join(", ")
        );
        Err(Failure::new(ExitKind::Refused, what)
            .help("omit `--create` to update only its code, or pass the settings that it has"))
    }
}
