//! The step that puts a text before another.

use std::borrow::Cow;

use super::text::{built, example, text};
use super::{Act, Run, Transform, Type};
use crate::mapping::fault::Wrong;
use crate::model::Value;

pub(crate) const BEFORE: Transform = Transform {
    name: "before",
    usage: "before 'x'",
    doc: "Theirs has x before it; what has not is refused when it is read.",
    examples: &[example(
        "before 'THANH TOAN HO SO '",
        "\"H99.14-240115-0001\"",
        "\"THANH TOAN HO SO H99.14-240115-0001\"",
        true,
    )],
    build: |build| {
        build.wants(Type::Text)?;
        build.no_more(1)?;
        Ok(built(
            Before(build.word(0, "what stands before, 'x'")?.to_owned()),
            false,
        ))
    },
};

struct Before(String);

impl Act for Before {
    fn forth<'v>(&'v self, fact: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        Ok(Value::Text(Cow::Owned(format!("{}{}", self.0, text(fact)?))))
    }
    fn back<'v>(&'v self, theirs: Value<'v>, _: &Run<'v>) -> Result<Value<'v>, Wrong> {
        let whole = text(theirs)?;
        let rest = whole.strip_prefix(self.0.as_str()).ok_or(Wrong::Separator)?;
        Ok(Value::Text(Cow::Owned(rest.to_owned())))
    }
}
