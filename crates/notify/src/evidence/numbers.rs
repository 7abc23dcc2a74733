//! The numbers by which single answers become evidence of more, and how long a lane waits. Each with its reason; none is
//! a setting, as whoever would change one would rather be told what is wrong.

use std::time::Duration;

/// Conversations that are answered to the contrary, with no delivery in between, after which the tenant waits. App
/// policies and blocks are per person: a broadcast that begins with ten of those in a row is rarer than an incident.
pub const MANY: usize = 10;
/// So many are enough if nothing else was answered lately: an alert to a team's five owners has no more.
pub const FEW: usize = 3;
/// What was delivered so long ago says nothing of now. Teams' incidents that were reported began within seconds.
pub const RECENT: Duration = Duration::from_secs(60);
/// Between two tries of a single case: longer than a rolling update or a token's replication took in reports (22 s
/// were the longest, teams-sdk#1766), with the next number.
pub const BETWEEN_TRIES: Duration = Duration::from_secs(15);
/// Tries of a single case.
pub const TRIES: u32 = 3;
/// Pauses before the probes of a tenant that waits: short at first, as most faults are.
pub const PAUSES: [Duration; 3] = [
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
];
/// The longest pause where only a human can end it: an hour has four chances, and costs next to nothing.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// An urgent notification brings the next probe forward, at most to this after the last one.
pub const URGENT_PROBE: Duration = Duration::from_secs(15);
/// A wait for a human is called a stop after this: shorter ones end by themselves more often than not.
pub const STOPPED_AFTER: Duration = Duration::from_secs(30 * 60);
/// A probe that leads somewhere else goes on after this: long enough for a listing, and too short to give the lane away.
pub const ANOTHER_WAY: Duration = Duration::from_secs(2);
/// Conversations that were probed lately and are not probed again.
pub const PROBED: usize = 16;
/// One line of the log for a cause and so long.
pub const BETWEEN_LINES: Duration = Duration::from_secs(60);

/// Teams must have answered for so long that somebody is not there before the reference goes: the longest incident that was
/// reported lasted two days (BFS#352), and a dead reference costs one post a run.
pub const DOUBT_AGE: Duration = Duration::from_secs(7 * 86_400);
/// On so many days of that.
pub const DOUBT_DAYS: u8 = 3;

/// A block mark is that old before a message asks again: unblocking sends no event, and of 55,000 people 8,000 were refused
/// so who had blocked nothing (TD#10229).
pub const BLOCK_PROBE: Duration = Duration::from_secs(7 * 86_400);

/// General takes the messages of a channel that was not there for so long, unless an event says that it is there again: a
/// channel that was deleted costs one post a day, and one that was restored without an event is used again the next day.
pub const CHANNEL_ABSENT: Duration = Duration::from_secs(86_400);

/// Entra's errors that no time heals (learn.microsoft.com/entra/identity-platform/reference-error-codes).
pub const FOR_HUMANS: [&str; 10] = [
    "AADSTS7000215", // wrong secret
    "AADSTS7000222", // secret expired
    "AADSTS7000229", // no service principal in the tenant
    "AADSTS7000112", // the application is disabled
    "AADSTS700016",  // no such application in the tenant
    "AADSTS90002",   // no such tenant
    "AADSTS700027",  // the certificate is not registered
    "AADSTS700024",  // the assertion is not in its time
    "AADSTS70021",   // no federated credential matches
    "AADSTS700213",  // the same, by its subject
];
