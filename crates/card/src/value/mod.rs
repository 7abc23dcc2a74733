//! Values during evaluation. They borrow from the data; only computed values are allocated.
//! No evaluation rules here: only representation, printing and comparison.

mod access;
mod compare;
mod containers;
mod owned;
mod text;

use std::rc::Rc;

pub(crate) use access::{get_path, property, same_name, split_path, step_into};
pub(crate) use compare::{SortKey, equals, same_text, strict_equals, utf16_order};
pub(crate) use containers::{List, Map, contains_container, thaw};
pub use owned::Value;
pub(crate) use text::{Printer, Text, js_string, json_text};

use crate::json::Json;

/// A value of the expression language while it is being computed.
#[derive(Clone, Debug)]
pub(crate) enum Val<'d> {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    String(Text<'d>),
    Array(List<'d>),
    Object(Map<'d>),
    /// Only from `ticks`.
    BigInt(Box<i128>),
    /// Only from `binary` and similar functions.
    Bytes(Rc<[u8]>),
    /// An expression inside literal `$data`: never evaluated, prints as its canonical text.
    Code(&'d str),
}

impl<'d> Val<'d> {
    /// `== null` of JavaScript.
    pub(crate) fn is_nullish(&self) -> bool {
        matches!(self, Val::Undefined | Val::Null)
    }

    pub(crate) fn is_undefined(&self) -> bool {
        matches!(self, Val::Undefined)
    }

    /// Truth in the expression language: only `false`, null and undefined are not true.
    pub(crate) fn is_true(&self) -> bool {
        !matches!(self, Val::Bool(false) | Val::Null | Val::Undefined)
    }

    /// JavaScript's own falsiness (`!value`).
    pub(crate) fn is_falsy(&self) -> bool {
        match self {
            Val::Undefined | Val::Null | Val::Bool(false) => true,
            Val::Number(n) => *n == 0.0 || n.is_nan(),
            Val::String(s) => s.is_empty(),
            _ => false,
        }
    }

    /// A number that is not NaN.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Val::Number(n) if !n.is_nan() => Some(*n),
            _ => None,
        }
    }

    /// `Number.isInteger`.
    pub(crate) fn integer(&self) -> Option<f64> {
        match self {
            Val::Number(n) if n.is_finite() && n.fract() == 0.0 => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Val::String(s) => Some(s),
            _ => None,
        }
    }

    /// `typeof value === 'object'`, null included.
    pub(crate) fn is_object_type(&self) -> bool {
        matches!(
            self,
            Val::Null | Val::Array(_) | Val::Object(_) | Val::BigInt(_) | Val::Bytes(_) | Val::Code(_)
        )
    }
}

impl<'d> From<&'d Json<'d>> for Val<'d> {
    fn from(json: &'d Json<'d>) -> Self {
        match json {
            Json::Null => Val::Null,
            Json::Bool(b) => Val::Bool(*b),
            Json::Number(n) => Val::Number(*n),
            Json::String(s) => Val::String(Text::borrowed(s)),
            Json::Code(s) => Val::Code(s),
            Json::Array(items) => Val::Array(List::Borrowed(items)),
            Json::Object(properties) => Val::Object(Map::Borrowed(properties)),
        }
    }
}
