//! The tree of commands: each has help, and each that gives data gives it in every format.

use crate::harness::run;

/// Commands that give no data, or whose data has a form of its own.
const WITHOUT_OUTPUT: &[&str] =
    &["serve", "dev", "completions", "config check", "config init", "produce", "consume"];

/// Every command that does something, as the words after the program's name.
fn leaves(path: &[String]) -> Vec<Vec<String>> {
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let help = run(&arguments).ends(0).out;
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<String> =
        listed.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    if names.is_empty() {
        return vec![path.to_vec()];
    }
    let inner = names.into_iter().filter(|name| name != "help");
    inner.flat_map(|name| leaves(&[path, &[name]].concat())).collect()
}

#[test]
fn every_command_has_help_and_every_command_with_data_every_format() {
    let leaves = leaves(&[]);
    let names: Vec<String> = leaves.iter().map(|path| path.join(" ")).collect();
    let promised = [
        "serve",
        "dev",
        "topic create",
        "topic list",
        "topic describe",
        "topic alter",
        "topic add-partitions",
        "topic trim",
        "topic compact",
        "topic purge-key",
        "topic delete",
        "group list",
        "group describe",
        "group lag",
        "group seek",
        "group delete",
        "config show",
        "config check",
        "config init",
        "cluster info",
        "storage dump",
        "storage verify",
        "completions",
    ];
    for name in promised {
        assert!(names.iter().any(|known| known == name), "{name} is missing: {names:?}");
    }
    for name in &names {
        let mut arguments: Vec<&str> = name.split(' ').collect();
        arguments.push("--help");
        let help = run(&arguments).ends(0).out;
        assert!(help.lines().next().unwrap().len() > 8, "{name} says nothing of itself");
        let usage = help.lines().any(|line| line.starts_with(&format!("Usage: thalweg {name}")));
        assert!(usage, "{name}: {help}");
        if !WITHOUT_OUTPUT.contains(&name.as_str()) {
            assert!(help.contains("-O, --output"), "{name} has no -O");
        }
        let about_a_broker =
            ["topic ", "group ", "cluster ", "produce", "consume"].iter().any(|noun| name.starts_with(noun));
        assert!(!about_a_broker || help.contains("-b, --bootstrap"), "{name} has no -b");
        arguments.pop();
        arguments.push("--no-such-flag");
        run(&arguments).ends(2);
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).ends(0).out;
        assert!(script.contains("add-partitions"), "{shell}");
    }
    run(&["completions", "tcl"]).ends(2);
}
