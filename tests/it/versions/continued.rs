//! Today's build on a store of version 1.

use super::{
    place::{Place, Store},
    scene::{BLOB_TEAMS, BLOCKED, FILE_TEAMS, OCCURRENCE, OPTED_OUT, REMOVED, everyone, keyed, mixed, tick},
};
use crate::support::{
    activities::{CHANNEL, Teams, entra, group, personal, user},
    azurite::Azurite,
    blobs::Blob,
    connector::{Call, Connector},
    handler::Handler,
    http::Answer,
    notification::{count, to_all},
    room::{HANDLER, Room},
    wait,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Restarts, leases that run out, a second attempt: all of it together takes some 20 s.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/store-v1");
    folder.join(name)
}

/// Today's build on a copy of the store, with what the earlier one said of it.
struct Continued {
    handler: Handler,
    connector: Connector,
    teams: Teams,
    before: Value,
}

impl Continued {
    async fn file() -> Self {
        let place = Place::new(Path::new(HANDLER), Store::File);
        let room = Room::new();
        let mut files = Vec::new();
        files_below(&fixture("file"), "", &mut files);
        place.fill(&room, &files).await;
        Self::start(&place, room, FILE_TEAMS, "file.json").await
    }

    async fn blob() -> Self {
        let place = Place::new(Path::new(HANDLER), Store::Blob(Azurite::container()));
        let text = fs::read_to_string(fixture("blobs.ndjson")).unwrap();
        let blobs: Vec<Blob> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        place.fill(&Room::empty(), &blobs).await;
        Self::start(&place, Room::new(), BLOB_TEAMS, "blob.json").await
    }

    async fn start(place: &Place, room: Room, teams: &str, answers: &str) -> Self {
        let connector = Connector::at(teams).await;
        let before = fs::read_to_string(fixture(answers)).unwrap();
        Self {
            handler: place.alone(room).start().await,
            teams: Teams::at(&connector.service_url()),
            connector,
            before: serde_json::from_str(&before).unwrap(),
        }
    }

    /// The id of a notification.
    fn id(&self, name: &str) -> String {
        let id = self.before[name]["status"]["id"].as_str();
        id.unwrap_or_else(|| panic!("no notification {name}")).to_owned()
    }

    /// How many had an outcome when the power went.
    fn had(&self, name: &str) -> u64 {
        let status = &self.before[name]["status"];
        status["total"].as_u64().unwrap() - count(status, "pending")
    }

    /// It reads as the earlier version read it, whatever else is said of it today.
    async fn is_unchanged(&self, name: &str) {
        let status = self.handler.status(&self.id(name)).await;
        says(&status, &self.before[name]["status"], name);
        let report = self.handler.report(&self.id(name)).await;
        says(&report.into(), &self.before[name]["report"], name);
    }

    /// Waits for its end; who had an outcome has the same one. Returns the status.
    async fn ends(&self, name: &str, total: u64) -> Value {
        let id = self.id(name);
        let status = wait::within(LONGEST_WAIT, &format!("{name} is finished"), async || {
            let status = self.handler.status(&id).await;
            (status["state"] == "finished").then_some(status)
        })
        .await;
        assert_eq!(
            (&status["total"], count(&status, "pending")),
            (&json!(total), 0),
            "{name}: {status}"
        );
        let report = self.handler.report(&id).await;
        assert_eq!(report.len() as u64, total, "{name}: {report:#?}");
        for row in self.before[name]["report"].as_array().unwrap() {
            if row["outcome"] == "pending" {
                continue;
            }
            let now = report
                .iter()
                .find(|now| now["conversationId"] == row["conversationId"]);
            says(now.unwrap_or(&Value::Null), row, name);
        }
        status
    }

    /// Calls about a person's message: by its text, or every recall.
    fn calls(&self, method: &Method, text: Option<&str>, n: u32) -> usize {
        let about = |call: &&Call| {
            let same = text.is_none_or(|text| call.body["text"] == text);
            call.method == *method && call.conversation == personal(n) && same
        };
        self.connector.calls().iter().filter(about).count()
    }

