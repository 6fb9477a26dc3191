//! A producing program of a foreign client, fed record by record.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::Client;
use super::ledger::{Change, Ledger};
use crate::harness::broker::Broker;
use crate::harness::command;
use crate::harness::records::encode;

const LIMIT: Duration = Duration::from_secs(180);

/// A running producer, idempotent; what is acknowledged goes into the ledger.
pub struct Producer {
    client: Client,
    child: Child,
    stdin: Option<ChildStdin>,
    state: Arc<Mutex<State>>,
    reader: Option<thread::JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    sent: Vec<Change>,
    acknowledged: usize,
}

impl Producer {
    pub fn start(
        client: Client,
        broker: &Broker,
        topic: &str,
        codec: &str,
        ledger: &Arc<Ledger>,
    ) -> Producer {
        let mut program = client.producer();
        program.args([&broker.kafka, topic, codec]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let (output, ledger, shared) =
            (BufReader::new(child.stdout.take().unwrap()), ledger.clone(), state.clone());
        let reader = thread::spawn(move || {
            for line in output.lines().map(Result::unwrap) {
                let words: Vec<i64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
                let mut state = shared.lock().unwrap();
                let change = &state.sent[usize::try_from(words[2]).unwrap()];
                assert_eq!(
                    i64::from(change.partition),
                    words[0],
                    "{client:?}: the partition that was asked for"
                );
                assert!(words[1] >= 0, "{client:?}: acknowledged without an offset: {line}");
                ledger.acknowledged(&format!("{client:?}'s producer"), words[1], change);
                state.acknowledged += 1;
            }
        });
        let stdin = child.stdin.take();
        Producer { client, child, stdin, state, reader: Some(reader) }
    }

    /// Hands the program a record.
    pub fn send(&mut self, change: &Change) {
        let Change { partition, key, value } = change;
        let line = format!("{partition} {} {}\n", encode(Some(key)), encode(value.as_deref()));
        self.state.lock().unwrap().sent.push(change.clone());
        self.stdin.as_mut().unwrap().write_all(line.as_bytes()).expect("the producer takes records");
    }

    /// Waits until all that was sent is acknowledged.
    pub fn flush(&mut self) {
        self.wait_until_open(0);
    }

    /// Waits until no more than so many records have been sent and not acknowledged.
    pub fn wait_until_open(&mut self, most: usize) {
        let until = Instant::now() + LIMIT;
        loop {
            let (sent, acknowledged) = {
                let state = self.state.lock().expect("acknowledgements that can be believed");
                (state.sent.len(), state.acknowledged)
            };
            if sent <= acknowledged + most {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{:?}'s producer ended: {ended:?}", self.client);
            assert!(Instant::now() < until, "{:?}: {acknowledged} of {sent} acknowledged", self.client);
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends the input: the program waits for what is under way, and all of it must be acknowledged.
    pub fn finish(mut self) {
        drop(self.stdin.take());
        let status = command::wait(&mut self.child, Duration::from_secs(120)).expect("a producer ends");
        assert!(status.success(), "{:?}'s producer: {status}", self.client);
        self.reader.take().unwrap().join().expect("acknowledgements that can be believed");
        let state = self.state.lock().unwrap();
        assert_eq!(state.acknowledged, state.sent.len(), "{:?}: records acknowledged", self.client);
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
