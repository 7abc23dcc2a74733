//! The guides, read by a Markdown parser: blocks of code, code in sentences, links, headings.

use super::ROOT;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// One Markdown file.
pub(super) struct Guide {
    /// Its path in the project.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) blocks: Vec<Block>,
    /// Code in sentences and tables.
    pub(super) code: Vec<String>,
    /// Where links and pictures lead.
    pub(super) links: Vec<String>,
    /// Names by which links reach its headings.
    pub(super) anchors: Vec<String>,
}

/// A block of code.
pub(super) struct Block {
    pub(super) line: usize,
    /// What stands behind the fence: `rust,no_run`.
    pub(super) info: String,
    pub(super) text: String,
}

/// Every guide whose words are held against the project.
pub(super) fn guides() -> Vec<Guide> {
    let mut names: Vec<String> = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md"]
        .map(str::to_owned)
        .into();
    for folder in ["docs", "docs/decisions"] {
        names.extend(children(folder).filter(|name| name.ends_with(".md")));
    }
    names.extend(
        children("crates")
            .map(|folder| format!("{folder}/README.md"))
            .filter(|name| Path::new(ROOT).join(name).is_file()),
    );
    names.iter().map(|name| guide(name)).collect()
}

/// Paths of what is in a folder of the project, in order.
pub(super) fn children(folder: &str) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    names.sort();
    names.into_iter()
}

/// One guide by its path in the project.
pub(super) fn guide(name: &str) -> Guide {
    let path = Path::new(ROOT).join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut guide = read(&text);
    guide.name = name.to_owned();
    guide
}

fn read(text: &str) -> Guide {
    let mut guide = Guide {
        name: String::new(),
        text: text.to_owned(),
        blocks: Vec::new(),
        code: Vec::new(),
        links: Vec::new(),
        anchors: Vec::new(),
    };
    let (mut in_block, mut heading) = (false, None::<String>);
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                in_block = true;
                guide.blocks.push(Block {
                    line: text[..range.start].lines().count() + 1,
                    info: match kind {
                        CodeBlockKind::Fenced(info) => info.into_string(),
                        CodeBlockKind::Indented => "indented".to_owned(),
                    },
                    text: String::new(),
                });
            }
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Text(part) if in_block => guide.blocks.last_mut().unwrap().text.push_str(&part),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                guide.anchors.extend(heading.take().map(|title| anchor(&title)))
            }
            Event::Text(part) => heading.iter_mut().for_each(|title| title.push_str(&part)),
            Event::Code(code) => {
                heading.iter_mut().for_each(|title| title.push_str(&code));
                guide
                    .code
                    .push(code.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                guide.links.push(dest_url.into_string());
            }
            _ => {}
        }
    }
    guide
}

/// How GitHub names a heading.
fn anchor(title: &str) -> String {
    let kept = title.to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

impl Guide {
    /// The folder that it is in.
    pub(super) fn folder(&self) -> PathBuf {
        Path::new(ROOT).join(&self.name).parent().unwrap().to_owned()
    }

    /// Its blocks of one language: what stands before the first comma behind the fence.
    pub(super) fn blocks_of<'g>(&'g self, language: &'g str) -> impl Iterator<Item = &'g Block> {
        self.blocks
            .iter()
            .filter(move |block| block.info.split(',').next() == Some(language))
    }
}

#[test]
fn a_guide_is_read_as_it_is_shown() {
    let guide = read(
        "# Where's `it`, 1?\n\nSay `a  b` or\n[this](x.md#y).\n\n| c |\n|---|\n| `d \\| e` |\n\n```sh,x\n# no heading\n```\n",
    );
    assert_eq!(guide.anchors, ["wheres-it-1"]);
    assert_eq!(guide.code, ["it", "a b", "d | e"]);
    assert_eq!(guide.links, ["x.md#y"]);
    let block = &guide.blocks[0];
    assert_eq!(
        (block.line, block.info.as_str(), block.text.as_str()),
        (10, "sh,x", "# no heading\n")
    );
    assert_eq!(guide.blocks_of("sh").count(), 1);
}
