//! Asking before something is destroyed.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::failure::{Failure, Status};

/// The flag of every destructive command.
#[derive(Args, Clone, Copy, Debug)]
pub struct Confirm {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

impl Confirm {
    /// Goes on only if the user wants it: `what` is a question such as `delete topic "orders"`. Where no terminal is
    /// there to ask, only `--yes` will do.
    pub fn ask(self, what: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            let message = format!("will not {what} without being told to");
            return Err(Failure::with_hint(Status::Usage, message, "give --yes"));
        }
        let mut answer = String::new();
        write!(io::stderr(), "{what}? [y/N] ").map_err(Failure::io("standard error"))?;
        io::stdin().lock().read_line(&mut answer).map_err(Failure::io("standard input"))?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Failure::new(Status::Failed, "nothing was done")),
        }
    }
}
