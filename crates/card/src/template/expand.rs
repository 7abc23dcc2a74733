//! Expansion: the compiled tree and the data become card text in one pass.

use super::node::{Code, Condition, Context, Member, Node, Object, Shape};
use super::{Data, Presence};
use crate::eval::{CardMemory, Cx, Fail, FailKind, Frame, Memory, Outcome};
use crate::json::{MAX_DEPTH, push_escaped};
use crate::syntax::Expr;
use crate::value::{Val, push_js_string, push_value, thaw};

/// A failure and where it happened.
pub(super) struct Fault {
    pub(super) fail: Fail,
    pub(super) pointer: String,
    pub(super) expression: String,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// Nothing; a member with it is left out.
    Undefined,
    Null,
    /// A list; inside a list its items stand alone.
    List,
    Other,
}

/// Where a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// As a member or the root.
    Alone,
    /// In a list: lists are written without their brackets.
    Item,
}

pub(super) fn expand<'d>(
    root: &'d Node,
    data: &Data<'d>,
    mutates: bool,
    out: &mut String,
) -> Result<Presence, Fault> {
    let own = |json: Option<&'d crate::Json<'d>>| {
        let value = json.map_or(Val::Undefined, Val::from);
        if mutates { thaw(value) } else { value }
    };
    let memory = CardMemory {
        root: own(data.data),
        data: Val::Undefined,
        index: None,
        host: own(data.host),
    };
    let cx = Cx::new(data.environment, &data.limits, data.substitution);
    let limit = out.len().saturating_add(data.limits.output);
    let mut writer = Writer {
        cx: &cx,
        out,
        limit,
        mutates,
    };
    match writer.node(root, &Memory::Card(memory), Place::Alone, 0)? {
        Written::Undefined => {
            writer.out.push_str("null");
            Ok(Presence::Undefined)
        }
        _ => Ok(Presence::Value),
    }
}

struct Writer<'w, 'd> {
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
    fn fault(&self, fail: Fail, code: &Code) -> Fault {
        Fault {
            fail,
            pointer: code.pointer.to_string(),
            expression: code.expr.to_string(),
        }
    }

    fn check(&self, pointer: &str, depth: usize) -> Result<(), Fault> {
        let message = if depth > MAX_DEPTH {
            format!("the card is nested deeper than {MAX_DEPTH} levels")
        } else if self.out.len() > self.limit {
            "the card is longer than one expansion may be".to_owned()
        } else {
            return self.cx.step().map_err(|fail| Fault {
                fail,
                pointer: pointer.to_owned(),
                expression: String::new(),
            });
        };
        Err(Fault {
            fail: Fail::limit(message),
            pointer: pointer.to_owned(),
            expression: String::new(),
        })
    }

    fn node(
        &mut self,
        node: &'d Node,
        memory: &Memory<'d>,
        place: Place,
        depth: usize,
    ) -> Result<Written, Fault> {
        match node {
            Node::Static { text, shape } => {
                self.cx.charge(text.len()).map_err(|fail| Fault {
                    fail,
                    pointer: String::new(),
                    expression: String::new(),
                })?;
                let (text, written) = match (shape, place) {
                    (Shape::Null, _) => (&**text, Written::Null),
                    (Shape::Other, _) => (&**text, Written::Other),
                    (Shape::List | Shape::EmptyList, Place::Alone) => (&**text, Written::List),
                    (Shape::List | Shape::EmptyList, Place::Item) => {
                        (&text[1..text.len() - 1], Written::List)
                    }
                };
                self.out.push_str(text);
                Ok(written)
            }
            Node::Dynamic(code) => self.dynamic(code, memory, place, depth),
            Node::Array(items) => self.array(items, memory, place, depth),
            Node::Object(object) => self.object(object, memory, place, depth),
        }
    }

    fn array(
        &mut self,
        items: &'d [Node],
        memory: &Memory<'d>,
        place: Place,
        depth: usize,
    ) -> Result<Written, Fault> {
        self.check("", depth)?;
        if place == Place::Alone {
            self.out.push('[');
        }
        let mut any = false;
        for item in items {
            self.item(&mut any, |w| w.node(item, memory, Place::Item, depth + 1))?;
        }
        if place == Place::Alone {
            self.out.push(']');
        }
        Ok(Written::List)
    }

    /// Writes an item of a list with the comma before it; nulls and empty lists leave nothing.
    fn item(
        &mut self,
        any: &mut bool,
        write: impl FnOnce(&mut Self) -> Result<Written, Fault>,
    ) -> Result<Written, Fault> {
        let start = self.out.len();
        if *any {
            self.out.push(',');
        }
        let content = self.out.len();
        let written = write(self)?;
        match written {
            Written::Undefined => self.out.push_str("null"),
            Written::Null => self.out.truncate(start),
            Written::List | Written::Other => {}
        }
        if self.out.len() > content {
            *any = true;
        } else {
            self.out.truncate(start);
        }
        Ok(written)
    }

