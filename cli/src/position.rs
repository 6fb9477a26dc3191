//! Where to begin to read: `start`, `end`, `N`, `-N` or `@TIME`.

use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use thalweg_client::Start;

const MS_PER_DAY: i64 = 86_400_000;

/// A start as it stands on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position(pub Start);

impl FromStr for Position {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let start = match text {
            "start" => Start::Beginning,
            "end" => Start::End,
            _ => match (text.strip_prefix('@'), text.strip_prefix('-')) {
                (Some(time), _) => Start::Timestamp(timestamp(time, now_ms())?),
                (None, Some(count)) => Start::Tail(count.parse().map_err(|_| expected(text))?),
                (None, None) => Start::Offset(text.parse().map_err(|_| expected(text))?),
            },
        };
        Ok(Self(start))
    }
}

fn expected(text: &str) -> String {
    format!("{text:?} is none of start, end, an offset N, the last -N, or a time @TIME")
}

fn now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// Milliseconds since the epoch of a time: such milliseconds, a time ago (`-90s`, `-15m`, `-1h`, `-7d`), or a date with
/// or without a time of day (`2026-11-21`, `2026-11-21T13:45:00Z`, `2026-11-21T13:45+01:00`), UTC where it says no zone.
fn timestamp(text: &str, now_ms: i64) -> Result<i64, String> {
    let wrong = || {
        format!("{text:?} is no time: expected milliseconds, a time ago such as -1h, or 2026-11-21T13:45:00Z")
    };
    if let Ok(milliseconds) = text.parse::<u64>() {
        return i64::try_from(milliseconds).map_err(|_| wrong());
    }
    if let Some(ago) = text.strip_prefix('-') {
        return now_ms.checked_sub(duration_ms(ago).ok_or_else(wrong)?).ok_or_else(wrong);
    }
    date_time(text).ok_or_else(wrong)
}

fn duration_ms(text: &str) -> Option<i64> {
    let unit = text.find(|character: char| !character.is_ascii_digit())?;
    let (count, unit) = text.split_at_checked(unit)?;
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => MS_PER_DAY,
        _ => return None,
    };
    count.parse::<i64>().ok()?.checked_mul(factor)
}

fn date_time(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut fields = date.splitn(3, '-').map(number);
    let (year, month, day) = (fields.next()??, fields.next()??, fields.next()??);
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    let days = days_since_epoch(year, month, day);
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return rest.is_empty().then(|| days * MS_PER_DAY);
    };
    let zone = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at_checked(zone)?;
    Some(days * MS_PER_DAY + time_of_day_ms(time)? - offset_ms(zone)?)
}

fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01, by counting years from March on so that the leap day is a year's last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn time_of_day_ms(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut fields = clock.splitn(3, ':').map(number);
    let (hour, minute) = (fields.next()??, fields.next()??);
    let second = fields.next().unwrap_or(Some(0))?;
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let valid = hour < 24 && minute < 60 && second < 60;
    valid.then_some(((hour * 60 + minute) * 60 + second) * 1_000 + number(&digits)?)
}

fn offset_ms(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, time) = zone.split_at_checked(1)?;
    let time = if time.contains(':') { time.to_owned() } else { format!("{time}:00") };
    time_of_day_ms(&time).map(|ms| if sign == "-" { -ms } else { ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_read() {
        let start = |text: &str| text.parse::<Position>().unwrap().0;
        assert_eq!(start("start"), Start::Beginning);
        assert_eq!(start("end"), Start::End);
        assert_eq!(start("17"), Start::Offset(17));
        assert_eq!(start("-5"), Start::Tail(5));
        assert_eq!(start("@1700000000000"), Start::Timestamp(1_700_000_000_000));
        for wrong in
            ["", "middle", "-", "1.5", "@", "@soon", "@2026-13-01", "@2026-02-30", "@2026-11-21T25:00"]
        {
            assert!(wrong.parse::<Position>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        // By date(1): `date -u -d 2026-11-21T13:45:30 +%s`.
        let cases = [
            ("1970-01-01", 0),
            ("2026-11-21", 1_795_219_200_000),
            ("2026-11-21T13:45:30Z", 1_795_268_730_000),
            ("2026-11-21T13:45:30.25", 1_795_268_730_250),
            ("2026-11-21T14:45:30+01:00", 1_795_268_730_000),
            ("2026-11-21 09:45:30-04", 1_795_268_730_000),
            ("2000-02-29", 951_782_400_000),
            ("1969-12-31", -86_400_000),
            ("-1h", 6_400_000),
            ("-500ms", 9_999_500),
        ];
        for (text, expected) in cases {
            assert_eq!(timestamp(text, 10_000_000), Ok(expected), "{text}");
        }
    }
}
