//! Parses instants: the strict ISO form, and everything that V8's `Date` accepts.

use super::calendar::{DAY, days, fields, in_range};
use super::render::iso;

/// The instant of exactly `YYYY-MM-DDTHH:mm:ss.SSSZ` (or a six-digit year with its sign).
pub(super) fn strict(text: &str) -> Option<i64> {
    if !text.is_ascii() || !matches!(text.len(), 24 | 27) {
        return None;
    }
    let ms = any(text)?;
    (iso(ms) == text).then_some(ms)
}

/// The instant that `new Date(text)` gives; local time is UTC.
pub(super) fn any(text: &str) -> Option<i64> {
    if text.len() > 256 {
        return None;
    }
    let tokens = tokens(text);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        date: Date::default(),
        clock: Clock::default(),
        zone: Zone::default(),
    };
    let rest = reader.iso()?;
    reader.legacy(rest)?;
    let date = reader.date.days()?;
    in_range(date.checked_mul(DAY)? + reader.clock.millis()? - reader.zone.minutes() * 60_000)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Number { value: i64, len: usize },
    Word(Word),
    Symbol(char),
    Space,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    Month(i64),
    /// Hours to add after twelve-hour clocks.
    HalfDay(i64),
    /// Hours east of UTC.
    Zone(i64),
    Z,
    T,
    Other,
}

fn word(text: &str) -> Word {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let prefix: String = text.chars().take(3).map(|c| c.to_ascii_lowercase()).collect();
    if let Some(at) = MONTHS.iter().position(|m| *m == prefix) {
        return Word::Month(at as i64 + 1);
    }
    if text.chars().count() > 3 {
        return Word::Other;
    }
    match prefix.as_str() {
        "am" => Word::HalfDay(0),
        "pm" => Word::HalfDay(12),
        "z" => Word::Z,
        "t" => Word::T,
        "ut" | "utc" | "gmt" => Word::Zone(0),
        "est" | "cdt" => Word::Zone(-5),
        "edt" => Word::Zone(-4),
        "cst" | "mdt" => Word::Zone(-6),
        "mst" | "pdt" => Word::Zone(-7),
        "pst" => Word::Zone(-8),
        _ => Word::Other,
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (token, len) = if c.is_ascii_digit() {
            let len = rest.bytes().take_while(u8::is_ascii_digit).count();
            let digits = rest[..len].trim_start_matches('0');
            let value = digits[..digits.len().min(9)].parse().unwrap_or(0);
            (Token::Number { value, len }, len)
        } else if c >= 'A' && !crate::number::is_js_space(c) {
            let len = rest
                .find(|c: char| c < 'A' || crate::number::is_js_space(c))
                .unwrap_or(rest.len());
            (Token::Word(word(&rest[..len])), len)
        } else if crate::number::is_js_space(c) {
            (Token::Space, c.len_utf8())
        } else if c == '(' {
            (Token::Symbol('('), parenthesis(rest))
        } else {
            (Token::Symbol(c), c.len_utf8())
        };
        out.push(token);
        rest = &rest[len..];
    }
    out.push(Token::End);
    out
}

/// The length of a comment in parentheses.
fn parenthesis(text: &str) -> usize {
    let mut open = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at + 1;
        }
    }
    text.len()
}

#[derive(Default)]
struct Date {
    parts: Vec<i64>,
    month: Option<i64>,
    iso: bool,
}

impl Date {
    fn add(&mut self, n: i64) -> Option<()> {
        (self.parts.len() < 3).then(|| self.parts.push(n))
    }

    fn days(&self) -> Option<i64> {
        let is_day = |n: i64| (1..=31).contains(&n);
        let mut parts = self.parts.clone();
        if parts.is_empty() {
            return None;
        }
        parts.resize(3, 1);
        let (mut year, month, day) = match self.month {
            Some(month) if !is_day(parts[0]) => (parts[0], month, parts[1]),
            Some(month) => (parts[1], month, parts[0]),
            None if self.iso || !is_day(parts[0]) => (parts[0], parts[1], parts[2]),
            None => (parts[2], parts[0], parts[1]),
        };
        if !self.iso {
            year += match year {
                0..=49 => 2000,
                50..=99 => 1900,
                _ => 0,
            };
        }
        ((1..=12).contains(&month) && is_day(day)).then(|| days(year, month, day))
    }
}

