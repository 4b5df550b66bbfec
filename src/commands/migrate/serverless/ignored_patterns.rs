//! Patterns that no longer have an effect next to `package.artifact`.
//!
//! Source: <https://www.serverless.com/framework/docs/providers/aws/guide/packaging#artifact>

use crate::commands::migrate::node::{Node, NodeData};
use crate::commands::migrate::old_runtime::Remark;
use crate::commands::migrate::serverless::service::{Service, ServiceFunction};

impl<'a> Service<'a> {
    /// Reports the files that a function loses when it gets its own zip. `handler` is the path of
    /// its old program.
    pub(super) fn ignored_patterns(
        &mut self,
        function: &ServiceFunction<'a>,
        handler: &str,
        at: usize,
    ) {
        let of_function = self.get(function.map, "package");
        let of_service = self.get(self.root, "package");
        let packages = [of_function, of_service];
        let mut is_selected = false;
        for package in packages.into_iter().flatten() {
            for name in ["patterns", "include", "exclude"] {
                let Some(list) = self.get(package, name) else {
                    continue;
                };
                is_selected = true;
                let items = match &list.data {
                    NodeData::List(items) => items.iter().collect(),
                    _ => vec![list],
                };
                let is_lost = |item: &&&Node| {
                    item.raw()
                        .is_some_and(|pattern| selects_more(pattern, handler))
                };
                let lost: Vec<_> = items.iter().filter(is_lost).copied().collect();
                if let Some(first) = lost.first().filter(|_| name != "exclude") {
                    self.push_ignored(first.span.start, &lost, name);
                }
            }
        }
        if !is_selected {
            let what = format!(
                "the shared zip contains every file of this folder, but the new zip of {} \
                 contains only \
                 the program",
                function.name
            );
            let help = "if the function reads any of them, add them with `cargo lambdapack \
                        --include PATH`";
            self.remarks.push(Remark::hint(at, what, help));
        }
    }

    fn push_ignored(&mut self, at: usize, lost: &[&Node], name: &str) {
        let shown: Vec<_> = lost.iter().filter_map(|item| item.raw()).collect();
        let paths = shown.iter().map(|pattern| {
            let pattern = pattern.trim_start_matches("./");
            pattern.split("/*").next().unwrap_or(pattern).to_owned()
        });
        let include = paths
            .map(|path| format!("--include {path}"))
            .collect::<Vec<_>>();
        let remark = Remark::todo(
            at,
            format!(
                "`{}` in `{name}` has no effect next to `artifact`",
                shown.join("`, `")
            ),
            format!(
                "add these files to the zip with `cargo lambdapack {}`",
                include.join(" ")
            ),
        );
        // Functions share the patterns of the service, which are reported once.
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }
}

/// Returns true if a pattern selects more than the program or its build folder.
fn selects_more(pattern: &str, handler: &str) -> bool {
    let clean = |path: &str| {
        path.trim_start_matches("./")
            .trim_end_matches('/')
            .to_owned()
    };
    let (pattern, handler) = (clean(pattern), clean(handler));
    if pattern.starts_with('!') || pattern.is_empty() || pattern == handler {
        return false;
    }
    let folder = pattern.trim_end_matches(['*', '/']);
    let is_around = handler
        .strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'));
    folder.is_empty() || folder.contains("${") || !is_around
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_programs_select_no_other_files() {
        for pattern in [
            "!**",
            "!./config/**",
            "bin/orders",
            "./bin/orders",
            "./bin/**",
            "bin/*",
            "bin",
        ] {
            assert!(!selects_more(pattern, "bin/orders"), "{pattern}");
        }
        for pattern in ["config/**", "**", "bin/users", "templates", "binary/**"] {
            assert!(selects_more(pattern, "bin/orders"), "{pattern}");
        }
    }
}
