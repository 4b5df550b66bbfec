//! Guesses the format of a file from its name.

use std::path::Path;

use crate::commands::migrate::find::candidate::MarkupFormat;

/// Names of text files without an extension.
const TEXT_NAMES: [&str; 12] = [
    "makefile",
    "gnumakefile",
    "justfile",
    "jenkinsfile",
    "procfile",
    "earthfile",
    "containerfile",
    "rakefile",
    "gemfile",
    "tiltfile",
    "vagrantfile",
    "go.mod",
];

/// Extensions of programs, scripts, configuration, and templates. Such a file is reported if it is
/// not UTF-8.
const TEXT_ENDINGS: [&str; 66] = [
    "sh",
    "bash",
    "zsh",
    "fish",
    "ps1",
    "psm1",
    "cmd",
    "bat",
    "mk",
    "make",
    "go",
    "ts",
    "tsx",
    "mts",
    "cts",
    "js",
    "jsx",
    "mjs",
    "cjs",
    "py",
    "pyi",
    "cs",
    "csx",
    "fs",
    "fsx",
    "vb",
    "java",
    "kt",
    "kts",
    "scala",
    "groovy",
    "gradle",
    "rs",
    "rb",
    "php",
    "swift",
    "dart",
    "ex",
    "exs",
    "clj",
    "cpp",
    "cc",
    "toml",
    "ini",
    "cfg",
    "conf",
    "properties",
    "env",
    "hcl",
    "tfvars",
    "jsonnet",
    "libsonnet",
    "json5",
    "jsonc",
    "cue",
    "dhall",
    "tftpl",
    "tpl",
    "tmpl",
    "j2",
    "jinja",
    "jinja2",
    "erb",
    "mustache",
    "hbs",
    "xml",
];

/// Extensions of documentation, data, records, and binary files.
const SKIPPED: [&str; 54] = [
    "md", "markdown", "mdx", "rst", "adoc", "asciidoc", "txt", "tex", "html", "htm", "css", "scss",
    "less", "svg", "csv", "tsv", "log", "lock", "sum", "map", "snap", "patch", "diff", "orig",
    "rej", "ipynb", "po", "pem", "crt", "key", "png", "jpg", "jpeg", "gif", "ico", "webp", "pdf",
    "zip", "gz", "tgz", "tar", "xz", "zst", "jar", "class", "so", "dll", "exe", "wasm", "bin",
    "db", "sqlite", "tfstate", "backup",
];

/// Names of documentation without an extension.
const SKIPPED_NAMES: [&str; 9] = [
    "license",
    "licence",
    "notice",
    "readme",
    "changelog",
    "changes",
    "authors",
    "contributors",
    "codeowners",
];

/// The format of a file, if its name tells.
pub(super) fn markup_format(path: &Path) -> Option<MarkupFormat> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "yaml" | "yml" | "template" => Some(MarkupFormat::Yaml),
        "json" => Some(MarkupFormat::Json),
        "tf" | "tofu" => Some(MarkupFormat::Terraform),
        _ if TEXT_ENDINGS.contains(&ending) || TEXT_NAMES.contains(&&*name) => {
            Some(MarkupFormat::Text)
        }
        _ if name.starts_with("dockerfile") || name.ends_with("dockerfile") => {
            Some(MarkupFormat::Text)
        }
        _ => None,
    }
}

/// Returns true if a file is definitely not worth reading.
pub(super) fn is_skipped(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.rsplit_once('.') {
        Some((_, ending)) => SKIPPED.contains(&ending),
        None => SKIPPED_NAMES.contains(&&*name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_after_a_template_ending_makes_the_file_text() {
        let form = |name: &str| markup_format(Path::new(name));
        assert_eq!(form("main.tofu"), Some(MarkupFormat::Terraform));
        assert_eq!(form("template.yaml"), Some(MarkupFormat::Yaml));
        for name in [
            "template.yaml.j2",
            "stack.yaml.tftpl",
            "x.jinja",
            "a.tpl",
            "f.jsonnet",
            ".env",
        ] {
            assert_eq!(form(name), Some(MarkupFormat::Text), "{name}");
        }
        assert_eq!(form("deploy-settings"), None);
        assert!(
            !is_skipped("deploy-settings") && !is_skipped(".envrc") && !is_skipped("stack.cfn")
        );
        assert!(is_skipped("README.md") && is_skipped("LICENSE") && is_skipped("go.sum"));
    }
}
