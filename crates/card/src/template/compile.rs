//! Compiles a template into a program in which everything static is JSON text already. The text is in the order of the
//! card, so that adjacent static parts are one piece.

use super::error::CompileError;
use super::node::{Code, Condition, Context, Location, Object, Part, Program, Root, Span};
use super::pointers::{PointerStep, PointerTree, StepId};
use super::reads::Reads;
use super::strings::{ParsedString, has_code};
use crate::eval::Folding;
use crate::json::{Json, push_json, push_string};
use crate::syntax::{Expr, Piece, Scratch};
use std::borrow::Cow;

/// Keys that are never output, beside `$data` and `$when`.
const RESERVED: [&str; 4] = ["$root", "$index", "$host", "$_acTemplateVersion"];

/// Properties of the whole template.
pub(super) struct Facts {
    pub(super) reads: Reads,
    pub(super) mutates: bool,
}

pub(super) fn compile(json: &Json<'_>, name: &str) -> Result<(Program, Facts), CompileError> {
    let facts = Facts {
        reads: Reads::DataOnly,
        mutates: false,
    };
    let mut compiler = Compiler {
        name,
        pointers: PointerTree::default(),
        here: PointerTree::ROOT,
        depth: 0,
        text: String::with_capacity(1_024),
        run: 0,
        parts: Vec::with_capacity(16),
        pieces: Vec::new(),
        scratch: Scratch::default(),
        folding: Folding::default(),
        facts,
    };
    let root = compiler.root(json)?;
    let program = Program {
        root,
        text: compiler.text.into(),
        pointers: compiler.pointers,
    };
    Ok((program, compiler.facts))
}

/// The position of a value.
#[derive(Clone, Copy)]
enum ValueSlot<'j> {
    Root,
    Property(&'j str),
    Item,
}

/// What precedes a property or item in its object or array.
#[derive(Clone, Copy, PartialEq)]
enum Preceding {
    Nothing,
    /// Only values that may be left out.
    Optional,
    Certain,
}

pub(super) struct Compiler<'j, 'n> {
    pub(super) name: &'n str,
    pub(super) pointers: PointerTree,
    /// The current position, and its depth.
    pub(super) here: StepId,
    depth: usize,
    pub(super) text: String,
    /// Start of the static text that is in no part yet.
    run: usize,
    /// The parts of the objects that are open, so that the body of each is allocated once.
    pub(super) parts: Vec<Part>,
    pub(super) pieces: Vec<Piece<'j>>,
    pub(super) scratch: Scratch,
    pub(super) folding: Folding,
    pub(super) facts: Facts,
}

