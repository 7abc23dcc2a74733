//! Planning 300,000 references of one tenant by a listing: requests, seconds, and what the process's memory grows by. The
//! references are objects as in Blob Storage, 5,000 a page, read from their metadata; the store is in memory.

use crate::{
    process::{forget_peak, memory, processor_seconds},
    stored::{self, PEOPLE, REFERENCES, SECOND_CHATS},
};
use async_trait::async_trait;
use bytes::Bytes;
use notify::{
    clock::SystemClock,
    dispatch::in_process::local_queue,
    identity::NotificationSource,
    plan::Planned,
    ports::{Clock, Etag, ObjectStore, Ports, WriteError, WriteIf},
    service::NotificationService,
    settings::{AllowedTenants, Settings},
};
use simulator::{
    Latency,
    composer::PlainComposer,
    counting::{Counting, Requests},
    planted::objects::{Behind, Fault, Faulty},
    tally::Operation,
    teams::ScriptedTeams,
    world::{bot, tenant, to_all},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::Arc,
    time::Instant,
};
use storage::{memory::MemoryObjects, references::ObjectReferences};

/// Processes of each variant: the one of median processor time is printed, with the most memory of all.
const PROCESSES: usize = 3;
const COLUMNS: &str = "run | planned | listings of references | of persons | reads of persons | writes of persons | other \
                       requests | seconds | of a processor | peak + MiB | stays + MiB";

/// What is stored, by the name of the variant: references, second chats among them, and whether records explain those.
#[derive(Clone, Copy)]
struct Variant {
    name: &'static str,
    people: usize,
    second_chats: usize,
    records: Records,
    runs: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Records {
    None,
    /// Of 3,000 who opted out, 3,000 who blocked the bot yesterday, and all with two chats.
    TenThousand,
}

const VARIANTS: [Variant; 4] = [
    // What a page, a chunk and the process take by themselves.
    Variant {
        name: "10,000 references, no records",
        people: 10_000,
        second_chats: 0,
        records: Records::None,
        runs: 1,
    },
    Variant {
        name: "no records",
        people: REFERENCES,
        second_chats: 0,
        records: Records::None,
        runs: 1,
    },
    Variant {
        name: "10,000 records",
        people: PEOPLE,
        second_chats: SECOND_CHATS,
        records: Records::TenThousand,
        runs: 1,
    },
    Variant {
        name: "4,000 second chats without a record",
        people: PEOPLE,
        second_chats: SECOND_CHATS,
        records: Records::None,
        runs: 2,
    },
];

/// Prints the table.
pub(crate) fn measure() -> Result<(), String> {
    println!("Planning a broadcast to {REFERENCES} references, {PROCESSES} processes each:\n");
    println!(
        "| variant | {COLUMNS} |\n|---|{}",
        "---:|".repeat(COLUMNS.split('|').count())
    );
    for variant in VARIANTS {
        let processes = (0..PROCESSES)
            .map(|_| in_a_process(variant))
            .collect::<Result<Vec<Vec<Run>>, String>>()?;
        for run in 0..variant.runs {
            let mut runs: Vec<Run> = processes
                .iter()
                .filter_map(|runs| runs.get(run).cloned())
                .collect();
            runs.sort_by(|one, other| one.processor.total_cmp(&other.processor));
            let most = |of: fn(&Run) -> f64| runs.iter().map(of).fold(f64::MIN, f64::max);
            let median = runs.get(runs.len() / 2).ok_or("a process printed too few runs")?;
            let (peak, stays) = (most(|run| run.peak), most(|run| run.stays));
            let (counts, seconds, processor) = (&median.counts, median.seconds, median.processor);
            println!(
                "| {} | {} | {counts} | {seconds:.2} | {processor:.2} | {peak:.1} | {stays:.1} |",
                variant.name,
                run + 1
            );
        }
    }
    println!();
    Ok(())
}

/// What one run printed.
#[derive(Clone)]
struct Run {
    counts: String,
    seconds: f64,
    processor: f64,
    peak: f64,
    stays: f64,
}

impl Run {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split('\t');
        let mut run = Self {
            counts: words.next()?.to_owned(),
            seconds: 0.0,
            processor: 0.0,
            peak: 0.0,
            stays: 0.0,
        };
        for place in [
            &mut run.seconds,
            &mut run.processor,
            &mut run.peak,
            &mut run.stays,
        ] {
            *place = words.next()?.parse().ok()?;
        }
        Some(run)
    }
}

