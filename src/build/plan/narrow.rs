//! Narrows a plan to some of its functions.
//!
//! In: a plan. Out: the same plan for fewer functions, with the same bytes for each of them.
//! A selection on the command line can do more: it decides before the plan whose features are
//! unified and how all are linked. That decision stays here, as do all messages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::build::plan::{BuildStep, FunctionPlan, Plan};
use crate::build::request::Partition;

impl Plan {
    /// The plan for the functions of a partition of the sorted list, or the whole plan without one.
    pub(crate) fn partitioned(self, partition: Option<Partition>) -> Self {
        let Some(partition) = partition else {
            return self;
        };
        let mut position = 0;
        self.narrowed(|function| {
            let is_kept = partition.contains(position, &function.name, function.arch);
            position += 1;
            is_kept
        })
    }

    /// The plan for the functions that `keep` returns true for, which is called once for each
    /// function in order. Steps and output folders without functions are left out, and compilers
    /// build only the remaining programs. Messages and missing tools stay.
    pub(crate) fn narrowed(self, mut keep: impl FnMut(&FunctionPlan) -> bool) -> Self {
        let mut functions = self.functions;
        let count = functions.len();
        functions.retain(|function| keep(function));
        if functions.len() == count {
            return Self { functions, ..self };
        }
        let mut by_step: BTreeMap<*const BuildStep, Vec<&FunctionPlan>> = BTreeMap::new();
        for function in &functions {
            if let Some(step) = &function.step {
                by_step.entry(Arc::as_ptr(step)).or_default().push(function);
            }
        }
        let narrowed = |step: &Arc<BuildStep>| {
            let functions = by_step.get(&Arc::as_ptr(step))?;
            Some((Arc::as_ptr(step), Arc::new(step.narrowed(functions))))
        };
        let steps: Vec<_> = self.steps.iter().filter_map(narrowed).collect();
        let by_old: BTreeMap<_, _> = steps.iter().cloned().collect();
        for function in &mut functions {
            let step = function.step.as_ref().map(Arc::as_ptr);
            function.step = step.and_then(|step| by_old.get(&step).cloned());
        }
        let used: BTreeSet<_> = functions.iter().map(|f| Arc::as_ptr(&f.output)).collect();
        let mut outputs = self.outputs;
        outputs.retain(|output| used.contains(&Arc::as_ptr(output)));
        Self {
            steps: steps.into_iter().map(|(_, step)| step).collect(),
            functions,
            outputs,
            ..self
        }
    }
}
