//! `handler references list | export | import | unblock | forget`: the stored installations, for operators. Prints ids, never names.

use super::{CommandError, local::ProjectFolder, operator_service, say, word};
use crate::{
    cli::{ExportArgs, ForgetArgs, ImportArgs, ListArgs, ReferencesCommand, UnblockArgs},
    output::Output,
    settings::{Source, read_settings},
    stores::{self, OwnStores, Stores},
};
use notify::{
    ids::{BotId, TenantId},
    persons::{Standing, TenantPersons},
    ports::{ReferenceStore, Selection},
    service::{ErasureMode, Unblock},
    target::{DeliveryStatus, Doubt, Target},
};
use serde::Serialize;
use std::{
    collections::HashMap,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};
use storage::{
    Owner,
    transfer::{self, Format, Run},
};

/// Runs a references command on the store that the settings name.
pub(crate) async fn run(
    command: &ReferencesCommand,
    own: &OwnStores,
    project: ProjectFolder,
) -> Result<(), CommandError> {
    let ProjectFolder { path: folder, source } = project;
    match command {
        ReferencesCommand::Forget(args) => return forget(&source, &folder, own, args).await,
        ReferencesCommand::Unblock(args) => return unblock(&source, &folder, own, args).await,
        ReferencesCommand::List(_) | ReferencesCommand::Export(_) | ReferencesCommand::Import(_) => {}
    }
    let (settings, bot) = read_settings(&source)?;
    let me = bot.identity();
    if let ReferencesCommand::List(args) = command {
        let stores = stores::open(&settings, &source, &folder, &me.bot, bot.home_tenant, own)?;
        return list(&stores, me.bot, args).await;
    }
    let store = stores::references(&settings, &source, &folder, &me.bot, bot.home_tenant.clone(), own)?;
    let selection = Selection {
        bot: me.bot.clone(),
        tenant: None,
    };
    match command {
        ReferencesCommand::Export(args) => export(&*store, &selection, args).await,
        ReferencesCommand::Import(args) => {
            import(
                &store,
                &Owner {
                    bot: me.bot,
                    tenant: bot.home_tenant,
                },
                args,
            )
            .await
        }
        // Done above: they need more than the references.
        ReferencesCommand::List(_) | ReferencesCommand::Forget(_) | ReferencesCommand::Unblock(_) => Ok(()),
    }
}

async fn unblock(
    source: &Source,
    folder: &Path,
    own: &OwnStores,
    args: &UnblockArgs,
) -> Result<(), CommandError> {
    let whom = match args.user.as_deref().map(str::trim) {
        Some("") => {
            return Err("name the person: their Entra object id, or their Teams id (29:…)".into());
        }
        Some(user) => Unblock::Person(user),
        None => Unblock::Everybody,
    };
    let service = operator_service::service(source, folder, own, operator_service::STOP_FIRST)?;
    let unblocked = service.unblock(whom).await?;
    say(&match unblocked {
        0 => "Nobody was marked: the next notification tries them anyway.".to_owned(),
        1 => "1 person is no longer marked as having blocked the bot.".to_owned(),
        more => format!("{more} people are no longer marked as having blocked the bot."),
    });
    if unblocked > 0 {
        say("Teams says whether they still do when the next notification is sent.");
    }
    Ok(())
}

async fn forget(
    source: &Source,
    folder: &Path,
    own: &OwnStores,
    args: &ForgetArgs,
) -> Result<(), CommandError> {
    if args.user.trim().is_empty() {
        return Err("name the person: their Entra object id, or their Teams id (29:…)".into());
    }
    let service = operator_service::service(source, folder, own, operator_service::STOP_FIRST)?;
    let run = if args.dry_run {
        ErasureMode::Dry
    } else {
        ErasureMode::Apply
    };
    let forgotten = service.forget(&args.user, run).await?;
    let would = if args.dry_run {
        " (dry run: nothing was changed)"
    } else {
        ""
    };
    say(&format!(
        "{} references erased, {} records of what they wanted, {} references of chats and teams no longer name them, \
         their name erased from {} rows of {} audience files{would}",
        forgotten.references, forgotten.records, forgotten.mentions, forgotten.rows, forgotten.chunks
    ));
    if forgotten.references + forgotten.records + forgotten.mentions + forgotten.rows == 0 {
        say(
            "Nobody is known by this id. A person is named by their Entra object id, or by their Teams id (29:…).",
        );
    }
    if forgotten.references > 0 {
        say("They get no more notifications until they write to the bot or install it again.");
    }
    Ok(())
}

