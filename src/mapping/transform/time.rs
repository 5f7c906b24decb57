//! Steps on times and dates.

use std::borrow::Cow;

use super::text::text;
use super::{Act, Build, Built, Example, Run, Transform, Type, Unbuilt};
use crate::mapping::fault::Wrong;
use crate::model::{Kind, PartialDate, Pattern, Time, Value};

pub(crate) const TIME: Transform = Transform {
    name: "time",
    usage: "time FORM",
    doc: "An instant in Viet Nam's time, in a form of yyyy MM dd HH mm ss fff zzz and marks; or iso, iso-ms, \
          epoch-ms (a number), epoch-ms text. A form without the clock writes the day and reads its midnight.",
    examples: &[
        instant("time yyyyMMddHHmmss", "\"20240115093000\""),
        instant("time dd/MM/yyyy HH:mm:ss", "\"15/01/2024 09:30:00\""),
        instant("time yyyy-MM-dd HH:mm:ss", "\"2024-01-15 09:30:00\""),
        instant("time iso-ms", "\"2024-01-15T09:30:00.000\""),
        instant("time iso", "\"2024-01-15T09:30:00+07:00\""),
        instant("time epoch-ms", "1705285800000"),
        instant("time epoch-ms text", "\"1705285800000\""),
        Example {
            both: false,
            ..instant("time dd-MM-yyyy", "\"15-01-2024\"")
        },
    ],
    build: build_time,
};

pub(crate) const DATE: Transform = Transform {
    name: "date",
    usage: "date FORM…",
    doc: "A date that may lack day or month: the first form that writes exactly what is known; reads any of them.",
    examples: &[
        day("date dd/MM/yyyy MM/yyyy yyyy", "\"1990-02-01\"", "\"01/02/1990\""),
        day("date dd/MM/yyyy MM/yyyy yyyy", "\"1990-02\"", "\"02/1990\""),
        day("date dd/MM/yyyy M-yyyy yyyy", "\"1990\"", "\"1990\""),
        day("date yyyyMMddHHmmss", "\"1990-02-01\"", "\"19900201000000\""),
    ],
    build: build_date,
};

const fn instant(step: &'static str, theirs: &'static str) -> Example {
    Example {
        kind: Kind::Time,
        step,
        ours: "\"2024-01-15T09:30:00+07:00\"",
        theirs,
        both: true,
    }
}

const fn day(step: &'static str, ours: &'static str, theirs: &'static str) -> Example {
    Example {
        kind: Kind::Date,
        step,
        ours,
        theirs,
        both: true,
    }
}

fn build_time(build: &Build<'_>) -> Result<Built, Unbuilt> {
    build.wants(Type::Time)?;
    build.word(0, "the form, such as yyyyMMddHHmmss")?;
    let form = build
        .words
        .iter()
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if form == "epoch-ms" || form == "epoch-ms text" {
        let text = form.ends_with("text");
        let gives = if text { Type::Text } else { Type::Int };
        return Ok(Built {
            act: Box::new(Epoch { text }),
            gives,
            lossy: false,
        });
    }
    let unknown = || {
        Unbuilt::word(
            0,
            format!("`{form}` is not a form of a time; write such as dd/MM/yyyy HH:mm:ss"),
        )
    };
    let pattern = Pattern::new(&form).filter(Pattern::has_day).ok_or_else(unknown)?;
    let lossy = !pattern.has_clock();
    Ok(Built {
        act: Box::new(Written(pattern)),
        gives: Type::Text,
        lossy,
    })
}

fn build_date(build: &Build<'_>) -> Result<Built, Unbuilt> {
    build.wants(Type::Date)?;
    build.word(0, "one or more forms, such as dd/MM/yyyy yyyy")?;
    let form = |(n, word): (usize, &super::Word)| {
        let unknown = || Unbuilt::word(n, format!("`{}` is not a form of a date", word.text));
        Pattern::new(&word.text).ok_or_else(unknown)
    };
    let patterns = build
        .words
        .iter()
        .enumerate()
        .map(form)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Built {
        act: Box::new(Dated(patterns)),
        gives: Type::Text,
        lossy: false,
    })
}

struct Written(Pattern);

impl Act for Written {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Time(time) = fact else {
            return Err(Wrong::Type { wanted: "a time" });
        };
        let mut out = String::with_capacity(24);
        time.print(&self.0, &mut out);
        Ok(Value::Text(Cow::Owned(out)))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let read = Time::read(&self.0, &text(theirs)?);
        read.map(Value::Time).ok_or_else(|| Wrong::Time {
            form: self.0.to_string(),
        })
    }
}

struct Epoch {
    text: bool,
}

impl Act for Epoch {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Time(time) = fact else {
            return Err(Wrong::Type { wanted: "a time" });
        };
        let millis = time.seconds() * 1000;
        Ok(if self.text {
            Value::Text(Cow::Owned(millis.to_string()))
        } else {
            Value::Int(millis)
        })
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let millis = match (self.text, &theirs) {
            (false, Value::Int(millis)) => *millis,
            (true, Value::Text(text)) => text.parse().map_err(|_| Wrong::Number)?,
            (true | false, _) => {
                return Err(Wrong::Type {
                    wanted: if self.text { "a text" } else { "a number" },
                });
            }
        };
        let seconds = millis.div_euclid(1000);
        let time = Time::at(seconds);
        if time.seconds() != seconds {
            return Err(Wrong::Time {
                form: "epoch-ms".to_owned(),
            });
        }
        Ok(Value::Time(time))
    }
}

struct Dated(Vec<Pattern>);

impl Act for Dated {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Date(date) = fact else {
            return Err(Wrong::Type { wanted: "a date" });
        };
        let pattern = self
            .0
            .iter()
            .find(|pattern| date.suits(pattern))
            .ok_or(Wrong::Date)?;
        let mut out = String::with_capacity(16);
        date.print(pattern, &mut out);
        Ok(Value::Text(Cow::Owned(out)))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let text = text(theirs)?;
        let read = self
            .0
            .iter()
            .find_map(|pattern| PartialDate::read(pattern, &text));
        read.map(Value::Date).ok_or(Wrong::Date)
    }
}
