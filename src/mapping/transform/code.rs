//! Steps on words: code lists, yes and no, flags.

use std::borrow::Cow;

use super::text::text;
use super::{Act, Build, Built, Example, Run, Transform, Type, Unbuilt};
use crate::mapping::fault::Wrong;
use crate::model::{Kind, Value, nearest};

pub(crate) const CODE: Transform = Transform {
    name: "code",
    usage: "code LIST [if-known]",
    doc: "Our word ⇄ theirs by a code list, as it holds on the day; a word of theirs that the list calls silent says \
          nothing and is kept; an unknown one is a fault, or with if-known is kept too.",
    examples: &[
        Example {
            kind: Kind::Text,
            step: "code example",
            ours: "\"one\"",
            theirs: "\"1\"",
            both: true,
        },
        Example {
            kind: Kind::Text,
            step: "code example | number",
            ours: "\"one\"",
            theirs: "1",
            both: true,
        },
    ],
    build: build_code,
};

pub(crate) const BOOL: Transform = Transform {
    name: "bool",
    usage: "bool 'T' 'F'",
    doc: "Yes and no in their two spellings; true and false are read too.",
    examples: &[Example {
        kind: Kind::Bool,
        step: "bool '1' '0'",
        ours: "true",
        theirs: "\"1\"",
        both: true,
    }],
    build: |build| {
        build.wants(Type::Bool)?;
        build.no_more(2)?;
        let (yes, no) = (
            build.word(0, "how they write yes")?,
            build.word(1, "how they write no")?,
        );
        let act = Box::new(Spelled {
            yes: yes.to_owned(),
            no: no.to_owned(),
        });
        Ok(Built {
            act,
            gives: Type::Text,
            lossy: false,
        })
    },
};

pub(crate) const FLAG: Transform = Transform {
    name: "flag",
    usage: "flag WORD",
    doc: "True when the fact is that word, false when it is another; read back, true is the word and false says \
          nothing.",
    examples: &[
        Example {
            kind: Kind::Text,
            step: "flag online",
            ours: "\"online\"",
            theirs: "true",
            both: true,
        },
        Example {
            kind: Kind::Text,
            step: "flag online",
            ours: "\"post\"",
            theirs: "false",
            both: false,
        },
        Example {
            kind: Kind::Text,
            step: "flag post | bool '1' '0' | number",
            ours: "\"post\"",
            theirs: "1",
            both: true,
        },
    ],
    build: |build| {
        build.wants(Type::Text)?;
        build.no_more(1)?;
        let act = Box::new(Flag(build.word(0, "the word that makes it true")?.to_owned()));
        Ok(Built {
            act,
            gives: Type::Bool,
            lossy: true,
        })
    },
};

fn build_code(build: &Build<'_>) -> Result<Built, Unbuilt> {
    build.wants(Type::Text)?;
    build.no_more(2)?;
    let list = build.word(0, "the name of a code list")?;
    let names = build.lists.names();
    if !names.contains(&list) {
        let near = nearest(list, names).map_or_else(String::new, |near| format!("; there is `{near}`"));
        return Err(Unbuilt::word(0, format!("there is no code list `{list}`{near}")));
    }
    if let (Some(fact), Some(set)) = (build.set, build.lists.set(list))
        && fact != set
    {
        return Err(Unbuilt::word(
            0,
            format!("code list `{list}` speaks of {set}, this fact is a {fact}"),
        ));
    }
    let lenient = match build.words.get(1) {
        None => false,
        Some(word) if word.text == "if-known" => true,
        Some(word) => {
            return Err(Unbuilt::word(
                1,
                format!("write `if-known` or nothing, not `{}`", word.text),
            ));
        }
    };
    Ok(Built {
        act: Box::new(Code {
            list: list.to_owned(),
            lenient,
        }),
        gives: Type::Text,
        lossy: lenient,
    })
}

struct Code {
    list: String,
    lenient: bool,
}

impl Code {
    fn found<'v>(&self, found: Option<&'v str>, word: &str) -> Result<Value<'v>, Wrong> {
        match found {
            Some(found) => Ok(Value::Text(Cow::Borrowed(found))),
            None if self.lenient => Ok(Value::Absent),
            None => Err(Wrong::code(&self.list, word)),
        }
    }
}

impl Act for Code {
    fn forth<'v>(&'v self, fact: Value<'v>, run: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let (word, context) = (text(fact)?, run.context);
        self.found(
            context.lists.write(&self.list, context.site, &word, context.on),
            &word,
        )
    }
    fn back<'v>(&'v self, theirs: Value<'v>, run: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let (word, context) = (text(theirs)?, run.context);
        if context.lists.silent(&self.list, &word) {
            return Ok(Value::Absent);
        }
        self.found(
            context.lists.read(&self.list, context.site, &word, context.on),
            &word,
        )
    }
}

struct Spelled {
    yes: String,
    no: String,
}

impl Act for Spelled {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Bool(yes) = fact else {
            return Err(Wrong::Type { wanted: "yes or no" });
        };
        Ok(Value::Text(Cow::Borrowed(if yes { &self.yes } else { &self.no })))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        // Some send the truth itself where others spell it; what came is kept beside the fact.
        if let Value::Bool(yes) = theirs {
            return Ok(Value::Bool(yes));
        }
        let text = text(theirs)?;
        if text == self.yes {
            Ok(Value::Bool(true))
        } else if text == self.no {
            Ok(Value::Bool(false))
        } else {
            Err(Wrong::code("yes or no", &text))
        }
    }
}

struct Flag(String);

impl Act for Flag {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        Ok(Value::Bool(text(fact)? == self.0))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let Value::Bool(yes) = theirs else {
            return Err(Wrong::Type {
                wanted: "true or false",
            });
        };
        Ok(if yes {
            Value::Text(Cow::Borrowed(&self.0))
        } else {
            Value::Absent
        })
    }
}
