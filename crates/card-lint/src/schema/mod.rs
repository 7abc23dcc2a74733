//! The Adaptive Cards schema up to 1.5 as tables: what there is, since when, and of what shape. Only facts; how a card
//! is held against them is in `walk`.
//!
//! Source: the published schema of Adaptive Cards 1.5.0 and what Teams documents on top of it.

mod actions;
mod cards;
mod containers;
mod elements;
mod inputs;
mod newer;
mod values;

pub(crate) use actions::{ACTIONS, TARGET};
pub(crate) use cards::{BACKGROUND, CARD};
pub(crate) use containers::{COLUMN, TABLE_CELL, TABLE_ROW};
pub(crate) use elements::{ELEMENTS, IMAGE, TEXT_RUN};
pub(crate) use newer::{Newer, newer};

/// The version that Teams draws, as the number after `1.`.
pub(crate) const TEAMS: u8 = 5;

/// A type of object that a card is made of.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The version that brought it, as the number after `1.`.
    pub(crate) since: u8,
    /// Properties of this kind alone.
    pub(crate) own: &'static [Property],
    /// Properties of all kinds of its family.
    pub(crate) common: &'static [Property],
}

/// A property of a kind.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) since: u8,
    pub(crate) need: Need,
}

/// Whether a property may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Optional,
    Required,
}

/// What a property may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Any,
    Text,
    Number,
    Bool,
    Object,
    NumberOrText,
    TextOrObject,
    Texts,
    /// One of these words, in any case.
    Choice(&'static [&'static str]),
    /// `80px`
    Pixels,
    /// `80px`, `auto` or `stretch`.
    ImageHeight,
    /// `auto`, `stretch`, a weight, or `50px`.
    Width,
    /// An address to open.
    Link,
    /// An address of a picture.
    Picture,
    /// A picture's address or a `BackgroundImage`.
    Background,
    /// The card's version.
    Version,
    /// A nested card.
    Card,
    /// An object of one kind.
    Part(&'static Kind),
    /// A list of objects of one kind.
    Parts(&'static Kind),
    Elements,
    Actions,
    /// An action without `Action.ShowCard`.
    SelectAction,
    Inlines,
    Columns,
    Rows,
    Cells,
    Images,
    Targets,
    /// `drop` or something of the same family.
    Fallback,
}

impl Kind {
    pub(crate) fn properties(&self) -> impl Iterator<Item = &'static Property> + Clone {
        self.own.iter().chain(self.common)
    }

    pub(crate) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties().find(|property| property.name == name)
    }
}

const fn kind(name: &'static str, since: u8, own: &'static [Property]) -> Kind {
    Kind {
        name,
        since,
        own,
        common: &[],
    }
}

const fn may(name: &'static str, shape: Shape) -> Property {
    since(0, name, shape)
}

const fn must(name: &'static str, shape: Shape) -> Property {
    Property {
        name,
        shape,
        since: 0,
        need: Need::Required,
    }
}

const fn since(since: u8, name: &'static str, shape: Shape) -> Property {
    Property {
        name,
        shape,
        since,
        need: Need::Optional,
    }
}
