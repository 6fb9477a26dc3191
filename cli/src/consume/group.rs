//! `thalweg consume -g`: as a member of a group.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use thalweg_client::{Client, Commit, Consumer, Error, ErrorCode, GroupEvent, Message};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Arguments, Sink, explain};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::signals::Signals;

/// Time between two commits of what has been written.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// How long nothing must have come before it is asked whether everything has been read.
const QUIET: Duration = Duration::from_millis(200);

/// Messages at most between two looks at signals and events.
const BURST: usize = 1_000;

/// The state of a group in which everyone has what he is to have.
const STABLE: &str = "Stable";

/// Why reading ends.
enum End {
    Counted,
    CaughtUp,
    Stopped,
}

/// What is written, and how far that is committed.
struct Written {
    sink: Sink,
    progress: Progress,
    left: Option<u64>,
    is_committed: bool,
}

/// Reads until the count, the end, or a signal; leaves the group in any case.
pub(super) async fn run(
    client: &Client,
    arguments: &Arguments,
    group: &str,
    sink: Sink,
) -> Result<(), Failure> {
    for topic in &arguments.topics {
        // A group may wait for a topic, a person has rather mistyped it.
        if let Err(error) = client.admin().topic(topic).await {
            return Err(Failure::of_topic(client, topic, error).await);
        }
    }
    let mut signals = Signals::listen()?;
    let consumer = client
        .consumer(group)
        .topics(&arguments.topics)
        .start(arguments.offset.0)
        .commit(Commit::Manual)
        .client_id("thalweg consume")
        .build()
        .await;
    let mut consumer = match consumer {
        Ok(consumer) => consumer,
        Err(error) => return Err(explain(client, arguments, error).await),
    };
    let progress = Progress::new(!io::stdout().is_terminal());
    let mut written = Written { sink, progress, left: arguments.count, is_committed: true };
    let read = read(client, arguments, group, &mut consumer, &mut written, &mut signals).await;
    written.progress.end();
    let ended = match read {
        Ok(_) => written.commit(&consumer).await,
        Err(failure) => Err(failure),
    };
    // What was not written was not committed: another member, or the next run, gets it.
    consumer.close().await?;
    ended?;
    written.sink.end()
}

async fn read(
    client: &Client,
    arguments: &Arguments,
    group: &str,
    consumer: &mut Consumer,
    written: &mut Written,
    signals: &mut Signals,
) -> Result<End, Failure> {
    let mut events = consumer.events();
    let mut commits = interval(COMMIT_EVERY);
    commits.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut quiet_until = Instant::now() + QUIET;
    loop {
        tokio::select! {
            () = signals.wait() => return Ok(End::Stopped),
            Some(event) = events.next() => if let GroupEvent::Revoking { done, .. } = event {
                written.commit(consumer).await?;
                done.done();
            },
            message = consumer.next() => {
                let last = written.burst(message, consumer).await;
                match last {
                    Ok(true) => return Ok(End::Counted),
                    Ok(false) => quiet_until = Instant::now() + QUIET,
                    Err(Failure::Client(error)) => return Err(explain(client, arguments, error).await),
                    Err(failure) => return Err(failure),
                }
            },
            _ = commits.tick() => written.commit(consumer).await?,
            () = tokio::time::sleep_until(quiet_until), if arguments.exit_at_end => {
                if has_caught_up(client, group, consumer).await? {
                    return Ok(End::CaughtUp);
                }
                quiet_until = Instant::now() + QUIET;
            }
        }
    }
}

/// Whether the group has come to rest and this member has read everything that it has.
async fn has_caught_up(client: &Client, group: &str, consumer: &Consumer) -> Result<bool, Failure> {
    let control = consumer.control();
    let described = match client.admin().group(group).await {
        Err(error) if error.is_retryable() => return Ok(false),
        described => described?,
    };
    let member_id = control.member_id();
    let Some(member) = described.members.iter().find(|member| member.id == member_id) else {
        return Ok(false);
    };
    let told: BTreeSet<_> = member.assigned.iter().collect();
    let own = control.assignment();
    if described.group.state != STABLE || told != own.iter().collect() {
        return Ok(false);
    }
    let lag = match control.lag().await {
        Err(error) if error.is_retryable() => return Ok(false),
        lag => lag?,
    };
    Ok(lag.len() == own.len() && lag.iter().all(|(_, records)| *records == 0))
}

impl Written {
    /// Writes a message and those that are there behind it; whether the last one wanted was among them.
    async fn burst(
        &mut self,
        first: Option<Result<Message, Error>>,
        consumer: &mut Consumer,
    ) -> Result<bool, Failure> {
        let mut next = first;
        for _ in 0..BURST {
            let message = next.unwrap_or(Err(Error::Closed))?;
            if self.write(&message)? {
                return Ok(true);
            }
            match consumer.next().now_or_never() {
                Some(message) => next = message,
                None => break,
            }
        }
        // What there is must be seen.
        self.sink.flush()?;
        Ok(false)
    }

    /// Writes a message; whether it was the last one wanted.
    fn write(&mut self, message: &Message) -> Result<bool, Failure> {
        self.sink.write(message)?;
        self.is_committed = false;
        self.progress.moved(message.value.as_ref().map_or(0, |value| value.len()));
        self.left = self.left.map(|left| left.saturating_sub(1));
        Ok(self.left == Some(0))
    }

    /// Commits what has been written, once it has left this process.
    async fn commit(&mut self, consumer: &Consumer) -> Result<(), Failure> {
        self.sink.flush()?;
        if std::mem::replace(&mut self.is_committed, true) {
            return Ok(());
        }
        match consumer.commit_all().await {
            Err(error) if is_loss(error.code()) => {
                // Nobody is left to tell when standard error is closed.
                let warning =
                    b"warning: the group went on without this member: some records will come again\n";
                let _ = io::stderr().write_all(warning);
                Ok(())
            }
            committed => Ok(committed?),
        }
    }
}

/// Refusals of a commit by a group that has gone on without the member, which joins again by itself.
fn is_loss(code: Option<ErrorCode>) -> bool {
    matches!(
        code,
        Some(ErrorCode::UnknownMemberId | ErrorCode::FencedMemberEpoch | ErrorCode::StaleMemberEpoch)
    )
}
