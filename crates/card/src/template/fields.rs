//! Which fields of the data a template reads: for whoever warns of names that only one side has.

use super::Template;
use super::node::{Code, Condition, Context, Object, Part, Root};
use crate::functions::{Check, Run};
use crate::syntax::{Expr, Path, Step, closest};
use crate::value::{Text, Val, split_path};
use std::collections::{BTreeMap, BTreeSet};

/// The fields of the data's top level that a template reads, by its text alone.
///
/// ```
/// let card = r#"{"title": "${title}", "by": "${if(exists(by), by, 'nobody')}", "rows": [{"$data": "${rows}", "text": "${text}"}]}"#;
/// let fields = card::Template::parse(card, "card.json")?.fields();
/// assert!(fields.reads("Title") && fields.reads("by") && !fields.reads("text"));
/// // What it needs: it asks whether there is a `by`.
/// assert_eq!(fields.needed().collect::<Vec<_>>(), ["rows", "title"]);
/// assert_eq!(fields.closest("titel"), Some("title"));
/// # Ok::<(), card::CompileError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// By the name that look-ups compare, the name as it is written.
    read: BTreeMap<String, Box<str>>,
    needed: BTreeSet<Box<str>>,
    everything: bool,
}

impl Fields {
    /// Whether a field is read. Capitals don't count, and all are read where a name is computed or `$root` is passed on.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.everything || self.read.contains_key(&name.to_lowercase())
    }

    /// Whether any is.
    #[must_use]
    pub fn reads_any(&self) -> bool {
        self.everything || !self.read.is_empty()
    }

    /// The fields that are read without asking whether they are there, in order: where the data lack one, people see its name,
    /// or the card can't be filled.
    pub fn needed(&self) -> impl Iterator<Item = &str> {
        self.needed.iter().map(|name| &**name)
    }

    /// The field that was probably meant by a name.
    #[must_use]
    pub fn closest(&self, name: &str) -> Option<&str> {
        closest(name, self.read.values().map(|known| &**known))
    }

    /// Adds what another template reads, of the same card in another language.
    pub fn unite(&mut self, other: Self) {
        self.read.extend(other.read);
        self.needed.extend(other.needed);
        self.everything |= other.everything;
    }
}

impl Template {
    /// Which fields of the data it reads.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let mut finder = Finder::default();
        match &self.program.root {
            Root::Value(code) => finder.code(code),
            Root::Object(object) => finder.object(object),
            Root::Parts(parts) => finder.parts(parts),
        }
        finder.fields
    }
}

/// Where a name is looked up.
#[derive(Clone, Copy, Default, PartialEq)]
enum Scope {
    /// In all of the data.
    #[default]
    Root,
    /// In what a `$data` around it gave.
    Inner,
}

#[derive(Default)]
struct Finder {
    fields: Fields,
    scope: Scope,
    /// Fields that conditions around ask for, and names that functions give to items.
    asked: Vec<String>,
    items: Vec<String>,
    /// Whether a missing value does no harm here.
    asks: u32,
}

