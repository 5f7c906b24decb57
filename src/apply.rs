//! Put what the national side says on the dossier.
//!
//! What stands is made anew from all that was said, in an order that is nobody's but what was said itself: when it happened
//! there, a change after what it changes, and at one moment by its bytes. Which arrived first does not matter.

use serde_json::value::RawValue;

use crate::model::{Facts, News};

/// One thing that was said, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Whether its sender calls it a change of what it said before.
    pub updating: bool,
    /// When it happened there, ms since 1970.
    pub at: i64,
    /// SHA-256 of what it says.
    pub digest: [u8; 32],
    /// The facts.
    pub news: News,
}

/// What stands of all that was said.
pub fn stand(mut words: Vec<Word>) -> News {
    words.sort_by(|one, other| {
        let place = |word: &Word| (word.at, word.updating, word.news.status, word.digest);
        place(one).cmp(&place(other))
    });
    let mut news = News::default();
    for word in words {
        news.add(word.news);
    }
    news
}

/// A dossier's facts as they are now: what was filed, and over it what the national side said.
pub fn upon(filed: &Facts, news: &News) -> Facts {
    let mut facts = filed.clone();
    news.upon(&mut facts);
    facts
}

/// The facts of what the store keeps of the news.
pub fn facts(news: &[u8]) -> News {
    #[derive(serde::Deserialize)]
    struct Standing<'a> {
        #[serde(borrow)]
        facts: &'a RawValue,
    }
    let standing: Option<Standing<'_>> = serde_json::from_slice(news).ok();
    let facts = standing.and_then(|standing| serde_json::from_str(standing.facts.get()).ok());
    facts.unwrap_or_default()
}

#[cfg(test)]
mod tests;
