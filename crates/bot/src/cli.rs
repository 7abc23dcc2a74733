//! The command line: names, arguments and their help. What a command does is in [`crate::commands`].

use card_lint::Rule;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Sends notifications to Microsoft Teams: an Azure Functions custom handler.
///
/// Without a command it is started by the Functions host, which sets FUNCTIONS_CUSTOMHANDLER_PORT.
#[derive(Parser)]
#[command(name = "handler", version, arg_required_else_help = false)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run everything on this machine, offline: the Functions host's part, the bot, and a sandbox that plays Teams
    Dev(DevArgs),
    /// Run outside Azure: the Functions host's part and the bot, without the sandbox
    Serve(ServeArgs),
    /// Fill card templates and evaluate expressions
    #[command(subcommand)]
    Card(CardCommand),
    /// List, export, import, unblock and forget conversation references
    #[command(subcommand)]
    References(ReferencesCommand),
    /// List, check, pause, resume and cancel notifications
    #[command(subcommand)]
    Notification(NotificationCommand),
}

#[derive(Args)]
pub(crate) struct DevArgs {
    /// Port for the functions, the sandbox page and the connector's double [default: Host.LocalHttpPort of
    /// local.settings.json, else 3978]
    #[arg(long)]
    pub(crate) port: Option<u16>,
}

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Port for the functions [default: Host.LocalHttpPort of local.settings.json, else 3978]
    #[arg(long)]
    pub(crate) port: Option<u16>,
}

#[derive(Subcommand)]
pub(crate) enum CardCommand {
    /// Fill a card template with data and print the card
    Expand(ExpandArgs),
    /// Evaluate an Adaptive Expression
    Eval(EvalArgs),
    /// Find what is wrong with card templates before Teams does
    Check(CheckArgs),
    /// Make a web page that shows a card in each of its languages, light and dark, on a desktop and on a phone
    Preview(PreviewArgs),
}

#[derive(Args)]
pub(crate) struct ExpandArgs {
    /// Template file (JSON); `-` for standard input, here and below
    #[arg(long, value_name = "FILE", required_unless_present = "jsonl")]
    pub(crate) template: Option<PathBuf>,
    /// Data file (JSON) [default: NAME.data.json beside NAME.json]
    #[arg(long, value_name = "FILE", conflicts_with = "jsonl")]
    pub(crate) data: Option<PathBuf>,
    /// File with what the template sees as $host (JSON), for instance {"recipient": {"name": "Ann"}}
    #[arg(long, value_name = "FILE", conflicts_with = "jsonl")]
    pub(crate) host: Option<PathBuf>,
    /// Print the card indented
    #[arg(long, conflicts_with = "jsonl")]
    pub(crate) pretty: bool,
    /// Read {"id","template","data"?,"host"?} lines from standard input, print {"id","card"} or {"id","error"} a line
    #[arg(long, conflicts_with = "template")]
    pub(crate) jsonl: bool,
}

#[derive(Args)]
pub(crate) struct EvalArgs {
    /// The expression, for instance "toUpper(title)"
    #[arg(required_unless_present = "jsonl")]
    pub(crate) expression: Option<String>,
    /// File with the data that the expression sees (JSON)
    #[arg(long, value_name = "FILE", conflicts_with = "jsonl")]
    pub(crate) data: Option<PathBuf>,
    /// Read {"id","expression","scope"} lines from standard input, print {"id","value"} or {"id","error"} a line
    #[arg(long, conflicts_with = "expression")]
    pub(crate) jsonl: bool,
}

#[derive(Args)]
#[command(
    after_help = "Ends with 0 if there is nothing worse than warnings and notes, with 1 at an error or a denied warning,
with 2 if the arguments are wrong."
)]
pub(crate) struct CheckArgs {
    /// Template files (JSON); cards/NAME.data.json beside cards/NAME.json is its sample data
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Sample data for all of them (JSON), instead of those beside them; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Vec<PathBuf>,
    /// Leave out what a rule finds; may be repeated
    #[arg(long, value_name = "RULE", value_parser = rules(), hide_possible_values = true)]
    pub(crate) allow: Vec<Rule>,
    /// End with 1 at warnings too
    #[arg(long, value_name = "LEVEL")]
    pub(crate) deny: Option<Denied>,
    /// One JSON object a finding, for tools
    #[arg(long)]
    pub(crate) json: bool,
    /// One SARIF 2.1.0 document, for code review
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
}