    /// Nobody who had an outcome is called again; whose attempt is ambiguous is, so often.
    #[track_caller]
    fn called(&self, method: &Method, text: Option<&str>, expected: &[(u32, usize)]) {
        for (n, times) in expected {
            assert_eq!(
                self.calls(method, text, *n),
                *times,
                "{method} {text:?} for {}",
                personal(*n)
            );
        }
    }

    async fn finished_ones_read_as_before(&self) {
        for name in ["mixed", "again", "edited", "recalled", "cancelled", "unnamed"] {
            self.is_unchanged(name).await;
        }
    }

    async fn half_sent_ones_come_to_their_end(&self) {
        let (post, put, delete) = (Method::POST, Method::PUT, Method::DELETE);
        let status = self.ends("resent", 4).await;
        assert_eq!(
            (count(&status, "delivered"), &status["resent"]),
            (4, &json!(2)),
            "{status}"
        );
        self.called(&post, Some("resent"), &[(11, 0), (12, 0), (13, 1), (14, 1)]);

        let status = self.ends("reported", 4).await;
        assert_eq!(
            (count(&status, "delivered"), count(&status, "uncertain")),
            (2, 2),
            "{status}"
        );
        self.called(&post, Some("reported"), &[(21, 0), (22, 0), (23, 0), (24, 0)]);

        let status = self.ends("untold", 2).await;
        assert_eq!(
            (count(&status, "delivered"), &status["resent"]),
            (2, &json!(2)),
            "{status}"
        );
        self.called(&post, Some("untold"), &[(25, 1), (26, 1)]);

        let status = self.ends("waiting", 3).await;
        assert_eq!(
            (count(&status, "delivered"), &status["resent"]),
            (3, &json!(0)),
            "{status}"
        );
        self.called(&post, Some("waiting"), &[(51, 1), (52, 1), (53, 1)]);

        let status = self.ends("unplanned", 40).await;
        assert_eq!(
            (count(&status, "delivered"), &status["resent"]),
            (40, &json!(0)),
            "{status}"
        );
        let people: Vec<_> = (81..=120).map(|n| (n, 1)).collect();
        self.called(&post, Some("unplanned"), &people);

        let status = self.ends("edit", 4).await;
        assert_eq!(count(&status, "delivered"), 4, "{status}");
        self.called(&put, Some("edit"), &[(31, 0), (32, 0), (33, 1), (34, 1)]);
        let status = self.ends("second edit", 4).await;
        assert_eq!(count(&status, "delivered"), 4, "{status}");
        self.called(&put, Some("second edit"), &[(31, 1), (32, 1), (33, 1), (34, 1)]);

        let status = self.ends("recall", 4).await;
        assert_eq!(count(&status, "delivered"), 4, "{status}");
        self.called(&delete, None, &[(41, 0), (42, 0), (43, 1), (44, 1)]);

        // Of the refused one two had their message, and of one nobody knows: there is no id to edit.
        let status = self.ends("partly", 3).await;
        assert_eq!(
            (count(&status, "delivered"), count(&status, "skipped")),
            (2, 1),
            "{status}"
        );
        self.called(&put, Some("partly"), &[(61, 1), (62, 1), (71, 0), (74, 0)]);
        for name in ["resent", "reported", "edit", "recall"] {
            assert_eq!(self.had(name), 2, "the store shows {name} half sent");
        }
    }

    async fn the_stopped_one_goes_on(&self) {
        self.is_unchanged("refused").await;
        assert_eq!(self.calls(&Method::POST, Some("refused"), 71), 0);
        let path = format!("/api/notification/{}/resume", self.id("refused"));
        Answer::to(self.handler.request(Method::POST, &path))
            .await
            .expect(202);
        let status = self.ends("refused", 6).await;
        assert_eq!(
            (count(&status, "delivered"), &status["resent"]),
            (6, &json!(1)),
            "{status}"
        );
        self.called(
            &Method::POST,
            Some("refused"),
            &[(61, 0), (62, 0), (71, 1), (72, 1), (73, 1), (74, 1)],
        );
    }

    /// A late word of an installation that was removed since doesn't bring it back.
    async fn removed_stays_removed(&self) {
        let late = self.teams.personal_install(REMOVED, 30);
        self.handler.receives(&late).await.expect(200);
    }

