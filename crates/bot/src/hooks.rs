//! Code of the project that runs when something happens in Teams, and where errors of such code go. Everything here
//! comes after the activity is stored; Teams doesn't wait for it.

mod additions;
mod installs;
mod panics;
mod recent;

pub(crate) use installs::{Installs, Recorded};
pub(crate) use panics::{caught, failing};

use crate::{
    bot::NotificationBot,
    message::Message,
    origin::{Origin, Person},
    reply,
};
use additions::Additions;
use custom_handler::Failure;
use futures::future::BoxFuture;
use notify::target::Scope;
use std::{
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};
use teams::activity::{Activity, ActivityKind};
use tokio::sync::oneshot;
use tracing::Instrument as _;

/// Asynchronous code of the project.
pub(crate) type Handler<Input, Output> =
    Arc<dyn Fn(NotificationBot, Input) -> BoxFuture<'static, Output> + Send + Sync>;

/// Makes a [`Handler`] of an async function.
pub(crate) fn handler<Input, Output, H, F>(handler: H) -> Handler<Input, Output>
where
    H: Fn(NotificationBot, Input) -> F + Send + Sync + 'static,
    F: Future<Output = Output> + Send + 'static,
{
    Arc::new(move |bot, input| Box::pin(handler(bot, input)))
}

/// What code that answers people gives back.
pub type Answer = Result<Option<Message>, Failure>;

/// The bot was installed: for a person, in a chat or in a team. Once for an installation, and not for an update of the
/// app.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Where, and by whom.
    pub origin: Origin,
}

/// People came into a chat or a team that the bot is in. What Teams repeats within ten minutes comes once.
#[derive(Clone, Debug)]
pub struct MembersAdded {
    /// Where.
    pub origin: Origin,
    /// Who; never the bot itself.
    pub members: Vec<Person>,
}

/// A message that is no command. `Debug` prints no text.
#[derive(Clone)]
pub struct IncomingMessage {
    /// Where, and by whom.
    pub origin: Origin,
    /// What was written, without mentions of the bot. Never to be logged.
    pub text: String,
}

impl std::fmt::Debug for IncomingMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IncomingMessage({})", self.origin.conversation())
    }
}

/// What failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorPlace {
    /// A function of the project, by name; an HTTP function where it panicked or answered 500 and upwards.
    Function(String),
    /// A chat command, by its word.
    Command(String),
    /// A card action, by its verb.
    Action(String),
    /// A hook: `on_install`, `on_members_added` or `on_message`.
    Hook(&'static str),
}

impl std::fmt::Display for ErrorPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Function(name) => write!(f, "function {name}"),
            Self::Command(word) => write!(f, "command {word}"),
            Self::Action(verb) => write!(f, "action {verb}"),
            Self::Hook(name) => write!(f, "hook {name}"),
        }
    }
}

/// Code of the project failed.
#[derive(Clone, Debug)]
pub struct ErrorReport {
    /// Which.
    pub place: ErrorPlace,
    /// Why.
    pub failure: Failure,
}

/// The hooks of a project.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) on_install: Hook<Installed, Answer>,
    pub(crate) on_members_added: Hook<MembersAdded, Answer>,
    pub(crate) on_message: Hook<IncomingMessage, Answer>,
    pub(crate) on_error: Hook<ErrorReport, ()>,
    additions: Additions,
    pub(crate) installs: Installs,
}

/// Code that a project may have once.
pub(crate) struct Hook<Input, Output>(OnceLock<Handler<Input, Output>>);

impl<Input, Output> Default for Hook<Input, Output> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<Input, Output> Hook<Input, Output> {
    /// The first one counts.
    pub(crate) fn set(&self, name: &'static str, handler: Handler<Input, Output>) {
        if self.0.set(handler).is_err() {
            tracing::warn!(
                hook = name,
                "this hook is there twice in the project's code; the first one counts"
            );
        }
    }

    fn get(&self) -> Option<&Handler<Input, Output>> {
        self.0.get()
    }
}

impl Hooks {
    /// Runs what an activity calls for, in a task of its own.
    pub(crate) fn run(self: &Arc<Self>, bot: &NotificationBot, activity: &Activity, recorded: Recorded) {
        let on_install = self.on_install.get().filter(|_| recorded == Recorded::Installed);
        let on_members_added = self.on_members_added.get();
        if on_install.is_none() && on_members_added.is_none() {
            return;
        }
        let Some(origin) = Origin::of(bot, activity) else {
            return;
        };
        if let Some(hook) = on_install {
            let input = Installed {
                origin: origin.clone(),
            };
            self.spawn(bot, activity, "on_install", hook, input, origin.clone());
        }
        if let Some(hook) = on_members_added {
            let members = self.members_added(bot, activity, &origin);
            if !members.is_empty() {
                let input = MembersAdded {
                    origin: origin.clone(),
                    members,
                };
                self.spawn(bot, activity, "on_members_added", hook, input, origin);
            }
        }
    }

