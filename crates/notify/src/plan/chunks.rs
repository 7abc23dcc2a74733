//! What a tenant's chunks hold: pages of its listing in, chunks and where each ends out. No port is used here.

use super::{
    channels::Channels,
    people::People,
    rows::{Admitted, narrows},
};
use crate::{
    ports::{Continuation, Page, StoreError},
    recipient::Recipient,
    request::Audience,
    store::audience::{Draft, Next, ROWS},
};
use jiff::Timestamp;

/// How far a tenant's chunks go.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Progress {
    pub(super) chunks: u32,
    pub(super) rows: u32,
    pub(super) next: Option<Next>,
}

/// Where a planner begins with a tenant's listing.
#[derive(Debug, PartialEq)]
pub(super) enum Start {
    /// Here; `None` is the beginning.
    At(Option<Continuation>),
    /// The listing was read to its end.
    Done,
}

impl Progress {
    /// What the last chunk's trailer says.
    pub(super) fn start(&self) -> Start {
        match &self.next {
            None => Start::At(None),
            Some(Next::Listing(from)) => Start::At(Some(from.clone())),
            Some(Next::ListingEnd | Next::NamesEnd) => Start::Done,
        }
    }

    /// One more chunk, whose last row has the number before `end`.
    pub(super) fn advance(&mut self, end: u32) {
        self.chunks += 1;
        self.rows = end;
    }
}

/// Makes chunks of pages. Holds one chunk, as text.
pub(super) struct ChunkBuilder<'a> {
    audience: &'a Audience,
    channels: Channels,
    draft: Draft,
    /// Where the next page begins.
    from: Option<Continuation>,
}

impl<'a> ChunkBuilder<'a> {
    /// Goes on after `rows` rows, with the page that begins at `from`.
    pub(super) fn after(
        rows: u32,
        from: Option<Continuation>,
        audience: &'a Audience,
        now: Timestamp,
    ) -> Self {
        Self {
            audience,
            channels: Channels::of(audience, now),
            draft: Draft::begin(rows),
            from,
        }
    }

    /// Takes the next page. Returns the chunk that is full by it: a chunk ends with a page, and its trailer names the
    /// first page that is not in it.
    pub(super) fn take(
        &mut self,
        page: Page,
        people: &mut People,
    ) -> Result<Option<(Draft, Next)>, StoreError> {
        let targets = page.targets.into_iter();
        let rows: Vec<Admitted> = targets
            .filter(|found| narrows(self.audience, found))
            .filter_map(|found| people.admit(found))
            .collect();
        let begun = self.draft.rows() as usize;
        let full = if begun > 0 && begun + rows.len() > ROWS {
            let next = self.from.take().map_or(Next::ListingEnd, Next::Listing);
            let after = Draft::begin(self.draft.end());
            Some((std::mem::replace(&mut self.draft, after), next))
        } else {
            None
        };
        for row in rows {
            let row = self.channels.row(row, self.draft.end());
            self.draft.push(&row)?;
            if let Some(general) = self.channels.general_beside(&row, self.draft.end()) {
                self.draft.push(&general)?;
            }
        }
        self.from = page.next;
        Ok(full)
    }

    /// Where the next page begins; `None` when the page that was taken was the last.
    pub(super) const fn from(&self) -> Option<&Continuation> {
        self.from.as_ref()
    }

    /// The last chunk, if anybody is in it.
    pub(super) fn last(self) -> Option<(Draft, Next)> {
        (self.draft.rows() > 0).then_some((self.draft, Next::ListingEnd))
    }
}

/// The next chunk of a part whose rows are all known, after `written` of them.
pub(super) fn chunk_of(left: &[Recipient]) -> (&[Recipient], Next) {
    let next = if left.len() <= ROWS {
        Next::NamesEnd
    } else {
        // Only says that there is more: the rows that are left are counted.
        Next::Listing(Continuation(String::new()))
    };
    (&left[..left.len().min(ROWS)], next)
}

#[cfg(test)]
mod tests;
