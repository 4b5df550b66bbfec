//! Converts a request back to command-line options that give the same bytes, for people who read
//! the manifest. A rebuild uses the recipe.

use clap::ValueEnum;

use crate::build::request::{
    ContentOptions, FunctionSelector, GoOptions, IncludeOption, OutputOptions, Request, RustOptions,
};
use crate::lambda::{Arch, Language};

impl Request {
    /// The options of this request that decide the bytes of a function, one string each. Passed to
    /// `cargo lambdapack build`, they give the same result. Arguments after `--` become
    /// `--cargo-arg` or `--go-arg`.
    ///
    /// Every field is named here and below, so that a new one cannot be forgotten.
    pub(crate) fn build_options(&self, language: Language, arch: Arch) -> Vec<String> {
        let Self {
            paths: _,
            select,
            destination: _,
            archs: _,
            runtime,
            rust,
            go,
            rest,
            contents,
            output,
            partition: _,
            changed: _,
            dry_run: _,
            quiet: _,
            color: _,
        } = self;
        let mut options = OptionList(vec![format!("--arch={}", arch.name())]);
        options.add("runtime", runtime.as_ref().map(ToString::to_string));
        match language {
            Language::Rust => {
                options.select(select);
                options.rust(rust);
                options.each("cargo-arg", rest);
            }
            Language::Go => {
                options.go(go);
                options.each("go-arg", rest);
            }
        }
        options.contents(contents);
        options.output(output);
        options.0
    }
}

/// Options of the command line.
struct OptionList(Vec<String>);

impl OptionList {
    /// An option with a value, in one string, because a value may start with a dash.
    fn add(&mut self, option: &str, value: Option<String>) {
        self.0
            .extend(value.map(|value| format!("--{option}={value}")));
    }

    fn each(&mut self, option: &str, values: &[String]) {
        for value in values {
            self.add(option, Some(value.clone()));
        }
    }

    fn flag(&mut self, option: &str, is_set: bool) {
        self.0.extend(is_set.then(|| format!("--{option}")));
    }

    fn value<T: ValueEnum>(&mut self, option: &str, value: Option<T>) {
        let value = value.and_then(|value| value.to_possible_value());
        self.add(option, value.map(|value| value.get_name().to_owned()));
    }

    /// The selection decides the bytes only with `--selected-only`. The manifest lists the
    /// functions that were built together.
    fn select(&mut self, select: &FunctionSelector) {
        let FunctionSelector {
            packages: _,
            bins: _,
            examples: _,
            workspace: _,
            exclude: _,
            lang: _,
            selected_only,
            together: _,
        } = select;
        self.flag("selected-only", *selected_only);
    }

    fn rust(&mut self, rust: &RustOptions) {
        let RustOptions {
            profile,
            features,
            all_features,
            no_default_features,
            lock,
            jobs: _,
            target_dir: _,
            linker,
            libc,
            auditable,
            args,
        } = rust;
        self.add("profile", profile.clone());
        self.each("features", features);
        self.flag("all-features", *all_features);
        self.flag("no-default-features", *no_default_features);
        self.0.extend(lock.iter().cloned());
        self.value("linker", *linker);
        self.value("libc", *libc);
        self.flag("auditable", *auditable);
        self.each("cargo-arg", args);
    }

    fn go(&mut self, go: &GoOptions) {
        let GoOptions {
            tags,
            ldflags,
            cgo,
            keep_symbols,
            vcs_stamp,
            args,
        } = go;
        self.each("tags", tags);
        self.each("ldflags", ldflags);
        self.flag("cgo", *cgo);
        self.flag("keep-symbols", *keep_symbols);
        self.flag("vcs-stamp", *vcs_stamp);
        self.each("go-arg", args);
    }

    fn contents(&mut self, contents: &ContentOptions) {
        let ContentOptions {
            include,
            extension,
            entry,
            layer_libraries,
            allow_oversize,
        } = contents;
        for include in include {
            self.add("include", Some(without_base(include)));
        }
        self.flag("extension", *extension);
        self.value("entry", *entry);
        self.each("layer-library", layer_libraries);
        self.flag("allow-oversize", *allow_oversize);
    }

    fn output(&mut self, output: &OutputOptions) {
        let OutputOptions {
            compression,
            format,
            no_sbom: _,
            out_dir: _,
            out: _,
            cache: _,
        } = output;
        self.value("compression", *compression);
        self.value("format", *format);
    }
}

/// An include, relative to its folder if possible, so that the manifest contains no path of this
/// machine.
fn without_base(include: &IncludeOption) -> String {
    let base = include.base.to_string_lossy();
    let rest = include.word.strip_prefix(&*base);
    let rest = rest.and_then(|rest| rest.strip_prefix(['/', std::path::MAIN_SEPARATOR]));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('=') => rest.to_owned(),
        _ => include.word.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_includes_become_relative_to_their_folder() {
        let word = |word: &str| {
            without_base(&IncludeOption {
                word: word.to_owned(),
                base: "/app".into(),
            })
        };
        assert_eq!(word("/app/a.json=a.json"), "a.json=a.json");
        assert_eq!(word("/apple/a=a"), "/apple/a=a");
        assert_eq!(word("a.json"), "a.json");
    }
}
