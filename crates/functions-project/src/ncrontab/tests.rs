//! The table of expressions where NCRONTAB and other crons part, and a brute-force comparison.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The first `count` occurrences after a Sunday midnight (2026-11-22).
fn next(expression: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let mut time = at("2026-11-22T00:00:00Z");
    let mut found = Vec::new();
    for _ in 0..count {
        match schedule.next_after(time) {
            Some(next) => time = next,
            None => break,
        }
        found.push(time.strftime("%a %m-%d %H:%M:%S").to_string());
    }
    found
}

fn weekdays(expression: &str) -> String {
    let all = next(&format!("0 0 9 * * {expression}"), 7);
    let mut seen: Vec<&str> = all.iter().map(|time| &time[..3]).collect();
    if let Some(again) = seen.iter().skip(1).position(|day| *day == seen[0]) {
        seen.truncate(again + 1);
    }
    seen.join(" ")
}

#[test]
fn weekdays_count_from_sunday_zero() {
    for (expression, expected) in [
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("1", "Mon"),
        ("6", "Sat"),
        ("0", "Sun"),
        ("0,6", "Sun Sat"),
        ("0-2", "Sun Mon Tue"),
        ("1/2", "Mon Wed Fri"),
        ("5-1", "Mon Tue Wed Thu Fri"),
        ("FRI-MON", "Mon Tue Wed Thu Fri"),
        ("SAT-SUN", "Sun Mon Tue Wed Thu Fri Sat"),
        ("MON-FRI", "Mon Tue Wed Thu Fri"),
        ("mon-fri", "Mon Tue Wed Thu Fri"),
        ("Sunday", "Sun"),
        ("Tues", "Tue"),
        ("M", "Mon"),
        ("S", "Sun"),
        ("T", "Tue"),
        ("Th", "Thu"),
        ("Sa,Su", "Sun Sat"),
        ("*", "Sun Mon Tue Wed Thu Fri Sat"),
        ("*/2", "Sun Tue Thu Sat"),
        ("*/7", "Sun"),
        ("Mon-Fri/2", "Mon Wed Fri"),
    ] {
        // The week begins on Sunday 22 November at midnight, so nine o'clock on Sunday is still to come.
        assert_eq!(weekdays(expression), expected, "{expression}");
    }
}

#[test]
fn the_table_of_expressions() {
    for (expression, expected) in [
        ("0 30 9 * * 1-5", "Mon 11-23 09:30:00"),
        ("0 0 9 13 * FRI", "Fri 08-13 09:00:00"),
        ("0 0 9 1 January *", "Fri 01-01 09:00:00"),
        ("0 0 9 1 J *", "Fri 01-01 09:00:00"),
        ("0 0 9 1 M *", "Mon 03-01 09:00:00"),
        ("0 0 9 1 jun *", "Tue 06-01 09:00:00"),
        ("0 0 22-3 * * *", "Sun 11-22 03:00:00"),
        ("0 0 0 29 2 *", "Tue 02-29 00:00:00"),
        ("0  0  9  *  *  *", "Sun 11-22 09:00:00"),
        (" 0 0 9 * * * ", "Sun 11-22 09:00:00"),
        ("0 9 * * *", "Sun 11-22 09:00:00"),
        ("*/5 * * * *", "Sun 11-22 00:05:00"),
        ("*/30 * * * * *", "Sun 11-22 00:00:30"),
        ("0 0-10/3 * * * *", "Sun 11-22 00:03:00"),
        ("59 59 23 31 12 *", "Thu 12-31 23:59:59"),
        ("00:30:00", "Sun 11-22 00:30:00"),
        ("1.00:00:00", "Mon 11-23 00:00:00"),
    ] {
        assert_eq!(next(expression, 1), [expected], "{expression}");
    }
    assert_eq!(
        next("0 5/15 * * * *", 4)
            .iter()
            .map(|time| &time[10..])
            .collect::<Vec<_>>(),
        ["00:05:00", "00:20:00", "00:35:00", "00:50:00"]
    );
    assert_eq!(
        next("*/0 * * * * *", 2),
        ["Sun 11-22 00:00:01", "Sun 11-22 00:00:02"]
    );
    assert_eq!(
        next("*/90 * * * * *", 2),
        ["Sun 11-22 00:01:00", "Sun 11-22 00:02:00"]
    );
    assert_eq!(next("*/99999999999 * * * * *", 1), ["Sun 11-22 00:01:00"]);
    assert!(next("0 0 0 31 2 *", 1).is_empty(), "31 February never comes");
}

