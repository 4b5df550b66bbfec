//! Functions of a template that stay as they are, though their runtime is old.

use std::collections::BTreeSet;

use crate::migrate::cloudformation::Template;
use crate::migrate::cloudformation::code::Code;
use crate::migrate::old::{self, NEW, Old, Remark};

impl Template<'_> {
    /// What CDK made: an edit would be gone with the next synthesis.
    pub(super) fn refuse_made(&mut self, moving: &mut BTreeSet<usize>) {
        let all = moving.iter().copied();
        let made: Vec<_> = all
            .filter(|index| self.functions[*index].is_made())
            .collect();
        for index in made {
            moving.remove(&index);
            let function = &self.functions[index];
            self.remarks.push(Remark::todo(
                function.at(),
                format!("{} is made by CDK", function.name),
                format!(
                    "change the app: the runtime is {NEW}, and its program is called bootstrap"
                ),
            ));
        }
    }

    /// Functions whose zip holds the programs of several: only one can be `bootstrap`.
    pub(super) fn refuse_shared(&mut self, codes: &[Code], moving: &mut BTreeSet<usize>) {
        let all: Vec<_> = moving.iter().copied().collect();
        for index in all.iter().copied() {
            let function = &self.functions[index];
            let others = all.iter().copied().filter(|other| {
                let theirs = &self.functions[*other];
                let different = theirs.handler_text() != function.handler_text();
                let both_go = [theirs, function].map(|one| one.old) == [Some(Old::Go); 2];
                both_go && different && codes[index].is_shared_with(&codes[*other])
            });
            let others: Vec<_> = others
                .map(|other| self.functions[other].name.to_owned())
                .collect();
            if !others.is_empty() {
                moving.remove(&index);
                let place = codes[index].shown();
                let remark = old::shared(function.at(), function.name, &others, &place);
                self.remarks.push(remark);
            }
        }
    }
}
