//! The common pattern grammar: patterns with the same meaning in every language of Adaptive Expressions. No
//! look-around, no `\b`, no back-references.

/// The deepest nesting of groups.
const MAX_GROUPS: usize = 60;

/// Checks that `pattern` conforms to the common grammar.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Err("is empty".to_owned());
    }
    let chars: Vec<char> = pattern.chars().collect();
    let mut checker = Checker { chars: &chars, at: 0 };
    checker.alternation(0)?;
    if checker.at < chars.len() {
        return Err(format!("has an unmatched `{}`", chars[checker.at]));
    }
    Ok(())
}

struct Checker<'p> {
    chars: &'p [char],
    at: usize,
}

impl Checker<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn accept(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn alternation(&mut self, depth: usize) -> Result<(), String> {
        if depth > MAX_GROUPS {
            return Err("has groups nested too deep".to_owned());
        }
        loop {
            match self.peek() {
                None | Some(')') => return Ok(()),
                Some('|') => self.at += 1,
                Some(_) => {
                    self.atom(depth)?;
                    self.quantifier();
                }
            }
        }
    }

    fn atom(&mut self, depth: usize) -> Result<(), String> {
        match self.peek() {
            Some(c @ ('*' | '+' | '?')) => Err(format!("has a `{c}` with nothing before it to repeat")),
            Some('[') => self.class(),
            Some('(') => {
                self.at += 1;
                self.group(depth)
            }
            Some('\\') => self.escape(),
            _ => {
                self.at += 1;
                Ok(())
            }
        }
    }

    fn group(&mut self, depth: usize) -> Result<(), String> {
        if self.accept('?') {
            match self.peek() {
                Some(':') => self.at += 1,
                Some('<') => {
                    self.at += 1;
                    let start = self.at;
                    while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                        self.at += 1;
                    }
                    let named = self.at > start && !self.chars[start].is_ascii_digit();
                    if !named || !self.accept('>') {
                        return Err(
                            "uses look-behind or a group without a name, which is not supported".to_owned(),
                        );
                    }
                }
                Some('i' | 'm' | 's') => {
                    while matches!(self.peek(), Some('i' | 'm' | 's')) {
                        self.at += 1;
                    }
                    return if self.accept(')') {
                        Ok(())
                    } else {
                        Err("has an unfinished option".to_owned())
                    };
                }
                _ => return Err("uses look-ahead or another extension, which is not supported".to_owned()),
            }
        }
        self.alternation(depth + 1)?;
        if self.accept(')') {
            Ok(())
        } else {
            Err("has a group that is not closed".to_owned())
        }
    }

    fn quantifier(&mut self) {
        match self.peek() {
            Some('?' | '*' | '+') => self.at += 1,
            Some('{') => {
                let mut at = self.at + 1;
                let digits = |at: &mut usize| {
                    let start = *at;
                    while self.chars.get(*at).is_some_and(char::is_ascii_digit) {
                        *at += 1;
                    }
                    *at > start
                };
                if !digits(&mut at) {
                    return;
                }
                if self.chars.get(at) == Some(&',') {
                    at += 1;
                    digits(&mut at);
                }
                if self.chars.get(at) != Some(&'}') {
                    return;
                }
                self.at = at + 1;
            }
            _ => return,
        }
        if matches!(self.peek(), Some('+' | '?')) {
            self.at += 1;
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let octal = |c: Option<&char>| c.is_some_and(|c| ('0'..='7').contains(c));
        let next = self.chars.get(self.at + 1).copied();
        match next {
            None => Err("ends with a backslash".to_owned()),
            Some('a' | 'c' | 'e' | 'f' | 'n' | 'r' | 't' | 'd' | 'D' | 's' | 'S' | 'w' | 'W') => {
                self.at += 2;
                Ok(())
            }
            Some('x')
                if self.chars[self.at + 2..]
                    .iter()
                    .take(2)
                    .filter(|c| c.is_ascii_hexdigit())
                    .count()
                    == 2 =>
            {
                self.at += 4;
                Ok(())
            }
            Some('p' | 'P') if self.chars.get(self.at + 2) == Some(&'{') => {
                let rest = &self.chars[self.at + 3..];
                let len = rest
                    .iter()
                    .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
                    .count();
                if len == 0 || rest.get(len) != Some(&'}') {
                    return Err("has an unfinished property".to_owned());
                }
                self.at += len + 4;
                Ok(())
            }
            Some('Q') => {
                let rest = &self.chars[self.at + 2..];
                match rest.windows(2).position(|pair| pair == ['\\', 'E']) {
                    Some(len) => {
                        self.at += len + 4;
                        Ok(())
                    }
                    None => Err("has \\Q without \\E".to_owned()),
                }
            }
            Some('0'..='7') if octal(self.chars.get(self.at + 2)) => {
                self.at += 3;
                Ok(())
            }
            Some(c) if !c.is_ascii_alphanumeric() => {
                self.at += 2;
                Ok(())
            }
            Some(c) => Err(format!("uses `\\{c}`, which is not supported")),
        }
    }

    fn class(&mut self) -> Result<(), String> {
        self.at += 1;
        self.accept('^');
        let start = self.at;
        loop {
            match self.peek() {
                None => return Err("has a character class that is not closed".to_owned()),
                Some(']') if self.at > start => {
                    self.at += 1;
                    return Ok(());
                }
                Some(']') => return Err("has an empty character class".to_owned()),
                Some('\\') => self.escape()?,
                Some(_) => self.at += 1,
            }
        }
    }
}
