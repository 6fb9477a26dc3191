//! What went wrong, in one line, with a hint where there is one; and the one table of exit statuses.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use thalweg_broker::server::{Obstacle, ServerError};
use thalweg_client::{Code, ErrorCode};
use thalweg_config::{ConfigError, table};

/// The statuses that a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// It failed for a reason without a number of its own.
    Failed = 1,
    /// The command line, a setting or an argument is wrong.
    Usage = 2,
    /// What was asked for does not exist.
    NotFound = 3,
    /// What was to be made exists, or something is in the way.
    Conflict = 4,
    /// Not allowed.
    NotAllowed = 5,
    /// The broker cannot be reached, or did not answer in time.
    Unavailable = 6,
    /// Some of it was done.
    Partly = 7,
}

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The broker refused, or was not there.
    Client(thalweg_client::Error),
    /// A topic or a group does not exist.
    NotFound {
        /// What it would be.
        noun: &'static str,
        /// The name asked for.
        name: String,
        /// The one that was perhaps meant.
        nearest: Option<String>,
    },
    /// A setting is wrong.
    Config(ConfigError),
    /// The broker could not be started, or not be stopped cleanly.
    Server(ServerError),
    /// Reading or writing a file or a stream failed.
    Io {
        /// What was read or written.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// Whoever read our output went away: not worth a word.
    OutputClosed,
    /// Anything else, said in full.
    Other {
        /// The status to end with.
        status: Status,
        /// What happened.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl Failure {
    /// A failure said in full.
    pub fn new(status: Status, message: impl Into<String>) -> Failure {
        Failure::Other { status, message: message.into(), hint: None }
    }

    /// The same with what to do about it.
    pub fn with_hint(status: Status, message: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::Other { status, message: message.into(), hint: Some(hint.into()) }
    }

    /// A failure of a file or stream; to be used with `map_err`.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Failure {
        let what = what.into();
        move |source| Failure::Io { what, source }
    }

    /// The failure of a call about one topic: where the topic does not exist, the one that was perhaps meant.
    pub async fn of_topic(
        client: &thalweg_client::Client,
        name: &str,
        error: thalweg_client::Error,
    ) -> Failure {
        Self::of_topics(client, [name], error).await
    }

    /// The failure of a call about some topics: the first that does not exist, with the one that was perhaps meant.
    pub async fn of_topics<'a>(
        client: &thalweg_client::Client,
        names: impl IntoIterator<Item = &'a str>,
        error: thalweg_client::Error,
    ) -> Failure {
        if error.code() != Some(ErrorCode::UnknownTopicOrPartition) {
            return Failure::Client(error);
        }
        let topics = client.admin().topics(true).await.unwrap_or_default();
        let known = || topics.iter().map(|topic| topic.name.as_str());
        match names.into_iter().find(|name| known().all(|known| known != *name)) {
            Some(name) => {
                let nearest = table::nearest(name, known()).map(str::to_owned);
                Failure::NotFound { noun: "topic", name: name.to_owned(), nearest }
            }
            None => Failure::Client(error),
        }
    }

    /// The failure of a call about one group: where it does not exist, the one that was perhaps meant.
    pub async fn of_group(
        client: &thalweg_client::Client,
        name: &str,
        error: thalweg_client::Error,
    ) -> Failure {
        match error.code() {
            Some(ErrorCode::GroupIdNotFound) => {
                let groups = client.admin().groups(&[], &[]).await.unwrap_or_default();
                let names = groups.iter().map(|group| group.name.as_str()).filter(|known| *known != name);
                let nearest = table::nearest(name, names).map(str::to_owned);
                Failure::NotFound { noun: "group", name: name.to_owned(), nearest }
            }
            Some(ErrorCode::NonEmptyGroup) => {
                let message = format!("group \"{name}\" has members");
                let hint = format!("stop them first; `thalweg group describe {name}` lists them");
                Failure::with_hint(Status::Conflict, message, hint)
            }
            _ => Failure::Client(error),
        }
    }

    /// What came of a command that did several things, of which some failed.
    pub fn of_parts(failed: usize, all: usize, done: &str) -> Result<(), Failure> {
        match failed {
            0 => Ok(()),
            failed if failed == all => Err(Failure::new(Status::Failed, format!("none of {all} {done}"))),
            failed => Err(Failure::new(Status::Partly, format!("{} of {all} {done}", all - failed))),
        }
    }

    /// The status that the process ends with.
    pub fn status(&self) -> Status {
        match self {
            Failure::Client(error) => of_code(error.status()),
            Failure::NotFound { .. } => Status::NotFound,
            Failure::Config(_) => Status::Usage,
            Failure::Server(error) => of_obstacle(error.obstacle()),
            Failure::Io { source, .. } => of_io(source.kind()),
            Failure::OutputClosed => Status::Failed,
            Failure::Other { status, .. } => *status,
        }
    }

    /// What the user could do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Failure::NotFound { nearest, .. } => {
                nearest.as_ref().map(|name| format!("did you mean \"{name}\"?"))
            }
            Failure::Config(error) => error.hint(),
            Failure::Server(error) => hint_of_obstacle(error),
            Failure::Client(thalweg_client::Error::Unavailable(_)) => Some(
                "is a broker running there? `thalweg dev` starts one; -b names another address".to_owned(),
            ),
            Failure::Client(error) => unknown_setting(&error.to_string()),
            Failure::Other { hint, .. } => hint.clone(),
            Failure::Io { .. } | Failure::OutputClosed => None,
        }
    }

    /// Says it on standard error, and gives the status to end with.
    pub fn report(&self) -> ExitCode {
        if !matches!(self, Failure::OutputClosed) {
            let mut lines = format!("error: {}\n", one_line(&self.to_string()));
            if let Some(hint) = self.hint() {
                lines.push_str(&format!("hint: {hint}\n"));
            }
            // There is nobody left to tell when standard error is closed.
            let _ = io::stderr().write_all(lines.as_bytes());
        }
        ExitCode::from(self.status() as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Client(error) => error.fmt(formatter),
            Failure::NotFound { noun, name, .. } => write!(formatter, "{noun} \"{name}\" not found"),
            Failure::Config(error) => error.fmt(formatter),
            Failure::Server(error) => error.fmt(formatter),
            Failure::Io { what, source } => write!(formatter, "{what}: {source}"),
            Failure::OutputClosed => formatter.write_str("the output was closed"),
            Failure::Other { message, .. } => formatter.write_str(message),
        }
    }
}

