//! The packages of a run of Cargo, with the features that the run enables.
//!
//! In: the output of `cargo tree`, which resolves features as `cargo build` does for the same
//! packages. Out: for each package of the run, everything that it depends on. Packages for build
//! scripts and procedural macros are separate if they have other features.
//!
//! Source: <https://doc.rust-lang.org/cargo/commands/cargo-tree.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The tree of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CargoTree {
    packages: Vec<TreePackage>,
    /// The direct dependencies of each package, by its index.
    dependencies: Vec<BTreeSet<usize>>,
    /// The packages in the repository, by name and version.
    local: BTreeMap<(String, String), Vec<usize>>,
}

/// A package with its features.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TreePackage {
    pub name: String,
    pub version: String,
    /// The folder of a path dependency, or the address of another source; `None` for crates.io.
    pub source: Option<String>,
    /// The enabled features, separated by commas.
    pub features: String,
    pub is_macro: bool,
}

impl CargoTree {
    /// Parses lines such as `1serde_derive v1.0.0 (proc-macro)\tdefault (*)`. The number is the
    /// depth. `(*)` marks a package whose dependencies were printed before.
    pub(super) fn parse(output: &str) -> Self {
        let mut tree = Self::default();
        let mut indices: BTreeMap<TreePackage, usize> = BTreeMap::new();
        let mut parents: Vec<usize> = Vec::new();
        for line in output.lines() {
            let Some((depth, package)) = parse_line(line) else {
                continue;
            };
            let index = *indices.entry(package).or_insert_with_key(|package| {
                let index = tree.packages.len();
                if package.dir().is_some() {
                    let id = (package.name.clone(), package.version.clone());
                    tree.local.entry(id).or_default().push(index);
                }
                tree.packages.push(package.clone());
                tree.dependencies.push(BTreeSet::new());
                index
            });
            parents.truncate(depth);
            if let Some(dependencies) = parents.last().and_then(|at| tree.dependencies.get_mut(*at))
            {
                dependencies.insert(index);
            }
            parents.push(index);
        }
        tree
    }

    /// All packages, each once.
    pub(super) fn packages(&self) -> &[TreePackage] {
        &self.packages
    }

    /// The indices of the packages that a member of the workspace is compiled from, itself included;
    /// none if it is not a part of the run.
    pub(super) fn used_by(&self, name: &str, version: &str) -> BTreeSet<usize> {
        let id = (name.to_owned(), version.to_owned());
        self.reachable(self.local.get(&id).cloned().unwrap_or_default())
    }

    /// The direct dependencies of a package.
    pub(super) fn dependencies(&self, index: usize) -> impl Iterator<Item = &TreePackage> {
        let dependencies = self.dependencies.get(index).into_iter().flatten();
        dependencies.filter_map(|index| self.packages.get(*index))
    }

    /// The packages whose code runs in procedural macros.
    pub(super) fn in_macros(&self) -> BTreeSet<usize> {
        let packages = self.packages.iter().enumerate();
        let macros = packages.filter(|(_, package)| package.is_macro);
        self.reachable(macros.map(|(index, _)| index).collect())
    }

    /// These packages, and everything that they depend on.
    fn reachable(&self, mut next: Vec<usize>) -> BTreeSet<usize> {
        let mut reachable = BTreeSet::new();
        while let Some(index) = next.pop() {
            if reachable.insert(index) {
                next.extend(self.dependencies.get(index).into_iter().flatten());
            }
        }
        reachable
    }
}

impl TreePackage {
    /// The folder of a path dependency or member.
    pub(super) fn dir(&self) -> Option<PathBuf> {
        let dir = Path::new(self.source.as_ref()?);
        dir.is_absolute().then(|| dir.to_owned())
    }
}