fn in_a_process(variant: Variant) -> Result<Vec<Run>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program).args(["planning-of", variant.name]).output();
    let output = output.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    match output.status.success() {
        true => Ok(text.lines().filter_map(Run::parse).collect()),
        false => Err(format!("{}: {text}", variant.name)),
    }
}

/// The process of a variant: stores everything, plans, and prints a line a run.
pub(crate) fn of(name: &str) -> Result<(), String> {
    let variant = VARIANTS.into_iter().find(|variant| variant.name == name);
    let variant = variant.ok_or_else(|| format!("there is no variant {name}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(plan(variant))
}

async fn plan(variant: Variant) -> Result<(), String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let objects = Arc::new(MemoryObjects::new(clock.clone()));
    let sizes = (variant.people, variant.second_chats);
    stored::references(&ObjectReferences::new(objects.clone()), sizes).await?;
    if variant.records == Records::TenThousand {
        stored::records(&*objects).await?;
    }
    let requests: Arc<Requests> = Arc::default();
    let service = service(objects, clock, requests.clone());
    for run in 0..variant.runs {
        let source = NotificationSource::Key(run.to_string());
        let accepted = service
            .accept(source, to_all("x"))
            .await
            .map_err(|error| error.to_string())?;
        requests.take();
        forget_peak()?;
        let (before, processor, began) = (memory("VmRSS")?, processor_seconds(), Instant::now());
        let planned = service
            .plan(&accepted.id)
            .await
            .map_err(|error| error.to_string())?;
        let (seconds, processor) = (began.elapsed().as_secs_f64(), processor_seconds() - processor);
        let (peak, stays) = (memory("VmHWM")? - before, memory("VmRSS")? - before);
        if planned != Planned::Ready {
            return Err(format!("it is not planned: {planned:?}"));
        }
        let counts = counts(&requests);
        let status = service
            .status(&accepted.id)
            .await
            .map_err(|error| error.to_string())?;
        println!(
            "{} | {counts}\t{seconds}\t{processor}\t{peak}\t{stays}",
            status.total
        );
    }
    Ok(())
}

/// Columns of requests: what is asked of references, of persons, and all else.
fn counts(requests: &Requests) -> String {
    let all = requests.take();
    let of = |operation: Operation, prefix: &str| {
        let made = all
            .iter()
            .filter(|(made, name)| *made == operation && name.starts_with(prefix));
        made.count()
    };
    let counted = [
        of(Operation::List, "references/"),
        of(Operation::List, "persons/"),
        of(Operation::Read, "persons/"),
        of(Operation::Write, "persons/"),
    ];
    let others = all.len() - counted.iter().sum::<usize>();
    let columns = counted.map(|count| count.to_string()).join(" | ");
    format!("{columns} | {others}")
}

fn service(
    objects: Arc<MemoryObjects>,
    clock: Arc<dyn Clock>,
    requests: Arc<Requests>,
) -> NotificationService {
    let kept = Faulty {
        store: objects,
        fault: NoAudiences,
    };
    let objects: Arc<dyn ObjectStore> = Arc::new(Counting::<dyn ObjectStore> {
        inner: Arc::new(kept),
        requests,
    });
    // Nobody follows wake-ups here.
    let (wake_ups, _) = local_queue();
    let ports = Ports {
        references: Arc::new(ObjectReferences::new(objects.clone())),
        objects,
        wake_ups: Arc::new(wake_ups),
        connector: Arc::new(ScriptedTeams::new(clock.clone(), Latency::STEADY, 1)),
        composer: Arc::new(PlainComposer::new(clock.clone())),
        clock,
    };
    let tenants = AllowedTenants::Only(BTreeSet::from([tenant()]));
    NotificationService::new(ports, Settings::new(bot(), tenants, "p"))
}

/// Audiences are not kept: what the store in memory would hold of them is not the planner's.
struct NoAudiences;

#[async_trait]
impl Fault for NoAudiences {
    async fn write(
        &self,
        store: &Behind,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        let body = match name.contains("/audience/") {
            true => Bytes::new(),
            false => body,
        };
        store.write(name, body, metadata, when).await
    }
}