#[test]
fn occurrences_are_strictly_after_the_base() {
    let schedule = Schedule::parse("*/30 * * * * *").unwrap();
    assert_eq!(
        schedule.next_after(at("2026-11-22T10:00:00Z")),
        Some(at("2026-11-22T10:00:30Z"))
    );
    assert_eq!(
        schedule.next_after(at("2026-11-22T10:00:29.999Z")),
        Some(at("2026-11-22T10:00:30Z"))
    );
    assert_eq!(
        schedule.next_after(at("2026-11-22T10:00:30.001Z")),
        Some(at("2026-11-22T10:01:00Z"))
    );
}

#[test]
fn wrong_expressions_name_field_place_and_remedy() {
    for (expression, parts) in [
        (
            "0 0 9 * * 7",
            &["weekday", "field 6 of 6", "column 11", "0-6", "Sunday is 0"][..],
        ),
        ("0 9 * * 7", &["weekday", "field 5 of 5", "column 9"]),
        ("0 0 9 ? * 1", &["day of month", "field 4", "column 7", "write *"]),
        ("@daily", &["1 field;", "0 0 0 * * *"]),
        ("0 0 9 * * * 2026", &["7 fields", "year"]),
        ("0 0 24 * * *", &["hour", "0-23", "midnight is 0"]),
        ("60 0 0 * * *", &["second", "60 is out of range", "0-59"]),
        ("0 60 0 * * *", &["minute", "column 3"]),
        ("0 0 0 0 * *", &["day of month", "1-31"]),
        ("0 0 0 32 * *", &["day of month"]),
        ("0 0 0 * 0 *", &["month", "1-12"]),
        ("0 0 0 * 13 *", &["month"]),
        ("0 0 0 L * *", &["day of month", "L, W and #"]),
        ("0 0 0 15W * *", &["L, W and #"]),
        ("0 0 0 * * 5L", &["L, W and #"]),
        ("0 0 0 * * 1#2", &["L, W and #"]),
        ("1, * * * * *", &["second", "comma", "column 3"]),
        ("1,,2 * * * * *", &["comma"]),
        (",1 * * * * *", &["comma", "column 1"]),
        ("0 /15 * * * *", &["minute", "before the slash", "*/n"]),
        ("0 */x * * * *", &["minute", "step", "column 5"]),
        ("0 */ * * * *", &["step"]),
        ("0 1- * * * *", &["minute", "missing"]),
        ("0 -5 * * * *", &["negative"]),
        ("0 1-2-3 * * * *", &["minute", "2-3"]),
        ("0 0 9 * Foo *", &["month", "\"Foo\""]),
        ("0 MON 9 * * *", &["minute", "order of the fields"]),
        ("0 0 9 * * Mondays", &["weekday"]),
        ("0 5* * * * *", &["minute", "*/5"]),
        ("0 0 9 * *\t* *", &["tabs"]),
        ("0 0 9 * * ５", &["weekday"]),
        ("", &["empty"]),
        ("   ", &["empty"]),
        ("* * * *", &["4 fields"]),
        ("25:61:00", &["TimeSpan"]),
        ("00:00:00", &["zero"]),
        ("0 4294967296 * * * *", &["minute", "out of range"]),
    ] {
        let error = Schedule::parse(expression).expect_err(expression).to_string();
        for part in parts {
            assert!(error.contains(part), "{expression}: {error} lacks {part}");
        }
    }
}

#[test]
fn sub_minute_schedules_are_distinguished() {
    for (expression, sub_minute) in [
        ("*/30 * * * * *", true),
        ("0,1 0 0 * * *", true),
        ("0 * * * * *", false),
        ("* * * * *", false),
        ("00:00:59", true),
        ("00:01:00", false),
    ] {
        assert_eq!(
            Schedule::parse(expression).unwrap().is_sub_minute(),
            sub_minute,
            "{expression}"
        );
    }
}

/// A second, slow reading of the grammar that shares no code with the parser.
mod brute {
    use super::*;

    fn number(text: &str, names: &[&str], first: i64) -> i64 {
        text.parse().unwrap_or_else(|_| {
            let lower = text.to_ascii_lowercase();
            names.iter().position(|name| name.starts_with(&lower)).unwrap() as i64 + first
        })
    }

