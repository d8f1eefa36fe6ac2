//! Instants of time in all the spellings of date conditions (R-CON-29, R-CON-30).
//!
//! | spelling | notes |
//! |---|---|
//! | `1577836800`, `1577836800.25` | seconds since 1970; up to `i64::MAX`, one to nine digits behind the point |
//! | `-YYYY`, `YYYY-MM`, `YYYY-MM-DD` | month and day default to 1, the time to midnight UTC |
//! | date `T` `hh`, `hh:mm`, `hh:mm:ss`, `hh:mm:ss.s` | `t` too; the hour may have one digit, the fraction up to nine |
//! | time `Z`, `±hh:mm`, `±hh` | `z` too; without a zone the time is UTC |
//!
//! The calendar is the proleptic Gregorian one with a year 0. The year has four to nine digits, with `-` in front if it
//! is earlier than that. A time needs a full date, and a zone needs a time. Everything else is refused, and so is what
//! no clock shows: month 13, 29 February of a common year, hour 24, second 60, a zone of 24 hours.

use core::ops::RangeInclusive;

/// The years that IAM accepts (R-CON-29).
const YEARS: RangeInclusive<i64> = -292_275_054..=292_278_993;

const NANOSECONDS_PER_SECOND: u32 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A point in time, to the nanosecond, without leap seconds.
///
/// Ordered by time. `aws:CurrentTime` and `aws:EpochTime` are the same instant in two spellings (R-CON-30).
// Invariant: `nanoseconds < 1_000_000_000`; they count forward from `seconds`, also before 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Instant {
    seconds: i64,
    nanoseconds: u32,
}

impl Instant {
    /// Reads a date, or returns `None` for a text that R-CON-29 refuses.
    ///
    /// A text with `-`, `T` or `t` is a calendar date, any other one counts seconds since 1970; so `2024` is half past
    /// midnight on the first day of 1970, not a year. Linear; never panics.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_calendar = text.bytes().any(|byte| matches!(byte, b'-' | b'T' | b't'));
        if is_calendar { parse_calendar(text) } else { parse_epoch(text) }
    }

    /// Returns the instant `nanoseconds` after `seconds` since 1970, or `None` if those are a second or more.
    pub(crate) fn from_parts(seconds: i64, nanoseconds: u32) -> Option<Self> {
        (nanoseconds < NANOSECONDS_PER_SECOND).then_some(Self { seconds, nanoseconds })
    }

    /// Seconds since 1970, rounded down, and the nanoseconds since then; for storage.
    pub(crate) fn to_parts(self) -> (i64, u32) {
        (self.seconds, self.nanoseconds)
    }
}

/// Reads `digits[.digits]` as seconds since 1970.
fn parse_epoch(text: &str) -> Option<Instant> {
    let (whole, fraction) = match super::text::split_once(text, b'.') {
        Some(parts) => parts,
        None => (text, "0"),
    };
    if whole.is_empty() {
        return None;
    }
    let mut seconds = 0_i64;
    for byte in whole.bytes() {
        seconds = seconds.checked_mul(10)?.checked_add(digit(byte)?)?;
    }
    let mut input = Input(fraction.as_bytes());
    let nanoseconds = input.fraction()?;
    if input.is_empty() { Instant::from_parts(seconds, nanoseconds) } else { None }
}

/// Reads a calendar date with or without a time.
fn parse_calendar(text: &str) -> Option<Instant> {
    let mut input = Input(text.as_bytes());
    let sign = if input.take(b'-') { -1 } else { 1 };
    let year = sign * input.number(4, 9)?;
    let mut month = 1;
    let mut day = 1;
    let mut clock = Clock::default();
    if input.take(b'-') {
        month = input.two_digits()?;
        if input.take(b'-') {
            day = input.two_digits()?;
            if input.take(b'T') || input.take(b't') {
                clock = input.clock()?;
            }
        }
    }
    if !input.is_empty() {
        return None;
    }
    let seconds = days_since_1970(year, month, day)? * SECONDS_PER_DAY + clock.seconds;
    Instant::from_parts(seconds, clock.nanoseconds)
}

/// A time of day, moved to UTC.
#[derive(Default)]
struct Clock {
    /// Seconds since midnight UTC of the written day; its zone may put them outside that day.
    seconds: i64,
    nanoseconds: u32,
}

