//! Functions on points of time: texts as RFC 3339 has them, and seconds since 1970.

use super::{Number, Outcome, Pure, Value};

const DAY: i128 = 86_400;
const NANOS: i128 = 1_000_000_000;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub(super) fn function(name: &str) -> Option<Pure> {
    Some(match name {
        "formatdate" => |a| {
            a.count(2..=2)?;
            format(&a.text(0)?, Time::parse(&a.text(1)?)?)
        },
        "formattimestamp" => |a| {
            a.count(2..=2)?;
            let time = match a.get(1)? {
                Value::Text(text) => Time::parse(text)?,
                Value::Number(number) => Time::of_seconds(*number)?,
                other => return Err(format!("argument 2 must be a time, not {}", other.kind())),
            };
            match &*a.text(0)? {
                "X" => Ok(Value::text(time.seconds().to_string())),
                pattern => format(pattern, time),
            }
        },
        "timeadd" => |a| {
            a.count(2..=2)?;
            let (time, added) = (Time::parse(&a.text(0)?)?, duration(&a.text(1)?)?);
            let time = Time { nanos: time.nanos.saturating_add(added), ..time };
            time.checked().map(|time| Value::text(time.rfc3339()))
        },
        "unixtimestampparse" => |a| {
            a.count(1..=1)?;
            Time::of_seconds(a.number(0)?).map(parts)
        },
        _ => return None,
    })
}

/// A point of time and how far its clock is from UTC.
#[derive(Clone, Copy)]
struct Time {
    /// Since 1970, in UTC.
    nanos: i128,
    /// In seconds.
    offset: i128,
}

/// A day of the calendar.
struct Date {
    year: i128,
    /// 1 to 12.
    month: usize,
    day: i128,
    /// 1 to 366.
    of_year: i128,
}

impl Time {
    /// Reads what RFC 3339 allows, to the letter.
    fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| "this is not a time such as 2006-01-02T15:04:05Z".to_owned())
    }

    fn read(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>, least: i128, most: i128| {
            let digits = text.get(range).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
            digits.parse().ok().filter(|number| (least..=most).contains(number))
        };
        let year: i128 = number(0..4, 0, 9999)?;
        let month = number(5..7, 1, 12)?;
        let day = number(8..10, 1, days_in(year, month))?;
        let (hour, minute, second) = (number(11..13, 0, 23)?, number(14..16, 0, 59)?, number(17..19, 0, 59)?);
        let is_marked = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')]
            .iter()
            .all(|(at, mark)| text.as_bytes().get(*at) == Some(mark));
        if !is_marked {
            return None;
        }
        let mut rest = text.get(19..)?;
        let mut fraction = 0;
        if let Some(after) = rest.strip_prefix('.') {
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let nine: String = after.get(..digits)?.chars().chain("000000000".chars()).take(9).collect();
            fraction = nine.parse().ok().filter(|_| digits > 0)?;
            rest = after.get(digits..)?;
        }
        let start = text.len() - rest.len();
        let offset = match rest.as_bytes() {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
                let east =
                    number(start + 1..start + 3, 0, 23)? * 3600 + number(start + 4..start + 6, 0, 59)? * 60;
                if *sign == b'-' { -east } else { east }
            }
            _ => return None,
        };
        let days = days_since_1970(year, month, day);
        let seconds = days * DAY + hour * 3600 + minute * 60 + second - offset;
        Some(Self { nanos: seconds * NANOS + fraction, offset })
    }

    fn of_seconds(number: Number) -> Result<Self, String> {
        let seconds = number.whole().ok_or("a time in seconds must be a whole number")?;
        Self { nanos: seconds.saturating_mul(NANOS), offset: 0 }.checked()
    }

    /// A time of the years that people write.
    fn checked(self) -> Result<Self, String> {
        const YEAR_10_000: i128 = 253_402_300_800;
        let is_usual = (-62_167_219_200..YEAR_10_000).contains(&(self.seconds() + self.offset));
        if is_usual { Ok(self) } else { Err("the year is not between 0 and 9999".to_owned()) }
    }

    fn seconds(self) -> i128 {
        self.nanos.div_euclid(NANOS)
    }

    /// The seconds that its clock shows.
    fn local(self) -> i128 {
        self.seconds() + self.offset
    }

    /// Hour, minute and second.
    fn clock(self) -> (i128, i128, i128) {
        let of_day = self.local().rem_euclid(DAY);
        (of_day / 3600, of_day / 60 % 60, of_day % 60)
    }

    /// 0 for Sunday.
    fn weekday(self) -> usize {
        usize::try_from((self.local().div_euclid(DAY) + 4).rem_euclid(7)).unwrap_or(0)
    }

    fn date(self) -> Date {
        // The months of a year are counted from March, so that the day that not all years have is its last.
        let days = self.local().div_euclid(DAY) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * years + years / 4 - years / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = years + era * 400 + i128::from(month <= 2);
        let of_year = days - 719_468 - days_since_1970(year, 1, 1) + 1;
        Date { year, month: usize::try_from(month).unwrap_or(1), day, of_year }
    }

    /// How far the clock is from UTC, with something between hours and minutes.
    fn zone(self, between: &str) -> String {
        let (sign, east) = if self.offset < 0 { ('-', -self.offset) } else { ('+', self.offset) };
        format!("{sign}{:02}{between}{:02}", east / 3600, east / 60 % 60)
    }

    fn short_zone(self) -> String {
        if self.offset == 0 { "Z".to_owned() } else { self.zone(":") }
    }

    fn rfc3339(self) -> String {
        let (Date { year, month, day, .. }, (hour, minute, second)) = (self.date(), self.clock());
        let zone = self.short_zone();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}")
    }
}

