//! `thalweg completions SHELL`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::failure::Failure;
use crate::grammar::CommandLine;
use crate::output;

/// Write a completion script for a shell
#[derive(Args, Debug)]
#[command(
    after_help = "Example: thalweg completions bash > ~/.local/share/bash-completion/completions/thalweg"
)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the script to standard output.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "thalweg", &mut script);
    output::write(&String::from_utf8_lossy(&script))
}
