//! Blocks that are files of the project: whole ones (`<!-- file: … -->`), lines of one (`<!-- lines of: … -->`), and a
//! manifest that cargo reads. `UPDATE_GOLDEN=1` writes whole files into the guides anew.

use super::{
    ROOT,
    cargo_targets::cargo,
    markdown::{Block, Guide, guides},
};
use std::{env, fs, path::Path};

/// Before a block of code that is a file of the project.
const WHOLE: &str = "<!-- file: ";

/// Before a block of code whose lines stand in a file of the project, one after the other.
const LINES: &str = "<!-- lines of: ";

/// Whether a block is a file's, as the line before its fence says.
pub(super) fn is_marked(guide: &Guide, block: &Block) -> bool {
    let before = guide.text.lines().nth(block.line.wrapping_sub(2));
    before.is_some_and(|line| line.starts_with(WHOLE) || line.starts_with(LINES))
}

/// The guide with each of its files' blocks as the file is, and the names of the files.
fn with_files(guide: &str, root: &Path) -> (String, Vec<String>) {
    let (mut made, mut files) = (String::new(), Vec::new());
    let mut left = guide;
    while let Some((before, after)) = left.split_once(WHOLE) {
        let (file, after) = after.split_once(" -->\n").expect("the mark ends");
        let (fence, after) = after.split_once('\n').expect("a fence follows");
        assert!(fence.starts_with("```"), "{file}: {fence:?} is no fence");
        let (_, after) = after.split_once("```").expect("the block ends");
        let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        made.push_str(&format!("{before}{WHOLE}{file} -->\n{fence}\n{text}```"));
        files.push(file.to_owned());
        left = after;
    }
    made.push_str(left);
    (made, files)
}

#[test]
fn the_examples_of_the_guide_are_the_files_that_are_compiled() {
    let root = Path::new(ROOT);
    let path = root.join("docs/make-it-yours.md");
    let guide = fs::read_to_string(&path).unwrap();
    let (made, files) = with_files(&guide, root);
    assert_eq!(files.len(), 4, "{files:?}");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, made).unwrap();
        return;
    }
    assert!(
        guide == made,
        "docs/make-it-yours.md differs from {files:?}; run again with UPDATE_GOLDEN=1"
    );
}

/// Whether the lines stand in a text one after the other, however far they are indented.
fn stands_in(lines: &str, text: &str) -> bool {
    let trimmed = |text: &str| {
        text.lines()
            .map(|line| format!("{}\n", line.trim()))
            .collect::<String>()
    };
    trimmed(text).contains(&trimmed(lines))
}

#[test]
fn lines_of_a_file_stand_in_it() {
    let mut found = 0;
    for guide in guides() {
        let lines: Vec<&str> = guide.text.lines().collect();
        for block in &guide.blocks {
            let before = lines.get(block.line.wrapping_sub(2));
            let file = before.and_then(|line| line.strip_prefix(LINES)?.strip_suffix(" -->"));
            let Some(file) = file else { continue };
            found += 1;
            let text = fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
            assert!(
                stands_in(&block.text, &text),
                "{}:{}: not in {file}",
                guide.name,
                block.line
            );
        }
    }
    assert_eq!(found, 1, "the README shows lines of an example");
    assert!(stands_in("a\nb", "  a\n  b\nc") && !stands_in("a\nc", "a\nb\nc"));
}

/// The manifest of a project of one's own, beside this one under the name that the guide gives it.
#[test]
fn a_manifest_is_one_that_cargo_reads() {
    let guides = guides();
    let blocks: Vec<&Block> = guides.iter().flat_map(|guide| guide.blocks_of("toml")).collect();
    assert_eq!(blocks.len(), 1, "docs/make-it-yours.md has the only one");
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(ROOT, folder.path().join("teams-notify")).unwrap();
    let own = folder.path().join("mine");
    fs::create_dir_all(own.join("src")).unwrap();
    fs::write(own.join("src/main.rs"), "fn main() {}\n").unwrap();
    fs::write(own.join("Cargo.toml"), &blocks[0].text).unwrap();
    let metadata = cargo(
        &own,
        &["metadata", "--no-deps", "--offline", "--format-version", "1"],
    );
    let dependencies = metadata["packages"][0]["dependencies"].as_array().unwrap();
    let by_path = dependencies
        .iter()
        .find(|dependency| dependency["path"].is_string());
    let dependency = by_path.expect("it depends on the library by path");
    let path = Path::new(dependency["path"].as_str().unwrap()).join("Cargo.toml");
    let theirs = fs::read_to_string(path).unwrap();
    let name = format!("name = \"{}\"", dependency["name"].as_str().unwrap());
    assert!(theirs.contains(&name), "{dependency}");
}
