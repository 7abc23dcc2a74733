//! Expansion: writes the card's JSON from the compiled template and the data, in one pass.

use super::node::{Code, Condition, Context, Location, Object, Part, Program, Root};
use super::{Data, Presence};
use crate::eval::{CardMemory, Cx, Fail, FailKind, Frame, Memory, Outcome};
use crate::json::{MAX_DEPTH, push_escaped};
use crate::number::push_number;
use crate::syntax::Expr;
use crate::value::{Printer, Val, thaw};

/// A failure and where it happened.
pub(super) struct ExpandFault {
    pub(super) fail: Fail,
    pub(super) pointer: String,
    pub(super) expression: String,
}

/// The result of writing; boxed, as errors are rare and large.
type ExpandResult<T> = Result<T, Box<ExpandFault>>;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// Nothing; a property with it is left out.
    Undefined,
    Null,
    /// Anything else.
    Value,
}

/// Where a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// As a property or the root.
    Alone,
    /// In an array: arrays are written without their brackets.
    Item,
}

pub(super) fn expand<'d>(
    program: &'d Program,
    data: &Data<'d>,
    mutates: bool,
    out: &mut String,
) -> ExpandResult<Presence> {
    let cx = Cx::new(data.environment, &data.limits, data.substitution);
    let own = |json: Option<&'d crate::Json<'d>>| {
        let value = json.map_or(Val::Undefined, Val::from);
        let value = if mutates {
            thaw(&cx.budget, value)
        } else {
            Ok(value)
        };
        value.map_err(|fail| {
            Box::new(ExpandFault {
                fail,
                pointer: String::new(),
                expression: String::new(),
            })
        })
    };
    let memory = Memory::Card(CardMemory {
        root: own(data.data)?,
        data: Val::Undefined,
        index: None,
        host: own(data.host)?,
    });
    let limit = out.len().saturating_add(data.limits.output);
    let mut writer = Writer {
        program,
        cx: &cx,
        out,
        limit,
        mutates,
    };
    let written = match &program.root {
        Root::Value(code) => writer.code(code, &memory, Slot::Alone)?,
        Root::Object(object) => writer.object(object, &memory, Slot::Alone)?,
        Root::Parts(parts) => {
            writer.parts(parts, &memory, Location::ROOT)?;
            Written::Value
        }
    };
    if written == Written::Undefined {
        writer.out.push_str("null");
        return Ok(Presence::Undefined);
    }
    Ok(Presence::Value)
}

struct Writer<'w, 'd> {
    program: &'d Program,
    cx: &'w Cx<'d>,
    out: &'w mut String,
    limit: usize,
    mutates: bool,
}

fn card<'m, 'd>(memory: &'m Memory<'d>) -> Option<&'m CardMemory<'d>> {
    match memory {
        Memory::Card(card) => Some(card),
        Memory::Scope(_) => None,
    }
}