impl From<thalweg_client::Error> for Failure {
    fn from(error: thalweg_client::Error) -> Self {
        Failure::Client(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Failure::Config(error)
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Failure::Server(error)
    }
}

fn of_obstacle(obstacle: Obstacle) -> Status {
    match obstacle {
        Obstacle::InUse => Status::Conflict,
        Obstacle::NotAllowed => Status::NotAllowed,
        Obstacle::Other => Status::Failed,
    }
}

fn hint_of_obstacle(error: &ServerError) -> Option<String> {
    let hint = match (error, error.obstacle()) {
        (ServerError::Listen { .. }, Obstacle::InUse) => {
            "another process listens there; port 0 picks a free one"
        }
        (_, Obstacle::InUse) => "is a broker running on it already? --data-dir names another directory",
        (ServerError::Open(_), Obstacle::NotAllowed) => "--data-dir names another directory",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn of_code(code: Code) -> Status {
    match code {
        Code::InvalidArgument | Code::OutOfRange => Status::Usage,
        Code::NotFound => Status::NotFound,
        Code::AlreadyExists | Code::Aborted | Code::FailedPrecondition => Status::Conflict,
        Code::PermissionDenied | Code::Unauthenticated => Status::NotAllowed,
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted => Status::Unavailable,
        _ => Status::Failed,
    }
}

fn of_io(kind: io::ErrorKind) -> Status {
    match kind {
        io::ErrorKind::NotFound => Status::NotFound,
        io::ErrorKind::AlreadyExists | io::ErrorKind::AddrInUse => Status::Conflict,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Status::NotAllowed,
        _ => Status::Failed,
    }
}

/// The setting that was perhaps meant, where the broker refused the name of one.
fn unknown_setting(message: &str) -> Option<String> {
    let name = message.strip_prefix("Unknown topic config name: ")?;
    let nearest = table::nearest(name, table::topics().map(|setting| setting.name))?;
    Some(format!("did you mean \"{nearest}\"?"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
