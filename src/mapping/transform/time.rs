//! Steps on times and dates.

use std::borrow::Cow;

use super::text::text;
use super::{Act, Build, Built, Example, Run, Transform, Type, Unbuilt};
use crate::mapping::fault::Wrong;
use crate::model::{Kind, PartialDate, Pattern, Time, Value};

pub(crate) const TIME: Transform = Transform {
    name: "time",
    usage: "time FORM [if-known]",
    doc: "An instant in Viet Nam's time, in a form of yyyy MM dd HH mm ss fff zzz and marks; or iso, iso-ms, \
          epoch-ms (a number), epoch-ms text. A form without the clock writes the day and reads its midnight. A text in \
          another form is a fault, or with if-known says nothing and is kept.",
    examples: &[
        instant("time yyyyMMddHHmmss", "\"20240115093000\""),
        instant("time dd/MM/yyyy HH:mm:ss", "\"15/01/2024 09:30:00\""),
        instant("time yyyy-MM-dd HH:mm:ss", "\"2024-01-15 09:30:00\""),
        instant("time iso-ms", "\"2024-01-15T09:30:00.000\""),
        instant("time iso", "\"2024-01-15T09:30:00+07:00\""),
        instant("time iso if-known", "\"2024-01-15T09:30:00+07:00\""),
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
    usage: "date FORM… [if-known]",
    doc: "A date that may lack day or month: the first form that writes exactly what is known; reads any of them. A text \
          in none of them is a fault, or with if-known says nothing and is kept.",
    examples: &[
        day("date dd/MM/yyyy MM/yyyy yyyy", "\"1990-02-01\"", "\"01/02/1990\""),
        day("date dd/MM/yyyy MM/yyyy yyyy", "\"1990-02\"", "\"02/1990\""),
        day("date dd/MM/yyyy M-yyyy yyyy", "\"1990\"", "\"1990\""),
        day("date yyyyMMddHHmmss", "\"1990-02-01\"", "\"19900201000000\""),
        day("date yyyyMMdd if-known", "\"1990-02-01\"", "\"19900201\""),
    ],
    build: build_date,
};

pub(crate) const DATE_CUT: Transform = Transform {
    name: "date-cut",
    usage: "date-cut FORM…",
    doc: "A date of which less is written than is known: the first form whose parts are known; reads any of them.",
    examples: &[
        Example {
            both: false,
            ..day("date-cut yyyy", "\"1990-02-01\"", "\"1990\"")
        },
        Example {
            both: false,
            ..day("date-cut MM/yyyy yyyy", "\"1990-02-01\"", "\"02/1990\"")
        },
        day("date-cut MM/yyyy yyyy", "\"1990\"", "\"1990\""),
    ],
    build: |build| {
        Ok(Built {
            act: Box::new(Cut(dated(build)?)),
            gives: Type::Text,
            lossy: true,
        })
    },
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

/// The words of the form, and whether a text of another form is kept.
fn lenient<'w>(build: &Build<'w>) -> (&'w [super::Word], bool) {
    match build.words.split_last() {
        Some((last, before)) if last.text == "if-known" && !before.is_empty() => (before, true),
        Some(_) | None => (build.words, false),
    }
}

fn build_time(build: &Build<'_>) -> Result<Built, Unbuilt> {
    build.wants(Type::Time)?;
    build.word(0, "the form, such as yyyyMMddHHmmss")?;
    let (words, lenient) = lenient(build);
    let form = words
        .iter()
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if form == "epoch-ms" || form == "epoch-ms text" {
        let text = form.ends_with("text");
        let gives = if text { Type::Text } else { Type::Int };
        return Ok(Built {
            act: Box::new(Epoch { text, lenient }),
            gives,
            lossy: lenient,
        });
    }
    let unknown = || {
        Unbuilt::word(
            0,
            format!("`{form}` is not a form of a time; write such as dd/MM/yyyy HH:mm:ss"),
        )
    };
    let pattern = Pattern::new(&form).filter(Pattern::has_day).ok_or_else(unknown)?;
    let lossy = lenient || !pattern.has_clock();
    Ok(Built {
        act: Box::new(Written { pattern, lenient }),
        gives: Type::Text,
        lossy,
    })
}

fn build_date(build: &Build<'_>) -> Result<Built, Unbuilt> {
    let dated = dated(build)?;
    Ok(Built {
        lossy: dated.lenient,
        act: Box::new(dated),
        gives: Type::Text,
    })
}

fn dated(build: &Build<'_>) -> Result<Dated, Unbuilt> {
    build.wants(Type::Date)?;
    build.word(0, "one or more forms, such as dd/MM/yyyy yyyy")?;
    let form = |(n, word): (usize, &super::Word)| {
        let unknown = || Unbuilt::word(n, format!("`{}` is not a form of a date", word.text));
        Pattern::new(&word.text).ok_or_else(unknown)
    };
    let (words, lenient) = lenient(build);
    let patterns = words.iter().enumerate().map(form).collect::<Result<_, _>>()?;
    Ok(Dated { patterns, lenient })
}

/// What a text in no known form comes to.
fn unknown<'v>(lenient: bool, wrong: Wrong) -> Result<Value<'v>, Wrong> {
    if lenient { Ok(Value::Absent) } else { Err(wrong) }
}

struct Written {
    pattern: Pattern,
    lenient: bool,
}

impl Act for Written {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Time(time) = fact else {
            return Err(Wrong::Type { wanted: "a time" });
        };
        let mut out = String::with_capacity(24);
        time.print(&self.pattern, &mut out);
        Ok(Value::Text(Cow::Owned(out)))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        match Time::read(&self.pattern, &text(theirs)?) {
            Some(time) => Ok(Value::Time(time)),
            None => unknown(
                self.lenient,
                Wrong::Time {
                    form: self.pattern.to_string(),
                },
            ),
        }
    }
}