    async fn references_are_as_they_were(&self) {
        let id = self.handler.accepts(&to_all(json!({ "text": "new" }))).await;
        let status = self.handler.ends(&id).await;
        let everyone = everyone_now();
        assert_eq!(
            (
                &status["total"],
                count(&status, "delivered"),
                count(&status, "skipped")
            ),
            (&json!(everyone.len() + 1), everyone.len() as u64, 1),
            "{status}"
        );
        let sent = self
            .connector
            .messages()
            .into_iter()
            .filter(|call| call.body["text"] == "new");
        let mut reached: Vec<_> = sent.map(|call| call.conversation).collect();
        reached.sort();
        assert_eq!(reached, everyone);
        let row = self.handler.outcome(&id, &personal(OPTED_OUT)).await;
        assert_eq!(
            (&row["outcome"], &row["code"]),
            (&json!("skipped"), &json!("opted-out")),
            "{row}"
        );
        // By any of their names.
        let by_name = json!({ "text": "named", "audience": {
            "users": [user(11), entra(22)], "conversations": [group(1), personal(REMOVED)],
            "teams": [crate::support::activities::TEAM] } });
        let id = self.handler.accepts(&by_name).await;
        let status = self.handler.ends(&id).await;
        assert_eq!(
            (count(&status, "delivered"), count(&status, "rejected")),
            (4, 1),
            "{status}"
        );
        assert_eq!(self.handler.outcome(&id, CHANNEL).await["outcome"], "delivered");
        assert_eq!(
            self.handler.outcome(&id, &personal(REMOVED)).await["code"],
            "unknown-target"
        );
    }

    /// What was asked for once is not done twice.
    async fn a_repeated_request_is_the_same_notification(&self) {
        let before = self.connector.calls().len();
        assert_eq!(keyed(&self.handler, &mixed()).await, self.id("mixed"));
        self.is_unchanged("mixed").await;
        assert_eq!(self.connector.calls().len(), before);
    }
}

/// Everyone, and who had blocked the bot: a mark of that version has no time, so it is asked whether they still do.
fn everyone_now() -> Vec<String> {
    let mut everyone = everyone();
    everyone.push(personal(BLOCKED));
    everyone.sort();
    everyone
}

/// Whether `now` says all that `before` says, more or not.
#[track_caller]
fn says(now: &Value, before: &Value, what: &str) {
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => {
            for (name, value) in before {
                says(
                    now.get(name).unwrap_or(&Value::Null),
                    value,
                    &format!("{what}/{name}"),
                );
            }
        }
        (Value::Array(now), Value::Array(before)) => {
            assert_eq!(now.len(), before.len(), "{what}: {now:#?}");
            for (index, (now, before)) in now.iter().zip(before).enumerate() {
                says(now, before, &format!("{what}/{index}"));
            }
        }
        (now, before) => assert_eq!(now, before, "{what}"),
    }
}

fn files_below(folder: &Path, prefix: &str, files: &mut Vec<Blob>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            files_below(&path, &format!("{name}/"), files);
        } else {
            files.push(Blob::file(name, fs::read(&path).unwrap()));
        }
    }
}

#[tokio::test]
async fn files_of_version_1_are_continued() {
    let now = Continued::file().await;
    now.removed_stays_removed().await;
    now.finished_ones_read_as_before().await;
    now.half_sent_ones_come_to_their_end().await;
    now.the_stopped_one_goes_on().await;
    now.references_are_as_they_were().await;
    now.a_repeated_request_is_the_same_notification().await;
    now.finished_ones_read_as_before().await;

    // The timer's last occurrence was followed; the next one is new.
    let before = now.connector.messages().len();
    Answer::to(now.handler.post("/timerTrigger", &tick(OCCURRENCE)))
        .await
        .expect(200);
    Answer::to(now.handler.post("/timerTrigger", &tick("2026-11-22T08:00:00Z")))
        .await
        .expect(200);
    wait::until("the next occurrence's cards", async || {
        (now.connector.messages().len() == before + everyone_now().len()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn blobs_of_version_1_are_continued() {
    let now = Continued::blob().await;
    now.removed_stays_removed().await;
    now.finished_ones_read_as_before().await;
    now.half_sent_ones_come_to_their_end().await;
    now.the_stopped_one_goes_on().await;
    now.references_are_as_they_were().await;
    now.a_repeated_request_is_the_same_notification().await;
    now.finished_ones_read_as_before().await;
}
