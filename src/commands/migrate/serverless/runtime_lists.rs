//! Plug-ins that select functions by their runtime, with a list in `custom`.
//!
//! Source: `supportedRuntimes` of <https://github.com/mthenw/serverless-go-plugin>, which silently
//! skips functions with another runtime.

use crate::commands::migrate::node::{Node, NodeData};
use crate::commands::migrate::old_runtime::{NEW, OldRuntime, Remark};
use crate::commands::migrate::serverless::service::{Service, ServiceFunction};

impl<'a> Service<'a> {
    /// Edits the lists of plug-ins together with the functions that they select, or blocks these
    /// functions.
    pub(super) fn move_runtime_lists(
        &mut self,
        moving: &[ServiceFunction<'a>],
        obstacles: &mut [Option<Remark>],
        is_whole: bool,
    ) {
        let lists: Vec<_> = self.runtime_lists();
        let items: Vec<_> = lists
            .iter()
            .flat_map(|(key, items)| items.iter().map(move |item| (*key, *item)))
            .filter(|(_, item)| {
                let mut moving = moving.iter();
                moving.any(|function| item.raw() == Some(function.was))
            })
            .collect();
        let is_shared = |node: &Node| {
            let mut around = self.anchors.values();
            around.any(|anchored| anchored.span.contains(&node.span.start))
        };
        let is_editable = |(_, item): &(&str, &Node)| item.literal().is_some() && !is_shared(item);
        let all_move = is_whole && obstacles.iter().all(Option::is_none);
        if all_move && items.iter().all(is_editable) {
            for (key, item) in items {
                let why = format!("{key}: {} -> {NEW}", item.raw().unwrap_or_default());
                self.set(item, NEW, why);
            }
            return;
        }
        for (function, obstacle) in moving.iter().zip(obstacles) {
            let selects = |(_, item): &&(&str, &Node)| item.raw() == Some(function.was);
            if let (None, Some((key, _))) = (&obstacle, items.iter().find(selects)) {
                *obstacle = Some(Remark::todo(
                    function.map.span.start,
                    format!(
                        "`{key}` selects {} by its runtime `{}`",
                        function.name, function.was
                    ),
                    format!(
                        "write `{NEW}` in `{key}` and as the runtime of every function that it \
                         selects"
                    ),
                ));
            }
        }
    }

    /// The values below `custom` whose key mentions runtimes, each with its key. Lists that already
    /// contain the new runtime are omitted.
    fn runtime_lists(&self) -> Vec<(&'a str, Vec<&'a Node>)> {
        let custom = self.get(self.root, "custom");
        let maps = custom.map(Node::all).unwrap_or_default().into_iter();
        let entries = maps.flat_map(Node::entries);
        let lists = entries.filter_map(|(key, value)| {
            let key = key.text()?;
            let items = match &value.data {
                NodeData::List(items) => items.iter().collect(),
                _ => vec![value],
            };
            let is_done = items.iter().any(|item| item.raw() == Some(NEW));
            let is_old = items.iter().any(|item| {
                item.raw()
                    .is_some_and(|name| OldRuntime::parse(name).is_some())
            });
            let is_one = key.to_ascii_lowercase().contains("runtimes") && is_old && !is_done;
            is_one.then_some((key, items))
        });
        lists.collect()
    }
}