impl<'j> Compiler<'j, '_> {
    fn root(&mut self, json: &'j Json<'_>) -> Result<Root, CompileError> {
        match json {
            Json::String(text) if has_code(text) => {
                if let ParsedString::Whole(expr) = self.parse_string(text)? {
                    return Ok(Root::Value(self.with_location(expr)));
                }
                self.string();
            }
            Json::Object(properties) if is_conditional(properties) => {
                return Ok(Root::Object(self.conditional(properties)?));
            }
            other => self.write(other, ValueSlot::Root, &mut { Preceding::Nothing })?,
        }
        self.flush();
        Ok(Root::Parts(self.parts.drain(..).collect()))
    }

    /// Compiles a value: static content to text, everything else to parts.
    fn write(
        &mut self,
        json: &'j Json<'_>,
        slot: ValueSlot<'j>,
        preceding: &mut Preceding,
    ) -> Result<(), CompileError> {
        match json {
            Json::String(text) if has_code(text) => match self.parse_string(text)? {
                ParsedString::Whole(expr) => {
                    self.flush();
                    let code = self.with_location(expr);
                    let part = match slot {
                        ValueSlot::Root | ValueSlot::Item => Part::Item(code),
                        ValueSlot::Property(key) => {
                            self.key(key);
                            let name = self.since(self.run);
                            self.run = self.text.len();
                            Part::Property(name, code)
                        }
                    };
                    self.parts.push(part);
                    if *preceding == Preceding::Nothing {
                        *preceding = Preceding::Optional;
                    }
                }
                ParsedString::Pieces => {
                    self.open(slot, preceding);
                    self.string();
                }
            },
            Json::Object(properties) if is_conditional(properties) => {
                if let ValueSlot::Property(_) = slot {
                    self.open(slot, preceding);
                } else if *preceding == Preceding::Nothing {
                    *preceding = Preceding::Optional;
                }
                self.flush();
                let object = self.conditional(properties)?;
                self.parts.push(match slot {
                    ValueSlot::Root | ValueSlot::Item => Part::Items(object),
                    ValueSlot::Property(_) => Part::Object(object),
                });
            }
            Json::Object(properties) => {
                self.open(slot, preceding);
                self.properties(properties)?;
            }
            Json::Array(items) => {
                self.open(slot, preceding);
                self.text.push('[');
                self.items(items, &mut { Preceding::Nothing })?;
                self.text.push(']');
            }
            Json::String(text) => {
                self.open(slot, preceding);
                push_string(&mut self.text, text);
            }
            scalar => {
                self.open(slot, preceding);
                push_json(&mut self.text, scalar);
            }
        }
        Ok(())
    }

    /// Writes the comma and key before a value that is certain to be output.
    fn open(&mut self, slot: ValueSlot<'j>, preceding: &mut Preceding) {
        match preceding {
            Preceding::Nothing => {}
            Preceding::Optional => {
                self.flush();
                self.parts.push(Part::Comma);
            }
            Preceding::Certain => self.text.push(','),
        }
        *preceding = Preceding::Certain;
        if let ValueSlot::Property(key) = slot {
            self.key(key);
        }
    }

    fn key(&mut self, key: &str) {
        push_string(&mut self.text, key);
        self.text.push(':');
    }

    /// Makes a part of the static text since the last part.
    pub(super) fn flush(&mut self) {
        if self.run < self.text.len() {
            self.parts.push(Part::Static(self.since(self.run)));
            self.run = self.text.len();
        }
    }

    fn since(&self, start: usize) -> Span {
        Span {
            start,
            end: self.text.len(),
        }
    }

    fn at<T>(
        &mut self,
        step: PointerStep<'_>,
        work: impl FnOnce(&mut Self) -> Result<T, CompileError>,
    ) -> Result<T, CompileError> {
        let preceding = self.here;
        self.here = self.pointers.add(preceding, step);
        self.depth += 1;
        let result = work(self);
        self.here = preceding;
        self.depth -= 1;
        result
    }

    pub(super) fn location(&self) -> Location {
        Location {
            step: self.here,
            depth: self.depth,
        }
    }

    pub(super) fn with_location(&self, expr: Expr) -> Code {
        Code {
            expr,
            location: self.location(),
        }
    }

    /// The items of an array. Nulls are removed and nested arrays are flattened.
    fn items(&mut self, items: &'j [Json<'_>], preceding: &mut Preceding) -> Result<(), CompileError> {
        for (at, item) in items.iter().enumerate() {
            self.at(PointerStep::Index(at), |c| match item {
                Json::Null => Ok(()),
                Json::Array(inner) => c.items(inner, preceding),
                item => c.write(item, ValueSlot::Item, preceding),
            })?;
        }
        Ok(())
    }

    fn properties(&mut self, properties: &'j [(Cow<'_, str>, Json<'_>)]) -> Result<(), CompileError> {
        self.text.push('{');
        let mut preceding = Preceding::Nothing;
        for (key, value) in properties {
            let step = PointerStep::Key(key);
            match &**key {
                "$data" | "$when" => {}
                key if key.starts_with('$') && RESERVED.contains(&key) => {
                    // Not output, but its strings must still be expressions.
                    let (parts, text, run) = (self.parts.len(), self.text.len(), self.run);
                    self.at(step, |c| {
                        c.write(value, ValueSlot::Item, &mut { Preceding::Nothing })
                    })?;
                    self.parts.truncate(parts);
                    self.text.truncate(text);
                    self.run = run;
                }
                key => self.at(step, |c| c.write(value, ValueSlot::Property(key), &mut preceding))?,
            }
        }
        self.text.push('}');
        Ok(())
    }

    /// An object with `$data` or `$when`. The static text must have been flushed.
    fn conditional(
        &mut self,
        properties: &'j [(Cow<'_, str>, Json<'_>)],
    ) -> Result<Box<Object>, CompileError> {
        let mut context = Context::Inherited;
        let mut condition = Condition::Always;
        for (key, value) in properties {
            match &**key {
                "$data" => context = self.at(PointerStep::Key(key), |c| c.context(value))?,
                "$when" => condition = self.at(PointerStep::Key(key), |c| c.condition(value))?,
                _ => {}
            }
        }
        let first = self.parts.len();
        self.properties(properties)?;
        self.flush();
        Ok(Box::new(Object {
            context,
            condition,
            body: self.parts.drain(first..).collect(),
            location: self.location(),
        }))
    }

    fn context(&mut self, value: &'j Json<'_>) -> Result<Context, CompileError> {
        if let Json::String(text) = value
            && has_code(text)
        {
            return Ok(Context::Code(self.code(text)?));
        }
        Ok(Context::Literal(self.literal(value)?))
    }

    /// Literal data. Strings with `${` in it are parsed but never evaluated; they print as canonical text.
    fn literal(&mut self, value: &'j Json<'_>) -> Result<Json<'static>, CompileError> {
        Ok(match value {
            Json::String(text) if has_code(text) => Json::Code(self.code(text)?.expr.to_string().into()),
            Json::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    out.push(self.at(PointerStep::Index(at), |c| c.literal(item))?);
                }
                Json::Array(out)
            }
            Json::Object(properties) => {
                let mut out = Vec::with_capacity(properties.len());
                for (key, item) in properties {
                    let item = self.at(PointerStep::Key(key), |c| c.literal(item))?;
                    out.push((key.to_string().into(), item));
                }
                Json::Object(out)
            }
            other => other.clone().into_owned(),
        })
    }

    fn condition(&mut self, value: &'j Json<'_>) -> Result<Condition, CompileError> {
        if let Json::String(text) = value
            && has_code(text)
        {
            return Ok(Condition::Code(self.code(text)?));
        }
        self.literal(value)?;
        Ok(match value {
            Json::Null | Json::Bool(false) => Condition::Always,
            Json::Number(n) if *n == 0.0 => Condition::Always,
            Json::String(s) if s.is_empty() => Condition::Always,
            _ => Condition::Never,
        })
    }
}

/// Whether an object may be left out or repeated.
fn is_conditional(properties: &[(Cow<'_, str>, Json<'_>)]) -> bool {
    properties
        .iter()
        .any(|(key, _)| matches!(&**key, "$data" | "$when"))
}
