//! Links inside the project lead to a file, and to a heading of it.

use super::{
    ROOT,
    markdown::{Guide, guide, guides},
};
use std::path::Path;

/// What is wrong with a link, if anything.
fn problem(from: &Guide, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let path = match file {
        "" => Path::new(ROOT).join(&from.name),
        file => from.folder().join(file),
    };
    let Ok(path) = path.canonicalize() else {
        return Some("there is no such file".to_owned());
    };
    let root = Path::new(ROOT).canonicalize().unwrap();
    let Ok(name) = path.strip_prefix(root) else {
        return Some("it leads out of the project".to_owned());
    };
    if heading.is_empty() {
        return None;
    }
    let anchors = guide(name.to_str().unwrap()).anchors;
    (!anchors.iter().any(|anchor| anchor == heading))
        .then(|| format!("there is no such heading in {anchors:?}"))
}

#[test]
fn links_lead_somewhere() {
    let (mut guides, mut checked) = (guides(), 0);
    guides.push(guide("CHANGELOG.md"));
    let mut problems = Vec::new();
    for guide in &guides {
        for link in &guide.links {
            checked += 1;
            problems.extend(problem(guide, link).map(|what| format!("{}: {link}: {what}", guide.name)));
        }
    }
    assert!(checked > 60, "{checked}");
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    let readme = guide("README.md");
    for good in [
        "docs/settings.md",
        "#the-api",
        "ARCHITECTURE.md#glossary",
        "https://example.com/x#y",
    ] {
        assert_eq!(problem(&readme, good), None, "{good}");
    }
    for bad in [
        "docs/setings.md",
        "#the-appi",
        "ARCHITECTURE.md#glosary",
        "../x.md",
    ] {
        assert!(problem(&readme, bad).is_some(), "{bad}");
    }
}
