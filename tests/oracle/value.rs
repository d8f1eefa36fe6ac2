//! Values of conditions: decimals, dates, address ranges, base64.

use std::cmp::Ordering;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A decimal of any length: sign, digits before and after the point, without superfluous zeros (R-CON-28).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// `[+-]?digits[.digits]` (R-CON-28).
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = match rest.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (rest, None),
    };
    if !all_digits(whole) || fraction.is_some_and(|f| !all_digits(f)) {
        return None;
    }
    let whole = whole.trim_start_matches('0').to_owned();
    let fraction = fraction.unwrap_or("").trim_end_matches('0').to_owned();
    let negative = negative && !(whole.is_empty() && fraction.is_empty());
    Some(Decimal { negative, whole, fraction })
}

impl Decimal {
    /// Exact comparison.
    pub(super) fn compare(&self, other: &Decimal) -> Ordering {
        if self.negative != other.negative {
            return if self.negative { Ordering::Less } else { Ordering::Greater };
        }
        let size = self
            .whole
            .len()
            .cmp(&other.whole.len())
            .then_with(|| self.whole.cmp(&other.whole))
            .then_with(|| self.fraction.cmp(&other.fraction));
        if self.negative { size.reverse() } else { size }
    }
}

const NANOS: i128 = 1_000_000_000;

/// Nanoseconds since 1970 of an epoch value or an ISO date (R-CON-29).
pub(super) fn date(text: &str) -> Option<i128> {
    if text.contains(['-', 'T', 't']) { iso_date(text) } else { epoch(text) }
}

/// Up to nine digits after the point, as nanoseconds.
fn nanos(digits: &str) -> Option<i128> {
    if !all_digits(digits) || digits.len() > 9 {
        return None;
    }
    format!("{digits:0<9}").parse().ok()
}

fn epoch(text: &str) -> Option<i128> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, nanos(fraction)?),
        None => (text, 0),
    };
    if !all_digits(whole) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    Some(i128::from(seconds) * NANOS + fraction)
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, by counting years.
fn days(year: i128, month: i128, day: i128) -> i128 {
    let before = year - 1;
    let leap_days = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let mut total = before * 365 + leap_days - 719_162;
    for earlier in 1..month {
        total += month_length(year, earlier);
    }
    total + day - 1
}

fn month_length(year: i128, month: i128) -> i128 {
    match month {
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A number of between `least` and `most` digits.
fn number(text: &str, least: usize, most: usize) -> Option<i128> {
    if !all_digits(text) || text.len() < least || text.len() > most {
        return None;
    }
    text.parse().ok()
}

fn iso_date(text: &str) -> Option<i128> {
    let (day_text, time_text) = match text.split_once(['T', 't']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let (sign, unsigned) = match day_text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, day_text),
    };
    let fields: Vec<&str> = unsigned.split('-').collect();
    let (year, month, day) = match fields.as_slice() {
        [y] => (number(y, 4, 9)?, 1, 1),
        [y, m] => (number(y, 4, 9)?, number(m, 2, 2)?, 1),
        [y, m, d] => (number(y, 4, 9)?, number(m, 2, 2)?, number(d, 2, 2)?),
        _ => return None,
    };
    let year = sign * year;
    if !(-292_275_054..=292_278_993).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    if !(1..=month_length(year, month)).contains(&day) {
        return None;
    }
    let of_day = match time_text {
        Some(time) if fields.len() == 3 => time_of_day(time)?,
        Some(_) => return None,
        None => 0,
    };
    Some(days(year, month, day) * 86_400 * NANOS + of_day)
}

/// Time and zone; nanoseconds after midnight UTC.
fn time_of_day(text: &str) -> Option<i128> {
    let (clock, offset) = if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        (clock, 0)
    } else if let Some((clock, zone)) = text.split_once('+') {
        (clock, zone_offset(zone)?)
    } else if let Some((clock, zone)) = text.split_once('-') {
        (clock, -zone_offset(zone)?)
    } else {
        (text, 0)
    };
    let fields: Vec<&str> = clock.split(':').collect();
    let (hour, minute, second) = match fields.as_slice() {
        [h] => (h, "0", "0"),
        [h, m] => (h, *m, "0"),
        [h, m, s] => (h, *m, *s),
        _ => return None,
    };
    let (second, fraction) = match second.split_once('.') {
        Some((second, fraction)) => (second, nanos(fraction)?),
        None => (second, 0),
    };
    let hour = number(hour, 1, 2)?;
    let minute = if fields.len() > 1 { number(minute, 2, 2)? } else { 0 };
    let second = if fields.len() > 2 { number(second, 2, 2)? } else { 0 };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((hour * 3600 + minute * 60 + second - offset) * NANOS + fraction)
}

/// `hh:mm` or `hh`, in seconds.
fn zone_offset(text: &str) -> Option<i128> {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "00"));
    let (hours, minutes) = (number(hours, 2, 2)?, number(minutes, 2, 2)?);
    (hours <= 23 && minutes <= 59).then_some(hours * 3600 + minutes * 60)
}

/// `true` or `false` in any case (R-CON-31).
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Standard alphabet, padded (R-CON-32).
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    if !chars.len().is_multiple_of(4) {
        return None;
    }
    let last = (chars.len() / 4).saturating_sub(1);
    for (index, group) in chars.chunks(4).enumerate() {
        let padding = group.iter().rev().take_while(|c| **c == '=').count();
        if padding > 2 || (padding > 0 && index != last) {
            return None;
        }
        let mut bits: u32 = 0;
        for c in group.iter().take(4 - padding) {
            let six = match *c {
                'A'..='Z' => u32::from(*c) - u32::from('A'),
                'a'..='z' => u32::from(*c) - u32::from('a') + 26,
                '0'..='9' => u32::from(*c) - u32::from('0') + 52,
                '+' => 62,
                '/' => 63,
                _ => return None,
            };
            bits = bits * 64 + six;
        }
        for _ in 0..padding {
            bits *= 64;
        }
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend([first, second, third].iter().take(3 - padding));
    }
    Some(bytes)
}

/// An address as family (4 or 6) and number.
pub(super) fn address(text: &str) -> Option<(u32, u128)> {
    if let Ok(v4) = text.parse::<Ipv4Addr>() {
        return Some((4, u128::from(u32::from(v4))));
    }
    text.parse::<Ipv6Addr>().ok().map(|v6| (6, u128::from(v6)))
}

/// A range as family, first address and prefix length; host bits are masked off (R-CON-33).
pub(super) fn range(text: &str) -> Option<(u32, u128, u32)> {
    let (base, length) = match text.split_once('/') {
        Some((base, length)) => (base, Some(length)),
        None => (text, None),
    };
    let (family, number) = address(base)?;
    let width = if family == 4 { 32 } else { 128 };
    let length = match length {
        Some(length) if all_digits(length) => length.parse().ok()?,
        Some(_) => return None,
        None => width,
    };
    (length <= width).then(|| (family, upper_bits(number, width, length), length))
}

/// The first `length` of `width` bits.
fn upper_bits(number: u128, width: u32, length: u32) -> u128 {
    if length == 0 { 0 } else { number >> (width - length) }
}

/// Whether the address lies in the range; another family never does.
pub(super) fn contains((family, upper, length): (u32, u128, u32), (other, number): (u32, u128)) -> bool {
    let width = if family == 4 { 32 } else { 128 };
    family == other && upper_bits(number, width, length) == upper
}

/// Simple lower-casing, code point by code point (R-CON-23).
pub(super) fn fold(text: &str) -> String {
    text.chars().filter_map(|c| c.to_lowercase().next()).collect()
}
