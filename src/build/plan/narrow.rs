//! Narrows a plan to some of its functions.
//!
//! In: a plan. Out: the same plan for fewer functions, with the same bytes for each of them.
//! A selection on the command line can do more: it decides before the plan whose features are
//! unified and how all are linked. That decision stays here, as do all messages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::build::plan::{BuildStep, FunctionId, FunctionPlan, Plan};
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
        let narrowed = NarrowedSteps::new(&self.steps, functions.iter());
        for function in &mut functions {
            function.step = function.step.as_ref().and_then(|step| narrowed.get(step));
        }
        let used: BTreeSet<_> = functions.iter().map(|f| Arc::as_ptr(&f.output)).collect();
        let mut outputs = self.outputs;
        outputs.retain(|output| used.contains(&Arc::as_ptr(output)));
        Self {
            steps: narrowed.in_order(&self.steps),
            functions,
            outputs,
            ..self
        }
    }

    /// The same plan, in which only the functions that `is_built` returns true for are built. The
    /// others stay in the plan, and function IDs stay the same.
    pub(crate) fn building_only(self, is_built: impl Fn(FunctionId) -> bool) -> Self {
        let by_id = self.functions_by_id();
        let built: Vec<_> = by_id.map(|(id, _)| is_built(id)).collect();
        let mut functions = self.functions;
        let kept = functions
            .iter()
            .zip(&built)
            .filter(|(_, is_built)| **is_built);
        let narrowed = NarrowedSteps::new(&self.steps, kept.map(|(function, _)| function));
        for (function, is_built) in functions.iter_mut().zip(built) {
            // The step of a function that is not built is no longer a step of the plan.
            let step = function.step.as_ref().filter(|_| is_built);
            if let Some(narrowed) = step.and_then(|step| narrowed.get(step)) {
                function.step = Some(narrowed);
            }
        }
        Self {
            steps: narrowed.in_order(&self.steps),
            functions,
            ..self
        }
    }
}

/// The steps that remain, by the identity of the steps that they replace.
struct NarrowedSteps(BTreeMap<*const BuildStep, Arc<BuildStep>>);

impl NarrowedSteps {
    fn new<'a>(
        steps: &[Arc<BuildStep>],
        functions: impl Iterator<Item = &'a FunctionPlan>,
    ) -> Self {
        let mut by_step: BTreeMap<*const BuildStep, Vec<&FunctionPlan>> = BTreeMap::new();
        for function in functions {
            if let Some(step) = &function.step {
                by_step.entry(Arc::as_ptr(step)).or_default().push(function);
            }
        }
        let narrowed = |step: &Arc<BuildStep>| {
            let functions = by_step.get(&Arc::as_ptr(step))?;
            Some((Arc::as_ptr(step), Arc::new(step.narrowed(functions))))
        };
        Self(steps.iter().filter_map(narrowed).collect())
    }

    fn get(&self, step: &Arc<BuildStep>) -> Option<Arc<BuildStep>> {
        self.0.get(&Arc::as_ptr(step)).cloned()
    }

    /// The remaining steps, in the order of the steps that they replace.
    fn in_order(&self, steps: &[Arc<BuildStep>]) -> Vec<Arc<BuildStep>> {
        steps.iter().filter_map(|step| self.get(step)).collect()
    }
}
