//! A document becomes a program in which everything static is text already. The text is written in the
//! order of the card, so that what stands side by side is one piece.

use super::error::CompileError;
use super::node::{Code, Condition, Context, Object, Part, Place, Program, Root, Span};
use super::reads::Reads;
use super::strings::{Source, has_code};
use super::trail::{Step, StepId, Trail};
use crate::eval::Folding;
use crate::json::{Json, push_json, push_string};
use crate::syntax::{Expr, Piece, Scratch};
use std::borrow::Cow;

/// Keys that are never output, beside `$data` and `$when`.
const RESERVED: [&str; 4] = ["$root", "$index", "$host", "$_acTemplateVersion"];

/// What is known of the whole template.
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
        trail: Trail::default(),
        here: Trail::ROOT,
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
        trail: compiler.trail,
    };
    Ok((program, compiler.facts))
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum Slot<'j> {
    Root,
    Member(&'j str),
    Item,
}

/// What stands before a member or item in its object or list.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    /// Only what may be left out.
    Perhaps,
    Something,
}

pub(super) struct Compiler<'j, 'n> {
    pub(super) name: &'n str,
    pub(super) trail: Trail,
    /// The step of the trail that leads to where the compiler is, and how many lead to it.
    pub(super) here: StepId,
    depth: usize,
    pub(super) text: String,
    /// Where the static text begins that no part has yet.
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
                if let Source::Whole(expr) = self.source(text)? {
                    return Ok(Root::Value(self.placed(expr)));
                }
                self.string();
            }
            Json::Object(members) if is_conditional(members) => {
                return Ok(Root::Object(self.conditional(members)?));
            }
            other => self.write(other, Slot::Root, &mut { Before::Nothing })?,
        }
        self.flush();
        Ok(Root::Parts(self.parts.drain(..).collect()))
    }

    /// Writes a value of the card: static text to the text, anything else as parts.
    fn write(&mut self, json: &'j Json<'_>, slot: Slot<'j>, before: &mut Before) -> Result<(), CompileError> {
        match json {
            Json::String(text) if has_code(text) => match self.source(text)? {
                Source::Whole(expr) => {
                    self.flush();
                    let code = self.placed(expr);
                    let part = match slot {
                        Slot::Root | Slot::Item => Part::Item(code),
                        Slot::Member(key) => {
                            self.key(key);
                            let name = self.since(self.run);
                            self.run = self.text.len();
                            Part::Member(name, code)
                        }
                    };
                    self.parts.push(part);
                    if *before == Before::Nothing {
                        *before = Before::Perhaps;
                    }
                }
                Source::Pieces => {
                    self.open(slot, before);
                    self.string();
                }
            },
            Json::Object(members) if is_conditional(members) => {
                if let Slot::Member(_) = slot {
                    self.open(slot, before);
                } else if *before == Before::Nothing {
                    *before = Before::Perhaps;
                }
                self.flush();
                let object = self.conditional(members)?;
                self.parts.push(match slot {
                    Slot::Root | Slot::Item => Part::Items(object),
                    Slot::Member(_) => Part::Object(object),
                });
            }
            Json::Object(members) => {
                self.open(slot, before);
                self.members(members)?;
            }
            Json::Array(items) => {
                self.open(slot, before);
                self.text.push('[');
                self.items(items, &mut { Before::Nothing })?;
                self.text.push(']');
            }
            Json::String(text) => {
                self.open(slot, before);
                push_string(&mut self.text, text);
            }
            scalar => {
                self.open(slot, before);
                push_json(&mut self.text, scalar);
            }
        }
        Ok(())
    }

    /// Writes what stands before a value that is certain to be written.
    fn open(&mut self, slot: Slot<'j>, before: &mut Before) {
        match before {
            Before::Nothing => {}
            Before::Perhaps => {
                self.flush();
                self.parts.push(Part::Comma);
            }
            Before::Something => self.text.push(','),
        }
        *before = Before::Something;
        if let Slot::Member(key) = slot {
            self.key(key);
        }
    }

    fn key(&mut self, key: &str) {
        push_string(&mut self.text, key);
        self.text.push(':');
    }

    /// Makes a part of the static text so far.
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
        step: Step<'_>,
        work: impl FnOnce(&mut Self) -> Result<T, CompileError>,
    ) -> Result<T, CompileError> {
        let before = self.here;
        self.here = self.trail.add(before, step);
        self.depth += 1;
        let result = work(self);
        self.here = before;
        self.depth -= 1;
        result
    }

    pub(super) fn place(&self) -> Place {
        Place {
            step: self.here,
            depth: self.depth,
        }
    }

    pub(super) fn placed(&self, expr: Expr) -> Code {
        Code {
            expr,
            place: self.place(),
        }
    }

    /// The items of a list. Nulls are removed, and the items of lists in it are its own.
    fn items(&mut self, items: &'j [Json<'_>], before: &mut Before) -> Result<(), CompileError> {
        for (at, item) in items.iter().enumerate() {
            self.at(Step::Index(at), |c| match item {
                Json::Null => Ok(()),
                Json::Array(inner) => c.items(inner, before),
                item => c.write(item, Slot::Item, before),
            })?;
        }
        Ok(())
    }

    fn members(&mut self, members: &'j [(Cow<'_, str>, Json<'_>)]) -> Result<(), CompileError> {
        self.text.push('{');
        let mut before = Before::Nothing;
        for (key, value) in members {
            let step = Step::Key(key);
            match &**key {
                "$data" | "$when" => {}
                key if key.starts_with('$') && RESERVED.contains(&key) => {
                    // Not output, but its strings must still be expressions.
                    let (parts, text, run) = (self.parts.len(), self.text.len(), self.run);
                    self.at(step, |c| c.write(value, Slot::Item, &mut { Before::Nothing }))?;
                    self.parts.truncate(parts);
                    self.text.truncate(text);
                    self.run = run;
                }
                key => self.at(step, |c| c.write(value, Slot::Member(key), &mut before))?,
            }
        }
        self.text.push('}');
        Ok(())
    }

    /// An object with `$data` or `$when`. No static text may be left that no part has.
    fn conditional(&mut self, members: &'j [(Cow<'_, str>, Json<'_>)]) -> Result<Box<Object>, CompileError> {
        let mut context = Context::Inherited;
        let mut condition = Condition::Always;
        for (key, value) in members {
            match &**key {
                "$data" => context = self.at(Step::Key(key), |c| c.context(value))?,
                "$when" => condition = self.at(Step::Key(key), |c| c.condition(value))?,
                _ => {}
            }
        }
        let first = self.parts.len();
        self.members(members)?;
        self.flush();
        Ok(Box::new(Object {
            context,
            condition,
            body: self.parts.drain(first..).collect(),
            place: self.place(),
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
                    out.push(self.at(Step::Index(at), |c| c.literal(item))?);
                }
                Json::Array(out)
            }
            Json::Object(members) => {
                let mut out = Vec::with_capacity(members.len());
                for (key, item) in members {
                    let item = self.at(Step::Key(key), |c| c.literal(item))?;
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

/// Whether an object can be left out or repeated.
fn is_conditional(members: &[(Cow<'_, str>, Json<'_>)]) -> bool {
    members.iter().any(|(key, _)| matches!(&**key, "$data" | "$when"))
}