#[derive(Args)]
#[command(
    after_help = "The page asks nothing of the network: pictures that are not in the card itself are left out. The renderer is
fetched with npm into .notify on first use, as `handler dev` does."
)]
pub(crate) struct PreviewArgs {
    /// Template file (JSON), with NAME.LANGUAGE.json beside it
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Data file (JSON) for every language [default: NAME.LANGUAGE.data.json, else NAME.data.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// Only what a person with this language gets, for instance de-AT
    #[arg(long, value_name = "LOCALE")]
    pub(crate) locale: Option<String>,
    /// Where the page is written; `-` for standard output [default: NAME.preview.html]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// What `card check` counts as an error.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Denied {
    Warnings,
}

/// The names of the rules that can be allowed: a file that can't be read is no rule's matter.
fn rules() -> impl TypedValueParser<Value = Rule> {
    let names = Rule::ALL
        .into_iter()
        .filter(|rule| *rule != Rule::File)
        .map(Rule::as_str);
    PossibleValuesParser::new(names).try_map(|name| Rule::named(&name).ok_or("there is no such rule"))
}

#[derive(Subcommand)]
pub(crate) enum ReferencesCommand {
    /// Print what is known of each installation: ids, scope and delivery status, no names
    List(ListArgs),
    /// Print every conversation reference as a line of JSON
    Export(ExportArgs),
    /// Take references from an export, a TeamsFx file, or a folder of one file a reference
    Import(ImportArgs),
    /// End the marks of people who blocked the bot: the next notification tries them again
    Unblock(UnblockArgs),
    /// Erase what is stored of a person: their references, what they wanted, and their name in stored audiences
    Forget(ForgetArgs),
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Only those that Teams says are gone, which nothing has confirmed yet
    #[arg(long, conflicts_with = "unreachable")]
    pub(crate) doubtful: bool,
    /// Only those that a notification to everybody leaves out: opted out, blocked, archived
    #[arg(long)]
    pub(crate) unreachable: bool,
    /// One JSON object a line, for tools
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ExportArgs {
    /// TeamsFx's file format (one JSON object) instead of lines
    #[arg(long)]
    pub(crate) teamsfx: bool,
}

#[derive(Args)]
pub(crate) struct ImportArgs {
    /// File, or folder with one JSON file a reference; `-` for standard input
    pub(crate) file: PathBuf,
    /// Say what would be done and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct UnblockArgs {
    /// The person's Entra object id, or their Teams id (29:…)
    pub(crate) user: Option<String>,
    /// Everybody who is marked
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args)]
pub(crate) struct ForgetArgs {
    /// The person's Entra object id, or their Teams id (29:…)
    pub(crate) user: String,
    /// Say what would be done and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Subcommand)]
pub(crate) enum NotificationCommand {
    /// Print the newest notifications, oldest of them first
    List(NotificationsArgs),
    /// Print where a notification stands
    Show(NotificationArgs),
    /// Count audience and ledgers anew and compare with the status; ends with 1 if a recipient is missing
    Verify(NotificationArgs),
    /// Print a line a recipient
    Report(ReportArgs),
    /// Post nothing more of a notification
    Cancel(NotificationArgs),
    /// Have a notification stand still until it is resumed
    Pause(NotificationArgs),
    /// Let a stopped or paused notification go on
    Resume(NotificationArgs),
}

#[derive(Args)]
pub(crate) struct NotificationsArgs {
    /// How many
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) limit: usize,
    /// One JSON object a line, for tools
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct NotificationArgs {
    /// The id that the API answered
    pub(crate) id: String,
    /// One JSON object, for tools
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// The id that the API answered
    pub(crate) id: String,
    /// How the lines are written
    #[arg(long, value_enum, default_value_t = ReportFormat::Ndjson)]
    pub(crate) format: ReportFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One JSON object a line
    Ndjson,
    /// Comma-separated values with a line of names
    Csv,
}
