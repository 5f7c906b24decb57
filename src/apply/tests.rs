use proptest::prelude::*;

use super::*;
use crate::model::codes::Status;
use crate::model::{Payment, Step, Supplement, Time};

/// Few moments and few words, so that many of them meet.
fn word() -> impl Strategy<Value = Word> {
    let status = proptest::option::of(proptest::sample::select(Status::ALL));
    (0_i64..4, any::<bool>(), status, 0_u8..4, any::<bool>()).prop_map(
        |(at, updating, status, what, paid)| {
            let text = format!("{what}");
            let news = News {
                status,
                note: (what == 1).then(|| text.clone()),
                payment: Payment {
                    reference: paid.then(|| text.clone()),
                    paid_at: paid.then(|| Time::at(at)),
                    ..Payment::default()
                },
                steps: vec![Step {
                    content: Some(text.clone()),
                    ..Step::default()
                }],
                supplements: (what == 2)
                    .then(|| Supplement {
                        id: Some(text),
                        ..Supplement::default()
                    })
                    .into_iter()
                    .collect(),
                ..News::default()
            };
            let digest =
                crate::evidence::hash::digest(&[
                    format!("{news:?}{at}{updating}{what}{status:?}{paid}").as_bytes()
                ]);
            Word {
                updating,
                at,
                digest,
                news,
            }
        },
    )
}

/// Each order of `words`, handed to `see` (Heap).
fn orders(words: &mut Vec<Word>, k: usize, see: &mut impl FnMut(&[Word])) {
    if k <= 1 {
        return see(words);
    }
    for at in 0..k {
        orders(words, k - 1, see);
        let other = if k.is_multiple_of(2) { at } else { 0 };
        words.swap(other, k - 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn late_repeated_and_swapped_words_come_to_the_same(words in proptest::collection::vec(word(), 1..=7)) {
        let expected = stand(words.clone());
        let mut again = words.clone();
        let length = again.len();
        orders(&mut again, length, &mut |order| {
            assert!(stand(order.to_vec()) == expected);
        });
        // Each of them once more, wherever it falls.
        for at in 0..words.len() {
            let mut twice = words.clone();
            twice.insert(at / 2, words[at].clone());
            twice.rotate_left(at % length.max(1));
            prop_assert!(stand(twice) == expected);
        }
    }
}

#[test]
fn what_happened_later_stands_and_a_change_stands_over_what_it_changes() {
    let word = |at, updating, status, digest| Word {
        updating,
        at,
        digest: [digest; 32],
        news: News {
            status: Some(status),
            ..News::default()
        },
    };
    let late = word(9, false, Status::Finished, 1);
    let early = word(3, false, Status::Returned, 2);
    assert_eq!(
        stand(vec![late.clone(), early.clone()]).status,
        Some(Status::Finished)
    );
    let change = word(9, true, Status::Processing, 3);
    assert_eq!(stand(vec![change, late, early]).status, Some(Status::Processing));
}
