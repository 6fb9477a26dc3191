//! Numbered records, produced all the while.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::harness::broker::Broker;
use crate::harness::{command, setup};

/// What the records of the load carry: `tests/clients/python/load.py` pads the number to 200 bytes.
pub fn value(number: u64) -> String {
    format!("{:x<200}", format!("{number} "))
}

/// The number of each acknowledged record, by partition and offset.
pub type Acknowledged = Vec<Vec<u64>>;

/// A producer in a process of its own, which goes on over restarts of the broker.
pub struct Load {
    child: Child,
    acknowledged: Arc<Mutex<Acknowledged>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Load {
    pub fn start(broker: &Broker, topic: &str, partitions: i32, rate: u32) -> Load {
        let mut program = setup::python("load.py");
        program.args([&broker.kafka, topic, &partitions.to_string(), &rate.to_string()]);
        let complaints = std::fs::File::create(broker.data.parent().unwrap().join("load.stderr")).unwrap();
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(complaints);
        let mut child = program.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let acknowledged = Arc::new(Mutex::new(vec![Vec::new(); usize::try_from(partitions).unwrap()]));
        let shared = acknowledged.clone();
        let reader = std::thread::spawn(move || {
            for line in lines {
                let line = line.unwrap();
                let numbers: Vec<u64> = line.split(' ').map(|n| n.parse().unwrap()).collect();
                let mut all = shared.lock().unwrap();
                let partition = &mut all[usize::try_from(numbers[0]).unwrap()];
                assert_eq!(
                    numbers[1],
                    partition.len() as u64,
                    "each offset is given out once, in order: {line}"
                );
                partition.push(numbers[2]);
            }
        });
        Load { child, acknowledged, reader: Some(reader) }
    }

    /// The number of acknowledged records in each partition.
    pub fn ends(&self) -> Vec<usize> {
        self.acknowledged.lock().unwrap().iter().map(Vec::len).collect()
    }

    /// Ends the load; every record that was sent is acknowledged.
    pub fn stop(mut self) -> Acknowledged {
        drop(self.child.stdin.take());
        let status = command::wait(&mut self.child, Duration::from_secs(120)).expect("the load ends");
        assert!(status.success(), "the load: {status}");
        self.reader.take().unwrap().join().expect("the load's acknowledgements are in order");
        std::mem::take(&mut *self.acknowledged.lock().unwrap())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
