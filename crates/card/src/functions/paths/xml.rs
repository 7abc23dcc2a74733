//! A value as indented XML: properties are elements, arrays repeat their element.

use crate::budget::Budget;
use crate::eval::Fail;
use crate::value::{Text, Val, js_string};

pub(super) fn document(budget: &Budget, value: &Val<'_>) -> Result<String, Fail> {
    let mut writer = Writer {
        budget,
        out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"),
    };
    match value {
        Val::Object(map) => {
            for (key, property) in map.iter(budget)? {
                writer.element(&key, &property, 0)?;
            }
        }
        Val::Array(items) => {
            for (at, item) in items.iter(budget)?.enumerate() {
                writer.element(&at.to_string(), &item, 0)?;
            }
        }
        Val::String(text) => {
            for (at, unit) in text.chars().enumerate() {
                let mut bytes = [0; 4];
                let unit = Val::String(Text::borrowed(unit.encode_utf8(&mut bytes)));
                writer.element(&at.to_string(), &unit, 0)?;
            }
        }
        _ => {}
    }
    let end = writer.out.trim_end_matches(crate::number::is_js_space).len();
    writer.out.truncate(end);
    Ok(writer.out)
}

struct Writer<'b> {
    budget: &'b Budget,
    out: String,
}

impl Writer<'_> {
    /// Checks that `bytes` more fit.
    fn grow(&self, bytes: usize) -> Result<(), Fail> {
        self.budget.step()?;
        self.budget.bytes(bytes)?;
        self.budget.check_available(self.out.len() + bytes)
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    /// The opening tag, with its indentation.
    fn open(&mut self, name: &str, depth: usize) -> Result<(), Fail> {
        self.grow(2 * depth + name.len() + 4)?;
        self.indent(depth);
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Fail> {
        self.grow(name.len() + 4)?;
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
        Ok(())
    }

    fn element(&mut self, name: &str, value: &Val<'_>, depth: usize) -> Result<(), Fail> {
        let budget = self.budget;
        let _level = budget.level()?;
        match value {
            Val::Undefined => {}
            Val::Null => {
                self.open(name, depth)?;
                // `<name/>` instead of `<name>`.
                self.out.insert(self.out.len() - 1, '/');
                self.out.push('\n');
            }
            Val::Array(items) => {
                for item in items.iter(budget)? {
                    match item {
                        // An array in an array is an object whose keys are its indices.
                        Val::Array(inner) => self.nested(name, depth, |w| {
                            for (at, item) in inner.iter(budget)?.enumerate() {
                                w.element(&at.to_string(), &item, depth + 1)?;
                            }
                            Ok(())
                        })?,
                        other => self.element(name, &other, depth)?,
                    }
                }
            }
            Val::Object(map) => self.nested(name, depth, |w| {
                for (key, property) in map.iter(budget)? {
                    if &*key == "#text" {
                        w.text(&property)?;
                    } else {
                        w.element(&key, &property, depth + 1)?;
                    }
                }
                Ok(())
            })?,
            scalar => {
                self.open(name, depth)?;
                self.text(scalar)?;
                self.close(name)?;
            }
        }
        Ok(())
    }

    fn nested(
        &mut self,
        name: &str,
        depth: usize,
        write: impl FnOnce(&mut Self) -> Result<(), Fail>,
    ) -> Result<(), Fail> {
        self.open(name, depth)?;
        let start = self.out.len();
        self.out.push('\n');
        write(self)?;
        if self.out.len() == start + 1 {
            self.out.truncate(start);
        } else if self.out.ends_with('\n') {
            self.grow(2 * depth)?;
            self.indent(depth);
        }
        self.close(name)
    }

    fn text(&mut self, value: &Val<'_>) -> Result<(), Fail> {
        let text = js_string(self.budget, value)?;
        self.grow(text.len().saturating_mul(6))?;
        escape(&mut self.out, &text);
        Ok(())
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '>' => out.push_str("&gt;"),
            '<' => out.push_str("&lt;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}
