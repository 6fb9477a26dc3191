//! What the repository holds itself to: the dependency table of docs/ARCHITECTURE.md, file sizes, no dead files, no banned words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a test says what is wrong by panicking

mod modules;
mod paths;
mod sources;
mod table;
mod words;

use sources::Source;

/// Fails with every finding, not only the first.
fn report(what: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{what}:\n  {}\n", findings.join("\n  "));
}

#[test]
fn modules_use_only_what_the_architecture_allows() {
    let table = table::read();
    let mut findings = Vec::new();
    // Tests may look at a module from any side.
    for source in sources::rust().into_iter().filter(|s| !s.is_test()) {
        let Some(module) = table::owner(&table, &source.path) else { continue };
        let code = sources::without_comments_and_strings(&source.text);
        for (line, path) in paths::of(&source.path, &code) {
            if let Err(reason) = module.permits(&table, &path) {
                findings.push(format!("{}:{line}: {} {reason}", source.path, path.join("::")));
            }
        }
    }
    report("paths against the table of docs/ARCHITECTURE.md", &findings);
}

#[test]
fn every_module_of_the_table_is_known_and_the_check_can_fail() {
    let table = table::read();
    let named =
        |name: &str| table.iter().find(|m| m.name == name).unwrap_or_else(|| panic!("no row for {name}"));
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    assert!(named("log").permits(&table, &path("crate::world::Disk")).is_ok());
    assert!(named("log").permits(&table, &path("crate::engine::Engine")).is_err());
    assert!(named("log").permits(&table, &path("thalweg_proto::record::Batch")).is_ok());
    assert!(named("log").permits(&table, &path("thalweg_proto::messages::fetch")).is_err());
    assert!(named("log").permits(&table, &path("tokio::sync::Notify")).is_err());
    assert!(named("cli").permits(&table, &path("thalweg_broker::log::Manager")).is_err());
    assert!(named("client").permits(&table, &path("thalweg_broker::server::Server")).is_err());

    let found = paths::of(
        "broker/src/log/view.rs",
        "use crate::{engine::{self, Engine}, world::Disk};\nfn f() { super::super::front::g() }\n",
    );
    let found: Vec<String> =
        found.into_iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect();
    for wanted in
        ["1 crate::engine::self", "1 crate::engine::Engine", "1 crate::world::Disk", "2 crate::front::g"]
    {
        assert!(found.iter().any(|f| f == wanted), "{wanted} not in {found:?}");
    }
}

#[test]
fn sources_of_the_product_belong_to_a_module_of_the_table() {
    let table = table::read();
    let roots = ["lib.rs", "main.rs", "build.rs"];
    let findings: Vec<String> = sources::rust()
        .into_iter()
        .filter(|s| {
            !s.path.split('/').any(|part| part == "tests")
                && !roots.contains(&s.name())
                && table::owner(&table, &s.path).is_none()
        })
        .map(|s| s.path)
        .collect();
    report("in no row of the table of docs/ARCHITECTURE.md", &findings);
}

#[test]
fn files_are_short() {
    let long = |s: &Source| s.text.lines().count() > 500;
    let findings: Vec<String> = sources::rust()
        .iter()
        .filter(|s| long(s))
        .map(|s| format!("{} ({} lines)", s.path, s.text.lines().count()))
        .collect();
    report("longer than 500 lines", &findings);
    let architecture = sources::read("docs/ARCHITECTURE.md");
    assert!(architecture.lines().count() <= 300, "docs/ARCHITECTURE.md is longer than 300 lines");
}

#[test]
fn every_source_is_reachable_by_a_mod_declaration() {
    let sources = sources::rust();
    let reachable = modules::reachable(&sources);
    let findings: Vec<String> =
        sources.into_iter().map(|s| s.path).filter(|path| !reachable.contains(path)).collect();
    report("no mod declaration leads here", &findings);
}

#[test]
fn lines_are_narrow_and_end_cleanly() {
    let mut findings = Vec::new();
    for source in sources::tracked(&["rs", "toml", "md", "py", "go", "js", "proto"]) {
        let limit = if source.path.ends_with(".md") { 200 } else { 160 };
        for (number, line) in (1..).zip(source.text.lines()) {
            if line.chars().count() > limit && !source.path.ends_with("thalweg.toml") {
                findings.push(format!("{}:{number}: {} columns", source.path, line.chars().count()));
            }
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(format!("{}:{number}: blank at the end", source.path));
            }
        }
        if !source.text.is_empty() && !source.text.ends_with('\n') {
            findings.push(format!("{}: no newline at the end", source.path));
        }
    }
    report("lines", &findings);
}

#[test]
fn no_banned_words() {
    let mut findings = Vec::new();
    for source in sources::tracked(&[]) {
        findings.extend(words::banned_in(&source));
    }
    report("banned words", &findings);
}

#[test]
fn every_api_file_says_what_it_serves() {
    let mut findings = Vec::new();
    for source in sources::rust().into_iter().filter(|s| s.path.starts_with("broker/src/front/kafka/api/")) {
        if !source.text.starts_with("//! ") {
            findings.push(format!(
                "{}: opens with no `//!` description of the API and its versions",
                source.path
            ));
        }
    }
    report("front/kafka/api", &findings);
}
