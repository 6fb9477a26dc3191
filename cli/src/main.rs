//! The one binary of Thalweg: the daemon and its command line.
//!
//! One file per noun. What went wrong is a [`failure::Failure`], of which one table makes exit statuses; what came out
//! goes through [`output`], so that every command speaks every format.

mod bench;
mod cluster;
mod completions;
mod config;
mod confirm;
mod consume;
mod deletion;
mod dev;
mod failure;
mod grammar;
mod group;
mod json;
mod lines;
mod output;
mod position;
mod produce;
mod progress;
mod remote;
mod serve;
mod signals;
mod storage;
mod template;
mod topic;

use std::process::ExitCode;

use clap::Parser;

use crate::failure::Failure;
use crate::grammar::{Command, CommandLine};

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    match run(command_line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(command_line: CommandLine) -> Result<(), Failure> {
    match command_line.command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Dev(arguments) => dev::run(&arguments),
        Command::Topic(noun) => remote::block_on(topic::run(noun)),
        Command::Produce(arguments) => remote::block_on_threads(produce::run(arguments)),
        Command::Consume(arguments) => remote::block_on_threads(consume::run(arguments)),
        Command::Group(noun) => remote::block_on(group::run(noun)),
        Command::Bench(verb) => remote::block_on_threads(bench::run(verb)),
        Command::Config(noun) => config::run(noun),
        Command::Cluster(noun) => remote::block_on(cluster::run(noun)),
        Command::Storage(noun) => storage::run(noun),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}
