//! The items of an array, each as its own bytes, and never more of them than are wanted.

use serde::de::{Deserializer as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The first items, at most `most` and one; the rest is read over.
pub(super) fn take(body: &[u8], most: usize) -> Result<Vec<&RawValue>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let items = json.deserialize_seq(Take(most))?;
    json.end()?;
    Ok(items)
}

struct Take(usize);

impl<'b> Visitor<'b> for Take {
    type Value = Vec<&'b RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() <= self.0 {
            match seq.next_element()? {
                Some(item) => items.push(item),
                None => return Ok(items),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_wanted_tells_that_there_are_more() {
        assert_eq!(take(b" [1, 2] ", 2).unwrap().len(), 2);
        assert_eq!(take(b"[1,2,3,{},5]", 2).unwrap().len(), 3);
        assert!(take(b"[1,2,3,4,", 2).is_err());
        assert!(take(b"[1] 2", 2).is_err());
    }
}
