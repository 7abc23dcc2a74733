//! What a template reads of its host, so that a card for everyone is expanded once.

use crate::syntax::{Expr, Step};
use crate::value::same_name;

/// What of `$host` a template reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reads {
    /// Only the data: the card is the same for every recipient.
    DataOnly,
    /// `$host`, but not its member `recipient`.
    Host,
    /// `$host.recipient`, or all of `$host`, or a path that only the data tells.
    Recipient,
}

/// What one expression reads.
pub(super) fn reads(expr: &Expr) -> Reads {
    let mut found = Reads::DataOnly;
    expr.walk(&mut |expr| {
        let one = match expr {
            Expr::Access {
                base: None,
                steps,
                fixed,
            } => match &steps[..] {
                [Step::Name(root), ..] if same_name(root, "$host") => {
                    let second = fixed.as_ref().and_then(|path| path.parts.get(1));
                    match second {
                        Some(name) if !same_name(name, "recipient") => Reads::Host,
                        _ => Reads::Recipient,
                    }
                }
                _ => Reads::DataOnly,
            },
            // A path or an expression in a text can name anything.
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