async fn list(stores: &Stores, bot: BotId, args: &ListArgs) -> Result<(), CommandError> {
    let selection = Selection { bot, tenant: None };
    let mut out = BufWriter::new(Output);
    let mut persons: HashMap<TenantId, TenantPersons> = HashMap::new();
    let (mut from, mut count) = (None, 0_u64);
    loop {
        let page = stores.references.list(&selection, from.as_ref()).await?;
        for listed in page.targets {
            let tenant = &listed.target.key.tenant;
            if !persons.contains_key(tenant) {
                let now = jiff::Timestamp::now();
                let read = TenantPersons::read(&*stores.objects, &selection.bot, tenant, now).await?;
                persons.insert(tenant.clone(), read);
            }
            let standing = persons.get(tenant).map(|persons| persons.standing(&listed.target));
            let installation = Installation::of(listed.target, standing.unwrap_or(Standing::Free));
            let wanted = (!args.doubtful || installation.target.doubt.is_some())
                && (!args.unreachable || !installation.reachable);
            if !wanted {
                continue;
            }
            count += 1;
            if args.json {
                serde_json::to_writer(&mut out, &installation)?;
                out.write_all(b"\n")?;
            } else {
                writeln!(out, "{}", installation.line())?;
            }
        }
        out.flush()?;
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    if !args.json {
        writeln!(out, "{count} installations")?;
        out.flush()?;
    }
    Ok(())
}

/// A stored installation, with what is known of its person. Ids only: what an operator pipes into a log or a ticket.
#[derive(Serialize)]
struct Installation {
    #[serde(flatten)]
    target: Target,
    /// Whether a notification to everybody goes there.
    reachable: bool,
    #[serde(skip)]
    standing: String,
}

impl Installation {
    fn of(target: Target, standing: Standing) -> Self {
        let delivery_status = match standing {
            Standing::OptedOut => DeliveryStatus::OptedOut,
            Standing::Blocked => DeliveryStatus::Blocked,
            _ if target.delivery_status == DeliveryStatus::Suspended => DeliveryStatus::Suspended,
            _ => DeliveryStatus::Active,
        };
        let gone = match standing {
            Standing::Removed => Some("removed"),
            Standing::AnotherChat => Some("otherChat"),
            _ => None,
        };
        Self {
            reachable: gone.is_none() && delivery_status == DeliveryStatus::Active,
            standing: gone.map_or_else(|| word(&delivery_status), str::to_owned),
            target: Target {
                name: None,
                delivery_status,
                ..target
            },
        }
    }

    fn line(&self) -> String {
        let target = &self.target;
        let user = target
            .entra
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| target.user.as_ref().map(ToString::to_string));
        format!(
            "{:<9} {:<9} {} {}{}{}",
            word(&target.scope),
            self.standing,
            target.key.tenant,
            target.conversation(),
            user.map(|user| format!(" user {user}")).unwrap_or_default(),
            target.doubt.map(doubt).unwrap_or_default()
        )
    }
}

/// Since when Teams says that somebody is not there.
fn doubt(doubt: Doubt) -> String {
    let Doubt { since, last, days } = doubt;
    format!(" doubtful since {since}, last {last}, on {days} days")
}

async fn export(
    store: &dyn ReferenceStore,
    selection: &Selection,
    args: &ExportArgs,
) -> Result<(), CommandError> {
    let format = if args.teamsfx {
        Format::TeamsFx
    } else {
        Format::JsonLines
    };
    let mut out = BufWriter::new(Output);
    let count = transfer::export(store, selection, format, &mut out).await?;
    out.flush()?;
    super::complain(&format!("{count} references exported"));
    Ok(())
}

async fn import(
    store: &Arc<dyn ReferenceStore>,
    owner: &Owner,
    args: &ImportArgs,
) -> Result<(), CommandError> {
    let run = if args.dry_run { Run::Dry } else { Run::Apply };
    let stdin = Path::new("/dev/stdin");
    let path = if args.file.as_os_str() == "-" {
        stdin
    } else {
        args.file.as_path()
    };
    let report = transfer::import_path(&**store, path, owner, run).await?;
    for skip in &report.reasons {
        super::complain(&format!("skipped {skip}"));
    }
    let would = if args.dry_run {
        " (dry run: nothing was changed)"
    } else {
        ""
    };
    say(&format!(
        "{} imported, {} unchanged, {} skipped{would}",
        report.imported, report.unchanged, report.skipped
    ));
    Ok(())
}
