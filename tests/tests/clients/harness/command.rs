//! Running foreign programs: with a time limit, and with an error that says what to install.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a program said.
pub struct Output {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Output {
    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// The path of a program, or a failure that says how to get it.
pub fn program(name: &str, hint: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("`{name}` is not installed: {hint}"))
}

/// Runs a program to its end. Fails when it takes longer than `limit` or, with what it printed, when its status is not 0.
pub fn run(command: &mut Command, input: &[u8], limit: Duration) -> Output {
    let output = attempt(command, input, limit);
    assert!(
        output.status.success(),
        "{command:?}\n{}\nstdout: {}\nstderr: {}",
        output.status,
        tail(&output.text()),
        tail(&output.stderr)
    );
    output
}

/// Runs a program to its end, whatever its status.
pub fn attempt(command: &mut Command, input: &[u8], limit: Duration) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that ends without reading all of its input says so by its status.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let stdout = drain(child.stdout.take().unwrap());
    let stderr = drain(child.stderr.take().unwrap());
    let status = wait(&mut child, limit);
    let Some(status) = status else {
        child.kill().ok();
        child.wait().ok();
        panic!(
            "{command:?} did not end in {limit:?}\nstderr: {}",
            tail(&String::from_utf8_lossy(&stderr.join().unwrap()))
        );
    };
    writer.join().unwrap();
    let stderr = String::from_utf8_lossy(&stderr.join().unwrap()).into_owned();
    Output { status, stdout: stdout.join().unwrap(), stderr }
}

/// Waits for a child; `None` when the time is up.
pub fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() > until {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn drain(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        from.read_to_end(&mut all).ok();
        all
    })
}

fn tail(text: &str) -> &str {
    let from = text.char_indices().rev().nth(4000).map_or(0, |(at, _)| at);
    &text[from..]
}
