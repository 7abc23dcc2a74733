//! A project's own store for notifications, audiences and ledgers; the conversation references are in it too. The store
//! is that of `tests/project`, a project as somebody else would write it.

use std::{process::ExitCode, sync::Arc};
use teams_notify::{App, Bot, Program};

#[path = "../../../tests/project/src/stores/one_file.rs"]
mod one_file;

fn main() -> ExitCode {
    Program::new(app)
        .object_store(|settings| {
            Ok(Arc::new(one_file::OneFile::open(
                settings.folder().join("objects.json"),
            )?))
        })
        .run()
}

fn app(bot: Bot) -> App {
    App::new(bot).http("httpTrigger", teams_notify::api())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn it_does_what_the_library_relies_on() {
        let (folder, made) = (tempfile::tempdir().unwrap(), AtomicU32::new(0));
        let make = || -> Arc<dyn teams_notify::ports::ObjectStore> {
            let name = format!("{}.json", made.fetch_add(1, Ordering::Relaxed));
            Arc::new(one_file::OneFile::open(folder.path().join(name)).unwrap())
        };
        let pass = |time| -> futures::future::BoxFuture<'static, ()> { Box::pin(tokio::time::advance(time)) };
        teams_notify::conformance::objects(&make, &pass).await;
    }
}
