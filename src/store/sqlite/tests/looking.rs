//! Searching, held against looking at everything.

use super::kit::{PARTNER, Province, START, now, park};
use crate::evidence::blind::Blind;
use crate::model::{ExchangeId, State};
use crate::store::{Cursor, FoundRow, Looks, NextMove, Search};

/// Forty dossiers of four agencies and three procedures, one or two exchanges each, in all states.
fn province() -> Province {
    let mut province = Province::new();
    for n in 0_u8..40 {
        province.time += 1_000;
        province.file(&format!("H99-{n}"), "a", if n % 2 == 0 { &[1] } else { &[] });
        if n % 3 == 0 {
            let next = if n % 6 == 0 { park() } else { NextMove::Delivered };
            let leased = province.lease(1).remove(0);
            province.attempt(&leased);
            province.settle(&leased, next);
        }
    }
    province.sql(
        "UPDATE dossier SET agency = 'H99.' || (id % 4), procedure = '1.00' || (id % 3),
         subject = CASE id % 5
           WHEN 1 THEN x'00000000000000000000000000000031' WHEN 2 THEN x'00000000000000000000000000000032'
           WHEN 3 THEN x'00000000000000000000000000000033' WHEN 4 THEN x'00000000000000000000000000000034' END",
    );
    province
}

/// All pages of a search, one after another, and how many there were.
fn walked(province: &Province, search: &Search) -> (Vec<FoundRow>, usize) {
    let (mut rows, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let search = Search {
            after,
            ..search.clone()
        };
        let page = now(province.store().search(search)).unwrap();
        assert!(page.rows.len() <= 3);
        rows.extend(page.rows);
        pages += 1;
        after = page.next;
        if after.is_none() {
            return (rows, pages);
        }
        assert!(pages < 500, "it goes on for ever");
    }
}

fn wanted() -> Vec<Search> {
    let text = |text: &str| Some(text.to_owned());
    let mut all = vec![Search::default()];
    let one = |how: &dyn Fn(&mut Search)| {
        let mut search = Search::default();
        how(&mut search);
        search
    };
    all.push(one(&|s| s.number = text("H99-7")));
    all.push(one(&|s| s.number = text("H99-77")));
    all.push(one(&|s| s.agency = text("H99.1")));
    all.push(one(&|s| s.procedure = text("1.002")));
    all.push(one(&|s| (s.agency, s.procedure) = (text("H99.1"), text("1.002"))));
    all.push(one(&|s| s.partner = text(PARTNER)));
    all.push(one(&|s| s.partner = text("nobody")));
    for state in State::ALL {
        all.push(one(&|s| s.state = Some(*state)));
        all.push(one(&|s| (s.state, s.agency) = (Some(*state), text("H99.2"))));
    }
    all.push(one(&|s| {
        (s.since, s.until) = (Some(START + 5_000), Some(START + 9_001))
    }));
    all.push(one(&|s| {
        (s.since, s.agency) = (Some(START + 30_000), text("H99.3"))
    }));
    all.push(one(&|s| {
        (s.until, s.agency) = (Some(START + 12_000), text("H99.3"))
    }));
    let subject = |n: u8| {
        let mut bytes = [0; 16];
        bytes[15] = 48 + n;
        Some(Blind(bytes))
    };
    all.push(one(&|s| s.subject = subject(2)));
    all.push(one(&|s| (s.subject, s.state) = (subject(3), Some(State::Ready))));
    all.push(one(&|s| s.subject = subject(9)));
    all
}

/// What a search asks for, judged row by row.
fn fits(search: &Search, row: &FoundRow) -> bool {
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    let id: u8 = row.dossier[4..].parse().unwrap();
    let subject = Some((id + 1) % 5).filter(|rest| *rest > 0).map(|rest| 48 + rest);
    is(&search.number, &row.dossier)
        && is(&search.agency, row.agency.as_deref().unwrap())
        && is(&search.procedure, &row.procedure)
        && is(&search.partner, &row.partner)
        && search.state.is_none_or(|state| state == row.state)
        && search.since.is_none_or(|since| row.made_at >= since)
        && search.until.is_none_or(|until| row.made_at < until)
        && search.subject.is_none_or(|blind| subject == Some(blind.0[15]))
}

#[test]
fn every_search_finds_each_that_fits_once_however_it_is_cut_into_pages() {
    let province = province();
    let (all, _) = walked(
        &province,
        &Search {
            limit: 3,
            ..Search::default()
        },
    );
    assert_eq!(all.len(), province.rows().len());
    let mut found_some = 0;
    for search in wanted() {
        let (rows, pages) = walked(
            &province,
            &Search {
                limit: 3,
                ..search.clone()
            },
        );
        let mut ids: Vec<ExchangeId> = rows.iter().map(|row| row.exchange).collect();
        let mut due: Vec<ExchangeId> = all
            .iter()
            .filter(|row| fits(&search, row))
            .map(|row| row.exchange)
            .collect();
        found_some += usize::from(!due.is_empty());
        let made: Vec<i64> = rows.iter().map(|row| row.made_at).collect();
        assert!(
            made.is_sorted_by(|one, next| one >= next),
            "{search:?}: the newest first"
        );
        ids.sort();
        due.sort();
        assert_eq!(ids, due, "{search:?}");
        assert!(
            pages <= 2 + due.len() + all.len() / 10,
            "{search:?}: {pages} pages"
        );
    }
    assert!(found_some > 12, "{found_some}");
}

#[test]
fn a_place_that_is_nowhere_finds_what_lies_before_it() {
    let province = province();
    for dossier in [i64::MIN, -1, 1_000] {
        let search = Search {
            agency: Some("H99.1".to_owned()),
            after: Some(Cursor {
                dossier,
                exchange: None,
            }),
            limit: 3,
            ..Search::default()
        };
        assert_eq!(
            now(province.store().search(search)).unwrap().rows.is_empty(),
            dossier < 1_000
        );
    }
}

#[test]
fn what_stands_is_counted_by_owner_and_action() {
    let province = province();
    let standing = now(province.store().standing()).unwrap();
    let parked = province
        .rows()
        .iter()
        .filter(|row| row.state == State::Parked)
        .count() as u64;
    let told: Vec<_> = standing
        .queues
        .iter()
        .map(|queue| (queue.state, queue.count))
        .collect();
    assert!(
        parked > 2 && told.iter().map(|(_, count)| count).sum::<u64>() == parked.min(16),
        "{told:?}"
    );
    let moving = province.rows().into_iter().filter(|row| !row.state.is_settled());
    assert_eq!(standing.oldest, moving.map(|row| row.made_at).min());
}
