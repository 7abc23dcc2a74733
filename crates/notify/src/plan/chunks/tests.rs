use super::*;
use crate::{
    plan::sample::{page, person, place, row, tenant},
    recipient::Recipient,
    target::Scope,
};

/// What a planner writes of these pages: per chunk its first number, its rows and its trailer.
fn written(
    rows: u32,
    from: Option<&str>,
    audience: &Audience,
    pages: Vec<Page>,
) -> Vec<(u32, Vec<Recipient>, Next)> {
    let mut chunks = ChunkBuilder::after(rows, from.map(place), audience, Timestamp::UNIX_EPOCH);
    let (mut all, mut people) = (Vec::new(), People::default());
    let pages_left = pages.len();
    for (index, page) in pages.into_iter().enumerate() {
        let next = page.next.clone();
        all.extend(chunks.take(page, &mut people).unwrap());
        assert_eq!(chunks.from(), next.as_ref());
        assert_eq!(chunks.from().is_none(), index + 1 == pages_left);
    }
    all.extend(chunks.last());
    let read = |(draft, next): (Draft, Next)| {
        let chunk = draft.stored(&next);
        (chunk.first, chunk.rows, chunk.next)
    };
    all.into_iter().map(read).collect()
}

/// First number, rows and trailer of each.
fn outline(chunks: &[(u32, Vec<Recipient>, Next)]) -> Vec<(u32, usize, Next)> {
    let outline = chunks
        .iter()
        .map(|(first, rows, next)| (*first, rows.len(), next.clone()));
    outline.collect()
}

fn at(from: &str) -> Next {
    Next::Listing(place(from))
}

#[test]
fn pages_that_fit_into_a_chunk_share_it_and_rows_are_numbered_through() {
    let pages = vec![page(0..2, Some("b")), page([], Some("c")), page(2..5, None)];
    let chunks = written(0, None, &Audience::default(), pages);
    assert_eq!(outline(&chunks), [(0, 5, Next::ListingEnd)]);
    let numbers: Vec<u32> = chunks[0].1.iter().map(|row| row.n).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    assert_eq!(chunks[0].1[4].conversation, person(4).target.key.root);
}

#[test]
fn a_chunk_ends_with_a_page_and_names_the_page_that_is_not_in_it() {
    let pages = vec![
        page(0..3_000, Some("b")),
        page(3_000..5_000, Some("c")),
        page(5_000..5_001, Some("d")),
        page(5_001..10_000, None),
    ];
    let chunks = written(0, None, &Audience::default(), pages);
    assert_eq!(
        outline(&chunks),
        [(0, 5_000, at("c")), (5_000, 5_000, Next::ListingEnd)]
    );
    let row = &chunks[1].1[0];
    assert_eq!(
        (row.n, &row.conversation),
        (5_000, &person(5_000).target.key.root)
    );
}

#[test]
fn one_row_too_many_begins_a_chunk() {
    let pages = vec![page(0..4_999, Some("b")), page(4_999..5_001, None)];
    let chunks = written(0, None, &Audience::default(), pages);
    assert_eq!(
        outline(&chunks),
        [(0, 4_999, at("b")), (4_999, 2, Next::ListingEnd)]
    );
}

#[test]
fn a_page_that_is_larger_than_a_chunk_is_not_torn() {
    let pages = vec![page(0..6_000, Some("b")), page(6_000..6_001, None)];
    let chunks = written(0, None, &Audience::default(), pages);
    assert_eq!(
        outline(&chunks),
        [(0, 6_000, at("b")), (6_000, 1, Next::ListingEnd)]
    );
}

#[test]
fn a_planner_that_goes_on_numbers_on_and_can_be_followed_again() {
    let pages = vec![page(5_000..9_000, Some("d")), page(9_000..12_000, None)];
    let chunks = written(5_000, Some("c"), &Audience::default(), pages);
    assert_eq!(
        outline(&chunks),
        [(5_000, 4_000, at("d")), (9_000, 3_000, Next::ListingEnd)]
    );
}

#[test]
fn who_is_narrowed_away_takes_no_number_and_nobody_is_no_chunk() {
    let teams = Audience {
        scopes: [Scope::Team].into(),
        ..Audience::default()
    };
    let mut mixed = page(0..3, None);
    mixed.targets[1].target.scope = Scope::Team;
    let chunks = written(0, None, &teams, vec![mixed]);
    assert_eq!(outline(&chunks), [(0, 1, Next::ListingEnd)]);
    assert_eq!(chunks[0].1[0].conversation, person(1).target.key.root);
    assert!(written(0, None, &teams, vec![page(0..3, None)]).is_empty());
    let elsewhere = Audience {
        tenants: ["7e4a3333-3333-4333-8333-000000000003".into()].into(),
        ..Audience::default()
    };
    assert!(written(0, None, &elsewhere, vec![page(0..3, None)]).is_empty());
}

#[test]
fn every_trailer_says_where_to_go_on() {
    let start = |next: Option<Next>| {
        let progress = Progress {
            next,
            ..Progress::default()
        };
        progress.start()
    };
    assert_eq!(start(None), Start::At(None));
    assert_eq!(start(Some(at("c"))), Start::At(Some(place("c"))));
    assert_eq!(start(Some(Next::ListingEnd)), Start::Done);
    assert_eq!(start(Some(Next::NamesEnd)), Start::Done);
}

#[test]
fn known_rows_are_cut_into_chunks_and_only_the_last_ends_the_names() {
    let rows: Vec<Recipient> = (0..5_001).map(row).collect();
    let (first, next) = chunk_of(&rows);
    assert_eq!((first.len(), next), (5_000, at("")));
    let (second, next) = chunk_of(&rows[5_000..]);
    assert_eq!((second[0].n, second.len(), next), (5_000, 1, Next::NamesEnd));
    let (none, next) = chunk_of(&rows[5_001..]);
    assert_eq!((none.len(), next), (0, Next::NamesEnd));
    let (whole, next) = chunk_of(&rows[..5_000]);
    assert_eq!((whole.len(), next), (5_000, Next::NamesEnd));
    assert_eq!(whole[0].tenant, tenant());
}
