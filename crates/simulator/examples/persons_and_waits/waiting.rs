//! Storage requests of 500 tenants that wait for an hour, each with a broadcast, one instance under the Functions host.

use notify::{
    identity::NotificationSource,
    ids::TenantId,
    lane::Lane,
    ports::{ObjectStore, Ports, ReferenceStore, Verdict},
    service::NotificationService,
    settings::AllowedTenants,
    worker::Slice,
};
use simulator::{
    Latency,
    composer::PlainComposer,
    counting::{Counting, Request, Requests},
    queue::{QueueHost, StorageQueue},
    tally::{Operation, Tally},
    teams::Storm,
    time::{self, VirtualClock},
    world::{World, bot, to_all},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

const TENANTS: usize = 500;
/// More than are probed before one of them is probed again.
const PEOPLE_EACH: usize = 30;
const HOUR: Duration = Duration::from_secs(3_600);
const LATENCY: Latency = Latency::Constant(Duration::from_millis(80));
/// What all tenants' ids begin with.
const TENANT: &str = "7e4a2222-2222-4222-8222-";

/// Requests by kind.
#[derive(Clone, Copy, Default)]
struct Counts([u64; 7]);

impl Counts {
    fn add(&mut self, operation: Operation) {
        self.0[operation as usize] += 1;
    }

    fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    fn price(&self) -> f64 {
        let of = |operation: Operation| self.0[operation as usize] as f64 * operation.price() / 10_000.0;
        Operation::ALL.into_iter().map(of).sum()
    }

    fn columns(&self) -> String {
        Operation::ALL
            .map(|operation| self.0[operation as usize].to_string())
            .join(" | ")
    }
}

/// Prints the tables.
pub(crate) fn measure() -> Result<(), String> {
    println!("Requests of {TENANTS} waiting tenants in an hour:\n");
    let kinds = Operation::ALL.map(Operation::name).join(" | ");
    let columns = "---:|".repeat(Operation::ALL.len() + 4);
    println!("| cause, hour | whose | {kinds} | all | a tenant | a probe | $ |\n|---|---|{columns}");
    let mut objects = BTreeMap::<String, u64>::new();
    for (words, verdict, before) in [
        ("passing (503)", Verdict::NotNow { retry_after: None }, HOUR / 6),
        (
            "a human's (the app is not allowed), the first hour",
            Verdict::Disallowed,
            HOUR / 6,
        ),
        ("a human's, the third hour", Verdict::Disallowed, 2 * HOUR),
    ] {
        let ran = time::run(|clock| run(clock, verdict, before)).map_err(|error| error.to_string())?;
        let hour = ran?;
        let row = |whose: &str, counts: &Counts, each: &str| {
            let (all, price) = (counts.total(), counts.price());
            println!(
                "| {words} | {whose} | {} | {all} | {each} | {price:.4} |",
                counts.columns()
            );
        };
        let a_tenant = hour.tenants.total() as f64 / TENANTS as f64;
        let a_probe = hour.tenants.total() as f64 / hour.probes as f64;
        row(
            "the tenants",
            &hour.tenants,
            &format!("{a_tenant:.1} | {a_probe:.2}"),
        );
        row("maintenance", &hour.maintenance, " | ");
        row("the queue", &hour.queue, " | ");
        let month = 30.0 * 24.0 * (hour.tenants.price() + hour.maintenance.price() + hour.queue.price());
        println!(
            "| | {} probes, {month:.2} $ in 30 days | | | | | | | | | | | |",
            hour.probes
        );
        objects = hour.objects;
    }
    println!("\nThe tenants' requests of the last one, by name:\n\n| request | in the hour |\n|---|---:|");
    objects
        .iter()
        .for_each(|(request, count)| println!("| {request} | {count} |"));
    println!();
    Ok(())
}

/// What was asked in an hour.
struct Hour {
    /// Of the tenants, by operation and name.
    objects: BTreeMap<String, u64>,
    tenants: Counts,
    maintenance: Counts,
    queue: Counts,
    probes: usize,
}

fn tenant(n: usize) -> TenantId {
    TenantId::from(format!("{TENANT}{n:012}"))
}

async fn run(clock: Arc<VirtualClock>, verdict: Verdict, before: Duration) -> Result<Hour, String> {
    let storm = Storm {
        from: Duration::ZERO,
        to: Duration::MAX,
        tenant: None,
        verdict,
    };
    let mut world = World::on(clock, 1, LATENCY, |teams| teams.limited(50).stormy(vec![storm]));
    let tenants: BTreeSet<TenantId> = (0..TENANTS).map(tenant).collect();
    for (t, tenant) in tenants.iter().enumerate() {
        let people = t * PEOPLE_EACH..(t + 1) * PEOPLE_EACH;
        people.for_each(|n| world.references.install_person(&bot(), tenant, n));
    }
    world.settings.tenants = AllowedTenants::Only(tenants.clone());
    let (tally, requests): (Arc<Tally>, Arc<Requests>) = Default::default();
    let queue = Arc::new(StorageQueue::new(world.clock.clone(), tally.clone()));
    let service = service(&world, &requests, queue.clone());
    let host = QueueHost {
        service: service.clone(),
        clock: world.clock.clone(),
        queue,
        slice: Slice(Duration::from_secs(9 * 60)),
        longest_poll: Duration::from_secs(5),
    };
    tokio::spawn(async move { host.run().await });
    for (n, tenant) in tenants.into_iter().enumerate() {
        // Not all of them at one moment.
        world.pass(Duration::from_millis(120)).await;
        let mut request = to_all("x");
        request
            .audience
            .iter_mut()
            .for_each(|audience| audience.tenants = vec![tenant.clone()]);
        let accepted = service
            .accept(NotificationSource::Key(n.to_string()), request)
            .await;
        accepted.map_err(|error| error.to_string())?;
    }
    world.pass(before).await;
    let (_, queued, probed) = (
        requests.take(),
        tally.of(Operation::Queue),
        world.teams.calls().len(),
    );
    world.pass(HOUR).await;
    let mut hour = Hour {
        objects: BTreeMap::new(),
        tenants: Counts::default(),
        maintenance: Counts::default(),
        queue: Counts::default(),
        probes: world.teams.calls().len() - probed,
    };
    hour.queue.0[Operation::Queue as usize] = tally.of(Operation::Queue) - queued;
    for request in requests.take() {
        match is_of_a_tenant(&request) {
            true => {
                hour.tenants.add(request.0);
                *hour.objects.entry(short(&request)).or_default() += 1;
            }
            false => hour.maintenance.add(request.0),
        }
    }
    check(&world, &service).await?;
    Ok(hour)
}

/// Its lane, its part of a notification, or the notification. All else is what the maintenance lists and reads.
fn is_of_a_tenant((_, name): &Request) -> bool {
    name.contains(TENANT) || name.starts_with("notifications/") && name.len() > "notifications/".len()
}

/// The operation, and the name without ids and times.
fn short((operation, name): &Request) -> String {
    let parts = name.split('/').map(|part| match part.len() {
        36 if part.starts_with(TENANT) => "TENANT",
        30.. => "ID",
        _ => part,
    });
    format!("{} {}", operation.name(), parts.collect::<Vec<_>>().join("/"))
}

/// Everybody still waits.
async fn check(world: &World, service: &NotificationService) -> Result<(), String> {
    let mut with_work = 0;
    for n in 0..TENANTS {
        let lane = Lane::Connector(tenant(n));
        with_work += usize::from(service.has_work(&lane).await.map_err(|error| error.to_string())?);
    }
    match (world.teams.total(), with_work) {
        (0, TENANTS) => Ok(()),
        other => Err(format!(
            "delivered and waiting tenants are {other:?}, not (0, {TENANTS})"
        )),
    }
}

fn service(world: &World, requests: &Arc<Requests>, queue: Arc<StorageQueue>) -> NotificationService {
    let ports = Ports {
        objects: Arc::new(Counting::<dyn ObjectStore> {
            inner: world.objects.clone(),
            requests: requests.clone(),
        }),
        references: Arc::new(Counting::<dyn ReferenceStore> {
            inner: world.references.store(),
            requests: requests.clone(),
        }),
        wake_ups: queue,
        connector: world.teams.clone(),
        composer: Arc::new(PlainComposer::new(world.clock.clone())),
        clock: world.clock.clone(),
    };
    NotificationService::new(ports, world.settings.clone())
}
