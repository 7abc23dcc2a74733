//! Commands that people type to the bot: which word runs which code, and its answer.

use crate::{
    bot::NotificationBot,
    hooks::{Answer, CodeEnded, ErrorPlace, Handler, Hooks, failing},
    origin::Origin,
    reply,
};
use std::sync::Arc;
use teams::activity::Activity;
use tracing::Instrument as _;

/// What somebody typed. `Debug` prints no text.
#[derive(Clone, PartialEq)]
pub struct Command {
    /// What follows the command's word, as it was typed. Never to be logged.
    pub arguments: String,
    /// Where it was typed, and by whom.
    pub origin: Origin,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Command({})", self.origin.conversation())
    }
}

/// The known commands.
#[derive(Default)]
pub(crate) struct Commands(Vec<(&'static str, Handler<Command, Answer>)>);

/// What a message says.
pub(crate) enum Said<'c> {
    /// A command, with its word, its code and what follows the word.
    Command(&'static str, &'c Handler<Command, Answer>, String),
    /// Anything else.
    Other(String),
}

impl Commands {
    pub(crate) fn add(&mut self, word: &'static str, handler: Handler<Command, Answer>) {
        self.0.push((word, handler));
    }

    /// The command that a text begins with; its words in any case.
    pub(crate) fn find(&self, said: String) -> Said<'_> {
        // Of "mute all" and "mute" the longer one is meant.
        let fitting = self.0.iter().filter(|(word, _)| begins_with(&said, word));
        match fitting.max_by_key(|(word, _)| word.len()) {
            Some((word, handler)) => {
                let arguments = said.get(word.len()..).unwrap_or_default().trim().to_owned();
                Said::Command(word, handler, arguments)
            }
            None => Said::Other(said),
        }
    }
}

fn begins_with(said: &str, word: &str) -> bool {
    let Some((head, rest)) = said.split_at_checked(word.len()) else {
        return false;
    };
    head.eq_ignore_ascii_case(word) && (rest.is_empty() || rest.starts_with(' '))
}

/// Runs a command's code in a task of its own and posts its answer. What is returned ends when the code has ended, and
/// before the answer is posted.
pub(crate) fn run(
    bot: &NotificationBot,
    hooks: &Arc<Hooks>,
    (word, handler): (&'static str, &Handler<Command, Answer>),
    arguments: String,
    activity: Activity,
) -> CodeEnded {
    let (ended, code_ended) = CodeEnded::new();
    let Some(origin) = Origin::of(bot, &activity) else {
        return code_ended;
    };
    let (bot, hooks, handler) = (bot.clone(), Arc::clone(hooks), Arc::clone(handler));
    // The task may live for minutes.
    let address = activity.into_address();
    let span = origin.span();
    let running = async move {
        let command = Command {
            arguments,
            origin: origin.clone(),
        };
        let answer = failing(|| handler(bot.clone(), command)).await;
        drop(ended);
        let answered = match answer {
            Ok(Some(message)) => reply::send(&bot, &address, &origin, message).await,
            Ok(None) => Ok(()),
            Err(failure) => Err(failure),
        };
        match answered {
            Ok(()) => tracing::info!(command = word, "chat command answered"),
            Err(failure) => {
                hooks.failed(&bot, ErrorPlace::Command(word.to_owned()), failure);
            }
        }
    };
    tokio::spawn(running.instrument(span));
    code_ended
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::handler;

    fn found(said: &str) -> Option<(&'static str, String)> {
        let mut commands = Commands::default();
        for word in ["mute", "mute all", "hilfe"] {
            commands.add(word, handler(|_, _| async { Ok(None) }));
        }
        match commands.find(said.to_owned()) {
            Said::Command(word, _, arguments) => Some((word, arguments)),
            Said::Other(_) => None,
        }
    }

    #[test]
    fn the_longest_word_counts_and_the_rest_are_arguments() {
        assert_eq!(found("Mute 2 Hours"), Some(("mute", "2 Hours".to_owned())));
        assert_eq!(found("MUTE ALL now"), Some(("mute all", "now".to_owned())));
        assert_eq!(found("hilfe"), Some(("hilfe", String::new())));
        for other in ["muted", "", "mut", "zmute", "müte"] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
