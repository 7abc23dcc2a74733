//! The Adaptive Cards schema up to 1.5, and what Teams draws beyond it, as tables: object types, properties, their
//! versions and value types. Data only; the checks are in `walk`.
//!
//! Sources: the published schema of Adaptive Cards 1.5.0; for names and values beyond it the type declarations of the
//! npm package `@microsoft/teams.cards` 2.0.16 (MIT, Copyright Microsoft Corporation). No text of them is copied.
//! To update: compare `dist/core.d.ts` of a newer version with these tables.

mod actions;
mod cards;
mod charts;
mod containers;
mod elements;
mod inputs;
mod layouts;
mod runs;
mod teams;
mod unsupported;
mod values;

pub(crate) use actions::{ACTIONS, TARGET};
pub(crate) use cards::{BACKGROUND, CARD};
pub(crate) use containers::{COLUMN, TABLE_CELL, TABLE_ROW};
pub(crate) use elements::{ELEMENTS, IMAGE};
pub(crate) use layouts::LAYOUTS;
pub(crate) use runs::RUNS;
pub(crate) use teams::CAROUSEL_PAGE;
pub(crate) use unsupported::{Unsupported, unsupported};

/// The version that Teams renders, as the number after `1.`.
pub(crate) const TEAMS: u8 = 5;

/// An object type of a card.
#[derive(Debug)]
pub(crate) struct ObjectType {
    pub(crate) name: &'static str,
    /// The version that introduced it, as the number after `1.`; above [`TEAMS`] it is drawn by Teams all the same.
    pub(crate) since: u8,
    /// Properties of this type only.
    pub(crate) own: &'static [Property],
    /// Properties of all types of its family.
    pub(crate) common: &'static [Property],
}

/// A property of an object type.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) since: u8,
    pub(crate) need: Requirement,
}

/// Whether a property is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    Optional,
    /// Without it the object is drawn, but shows or does nothing.
    Expected,
    Required,
}

/// The value type of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Any,
    String,
    Number,
    Bool,
    Object,
    NumberOrString,
    StringOrObject,
    Strings,
    /// One of these words, in any case.
    Choice(&'static [&'static str]),
    /// `80px`
    Pixels,
    /// `80px` or one of these words.
    Size(&'static [&'static str]),
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
    /// An object of one type.
    ObjectOf(&'static ObjectType),
    /// An array of objects of one type.
    ArrayOf(&'static ObjectType),
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
    Pages,
    Layouts,
    /// The actions of a menu.
    Menu,
    /// One element.
    Content,
    /// `drop` or something of the same family.
    Fallback,
}

impl ObjectType {
    pub(crate) fn properties(&self) -> impl Iterator<Item = &'static Property> + Clone {
        self.own.iter().chain(self.common)
    }

    pub(crate) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties().find(|property| property.name == name)
    }
}

const fn object_type(name: &'static str, since: u8, own: &'static [Property]) -> ObjectType {
    ObjectType {
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
        need: Requirement::Required,
    }
}

const fn ought(name: &'static str, shape: Shape) -> Property {
    Property {
        name,
        shape,
        since: 0,
        need: Requirement::Expected,
    }
}

const fn since(since: u8, name: &'static str, shape: Shape) -> Property {
    Property {
        name,
        shape,
        since,
        need: Requirement::Optional,
    }
}