impl Finder {
    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Static(_) | Part::Comma => {}
                Part::Text(code) | Part::Property(_, code) | Part::Item(code) => self.code(code),
                Part::Items(object) | Part::Object(object) => self.object(object),
            }
        }
    }

    fn code(&mut self, code: &Code) {
        self.expr(&code.expr);
    }

    fn object(&mut self, object: &Object) {
        let (scope, asked) = (self.scope, self.asked.len());
        match &object.context {
            Context::Inherited => {}
            Context::Code(code) => {
                self.code(code);
                self.scope = Scope::Inner;
            }
            Context::Literal(_) => self.scope = Scope::Inner,
        }
        if let Condition::Code(code) = &object.condition {
            self.condition(&code.expr);
        }
        self.parts(&object.body);
        self.scope = scope;
        self.asked.truncate(asked);
    }

    /// What a condition reads is asked for until [`Finder::asked`] is cut back.
    fn condition(&mut self, expr: &Expr) {
        self.asks += 1;
        self.expr(expr);
        self.asks -= 1;
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Const(_) | Expr::Folded(_) => {}
            Expr::Name(name) => self.path(&mut std::iter::once(&**name)),
            Expr::Access(path) => self.access(path),
            Expr::Element { base, index } => {
                self.element(base, index);
                self.expr(index);
            }
            Expr::Call { function, args } => match (function.name, &**args) {
                ("if", [condition, then, or]) => {
                    let asked = self.asked.len();
                    self.condition(condition);
                    self.expr(then);
                    self.expr(or);
                    // Inside of another condition they stay asked for.
                    if self.asks == 0 {
                        self.asked.truncate(asked);
                    }
                }
                ("stringOrValue" | "setPathToValue", _) => self.everything(args),
                ("getProperty", [path]) => match path {
                    Expr::Const(constant) => match constant.value() {
                        Val::String(text) => self.text_path(&text),
                        _ => self.everything(args),
                    },
                    _ => self.everything(args),
                },
                (_, [list, item, body]) if matches!(function.check, Check::Lambda) => {
                    self.expr(list);
                    let known = self.items.len();
                    self.items.extend(item.plain_name().map(str::to_lowercase));
                    self.expr(body);
                    self.items.truncate(known);
                }
                (name, args) => {
                    let asks = matches!(function.run, Run::Comparison(..))
                        || matches!(name, "&&" | "||" | "!" | "and" | "or" | "not");
                    self.asks += u32::from(asks);
                    args.iter().for_each(|arg| self.expr(arg));
                    self.asks -= u32::from(asks);
                }
            },
            Expr::Object(properties) => properties.iter().for_each(|(_, value)| self.expr(value)),
            Expr::Unknown(unknown) => unknown.args.iter().for_each(|arg| self.expr(arg)),
        }
    }

    fn everything(&mut self, args: &[Expr]) {
        self.fields.everything = true;
        args.iter().for_each(|arg| self.expr(arg));
    }

    fn text_path(&mut self, text: &Text<'_>) {
        self.path(&mut split_path(text));
    }

    fn access(&mut self, path: &Path) {
        for step in &path.steps {
            if let Step::Index(index) = step {
                self.expr(index);
            }
        }
        match (&path.base, &path.fixed) {
            (Some(base), _) => self.expr(base),
            (None, Some(fixed)) => self.path(&mut fixed.parts()),
            // Up to the first computed step.
            (None, None) => {
                let mut names = path.steps.iter().map_while(|step| match step {
                    Step::Name(name) => Some(&**name),
                    Step::Index(_) => None,
                });
                self.path(&mut names);
            }
        }
    }

    /// `base[index]`: a field of the data where the base is all of them, else a part of what the base reads.
    fn element(&mut self, base: &Expr, index: &Expr) {
        let all = base.plain_name().is_some_and(|name| self.is_all(name));
        match index.known().map(|constant| constant.value()) {
            Some(Val::String(key)) if all => self.field(&key),
            _ => self.expr(base),
        }
    }

    fn is_all(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("$root")
            || (name.eq_ignore_ascii_case("$data") && self.scope == Scope::Root)
    }

    fn path(&mut self, parts: &mut dyn Iterator<Item = &str>) {
        let Some(first) = parts.next() else { return };
        if self.is_all(first) {
            match parts.next() {
                Some(name) => self.field(name),
                None => self.fields.everything = true,
            }
        } else if !first.starts_with('$')
            && self.scope == Scope::Root
            && !self.items.contains(&first.to_lowercase())
        {
            self.field(first);
        }
    }

    fn field(&mut self, name: &str) {
        let key = name.to_lowercase();
        if self.asks > 0 {
            self.asked.push(key.clone());
        } else if !self.asked.contains(&key) {
            self.fields.needed.insert(name.into());
        }
        self.fields.read.entry(key).or_insert_with(|| name.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(template: &str) -> Fields {
        Template::parse(template, "t.json").unwrap().fields()
    }

    fn needed(expression: &str) -> Vec<String> {
        let template = serde_json::json!({ "t": expression }).to_string();
        fields(&template).needed().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_asked_for_is_not_needed() {
        for asked in [
            "${if(exists(a), a, 'none')}",
            "${exists(a)}",
            "${a == 1 && toUpper(a) != 'x'}",
            "${if(!exists(a), 'none', concat(a.b, a.c))}",
            "${if(exists(formatDateTime(a)), if(a > 'b', a, 'x'), 'none')}",
            "${$host.a}",
            "${$data['$index']} ${$index}",
        ] {
            let read = needed(asked);
            assert!(!read.iter().any(|name| name == "a"), "{asked}: {read:?}");
        }
        for (expression, names) in [
            ("${a}", &["a"][..]),
            ("Hi ${A.b} ${$root.c} ${$data.d[0]}", &["A", "c", "d"]),
            ("${if(exists(a), b, c)}", &["b", "c"]),
            ("${a ?? 'none'}", &["a"]),
            ("${$data['unit price']}", &["unit price"]),
            (
                "${join(select(people, p, concat(p.name, sign)), ',')}",
                &["people", "sign"],
            ),
            ("${getProperty('a.b')}", &["a"]),
        ] {
            assert_eq!(needed(expression), names, "{expression}");
        }
    }

    #[test]
    fn conditions_hold_for_what_they_are_around() {
        let fields = fields(
            r#"{"body": [
                {"$when": "${exists(a)}", "items": [{"$data": "${take(a, 3)}", "text": "${b} ${$data} ${$root.c}"}]},
                {"text": "${d}"},
                {"$data": {"e": 1}, "text": "${e}"},
                {"$data": "${f}", "$when": "${exists(f)}", "text": "${f}"}
            ]}"#,
        );
        assert_eq!(fields.needed().collect::<Vec<_>>(), ["c", "d", "f"]);
        for read in ["a", "c", "D", "f"] {
            assert!(fields.reads(read), "{read}");
        }
        assert!(!fields.reads("b") && !fields.reads("e"));
    }

    #[test]
    fn all_are_read_where_the_data_are_passed_on() {
        for expression in [
            "${string($root)}",
            "${$data}",
            "${$data[key]}",
            "${$root[concat('a', b)][x]}",
            "${getProperty($root, key)}",
            "${getProperty(key)}",
            "${stringOrValue(text)}",
        ] {
            let template = serde_json::json!({ "t": expression }).to_string();
            assert!(fields(&template).reads("anything"), "{expression}");
        }
        assert!(!fields(r#"{"t": "${$root.a}"}"#).reads("anything"));
    }

    #[test]
    fn languages_are_united() {
        let mut both = fields(r#"{"t": "${a}"}"#);
        both.unite(fields(r#"{"t": "${b}"}"#));
        assert!(both.reads("a") && both.reads("b") && !both.reads("c"));
        assert_eq!(both.needed().collect::<Vec<_>>(), ["a", "b"]);
    }
}