fn days_in(year: i128, month: i128) -> i128 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year and the week of it that a day belongs to: a week begins on Monday, and is of the year of its Thursday.
fn iso_week(time: Time) -> (i128, i128) {
    let from_monday = (time.weekday() as i128 + 6) % 7;
    let thursday = Time { nanos: time.nanos + (3 - from_monday) * DAY * NANOS, ..time }.date();
    (thursday.year, (thursday.of_year - 1) / 7 + 1)
}

/// A length of time such as `1h30m`, `-1.5s` or `0`, in nanoseconds.
fn duration(text: &str) -> Result<i128, String> {
    let wrong = || "this is not a duration such as 1h30m".to_owned();
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    let mut total: i128 = 0;
    while !rest.is_empty() || total == 0 {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let number = rest.get(..digits).filter(|number| number.len() <= 18).ok_or_else(wrong)?;
        rest = rest.get(digits..).unwrap_or("");
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let (unit, after) = rest.split_at(unit);
        rest = after;
        let unit = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => NANOS,
            "m" => 60 * NANOS,
            "h" => 3600 * NANOS,
            _ => return Err(wrong()),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return Err(wrong());
        }
        let parse = |digits: &str| if digits.is_empty() { Ok(0) } else { digits.parse::<i128>() };
        let scale = 10_i128.pow(u32::try_from(fraction.len()).map_err(|_| wrong())?);
        let whole = parse(whole).map_err(|_| wrong())? * unit;
        total += whole + parse(fraction).map_err(|_| wrong())? * unit / scale;
        if total > i128::from(i64::MAX) {
            return Err(wrong());
        }
        if rest.is_empty() {
            break;
        }
    }
    Ok(sign * total)
}

/// Writes a time as a pattern says: each run of one letter is a part of it, and what is in `'` is as it is.
fn format(pattern: &str, time: Time) -> Outcome {
    let (Date { year, month, day, .. }, (hour, minute, second)) = (time.date(), time.clock());
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let month_name = MONTHS.get(month - 1).copied().unwrap_or_default();
    let weekday = WEEKDAYS.get(time.weekday()).copied().unwrap_or_default();
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(rest, &mut text)?;
            continue;
        }
        if !first.is_ascii_alphabetic() {
            text.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or("");
            continue;
        }
        let run = rest.find(|c| c != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(run);
        rest = after;
        text.push_str(&match run {
            "YY" => format!("{:02}", year % 100),
            "YYYY" => format!("{year:04}"),
            "M" => month.to_string(),
            "MM" => format!("{month:02}"),
            "MMM" => month_name.chars().take(3).collect(),
            "MMMM" => month_name.to_owned(),
            "D" => day.to_string(),
            "DD" => format!("{day:02}"),
            "EEE" => weekday.chars().take(3).collect(),
            "EEEE" => weekday.to_owned(),
            "h" => hour.to_string(),
            "hh" => format!("{hour:02}"),
            "H" => twelve.to_string(),
            "HH" => format!("{twelve:02}"),
            "AA" => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            "aa" => if hour < 12 { "am" } else { "pm" }.to_owned(),
            "m" => minute.to_string(),
            "mm" => format!("{minute:02}"),
            "s" => second.to_string(),
            "ss" => format!("{second:02}"),
            "Z" => time.short_zone(),
            "ZZZ" if time.offset == 0 => "UTC".to_owned(),
            "ZZZ" | "ZZZZ" => time.zone(""),
            "ZZZZZ" => time.zone(":"),
            _ => return Err(format!("`{run}` is not a part of a time")),
        });
    }
    Ok(Value::text(text))
}

/// Adds what is in quotes, where `''` stands for one, and gives what follows.
fn quoted<'t>(pattern: &'t str, text: &mut String) -> Result<&'t str, String> {
    if let Some(rest) = pattern.strip_prefix("''") {
        text.push('\'');
        return Ok(rest);
    }
    let mut rest = pattern.get(1..).unwrap_or("");
    loop {
        let (part, after) = rest.split_once('\'').ok_or("a quote is never closed")?;
        text.push_str(part);
        let Some(doubled) = after.strip_prefix('\'') else { return Ok(after) };
        text.push('\'');
        rest = doubled;
    }
}

fn parts(time: Time) -> Value {
    let (date, (hour, minute, second)) = (time.date(), time.clock());
    let (iso_year, iso_week) = iso_week(time);
    let number = |number: i128| Value::Number(Number::Whole(number));
    let month_name = MONTHS.get(date.month - 1).copied().unwrap_or_default();
    let items = [
        ("year", number(date.year)),
        ("year_day", number(date.of_year)),
        ("day", number(date.day)),
        ("month", Value::whole(date.month)),
        ("month_name", Value::text(month_name)),
        ("weekday", Value::whole(time.weekday())),
        ("weekday_name", Value::text(WEEKDAYS.get(time.weekday()).copied().unwrap_or_default())),
        ("hour", number(hour)),
        ("minute", number(minute)),
        ("second", number(second)),
        ("rfc3339", Value::text(time.rfc3339())),
        ("iso_year", number(iso_year)),
        ("iso_week", number(iso_week)),
    ];
    Value::object(items.map(|(name, value)| (name.to_owned(), value)))
}