    fn item(item: &str, value: i64, low: i64, high: i64, names: &[&str]) -> bool {
        let (base, step) = item
            .split_once('/')
            .map_or((item, None), |(base, step)| (base, Some(step)));
        let step_by = step.map_or(1, |step| step.parse::<i64>().unwrap().max(1));
        let (from, to) = match (base, base.split_once('-')) {
            ("*", _) => (low, high),
            (_, Some((from, to))) => (number(from, names, low), number(to, names, low)),
            (one, None) => (
                number(one, names, low),
                if step.is_some() {
                    high
                } else {
                    number(one, names, low)
                },
            ),
        };
        let (from, to) = if from <= to { (from, to) } else { (to, from) };
        from <= value && value <= to && (value - from) % step_by == 0
    }

    pub(super) fn matches(expression: &str, time: DateTime) -> bool {
        let months = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let days = [
            "sunday",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
        ];
        let bounds: [(i64, i64, &[&str]); 6] = [
            (0, 59, &[]),
            (0, 59, &[]),
            (0, 23, &[]),
            (1, 31, &[]),
            (1, 12, &months),
            (0, 6, &days),
        ];
        let values = [
            i64::from(time.second()),
            i64::from(time.minute()),
            i64::from(time.hour()),
            i64::from(time.day()),
            i64::from(time.month()),
            i64::from(time.weekday().to_sunday_zero_offset()),
        ];
        expression
            .split(' ')
            .zip(values)
            .zip(bounds)
            .all(|((field, value), (low, high, names))| {
                field.split(',').any(|part| item(part, value, low, high, names))
            })
    }
}

/// xorshift64*, enough for choosing test cases.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % limit
    }

    fn item(&mut self, low: u64, high: u64, names: &[&str]) -> String {
        let value = |dice: &mut Self| {
            let value = low + dice.below(high - low + 1);
            match names.get((value - low) as usize) {
                Some(name) if dice.below(2) == 0 => {
                    // Three letters are unique for months and weekdays, so both readings agree on the value.
                    name[..3 + dice.below(name.len() as u64 - 2) as usize].to_owned()
                }
                _ => value.to_string(),
            }
        };
        let base = match self.below(4) {
            0 => "*".to_owned(),
            1 => format!("{}-{}", value(self), value(self)),
            _ => value(self),
        };
        if self.below(3) == 0 {
            format!("{base}/{}", self.below(high + 2))
        } else {
            base
        }
    }

    fn field(&mut self, low: u64, high: u64, names: &[&str]) -> String {
        let count = 1 + self.below(3);
        (0..count)
            .map(|_| self.item(low, high, names))
            .collect::<Vec<_>>()
            .join(",")
    }
}

#[test]
fn agrees_with_a_brute_force_matcher() {
    let seed = std::env::var("NCRONTAB_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| {
            std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap()
                .as_nanos() as u64
                | 1
        });
    println!("seed: NCRONTAB_SEED={seed}");
    let mut dice = Dice(seed);
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let days = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    for _ in 0..150 {
        let expression = [
            dice.field(0, 59, &[]),
            dice.field(0, 59, &[]),
            dice.field(0, 23, &[]),
            dice.field(1, 31, &[]),
            dice.field(1, 12, &months),
            dice.field(0, 6, &days),
        ]
        .join(" ");
        let schedule = Schedule::parse(&expression).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let start = Timestamp::from_second(1_770_000_000 + dice.below(900_000_000) as i64).unwrap();
        let found = schedule.next_after(start);
        // Every second of the next minutes, then the occurrence itself, must be distinguished as the matcher does.
        let limit = found.map_or(3600, |next| (next.as_second() - start.as_second()).min(3600));
        for second in 1..limit {
            let time = Timestamp::from_second(start.as_second() + second).unwrap();
            let civil = time.to_zoned(TimeZone::UTC).datetime();
            assert!(
                !brute::matches(&expression, civil),
                "seed {seed}: {expression} skips {time}"
            );
        }
        if let Some(next) = found {
            let civil = next.to_zoned(TimeZone::UTC).datetime();
            assert!(next > start, "seed {seed}: {expression}");
            assert!(
                brute::matches(&expression, civil),
                "seed {seed}: {expression} does not hold at {next}"
            );
        }
    }
}
