//! Who on the machine may read the file store: its owner, and nobody else.

use crate::support::{
    activities::Teams,
    connector::Connector,
    handler::{Handler, Signal, custom, serve},
    modes::{is_private, kept, mode, set_mode},
    references::{FILE, teamsfx},
    room::Room,
    wait,
};
use serde_json::json;

async fn is_used(handler: &Handler, connector: &Connector) {
    let teams = Teams::at(&connector.service_url());
    for n in 1..=2 {
        handler.receives(&teams.personal_install(n, 0)).await.expect(200);
    }
    handler.sends(&json!({ "text": "hello" })).await;
}

#[tokio::test]
async fn files_and_folders_are_their_owner_s_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let connector = Connector::start().await;
        let start = serve(Room::new()).umask(umask);
        let handler = start.start().await;
        is_used(&handler, &connector).await;
        is_private(&handler.room, umask);
    }
}

/// Earlier versions left it to the umask.
#[tokio::test]
async fn a_store_that_others_could_read_is_closed_when_it_is_opened() {
    let connector = Connector::start().await;
    let handler = custom(Room::new()).start().await;
    is_used(&handler, &connector).await;
    let (_, room, _) = handler.stop(Signal::Term).await;
    for copy in ["damaged-1764000000000", "changed-1764000000000"] {
        room.write(&format!("{FILE}.{copy}"), "{}");
    }
    for path in kept(&room) {
        set_mode(&path, if path.is_dir() { 0o755 } else { 0o644 });
    }

    let handler = custom(room).start().await;
    handler.sends(&json!({ "text": "again" })).await;
    is_private(&handler.room, "of this test");
    assert_eq!(connector.messages().len(), 4);
}

/// It is closed before anything is written to it.
#[tokio::test]
async fn a_file_of_teamsfx_is_closed_as_it_is() {
    let room = Room::new();
    let text = teamsfx("http://127.0.0.1:1/", 1);
    room.write(FILE, &text);
    set_mode(&room.path(FILE), 0o666);
    let handler = custom(room).start().await;
    wait::until("the file is its owner's alone", async || {
        (mode(&handler.room.path(FILE)) == 0o600).then_some(())
    })
    .await;
    assert_eq!(handler.room.read(FILE), text);
}
