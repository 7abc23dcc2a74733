//! Line and column of a value in a JSON text, found again by its pointer: needed for messages only.

use super::Json;
use super::parse::up_to;
use std::borrow::Cow;
use std::collections::HashSet;

/// A place in a text, both counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column in the line.
    pub column: usize,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl Position {
    /// The place of a byte.
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = up_to(text, at);
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        Self {
            line: before.bytes().filter(|&b| b == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// The longest text that is searched: a pointer of many steps reads it as often.
const MAX_TEXT: usize = 1 << 20;

/// Where the value at a JSON pointer stands in a document, or the character `column` (from 1) of it if it is a string.
///
/// ```
/// let place = card::position("{\n  \"a\": [1, \"x\\ty\"]\n}", "/a/1", Some(3)).unwrap();
/// assert_eq!((place.line, place.column), (2, 16));
/// ```
#[must_use]
pub fn position(text: &str, pointer: &str, column: Option<usize>) -> Option<Position> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut scan = Scan { text, at: 0 };
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        scan.enter(&step)?;
    }
    if let Some(column) = column
        && scan.peek() == Some(b'"')
    {
        scan.characters(column);
    }
    Some(Position::of(text, scan.at))
}

/// A property that its object has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// Its name.
    pub name: String,
    /// Where it stands again.
    pub position: Position,
}

/// The properties that stand twice in an object, of which only the last counts; at most ten. Empty for a text that
/// [`Json::parse`] does not read.
///
/// ```
/// let twice = card::duplicates("{\n  \"a\": 1,\n  \"b\": {\"a\": 2},\n  \"a\": 3}");
/// assert_eq!(twice.len(), 1);
/// assert_eq!((&*twice[0].name, twice[0].position.line), ("a", 4));
/// ```
#[must_use]
pub fn duplicates(text: &str) -> Vec<Duplicate> {
    let mut found = Vec::new();
    if Json::parse(text).is_err() {
        return found;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut scan = Scan { text, at: 0 };
    // The names of the objects that are open; `None` for arrays.
    let mut open: Vec<Option<HashSet<Cow<'_, str>>>> = Vec::new();
    let mut key_follows = false;
    while let Some(b) = scan.peek() {
        match b {
            b'{' | b'[' => {
                open.push((b == b'{').then(HashSet::new));
                key_follows = b == b'{';
                scan.at += 1;
            }
            b'}' | b']' => {
                open.pop();
                key_follows = false;
                scan.at += 1;
            }
            b',' => {
                key_follows = matches!(open.last(), Some(Some(_)));
                scan.at += 1;
            }
            b'"' => {
                let start = scan.at;
                let name = scan.string();
                if key_follows
                    && let Some(Some(names)) = open.last_mut()
                    && let Some(name) = name
                    && !names.insert(name.clone())
                    && found.len() < 10
                {
                    found.push(Duplicate {
                        name: name.into_owned(),
                        position: Position::of(text, start),
                    });
                }
                key_follows = false;
            }
            _ => scan.at += 1,
        }
    }
    found
}

/// A cursor in a text that is JSON.
struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads the string at the cursor.
    fn string(&mut self) -> Option<Cow<'t, str>> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        while let Some(&b) = bytes.get(at) {
            at += if b == b'\\' { 2 } else { 1 };
            if b == b'"' {
                break;
            }
        }
        self.at = at;
        match Json::parse(self.text.get(start..at)?).ok()? {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// Passes the value at the cursor.
    fn pass(&mut self) {
        let mut depth = 0usize;
        while let Some(b) = self.peek() {
            match b {
                b'"' => {
                    self.string();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' if depth == 0 => return,
                _ => self.at += 1,
            }
            if depth == 0
                && !matches!(self.peek(), Some(b) if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-'))
            {
                return;
            }
        }
    }

    /// Goes to a property, of which the last counts, or to an item of the value at the cursor.
    fn enter(&mut self, step: &str) -> Option<()> {
        let is_object = match self.peek()? {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        let mut found = None;
        for index in 0.. {
            self.at += 1;
            if matches!(self.peek()?, b'}' | b']') {
                break;
            }
            let here = if is_object {
                let name = self.string()?;
                self.peek();
                self.at += 1;
                name == step
            } else {
                step.parse() == Ok(index)
            };
            self.peek();
            if here {
                found = Some(self.at);
                if !is_object {
                    break;
                }
            }
            self.pass();
            if self.peek()? != b',' {
                break;
            }
        }
        self.at = found?;
        Some(())
    }

    /// Goes to the character `column` of the string at the cursor.
    fn characters(&mut self, column: usize) {
        self.at += 1;
        for _ in 1..column {
            let rest = self.text.get(self.at..).unwrap_or("");
            let mut chars = rest.chars();
            self.at += match (chars.next(), chars.next()) {
                (None | Some('"'), _) => return,
                (Some('\\'), Some('u')) => {
                    // Two escapes are one character beyond the basic plane.
                    let high = rest.get(2..4).is_some_and(|h| {
                        h.eq_ignore_ascii_case("d8")
                            || matches!(h.as_bytes(), [b'd' | b'D', b'9' | b'a' | b'b' | b'A' | b'B'])
                    });
                    if high && rest.get(6..8) == Some("\\u") {
                        12
                    } else {
                        6
                    }
                }
                (Some('\\'), _) => 2,
                (Some(c), _) => c.len_utf8(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"a/b\": [\n    {\"x\": -1.5e+3, \"t\": \"ab\\\\\\\"c\\ud83d\\ude00 d\"},\n    [], {}, true, null,\n    \"end\"\n  ],\n  \"~\": 1, \"~\": {\"é\": 2}\n}";

    #[test]
    fn each_pointer_finds_its_value() {
        for (pointer, line, column) in [
            ("", 1, 1),
            ("/a~1b", 2, 10),
            ("/a~1b/0", 3, 5),
            ("/a~1b/0/x", 3, 11),
            ("/a~1b/0/t", 3, 25),
            ("/a~1b/1", 4, 5),
            ("/a~1b/2", 4, 9),
            ("/a~1b/3", 4, 13),
            ("/a~1b/4", 4, 19),
            ("/a~1b/5", 5, 5),
            // Of two properties the last counts.
            ("/~0", 7, 16),
            ("/~0/é", 7, 22),
        ] {
            assert_eq!(
                position(TEXT, pointer, None),
                Some(Position { line, column }),
                "{pointer}"
            );
        }
        for nowhere in ["/b", "/a~1b/6", "/a~1b/0/t/0", "/a~1b/x", "/a~1b/4/x"] {
            assert_eq!(position(TEXT, nowhere, None), None, "{nowhere}");
        }
    }

    #[test]
    fn columns_of_strings_count_escapes_as_one() {
        for (in_string, column) in [
            (1, 26),
            (3, 28),
            (4, 30),
            (5, 32),
            (6, 33),
            (7, 45),
            (8, 46),
            (99, 47),
        ] {
            assert_eq!(
                position(TEXT, "/a~1b/0/t", Some(in_string)).map(|p| p.column),
                Some(column),
                "{in_string}"
            );
        }
    }

    #[test]
    fn texts_that_are_no_json_end() {
        for text in ["", "{", "{\"a\"", "{\"a\":", "[1,", "{\"a\":[{]}", "\"", "{\"a\\"] {
            let _ = position(text, "/a/0/b", Some(3));
            assert!(duplicates(text).is_empty());
        }
    }
}
