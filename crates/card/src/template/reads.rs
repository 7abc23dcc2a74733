//! Which parts of `$host` a template reads, so that a card that is the same for all recipients is expanded once.

use crate::syntax::{Expr, Step};
use crate::value::same_name;

/// Which parts of `$host` a template reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reads {
    /// Only the data: the card is the same for every recipient.
    DataOnly,
    /// `$host`, but not its property `recipient`.
    Host,
    /// `$host.recipient`, or all of `$host`, or a path that depends on the data.
    Recipient,
}

/// What one expression reads.
pub(super) fn reads(expr: &Expr) -> Reads {
    let mut found = Reads::DataOnly;
    expr.walk(&mut |expr| {
        let one = match expr {
            Expr::Name(name) if same_name(name, "$host") => Reads::Recipient,
            Expr::Access(path) => match (&path.base, &path.steps[..]) {
                (None, [Step::Name(root), ..]) if root.starts_with('$') => {
                    let mut parts = path.fixed.iter().flat_map(|fixed| fixed.parts());
                    let host = match parts.next() {
                        Some(first) => same_name(first, "$host"),
                        None => same_name(root, "$host"),
                    };
                    match parts.next() {
                        _ if !host => Reads::DataOnly,
                        Some(name) if !same_name(name, "recipient") => Reads::Host,
                        _ => Reads::Recipient,
                    }
                }
                _ => Reads::DataOnly,
            },
            // A path or an expression in a string can name anything.
            Expr::Call { function, args } if function.name == "stringOrValue" => dynamic(args),
            Expr::Call { function, args } if function.name == "getProperty" && args.len() == 1 => {
                dynamic(args)
            }
            _ => Reads::DataOnly,
        };
        found = found.max(one);
    });
    found
}

fn dynamic(args: &[Expr]) -> Reads {
    let literal = args
        .first()
        .and_then(Expr::known)
        .map(|c| format!("{c:?}").to_lowercase());
    match literal {
        Some(text) if !text.contains("$host") => Reads::DataOnly,
        _ => Reads::Recipient,
    }
}
