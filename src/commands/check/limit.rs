//! Limits how many findings of one kind are reported for a file.

use std::collections::BTreeMap;

use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;

/// A zip can have any number of faults of a kind: the first of them will do.
pub(super) fn fewer(findings: Vec<Finding>) -> Vec<Finding> {
    const MANY: usize = 10;
    let mut numbers: BTreeMap<FindingCode, usize> = BTreeMap::new();
    let mut few = findings;
    few.retain(|finding| {
        let number = numbers.entry(finding.code).or_default();
        *number += 1;
        *number <= MANY
    });
    let more = numbers.into_iter().filter(|(_, number)| *number > MANY);
    few.extend(more.map(|(code, number)| {
        let what = format!("has {} more findings of this kind", number - MANY);
        Finding::new(code, what, "mend those that are shown, and look again")
    }));
    few
}