#[derive(Default)]
struct Clock {
    parts: Vec<i64>,
    half_day: Option<i64>,
}

impl Clock {
    fn add(&mut self, n: i64) -> Option<()> {
        (self.parts.len() < 4).then(|| self.parts.push(n))
    }

    fn finish(&mut self, n: i64) -> Option<()> {
        self.add(n)?;
        self.parts.resize(4, 0);
        Some(())
    }

    fn expects(&self, n: i64) -> bool {
        match self.parts.len() {
            1 | 2 => (0..60).contains(&n),
            3 => (0..1_000).contains(&n),
            _ => false,
        }
    }

    fn millis(&self) -> Option<i64> {
        let mut parts = self.parts.clone();
        parts.resize(4, 0);
        let [mut hour, minute, second, milli] = parts[..] else {
            return None;
        };
        if let Some(half_day) = self.half_day {
            if !(0..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + half_day;
        }
        let valid = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && milli < 1_000;
        let midnight = hour == 24 && minute == 0 && second == 0 && milli == 0;
        (valid || midnight).then_some(((hour * 60 + minute) * 60 + second) * 1_000 + milli)
    }
}

#[derive(Default)]
struct Zone {
    sign: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
}

impl Zone {
    fn set(&mut self, hours: i64) {
        *self = Zone {
            sign: Some(hours.signum()),
            hour: Some(hours.abs()),
            minute: Some(0),
        };
    }

