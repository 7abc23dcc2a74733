//! Lets a build of the program write the stores that later builds are tested with, and asks it what is in them.

use crate::{
    place::{Place, Store},
    scene::{self, Scene},
    support::{azurite::Azurite, blobs::Blob, connector::Connector},
};
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/store-v1")
}

/// Writes both stores anew.
pub(crate) async fn write(binary: &Path) {
    if fixtures().join("file").exists() {
        fs::remove_dir_all(fixtures().join("file")).unwrap();
    }
    let (contents, answers) = store(binary, Store::File, scene::FILE_TEAMS).await;
    for file in &contents {
        let path = fixtures().join("file").join(&file.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.body).unwrap();
    }
    save("file.json", &answers);

    let container = Store::Blob("store-v1".to_owned());
    let (contents, answers) = store(binary, container, scene::BLOB_TEAMS).await;
    let lines = contents.iter().map(|blob| serde_json::to_string(blob).unwrap());
    let text = lines.map(|line| line + "\n").collect::<String>();
    fs::write(fixtures().join("blobs.ndjson"), text).unwrap();
    save("blob.json", &answers);
}

fn save(name: &str, answers: &Value) {
    let text = serde_json::to_string_pretty(answers).unwrap();
    fs::write(fixtures().join(name), text + "\n").unwrap();
}

async fn store(binary: &Path, store: Store, teams: &str) -> (Vec<Blob>, Value) {
    if let Store::Blob(_) = store {
        Azurite::shared();
    }
    println!("writing {store:?}");
    let place = Place::new(binary, store);
    let connector = Connector::at(teams).await;
    let scene = scene::write(&place, connector).await;
    let answers = answers(&place, &scene).await;
    let mut contents = place.contents(&scene.room).await;
    contents.iter_mut().for_each(keep);
    println!("{} records", contents.len());
    (contents, answers)
}

/// What an operator sees of each notification.
async fn answers(place: &Place, scene: &Scene) -> Value {
    let mut answers = Map::new();
    for (name, id) in &scene.ids {
        let mut status = place.asked(&scene.room, &["show", id, "--json"]).await;
        let report = place
            .asked(&scene.room, &["report", id, "--format", "ndjson"])
            .await;
        println!("{name}: {} {}", status[0]["state"], status[0]["counts"]);
        let answer = json!({ "status": status.remove(0), "report": report });
        answers.insert((*name).to_owned(), answer);
    }
    Value::Object(answers)
}

/// Edits and recalls expire three days after they were asked for, and no caller can say otherwise: in the store that is kept
/// they do in 2090. One that waits for others gives up after half an hour: there it was asked for in 2020, so that it is the
/// same on the first day as on any other. Texts keep their length.
fn keep(blob: &mut Blob) {
    let text = String::from_utf8_lossy(&blob.body).into_owned();
    if !blob.name.contains("notification.json") {
        return;
    }
    let mut century = |name: &str, digits: &[u8]| {
        let start = format!("\"{name}\":\"20");
        let year = text.find(&start).expect("a time") + start.len();
        blob.body[year..year + 2].copy_from_slice(digits);
    };
    century("expiresAt", b"90");
    if text.contains(r#""kind":"update""#) && !text.contains(r#""plan":"#) {
        century("createdAt", b"20");
    }
}
