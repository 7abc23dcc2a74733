//! The guides say what the files say. `UPDATE_GOLDEN=1` writes the guides anew.

use std::{env, fs, path::Path};

/// Before a block of code that is a file of the project.
const MARK: &str = "<!-- file: ";

/// The guide with each of its files' blocks as the file is, and the names of the files.
fn with_files(guide: &str, root: &Path) -> (String, Vec<String>) {
    let (mut made, mut files) = (String::new(), Vec::new());
    let mut left = guide;
    while let Some((before, after)) = left.split_once(MARK) {
        let (file, after) = after.split_once(" -->\n").expect("the mark ends");
        let (fence, after) = after.split_once('\n').expect("a fence follows");
        assert!(fence.starts_with("```"), "{file}: {fence:?} is no fence");
        let (_, after) = after.split_once("```").expect("the block ends");
        let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        made.push_str(&format!("{before}{MARK}{file} -->\n{fence}\n{text}```"));
        files.push(file.to_owned());
        left = after;
    }
    made.push_str(left);
    (made, files)
}

#[test]
fn the_examples_of_the_guide_are_the_files_that_are_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
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