    fn minutes(&self) -> i64 {
        self.sign.unwrap_or(0) * (self.hour.unwrap_or(0) * 60 + self.minute.unwrap_or(0))
    }
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    date: Date,
    clock: Clock,
    zone: Zone,
}

impl Reader<'_> {
    fn peek(&self) -> Token {
        self.tokens.get(self.at).copied().unwrap_or(Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn skip(&mut self, symbol: char) -> bool {
        let found = self.peek() == Token::Symbol(symbol);
        self.at += usize::from(found);
        found
    }

    fn fixed(&mut self, width: usize, allowed: std::ops::RangeInclusive<i64>) -> Option<i64> {
        match self.peek() {
            Token::Number { value, len } if len == width && allowed.contains(&value) => {
                self.at += 1;
                Some(value)
            }
            _ => None,
        }
    }

    /// The ISO form. Returns the token at which the legacy form begins; after a `T` only ISO is accepted.
    fn iso(&mut self) -> Option<Token> {
        match self.peek() {
            sign @ Token::Symbol('+' | '-') => {
                self.at += 1;
                match self.fixed(6, 0..=999_999) {
                    Some(0) if sign == Token::Symbol('-') => return Some(sign),
                    Some(year) => {
                        let _ = self
                            .date
                            .add(if sign == Token::Symbol('-') { -year } else { year });
                    }
                    None => return Some(sign),
                }
            }
            _ => match self.fixed(4, 0..=9_999) {
                Some(year) => {
                    let _ = self.date.add(year);
                }
                None => return Some(self.next()),
            },
        }
        for allowed in [1..=12, 1..=31] {
            if !self.skip('-') {
                break;
            }
            match self.fixed(2, allowed) {
                Some(n) => {
                    let _ = self.date.add(n);
                }
                None => return Some(self.next()),
            }
        }
        if self.peek() == Token::Word(Word::T) {
            self.at += 1;
            self.iso_clock()?;
        } else if self.peek() != Token::End {
            return Some(self.next());
        }
        self.date.iso = true;
        Some(Token::End)
    }

    fn iso_clock(&mut self) -> Option<()> {
        let hour = self.fixed(2, 0..=24)?;
        if !self.skip(':') {
            return None;
        }
        let top = if hour == 24 { 0 } else { 59 };
        let minute = self.fixed(2, 0..=top)?;
        self.clock.add(hour)?;
        self.clock.add(minute)?;
        if self.skip(':') {
            let second = self.fixed(2, 0..=top)?;
            self.clock.add(second)?;
            if self.skip('.') {
                let Token::Number { .. } = self.peek() else {
                    return None;
                };
                let milli = self.millis_token()?;
                self.clock.add(milli)?;
            }
        }
        self.clock.parts.resize(4, 0);
        match self.peek() {
            Token::Word(Word::Z) => {
                self.at += 1;
                self.zone.set(0);
            }
            Token::Symbol(sign @ ('+' | '-')) => {
                self.at += 1;
                let sign = if sign == '-' { -1 } else { 1 };
                let (hour, minute) = match self.fixed(4, 0..=2_359) {
                    Some(both) => (both / 100, both % 100),
                    None => {
                        let hour = self.fixed(2, 0..=23)?;
                        if !self.skip(':') {
                            return None;
                        }
                        (hour, self.fixed(2, 0..=59)?)
                    }
                };
                self.zone = Zone {
                    sign: Some(sign),
                    hour: Some(hour),
                    minute: Some(minute),
                };
            }
            _ => {}
        }
        (self.peek() == Token::End).then_some(())
    }

    /// The milliseconds of the next number; digits beyond the third are dropped.
    fn millis_token(&mut self) -> Option<i64> {
        let Token::Number { value, len } = self.next() else {
            return None;
        };
        Some(match len {
            1 => value * 100,
            2 => value * 10,
            3 => value,
            _ => value / 10i64.pow((len.min(9) - 3) as u32),
        })
    }

    fn legacy(&mut self, first: Token) -> Option<()> {
        let mut token = first;
        let mut number_seen = !self.date.parts.is_empty();
        while token != Token::End {
            match token {
                Token::Number { value, .. } => {
                    number_seen = true;
                    self.legacy_number(value)?;
                }
                Token::Word(Word::HalfDay(half_day)) if !self.clock.parts.is_empty() => {
                    self.clock.half_day = Some(half_day)
                }
                Token::Word(Word::Month(month)) => {
                    self.date.month = Some(month);
                    self.skip('-');
                }
                Token::Word(Word::Zone(hours)) if number_seen => self.zone.set(hours),
                Token::Word(Word::Z) if number_seen => self.zone.set(0),
                Token::Word(_) => {
                    if number_seen || matches!(self.peek(), Token::Number { .. }) {
                        return None;
                    }
                }
                Token::Symbol(sign @ ('+' | '-')) if self.zone_may_start() => {
                    number_seen = true;
                    self.legacy_zone(if sign == '-' { -1 } else { 1 })?;
                }
                Token::Symbol('+' | '-' | ')') if number_seen => return None,
                Token::Symbol(_) | Token::Space | Token::End => {}
            }
            token = self.next();
        }
        Some(())
    }

    fn zone_may_start(&self) -> bool {
        let utc = self.zone.hour == Some(0) && self.zone.minute == Some(0);
        utc || !self.clock.parts.is_empty()
    }

    fn legacy_number(&mut self, n: i64) -> Option<()> {
        if self.skip(':') {
            if self.skip(':') {
                if !self.clock.parts.is_empty() {
                    return None;
                }
                self.clock.add(n)?;
                return self.clock.add(0);
            }
            self.clock.add(n)?;
            self.skip('.');
            return Some(());
        }
        let expects_zone = self.zone.hour.is_some() && self.zone.minute.is_none() && (0..60).contains(&n);
        if self.peek() == Token::Symbol('.') && self.clock.expects(n) {
            self.at += 1;
            self.clock.add(n)?;
            let Token::Number { .. } = self.peek() else {
                return None;
            };
            let milli = self.millis_token()?;
            return self.clock.finish(milli);
        }
        self.skip('.');
        if expects_zone {
            self.zone.minute = Some(n);
            return Some(());
        }
        if self.clock.expects(n) {
            self.clock.finish(n)?;
            let ends = matches!(
                self.peek(),
                Token::End | Token::Space | Token::Word(Word::Z) | Token::Symbol('+' | '-')
            );
            return ends.then_some(());
        }
        self.date.add(n)?;
        self.skip('-');
        Some(())
    }

    fn legacy_zone(&mut self, sign: i64) -> Option<()> {
        self.zone.sign = Some(sign);
        let (n, len) = match self.peek() {
            Token::Number { value, len } => {
                self.at += 1;
                (value, len)
            }
            _ => (0, 0),
        };
        (self.zone.hour, self.zone.minute) = match (self.peek(), len) {
            (Token::Symbol(':'), _) => (Some(n), None),
            (_, 1 | 2) => (Some(n), Some(0)),
            (_, 3 | 4) => (Some(n / 100), Some(n % 100)),
            _ => return None,
        };
        self.skip(':');
        Some(())
    }
}

/// Parses a local time as dayjs does (year first), taken as UTC.
pub(super) fn local(text: &str) -> Option<i64> {
    if text.ends_with(['Z', 'z']) {
        return any(text);
    }
    year_first(text).or_else(|| any(text))
}

/// `YYYY-MM-DD HH:mm:ss.SSS` with most parts and separators optional.
fn year_first(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let digits = |at: &mut usize, most: usize| -> Option<i64> {
        let len = bytes[*at..]
            .iter()
            .take(most)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let value = text.get(*at..*at + len)?.parse().ok();
        *at += len;
        value
    };
    if bytes.len() < 4 || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let year = digits(&mut at, 4)?;
    let skip =
        |at: &mut usize, set: &[u8]| *at += usize::from(bytes.get(*at).is_some_and(|b| set.contains(b)));
    skip(&mut at, b"-/");
    let month = digits(&mut at, 2).unwrap_or(1);
    skip(&mut at, b"-/");
    let day = digits(&mut at, 2).unwrap_or(1);
    while bytes.get(at).is_some_and(|b| b"Tt \t\r\n".contains(b)) {
        at += 1;
    }
    let hour = digits(&mut at, 2).unwrap_or(0);
    skip(&mut at, b":");
    let minute = digits(&mut at, 2).unwrap_or(0);
    skip(&mut at, b":");
    let second = digits(&mut at, 2).unwrap_or(0);
    skip(&mut at, b".:");
    let fraction_at = at;
    let fraction = digits(&mut at, usize::MAX);
    if at != bytes.len() {
        return None;
    }
    let milli = fraction.map_or(0, |_| {
        text[fraction_at..at.min(fraction_at + 3)].parse().unwrap_or(0)
    });
    let months = year * 12 + month - 1;
    let date = days(months.div_euclid(12), months.rem_euclid(12) + 1, day.max(1));
    in_range(date * DAY + ((hour * 60 + minute) * 60 + second) * 1_000 + milli)
}

/// The hour and minute of an instant as `hhmm`.
pub(super) fn hhmm(ms: i64) -> i64 {
    let f = fields(ms);
    f.hour * 100 + f.minute
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_v8_reads() {
        for (text, same_as) in [
            ("2018-03-15", "2018-03-15T00:00:00.000Z"),
            ("2018-03-15T13:00:00+05:30", "2018-03-15T07:30:00.000Z"),
            ("2018-03-15T24:00:00Z", "2018-03-16T00:00:00.000Z"),
            ("2023-02-30T00:00:00Z", "2023-03-02T00:00:00.000Z"),
            ("July 4, 2023", "2023-07-04T00:00:00.000Z"),
            ("Tue, 04 Jul 2023 09:08:07 GMT", "2023-07-04T09:08:07.000Z"),
            ("3/15/2018 1:30 PM", "2018-03-15T13:30:00.000Z"),
            ("12", "2001-12-01T00:00:00.000Z"),
            ("2018-03-15T13:00:00.1234567Z", "2018-03-15T13:00:00.123Z"),
        ] {
            assert_eq!(any(text).map(iso).as_deref(), Some(same_as), "{text}");
        }
        for text in [
            "",
            "x",
            "2018-13-01",
            "2018-03-15T13:00:60Z",
            "20181115",
            "2018-03-32",
        ] {
            assert_eq!(any(text), None, "{text}");
        }
    }

    #[test]
    fn strict_means_exactly_the_iso_form() {
        assert!(strict("2018-03-15T13:00:00.000Z").is_some());
        assert!(strict("2018-03-15T13:00:00Z").is_none());
        assert!(strict("2018-02-30T13:00:00.000Z").is_none());
    }
}
