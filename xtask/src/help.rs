//! What each command takes, said once: for `--help`, for the list of commands, and for words that nobody understands.

/// A command as its help describes it.
pub(crate) struct Help {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// Its options, as a usage line has them; empty when it takes none.
    usage: &'static str,
    /// What it does.
    about: &'static str,
    /// Each option, and what it is for.
    options: &'static [(&'static str, &'static str)],
}

/// Every command.
pub(crate) const COMMANDS: [Help; 7] = [
    Help {
        name: "test",
        usage: "[--only STEP]... [--list]",
        about: "Everything that must pass: sets up what is missing, then checks and tests",
        options: &[
            (
                "--only STEP",
                "only this step: fmt, manifest, deny, clippy, doc, test; may be given several times",
            ),
            ("--list", "print the steps and do nothing"),
        ],
    },
    Help {
        name: "env",
        usage: "",
        about: "Sets up what the tests need and prints it for a shell: eval \"$(cargo xtask env)\", then plain `cargo test`",
        options: &[],
    },
    Help {
        name: "package",
        usage: "[--project DIR] [--binary FILE]",
        about: "Makes dist/package/ and dist/teams-notify.zip, ready to publish, and checks them",
        options: &[
            (
                "--project DIR",
                "package this project instead of the template in this checkout",
            ),
            (
                "--binary FILE",
                "a static program built elsewhere, instead of building one",
            ),
        ],
    },
    Help {
        name: "app-package",
        usage: "",
        about: "Makes dist/appPackage.zip, the Teams app; ids from TEAMS_APP_ID and BOT_ID",
        options: &[],
    },
    Help {
        name: "bench",
        usage: "[--only NAME]... [--binary FILE]",
        about: "Measures the packaged program and prints a table",
        options: &[
            (
                "--only NAME",
                "only this: package, start, inbound, outbound, memory, rate, listing, kills, recovery; may be given several times",
            ),
            ("--binary FILE", "measure this program instead of packaging one"),
        ],
    },
    Help {
        name: "advisories",
        usage: "",
        about: "Looks for known vulnerabilities in dependencies (needs the network)",
        options: &[],
    },
    Help {
        name: "icons",
        usage: "",
        about: "Draws appPackage's two icons anew",
        options: &[],
    },
];

/// The help of a command, if there is one by that name.
pub(crate) fn of(name: &str) -> Option<&'static Help> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// The list of commands.
pub(crate) fn all() -> String {
    let mut text = "What the project does to itself\n\nUsage: cargo xtask COMMAND\n\nCommands:\n".to_owned();
    for Help { name, about, .. } in &COMMANDS {
        text.push_str(&format!("  {name:<12} {about}\n"));
    }
    text.push_str("\n`cargo xtask COMMAND --help` tells what a command takes.\n");
    text
}

impl Help {
    /// The whole help.
    pub(crate) fn text(&self) -> String {
        format!("{}\n\n{}", self.about, self.accepted())
    }

    /// What is accepted, for somebody who gave something else.
    pub(crate) fn accepted(&self) -> String {
        let usage = format!("Usage: cargo xtask {} {}", self.name, self.usage);
        let mut text = format!("{}\n\nOptions:\n", usage.trim_end());
        for (option, what) in self.options.iter().chain([&("-h, --help", "print this")]) {
            text.push_str(&format!("  {option:<14} {what}\n"));
        }
        text
    }
}
