//! `kafka-consumer-groups`, unmodified: it says of our groups what it says of the same groups on Apache Kafka.
//!
//! `consumer_groups.txt` holds its calls (`$ ARGUMENTS`, then `= STATUS` and what was printed); `ORACLE=1 RECORD=1` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::broker::Broker;
use crate::harness::{command, oracle, own, setup};
use crate::kcat;

/// The tool in a process that takes call after call.
struct Tool {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Tool {
    fn start(broker: &Broker) -> Tool {
        let mut program = setup::java("Groups");
        let mut child =
            program.arg(&broker.kafka).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Tool { child, stdin, stdout }
    }

    /// What a call prints, after a line with its status.
    fn call(&mut self, args: &str) -> String {
        writeln!(self.stdin, "{}", args.replace(' ', "\t")).unwrap();
        let (mut text, mut line) = (String::new(), String::new());
        while self.stdout.read_line(&mut line).unwrap() > 0 {
            if line.starts_with("= ") {
                return line + &text;
            }
            text += &line;
            line.clear();
        }
        panic!("the tool died at {args:?}:\n{text}");
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A consumer of group and topic, which leaves when it is dropped.
struct Member(Child);

impl Member {
    fn start(broker: &Broker, group: &str, protocol: &str) -> Member {
        let mut program = setup::java("Member");
        program.args([&broker.kafka, "orders", group, protocol]).stdin(Stdio::piped()).stdout(Stdio::null());
        Member(program.spawn().unwrap())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if command::wait(&mut self.0, Duration::from_secs(30)).is_none() {
            self.0.kill().ok();
            self.0.wait().ok();
        }
    }
}

#[test]
fn kafka_consumer_groups() {
    let broker = Broker::start(&["group.initial.rebalance.delay.ms=3000"]);
    for (topic, partitions) in [("orders", 3), ("payments", 2)] {
        own::create_topic(&broker, topic, partitions);
    }
    for partition in 0..3 {
        kcat::produce_lines(&broker, "orders", partition, &"key\tearly\n".repeat(10 + 10 * partition));
    }
    std::thread::sleep(Duration::from_millis(20));
    let between = command::run(Command::new("date").args(["-u", "+%FT%T.%3N"]), b"", Duration::from_secs(9));
    std::thread::sleep(Duration::from_millis(20));
    for partition in 0..3 {
        kcat::produce_lines(&broker, "orders", partition, &"key\tlate\n".repeat(5));
    }
    let plan = broker.data.parent().unwrap().join("plan.csv");
    std::fs::write(&plan, "orders,0,3\norders,1,4\n").unwrap();
    let mut script = Script {
        tool: Tool::start(&broker),
        names: BTreeMap::from([
            ("{BETWEEN}", between.text().trim().to_owned()),
            ("{PLAN}", plan.to_str().unwrap().to_owned()),
            ("{BROKER}", broker.kafka.clone()),
        ]),
        recorded: String::new(),
        differences: String::new(),
    };

    script.play("without members");
    let members: Vec<Member> = [("live", "eager"), ("live", "eager"), ("modern", "consumer")]
        .map(|(group, protocol)| Member::start(&broker, group, protocol))
        .into();
    for (group, partitions) in [("live", 3), ("modern", 3)] {
        let settled = |text: &str| {
            let rows = text.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
            rows.filter(|row| row.len() == 9 && row[0] == group && row[5] == "0" && row[6] != "-").count()
                == partitions
        };
        script.wait_until(&format!("--describe --group {group}"), settled);
    }
    let sizes = |text: &str| text.lines().filter(|row| row.starts_with("live ")).count() == 2;
    script.wait_until("--describe --group live --members", sizes);
    script.play("with members");
    drop(members);
    script.play("members gone");
    script.end();
}

/// The calls and what they print.
struct Script {
    tool: Tool,
    /// Stand-ins for what is another each time.
    names: BTreeMap<&'static str, String>,
    recorded: String,
    differences: String,
}

const PAGE: &str = include_str!("consumer_groups.txt");

impl Script {
    /// Makes the calls of one section and compares what they print.
    fn play(&mut self, section: &str) {
        let behind = PAGE.split_once(&format!("## {section}\n")).expect("a section of that name").1;
        let calls = behind.split("## ").next().unwrap();
        writeln!(self.recorded, "## {section}").unwrap();
        for part in calls.split("$ ").skip(1) {
            let (args, wanted) = part.split_once('\n').unwrap();
            let call =
                self.names.iter().fold(args.to_owned(), |call, (name, value)| call.replace(name, value));
            let printed = self.tool.call(&call);
            let found = self.plain(&printed);
            writeln!(self.recorded, "$ {args}\n{found}").unwrap();
            if found.trim_end() != wanted.trim_end() {
                writeln!(self.differences, "$ {args}\nKafka:\n{wanted}\nhere:\n{found}").unwrap();
            }
        }
    }

    fn wait_until(&mut self, call: &str, done: impl Fn(&str) -> bool) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let text = self.tool.call(call);
            if done(&text) {
                return;
            }
            assert!(Instant::now() < until, "{call}: not in a minute\n{text}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The status, then the lines in order, with what is another each time replaced, without usage and stack traces.
    fn plain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.names {
            text = text.replace(value, name);
        }
        let lines = text.lines().take_while(|line| !line.starts_with("Option "));
        let lines = lines.map(|line| line.split_whitespace().map(masked).collect::<Vec<_>>().join(" "));
        let noise = |line: &String| {
            line.is_empty() || ["at ", "Caused by", "java.util."].iter().any(|start| line.starts_with(start))
        };
        let mut lines: Vec<String> = lines.filter(|line| !noise(line)).collect();
        lines[1..].sort();
        lines.join("\n") + "\n"
    }

    fn end(self) {
        if oracle() && std::env::var_os("RECORD").is_some() {
            let page = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/consumer_groups.txt");
            std::fs::write(page, self.recorded).unwrap();
            return;
        }
        assert!(self.differences.is_empty(), "{}", self.differences);
    }
}

/// A word, or what stands for the ids of members: a UUID behind the client's name, or one of 22 letters.
fn masked(word: &str) -> String {
    let uuid = |text: &str| text.len() == 36 && text.matches('-').count() == 4;
    let short = |text: &str| text.len() == 22 && text.chars().any(char::is_lowercase);
    match word.len().checked_sub(36).and_then(|at| word.split_at_checked(at)) {
        Some((client, id)) if uuid(id) => format!("{client}ID"),
        _ if short(word) => "ID".to_owned(),
        _ => word.to_owned(),
    }
}