    fn object(
        &mut self,
        object: &'d Object,
        memory: &Memory<'d>,
        place: Place,
        depth: usize,
    ) -> Result<Written, Fault> {
        self.check(&object.pointer, depth)?;
        let data = match &object.context {
            Context::Inherited => return self.once(object, memory, depth),
            Context::Code(code) => self
                .evaluate(code, Frame::substituting(memory))
                .map_err(|fail| self.fault(fail, code))?,
            Context::Literal(json) => {
                let value = Val::from(&**json);
                if self.mutates { thaw(value) } else { value }
            }
        };
        let Some(outer) = card(memory) else {
            return Ok(Written::Undefined);
        };
        let Val::Array(items) = data else {
            let data = if data.is_undefined() {
                outer.data.clone()
            } else {
                data
            };
            return self.once(
                object,
                &Memory::Card(CardMemory {
                    data,
                    ..outer.clone()
                }),
                depth,
            );
        };
        // One value stands alone, two or more are a list: the bracket is put in once that is known.
        let start = self.out.len();
        let mut any = false;
        let mut kept = 0;
        let mut inner = outer.clone();
        for at in 0.. {
            let Some(item) = items.get(at) else { break };
            inner.index = Some(at);
            if !item.is_undefined() {
                inner.data = item;
            }
            let memory = Memory::Card(inner);
            let written = self.item(&mut any, |w| w.once(object, &memory, depth))?;
            kept += usize::from(written != Written::Null);
            match memory {
                Memory::Card(card) => inner = card,
                Memory::Scope(_) => break,
            }
        }
        match (kept, place) {
            (0, _) => {
                self.out.push_str("null");
                Ok(Written::Null)
            }
            (1, _) => Ok(Written::Other),
            (_, Place::Item) => Ok(Written::List),
            (_, Place::Alone) => {
                self.out.insert(start, '[');
                self.out.push(']');
                Ok(Written::List)
            }
        }
    }

    /// Writes an object for one context, or null when its condition does not hold.
    fn once(&mut self, object: &'d Object, memory: &Memory<'d>, depth: usize) -> Result<Written, Fault> {
        if !self.holds(&object.condition, memory)? {
            self.out.push_str("null");
            return Ok(Written::Null);
        }
        self.check(&object.pointer, depth)?;
        self.out.push('{');
        let mut any = false;
        for member in &object.members {
            let start = self.out.len();
            if any {
                self.out.push(',');
            }
            match member {
                Member::Static(text) => {
                    self.out.push_str(text);
                    any = true;
                }
                Member::Dynamic(key, node) => {
                    self.out.push_str(key);
                    if self.node(node, memory, Place::Alone, depth + 1)? == Written::Undefined {
                        self.out.truncate(start);
                    } else {
                        any = true;
                    }
                }
            }
        }
        self.out.push('}');
        Ok(Written::Other)
    }

    fn holds(&self, condition: &Condition, memory: &Memory<'d>) -> Result<bool, Fault> {
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

    fn dynamic(
        &mut self,
        code: &Code,
        memory: &Memory<'d>,
        place: Place,
        depth: usize,
    ) -> Result<Written, Fault> {
        self.check(&code.pointer, depth)?;
        let frame = Frame::substituting(memory);
        if let Expr::Call { function, args } = &code.expr
            && function.name == "concat"
        {
            return self.text(args, frame).map_err(|fail| self.fault(fail, code));
        }
        let value = self
            .cx
            .eval(frame, &code.expr)
            .map_err(|fail| self.fault(fail, code))?;
        self.value(&value, place, depth)
            .map_err(|fail| self.fault(fail, code))
    }

    fn value(&mut self, value: &Val<'d>, place: Place, depth: usize) -> Result<Written, Fail> {
        let start = self.out.len();
        let result = match (value, place) {
            (Val::Undefined, _) => return Ok(Written::Undefined),
            (Val::Array(items), Place::Item) => {
                // Only one level is spliced, and here nulls stay.
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    push_value(self.out, &item, depth).map_err(|_| self.cx.too_deep())?;
                }
                Written::List
            }
            _ => {
                push_value(self.out, value, depth).map_err(|_| self.cx.too_deep())?;
                match value {
                    Val::Array(_) => Written::List,
                    Val::Null => Written::Null,
                    _ => Written::Other,
                }
            }
        };
        self.cx.charge(self.out.len() - start)?;
        Ok(result)
    }

    /// Writes the parts of an interpolated text. A part that fails is written as its source.
    fn text(&mut self, parts: &[Expr], frame: Frame<'_, 'd>) -> Result<Written, Fail> {
        let start = self.out.len();
        self.out.push('"');
        let mut buffer = String::new();
        for part in parts {
            if let Expr::Const(crate::syntax::Const::String(text)) = part {
                push_escaped(self.out, text);
                continue;
            }
            buffer.clear();
            self.part(part, frame, &mut buffer)?;
            push_escaped(self.out, &buffer);
        }
        self.out.push('"');
        self.cx.charge(self.out.len() - start)?;
        Ok(Written::Other)
    }

    fn part(&self, part: &Expr, frame: Frame<'_, 'd>, out: &mut String) -> Result<(), Fail> {
        match self.cx.eval(frame, part) {
            Ok(value) if value.is_nullish() => {
                let what = if value.is_undefined() { "missing" } else { "null" };
                Err(Fail::throw(format!(
                    "`{part}` is {what}, which cannot be part of a text"
                )))
            }
            Ok(value) => push_js_string(out, &value, 0).map_err(|_| self.cx.too_deep()),
            Err(fail) if fail.kind() == FailKind::Limit => Err(fail),
            Err(_) => {
                out.push_str("${");
                out.push_str(&part.to_string());
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
                self.part(part, frame, &mut text)?;
            }
            return Ok(Val::string(text));
        }
        self.cx.eval(frame, &code.expr)
    }
}