impl<'d> Writer<'_, 'd> {
    #[cold]
    fn fault(&self, fail: Fail, code: &Code) -> Box<ExpandFault> {
        Box::new(ExpandFault {
            fail,
            pointer: self.program.pointer(code.location),
            expression: code.expr.to_string(),
        })
    }

    /// A limit that was not reached in an expression.
    #[cold]
    fn limited(&self, fail: Fail, location: Location) -> Box<ExpandFault> {
        Box::new(ExpandFault {
            fail,
            pointer: self.program.pointer(location),
            expression: String::new(),
        })
    }

    /// Counts a step, and checks the depth and length of the card.
    fn check(&self, location: Location) -> ExpandResult<()> {
        if location.depth <= MAX_DEPTH && self.out.len() <= self.limit {
            return self.cx.budget.step().map_err(|fail| self.limited(fail, location));
        }
        let fail = Fail::limit(if location.depth > MAX_DEPTH {
            format!("the card is nested deeper than {MAX_DEPTH} levels; nest fewer arrays and objects")
        } else {
            "the card grows longer than a card may be; repeat over less data, or write shorter strings"
                .to_owned()
        });
        Err(self.limited(fail, location))
    }

    /// Writes the parts of the value at `location`.
    fn parts(&mut self, parts: &'d [Part], memory: &Memory<'d>, location: Location) -> ExpandResult<()> {
        for part in parts {
            match part {
                Part::Static(span) => {
                    let text = self.program.text(*span);
                    self.cx
                        .budget
                        .bytes(text.len())
                        .map_err(|fail| self.limited(fail, location))?;
                    self.out.push_str(text);
                }
                Part::Text(code) => self.text(code, memory)?,
                Part::Comma => self.comma(),
                Part::Property(name, code) => {
                    let start = self.out.len();
                    self.comma();
                    self.out.push_str(self.program.text(*name));
                    if self.code(code, memory, Slot::Alone)? == Written::Undefined {
                        self.out.truncate(start);
                    }
                }
                Part::Item(code) => {
                    self.item(|w| w.code(code, memory, Slot::Item))?;
                }
                Part::Items(object) => {
                    self.item(|w| w.object(object, memory, Slot::Item))?;
                }
                Part::Object(object) => {
                    self.object(object, memory, Slot::Alone)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a comma unless the array or object has just been opened, or there is a comma already.
    fn comma(&mut self) {
        if !matches!(self.out.as_bytes().last(), Some(b'[' | b'{' | b',')) {
            self.out.push(',');
        }
    }

    /// Writes an item of an array with the comma before it; nulls and empty arrays are left out.
    fn item(&mut self, write: impl FnOnce(&mut Self) -> ExpandResult<Written>) -> ExpandResult<Written> {
        let start = self.out.len();
        self.comma();
        let content = self.out.len();
        let written = write(self)?;
        match written {
            Written::Undefined => self.out.push_str("null"),
            Written::Null => self.out.truncate(start),
            Written::Value if self.out.len() == content => self.out.truncate(start),
            Written::Value => {}
        }
        Ok(written)
    }

    /// Writes an object once, for each item of its `$data`, or not at all.
    fn object(&mut self, object: &'d Object, memory: &Memory<'d>, slot: Slot) -> ExpandResult<Written> {
        self.check(object.location)?;
        let budget = &self.cx.budget;
        let _level = budget
            .level()
            .map_err(|fail| self.limited(fail, object.location))?;
        let data = match &object.context {
            Context::Inherited => return self.once(object, memory),
            Context::Code(code) => self
                .evaluate(code, Frame::substituting(memory))
                .map_err(|fail| self.fault(fail, code))?,
            Context::Literal(json) => {
                let value = Val::from(json);
                if self.mutates {
                    thaw(budget, value).map_err(|fail| self.limited(fail, object.location))?
                } else {
                    value
                }
            }
        };
        let Some(outer) = card(memory) else {
            return Ok(Written::Undefined);
        };
        let mut inner = Memory::Card(outer.clone());
        let Memory::Card(card) = &mut inner else {
            return Ok(Written::Undefined);
        };
        let Val::Array(items) = data else {
            if !data.is_undefined() {
                card.data = data;
            }
            return self.once(object, &inner);
        };
        // One result is written as itself, two or more as an array; inside an array they are spliced.
        let start = self.out.len();
        if slot == Slot::Alone {
            self.out.push('[');
        }
        let mut kept = 0;
        for at in 0.. {
            let Some(item) = items.get(at) else { break };
            self.check(object.location)?;
            if let Memory::Card(card) = &mut inner {
                card.index = Some(at);
                if !item.is_undefined() {
                    card.data = item;
                }
            }
            let written = self.item(|w| w.once(object, &inner))?;
            kept += usize::from(written != Written::Null);
        }
        match (kept, slot) {
            (0, _) => {
                self.out.truncate(start);
                self.out.push_str("null");
                return Ok(Written::Null);
            }
            (1, Slot::Alone) => {
                // The text after the bracket is moved.
                let moved = budget.bytes(self.out.len() - start);
                moved.map_err(|fail| self.limited(fail, object.location))?;
                self.out.remove(start);
            }
            (_, Slot::Alone) => self.out.push(']'),
            (_, Slot::Item) => {}
        }
        Ok(Written::Value)
    }

    /// Writes an object for one context, or null when its condition does not hold.
    fn once(&mut self, object: &'d Object, memory: &Memory<'d>) -> ExpandResult<Written> {
        if !self.holds(&object.condition, memory)? {
            self.out.push_str("null");
            return Ok(Written::Null);
        }
        self.check(object.location)?;
        self.parts(&object.body, memory, object.location)?;
        Ok(Written::Value)
    }

    fn holds(&self, condition: &Condition, memory: &Memory<'d>) -> ExpandResult<bool> {
        match condition {
            Condition::Always => Ok(true),
            Condition::Never => Ok(false),
            Condition::Code(code) => match self.cx.eval(Frame::plain(memory), &code.expr) {
                Ok(value) => Ok(matches!(value, Val::Bool(true))),
                Err(fail) if fail.is_error() => Ok(false),
                Err(fail) => Err(self.fault(fail, code)),
            },
        }
    }

    /// Writes the value of an expression.
    fn code(&mut self, code: &Code, memory: &Memory<'d>, slot: Slot) -> ExpandResult<Written> {
        self.check(code.location)?;
        self.cx
            .eval(Frame::substituting(memory), &code.expr)
            .and_then(|value| self.value(&value, slot, code.location.depth))
            .map_err(|fail| self.fault(fail, code))
    }

    fn value(&mut self, value: &Val<'d>, slot: Slot, depth: usize) -> Result<Written, Fail> {
        let budget = &self.cx.budget;
        let mut printer = Printer::up_to(budget, self.out, self.limit);
        match (value, slot) {
            (Val::Undefined, _) => return Ok(Written::Undefined),
            (Val::Array(items), Slot::Item) => {
                // Only one level is spliced, and nulls are kept here.
                for (at, item) in items.iter(budget)?.enumerate() {
                    if at > 0 {
                        printer.comma();
                    }
                    printer.json(&item, depth)?;
                }
            }
            _ => printer.json(value, depth)?,
        }
        Ok(match value {
            Val::Null => Written::Null,
            _ => Written::Value,
        })
    }

    /// Writes a part of an interpolated text. One that fails is written as its source.
    fn text(&mut self, code: &Code, memory: &Memory<'d>) -> ExpandResult<()> {
        self.check(code.location)?;
        match self.cx.eval(Frame::substituting(memory), &code.expr) {
            Ok(Val::String(text)) => self.escaped(&text, code),
            Ok(Val::Number(n)) => {
                push_number(self.out, n);
                Ok(())
            }
            other => {
                let mut text = String::new();
                self.part(Frame::substituting(memory), &code.expr, other, &mut text)
                    .map_err(|fail| self.fault(fail, code))?;
                self.escaped(&text, code)
            }
        }
    }

    fn escaped(&mut self, text: &str, code: &Code) -> ExpandResult<()> {
        self.cx
            .budget
            .bytes(text.len())
            .map_err(|fail| self.fault(fail, code))?;
        push_escaped(self.out, text);
        Ok(())
    }

    /// Appends the text of a part whose result is `value`.
    fn part(
        &self,
        frame: Frame<'_, 'd>,
        part: &Expr,
        value: Outcome<'d>,
        out: &mut String,
    ) -> Result<(), Fail> {
        let budget = &self.cx.budget;
        match value {
            Ok(value) if value.is_nullish() => Err(Fail::no_text(self.cx, frame, part, &value)),
            Ok(value) => Printer::new(budget, out).js(&value),
            Err(fail) if fail.kind() == FailKind::Limit => Err(fail),
            Err(fail) if fail.kind() == FailKind::Lost && matches!(part, Expr::Element { .. }) => Err(fail),
            Err(_) => {
                let source = part.to_string();
                budget.allocate(source.len())?;
                out.push_str("${");
                out.push_str(&source);
                out.push('}');
                Ok(())
            }
        }
    }

    /// The value of `$data`: an interpolated text is joined as in the card.
    fn evaluate(&self, code: &Code, frame: Frame<'_, 'd>) -> Outcome<'d> {
        if let Expr::Call { function, args } = &code.expr
            && function.name == "concat"
        {
            let mut text = String::new();
            for part in args {
                self.part(frame, part, self.cx.eval(frame, part), &mut text)?;
            }
            return self.cx.budget.text(text);
        }
        self.cx.eval(frame, &code.expr)
    }
}
