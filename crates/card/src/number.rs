//! Parsing and printing of numbers as in JavaScript. Pure functions; independent of values and templates.

use std::fmt::Write as _;

/// Appends `n` as JavaScript's `Number::toString` prints it: shortest digits that read back the same,
/// exponents from 1e21 up and from 1e-7 down, `NaN`, `Infinity`, and `0` for minus zero.
pub(crate) fn push_number(out: &mut String, n: f64) {
    if n.is_nan() {
        out.push_str("NaN");
    } else if n.is_infinite() {
        out.push_str(if n > 0.0 { "Infinity" } else { "-Infinity" });
    } else if n == 0.0 {
        out.push('0');
    } else if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 {
        push_integer(out, n as i64);
    } else {
        push_fraction(out, n);
    }
}

fn push_integer(out: &mut String, n: i64) {
    if let Ok(digit @ 0..10) = u8::try_from(n) {
        out.push(char::from(b'0' + digit));
        return;
    }
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut rest = n.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        out.push('-');
    }
    // Digits are always valid UTF-8.
    out.push_str(std::str::from_utf8(&buffer[at..]).unwrap_or_default());
}

fn push_fraction(out: &mut String, n: f64) {
    // Rust's `{:e}` gives the same shortest digits as JavaScript; only the layout differs.
    let text = format!("{:e}", n.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mut digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let count = digits.len() as i32;
    if count >= 16 && is_tie_rounded_to_odd(n.abs(), &digits, count - exponent - 1) {
        let even = digits.pop().map_or('0', |last| char::from(last as u8 - 1));
        digits.push(even);
    }
    if n < 0.0 {
        out.push('-');
    }
    let point = exponent + 1;
    if (count..=21).contains(&point) {
        out.push_str(&digits);
        out.extend(std::iter::repeat_n('0', (point - count) as usize));
    } else if (1..=21).contains(&point) {
        out.push_str(&digits[..point as usize]);
        out.push('.');
        out.push_str(&digits[point as usize..]);
    } else if (-5..=0).contains(&point) {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-point) as usize));
        out.push_str(&digits);
    } else {
        out.push_str(&digits[..1]);
        if count > 1 {
            out.push('.');
            out.push_str(&digits[1..]);
        }
        let _ = write!(out, "e{}{}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
}

/// Whether `n` lies halfway between its shortest digits and those one unit less, of which JavaScript takes the even ones.
/// That happens only where a number has few binary places.
fn is_tie_rounded_to_odd(n: f64, digits: &str, places: i32) -> bool {
    if !(1..=4).contains(&places)
        || !matches!(digits.as_bytes().last(), Some(b'1' | b'3' | b'5' | b'7' | b'9'))
    {
        return false;
    }
    // In units of half the last decimal place; 2 to the power of 8 clears the binary places of such numbers.
    let units = n * 256.0;
    if units.fract() != 0.0 || units >= 2f64.powi(63) {
        return false;
    }
    let exact = units as u128 * 2 * 10u128.pow(places as u32);
    digits
        .parse::<u128>()
        .is_ok_and(|shown| exact == (2 * shown - 1) * 256)
}

/// `n` as JavaScript prints it.
pub(crate) fn number_text(n: f64) -> String {
    let mut out = String::new();
    push_number(&mut out, n);
    out
}

/// JavaScript's `toFixed` for a number that is not negative, with 0 to 20 digits: the exact decimal
/// expansion, halves rounded up; from 1e21 on the plain number text.
pub(crate) fn to_fixed(n: f64, digits: usize) -> String {
    if !n.is_finite() || n >= 1e21 {
        return number_text(n);
    }
    // The usual case needs no exact expansion: this far from a half, the rounding error of the product doesn't matter.
    let units = n * 10f64.powi(digits.min(5) as i32);
    let nearest = units.round();
    if digits < 5 && units < 1e12 && (units - nearest).abs() < 0.25 {
        return with_point(nearest as i64, digits);
    }
    let rounded = format!("{n:.digits$}");
    // Rust rounds an exact half to even. Such a tie has at most digits + 1 binary places.
    let scaled = n * 2f64.powi(digits as i32 + 1);
    if scaled.fract() != 0.0 {
        return rounded;
    }
    let longer = format!("{n:.*}", digits + 1);
    match longer.strip_suffix('5') {
        Some(kept) => increment(kept.strip_suffix('.').unwrap_or(kept)),
        None => rounded,
    }
}

/// `units` divided by ten to the power of `digits`.
fn with_point(units: i64, digits: usize) -> String {
    let mut text = String::with_capacity(24);
    let scale = 10i64.pow(digits as u32);
    push_integer(&mut text, units / scale);
    if digits > 0 {
        text.push('.');
        push_padded(&mut text, units % scale, digits);
    }
    text
}

/// Appends a whole number, with zeros before it up to `width` digits.
pub(crate) fn push_padded(out: &mut String, n: i64, width: usize) {
    let mut least = 10;
    for _ in 1..width {
        if n < least {
            out.push('0');
        }
        least *= 10;
    }
    push_integer(out, n);
}

/// Adds one unit in the last place of a decimal text.
fn increment(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for b in bytes.iter_mut().rev() {
        match *b {
            b'.' => {}
            b'9' => *b = b'0',
            _ => {
                *b += 1;
                return String::from_utf8(bytes).unwrap_or_default();
            }
        }
    }
    let mut out = String::from("1");
    out.push_str(&String::from_utf8(bytes).unwrap_or_default());
    out
}

/// JavaScript's `Math.round`: halves towards positive infinity, minus zero kept.
pub(crate) fn round_half_up(n: f64) -> f64 {
    if !n.is_finite() || n.fract() == 0.0 {
        return n;
    }
    let floor = n.floor();
    let rounded = if n - floor >= 0.5 { floor + 1.0 } else { floor };
    if rounded == 0.0 { 0f64.copysign(n) } else { rounded }
}

/// JavaScript's `Math.pow`, which differs from IEEE `pow` for a base of one.
pub(crate) fn pow(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) {
        f64::NAN
    } else {
        base.powf(exponent)
    }
}

