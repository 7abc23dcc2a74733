//! Every block of code of a guide is looked after by one of the tests here.

use super::{
    ROOT,
    markdown::{Block, Guide, children, guides},
};
use std::{collections::BTreeSet, fs, path::Path};

/// Who looks after a block.
#[derive(Debug, PartialEq, Eq)]
enum By {
    /// rustdoc: the guide is the documentation of an item.
    Doctest,
    /// `files.rs`: the block is a file, or lines of one, that is compiled.
    File,
    /// `commands.rs`.
    Commands,
    /// `json.rs`, which fails on one that it does not know.
    Json,
    /// `files.rs`: a manifest, read by cargo.
    Manifest,
    /// `outputs.rs`, which names each.
    Output,
    /// Nobody: code of TeamsFx, quoted for comparison.
    Quoted,
    /// Nobody: the drawing of the crates.
    Drawing,
}

/// The guides that are documentation of an item, so that their Rust blocks are compiled, and run unless they say `no_run`.
fn doctested() -> BTreeSet<String> {
    const INCLUDE: &str = "doc = include_str!(\"";
    let mut found = BTreeSet::new();
    for folder in children("crates") {
        let Ok(source) = fs::read_to_string(Path::new(ROOT).join(&folder).join("src/lib.rs")) else {
            continue;
        };
        let manifest = fs::read_to_string(Path::new(ROOT).join(&folder).join("Cargo.toml")).unwrap();
        assert!(!manifest.contains("doctest = false"), "{folder}");
        for rest in source.split(INCLUDE).skip(1) {
            let name = rest.split('"').next().unwrap();
            let path = Path::new(ROOT)
                .join(&folder)
                .join("src")
                .join(name)
                .canonicalize()
                .unwrap();
            let path = path
                .strip_prefix(Path::new(ROOT).canonicalize().unwrap())
                .unwrap();
            found.insert(path.to_str().unwrap().to_owned());
        }
    }
    found
}

fn looked_after(guide: &Guide, block: &Block, doctested: &BTreeSet<String>) -> Option<By> {
    let mut info = block.info.split(',');
    let language = info.next().unwrap();
    let attributes: Vec<&str> = info.collect();
    let is_doctest = doctested.contains(&guide.name);
    match language {
        "rust" if super::files::is_marked(guide, block) => Some(By::File),
        // Elsewhere than in Rust documentation a block without a language is text that nobody can check.
        "rust" | "no_run" | "" if is_doctest && attributes.iter().all(|word| *word == "no_run") => {
            Some(By::Doctest)
        }
        "sh" | "console" => Some(By::Commands),
        "json" => Some(By::Json),
        "toml" => Some(By::Manifest),
        "text" if guide.name == "ARCHITECTURE.md" => Some(By::Drawing),
        "text" | "kusto" => Some(By::Output),
        "ts" if guide.name == "docs/from-teamsfx.md" => Some(By::Quoted),
        _ => None,
    }
}

#[test]
fn every_block_is_compiled_run_or_read() {
    let doctested = doctested();
    assert!(doctested.len() > 8, "{doctested:?}");
    let (mut unseen, mut outputs, mut drawings, mut blocks) = (Vec::new(), 0, 0, 0);
    for guide in guides() {
        for block in &guide.blocks {
            blocks += 1;
            match looked_after(&guide, block, &doctested) {
                None => unseen.push(format!("{}:{}: ```{}", guide.name, block.line, block.info)),
                Some(By::Output) => outputs += 1,
                Some(By::Drawing) => drawings += 1,
                Some(_) => {}
            }
        }
    }
    assert!(unseen.is_empty(), "nobody looks after {unseen:#?}");
    assert!(blocks > 50, "{blocks}");
    assert_eq!(
        outputs,
        super::outputs::KNOWN,
        "a block of output is checked by name in outputs.rs"
    );
    assert_eq!(drawings, 1);
}

#[test]
fn what_nobody_looks_after_is_seen() {
    let guides = guides();
    let readme = guides.iter().find(|guide| guide.name == "README.md").unwrap();
    let doctested = BTreeSet::from(["docs/x.md".to_owned()]);
    for info in ["rust", "", "ts", "python", "rust,ignore"] {
        let block = Block {
            line: 1,
            info: info.to_owned(),
            text: String::new(),
        };
        assert_eq!(looked_after(readme, &block, &doctested), None, "{info}");
    }
}
