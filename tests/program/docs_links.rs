//! Checks that links in the documentation lead to files and headings of the repository.
//! External links are only checked for https; the tests use no network.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::page::{Page, pages, repository};

/// Targets of `[text](target)` and `![text](target)`, outside of code.
fn links(page: &Page) -> Vec<String> {
    let prose = without_code(&page.prose());
    let mut links = Vec::new();
    for part in prose.split("](").skip(1) {
        let link = part.split(')').next().unwrap();
        links.push(link.to_owned());
    }
    links
}

/// Removes code spans, which may continue on the next line but not in the next paragraph.
fn without_code(text: &str) -> String {
    let paragraphs = text.split("\n\n");
    let plain = paragraphs.map(|paragraph| paragraph.split('`').step_by(2).collect::<String>());
    plain.collect::<Vec<_>>().join("\n\n")
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let heading = heading.to_lowercase();
    let kept = heading.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter.is_alphanumeric().then_some(letter),
    });
    kept.collect()
}

/// The anchors in a page. GitHub numbers repeated headings.
fn anchors(page: &Page) -> BTreeSet<String> {
    let prose = page.prose();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = BTreeSet::new();
    for line in prose.lines().filter(|line| line.starts_with('#')) {
        let heading = line.trim_start_matches('#').trim();
        // Only the text of a link in a heading counts.
        let name = anchor(heading.split("](").next().unwrap());
        let count = seen.entry(name.clone()).or_default();
        all.insert(match *count {
            0 => name,
            count => format!("{name}-{count}"),
        });
        *count += 1;
    }
    all
}

/// Turns `a/b/../c` into `a/c`. Returns `None` if the path leaves the repository.
fn resolve(page: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[test]
fn every_link_leads_to_an_existing_file_and_heading() {
    let pages = pages();
    let places: BTreeMap<_, _> = { pages.iter() }
        .map(|page| (page.name.as_str(), anchors(page)))
        .collect();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for page in &pages {
        for link in links(page) {
            tried += 1;
            if link.starts_with("https://") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((&link, ""));
            let file = match file {
                "" => Some(page.name.clone()),
                file => resolve(&page.name, file),
            };
            let there = file
                .as_ref()
                .is_some_and(|file| repository().join(file).exists());
            let found = match (place, file.as_deref().and_then(|file| places.get(file))) {
                ("", _) => there,
                (place, Some(places)) => places.contains(place),
                _ => false,
            };
            if !found {
                wrong.push(format!("{}: {link}", page.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these lead nowhere:\n{}",
        wrong.join("\n")
    );
    assert!(tried > 80, "{tried}");
}

/// Readers cannot find a page without links to it.
#[test]
fn every_page_is_linked_from_the_index_or_the_readme() {
    let pages = pages();
    let index: Vec<_> = { pages.iter() }
        .filter(|page| ["README.md", "docs/README.md"].contains(&page.name.as_str()))
        .flat_map(|page| {
            let links = links(page).into_iter();
            links.filter_map(|link| resolve(&page.name, link.split('#').next().unwrap()))
        })
        .collect();
    for page in pages.iter().filter(|page| page.name != "README.md") {
        assert!(
            index.contains(&page.name),
            "{} is linked from nowhere",
            page.name
        );
    }
}

#[test]
fn headings_become_anchors_as_on_github() {
    assert_eq!(anchor("What is left"), "what-is-left");
    assert_eq!(anchor("`list`, and why?"), "list-and-why");
    assert_eq!(
        anchor("From go1.x to provided.al2023"),
        "from-go1x-to-providedal2023"
    );
}