    /// Who came, apart from the bot and those whose addition was reported before.
    fn members_added(&self, bot: &NotificationBot, activity: &Activity, origin: &Origin) -> Vec<Person> {
        // In a personal chat nobody comes: the person is named with the bot, and that is the installation.
        if origin.scope() == Scope::Personal {
            return Vec::new();
        }
        let recipient = activity.recipient().and_then(|bot| bot.id());
        let is_bot = |id: &str| bot.identity().is_me(id, recipient);
        let place = origin.key();
        match activity.kind() {
            ActivityKind::InstallationUpdate if is_removal(activity) => self.additions.ended(place),
            ActivityKind::ConversationUpdate => {
                for id in activity.members_removed().filter_map(|member| member.id()) {
                    if is_bot(id) {
                        self.additions.ended(place);
                    } else {
                        self.additions.left(place, id);
                    }
                }
                let now = bot.clock().now();
                return activity
                    .members_added()
                    .filter_map(Person::of)
                    .filter(|person| !is_bot(person.id.as_str()))
                    .filter(|person| self.additions.is_news(place, person.id.as_str(), now))
                    .collect();
            }
            _ => {}
        }
        Vec::new()
    }

    /// Runs the hook for a message that is no command.
    pub(crate) fn message(
        self: &Arc<Self>,
        bot: &NotificationBot,
        activity: &Activity,
        text: String,
    ) -> CodeEnded {
        let (Some(hook), Some(origin)) = (self.on_message.get(), Origin::of(bot, activity)) else {
            return CodeEnded::new().1;
        };
        let input = IncomingMessage {
            origin: origin.clone(),
            text,
        };
        self.spawn(bot, activity, "on_message", hook, input, origin)
    }

    fn spawn<Input: Send + 'static>(
        self: &Arc<Self>,
        bot: &NotificationBot,
        activity: &Activity,
        name: &'static str,
        hook: &Handler<Input, Answer>,
        input: Input,
        origin: Origin,
    ) -> CodeEnded {
        let (ended, code_ended) = CodeEnded::new();
        let (hooks, hook, bot) = (Arc::clone(self), Arc::clone(hook), bot.clone());
        // The task may live for minutes.
        let address = activity.clone().into_address();
        let span = origin.span();
        let running = async move {
            let answer = failing(|| hook(bot.clone(), input)).await;
            drop(ended);
            let answered = match answer {
                Ok(None) => Ok(()),
                Ok(Some(message)) => reply::send(&bot, &address, &origin, message).await,
                Err(failure) => Err(failure),
            };
            if let Err(failure) = answered {
                hooks.failed(&bot, ErrorPlace::Hook(name), failure);
            }
        };
        tokio::spawn(running.instrument(span));
        code_ended
    }

    /// Logs a failure and reports it to the project's own code, in a task of its own: nobody who waits for an answer waits
    /// for that.
    pub(crate) fn failed(&self, bot: &NotificationBot, place: ErrorPlace, failure: Failure) {
        tracing::error!(%place, error = %failure, "code of the project failed");
        if let Some(hook) = self.on_error.get() {
            let (hook, bot) = (Arc::clone(hook), bot.clone());
            // What fails there is in the log, and there is nobody else to report it to.
            tokio::spawn(caught(move || hook(bot, ErrorReport { place, failure })));
        }
    }
}

/// The end of the project's code for an activity: what it stored is durable then.
pub(crate) struct CodeEnded(oneshot::Receiver<()>);

impl CodeEnded {
    /// With what is dropped when the code has ended.
    pub(crate) fn new() -> (oneshot::Sender<()>, Self) {
        let (ended, code_ended) = oneshot::channel();
        (ended, Self(code_ended))
    }

    /// Returns when the code has ended, or after `limit`.
    pub(crate) async fn or_after(self, limit: Duration) {
        // Either way there is nothing to hear: what counts is that it is over.
        drop(tokio::time::timeout(limit, self.0).await);
    }
}

/// Whether an installation update tells that the bot is gone.
fn is_removal(activity: &Activity) -> bool {
    let action = activity.action().unwrap_or_default().trim();
    ["remove", "remove-upgrade"]
        .iter()
        .any(|known| action.eq_ignore_ascii_case(known))
}