/// White space as in JavaScript's `trim` and number parsing.
pub(crate) fn is_js_space(c: char) -> bool {
    matches!(
        c,
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

/// The radix rule of `parseInt`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Radix {
    /// `parseInt(s, 10)`
    Ten,
    /// `parseInt(s)`: hexadecimal after `0x`
    Guess,
}

/// JavaScript's `parseInt`; `None` is NaN.
pub(crate) fn parse_int(text: &str, radix: Radix) -> Option<f64> {
    let text = text.trim_start_matches(is_js_space);
    let (negative, text) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let hex = radix == Radix::Guess && (text.starts_with("0x") || text.starts_with("0X"));
    let (text, base) = if hex { (&text[2..], 16) } else { (text, 10) };
    let end = text.find(|c: char| !c.is_digit(base)).unwrap_or(text.len());
    if end == 0 {
        return None;
    }
    let magnitude = if hex {
        text[..end]
            .chars()
            .fold(0.0, |sum, c| sum * 16.0 + f64::from(c.to_digit(16).unwrap_or(0)))
    } else {
        text[..end].parse().ok()?
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// JavaScript's `parseFloat`; `None` is NaN.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(is_js_space);
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    if text[at..].starts_with("Infinity") {
        return Some(if bytes[0] == b'-' {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        });
    }
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        if whole + fraction > 0 {
            at += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    text[..at].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_like_javascript() {
        for (n, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (0.1 + 0.2, "0.30000000000000004"),
            (123_456_789_012_345_680.0, "123456789012345680"),
            (1.5e300, "1.5e+300"),
            (0.000_001, "0.000001"),
            (-12.25, "-12.25"),
            (631_236_840_272_322.2, "631236840272322.2"),
            (-631_236_840_272_322.8, "-631236840272322.8"),
        ] {
            assert_eq!(number_text(n), text);
        }
    }

    #[test]
    fn fixed_digits_round_exact_halves_up() {
        assert_eq!(to_fixed(2.5, 0), "3");
        assert_eq!(to_fixed(0.125, 2), "0.13");
        assert_eq!(to_fixed(1.005, 2), "1.00");
        assert_eq!(to_fixed(339.916_666, 2), "339.92");
        assert_eq!(to_fixed(0.05, 1), "0.1");
        assert_eq!(to_fixed(1.07, 2), "1.07");
        assert_eq!(to_fixed(1.000_4, 4), "1.0004");
        assert_eq!(to_fixed(999_999_999_999.75, 1), "999999999999.8");
        assert_eq!(to_fixed(9.5, 0), "10");
        assert_eq!(to_fixed(1e21, 2), "1e+21");
    }

    #[test]
    fn prefixes_parse() {
        assert_eq!(parse_int("12abc", Radix::Ten), Some(12.0));
        assert_eq!(parse_int("0x10", Radix::Guess), Some(16.0));
        assert_eq!(parse_int("", Radix::Ten), None);
        assert_eq!(parse_float(" 1.5e2x"), Some(150.0));
        assert_eq!(parse_float("-Infinity"), Some(f64::NEG_INFINITY));
        assert_eq!(parse_float("."), None);
        assert_eq!(parse_float("5."), Some(5.0));
    }
}