fn parse_line(line: &str) -> Option<(usize, TreePackage)> {
    let name_start = line.find(|letter: char| !letter.is_ascii_digit())?;
    let depth = line[..name_start].parse().ok()?;
    let line = line[name_start..].trim_end_matches(" (*)");
    let (package, features) = line.split_once('\t')?;
    let (name, rest) = package.split_once(" v")?;
    let (version, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
    rest = rest.trim();
    let after_macro = rest.strip_prefix("(proc-macro)");
    rest = after_macro.unwrap_or(rest).trim();
    let source = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    Some((
        depth,
        TreePackage {
            name: name.to_owned(),
            version: version.to_owned(),
            source: source.map(str::to_owned),
            features: features.to_owned(),
            is_macro: after_macro.is_some(),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Cargo 1.95 prints it, for absolute paths of this system.
    fn output() -> String {
        let root = if cfg!(windows) { r"C:\w" } else { "/w" };
        let sep = std::path::MAIN_SEPARATOR;
        [
            &format!("0a v0.1.0 ({root}{sep}a)\t"),
            "1serde v1.0.1\tderive,std",
            "2serde_derive v1.0.1 (proc-macro)\tdefault",
            "3proc-macro2 v1.0.7\tproc-macro",
            &format!("1shared v0.1.0 ({root}{sep}my shared)\tx"),
            "",
            &format!("0b v0.1.0 ({root}{sep}b)\t"),
            &format!("1mac v0.1.0 (proc-macro) ({root}{sep}mac)\t"),
            &format!("2shared v0.1.0 ({root}{sep}my shared)\ty"),
            "2proc-macro2 v1.0.7\tproc-macro (*)",
            "1git v0.2.0 (https://example.com/git?branch=main#0123abcd)\t (*)",
        ]
        .join("\n")
    }

    #[test]
    fn each_member_uses_its_own_packages_with_their_features() {
        let tree = CargoTree::parse(&output());
        let used = |name| {
            let used = tree.used_by(name, "0.1.0").into_iter();
            let used = used.map(|index| &tree.packages()[index]);
            let texts = used.map(|it| format!("{}:{}", it.name, it.features));
            texts.collect::<BTreeSet<_>>()
        };
        assert_eq!(
            used("a"),
            [
                "a:",
                "proc-macro2:proc-macro",
                "serde:derive,std",
                "serde_derive:default",
                "shared:x"
            ]
            .map(str::to_owned)
            .into()
        );
        assert_eq!(
            used("b"),
            ["b:", "git:", "mac:", "proc-macro2:proc-macro", "shared:y"]
                .map(str::to_owned)
                .into()
        );
        assert!(tree.used_by("serde", "1.0.1").is_empty(), "no member");
    }

    #[test]
    fn direct_dependencies_and_code_of_macros_are_known() {
        let tree = CargoTree::parse(&output());
        let index = |name: &str| tree.packages().iter().position(|it| it.name == name);
        let names = |name: &str| {
            let dependencies = tree.dependencies(index(name).unwrap());
            dependencies.map(|it| it.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(names("a"), ["serde", "shared"]);
        assert_eq!(names("mac"), ["proc-macro2", "shared"]);
        let in_macros = tree.in_macros();
        let in_macros = in_macros.iter().filter_map(|it| tree.packages().get(*it));
        let in_macros: BTreeSet<_> = in_macros
            .map(|it| format!("{}:{}", it.name, it.features))
            .collect();
        let expected = [
            "serde_derive:default",
            "proc-macro2:proc-macro",
            "mac:",
            "shared:y",
        ];
        assert_eq!(in_macros, expected.map(str::to_owned).into());
    }

    #[test]
    fn folders_and_other_sources_are_distinguished() {
        let tree = CargoTree::parse(&output());
        let folders = tree.packages().iter().filter_map(TreePackage::dir);
        let names: Vec<_> = folders
            .filter_map(|dir| Some(dir.file_name()?.to_string_lossy().into_owned()))
            .collect();
        assert_eq!(names, ["a", "my shared", "b", "mac", "my shared"]);
    }

    #[test]
    fn other_lines_are_ignored() {
        for text in ["", "warning: x", "0", "12", "0a v1", "a v1\tx"] {
            assert!(CargoTree::parse(text).packages().is_empty(), "{text}");
        }
    }
}