/// What is left of a text.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes `byte` away if it comes next. One copy for all places.
    #[inline(never)]
    fn take(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((&first, rest)) if first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes all digits that come next, or fails unless they are `least` to `most`, which is nine at most.
    #[inline(never)]
    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let mut value = 0;
        let mut length = 0;
        while let Some((number, rest)) = self.0.split_first().and_then(|(&byte, rest)| Some((digit(byte)?, rest))) {
            if most <= length {
                return None;
            }
            value = value * 10 + number;
            length += 1;
            self.0 = rest;
        }
        (least <= length).then_some(value)
    }

    /// Takes one to nine digits behind a decimal point and returns them as nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let before = self.0.len();
        let digits = u32::try_from(self.number(1, 9)?).ok()?;
        let length = u32::try_from(before - self.0.len()).ok()?;
        10_u32.checked_pow(9_u32.checked_sub(length)?)?.checked_mul(digits)
    }

    /// Takes two digits.
    #[inline(never)]
    fn two_digits(&mut self) -> Option<i64> {
        self.number(2, 2)
    }

    /// Takes `:` and two digits for less than sixty; returns whether there are any, and what they say.
    #[inline(never)]
    fn sixtieth(&mut self) -> Option<(bool, i64)> {
        if !self.take(b':') {
            return Some((false, 0));
        }
        self.two_digits().filter(|&value| value < 60).map(|value| (true, value))
    }

    /// Takes a time of day with its zone.
    fn clock(&mut self) -> Option<Clock> {
        let hour = self.number(1, 2).filter(|&hour| hour < 24)?;
        let (mut second, mut nanoseconds) = (0, 0);
        let (has_minute, minute) = self.sixtieth()?;
        if has_minute {
            let has_second;
            (has_second, second) = self.sixtieth()?;
            if has_second && self.take(b'.') {
                nanoseconds = self.fraction()?;
            }
        }
        let seconds = (hour * 60 + minute) * 60 + second - self.zone()?;
        Some(Clock { seconds, nanoseconds })
    }

    /// Takes a zone, which may be absent, and returns how many seconds it is ahead of UTC.
    fn zone(&mut self) -> Option<i64> {
        if self.is_empty() || self.take(b'Z') || self.take(b'z') {
            return Some(0);
        }
        let sign = if self.take(b'+') {
            1
        } else if self.take(b'-') {
            -1
        } else {
            return None;
        };
        let hours = self.two_digits().filter(|&hours| hours < 24)?;
        let (_, minutes) = self.sixtieth()?;
        Some(sign * (hours * 60 + minutes) * 60)
    }
}

/// Returns the value of an ASCII digit.
fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

/// Counts the days from 1 January 1970, or returns `None` if there is no such day.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let exists = YEARS.contains(&year) && 1 <= day && day <= month_length(year, month);
    exists.then(|| days_before(year, month) + day - 1 - days_before(1970, 1))
}

/// Counts the days before a month, from one that is earlier than all.
const fn days_before(year: i64, month: i64) -> i64 {
    // Years begin with March, so that the leap day is their last one; none is negative, and each 400 are as long.
    let year = year + 400 * 800_000 - if month < 3 { 1 } else { 0 };
    let months = (month + 9) % 12;
    year * 365 + (year >> 2) - year / 100 + year / 400 + (months * 153 + 2) / 5
}

/// How many days a month has; none if there is no such month.
fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

#[cfg(test)]
mod tests {
    use super::{Instant, days_since_1970};
    use proptest::prelude::*;
    use std::{format, string::String};

    fn check(text: &str, seconds: i64, nanoseconds: u32) {
        assert_eq!(Instant::parse(text).map(Instant::to_parts), Some((seconds, nanoseconds)), "{text:?}");
    }

