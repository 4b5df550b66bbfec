//! Finds the function of a project that a template describes.
//!
//! In: the names and the code of a described function. Out: the name of the function, if there is
//! exactly one that it can be.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::build::project::Function;
use crate::commands::migrate::deployed::DeployedFunction;
use crate::commands::migrate::deployed::matching::{
    DescribedFunction, DescriptionMatch, MatchSubject,
};

/// The functions of all projects.
pub(super) struct FunctionMatcher<'a> {
    functions: Vec<&'a Function>,
    folders: Vec<PathBuf>,
}

impl<'a> FunctionMatcher<'a> {
    pub(super) fn new(functions: Vec<&'a Function>) -> Self {
        let folders: BTreeSet<_> = functions.iter().map(|f| f.dir.clone()).collect();
        Self {
            functions,
            folders: folders.into_iter().collect(),
        }
    }

    /// The name of the function that is described.
    pub(super) fn find(&self, deployed: &DeployedFunction) -> Option<&'a str> {
        self.find_exactly(deployed).or_else(|| {
            // An existing folder of an earlier build, such as `target/lambda/orders/`.
            let code = deployed.code.as_deref()?.trim_end_matches('/');
            let folder = code.rsplit('/').next()?.to_owned();
            self.find_exactly(&DeployedFunction {
                names: vec![folder],
                code: None,
                ..deployed.clone()
            })
        })
    }

    fn find_exactly(&self, deployed: &DeployedFunction) -> Option<&'a str> {
        let described = DescribedFunction::new(deployed);
        let subject = |function: &'a Function| MatchSubject {
            function,
            folders: &self.folders,
        };
        let all = self.functions.iter().copied();
        let by_code: Vec<_> = all
            .clone()
            .filter(|f| subject(f).by_code(&described) == DescriptionMatch::Code)
            .collect();
        let by_name: Vec<_> = all.filter(|f| subject(f).by_name(&described)).collect();
        let by_both: Vec<_> = by_code
            .iter()
            .copied()
            .filter(|function| by_name.contains(function))
            .collect();
        let found = match (&by_both[..], &by_code[..], &by_name[..]) {
            ([only], _, _) => only,
            // The root of a repository is the code of every function below it.
            (_, [only], [named]) if self.is_above_others(only) => named,
            (_, [only], _) | (_, [], [only]) => only,
            _ => return None,
        };
        Some(&found.name)
    }

    /// The only function, if there is just one.
    pub(super) fn only_function(&self) -> Option<&'a str> {
        match self.functions[..] {
            [only] => Some(&only.name),
            _ => None,
        }
    }

    fn is_above_others(&self, function: &Function) -> bool {
        let mut folders = self.folders.iter();
        folders.any(|dir| *dir != function.dir && dir.starts_with(&function.dir))
    }
}
