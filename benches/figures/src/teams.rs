//! Teams, in a process of its own: the sandbox's connector without history. Its world is computed, so this side knows
//! everybody's ids without asking.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, routing::get};
use sandbox::{History, LimitTable, Sandbox, SandboxConfig, TenantSpec, WorldSpec};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::{
    Outcome,
    entra::{BOT, TENANT},
    http,
};

/// First argument of the process that is Teams; the second is its number of people.
pub(crate) const ROLE: &str = "teams";

fn world(people: u32) -> WorldSpec {
    let tenant = TenantSpec::of_people("Contoso", people, people).with_id(TENANT);
    WorldSpec {
        tenants: vec![tenant],
        ..WorldSpec::default()
    }
    .with_bot(BOT, "Notifier")
}

/// Serves until standard input ends; prints the port.
pub(crate) async fn serve(people: Option<&str>) -> Outcome<()> {
    let people = people.ok_or("how many people?")?.parse()?;
    let seen = Arc::new(Seen::default());
    let (shown, forgotten, timed) = (Arc::clone(&seen), Arc::clone(&seen), Arc::clone(&seen));
    let sandbox = Sandbox::new(SandboxConfig {
        world: world(people),
        limits: LimitTable::lifted(),
        history: History::Off,
        observer: Some(Arc::new(move |accepted| seen.one(accepted.at))),
        ..SandboxConfig::default()
    })?;
    let arrivals = get(async move || Json(shown.to_json())).delete(async move || forgotten.forget());
    let times = get(async move || Json(timed.sorted_times()));
    let router = Router::new()
        .route("/arrivals", arrivals)
        .route("/arrivals/times", times)
        .merge(sandbox.router());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())) => {}
    }
    // The thread that reads standard input would keep the runtime from ending.
    std::process::exit(0)
}

/// Messages accepted since it was last asked to forget them; times in microseconds since the Unix epoch.
#[derive(Default)]
struct Seen {
    count: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
    times: Mutex<Vec<u64>>,
}

impl Seen {
    fn one(&self, at: Duration) {
        let micros = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
        if self.count.fetch_add(1, Ordering::Relaxed) == 0 {
            self.first.store(micros, Ordering::Relaxed);
        }
        self.last.fetch_max(micros, Ordering::Relaxed);
        self.times
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(micros);
    }

    fn sorted_times(&self) -> Vec<u64> {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner).clone();
        times.sort_unstable();
        times
    }

    fn to_json(&self) -> Value {
        let [count, first, last] = [&self.count, &self.first, &self.last].map(|n| n.load(Ordering::Relaxed));
        json!({ "count": count, "firstMicros": first, "lastMicros": last })
    }

    fn forget(&self) {
        for number in [&self.count, &self.first, &self.last] {
            number.store(0, Ordering::Relaxed);
        }
        self.times.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A running Teams; it ends with this value.
pub(crate) struct Teams {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
    people: Sandbox,
}

/// What has arrived since it was last forgotten.
#[derive(Clone, Copy)]
pub(crate) struct Arrivals {
    /// Messages accepted.
    pub(crate) count: u64,
    /// When the first one was, since the Unix epoch.
    pub(crate) first: Duration,
    /// When the last one was, since the Unix epoch.
    pub(crate) last: Duration,
}

impl Teams {
    pub(crate) fn start(people: u32) -> Outcome<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args([ROLE, &people.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("Teams has no output")?;
        let mut port = String::new();
        BufReader::new(output).read_line(&mut port)?;
        Ok(Self {
            child,
            port: port.trim().parse()?,
            people: Sandbox::new(SandboxConfig {
                world: world(people),
                history: History::Off,
                ..SandboxConfig::default()
            })?,
        })
    }

    /// `host:port`.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// References to the first `count` people, as TeamsFx's file holds them.
    pub(crate) fn references(&self, count: u32) -> Outcome<String> {
        let service_url = format!("http://{}/_connector/", self.host());
        let mut references = Map::new();
        for number in 0..count {
            let person = self.people.person(0, number);
            let chat = self.people.personal_conversation(0, number);
            let (Some(person), Some(chat)) = (person, chat) else {
                return Err(format!("this world has no person {number}").into());
            };
            let reference = json!({
                "activityId": format!("f:{number}"),
                "user": { "id": person.id, "aadObjectId": person.aad_object_id, "name": person.given_name },
                "bot": { "id": format!("28:{BOT}"), "name": "Notifier" },
                "conversation": { "conversationType": "personal", "tenantId": TENANT, "id": chat },
                "channelId": "msteams", "locale": "en-GB", "serviceUrl": service_url,
            });
            references.insert(format!("_{TENANT}_{chat}"), reference);
        }
        Ok(Value::Object(references).to_string())
    }

    /// Sets the round trip, and forgets all figures.
    pub(crate) async fn set_latency(&self, latency: Value) -> Outcome<()> {
        let plan = json!({ "latency": latency }).to_string();
        http::call(self.port, "PUT", "/sandbox/faults", &[], &plan).await?;
        http::call(self.port, "POST", "/sandbox/reset", &[], "").await?;
        Ok(())
    }

    /// From now on Teams' documented limits hold.
    pub(crate) async fn limit(&self) -> Outcome<()> {
        self.limit_as("teams").await
    }

    /// The same, a tenant's requests counted as the sandbox names it.
    pub(crate) async fn limit_as(&self, counting: &str) -> Outcome<()> {
        let table = json!(counting).to_string();
        http::call(self.port, "PUT", "/sandbox/limits", &[], &table).await?;
        Ok(())
    }

    /// From now on the tenant takes so many a second; the documented limits of conversations hold.
    pub(crate) async fn limit_to(&self, rate: u32) -> Outcome<()> {
        let table = serde_json::to_string(&LimitTable::teams().with_tenant_rate(rate))?;
        http::call(self.port, "PUT", "/sandbox/limits", &[], &table).await?;
        http::call(self.port, "POST", "/sandbox/reset", &[], "").await?;
        Ok(())
    }

    /// Accepted messages by conversation, and how many got any or several.
    pub(crate) async fn counts(&self) -> Outcome<Value> {
        http::call(self.port, "GET", "/sandbox/counts", &[], "").await
    }

    pub(crate) async fn stats(&self) -> Outcome<Value> {
        http::call(self.port, "GET", "/sandbox/stats", &[], "").await
    }

    pub(crate) async fn arrivals(&self) -> Outcome<Arrivals> {
        let answer = http::call(self.port, "GET", "/arrivals", &[], "").await?;
        let number = |name: &str| answer[name].as_u64().unwrap_or_default();
        Ok(Arrivals {
            count: number("count"),
            first: Duration::from_micros(number("firstMicros")),
            last: Duration::from_micros(number("lastMicros")),
        })
    }

    /// When each message was accepted, in order, since the Unix epoch.
    pub(crate) async fn times(&self) -> Outcome<Vec<Duration>> {
        let answer = http::call(self.port, "GET", "/arrivals/times", &[], "").await?;
        let micros = answer.as_array().into_iter().flatten().filter_map(Value::as_u64);
        Ok(micros.map(Duration::from_micros).collect())
    }

    /// Forgets what has arrived.
    pub(crate) async fn forget(&self) -> Outcome<()> {
        http::call(self.port, "DELETE", "/arrivals", &[], "").await?;
        Ok(())
    }
}

impl Drop for Teams {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