    fn refuse(texts: &[&str]) {
        for text in texts {
            assert_eq!(Instant::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn epoch_seconds() {
        check("0", 0, 0);
        check("2024", 2024, 0);
        check("007", 7, 0);
        check("1577836800", 1_577_836_800, 0);
        check("9223372036854775807", i64::MAX, 0);
        check("0000000000000000000000000000000000000001", 1, 0);
        check("1577836800.0", 1_577_836_800, 0);
        check("1577836800.25", 1_577_836_800, 250_000_000);
        check("0.000000001", 0, 1);
        check("9223372036854775807.999999999", i64::MAX, 999_999_999);
        refuse(&[
            "9223372036854775808",
            "18446744073709551616",
            "99999999999999999999999",
            "0.0000000001",
            "1.0000000000",
        ]);
        refuse(&[
            "", ".", ".5", "5.", "1.2.3", "+5", "-5", "1e9", "1,5", " 5", "5 ", "0x5", "٣", "1.+5", "abc", "1:00",
        ]);
    }

    #[test]
    fn calendar_dates() {
        check("1970-01-01", 0, 0);
        check("1970-01", 0, 0);
        check("1969-12-31", -86_400, 0);
        check("2020-01-01", 1_577_836_800, 0);
        check("2000-02-29", 951_782_400, 0);
        check("2000-03", 951_868_800, 0);
        // the year 1 begins 719162 days before 1970, the leap year 0 366 days earlier, the year -1 another 365 earlier
        check("0001-01-01", -719_162 * 86_400, 0);
        check("0000-12-31", -719_163 * 86_400, 0);
        check("0000-01", -719_528 * 86_400, 0);
        check("-0000", -719_528 * 86_400, 0);
        check("-0001", -719_893 * 86_400, 0);
        check("-0001-12-31", -719_529 * 86_400, 0);
        refuse(&[
            "1970-00",
            "1970-13",
            "1970-00-01",
            "1970-01-00",
            "1970-01-32",
            "1970-04-31",
            "1970-02-29",
            "1900-02-29",
        ]);
        refuse(&[
            "1970-",
            "1970-1",
            "1970-01-",
            "1970-01-1",
            "1970-001",
            "1970-01-001",
            "1970-W01-1",
            "19700101T00",
            "1970/01-01",
        ]);
        refuse(&[
            "970-01-01",
            "-970",
            "--1970",
            "+1970-01-01",
            "-",
            "1970-01-01-",
            "1970-01-01-01",
            " 1970-01-01",
            "1970-01-01 ",
        ]);
        refuse(&[
            "next-week",
            "t",
            "T",
            "today",
            "1970-01-01Z",
            "1970-01Z",
            "1970-01+00:00",
            "1970−01−01",
            "１９７０-01-01",
        ]);
    }

    #[test]
    fn far_years() {
        // 400 years are 146097 days, so these follow from the years 1970 + 400n and the rule for leap years
        check("12370-01-01", 26 * 146_097 * 86_400, 0);
        check("-8430-01-01", -26 * 146_097 * 86_400, 0);
        check("012370-01-01", 26 * 146_097 * 86_400, 0);
        check("292277970-01-01", 730_690 * 146_097 * 86_400, 0);
        check("-292274430-01-01", -730_691 * 146_097 * 86_400, 0);
        for text in ["292278993-12-31T23:59:59.999999999-23:59", "-292275054", "-292275054-01-01T00:00:00+23:59"] {
            assert!(Instant::parse(text).is_some(), "{text}");
        }
        refuse(&[
            "292278994-01-01",
            "-292275055",
            "-292275055-12-31",
            "999999999-01-01",
            "1000000000-01-01",
            "-1000000000",
        ]);
        refuse(&["99999999999999999999999999-01-01", "-99999999999999999999999999", "0000002024-01-01"]);
    }

    #[test]
    fn times_of_day() {
        check("1970-01-01T00:00Z", 0, 0);
        check("1970-01-01T00:00", 0, 0);
        check("1970-01-01t01:02:03z", 3723, 0);
        check("1970-01-01T01:02:03", 3723, 0);
        check("1970-01-01T1:02:03Z", 3723, 0);
        check("1970-01-01T1", 3600, 0);
        check("1970-01-01T01", 3600, 0);
        check("1970-01-01T01Z", 3600, 0);
        check("1970-01-01T01+01", 0, 0);
        check("1970-01-01T23:59:59.999999999Z", 86_399, 999_999_999);
        check("1970-01-01T00:00:00.5Z", 0, 500_000_000);
        check("1970-01-01T00:00:00.000000001", 0, 1);
        // floor semantics: the fraction counts forward before 1970 too
        check("1969-12-31T23:59:59.25Z", -1, 250_000_000);
        refuse(&[
            "1970-01-01T24:00:00Z",
            "1970-01-01T24",
            "1970-01-01T23:60Z",
            "1970-01-01T23:59:60Z",
            "1970-01-01T25:00",
        ]);
        refuse(&[
            "1970-01-01T",
            "1970-01-01TZ",
            "1970-01-01T:00",
            "1970-01-01T001",
            "1970-01-01T1:2",
            "1970-01-01T01:2:03",
        ]);
        refuse(&[
            "1970-01-01T01:",
            "1970-01-01T01:02:",
            "1970-01-01T01:02:3",
            "1970-01-01T01:02:03.",
            "1970-01-01T0102Z",
        ]);
        refuse(&[
            "1970-01-01T01:02:03.Z",
            "1970-01-01T01:02:03.1234567890Z",
            "1970-01-01T01:02:03,5Z",
            "1970-01-01T01:02.5Z",
        ]);
        refuse(&[
            "1970-01-01 01:02:03",
            "1970-01-01T 1:02",
            "1970-01-01TT01",
            "1970-01T01:02Z",
            "1970T01:02Z",
            "0T0",
            "T01:02Z",
        ]);
    }

    #[test]
    fn zones() {
        check("1970-01-01T00:00+00:00", 0, 0);
        check("1970-01-01T00:00-00:00", 0, 0);
        check("1970-01-01T00:00+01:30", -5400, 0);
        check("1970-01-01T00:00-01:30", 5400, 0);
        check("1970-01-01T00:00:00+23", -82_800, 0);
        check("1970-01-01T00:00:00.5-23:59", 86_340, 500_000_000);
        // the policy text that IAM is known to accept, and its neighbours that it is known to refuse
        check("2016-12-13t2:00:00.593194+23", 1_481_511_600, 593_194_000);
        refuse(&["2016-12-13t2:00:00.593194+1", "2016-12-13t2:00:00.1999999999+10:59", "234-13"]);
        refuse(&["1970-01-01T00:00+1:00", "1970-01-01T00:00+24:00", "1970-01-01T00:00+24", "1970-01-01T00:00+23:60"]);
        refuse(&[
            "1970-01-01T00:00+0100",
            "1970-01-01T00:00+01:",
            "1970-01-01T00:00+01:0",
            "1970-01-01T00:00+",
            "1970-01-01T00:00UTC",
        ]);
        refuse(&[
            "1970-01-01T00:00ZZ",
            "1970-01-01T00:00Z+01",
            "1970-01-01T00:00+01:00Z",
            "1970-01-01T00:00 Z",
            "1970-01-01T00:00+01:00:00",
        ]);
    }

    #[test]
    fn worked_cases() {
        // W-17
        assert_eq!(Instant::parse("next week"), None);
        // W-65: `2024` is 1970-01-01T00:33:44Z
        assert_eq!(Instant::parse("2024"), Instant::parse("1970-01-01T00:33:44Z"));
        assert!(Instant::parse("2024") < Instant::parse("2024-06-01T00:00:00Z"));
        // W-66
        assert_eq!(Instant::parse("2020-01-01T00:00:00Z"), Instant::parse("1577836800"));
        // nanosecond resolution
        assert!(Instant::parse("1.000000001") < Instant::parse("1970-01-01T00:00:01.000000002Z"));
    }

    #[test]
    fn every_day_of_eight_centuries() {
        let mut expected = 0;
        for year in 1970..2770 {
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for (month, length) in (1..).zip(lengths) {
                for day in 1..=length {
                    assert_eq!(days_since_1970(year, month, day), Some(expected), "{year}-{month}-{day}");
                    expected += 1;
                }
                assert_eq!(days_since_1970(year, month, length + 1), None, "{year}-{month}");
            }
        }
    }

    /// Counts days with years that begin in March, a way that has nothing in common with the one above.
    fn days_by_eras(year: i64, month: i64, day: i64) -> i64 {
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// Writes a year with at least four digits.
    fn written(year: i64) -> String {
        format!("{}{:04}", if year < 0 { "-" } else { "" }, year.unsigned_abs())
    }

    proptest! {
        #[test]
        fn seconds_of_a_calendar_date(
            year in prop_oneof![-3000_i64..4000, super::YEARS],
            (month, day) in (1_i64..=12, 1_i64..=28),
            (hour, minute, second, nanoseconds) in (0_i64..24, 0_i64..60, 0_i64..60, 0_u32..1_000_000_000),
            (zone_hour, zone_minute, ahead) in (0_i64..24, 0_i64..60, any::<bool>()),
        ) {
            let (sign, factor) = if ahead { ('+', 1) } else { ('-', -1) };
            let year_text = written(year);
            let text = format!(
                "{year_text}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanoseconds:09}{sign}{zone_hour:02}:{zone_minute:02}"
            );
            let local = days_by_eras(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
            check(&text, local - factor * (zone_hour * 3600 + zone_minute * 60), nanoseconds);
        }

        #[test]
        fn epoch_seconds_are_their_own_value(seconds in 0..=i64::MAX, nanoseconds in 0_u32..1_000_000_000) {
            check(&format!("{seconds}"), seconds, 0);
            check(&format!("{seconds}.{nanoseconds:09}"), seconds, nanoseconds);
        }

        #[test]
        fn parts_restore_the_instant(seconds: i64, nanoseconds: u32) {
            let instant = Instant::from_parts(seconds, nanoseconds);
            assert_eq!(instant.is_some(), nanoseconds < 1_000_000_000);
            assert_eq!(instant.map(Instant::to_parts), instant.map(|_| (seconds, nanoseconds)));
        }

        #[test]
        fn any_text_is_read_or_refused(
            text in "-?[0-9]{3,10}(-[0-9]{1,3}){0,3}([Tt][0-9:.]{0,12}[Zz]?([+-][0-9:]{0,6})?)?|[0-9.]{0,30}|[-0-9Tt:.+]{0,12}|\\PC*"
        ) {
            if let Some(instant) = Instant::parse(&text) {
                let (seconds, nanoseconds) = instant.to_parts();
                assert_eq!(Instant::from_parts(seconds, nanoseconds), Some(instant));
                let calendar = text.contains(['-', 'T', 't']);
                assert!(calendar || 0 <= seconds);
                assert!(text.bytes().all(|byte| b"0123456789-+:.TtZz".contains(&byte)));
            }
        }
    }
}