struct Epoch {
    text: bool,
    lenient: bool,
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
            (true, Value::Text(text)) => match text.parse() {
                Ok(millis) => millis,
                Err(_) => return unknown(self.lenient, Wrong::Number),
            },
            (true | false, _) => {
                return Err(Wrong::Type {
                    wanted: if self.text { "a text" } else { "a number" },
                });
            }
        };
        let seconds = millis.div_euclid(1000);
        let time = Time::at(seconds);
        if time.seconds() != seconds {
            let form = "epoch-ms".to_owned();
            return unknown(self.lenient, Wrong::Time { form });
        }
        Ok(Value::Time(time))
    }
}

struct Dated {
    patterns: Vec<Pattern>,
    lenient: bool,
}

impl Act for Dated {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Date(date) = fact else {
            return Err(Wrong::Type { wanted: "a date" });
        };
        let pattern = self
            .patterns
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
            .patterns
            .iter()
            .find_map(|pattern| PartialDate::read(pattern, &text));
        read.map_or_else(
            || unknown(self.lenient, Wrong::Date),
            |date| Ok(Value::Date(date)),
        )
    }
}

struct Cut(Dated);

impl Act for Cut {
    fn forth<'v>(&'v self, fact: Value<'v>, run: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Date(date) = fact else {
            return Err(Wrong::Type { wanted: "a date" });
        };
        let less = [(date.month(), date.day()), (date.month(), None), (None, None)];
        let dates = less.map(|(month, day)| PartialDate::new(date.year(), month, day));
        let suits = |date: &PartialDate, pattern: &Pattern| date.suits(pattern);
        let patterns = self.0.patterns.iter();
        let cut = patterns
            .filter_map(|pattern| dates.iter().flatten().find(|date| suits(date, pattern)))
            .next();
        self.0.forth(Value::Date(*cut.ok_or(Wrong::Date)?), run)
    }
    fn back<'v>(&'v self, theirs: Value<'v>, run: &Run<'v>) -> Result<Value<'v>, Wrong> {
        self.0.back(theirs, run)
    }
}
