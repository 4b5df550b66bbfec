//! What the name of a file tells about its contents.

use std::path::Path;

use crate::commands::migrate::find::MarkupFormat;

/// Names of text files without an ending.
const NAMES: [&str; 12] = [
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

/// Endings of programs, scripts, configuration, and templates, in which a file that is not
/// UTF-8 is worth a report.
const TEXT: [&str; 66] = [
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

/// Endings of documentation, data, records, and everything that is not text.
const OTHER: [&str; 54] = [
    "md", "markdown", "mdx", "rst", "adoc", "asciidoc", "txt", "tex", "html", "htm", "css", "scss",
    "less", "svg", "csv", "tsv", "log", "lock", "sum", "map", "snap", "patch", "diff", "orig",
    "rej", "ipynb", "po", "pem", "crt", "key", "png", "jpg", "jpeg", "gif", "ico", "webp", "pdf",
    "zip", "gz", "tgz", "tar", "xz", "zst", "jar", "class", "so", "dll", "exe", "wasm", "bin",
    "db", "sqlite", "tfstate", "backup",
];

/// Names of documentation without an ending.
const DOCUMENTS: [&str; 9] = [
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

/// How a file with this name is written, if its name tells.
pub(super) fn of(path: &Path) -> Option<MarkupFormat> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "yaml" | "yml" | "template" => Some(MarkupFormat::Yaml),
        "json" => Some(MarkupFormat::Json),
        "tf" | "tofu" => Some(MarkupFormat::Terraform),
        _ if TEXT.contains(&ending) || NAMES.contains(&&*name) => Some(MarkupFormat::Text),
        _ if name.starts_with("dockerfile") || name.ends_with("dockerfile") => {
            Some(MarkupFormat::Text)
        }
        _ => None,
    }
}

/// Whether a file with this name is certainly not worth reading.
pub(super) fn is_other(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.rsplit_once('.') {
        Some((_, ending)) => OTHER.contains(&ending),
        None => DOCUMENTS.contains(&&*name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_behind_that_of_a_template_makes_it_text() {
        let form = |name: &str| of(Path::new(name));
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
        assert!(!is_other("deploy-settings") && !is_other(".envrc") && !is_other("stack.cfn"));
        assert!(is_other("README.md") && is_other("LICENSE") && is_other("go.sum"));
    }
}
