//! Commands as a shell reads them, as far as the guides need it.

/// The commands of a block: lines, with those joined that go on, without comments and prompts.
pub(super) fn commands(block: &str) -> Vec<String> {
    block
        .replace("\\\n", " ")
        .lines()
        .map(|line| without_comment(line.trim_start().strip_prefix("$ ").unwrap_or(line)))
        .map(|line| spaced(&line))
        .filter(|line| !line.is_empty())
        .collect()
}

fn without_comment(line: &str) -> String {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before == ' ' => return line[..at].to_owned(),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    line.to_owned()
}

/// One space between words, as far as they are not quoted.
fn spaced(line: &str) -> String {
    let (mut made, mut quote) = (String::new(), None);
    for c in line.trim().chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ' ') if made.ends_with(' ') => continue,
            _ => {}
        }
        made.push(c);
    }
    made
}

/// The words of a command, without their quotes.
pub(super) fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match (quote, c) {
            (None, ' ') => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if open == c => quote = None,
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn a_block_is_read_as_a_shell_reads_it() {
    let block = "$ one   two # three\n\ncurl x \\\n  -d '{\"a\":  \"#b\"}'\n";
    let commands = commands(block);
    assert_eq!(commands, ["one two", "curl x -d '{\"a\":  \"#b\"}'"]);
    assert_eq!(words(&commands[1]), ["curl", "x", "-d", "{\"a\":  \"#b\"}"]);
}
